//! HTTP polling in our own shape. `FEED.md` beside this crate describes it for people who build devices.

use std::collections::HashMap;

use model::{
    Device, DeviceId, DeviceTime, GenerationMode, LostBecause, MetricCode, Numeric, NumericTiming, Observation,
    ReceiptTime, RejectReason, Timeliness,
};
use serde::{Deserialize, Serialize};

use crate::Step;
use crate::late::{LATE_AFTER_MIN, placed};
use crate::native::{
    DecodeError, DeviceInfo, Figure, MESSAGE_BYTES_MAX, NUMERICS_MAX, VALUES_MAX, VERSION, Value, Word,
};
use crate::native::{device_time, timing, unreadable};
use crate::nomenclature;
use crate::reading::reading;
use crate::step::{Tally, cleaned, shown};

/// Longest cursor, in bytes: what fits a query without thought.
const CURSOR_BYTES_MAX: usize = 128;

/// Values remembered, so that one that is sent again is taken once: those of four full pages. What stood on the last
/// page is never forgotten.
const TAKEN_MAX: usize = 4 * VALUES_MAX;

/// How many values are asked for after a page that was too long: half of what a page may hold, then one of each number.
const FEWER: [usize; 2] = [VALUES_MAX / 2, NUMERICS_MAX];

/// A page as a device answers it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page<'a> {
    /// Version of the shape: 1.
    pub version: u32,
    /// The device.
    #[serde(borrow)]
    pub device: DeviceInfo<'a>,
    /// `real`, `test` or `demo`.
    #[serde(borrow)]
    pub mode: Word<'a>,
    /// What the device's clock shows now, ms since the epoch.
    pub t: f64,
    /// Where the next page begins, for `?after=`. Letters, digits, `-`, `_`, `.`; at most 128.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Word<'a>>,
    /// The values, oldest first.
    #[serde(borrow, deserialize_with = "crate::native::few::<_, _, VALUES_MAX>")]
    pub numerics: Vec<Entry<'a>>,
}

/// One value of a page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Entry<'a> {
    /// Which number.
    #[serde(borrow)]
    pub metric: Word<'a>,
    /// The number; `null` when there is none.
    #[serde(default)]
    pub value: Figure,
    /// Its unit.
    #[serde(borrow)]
    pub unit: Word<'a>,
    /// A word of [`crate::native::Validity`]; `valid` when left out.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub validity: Option<Word<'a>>,
    /// When it was measured, ms since the epoch; the page's `t` when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub t: Option<f64>,
    /// It is measured continuously, every so many milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period_ms: Option<u32>,
    /// It is measured now and then, at most so many milliseconds apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval_ms: Option<u32>,
}

/// Reads a page.
///
/// ```
/// use wire::poll::decode;
/// let page = decode(br#"{"version":1,"device":{"id":"scale-4"},"mode":"real","t":1800000000000,
///   "numerics":[{"metric":"HR","value":72,"unit":"/min","period_ms":5000}]}"#)?;
/// assert_eq!(page.numerics.len(), 1);
/// assert!(decode(b"<html>").is_err());
/// # Ok::<(), wire::native::DecodeError>(())
/// ```
pub fn decode(bytes: &[u8]) -> Result<Page<'_>, DecodeError> {
    within_size(bytes)?;
    let page: Page<'_> = serde_json::from_slice(bytes).map_err(|e| unreadable(&e))?;
    if page.version != VERSION {
        let detail = format!(
            "expected version {VERSION}, got {}; update the station or the device",
            page.version
        );
        return Err(DecodeError {
            reason: RejectReason::Version,
            seq: None,
            detail,
        });
    }
    Ok(page)
}

/// A body may have [`MESSAGE_BYTES_MAX`] bytes.
pub(crate) fn within_size(bytes: &[u8]) -> Result<(), DecodeError> {
    if bytes.len() <= MESSAGE_BYTES_MAX {
        return Ok(());
    }
    Err(DecodeError {
        reason: RejectReason::Oversized,
        seq: None,
        detail: format!(
            "expected at most {MESSAGE_BYTES_MAX} bytes, got {}; send fewer values",
            bytes.len()
        ),
    })
}

/// A body that could not be read ends the link; the next poll tries again.
pub(crate) fn broken(error: DecodeError) -> Step {
    let mut tally = Tally::default();
    let mut step = Step {
        fatal: Some(LostBecause::Broken(error.detail.clone())),
        ..Step::default()
    };
    tally.add(error.reason, 1, || error.detail);
    tally.into_observations(&mut step.observations);
    step
}

/// One device that is polled. Pure: when an answer arrived is an argument.
#[derive(Debug, Default)]
pub struct Session {
    cursor: Option<String>,
    device: Option<Device>,
    /// Newest time of each number. At most one for each metric.
    newest: HashMap<MetricCode, DeviceTime>,
    /// What was taken, and on which page it last stood: what comes again is the same value, not a new one.
    taken: HashMap<(MetricCode, DeviceTime), u64>,
    pages: u64,
    /// What the device's clock showed on the page before.
    shown: Option<DeviceTime>,
    /// How many values are asked for, after a page that was too long.
    limit: Option<usize>,
}

impl Session {
    /// A session that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// What to append to the address as a query: `after=…` once there is a cursor, `limit=…` after a page that was too
    /// long.
    ///
    /// ```
    /// let mut session = wire::poll::Session::new();
    /// assert_eq!(session.query(), None);
    /// session.too_long();
    /// assert_eq!(session.query().as_deref(), Some("limit=512"));
    /// ```
    pub fn query(&self) -> Option<String> {
        let after = self.cursor.as_ref().map(|c| format!("after={c}"));
        let limit = self.limit.map(|l| format!("limit={l}"));
        match (after, limit) {
            (Some(after), Some(limit)) => Some(format!("{after}&{limit}")),
            (after, limit) => after.or(limit),
        }
    }

    /// Takes the body of an answer.
    pub fn body(&mut self, now: ReceiptTime, bytes: &[u8]) -> Step {
        match decode(bytes) {
            Ok(page) => self.page(now, &page),
            Err(error) if error.reason == RejectReason::Oversized => self.too_long(),
            Err(error) => broken(error),
        }
    }

    /// The answer was longer than an answer may be. The same question would bring the same answer for ever, so the next
    /// one asks for fewer values, and when the device does not heed that, for what is after the place it stands at.
    pub fn too_long(&mut self) -> Step {
        let fewer = FEWER
            .into_iter()
            .find(|fewer| self.limit.is_none_or(|limit| *fewer < limit));
        let next = if let Some(fewer) = fewer {
            self.limit = Some(fewer);
            format!("it is asked for {fewer} values now (limit={fewer})")
        } else if self.cursor.take().is_some() {
            "it does not heed limit=…, so what it held back is skipped and it is asked without a cursor".to_owned()
        } else {
            "it does not heed limit=…; send fewer values a page".to_owned()
        };
        broken(DecodeError {
            reason: RejectReason::Oversized,
            seq: None,
            detail: format!(
                "expected at most {MESSAGE_BYTES_MAX} bytes and {VALUES_MAX} values a page, got more; {next}"
            ),
        })
    }

    fn page(&mut self, now: ReceiptTime, page: &Page<'_>) -> Step {
        let malformed = |detail: String| {
            broken(DecodeError {
                reason: RejectReason::Malformed,
                seq: None,
                detail,
            })
        };
        let Some(mode) = GenerationMode::parse(&page.mode) else {
            return malformed(format!(
                "expected the mode real, test or demo, got {}; say which it is",
                shown(&page.mode)
            ));
        };
        let device = match page.device.to_device() {
            Ok(device) => device,
            Err(error) => return malformed(format!("the device's id {error}; correct it")),
        };
        let mut step = Step::default();
        let mut tally = Tally::default();
        if self.device.as_ref() != Some(&device) {
            self.device = Some(device.clone());
            self.taken.clear();
            step.observations.push(Observation::Device(device));
        }
        let t = device_time(page.t);
        // A clock that was set back or reset stamps new values with times that were there before.
        if self
            .shown
            .replace(t)
            .is_some_and(|before| t.plus(LATE_AFTER_MIN) < before)
        {
            self.taken.clear();
        }
        self.pages += 1;
        tally.add(RejectReason::AbsurdClock, u32::from(is_absurd(t, now)), || {
            format!("expected a clock between 2000 and 2200, got {t}; set the device's clock, data are taken")
        });
        for entry in &page.numerics {
            if let Some(numeric) = self.numeric(now, t, mode, entry, &mut tally) {
                step.observations.push(Observation::Numeric(numeric));
            }
        }
        self.forget();
        self.limit = self.limit.filter(|limit| page.numerics.len() >= *limit);
        self.keep_cursor(page, &mut tally);
        if step.observations.is_empty() {
            step.observations.push(Observation::Alive);
        }
        tally.into_observations(&mut step.observations);
        step
    }

    fn numeric(
        &mut self,
        now: ReceiptTime,
        page_t: DeviceTime,
        mode: GenerationMode,
        entry: &Entry<'_>,
        tally: &mut Tally,
    ) -> Option<Numeric> {
        let known = nomenclature::metric(&entry.metric).filter(|m| m.kind() == model::Kind::Numeric);
        let Some(metric) = known else {
            tally.add(RejectReason::UnknownMetric, 1, || {
                format!(
                    "expected a number of FEED.md, got {}; it alone is left out, write it as the table does",
                    shown(&entry.metric)
                )
            });
            return None;
        };
        let timing = match timing(metric, entry.period_ms, entry.interval_ms) {
            Ok(timing) => timing,
            Err((reason, detail)) => {
                tally.add(reason, 1, || detail);
                return None;
            }
        };
        let measured_at = entry.t.map_or(page_t, device_time);
        if let Some(page) = self.taken.get_mut(&(metric, measured_at)) {
            *page = self.pages;
            return None;
        }
        let newest = self.newest.get(&metric).copied();
        // A clock that was ahead and is right again must not make everything late for ever.
        let is_page_absurd = is_absurd(page_t, now);
        let newest = newest.filter(|n| {
            is_absurd(measured_at, now)
                || (!is_absurd(*n, now) && (is_page_absurd || *n <= page_t.plus(LATE_AFTER_MIN)))
        });
        let value = Value {
            metric: Word::from(&*entry.metric),
            value: entry.value,
            unit: Some(Word::from(&*entry.unit)),
            validity: entry.validity.as_ref().map(|v| Word::from(&**v)),
            t: None,
        };
        let reading = reading(metric, nomenclature::Conversion::NONE, &value, tally)?;
        let (NumericTiming::Every(span) | NumericTiming::Intermittent(span)) = timing;
        let late = !is_absurd(measured_at, now)
            && ((!is_page_absurd && measured_at.plus((span * 2).max(LATE_AFTER_MIN)) < page_t)
                || newest.is_some_and(|n| measured_at < n));
        tally.add(RejectReason::Late, u32::from(late), || {
            format!("{metric} is older than what came before or than two periods; it is stored and raises no alert")
        });
        if !late {
            self.newest.insert(metric, measured_at);
        }
        self.taken.insert((metric, measured_at), self.pages);
        Some(Numeric {
            metric,
            reading,
            measured_at: if late {
                placed(measured_at, page_t, now)
            } else {
                measured_at
            },
            received_at: now,
            timing,
            mode,
            timeliness: if late { Timeliness::Late } else { Timeliness::Live },
        })
    }

    /// Forgets what has not been sent for longest.
    fn forget(&mut self) {
        let excess = self.taken.len().saturating_sub(TAKEN_MAX);
        if excess == 0 {
            return;
        }
        let mut pages: Vec<u64> = self.taken.values().copied().collect();
        pages.sort_unstable();
        let oldest_kept = pages.get(excess).copied().unwrap_or(self.pages);
        self.taken.retain(|_, page| *page >= oldest_kept);
    }

    fn keep_cursor(&mut self, page: &Page<'_>, tally: &mut Tally) {
        let Some(cursor) = &page.cursor else { return };
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if (1..=CURSOR_BYTES_MAX).contains(&cursor.len()) && cursor.chars().all(fits) {
            self.cursor = Some(cursor.to_string());
        } else {
            tally.add(RejectReason::Malformed, 1, || {
                "expected a cursor of letters, digits, '-', '_' and '.', at most 128; the old one is kept".to_owned()
            });
        }
    }
}

fn is_absurd(t: DeviceTime, now: ReceiptTime) -> bool {
    t.against(now) == model::DeviceClock::Absurd
}

/// The id of a device that names itself freely: what does not fit becomes `-`.
pub(crate) fn free_id(name: &str, otherwise: &str) -> Option<DeviceId> {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || matches!(c, '_' | '.') {
            c
        } else {
            '-'
        }
    };
    let id: String = cleaned(name, 64).chars().map(plain).collect();
    DeviceId::new(id.trim_matches('-'))
        .or_else(|_| DeviceId::new(otherwise))
        .ok()
}
