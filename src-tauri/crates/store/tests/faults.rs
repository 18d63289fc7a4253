//! Full disks, damaged and foreign files: nothing is overwritten, monitoring goes on, and it is said.

#![allow(missing_docs, clippy::unwrap_used, clippy::type_complexity, reason = "a test")]

mod kit;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use kit::{START, bed, entry, journal, numeric, open, open_and_listen, trace, wave};
use model::MetricCode;
use rusqlite::Connection;
use store::{JournalQuery, Order, Reader, StoreError, StoreHealth, StoreOptions, Window, verify};

fn details(dir: &Path) -> Vec<String> {
    let query = JournalQuery {
        order: Order::OldestFirst,
        ..JournalQuery::default()
    };
    let rows = Reader::open(dir).unwrap().journal(&query).unwrap();
    rows.into_iter().filter_map(|row| row.entry.detail).collect()
}

fn record(dir: &Path, entries: i64) {
    let (writer, _) = open(dir);
    journal(&writer, (1..=entries).map(entry).collect()).unwrap();
    for second in 0..40_i64 {
        let from = usize::try_from(second * 250).unwrap();
        let block = wave(START + second * 1_000_000, (250, 1), trace(from, 250, 250.0));
        writer.waves(&bed("bed-01"), Arc::new(block));
        writer.numeric(&bed("bed-01"), &numeric(START + second * 1_000_000, 60_000));
    }
    writer.close().unwrap();
}

#[test]
fn a_second_station_is_refused_and_the_first_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let (writer, _) = open(dir.path());
    let second = store::open(dir.path(), StoreOptions::default(), Box::new(|_| ()), Box::new(|_| ()));
    assert!(matches!(second, Err(StoreError::Locked { .. })));
    journal(&writer, vec![entry(1)]).unwrap();
    writer.close().unwrap();
    open(dir.path()).0.close().unwrap();
}

#[test]
fn a_full_disk_is_said_and_recording_resumes_when_there_is_room() {
    let dir = tempfile::tempdir().unwrap();
    open(dir.path()).0.close().unwrap();
    let full = StoreOptions {
        pages_max: Some(1),
        ..StoreOptions::default()
    };
    let (writer, _, said) = open_and_listen(dir.path(), full);
    // Few entries still fit into the pages that are there; so many do not.
    let refused = (0..200).find(|n| journal(&writer, (n * 50..n * 50 + 50).map(entry).collect()).is_err());
    let refused = refused.expect("the disk of a few pages never filled");
    let faulty = said.lock().unwrap().last().cloned().unwrap();
    let StoreHealth::Faulty {
        text,
        unwritten_entries,
        ..
    } = faulty
    else {
        panic!("{faulty:?}");
    };
    assert!(text.contains("full"), "{text}");
    assert_eq!(unwritten_entries, 50);
    writer.make_room(1 << 20);
    writer.flush().unwrap();
    assert_eq!(said.lock().unwrap().last(), Some(&StoreHealth::Ok));
    writer.close().unwrap();
    let expected: Vec<_> = (0..refused * 50 + 50).filter_map(|n| entry(n).detail).collect();
    assert_eq!(details(dir.path()), expected);
    assert_eq!(verify(dir.path()).unwrap().findings, []);
}

#[test]
fn a_damaged_or_foreign_file_is_left_alone_and_history_goes_on_beside_it() {
    let cases: [(&str, fn(&Path)); 4] = [
        ("header", |file| {
            let mut bytes = fs::read(file).unwrap();
            bytes[..16].fill(0x5A);
            fs::write(file, bytes).unwrap();
        }),
        ("text", |file| {
            fs::write(file, "this is no database, and longer than nothing").unwrap();
        }),
        ("another program", |file| {
            Connection::open(file)
                .unwrap()
                .execute_batch("PRAGMA application_id = 77")
                .unwrap();
        }),
        ("newer", |file| {
            Connection::open(file)
                .unwrap()
                .execute_batch("PRAGMA user_version = 999")
                .unwrap();
        }),
    ];
    for (name, damage) in cases {
        let dir = tempfile::tempdir().unwrap();
        record(dir.path(), 3);
        let file = dir.path().join("wardlight.db");
        damage(&file);
        let before = fs::read(&file).unwrap();
        let (writer, opened, said) = open_and_listen(dir.path(), StoreOptions::default());
        assert_eq!(opened.file, dir.path().join("wardlight-2.db"), "{name}");
        assert!(
            opened.next_alert_id > 1_000_000_000,
            "{name}: an id must not come twice"
        );
        journal(&writer, vec![entry(9)]).unwrap();
        writer.close().unwrap();
        assert!(
            matches!(said.lock().unwrap().last(), Some(StoreHealth::Faulty { .. })),
            "{name}"
        );
        assert_eq!(fs::read(&file).unwrap(), before, "{name}: the file was touched");
        assert_eq!(details(dir.path()), ["entry 9"], "{name}");
        assert!(!verify(dir.path()).unwrap().findings.is_empty(), "{name}");
    }
}

#[test]
fn verify_finds_a_flipped_bit_in_every_table() {
    let changes = [
        (
            "wave_chunk",
            "UPDATE wave_chunk SET data = x'00' || substr(data, 2) WHERE id = 1",
        ),
        (
            "wave_chunk",
            "UPDATE wave_chunk SET start_us = start_us + 1 WHERE id = 2",
        ),
        ("numeric_chunk", "UPDATE numeric_chunk SET low = 1 WHERE id = 1"),
        ("tail", "UPDATE tail SET data = x'01' || substr(data, 2)"),
        ("journal", "UPDATE journal SET detail = 'another' WHERE id = 2"),
        ("journal", "DELETE FROM journal WHERE id = 2"),
        ("anchor", "DELETE FROM journal WHERE id = 3"),
    ];
    for (table, change) in changes {
        let dir = tempfile::tempdir().unwrap();
        record(dir.path(), 3);
        let (writer, _) = open(dir.path());
        // Another stay closes what is open, so that there is a chunk of numerics.
        let here = model::Bed {
            id: bed("bed-01"),
            label: "Bed 1".to_owned(),
            location: model::Location {
                unit: "Ward".to_owned(),
                room: None,
            },
        };
        let stay = model::Encounter {
            id: model::EncounterId::new("stay-2").unwrap(),
            patient: None,
        };
        writer.beds(model::ReceiptTime::from_micros(START + 60_000_000), vec![(here, stay)]);
        writer.numeric(&bed("bed-01"), &numeric(START + 61_000_000, 70_000));
        writer.close().unwrap();
        assert_eq!(verify(dir.path()).unwrap().findings, [], "{change}");
        let rows = Connection::open(dir.path().join("wardlight.db"))
            .unwrap()
            .execute(change, [])
            .unwrap();
        assert!(rows > 0, "{change}");
        let findings = verify(dir.path()).unwrap().findings;
        assert!(
            findings.iter().any(|f| f.table.contains(table)),
            "{change}: {findings:?}"
        );
    }
}

#[test]
fn a_truncated_log_costs_its_tail_only_and_the_anchor_shows_it() {
    let dir = tempfile::tempdir().unwrap();
    let copy = tempfile::tempdir().unwrap();
    let (writer, _) = open(dir.path());
    for number in 1..=20 {
        journal(&writer, vec![entry(number)]).unwrap();
    }
    writer.flush().unwrap();
    for name in ["wardlight.db", "wardlight.db-wal", "wardlight.anchor"] {
        fs::copy(dir.path().join(name), copy.path().join(name)).unwrap();
    }
    let log = copy.path().join("wardlight.db-wal");
    let length = fs::metadata(&log).unwrap().len();
    fs::OpenOptions::new()
        .write(true)
        .open(&log)
        .unwrap()
        .set_len(length * 2 / 3)
        .unwrap();
    let (second, opened) = open(copy.path());
    assert!(
        opened.notices.iter().any(|n| n.contains("entries are lost")),
        "{:?}",
        opened.notices
    );
    let left = details(copy.path());
    assert!(!left.is_empty() && left.len() < 20, "{left:?}");
    journal(&second, vec![entry(99)]).unwrap();
    second.close().unwrap();
    assert_eq!(details(copy.path()).len(), left.len() + 1);
    assert_eq!(details(dir.path()).len(), 20);
    writer.close().unwrap();
}

#[test]
fn a_copy_made_in_mid_flight_opens_and_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let (writer, _) = open(dir.path());
    let mut all = Vec::new();
    for second in 0..25_i64 {
        let block = trace(usize::try_from(second * 250).unwrap(), 250, 250.0);
        writer.waves(
            &bed("bed-01"),
            Arc::new(wave(START + second * 1_000_000, (250, 1), block.clone())),
        );
        all.extend(block);
        writer.flush().unwrap();
        let copy = tempfile::tempdir().unwrap();
        for name in ["wardlight.db", "wardlight.db-wal"] {
            fs::copy(dir.path().join(name), copy.path().join(name)).unwrap();
        }
        let (second_writer, _) = open(copy.path());
        second_writer.close().unwrap();
        let window = Window::all(bed("bed-01"), MetricCode::EcgII);
        let reader = Reader::open(copy.path()).unwrap();
        let found: Vec<i16> = reader.wave(&window).flat_map(|b| b.unwrap().samples).collect();
        assert_eq!(found, all, "after {second} s");
        assert_eq!(verify(copy.path()).unwrap().findings, []);
    }
    writer.close().unwrap();
}
