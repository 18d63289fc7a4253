//! Limits: changed by a person, around the values of now, or back when the time of a change is over.

use alert::rights::Deed;
use model::{Actor, BedId, JournalEntry, JournalKind, LimitRule, LimitsChange, MetricCode, ReceiptTime};

use super::Core;
use super::persons::{by_person, words};
use crate::durable::Publication;
use crate::event::{Answer, LimitsWish, Refused};
use crate::rules::Changed;

/// What is said of limits that go back because their time is over.
const TIME_IS_OVER: &str = "the time of the change is over";

impl Core {
    pub(super) fn limits(
        &mut self,
        now: ReceiptTime,
        (bed, metric): (BedId, MetricCode),
        wish: LimitsWish,
        (reason, until): (&str, Option<ReceiptTime>),
        answer: Answer<()>,
    ) -> Result<(), (Refused, Answer<()>)> {
        let checked = self
            .actor(now, Some(Deed::ChangeLimits))
            .and_then(|by| Ok((by, self.rule_wanted(&bed, metric, wish)?)));
        let (by, rule) = match checked {
            Ok(checked) => checked,
            Err(refused) => return Err((refused, answer)),
        };
        let Some(reason) = words(reason) else {
            return Err((Refused::NoReason, answer));
        };
        if until.is_some_and(|until| until <= now) {
            return Err((Refused::TooLate, answer));
        }
        let until = until.filter(|_| matches!(wish, LimitsWish::To(_)));
        self.put_limits(
            now,
            &bed,
            rule,
            Some((&by, until)),
            &reason,
            matches!(wish, LimitsWish::Profile),
            Some(answer),
        );
        Ok(())
    }

    /// The rule that a wish makes, if the profile allows it.
    fn rule_wanted(
        &self,
        bed: &BedId,
        metric: MetricCode,
        wish: LimitsWish,
    ) -> Result<(MetricCode, Option<LimitRule>), Refused> {
        let place = self.place(Some(bed));
        let state = place.and_then(|p| self.beds.get(usize::from(p)));
        let state = state.ok_or_else(|| Refused::NoSuchBed(bed.to_string()))?;
        match wish {
            LimitsWish::To(limits) => {
                state.rules.allowed(metric, limits)?;
                Ok((metric, Some(state.rules.with_limits(metric, limits).checked()?)))
            }
            // A number of which the profile says nothing has none again.
            LimitsWish::Profile => match state.rules.get(metric) {
                Some(rule) => Ok((metric, rule.profile)),
                None => Err(Refused::NoProfile(metric)),
            },
        }
    }

    /// Around the values of now, for every number for which the profile says how.
    pub(super) fn auto_limits(
        &mut self,
        now: ReceiptTime,
        bed: &BedId,
        reason: &str,
        answer: Answer<()>,
    ) -> Result<(), (Refused, Answer<()>)> {
        let by = match self.actor(now, Some(Deed::ChangeLimits)) {
            Ok(by) => by,
            Err(refused) => return Err((refused, answer)),
        };
        let Some(reason) = words(reason) else {
            return Err((Refused::NoReason, answer));
        };
        let place = self.place(Some(bed));
        let Some(state) = place.and_then(|p| self.beds.get(usize::from(p))) else {
            return Err((Refused::NoSuchBed(bed.to_string()), answer));
        };
        let fresh = |metric: MetricCode| {
            let (numeric, _) = state.numerics.get(&metric)?;
            let is_fresh = now.since(numeric.received_at) < numeric.timing.stale_after();
            numeric.reading.quantity().filter(|_| is_fresh)
        };
        let wanted: Vec<LimitRule> = state
            .rules
            .profile()
            .limits
            .iter()
            .filter_map(|row| {
                let metric = row.rule.metric;
                let limits = row.auto(fresh(metric)?)?;
                state.rules.with_limits(metric, limits).checked().ok()
            })
            .collect();
        if wanted.is_empty() {
            return Err((Refused::NothingToGoBy, answer));
        }
        for rule in wanted {
            self.put_limits(
                now,
                bed,
                (rule.metric, Some(rule)),
                Some((&by, None)),
                &reason,
                false,
                None,
            );
        }
        self.journal(Vec::new(), vec![Publication::Answer(answer)]);
        Ok(())
    }

    /// Changes whose time is over: the profile's limits hold again, and the journal says so.
    pub(super) fn limits_run_out(&mut self, now: ReceiptTime) {
        let mut over = Vec::new();
        for state in &self.beds {
            let bed = &state.view.config.bed.id;
            let metrics = state.rules.run_out(now).into_iter();
            over.extend(metrics.map(|m| (bed.clone(), m, state.rules.get(m).and_then(|r| r.profile))));
        }
        for (bed, metric, profile) in over {
            self.put_limits(now, &bed, (metric, profile), None, TIME_IS_OVER, true, None);
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "a change of a limit is that many words: bed, number, rule, who, why, back or not"
    )]
    fn put_limits(
        &mut self,
        now: ReceiptTime,
        bed: &BedId,
        (metric, rule): (MetricCode, Option<LimitRule>),
        by: Option<(&Actor, Option<ReceiptTime>)>,
        reason: &str,
        is_back: bool,
        answer: Option<Answer<()>>,
    ) {
        let Some(place) = self.place(Some(bed)) else { return };
        let before = self.beds.get(usize::from(place)).and_then(|b| b.rules.get(metric));
        let until = by.and_then(|(_, until)| until);
        let change = LimitsChange {
            metric,
            before: before.and_then(|r| r.rule),
            after: rule,
            until,
        };
        let kind = if is_back {
            JournalKind::LimitsRestored
        } else {
            JournalKind::LimitsChanged
        };
        let mut entry = match by {
            Some((actor, _)) => by_person(now, kind, actor),
            None => JournalEntry::new(now, kind),
        };
        entry.bed = Some(bed.clone());
        entry.reason = Some(reason.to_owned());
        entry.limits = Some(change);
        let changed = by.filter(|_| !is_back).map(|(actor, until)| Changed {
            person: actor.person.clone(),
            reason: reason.to_owned(),
            at: now,
            until,
        });
        let mut publications = vec![Publication::Limits(place, change, changed)];
        publications.extend(answer.map(Publication::Answer));
        self.journal(vec![entry], publications);
        // The engine judges by the new limit at once; screens show it when it is on disk.
        self.step(
            now,
            &alert::Event::Rule {
                bed: bed.clone(),
                metric,
                rule,
            },
        );
    }
}
