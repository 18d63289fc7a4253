//! Episodes: the same cause again and again is one story with a count.

use model::{AlertKind, AlertState, Cause, Person, Quantity, ReceiptTime, Response, Rung, SignalPresence};

use crate::settings::Beyond;

/// What is remembered of a cause that was an alert and is over.
#[derive(Clone, Debug)]
pub(crate) struct Episode {
    pub(crate) cause: Cause,
    pub(crate) feed: Option<u16>,
    /// Of how many occurrences.
    pub(crate) occurrence: u32,
    /// When the first began.
    pub(crate) since: ReceiptTime,
    /// When the last was over.
    pub(crate) over_at: ReceiptTime,
    /// How far up it was when it ended with nobody having answered; the next occurrence goes on from there.
    pub(crate) rung: Rung,
    /// The acknowledgement that was in force then.
    held: Option<Held>,
}

/// An acknowledgement that outlives the occurrence for which it was given, but never its own time.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) by: Person,
    pub(crate) realert_at: ReceiptTime,
    /// The value when it was acknowledged.
    pub(crate) reference: Option<Quantity>,
    priority: model::Priority,
    worst: Option<Quantity>,
    text: Option<String>,
}

impl Episode {
    /// What to remember of an alert that is over at `over_at`; `reference` as the acknowledgement kept it.
    pub(crate) fn of(alert: &AlertState, feed: Option<u16>, over_at: ReceiptTime, reference: Option<Quantity>) -> Self {
        let acknowledged = alert.signal == SignalPresence::Acknowledged;
        let held = match (&alert.owner, alert.realert_at) {
            (Some(by), Some(realert_at)) if acknowledged => Some(Held {
                by: by.clone(),
                realert_at,
                reference,
                priority: alert.priority,
                worst: alert.worst,
                text: alert.text.clone(),
            }),
            _ => None,
        };
        Self {
            cause: alert.cause.clone(),
            feed,
            occurrence: alert.occurrence,
            since: alert.episode_since,
            over_at,
            rung: if alert.signal == SignalPresence::On && alert.response != Response::Accepted {
                alert.rung
            } else {
                Rung::First
            },
            held,
        }
    }

    /// The acknowledgement that holds for a new occurrence: one that has not run out, and saw as bad as this.
    pub(crate) fn holds(&self, at: ReceiptTime, again: &AlertState) -> Option<&Held> {
        let held = self.held.as_ref()?;
        let worse = match (self.cause.side(), again.worst, held.worst) {
            (Some(side), Some(now), Some(seen)) => side.beyond(now, seen),
            // A score or a rule: other words are another story, and a higher sum a worse one.
            (None, now, seen) if again.kind == AlertKind::Physiological => now > seen || again.text != held.text,
            _ => false,
        };
        (held.realert_at > at && again.priority <= held.priority && !worse).then_some(held)
    }
}
