//! How long the disk lasts: what the first part says of a day is no less than the next part takes.

#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

mod kit;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use kit::disk::scratch;
use kit::{START, bed, numeric, open, trace, wave};
use store::{Reader, Writer};

/// Four beds, ten seconds at a time.
fn record(writer: &Writer, seconds: std::ops::Range<i64>) {
    for second in seconds.step_by(10) {
        let start = START + second * 1_000_000;
        let samples = trace(usize::try_from(second * 250).unwrap(), 2_500, 250.0);
        for name in ["bed-01", "bed-02", "bed-03", "bed-04"] {
            writer.waves(&bed(name), Arc::new(wave(start, (250, 1), samples.clone())));
            writer.numeric(&bed(name), &numeric(start, 60_000));
        }
        if second % 100 == 0 {
            writer.flush().unwrap();
        }
    }
    writer.flush().unwrap();
}

fn size(dir: &Path) -> u64 {
    fs::metadata(dir.join("wardlight.db")).unwrap().len()
}

#[test]
fn what_is_forecast_is_what_comes() {
    let dir = scratch();
    let (writer, _) = open(dir.path());
    record(&writer, 0..300);
    assert_eq!(
        Reader::open(dir.path()).unwrap().forecast(1 << 30).unwrap(),
        None,
        "too early"
    );
    record(&writer, 300..2_400);
    writer.close().unwrap();
    let first = size(dir.path());
    let forecast = Reader::open(dir.path())
        .unwrap()
        .forecast(first * 36 * 34)
        .unwrap()
        .unwrap();
    let expected = f64::from(u32::try_from(first).unwrap()) * 36.0;
    println!("{forecast:?}, by the file {expected}");
    assert!((forecast.bytes_per_day / expected - 1.0).abs() < 0.2);
    assert!((28.0..42.0).contains(&forecast.days_left), "{forecast:?}");
    let (writer, _) = open(dir.path());
    record(&writer, 2_400..4_800);
    writer.close().unwrap();
    let grown = f64::from(u32::try_from(size(dir.path()) - first).unwrap()) * 36.0;
    println!("{grown} came");
    // The first part has the empty tables in it.
    assert!(grown < forecast.bytes_per_day * 1.1 && grown > forecast.bytes_per_day * 0.3);
}
