//! Everything that can happen to the loop, and everything it can be asked. Both lists are closed.

use feed::Delivery;
use model::{AlertId, BedId, Limits, MetricCode, Person};
use store::{StoreError, StoreHealth};
use thiserror::Error;
use tokio::sync::oneshot;

use crate::screen::Screen;
use crate::view::Health;

/// What a turn of the loop is about.
#[derive(Debug)]
pub(crate) enum Event {
    /// Feeds brought something; the batch is in the loop's buffer.
    Deliveries(Vec<Delivery>),
    /// Somebody asks.
    Asked(Request),
    /// The journal entries of a ticket are on disk, or could not be written yet.
    Committed(u64, Result<(), StoreError>),
    /// History is written again, or is not.
    Store(StoreHealth),
    /// A tenth of a second has passed.
    Pulse,
    /// An alert has a time to keep.
    Deadline,
}

/// What the station can be asked.
#[derive(Debug)]
pub(crate) enum Request {
    Acknowledge {
        alert: AlertId,
        version: u32,
        by: Person,
        answer: Answer<()>,
    },
    ChangeLimits {
        bed: BedId,
        metric: MetricCode,
        change: LimitsWish,
        by: Person,
        reason: String,
        answer: Answer<()>,
    },
    OpenScreen {
        answer: oneshot::Sender<Screen>,
    },
    Sound(Health),
    PageDead(bool),
}

/// Where an answer goes.
pub(crate) type Answer<T> = oneshot::Sender<Result<T, Refused>>;

/// What a person wants a limit to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitsWish {
    /// These bounds.
    To(Limits),
    /// Those of the profile.
    Profile,
}

/// Why the station does not do what it was asked.
#[derive(Debug, Error)]
pub enum Refused {
    /// No such bed.
    #[error("there is no bed \"{0}\" in this station")]
    NoSuchBed(String),
    /// No such alert, or it is over.
    #[error("this alert is over; nothing is left to acknowledge")]
    AlertOver,
    /// It changed since the screen drew it.
    #[error("this alert changed while you looked at it; look again, then acknowledge it")]
    AlertChanged,
    /// The limits do not hold.
    #[error(transparent)]
    Limits(#[from] model::LimitsError),
    /// The profile says nothing of this number.
    #[error("the profile has no limits for {0}")]
    NoProfile(MetricCode),
    /// No reason given.
    #[error("a changed limit needs a reason: say in a word why")]
    NoReason,
    /// History cannot be read.
    #[error("history cannot be read: {0}")]
    Store(#[from] StoreError),
    /// The loop has ended.
    #[error("the station is stopping")]
    Stopping,
}
