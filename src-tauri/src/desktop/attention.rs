//! Which news of alerts call a person who looks at something else. Pure.

use std::collections::BTreeMap;

use model::{AlertId, Priority};
use station::view::AlertView;

use super::tray::Shown;

/// A call to a person: bed and message, nothing about who lies in the bed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Which alert.
    pub id: AlertId,
    /// How urgent.
    pub priority: Priority,
    /// `Bed 07: ** SpO₂ 84 < 88`.
    pub text: String,
}

/// What follows from some news.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Call for these.
    pub calls: Vec<Call>,
    /// These call no more.
    pub quiet: Vec<AlertId>,
    /// The state of the ward in one glance.
    pub shown: Shown,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    priority: Priority,
    sounds: bool,
}

/// The alerts that are not over.
#[derive(Debug, Default)]
pub struct Attention {
    known: BTreeMap<AlertId, Known>,
}

impl Attention {
    /// Takes news. An alert calls when it begins to sound, when it sounds again after its acknowledgement ran out, and
    /// when it has become more urgent; never a low one.
    pub fn take(&mut self, news: &BTreeMap<AlertId, AlertView>) -> Said {
        let mut said = Said::default();
        for (id, alert) in news {
            let state = &alert.state;
            let before = self.known.get(id).copied();
            let sounds = state.sounds();
            if state.is_over() {
                self.known.remove(id);
            } else {
                let priority = state.priority;
                self.known.insert(*id, Known { priority, sounds });
            }
            let sounded = before.filter(|b| b.sounds).map(|b| b.priority);
            if sounds && state.priority >= Priority::Medium && sounded.is_none_or(|p| p < state.priority) {
                let place = alert.label.as_deref().unwrap_or("Station");
                said.calls.push(Call {
                    id: *id,
                    priority: state.priority,
                    text: format!("{place}: {}", alert.message),
                });
            } else if !sounds && sounded.is_some() {
                said.quiet.push(*id);
            }
        }
        said.calls.sort_by_key(|call| std::cmp::Reverse(call.priority));
        said.shown = Shown {
            alerts: self.known.len(),
            worst: self.known.values().map(|k| k.priority).max(),
            sounding: self.known.values().filter(|k| k.sounds).map(|k| k.priority).max(),
        };
        said
    }
}

#[cfg(test)]
mod tests {
    use model::{
        AlertKind, AlertState, BedId, Cause, ConditionPresence, MetricCode, ReceiptTime, Response, Rung, Side,
        SignalPresence, Source,
    };

    use super::*;

    fn alert(id: u64, priority: Priority, signal: SignalPresence) -> (AlertId, AlertView) {
        let state = AlertState {
            id: AlertId(id),
            version: 1,
            bed: Some(BedId::new("bed-07").unwrap()),
            cause: Cause::Limit {
                metric: MetricCode::SpO2,
                side: Side::Low,
            },
            kind: AlertKind::Physiological,
            priority,
            source: Source::Station,
            presence: if signal == SignalPresence::Off {
                ConditionPresence::Cleared
            } else {
                ConditionPresence::Active
            },
            signal,
            since: ReceiptTime::from_millis(0),
            raised_at: ReceiptTime::from_millis(0),
            worst: None,
            limit: None,
            owner: None,
            realert_at: None,
            response: Response::None,
            responder: None,
            rung: Rung::First,
            occurrence: 1,
            episode_since: ReceiptTime::from_millis(0),
            text: None,
        };
        (AlertId(id), AlertView::new(Some((6, "Bed 07")), state))
    }

    fn calls(said: &Said) -> Vec<u64> {
        said.calls.iter().map(|call| call.id.0).collect()
    }

    #[test]
    fn an_alert_calls_once_by_bed_and_message_and_the_worst_first() {
        let mut attention = Attention::default();
        let news = BTreeMap::from([
            alert(1, Priority::Medium, SignalPresence::On),
            alert(2, Priority::High, SignalPresence::On),
            alert(3, Priority::Low, SignalPresence::On),
            alert(4, Priority::High, SignalPresence::Acknowledged),
        ]);
        let said = attention.take(&news);
        assert_eq!(calls(&said), [2, 1], "low ones and acknowledged ones do not call");
        assert!(said.calls[0].text.starts_with("Bed 07: "), "{}", said.calls[0].text);
        assert_eq!((said.shown.alerts, said.shown.worst), (4, Some(Priority::High)));
        assert_eq!(
            calls(&attention.take(&news)),
            [] as [u64; 0],
            "no second call for the same"
        );
    }

    #[test]
    fn an_alert_that_worsens_or_sounds_again_calls_again_and_an_answered_one_is_withdrawn() {
        let mut attention = Attention::default();
        let mut step = |priority, signal| {
            let said = attention.take(&BTreeMap::from([alert(1, priority, signal)]));
            (said.calls.len(), said.quiet.len(), said.shown.alerts)
        };
        assert_eq!(step(Priority::Medium, SignalPresence::On), (1, 0, 1));
        assert_eq!(step(Priority::High, SignalPresence::On), (1, 0, 1));
        assert_eq!(step(Priority::High, SignalPresence::Acknowledged), (0, 1, 1));
        assert_eq!(step(Priority::High, SignalPresence::On), (1, 0, 1));
        assert_eq!(step(Priority::High, SignalPresence::Off), (0, 1, 0));
    }
}
