//! A record with signal files of its own.

use std::ops::Range;
use std::sync::Arc;

use super::files::{Files, beside};
use super::flac::Flac;
use super::{Format, Header, SignalSpec};
use crate::recording::{NO_SAMPLE_WIDE, RecordingError};

/// Samples read at once when a whole signal is summed.
const CHUNK: u64 = 1 << 16;

/// A record and the bytes of its files.
#[derive(Debug)]
pub(super) struct Single {
    /// The header's own name, for errors.
    pub(super) name: String,
    pub(super) header: Header,
    pub(super) frames: u64,
    files: Vec<SignalFile>,
    /// Where each signal is; `None` where it has no samples.
    lanes: Vec<Option<Lane>>,
}

#[derive(Debug)]
struct SignalFile {
    name: String,
    format: Format,
    /// Samples of all its signals in a frame.
    width: u64,
    body: Body,
}

/// What a file holds.
#[derive(Debug)]
enum Body {
    /// Packed samples after some bytes of another kind.
    Packed { bytes: Arc<Vec<u8>>, offset: usize },
    /// Differences, added up.
    Whole(Vec<i32>),
    /// A FLAC stream, and how many samples of each channel come before the record.
    Flac { stream: Flac, offset: u64 },
}

/// Where a signal is in its file.
#[derive(Clone, Copy, Debug)]
struct Lane {
    file: usize,
    /// Samples of other signals before it in a frame.
    place: u64,
    /// How many signals of the file are before it.
    channel: usize,
}

impl Single {
    pub(super) fn load(name: &str, header: Header, from: &mut Files<'_>) -> Result<Self, RecordingError> {
        let mut files: Vec<SignalFile> = Vec::new();
        let names = header.files();
        for file in &names {
            let specs: Vec<&SignalSpec> = header.signals.iter().filter(|s| s.file == **file).collect();
            let same = |s: &&SignalSpec| specs.first().is_some_and(|first| first.format == s.format);
            if !specs.iter().all(same) {
                let problem = format!("its signals in {file:?} are said to have different formats");
                return Err(RecordingError::new(name, problem));
            }
            let path = beside(name, file)?;
            let bytes = from.read(&path)?;
            files.push(SignalFile::new(&path, &specs, bytes)?);
        }
        let lanes = header.signals.iter().map(|s| lane(&header, &names, s)).collect();
        let mut single = Self {
            name: name.to_owned(),
            frames: 0,
            header,
            files,
            lanes,
        };
        single.frames = single.count_frames()?;
        Ok(single)
    }

    /// The header's frames, which every file must hold, or as many as all files hold.
    fn count_frames(&self) -> Result<u64, RecordingError> {
        let held = self.files.iter().map(SignalFile::samples_and_frames);
        let Some(frames) = self.header.frames else {
            return Ok(held.map(|(_, frames)| frames).min().unwrap_or(0));
        };
        for (file, (samples, held)) in self.files.iter().zip(held) {
            if held < frames {
                let (width, needed) = (file.width, frames.saturating_mul(file.width));
                let problem = format!("holds {samples} samples; {frames} frames of {width} need {needed}; was it cut?");
                return Err(RecordingError::new(&file.name, problem));
            }
        }
        Ok(frames)
    }

    /// How many samples a signal has: 0 where it has no file.
    pub(super) fn count(&self, signal: usize) -> u64 {
        match (self.header.signals.get(signal), self.lanes.get(signal)) {
            // Frames that a file holds were counted in 64 bits with all its signals.
            (Some(spec), Some(Some(_))) => self.frames.saturating_mul(u64::from(spec.samples_per_frame)),
            _ => 0,
        }
    }

    /// Appends samples as the record has them, skew taken out; [`NO_SAMPLE_WIDE`] where there is none.
    pub(super) fn samples(&self, signal: usize, range: Range<u64>, into: &mut Vec<i32>) -> Result<(), RecordingError> {
        let begin = into.len();
        let Some(spec) = self.header.signals.get(signal) else {
            return Err(RecordingError::new(&self.name, format!("there is no signal {signal}")));
        };
        let lag = u64::from(spec.skew).saturating_mul(u64::from(spec.samples_per_frame));
        let shifted = range.start.saturating_add(lag)..range.end.saturating_add(lag);
        self.raw(signal, spec, shifted, into)?;
        if let Some(missing) = spec.format.missing().filter(|m| *m != NO_SAMPLE_WIDE) {
            for sample in into.iter_mut().skip(begin).filter(|s| **s == missing) {
                *sample = NO_SAMPLE_WIDE;
            }
        }
        // A signal that lags ends before the record does.
        let wanted = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
        into.resize(begin.saturating_add(wanted), NO_SAMPLE_WIDE);
        Ok(())
    }

    /// Appends samples as they are in the file, as far as the record reaches.
    fn raw(
        &self,
        signal: usize,
        spec: &SignalSpec,
        range: Range<u64>,
        into: &mut Vec<i32>,
    ) -> Result<(), RecordingError> {
        let lane = self.lanes.get(signal).copied().flatten();
        let Some((lane, file)) = lane.and_then(|lane| Some((lane, self.files.get(lane.file)?))) else {
            return Ok(());
        };
        let end = range.end.min(self.count(signal));
        let range = range.start.min(end)..end;
        file.read(lane, u64::from(spec.samples_per_frame), range, into)
    }

    /// Whether the samples are those that the checksums of the header were made from.
    pub(super) fn verify(&self) -> Result<(), RecordingError> {
        let mut part = Vec::new();
        for (signal, spec) in self.header.signals.iter().enumerate() {
            let (Some(expected), Some(Some(lane))) = (spec.checksum, self.lanes.get(signal)) else {
                continue;
            };
            let (mut found, mut at, end) = (0_u16, 0, self.count(signal));
            while at < end {
                part.clear();
                self.raw(signal, spec, at..(at + CHUNK).min(end), &mut part)?;
                // The sum is of whole numbers and only its lowest 16 bits are kept.
                found = part.iter().fold(found, |sum, s| sum.wrapping_add(low_word(*s)));
                at += CHUNK;
            }
            if found != expected {
                let file = self.files.get(lane.file).map_or("", |f| &f.name);
                let problem = format!(
                    "checksum is {found}, the header says {expected}; the file is damaged or belongs to another record"
                );
                return Err(RecordingError::new(
                    format!("{file}, signal {signal} ({:?})", spec.description),
                    problem,
                ));
            }
        }
        Ok(())
    }
}

/// The lowest 16 bits.
pub(super) const fn low_word(sample: i32) -> u16 {
    let [low, high, _, _] = sample.to_le_bytes();
    u16::from_le_bytes([low, high])
}

fn lane(header: &Header, files: &[&str], spec: &SignalSpec) -> Option<Lane> {
    let file = files.iter().position(|f| *f == spec.file)?;
    let before = || {
        let of_file = header.signals.iter().filter(|s| s.file == spec.file);
        of_file.take_while(|s| !std::ptr::eq(*s, spec))
    };
    Some(Lane {
        file,
        place: before().map(|s| u64::from(s.samples_per_frame)).sum(),
        channel: before().count(),
    })
}

impl SignalFile {
    fn new(name: &str, specs: &[&SignalSpec], bytes: Arc<Vec<u8>>) -> Result<Self, RecordingError> {
        let wrong = |problem: String| RecordingError::new(name, problem);
        let Some(first) = specs.first() else {
            return Err(wrong("no signal is in it".to_owned()));
        };
        let format = first.format;
        let width = specs.iter().map(|s| u64::from(s.samples_per_frame)).sum();
        let body = if format.is_flac() {
            let stream = Flac::index(bytes).map_err(|e| e.within(name))?;
            let (channels, bits) = (stream.info().channels, stream.info().bits);
            if channels != specs.len() || bits > u32::from(format.bits()) {
                let (signals, number) = (specs.len(), format.number());
                let problem =
                    format!("has {channels} channels of {bits} bits; the header says {signals} of format {number}");
                return Err(wrong(problem));
            }
            if specs.iter().any(|s| s.samples_per_frame != first.samples_per_frame) {
                return Err(wrong("the signals of a FLAC file must have one rate".to_owned()));
            }
            let offset = first.byte_offset;
            Body::Flac { stream, offset }
        } else {
            let offset = usize::try_from(first.byte_offset).unwrap_or(usize::MAX);
            let Some(rest) = bytes.get(offset..) else {
                let held = bytes.len();
                return Err(wrong(format!("has {held} bytes; the samples should begin at {offset}")));
            };
            if format == Format::Differences8 {
                Body::Whole(added_up(specs, rest))
            } else {
                Body::Packed { bytes, offset }
            }
        };
        Ok(Self {
            name: name.to_owned(),
            format,
            width,
            body,
        })
    }

    /// How many samples of all signals the file holds, and how many whole frames.
    fn samples_and_frames(&self) -> (u64, u64) {
        let samples = match &self.body {
            Body::Packed { bytes, offset } => self.format.capacity(bytes.len().saturating_sub(*offset) as u64),
            Body::Whole(values) => values.len() as u64,
            Body::Flac { stream, offset } => {
                (stream.samples().saturating_sub(*offset)).saturating_mul(stream.info().channels as u64)
            }
        };
        (samples, samples / self.width.max(1))
    }

    /// Appends samples of one signal: `range` counts its own samples.
    fn read(&self, lane: Lane, each: u64, range: Range<u64>, into: &mut Vec<i32>) -> Result<(), RecordingError> {
        let short = || RecordingError::new(&self.name, "the file ends before the record");
        // Index among all samples of the file.
        let place = |sample: u64| usize::try_from(sample / each * self.width + lane.place + sample % each).ok();
        match &self.body {
            Body::Packed { bytes, offset } => {
                let (bytes, pick) = (bytes.get(*offset..).unwrap_or_default(), self.format.picker());
                for sample in range {
                    into.push(place(sample).and_then(|at| pick(bytes, at)).ok_or_else(short)?);
                }
            }
            Body::Whole(values) => {
                for sample in range {
                    into.push(place(sample).and_then(|at| values.get(at)).copied().ok_or_else(short)?);
                }
            }
            Body::Flac { stream, offset } => {
                let range = range.start.saturating_add(*offset)..range.end.saturating_add(*offset);
                stream
                    .read(lane.channel, range, into)
                    .map_err(|e| e.within(&self.name))?;
            }
        }
        Ok(())
    }
}

/// Each signal begins at its initial value; each byte is the way to the next sample.
fn added_up(specs: &[&SignalSpec], bytes: &[u8]) -> Vec<i32> {
    let mut now: Vec<i32> = specs.iter().map(|s| s.initial.unwrap_or(0)).collect();
    let order: Vec<usize> = specs
        .iter()
        .enumerate()
        .flat_map(|(at, s)| std::iter::repeat_n(at, s.samples_per_frame as usize))
        .take(bytes.len())
        .collect();
    let mut values = Vec::with_capacity(bytes.len());
    for (byte, signal) in bytes.iter().zip(order.iter().cycle()) {
        if let Some(value) = now.get_mut(*signal) {
            *value = value.wrapping_add(i32::from(byte.cast_signed()));
            values.push(*value);
        }
    }
    values
}
