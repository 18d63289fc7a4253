//! A feed's way to the loop: stamps, relays, and says each change of connectivity once.

use std::sync::Arc;

use model::{Clock, Connectivity, LostBecause, Observation, ReceiptTime};
use tokio::time::Instant;

use crate::{InboxGone, Outbox};

/// Why a connection is over.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It is to be made again.
    Lost(LostBecause),
    /// The station wanted it.
    Stopped,
    /// Nobody reads any more.
    Gone,
}

impl From<InboxGone> for End {
    fn from(InboxGone: InboxGone) -> Self {
        Self::Gone
    }
}

impl From<LostBecause> for End {
    fn from(because: LostBecause) -> Self {
        Self::Lost(because)
    }
}

/// A connection that was live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Life {
    /// Since when.
    pub(crate) since: Instant,
    /// Whether a number or a wave came.
    pub(crate) data: bool,
}

/// The outbox, the clock, and what was said last.
pub(crate) struct Link {
    outbox: Outbox,
    clock: Arc<dyn Clock>,
    said: Option<Connectivity>,
    life: Option<Life>,
}

impl Link {
    pub(crate) fn new(outbox: Outbox, clock: Arc<dyn Clock>) -> Self {
        Self {
            outbox,
            clock,
            said: None,
            life: None,
        }
    }

    /// The receipt time of what arrives now.
    pub(crate) fn now(&self) -> ReceiptTime {
        self.clock.now()
    }

    /// Says the state, if it is another than the one said last.
    pub(crate) async fn connectivity(&mut self, state: Connectivity) -> Result<(), InboxGone> {
        if self.said.as_ref() == Some(&state) {
            return Ok(());
        }
        if state == Connectivity::Live {
            tracing::info!(feed = self.outbox.feed(), "live");
            self.life = Some(Life {
                since: Instant::now(),
                data: false,
            });
        }
        self.said = Some(state.clone());
        self.outbox.send(Observation::Connectivity(state), 0.0).await
    }

    /// Hands on what one message brought.
    pub(crate) async fn relay(&mut self, observations: Vec<Observation>, transit_ms: f32) -> Result<(), InboxGone> {
        for observation in observations {
            if matches!(observation, Observation::Numeric(_) | Observation::Wave(_))
                && let Some(life) = &mut self.life
            {
                life.data = true;
            }
            self.outbox.send(observation, transit_ms).await?;
        }
        Ok(())
    }

    /// The life of the connection that has just ended, if it was live at all.
    pub(crate) fn take_life(&mut self) -> Option<Life> {
        self.life.take()
    }
}
