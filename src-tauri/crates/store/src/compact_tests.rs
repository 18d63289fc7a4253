//! Putting chunks together changes no sample, for nobody, at no time.

use model::{BedId, DeviceTime, GenerationMode, MetricCode, NO_SAMPLE, ReceiptTime, SampleArray, SampleRate, Scale};

use super::*;
use crate::{Lane, Reader, StoreOptions, WideBlock, Window, restore, verify};

const START: i64 = 1_800_000_000_000_000;
/// Just over three times ten minutes, in seconds.
const SECONDS: i64 = 2_000;

fn recorder(dir: &std::path::Path) -> Recorder {
    restore::open(dir, &StoreOptions::default(), 0, None).unwrap().recorder
}

fn block(second: i64, gap_before: bool) -> SampleArray {
    let start = START + second * 1_000_000;
    let sample = |n: i64| i16::try_from((second * 125 + n).wrapping_mul(7_919) % 613 - 300).unwrap();
    SampleArray {
        metric: MetricCode::Pleth,
        measured_at: DeviceTime::from_micros(start),
        received_at: ReceiptTime::from_micros(start),
        start: ReceiptTime::from_micros(start),
        rate: SampleRate::new(125, 1).unwrap(),
        scale: Scale::new(0.01, 0.0).unwrap(),
        mode: GenerationMode::Test,
        samples: (0..125).map(sample).collect(),
        gap_before,
    }
}

/// Records with a gap and a hole; what is open at the end stays open.
fn record(recorder: &mut Recorder) {
    let bed = BedId::new("bed-01").unwrap();
    for second in (0..SECONDS).filter(|second| !(900..907).contains(second)) {
        let mut block = block(second, second == 300);
        if second == 1_500 {
            block.samples[60] = NO_SAMPLE;
        }
        recorder.wave(&bed, &block);
        if second % 5 == 0 {
            while recorder.write_batch().unwrap() {}
        }
    }
    while recorder.write_batch().unwrap() {}
}

fn finish(recorder: &mut Recorder) -> u32 {
    let mut rounds = 0;
    while recorder.compact().unwrap() {
        rounds += 1;
    }
    rounds
}

fn lane(reader: &Reader) -> Lane {
    reader.lanes().unwrap().remove(0)
}

fn blocks(reader: &Reader) -> Vec<WideBlock> {
    let lane = lane(reader);
    reader
        .blocks(lane.series, lane.from, lane.until)
        .map(Result::unwrap)
        .collect()
}

/// The samples, and after how many of them something is missing.
fn told(blocks: &[WideBlock]) -> (Vec<i32>, Vec<usize>) {
    let (mut samples, mut gaps) = (Vec::new(), Vec::new());
    for block in blocks {
        if block.gap_before {
            gaps.push(samples.len());
        }
        samples.extend(&block.samples);
    }
    (samples, gaps)
}

fn chunks(dir: &std::path::Path) -> i64 {
    let connection = rusqlite::Connection::open(dir.join("wardlight.db")).unwrap();
    let sql = "SELECT count(*) FROM wave_chunk";
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn the_same_samples_gaps_and_pictures_from_a_sixtieth_of_the_rows() {
    let dir = tempfile::tempdir().unwrap();
    let mut recorder = recorder(dir.path());
    record(&mut recorder);
    let reader = Reader::open(dir.path()).unwrap();
    let before = told(&blocks(&reader));
    assert_eq!(before.0.len(), 125 * 1_993);
    assert_eq!(before.1, [300 * 125, 900 * 125]);
    let lane = lane(&reader);
    let pictures = |reader: &Reader| -> Vec<_> {
        let draw = |(from, until, pixels)| {
            let at = |second: i64| ReceiptTime::from_micros(START + second * 1_000_000);
            let bins = reader.envelope(lane.series, at(from), at(until), pixels).unwrap().bins;
            let ends = |part: fn(&crate::Bin) -> f64| bins.iter().map(part).collect::<Vec<_>>();
            let low = ends(|b| b.low).into_iter().fold(f64::INFINITY, f64::min);
            let high = ends(|b| b.high).into_iter().fold(f64::NEG_INFINITY, f64::max);
            (low, high, bins.iter().filter(|bin| bin.gap_before).count())
        };
        [
            (0, SECONDS, 10),
            (0, SECONDS, 200),
            (0, SECONDS, 1_500),
            (295, 305, 1_500),
        ]
        .map(draw)
        .to_vec()
    };
    let drawn = pictures(&reader);
    let count = chunks(dir.path());
    assert!(finish(&mut recorder) > 0);
    let after = chunks(dir.path());
    assert!(after * 4 < count, "{count} chunks became {after}");
    assert_eq!(told(&blocks(&reader)), before);
    assert_eq!(pictures(&reader), drawn);
    assert_eq!(verify(dir.path()).unwrap().findings, []);
    // A second time there is nothing to do, not even for who starts anew: what lies about a hole stays as it is.
    drop(recorder);
    let mut again = self::recorder(dir.path());
    finish(&mut again);
    assert_eq!(chunks(dir.path()), after);
    assert_eq!(told(&blocks(&reader)), before);
}

#[test]
fn who_reads_meanwhile_sees_each_sample_once() {
    for taken in [1, 64, 100] {
        let dir = tempfile::tempdir().unwrap();
        let mut recorder = self::recorder(dir.path());
        record(&mut recorder);
        let reader = Reader::open(dir.path()).unwrap();
        let before = told(&blocks(&reader));
        let lane = lane(&reader);
        let mut stream = reader.blocks(lane.series, lane.from, lane.until).map(Result::unwrap);
        let mut read: Vec<_> = stream.by_ref().take(taken).collect();
        finish(&mut recorder);
        read.extend(stream);
        assert_eq!(told(&read), before, "after {taken} chunks");
    }
}

#[test]
fn a_chunk_that_was_put_together_is_known_to_be_stored_by_its_tail() {
    let dir = tempfile::tempdir().unwrap();
    let mut first = recorder(dir.path());
    record(&mut first);
    let reader = Reader::open(dir.path()).unwrap();
    let before = told(&blocks(&reader));
    // As if every tail row of the recording were still there.
    let tail = &first.connection;
    let sql = "SELECT id, ordinal, start_us FROM wave_chunk ORDER BY id";
    let rows: Vec<(i64, i64, i64)> = {
        let mut statement = tail.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        rows.unwrap().map(Result::unwrap).collect()
    };
    for (id, ordinal, start) in rows {
        let second = (start - START) / 1_000_000;
        let block = block(second, false);
        let head = crate::codec::WaveHead::of(&block);
        let key = crate::tail::ChunkKey { series: 1, ordinal };
        let mut pack = crate::bytes::Pack::default();
        crate::tail::pack_wave(&mut pack, key, &head, 0, &block.samples);
        crate::tail::insert(tail, 1_000_000 + id, crate::tail::KIND_WAVES, &pack.0).unwrap();
    }
    assert_eq!(told(&blocks(&reader)), before);
    finish(&mut first);
    assert_eq!(told(&blocks(&reader)), before);
    drop(first);
    let mut second = recorder(dir.path());
    while second.write_batch().unwrap() {}
    assert_eq!(told(&blocks(&reader)), before);
    let window = Window::all(BedId::new("bed-01").unwrap(), MetricCode::Pleth);
    assert_eq!(
        reader.wave(&window).map(|b| b.unwrap().samples.len()).sum::<usize>(),
        before.0.len()
    );
    assert_eq!(verify(dir.path()).unwrap().findings, []);
}
