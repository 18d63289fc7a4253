//! What a history can draw, at any zoom.

#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

mod kit;

use std::sync::Arc;

use kit::{START, bed, numeric, open, trace, wave};
use model::{Kind, ReceiptTime, SampleRate};
use store::{Reader, StoreError};

fn at(micros: i64) -> ReceiptTime {
    ReceiptTime::from_micros(micros)
}

#[test]
fn lanes_say_what_there_is_with_what_is_still_open() {
    let dir = tempfile::tempdir().unwrap();
    let (writer, _) = open(dir.path());
    let bed = bed("bed-01");
    for second in 0..25_i64 {
        let start = START + second * 1_000_000;
        let from = usize::try_from(second * 250).unwrap();
        writer.waves(&bed, Arc::new(wave(start, (250, 1), trace(from, 250, 250.0))));
        writer.numeric(&bed, &numeric(start, 60_000));
        writer.flush().unwrap();
    }
    let reader = Reader::open(dir.path()).unwrap();
    let lanes = reader.lanes().unwrap();
    let [ecg, rate] = lanes.as_slice() else {
        panic!("{lanes:?}");
    };
    assert_eq!(
        (ecg.kind, ecg.label.as_str(), ecg.unit.as_str()),
        (Kind::Wave, "II", "mV")
    );
    assert_eq!(
        (rate.kind, rate.rate, rate.unit.as_str()),
        (Kind::Numeric, None, "/min")
    );
    assert_eq!(ecg.rate, Some(SampleRate::new(250, 1).unwrap()));
    assert_eq!((ecg.from, ecg.until), (at(START), at(START + 25_000_000)));
    assert_eq!((rate.from, rate.until), (at(START), at(START + 24_000_001)));

    // Sample by sample, as in the blocks.
    let blocks: Vec<_> = reader
        .blocks(ecg.series, ecg.from, ecg.until)
        .map(Result::unwrap)
        .collect();
    let samples: Vec<i32> = blocks.iter().flat_map(|block| block.samples.clone()).collect();
    let sent: Vec<i32> = trace(0, 25 * 250, 250.0).into_iter().map(i32::from).collect();
    assert_eq!(samples, sent);
    let close = reader
        .envelope(ecg.series, at(START + 2_000_000), at(START + 4_000_000), 1_500)
        .unwrap();
    let drawn: Vec<f64> = close.bins.iter().map(|bin| bin.high).collect();
    let exact: Vec<f64> = sent[500..1_000].iter().map(|s| f64::from(*s) * 0.005).collect();
    assert_eq!(drawn, exact);
    let numbers = reader.envelope(rate.series, rate.from, rate.until, 10).unwrap();
    assert!(numbers.bins.iter().all(|bin| bin.mean == Some(60.0)), "{numbers:?}");
    assert_eq!(numbers.bins.len(), 10);

    let gone = reader.envelope(store::SeriesId(99), ecg.from, ecg.until, 10);
    assert!(matches!(gone, Err(StoreError::NoSeries(99))), "{gone:?}");
    writer.close().unwrap();
}
