//! The ward at a past second is what the wall showed then.

#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

use std::time::Duration;

use model::{BedId, MetricCode, Patient, PatientId, Redacted, Role, Side};
use station::history::Reader;
use station::past::ward_at;
use station::view::News;
use station::{Answer, Config, Running, Wish};

fn bed(n: u8) -> BedId {
    BedId::new(&format!("bed-0{n}")).unwrap()
}

/// What the wall shows: bed, alert, version, who answers for it; who lies where; what is paused.
type Wall = (
    Vec<(u64, u32, String, Option<String>)>,
    Vec<Option<String>>,
    Vec<(BedId, Side)>,
);

fn on_screens(news: &News) -> Wall {
    let open = news.alerts.values().filter(|a| !a.state.is_over() && a.place.is_some());
    let alerts = open.map(|a| told(&a.state)).collect();
    let number = |p: &Patient| p.id.0.to_string();
    let who = news
        .beds
        .values()
        .map(|b| b.config.encounter.patient.as_ref().map(number))
        .collect();
    let paused = news
        .pauses
        .values()
        .flatten()
        .map(|p| (p.bed.clone(), p.side))
        .collect();
    (alerts, who, paused)
}

fn told(alert: &model::AlertState) -> (u64, u32, String, Option<String>) {
    let owner = alert.owner.as_ref().map(ToString::to_string);
    (
        alert.id.0,
        alert.version,
        alert.bed.as_ref().unwrap().to_string(),
        owner,
    )
}

fn folded(dir: &std::path::Path, at: model::ReceiptTime) -> Wall {
    let ward = ward_at(&Reader::open(dir).unwrap(), at).unwrap();
    let mut alerts: Vec<_> = ward.beds.iter().flat_map(|b| &b.alerts).map(told).collect();
    alerts.sort();
    let who = ward
        .beds
        .iter()
        .map(|b| b.encounter.as_ref()?.patient.as_ref().map(|p| p.id.0.to_string()));
    let paused = ward
        .beds
        .iter()
        .flat_map(|b| &b.pauses)
        .map(|p| (p.bed.clone(), p.side));
    (alerts, who.collect(), paused.collect())
}

/// Both beds have lost their feed.
async fn both_lost(running: &Running) -> News {
    let wait = async {
        loop {
            let screen = running.station().open_screen().await.unwrap();
            let news = screen.take();
            if news.alerts.values().filter(|a| a.place.is_some()).count() == 2 {
                return news;
            }
            screen.any().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn folding_to_now_is_the_live_wall_after_everything_that_is_done() {
    let dir = tempfile::tempdir().unwrap();
    let bed_of = |n| format!("[[bed]]\nid = \"bed-0{n}\"\n[[bed.feed]]\nwebsocket = \"ws://127.0.0.1:9/feed\"\n");
    let config = Config::parse(&format!("{}{}", bed_of(1), bed_of(2))).unwrap();
    let running = station::start(dir.path(), config, None).unwrap();
    let station = running.station();
    let charge = station.put_person("C. Example".into(), Role::Charge, "13579".into(), false);
    charge.await.unwrap();
    station.sign_in("C. Example".into(), "13579".into()).await.unwrap();
    let lost = both_lost(&running).await;
    let first = lost.alerts.values().find(|a| a.place == Some(0)).unwrap().state.clone();
    let who = Patient {
        id: Redacted(PatientId::new("DEMO-1").unwrap()),
        name: Redacted("DEMO, Patient".to_owned()),
    };
    let wishes = [
        Wish::Answer {
            alert: first.id,
            version: first.version,
            answer: Answer::Acknowledge,
        },
        Wish::Admit {
            bed: bed(1),
            patient: who,
            admitted: None,
        },
        Wish::Pause {
            bed: bed(1),
            metric: MetricCode::HeartRate,
            side: Side::High,
            seen: None,
            lasts: Duration::from_mins(3),
            reason: "turned".into(),
        },
        Wish::Transfer {
            from: bed(1),
            to: bed(2),
        },
        Wish::UndoAdt { bed: bed(2) },
        Wish::Discharge { bed: bed(1) },
    ];
    let mut seen = Vec::new();
    for wish in wishes {
        station.wish(wish).await.unwrap();
        let live = on_screens(&running.station().open_screen().await.unwrap().take());
        let now = station.now();
        // The store writes who lies where with its next batch of data.
        let same = async {
            while folded(dir.path(), now) != live {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let in_time = tokio::time::timeout(Duration::from_secs(20), same).await;
        assert!(in_time.is_ok(), "{:?} is not {live:?}", folded(dir.path(), now));
        seen.push((now, live));
    }
    running.stop().await.unwrap();
    // What was done later changes nothing of what the ward was then, but for what was taken back.
    for (at, live) in seen.iter().take(3).chain(seen.iter().skip(4)) {
        assert_eq!(folded(dir.path(), *at), *live);
    }
}
