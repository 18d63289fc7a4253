//! Glucose from a Nightscout server: the array of `GET /api/v1/entries.json`.

mod pace;

use std::collections::BTreeSet;
use std::time::Duration;

use model::{
    Absence, Device, DeviceClock, DeviceTime, GenerationMode, MetricCode, Numeric, NumericTiming, Observation, Reading,
    ReceiptTime, RejectReason, Timeliness,
};
use serde::Deserialize;

use crate::Step;
use crate::late::placed;
use crate::native::{DecodeError, Figure, MESSAGE_BYTES_MAX, VALUES_MAX, Value, Word, device_time, few, unreadable};
use crate::nomenclature::Conversion;
use crate::poll::{broken, free_id, within_size};
use crate::reading::reading;
use crate::step::Tally;

pub use pace::http_date;
use pace::{Pace, micros};

/// A sensor measures every five minutes: older than two of them is history, and is not drawn as a number.
const LATE_AFTER: Duration = Duration::from_mins(10);

/// An entry may be so far ahead of the uploader's clock as it is known.
const AHEAD_MAX: Duration = Duration::from_mins(10);

/// Entries asked for at once: a day.
const COUNT: u32 = 288;

/// Entries remembered to know what came before: twice what an answer may hold.
const SEEN_MAX: usize = 2 * VALUES_MAX;

/// So far before the newest entry known is asked again: what an uploader brings late, and what it stamps after its clock
/// was set back.
const OVERLAP: Duration = Duration::from_hours(2);

/// What is said of a date that cannot be.
const NOT_A_DATE: &str = "expected a date since 2000 and not in the future, got another; the entry is left out, set the \
                          uploader's clock";

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
///
/// Three clocks stamp and judge an entry: that of the uploader (a phone), that of the server, and that of the station.
/// Any of them may be wrong, so an entry's age is counted by the server's clock, and by the uploader's own once its
/// entries move on in step.
#[derive(Debug)]
pub struct Session {
    device: Option<Device>,
    newest: Option<DeviceTime>,
    seen: BTreeSet<DeviceTime>,
    /// Dates from the future that were left out and counted.
    ahead: BTreeSet<DeviceTime>,
    pace: Pace,
    /// The entries after this date are asked for.
    asked_from: Option<DeviceTime>,
    count: u32,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            device: None,
            newest: None,
            seen: BTreeSet::new(),
            ahead: BTreeSet::new(),
            pace: Pace::default(),
            asked_from: None,
            count: COUNT,
        }
    }
}

impl Session {
    /// A session that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// The query to append to `…/api/v1/entries.json`: everything after what is known, and two hours before that.
    ///
    /// ```
    /// assert_eq!(wire::nightscout::Session::new().query(), "count=288");
    /// ```
    pub fn query(&self) -> String {
        let count = self.count;
        match self.asked_from {
            Some(from) => format!("count={count}&find%5Bdate%5D%5B%24gt%5D={}", from.as_millis()),
            None => format!("count={count}"),
        }
    }

    /// The answer was longer than an answer may be: fewer entries, the newest, are asked for next.
    pub fn too_long(&mut self) -> Step {
        self.count = (self.count / 4).max(1);
        broken(DecodeError {
            reason: RejectReason::Oversized,
            seq: None,
            detail: format!(
                "expected at most {MESSAGE_BYTES_MAX} bytes and {VALUES_MAX} entries, got more; the newest {} are asked \
                 for now, older ones are left out",
                self.count
            ),
        })
    }

    /// Takes the body of an answer; `server` is the time of the answer by the server's clock, where it says one
    /// ([`http_date`]). Entries come in any order; they leave in the order of their time.
    pub fn body(&mut self, now: ReceiptTime, server: Option<DeviceTime>, bytes: &[u8]) -> Step {
        let entries = match decode(bytes) {
            Ok(entries) => entries,
            Err(error) if error.reason == RejectReason::Oversized => return self.too_long(),
            Err(error) => return broken(error),
        };
        self.count = COUNT;
        let server = server
            .filter(|s| s.against(now) != DeviceClock::Absurd)
            .unwrap_or_else(|| DeviceTime::from_micros(now.as_micros()));
        let mut step = Step::default();
        let mut tally = Tally::default();
        let mut dated = dated(&entries, now, &mut tally);
        self.keep_pace(now, server, &dated);
        let uploader = earlier(server, self.pace.lag_micros());
        self.leave_out_the_future(&mut dated, uploader, &mut tally);
        self.device_of(&dated, &mut step);
        let mut newest_first = dated.iter().rev().map(|(date, _)| *date);
        let newest = self.newest.max(newest_first.find(|date| !self.seen.contains(date)));
        let mut before = None;
        for (date, entry) in dated {
            if before.replace(date) == Some(date) {
                tally.add(RejectReason::Duplicate, 1, || {
                    "expected each date once in an answer, got one twice; it is taken once".to_owned()
                });
                continue;
            }
            if let Some(numeric) = self.numeric((now, uploader), date, newest, entry, &mut tally) {
                step.observations.push(Observation::Numeric(numeric));
            }
        }
        self.newest = newest;
        self.asked_from = self.newest.map(|newest| earlier(newest.min(server), micros(OVERLAP)));
        for known in [&mut self.seen, &mut self.ahead] {
            while known.len() > SEEN_MAX {
                known.pop_first();
            }
        }
        if step.observations.is_empty() {
            step.observations.push(Observation::Alive);
        }
        tally.into_observations(&mut step.observations);
        step
    }

    /// Looks whether the newest of the entries that were not there before moves on in step with the server's clock.
    fn keep_pace(&mut self, now: ReceiptTime, server: DeviceTime, dated: &[(DeviceTime, &Entry<'_>)]) {
        // What stands there at first contact may have stood there for years.
        let first_contact = self.seen.is_empty() && self.ahead.is_empty();
        let new = |date: &DeviceTime| !self.seen.contains(date) && !self.ahead.contains(date);
        let Some(date) = dated.iter().rev().map(|(date, _)| *date).find(new) else {
            return;
        };
        let lag = server.as_micros().saturating_sub(date.as_micros());
        if !first_contact && self.pace.moved(now, lag) {
            // The uploader's clock was set: what it stamped before does not hide what it stamps now.
            self.newest = None;
        }
    }

    /// An entry from the future by the uploader's clock would be the newest for ever and hide all that follow.
    fn leave_out_the_future(
        &mut self,
        dated: &mut Vec<(DeviceTime, &Entry<'_>)>,
        uploader: DeviceTime,
        tally: &mut Tally,
    ) {
        let latest = uploader.plus(AHEAD_MAX);
        while let Some((date, _)) = dated.pop_if(|(date, _)| *date > latest) {
            let new = self.ahead.insert(date);
            tally.add(RejectReason::AbsurdClock, u32::from(new), || NOT_A_DATE.to_owned());
        }
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
        (now, uploader): (ReceiptTime, DeviceTime),
        date: DeviceTime,
        newest: Option<DeviceTime>,
        entry: &Entry<'_>,
        tally: &mut Tally,
    ) -> Option<Numeric> {
        if !self.seen.insert(date) {
            return None;
        }
        let reading = glucose(entry, tally)?;
        let late = date.plus(LATE_AFTER) < uploader || Some(date) < newest;
        tally.add(RejectReason::Late, u32::from(late), || {
            "the entry is not the newest or older than 10 min; it is stored and raises no alert".to_owned()
        });
        Some(Numeric {
            metric: MetricCode::Glucose,
            reading,
            measured_at: if late { placed(date, uploader, now) } else { date },
            received_at: now,
            timing: NumericTiming::Intermittent(LATE_AFTER),
            mode: GenerationMode::Real,
            timeliness: if late { Timeliness::Late } else { Timeliness::Live },
        })
    }
}

/// The entries of sensor glucose with a date that can be, oldest first.
fn dated<'a, 'b>(entries: &'a [Entry<'b>], now: ReceiptTime, tally: &mut Tally) -> Vec<(DeviceTime, &'a Entry<'b>)> {
    let mut dated = Vec::with_capacity(entries.len());
    for entry in entries.iter().filter(|e| e.kind.as_deref().is_none_or(|k| k == "sgv")) {
        match entry.date {
            Figure::Number(ms) if device_time(ms).against(now) != DeviceClock::Absurd => {
                dated.push((device_time(ms), entry));
            }
            Figure::Number(_) => tally.add(RejectReason::AbsurdClock, 1, || NOT_A_DATE.to_owned()),
            Figure::Absent | Figure::Foreign => tally.add(RejectReason::Malformed, 1, || {
                "expected a date in milliseconds, got none; the entry is left out, look at what uploads it".to_owned()
            }),
        }
    }
    dated.sort_by_key(|(date, _)| *date);
    dated
}

fn earlier(t: DeviceTime, micros: i64) -> DeviceTime {
    DeviceTime::from_micros(t.as_micros().saturating_sub(micros))
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
