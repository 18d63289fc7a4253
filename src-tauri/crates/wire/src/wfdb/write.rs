//! A recording written as WFDB: signal file, header and annotations.

use std::io::Write;

use super::gain::{Plan, ranges};
use super::group::{Group, groups};
use super::packed::Packer;
use super::{Format, Header, SignalSpec, Start, remarks};
use crate::recording::{Channel, NO_SAMPLE_WIDE, RecordingError, Samples};

/// Creates a file by its name.
pub type Make<'a> = &'a mut dyn FnMut(&str) -> Result<Box<dyn Write>, RecordingError>;

/// Samples of all signals that are packed at once.
const CHUNK: u64 = 1 << 18;
/// Gaps are filled with "no sample". A recording that would be so many times larger by it is refused.
const FILLED_MAX: u64 = 1_000;
/// … if it also has so many samples.
const FILLED_MIN: u64 = 1 << 30;

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// The records: the one that was asked for, and one more for each group of rates that are no multiples of its own.
    pub records: Vec<String>,
    /// What is not as it was, for the person: left out, shifted or renamed. Empty where everything is.
    pub notes: Vec<String>,
}

/// Writes a recording.
///
/// - All signals of a record are in one file of format 16, or of 24 or 32 where the samples need it; every value stays what
///   it was. Gaps and missing samples are the format's "no sample".
/// - Channels whose rates are whole multiples (to 50) of the slowest one are one record; others follow as `NAME_2`, `NAME_3` …
/// - Marks become `NAME.atr`. A mark that lasts says so at the end of its text (`[lasts 30 s]`).
/// - Tracks of irregular numbers have no place in WFDB: they are named in [`Written::notes`], CSV holds them.
///
/// The signal file is written before its header, so that a record that has a header is whole.
///
/// # Errors
/// A name that the format cannot have, nothing to write, and what `samples` or the files report.
pub fn write(samples: &dyn Samples, record_name: &str, make_file: Make<'_>) -> Result<Written, RecordingError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if record_name.is_empty() || !record_name.chars().all(plain) {
        let problem = "a WFDB record's name has letters, digits, `_` and `-` only; choose another";
        return Err(RecordingError::new(record_name, problem));
    }
    let head = samples.head();
    let mut written = Written::default();
    for channel in head.channels.iter().filter(|c| c.runs.iter().all(|r| r.count == 0)) {
        written
            .notes
            .push(format!("{}: left out, it has no samples.", channel.label));
    }
    if !head.numerics.is_empty() {
        let count = head.numerics.len();
        written.notes.push(format!(
            "{count} tracks of irregular numbers are left out; write CSV to keep them."
        ));
    }
    let groups = groups(&head.channels);
    if groups.is_empty() && head.marks.is_empty() {
        return Err(RecordingError::new(
            record_name,
            "there are no samples and no marks to write",
        ));
    }
    for (number, group) in groups.iter().enumerate() {
        let name = match number {
            0 => record_name.to_owned(),
            _ => format!("{record_name}_{}", number + 1),
        };
        if number > 0 {
            let labels: Vec<&str> = group.channels(head).map(|c| c.label.as_str()).collect();
            let problem = "in a record of their own, their rates are no multiples of the first record's";
            written.notes.push(format!("{name}: {} {problem}.", labels.join(", ")));
        }
        write_record(samples, &name, group, make_file, &mut written.notes)?;
        written.records.push(name);
    }
    if groups.is_empty() {
        let header = header_of(samples, record_name, 250.0, None, Vec::new());
        put(make_file, &format!("{record_name}.hea"), header.to_text().as_bytes())?;
        written.records.push(record_name.to_owned());
    }
    if !head.marks.is_empty() {
        let rates = groups
            .iter()
            .map(|g| g.rate.hertz())
            .chain(head.channels.iter().map(|c| c.rate.hertz()));
        let annotations = remarks::annotations_of(&head.marks, rates);
        put(make_file, &format!("{record_name}.atr"), &annotations.to_bytes()?)?;
    }
    Ok(written)
}

fn put(make_file: Make<'_>, name: &str, bytes: &[u8]) -> Result<(), RecordingError> {
    let mut file = make_file(name)?;
    file.write_all(bytes)
        .and_then(|()| file.flush())
        .map_err(|e| unwritten(name, &e))
}

fn unwritten(name: &str, error: &std::io::Error) -> RecordingError {
    RecordingError::new(name, format!("cannot be written: {error}"))
}

fn header_of(samples: &dyn Samples, name: &str, rate: f64, frames: Option<u64>, signals: Vec<SignalSpec>) -> Header {
    let head = samples.head();
    let subject = Some(&head.subject).filter(|s| !s.trim().is_empty());
    let subject = subject.map(|s| one_line(&format!("{}{s}", super::record::SUBJECT)));
    Header {
        name: name.to_owned(),
        rate,
        counter: None,
        frames,
        start: head.start_us.map_or(Start::default(), Start::from_micros),
        signals,
        segments: None,
        comments: subject
            .into_iter()
            .chain(head.notes.iter().map(|n| one_line(n)))
            .collect(),
    }
}

/// A line of a header: without breaks.
fn one_line(text: &str) -> String {
    text.trim()
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

fn write_record(
    samples: &dyn Samples,
    name: &str,
    group: &Group,
    make_file: Make<'_>,
    notes: &mut Vec<String>,
) -> Result<(), RecordingError> {
    let frames = group.frames();
    let plans = plans_of(samples, name, group, notes)?;
    let format = plans
        .iter()
        .map(Plan::format)
        .max_by_key(|f| f.bits())
        .unwrap_or(Format::Bits16);
    let file_name = format!("{name}.dat");
    let mut file = make_file(&file_name)?;
    let mut packers: Vec<Packer> = plans.iter().map(|plan| Packer::new(*plan, format)).collect();
    let step = (CHUNK / group.width().max(1)).max(1);
    let (mut done, mut bytes, mut columns) = (0, Vec::new(), vec![Vec::new(); packers.len()]);
    while done < frames {
        let end = (done + step).min(frames);
        for ((member, packer), column) in group.members.iter().zip(&mut packers).zip(&mut columns) {
            column.clear();
            member.read(samples, done * member.per_frame..end * member.per_frame, column)?;
            packer.convert(column);
        }
        bytes.clear();
        interleave(group, &columns, end - done, format, &mut bytes);
        file.write_all(&bytes).map_err(|e| unwritten(&file_name, &e))?;
        done = end;
    }
    file.flush().map_err(|e| unwritten(&file_name, &e))?;
    drop(file);
    let mut signals = Vec::new();
    for (member, packer) in group.members.iter().zip(&packers) {
        if let Some(channel) = samples.head().channels.get(member.channel) {
            signals.push(signal_of(channel, &file_name, member.per_frame, format, packer, notes));
        }
    }
    let header = header_of(samples, name, group.rate.hertz(), Some(frames), signals);
    put(make_file, &format!("{name}.hea"), header.to_text().as_bytes())
}

/// How each channel of the group is written, and what is said of it.
fn plans_of(
    samples: &dyn Samples,
    name: &str,
    group: &Group,
    notes: &mut Vec<String>,
) -> Result<Vec<Plan>, RecordingError> {
    let recorded: u64 = group.members.iter().map(|m| m.held).sum();
    let needed = group.frames().saturating_mul(group.width());
    if needed > FILLED_MIN && needed / recorded.max(1) > FILLED_MAX {
        let problem = "its gaps are a thousand times longer than what was recorded; write shorter spans, one by one";
        return Err(RecordingError::new(name, problem));
    }
    let head = samples.head();
    if head.start_us.is_some_and(|us| Start::from_micros(us).date.is_none()) {
        notes.push(format!("{name}: without a date, which must be 1800 to 2999 in WFDB."));
    }
    let mut plans = Vec::new();
    for member in &group.members {
        let Some(channel) = head.channels.get(member.channel) else {
            continue;
        };
        if member.shifted > 0 {
            let (label, count) = (&channel.label, member.shifted);
            notes.push(format!(
                "{label}: {count} stretches overlap the one before and were moved behind it."
            ));
        }
        let plan = Plan::new(channel, ranges(samples, member.channel, channel)?);
        if plan.off > 0.0 {
            let (label, unit) = (&channel.label, &channel.unit);
            notes.push(format!("{label}: all values are off by {:e} {unit}.", plan.off));
        }
        plans.push(plan);
    }
    Ok(plans)
}

/// Frame after frame, each signal's samples in it.
fn interleave(group: &Group, columns: &[Vec<i32>], frames: u64, format: Format, into: &mut Vec<u8>) {
    let take = usize::from(format.bits() / 8);
    for frame in 0..frames {
        for (member, column) in group.members.iter().zip(columns) {
            for place in frame * member.per_frame..(frame + 1) * member.per_frame {
                let sample = usize::try_from(place).ok().and_then(|at| column.get(at));
                let bytes = sample.copied().unwrap_or(NO_SAMPLE_WIDE).to_le_bytes();
                into.extend(bytes.iter().take(take));
            }
        }
    }
}

fn signal_of(
    channel: &Channel,
    file: &str,
    per_frame: u64,
    format: Format,
    packer: &Packer,
    notes: &mut Vec<String>,
) -> SignalSpec {
    let units = unit_word(&channel.unit);
    if units != channel.unit {
        let (label, unit) = (&channel.label, &channel.unit);
        notes.push(format!("{label}: its unit {unit:?} is written as {units}."));
    }
    SignalSpec {
        file: file.to_owned(),
        format,
        samples_per_frame: u32::try_from(per_frame).unwrap_or(1),
        skew: 0,
        byte_offset: 0,
        gain: packer.plan.gain,
        baseline: packer.plan.baseline,
        units,
        adc_resolution: u32::from(format.bits()),
        adc_zero: 0,
        initial: Some(packer.initial.unwrap_or(0)),
        checksum: Some(packer.checksum),
        block_size: 0,
        description: one_line(&channel.label),
    }
}

/// A unit as headers have it: one word of letters, digits, `_ ^ - ? % /`. No unit is `NU`, for a header without one says
/// millivolt.
fn unit_word(unit: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_^-?%/".contains(c);
    let word: String = unit
        .trim()
        .replace('°', "deg")
        .chars()
        .filter(|c| !"[](){}".contains(*c))
        .map(|c| if plain(c) { c } else { '_' })
        .collect();
    if word.is_empty() { "NU".to_owned() } else { word }
}
