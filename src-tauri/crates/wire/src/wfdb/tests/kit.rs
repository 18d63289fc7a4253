//! Records in memory.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Write;
use std::ops::Range;
use std::rc::Rc;

use model::SampleRate;

use super::super::{Record, Written, open, write};
use crate::recording::{Channel, Head, NO_SAMPLE_WIDE, RecordingError, Run, Samples};

/// A folder.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

pub(super) fn folder(files: &[(&str, &[u8])]) -> Files {
    files
        .iter()
        .map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec()))
        .collect()
}

pub(super) fn opened(files: &Files, name: &str) -> Result<Record, RecordingError> {
    let missing = |name: &str| RecordingError::new(name, "is not there");
    open(name, &mut |name| files.get(name).cloned().ok_or_else(|| missing(name)))
}

/// Why a record of a header and one file `r.dat` is refused.
pub(super) fn said(header: &str, data: &[u8]) -> String {
    let files = folder(&[("r.hea", header.as_bytes()), ("r.dat", data)]);
    match opened(&files, "r.hea").and_then(|record| record.verify()) {
        Ok(()) => "nothing".to_owned(),
        Err(error) => error.to_string(),
    }
}

/// All samples of a channel.
pub(super) fn all(record: &dyn Samples, channel: usize) -> Vec<i32> {
    let count: u64 = record.head().channels[channel].runs.iter().map(|r| r.count).sum();
    let mut samples = Vec::new();
    record.samples(channel, 0..count, &mut samples).unwrap();
    assert_eq!(samples.len() as u64, count);
    samples
}

/// The samples of a record of a header and one file `r.dat`.
pub(super) fn samples_of(header: &str, data: &[u8]) -> Vec<Vec<i32>> {
    let files = folder(&[("r.hea", header.as_bytes()), ("r.dat", data)]);
    let record = opened(&files, "r.hea").unwrap();
    record.verify().unwrap();
    (0..record.head().channels.len()).map(|at| all(&record, at)).collect()
}

/// A recording made up by a test.
pub(super) struct Made {
    pub(super) head: Head,
    pub(super) samples: Vec<Vec<i32>>,
}

impl Samples for Made {
    fn head(&self) -> &Head {
        &self.head
    }

    fn samples(&self, channel: usize, range: Range<u64>, into: &mut Vec<i32>) -> Result<(), RecordingError> {
        let place = |at: u64| usize::try_from(at).unwrap();
        into.extend_from_slice(&self.samples[channel][place(range.start)..place(range.end)]);
        Ok(())
    }
}

impl Made {
    /// One run for each column.
    pub(super) fn new(columns: Vec<(f64, Vec<i32>)>) -> Self {
        let channel = |(at, (hertz, samples)): (usize, &(f64, Vec<i32>))| Channel {
            label: format!("lead {at}"),
            unit: "mV".to_owned(),
            rate: SampleRate::from_hertz(*hertz).unwrap(),
            resolution: 0.005,
            zero: 0.0,
            bits: 16,
            runs: vec![Run {
                start_us: 0,
                first: 0,
                count: samples.len() as u64,
            }],
        };
        Self {
            head: Head {
                format: "made".to_owned(),
                name: "made".to_owned(),
                channels: columns.iter().enumerate().map(channel).collect(),
                ..Head::default()
            },
            samples: columns.into_iter().map(|(_, samples)| samples).collect(),
        }
    }
}

/// A file that lands in the folder.
struct Landing {
    name: String,
    bytes: Vec<u8>,
    folder: Rc<RefCell<Files>>,
}

impl Write for Landing {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.folder.borrow_mut().insert(self.name.clone(), self.bytes.clone());
        Ok(())
    }
}

/// Writes into a folder.
pub(super) fn saved(samples: &dyn Samples, name: &str) -> Result<(Files, Written), RecordingError> {
    let folder = Rc::new(RefCell::new(Files::new()));
    let written = write(samples, name, &mut |name| {
        Ok(Box::new(Landing {
            name: name.to_owned(),
            bytes: Vec::new(),
            folder: Rc::clone(&folder),
        }))
    })?;
    let files = folder.borrow().clone();
    Ok((files, written))
}

/// A channel's values in its unit at each sample from the start of the recording on; `None` in gaps.
pub(super) fn values(record: &dyn Samples, channel: usize) -> Vec<Option<f64>> {
    let samples = all(record, channel);
    let about = &record.head().channels[channel];
    let mut values = Vec::new();
    for run in &about.runs {
        let (count, seconds) = about.rate.fraction();
        let begin = run.start_us * i64::from(count) + 500_000 * i64::from(seconds);
        let begin = usize::try_from(begin / (1_000_000 * i64::from(seconds))).unwrap();
        values.resize(begin, None);
        let range = usize::try_from(run.first).unwrap()..usize::try_from(run.first + run.count).unwrap();
        let value = |s: &i32| (*s != NO_SAMPLE_WIDE).then(|| f64::from(*s) * about.resolution + about.zero);
        values.extend(samples[range].iter().map(value));
    }
    values
}
