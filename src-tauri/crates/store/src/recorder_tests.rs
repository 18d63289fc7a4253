//! A commit that was said to have failed and had reached the disk all the same is recognised, not made twice.

use std::collections::VecDeque;
use std::path::Path;

use model::{
    BedId, DeviceTime, GenerationMode, JournalEntry, JournalKind, MetricCode, Numeric, NumericTiming, Quantity,
    Reading, ReceiptTime, SampleArray, SampleRate, Scale, Timeliness,
};

use super::*;
use crate::{JournalQuery, Reader, StoreOptions, Window, restore, verify};

const START: i64 = 1_800_000_000_000_000;

fn recorder(dir: &Path) -> Recorder {
    restore::open(dir, &StoreOptions::default(), 0, None).unwrap().recorder
}

/// A second of a wave and a number, which may end what is open.
fn second(recorder: &mut Recorder, number: i64, gap_before: bool) {
    let bed = BedId::new("bed-01").unwrap();
    let start = START + number * 1_000_000;
    let samples = (0..250).map(|n| i16::try_from(number * 250 + n).unwrap()).collect();
    let block = SampleArray {
        metric: MetricCode::EcgII,
        measured_at: DeviceTime::from_micros(start),
        received_at: ReceiptTime::from_micros(start),
        start: ReceiptTime::from_micros(start),
        rate: SampleRate::new(250, 1).unwrap(),
        scale: Scale::new(0.005, 0.0).unwrap(),
        mode: GenerationMode::Test,
        samples,
        gap_before,
    };
    recorder.wave(&bed, &block);
    let numeric = Numeric {
        metric: MetricCode::HeartRate,
        reading: Reading::Value(Quantity::from_thousandths(60_000)),
        measured_at: DeviceTime::from_micros(start),
        received_at: ReceiptTime::from_micros(start),
        timing: NumericTiming::Every(std::time::Duration::from_secs(if gap_before { 2 } else { 1 })),
        mode: GenerationMode::Test,
        timeliness: Timeliness::Live,
    };
    recorder.numeric(&bed, &numeric);
}

fn entry(number: i64) -> JournalEntry {
    JournalEntry {
        detail: Some(format!("entry {number}")),
        ..JournalEntry::new(ReceiptTime::from_micros(START + number), JournalKind::Connectivity)
    }
}

#[test]
fn what_reached_the_disk_is_not_written_twice() {
    // What comes between the commit in doubt and the next: more of the same, or something that ends every chunk.
    for is_ended in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let mut recorder = recorder(dir.path());
        second(&mut recorder, 0, false);
        while recorder.write_batch().unwrap() {}
        second(&mut recorder, 1, true);
        // It is on disk, and nobody is told.
        let batch = recorder.prepare();
        assert!(!batch.waves.is_empty() && !batch.parts.is_empty());
        recorder.commit(&batch).unwrap();
        recorder.put_back(batch);
        recorder.append(&[entry(1)]).unwrap();
        let known = recorder.head;
        let mut backlog: VecDeque<_> = (2..=4).map(entry).collect();
        recorder.append(&[entry(2), entry(3)]).unwrap();
        recorder.head = known;

        assert!(recorder.reopen(None, &mut backlog).unwrap());
        assert_eq!(backlog, [entry(4)]);
        second(&mut recorder, 2, is_ended);
        while recorder.write_batch().unwrap() {}
        recorder.append(backlog.make_contiguous()).unwrap();
        second(&mut recorder, 3, false);
        while recorder.write_batch().unwrap() {}
        drop(recorder);

        let reader = Reader::open(dir.path()).unwrap();
        let bed = BedId::new("bed-01").unwrap();
        let wave = reader.wave(&Window::all(bed.clone(), MetricCode::EcgII));
        let samples: Vec<i16> = wave.flat_map(|block| block.unwrap().samples).collect();
        assert_eq!(samples, (0..1_000).collect::<Vec<i16>>());
        assert_eq!(reader.numerics(&Window::all(bed, MetricCode::HeartRate)).count(), 4);
        assert_eq!(reader.journal(&JournalQuery::default()).unwrap().len(), 4);
        let report = verify(dir.path()).unwrap();
        assert_eq!(report.findings, []);
        assert_eq!(
            (report.samples, report.numerics),
            (1_000, 4),
            "nothing stands there twice"
        );
    }
}

#[test]
fn a_file_that_lost_its_end_is_not_taken_for_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let mut recorder = recorder(dir.path());
    recorder.append(&[entry(1)]).unwrap();
    recorder.anchor().unwrap();
    recorder.connection.execute("DELETE FROM journal", []).unwrap();
    assert!(!recorder.reopen(None, &mut VecDeque::new()).unwrap());
}
