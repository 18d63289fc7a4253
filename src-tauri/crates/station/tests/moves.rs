//! Who lies where is changed while the ward runs, and nothing of one patient is another's.

#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

use std::path::Path;
use std::time::Duration;

use model::{BedId, JournalKind, Limits, MetricCode, Patient, PatientId, Quantity, Redacted, Role, Side};
use station::history::{JournalQuery, Reader};
use station::view::News;
use station::{Config, LimitsWish, Refused, Running, Wish};

fn config() -> Config {
    let bed = |n| format!("[[bed]]\nid = \"bed-0{n}\"\n[[bed.feed]]\nwebsocket = \"ws://127.0.0.1:9/feed\"\n");
    Config::parse(&format!("{}{}", bed(1), bed(2))).unwrap()
}

async fn start(dir: &Path) -> Running {
    let running = station::start(dir, config(), None).unwrap();
    let station = running.station();
    let put = |name: &str, role, pin: &str| station.put_person(name.into(), role, pin.into(), false);
    // From the second start on they are there.
    put("C. Example", Role::Charge, "13579").await.ok();
    station.sign_in("C. Example".into(), "13579".into()).await.unwrap();
    put("E. Example", Role::Engineer, "2468").await.ok();
    put("N. Example", Role::Nurse, "9753").await.ok();
    station.sign_in("N. Example".into(), "9753".into()).await.unwrap();
    running
}

fn bed(n: u8) -> BedId {
    BedId::new(&format!("bed-0{n}")).unwrap()
}

fn patient(number: &str) -> Patient {
    Patient {
        id: Redacted(PatientId::new(number).unwrap()),
        name: Redacted("DEMO, Patient".to_owned()),
    }
}

fn admit(n: u8, number: &str) -> Wish {
    Wish::Admit {
        bed: bed(n),
        patient: patient(number),
        admitted: None,
    }
}

fn limits(n: u8, low: i32) -> Wish {
    let q = |n| Quantity::from_integer(n).ok();
    Wish::Limits {
        bed: bed(n),
        metric: MetricCode::HeartRate,
        change: LimitsWish::To(Limits::new(q(low), q(110)).unwrap()),
        reason: "athlete".into(),
        until: None,
    }
}

async fn news(running: &Running) -> News {
    running.station().open_screen().await.unwrap().take()
}

/// The number of whoever lies in bed n, and the low limit of their heart rate.
async fn bed_now(running: &Running, n: u16) -> (Option<String>, i32) {
    let news = news(running).await;
    let stay = &news.beds.get(&(n - 1)).unwrap().config.encounter;
    let rule = news.limits.get(&(n - 1, MetricCode::HeartRate)).unwrap().rule.unwrap();
    let number = stay.patient.as_ref().map(|p| p.id.0.to_string());
    (number, rule.limits.low().unwrap().thousandths() / 1_000)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_who_is_admitted_has_nothing_from_before_and_stays_over_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let running = start(dir.path()).await;
    let station = running.station();
    station.wish(limits(1, 40)).await.unwrap();
    assert_eq!(bed_now(&running, 1).await, (None, 40));
    station.wish(admit(1, "DEMO-1")).await.unwrap();
    assert_eq!(bed_now(&running, 1).await, (Some("DEMO-1".to_owned()), 50));
    station.wish(limits(1, 45)).await.unwrap();
    for refused in [admit(1, "DEMO-2"), admit(2, "DEMO-1"), Wish::Discharge { bed: bed(2) }] {
        assert!(matches!(station.wish(refused).await, Err(Refused::Answer(_))));
    }
    running.stop().await.unwrap();

    let running = start(dir.path()).await;
    assert_eq!(bed_now(&running, 1).await, (Some("DEMO-1".to_owned()), 45));
    let station = running.station();
    station.wish(Wish::Discharge { bed: bed(1) }).await.unwrap();
    assert_eq!(bed_now(&running, 1).await, (None, 50));
    // Somebody who comes back begins a stay of their own, and what was is not erased.
    station.wish(admit(1, "DEMO-1")).await.unwrap();
    assert_eq!(bed_now(&running, 1).await, (Some("DEMO-1".to_owned()), 50));
    running.stop().await.unwrap();
    let reader = Reader::open(dir.path()).unwrap();
    let stays: Vec<_> = reader
        .stays()
        .unwrap()
        .into_iter()
        .filter(|s| s.bed == bed(1))
        .collect();
    let ids: Vec<_> = stays
        .iter()
        .map(|s| s.encounter.patient.as_ref().map(|p| p.id.0.to_string()))
        .collect();
    assert_eq!(ids, [None, Some("DEMO-1".to_owned()), None, Some("DEMO-1".to_owned())]);
    for (one, next) in stays.iter().zip(stays.iter().skip(1)) {
        assert_eq!(one.until, Some(next.from), "no time is nobody's, none is of two");
    }
    let sealed = JournalQuery {
        encounter: stays.get(1).map(|s| s.encounter.id.clone()),
        ..JournalQuery::default()
    };
    let kinds: Vec<_> = reader
        .journal(&sealed)
        .unwrap()
        .into_iter()
        .map(|r| r.entry.kind)
        .collect();
    assert!(kinds.contains(&JournalKind::LimitsChanged) && kinds.contains(&JournalKind::Admitted));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_takes_limits_and_pauses_along_and_can_be_taken_back() {
    let dir = tempfile::tempdir().unwrap();
    let running = start(dir.path()).await;
    let station = running.station();
    station.wish(admit(1, "DEMO-1")).await.unwrap();
    station.wish(limits(1, 45)).await.unwrap();
    let pause = Wish::Pause {
        bed: bed(1),
        metric: MetricCode::HeartRate,
        side: Side::Low,
        seen: None,
        lasts: Duration::from_mins(3),
        reason: "turned".into(),
    };
    station.wish(pause).await.unwrap();
    let transfer = Wish::Transfer {
        from: bed(1),
        to: bed(2),
    };
    station.wish(transfer.clone()).await.unwrap();
    assert!(matches!(station.wish(transfer).await, Err(Refused::Answer(_))));
    assert_eq!(bed_now(&running, 1).await, (None, 50));
    assert_eq!(bed_now(&running, 2).await, (Some("DEMO-1".to_owned()), 45));
    let paused = |news: &News| {
        let open = news.pauses.iter().filter(|(_, p)| p.is_some());
        open.map(|((place, ..), _)| *place).collect::<Vec<_>>()
    };
    assert_eq!(paused(&news(&running).await), [1]);
    running.stop().await.unwrap();

    let running = start(dir.path()).await;
    assert_eq!(bed_now(&running, 1).await, (None, 50));
    assert_eq!(bed_now(&running, 2).await, (Some("DEMO-1".to_owned()), 45));
    assert_eq!(paused(&news(&running).await), [1]);
    let station = running.station();
    station
        .wish(Wish::Transfer {
            from: bed(2),
            to: bed(1),
        })
        .await
        .unwrap();
    station.wish(limits(1, 42)).await.unwrap();
    station.wish(Wish::UndoAdt { bed: bed(1) }).await.unwrap();
    assert_eq!(bed_now(&running, 1).await, (None, 50));
    assert_eq!(bed_now(&running, 2).await, (Some("DEMO-1".to_owned()), 42));
    assert_eq!(paused(&news(&running).await), [1]);
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_recorded_for_nobody_is_joined_from_a_chosen_time_with_limits_and_can_be_taken_back() {
    let dir = tempfile::tempdir().unwrap();
    let running = start(dir.path()).await;
    let station = running.station();
    station.wish(limits(1, 40)).await.unwrap();
    let join = |from| Wish::JoinPatient {
        bed: bed(1),
        patient: patient("DEMO-1"),
        from,
    };
    let began = Reader::open(dir.path()).and_then(|r| r.stays()).unwrap();
    let began = began.first().map(|s| s.from);
    let chosen = began.map_or_else(|| station.now(), |from| from.plus(Duration::from_micros(1)));
    let early = chosen.minus(Duration::from_hours(1));
    assert!(matches!(station.wish(join(early)).await, Err(Refused::Answer(_))));
    station.wish(join(chosen)).await.unwrap();
    assert_eq!(
        bed_now(&running, 1).await,
        (Some("DEMO-1".to_owned()), 40),
        "limits are the same person's"
    );
    running.stop().await.unwrap();
    let running = start(dir.path()).await;
    assert_eq!(
        bed_now(&running, 1).await,
        (Some("DEMO-1".to_owned()), 40),
        "and are written down for the stay"
    );
    let stays = Reader::open(dir.path()).unwrap().stays().unwrap();
    let theirs = stays.iter().rfind(|s| s.bed == bed(1)).unwrap();
    assert_eq!((theirs.from, theirs.until), (chosen, None));
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_admit_is_refused_and_what_is_taken_back_is_in_the_journal() {
    let dir = tempfile::tempdir().unwrap();
    let running = start(dir.path()).await;
    let station = running.station();
    station.wish(admit(1, "DEMO-1")).await.unwrap();
    station.wish(limits(1, 45)).await.unwrap();
    station.wish(Wish::Discharge { bed: bed(1) }).await.unwrap();
    station.wish(Wish::UndoAdt { bed: bed(1) }).await.unwrap();
    assert_eq!(bed_now(&running, 1).await, (Some("DEMO-1".to_owned()), 45));
    station.wish(Wish::UndoAdt { bed: bed(1) }).await.unwrap();
    assert_eq!(bed_now(&running, 1).await, (None, 50));
    assert!(matches!(
        station.wish(Wish::UndoAdt { bed: bed(1) }).await,
        Err(Refused::Answer(_))
    ));
    station.sign_in("E. Example".into(), "2468".into()).await.unwrap();
    assert!(matches!(
        station.wish(admit(1, "DEMO-1")).await,
        Err(Refused::NotAllowed { .. })
    ));
    running.stop().await.unwrap();
    let rows = Reader::open(dir.path())
        .unwrap()
        .journal(&JournalQuery::default())
        .unwrap();
    let said = rows.iter().rev().filter(|r| r.entry.kind.says_who_lies_there());
    let said: Vec<_> = said
        .map(|r| (r.entry.kind.as_str(), r.entry.person.as_ref().unwrap().as_str()))
        .collect();
    let by = "N. Example";
    assert_eq!(
        said,
        [
            ("admitted", by),
            ("discharged", by),
            ("adt-undone", by),
            ("adt-undone", by)
        ]
    );
}
