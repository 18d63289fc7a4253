//! What a profile is: limits and rules as data, each with its source. The files are read by the crate `station`.

use std::fmt;
use std::time::Duration;

use model::{LimitRule, Limits, MetricCode, Priority, Quantity, Side};

use crate::formula::Formula;
use crate::settings::Beyond;

/// Starting limits and rules for one kind of patient. A site reviews it; a bed may differ within its floors.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// What a configuration calls it: `adult`.
    pub name: String,
    /// What a person reads.
    pub title: String,
    /// Numbers with limits.
    pub limits: Vec<ProfileLimits>,
    /// Conditions over several numbers, or over how one moves.
    pub rules: Vec<CombinedRule>,
    /// The early warning score; `None` for patients to whom it does not apply (under 16, pregnancy).
    pub early_warning: Option<EarlyWarningRule>,
}

/// What a profile says of one number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileLimits {
    /// Limits, priority, delay and hysteresis.
    pub rule: LimitRule,
    /// A value further out by this much is a worse condition, in the metric's unit.
    pub worse_by: Quantity,
    /// Values from which the alert is more urgent than the rule says.
    pub lifts: Vec<Lift>,
    /// The low limit of a bed may not be set below this; `None` where the profile has no low limit.
    pub low_floor: Option<Quantity>,
    /// The high limit of a bed may not be set above this; `None` where the profile has no high limit.
    pub high_ceiling: Option<Quantity>,
    /// How "auto limits" derives limits from the value now; `None` where it must not (SpO₂ is never loosened).
    pub auto: Option<AutoLimits>,
    /// Where the values come from.
    pub source: String,
}

/// A value that makes a limit alert more urgent than its rule says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lift {
    /// Which side.
    pub side: Side,
    /// Beyond this (exclusive, as limits are).
    pub beyond: Quantity,
    /// The priority from there on, where the rule's own is lower.
    pub to: Priority,
}

/// Limits around the value now, kept between `least` and `most`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AutoLimits {
    /// The low limit.
    pub low: Around,
    /// The high limit.
    pub high: Around,
    /// The low limit is never below this.
    pub least: Quantity,
    /// The high limit is never above this.
    pub most: Quantity,
}

/// A limit from a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Around {
    /// The value times so many thousandths.
    Times(i32),
    /// The value plus this (negative for a low limit).
    Plus(Quantity),
}

/// A condition over several numbers, or over how one moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CombinedRule {
    /// Its id within the profile: letters, digits and `-`.
    pub id: String,
    /// When it holds.
    pub when: Formula,
    /// Priority of its alert.
    pub priority: Priority,
}

/// When the early warning score raises an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EarlyWarningRule {
    /// A sum of this or more is urgent: medium priority.
    pub urgent: u8,
    /// A sum of this or more is an emergency: high priority.
    pub emergency: u8,
    /// A single part of 3 is urgent: medium priority.
    pub single_three: bool,
    /// It must last this long.
    pub delay: Duration,
    /// What a person found at the bedside counts for this long.
    pub assessment_lasts: Duration,
}

impl Profile {
    /// What it says of one number.
    pub fn of(&self, metric: MetricCode) -> Option<&ProfileLimits> {
        self.limits.iter().find(|l| l.rule.metric == metric)
    }

    /// The priority of a limit alert whose rule says `rule` and whose worst value is `worst`.
    pub(crate) fn lifted(&self, metric: MetricCode, side: Side, worst: Quantity, rule: Priority) -> Priority {
        let lifts = self.of(metric).into_iter().flat_map(|l| &l.lifts);
        lifts
            .filter(|l| l.side == side && side.beyond(worst, l.beyond))
            .map(|l| l.to)
            .fold(rule, Priority::max)
    }

    /// The rules of its limits, as they are before anybody changes them.
    pub fn limit_rules(&self) -> Vec<LimitRule> {
        self.limits.iter().map(|l| l.rule).collect()
    }
}

/// Limits that a bed may not have on its profile; the text says what it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// Which number.
    pub metric: MetricCode,
    /// Which limit.
    pub side: Side,
    /// The furthest out that it may be.
    pub furthest: Quantity,
    /// The limit was to be taken off, rather than set too far out.
    pub taken_off: bool,
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (label, side, furthest) = (self.metric.label(), self.side.as_str(), self.furthest);
        let end = match self.side {
            Side::Low => "lowest",
            Side::High => "highest",
        };
        if self.taken_off {
            write!(
                f,
                "{label} {side} cannot be taken off on this profile; it can be set to {furthest} at the {end}"
            )
        } else {
            write!(
                f,
                "{label} {side} can be set to {furthest} at the {end} on this profile"
            )
        }
    }
}

impl std::error::Error for Bound {}

impl ProfileLimits {
    /// Limits around `value`, rounded inward to what the screen shows, within `least` and `most`, and never looser than
    /// floor and ceiling. `None` where the profile derives none, and where `value` would be outside of them: it stays
    /// with the limits that are.
    pub fn auto(&self, value: Quantity) -> Option<Limits> {
        let auto = self.auto?;
        let shown = 10_i64.pow(6_u32.saturating_sub(u32::from(self.rule.metric.decimals())));
        // Towards the value: a limit that is rounded is tighter, not looser.
        let low = millionths(-(-auto.low.of(value)).div_euclid(shown) * shown)?;
        let high = millionths(auto.high.of(value).div_euclid(shown) * shown)?;
        let low = low.max(auto.least).max(self.furthest(Side::Low).unwrap_or(low));
        let high = high.min(auto.most).min(self.furthest(Side::High).unwrap_or(high));
        let limits = Limits::new(Some(low), Some(high)).ok()?;
        limits.crossed_by(value).is_none().then_some(limits)
    }

    /// Whether a bed may have these limits: none further out than floor and ceiling, and none taken off that the
    /// profile has. A limit that the profile does not have may be added.
    pub fn within_floors(&self, limits: Limits) -> Result<(), Bound> {
        for side in [Side::Low, Side::High] {
            let bound = limits.bound(side);
            let Some(furthest) = self.furthest(side) else { continue };
            if bound.is_none_or(|bound| side.beyond(bound, furthest)) {
                return Err(Bound {
                    metric: self.rule.metric,
                    side,
                    furthest,
                    taken_off: bound.is_none(),
                });
            }
        }
        Ok(())
    }

    /// The furthest out that a bed's limit may be; without floor or ceiling the profile's own limit is one.
    fn furthest(&self, side: Side) -> Option<Quantity> {
        let furthest = match side {
            Side::Low => self.low_floor,
            Side::High => self.high_ceiling,
        };
        furthest.or(self.rule.limits.bound(side))
    }
}

impl Around {
    /// In millionths, in which a product is exact.
    fn of(self, value: Quantity) -> i64 {
        let value = i64::from(value.thousandths());
        match self {
            Self::Times(thousandths) => value * i64::from(thousandths),
            Self::Plus(by) => (value + i64::from(by.thousandths())) * 1_000,
        }
    }
}

/// `None` where it is no [`Quantity`].
fn millionths(millionths: i64) -> Option<Quantity> {
    i32::try_from(millionths.div_euclid(1_000))
        .ok()
        .map(Quantity::from_thousandths)
}

#[cfg(test)]
#[path = "profile_tests.rs"]
mod tests;
