//! What a profile is: limits and rules as data, each with its source. The files are read by the crate `station`.

use std::time::Duration;

use model::{LimitRule, MetricCode, Priority, Quantity, Side};

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

impl ProfileLimits {
    /// placeholder
    pub fn auto(&self, _: Quantity) -> Option<model::Limits> {
        None
    }
    /// placeholder
    pub fn within_floors(&self, _: model::Limits) -> Result<(), String> {
        Ok(())
    }
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
