//! Two hundred flipped bits over the database, its log and the anchor: `verify` says so, or nothing that is read changes.

#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod kit;

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use kit::disk::{ANCHOR, DATABASE, Dice, Disk, LOG, at_rest, scratch};
use kit::{START, bed, change, entry, journal, numeric, open, raised, trace, wave};
use model::MetricCode;
use store::{JournalQuery, Order, Reader, StoreError, Window, verify};

/// A day in the life of two beds, so that every table has rows, and the log holds some that the file has not.
fn record(dir: &Path) -> Disk {
    let (writer, _) = open(dir);
    for (name, stay) in [("bed-01", "stay-1"), ("bed-07", "stay-2")] {
        let here = model::Bed {
            id: bed(name),
            label: name.to_uppercase(),
            location: model::Location {
                unit: "Ward".to_owned(),
                room: Some("7".to_owned()),
            },
        };
        let patient = model::Patient {
            id: model::Redacted(model::PatientId::new("DEMO-0001").unwrap()),
            name: model::Redacted("DEMO, Bed 01".to_owned()),
        };
        let stay = model::Encounter {
            id: model::EncounterId::new(stay).unwrap(),
            patient: Some(patient),
        };
        writer.beds(model::ReceiptTime::from_micros(START), vec![(here, stay)]);
    }
    for second in 0..150_i64 {
        let start = START + second * 1_000_000;
        for name in ["bed-01", "bed-07"] {
            let samples = trace(usize::try_from(second * 250).unwrap(), 250, 250.0);
            writer.waves(&bed(name), Arc::new(wave(start, (250, 1), samples)));
            writer.numeric(&bed(name), &numeric(start, 60_000));
        }
        if second % 10 == 0 {
            let id = u64::try_from(second + 1).unwrap();
            journal(&writer, vec![entry(second), raised(second, id), change(second, 85_000)]).unwrap();
        }
        // Now and then, so that the log goes round a few times.
        if second % 5 == 0 {
            writer.flush().unwrap();
        }
    }
    writer.flush().unwrap();
    let disk = at_rest(&writer, dir);
    writer.close().unwrap();
    disk
}

/// Everything a reader gives, as text.
fn dump(dir: &Path) -> Result<String, StoreError> {
    let reader = Reader::open(dir)?;
    let mut out = String::new();
    let mut say = |what: &dyn std::fmt::Debug| writeln!(out, "{what:?}").unwrap();
    say(&reader.beds()?);
    let series = reader.series()?;
    say(&series);
    let query = JournalQuery {
        order: Order::OldestFirst,
        ..JournalQuery::default()
    };
    say(&reader.journal(&query)?);
    say(&reader.standing()?);
    for name in ["bed-01", "bed-07"] {
        for item in reader.wave(&Window::all(bed(name), MetricCode::EcgII)) {
            say(&item?);
        }
        for item in reader.numerics(&Window::all(bed(name), MetricCode::HeartRate)) {
            say(&item?);
        }
    }
    Ok(out)
}

#[test]
fn two_hundred_flipped_bits_are_found_or_change_nothing() {
    let dir = scratch();
    let disk = record(dir.path());
    let whole = scratch();
    disk.lay(whole.path());
    assert_eq!(verify(whole.path()).unwrap().findings, []);
    let expected = dump(whole.path()).unwrap();
    let mut dice = Dice(5);
    let (mut found, mut harmless) = (0, 0);
    for (name, flips) in [(DATABASE, 90), (LOG, 70), (ANCHOR, 40)] {
        for _ in 0..flips {
            let mut flipped = disk.clone();
            let bytes = flipped.0.get_mut(name).unwrap();
            let (at, bit) = (dice.roll(bytes.len()), dice.roll(8));
            bytes[at] ^= 1 << bit;
            let place = scratch();
            flipped.lay(place.path());
            if verify(place.path()).map_or(true, |report| !report.findings.is_empty()) {
                found += 1;
                continue;
            }
            let same = dump(place.path()).is_ok_and(|text| text == expected);
            assert!(same, "bit {bit} of byte {at} of {name} changes what is read, unseen");
            harmless += 1;
        }
    }
    println!("{found} flips were found, {harmless} changed nothing");
    assert_eq!(found + harmless, 200);
    assert!(found > 60);
}
