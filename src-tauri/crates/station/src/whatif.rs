//! "What if": recorded numbers through the real engine, by the limits in force and by others, and what differs.
//!
//! Nobody acts in a trial: no acknowledgement, no pause. Only limits are tried; conditions of the equipment, combined
//! rules and the early warning score are not listed. A number's limits look at that number alone, so each is replayed
//! by itself, and a stretch that lies inside all limits while nothing is open is left out unread: it can do nothing.

mod seen;

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use alert::profile::Profile;
use alert::{Engine, Event, Settings};
use model::{
    AlertId, BedId, Cause, ConditionPresence, EncounterId, JournalKind, LimitRule, Limits, MetricCode, Numeric,
    Quantity, ReceiptTime, Side,
};
use store::{Reader, StoreError, Window};

pub use seen::{Replayed, Seen, SeenDifference, as_the_ward_saw_it};

/// One change to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trial {
    /// Which number.
    pub metric: MetricCode,
    /// Its limits; `None` for none at all.
    pub limits: Option<Limits>,
    /// How long a crossing must last; `None` for as it is.
    pub delay: Option<Duration>,
}

impl Trial {
    /// Puts the change into `rules`.
    pub fn change(&self, rules: &mut Vec<LimitRule>) {
        let known = rules.iter().find(|r| r.metric == self.metric).copied();
        rules.retain(|r| r.metric != self.metric);
        if let Some(limits) = self.limits {
            let base = known.unwrap_or_else(|| crate::rules::plain_rule(self.metric, limits));
            rules.push(LimitRule {
                limits,
                delay: self.delay.unwrap_or(base.delay),
                ..base
            });
        }
    }
}

/// How an alert would differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It would not have been.
    Vanishes,
    /// It would have been besides.
    Appears,
    /// It would have come at another time.
    Moves,
}

impl Change {
    /// The word in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Vanishes => "vanishes",
            Self::Appears => "appears",
            Self::Moves => "moves",
        }
    }
}

/// One alert that would be otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// How.
    pub what: Change,
    /// Which number.
    pub metric: MetricCode,
    /// Which side.
    pub side: Side,
    /// When it was raised by the limits in force.
    pub before: Option<ReceiptTime>,
    /// When it would be raised.
    pub after: Option<ReceiptTime>,
    /// From its raising to its end; `None` where it goes on at the end of the span.
    pub lasts: Option<Duration>,
    /// Its worst value.
    pub worst: Option<Quantity>,
}

/// What a trial found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Alerts by the limits in force.
    pub before: u32,
    /// Alerts by the limits tried.
    pub after: u32,
    /// Numbers that were replayed or left out because they could do nothing.
    pub numerics_read: u64,
    /// What differs, in order of time.
    pub differences: Vec<Difference>,
}

/// Replays a span of a bed's present stay by two sets of rules.
pub fn compare(
    reader: &Reader,
    bed: &BedId,
    (from, until): (ReceiptTime, ReceiptTime),
    profile: &Arc<Profile>,
    before: &[LimitRule],
    after: &[LimitRule],
) -> Result<Found, StoreError> {
    let beds = reader.beds()?;
    let stay = beds.into_iter().find(|b| b.bed.id == *bed).and_then(|b| b.encounter);
    let stay: Option<EncounterId> = stay.map(|e| e.id);
    let mut metrics: Vec<MetricCode> = before.iter().chain(after).map(|r| r.metric).collect();
    metrics.sort_unstable();
    metrics.dedup();
    let mut found = Found::default();
    for metric in metrics {
        let rule = |rules: &[LimitRule]| rules.iter().find(|r| r.metric == metric).copied();
        let window = Window {
            encounter: stay.clone(),
            ..Window::all(bed.clone(), metric).between(from, until)
        };
        let tracks = [rule(before), rule(after)].map(|rule| Track::new(bed, profile, rule));
        let (tracks, read) = replay(reader, &window, tracks)?;
        found.numerics_read += read;
        let [before, after] = tracks.map(|t| t.alerts);
        found.before += u32::try_from(before.len()).unwrap_or(u32::MAX);
        found.after += u32::try_from(after.len()).unwrap_or(u32::MAX);
        found.differences.extend(differences(metric, &before, &after));
    }
    found
        .differences
        .sort_by_key(|d| (d.before.or(d.after), d.metric, d.side));
    Ok(found)
}

fn replay(reader: &Reader, window: &Window, mut tracks: [Track; 2]) -> Result<([Track; 2], u64), StoreError> {
    // Whether nothing is open by either rule: asked by the reader between values.
    let calm = Rc::new(Cell::new(true));
    let is_calm = Rc::clone(&calm);
    let limits = [&tracks[0], &tracks[1]].map(|t| t.rule.map(|r| r.limits));
    let inside = move |low: Quantity, high: Quantity| {
        limits
            .iter()
            .flatten()
            .all(|l| l.crossed_by(low).is_none() && l.crossed_by(high).is_none())
    };
    let mut read = 0;
    for item in reader.numerics_unless(window, move |low, high| is_calm.get() && inside(low, high)) {
        let (at, numeric) = item?;
        read += 1;
        for track in &mut tracks {
            track.take(at, &numeric);
        }
        calm.set(tracks.iter().all(|t| t.open == 0));
    }
    for track in &mut tracks {
        track.end(window.until);
    }
    Ok((tracks, read))
}

/// One alert of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Occurrence {
    id: AlertId,
    side: Side,
    since: ReceiptTime,
    raised: ReceiptTime,
    over: Option<ReceiptTime>,
    worst: Option<Quantity>,
}

/// The engine over one number by one rule.
struct Track {
    bed: BedId,
    rule: Option<LimitRule>,
    engine: Engine,
    alerts: Vec<Occurrence>,
    /// Conditions of limits that are pending or there.
    open: usize,
}

impl Track {
    fn new(bed: &BedId, profile: &Arc<Profile>, rule: Option<LimitRule>) -> Self {
        let mut engine = Engine::new(Settings::default(), AlertId(1));
        let set_up = Event::Bed {
            bed: bed.clone(),
            profile: Arc::clone(profile),
            rules: rule.into_iter().collect(),
            expected: Vec::new(),
        };
        engine.step(ReceiptTime::from_micros(i64::MIN), &set_up);
        Self {
            bed: bed.clone(),
            rule,
            engine,
            alerts: Vec::new(),
            open: 0,
        }
    }

    fn take(&mut self, at: ReceiptTime, numeric: &Numeric) {
        let Some(rule) = self.rule else { return };
        let value = numeric.reading.quantity();
        if self.open == 0 && value.is_some_and(|v| rule.limits.crossed_by(v).is_none()) {
            return;
        }
        let event = Event::Numeric {
            bed: self.bed.clone(),
            feed: 0,
            numeric: numeric.clone(),
        };
        let effects = self.engine.step(at, &event);
        self.note(&effects);
        self.open = self.engine.live_limits(&self.bed);
    }

    /// Another rule holds from now on.
    fn change(&mut self, at: ReceiptTime, metric: MetricCode, rule: Option<LimitRule>) {
        let event = Event::Rule {
            bed: self.bed.clone(),
            metric,
            rule,
        };
        self.rule = rule;
        let effects = self.engine.step(at, &event);
        self.note(&effects);
        self.open = self.engine.live_limits(&self.bed);
    }

    /// What is still pending at the end of the span is raised if its delay ends inside it.
    fn end(&mut self, until: ReceiptTime) {
        let effects = self.engine.step(until, &Event::Tick);
        self.note(&effects);
    }

    fn note(&mut self, effects: &alert::Effects) {
        for transition in &effects.transitions {
            let state = &transition.state;
            let Cause::Limit { side, .. } = state.cause else {
                continue;
            };
            let known = self.alerts.iter_mut().rfind(|a| a.id == state.id);
            match (known, transition.kind) {
                (None, JournalKind::AlertRaised) => self.alerts.push(Occurrence {
                    id: state.id,
                    side,
                    since: state.since,
                    raised: state.raised_at,
                    over: None,
                    worst: state.worst,
                }),
                (Some(known), _) => {
                    known.worst = state.worst;
                    if state.presence == ConditionPresence::Cleared && known.over.is_none() {
                        known.over = Some(transition.at);
                    }
                }
                (None, _) => {}
            }
        }
        for state in &effects.shown {
            if let Some(known) = self.alerts.iter_mut().rfind(|a| a.id == state.id) {
                known.worst = state.worst;
            }
        }
    }
}

/// Pairs alerts that overlap in time on the same side; what has no pair vanishes or appears.
fn differences(metric: MetricCode, before: &[Occurrence], after: &[Occurrence]) -> Vec<Difference> {
    let mut taken = vec![false; after.len()];
    let mut found = Vec::new();
    let overlaps = |a: &Occurrence, b: &Occurrence| {
        a.side == b.side && a.over.is_none_or(|over| b.since <= over) && b.over.is_none_or(|over| a.since <= over)
    };
    let lasts = |o: &Occurrence| o.over.map(|over| over.since(o.raised));
    for old in before {
        let pair = after
            .iter()
            .zip(&mut taken)
            .find(|(new, taken)| !**taken && overlaps(old, new));
        let difference = Difference {
            what: Change::Vanishes,
            metric,
            side: old.side,
            before: Some(old.raised),
            after: None,
            lasts: lasts(old),
            worst: old.worst,
        };
        match pair {
            None => found.push(difference),
            Some((new, taken)) => {
                *taken = true;
                if new.raised != old.raised || new.over != old.over {
                    found.push(Difference {
                        what: Change::Moves,
                        after: Some(new.raised),
                        lasts: lasts(new),
                        worst: new.worst,
                        ..difference
                    });
                }
            }
        }
    }
    for (new, _) in after.iter().zip(&taken).filter(|(_, taken)| !**taken) {
        found.push(Difference {
            what: Change::Appears,
            metric,
            side: new.side,
            before: None,
            after: Some(new.raised),
            lasts: lasts(new),
            worst: new.worst,
        });
    }
    found
}
