//! Threshold limits.

use std::time::Duration;

use thiserror::Error;

use crate::{MetricCode, Priority, Quantity, Side};

/// Why limits are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LimitsError {
    /// Neither a low nor a high bound.
    #[error("limits need at least one bound; to take them off altogether, remove them with a person and a reason")]
    Empty,
    /// Low is not below high.
    #[error("the low limit must be below the high limit")]
    Crossed,
    /// A bound that no patient can cross.
    #[error("the limit is outside what the metric can be")]
    Implausible,
    /// A wave has no limits.
    #[error("limits belong to numbers, not to waves")]
    Wave,
}

/// A low bound, a high bound, or both; low below high.
///
/// **Exclusive**: a value equal to a limit is inside. `SpO2 90-100` alerts at 89, not at 90.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limits {
    low: Option<Quantity>,
    high: Option<Quantity>,
}

impl Limits {
    /// Limits with at least one bound, low below high.
    ///
    /// ```
    /// use model::{Limits, LimitsError, Quantity, Side};
    /// let q = |n| Quantity::from_integer(n).ok();
    /// let spo2 = Limits::new(q(90), q(100))?;
    /// assert_eq!(spo2.crossed_by(Quantity::from_thousandths(89_999)), Some(Side::Low));
    /// assert_eq!(spo2.crossed_by(Quantity::from_thousandths(90_000)), None);
    /// assert_eq!(Limits::new(None, None), Err(LimitsError::Empty));
    /// # Ok::<(), LimitsError>(())
    /// ```
    pub fn new(low: Option<Quantity>, high: Option<Quantity>) -> Result<Self, LimitsError> {
        match (low, high) {
            (None, None) => Err(LimitsError::Empty),
            (Some(l), Some(h)) if l >= h => Err(LimitsError::Crossed),
            _ => Ok(Self { low, high }),
        }
    }

    /// The low bound.
    pub const fn low(self) -> Option<Quantity> {
        self.low
    }

    /// The high bound.
    pub const fn high(self) -> Option<Quantity> {
        self.high
    }

    /// One of the two bounds.
    pub const fn bound(self, side: Side) -> Option<Quantity> {
        match side {
            Side::Low => self.low,
            Side::High => self.high,
        }
    }

    /// Which bound `value` is beyond.
    pub fn crossed_by(self, value: Quantity) -> Option<Side> {
        if self.low.is_some_and(|low| value < low) {
            Some(Side::Low)
        } else if self.high.is_some_and(|high| value > high) {
            Some(Side::High)
        } else {
            None
        }
    }
}

/// Limits of one metric of one bed with all that the engine needs to judge them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitRule {
    /// Which number.
    pub metric: MetricCode,
    /// The bounds.
    pub limits: Limits,
    /// Priority of the alert a crossing raises.
    pub priority: Priority,
    /// A crossing must last this long (condition delay).
    pub delay: Duration,
    /// The value must come back inside by this much, in the unit of the metric, before the alert clears.
    pub hysteresis: Quantity,
}

impl LimitRule {
    /// Checks that the bounds can be crossed at all and belong to a number.
    pub fn checked(self) -> Result<Self, LimitsError> {
        if self.metric.kind() == crate::Kind::Wave {
            return Err(LimitsError::Wave);
        }
        let plausible = |q: Option<Quantity>| q.is_none_or(|q| self.metric.is_plausible(q));
        if plausible(self.limits.low()) && plausible(self.limits.high()) {
            Ok(self)
        } else {
            Err(LimitsError::Implausible)
        }
    }
}
