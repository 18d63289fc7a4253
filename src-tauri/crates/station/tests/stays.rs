//! What belongs to a stay stays with it, and what a person does has a name.

#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

mod kit;

use kit::{bed, config, hr_low, limits, lost, signed_in, start};

use std::path::Path;
use std::time::Duration;

use model::Role;
use station::history::Reader;
use station::{Answer, Config, Refused, Wish};

#[tokio::test(flavor = "multi_thread")]
async fn limits_of_one_patient_are_not_those_of_the_next() {
    let dir = tempfile::tempdir().unwrap();
    let running = start(dir.path(), config("DEMO-1"));
    signed_in(&running, "N. Example", Role::Nurse).await;
    running.station().wish(limits(40, 110)).await.unwrap();
    assert_eq!(hr_low(&running).await, 40);
    running.stop().await.unwrap();

    let running = start(dir.path(), config("DEMO-2"));
    assert_eq!(hr_low(&running).await, 50, "the next patient has the profile's limits");
    running.stop().await.unwrap();

    let running = start(dir.path(), config("DEMO-1"));
    assert_eq!(hr_low(&running).await, 50, "who comes back begins a stay of their own");
    running.stop().await.unwrap();

    let running = start(dir.path(), config("DEMO-1"));
    signed_in(&running, "N. Example", Role::Nurse).await;
    running.station().wish(limits(42, 110)).await.unwrap();
    running.stop().await.unwrap();
    let running = start(dir.path(), config("DEMO-1"));
    assert_eq!(hr_low(&running).await, 42, "a stay that goes on keeps its limits");
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_alert_ends_with_its_stay_and_not_with_a_broken_configuration() {
    let dir = tempfile::tempdir().unwrap();
    let running = start(dir.path(), config("DEMO-1"));
    let raised = lost(&running).await;
    running.stop().await.unwrap();

    let none = Config {
        name: "Wardlight".into(),
        beds: Vec::new(),
    };
    let running = station::start(dir.path(), none, Some("line 1: broken".into())).unwrap();
    running.stop().await.unwrap();
    let open = |dir: &Path| {
        let standing = Reader::open(dir).unwrap().standing().unwrap();
        let alerts = standing.into_iter().filter_map(|e| e.alert);
        alerts
            .filter(|a| !a.is_over() && a.bed.is_some())
            .map(|a| a.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(open(dir.path()), [raised.state.id]);

    let running = start(dir.path(), config("DEMO-2"));
    let anew = lost(&running).await;
    assert_ne!(
        anew.state.id, raised.state.id,
        "another patient's alert is another alert"
    );
    running.stop().await.unwrap();
    assert_eq!(open(dir.path()), [anew.state.id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_done_without_a_person_whose_role_allows_it() {
    let dir = tempfile::tempdir().unwrap();
    let running = start(dir.path(), config("DEMO-1"));
    let station = running.station();
    assert!(matches!(station.wish(limits(40, 110)).await, Err(Refused::NotSignedIn)));
    signed_in(&running, "E. Example", Role::Engineer).await;
    assert!(matches!(
        station.wish(limits(40, 110)).await,
        Err(Refused::NotAllowed { .. })
    ));
    let alert = lost(&running).await.state;
    let wish = |version| Wish::Answer {
        alert: alert.id,
        version,
        answer: Answer::Accept,
    };
    assert!(matches!(
        station.wish(wish(alert.version + 7)).await,
        Err(Refused::AlertChanged)
    ));
    station.wish(wish(alert.version)).await.unwrap();
    station.sign_out().await.unwrap();
    assert!(matches!(
        station.wish(wish(alert.version + 1)).await,
        Err(Refused::NotSignedIn)
    ));
    let wrong = station.sign_in("E. Example".into(), "0000".into()).await;
    assert!(matches!(wrong, Err(Refused::People(_))));
    running.stop().await.unwrap();
    let rows = Reader::open(dir.path()).unwrap().alerts(Some(&bed()), 10).unwrap();
    let accepted = rows
        .iter()
        .find(|r| r.entry.kind == model::JournalKind::AlertAccepted)
        .unwrap();
    assert_eq!(accepted.entry.person.as_ref().unwrap().as_str(), "E. Example");
    assert!(accepted.entry.encounter.is_some(), "an entry names its stay");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_has_a_time_goes_back_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let running = start(dir.path(), config("DEMO-1"));
    signed_in(&running, "N. Example", Role::Nurse).await;
    let station = running.station();
    let Wish::Limits {
        bed,
        metric,
        change,
        reason,
        ..
    } = limits(40, 110)
    else {
        return;
    };
    let wish = |until| Wish::Limits {
        bed: bed.clone(),
        metric,
        change,
        reason: reason.clone(),
        until: Some(until),
    };
    assert!(matches!(station.wish(wish(station.now())).await, Err(Refused::TooLate)));
    station
        .wish(wish(station.now().plus(Duration::from_millis(1_500))))
        .await
        .unwrap();
    assert_eq!(hr_low(&running).await, 40);
    let back = async {
        while hr_low(&running).await != 50 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), back).await.unwrap();
    running.stop().await.unwrap();
    let running = start(dir.path(), config("DEMO-1"));
    assert_eq!(hr_low(&running).await, 50, "and is not taken up again after a restart");
    running.stop().await.unwrap();
}
