//! A copy made while history is recorded: one moment, whole, and a history like any other.

#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

mod kit;

use std::fs;
use std::ops::ControlFlow;
use std::sync::Arc;

use kit::disk::scratch;
use kit::{START, bed, entry, journal, numeric, open, trace, wave};
use model::MetricCode;
use store::{Reader, StoreError, Window, Writer, backup, verify, verify_file};

fn record(writer: &Writer, seconds: std::ops::Range<i64>) {
    for second in seconds {
        let samples = trace(usize::try_from(second * 250).unwrap(), 250, 250.0);
        writer.waves(
            &bed("bed-01"),
            Arc::new(wave(START + second * 1_000_000, (250, 1), samples)),
        );
        writer.numeric(&bed("bed-01"), &numeric(START + second * 1_000_000, 60_000));
        journal(writer, vec![entry(second)]).unwrap();
    }
    writer.flush().unwrap();
}

fn samples(reader: &Reader) -> usize {
    let blocks = reader.wave(&Window::all(bed("bed-01"), MetricCode::EcgII));
    blocks.map(|block| block.unwrap().samples.len()).sum()
}

#[test]
fn a_backup_of_a_history_that_goes_on_is_one_moment_of_it() {
    let (dir, copies) = (scratch(), scratch());
    let (writer, _) = open(dir.path());
    record(&writer, 0..100);
    let out = copies.path().join("wardlight.db");
    let mut second = 100;
    backup(dir.path(), &out, &mut |part| {
        assert!((0.0..=1.0).contains(&part));
        // The station goes on between two steps.
        record(&writer, second..second + 3);
        second += 3;
        ControlFlow::Continue(())
    })
    .unwrap();
    writer.close().unwrap();
    let mut left: Vec<_> = fs::read_dir(copies.path())
        .unwrap()
        .map(|f| f.unwrap().file_name())
        .collect();
    left.sort();
    assert_eq!(left, ["wardlight.anchor", "wardlight.db"]);
    assert_eq!(samples(&Reader::open_file(&out).unwrap()), 100 * 250);
    assert_eq!(verify_file(&out).unwrap().findings, []);
    assert_eq!(verify(dir.path()).unwrap().findings, []);
    // It can be recorded into.
    let (writer, opened) = open(copies.path());
    assert_eq!(opened.notices, [] as [String; 0]);
    record(&writer, 100..101);
    writer.close().unwrap();
    assert_eq!(samples(&Reader::open(copies.path()).unwrap()), 101 * 250);
    assert_eq!(verify(copies.path()).unwrap().findings, []);
}

#[test]
fn a_backup_that_is_ended_leaves_nothing_and_none_overwrites() {
    let (dir, copies) = (scratch(), scratch());
    let (writer, _) = open(dir.path());
    record(&writer, 0..5);
    let out = copies.path().join("copy.db");
    let ended = backup(dir.path(), &out, &mut |_| ControlFlow::Break(()));
    assert!(matches!(ended, Err(StoreError::Cancelled)));
    assert_eq!(fs::read_dir(copies.path()).unwrap().count(), 0);
    fs::write(&out, "somebody's").unwrap();
    assert!(backup(dir.path(), &out, &mut |_| ControlFlow::Continue(())).is_err());
    assert_eq!(fs::read(&out).unwrap(), b"somebody's");
    writer.close().unwrap();
}
