//! Blocks of a sampled trace.

use thiserror::Error;

use crate::{DeviceTime, GenerationMode, MetricCode, ReceiptTime};

/// The sample that says "no sample here": a gap inside a block is explicit.
pub const NO_SAMPLE: i16 = i16::MIN;

/// Why a block or its description is refused.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
pub enum WaveError {
    /// The rate is not between 1/3600 and 100,000 samples a second.
    #[error("a sample rate must be between 1/3600 and 100000 per second")]
    Rate,
    /// The resolution is zero, negative or not finite, or the offset is not finite.
    #[error("a scale needs a finite resolution above zero and a finite offset")]
    Scale,
    /// There is no sample in the block.
    #[error("a wave block needs at least one sample")]
    Empty,
}

/// Samples a second as an exact fraction: 62.5 Hz is 125 in 2 s, and no rounding adds up over a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SampleRate {
    samples: u32,
    seconds: u32,
}

impl SampleRate {
    /// `samples` in `seconds`.
    ///
    /// ```
    /// use model::SampleRate;
    /// let resp = SampleRate::new(125, 2)?;
    /// assert_eq!(resp.hertz(), 62.5);
    /// assert_eq!(resp.micros_of(125), 2_000_000);
    /// assert!(SampleRate::new(0, 1).is_err());
    /// # Ok::<(), model::WaveError>(())
    /// ```
    pub fn new(samples: u32, seconds: u32) -> Result<Self, WaveError> {
        if samples == 0 || seconds == 0 || seconds > 3_600 || samples / seconds > 100_000 {
            return Err(WaveError::Rate);
        }
        if u64::from(samples) * 3_600 < u64::from(seconds) || u64::from(samples) > 100_000 * u64::from(seconds) {
            return Err(WaveError::Rate);
        }
        let divisor = greatest_common_divisor(samples, seconds);
        Ok(Self {
            samples: samples / divisor,
            seconds: seconds / divisor,
        })
    }

    /// From hertz: the simplest fraction of at most 3,600 seconds that is within a billionth of it, or the nearest one.
    ///
    /// ```
    /// use model::SampleRate;
    /// assert_eq!(SampleRate::from_hertz(62.4725)?.fraction(), (24_989, 400));
    /// assert_eq!(SampleRate::from_hertz(1.0 / 60.0)?.fraction(), (1, 60));
    /// assert!(SampleRate::from_hertz(0.0).is_err());
    /// # Ok::<(), model::WaveError>(())
    /// ```
    pub fn from_hertz(hertz: f64) -> Result<Self, WaveError> {
        if !hertz.is_finite() || !(1.0 / 3_601.0..=100_000.0).contains(&hertz) {
            return Err(WaveError::Rate);
        }
        let samples = |seconds: u32| (hertz * f64::from(seconds)).round();
        let off = |seconds: u32| (samples(seconds) / f64::from(seconds) / hertz - 1.0).abs();
        let mut best = 1;
        for seconds in 1..=3_600 {
            if samples(seconds) >= 1.0 && off(seconds) < off(best) {
                best = seconds;
                if off(best) < 1e-9 {
                    break;
                }
            }
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "at most 3,600 times 100,000"
        )]
        Self::new(samples(best) as u32, best)
    }

    /// Samples a second.
    pub fn hertz(self) -> f64 {
        f64::from(self.samples) / f64::from(self.seconds)
    }

    /// The fraction: samples, and the seconds in which they come.
    pub const fn fraction(self) -> (u32, u32) {
        (self.samples, self.seconds)
    }

    /// How long `count` samples last, in microseconds, rounded to the nearest.
    pub fn micros_of(self, count: u64) -> i64 {
        let parts = u64::from(self.seconds) * 1_000_000;
        let half = u64::from(self.samples) / 2;
        // In 64 bits a division takes a fifth of the time, and a screen's worth asks thousands of times.
        if let Some(span) = count.checked_mul(parts).and_then(|span| span.checked_add(half)) {
            return i64::try_from(span / u64::from(self.samples)).unwrap_or(i64::MAX);
        }
        let samples = u128::from(self.samples);
        let span = (u128::from(count) * u128::from(self.seconds) * 1_000_000 + samples / 2) / samples;
        i64::try_from(span).unwrap_or(i64::MAX)
    }
}

fn greatest_common_divisor(mut a: u32, mut b: u32) -> u32 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// How a stored integer becomes a value: `value = offset + resolution * sample`, in the metric's unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    resolution: f64,
    offset: f64,
}

impl Scale {
    /// `resolution` units a step, `offset` units at sample 0.
    pub fn new(resolution: f64, offset: f64) -> Result<Self, WaveError> {
        if resolution.is_finite() && resolution > 0.0 && offset.is_finite() {
            Ok(Self { resolution, offset })
        } else {
            Err(WaveError::Scale)
        }
    }

    /// Units a step.
    pub const fn resolution(self) -> f64 {
        self.resolution
    }

    /// Units at sample 0.
    pub const fn offset(self) -> f64 {
        self.offset
    }

    /// What a sample is, in the unit of its metric.
    pub fn value(self, sample: i16) -> f64 {
        f64::from(sample) * self.resolution + self.offset
    }
}

/// A block of one wave, in the order the device measured it.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleArray {
    /// Which wave.
    pub metric: MetricCode,
    /// Device time of the first sample; shown, never decided by.
    pub measured_at: DeviceTime,
    /// When the block arrived.
    pub received_at: ReceiptTime,
    /// Where the first sample stands on the station's time line, worked out by the feed from order and rate.
    pub start: ReceiptTime,
    /// Samples a second.
    pub rate: SampleRate,
    /// What a step is worth.
    pub scale: Scale,
    /// Whether it is real, a test signal or a demonstration.
    pub mode: GenerationMode,
    /// The samples; [`NO_SAMPLE`] is a gap.
    pub samples: Vec<i16>,
    /// Something is missing between the block before and this one.
    pub gap_before: bool,
}

impl SampleArray {
    /// Where the sample after the last one stands.
    pub fn end(&self) -> ReceiptTime {
        let count = u64::try_from(self.samples.len()).unwrap_or(u64::MAX);
        ReceiptTime::from_micros(self.start.as_micros().saturating_add(self.rate.micros_of(count)))
    }
}
