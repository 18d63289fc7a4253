//! One cause in the naive telling: it waits, it is there, it is latched, it is past. Counters in seconds.

use alert::{Answer, Refusal};
use model::{
    Actor, AlertId, AlertKind, AlertState, BedId, Cause, ConditionPresence, LimitRule, MetricCode, Person, Priority,
    Quantity, Response, Rung, Side, SignalPresence, Source,
};

use crate::oracle::{Hush, seconds};

const EPISODE: u64 = 300;
const REALERT: u64 = 120;
const RESTATE: u64 = 30;

/// Crossed, and its delay runs.
#[derive(Clone)]
pub struct Waits {
    pub since: u64,
    left: u64,
    priority: Priority,
    worst: Option<Quantity>,
    limit: Option<Quantity>,
}

/// There.
#[derive(Clone)]
pub struct Live {
    pub state: AlertState,
    /// From which value "worse" counts.
    reference: Option<Quantity>,
    /// Until it sounds again, or is passed on.
    left: Option<u64>,
    restate_left: Option<u64>,
    breaks_above: Priority,
}

/// Was there.
#[derive(Clone)]
pub struct Past {
    ago: u64,
    last: AlertState,
    reference: Option<Quantity>,
    /// How long its acknowledgement still holds.
    held: Option<u64>,
    /// How far up it was when nobody had answered.
    rung: Rung,
}

#[derive(Clone)]
pub struct Life {
    pub cause: Cause,
    pub waits: Option<Waits>,
    pub live: Option<Live>,
    pub latched: Option<AlertState>,
    past: Option<Past>,
    /// By whom it is said.
    source: Source,
    kind: AlertKind,
}

fn stays(rung: Rung) -> Option<u64> {
    match rung {
        Rung::First | Rung::Louder => Some(30),
        Rung::Second => Some(60),
        Rung::Charge => None,
    }
}

fn next(rung: Rung) -> Rung {
    match rung {
        Rung::First => Rung::Louder,
        Rung::Louder => Rung::Second,
        Rung::Second | Rung::Charge => Rung::Charge,
    }
}

fn is_beyond(side: Side, value: Quantity, bound: Quantity) -> bool {
    if side == Side::Low {
        value < bound
    } else {
        value > bound
    }
}

fn worse_of(side: Side, a: Quantity, b: Quantity) -> Quantity {
    if is_beyond(side, a, b) { a } else { b }
}

fn raised_by_value(cause: &Cause, worst: Option<Quantity>, priority: Priority) -> Priority {
    let fifty = Quantity::from_integer(50).unwrap();
    let is_slow = cause.metric() == Some(MetricCode::HeartRate) && cause.side() == Some(Side::Low);
    if is_slow && worst.is_some_and(|w| w < fifty) {
        Priority::High
    } else {
        priority
    }
}

impl Live {
    fn moved(&mut self) {
        self.state.version += 1;
    }

    /// The time on its rung begins.
    fn on_rung(&mut self) {
        let climbs = self.state.priority >= Priority::Medium && self.state.response != Response::Accepted;
        self.left = stays(self.state.rung).filter(|_| climbs);
    }

    fn sounds(&mut self) {
        self.state.signal = SignalPresence::On;
        (self.state.owner, self.state.realert_at) = (None, None);
        self.reference = self.state.worst;
        self.moved();
    }

    fn worsened(&mut self) {
        match self.state.signal {
            SignalPresence::Paused if self.state.priority <= self.breaks_above => {
                self.reference = self.state.worst;
                self.moved();
            }
            SignalPresence::On => {
                let left = self.left;
                self.sounds();
                if left.is_none() {
                    self.on_rung();
                }
            }
            _ => {
                self.sounds();
                self.on_rung();
            }
        }
    }
}

impl Life {
    pub fn new(cause: Cause) -> Self {
        let physiological = cause.side().is_some();
        Self {
            cause,
            waits: None,
            live: None,
            latched: None,
            past: None,
            source: Source::Station,
            kind: if physiological {
                AlertKind::Physiological
            } else {
                AlertKind::Technical
            },
        }
    }

    pub fn is(&self, signal: SignalPresence) -> bool {
        self.live.as_ref().is_some_and(|l| l.state.signal == signal)
    }

    pub fn alerts(&self, bed: Option<&BedId>) -> Vec<AlertState> {
        let live = self.live.as_ref().map(|l| &l.state);
        let of_bed = |a: &AlertState| AlertState {
            bed: bed.cloned(),
            ..a.clone()
        };
        self.latched.iter().chain(live).map(of_bed).collect()
    }

    pub fn count_down(&mut self) {
        let less = |left: &mut Option<u64>| *left = left.map(|n| n - 1);
        if let Some(waits) = &mut self.waits {
            waits.left -= 1;
        }
        if let Some(live) = &mut self.live {
            less(&mut live.left);
            less(&mut live.restate_left);
        }
        if let Some(past) = &mut self.past {
            past.ago += 1;
            past.held = past.held.and_then(|n| n.checked_sub(1)).filter(|n| *n > 0);
        }
    }

    pub fn fall_due(&mut self, now: u64, hush: Option<&Hush>) {
        if self.waits.as_ref().is_some_and(|w| w.left == 0) {
            self.raise(now, hush);
        }
        let Some(live) = &mut self.live else { return };
        if live.restate_left == Some(0) {
            self.over(now);
        } else if live.left == Some(0) {
            if live.state.signal == SignalPresence::On {
                live.state.rung = next(live.state.rung);
                live.moved();
                live.on_rung();
            } else {
                self.sounds_anew(now);
            }
        }
    }

    /// After a silence: nobody answers for it, and the ladder begins.
    pub fn sounds_anew(&mut self, _now: u64) {
        let live = self.live.as_mut().unwrap();
        live.sounds();
        (live.state.response, live.state.responder, live.state.rung) = (Response::None, None, Rung::First);
        live.on_rung();
    }

    fn raise(&mut self, now: u64, hush: Option<&Hush>) {
        let waits = self.waits.take().unwrap();
        self.latched = None;
        let again = self.past.as_ref().filter(|p| p.ago <= EPISODE);
        let mut state = AlertState {
            id: AlertId(0),
            version: 1,
            bed: None,
            cause: self.cause.clone(),
            kind: self.kind,
            priority: waits.priority,
            source: self.source,
            presence: ConditionPresence::Active,
            signal: SignalPresence::On,
            since: seconds(waits.since),
            raised_at: seconds(now),
            worst: waits.worst,
            limit: waits.limit,
            owner: None,
            realert_at: None,
            response: Response::None,
            responder: None,
            rung: Rung::First,
            occurrence: again.map_or(1, |p| p.last.occurrence + 1),
            episode_since: again.map_or(seconds(waits.since), |p| p.last.episode_since),
            text: None,
        };
        let as_bad = |p: &&Past| {
            let worse = match (self.cause.side(), state.worst, p.last.worst) {
                (Some(side), Some(now), Some(seen)) => is_beyond(side, now, seen),
                _ => false,
            };
            state.priority <= p.last.priority && !worse
        };
        let rung = again.map_or(Rung::First, |p| p.rung);
        let held = again.filter(as_bad).and_then(|p| Some((p.held?, p.clone())));
        let mut left = None;
        let mut reference = state.worst;
        let mut breaks_above = Priority::High;
        if let Some((seconds_left, past)) = held {
            (state.signal, state.owner) = (SignalPresence::Acknowledged, past.last.owner);
            (left, reference) = (Some(seconds_left), past.reference);
        } else if let Some(hush) = hush.filter(|h| h.breaks_above >= state.priority) {
            (state.signal, state.owner) = (SignalPresence::Paused, Some(hush.by.clone()));
            breaks_above = hush.breaks_above;
            state.realert_at = Some(seconds(now + hush.left));
        }
        state.realert_at = left.map(|n| seconds(now + n)).or(state.realert_at);
        let mut live = Live {
            state,
            reference,
            left,
            restate_left: None,
            breaks_above,
        };
        if live.state.signal == SignalPresence::On {
            live.state.rung = rung;
            live.on_rung();
        }
        self.live = Some(live);
    }

    /// It is over, by itself.
    pub fn over(&mut self, _now: u64) {
        self.waits = None;
        let Some(live) = self.live.take() else { return };
        let acknowledged = live.state.signal == SignalPresence::Acknowledged;
        let mut state = live.state.clone();
        if state.priority == Priority::High && !acknowledged {
            if state.signal == SignalPresence::Paused {
                state.owner = None;
            }
            state.version += 1;
            (state.presence, state.signal) = (ConditionPresence::Cleared, SignalPresence::Latched);
            state.realert_at = None;
            self.latched = Some(state);
        }
        self.past = Some(Past {
            ago: 0,
            reference: live.reference,
            held: live.left.filter(|_| acknowledged),
            rung: if live.state.signal == SignalPresence::On && live.state.response != Response::Accepted {
                live.state.rung
            } else {
                Rung::First
            },
            last: live.state,
        });
    }

    /// A condition without a value is there, or still there.
    pub fn begins(
        &mut self,
        now: u64,
        delay: u64,
        priority: Priority,
        worst: Option<Quantity>,
        limit: Option<Quantity>,
    ) {
        if let Some(live) = &mut self.live {
            live.restate_left = None;
            if priority > live.state.priority {
                live.state.priority = priority;
                live.worsened();
            }
        } else if let Some(waits) = &mut self.waits {
            waits.priority = waits.priority.max(priority);
        } else {
            self.waits = Some(Waits {
                since: now,
                left: delay,
                priority,
                worst,
                limit,
            });
        }
    }

    pub fn said(&mut self, now: u64, priority: Priority, source: Source, kind: AlertKind) {
        (self.source, self.kind) = (source, kind);
        self.begins(now, 0, priority, None, None);
    }

    pub fn must_be_said_again(&mut self) {
        if let Some(live) = &mut self.live {
            live.restate_left = Some(RESTATE);
        }
    }

    /// A value against one limit.
    pub fn measured(&mut self, now: u64, rule: &LimitRule, side: Side, bound: Quantity, value: Quantity) {
        let beyond = is_beyond(side, value, bound);
        if let Some(live) = &mut self.live {
            let back = match side {
                Side::Low => value.thousandths() >= bound.thousandths() + rule.hysteresis.thousandths(),
                Side::High => value.thousandths() <= bound.thousandths() - rule.hysteresis.thousandths(),
            };
            if back {
                self.over(now);
                return;
            }
            let worst = live.state.worst.map_or(value, |w| worse_of(side, value, w));
            (live.state.worst, live.state.limit) = (Some(worst), Some(bound));
            let step = if rule.metric == MetricCode::SpO2 { 3_000 } else { 10_000 };
            let far = live.reference.is_none_or(|r| {
                let out = value.thousandths() - r.thousandths();
                if side == Side::Low { -out >= step } else { out >= step }
            });
            let priority = raised_by_value(&self.cause, Some(worst), live.state.priority);
            if beyond && (far || priority > live.state.priority) {
                live.state.priority = priority;
                live.worsened();
            }
        } else if !beyond {
            self.waits = None;
        } else if let Some(waits) = &mut self.waits {
            waits.worst = waits.worst.map(|w| worse_of(side, value, w));
            waits.priority = raised_by_value(&self.cause, waits.worst, waits.priority);
        } else {
            let priority = raised_by_value(&self.cause, Some(value), rule.priority);
            self.begins(now, rule.delay.as_secs(), priority, Some(value), Some(bound));
        }
    }

    /// The same under another limit.
    pub fn moved(&mut self, now: u64, rule: &LimitRule, side: Side, bound: Quantity) {
        let worst = self
            .live
            .as_ref()
            .map(|l| l.state.worst)
            .or(self.waits.as_ref().map(|w| w.worst));
        let Some(worst) = worst else { return };
        if !worst.is_some_and(|w| is_beyond(side, w, bound)) {
            self.over(now);
        } else if let Some(waits) = &mut self.waits {
            waits.limit = Some(bound);
            waits.priority = waits.priority.max(rule.priority);
        } else if let Some(live) = &mut self.live {
            live.state.limit = Some(bound);
            if rule.priority > live.state.priority {
                live.state.priority = rule.priority;
                live.worsened();
            }
        }
    }

    /// What was latched has been seen: what comes next begins at the first name.
    pub fn somebody_answered(&mut self) {
        if let Some(past) = &mut self.past {
            past.rung = Rung::First;
        }
    }

    pub fn hushed(&mut self, now: u64, hush: &Hush) {
        let Some(live) = &mut self.live else { return };
        if live.state.priority <= hush.breaks_above {
            (live.state.signal, live.state.owner) = (SignalPresence::Paused, Some(hush.by.clone()));
            live.state.realert_at = Some(seconds(now + hush.left));
            (live.left, live.breaks_above) = (None, hush.breaks_above);
            live.moved();
        }
    }

    pub fn answered(&mut self, now: u64, by: &Actor, answer: Answer, value: Option<Quantity>) -> Result<(), Refusal> {
        let live = self.live.as_mut().unwrap();
        let top = live.state.rung == Rung::Charge;
        let accepted = live.state.response == Response::Accepted;
        let name_above = if live.state.rung == Rung::Second {
            Rung::Charge
        } else {
            Rung::Second
        };
        let mut respond = |response, by: Option<Person>| {
            (live.state.response, live.state.responder) = (response, by);
            live.moved();
        };
        match answer {
            Answer::Acknowledge => {
                (live.state.signal, live.state.owner) = (SignalPresence::Acknowledged, Some(by.person.clone()));
                live.state.realert_at = Some(seconds(now + REALERT));
                (live.left, live.reference) = (Some(REALERT), value.or(live.state.worst));
                live.moved();
                return Ok(());
            }
            Answer::Accept => respond(Response::Accepted, Some(by.person.clone())),
            Answer::UndoAccept if !accepted => return Err(Refusal::NotAccepted),
            Answer::UndoAccept => respond(Response::None, None),
            Answer::Decline => respond(Response::Declined, Some(by.person.clone())),
            Answer::Escalate if top => return Err(Refusal::AtTop),
            Answer::Escalate | Answer::Retire => {}
        }
        if matches!(answer, Answer::Decline | Answer::Escalate) && !top {
            live.state.rung = name_above;
            live.moved();
        }
        if live.state.signal == SignalPresence::On {
            live.on_rung();
        }
        Ok(())
    }

    /// The station has started: what was open goes on, what only waited must be seen again.
    pub fn restart(&mut self, of_station: bool) {
        (self.waits, self.past) = (None, None);
        if let Some(live) = &mut self.live {
            live.reference = live.state.worst;
            live.restate_left = of_station.then_some(RESTATE);
            if live.state.signal == SignalPresence::On {
                live.on_rung();
            }
        }
    }
}
