//! Stays: a patient leaves a bed, comes into one, or goes from one to another.

use std::collections::HashMap;

use model::{AlertId, BedId, Cause, ConditionPresence, JournalKind, Pause, Person, ReceiptTime, SignalPresence};

use crate::episode::Episode;
use crate::event::PauseChange;
use crate::phase::{Condition, Desk, Phase};
use crate::place::{Place, is_spent};
use crate::score::Scoring;

/// Said of a limit alert that came along: no value has been seen in the new bed yet.
const NOT_MEASURED_HERE: &str = "no value since the patient was moved";

/// What goes with a patient from one bed to another.
#[derive(Debug, Default)]
pub(crate) struct Luggage {
    conditions: Vec<Condition>,
    pauses: Vec<Pause>,
    episodes: Vec<Episode>,
    scoring: Scoring,
}

/// Whether a condition is about the patient and found by this station, not about the bed's equipment.
const fn is_of_patient(cause: &Cause) -> bool {
    match cause {
        Cause::Limit { .. } | Cause::Rule { .. } | Cause::EarlyWarning { .. } => true,
        Cause::Stale { .. }
        | Cause::SensorOff { .. }
        | Cause::InvalidValue { .. }
        | Cause::FeedLost
        | Cause::DeviceClock
        | Cause::Device { .. }
        | Cause::Disk
        | Cause::Sound
        | Cause::PageDead => false,
    }
}

/// Whether a condition ends when nobody, or somebody else, lies in the bed: a number of theirs that is missing, too. A
/// lost feed and what a device says go on until the device says otherwise.
const fn ends_with_the_stay(cause: &Cause) -> bool {
    is_of_patient(cause)
        || matches!(
            cause,
            Cause::Stale { .. } | Cause::SensorOff { .. } | Cause::InvalidValue { .. }
        )
}

impl Condition {
    /// Whoever it was about is not here any more: over, and seen by whoever said so.
    pub(crate) fn depart(&mut self, desk: &mut Desk<'_>, at: ReceiptTime, by: Option<&Person>, why: &str) {
        let Some(alert) = self.alert() else { return };
        let mut alert = alert.clone();
        alert.presence = ConditionPresence::Cleared;
        alert.signal = SignalPresence::Off;
        alert.owner = by.cloned();
        alert.realert_at = None;
        alert.text = Some(why.to_owned());
        desk.report(JournalKind::AlertCleared, at, &mut alert, by);
        self.phase = Phase::Latched { alert };
    }

    /// It goes on in another bed.
    pub(crate) fn come_to(&mut self, bed: &BedId, words: Option<String>) {
        let (Phase::Sounding { alert, .. }
        | Phase::Paused { alert, .. }
        | Phase::Acknowledged { alert, .. }
        | Phase::Latched { alert }) = &mut self.phase
        else {
            return;
        };
        alert.bed = Some(bed.clone());
        if words.is_some() {
            alert.text = words;
        }
    }
}

impl Place {
    /// Whoever lay here does not any more. What was about them is over, without a latch: whoever says so has seen it.
    /// Nothing of theirs is silent, missed or counted for the next.
    pub(crate) fn leave(&mut self, desk: &mut Desk<'_>, now: ReceiptTime, by: Option<&Person>, why: &str) {
        for pause in std::mem::take(&mut self.pauses) {
            desk.out.pauses.push(PauseChange {
                kind: JournalKind::PauseEnded,
                at: now,
                pause,
                person: by.cloned(),
            });
        }
        for condition in &mut self.conditions {
            if ends_with_the_stay(&condition.cause) {
                condition.depart(desk, now, by, why);
            }
        }
        let is_pending = |c: &Condition| matches!(c.phase, Phase::Pending { .. });
        self.conditions
            .retain(|c| !(is_spent(c) || is_pending(c) && ends_with_the_stay(&c.cause)));
        self.episodes.clear();
        for watch in &mut self.watches {
            watch.value = None;
            watch.measured = false;
            watch.retired = false;
            watch.stale_at = None;
            watch.fades_at = None;
        }
        for watched in &mut self.combined {
            watched.forget();
        }
        self.scoring = Scoring::default();
    }

    /// Takes out what goes with the patient. Their pauses end here, to go on where they come to.
    pub(crate) fn pack(&mut self, desk: &mut Desk<'_>, now: ReceiptTime, by: Option<&Person>) -> Luggage {
        let all = std::mem::take(&mut self.conditions);
        let goes = |c: &Condition| is_of_patient(&c.cause) && c.alert().is_some();
        let (conditions, stays): (Vec<_>, Vec<_>) = all.into_iter().partition(goes);
        self.conditions = stays;
        for pause in &self.pauses {
            desk.out.pauses.push(PauseChange {
                kind: JournalKind::PauseEnded,
                at: now,
                pause: pause.clone(),
                person: by.cloned(),
            });
        }
        Luggage {
            conditions,
            pauses: std::mem::take(&mut self.pauses),
            episodes: std::mem::take(&mut self.episodes),
            scoring: std::mem::take(&mut self.scoring),
        }
    }

    /// Puts down what came with the patient.
    pub(crate) fn unpack(&mut self, homes: &mut HashMap<AlertId, usize>, place: usize, bed: &BedId, luggage: Luggage) {
        for mut condition in luggage.conditions {
            condition.feed = None;
            let words = matches!(condition.cause, Cause::Limit { .. }).then(|| NOT_MEASURED_HERE.to_owned());
            condition.come_to(bed, words);
            if let Some(alert) = condition.alert() {
                homes.insert(alert.id, place);
            }
            self.conditions.push(condition);
        }
        for mut pause in luggage.pauses {
            pause.bed = bed.clone();
            self.take_pause(&pause);
        }
        self.episodes.extend(luggage.episodes);
        self.scoring = luggage.scoring.in_another_bed();
    }

    /// A stay begins or goes on here: what is open, paused and assessed is said anew, so that it is written down for
    /// that stay.
    pub(crate) fn arrive(&mut self, desk: &mut Desk<'_>, now: ReceiptTime) {
        for pause in &self.pauses {
            desk.out.pauses.push(PauseChange {
                kind: JournalKind::Paused,
                at: now,
                pause: pause.clone(),
                person: Some(pause.by.clone()),
            });
        }
        for condition in &mut self.conditions {
            condition.change(desk, now, (JournalKind::AlertMoved, None), |_| {});
        }
        self.score_now(desk, now);
    }
}
