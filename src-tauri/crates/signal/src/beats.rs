//! Beats of an ECG.
//!
//! The method is that of Pan and Tompkins (A real-time QRS detection algorithm, IEEE Trans Biomed Eng 32(3):230-236,
//! 1985) in the form that Hamilton gave it (Open source ECG analysis, Computers in Cardiology 29:101-104, 2002):
//! band pass, slope, size of the slope summed over the length of a complex, then rules over the peaks of that sum. A
//! peak is a beat when it stands over a threshold between the medians of the last eight beats and the last eight
//! peaks that were none; within 360 ms of a beat it must be half as steep as that, or it is its T wave; and when
//! one and a half times the usual interval has passed without a beat, the greatest peak over a lower threshold was one.
//!
//! Ours differs in that all filters are running sums of whole numbers. So there is nothing to drift or round: a constant
//! offset, an inverted lead and another gain give the same beats, to the sample. The two sums that smooth are one
//! period of 50 and of 60 Hz long and leave nothing of either mains.
//!
//! ```
//! use model::SampleRate;
//! // Ten seconds at 250 Hz with a narrow triangle of 1 mV (200 steps) each second.
//! let wave: Vec<i32> = (0..2_500).map(|n| 200 - 20 * (n % 250 - 125_i32).abs().min(10)).collect();
//! let beats = signal::beats(SampleRate::new(250, 1)?, Some(0.005), &wave)?;
//! assert_eq!(beats.iter().map(|b| b.at).collect::<Vec<_>>(), (0..10).map(|n| n * 250 + 125).collect::<Vec<_>>());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod decide;
mod front;
mod peaks;

use model::SampleRate;
use thiserror::Error;

use crate::NO_SAMPLE_WIDE;
use decide::Decider;
use front::Front;
use peaks::Peaks;

/// Samples a second that are needed: below, a complex of 80 ms has not enough samples to have a slope.
pub const RATE_MIN_HZ: f64 = 80.0;
/// Waves come down to about this many samples a second first: the band ends far below.
const INNER_HZ: f64 = 200.0;
/// A shorter hole is bridged by the sample before it. A longer one breaks the rhythm: the filters have come to rest in
/// it, and where the wave goes on is neither a step of the wave nor an interval.
const HOLE_MS: f64 = 400.0;
/// One period of the mains: what it was at the end of a wave is not known.
const EDGE_MS: f64 = 20.0;

/// Too few samples a second for beats.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[error("{hertz} samples a second are too few to find beats; {RATE_MIN_HZ} are needed")]
pub struct RateError {
    /// What there is.
    pub hertz: f64,
}

/// One beat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beat {
    /// Its greatest excursion (the R peak in most leads), as the index of a sample counted from the first pushed.
    pub at: u64,
    /// It was found by looking back after a long interval: smaller than the others, and less certain.
    pub is_looked_back: bool,
}

/// Finds the beats of one ECG lead, sample by sample.
///
/// A beat is told 0.5 s after it happened at the soonest; the first ones after 4 s, in which it learns how tall beats
/// are here; one that was looked back for when the next peak of any size has passed. After 8 s without a beat it
/// learns anew. Rates up to 260 a minute are counted.
///
/// What it cannot do: it does not tell a pacing spike without capture from a beat, and it finds waves of ventricular
/// fibrillation as beats.
#[derive(Clone, Debug)]
pub struct BeatFinder {
    /// Samples of the wave in one inner sample.
    factor: u64,
    taken: u64,
    /// Of the inner sample that is being summed.
    sum: i64,
    summed: u64,
    /// What is taken from every sample, so that the filters begin at rest.
    base: Option<i64>,
    held: i64,
    missing: u64,
    hole: u64,
    edge: u64,
    front: Front,
    peaks: Peaks,
    decider: Decider,
}

impl BeatFinder {
    /// For a wave of `rate`, a step of which is worth `step_mv` millivolts; `None` where that is not known, and then even
    /// the smallest movement can be a beat.
    ///
    /// # Errors
    /// Fewer than [`RATE_MIN_HZ`] samples a second.
    pub fn new(rate: SampleRate, step_mv: Option<f64>) -> Result<Self, RateError> {
        let hertz = rate.hertz();
        if hertz < RATE_MIN_HZ {
            return Err(RateError { hertz });
        }
        let factor = whole(hertz / INNER_HZ);
        let inner = hertz / count(factor);
        let front = Front::new(inner);
        let step = step_mv.map(|mv| mv.abs() / front.gain() / count(factor));
        Ok(Self {
            factor,
            taken: 0,
            sum: 0,
            summed: 0,
            base: None,
            held: 0,
            missing: 0,
            hole: whole(HOLE_MS * hertz / 1_000.0),
            edge: whole(EDGE_MS * hertz / 1_000.0),
            peaks: Peaks::new(&front, factor, inner, hertz),
            front,
            decider: Decider::new(inner, step),
        })
    }

    /// Takes the next samples; puts the beats that became certain into `beats`, in order.
    /// [`NO_SAMPLE_WIDE`] is a gap.
    pub fn push(&mut self, samples: &[i32], beats: &mut Vec<Beat>) {
        for sample in samples {
            self.take(*sample, beats);
        }
    }

    /// The wave ends here: puts what was still waiting for more into `beats`.
    pub fn finish(mut self, beats: &mut Vec<Beat>) {
        // Half a second at rest brings the last complex through the filters.
        let rest = self.peaks.settles_after() * self.factor;
        for _ in 0..rest {
            self.take(NO_SAMPLE_WIDE, beats);
        }
        self.decider.end(beats);
        // The last moment before the end is an edge of the wave, and no top.
        let taken = self.taken.saturating_sub(rest + self.edge);
        beats.retain(|b| b.at < taken);
    }

    fn take(&mut self, sample: i32, beats: &mut Vec<Beat>) {
        self.taken += 1;
        if sample == NO_SAMPLE_WIDE {
            self.missing += 1;
            if self.missing == self.hole {
                self.front.rest();
                self.decider.breaks(beats);
                (self.base, self.held, self.sum) = (None, 0, 0);
            }
        } else {
            let value = i64::from(sample);
            self.missing = 0;
            self.held = value - *self.base.get_or_insert(value);
        }
        self.peaks.keep(self.held);
        self.sum += self.held;
        self.summed += 1;
        if self.summed == self.factor {
            let filtered = self.front.push(self.sum);
            (self.sum, self.summed) = (0, 0);
            let peak = self.peaks.push(filtered);
            self.decider.take(peak, beats);
        }
    }
}

/// The beats of a whole wave: [`BeatFinder`] over all of it.
///
/// # Errors
/// Fewer than [`RATE_MIN_HZ`] samples a second.
pub fn beats(rate: SampleRate, step_mv: Option<f64>, samples: &[i32]) -> Result<Vec<Beat>, RateError> {
    let mut finder = BeatFinder::new(rate, step_mv)?;
    let mut beats = Vec::new();
    finder.push(samples, &mut beats);
    finder.finish(&mut beats);
    Ok(beats)
}

/// A number of samples, one at least.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rates and lengths are positive and far below 2^52"
)]
fn whole(number: f64) -> u64 {
    (number as u64).max(1)
}

#[expect(clippy::cast_precision_loss, reason = "a number of samples is below 2^52")]
fn count(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
#[path = "beats_tests.rs"]
mod tests;
