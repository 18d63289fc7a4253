//! "When was it like this?": stretches of history in which formulas held, over all beds and stays.
//!
//! The language is that of combined rules (`alert::formula`), and so is the judge (`alert::combined`): what is found is
//! what a rule would have seen. Formulas are joined by `and`, each with a time of its own:
//!
//! ```text
//! SpO2 < 88 for 20 s and HR < 50
//! ```
//!
//! finds where HR was below 50 while SpO₂ was below 88, as part of a time of 20 s or more in which it was. A value
//! counts until the next one, and not for longer than it would have been shown.
//!
//! Chunks whose extremes say that they cannot matter are not read: what all terms may have reached at once is cut out
//! first, and only that is read and judged.

mod spans;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use alert::combined::Combined;
use alert::formula::{Formula, Term};
use model::{BedId, EncounterId, MetricCode, Quantity, ReceiptTime, Side};
use store::{Reach, Reader, StoreError, Window};

use spans::{Span, intersection, merged, near};

/// The longest that a value from time to time (a cuff) counts. One that was announced for longer is searched no further.
const HOLDS_MAX: Duration = Duration::from_hours(24);
/// The longest that a continuous value counts: [`model::NumericTiming::stale_after`] is no longer.
const CONTINUOUS_HOLDS_MAX: Duration = Duration::from_mins(1);
/// Stretches that are nearer than this are read as one.
const NEAR: Duration = Duration::from_mins(10);

/// One stretch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Which bed.
    pub bed: BedId,
    /// Whose stay; `None` when nobody was admitted.
    pub encounter: Option<EncounterId>,
    /// From then on all formulas held at once, …
    pub from: ReceiptTime,
    /// … until then.
    pub until: ReceiptTime,
    /// The value furthest out of each number that was asked for, on the side that was asked for.
    pub worst: Vec<(MetricCode, Quantity)>,
}

/// What was found in one history.
#[derive(Debug, Default)]
pub struct Found {
    /// The stretches: by bed, then by time.
    pub matches: Vec<Match>,
    /// Values that had to be read.
    pub numerics_read: u64,
    /// What could not be read and was left out.
    pub unread: Vec<StoreError>,
}

/// Whose numbers.
type Place = (BedId, Option<EncounterId>);

/// Searches one history file. `asked` is what [`Formula::several`] reads.
pub fn search(reader: &Reader, asked: &[Formula]) -> Result<Found, StoreError> {
    let mut found = Found::default();
    let Some((windows, order)) = candidates(reader, asked)? else {
        return Ok(found);
    };
    for place in order {
        let Some(windows) = windows.get(&place) else { continue };
        for window in near(windows, micros(NEAR)) {
            judge(reader, asked, &place, window, &mut found);
        }
    }
    Ok(found)
}

/// The recorded sessions of a data directory, by name.
///
/// # Errors
/// The directory of sessions is there and cannot be listed.
pub fn sessions(dir: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(dir.join("sessions")) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "wardlight") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Where all terms may hold at once, by place, and the places in the order of the beds. `None` when no place has all.
type Candidates = Option<(BTreeMap<Place, Vec<Span>>, Vec<Place>)>;

fn candidates(reader: &Reader, asked: &[Formula]) -> Result<Candidates, StoreError> {
    let mut left: Candidates = None;
    for term in asked.iter().flat_map(Formula::terms) {
        let (side, bound) = match *term {
            Term::Beyond { side, bound, .. } => (side, bound),
            // From what it moved is anywhere: all values count.
            Term::Moved { .. } => (Side::High, Quantity::from_thousandths(i32::MIN)),
        };
        let reached = reader.reach(term.metric(), side, bound)?;
        let order: Vec<Place> = reached.iter().map(|r| (r.bed.clone(), r.encounter.clone())).collect();
        let reached = by_place(reached, micros(holds_at_most(term.metric())));
        left = Some(match left {
            None => (reached, order),
            Some((before, order)) => {
                let both = before.into_iter().filter_map(|(place, spans)| {
                    let spans = intersection(&spans, reached.get(&place)?);
                    (!spans.is_empty()).then_some((place, spans))
                });
                (both.collect(), order)
            }
        });
    }
    Ok(left.map(|(windows, mut order)| {
        let mut seen = std::collections::BTreeSet::new();
        order.retain(|place| seen.insert(place.clone()));
        (windows, order)
    }))
}

fn by_place(reached: Vec<Reach>, holds: i64) -> BTreeMap<Place, Vec<Span>> {
    let mut all: BTreeMap<Place, Vec<Span>> = BTreeMap::new();
    for reach in reached {
        let spans = reach
            .spans
            .iter()
            .map(|(a, b)| (a.as_micros(), b.as_micros().saturating_add(holds)));
        all.entry((reach.bed, reach.encounter)).or_default().extend(spans);
    }
    all.into_iter().map(|(place, spans)| (place, merged(spans))).collect()
}

const fn holds_at_most(metric: MetricCode) -> Duration {
    if metric.is_intermittent() {
        HOLDS_MAX
    } else {
        CONTINUOUS_HOLDS_MAX
    }
}

/// A value and until when it counts.
#[derive(Clone, Copy, Debug)]
struct Held {
    at: i64,
    until: i64,
    value: Option<Quantity>,
}

/// Reads what belongs to a window and puts the stretches that begin in it to the others.
fn judge(reader: &Reader, asked: &[Formula], place: &Place, window: Span, found: &mut Found) {
    let lasts = asked.iter().map(Formula::lasts).max().unwrap_or_default();
    let mut reads: BTreeMap<MetricCode, Duration> = BTreeMap::new();
    for term in asked.iter().flat_map(Formula::terms) {
        let before = match term {
            Term::Beyond { .. } => Duration::ZERO,
            Term::Moved { within, .. } => *within,
        };
        let known = reads.entry(term.metric()).or_default();
        *known = before.max(*known);
    }
    let mut numbers: BTreeMap<MetricCode, Vec<Held>> = BTreeMap::new();
    for (metric, before) in reads {
        let holds = micros(holds_at_most(metric)).saturating_add(micros(lasts));
        let from = window.0.saturating_sub(holds).saturating_sub(micros(before));
        let span = (from, window.1.saturating_add(holds));
        numbers.insert(metric, read(reader, place, metric, span, found));
    }
    let mut stretches: Option<Vec<Span>> = None;
    for formula in asked {
        let lasts = micros(formula.lasts());
        let mut held = stretches_of(formula, &numbers);
        held.retain(|(from, until)| until - from >= lasts);
        stretches = Some(match stretches {
            None => held,
            Some(before) => intersection(&before, &held),
        });
    }
    for (from, until) in stretches.unwrap_or_default() {
        if (window.0..window.1).contains(&from) {
            found.matches.push(Match {
                bed: place.0.clone(),
                encounter: place.1.clone(),
                from: ReceiptTime::from_micros(from),
                until: ReceiptTime::from_micros(until),
                worst: worst(asked, &numbers, (from, until)),
            });
        }
    }
}

fn read(reader: &Reader, place: &Place, metric: MetricCode, span: Span, found: &mut Found) -> Vec<Held> {
    let window = Window {
        encounter: place.1.clone(),
        ..Window::all(place.0.clone(), metric)
    };
    let times = (ReceiptTime::from_micros(span.0), ReceiptTime::from_micros(span.1));
    let mut held: Vec<Held> = Vec::new();
    for item in reader.numerics(&window.between(times.0, times.1)) {
        match item {
            Ok((at, numeric)) => {
                found.numerics_read += 1;
                let at = at.as_micros();
                if let Some(last) = held.last_mut() {
                    last.until = last.until.min(at);
                }
                let counts = micros(numeric.timing.stale_after().min(holds_at_most(metric)));
                held.push(Held {
                    at,
                    until: at.saturating_add(counts),
                    value: numeric.reading.quantity(),
                });
            }
            Err(error) => found.unread.push(error),
        }
    }
    held
}

/// When a formula held, judged as a rule is: value by value.
fn stretches_of(formula: &Formula, numbers: &BTreeMap<MetricCode, Vec<Held>>) -> Vec<Span> {
    let mut changes: Vec<(i64, MetricCode, Option<Quantity>)> = Vec::new();
    let mut metrics: Vec<MetricCode> = formula.terms().iter().map(Term::metric).collect();
    metrics.sort_unstable();
    metrics.dedup();
    for metric in metrics {
        let held = numbers.get(&metric).map(Vec::as_slice).unwrap_or_default();
        for (n, one) in held.iter().enumerate() {
            changes.push((one.at, metric, one.value));
            if held.get(n + 1).is_none_or(|next| next.at > one.until) {
                changes.push((one.until, metric, None));
            }
        }
    }
    changes.sort_by_key(|(at, _, _)| *at);
    let mut combined = Combined::new(formula);
    let mut stretches: Vec<Span> = Vec::new();
    let mut since: Option<i64> = None;
    for (n, (at, metric, value)) in changes.iter().enumerate() {
        let now = ReceiptTime::from_micros(*at);
        combined.numeric(now, *metric, *value);
        let next = changes.get(n + 1).map_or(i64::MAX, |(at, _, _)| *at);
        if next == *at {
            continue;
        }
        if !combined.holds(now) {
            stretches.extend(since.take().map(|since| (since, *at)));
            continue;
        }
        let since_when = *since.get_or_insert(*at);
        // What has moved stops to have moved when the value that it moved from grows too old.
        if let Some(end) = combined
            .next_change(now)
            .map(ReceiptTime::as_micros)
            .filter(|end| *end < next)
        {
            stretches.push((since_when, end));
            since = None;
        }
    }
    stretches
}

fn worst(
    asked: &[Formula],
    numbers: &BTreeMap<MetricCode, Vec<Held>>,
    (from, until): Span,
) -> Vec<(MetricCode, Quantity)> {
    let mut all: Vec<(MetricCode, Quantity)> = Vec::new();
    let mut done: Vec<(MetricCode, Side)> = Vec::new();
    for term in asked.iter().flat_map(Formula::terms) {
        let (Term::Beyond { metric, side, .. } | Term::Moved { metric, side, .. }) = *term;
        if done.contains(&(metric, side)) {
            continue;
        }
        done.push((metric, side));
        let held = numbers.get(&metric).map(Vec::as_slice).unwrap_or_default();
        let inside = held
            .iter()
            .filter(|h| h.at < until && h.until > from)
            .filter_map(|h| h.value);
        let furthest = match side {
            Side::Low => inside.min(),
            Side::High => inside.max(),
        };
        all.extend(furthest.map(|value| (metric, value)));
    }
    all
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
#[path = "find_tests.rs"]
mod tests;
