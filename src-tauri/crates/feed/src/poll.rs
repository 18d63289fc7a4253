//! Polling over HTTP: a server that is asked again and again. `wire::poll` and `wire::nightscout` read its answers.

use std::time::Duration;

use model::{Connectivity, DeviceTime, LostBecause, Observation, ReceiptTime};
use reqwest::{Client, Url};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};
use wire::native::Step;
use wire::{nightscout, poll};

use crate::connect::within;
use crate::http::{Answer, client, get};
use crate::link::{End, Link};
use crate::run::stopped;
use crate::{FeedSource, PollShape, Timing};

/// A server is not asked more often than this, whatever the configuration says.
const PERIOD_MIN: Duration = Duration::from_millis(10);

/// Where a Nightscout server keeps its entries, for an address that names the server only.
const NIGHTSCOUT_PATH: &str = "/api/v1/entries.json";

/// What knows the shape of the answers, and where the last one ended.
pub(crate) enum Poller {
    Wardlight(poll::Session),
    Nightscout(nightscout::Session),
}

impl Poller {
    pub(crate) fn new(shape: PollShape) -> Self {
        match shape {
            PollShape::Wardlight => Self::Wardlight(poll::Session::new()),
            PollShape::Nightscout => Self::Nightscout(nightscout::Session::new()),
        }
    }

    /// Asks until an answer does not come or cannot be read.
    pub(crate) async fn run(
        &mut self,
        source: &FeedSource,
        link: &mut Link,
        timing: &Timing,
        stop: &watch::Receiver<bool>,
    ) -> End {
        let mut stop = stop.clone();
        tokio::select! {
            biased;
            () = stopped(&mut stop) => End::Stopped,
            end = self.poll(source, link, timing) => end,
        }
    }

    async fn poll(&mut self, source: &FeedSource, link: &mut Link, timing: &Timing) -> End {
        let FeedSource::Poll {
            url,
            period,
            headers,
            ca_file,
            ..
        } = source
        else {
            return LostBecause::Refused("this feed is not one that is polled".into()).into();
        };
        let client = match client(url, headers, ca_file.as_deref(), timing).await {
            Ok(client) => client,
            Err(because) => return because.into(),
        };
        let mut turns = interval((*period).max(PERIOD_MIN));
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            turns.tick().await;
            if let Err(end) = self.turn(&client, url, link, timing).await {
                return end;
            }
        }
    }

    /// Asks once and hands on what came.
    async fn turn(&mut self, client: &Client, url: &str, link: &mut Link, timing: &Timing) -> Result<(), End> {
        let url = self.address(url)?;
        let answer = within(timing.poll, "the answer", get(client, url)).await??;
        let now = link.now();
        let step = match answer {
            Answer::Body(body, server) => self.body(now, server, &body),
            Answer::Unchanged => Step {
                observations: vec![Observation::Alive],
                ..Step::default()
            },
            Answer::TooLong => self.too_long(),
        };
        if step.fatal.is_none() {
            link.connectivity(Connectivity::Live).await?;
        }
        link.relay(step.observations, step.transit_ms).await?;
        step.fatal.map_or(Ok(()), |because| Err(because.into()))
    }

    fn body(&mut self, now: ReceiptTime, server: Option<DeviceTime>, body: &[u8]) -> Step {
        match self {
            Self::Wardlight(session) => session.body(now, body),
            Self::Nightscout(session) => session.body(now, server, body),
        }
    }

    fn too_long(&mut self) -> Step {
        match self {
            Self::Wardlight(session) => session.too_long(),
            Self::Nightscout(session) => session.too_long(),
        }
    }

    /// The configured address with the query that asks for what is new; a query of its own (a token) is kept.
    fn address(&self, url: &str) -> Result<Url, LostBecause> {
        let bad =
            || LostBecause::Refused("the address cannot be read; write http://host:port/path or https://…".into());
        let mut url = Url::parse(url).map_err(|_| bad())?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(bad());
        }
        let more = match self {
            Self::Wardlight(session) => session.query(),
            Self::Nightscout(session) => {
                if url.path() == "/" {
                    url.set_path(NIGHTSCOUT_PATH);
                }
                Some(session.query())
            }
        };
        if let Some(more) = more {
            let query = match url.query() {
                Some(own) if !own.is_empty() => format!("{own}&{more}"),
                Some(_) | None => more,
            };
            url.set_query(Some(&query));
        }
        Ok(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(shape: PollShape, url: &str) -> String {
        Poller::new(shape)
            .address(url)
            .map_or_else(|e| e.to_string(), |url| url.to_string())
    }

    #[test]
    fn the_address_keeps_its_own_query() {
        assert_eq!(
            asked(PollShape::Wardlight, "http://h:1/v?token=a"),
            "http://h:1/v?token=a"
        );
        assert_eq!(
            asked(PollShape::Nightscout, "http://h:1/api/v1/entries/sgv.json?token=a"),
            "http://h:1/api/v1/entries/sgv.json?token=a&count=288"
        );
    }

    #[test]
    fn a_nightscout_server_may_be_named_alone() {
        assert_eq!(
            asked(PollShape::Nightscout, "https://h"),
            "https://h/api/v1/entries.json?count=288"
        );
    }

    #[test]
    fn an_address_that_is_none_is_said_so() {
        for url in ["bed seven", "ftp://h/", "ws://h/feed", "http://"] {
            assert!(
                asked(PollShape::Wardlight, url).contains("http://host:port/path"),
                "{url}"
            );
        }
    }
}
