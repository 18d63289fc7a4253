//! A recorded span as the ward saw it: its numbers through the engine by the limits of their time, beside the alerts that
//! were recorded then.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use alert::profile::Profile;
use model::{
    AlertId, BedId, Cause, ConditionPresence, EncounterId, JournalEntry, JournalKind, LimitRule, MetricCode, Priority,
    Quantity, ReceiptTime, Side,
};
use store::{Reader, StoreError, Window};

use super::Track;

/// Two raisings nearer than this are the same: the loop reads its clock once for several numbers that came together.
const SAME_WITHIN: Duration = Duration::from_millis(250);

/// An alert of a limit that the engine gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// Which number.
    pub metric: MetricCode,
    /// Which side.
    pub side: Side,
    /// How urgent, by the rule at its raising.
    pub priority: Priority,
    /// When it is raised.
    pub raised: ReceiptTime,
    /// When its condition is over; `None` where it goes on at the end.
    pub over: Option<ReceiptTime>,
    /// Its worst value.
    pub worst: Option<Quantity>,
}

/// One alert that is otherwise. Only recorded: the engine gives none; only replayed: none was recorded; both: at
/// another time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenDifference {
    /// Which number.
    pub metric: MetricCode,
    /// Which side.
    pub side: Side,
    /// When it was raised then.
    pub recorded: Option<ReceiptTime>,
    /// When the engine raises it.
    pub replayed: Option<ReceiptTime>,
}

/// What a replay gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The alerts of limits that were raised in the span, in order of time.
    pub alerts: Vec<Replayed>,
    /// How many were recorded.
    pub recorded: u32,
    /// Where the two differ, in order of time.
    pub differences: Vec<SeenDifference>,
}

/// Replays a stay up to the end of a span and says what was raised inside it.
///
/// `journal` holds the entries of that stay, oldest first; `rules` are the limits in force after the last of them. The
/// replay begins where the stay does, so that what was open at the start of the span is open.
pub fn as_the_ward_saw_it(
    reader: &Reader,
    (bed, stay): (&BedId, Option<&EncounterId>),
    (from, until): (ReceiptTime, ReceiptTime),
    profile: &Arc<Profile>,
    rules: &[LimitRule],
    journal: &[JournalEntry],
) -> Result<Seen, StoreError> {
    let mut metrics: Vec<MetricCode> = rules.iter().map(|r| r.metric).collect();
    metrics.extend(journal.iter().filter_map(|e| e.limits.map(|l| l.metric)));
    metrics.sort_unstable();
    metrics.dedup();
    let recorded = recorded(journal, (from, until));
    let mut seen = Seen {
        recorded: u32::try_from(recorded.len()).unwrap_or(u32::MAX),
        ..Seen::default()
    };
    for metric in metrics {
        let story = Story::of(metric, rules, journal);
        let window = Window {
            encounter: stay.cloned(),
            ..Window::all(bed.clone(), metric).between(ReceiptTime::from_micros(i64::MIN), until)
        };
        let alerts = story.replay(reader, &window, profile)?;
        seen.alerts.extend(alerts.into_iter().filter(|a| a.raised >= from));
    }
    seen.alerts.sort_by_key(|a| (a.raised, a.metric, a.side));
    seen.differences = differences(&recorded, &seen.alerts);
    Ok(seen)
}

/// The limits of one number over a stay.
struct Story {
    metric: MetricCode,
    first: Option<LimitRule>,
    changes: Vec<(ReceiptTime, Option<LimitRule>)>,
}

impl Story {
    fn of(metric: MetricCode, rules: &[LimitRule], journal: &[JournalEntry]) -> Self {
        let changes: Vec<_> = journal
            .iter()
            .filter_map(|e| e.limits.map(|l| (e.at, l)))
            .filter(|(_, l)| l.metric == metric)
            .collect();
        let first = match changes.first() {
            Some((_, change)) => change.before,
            None => rules.iter().find(|r| r.metric == metric).copied(),
        };
        Self {
            metric,
            first,
            changes: changes.into_iter().map(|(at, l)| (at, l.after)).collect(),
        }
    }

    fn replay(&self, reader: &Reader, window: &Window, profile: &Arc<Profile>) -> Result<Vec<Replayed>, StoreError> {
        let mut track = Track::new(&window.bed, profile, self.first);
        let calm = Rc::new(Cell::new(true));
        let is_calm = Rc::clone(&calm);
        let ever: Vec<_> = self.changes.iter().map(|(_, rule)| *rule).chain([self.first]).collect();
        let inside = move |low: Quantity, high: Quantity| {
            ever.iter()
                .flatten()
                .all(|r| r.limits.crossed_by(low).is_none() && r.limits.crossed_by(high).is_none())
        };
        let mut changes = self.changes.iter().peekable();
        let mut priorities: Vec<(AlertId, Priority)> = Vec::new();
        for item in reader.numerics_unless(window, move |low, high| is_calm.get() && inside(low, high)) {
            let (at, numeric) = item?;
            while let Some((changed, rule)) = changes.next_if(|(changed, _)| *changed <= at) {
                track.change(*changed, self.metric, *rule);
            }
            track.take(at, &numeric);
            remember(&mut priorities, &track);
            calm.set(track.open == 0);
        }
        for (changed, rule) in changes.take_while(|(changed, _)| *changed <= window.until) {
            track.change(*changed, self.metric, *rule);
        }
        track.end(window.until);
        remember(&mut priorities, &track);
        let alerts = track.alerts.iter().filter(|a| a.raised < window.until);
        Ok(alerts
            .map(|a| Replayed {
                metric: self.metric,
                side: a.side,
                priority: priorities
                    .iter()
                    .rfind(|(id, _)| *id == a.id)
                    .map_or(Priority::Medium, |(_, p)| *p),
                raised: a.raised,
                over: a.over,
                worst: a.worst,
            })
            .collect())
    }
}

/// The priority of an alert is that of the rule under which it was raised.
fn remember(priorities: &mut Vec<(AlertId, Priority)>, track: &Track) {
    for alert in track.alerts.iter().skip(priorities.len()) {
        let priority = track.rule.map_or(Priority::Medium, |r| r.priority);
        priorities.push((alert.id, priority));
    }
}

/// The alerts of limits that were raised inside a span, as the journal has them.
fn recorded(journal: &[JournalEntry], (from, until): (ReceiptTime, ReceiptTime)) -> Vec<Replayed> {
    let mut found: Vec<(AlertId, Replayed)> = Vec::new();
    for state in journal.iter().filter_map(|e| e.alert.as_ref().map(|a| (e, a))) {
        let (entry, state) = state;
        let Cause::Limit { metric, side } = state.cause else {
            continue;
        };
        match found.iter_mut().rfind(|(id, _)| *id == state.id) {
            None if entry.kind == JournalKind::AlertRaised && (from..until).contains(&state.raised_at) => {
                found.push((
                    state.id,
                    Replayed {
                        metric,
                        side,
                        priority: state.priority,
                        raised: state.raised_at,
                        over: None,
                        worst: state.worst,
                    },
                ));
            }
            None => {}
            Some((_, known)) => {
                known.worst = state.worst;
                if state.presence == ConditionPresence::Cleared {
                    known.over = known.over.or(Some(entry.at));
                }
            }
        }
    }
    found.into_iter().map(|(_, alert)| alert).collect()
}

/// Pairs alerts of one side whose times overlap.
fn differences(recorded: &[Replayed], replayed: &[Replayed]) -> Vec<SeenDifference> {
    let mut taken = vec![false; replayed.len()];
    let mut found = Vec::new();
    let overlaps = |a: &Replayed, b: &Replayed| {
        (a.metric, a.side) == (b.metric, b.side)
            && a.over.is_none_or(|over| b.raised <= over)
            && b.over.is_none_or(|over| a.raised <= over)
    };
    for old in recorded {
        let pair = replayed
            .iter()
            .zip(&mut taken)
            .find(|(new, taken)| !**taken && overlaps(old, new));
        let difference = SeenDifference {
            metric: old.metric,
            side: old.side,
            recorded: Some(old.raised),
            replayed: None,
        };
        match pair {
            None => found.push(difference),
            Some((new, taken)) => {
                *taken = true;
                if new.raised.since(old.raised).max(old.raised.since(new.raised)) > SAME_WITHIN {
                    found.push(SeenDifference {
                        replayed: Some(new.raised),
                        ..difference
                    });
                }
            }
        }
    }
    for (new, _) in replayed.iter().zip(&taken).filter(|(_, taken)| !**taken) {
        found.push(SeenDifference {
            metric: new.metric,
            side: new.side,
            recorded: None,
            replayed: Some(new.raised),
        });
    }
    found.sort_by_key(|d| (d.recorded.or(d.replayed), d.metric, d.side));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert(raised_s: i64, over_s: Option<i64>) -> Replayed {
        let at = |s: i64| ReceiptTime::from_millis(s * 1_000);
        Replayed {
            metric: MetricCode::HeartRate,
            side: Side::Low,
            priority: Priority::High,
            raised: at(raised_s),
            over: over_s.map(at),
            worst: None,
        }
    }

    #[test]
    fn what_was_recorded_and_what_is_replayed_are_told_apart() {
        let recorded = [alert(10, Some(20)), alert(100, Some(120)), alert(200, Some(210))];
        let replayed = [alert(10, Some(20)), alert(105, Some(120)), alert(300, None)];
        let found = differences(&recorded, &replayed);
        let seconds = |t: Option<ReceiptTime>| t.map(|t| t.as_micros() / 1_000_000);
        let told: Vec<_> = found
            .iter()
            .map(|d| (seconds(d.recorded), seconds(d.replayed)))
            .collect();
        assert_eq!(told, [(Some(100), Some(105)), (Some(200), None), (None, Some(300))]);
    }
}
