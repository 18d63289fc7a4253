//! A station of one bed whose feed is lost at once, and people who act on it.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    dead_code,
    reason = "each test takes what it needs"
)]

use std::path::Path;
use std::time::Duration;

use model::{BedId, Limits, MetricCode, Quantity, Role};
use station::view::{AlertView, News};
use station::{Config, LimitsWish, Running, Wish};

/// Port 9 of loopback: nobody listens there, so the feed is lost at once.
pub fn config(patient: &str) -> Config {
    let text = format!(
        "[[bed]]\nid = \"bed-01\"\npatient = {{ id = \"{patient}\", name = \"DEMO, Patient\" }}\n\
         [[bed.feed]]\nwebsocket = \"ws://127.0.0.1:9/feed\"\n"
    );
    Config::parse(&text).unwrap()
}

pub fn start(dir: &Path, config: Config) -> Running {
    station::start(dir, config, None).unwrap()
}

pub fn bed() -> BedId {
    BedId::new("bed-01").unwrap()
}

pub async fn signed_in(running: &Running, name: &str, role: Role) {
    let station = running.station();
    let first = station.put_person("C. Example".into(), Role::Charge, "13579".into(), false);
    first.await.ok();
    station.sign_in("C. Example".into(), "13579".into()).await.unwrap();
    if role != Role::Charge {
        let put = station.put_person(name.into(), role, "2468".into(), false);
        put.await.ok();
        station.sign_in(name.into(), "2468".into()).await.unwrap();
    }
}

pub fn hr(low: i32, high: i32) -> LimitsWish {
    let q = |n| Quantity::from_integer(n).ok();
    LimitsWish::To(Limits::new(q(low), q(high)).unwrap())
}

pub fn limits(low: i32, high: i32) -> Wish {
    Wish::Limits {
        bed: bed(),
        metric: MetricCode::HeartRate,
        change: hr(low, high),
        reason: "athlete".into(),
        until: None,
    }
}

pub async fn news(running: &Running) -> News {
    running.station().open_screen().await.unwrap().take()
}

pub async fn hr_low(running: &Running) -> i32 {
    let news = news(running).await;
    let rule = news.limits.get(&(0, MetricCode::HeartRate)).unwrap().rule.unwrap();
    rule.limits.low().unwrap().thousandths() / 1_000
}

/// The alert of the lost feed, as soon as it is there.
pub async fn lost(running: &Running) -> AlertView {
    let screen = running.station().open_screen().await.unwrap();
    let wait = async {
        loop {
            if let Some(alert) = screen.take().alerts.values().find(|a| a.place == Some(0)) {
                return alert.clone();
            }
            screen.any().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait).await.unwrap()
}
