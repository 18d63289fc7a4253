//! Glucose from a Nightscout server: the array of `GET /api/v1/entries.json`.

use std::collections::BTreeSet;
use std::time::Duration;

use model::{
    Absence, Device, DeviceTime, GenerationMode, MetricCode, Numeric, NumericTiming, Observation, Reading, ReceiptTime,
    RejectReason, Timeliness,
};
use serde::Deserialize;

use crate::Step;
use crate::native::{DecodeError, Figure, VALUES_MAX, Value, Word, device_time, few, unreadable};
use crate::nomenclature::Conversion;
use crate::poll::{broken, free_id, within_size};
use crate::reading::reading;
use crate::step::Tally;

/// A sensor measures every five minutes.
const PERIOD: Duration = Duration::from_mins(5);

/// Older than two periods is history: Nightscout says no time of its own, so the station's is the measure.
const LATE_AFTER: Duration = Duration::from_mins(10);

/// Entries asked for at once: a day.
const COUNT: u32 = 288;

/// Entries remembered to know what came before: two days.
const SEEN_MAX: usize = 576;

/// Numbers that stand for a state of the sensor (not active, not calibrated, bad radio …) and not for glucose.
/// \[unverified\]: taken from public descriptions of the sensors that Nightscout serves.
const SENSOR_STATES: std::ops::RangeInclusive<f64> = 1.0..=12.0;

/// One entry of the array; other kinds of entry (calibrations, treatments) are no sensor glucose.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Entry<'a> {
    /// `sgv` for sensor glucose; old servers leave it out.
    #[serde(borrow, default, rename = "type")]
    pub kind: Option<Word<'a>>,
    /// When it was measured, ms since the epoch.
    #[serde(default)]
    pub date: Figure,
    /// Sensor glucose in mg/dL, whatever unit the server shows.
    #[serde(default)]
    pub sgv: Figure,
    /// What measured it.
    #[serde(borrow, default)]
    pub device: Option<Word<'a>>,
}

#[derive(Deserialize)]
#[serde(transparent)]
struct Entries<'a>(#[serde(borrow, deserialize_with = "few::<_, _, VALUES_MAX>")] Vec<Entry<'a>>);

/// Reads the array.
///
/// ```
/// let entries = wire::nightscout::decode(br#"[{"type":"sgv","date":1800000000000,"sgv":125}]"#)?;
/// assert_eq!(entries.len(), 1);
/// # Ok::<(), wire::native::DecodeError>(())
/// ```
pub fn decode(bytes: &[u8]) -> Result<Vec<Entry<'_>>, DecodeError> {
    within_size(bytes)?;
    let Entries(entries) = serde_json::from_slice(bytes).map_err(|e| unreadable(&e))?;
    Ok(entries)
}

/// One server that is polled. Pure: when an answer arrived is an argument.
#[derive(Debug, Default)]
pub struct Session {
    device: Option<Device>,
    newest: Option<DeviceTime>,
    seen: BTreeSet<DeviceTime>,
}

/// Uploaders' clocks may be ahead of the station's by so much.
const AHEAD_MAX: Duration = Duration::from_mins(10);

/// Whether an entry can have this date. One from the future would be the newest for ever and hide all that follow.
fn is_possible(date: DeviceTime, now: ReceiptTime) -> bool {
    date.against(now) != model::DeviceClock::Absurd && date.as_micros() <= now.plus(AHEAD_MAX).as_micros()
}

impl Session {
    /// A session that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// The query to append to `…/api/v1/entries.json`: everything after what is known.
    ///
    /// ```
    /// assert_eq!(wire::nightscout::Session::new().query(), "count=288");
    /// ```
    pub fn query(&self) -> String {
        match self.newest {
            Some(newest) => format!("count={COUNT}&find%5Bdate%5D%5B%24gt%5D={}", newest.as_millis()),
            None => format!("count={COUNT}"),
        }
    }

    /// Takes the body of an answer. Entries come in any order; they leave in the order of their time.
    pub fn body(&mut self, now: ReceiptTime, bytes: &[u8]) -> Step {
        let entries = match decode(bytes) {
            Ok(entries) => entries,
            Err(error) => return broken(error),
        };
        let mut step = Step::default();
        let mut tally = Tally::default();
        let mut dated: Vec<(DeviceTime, &Entry<'_>)> = Vec::with_capacity(entries.len());
        for entry in entries.iter().filter(|e| e.kind.as_deref().is_none_or(|k| k == "sgv")) {
            match entry.date {
                Figure::Number(ms) if is_possible(device_time(ms), now) => {
                    dated.push((device_time(ms), entry));
                }
                Figure::Number(_) => tally.add(RejectReason::AbsurdClock, 1, || {
                    "expected a date since 2000 and not in the future, got another; the entry is left out".to_owned()
                }),
                Figure::Absent | Figure::Foreign => tally.add(RejectReason::Malformed, 1, || {
                    "expected a date in milliseconds, got none; the entry is left out".to_owned()
                }),
            }
        }
        dated.sort_by_key(|(date, _)| *date);
        self.device_of(&dated, &mut step);
        let newest_of_page = dated.last().map(|(date, _)| *date);
        for (date, entry) in dated {
            if let Some(numeric) = self.numeric(now, date, newest_of_page, entry, &mut tally) {
                step.observations.push(Observation::Numeric(numeric));
            }
        }
        self.newest = self.newest.max(newest_of_page);
        while self.seen.len() > SEEN_MAX {
            self.seen.pop_first();
        }
        if step.observations.is_empty() {
            step.observations.push(Observation::Alive);
        }
        tally.into_observations(&mut step.observations);
        step
    }

    fn device_of(&mut self, dated: &[(DeviceTime, &Entry<'_>)], step: &mut Step) {
        let Some((_, newest)) = dated.last() else { return };
        // An entry that does not say its device is of the one before.
        let name = newest.device.as_deref();
        if name.is_none() && self.device.is_some() {
            return;
        }
        let name = name.unwrap_or_default();
        let Some(id) = free_id(name, "nightscout") else { return };
        if self.device.as_ref().is_none_or(|d| d.id != id) {
            let device = Device {
                id,
                manufacturer: "Nightscout".to_owned(),
                model: "entries".to_owned(),
                version: None,
            };
            self.device = Some(device.clone());
            step.observations.push(Observation::Device(device));
        }
    }

    fn numeric(
        &mut self,
        now: ReceiptTime,
        date: DeviceTime,
        newest_of_page: Option<DeviceTime>,
        entry: &Entry<'_>,
        tally: &mut Tally,
    ) -> Option<Numeric> {
        if !self.seen.insert(date) {
            tally.add(RejectReason::Duplicate, 1, || {
                "expected entries that are new, got one of a known date; it is taken once".to_owned()
            });
            return None;
        }
        let reading = glucose(entry, tally)?;
        let old = date.plus(LATE_AFTER).as_micros() < now.as_micros();
        let late = old || Some(date) < newest_of_page || Some(date) < self.newest;
        tally.add(RejectReason::Late, u32::from(late), || {
            "the entry is not the newest or older than 10 min; it is stored and raises no alert".to_owned()
        });
        Some(Numeric {
            metric: MetricCode::Glucose,
            reading,
            measured_at: date,
            received_at: now,
            timing: NumericTiming::Every(PERIOD),
            mode: GenerationMode::Real,
            timeliness: if late { Timeliness::Late } else { Timeliness::Live },
        })
    }
}

fn glucose(entry: &Entry<'_>, tally: &mut Tally) -> Option<Reading> {
    if let Figure::Number(state) = entry.sgv
        && SENSOR_STATES.contains(&state)
    {
        tally.add(RejectReason::Sentinel, 1, || {
            "the sensor sends a state and no glucose; taken as no value".to_owned()
        });
        return Some(Reading::Invalid(Absence::NotAvailable));
    }
    let value = Value {
        metric: Word::from(MetricCode::Glucose.name()),
        value: entry.sgv,
        ..Value::default()
    };
    reading(MetricCode::Glucose, Conversion::NONE, &value, tally)
}
