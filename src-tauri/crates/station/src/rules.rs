//! Which limits are in force: profile, then configuration, then what a person changed.

use std::collections::BTreeMap;

use model::{BedId, LimitRule, LimitsChange, MetricCode, Person, ReceiptTime};

/// Limits in force of one number of one bed, and where they come from.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleInForce {
    /// What is judged now; `None` where a person took the limits off.
    pub rule: Option<LimitRule>,
    /// What holds when nobody changes anything: configuration over profile.
    pub profile: Option<LimitRule>,
    /// Who changed it, why and when, where somebody did.
    pub changed: Option<Changed>,
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
}

/// The rules of one bed.
#[derive(Clone, Debug, Default)]
pub struct BedRules(BTreeMap<MetricCode, RuleInForce>);

impl BedRules {
    /// From the profile, with the limits that the configuration gives this bed put over it.
    pub fn new(profile: &[LimitRule], configured: &[(MetricCode, model::Limits)]) -> Self {
        let mut rules = BTreeMap::new();
        for rule in profile {
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
                }
            });
        }
        Self(rules)
    }

    /// The rules that are judged.
    pub fn judged(&self) -> Vec<LimitRule> {
        self.0.values().filter_map(|r| r.rule).collect()
    }

    /// All, by metric.
    pub fn iter(&self) -> impl Iterator<Item = (MetricCode, &RuleInForce)> {
        self.0.iter().map(|(m, r)| (*m, r))
    }

    /// One.
    pub fn get(&self, metric: MetricCode) -> Option<&RuleInForce> {
        self.0.get(&metric)
    }

    /// The rule that new bounds make: priority, delay and hysteresis stay as they are.
    pub fn with_limits(&self, metric: MetricCode, limits: model::Limits) -> LimitRule {
        let base = self.get(metric).and_then(|r| r.rule.or(r.profile));
        LimitRule {
            limits,
            ..base.unwrap_or_else(|| plain_rule(metric, limits))
        }
    }

    /// Takes over a change that is on disk.
    pub fn apply(&mut self, change: &LimitsChange, changed: Changed) {
        let entry = self.0.entry(change.metric).or_insert(RuleInForce {
            rule: None,
            profile: None,
            changed: None,
        });
        entry.rule = change.after;
        entry.changed = (entry.rule != entry.profile).then_some(changed);
    }
}

/// For a number of which the profile says nothing: medium, 10 s, no hysteresis.
fn plain_rule(metric: MetricCode, limits: model::Limits) -> LimitRule {
    LimitRule {
        metric,
        limits,
        priority: model::Priority::Medium,
        delay: std::time::Duration::from_secs(10),
        hysteresis: model::Quantity::from_thousandths(0),
    }
}

/// A change that history knows, for [`BedRules::apply`].
#[derive(Clone, Debug)]
pub struct RememberedChange {
    /// Which bed.
    pub bed: BedId,
    /// What.
    pub change: LimitsChange,
    /// By whom, why, when.
    pub changed: Changed,
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
        }
    }

    #[test]
    fn configuration_goes_over_the_profile_and_a_person_over_both() {
        let mut rules = BedRules::new(&[hr(50, 120)], &[(MetricCode::HeartRate, limits(40, 120))]);
        assert_eq!(rules.judged(), [hr(40, 120)]);
        let after = rules.with_limits(MetricCode::HeartRate, limits(35, 110));
        assert_eq!(after, hr(35, 110));
        rules.apply(
            &LimitsChange {
                metric: MetricCode::HeartRate,
                before: None,
                after: Some(after),
            },
            by_anyone(),
        );
        assert_eq!(rules.judged(), [hr(35, 110)]);
        assert_eq!(rules.get(MetricCode::HeartRate).unwrap().changed, Some(by_anyone()));
    }

    #[test]
    fn back_to_the_profile_is_no_difference_any_more() {
        let mut rules = BedRules::new(&[hr(50, 120)], &[]);
        rules.apply(
            &LimitsChange {
                metric: MetricCode::HeartRate,
                before: None,
                after: Some(hr(50, 120)),
            },
            by_anyone(),
        );
        assert_eq!(rules.get(MetricCode::HeartRate).unwrap().changed, None);
    }
}
