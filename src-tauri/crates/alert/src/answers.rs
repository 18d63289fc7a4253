//! What people answer to an alert.

use model::{Actor, AlertId, Cause, JournalKind, ReceiptTime, Response, Rung, SignalPresence};

use crate::Refusal;
use crate::episode::Episode;
use crate::event::Answer;
use crate::pauses::not_allowed;
use crate::phase::{Condition, Desk, Phase};
use crate::place::{Place, is_spent};
use crate::rights::{Deed, actor_may};

/// Said of an alert about a sensor that a person took off.
const TAKEN_OFF: &str = "taken off on purpose";

impl Place {
    /// A person answers an alert of this place at the version they saw.
    pub(crate) fn answer(
        &mut self,
        desk: &mut Desk<'_>,
        now: ReceiptTime,
        (id, version): (AlertId, u32),
        by: &Actor,
        answer: Answer,
    ) -> Result<(), Refusal> {
        let is_it = |c: &Condition| c.alert().is_some_and(|a| a.id == id);
        let index = self.conditions.iter().position(is_it).ok_or(Refusal::NoSuchAlert)?;
        let alert = self.conditions.get(index).and_then(Condition::alert);
        let alert = alert.ok_or(Refusal::NoSuchAlert)?.clone();
        if alert.version != version {
            return Err(Refusal::Changed {
                now_version: alert.version,
            });
        }
        let deed = Deed::answer(alert.kind);
        if !actor_may(by, deed) {
            return Err(not_allowed(by, deed));
        }
        // What is over needs nobody to go: it can be seen, and no more.
        if alert.signal == SignalPresence::Latched && answer != Answer::Acknowledge {
            return Err(Refusal::Over);
        }
        if answer == Answer::Retire {
            return self.retire(desk, now, &alert.cause, by);
        }
        let seen = alert.cause.metric().filter(|_| alert.cause.side().is_some());
        let seen = seen.and_then(|m| self.watches.iter().find(|w| w.metric == m)?.value);
        let Some(condition) = self.conditions.get_mut(index) else {
            return Err(Refusal::NoSuchAlert);
        };
        match answer {
            Answer::Acknowledge => {
                if !condition.acknowledge(desk, now, &by.person, seen) {
                    let seen = self.conditions.remove(index);
                    // Somebody has answered after all: the next occurrence begins at the first name.
                    let of_it = |e: &&mut Episode| e.cause == seen.cause && e.feed == seen.feed;
                    self.episodes
                        .iter_mut()
                        .filter(of_it)
                        .for_each(|e| e.rung = Rung::First);
                }
            }
            Answer::Accept => respond(condition, desk, now, by, JournalKind::AlertAccepted, Response::Accepted),
            Answer::UndoAccept if alert.response != Response::Accepted => return Err(Refusal::NotAccepted),
            Answer::UndoAccept => respond(condition, desk, now, by, JournalKind::AlertAcceptUndone, Response::None),
            Answer::Decline => {
                respond(condition, desk, now, by, JournalKind::AlertDeclined, Response::Declined);
                if let Some(rung) = next_name(alert.rung) {
                    condition.climb(desk, now, rung, None);
                }
            }
            Answer::Escalate => {
                let rung = next_name(alert.rung).ok_or(Refusal::AtTop)?;
                condition.climb(desk, now, rung, Some(&by.person));
            }
            Answer::Retire => {}
        }
        Ok(())
    }

    /// The sensor of a number was taken off on purpose: what misses the number is over. A crossing that no value can
    /// end any more is ended by the same answer to the crossing itself.
    fn retire(&mut self, desk: &mut Desk<'_>, now: ReceiptTime, cause: &Cause, by: &Actor) -> Result<(), Refusal> {
        let metric = cause.metric().ok_or(Refusal::NotAboutASensor)?;
        // A crossing is ended only by an answer to itself, at the version that was seen.
        let and_crossings = cause.side().is_some();
        let meant =
            move |c: &Condition| c.cause.metric() == Some(metric) && (and_crossings || c.cause.side().is_none());
        let watch = self.watch(metric);
        if watch.value.is_some() {
            return Err(Refusal::StillMeasured);
        }
        watch.retired = true;
        watch.measured = false;
        watch.stale_at = None;
        for condition in self.conditions.iter_mut().filter(|c| meant(c)) {
            match condition.phase {
                // Whatever was latched stays until it has been seen.
                Phase::Latched { .. } => {}
                Phase::Pending { .. } | Phase::Sounding { .. } | Phase::Paused { .. } | Phase::Acknowledged { .. } => {
                    condition.stand_down(desk, now, &by.person, TAKEN_OFF);
                }
            }
        }
        self.conditions
            .retain(|c| !(is_spent(c) || meant(c) && matches!(c.phase, Phase::Pending { .. })));
        Ok(())
    }
}

fn respond(
    condition: &mut Condition,
    desk: &mut Desk<'_>,
    now: ReceiptTime,
    by: &Actor,
    kind: JournalKind,
    response: Response,
) {
    condition.change(desk, now, (kind, Some(&by.person)), |alert| {
        alert.response = response;
        alert.responder = (response != Response::None).then(|| by.person.clone());
    });
}

/// The next on the ladder who is another person: louder is not.
fn next_name(rung: Rung) -> Option<Rung> {
    match rung {
        Rung::First | Rung::Louder => Some(Rung::Second),
        Rung::Second => Some(Rung::Charge),
        Rung::Charge => None,
    }
}
