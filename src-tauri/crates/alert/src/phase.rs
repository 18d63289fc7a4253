//! One condition and where it stands.

use std::collections::HashMap;

use model::{
    AlertId, AlertKind, AlertState, BedId, Cause, ConditionPresence, JournalKind, LimitRule, Person, Priority,
    Quantity, ReceiptTime, Response, Rung, SignalPresence, Source,
};

use crate::episode::Episode;
use crate::{Effects, Loudness, Settings, Transition};

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
        /// When it is passed on, unless somebody answers.
        climbs_at: Option<ReceiptTime>,
    },
    /// There, and silent because a named person paused its direction.
    Paused {
        alert: AlertState,
        until: ReceiptTime,
        /// A higher priority is heard all the same.
        breaks_above: Priority,
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

/// When an alert that sounds since `from`, or was passed on then, climbs; never while somebody goes.
pub(crate) fn climbs_at(settings: &Settings, from: ReceiptTime, alert: &AlertState) -> Option<ReceiptTime> {
    let ladder = &settings.ladder;
    if alert.priority < ladder.from || alert.response == Response::Accepted {
        return None;
    }
    ladder.stays(alert.rung).map(|stays| from.plus(stays))
}

impl Desk<'_> {
    pub(crate) fn climbs_at(&self, from: ReceiptTime, alert: &AlertState) -> Option<ReceiptTime> {
        climbs_at(self.settings, from, alert)
    }

    pub(crate) fn report(
        &mut self,
        kind: JournalKind,
        at: ReceiptTime,
        alert: &mut AlertState,
        person: Option<&Person>,
    ) {
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
            Phase::Sounding { alert, .. }
            | Phase::Paused { alert, .. }
            | Phase::Acknowledged { alert, .. }
            | Phase::Latched { alert } => Some(alert),
        }
    }

    /// Since when it is there, while its delay runs.
    pub(crate) const fn pending_since(&self) -> Option<ReceiptTime> {
        match &self.phase {
            Phase::Pending { since, .. } => Some(*since),
            Phase::Sounding { .. } | Phase::Paused { .. } | Phase::Acknowledged { .. } | Phase::Latched { .. } => None,
        }
    }

    /// When it moves by itself.
    pub(crate) fn due(&self) -> Option<ReceiptTime> {
        let own = match &self.phase {
            Phase::Pending { due, .. } => Some(*due),
            Phase::Acknowledged { realert_at, .. } => Some(*realert_at),
            Phase::Paused { until, .. } => Some(*until),
            Phase::Sounding { climbs_at, .. } => *climbs_at,
            Phase::Latched { .. } => None,
        };
        crate::deadlines::earliest(own, self.restate_by)
    }

    /// How it sounds now.
    pub(crate) fn sounds(&self) -> Option<Loudness> {
        match &self.phase {
            Phase::Sounding { alert, .. } => Some(Loudness {
                priority: alert.priority,
                louder: alert.rung >= Rung::Louder,
            }),
            Phase::Pending { .. } | Phase::Paused { .. } | Phase::Acknowledged { .. } | Phase::Latched { .. } => None,
        }
    }

    /// Pending → sounding; or → acknowledged, where an acknowledgement of its episode holds; or → paused, where its
    /// direction is.
    pub(crate) fn raise(
        &mut self,
        desk: &mut Desk<'_>,
        bed: Option<&BedId>,
        again: Option<&Episode>,
        hush: Option<&model::Pause>,
    ) {
        let Phase::Pending { since, due, draft } = &self.phase else {
            return;
        };
        let (since, due) = (*since, *due);
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
            since,
            raised_at: due,
            worst: draft.worst,
            limit: draft.limit,
            owner: None,
            realert_at: None,
            response: Response::None,
            responder: None,
            rung: Rung::First,
            occurrence: again.map_or(1, |e| e.occurrence.saturating_add(1)),
            episode_since: again.map_or(since, |e| e.since),
            text: draft.text.clone(),
        };
        let reference = alert.worst;
        let held = again.and_then(|e| e.holds(due, &alert));
        self.phase = if let Some(held) = held {
            alert.signal = SignalPresence::Acknowledged;
            alert.owner = Some(held.by.clone());
            alert.realert_at = Some(held.realert_at);
            desk.report(JournalKind::AlertRaised, due, &mut alert, None);
            Phase::Acknowledged {
                alert,
                realert_at: held.realert_at,
                reference: held.reference,
            }
        } else if let Some(pause) = hush.filter(|p| p.breaks_above >= alert.priority) {
            alert.signal = SignalPresence::Paused;
            alert.owner = Some(pause.by.clone());
            alert.realert_at = Some(pause.until);
            desk.report(JournalKind::AlertRaised, due, &mut alert, None);
            Phase::Paused {
                alert,
                until: pause.until,
                breaks_above: pause.breaks_above,
                reference,
            }
        } else {
            // A value that swings over its limit must not keep its alert from ever reaching the second name.
            alert.rung = again.map_or(Rung::First, |e| e.rung);
            desk.report(JournalKind::AlertRaised, due, &mut alert, None);
            let climbs_at = desk.climbs_at(due, &alert);
            Phase::Sounding {
                alert,
                reference,
                climbs_at,
            }
        };
    }

    /// Sounding, acknowledged or paused → sounding, because it is worse or because its silence is over. After a
    /// silence nobody answers for it any more, and its ladder begins anew.
    pub(crate) fn sound_again(&mut self, desk: &mut Desk<'_>, at: ReceiptTime, kind: JournalKind) {
        let (alert, climbing) = match &self.phase {
            Phase::Sounding { alert, climbs_at, .. } => (alert, Some(*climbs_at)),
            Phase::Acknowledged { alert, .. } | Phase::Paused { alert, .. } => (alert, None),
            Phase::Pending { .. } | Phase::Latched { .. } => return,
        };
        let mut alert = alert.clone();
        alert.signal = SignalPresence::On;
        alert.owner = None;
        alert.realert_at = None;
        if kind == JournalKind::AlertRealerted {
            alert.response = Response::None;
            alert.responder = None;
            alert.rung = Rung::First;
        }
        desk.report(kind, at, &mut alert, None);
        let reference = alert.worst;
        let climbs_at = climbing.flatten().or_else(|| desk.climbs_at(at, &alert));
        self.phase = Phase::Sounding {
            alert,
            reference,
            climbs_at,
        };
    }

    /// Sounding: nobody has answered in time, or somebody cannot; it is passed on to `rung`.
    pub(crate) fn climb(&mut self, desk: &mut Desk<'_>, at: ReceiptTime, rung: Rung, by: Option<&Person>) {
        let kind = JournalKind::AlertEscalated;
        self.change(desk, at, (kind, by), |alert| alert.rung = rung);
    }

    /// What a person or the ladder changes in an alert without moving it. The ladder goes on from here.
    pub(crate) fn change(
        &mut self,
        desk: &mut Desk<'_>,
        at: ReceiptTime,
        (kind, by): (JournalKind, Option<&Person>),
        change: impl FnOnce(&mut AlertState),
    ) {
        let (Phase::Sounding { alert, .. }
        | Phase::Paused { alert, .. }
        | Phase::Acknowledged { alert, .. }
        | Phase::Latched { alert }) = &mut self.phase
        else {
            return;
        };
        change(alert);
        desk.report(kind, at, alert, by);
        if let Phase::Sounding { alert, climbs_at, .. } = &mut self.phase {
            *climbs_at = desk.climbs_at(at, alert);
        }
    }

    /// Its direction is paused: silent until then.
    pub(crate) fn pause(&mut self, desk: &mut Desk<'_>, pause: &model::Pause) {
        let (Phase::Sounding { alert, reference, .. }
        | Phase::Acknowledged { alert, reference, .. }
        | Phase::Paused { alert, reference, .. }) = &self.phase
        else {
            return;
        };
        if alert.priority > pause.breaks_above {
            return;
        }
        let (mut alert, reference) = (alert.clone(), *reference);
        alert.signal = SignalPresence::Paused;
        alert.owner = Some(pause.by.clone());
        alert.realert_at = Some(pause.until);
        desk.report(JournalKind::Paused, pause.since, &mut alert, Some(&pause.by));
        self.phase = Phase::Paused {
            alert,
            until: pause.until,
            breaks_above: pause.breaks_above,
            reference,
        };
    }

    /// Sounding, paused, acknowledged or latched, seen by a person. `value` is what they saw, for a limit. `false`: it
    /// was latched, and with that it is over.
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
            Phase::Sounding { alert, .. } | Phase::Paused { alert, .. } | Phase::Acknowledged { alert, .. } => {
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
            Phase::Sounding { alert, .. } | Phase::Paused { alert, .. } => {
                let latches = alert.priority == Priority::High && desk.settings.latch_high;
                (alert, latches)
            }
            Phase::Acknowledged { alert, .. } | Phase::Latched { alert } => (alert, false),
        };
        let mut alert = alert.clone();
        if alert.signal == SignalPresence::Paused {
            // Whoever paused the direction has not thereby seen what came meanwhile.
            alert.owner = None;
        }
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

    /// A person says that it is nothing: over, without latching, because a person has seen it.
    pub(crate) fn stand_down(&mut self, desk: &mut Desk<'_>, at: ReceiptTime, by: &Person, why: &str) {
        let (Phase::Sounding { alert, .. } | Phase::Paused { alert, .. } | Phase::Acknowledged { alert, .. }) =
            &self.phase
        else {
            return;
        };
        let mut alert = alert.clone();
        alert.presence = ConditionPresence::Cleared;
        alert.signal = SignalPresence::Off;
        alert.owner = Some(by.clone());
        alert.realert_at = None;
        alert.text = Some(why.to_owned());
        desk.report(JournalKind::AlertCleared, at, &mut alert, Some(by));
        self.phase = Phase::Latched { alert };
    }

    /// What its episode remembers if it is over at `at`; `None` for what never was an alert, or is over already.
    pub(crate) fn episode(&self, at: ReceiptTime) -> Option<Episode> {
        match &self.phase {
            Phase::Sounding { alert, reference, .. }
            | Phase::Paused { alert, reference, .. }
            | Phase::Acknowledged { alert, reference, .. } => Some(Episode::of(alert, self.feed, at, *reference)),
            Phase::Pending { .. } | Phase::Latched { .. } => None,
        }
    }

    /// New words for the same condition: shown where it is an alert already.
    pub(crate) fn say(&mut self, desk: &mut Desk<'_>, text: Option<String>) {
        match &mut self.phase {
            Phase::Pending { draft, .. } => draft.text = text,
            Phase::Sounding { alert, .. } | Phase::Paused { alert, .. } | Phase::Acknowledged { alert, .. } => {
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
                if news.priority >= draft.priority {
                    (draft.priority, draft.limit) = (news.priority, news.limit);
                }
                draft.worst = draft.worst.max(news.worst);
                draft.text = news.text;
            }
            Phase::Sounding { alert, .. } | Phase::Paused { alert, .. } | Phase::Acknowledged { alert, .. } => {
                let is_new = alert.worst != news.worst || alert.limit != news.limit || alert.text != news.text;
                // A score has no side: a higher sum, or another part that scores 3, is worse at the same priority too.
                let is_score = matches!(alert.cause, Cause::EarlyWarning { .. });
                let has_part = |part: &str| alert.text.as_deref().is_some_and(|t| t.split(", ").any(|p| p == part));
                let new_part = || {
                    news.text
                        .as_deref()
                        .is_some_and(|t| t.split(", ").any(|part| !has_part(part)))
                };
                let worse = is_score && (news.worst > alert.worst || (news.worst.is_none() && new_part()));
                (alert.worst, alert.limit, alert.text) = (news.worst, news.limit, news.text);
                if news.priority > alert.priority || worse {
                    alert.priority = alert.priority.max(news.priority);
                    self.worsen(desk, at);
                } else if is_new {
                    desk.out.shown.push(alert.clone());
                }
            }
            Phase::Latched { .. } => {}
        }
    }

    /// It is worse. Heard at once, also where it was acknowledged; where its direction is paused only when its priority
    /// is above the pause's.
    pub(crate) fn worsen(&mut self, desk: &mut Desk<'_>, at: ReceiptTime) {
        if let Phase::Paused {
            alert,
            breaks_above,
            reference,
            ..
        } = &mut self.phase
            && alert.priority <= *breaks_above
        {
            *reference = alert.worst;
            desk.report(JournalKind::AlertWorsened, at, alert, None);
            return;
        }
        self.sound_again(desk, at, JournalKind::AlertWorsened);
    }

    /// The same crossing under another rule.
    pub(crate) fn move_limit(&mut self, desk: &mut Desk<'_>, now: ReceiptTime, rule: &LimitRule, bound: Quantity) {
        match &mut self.phase {
            Phase::Pending { since, due, draft } => {
                *due = since.plus(rule.delay);
                draft.limit = Some(bound);
                draft.priority = draft.priority.max(rule.priority);
            }
            Phase::Sounding { alert, .. } | Phase::Paused { alert, .. } | Phase::Acknowledged { alert, .. } => {
                let changed = alert.limit != Some(bound);
                alert.limit = Some(bound);
                if rule.priority > alert.priority {
                    alert.priority = rule.priority;
                    self.worsen(desk, now);
                } else if changed {
                    desk.out.shown.push(alert.clone());
                }
            }
            Phase::Latched { .. } => {}
        }
    }
}
