//! Sessions: a stay as one file, exact, sealed, and without who it was when that is asked for.

#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod kit;

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use kit::disk::{Dice, scratch};
use kit::{START, bed, change, entry, journal, numeric, open, raised, trace, wave};
use model::{
    Bed, Encounter, EncounterId, GenerationMode, JournalEntry, JournalKind, Location, MetricCode, Patient, PatientId,
    Person, Quantity, ReceiptTime, Redacted, SampleRate, Scale,
};
use rusqlite::Connection;
use store::{
    Deidentify, Exported, JournalQuery, LaneSpec, NO_SAMPLE_WIDE, Order, Reader, SessionHead, SessionWriter, Span,
    StoreError, Window, export_stay, verify_file,
};

const BED: &str = "bed-07";
const DAY_ONE: i64 = 946_684_800_000_000;

fn at(second: i64) -> ReceiptTime {
    ReceiptTime::from_micros(START + second * 1_000_000)
}

fn place() -> Bed {
    Bed {
        id: bed(BED),
        label: "Bed 7 by the window".to_owned(),
        location: Location {
            unit: "Ward of Example Hospital".to_owned(),
            room: Some("307".to_owned()),
        },
    }
}

fn stay(name: &str) -> Encounter {
    Encounter {
        id: EncounterId::new(name).unwrap(),
        patient: Some(Patient {
            id: Redacted(PatientId::new("DEMO-4711").unwrap()),
            name: Redacted("DEMO, Bed 07".to_owned()),
        }),
    }
}

fn note(second: i64, text: &str) -> JournalEntry {
    JournalEntry {
        bed: Some(bed(BED)),
        person: Some(Person::new("Nurse Example").unwrap()),
        reason: Some(text.to_owned()),
        ..JournalEntry::new(at(second), JournalKind::Noted)
    }
}

/// Two stays of 100 s each, one after the other; the last seconds are still open.
fn record(dir: &Path) -> store::Writer {
    let (writer, _) = open(dir);
    for second in 0..200_i64 {
        if second % 100 == 0 {
            let name = ["visit-2027-0815", "visit-2027-0816"][usize::try_from(second / 100).unwrap()];
            writer.beds(at(second), vec![(place(), stay(name))]);
        }
        let samples = trace(usize::try_from(second * 250).unwrap(), 250, 250.0);
        // A hole of a second.
        if second != 50 {
            let start = START + second * 1_000_000;
            writer.waves(&bed(BED), Arc::new(wave(start, (250, 1), samples)));
        }
        writer.numeric(&bed(BED), &numeric(START + second * 1_000_000, 60_000));
        writer.numeric(&bed("bed-99"), &numeric(START + second * 1_000_000, 60_000));
    }
    let entries = vec![
        change(2, 85_000),
        raised(3, 1),
        note(20, "Mr Example slept"),
        entry(30),
        raised(40, 2),
    ];
    journal(&writer, entries).unwrap();
    writer.flush().unwrap();
    writer
}

fn go(_: f32) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn span(from: i64, until: i64) -> Span {
    Span {
        bed: bed(BED),
        encounter: None,
        from: at(from),
        until: at(until),
    }
}

fn export(dir: &Path, span: &Span, out: &Path, deidentify: Deidentify) -> Exported {
    export_stay(&Reader::open(dir).unwrap(), span, out, deidentify, &mut go).unwrap()
}

/// Where each run of samples begins, and the samples.
fn waves(reader: &Reader, from: i64, until: i64, encounter: Option<&str>) -> Vec<(i64, Vec<i16>)> {
    let mut window = Window::all(bed(BED), MetricCode::EcgII).between(at(from), at(until));
    window.encounter = encounter.map(|name| EncounterId::new(name).unwrap());
    let mut runs: Vec<(i64, Vec<i16>)> = Vec::new();
    for block in reader.wave(&window).map(Result::unwrap) {
        match runs.last_mut().filter(|_| !block.gap_before) {
            Some((_, samples)) => samples.extend(block.samples),
            None => runs.push((block.start.as_micros(), block.samples)),
        }
    }
    runs
}

#[test]
fn a_span_is_exported_as_it_is() {
    let (dir, out) = (scratch(), scratch());
    let writer = record(dir.path());
    let file = out.path().join("bed.wardlight");
    let done = export(dir.path(), &span(17, 163), &file, Deidentify::No);
    assert!(done.chunks > 15, "{done:?}");
    writer.close().unwrap();
    let (live, session) = (Reader::open(dir.path()).unwrap(), Reader::open_file(&file).unwrap());
    for encounter in [None, Some("visit-2027-0815"), Some("visit-2027-0816")] {
        let expected = waves(&live, 17, 163, encounter);
        assert!(!expected.is_empty());
        assert_eq!(waves(&session, 0, 1_000, encounter), expected);
    }
    let numbers = |reader: &Reader| -> Vec<_> {
        let window = Window::all(bed(BED), MetricCode::HeartRate).between(at(17), at(163));
        reader.numerics(&window).map(Result::unwrap).collect()
    };
    assert_eq!(numbers(&session), numbers(&live));
    // What stood at its beginning, then what came: the other bed's entry is not this one's.
    let kinds = |reader: &Reader| -> Vec<_> {
        let query = JournalQuery {
            order: Order::OldestFirst,
            ..JournalQuery::default()
        };
        reader
            .journal(&query)
            .unwrap()
            .into_iter()
            .map(|row| row.entry)
            .collect()
    };
    let expected = [
        change(2, 85_000),
        raised(3, 1),
        note(20, "Mr Example slept"),
        raised(40, 2),
    ];
    assert_eq!(kinds(&session), expected);
    assert_eq!(session.beds().unwrap()[0].bed, place());
    assert_eq!(session.beds().unwrap()[0].encounter, Some(stay("visit-2027-0816")));
    assert_eq!(verify_file(&file).unwrap().findings, []);
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 1);
    // Whole chunks were not compressed anew.
    let data = |file: &Path| -> Vec<Vec<u8>> {
        let connection = Connection::open(file).unwrap();
        let mut rows = connection
            .prepare("SELECT data FROM wave_chunk ORDER BY start_us")
            .unwrap();
        rows.query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect()
    };
    let (old, new) = (data(&dir.path().join("wardlight.db")), data(&file));
    let same = new.iter().filter(|chunk| old.contains(chunk)).count();
    assert!(same + 3 >= new.len(), "{same} of {}", new.len());
}

#[test]
fn what_says_who_it_was_is_left_out() {
    let (dir, out) = (scratch(), scratch());
    let writer = record(dir.path());
    writer.close().unwrap();
    let plain = [
        "4711", "DEMO", "Example", "window", "307", "bed-07", "visit", "2027", "slept",
    ];
    for keep_text in [false, true] {
        let file = out.path().join(format!("{keep_text}.wardlight"));
        export(dir.path(), &span(17, 163), &file, Deidentify::Yes { keep_text });
        let bytes = fs::read(&file).unwrap();
        for word in plain {
            let is_text = ["Example", "slept"].contains(&word);
            let is_in = bytes.windows(word.len()).any(|w| w == word.as_bytes());
            assert!(!is_in || is_text && keep_text, "{word} is in the file");
        }
        assert_eq!(bytes.windows(5).any(|w| w == b"slept"), keep_text);
        assert_eq!(verify_file(&file).unwrap().findings, []);
        let session = Reader::open_file(&file).unwrap();
        let window = Window::all(bed("bed"), MetricCode::EcgII);
        let blocks: Vec<_> = session.wave(&window).map(Result::unwrap).collect();
        assert_eq!(blocks[0].start.as_micros(), DAY_ONE);
        let samples: Vec<i16> = blocks.into_iter().flat_map(|block| block.samples).collect();
        let live = Reader::open(dir.path()).unwrap();
        let expected: Vec<i16> = waves(&live, 17, 163, None)
            .into_iter()
            .flat_map(|(_, samples)| samples)
            .collect();
        assert_eq!(samples, expected);
        let numbers: Vec<_> = session
            .numerics(&Window::all(bed("bed"), MetricCode::HeartRate))
            .map(|number| number.unwrap().0.as_micros())
            .collect();
        assert_eq!((numbers.len(), numbers[0]), (146, DAY_ONE));
        for row in session.journal(&JournalQuery::default()).unwrap() {
            let year = 366 * 86_400 * 1_000_000_i64;
            assert!((row.entry.at.as_micros() - DAY_ONE).abs() < year, "{:?}", row.entry);
            assert!(
                row.entry
                    .person
                    .is_none_or(|person| person.as_str().starts_with("Person "))
            );
        }
    }
}

#[test]
fn an_export_that_is_ended_or_has_nothing_leaves_nothing() {
    let (dir, out) = (scratch(), scratch());
    let writer = record(dir.path());
    writer.close().unwrap();
    let reader = Reader::open(dir.path()).unwrap();
    let file = out.path().join("bed.wardlight");
    let ended = export_stay(&reader, &span(0, 200), &file, Deidentify::No, &mut |_| {
        ControlFlow::Break(())
    });
    assert!(matches!(ended, Err(StoreError::Cancelled)), "{ended:?}");
    let nothing = export_stay(&reader, &span(-500, -400), &file, Deidentify::No, &mut go);
    assert!(nothing.unwrap_err().to_string().contains("nothing of bed-07"));
    let nobody = Span {
        bed: bed("bed-50"),
        ..span(0, 200)
    };
    assert!(export_stay(&reader, &nobody, &file, Deidentify::No, &mut go).is_err());
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 0);
    export(dir.path(), &span(0, 200), &file, Deidentify::No);
    let before = fs::read(&file).unwrap();
    assert!(export_stay(&reader, &span(0, 200), &file, Deidentify::No, &mut go).is_err());
    assert_eq!(fs::read(&file).unwrap(), before, "nothing is overwritten");
}

#[test]
fn a_changed_session_is_found_and_the_place_named() {
    let (dir, out) = (scratch(), scratch());
    record(dir.path()).close().unwrap();
    let file = out.path().join("bed.wardlight");
    export(dir.path(), &span(0, 200), &file, Deidentify::No);
    let whole = fs::read(&file).unwrap();
    let changes = [
        ("wave_chunk", "DELETE FROM wave_chunk WHERE id = 5"),
        ("wave_chunk", "UPDATE wave_chunk SET low = 1 WHERE id = 2"),
        ("numeric_chunk", "DELETE FROM numeric_chunk WHERE id = 1"),
        (
            "journal",
            "DELETE FROM journal WHERE id = (SELECT max(id) FROM journal)",
        ),
        ("about", "UPDATE about SET value = 'another'"),
        ("session", "UPDATE session SET version = '9'"),
        ("seal", "DELETE FROM seal"),
        ("tail", "INSERT INTO tail VALUES (1, 1, x'', 0)"),
    ];
    for (table, change) in changes {
        fs::write(&file, &whole).unwrap();
        let connection = Connection::open(&file).unwrap();
        assert!(connection.execute(change, []).unwrap() > 0);
        drop(connection);
        let findings = verify_file(&file).unwrap().findings;
        assert!(
            findings.iter().any(|f| f.table.contains(table)),
            "{change}: {findings:?}"
        );
    }
    let mut dice = Dice(6);
    let expected = format!("{:?}", waves(&Reader::open(dir.path()).unwrap(), 0, 200, None));
    for _ in 0..60 {
        let mut bytes = whole.clone();
        let (at, bit) = (dice.roll(bytes.len()), dice.roll(8));
        bytes[at] ^= 1 << bit;
        fs::write(&file, bytes).unwrap();
        if verify_file(&file).unwrap().findings.is_empty() {
            let found = format!("{:?}", waves(&Reader::open_file(&file).unwrap(), 0, 200, None));
            assert!(found == expected, "bit {bit} of byte {at}");
        }
    }
}

#[test]
fn a_foreign_recording_becomes_a_session() {
    let out = scratch();
    let file = out.path().join("foreign.wardlight");
    let head = SessionHead {
        bed: place(),
        encounter: None,
        from: at(0),
        until: None,
        mode: GenerationMode::Real,
        about: vec![("format".to_owned(), "BDF".to_owned())],
    };
    let mut writer = SessionWriter::create(&file, head).unwrap();
    let spec = |label: &str, unit: &str, rate| LaneSpec {
        label: label.to_owned(),
        unit: unit.to_owned(),
        metric: None,
        rate,
    };
    let rate = SampleRate::new(512, 1).unwrap();
    let wide = writer.lane(spec("EEG Fpz", "uV", Some(rate))).unwrap();
    let number = writer.lane(spec("Solar8000/HR", "bpm", None)).unwrap();
    let samples: Vec<i32> = (0..512 * 200)
        .map(|n| {
            if n % 999 == 0 {
                NO_SAMPLE_WIDE
            } else {
                n * 70 - 3_000_000
            }
        })
        .collect();
    let scale = Scale::new(0.03125, 0.0).unwrap();
    for (second, block) in (0..).zip(samples.chunks(512)) {
        // A hole of ten seconds after the first hundred.
        let hole = if second >= 100 { 10 } else { 0 };
        writer.samples(wide, at(second + hole), scale, block).unwrap();
        writer
            .numeric(number, at(second), Quantity::from_thousandths(60_000))
            .unwrap();
    }
    assert!(writer.samples(wide, at(3), scale, &[1]).is_err(), "not in order");
    writer.finish().unwrap();
    assert_eq!(verify_file(&file).unwrap().findings, []);
    let reader = Reader::open_file(&file).unwrap();
    let lanes = reader.lanes().unwrap();
    let names: Vec<_> = lanes
        .iter()
        .map(|lane| (lane.label.as_str(), lane.unit.as_str()))
        .collect();
    assert_eq!(names, [("EEG Fpz", "uV"), ("Solar8000/HR", "bpm")]);
    let blocks: Vec<_> = reader
        .blocks(lanes[0].series, at(-9), at(999))
        .map(Result::unwrap)
        .collect();
    assert_eq!(blocks.iter().filter(|block| block.gap_before).count(), 1);
    let found: Vec<i32> = blocks.into_iter().flat_map(|block| block.samples).collect();
    assert!(found == samples, "{} of {}", found.len(), samples.len());
}
