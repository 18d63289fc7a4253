//! How far each second of a wave can be trusted.
//!
//! Five words, each with a reason that is in the wave's own terms:
//!
//! | word | when |
//! |---|---|
//! | missing | fewer than half of the samples are there: the lead or the probe is off, or the feed was |
//! | clipped | one sample in ten stands at an end of the converter: what was beyond is not known |
//! | flat | it moves less than a living signal and an amplifier do together |
//! | noisy | it turns more often than the heart, the breath or the artery can make it turn, or goes further than they can |
//! | good | none of these |
//!
//! A turn is counted when the wave has come back by a *stride*: 0.1 mV of an ECG (the smallest wave that is measured in one),
//! 5 mmHg of a pressure, a tenth of what is usual here of a plethysmogram or a breath, which have no unit of their own.
//! The words are the same for a wave with an offset and for an inverted one.

use model::{MetricCode, SampleRate};

use crate::NO_SAMPLE_WIDE;

/// What kind of wave it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaveClass {
    /// An ECG lead, in millivolts.
    Ecg,
    /// A plethysmogram, without a unit.
    Pleth,
    /// A pressure, in millimetres of mercury.
    Pressure,
    /// Breath by impedance or belt, without a unit.
    Respiration,
    /// A gas in the airway: rightly flat between two breaths, so flatness and turns say nothing of it.
    Gas,
}

/// What makes a wave of a kind good.
struct Terms {
    /// Flat is what moves by less, in the unit.
    flat_below: f64,
    /// And what moves by no more than so many steps of its converter.
    flat_steps: f64,
    /// How far it comes back for a turn, in the unit; `None` for a tenth of what is usual.
    stride: Option<f64>,
    /// More turns a second are noise.
    turns_max: u32,
    /// What moves further within a second is no such signal, in the unit.
    far: f64,
}

impl WaveClass {
    /// The kind of a metric that is a wave; `None` for a number.
    pub const fn of(metric: MetricCode) -> Option<Self> {
        Some(match metric {
            MetricCode::Ecg
            | MetricCode::EcgI
            | MetricCode::EcgII
            | MetricCode::EcgIII
            | MetricCode::EcgV1
            | MetricCode::EcgV2
            | MetricCode::EcgV3
            | MetricCode::EcgV4
            | MetricCode::EcgV5
            | MetricCode::EcgV6 => Self::Ecg,
            MetricCode::Pleth => Self::Pleth,
            MetricCode::ArterialPressure | MetricCode::CentralVenousPressure => Self::Pressure,
            MetricCode::Respiration => Self::Respiration,
            MetricCode::AirwayCo2 => Self::Gas,
            MetricCode::HeartRate
            | MetricCode::VpcRate
            | MetricCode::SpO2
            | MetricCode::PulseRate
            | MetricCode::PerfusionIndex
            | MetricCode::RespirationRate
            | MetricCode::AirwayRespirationRate
            | MetricCode::EndTidalCo2
            | MetricCode::NibpSystolic
            | MetricCode::NibpDiastolic
            | MetricCode::NibpMean
            | MetricCode::ArterialSystolic
            | MetricCode::ArterialDiastolic
            | MetricCode::ArterialMean
            | MetricCode::CentralVenousMean
            | MetricCode::Temperature
            | MetricCode::Glucose
            | MetricCode::EarlyWarningScore => return None,
        })
    }

    const fn terms(self) -> Terms {
        match self {
            // A beat of P, Q, R, S and T turns eight times; at 300 a minute that is 40. Below 50 a
            // minute a lead without any noise has flat seconds between its beats; no recorded one had.
            Self::Ecg => Terms {
                flat_below: 0.02,
                flat_steps: 0.0,
                stride: Some(0.1),
                turns_max: 40,
                far: 10.0,
            },
            // A pulse turns four times with its notch; at 300 a minute that is 20.
            Self::Pleth => Terms {
                flat_below: 0.0,
                flat_steps: 2.0,
                stride: None,
                turns_max: 20,
                far: f64::INFINITY,
            },
            // The same, and a flush goes to the pressure of its bag, 300 mmHg.
            Self::Pressure => Terms {
                flat_below: 1.0,
                flat_steps: 0.0,
                stride: Some(5.0),
                turns_max: 20,
                far: 250.0,
            },
            // 120 breaths a minute turn four times a second; heart beats that show in them up to eight times more.
            Self::Respiration => Terms {
                flat_below: 0.0,
                flat_steps: 0.0,
                stride: None,
                turns_max: 14,
                far: f64::INFINITY,
            },
            Self::Gas => Terms {
                flat_below: 0.0,
                flat_steps: -1.0,
                stride: None,
                turns_max: u32::MAX,
                far: f64::INFINITY,
            },
        }
    }
}

/// How far a second can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quality {
    /// It can.
    Good,
    /// It turns or moves more than its source can.
    Noisy,
    /// It does not move.
    Flat,
    /// It stands at an end of its scale.
    Clipped,
    /// There are too few samples.
    Missing,
}

impl Quality {
    /// The word on screens and paper.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Noisy => "noisy",
            Self::Flat => "flat",
            Self::Clipped => "clipped",
            Self::Missing => "missing",
        }
    }
}

/// One part of what is usual is forgotten a second: after ten seconds a third is left of a jerk.
const FORGOTTEN_A_SECOND: f64 = 0.1;

/// Judges one wave, second by second.
///
/// ```
/// use model::SampleRate;
/// use signal::{Quality, QualityMeter, WaveClass};
/// let mut meter = QualityMeter::new(WaveClass::Pressure, SampleRate::new(4, 1)?, 0.5, None);
/// let mut found = Vec::new();
/// meter.push(&[160, 240, 200, 160, 160, 160, 161, 160], &mut found);
/// assert_eq!(found, [Quality::Good, Quality::Flat]);
/// # Ok::<(), model::WaveError>(())
/// ```
#[derive(Clone, Debug)]
pub struct QualityMeter {
    class: WaveClass,
    rate: SampleRate,
    step: f64,
    rails: Option<(i32, i32)>,
    /// How far it usually moves within a second, in steps.
    usual: f64,
    /// Of the second that is not whole yet.
    waiting: Vec<i32>,
    seconds: u64,
    taken: u64,
}

impl QualityMeter {
    /// For a wave with so many units of its kind a step, and the ends of its converter in steps, where they are known.
    pub const fn new(class: WaveClass, rate: SampleRate, step: f64, rails: Option<(i32, i32)>) -> Self {
        Self {
            class,
            rate,
            step,
            rails,
            usual: 0.0,
            waiting: Vec::new(),
            seconds: 0,
            taken: 0,
        }
    }

    /// Takes the next samples; puts a word for each second that is whole into `into`. The last part of a second waits.
    pub fn push(&mut self, samples: &[i32], into: &mut Vec<Quality>) {
        let (per, in_seconds) = self.rate.fraction();
        for sample in samples {
            self.waiting.push(*sample);
            self.taken += 1;
            // The second ends with the first sample that reaches its end: 62 and 63 samples of 62.5.
            if u128::from(self.taken) * u128::from(in_seconds) >= u128::from(self.seconds + 1) * u128::from(per) {
                self.seconds += 1;
                let second = std::mem::take(&mut self.waiting);
                into.push(self.second(&second, second.len()));
                self.waiting = second;
                self.waiting.clear();
            }
        }
    }

    /// The word for one second of which `wanted` samples should be there; those that are not there may be left out of
    /// `samples` or be [`NO_SAMPLE_WIDE`].
    pub fn second(&mut self, samples: &[i32], wanted: usize) -> Quality {
        let there = || samples.iter().copied().filter(|s| *s != NO_SAMPLE_WIDE);
        let count = there().count();
        let (Some(least), Some(greatest)) = (there().min(), there().max()) else {
            return Quality::Missing;
        };
        if count * 2 < wanted {
            return Quality::Missing;
        }
        let at_an_end = |(low, high): (i32, i32)| there().filter(|s| *s <= low || *s >= high).count();
        if self.rails.is_some_and(|rails| at_an_end(rails) * 10 >= count) {
            return Quality::Clipped;
        }
        let terms = self.class.terms();
        let moved = f64::from(greatest) - f64::from(least);
        self.usual = moved.max(self.usual * (1.0 - FORGOTTEN_A_SECOND));
        if moved <= terms.flat_steps || moved * self.step < terms.flat_below {
            return Quality::Flat;
        }
        let stride = terms.stride.map_or(self.usual / 10.0, |units| units / self.step);
        // A turn of a step or two is the converter's.
        let turns = turns(there(), stride.max(2.0));
        if turns > terms.turns_max || moved * self.step > terms.far {
            return Quality::Noisy;
        }
        Quality::Good
    }
}

/// How often the samples come back by a stride from the furthest they went.
fn turns(samples: impl Iterator<Item = i32>, stride: f64) -> u32 {
    let (mut least, mut greatest) = (f64::INFINITY, f64::NEG_INFINITY);
    let mut rises: Option<bool> = None;
    let mut turns = 0;
    for sample in samples.map(f64::from) {
        least = least.min(sample);
        greatest = greatest.max(sample);
        let (is_up, is_down) = (sample - least >= stride, greatest - sample >= stride);
        match rises {
            None if is_up || is_down => rises = Some(is_up),
            Some(true) if is_down => (rises, least, turns) = (Some(false), sample, turns + 1),
            Some(false) if is_up => (rises, greatest, turns) = (Some(true), sample, turns + 1),
            Some(_) | None => {}
        }
    }
    turns
}

#[cfg(test)]
#[path = "quality_tests.rs"]
mod tests;
