//! The text header.

use std::fmt::Write as _;

use model::{Scale, WaveError};

use super::start::{date, time_of_day};
use super::{Start, WfdbError};
use crate::step::shown;

/// Signals in one record: a 12-lead record with all its pressures has fewer than 64.
const SIGNALS_MAX: usize = 256;
/// Samples of one signal in a frame: 4 is common, 60,000 would be a broken file.
const SAMPLES_PER_FRAME_MAX: u32 = 10_000;
/// A header is a page of text; comments of long case histories reach a few kilobytes.
const HEADER_BYTES_MAX: usize = 1 << 20;
/// What a signal without a gain has (`WFDB_DEFGAIN`).
const GAIN_DEFAULT: f64 = 200.0;
/// What a record without a rate has (`WFDB_DEFFREQ`).
const RATE_DEFAULT: f64 = 250.0;

/// How samples are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// 16-bit two's complement, little-endian; -32768 is no sample.
    Bits16,
    /// Two 12-bit samples in three bytes; -2048 is no sample.
    Bits212,
    /// A format that this reader names but does not decode.
    Other(u16),
}

impl Format {
    /// The number in the header.
    pub const fn number(self) -> u16 {
        match self {
            Self::Bits16 => 16,
            Self::Bits212 => 212,
            Self::Other(number) => number,
        }
    }
}

/// One signal line.
#[derive(Clone, Debug, PartialEq)]
pub struct SignalSpec {
    /// The file its samples are in.
    pub file: String,
    /// How they are packed.
    pub format: Format,
    /// Samples of this signal in each frame; its rate is the record's times this.
    pub samples_per_frame: u32,
    /// Frames by which this signal lags in the file; reading takes it out.
    pub skew: u32,
    /// Where the samples begin in the file.
    pub byte_offset: u64,
    /// Steps per unit; never 0.
    pub gain: f64,
    /// The sample value that means 0 units.
    pub baseline: i32,
    /// Unit as written: `mV`, `mmHg`, `NU`.
    pub units: String,
    /// Bits of the converter; 0 where not said.
    pub adc_resolution: u32,
    /// The sample value at the middle of the converter's range.
    pub adc_zero: i32,
    /// The first sample; `None` where not said.
    pub initial: Option<i32>,
    /// Sum of all samples modulo 65,536; `None` where not said.
    pub checksum: Option<u16>,
    /// Block size of special files; 0 for ordinary ones.
    pub block_size: u32,
    /// What the signal is: `MLII`, `ABP`, `PLETH`.
    pub description: String,
}

impl SignalSpec {
    /// How a sample becomes a value in [`SignalSpec::units`].
    pub fn scale(&self) -> Result<Scale, WaveError> {
        // A negative gain (an inverted channel) has no scale of ours: refused rather than drawn upside down.
        Scale::new(1.0 / self.gain, -f64::from(self.baseline) / self.gain)
    }
}

/// A record's header.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// The record's name.
    pub name: String,
    /// Frames a second.
    pub rate: f64,
    /// The counter's rate and its value at the first sample, where the header has them.
    pub counter: Option<(f64, f64)>,
    /// Frames in the record; `None` where not said (as many as the file holds).
    pub frames: Option<u64>,
    /// When it begins.
    pub start: Start,
    /// Its signals, in the order of the header.
    pub signals: Vec<SignalSpec>,
    /// The comment lines after the record line, without `#`.
    pub comments: Vec<String>,
}

impl Header {
    /// The signal files that this record needs, each once, in order.
    pub fn files(&self) -> Vec<&str> {
        let mut files: Vec<&str> = Vec::new();
        for signal in &self.signals {
            if !files.contains(&signal.file.as_str()) {
                files.push(&signal.file);
            }
        }
        files
    }

    /// Samples a second of one signal.
    pub fn rate_of(&self, signal: &SignalSpec) -> f64 {
        self.rate * f64::from(signal.samples_per_frame)
    }

    /// The header as text: [`header`] reads it back as the same.
    pub fn to_text(&self) -> String {
        let mut text = format!("{} {} {}", self.name, self.signals.len(), self.rate);
        let mut put = |part: std::fmt::Arguments<'_>| {
            // Writing to a string cannot fail.
            text.write_fmt(part).unwrap_or_default();
        };
        if let Some((rate, base)) = self.counter {
            put(format_args!("/{rate}({base})"));
        }
        // A start needs the number of frames before it; 0 is "not said".
        if self.frames.is_some() || self.start.time_of_day_us.is_some() {
            put(format_args!(" {}", self.frames.unwrap_or(0)));
            if let Some(us) = self.start.time_of_day_us {
                let (h, m, s) = (us / 3_600_000_000, us / 60_000_000 % 60, us / 1_000_000 % 60);
                put(format_args!(" {h:02}:{m:02}:{s:02}.{:06}", us % 1_000_000));
                if let Some((year, month, day)) = self.start.date.map(super::Date::parts) {
                    put(format_args!(" {day:02}/{month:02}/{year:04}"));
                }
            }
        }
        put(format_args!("\n"));
        for s in &self.signals {
            put(format_args!("{} {}", s.file, s.format.number()));
            if s.samples_per_frame != 1 {
                put(format_args!("x{}", s.samples_per_frame));
            }
            if s.skew != 0 {
                put(format_args!(":{}", s.skew));
            }
            if s.byte_offset != 0 {
                put(format_args!("+{}", s.byte_offset));
            }
            put(format_args!(" {}({})/{}", s.gain, s.baseline, s.units));
            put(format_args!(" {} {}", s.adc_resolution, s.adc_zero));
            if let (Some(initial), Some(checksum)) = (s.initial, s.checksum) {
                put(format_args!(" {initial} {checksum} {} {}", s.block_size, s.description));
            }
            put(format_args!("\n"));
        }
        for comment in &self.comments {
            put(format_args!("# {comment}\n"));
        }
        text
    }
}

/// Reads a header.
pub fn header(bytes: &[u8]) -> Result<Header, WfdbError> {
    if bytes.len() > HEADER_BYTES_MAX {
        return Err(wrong(1, "record", format!("{} bytes is no header", bytes.len())));
    }
    // Old headers hold Latin-1 in comments; those characters are replaced, the record is still read.
    let text = String::from_utf8_lossy(bytes);
    let mut record: Option<(Header, usize)> = None;
    for (at, line) in text.lines().enumerate() {
        let (number, line) = (at + 1, line.trim());
        if let Some(comment) = line.strip_prefix('#') {
            if let Some((head, _)) = &mut record {
                head.comments.push(comment.trim().to_owned());
            }
        } else if line.is_empty() {
        } else if let Some((head, wanted)) = &mut record {
            if head.signals.len() == *wanted {
                return Err(wrong(
                    number,
                    "record",
                    format!("the record line says {wanted} signals, and here is one more"),
                ));
            }
            head.signals.push(signal_line(number, line)?);
        } else {
            record = Some(record_line(number, line)?);
        }
    }
    let last = text.lines().count().max(1);
    let Some((head, wanted)) = record else {
        return Err(wrong(
            1,
            "record",
            "no record line; expected `NAME SIGNALS RATE SAMPLES`".to_owned(),
        ));
    };
    if head.signals.len() < wanted {
        let problem = format!(
            "the record line says {wanted} signals, the header ends after {}",
            head.signals.len()
        );
        return Err(wrong(last, "signal", problem));
    }
    Ok(head)
}

fn record_line(line: usize, text: &str) -> Result<(Header, usize), WfdbError> {
    let mut fields = text.split_whitespace();
    let name = fields.next().unwrap_or_default();
    if let Some((_, segments)) = name.split_once('/') {
        let problem = format!("a record of {segments} segments; open one of its segments (each has its own .hea)");
        return Err(wrong(line, "record name", problem));
    }
    let signals = fields
        .next()
        .and_then(|f| f.parse::<usize>().ok())
        .filter(|n| *n <= SIGNALS_MAX)
        .ok_or_else(|| {
            wrong(
                line,
                "number of signals",
                format!("expected 0 to {SIGNALS_MAX} after the name"),
            )
        })?;
    let (rate, counter) = match fields.next() {
        None => (RATE_DEFAULT, None),
        Some(field) => rate_field(line, field)?,
    };
    let frames = match fields.next() {
        None | Some("0") => None,
        Some(field) => Some(number(line, "number of samples", field)?),
    };
    let mut start = Start {
        time_of_day_us: None,
        date: None,
    };
    if let Some(field) = fields.next() {
        let problem = || {
            wrong(
                line,
                "base time",
                "expected HH:MM:SS of a day, got another text".to_owned(),
            )
        };
        start.time_of_day_us = Some(time_of_day(field).ok_or_else(problem)?);
    }
    if let Some(field) = fields.next() {
        let problem = || {
            wrong(
                line,
                "base date",
                "expected DD/MM/YYYY between 1800 and 2999, got another text".to_owned(),
            )
        };
        start.date = Some(date(field).ok_or_else(problem)?);
    }
    let head = Header {
        name: name.to_owned(),
        rate,
        counter,
        frames,
        start,
        signals: Vec::new(),
        comments: Vec::new(),
    };
    Ok((head, signals))
}

/// `360`, `62.4725/999.56` or `360/720(100)`.
fn rate_field(line: usize, field: &str) -> Result<(f64, Option<(f64, f64)>), WfdbError> {
    let (rate, counter) = field.split_once('/').map_or((field, None), |(r, c)| (r, Some(c)));
    let rate: f64 = positive(line, "sampling frequency", rate)?;
    let counter = match counter {
        None => None,
        Some(text) => {
            let (rate, base) = match text.split_once('(') {
                None => (text, 0.0),
                Some((rate, base)) => (rate, number(line, "base counter value", base.trim_end_matches(')'))?),
            };
            Some((positive(line, "counter frequency", rate)?, base))
        }
    };
    Ok((rate, counter))
}

fn signal_line(line: usize, text: &str) -> Result<SignalSpec, WfdbError> {
    let mut rest = text;
    let mut next = || {
        let trimmed = rest.trim_start();
        let end = trimmed.find(char::is_whitespace).unwrap_or(trimmed.len());
        let (field, after) = trimmed.split_at(end);
        rest = after;
        (!field.is_empty()).then_some(field)
    };
    let file = next().unwrap_or_default().to_owned();
    let packed = next().ok_or_else(|| wrong(line, "format", "missing after the file name".to_owned()))?;
    let (format, samples_per_frame, skew, byte_offset) = format_field(line, packed)?;
    let gain = next();
    let adc_resolution = next().map_or(Ok(0), |f| number(line, "ADC resolution", f))?;
    let adc_zero = next().map_or(Ok(0), |f| number(line, "ADC zero", f))?;
    let initial = next().map(|f| number(line, "initial value", f)).transpose()?;
    let checksum = next().map(|f| number::<i64>(line, "checksum", f)).transpose()?;
    let block_size = next().map_or(Ok(0), |f| number(line, "block size", f))?;
    let (gain, baseline, units) = gain_field(line, gain.unwrap_or("0"), adc_zero)?;
    Ok(SignalSpec {
        file,
        format,
        samples_per_frame,
        skew,
        byte_offset,
        gain,
        baseline,
        units,
        adc_resolution,
        adc_zero,
        initial,
        // Written signed by some tools and unsigned by others: the same 16 bits.
        checksum: checksum.map(|sum| u16::try_from(sum.rem_euclid(65_536)).unwrap_or_default()),
        block_size,
        description: rest.trim().to_owned(),
    })
}

/// `212`, `212x4`, `212:4`, `16+24` and all of them together.
fn format_field(line: usize, field: &str) -> Result<(Format, u32, u32, u64), WfdbError> {
    let (field, offset) = field.split_once('+').map_or((field, None), |(f, o)| (f, Some(o)));
    let (field, skew) = field.split_once(':').map_or((field, None), |(f, s)| (f, Some(s)));
    let (code, per_frame) = field.split_once('x').map_or((field, None), |(f, s)| (f, Some(s)));
    let format = match number(line, "format", code)? {
        16 => Format::Bits16,
        212 => Format::Bits212,
        other => Format::Other(other),
    };
    let per_frame = per_frame.map_or(Ok(1), |f| number(line, "samples per frame", f))?;
    if !(1..=SAMPLES_PER_FRAME_MAX).contains(&per_frame) {
        let problem = format!("{per_frame} is not between 1 and {SAMPLES_PER_FRAME_MAX}");
        return Err(wrong(line, "samples per frame", problem));
    }
    let skew = skew.map_or(Ok(0), |f| number(line, "skew", f))?;
    let offset = offset.map_or(Ok(0), |f| number(line, "byte offset", f))?;
    Ok((format, per_frame, skew, offset))
}

/// `200`, `200/mV`, `12.84(-1605)/mmHg`.
fn gain_field(line: usize, field: &str, adc_zero: i32) -> Result<(f64, i32, String), WfdbError> {
    let (gain, units) = field.split_once('/').unwrap_or((field, "mV"));
    let (gain, baseline) = match gain.split_once('(') {
        None => (gain, adc_zero),
        Some((gain, baseline)) => (gain, number(line, "baseline", baseline.trim_end_matches(')'))?),
    };
    let gain: f64 = number(line, "ADC gain", gain)?;
    if !gain.is_finite() {
        return Err(wrong(line, "ADC gain", format!("{gain} is not a finite number")));
    }
    // 0 says "not calibrated"; the default makes it drawable, as the reference library does.
    let gain = if gain == 0.0 { GAIN_DEFAULT } else { gain };
    Ok((gain, baseline, units.to_owned()))
}

fn positive(line: usize, field: &'static str, text: &str) -> Result<f64, WfdbError> {
    let value: f64 = number(line, field, text)?;
    if value.is_finite() && value > 0.0 {
        Ok(value)
    } else {
        Err(wrong(
            line,
            field,
            format!("expected a number above 0, got {}", shown(text)),
        ))
    }
}

fn number<T: std::str::FromStr>(line: usize, field: &'static str, text: &str) -> Result<T, WfdbError> {
    text.parse().map_err(|_| {
        wrong(
            line,
            field,
            format!("expected a number in its range, got {}", shown(text)),
        )
    })
}

fn wrong(line: usize, field: &'static str, problem: String) -> WfdbError {
    WfdbError::Header { line, field, problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_outlives_an_unsaid_number_of_frames() {
        let head = header(b"rec 0 5210 000 12:00\n").unwrap();
        assert!(head.start.time_of_day_us.is_some());
        assert_eq!(header(head.to_text().as_bytes()).unwrap().start, head.start);
    }

    #[test]
    fn every_part_of_the_lines_is_read() {
        let head = header(
            b"# made by hand\nr1 2 62.4725/999.56(17) 14400 17:27:45 04/05/2704\n\
              r1.dat 212x4:3+24 12.84(-1605)/mmHg 12 0 -943 -23651 0 ABP mean\nr1.dat 16\n#one\n# two\n",
        )
        .unwrap();
        assert_eq!(
            (head.rate, head.counter, head.frames),
            (62.4725, Some((999.56, 17.0)), Some(14_400))
        );
        assert!(head.start.device_time().is_some());
        assert_eq!(head.comments, ["one", "two"]);
        let [abp, bare] = &head.signals[..] else {
            panic!("two signals")
        };
        assert_eq!((abp.samples_per_frame, abp.skew, abp.byte_offset), (4, 3, 24));
        assert_eq!((abp.gain, abp.baseline, abp.units.as_str()), (12.84, -1605, "mmHg"));
        assert_eq!((abp.checksum, abp.description.as_str()), (Some(41_885), "ABP mean"));
        assert_eq!((bare.gain, bare.units.as_str(), bare.checksum), (200.0, "mV", None));
        assert_eq!(header(head.to_text().as_bytes()).unwrap().signals[0], *abp);
    }

    #[test]
    fn errors_name_line_and_field() {
        for (text, expected) in [
            ("", "header line 1, record: no record line"),
            ("a", "header line 1, number of signals"),
            ("a/18 2 125", "header line 1, record name: a record of 18 segments"),
            (
                "a 1 -5\n",
                "header line 1, sampling frequency: expected a number above 0, got -5",
            ),
            (
                "a 1 5 10 1:2:3 30/02/2000\n",
                "header line 1, base date: expected DD/MM/YYYY",
            ),
            ("#\na 1\na.dat 16y\n", "header line 3, format: expected a number"),
            (
                "a 1\na.dat 16x0\n",
                "header line 2, samples per frame: 0 is not between",
            ),
            ("a 1\na.dat 16 NaN\n", "header line 2, ADC gain: NaN is not"),
            (
                "a 2\na.dat 16\n",
                "header line 2, signal: the record line says 2 signals",
            ),
            (
                "a 0\na.dat 16\n",
                "header line 2, record: the record line says 0 signals",
            ),
        ] {
            let said = header(text.as_bytes()).unwrap_err().to_string();
            assert!(said.starts_with(expected), "{text:?}: {said}");
        }
    }
}
