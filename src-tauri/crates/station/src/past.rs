//! The ward as it was at a past second: a fold over the journal, and the numbers that stood there then.
//!
//! Alerts, answers, pauses, changed limits and feeds are what the last entry before the second says of them. A number is the
//! newest that had arrived by then, with its age: what was stale then is stale here.

use std::collections::BTreeMap;
use std::time::Duration;

use model::{
    AlertId, AlertState, Bed, BedId, Encounter, EncounterId, JournalEntry, JournalKind, LimitsChange, MetricCode,
    Numeric, Pause, Person, ReceiptTime, Side,
};
use store::{JournalQuery, Order, Reader, StoreError, Window};

/// So far back a number is looked for: a cuff that measures every half hour still shows its last value.
const NUMBERS_BACK: Duration = Duration::from_hours(1);

/// The ward at a second.
#[derive(Clone, Debug, PartialEq)]
pub struct WardAt {
    /// That second.
    pub at: ReceiptTime,
    /// Whether the station ran then, by its own words.
    pub running: bool,
    /// Alerts of the station itself: disk, sound, page.
    pub alerts: Vec<AlertState>,
    /// Its beds, in their order.
    pub beds: Vec<BedAt>,
}

/// One bed at that second.
#[derive(Clone, Debug, PartialEq)]
pub struct BedAt {
    /// The bed, as it is called now.
    pub bed: Bed,
    /// Who lay there then.
    pub encounter: Option<Encounter>,
    /// The newest of each number that had arrived, in the order of the metrics.
    pub numbers: Vec<NumberAt>,
    /// Alerts that were not over, the most urgent first, then the newest.
    pub alerts: Vec<AlertState>,
    /// Pauses that ran.
    pub pauses: Vec<Pause>,
    /// Limits that differed from the profile, with who changed them and why.
    pub limits: Vec<(LimitsChange, Option<Person>, Option<String>)>,
    /// What was last said of its feeds.
    pub connectivity: Option<String>,
}

/// A number at that second.
#[derive(Clone, Debug, PartialEq)]
pub struct NumberAt {
    /// As it was received.
    pub numeric: Numeric,
    /// How old it was then.
    pub age: Duration,
    /// Whether it counted as live then.
    pub fresh: bool,
}

/// A limit that differs from the profile, with who changed it and why.
type Changed = (LimitsChange, Option<Person>, Option<String>);

/// Changed limits by stay: they go with it from bed to bed.
#[derive(Default)]
struct Limits(BTreeMap<Option<EncounterId>, BTreeMap<MetricCode, Changed>>);

impl Limits {
    fn take(&mut self, entry: &JournalEntry) {
        let Some(change) = entry.limits else { return };
        let of_stay = self.0.entry(entry.encounter.clone()).or_default();
        if entry.kind == JournalKind::LimitsRestored {
            of_stay.remove(&change.metric);
        } else {
            of_stay.insert(change.metric, (change, entry.person.clone(), entry.reason.clone()));
        }
    }
}

/// What the entries of one bed say, folded.
#[derive(Default)]
struct Told {
    stay: Option<EncounterId>,
    alerts: BTreeMap<AlertId, AlertState>,
    pauses: BTreeMap<(MetricCode, Side), Pause>,
    connectivity: Option<String>,
}

impl Told {
    fn take(&mut self, entry: &JournalEntry) {
        // What stood for one patient does not stand for the next.
        let names_who_lies_there = entry.bed.is_some() && entry.kind != JournalKind::BedConfigured;
        if self.stay != entry.encounter && names_who_lies_there {
            self.pauses.clear();
            self.stay.clone_from(&entry.encounter);
        }
        // A note carries the alert it was written about, as it stood when it was opened, not as it stands.
        if let Some(alert) = entry.alert.as_ref().filter(|_| entry.kind != JournalKind::Noted) {
            if alert.is_over() {
                self.alerts.remove(&alert.id);
            } else {
                self.alerts.insert(alert.id, alert.clone());
            }
        }
        if let Some(pause) = &entry.pause {
            let key = (pause.metric, pause.side);
            if entry.kind == JournalKind::PauseEnded {
                self.pauses.remove(&key);
            } else {
                self.pauses.insert(key, pause.clone());
            }
        }
        if entry.kind == JournalKind::Connectivity {
            self.connectivity.clone_from(&entry.detail);
        }
    }

    fn alerts(&self) -> Vec<AlertState> {
        let mut alerts: Vec<AlertState> = self.alerts.values().cloned().collect();
        alerts.sort_by_key(|a| (std::cmp::Reverse(a.priority), std::cmp::Reverse(a.raised_at)));
        alerts
    }
}

/// The ward at `at`.
///
/// # Errors
/// A history that cannot be read.
pub fn ward_at(reader: &Reader, at: ReceiptTime) -> Result<WardAt, StoreError> {
    let query = JournalQuery {
        order: Order::OldestFirst,
        ..JournalQuery::default()
    };
    let mut told: BTreeMap<Option<BedId>, Told> = BTreeMap::new();
    let mut limits = Limits::default();
    let mut running = false;
    for row in reader.journal(&query)?.iter().filter(|row| row.entry.at <= at) {
        let entry = &row.entry;
        if entry.kind == JournalKind::StationStarted {
            running = true;
        } else if entry.kind == JournalKind::StationStopped {
            running = false;
        }
        limits.take(entry);
        if let (JournalKind::AlertMoved, Some(alert)) = (entry.kind, &entry.alert) {
            // It is in one bed only: the one it came to.
            for elsewhere in told.values_mut() {
                elsewhere.alerts.remove(&alert.id);
            }
        }
        let bed = entry.alert.as_ref().map_or(&entry.bed, |alert| &alert.bed);
        told.entry(bed.clone()).or_default().take(entry);
    }
    let mut beds = Vec::new();
    for row in reader.beds()? {
        let encounter = reader.stay_at(&row.bed.id, at)?;
        let known = told.remove(&Some(row.bed.id.clone())).unwrap_or_default();
        let of_stay = known.stay.as_ref() == encounter.as_ref().map(|e| &e.id);
        beds.push(BedAt {
            numbers: numbers(reader, &row.bed.id, encounter.as_ref(), at)?,
            alerts: known.alerts(),
            pauses: known.pauses.into_values().filter(|p| of_stay && p.until > at).collect(),
            limits: limits
                .0
                .get(&encounter.as_ref().map(|e| e.id.clone()))
                .into_iter()
                .flat_map(BTreeMap::values)
                .filter(|(change, _, _)| change.until.is_none_or(|until| until > at))
                .cloned()
                .collect(),
            connectivity: known.connectivity,
            encounter,
            bed: row.bed,
        });
    }
    Ok(WardAt {
        at,
        running,
        alerts: told.remove(&None).unwrap_or_default().alerts(),
        beds,
    })
}

fn numbers(
    reader: &Reader,
    bed: &BedId,
    encounter: Option<&Encounter>,
    at: ReceiptTime,
) -> Result<Vec<NumberAt>, StoreError> {
    let stay = encounter.map(|e| &e.id);
    let mut metrics: Vec<MetricCode> = reader
        .series()?
        .into_iter()
        .filter(|s| s.bed == *bed && s.metric.kind() == model::Kind::Numeric)
        .map(|s| s.metric)
        .collect();
    metrics.sort_unstable();
    metrics.dedup();
    let mut found = Vec::new();
    for metric in metrics {
        let from = at
            .as_micros()
            .saturating_sub(i64::try_from(NUMBERS_BACK.as_micros()).unwrap_or(i64::MAX));
        let window = Window::all(bed.clone(), metric);
        let window = Window {
            encounter: stay.cloned(),
            ..window
        }
        .between(
            ReceiptTime::from_micros(from),
            ReceiptTime::from_micros(at.as_micros().saturating_add(1)),
        );
        let mut newest = None;
        for item in reader.numerics(&window) {
            let (_, numeric) = item?;
            // What came late was not on the wall at the second that it is about.
            if numeric.received_at <= at {
                newest = Some(numeric);
            }
        }
        found.extend(newest.map(|numeric| {
            let age = at.since(numeric.received_at);
            NumberAt {
                fresh: age <= numeric.timing.stale_after() && numeric.reading.quantity().is_some(),
                age,
                numeric,
            }
        }));
    }
    Ok(found)
}
