//! The polling adapter against a Nightscout-like server that others wrote.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails loudly, and looks at the one observation it is about"
)]

mod kit;

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use feed::{FeedSource, PollShape};
use kit::{Station, patient};
use model::{LostBecause, MetricCode, Numeric, Observation, Redacted, Timeliness};

/// The port that stands in the server's source.
const PORT: u16 = 1337;

/// SHA-1 of the server's test secret, which is what Nightscout takes as `api-secret`.
const API_SECRET: &str = "b2b16d1e009a732029babed97f420237cedd72e2";

/// The server, ended with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Server {
    fn start() -> Option<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/peers/nightscout_server.py");
        let free = TcpListener::bind(("127.0.0.1", PORT)).is_ok();
        if !script.exists() || !free {
            println!("left out: 1 tests that need ../shared/peers and port {PORT}");
            return None;
        }
        let child = Command::new("python3").arg(script).stderr(Stdio::null()).spawn();
        if child.is_err() {
            println!("left out: 1 tests that need python3");
        }
        child.ok().map(Self)
    }
}

fn source(secret: &str) -> FeedSource {
    FeedSource::Poll {
        url: format!("http://127.0.0.1:{PORT}"),
        shape: PollShape::Nightscout,
        period: Duration::from_millis(50),
        headers: vec![("api-secret".into(), Redacted(secret.into()))],
        ca_file: None,
    }
}

fn glucose(observation: &Observation) -> Option<Numeric> {
    match observation {
        Observation::Numeric(n) => Some(n.clone()),
        _ => None,
    }
}

#[tokio::test]
async fn a_day_of_glucose_arrives_once_and_in_order() {
    let Some(_server) = Server::start() else { return };

    let mut station = Station::watching(source(API_SECRET), patient());
    // Until the server listens, the feed is lost and tries again by itself.
    station.live().await;
    let mut entries = Vec::new();
    while entries.len() < 288 {
        entries.push(station.find(glucose).await);
    }
    // What the server's source makes: one each 5 minutes up to 2017-08-01 03:58, from 110 on in steps of 7, modulo 60.
    // The server's clock is that of this machine and not the station's of the test, so only their distances count.
    let last = entries.last().unwrap().measured_at.as_millis();
    for (back, numeric) in entries.iter().rev().enumerate() {
        let back = i64::try_from(back).unwrap();
        assert_eq!(numeric.metric, MetricCode::Glucose);
        assert_eq!(last - numeric.measured_at.as_millis(), 300_000 * back);
        let value = numeric.reading.quantity().unwrap().thousandths();
        assert_eq!(i64::from(value), (110 + back * 7 % 60) * 1_000);
        assert_eq!(numeric.timeliness, Timeliness::Late, "a day of 2017 is history");
    }
    // The next answers are empty: what is known is not asked for again.
    for _ in 0..2 {
        station
            .find(|o| match o {
                Observation::Numeric(n) => panic!("again: {n:?}"),
                Observation::Alive => Some(()),
                _ => None,
            })
            .await;
    }
    station.stop().await;

    let mut stranger = Station::watching(source("wrong"), patient());
    let because = stranger.lost().await;
    assert!(
        matches!(&because, LostBecause::Refused(why) if why.contains("station.toml")),
        "{because}"
    );
}
