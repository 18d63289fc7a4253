//! The text header, read.

use super::header::{Header, Segment, Segments, SignalSpec};
use super::start::{date, time_of_day};
use super::{Format, Start};
use crate::recording::RecordingError;
use crate::step::shown;

/// Signals in one record: the widest arrays of electrodes have some hundreds.
const SIGNALS_MAX: usize = 2_048;
/// Samples of one signal in a frame: 100,000 Hz beside one number a second.
const SAMPLES_PER_FRAME_MAX: u32 = 1_000_000;
/// A header is a page of text; comments of long case histories and the segments of weeks reach some hundred kilobytes.
const HEADER_BYTES_MAX: usize = 4 << 20;
/// What a signal without a gain has (`WFDB_DEFGAIN`).
const GAIN_DEFAULT: f64 = 200.0;
/// What a record without a rate has (`WFDB_DEFFREQ`).
const RATE_DEFAULT: f64 = 250.0;

/// Reads a header.
///
/// # Errors
/// The line, counted from 1 with the comments, and the field of header(5).
pub fn header(bytes: &[u8]) -> Result<Header, RecordingError> {
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
            body_line(number, line, head, *wanted)?;
        } else {
            record = Some(record_line(number, line)?);
        }
    }
    let Some((head, wanted)) = record else {
        let problem = "no record line; expected `NAME SIGNALS RATE SAMPLES`";
        return Err(wrong(1, "record", problem.to_owned()));
    };
    let (kind, found) = body_of(&head);
    if found < wanted {
        let problem = format!("the record line says {wanted} {kind}s, the header ends after {found}");
        return Err(wrong(text.lines().count().max(1), kind, problem));
    }
    Ok(head)
}

/// What the lines after the record line are, and how many there are.
fn body_of(head: &Header) -> (&'static str, usize) {
    match &head.segments {
        Some(segments) => ("segment", segments.list.len()),
        None => ("signal", head.signals.len()),
    }
}

fn body_line(number: usize, line: &str, head: &mut Header, wanted: usize) -> Result<(), RecordingError> {
    let (kind, found) = body_of(head);
    if found == wanted {
        let problem = format!("the record line says {wanted} {kind}s, and here is one more");
        return Err(wrong(number, "record", problem));
    }
    match &mut head.segments {
        Some(segments) => segments.list.push(segment_line(number, line)?),
        None => head.signals.push(signal_line(number, line)?),
    }
    Ok(())
}

fn segment_line(line: usize, text: &str) -> Result<Segment, RecordingError> {
    let mut fields = text.split_whitespace();
    let name = fields.next().unwrap_or_default().to_owned();
    let missing = || wrong(line, "segment length", "missing after the segment's name".to_owned());
    let frames = number(line, "segment length", fields.next().ok_or_else(missing)?)?;
    Ok(Segment { name, frames })
}

/// The record, and how many lines of signals or segments belong to it.
fn record_line(line: usize, text: &str) -> Result<(Header, usize), RecordingError> {
    let mut fields = text.split_whitespace();
    let name = fields.next().unwrap_or_default();
    let (name, segments) = match name.rsplit_once('/') {
        None => (name, None),
        Some((name, count)) => (name, Some(number::<usize>(line, "number of segments", count)?)),
    };
    if segments == Some(0) {
        return Err(wrong(line, "number of segments", "a record of no segments".to_owned()));
    }
    let problem = || format!("expected 0 to {SIGNALS_MAX} after the name");
    let signals = fields
        .next()
        .and_then(|f| f.parse::<usize>().ok())
        .filter(|n| *n <= SIGNALS_MAX)
        .ok_or_else(|| wrong(line, "number of signals", problem()))?;
    let (rate, counter) = match fields.next() {
        None => (RATE_DEFAULT, None),
        Some(field) => rate_field(line, field)?,
    };
    let frames = match fields.next() {
        None => None,
        // 0, however written, says "not said".
        Some(field) => Some(number(line, "number of samples", field)?).filter(|n| *n != 0),
    };
    let head = Header {
        name: name.to_owned(),
        rate,
        counter,
        frames,
        start: start_fields(line, fields.next(), fields.next())?,
        signals: Vec::new(),
        segments: segments.map(|_| Segments {
            signals,
            list: Vec::new(),
        }),
        comments: Vec::new(),
    };
    Ok((head, segments.unwrap_or(signals)))
}

fn start_fields(line: usize, time: Option<&str>, day: Option<&str>) -> Result<Start, RecordingError> {
    let mut start = Start {
        time_of_day_us: None,
        date: None,
    };
    if let Some(field) = time {
        let problem = || {
            wrong(
                line,
                "base time",
                "expected HH:MM:SS of a day, got another text".to_owned(),
            )
        };
        start.time_of_day_us = Some(time_of_day(field).ok_or_else(problem)?);
    }
    if let Some(field) = day {
        let problem = || {
            wrong(
                line,
                "base date",
                "expected DD/MM/YYYY between 1800 and 2999, got another text".to_owned(),
            )
        };
        start.date = Some(date(field).ok_or_else(problem)?);
    }
    Ok(start)
}

/// `360`, `62.4725/999.56` or `360/720(100)`.
fn rate_field(line: usize, field: &str) -> Result<(f64, Option<(f64, f64)>), RecordingError> {
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

fn signal_line(line: usize, text: &str) -> Result<SignalSpec, RecordingError> {
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
fn format_field(line: usize, field: &str) -> Result<(Format, u32, u32, u64), RecordingError> {
    let (field, offset) = field.split_once('+').map_or((field, None), |(f, o)| (f, Some(o)));
    let (field, skew) = field.split_once(':').map_or((field, None), |(f, s)| (f, Some(s)));
    let (code, per_frame) = field.split_once('x').map_or((field, None), |(f, s)| (f, Some(s)));
    let code = number(line, "format", code)?;
    let format = Format::of(code).ok_or_else(|| {
        let known = "0, 8, 16, 24, 32, 61, 80, 160, 212, 310, 311, 508, 516 and 524";
        wrong(line, "format", format!("there is no format {code}; there are {known}"))
    })?;
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
fn gain_field(line: usize, field: &str, adc_zero: i32) -> Result<(f64, i32, String), RecordingError> {
    let (gain, units) = field.split_once('/').unwrap_or((field, "mV"));
    let (gain, baseline) = match gain.split_once('(') {
        None => (gain, adc_zero),
        Some((gain, baseline)) => (gain, number(line, "baseline", baseline.trim_end_matches(')'))?),
    };
    let gain: f64 = number(line, "ADC gain", gain)?;
    if !gain.is_finite() || gain != 0.0 && !gain.recip().is_finite() {
        return Err(wrong(line, "ADC gain", format!("{gain} is not a finite number")));
    }
    // 0 says "not calibrated"; the default makes it drawable, as the reference library does.
    let gain = if gain == 0.0 { GAIN_DEFAULT } else { gain };
    Ok((gain, baseline, units.to_owned()))
}

fn positive(line: usize, field: &'static str, text: &str) -> Result<f64, RecordingError> {
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

fn number<T: std::str::FromStr>(line: usize, field: &'static str, text: &str) -> Result<T, RecordingError> {
    text.parse().map_err(|_| {
        wrong(
            line,
            field,
            format!("expected a number in its range, got {}", shown(text)),
        )
    })
}

fn wrong(line: usize, field: &'static str, problem: String) -> RecordingError {
    RecordingError::new(format!("header line {line}, {field}"), problem)
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
    fn no_frames_are_not_said_however_they_are_written() {
        for text in ["r 0 250", "r 0 250 0", "r 0 250 00"] {
            let head = header(text.as_bytes()).unwrap();
            assert_eq!(head.frames, None, "{text}");
            assert_eq!(header(head.to_text().as_bytes()).unwrap(), head);
        }
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
            (
                "a/18 2 125",
                "header line 1, segment: the record line says 18 segments, the header ends after 0",
            ),
            (
                "a/0 2 125",
                "header line 1, number of segments: a record of no segments",
            ),
            (
                "a/1 2 125\nb\n",
                "header line 2, segment length: missing after the segment's name",
            ),
            (
                "a/1 2 125\nb 1\nc 1\n",
                "header line 3, record: the record line says 1 segments, and here is one more",
            ),
            ("a 1\na.dat 99\n", "header line 2, format: there is no format 99"),
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
