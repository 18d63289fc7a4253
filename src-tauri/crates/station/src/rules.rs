//! Which limits are in force: profile, then configuration, then what a person changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use alert::profile::Profile;
use model::{JournalEntry, JournalKind, LimitRule, LimitsChange, MetricCode, Person, Quantity, ReceiptTime};

use crate::event::Refused;

/// Limits in force of one number of one bed, and where they come from.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleInForce {
    /// What is judged now; `None` where a person took the limits off.
    pub rule: Option<LimitRule>,
    /// What holds when nobody changes anything: configuration over profile.
    pub profile: Option<LimitRule>,
    /// Who changed it, why and when, where somebody did.
    pub changed: Option<Changed>,
    /// The low bound may not be set below this.
    pub low_floor: Option<Quantity>,
    /// The high bound may not be set above this.
    pub high_ceiling: Option<Quantity>,
}

impl RuleInForce {
    /// No limits, and nobody's doing.
    pub(crate) const NONE: Self = Self {
        rule: None,
        profile: None,
        changed: None,
        low_floor: None,
        high_ceiling: None,
    };
}

/// Who changed a limit, why and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Who.
    pub person: Person,
    /// Why, in their words.
    pub reason: String,
    /// When.
    pub at: ReceiptTime,
    /// Until when it holds; `None` for the whole stay.
    pub until: Option<ReceiptTime>,
}

/// The rules of one bed.
#[derive(Clone, Debug, Default)]
pub struct BedRules {
    rules: BTreeMap<MetricCode, RuleInForce>,
    profile: Arc<Profile>,
}

impl BedRules {
    /// From the profile, with the limits that the configuration gives this bed put over it.
    pub fn new(profile: Arc<Profile>, configured: &[(MetricCode, model::Limits)]) -> Self {
        let mut rules = BTreeMap::new();
        for row in &profile.limits {
            let rule = &row.rule;
            let limits = configured
                .iter()
                .rev()
                .find(|(m, _)| *m == rule.metric)
                .map_or(rule.limits, |(_, l)| *l);
            let rule = LimitRule { limits, ..*rule };
            rules.insert(
                rule.metric,
                RuleInForce {
                    rule: Some(rule),
                    profile: Some(rule),
                    changed: None,
                    low_floor: row.low_floor,
                    high_ceiling: row.high_ceiling,
                },
            );
        }
        for (metric, limits) in configured {
            rules.entry(*metric).or_insert_with(|| {
                let rule = LimitRule {
                    limits: *limits,
                    ..plain_rule(*metric, *limits)
                };
                RuleInForce {
                    rule: Some(rule),
                    profile: Some(rule),
                    changed: None,
                    low_floor: None,
                    high_ceiling: None,
                }
            });
        }
        Self { rules, profile }
    }

    /// The profile of the bed.
    pub fn profile(&self) -> &Arc<Profile> {
        &self.profile
    }

    /// Whether the profile lets a bed have these limits.
    pub fn allowed(&self, metric: MetricCode, limits: model::Limits) -> Result<(), Refused> {
        let Some(row) = self.profile.of(metric) else {
            return Ok(());
        };
        row.within_floors(limits)
            .map_err(|bound| Refused::Floor(bound.to_string()))
    }

    /// Changes whose time is over at `now`.
    pub fn run_out(&self, now: ReceiptTime) -> Vec<MetricCode> {
        let over = |r: &RuleInForce| {
            r.changed
                .as_ref()
                .and_then(|c| c.until)
                .is_some_and(|until| until <= now)
        };
        self.rules.iter().filter(|(_, r)| over(r)).map(|(m, _)| *m).collect()
    }

    /// The rules that are judged.
    pub fn judged(&self) -> Vec<LimitRule> {
        self.rules.values().filter_map(|r| r.rule).collect()
    }

    /// All, by metric.
    pub fn iter(&self) -> impl Iterator<Item = (MetricCode, &RuleInForce)> {
        self.rules.iter().map(|(m, r)| (*m, r))
    }

    /// One.
    pub fn get(&self, metric: MetricCode) -> Option<&RuleInForce> {
        self.rules.get(&metric)
    }

    /// The rule that new bounds make: priority, delay and hysteresis stay as they are.
    pub fn with_limits(&self, metric: MetricCode, limits: model::Limits) -> LimitRule {
        let base = self.get(metric).and_then(|r| r.rule.or(r.profile));
        LimitRule {
            limits,
            ..base.unwrap_or_else(|| plain_rule(metric, limits))
        }
    }

    /// Takes over what the journal says of the limits of a stay, entry by entry in its order.
    pub(crate) fn recall(&mut self, entry: &JournalEntry) {
        if let Some((change, changed)) = remembered(entry) {
            self.apply(&change, Some(changed));
        } else if let (JournalKind::LimitsRestored, Some(change)) = (entry.kind, entry.limits)
            && let Some(rule) = self.rules.get_mut(&change.metric)
        {
            rule.rule = rule.profile;
            rule.changed = None;
        }
    }

    /// The same profile and configuration as `bed`'s, with what a person changed in these.
    pub(crate) fn along_to(&self, bed: &Self) -> Self {
        let mut there = bed.fresh();
        for (metric, rule) in self.rules.iter().filter(|(_, r)| r.changed.is_some()) {
            let change = LimitsChange {
                metric: *metric,
                before: there.get(*metric).and_then(|r| r.rule),
                after: rule.rule,
                until: rule.changed.as_ref().and_then(|c| c.until),
            };
            there.apply(&change, rule.changed.clone());
        }
        there
    }

    /// The same with nothing changed by anybody.
    pub(crate) fn fresh(&self) -> Self {
        let mut fresh = self.clone();
        fresh.rules.retain(|_, r| r.profile.is_some());
        for rule in fresh.rules.values_mut() {
            rule.rule = rule.profile;
            rule.changed = None;
        }
        fresh
    }

    /// Takes over a change that is on disk.
    pub fn apply(&mut self, change: &LimitsChange, changed: Option<Changed>) {
        let entry = self.rules.entry(change.metric).or_insert(RuleInForce {
            rule: None,
            profile: None,
            changed: None,
            low_floor: None,
            high_ceiling: None,
        });
        entry.rule = change.after;
        entry.changed = changed.filter(|_| entry.rule != entry.profile);
    }
}

/// For a number of which the profile says nothing: medium, 10 s, no hysteresis.
pub(crate) fn plain_rule(metric: MetricCode, limits: model::Limits) -> LimitRule {
    LimitRule {
        metric,
        limits,
        priority: model::Priority::Medium,
        delay: std::time::Duration::from_secs(10),
        hysteresis: model::Quantity::from_thousandths(0),
    }
}

/// A change that the journal of this stay holds, and who made it. `None` for an entry that went back to the profile:
/// the configuration may have given the bed another since.
pub(crate) fn remembered(entry: &JournalEntry) -> Option<(LimitsChange, Changed)> {
    if entry.kind != JournalKind::LimitsChanged {
        return None;
    }
    let change = entry.limits?;
    let changed = Changed {
        person: entry.person.clone()?,
        reason: entry.reason.clone().unwrap_or_default(),
        at: entry.at,
        until: change.until,
    };
    Some((change, changed))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use model::{Limits, Priority, Quantity};

    use super::*;

    fn limits(low: i32, high: i32) -> Limits {
        Limits::new(Quantity::from_integer(low).ok(), Quantity::from_integer(high).ok()).unwrap()
    }

    fn hr(low: i32, high: i32) -> LimitRule {
        LimitRule {
            metric: MetricCode::HeartRate,
            limits: limits(low, high),
            priority: Priority::High,
            delay: Duration::from_secs(5),
            hysteresis: Quantity::from_thousandths(2_000),
        }
    }

    fn by_anyone() -> Changed {
        Changed {
            person: Person::new("Nurse A").unwrap(),
            reason: "athlete".into(),
            at: ReceiptTime::from_millis(1),
            until: Some(ReceiptTime::from_millis(9)),
        }
    }

    fn profile(rule: LimitRule) -> Arc<Profile> {
        let row = alert::profile::ProfileLimits {
            rule,
            worse_by: Quantity::from_thousandths(10_000),
            lifts: Vec::new(),
            low_floor: Quantity::from_integer(30).ok(),
            high_ceiling: Quantity::from_integer(180).ok(),
            auto: None,
            source: "a test".into(),
        };
        Arc::new(Profile {
            limits: vec![row],
            ..Profile::default()
        })
    }

    #[test]
    fn configuration_goes_over_the_profile_and_a_person_over_both() {
        let mut rules = BedRules::new(profile(hr(50, 120)), &[(MetricCode::HeartRate, limits(40, 120))]);
        assert_eq!(rules.judged(), [hr(40, 120)]);
        let after = rules.with_limits(MetricCode::HeartRate, limits(35, 110));
        assert_eq!(after, hr(35, 110));
        rules.apply(
            &LimitsChange {
                metric: MetricCode::HeartRate,
                before: None,
                after: Some(after),
                until: None,
            },
            Some(by_anyone()),
        );
        assert_eq!(rules.judged(), [hr(35, 110)]);
        assert_eq!(rules.get(MetricCode::HeartRate).unwrap().changed, Some(by_anyone()));
        assert_eq!(rules.run_out(ReceiptTime::from_millis(8)), []);
        assert_eq!(rules.run_out(ReceiptTime::from_millis(9)), [MetricCode::HeartRate]);
    }

    #[test]
    fn going_back_to_the_profile_is_not_remembered_as_limits() {
        let mut entry = JournalEntry::new(ReceiptTime::from_millis(1), JournalKind::LimitsRestored);
        entry.person = Person::new("Nurse A").ok();
        entry.limits = Some(LimitsChange {
            metric: MetricCode::HeartRate,
            before: None,
            after: Some(hr(50, 120)),
            until: None,
        });
        assert_eq!(remembered(&entry), None);
        entry.kind = JournalKind::LimitsChanged;
        assert!(remembered(&entry).is_some());
    }

    #[test]
    fn back_to_the_profile_is_no_difference_any_more() {
        let mut rules = BedRules::new(profile(hr(50, 120)), &[]);
        rules.apply(
            &LimitsChange {
                metric: MetricCode::HeartRate,
                before: None,
                after: Some(hr(50, 120)),
                until: None,
            },
            Some(by_anyone()),
        );
        assert_eq!(rules.get(MetricCode::HeartRate).unwrap().changed, None);
    }
}
