//! A stay has what was recorded while it lasted, and nothing from outside.

#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

mod kit;

use kit::{START, bed, numeric, open};
use model::{Bed, Encounter, EncounterId, Location, MetricCode, Patient, PatientId, ReceiptTime, Redacted};
use store::{Reader, Window};

fn stay(id: &str, patient: Option<&str>) -> Encounter {
    Encounter {
        id: EncounterId::new(id).unwrap(),
        patient: patient.map(|p| Patient {
            id: Redacted(PatientId::new(p).unwrap()),
            name: Redacted("DEMO, Patient".to_owned()),
        }),
    }
}

fn second(n: i64) -> ReceiptTime {
    ReceiptTime::from_micros(START + n * 1_000_000)
}

fn values(dir: &std::path::Path, stay: &str) -> Vec<i32> {
    let reader = Reader::open(dir).unwrap();
    let window = Window::all(bed("bed-01"), MetricCode::HeartRate).of(EncounterId::new(stay).unwrap());
    let values = reader
        .numerics(&window)
        .map(|n| n.unwrap().1.reading.quantity().unwrap());
    values.map(|q| q.thousandths() / 1_000).collect()
}

#[test]
fn what_a_bed_recorded_for_nobody_becomes_a_patients_from_a_chosen_time_and_can_be_taken_back() {
    let dir = tempfile::tempdir().unwrap();
    let (writer, _) = open(dir.path());
    let place = |at, who| {
        let bed = Bed {
            id: bed("bed-01"),
            label: "Bed 1".to_owned(),
            location: Location {
                unit: String::new(),
                room: None,
            },
        };
        writer.beds(at, vec![(bed, who)]);
    };
    let measure = |from: i64, to: i64| {
        for n in from..to {
            let value = numeric(START + n * 1_000_000, i32::try_from(n).unwrap() * 1_000);
            writer.numeric(&bed("bed-01"), &value);
        }
    };
    place(second(0), stay("nobody", None));
    measure(1, 10);
    writer.flush().unwrap();
    place(second(5), stay("theirs", Some("DEMO-1")));
    measure(10, 13);
    writer.flush().unwrap();
    assert_eq!(values(dir.path(), "nobody"), (1..5).collect::<Vec<_>>());
    assert_eq!(values(dir.path(), "theirs"), (5..13).collect::<Vec<_>>());
    let stays = Reader::open(dir.path()).unwrap().stays().unwrap();
    let at_seven: Vec<_> = stays.iter().filter(|s| s.holds(second(7))).collect();
    assert_eq!(at_seven.len(), 1);
    assert!(at_seven.iter().all(|s| s.encounter.patient.is_some()));

    // Taken back: it is nobody's again, from the same time on.
    place(second(5), stay("nobody", None));
    measure(13, 15);
    writer.flush().unwrap();
    assert_eq!(values(dir.path(), "theirs"), Vec::<i32>::new());
    assert_eq!(values(dir.path(), "nobody"), (1..15).collect::<Vec<_>>());
    writer.close().unwrap();
    let (_, opened) = open(dir.path());
    assert_eq!(opened.stays.len(), 3);
}
