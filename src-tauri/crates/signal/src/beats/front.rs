//! The filters: running sums of whole numbers.

/// One period of the mains each: both are gone after them, and with them most of what muscles make.
const SMOOTH_MS: [f64; 2] = [1_000.0 / 50.0, 1_000.0 / 60.0];
/// What is slower than this is taken out: the baseline, breathing, most of a T wave.
const SLOW_MS: f64 = 200.0;
/// Over which a slope is taken.
const SLOPE_MS: f64 = 10.0;
/// The length of a complex.
const COMPLEX_MS: f64 = 100.0;

/// What the filters say at one inner sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Filtered {
    /// The band in which a complex is.
    pub band: i64,
    /// Its slope.
    pub slope: i64,
    /// The size of the slope, summed over the length of a complex.
    pub activity: i64,
}

/// Sum of the last so many numbers.
#[derive(Clone, Debug)]
struct Running {
    ring: Vec<i64>,
    at: usize,
    sum: i64,
}

impl Running {
    fn new(length: usize) -> Self {
        Self {
            ring: vec![0; length],
            at: 0,
            sum: 0,
        }
    }

    /// The number that leaves, and the sum with the new one.
    fn push(&mut self, number: i64) -> (i64, i64) {
        let Some(slot) = self.ring.get_mut(self.at) else {
            return (0, self.sum);
        };
        let left = std::mem::replace(slot, number);
        self.sum += number - left;
        self.at += 1;
        if self.at == self.ring.len() {
            self.at = 0;
        }
        (left, self.sum)
    }

    fn rest(&mut self) {
        self.ring.fill(0);
        self.sum = 0;
    }

    fn length(&self) -> i64 {
        i64::try_from(self.ring.len()).unwrap_or(i64::MAX)
    }
}

#[derive(Clone, Debug)]
pub(super) struct Front {
    smooth: [Running; 2],
    slow: Running,
    /// The middle of `slow`: the smoothed wave, as late as the slow one.
    middle: Running,
    before: Running,
    complex: Running,
}

impl Front {
    pub(super) fn new(hertz: f64) -> Self {
        let samples = |ms: f64| Running::new(length(ms, hertz));
        let slow = length(SLOW_MS, hertz) | 1;
        Self {
            smooth: SMOOTH_MS.map(samples),
            slow: Running::new(slow),
            middle: Running::new(slow / 2),
            before: samples(SLOPE_MS),
            complex: samples(COMPLEX_MS),
        }
    }

    pub(super) fn push(&mut self, sample: i64) -> Filtered {
        let [first, second] = &mut self.smooth;
        let smooth = second.push(first.push(sample).1).1;
        let slow = self.slow.push(smooth).1;
        let band = self.middle.push(smooth).0 * self.slow.length() - slow;
        let slope = band - self.before.push(band).0;
        Filtered {
            band,
            slope,
            activity: self.complex.push(slope.abs()).1,
        }
    }

    /// As if nothing had come yet.
    pub(super) fn rest(&mut self) {
        let [first, second] = &mut self.smooth;
        for running in [
            first,
            second,
            &mut self.slow,
            &mut self.middle,
            &mut self.before,
            &mut self.complex,
        ] {
            running.rest();
        }
    }

    /// Activity of one step of the wave going up and down once within a complex: what makes it comparable to millivolts.
    #[expect(clippy::cast_precision_loss, reason = "a product of filter lengths")]
    pub(super) fn gain(&self) -> f64 {
        let [first, second] = &self.smooth;
        let gain = first.length() * second.length() * self.slow.length() * self.before.length() * 2;
        gain as f64
    }

    /// By how many inner samples the band is late.
    pub(super) fn band_delay(&self) -> f64 {
        let late = |running: &Running| f64::from(u32::try_from(running.ring.len()).unwrap_or(1) - 1) / 2.0;
        self.smooth.iter().map(late).sum::<f64>() + late(&self.slow)
    }

    /// How many inner samples of the band made the activity of one.
    pub(super) fn reach(&self) -> usize {
        self.complex.ring.len() + self.before.ring.len()
    }
}

/// A length in inner samples, one at least.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "at most 200 ms at 400 samples a second"
)]
pub(super) fn length(ms: f64, hertz: f64) -> usize {
    ((ms * hertz / 1_000.0).round() as usize).max(1)
}
