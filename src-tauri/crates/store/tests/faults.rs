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
        ("bed", "UPDATE bed SET label = 'Bed 2'"),
        ("encounter", "UPDATE encounter SET patient_name = 'DEMO, Other'"),
        ("association", "DELETE FROM encounter WHERE id = 1"),
        ("association", "UPDATE association SET from_us = from_us - 1"),
        ("association", "UPDATE association SET until_us = 1"),
        ("series", "UPDATE series SET metric = metric + 1 WHERE id = 2"),
        ("series", "UPDATE series SET encounter = 1 WHERE id = 1"),
        ("series", "DELETE FROM series WHERE id = 1"),
        (
            "series",
            "DELETE FROM series WHERE id IN (SELECT max(series) FROM numeric_chunk)",
        ),
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
        let connection = Connection::open(dir.path().join("wardlight.db")).unwrap();
        connection.execute_batch("PRAGMA foreign_keys = 0").unwrap();
        let rows = connection.execute(change, []).unwrap();
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
    // The new anchor agrees; the old one was kept and still says what is lost.
    let findings = verify(copy.path()).unwrap().findings;
    assert!(
        findings.iter().any(|f| f.to_string().contains("anchor-kept-1")),
        "{findings:?}"
    );
    fs::remove_file(copy.path().join("wardlight.anchor-kept-1")).unwrap();
    assert_eq!(verify(copy.path()).unwrap().findings, []);
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

#[test]
fn a_damaged_row_of_the_tail_costs_what_is_in_it_and_what_that_was_is_named() {
    // A chunk of this series ends elsewhere.
    let begin = START + 5_000_000;
    // Which second is damaged: the first of the chunk, one in the middle, the last.
    for damaged in [0, 2, 5_usize] {
        let (dir, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (writer, _) = open(dir.path());
        let mut all = Vec::new();
        for second in 0..6_i64 {
            let block = trace(usize::try_from(second * 250).unwrap(), 250, 250.0);
            let start = begin + second * 1_000_000;
            writer.waves(&bed("bed-01"), Arc::new(wave(start, (250, 1), block.clone())));
            writer.numeric(&bed("bed-01"), &numeric(start, 60_000));
            writer.flush().unwrap();
            all.extend(block);
        }
        for name in ["wardlight.db", "wardlight.db-wal"] {
            fs::copy(dir.path().join(name), copy.path().join(name)).unwrap();
        }
        writer.close().unwrap();
        all.drain(damaged * 250..(damaged + 1) * 250);

        let place = "WHERE id IN (SELECT id FROM tail WHERE kind = ?1 ORDER BY id LIMIT 1 OFFSET ?2)";
        let connection = Connection::open(copy.path().join("wardlight.db")).unwrap();
        // Another byte in one, another type in the other.
        for (kind, data) in [(1, "CAST(x'7F' || substr(data, 2) AS BLOB)"), (2, "'text'")] {
            let change = format!("UPDATE tail SET data = {data} {place}");
            let place = [kind, i64::try_from(damaged).unwrap()];
            assert_eq!(connection.execute(&change, place).unwrap(), 1);
        }
        let sql = "SELECT count(*) FROM wave_chunk";
        let stored: i64 = connection.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(stored, 0, "all of it is in the tail");
        drop(connection);

        // As it lies there, when the station has gone on with it, and when that was stored.
        for round in 0..3 {
            let reader = Reader::open(copy.path()).unwrap();
            let window = Window::all(bed("bed-01"), MetricCode::EcgII);
            let blocks: Vec<_> = reader.wave(&window).map(Result::unwrap).collect();
            let found: Vec<i16> = blocks.iter().flat_map(|block| block.samples.clone()).collect();
            assert!(found == all, "second {damaged}, round {round}: {} samples", found.len());
            for block in &blocks {
                let second = (block.start.as_micros() - begin) / 1_000_000;
                assert_eq!(block.gap_before, second > 0, "a gap is drawn where one is");
            }
            let numbers = Window::all(bed("bed-01"), MetricCode::HeartRate);
            assert_eq!(reader.numerics(&numbers).count(), 5, "second {damaged}, round {round}");
            let (writer, opened) = open(copy.path());
            if round == 0 && damaged < 5 {
                let said = opened.notices.join("\n");
                for what in ["250 samples of ECG_II of bed-01", "1 values of HR of bed-01"] {
                    assert!(said.contains(what), "{said}");
                }
            }
            writer.close().unwrap();
        }
    }
}
