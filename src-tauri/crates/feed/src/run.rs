//! Runs one feed for ever: connect, converse, say why it ended, wait, again.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use model::{Clock, Connectivity, LostBecause};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};
use wire::native::Session;

use crate::backoff::Backoff;
use crate::link::{End, Link};
use crate::poll::Poller;
use crate::socket;
use crate::{FeedSetup, FeedSource, InboxGone, Outbox, Timing};

/// How long a feed that is told to stop may take to say goodbye.
const GOODBYE: Duration = Duration::from_millis(500);

/// Runs the feed until `stop` becomes `true` (or its sender is gone) or the inbox is gone. Never returns otherwise:
/// whatever happens to the connection is delivered as [`Connectivity`] and it tries again.
pub async fn run(setup: FeedSetup, outbox: Outbox, clock: Arc<dyn Clock>, stop: watch::Receiver<bool>) {
    run_with(setup, outbox, clock, stop, Timing::default()).await;
}

/// [`run`] with other waits than the usual ones.
pub async fn run_with(
    setup: FeedSetup,
    outbox: Outbox,
    clock: Arc<dyn Clock>,
    mut stop: watch::Receiver<bool>,
    timing: Timing,
) {
    let name = setup.source.display_name();
    let mut link = Link::new(outbox, clock);
    let mut backoff = Backoff::new(&setup, Instant::now());
    let mut adapter = Adapter::new(&setup);
    let mut said = None;
    loop {
        let end = {
            let attempt = AssertUnwindSafe(adapter.attempt(&setup, &mut link, &timing, &stop, backoff.attempt()));
            let mut late = stop.clone();
            tokio::select! {
                end = attempt.catch_unwind() => end.ok(),
                () = overdue(&mut late) => Some(End::Stopped),
            }
        };
        let end = end.unwrap_or_else(|| {
            // What it was in the middle of is worth nothing any more.
            adapter = Adapter::new(&setup);
            End::Lost(panicked())
        });
        let End::Lost(because) = end else {
            tracing::debug!(feed = setup.index, %name, "stopped");
            return;
        };
        let life = link.take_life();
        let now = Instant::now();
        let rest = adapter
            .due(&setup.source)
            .map_or(Duration::ZERO, |due| due.saturating_duration_since(now));
        let wait = backoff.after(now, life, &timing).max(rest);
        let wait_ms = wait.as_millis();
        if life.is_some() || said.as_ref() != Some(&because) {
            tracing::info!(feed = setup.index, bed = %setup.bed, %name, %because, wait_ms, "lost");
        } else {
            // An absent device fails the same way for days: once is enough for the log.
            tracing::debug!(feed = setup.index, %because, wait_ms, "still lost");
        }
        said = Some(because.clone());
        let rest = async {
            link.connectivity(Connectivity::Lost(because)).await?;
            sleep(wait).await;
            Ok::<(), InboxGone>(())
        };
        tokio::select! {
            rested = rest => if rested.is_err() { return },
            () = stopped(&mut stop) => return,
        }
    }
}

/// What speaks the feed's protocol, with what it remembers from one connection to the next.
enum Adapter {
    WebSocket(Box<Session>),
    Poll(Box<Poller>),
}

impl Adapter {
    fn new(setup: &FeedSetup) -> Self {
        match &setup.source {
            FeedSource::WebSocket { .. } => Self::WebSocket(Box::new(Session::new(&setup.station_name))),
            FeedSource::Poll { shape, .. } => Self::Poll(Box::new(Poller::new(*shape))),
        }
    }

    /// When the next attempt may be made at the earliest, where the peer or the configuration says so.
    fn due(&self, source: &FeedSource) -> Option<Instant> {
        match (self, source) {
            (Self::Poll(poller), FeedSource::Poll { period, .. }) => poller.due(*period),
            (Self::Poll(_) | Self::WebSocket(_), FeedSource::Poll { .. } | FeedSource::WebSocket { .. }) => None,
        }
    }

    async fn attempt(
        &mut self,
        setup: &FeedSetup,
        link: &mut Link,
        timing: &Timing,
        stop: &watch::Receiver<bool>,
        attempt: u32,
    ) -> End {
        if let Err(gone) = link.connectivity(Connectivity::Connecting { attempt }).await {
            return gone.into();
        }
        match self {
            Self::WebSocket(session) => socket::run(session, &setup.source, link, timing, stop).await,
            Self::Poll(poller) => poller.run(&setup.source, link, timing, stop).await,
        }
    }
}

fn panicked() -> LostBecause {
    LostBecause::Broken("reading it failed inside this station; the feed was started again, please report it".into())
}

/// Resolves when the feed is to stop.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error says that the sender is gone: so is the station.
    drop(stop.wait_for(|stop| *stop).await);
}

/// Resolves when the feed was to stop and had its time to say goodbye.
async fn overdue(stop: &mut watch::Receiver<bool>) {
    stopped(stop).await;
    sleep(GOODBYE).await;
}
