//! A recording as a file of any format holds it: channels of integer samples, marks and words.
//!
//! A codec opens bytes once ([`Head`] is cheap) and gives samples by range ([`Samples`]), so that a screen may look at a
//! minute of a day without the day being decoded. Formats that can only be read from their beginning decode at opening.

use std::ops::Range;

use model::SampleRate;
use thiserror::Error;

/// The sample that says "no sample here".
pub const NO_SAMPLE_WIDE: i32 = i32::MIN;

/// What a recording says of itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Head {
    /// The format's name for a person: `WFDB`, `EDF+C`, `BDF`, `CSV`, `VitalDB`.
    pub format: String,
    /// The recording's name: the record, or the file without its extension.
    pub name: String,
    /// Civil time of the first sample in microseconds since 1970 as the file writes it (no zone is known: read as UTC).
    /// `None` where the file has no date: a session then begins at 2000-01-01 and says so.
    pub start_us: Option<i64>,
    /// Who is recorded, in the file's words; empty where it does not say.
    pub subject: String,
    /// Comments and everything else that the file says in words, one line each.
    pub notes: Vec<String>,
    /// The channels, in the file's order.
    pub channels: Vec<Channel>,
    /// Irregular numbers (CSV, `VitalDB`), one track each.
    pub numerics: Vec<NumericTrack>,
    /// Beats, events and remarks, in order of time.
    pub marks: Vec<Mark>,
}

/// One channel of samples at a fixed rate.
#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    /// `MLII`, `ABP`, `EEG Fpz-Cz`.
    pub label: String,
    /// The unit as written: `mV`, `uV`, `mmHg`; empty where there is none.
    pub unit: String,
    /// Samples a second.
    pub rate: SampleRate,
    /// Units a step; never 0, negative for an inverted channel.
    pub resolution: f64,
    /// Units at sample 0.
    pub zero: f64,
    /// Bits that the samples need: 8 to 32.
    pub bits: u8,
    /// Where there are samples, in order, not overlapping. Between two runs is a gap.
    pub runs: Vec<Run>,
}

/// Samples without a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// Microseconds from the start of the recording to the first sample of the run.
    pub start_us: i64,
    /// Index of that sample among all samples of the channel.
    pub first: u64,
    /// How many.
    pub count: u64,
}

/// Numbers with a time each.
#[derive(Clone, Debug, PartialEq)]
pub struct NumericTrack {
    /// `Solar8000/HR`, `SpO2 [%]`.
    pub label: String,
    /// The unit as written; empty where there is none.
    pub unit: String,
    /// Microseconds from the start of the recording, and the value; finite, in order of time.
    pub points: Vec<(i64, f64)>,
}

/// Something at a time: a beat, an event, a remark.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Microseconds from the start of the recording.
    pub at_us: i64,
    /// How long it lasts, microseconds; `None` for a point in time.
    pub duration_us: Option<i64>,
    /// Which channel it is about; `None` for all.
    pub channel: Option<usize>,
    /// The code where the format has one (`N`, `V` of WFDB), otherwise empty.
    pub code: String,
    /// The text, may be empty.
    pub text: String,
}

/// Samples by range, in the steps of [`Channel`].
pub trait Samples {
    /// What the recording says of itself.
    fn head(&self) -> &Head;

    /// Appends the samples of `range` (indices among all samples of the channel) to `into`;
    /// [`NO_SAMPLE_WIDE`] where the file has none.
    ///
    /// # Errors
    /// A channel or range that is not there, or bytes that do not decode.
    fn samples(&self, channel: usize, range: Range<u64>, into: &mut Vec<i32>) -> Result<(), RecordingError>;

    /// Reads everything and compares it with what the file says of itself (the checksums of WFDB); nothing to do where a
    /// format has no such thing. Opening does not: a day of samples would be read to show a minute.
    ///
    /// # Errors
    /// What does not agree, and where.
    fn verify(&self) -> Result<(), RecordingError> {
        Ok(())
    }
}

impl Channel {
    /// How many samples there are in all runs.
    pub fn total(&self) -> u64 {
        self.runs.last().map_or(0, |run| run.first + run.count)
    }

    /// What a sample is in the channel's unit; `None` for [`NO_SAMPLE_WIDE`].
    pub fn value(&self, sample: i32) -> Option<f64> {
        (sample != NO_SAMPLE_WIDE).then(|| self.zero + self.resolution * f64::from(sample))
    }
}

impl Head {
    /// The channel, when it has all samples of `range`.
    ///
    /// # Errors
    /// A channel that is not there, or a range that is backwards or longer than the channel.
    pub fn channel_with(&self, channel: usize, range: &Range<u64>) -> Result<&Channel, RecordingError> {
        let found = self.channels.get(channel).ok_or_else(|| {
            RecordingError::new(
                format!("{}, channel {channel}", self.name),
                format!("there are {} channels", self.channels.len()),
            )
        })?;
        if range.start > range.end || range.end > found.total() {
            return Err(RecordingError::new(
                format!("{}, channel {channel} ({})", self.name, found.label),
                format!(
                    "samples {} to {} are asked for, there are {}",
                    range.start,
                    range.end,
                    found.total()
                ),
            ));
        }
        Ok(found)
    }
}

/// A recording whose samples are all in memory: decoded at opening, or made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording {
    head: Head,
    samples: Vec<Vec<i32>>,
}

impl Recording {
    /// A head, and for each of its channels as many samples as its runs say.
    ///
    /// # Errors
    /// A channel with more or fewer samples than its runs have.
    pub fn new(head: Head, samples: Vec<Vec<i32>>) -> Result<Self, RecordingError> {
        let mut given = samples.iter();
        for channel in &head.channels {
            let count = given.next().map_or(0, |list| list.len() as u64);
            if count != channel.total() {
                return Err(RecordingError::new(
                    format!("{}, channel {}", head.name, channel.label),
                    format!("{count} samples for runs of {}", channel.total()),
                ));
            }
        }
        Ok(Self { head, samples })
    }
}

impl Samples for Recording {
    fn head(&self) -> &Head {
        &self.head
    }

    fn samples(&self, channel: usize, range: Range<u64>, into: &mut Vec<i32>) -> Result<(), RecordingError> {
        self.head.channel_with(channel, &range)?;
        let span = usize::try_from(range.start).unwrap_or(usize::MAX)..usize::try_from(range.end).unwrap_or(usize::MAX);
        let found = self.samples.get(channel).and_then(|list| list.get(span));
        into.extend_from_slice(found.unwrap_or_default());
        Ok(())
    }
}

/// Why a file is not read or written.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{place}: {problem}")]
pub struct RecordingError {
    /// Where: the file's name with line, byte or field.
    pub place: String,
    /// What is there, and what should be, or what to do.
    pub problem: String,
}

impl RecordingError {
    /// An error at a place.
    pub fn new(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            problem: problem.into(),
        }
    }

    /// The same error with the file that its place is in.
    #[must_use]
    pub fn within(self, file: &str) -> Self {
        Self {
            place: format!("{file}, {}", self.place),
            problem: self.problem,
        }
    }
}
