//! Polling over HTTP: a server that is asked again and again. `wire::poll` and `wire::nightscout` read its answers.

use std::time::Duration;

use model::{Connectivity, DeviceTime, LostBecause, Observation, ReceiptTime};
use reqwest::{Client, Url};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
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

/// Asks a server, and knows when it was asked last.
pub(crate) struct Poller {
    shape: Shape,
    asked: Option<Instant>,
    /// The server asked to be left alone until then.
    not_before: Option<Instant>,
}

/// What knows the shape of the answers, and where the last one ended.
enum Shape {
    Wardlight(poll::Session),
    Nightscout(nightscout::Session),
}

impl Poller {
    pub(crate) fn new(shape: PollShape) -> Self {
        Self {
            shape: match shape {
                PollShape::Wardlight => Shape::Wardlight(poll::Session::new()),
                PollShape::Nightscout => Shape::Nightscout(nightscout::Session::new()),
            },
            asked: None,
            not_before: None,
        }
    }

    /// When the server may be asked again: a period after it was asked last, also when that failed, and not before it
    /// wants to be. `None` when it may be asked at once.
    pub(crate) fn due(&self, period: Duration) -> Option<Instant> {
        let after_period = self.asked.map(|asked| asked + period.max(PERIOD_MIN));
        after_period.max(self.not_before)
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
        loop {
            if let Some(due) = self.due(*period) {
                sleep_until(due).await;
            }
            if let Err(end) = self.turn(&client, url, link, timing).await {
                return end;
            }
        }
    }

    /// Asks once and hands on what came.
    async fn turn(&mut self, client: &Client, url: &str, link: &mut Link, timing: &Timing) -> Result<(), End> {
        let url = self.address(url)?;
        self.asked = Some(Instant::now());
        self.not_before = None;
        let answer = within(timing.poll, "the answer", get(client, url))
            .await?
            .map_err(|failure| {
                self.not_before = failure.retry_after.map(|rest| Instant::now() + rest);
                failure.because
            })?;
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
        match &mut self.shape {
            Shape::Wardlight(session) => session.body(now, body),
            Shape::Nightscout(session) => session.body(now, server, body),
        }
    }

    fn too_long(&mut self) -> Step {
        match &mut self.shape {
            Shape::Wardlight(session) => session.too_long(),
            Shape::Nightscout(session) => session.too_long(),
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
        let more = match &self.shape {
            Shape::Wardlight(session) => session.query(),
            Shape::Nightscout(session) => {
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
