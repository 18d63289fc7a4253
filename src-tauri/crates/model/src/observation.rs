//! What a feed hands to the loop.

use std::time::Duration;

use crate::{Connectivity, Device, DeviceTime, MetricCode, Priority, Reading, ReceiptTime, SampleArray};

/// Whether data come from a patient. Demo data can never look real.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GenerationMode {
    /// From a patient.
    Real,
    /// A device's own test signal.
    Test,
    /// A demonstration: watermarked wherever it is drawn or printed.
    Demo,
}

impl GenerationMode {
    /// The word in files and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Real => "real",
            Self::Test => "test",
            Self::Demo => "demo",
        }
    }

    /// The inverse of [`GenerationMode::as_str`].
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Real, Self::Test, Self::Demo]
            .into_iter()
            .find(|m| m.as_str() == word)
    }
}

/// Whether a value is of now or was sent after the fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timeliness {
    /// Of now.
    Live,
    /// Back-filled: stored and marked, never raises a live alert.
    Late,
}

/// How often a number comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumericTiming {
    /// Continuously, about every so often.
    Every(Duration),
    /// When somebody or something measures (a cuff), at most this far apart.
    Intermittent(Duration),
}

impl NumericTiming {
    /// A continuous number is drawn at least so long.
    const STALE_AFTER_MIN: Duration = Duration::from_secs(5);
    /// And at most so long, whatever period was declared: a minute is what a person who looks at a wall takes for now.
    const STALE_AFTER_MAX: Duration = Duration::from_mins(1);

    /// Older than this it is never drawn as a number: twice the period, from 5 s to 60 s; a cuff greys after its
    /// interval.
    ///
    /// ```
    /// use model::NumericTiming;
    /// use std::time::Duration;
    /// let day = Duration::from_hours(24);
    /// assert_eq!(NumericTiming::Every(Duration::from_secs(1)).stale_after(), Duration::from_secs(5));
    /// assert_eq!(NumericTiming::Every(day).stale_after(), Duration::from_secs(60));
    /// assert_eq!(NumericTiming::Intermittent(day).stale_after(), day);
    /// ```
    pub fn stale_after(self) -> Duration {
        match self {
            Self::Every(period) => period
                .saturating_mul(2)
                .clamp(Self::STALE_AFTER_MIN, Self::STALE_AFTER_MAX),
            Self::Intermittent(interval) => interval,
        }
    }
}

/// A slow value.
#[derive(Clone, Debug, PartialEq)]
pub struct Numeric {
    /// Which number.
    pub metric: MetricCode,
    /// The number, or why there is none.
    pub reading: Reading,
    /// What the device says its clock showed.
    pub measured_at: DeviceTime,
    /// When it arrived.
    pub received_at: ReceiptTime,
    /// How often it comes.
    pub timing: NumericTiming,
    /// Whether it is real.
    pub mode: GenerationMode,
    /// Of now, or back-filled.
    pub timeliness: Timeliness,
}

/// An alert that the device itself raises, beside ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceAlert {
    /// The device's own code, at most 64 characters: `lead-off`, `limit-high`.
    pub code: String,
    /// What the device says, for people.
    pub text: String,
    /// The metric it is about, where said.
    pub metric: Option<MetricCode>,
    /// The device's priority.
    pub priority: Priority,
    /// Physiological or technical.
    pub kind: crate::AlertKind,
    /// Present or gone.
    pub present: bool,
    /// When it arrived.
    pub received_at: ReceiptTime,
}

/// Why something a device sent was not taken. Counted and shown; nothing is swallowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RejectReason {
    /// Not JSON, not a block, not the declared shape.
    Malformed,
    /// Over the size limit.
    Oversized,
    /// A protocol version that this station does not speak.
    Version,
    /// A metric that this station does not know.
    UnknownMetric,
    /// A unit that does not belong to the metric.
    WrongUnit,
    /// A value that cannot be: outside the plausible range, NaN, infinite.
    ImpossibleValue,
    /// A number that stands for "no value" (-1, -100, -999, 32767 …): read as no value, and counted.
    Sentinel,
    /// Sequence numbers skipped: something was lost on the way.
    SequenceGap,
    /// A message that came before.
    Duplicate,
    /// A device clock that cannot be, such as 1970 or 2704.
    AbsurdClock,
    /// Back-filled: stored as late.
    Late,
    /// Out of place: a wave before its description, a message before the greeting.
    OutOfPlace,
    /// Dropped by a full queue of this station.
    QueueFull,
    /// Another live feed of the bed brings this number: two sources would contradict each other.
    SecondSource,
}

impl RejectReason {
    /// Every reason.
    pub const ALL: [Self; 14] = [
        Self::Malformed,
        Self::Oversized,
        Self::Version,
        Self::UnknownMetric,
        Self::WrongUnit,
        Self::ImpossibleValue,
        Self::Sentinel,
        Self::SequenceGap,
        Self::Duplicate,
        Self::AbsurdClock,
        Self::Late,
        Self::OutOfPlace,
        Self::QueueFull,
        Self::SecondSource,
    ];

    /// The word in logs, files and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Oversized => "oversized",
            Self::Version => "version",
            Self::UnknownMetric => "unknown-metric",
            Self::WrongUnit => "wrong-unit",
            Self::ImpossibleValue => "impossible-value",
            Self::Sentinel => "sentinel",
            Self::SequenceGap => "sequence-gap",
            Self::Duplicate => "duplicate",
            Self::AbsurdClock => "absurd-clock",
            Self::Late => "late",
            Self::OutOfPlace => "out-of-place",
            Self::QueueFull => "queue-full",
            Self::SecondSource => "second-source",
        }
    }
}

/// `count` things were not taken, for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejects {
    /// Why.
    pub reason: RejectReason,
    /// How many.
    pub count: u32,
    /// One of them, said plainly, without patient data.
    pub example: String,
}

/// What a feed hands to the loop.
#[derive(Clone, Debug, PartialEq)]
pub enum Observation {
    /// A slow value.
    Numeric(Numeric),
    /// A block of a wave.
    Wave(SampleArray),
    /// An alert of the device itself.
    DeviceAlert(DeviceAlert),
    /// The state of the feed changed.
    Connectivity(Connectivity),
    /// The device said who it is.
    Device(Device),
    /// Something was not taken.
    Rejects(Rejects),
    /// A sign of life with nothing in it.
    Alive,
}
