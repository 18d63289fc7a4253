//! What people answer to an alert: who goes, who cannot, whom it is passed to, what is paused.

use crate::{BedId, MetricCode, Person, Priority, ReceiptTime, Side};

/// Whether somebody goes. Answering is not silencing: the alert sounds on until it is acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Response {
    /// Nobody has answered.
    None,
    /// A named person is going.
    Accepted,
    /// A named person cannot go; it was passed on at once.
    Declined,
}

impl Response {
    /// The word in files and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
        }
    }

    /// The inverse of [`Response::as_str`].
    pub fn parse(word: &str) -> Option<Self> {
        [Self::None, Self::Accepted, Self::Declined]
            .into_iter()
            .find(|r| r.as_str() == word)
    }
}

/// How far an alert that nobody answers has been passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rung {
    /// With whoever watches the bed.
    First,
    /// The same, louder.
    Louder,
    /// The second name.
    Second,
    /// Whoever is in charge of the ward. There is none above.
    Charge,
}

impl Rung {
    /// Every rung, upwards.
    pub const ALL: [Self; 4] = [Self::First, Self::Louder, Self::Second, Self::Charge];

    /// The word in files and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Louder => "louder",
            Self::Second => "second",
            Self::Charge => "charge",
        }
    }

    /// The inverse of [`Rung::as_str`].
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.as_str() == word)
    }

    /// The rung above; `None` above the last.
    pub const fn next(self) -> Option<Self> {
        match self {
            Self::First => Some(Self::Louder),
            Self::Louder => Some(Self::Second),
            Self::Second => Some(Self::Charge),
            Self::Charge => None,
        }
    }
}

/// One direction of one number of one bed is silent for a few minutes. Never a whole bed, never for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    /// Which bed.
    pub bed: BedId,
    /// Which number.
    pub metric: MetricCode,
    /// Which direction: pausing low leaves high as it is.
    pub side: Side,
    /// Who answers for it.
    pub by: Person,
    /// Why, in their words.
    pub reason: String,
    /// Since when.
    pub since: ReceiptTime,
    /// Until when.
    pub until: ReceiptTime,
    /// An alert above this priority is heard all the same.
    pub breaks_above: Priority,
}
