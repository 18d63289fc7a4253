//! The fixed header: 256 bytes for the file and 256 for each signal, all of it text.

use model::SampleRate;

use super::text::{fields, number, words};
use crate::bracket::split_unit;
use crate::decimal::Decimal;
use crate::recording::RecordingError;
use crate::wfdb::Date;

/// A header has room for four digits.
const SIGNALS_MAX: usize = 9_999;

/// What a header says, and where the samples are.
pub(super) struct Header {
    /// Bytes a sample: 2 in EDF, 3 in BDF.
    pub width: usize,
    /// `EDF`, `EDF+C`, `BDF+D` …
    pub format: String,
    pub subject: String,
    pub notes: Vec<String>,
    pub start_us: Option<i64>,
    /// First byte of the first record.
    pub data_at: usize,
    /// Records, where the header knows.
    pub declared: Option<u64>,
    /// Seconds a record.
    pub duration: Decimal,
    pub signals: Vec<Signal>,
}

impl Header {
    /// Bytes a record.
    pub fn record_bytes(&self) -> u64 {
        let samples: u64 = self.signals.iter().map(|signal| signal.samples).sum();
        samples * self.width as u64
    }
}

/// One signal of a record.
pub(super) struct Signal {
    pub label: String,
    pub unit: String,
    /// Annotations in place of samples.
    pub is_annotations: bool,
    pub resolution: f64,
    pub zero: f64,
    /// Samples a record.
    pub samples: u64,
    /// First byte within a record.
    pub offset: u64,
    /// The digital value that stands for "no sample", where the file names one.
    pub missing: Option<i32>,
}

/// Reads the header at the beginning of `bytes`.
pub(super) fn parse(name: &str, bytes: &[u8]) -> Result<Header, RecordingError> {
    let at = |from: usize, len: usize| bytes.get(from..from + len).unwrap_or_default();
    let error = |field: &str, problem: String| Err(RecordingError::new(format!("{name}, {field}"), problem));
    if bytes.len() < 256 {
        return error(
            "byte 0 (header)",
            format!("an EDF header has 256 bytes, there are {}", bytes.len()),
        );
    }
    let width = match at(0, 8) {
        [b'0', rest @ ..] if rest.iter().all(|b| matches!(b, b' ' | 0)) => 2,
        [0xFF, b'B' | b'b', ..] => 3,
        other => {
            let shown = words(other);
            return error(
                "byte 0 (version)",
                format!("begins with {shown:?}; EDF begins with \"0\", BDF with 0xFF and \"BIOSEMI\""),
            );
        }
    };
    let shown = words(at(252, 4));
    let count = match shown.parse::<usize>() {
        Ok(count) if count <= SIGNALS_MAX => count,
        _ => {
            return error(
                "byte 252 (number of signals)",
                format!("{shown:?} is not a number of signals"),
            );
        }
    };
    let data_at = 256 * (count + 1);
    if bytes.len() < data_at {
        return error(
            "byte 256 (signal headers)",
            format!(
                "{count} signals need a header of {data_at} bytes, the file has {}",
                bytes.len()
            ),
        );
    }
    let mut notes = Vec::new();
    if words(at(184, 8)).parse() != Ok(data_at) {
        notes.push(format!(
            "the header says that it has {:?} bytes; with {count} signals it has {data_at}",
            words(at(184, 8))
        ));
    }
    let duration = duration(name, at(244, 8))?;
    let kind = words(at(192, 44));
    let base = if width == 2 { "EDF" } else { "BDF" };
    let plus = ["+C", "+D"]
        .into_iter()
        .find(|plus| kind.starts_with(&format!("{base}{plus}")));
    let is_plus = plus.is_some();
    let start_us = start(at(168, 8), at(176, 8), &words(at(88, 80)), is_plus, &mut notes);
    notes.extend(recording_notes(&words(at(88, 80)), is_plus));
    let signals = signals(name, at(256, data_at - 256), count, width, &mut notes)?;
    Ok(Header {
        width,
        format: format!("{base}{}", plus.unwrap_or_default()),
        subject: subject(&words(at(8, 80)), is_plus),
        notes,
        start_us,
        data_at,
        declared: words(at(236, 8)).parse().ok(),
        duration,
        signals,
    })
}

fn duration(name: &str, field: &[u8]) -> Result<Decimal, RecordingError> {
    let shown = words(field);
    number(&shown).filter(|value| value.parts().0 >= 0).ok_or_else(|| {
        RecordingError::new(
            format!("{name}, byte 244 (duration of a record)"),
            format!("{shown:?} is not a number of seconds"),
        )
    })
}

/// Everything about the signals; each field stands for all of them before the next field begins.
fn signals(
    name: &str,
    header: &[u8],
    count: usize,
    width: usize,
    notes: &mut Vec<String>,
) -> Result<Vec<Signal>, RecordingError> {
    let [
        labels,
        transducers,
        units,
        low,
        high,
        digital_low,
        digital_high,
        filters,
        samples,
        reserved,
    ] = fields(header, count, [16, 80, 8, 8, 8, 8, 8, 80, 8, 32]);
    let mut offset = 0;
    let mut found = Vec::with_capacity(count);
    for i in 0..count {
        let word = |list: &[String]| list.get(i).cloned().unwrap_or_default();
        let (label, unit) = split_unit(word(&labels), word(&units));
        let place = |field: &str| format!("{name}, signal {i} ({label:?}), {field}");
        let shown = word(&samples);
        let per_record: u64 = shown
            .parse()
            .ok()
            .filter(|count| *count <= 99_999_999)
            .ok_or_else(|| RecordingError::new(place("samples a record"), format!("{shown:?} is not a count")))?;
        let is_annotations = matches!(label.as_str(), "EDF Annotations" | "BDF Annotations");
        let (mut resolution, mut zero) = (1.0, 0.0);
        if !is_annotations {
            let bound = |field: &str, list: &[String]| {
                let shown = word(list);
                number(&shown).ok_or_else(|| RecordingError::new(place(field), format!("{shown:?} is not a number")))
            };
            let physical = [bound("physical minimum", &low)?, bound("physical maximum", &high)?];
            let digital = [
                bound("digital minimum", &digital_low)?,
                bound("digital maximum", &digital_high)?,
            ];
            (resolution, zero) = scale(physical, digital).unwrap_or_else(|| {
                notes.push(format!(
                    "{label}: the physical or the digital minimum equals its maximum; samples are shown as they are stored"
                ));
                (1.0, 0.0)
            });
            for (what, list) in [("transducer", &transducers), ("filter", &filters)] {
                if !word(list).is_empty() {
                    notes.push(format!("{what} of {label}: {}", word(list)));
                }
            }
        }
        found.push(Signal {
            is_annotations,
            resolution,
            zero,
            samples: per_record,
            offset,
            missing: word(&reserved)
                .strip_prefix(super::MISSING_WORD)
                .and_then(|text| text.trim().parse().ok()),
            label,
            unit,
        });
        offset += per_record * width as u64;
    }
    Ok(found)
}

/// Units a step and units at 0; `None` where the file gives no scale. A physical range that runs backwards is an
/// inverted channel.
fn scale(physical: [Decimal; 2], digital: [Decimal; 2]) -> Option<(f64, f64)> {
    let [low, high] = physical.map(Decimal::value);
    let [first, last] = digital.map(Decimal::value);
    let resolution = (high - low) / (last - first);
    let zero = low - resolution * first;
    (resolution.is_finite() && resolution.abs() > 0.0 && zero.is_finite()).then_some((resolution, zero))
}

/// Date and time. The header's year has two digits and means 1985 to 2084; EDF+ gives all four in its recording field.
fn start(date: &[u8], time: &[u8], recording: &str, is_plus: bool, notes: &mut Vec<String>) -> Option<i64> {
    let (date, time) = (words(date), words(time));
    let parts = |text: &str| -> Option<[u16; 3]> {
        let mut numbers = text.split(['.', '/', '-', ':']).map(|part| part.trim().parse().ok());
        Some([numbers.next()??, numbers.next()??, numbers.next()??])
    };
    let clock = parts(&time).filter(|[h, m, s]| *h < 24 && *m < 60 && *s < 60);
    if clock.is_none() {
        notes.push(format!("the start time {time:?} is not a time; midnight is assumed"));
    }
    let written = recording
        .split(' ')
        .nth(1)
        .filter(|_| is_plus && recording.starts_with("Startdate"));
    let day = match written {
        Some("X") => None,
        Some(word) => plus_date(word).or_else(|| short_date(parts(&date)?)),
        None => short_date(parts(&date).or_else(|| {
            notes.push(format!("the start date {date:?} is not a date"));
            None
        })?),
    };
    if day.is_none() {
        notes.push(format!("no date is given; the time of day is {time}"));
    }
    let [hours, minutes, seconds] = clock.unwrap_or_default().map(i64::from);
    Some((day?.days_since_1970() * 86_400 + hours * 3_600 + minutes * 60 + seconds) * 1_000_000)
}

fn short_date([day, month, year]: [u16; 3]) -> Option<Date> {
    let year = match year {
        0..=84 => 2_000 + year,
        85..=99 => 1_900 + year,
        full => full,
    };
    Date::new(year, u8::try_from(month).ok()?, u8::try_from(day).ok()?)
}

/// `24-APR-1989`.
fn plus_date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let day = parts.next()?.parse().ok()?;
    let month = parts.next()?.to_ascii_uppercase();
    let month = super::MONTHS.iter().position(|name| *name == month)? + 1;
    Date::new(parts.next()?.parse().ok()?, u8::try_from(month).ok()?, day)
}

/// EDF+ says X where it does not know, and underscores where a word has a space.
fn subject(text: &str, is_plus: bool) -> String {
    if !is_plus {
        return text.to_owned();
    }
    plus_words(text, 0).join(" ")
}

fn plus_words(text: &str, skipped: usize) -> Vec<String> {
    text.split(' ')
        .skip(skipped)
        .filter(|word| !word.is_empty() && *word != "X")
        .map(|word| word.replace('_', " "))
        .collect()
}

fn recording_notes(text: &str, is_plus: bool) -> Option<String> {
    let said = if is_plus && text.starts_with("Startdate") {
        plus_words(text, 2).join(" ")
    } else {
        text.to_owned()
    };
    (!said.is_empty()).then(|| format!("recording: {said}"))
}

/// Samples a second from samples a record, and whether the fraction is exact.
pub(super) fn rate(samples: u64, duration: Decimal) -> Option<(SampleRate, bool)> {
    let (seconds, places) = duration.parts();
    let (mut above, mut below) = (
        u128::from(samples) * 10_u128.checked_pow(places)?,
        seconds.unsigned_abs(),
    );
    if below == 0 || above == 0 {
        return None;
    }
    let divisor = super::plan::common(above, below);
    (above, below) = (above / divisor, below / divisor);
    if let (Ok(above), Ok(below)) = (u32::try_from(above), u32::try_from(below))
        && let Ok(rate) = SampleRate::new(above, below)
    {
        return Some((rate, true));
    }
    #[expect(clippy::cast_precision_loss, reason = "eight digits")]
    let hertz = samples as f64 / duration.value();
    Some((SampleRate::from_hertz(hertz).ok()?, false))
}
