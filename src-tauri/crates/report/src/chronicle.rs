//! What happened in a stay, in words, and what was recorded of it.

use std::time::Duration;

use model::{JournalEntry, JournalKind, Kind, LimitRule, MetricCode, ReceiptTime, SpO2Scale};
use store::{Lane, NO_SAMPLE_WIDE};

use crate::heading::Heading;
use crate::history::Source;
use crate::output::ReportError;
use crate::stay::{Event, Recorded};

/// Two blocks of a wave nearer than this are one stretch: less is the rounding of a rate.
const JOINS_WITHIN: Duration = Duration::from_millis(50);
/// What is about equipment, and what a person reads.
const TECHNICAL: [(JournalKind, &str); 5] = [
    (JournalKind::DeviceIdentified, "Device"),
    (JournalKind::Connectivity, "Connection"),
    (JournalKind::BedConfigured, "Bed set up"),
    (JournalKind::Rejected, "Not taken"),
    (JournalKind::StoreFault, "History"),
];
/// More rows about devices than this help nobody; how many more there are is said.
const TECHNICAL_MAX: usize = 120;
/// About one each third of a millimetre of the bar.
const FOREIGN_BINS: u32 = 288;

/// Every series of the stay and when it was recorded.
pub(crate) fn recorded(source: &mut Source) -> Result<Vec<Recorded>, ReportError> {
    let mut all = Vec::new();
    for lane in source.lanes.clone() {
        let one = match (lane.kind, lane.metric) {
            (Kind::Wave, _) => wave(source, &lane)?,
            (Kind::Numeric, Some(metric)) => numbers(source, metric, &lane)?,
            (Kind::Numeric, None) => foreign(source, &lane)?,
        };
        all.extend(Some(one).filter(|one| one.count > 0));
    }
    Ok(all)
}

fn wave(source: &mut Source, lane: &Lane) -> Result<Recorded, ReportError> {
    let mut one = empty(lane);
    let reader = source.reader;
    for block in reader.blocks(lane.series, source.heading.from, source.heading.until) {
        let block = block?;
        source.note(block.mode);
        one.kind = format!("{} Hz", block.rate.hertz());
        let count = block.samples.iter().filter(|s| **s != NO_SAMPLE_WIDE).count();
        one.count += u64::try_from(count).unwrap_or(u64::MAX);
        let samples = u64::try_from(block.samples.len()).unwrap_or(u64::MAX);
        let end = block.start.plus(micros(block.rate.micros_of(samples)));
        join(&mut one.stretches, (block.start, end), JOINS_WITHIN);
    }
    Ok(one)
}

/// Numbers that are none of our metrics: how often they should come is not known, so the gaps are those of the index.
fn foreign(source: &Source, lane: &Lane) -> Result<Recorded, ReportError> {
    let (from, until) = (source.heading.from, source.heading.until);
    let mut one = empty(lane);
    for bin in source.reader.envelope(lane.series, from, until, FOREIGN_BINS)?.bins {
        let (from, until) = (
            ReceiptTime::from_micros(bin.from_us),
            ReceiptTime::from_micros(bin.until_us),
        );
        let within = if bin.gap_before { Duration::ZERO } else { Duration::MAX };
        join(&mut one.stretches, (from, until), within);
        one.count += 1;
    }
    Ok(one)
}

fn micros(micros: i64) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

fn numbers(source: &mut Source, metric: MetricCode, lane: &Lane) -> Result<Recorded, ReportError> {
    let mut one = empty(lane);
    let reader = source.reader;
    for item in reader.numerics(&source.window(metric)) {
        let (at, numeric) = item?;
        source.note(numeric.mode);
        if numeric.reading.quantity().is_none() {
            continue;
        }
        one.count += 1;
        let lasts = match numeric.timing {
            model::NumericTiming::Every(period) => period,
            model::NumericTiming::Intermittent(_) => Duration::ZERO,
        };
        // A value counts until the next is due; what comes before a wall would call it old is no gap.
        let until = at.plus(lasts).min(source.heading.until);
        let joins = if one.intermittent {
            Duration::ZERO
        } else {
            numeric.timing.stale_after()
        };
        join(&mut one.stretches, (at, until), joins);
    }
    Ok(one)
}

fn empty(lane: &Lane) -> Recorded {
    Recorded {
        label: lane.label.clone(),
        kind: lane.unit.clone(),
        count: 0,
        stretches: Vec::new(),
        intermittent: lane.metric.is_some_and(MetricCode::is_intermittent),
    }
}

fn join(stretches: &mut Vec<(ReceiptTime, ReceiptTime)>, (from, until): (ReceiptTime, ReceiptTime), within: Duration) {
    match stretches.last_mut() {
        Some((_, end)) if from <= end.plus(within) => *end = (*end).max(until),
        _ => stretches.push((from, until)),
    }
}

/// Changes of limits.
pub(crate) fn limits(heading: &Heading, entries: &[&JournalEntry]) -> Vec<Event> {
    let change = |entry: &&JournalEntry| {
        let change = entry.limits?;
        let until = change
            .until
            .map(|at| format!(", until {}", heading.short(at)))
            .unwrap_or_default();
        let (before, after) = (rule(change.metric, change.before), rule(change.metric, change.after));
        Some(Event {
            at: entry.at,
            what: format!("{} limits", change.metric.label()),
            text: with_reason(format!("{before} → {after}{until}"), entry),
            by: entry.person.clone(),
        })
    };
    entries.iter().filter_map(change).collect()
}

fn rule(metric: MetricCode, rule: Option<LimitRule>) -> String {
    let Some(rule) = rule else {
        return "none".to_owned();
    };
    let places = usize::from(metric.decimals());
    let bounds = match (rule.limits.low(), rule.limits.high()) {
        (Some(low), Some(high)) => format!("{low:.places$}–{high:.places$}"),
        (Some(low), None) => format!("from {low:.places$}"),
        (None, Some(high)) => format!("to {high:.places$}"),
        (None, None) => "none".to_owned(),
    };
    format!("{bounds} ({}, {} s)", rule.priority.as_str(), rule.delay.as_secs())
}

/// Notes, findings at the bedside, checks.
pub(crate) fn notes(entries: &[&JournalEntry]) -> Vec<Event> {
    let note = |entry: &&JournalEntry| {
        let (what, text) = if entry.kind == JournalKind::Noted {
            let about = entry.alert.as_ref().map(crate::cause);
            let what = about.map_or_else(|| "Note".to_owned(), |about| format!("Note on {about}"));
            (what, String::new())
        } else if entry.kind == JournalKind::Assessed {
            let found = entry.assessment.as_ref()?;
            let scale = match found.scale {
                SpO2Scale::One => "1",
                SpO2Scale::Two => "2",
            };
            let (awake, breathes) = (found.consciousness.as_str(), found.breathing.as_str());
            let text = format!("consciousness: {awake}; breathes {breathes}; SpO2 scale {scale}");
            ("Assessment".to_owned(), text)
        } else if entry.kind == JournalKind::BedChecked {
            ("Bed checked".to_owned(), String::new())
        } else {
            return None;
        };
        Some(Event {
            at: entry.at,
            what,
            text: with_reason(with_detail(text, entry), entry),
            by: entry.person.clone(),
        })
    };
    entries.iter().filter_map(note).collect()
}

/// Devices, connections, faults.
pub(crate) fn technical(entries: &[&JournalEntry]) -> Vec<Event> {
    let event = |entry: &&JournalEntry| {
        let (_, what) = TECHNICAL.iter().find(|(kind, _)| *kind == entry.kind)?;
        Some(Event {
            at: entry.at,
            what: (*what).to_owned(),
            text: with_reason(with_detail(String::new(), entry), entry),
            by: entry.person.clone(),
        })
    };
    let mut events: Vec<Event> = entries.iter().filter_map(event).collect();
    let more = events.len().saturating_sub(TECHNICAL_MAX);
    events.truncate(TECHNICAL_MAX);
    if let Some(last) = events.last().filter(|_| more > 0).map(|last| last.at) {
        events.push(Event {
            at: last,
            what: "and later".to_owned(),
            text: format!("{more} more entries; the journal has them all"),
            by: None,
        });
    }
    events
}

fn with_detail(text: String, entry: &JournalEntry) -> String {
    match &entry.detail {
        Some(detail) if text.is_empty() => detail.clone(),
        Some(detail) => format!("{text}; {detail}"),
        None => text,
    }
}

fn with_reason(text: String, entry: &JournalEntry) -> String {
    match &entry.reason {
        Some(reason) if text.is_empty() => reason.clone(),
        Some(reason) => format!("{text} – {reason}"),
        None => text,
    }
}
