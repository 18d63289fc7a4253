//! What goes in comes out: now, after a restart, and after a crash.

#![allow(missing_docs, clippy::unwrap_used, clippy::type_complexity, reason = "a test")]

mod kit;

use std::sync::Arc;

use kit::{START, bed, entry, journal, numeric, open, trace, wave};
use model::MetricCode;
use store::{JournalQuery, Order, Reader, Window, verify};

fn samples(reader: &Reader, window: &Window) -> Vec<i16> {
    reader.wave(window).flat_map(|block| block.unwrap().samples).collect()
}

#[test]
fn waves_and_numerics_come_back_while_recording_and_afterwards() {
    let dir = tempfile::tempdir().unwrap();
    let (writer, _) = open(dir.path());
    let bed = bed("bed-01");
    let mut all = Vec::new();
    for quarter in 0..180_usize {
        let block = trace(quarter * 62, 62, 248.0);
        let start = START + i64::try_from(quarter).unwrap() * 250_000;
        assert_eq!(
            writer.waves(&bed, Arc::new(wave(start, (248, 1), block.clone()))),
            store::Taken::Yes
        );
        all.extend(block);
        let value = i32::try_from(60_000 + quarter).unwrap();
        assert_eq!(writer.numeric(&bed, &numeric(start, value)), store::Taken::Yes);
        if quarter % 4 == 0 {
            writer.flush().unwrap();
        }
    }
    writer.flush().unwrap();
    let window = Window::all(bed.clone(), MetricCode::EcgII);
    let reader = Reader::open(dir.path()).unwrap();
    assert_eq!(samples(&reader, &window), all);
    let gaps = reader.wave(&window).filter(|b| b.as_ref().unwrap().gap_before).count();
    assert_eq!(gaps, 0);
    journal(&writer, vec![entry(1), entry(2)]).unwrap();
    writer.close().unwrap();
    for reader in [reader, Reader::open(dir.path()).unwrap()] {
        assert_eq!(samples(&reader, &window), all);
        let numbers = Window::all(bed.clone(), MetricCode::HeartRate);
        let numbers: Vec<_> = reader.numerics(&numbers).map(Result::unwrap).collect();
        assert_eq!(numbers.len(), 180);
        let query = JournalQuery {
            order: Order::OldestFirst,
            ..JournalQuery::default()
        };
        let rows = reader.journal(&query).unwrap();
        assert_eq!(
            rows.iter().map(|r| r.entry.clone()).collect::<Vec<_>>(),
            [entry(1), entry(2)]
        );
    }
    let report = verify(dir.path()).unwrap();
    assert_eq!(report.findings, []);
    assert_eq!(
        (report.samples, report.numerics, report.journal_entries),
        (180 * 62, 180, 2)
    );
    assert!(report.wave_chunks >= 4, "{report:?}");
}
