//! The time of each row, and whether the rows are a wave.

use std::borrow::Cow;

use model::SampleRate;

use super::cell::{is_missing, number, stamp};
use crate::recording::Run;

/// A row's time may be off by so many periods and the table is still a wave.
const OFF_MAX: f64 = 0.2;

/// What the column of times says.
pub(super) struct Times {
    /// Microseconds from the first row; one for each row.
    pub us: Vec<i64>,
    /// Civil microseconds since 1970 of the first row, where there is a day.
    pub start_us: Option<i64>,
    /// What was assumed or found.
    pub note: Option<String>,
    /// Finest step that the text distinguishes, microseconds.
    quantum_us: f64,
    /// The same where the largest time was printed with no more digits in all than the others: `103.98`, `103.99`, `104`
    /// of a table whose rows are 8 ms apart.
    coarse_us: f64,
}

/// Why a table has no times.
pub(super) struct Unreadable {
    /// Which row, from 0.
    pub row: usize,
    pub problem: String,
}

/// How a numeric time counts.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Count {
    /// Microseconds a unit.
    us: f64,
    /// Since 1970.
    is_epoch: bool,
    /// Whether this is a guess.
    is_assumed: bool,
}

/// The column of times among labels, and a second one where day and clock stand apart.
pub(super) fn column(labels: &[(String, String)]) -> Option<(usize, Option<usize>)> {
    let position = |test: fn(&str) -> bool| labels.iter().position(|(label, _)| test(&label.to_ascii_lowercase()));
    let clock = position(|label| {
        matches!(
            label,
            "t" | "time"
                | "timer"
                | "timestamp"
                | "time stamp"
                | "elapsed time"
                | "elapsed"
                | "datetime"
                | "date time"
                | "date/time"
                | "zeit"
                | "sec"
                | "secs"
                | "second"
                | "seconds"
                | "ms"
                | "clock"
                | "unixtime"
                | "epoch"
        ) || label.starts_with("time_")
            || label.starts_with("time ")
            || label.starts_with("timestamp")
    });
    let day = position(|label| matches!(label, "date" | "day" | "datum"));
    match (clock, day) {
        (Some(clock), Some(day)) => Some((clock, Some(day))),
        (Some(only), None) | (None, Some(only)) => Some((only, None)),
        (None, None) => None,
    }
}

/// Reads the times of all rows. `cells` gives the text of a row, day and clock put together.
pub(super) fn read(label: &str, unit: &str, cells: &[Cow<'_, str>]) -> Result<Times, Unreadable> {
    let first = cells.iter().position(|cell| !is_missing(cell)).unwrap_or(0);
    let text = cells.get(first).map_or("", AsRef::as_ref);
    if number(text).is_some() {
        numeric(label, unit, cells)
    } else {
        written(cells)
    }
}

fn numeric(label: &str, unit: &str, cells: &[Cow<'_, str>]) -> Result<Times, Unreadable> {
    let mut values = Vec::with_capacity(cells.len());
    let (mut places, mut digits_most) = (0, 0);
    for (row, cell) in cells.iter().enumerate() {
        let found = number(cell).ok_or_else(|| Unreadable {
            row,
            problem: format!("{cell:?} is not a time"),
        })?;
        places = places.max(found.places.min(12));
        digits_most = digits_most.max(whole_digits(found.value) + i32::from(found.places.min(12)));
        values.push(found.value);
    }
    let first = values.first().copied().unwrap_or(0.0);
    let count = counting(label, unit, first);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "saturates; a run of such times is no wave"
    )]
    let us = values
        .iter()
        .map(|value| ((value - first) * count.us).round() as i64)
        .collect();
    #[expect(clippy::cast_possible_truncation, reason = "saturates")]
    let start_us = count.is_epoch.then(|| (first * count.us).round() as i64);
    let name = match count.us {
        us if us > 1e5 => "seconds",
        us if us > 1e2 => "milliseconds",
        us if us > 0.5 => "microseconds",
        _ => "nanoseconds",
    };
    let largest = values.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
    let quantum_us = count.us / 10_f64.powi(places.into());
    let coarse_us = count.us * 10_f64.powi(whole_digits(largest) - digits_most);
    Ok(Times {
        us,
        start_us,
        coarse_us: if places > 0 { coarse_us } else { quantum_us },
        note: count
            .is_assumed
            .then(|| format!("column {label:?} is taken as {name}: it names no unit")),
        quantum_us,
    })
}

/// By the unit, by what the label ends with, by size since 1970.
fn counting(label: &str, unit: &str, first: f64) -> Count {
    let label = label.to_ascii_lowercase();
    let tail = label.rsplit('_').next().unwrap_or_default();
    let known = |word: &str| match word {
        "s" | "sec" | "secs" | "second" | "seconds" => Some(1e6),
        "ms" | "msec" | "millis" | "milliseconds" => Some(1e3),
        "us" | "µs" | "microseconds" => Some(1.0),
        "ns" => Some(1e-3),
        "min" | "minutes" => Some(6e7),
        "h" | "hours" => Some(3.6e9),
        _ => None,
    };
    let named = known(&unit.to_ascii_lowercase()).or_else(|| known(tail));
    let by_size = [(1e17, 1e-3), (1e14, 1.0), (1e11, 1e3), (1e8, 1e6)]
        .into_iter()
        .find(|(least, _)| first >= *least)
        .map(|(_, us)| us);
    match (named, by_size) {
        (Some(us), _) => Count {
            us,
            is_epoch: first * us >= 1e14,
            is_assumed: false,
        },
        (None, Some(us)) => Count {
            us,
            is_epoch: true,
            is_assumed: true,
        },
        // What Arduino and HeartPy call a timer counts milliseconds.
        (None, None) => Count {
            us: if label.starts_with("timer") { 1e3 } else { 1e6 },
            is_epoch: false,
            is_assumed: true,
        },
    }
}

fn written(cells: &[Cow<'_, str>]) -> Result<Times, Unreadable> {
    let mut us: Vec<i64> = Vec::with_capacity(cells.len());
    let (mut start_us, mut first_us, mut day_us, mut digits) = (None, 0, 0, 0);
    let mut note = None;
    for (row, cell) in cells.iter().enumerate() {
        let stamp = stamp(cell).ok_or_else(|| Unreadable {
            row,
            problem: format!("{cell:?} is not a time; write 2020-01-24T04:05:56.039 or seconds"),
        })?;
        let behind = cell.rsplit_once(['.', ',']).map_or("", |(_, rest)| rest);
        digits = digits.max(behind.bytes().take_while(u8::is_ascii_digit).count().min(6));
        let at = stamp.civil_us - stamp.offset_us;
        if row == 0 {
            first_us = at;
            start_us = stamp.has_day.then_some(stamp.civil_us);
            note = (!stamp.has_day).then(|| format!("times of day are given without a date, from {cell}"));
        }
        let mut since = at - first_us + day_us;
        // A clock without a day begins anew at midnight.
        let before = us.last().copied().unwrap_or(0);
        if !stamp.has_day && before - since > 43_200_000_000 {
            day_us += 86_400_000_000;
            since += 86_400_000_000;
        }
        us.push(since);
    }
    let quantum_us = 1e6 / 10_f64.powi(i32::try_from(digits).unwrap_or(6));
    Ok(Times {
        us,
        start_us,
        note,
        quantum_us,
        coarse_us: quantum_us,
    })
}

/// Digits before the point; none for a number below one.
fn whole_digits(value: f64) -> i32 {
    let mut digits = 0;
    let mut rest = value.abs();
    while rest >= 1.0 && digits < 30 {
        rest /= 10.0;
        digits += 1;
    }
    digits
}

impl Times {
    /// Rows without a column of times, at a rate.
    pub fn at_rate(rate: SampleRate, rows: usize) -> Self {
        Self {
            us: (0..rows as u64).map(|row| rate.micros_of(row)).collect(),
            start_us: None,
            note: None,
            quantum_us: 0.001,
            coarse_us: 0.001,
        }
    }

    /// The rate and the runs, when these rows are a wave: equal steps with gaps between some of them. `None` where
    /// they are single moments.
    pub fn wave(&self, rows: &[usize]) -> Option<(SampleRate, Vec<Run>)> {
        let at: Vec<i64> = rows.iter().filter_map(|row| self.us.get(*row).copied()).collect();
        Self::wave_of(&at, self.quantum_us)
            .or_else(|| Self::wave_of(&at, self.coarse_us).filter(|_| self.coarse_us > self.quantum_us))
    }

    /// The same for times that may be off by so much.
    fn wave_of(at: &[i64], quantum_us: f64) -> Option<(SampleRate, Vec<Run>)> {
        let quantum_us = quantum_us.max(1.0);
        let mut steps: Vec<i64> = at
            .windows(2)
            .map(|two| two.last().unwrap_or(&0) - two.first().unwrap_or(&0))
            .collect();
        if steps.len() < 2 || steps.iter().any(|step| *step < 0) {
            return None;
        }
        let longest_gap = {
            let middle = steps.len() / 2;
            let (_, median, _) = steps.select_nth_unstable(middle);
            as_f64(*median) * 1.5 + quantum_us
        };
        let (rate, longest_us) = rate(at, longest_gap, quantum_us)?;
        let runs = runs(at, longest_gap);
        let period = 1e6 / rate.hertz();
        let off_max = period * OFF_MAX + quantum_us;
        for run in &runs {
            let first = usize::try_from(run.first).ok()?;
            let times = at.iter().skip(first).take(usize::try_from(run.count).ok()?);
            for (i, us) in (0_u64..).zip(times) {
                if as_f64(us - run.start_us - rate.micros_of(i)).abs() > off_max {
                    return None;
                }
            }
        }
        // Single rows here and there are moments, however regular.
        ((runs.len() == 1 || runs.len() * 4 <= at.len()) && longest_us > 0).then_some((rate, runs))
    }
}

/// The rate of the longest stretch without a gap, as the simplest fraction that its text cannot be told from.
fn rate(at: &[i64], longest_gap: f64, quantum_us: f64) -> Option<(SampleRate, i64)> {
    let longest = runs(at, longest_gap).into_iter().max_by_key(|run| run.count)?;
    let last = usize::try_from(longest.first + longest.count - 1).ok()?;
    let span = at.get(last)? - longest.start_us;
    #[expect(clippy::cast_precision_loss, reason = "rows of a file")]
    let hertz = (longest.count - 1) as f64 * 1e6 / as_f64(span.max(1));
    let allowed = (quantum_us / as_f64(span.max(1))).max(1e-9);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the rate is refused beyond 100,000 by the type"
    )]
    let simple = (1..=3_600_u32).find_map(|seconds| {
        let samples = (hertz * f64::from(seconds)).round();
        let is_near = samples >= 1.0 && (samples / f64::from(seconds) / hertz - 1.0).abs() <= allowed;
        is_near
            .then(|| SampleRate::new(samples.min(4e9) as u32, seconds).ok())
            .flatten()
    });
    Some((simple.or_else(|| SampleRate::from_hertz(hertz).ok())?, span))
}

/// Rows without a step longer than `longest_gap`.
fn runs(at: &[i64], longest_gap: f64) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut before = None;
    for (first, us) in (0_u64..).zip(at) {
        match runs.last_mut() {
            Some(run) if before.is_some_and(|before: i64| as_f64(us - before) <= longest_gap) => run.count += 1,
            _ => runs.push(Run {
                start_us: *us,
                first,
                count: 1,
            }),
        }
        before = Some(*us);
    }
    runs
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of a recording")]
const fn as_f64(us: i64) -> f64 {
    us as f64
}
