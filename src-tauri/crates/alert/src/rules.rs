//! The profile's rules over several numbers: conditions like any other.

use model::{AlertKind, Cause, MetricCode, Quantity, ReceiptTime, Source};

use crate::combined::Combined;
use crate::formula::Term;
use crate::phase::{Desk, Draft};
use crate::place::Place;
use crate::profile::{CombinedRule, Profile};

/// A rule and what it has seen.
#[derive(Clone, Debug)]
pub(crate) struct Watched {
    rule: CombinedRule,
    seen: Combined,
}

impl Watched {
    /// Nothing has been seen: another patient.
    pub(crate) fn forget(&mut self) {
        self.seen = Combined::new(&self.rule.when);
    }

    fn looks_at(&self, metric: MetricCode) -> bool {
        self.rule.when.terms().iter().any(|term| match term {
            Term::Beyond { metric: m, .. } | Term::Moved { metric: m, .. } => *m == metric,
        })
    }
}

impl Place {
    /// The rules of the bed's profile, all of them. What an earlier profile asked for is over.
    pub(crate) fn set_combined(&mut self, desk: &mut Desk<'_>, now: ReceiptTime, profile: &Profile) {
        let before = std::mem::take(&mut self.combined);
        for rule in &profile.rules {
            let known = before.iter().find(|w| w.rule == *rule).cloned();
            self.combined.push(known.unwrap_or_else(|| Watched {
                rule: rule.clone(),
                seen: Combined::new(&rule.when),
            }));
        }
        let gone: Vec<Cause> = self
            .conditions
            .iter()
            .map(|c| &c.cause)
            .filter(|c| matches!(c, Cause::Rule { id } if !profile.rules.iter().any(|r| r.id == *id)))
            .cloned()
            .collect();
        for cause in gone {
            self.end(desk, now, &cause, None, Some("the profile has this rule no more"));
        }
    }

    /// A valid value came. A rule whose values are missing proves nothing and stays where it is.
    pub(crate) fn combine(
        &mut self,
        desk: &mut Desk<'_>,
        (at, now): (ReceiptTime, ReceiptTime),
        metric: MetricCode,
        value: Quantity,
    ) {
        for index in 0..self.combined.len() {
            let Some(watched) = self.combined.get_mut(index).filter(|w| w.looks_at(metric)) else {
                continue;
            };
            watched.seen.numeric(at, metric, Some(value));
            let (holds, over) = (watched.seen.holds(at), watched.seen.is_over(at));
            let cause = Cause::Rule {
                id: watched.rule.id.clone(),
            };
            if holds {
                let draft = Draft {
                    kind: AlertKind::Physiological,
                    source: Source::Station,
                    ..Draft::technical(watched.rule.priority, Some(watched.rule.when.to_string()))
                };
                let due = at.plus(watched.rule.when.lasts());
                self.begin(desk, (cause, None), (at, due, now), draft);
            } else if over {
                self.end(desk, now, &cause, None, None);
            }
        }
    }

    /// The value of a number is gone: terms about it do not hold until it is back.
    pub(crate) fn uncombine(&mut self, at: ReceiptTime, metric: MetricCode) {
        for watched in self.combined.iter_mut().filter(|w| w.looks_at(metric)) {
            watched.seen.numeric(at, metric, None);
        }
    }
}
