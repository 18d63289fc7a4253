//! The ward at a past second is what it was then.

#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

mod kit;

use kit::{bed, config, limits, lost, signed_in, start};
use model::{ReceiptTime, Role, SignalPresence};
use station::history::Reader;
use station::past::{BedAt, WardAt, ward_at};
use station::{Answer, Wish};

fn at(dir: &std::path::Path, at: ReceiptTime) -> WardAt {
    ward_at(&Reader::open(dir).unwrap(), at).unwrap()
}

fn only(ward: &WardAt) -> &BedAt {
    ward.beds.first().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_says_who_lay_there_what_was_open_and_who_had_answered_at_that_second() {
    let dir = tempfile::tempdir().unwrap();
    let running = start(dir.path(), config("DEMO-1"));
    signed_in(&running, "N. Example", Role::Nurse).await;
    let station = running.station();
    let alert = lost(&running).await.state;
    let unanswered = station.now();
    station.wish(limits(40, 110)).await.unwrap();
    let answered = Wish::Answer {
        alert: alert.id,
        version: alert.version,
        answer: Answer::Acknowledge,
    };
    station.wish(answered).await.unwrap();
    let seen = station.now();
    let live = lost(&running).await.state;
    running.stop().await.unwrap();
    let running = start(dir.path(), config("DEMO-2"));
    let next = running.station().now();
    running.stop().await.unwrap();

    let before = at(dir.path(), ReceiptTime::from_micros(alert.raised_at.as_micros() - 1));
    assert!(before.running && only(&before).alerts.is_empty());

    let then = at(dir.path(), unanswered);
    let open = only(&then).alerts.first().unwrap();
    assert_eq!((open.id, open.signal), (alert.id, SignalPresence::On));
    assert!(only(&then).limits.is_empty());

    let then = at(dir.path(), seen);
    assert_eq!(
        only(&then).alerts,
        [live],
        "folded to that second it is what the screens had"
    );
    assert_eq!(only(&then).alerts[0].owner.as_ref().unwrap().as_str(), "N. Example");
    let (change, by, reason) = only(&then).limits.first().unwrap();
    assert_eq!(change.metric, model::MetricCode::HeartRate);
    assert_eq!(
        (by.as_ref().unwrap().as_str(), reason.as_deref()),
        ("N. Example", Some("athlete"))
    );

    let patient = |ward: &WardAt| {
        let patient = only(ward).encounter.as_ref().unwrap().patient.clone();
        patient.unwrap().id.0.to_string()
    };
    assert_eq!(patient(&then), "DEMO-1");
    let then = at(dir.path(), next);
    assert_eq!(patient(&then), "DEMO-2");
    assert!(
        only(&then).limits.is_empty(),
        "the next patient has the profile's limits"
    );
    assert_eq!(only(&then).bed.id, bed());
}
