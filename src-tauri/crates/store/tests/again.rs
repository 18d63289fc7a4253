//! A file that fails while it is recorded into is opened again, and nothing that was handed over is lost.

#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

mod kit;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use kit::{START, bed, change, entry, journal, numeric, open_and_wait, raised, trace, wave};
use model::{JournalEntry, MetricCode, ReceiptTime};
use rusqlite::Connection;
use store::{JournalQuery, Order, Reader, StoreHealth, Window, Writer, verify};

fn details(dir: &Path) -> Vec<String> {
    let query = JournalQuery {
        order: Order::OldestFirst,
        ..JournalQuery::default()
    };
    let rows = Reader::open(dir).unwrap().journal(&query).unwrap();
    rows.into_iter().filter_map(|row| row.entry.detail).collect()
}

fn place(writer: &Writer) {
    let here = model::Bed {
        id: bed("bed-01"),
        label: "Bed 1".to_owned(),
        location: model::Location {
            unit: "Ward".to_owned(),
            room: None,
        },
    };
    let stay = model::Encounter {
        id: model::EncounterId::new("stay-1").unwrap(),
        patient: None,
    };
    writer.beds(ReceiptTime::from_micros(START), vec![(here, stay)]);
}

/// One second of a wave and one number.
fn second(writer: &Writer, second: i64) -> Vec<i16> {
    let samples = trace(usize::try_from(second * 250).unwrap(), 250, 250.0);
    let start = START + second * 1_000_000;
    writer.waves(&bed("bed-01"), Arc::new(wave(start, (250, 1), samples.clone())));
    writer.numeric(&bed("bed-01"), &numeric(start, 60_000));
    samples
}

fn samples(dir: &Path) -> Vec<i16> {
    let window = Window::all(bed("bed-01"), MetricCode::EcgII);
    let reader = Reader::open(dir).unwrap();
    reader.wave(&window).flat_map(|block| block.unwrap().samples).collect()
}

/// The indexes of the journal are cut out of the file: whatever reads or writes them finds it damaged.
fn damage(file: &Path) {
    let connection = Connection::open(file).unwrap();
    let sql = "PRAGMA writable_schema = 1; UPDATE sqlite_schema SET rootpage = 1 WHERE name = 'journal_bed'";
    connection.execute_batch(sql).unwrap();
    let version: i64 = connection
        .query_row("PRAGMA schema_version", [], |row| row.get(0))
        .unwrap();
    // So that others look at it again.
    connection
        .execute_batch(&format!("PRAGMA schema_version = {}", version + 1))
        .unwrap();
}

#[test]
fn a_file_that_is_moved_away_in_use_is_missed_and_a_new_one_takes_over() {
    let dir = tempfile::tempdir().unwrap();
    let (writer, opened, said, late) = open_and_wait(dir.path());
    place(&writer);
    journal(
        &writer,
        vec![change(1, 85_000), raised(2, opened.next_alert_id), entry(1)],
    )
    .unwrap();
    second(&writer, 0);
    writer.flush().unwrap();
    for name in [
        "wardlight.db",
        "wardlight.db-wal",
        "wardlight.db-shm",
        "wardlight.anchor",
    ] {
        fs::rename(dir.path().join(name), dir.path().join(format!("kept-{name}"))).unwrap();
    }
    let after = second(&writer, 1);
    writer.flush().unwrap();
    assert_eq!(late.lock().unwrap().len(), 1);
    journal(&writer, vec![entry(2)]).unwrap();
    let last = second(&writer, 2);
    writer.close().unwrap();
    assert_eq!(
        said.lock().unwrap().last(),
        None,
        "it mended itself before there was a fault to show"
    );
    assert_eq!(late.lock().unwrap()[0].standing, [], "the station has them");

    let (next, opened, _, _) = open_and_wait(dir.path());
    assert_eq!(opened.file, dir.path().join("wardlight.db"));
    assert_eq!(
        (kit::limits(&opened.standing).len(), kit::alerts(&opened.standing).len()),
        (1, 1)
    );
    next.close().unwrap();
    assert_eq!(details(dir.path()).last().map(String::as_str), Some("entry 2"));
    assert_eq!(
        samples(dir.path()),
        [after, last].concat(),
        "what was not on disk yet came along"
    );
    assert_eq!(verify(dir.path()).unwrap().findings, []);
}

#[test]
fn a_file_that_becomes_damaged_in_use_is_left_for_the_next_and_nothing_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let (writer, _, said, late) = open_and_wait(dir.path());
    place(&writer);
    journal(&writer, vec![change(1, 85_000), entry(1)]).unwrap();
    second(&writer, 0);
    writer.flush().unwrap();
    damage(&dir.path().join("wardlight.db"));
    let error = journal(&writer, vec![entry(2)]).unwrap_err();
    assert!(error.to_string().contains("damaged"), "{error}");
    let unwritten = second(&writer, 1);
    for _ in 0..3 {
        if writer.flush().is_ok() {
            break;
        }
    }
    writer.flush().unwrap();
    journal(&writer, vec![entry(3)]).unwrap();
    writer.close().unwrap();
    assert!(
        matches!(said.lock().unwrap().last(), Some(StoreHealth::Faulty { text, .. }) if text.contains("move it away"))
    );
    assert_eq!(late.lock().unwrap().len(), 1);
    let reader = Reader::open(dir.path()).unwrap();
    assert_eq!(reader.file(), dir.path().join("wardlight-2.db"));
    assert_eq!(kit::limits(&reader.standing().unwrap()).len(), 1, "carried over");
    assert_eq!(details(dir.path())[1..], ["entry 2", "entry 3"]);
    assert_eq!(samples(dir.path()), unwritten);
}

/// Records under a limit on the size of files, which the system says as a failing disk.
const CHILD_DIR: &str = "WARDLIGHT_STORE_AGAIN_DIR";

#[cfg(target_os = "linux")]
#[test]
fn child_records_on_a_disk_that_fails_for_a_while() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Some(dir) = std::env::var_os(CHILD_DIR) else {
        return;
    };
    let dir = Path::new(&dir);
    let (writer, _, said, _) = open_and_wait(dir);
    place(&writer);
    let limit = |bytes| {
        let maximum = getrlimit(Resource::Fsize).maximum;
        setrlimit(
            Resource::Fsize,
            Rlimit {
                current: bytes,
                maximum,
            },
        )
        .unwrap();
    };
    let mut written: Vec<JournalEntry> = Vec::new();
    let mut all = Vec::new();
    for round in 0..6_i64 {
        for n in 0..5 {
            let number = round * 5 + n;
            all.extend(second(&writer, number));
            written.push(entry(number));
            // Told or not: kept, and written when it can be.
            let told = journal(&writer, vec![entry(number)]);
            let flushed = writer.flush();
            assert_eq!(flushed.is_err(), round % 2 == 1, "{number}: {told:?} {flushed:?}");
        }
        // In odd rounds nothing of a page can be written, but the anchor.
        limit((round % 2 == 0).then_some(4_096));
    }
    writer.close().unwrap();
    assert!(said.lock().unwrap().contains(&StoreHealth::Ok), "{said:?}");
    let expected: Vec<_> = written.into_iter().filter_map(|entry| entry.detail).collect();
    assert_eq!(details(dir), expected);
    assert_eq!(samples(dir), all);
    assert_eq!(verify(dir).unwrap().findings, []);
    assert!(!dir.join("wardlight-2.db").exists());
    println!("recorded everything");
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_fails_for_a_while_costs_nothing() {
    let dir = tempfile::tempdir().unwrap();
    // The signal that comes with the error is ignored by the shell for its child.
    let script = "trap '' XFSZ; exec \"$0\" child_records_on_a_disk_that_fails_for_a_while --exact --nocapture";
    let child = std::process::Command::new("sh")
        .args(["-c", script])
        .arg(std::env::current_exe().unwrap())
        .env(CHILD_DIR, dir.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    let error = String::from_utf8_lossy(&child.stderr);
    assert!(said.contains("recorded everything"), "{said}\n{error}");
}
