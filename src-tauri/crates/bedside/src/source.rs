//! What a bed sends, before it becomes messages.

use std::sync::Arc;

use model::{GenerationMode, MetricCode, NumericTiming, SampleRate, Scale};
use wire::native::{DeviceInfo, Hello, NumericInfo, Validity, WaveInfo};

use crate::physiology::Patient;

/// A wave that a bed sends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Channel {
    /// Which wave.
    pub metric: MetricCode,
    /// Samples a second.
    pub rate: SampleRate,
    /// What a step is worth.
    pub scale: Scale,
}

/// A number that a bed sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberSpec {
    /// Which number.
    pub metric: MetricCode,
    /// How often it comes.
    pub timing: NumericTiming,
}

/// A number as the bed measured it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Measured {
    pub(crate) metric: MetricCode,
    pub(crate) value: Option<f64>,
    pub(crate) validity: Validity,
}

/// Where samples and numbers come from. Samples of a channel are asked for in order, without gaps.
pub(crate) enum Source {
    /// A patient who lives.
    Patient(Box<Patient>),
    /// Waves and numbers made before, over and over.
    Loop(Loop),
}

/// Precomputed waves and numbers of a whole number of seconds.
#[derive(Clone)]
pub(crate) struct Loop {
    pub(crate) tracks: Arc<Tracks>,
    /// Where each channel goes on, in samples.
    pub(crate) places: Vec<usize>,
    /// Where the numbers go on, in seconds.
    pub(crate) second: usize,
}

/// What loops share.
pub(crate) struct Tracks {
    pub(crate) channels: Vec<Channel>,
    pub(crate) samples: Vec<Vec<i16>>,
    pub(crate) numbers: Vec<NumberSpec>,
    /// One row a second.
    pub(crate) values: Vec<Vec<Measured>>,
}

impl Loop {
    /// A loop that begins `seconds` after the tracks' beginning.
    pub(crate) fn from(tracks: Arc<Tracks>, seconds: usize) -> Self {
        let place = |(channel, samples): (&Channel, &Vec<i16>)| {
            let (count, span) = channel.rate.fraction();
            let at = seconds * count as usize / span as usize;
            at % samples.len().max(1)
        };
        let places = tracks.channels.iter().zip(&tracks.samples).map(place).collect();
        Self {
            tracks,
            places,
            second: seconds,
        }
    }

    fn samples(&mut self, channel: usize, count: usize, into: &mut Vec<i16>) {
        let (Some(place), Some(track)) = (self.places.get_mut(channel), self.tracks.samples.get(channel)) else {
            return;
        };
        let mut left = count;
        while left > 0 && !track.is_empty() {
            let part = track.get(*place..).unwrap_or_default();
            let part = part.get(..left).unwrap_or(part);
            into.extend_from_slice(part);
            left -= part.len();
            *place = (*place + part.len()) % track.len();
        }
    }

    fn values(&mut self) -> Vec<Measured> {
        let row = self.second % self.tracks.values.len().max(1);
        self.second += 1;
        self.tracks.values.get(row).cloned().unwrap_or_default()
    }
}

impl Source {
    /// The waves.
    pub(crate) fn channels(&self) -> &[Channel] {
        match self {
            Self::Patient(patient) => patient.channels(),
            Self::Loop(looped) => &looped.tracks.channels,
        }
    }

    /// The numbers.
    pub(crate) fn numbers(&self) -> &[NumberSpec] {
        match self {
            Self::Patient(patient) => patient.numbers(),
            Self::Loop(looped) => &looped.tracks.numbers,
        }
    }

    /// The next `count` samples of a channel, appended.
    pub(crate) fn samples(&mut self, channel: usize, count: usize, into: &mut Vec<i16>) {
        match self {
            Self::Patient(patient) => patient.samples(channel, count, into),
            Self::Loop(looped) => looped.samples(channel, count, into),
        }
    }

    /// The numbers of the second that has just ended; seconds are asked for in order.
    pub(crate) fn values(&mut self, second: u64) -> Vec<Measured> {
        match self {
            Self::Patient(patient) => patient.values(second),
            Self::Loop(looped) => looped.values(),
        }
    }

    /// Makes the patient's body follow a number that a script sets; a recording cannot.
    pub(crate) fn steer(&mut self, metric: MetricCode, value: Option<f64>) {
        match self {
            Self::Patient(patient) => patient.steer(metric, value),
            Self::Loop(_) => {}
        }
    }

    /// What the device says of itself.
    pub(crate) fn hello(&self, device: &str, mode: GenerationMode, t: f64) -> Hello<'static> {
        let number = |spec: &NumberSpec| {
            let (period_ms, interval_ms) = match spec.timing {
                NumericTiming::Every(span) => (u32::try_from(span.as_millis()).ok(), None),
                NumericTiming::Intermittent(span) => (None, u32::try_from(span.as_millis()).ok()),
            };
            NumericInfo {
                metric: spec.metric.name().into(),
                unit: spec.metric.unit().ucum().into(),
                period_ms,
                interval_ms,
            }
        };
        let wave = |(at, channel): (usize, &Channel)| WaveInfo {
            channel: u8::try_from(at).unwrap_or(u8::MAX),
            metric: channel.metric.name().into(),
            unit: channel.metric.unit().ucum().into(),
            rate: channel.rate.hertz(),
            resolution: channel.scale.resolution(),
            offset: channel.scale.offset(),
        };
        Hello {
            seq: 0,
            t,
            version: wire::native::VERSION,
            device: DeviceInfo {
                id: device.to_owned().into(),
                manufacturer: "Wardlight".into(),
                model: "Virtual bedside".into(),
                version: Some(env!("CARGO_PKG_VERSION").into()),
            },
            mode: mode.as_str().into(),
            heartbeat_ms: 1_000,
            numerics: self.numbers().iter().map(number).collect(),
            waves: self.channels().iter().enumerate().map(wave).collect(),
        }
    }
}
