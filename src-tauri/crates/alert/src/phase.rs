//! One condition and where it stands.

use std::collections::HashMap;

use model::{
    AlertId, AlertKind, AlertState, BedId, Cause, ConditionPresence, JournalKind, LimitRule, Person, Priority,
    Quantity, ReceiptTime, Response, Rung, SignalPresence, Source,
};

use crate::{Effects, Settings, Transition};

/// Where a condition stands. Each variant holds only what is true in it; a condition that is not there and not
/// latched has no `Phase` at all. The table of moves is `STATES.md`.
#[derive(Clone, Debug)]
pub(crate) enum Phase {
    /// There, and its delay runs: not an alert yet.
    Pending {
        since: ReceiptTime,
        due: ReceiptTime,
        draft: Draft,
    },
    /// There, and nobody has acknowledged it.
    Sounding {
        alert: AlertState,
        /// The worst value when it last moved: a step beyond it is a worse condition.
        reference: Option<Quantity>,
    },
    /// There, and a named person has seen it.
    Acknowledged {
        alert: AlertState,
        realert_at: ReceiptTime,
        /// The value when it was acknowledged.
        reference: Option<Quantity>,
    },
    /// Over, of high priority, and nobody has acknowledged it.
    Latched { alert: AlertState },
}

/// What a condition will say if its delay runs out.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) kind: AlertKind,
    pub(crate) priority: Priority,
    pub(crate) source: Source,
    pub(crate) worst: Option<Quantity>,
    pub(crate) limit: Option<Quantity>,
    pub(crate) text: Option<String>,
}

impl Draft {
    /// A technical condition found by this station.
    pub(crate) fn technical(priority: Priority, text: Option<String>) -> Self {
        Self {
            kind: AlertKind::Technical,
            priority,
            source: Source::Station,
            worst: None,
            limit: None,
            text,
        }
    }
}

/// One condition of one place.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    pub(crate) cause: Cause,
    /// Which feed it is about, for causes that several feeds of a bed may have; `None` too for one that was open
    /// when the station stopped, until a feed claims it.
    pub(crate) feed: Option<u16>,
    /// What a device or the station said before a loss or a restart must be said again by then.
    pub(crate) restate_by: Option<ReceiptTime>,
    pub(crate) phase: Phase,
}

/// What the conditions of a place need from the engine while they move.
pub(crate) struct Desk<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) next_id: &'a mut AlertId,
    pub(crate) homes: &'a mut HashMap<AlertId, usize>,
    pub(crate) place: usize,
    pub(crate) out: &'a mut Effects,
}

impl Desk<'_> {
    fn report(&mut self, kind: JournalKind, at: ReceiptTime, alert: &mut AlertState, person: Option<&Person>) {
        alert.version = alert.version.saturating_add(1);
        if alert.is_over() {
            self.homes.remove(&alert.id);
        }
        self.out.transitions.push(Transition {
            kind,
            at,
            state: alert.clone(),
            person: person.cloned(),
        });
    }
}

impl Condition {
    /// There now (pending, sounding or acknowledged), not merely latched.
    pub(crate) const fn is_live(&self) -> bool {
        !matches!(self.phase, Phase::Latched { .. })
    }

    /// The alert, once it is one.
    pub(crate) const fn alert(&self) -> Option<&AlertState> {
        match &self.phase {
            Phase::Pending { .. } => None,
            Phase::Sounding { alert, .. } | Phase::Acknowledged { alert, .. } | Phase::Latched { alert } => Some(alert),
        }
    }

    /// When it moves by itself.
    pub(crate) fn due(&self) -> Option<ReceiptTime> {
        let own = match &self.phase {
            Phase::Pending { due, .. } => Some(*due),
            Phase::Acknowledged { realert_at, .. } => Some(*realert_at),
            Phase::Sounding { .. } | Phase::Latched { .. } => None,
        };
        crate::deadlines::earliest(own, self.restate_by)
    }

    /// The priority with which it sounds now.
    pub(crate) const fn sounds(&self) -> Option<Priority> {
        match &self.phase {
            Phase::Sounding { alert, .. } => Some(alert.priority),
            Phase::Pending { .. } | Phase::Acknowledged { .. } | Phase::Latched { .. } => None,
        }
    }

    /// Pending → sounding.
    pub(crate) fn raise(&mut self, desk: &mut Desk<'_>, bed: Option<&BedId>) {
        let Phase::Pending { since, due, draft } = &self.phase else {
            return;
        };
        let id = *desk.next_id;
        *desk.next_id = AlertId(id.0.saturating_add(1));
        desk.homes.insert(id, desk.place);
        let mut alert = AlertState {
            id,
            version: 0,
            bed: bed.cloned(),
            cause: self.cause.clone(),
            kind: draft.kind,
            priority: draft.priority,
            source: draft.source,
            presence: ConditionPresence::Active,
            signal: SignalPresence::On,
            since: *since,
            raised_at: *due,
            worst: draft.worst,
            limit: draft.limit,
            owner: None,
            realert_at: None,
            text: draft.text.clone(),
            response: Response::None,
            responder: None,
            rung: Rung::First,
            occurrence: 1,
            episode_since: *since,
        };
        desk.report(JournalKind::AlertRaised, *due, &mut alert, None);
        let reference = alert.worst;
        self.phase = Phase::Sounding { alert, reference };
    }

    /// Sounding or acknowledged → sounding, because it is worse or because the re-alert time is over.
    pub(crate) fn sound_again(&mut self, desk: &mut Desk<'_>, at: ReceiptTime, kind: JournalKind) {
        let (Phase::Sounding { alert, .. } | Phase::Acknowledged { alert, .. }) = &self.phase else {
            return;
        };
        let mut alert = alert.clone();
        alert.signal = SignalPresence::On;
        alert.owner = None;
        alert.realert_at = None;
        desk.report(kind, at, &mut alert, None);
        let reference = alert.worst;
        self.phase = Phase::Sounding { alert, reference };
    }

    /// Sounding, acknowledged or latched, seen by a person. `value` is what they saw, for a limit. `false`: it was
    /// latched, and with that it is over.
    pub(crate) fn acknowledge(
        &mut self,
        desk: &mut Desk<'_>,
        at: ReceiptTime,
        by: &Person,
        value: Option<Quantity>,
    ) -> bool {
        match &self.phase {
            Phase::Pending { .. } => true,
            Phase::Latched { alert } => {
                let mut alert = alert.clone();
                alert.signal = SignalPresence::Off;
                alert.owner = Some(by.clone());
                desk.report(JournalKind::AlertAcknowledged, at, &mut alert, Some(by));
                false
            }
            Phase::Sounding { alert, .. } | Phase::Acknowledged { alert, .. } => {
                let mut alert = alert.clone();
                let realert_at = at.plus(desk.settings.realert);
                alert.signal = SignalPresence::Acknowledged;
                alert.owner = Some(by.clone());
                alert.realert_at = Some(realert_at);
                desk.report(JournalKind::AlertAcknowledged, at, &mut alert, Some(by));
                let reference = value.or(alert.worst);
                self.phase = Phase::Acknowledged {
                    alert,
                    realert_at,
                    reference,
                };
                true
            }
        }
    }

    /// The condition is over. `true`: it is latched and stays; `false`: nothing is left of it.
    pub(crate) fn clear(&mut self, desk: &mut Desk<'_>, at: ReceiptTime, why: Option<&str>) -> bool {
        let (alert, latches) = match &self.phase {
            Phase::Pending { .. } => return false,
            Phase::Sounding { alert, .. } => {
                let latches = alert.priority == Priority::High && desk.settings.latch_high;
                (alert, latches)
            }
            Phase::Acknowledged { alert, .. } | Phase::Latched { alert } => (alert, false),
        };
        let mut alert = alert.clone();
        alert.presence = ConditionPresence::Cleared;
        alert.signal = if latches {
            SignalPresence::Latched
        } else {
            SignalPresence::Off
        };
        alert.realert_at = None;
        alert.text = match (alert.text, why) {
            (Some(text), Some(why)) => Some(format!("{text} · {why}")),
            (text, why) => text.or(why.map(str::to_owned)),
        };
        desk.report(JournalKind::AlertCleared, at, &mut alert, None);
        self.restate_by = None;
        self.phase = Phase::Latched { alert };
        latches
    }

    /// New words for the same condition: shown where it is an alert already.
    pub(crate) fn say(&mut self, desk: &mut Desk<'_>, text: Option<String>) {
        match &mut self.phase {
            Phase::Pending { draft, .. } => draft.text = text,
            Phase::Sounding { alert, .. } | Phase::Acknowledged { alert, .. } => {
                if alert.text != text {
                    alert.text = text;
                    desk.out.shown.push(alert.clone());
                }
            }
            Phase::Latched { .. } => {}
        }
    }

    /// The same condition reported again, perhaps more urgent.
    pub(crate) fn report_again(&mut self, desk: &mut Desk<'_>, at: ReceiptTime, news: Draft) {
        self.restate_by = None;
        match &mut self.phase {
            Phase::Pending { draft, .. } => {
                draft.priority = draft.priority.max(news.priority);
                draft.text = news.text;
            }
            Phase::Sounding { alert, .. } | Phase::Acknowledged { alert, .. } if news.priority > alert.priority => {
                alert.priority = news.priority;
                alert.text = news.text;
                self.sound_again(desk, at, JournalKind::AlertWorsened);
            }
            Phase::Sounding { .. } | Phase::Acknowledged { .. } | Phase::Latched { .. } => self.say(desk, news.text),
        }
    }

    /// The same crossing under another rule.
    pub(crate) fn move_limit(&mut self, desk: &mut Desk<'_>, now: ReceiptTime, rule: &LimitRule, bound: Quantity) {
        match &mut self.phase {
            Phase::Pending { since, due, draft } => {
                *due = since.plus(rule.delay);
                draft.limit = Some(bound);
                draft.priority = draft.priority.max(rule.priority);
            }
            Phase::Sounding { alert, .. } | Phase::Acknowledged { alert, .. } => {
                let changed = alert.limit != Some(bound);
                alert.limit = Some(bound);
                if rule.priority > alert.priority {
                    alert.priority = rule.priority;
                    self.sound_again(desk, now, JournalKind::AlertWorsened);
                } else if changed {
                    desk.out.shown.push(alert.clone());
                }
            }
            Phase::Latched { .. } => {}
        }
    }
}
