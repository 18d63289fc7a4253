//! Which file is used: the same by who writes and who reads, and none that is another's or only hard to read.

#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

mod kit;

use std::fs;
use std::path::Path;

use kit::{bed, change, entry, journal, open, open_and_listen, open_and_wait, raised};
use model::{JournalEntry, JournalKind, ReceiptTime};
use rusqlite::Connection;
use store::{JournalQuery, Reader, StoreError, StoreHealth, StoreOptions, verify};

fn spoil(file: &Path) {
    let mut bytes = fs::read(file).unwrap();
    bytes.iter_mut().take(16).for_each(|byte| *byte = 0x5A);
    fs::write(file, bytes).unwrap();
}

fn newest(dir: &Path) -> Option<String> {
    let rows = Reader::open(dir).unwrap().journal(&JournalQuery::default()).unwrap();
    rows.first().and_then(|row| row.entry.detail.clone())
}

#[test]
fn a_damaged_file_may_be_moved_away_while_the_next_is_in_use() {
    let dir = tempfile::tempdir().unwrap();
    let first = dir.path().join("wardlight.db");
    let second = dir.path().join("wardlight-2.db");
    open(dir.path()).0.close().unwrap();
    spoil(&first);
    let (writer, opened) = open(dir.path());
    assert_eq!(opened.file, second);
    journal(&writer, vec![change(1, 85_000), raised(2, opened.next_alert_id)]).unwrap();
    writer.close().unwrap();
    // Found again, though the first could be begun anew.
    fs::rename(&first, dir.path().join("kept")).unwrap();
    let (writer, opened, said) = open_and_listen(dir.path(), StoreOptions::default());
    assert_eq!(opened.file, second);
    assert!(!first.exists());
    assert_eq!(
        (kit::limits(&opened.standing).len(), kit::alerts(&opened.standing).len()),
        (1, 1)
    );
    journal(&writer, vec![entry(3)]).unwrap();
    assert_eq!(Reader::open(dir.path()).unwrap().file(), second);
    assert_eq!(newest(dir.path()).as_deref(), Some("entry 3"));
    writer.close().unwrap();
    assert_eq!(*said.lock().unwrap(), []);
}

#[test]
fn an_old_file_beside_the_one_in_use_is_said_and_not_read() {
    let dir = tempfile::tempdir().unwrap();
    let (writer, _) = open(dir.path());
    journal(&writer, vec![entry(1)]).unwrap();
    writer.close().unwrap();
    let first = dir.path().join("wardlight.db");
    let good = fs::read(&first).unwrap();
    spoil(&first);
    let (writer, _) = open(dir.path());
    journal(&writer, vec![entry(2)]).unwrap();
    writer.close().unwrap();
    // A person repaired it.
    fs::write(&first, &good).unwrap();
    let (writer, opened, said) = open_and_listen(dir.path(), StoreOptions::default());
    assert_eq!(opened.file, dir.path().join("wardlight-2.db"));
    assert_eq!(Reader::open(dir.path()).unwrap().file(), opened.file);
    writer.close().unwrap();
    let said = format!("{:?}", said.lock().unwrap().last());
    assert!(said.contains("wardlight.db") && said.contains("move it away"), "{said}");
}

#[test]
fn what_was_in_force_is_carried_into_the_file_that_is_begun() {
    // The journal's last row is the damage: everything else can still be read.
    let dir = tempfile::tempdir().unwrap();
    let (writer, opened) = open(dir.path());
    let started = JournalEntry::new(ReceiptTime::from_micros(kit::START), JournalKind::StationStarted);
    let id = opened.next_alert_id;
    let entries = vec![
        started,
        change(1, 88_000),
        change(2, 85_000),
        raised(3, id),
        raised(4, id + 1),
    ];
    journal(&writer, entries).unwrap();
    writer.close().unwrap();
    let first = dir.path().join("wardlight.db");
    let damage = "UPDATE journal SET cause = 'no such cause' WHERE id = 5";
    Connection::open(&first).unwrap().execute(damage, []).unwrap();

    let (writer, opened) = open(dir.path());
    assert_eq!(opened.file, dir.path().join("wardlight-2.db"));
    assert_eq!(
        kit::limits(&opened.standing),
        [(bed("bed-07"), Some(kit::rule(85_000)))]
    );
    let persons: Vec<_> = opened
        .standing
        .iter()
        .filter_map(|entry| entry.person.clone())
        .collect();
    assert_eq!(Some(&persons[0]), change(2, 85_000).person.as_ref());
    assert_eq!(kit::alerts(&opened.standing), [id]);
    assert!(!opened.last_station_stop_was_clean);
    let notices = opened.notices.join("\n");
    assert!(
        notices.contains("1 limits in force and 1 alerts were carried over"),
        "{notices}"
    );
    assert!(
        notices.contains("row 5 of journal"),
        "what could not be is named: {notices}"
    );
    writer.close().unwrap();

    // They are in the new file: the old one may go.
    fs::rename(&first, dir.path().join("kept")).unwrap();
    let (writer, opened) = open(dir.path());
    assert_eq!(
        (kit::limits(&opened.standing).len(), kit::alerts(&opened.standing).len()),
        (1, 1)
    );
    assert_eq!(opened.notices, Vec::<String>::new());
    writer.close().unwrap();
    assert_eq!(verify(dir.path()).unwrap().findings, []);
}

#[test]
fn limits_that_cannot_be_carried_over_are_said() {
    let dir = tempfile::tempdir().unwrap();
    open(dir.path()).0.close().unwrap();
    spoil(&dir.path().join("wardlight.db"));
    let (writer, opened) = open(dir.path());
    let notices = opened.notices.join("\n");
    assert!(notices.contains("set the limits again"), "{notices}");
    writer.close().unwrap();
}

/// A file whose first bytes the system does not give (reading it is an error): `/proc/self/mem` begins so.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_does_not_give_the_file_is_no_damage_and_what_it_held_comes_late() {
    let dir = tempfile::tempdir().unwrap();
    let (writer, _) = open(dir.path());
    journal(&writer, vec![change(1, 85_000), change_of("bed-08", 2), raised(3, 1)]).unwrap();
    writer.close().unwrap();
    let (first, aside) = (dir.path().join("wardlight.db"), dir.path().join("aside"));
    for round in 1..=2 {
        fs::rename(&first, &aside).unwrap();
        std::os::unix::fs::symlink("/proc/self/mem", &first).unwrap();
        let (writer, opened, said, late) = open_and_wait(dir.path());
        assert_eq!(opened.file, first);
        assert_eq!(
            (kit::limits(&opened.standing).len(), kit::alerts(&opened.standing).len()),
            (0, 0)
        );
        assert_eq!(
            opened.next_alert_id,
            round * 1_000_000_000_000,
            "an id must not come twice"
        );
        assert!(writer.flush().is_err());
        assert!(!dir.path().join("wardlight-2.db").exists());
        assert!(matches!(said.lock().unwrap().last(), Some(StoreHealth::Faulty { .. })));
        assert!(matches!(Reader::open(dir.path()), Err(error) if !matches!(error, StoreError::Nothing { .. })));
        // Changed meanwhile: what comes late must not undo it.
        assert!(journal(&writer, vec![change_of("bed-08", 4)]).is_err());

        fs::remove_file(&first).unwrap();
        fs::rename(&aside, &first).unwrap();
        writer.flush().unwrap();
        assert_eq!(said.lock().unwrap().last(), Some(&StoreHealth::Ok));
        let late = late.lock().unwrap();
        assert_eq!(late.len(), 1);
        assert_eq!(
            kit::limits(&late[0].standing),
            [(bed("bed-07"), Some(kit::rule(85_000)))]
        );
        assert_eq!(kit::alerts(&late[0].standing), [1]);
        writer.close().unwrap();
    }
    assert_eq!(verify(dir.path()).unwrap().findings, []);
}

fn change_of(name: &str, second: i64) -> JournalEntry {
    JournalEntry {
        bed: Some(bed(name)),
        ..change(second, 80_000)
    }
}

#[test]
fn another_programs_database_is_left_alone_though_it_does_not_say_whose_it_is() {
    for mode in ["delete", "wal"] {
        let dir = tempfile::tempdir().unwrap();
        let first = dir.path().join("wardlight.db");
        let sql = format!("PRAGMA journal_mode = {mode}; CREATE TABLE photographs (id INTEGER)");
        Connection::open(&first).unwrap().execute_batch(&sql).unwrap();
        let before = fs::read(&first).unwrap();
        let (writer, opened) = open(dir.path());
        assert_eq!(opened.file, dir.path().join("wardlight-2.db"), "{mode}");
        writer.close().unwrap();
        assert_eq!(fs::read(&first).unwrap(), before, "{mode}");
    }
}

#[test]
fn a_log_without_its_file_is_not_taken_away_by_a_new_one() {
    let dir = tempfile::tempdir().unwrap();
    let (writer, _) = open(dir.path());
    journal(&writer, vec![entry(1)]).unwrap();
    let log = dir.path().join("wardlight.db-wal");
    let bytes = fs::read(&log).unwrap();
    assert!(!bytes.is_empty());
    writer.close().unwrap();
    fs::rename(dir.path().join("wardlight.db"), dir.path().join("kept")).unwrap();
    fs::write(&log, &bytes).unwrap();
    let (writer, opened) = open(dir.path());
    assert_eq!(opened.file, dir.path().join("wardlight-2.db"));
    writer.close().unwrap();
    assert_eq!(fs::read(&log).unwrap(), bytes);
}

#[test]
fn a_file_of_the_format_before_the_first_release_is_refused_in_words() {
    let dir = tempfile::tempdir().unwrap();
    open(dir.path()).0.close().unwrap();
    let first = dir.path().join("wardlight.db");
    let older = "PRAGMA user_version = 1";
    Connection::open(&first).unwrap().execute_batch(older).unwrap();
    let error = Reader::open(dir.path()).unwrap_err().to_string();
    assert!(error.contains("older Wardlight"), "{error}");
    let (writer, opened) = open(dir.path());
    assert_eq!(opened.file, dir.path().join("wardlight-2.db"));
    writer.close().unwrap();
}
