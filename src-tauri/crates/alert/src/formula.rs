//! Conditions over several numbers, or over how one moves.

use std::time::Duration;

use model::{MetricCode, Quantity, Side};

/// All of its terms must hold at once, for as long as it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formula {
    terms: Vec<Term>,
    lasts: Duration,
}

/// One part of a formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// The number is beyond a bound (exclusive, as limits are): `SPO2 < 90`.
    Beyond {
        /// Which number.
        metric: MetricCode,
        /// `Low`: below; `High`: above.
        side: Side,
        /// The bound.
        bound: Quantity,
    },
    /// The number has moved by so much or more within a time: `RR rose by 8 in 30 min`.
    Moved {
        /// Which number.
        metric: MetricCode,
        /// `High`: it rose, counted from its least value within the time; `Low`: it fell, from its greatest.
        side: Side,
        /// By how much, in the metric's unit.
        by: Quantity,
        /// Within this time before now.
        within: Duration,
    },
}

impl Formula {
    /// Its terms: one at least.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// How long it must hold before it is an alert.
    pub const fn lasts(&self) -> Duration {
        self.lasts
    }
}
impl std::fmt::Display for Formula {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.terms)
    }
}
