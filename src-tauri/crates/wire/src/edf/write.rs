//! A recording as EDF+.

use std::io::Write;
use std::ops::Range;

use super::grid::Raw;
use super::plan::{self, Plan};
use super::print;
use crate::recording::{Head, Mark, RecordingError, Samples};

/// Longest text of an annotation in bytes; readers in use stop at 512.
const TEXT_BYTES_MAX: usize = 400;

/// A file whose gaps are filled may be so much larger than its samples before the gaps are left out.
const FILLED_TIMES_MAX: u64 = 4;

/// Below this many samples nobody minds what is filled.
const FILLED_SAMPLES_FREE: u64 = 64 << 20;

/// Writes a recording as EDF+C: gaps are filled with a digital value that the file names, since most readers take no
/// EDF+D. Where gaps would make up most of a large file it is EDF+D after all, and the answer says so.
///
/// Samples that need 16 bits or fewer are kept as they are; wider ones are divided. The answer is one line a channel,
/// with its step and everything else that the file does not say as the recording did.
///
/// # Errors
/// Samples that cannot be read, a writer that fails, rates that have no record in common.
///
/// ```
/// use model::SampleRate;
/// use wire::edf;
/// use wire::recording::{Channel, Head, Recording, Run, Samples};
///
/// let channel = Channel {
///     label: "II".to_owned(),
///     unit: "mV".to_owned(),
///     rate: SampleRate::new(250, 1)?,
///     resolution: 0.005,
///     zero: 0.0,
///     bits: 12,
///     runs: vec![Run { start_us: 0, first: 0, count: 4 }],
/// };
/// let head = Head { channels: vec![channel], ..Head::default() };
/// let made = Recording::new(head, vec![vec![10, -3, 7, 200]])?;
/// let mut file = Vec::new();
/// let said = edf::write(&made, &mut file)?;
/// assert_eq!(said, ["II: step 0.005 mV"]);
///
/// let read = edf::open("made", file)?;
/// let mut samples = Vec::new();
/// read.samples(0, 0..4, &mut samples)?;
/// assert_eq!(samples, [10, -3, 7, 200]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write(samples: &dyn Samples, out: &mut dyn Write) -> Result<Vec<String>, RecordingError> {
    put(samples, out, false)
}

/// The same as EDF+D: records without any sample are left out.
///
/// # Errors
/// As [`write`].
pub fn write_discontinuous(samples: &dyn Samples, out: &mut dyn Write) -> Result<Vec<String>, RecordingError> {
    put(samples, out, true)
}

fn put(samples: &dyn Samples, out: &mut dyn Write, with_gaps: bool) -> Result<Vec<String>, RecordingError> {
    let head = samples.head();
    let mut remarks = Vec::new();
    let raw = gather(head, &mut remarks);
    let (plan, spans) = layout(head, &raw, with_gaps, &mut remarks)?;
    let is_gappy = with_gaps || spans.len() > 1;
    let total = |samples_a_record: u64| spans.iter().map(|span| span.end - span.start).sum::<u64>() * samples_a_record;
    let mut lanes = Vec::new();
    let mut kept = Vec::new();
    for (lane, per_record) in raw.into_iter().zip(&plan.samples) {
        if let Some(lane) = lane.fitted(samples, total(*per_record), &mut remarks)? {
            lanes.push(lane);
            kept.push(*per_record);
        }
    }
    let plan = Plan { samples: kept, ..plan };
    let records = total(1);
    if head.start_us.is_some_and(|start| start < 0) {
        remarks.push("the year is before 1970: readers built on EDFlib refuse the file".to_owned());
    }
    let fraction_us = head.start_us.map_or(0, |start| start.rem_euclid(1_000_000));
    let notes = Annotations::new(head, &plan, &spans, fraction_us, &mut remarks);
    let format = if is_gappy { "EDF+D" } else { "EDF+C" };
    let failed = |error: std::io::Error| RecordingError::new(format!("{}, writing EDF", head.name), error.to_string());
    out.write_all(&print::header(head, format, &plan, &lanes, notes.bytes, records))
        .map_err(failed)?;
    let mut record = Vec::new();
    let mut texts = notes.texts.iter().peekable();
    for number in spans.into_iter().flatten() {
        record.clear();
        for (lane, per_record) in lanes.iter().zip(&plan.samples) {
            lane.digital(samples, number * per_record..(number + 1) * per_record, &mut record)?;
        }
        let end = record.len() + notes.bytes;
        let begun_us = if is_gappy {
            plan.start_us(number)
        } else {
            plan.stamp_us(number)
        };
        record.extend(stamp(begun_us + fraction_us));
        while let Some(text) = texts.next_if(|text| record.len() + text.len() <= end) {
            record.extend_from_slice(text);
        }
        record.resize(end, 0);
        out.write_all(&record).map_err(failed)?;
    }
    Ok(remarks)
}

/// Channels and tracks of numbers alike, at rates that have a record in common.
fn gather(head: &Head, remarks: &mut Vec<String>) -> Vec<Raw> {
    let numbers: Vec<Raw> = head
        .numerics
        .iter()
        .filter_map(|track| Raw::numbers(track, remarks))
        .collect();
    let rates: Vec<_> = head.channels.iter().map(|channel| channel.rate).collect();
    let all: Vec<_> = rates
        .iter()
        .copied()
        .chain(numbers.iter().map(|lane| lane.rate))
        .collect();
    let settled = plan::settle(&all);
    let mut raw: Vec<Raw> = head
        .channels
        .iter()
        .zip(&settled)
        .enumerate()
        .map(|(i, (channel, rate))| Raw::wave(i, channel, *rate, remarks))
        .collect();
    raw.extend(numbers);
    raw
}

/// The records, and which of them are written.
fn layout(
    head: &Head,
    raw: &[Raw],
    with_gaps: bool,
    remarks: &mut Vec<String>,
) -> Result<(Plan, Vec<Range<u64>>), RecordingError> {
    let rates: Vec<_> = raw.iter().map(|lane| lane.rate).collect();
    let ends: Vec<_> = raw.iter().map(Raw::end).collect();
    let plan = plan::plan(&rates, &ends).ok_or_else(|| {
        RecordingError::new(
            format!("{}, writing EDF", head.name),
            "no record of at most 8 MiB holds a whole number of samples of every channel, or there would be more than 99999999 of them; write WFDB",
        )
    })?;
    remarks.extend(plan.remark.clone());
    let mut occupied: Vec<Range<u64>> = raw
        .iter()
        .zip(&plan.samples)
        .flat_map(|(lane, per_record)| {
            let of = |span: Range<u64>| span.start / per_record..span.end.div_ceil(*per_record);
            lane.spans().map(of).collect::<Vec<_>>()
        })
        .filter(|span| !span.is_empty())
        .collect();
    occupied.sort_by_key(|span| span.start);
    let spans = joined(occupied);
    let per_record: u64 = plan.samples.iter().sum();
    let kept = spans.iter().map(|span| span.end - span.start).sum::<u64>() * per_record;
    let filled = plan.records * per_record;
    if with_gaps && !spans.is_empty() {
        return Ok((plan, spans));
    }
    if filled > FILLED_SAMPLES_FREE && filled / kept.max(1) >= FILLED_TIMES_MAX {
        remarks.push("written as EDF+D: filling the gaps would make most of the file".to_owned());
        return Ok((plan, spans));
    }
    let all = 0..plan.records;
    Ok((plan, vec![all]))
}

fn joined(sorted: Vec<Range<u64>>) -> Vec<Range<u64>> {
    let mut spans: Vec<Range<u64>> = Vec::new();
    for span in sorted {
        match spans.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => spans.push(span),
        }
    }
    spans
}

/// Marks as lists, and the room a record needs for them.
struct Annotations {
    texts: Vec<Vec<u8>>,
    /// Bytes a record, even.
    bytes: usize,
}

impl Annotations {
    fn new(head: &Head, plan: &Plan, spans: &[Range<u64>], fraction_us: i64, remarks: &mut Vec<String>) -> Self {
        let mut cut = 0;
        let texts: Vec<Vec<u8>> = head
            .marks
            .iter()
            .map(|mark| list(mark, fraction_us, &mut cut))
            .collect();
        if cut > 0 {
            remarks.push(format!("{cut} annotations are cut to {TEXT_BYTES_MAX} bytes"));
        }
        if !head.notes.is_empty() {
            remarks.push(format!(
                "{} notes are left out: EDF+ has no place for them",
                head.notes.len()
            ));
        }
        let records = spans.iter().map(|span| span.end - span.start).sum::<u64>().max(1);
        let last = spans.last().map_or(0, |span| span.end);
        let longest = texts.iter().map(Vec::len).max().unwrap_or(0);
        let all: usize = texts.iter().map(Vec::len).sum();
        // A record takes texts until one does not fit, so it leaves less than the longest unused.
        let share = all.div_ceil(usize::try_from(records).unwrap_or(usize::MAX));
        // An earlier record has no more digits before its point than the last one, and six behind it at most.
        let last_us = plan.start_us(last).max(plan.stamp_us(last));
        let whole = (last_us + fraction_us) / 1_000_000 * 1_000_000;
        let room = stamp(whole + 999_999).len() + longest + share;
        Self {
            texts,
            bytes: room.next_multiple_of(2),
        }
    }
}

/// The list that says when a record begins.
fn stamp(us: i64) -> Vec<u8> {
    let mut text = seconds(us, true);
    text.extend_from_slice(&[0x14, 0x14, 0]);
    text
}

fn list(mark: &Mark, fraction_us: i64, cut: &mut usize) -> Vec<u8> {
    let mut bytes = seconds(mark.at_us.saturating_add(fraction_us), true);
    if let Some(duration) = mark.duration_us {
        bytes.push(0x15);
        bytes.extend(seconds(duration.max(0), false));
    }
    bytes.push(0x14);
    let words = match (mark.code.as_str(), mark.text.as_str()) {
        ("", text) => text.to_owned(),
        (code, "") => code.to_owned(),
        (code, text) => format!("{code} {text}"),
    };
    let mut text = words.replace(char::is_control, " ");
    if text.trim().is_empty() {
        "mark".clone_into(&mut text);
    }
    if text.len() > TEXT_BYTES_MAX {
        *cut += 1;
        text.truncate(text.floor_char_boundary(TEXT_BYTES_MAX));
    }
    bytes.extend_from_slice(text.as_bytes());
    bytes.extend_from_slice(&[0x14, 0]);
    bytes
}

/// Seconds with as many decimals as there are microseconds.
fn seconds(us: i64, signed: bool) -> Vec<u8> {
    let sign = match (us < 0, signed) {
        (true, _) => "-",
        (false, true) => "+",
        (false, false) => "",
    };
    let (whole, rest) = (us.unsigned_abs() / 1_000_000, us.unsigned_abs() % 1_000_000);
    let text = format!("{sign}{whole}.{rest:06}");
    text.trim_end_matches('0').trim_end_matches('.').as_bytes().to_vec()
}
