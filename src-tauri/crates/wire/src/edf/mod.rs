//! EDF, EDF+ and BDF: sixteen or twenty-four bits a sample in records of equal duration, behind a header of text.
//!
//! Opening reads the header and the annotations; samples are decoded where they are asked for. A file that says less
//! or more than is true (a record count of -1, a last record that was cut off, a physical minimum that equals the
//! maximum) is read as far as it goes, and [`Head::notes`] says what was found.
//!
//! Sources: Kemp et al. 1992 (EDF), Kemp and Olivan 2003 (EDF+), the BDF page of its maker, and files that
//! other programs wrote.
//!
//! ```
//! use wire::edf;
//! let error = edf::open("bed-7", b"PK\x03\x04".to_vec()).unwrap_err();
//! assert!(error.to_string().contains("256 bytes"));
//! ```

mod fit;
mod grid;
mod header;
mod plan;
mod print;
mod segments;
mod tal;
#[cfg(test)]
mod tests;
mod text;
mod write;

use std::ops::Range;

use header::{Header, Signal};
use segments::Segment;
pub use write::{write, write_discontinuous};

use crate::recording::{Channel, Head, Mark, NO_SAMPLE_WIDE, RecordingError, Run, Samples};

/// Marks of one file: an annotation takes three bytes on disk and a hundred in memory.
pub const MARKS_MAX: usize = 1_000_000;

/// In the reserved field of a signal: the digital value that stands for "no sample". Our own; other readers show that
/// value as any other, the lowest of the range.
const MISSING_WORD: &str = "no sample:";

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];

/// An open file: its head, and its bytes.
#[derive(Debug)]
pub struct Edf {
    head: Head,
    bytes: Vec<u8>,
    lanes: Vec<Lane>,
    data_at: usize,
    record_bytes: usize,
    width: usize,
}

/// Where a channel's samples stand in a record.
#[derive(Debug)]
struct Lane {
    offset: usize,
    samples: u64,
    missing: Option<i32>,
}

/// How many records the bytes hold.
struct Extent {
    whole: u64,
    /// Bytes of a record that was cut off and is read as far as it goes.
    cut: u64,
}

/// Opens a file that was read into memory. `name` is the record's name and stands in errors.
///
/// # Errors
/// A header that cannot be right; the error names the byte or the signal and field.
pub fn open(name: &str, bytes: Vec<u8>) -> Result<Edf, RecordingError> {
    let header = header::parse(name, &bytes)?;
    let mut notes = header.notes.clone();
    let extent = extent(&header, bytes.len(), &mut notes);
    let stamps = segments::read(&header, &extent, &bytes, &mut notes);
    let mut head = Head {
        format: header.format.clone(),
        name: name.to_owned(),
        start_us: header.start_us.map(|start| start.saturating_add(stamps.first_us)),
        subject: header.subject.clone(),
        marks: stamps.marks,
        ..Head::default()
    };
    let mut lanes = Vec::new();
    for (i, signal) in header
        .signals
        .iter()
        .enumerate()
        .filter(|(_, signal)| !signal.is_annotations)
    {
        match channel(signal, &header, &extent, &stamps.segments) {
            Ok((channel, remark)) => {
                notes.extend(remark);
                head.channels.push(channel);
                lanes.push(Lane {
                    offset: usize::try_from(signal.offset).unwrap_or(usize::MAX),
                    samples: signal.samples,
                    missing: signal.missing,
                });
            }
            Err(problem) => notes.push(format!("signal {i} ({:?}) is left out: {problem}", signal.label)),
        }
    }
    head.notes = notes;
    Ok(Edf {
        head,
        lanes,
        data_at: header.data_at,
        record_bytes: usize::try_from(header.record_bytes()).unwrap_or(usize::MAX),
        width: header.width,
        bytes,
    })
}

fn extent(header: &Header, len: usize, notes: &mut Vec<String>) -> Extent {
    let data = len.saturating_sub(header.data_at) as u64;
    let record = header.record_bytes();
    if record == 0 {
        return Extent { whole: 0, cut: 0 };
    }
    let (whole, rest) = (data / record, data % record);
    match header.declared {
        None => notes.push(format!("the header does not say how many records there are; there are {whole}")),
        Some(said) if said > whole => notes.push(format!(
            "the header says {said} records; the file ends after {whole} and {rest} of {record} bytes of the next, and is read so far"
        )),
        Some(said) if said < whole => {
            notes.push(format!("the header says {said} records; the file has {whole}, and all are read"));
        }
        Some(_) => {}
    }
    let is_cut = header.declared.is_none_or(|said| said > whole);
    if !is_cut && rest > 0 {
        notes.push(format!("{rest} bytes after the last record are no record"));
    }
    Extent {
        whole,
        cut: if is_cut { rest } else { 0 },
    }
}

/// A channel and a word on it, or why it is left out.
fn channel(
    signal: &Signal,
    header: &Header,
    extent: &Extent,
    segments: &[Segment],
) -> Result<(Channel, Option<String>), String> {
    let (rate, exact) = header::rate(signal.samples, header.duration).ok_or_else(|| {
        format!(
            "{} samples in records of {} s; rates are read from 1/3600 to 100000 a second",
            signal.samples, header.duration
        )
    })?;
    let cut = (extent.cut.saturating_sub(signal.offset) / header.width as u64).min(signal.samples);
    let runs: Vec<Run> = segments
        .iter()
        .map(|segment| Run {
            start_us: segment.start_us,
            first: segment.first * signal.samples,
            count: segment.count * signal.samples + if segment.has_cut { cut } else { 0 },
        })
        .filter(|run| run.count > 0)
        .collect();
    let remark = (!exact).then(|| {
        format!(
            "{}: {} samples in {} s are taken as {} a second",
            signal.label,
            signal.samples,
            header.duration,
            rate.hertz()
        )
    });
    let channel = Channel {
        label: signal.label.clone(),
        unit: signal.unit.clone(),
        rate,
        resolution: signal.resolution,
        zero: signal.zero,
        bits: if header.width == 2 { 16 } else { 24 },
        runs,
    };
    Ok((channel, remark))
}

impl Samples for Edf {
    fn head(&self) -> &Head {
        &self.head
    }

    fn samples(&self, channel: usize, range: Range<u64>, into: &mut Vec<i32>) -> Result<(), RecordingError> {
        self.head.channel_with(channel, &range)?;
        let Some(lane) = self.lanes.get(channel) else {
            return Ok(());
        };
        into.reserve(usize::try_from(range.end - range.start).unwrap_or_default());
        let mut at = range.start;
        while at < range.end {
            let (record, within) = (at / lane.samples, at % lane.samples);
            let count = (lane.samples - within).min(range.end - at);
            let from = self.byte(record, lane.offset, within);
            let found = from.and_then(|from| {
                let len = usize::try_from(count).ok()?.checked_mul(self.width)?;
                self.bytes.get(from..from.checked_add(len)?)
            });
            let Some(found) = found else {
                return Err(RecordingError::new(
                    format!("{}, record {record}", self.head.name),
                    "the file ends before it",
                ));
            };
            if self.width == 2 {
                into.extend(
                    found
                        .as_chunks()
                        .0
                        .iter()
                        .map(|pair| lane.sample(i16::from_le_bytes(*pair).into())),
                );
            } else {
                into.extend(found.as_chunks().0.iter().map(|three| lane.sample(wide(*three))));
            }
            at += count;
        }
        Ok(())
    }
}

impl Edf {
    fn byte(&self, record: u64, offset: usize, within: u64) -> Option<usize> {
        let within = usize::try_from(within).ok()?.checked_mul(self.width)?;
        let record = usize::try_from(record).ok()?.checked_mul(self.record_bytes)?;
        self.data_at
            .checked_add(record)?
            .checked_add(offset)?
            .checked_add(within)
    }
}

impl Lane {
    fn sample(&self, stored: i32) -> i32 {
        if self.missing == Some(stored) {
            NO_SAMPLE_WIDE
        } else {
            stored
        }
    }
}

/// Three bytes, least first, with their sign.
const fn wide([a, b, c]: [u8; 3]) -> i32 {
    i32::from_le_bytes([0, a, b, c]) >> 8
}
