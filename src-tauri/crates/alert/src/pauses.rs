//! Pauses: one direction of one number of one bed, for minutes, by a person with a reason.

use std::time::Duration;

use model::{Actor, AlertId, Cause, JournalKind, MetricCode, Pause, Person, Priority, ReceiptTime, Side};

use crate::event::PauseChange;
use crate::phase::{Desk, Phase};
use crate::place::Place;
use crate::rights::{Deed, actor_may};
use crate::{Effects, Refusal};

impl Place {
    /// The pause that covers a cause.
    pub(crate) fn pause_of(&self, cause: &Cause) -> Option<&Pause> {
        let (metric, side) = (cause.metric()?, cause.side()?);
        self.pauses.iter().find(|p| p.metric == metric && p.side == side)
    }

    /// Whether the alert that a person saw stands as they saw it.
    pub(crate) fn is_as_seen(&self, seen: Option<(AlertId, u32)>) -> Result<(), Refusal> {
        let Some((id, version)) = seen else { return Ok(()) };
        let alert = self.alerts().find(|a| a.id == id).ok_or(Refusal::Over)?;
        if alert.version == version {
            Ok(())
        } else {
            Err(Refusal::Changed {
                now_version: alert.version,
            })
        }
    }

    /// A person silences one direction of one number. One that is paused already gets the new time.
    pub(crate) fn begin_pause(
        &mut self,
        desk: &mut Desk<'_>,
        now: ReceiptTime,
        (metric, side): (MetricCode, Side),
        by: &Actor,
        (reason, lasts): (&str, Duration),
    ) -> Result<(), Refusal> {
        if !actor_may(by, Deed::Pause) {
            return Err(not_allowed(by, Deed::Pause));
        }
        if reason.trim().is_empty() {
            return Err(Refusal::NoReason);
        }
        let max = desk.settings.pause_max;
        if lasts.is_zero() || lasts > max {
            return Err(Refusal::PauseLength { max });
        }
        let cause = Cause::Limit { metric, side };
        let rule = self.rule(metric).filter(|r| r.limits.bound(side).is_some());
        let alert = self.conditions.iter().filter(|c| c.is_live() && c.cause == cause);
        let live = alert.filter_map(|c| c.alert()).map(|a| a.priority).max();
        let breaks_above = match (live, rule) {
            (None, None) => return Err(Refusal::NothingToPause),
            (live, rule) => live.max(rule.map(|r| r.priority)).unwrap_or(Priority::Low),
        };
        let Some(bed) = self.bed.clone() else {
            return Err(Refusal::NothingToPause);
        };
        let pause = Pause {
            bed,
            metric,
            side,
            by: by.person.clone(),
            reason: reason.trim().to_owned(),
            since: now,
            until: now.plus(lasts),
            breaks_above,
        };
        self.take_pause(&pause);
        report(desk.out, JournalKind::Paused, now, pause.clone(), Some(&by.person));
        for condition in self.conditions.iter_mut().filter(|c| c.cause == cause) {
            condition.pause(desk, &pause);
        }
        Ok(())
    }

    /// A pause is in force, replacing one of the same direction.
    pub(crate) fn take_pause(&mut self, pause: &Pause) {
        self.pauses
            .retain(|p| !(p.metric == pause.metric && p.side == pause.side));
        self.pauses.push(pause.clone());
    }

    /// A person ends a pause.
    pub(crate) fn end_pause(
        &mut self,
        desk: &mut Desk<'_>,
        now: ReceiptTime,
        (metric, side): (MetricCode, Side),
        by: &Actor,
    ) -> Result<(), Refusal> {
        if !actor_may(by, Deed::Pause) {
            return Err(not_allowed(by, Deed::Pause));
        }
        let found = self.pauses.iter().position(|p| p.metric == metric && p.side == side);
        let pause = self.pauses.remove(found.ok_or(Refusal::NotPaused)?);
        self.unpause(desk, now, pause, Some(&by.person));
        Ok(())
    }

    /// Pauses whose time is over.
    pub(crate) fn fire_pauses(&mut self, desk: &mut Desk<'_>, at: ReceiptTime) {
        while let Some(index) = self.pauses.iter().position(|p| p.until <= at) {
            let pause = self.pauses.remove(index);
            self.unpause(desk, at, pause, None);
        }
    }

    /// What is still there is heard again at once.
    fn unpause(&mut self, desk: &mut Desk<'_>, at: ReceiptTime, pause: Pause, by: Option<&Person>) {
        let cause = Cause::Limit {
            metric: pause.metric,
            side: pause.side,
        };
        report(desk.out, JournalKind::PauseEnded, at, pause, by);
        for condition in self.conditions.iter_mut().filter(|c| c.cause == cause) {
            if matches!(condition.phase, Phase::Paused { .. }) {
                condition.sound_again(desk, at, JournalKind::AlertRealerted);
            }
        }
    }
}

pub(crate) fn not_allowed(by: &Actor, deed: Deed) -> Refusal {
    Refusal::NotAllowed { role: by.role, deed }
}

fn report(out: &mut Effects, kind: JournalKind, at: ReceiptTime, pause: Pause, person: Option<&Person>) {
    out.pauses.push(PauseChange {
        kind,
        at,
        pause,
        person: person.cloned(),
    });
}
