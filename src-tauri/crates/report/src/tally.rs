//! What a list of alerts comes to: counts, response times, silence.

use std::collections::BTreeMap;

use model::{AlertId, AlertKind, AlertState, Cause, JournalEntry, JournalKind, Person, Priority, ReceiptTime, Side};

use crate::heading::seconds;

/// A person's first answer to an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// When.
    pub at: ReceiptTime,
    /// Who.
    pub by: Option<Person>,
    /// `accepted`, `acknowledged` or `declined`.
    pub how: &'static str,
}

/// What counts as an answer of a person.
const ANSWERS: [(JournalKind, &str); 3] = [
    (JournalKind::AlertAccepted, "accepted"),
    (JournalKind::AlertAcknowledged, "acknowledged"),
    (JournalKind::AlertDeclined, "declined"),
];

/// One alert from beginning to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// As it stood last.
    pub state: AlertState,
    /// The highest priority it had.
    pub priority: Priority,
    /// When its condition was over; `None` while it lasts.
    pub cleared_at: Option<ReceiptTime>,
    /// The first answer to it.
    pub answer: Option<Answer>,
}

/// Somebody kept something silent for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silence {
    /// From then on.
    pub from: ReceiptTime,
    /// Until then.
    pub until: ReceiptTime,
    /// What.
    pub what: String,
    /// Who answers for it.
    pub by: Option<Person>,
    /// Why, where it was said.
    pub reason: Option<String>,
    /// A direction was paused beforehand; otherwise an alert was acknowledged.
    pub is_pause: bool,
}

impl Occurrence {
    /// From raising to the first answer, in seconds.
    pub fn response_s(&self) -> Option<f64> {
        let answer = self.answer.as_ref()?;
        Some(seconds(self.state.raised_at, answer.at).max(0.0))
    }

    /// How long it lasted, in seconds; `None` while it does.
    pub fn lasted_s(&self) -> Option<f64> {
        Some(seconds(self.state.raised_at, self.cleared_at?).max(0.0))
    }
}

/// The alerts of journal entries in order of time, oldest first, whatever else is among them.
pub fn occurrences<'e>(entries: impl IntoIterator<Item = &'e JournalEntry>) -> Vec<Occurrence> {
    let mut found: BTreeMap<AlertId, Occurrence> = BTreeMap::new();
    for entry in entries {
        let Some(state) = &entry.alert else { continue };
        let one = found.entry(state.id).or_insert_with(|| Occurrence {
            state: state.clone(),
            priority: state.priority,
            cleared_at: None,
            answer: None,
        });
        one.priority = one.priority.max(state.priority);
        one.state = state.clone();
        if entry.kind == JournalKind::AlertCleared {
            one.cleared_at = Some(entry.at);
        }
        let Some((_, how)) = ANSWERS.into_iter().find(|(kind, _)| *kind == entry.kind) else {
            continue;
        };
        one.answer.get_or_insert_with(|| Answer {
            at: entry.at,
            by: entry.person.clone(),
            how,
        });
    }
    let mut found: Vec<_> = found.into_values().collect();
    found.sort_by_key(|one| (one.state.raised_at, one.state.id));
    found
}

/// Pauses, and alerts that were acknowledged and still there, in entries in order of time. What goes on at the end
/// of them lasts until `end` at most.
pub fn silences<'e>(entries: impl IntoIterator<Item = &'e JournalEntry>, end: ReceiptTime) -> Vec<Silence> {
    let mut found: Vec<Silence> = Vec::new();
    let mut pauses: BTreeMap<(model::MetricCode, Side), usize> = BTreeMap::new();
    let mut acknowledged: BTreeMap<AlertId, usize> = BTreeMap::new();
    for entry in entries {
        if let Some(pause) = &entry.pause {
            let key = (pause.metric, pause.side);
            if let Some(index) = pauses.remove(&key) {
                cut(&mut found, index, entry.at);
            }
            if entry.kind == JournalKind::Paused {
                pauses.insert(key, found.len());
                found.push(Silence {
                    from: pause.since,
                    until: pause.until.min(end),
                    what: format!("{} {}", pause.metric.label(), pause.side.as_str()),
                    by: Some(pause.by.clone()),
                    reason: Some(pause.reason.clone()).filter(|r| !r.is_empty()),
                    is_pause: true,
                });
            }
        }
        let Some(state) = &entry.alert else { continue };
        let is_silent = state.signal == model::SignalPresence::Acknowledged;
        match acknowledged.get(&state.id).copied() {
            Some(index) if !is_silent => {
                acknowledged.remove(&state.id);
                cut(&mut found, index, entry.at);
            }
            None if is_silent => {
                acknowledged.insert(state.id, found.len());
                found.push(Silence {
                    from: entry.at,
                    until: state.realert_at.unwrap_or(end).min(end),
                    what: cause(state),
                    by: state.owner.clone(),
                    reason: None,
                    is_pause: false,
                });
            }
            Some(_) | None => {}
        }
    }
    found.retain(|one| one.until > one.from);
    found
}

fn cut(found: &mut [Silence], index: usize, at: ReceiptTime) {
    if let Some(one) = found.get_mut(index) {
        one.until = one.until.min(at);
    }
}

/// How long at least one of `silences` lasted between two times, in seconds.
pub(crate) fn covered_s<'s>(silences: impl Iterator<Item = &'s Silence>, from: ReceiptTime, until: ReceiptTime) -> f64 {
    let mut spans: Vec<_> = silences.map(|s| (s.from.max(from), s.until.min(until))).collect();
    spans.sort_unstable();
    let mut sum = 0.0;
    let mut reached = from;
    for (start, end) in spans {
        let start = start.max(reached);
        if end > start {
            sum += seconds(start, end);
            reached = end;
        }
    }
    sum
}

/// What is wrong, in a few words, the same for every occurrence of one cause.
pub fn cause(state: &AlertState) -> String {
    let text = state.text.as_deref();
    match &state.cause {
        Cause::Limit { metric, side } => format!("{} {}", metric.label(), side.as_str()),
        Cause::FeedLost => "Feed lost".to_owned(),
        Cause::Stale { metric } => format!("{} comes no more", metric.label()),
        Cause::SensorOff { metric } => format!("{} sensor or lead off", metric.label()),
        Cause::InvalidValue { metric } => format!("{} not valid", metric.label()),
        Cause::DeviceClock => "Device's clock".to_owned(),
        Cause::Device { code } => format!("Monitor: {}", text.unwrap_or(code)),
        Cause::Rule { id } => text.unwrap_or(id).to_owned(),
        Cause::EarlyWarning { .. } => "NEWS2".to_owned(),
        Cause::Disk => "History not written".to_owned(),
        Cause::Sound => "No sound".to_owned(),
        Cause::PageDead => "Screen dead".to_owned(),
    }
}

/// The value and the limit it crossed: `84 < 88`; empty where there is none.
pub fn crossing(state: &AlertState) -> String {
    let Some((worst, limit)) = state.worst.zip(state.limit) else {
        return String::new();
    };
    let places = usize::from(state.cause.metric().map_or(0, model::MetricCode::decimals));
    let sign = if state.cause.side() == Some(Side::Low) {
        "<"
    } else if matches!(state.cause, Cause::EarlyWarning { .. }) {
        "≥"
    } else {
        ">"
    };
    format!("{worst:.places$} {sign} {limit:.places$}")
}

/// Counts of a list of alerts.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Tally {
    pub all: usize,
    pub high: usize,
    pub medium: usize,
    pub low: usize,
    pub technical: usize,
    /// Over without any answer.
    pub unanswered: usize,
    /// Still there at the end.
    pub open: usize,
    /// Passed on beyond the first rung.
    pub passed_on: usize,
    /// Seconds from raising to the first answer, sorted.
    pub responses: Vec<f64>,
}

impl Tally {
    pub(crate) fn of(alerts: &[Occurrence]) -> Self {
        let count = |what: &dyn Fn(&Occurrence) -> bool| alerts.iter().filter(|a| what(a)).count();
        let mut responses: Vec<f64> = alerts.iter().filter_map(Occurrence::response_s).collect();
        responses.sort_by(f64::total_cmp);
        Self {
            all: alerts.len(),
            high: count(&|a| a.priority == Priority::High),
            medium: count(&|a| a.priority == Priority::Medium),
            low: count(&|a| a.priority == Priority::Low),
            technical: count(&|a| a.state.kind == AlertKind::Technical),
            unanswered: count(&|a| a.answer.is_none() && a.cleared_at.is_some()),
            open: count(&|a| a.cleared_at.is_none()),
            passed_on: count(&|a| a.state.rung > model::Rung::First),
            responses,
        }
    }

    /// The response time that `percent` of the answered alerts did not exceed (nearest rank), in seconds.
    pub(crate) fn response(&self, percent: usize) -> Option<f64> {
        let rank = (self.responses.len() * percent).div_ceil(100).max(1);
        self.responses.get(rank - 1).copied()
    }
}

/// Causes by how often they came, the most frequent first.
pub(crate) fn causes(alerts: &[Occurrence]) -> Vec<(String, Vec<&Occurrence>)> {
    let mut by_cause: BTreeMap<String, Vec<&Occurrence>> = BTreeMap::new();
    for alert in alerts {
        by_cause.entry(cause(&alert.state)).or_default().push(alert);
    }
    let mut causes: Vec<_> = by_cause.into_iter().collect();
    causes.sort_by_key(|(_, alerts)| std::cmp::Reverse(alerts.len()));
    causes
}
