//! Peaks of the activity: each is one complex, one wave, or noise.

use super::front::{Filtered, Front, length};

/// Two peaks are no nearer than this: the smaller one is part of the greater. 60 / 0.23 is 260 beats a minute.
const APART_MS: f64 = 230.0;
/// How far from where the band is greatest the wave may be.
const REFINE_MS: f64 = 16.0;
/// How much of the wave is kept: a peak is certain 230 ms after it, its band reaches 110 ms back and is 119 ms late.
const KEPT_MS: f64 = 512.0;

/// One peak of the activity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Peak {
    /// The inner sample at which the activity was greatest.
    pub at: u64,
    /// The activity.
    pub height: f64,
    /// The steepest slope in it.
    pub slope: f64,
    /// The sample of the wave that stands out furthest.
    pub sample: u64,
}

/// Newest numbers by their index.
#[derive(Clone, Debug)]
struct Ring<T> {
    numbers: Vec<T>,
    next: u64,
}

impl<T: Copy + Default> Ring<T> {
    fn new(least: usize) -> Self {
        Self {
            numbers: vec![T::default(); least.next_power_of_two()],
            next: 0,
        }
    }

    fn slot(&self, index: u64) -> usize {
        usize::try_from(index).unwrap_or(usize::MAX) & (self.numbers.len() - 1)
    }

    fn push(&mut self, number: T) {
        let slot = self.slot(self.next);
        if let Some(place) = self.numbers.get_mut(slot) {
            *place = number;
        }
        self.next += 1;
    }

    /// What stands at `from..=to`, as far as it is still there.
    fn between(&self, from: u64, to: u64) -> impl Iterator<Item = (u64, T)> {
        let oldest = self.next.saturating_sub(u64::try_from(self.numbers.len()).unwrap_or(0));
        (from.max(oldest)..(to + 1).min(self.next)).filter_map(|i| Some((i, *self.numbers.get(self.slot(i))?)))
    }
}

#[derive(Clone, Debug)]
pub(super) struct Peaks {
    factor: u64,
    apart: u64,
    reach: u64,
    /// How late the band is, in samples of the wave.
    delay: f64,
    refine: u64,
    wave: Ring<i64>,
    band: Ring<(i64, i64)>,
    /// The last two activities.
    last: [i64; 2],
    /// The greatest since the last peak was certain.
    best: Option<(u64, i64)>,
    /// Where the last certain one was.
    certain: Option<u64>,
}

impl Peaks {
    pub(super) fn new(front: &Front, factor: u64, inner: f64, hertz: f64) -> Self {
        let apart = length(APART_MS, inner);
        let long = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        #[expect(clippy::cast_precision_loss, reason = "a factor of at most 500")]
        let wide = factor as f64;
        Self {
            factor,
            apart: long(apart),
            reach: long(front.reach()),
            delay: front.band_delay() * wide + (wide - 1.0) / 2.0,
            refine: long(length(REFINE_MS, hertz)),
            wave: Ring::new(length(KEPT_MS, hertz)),
            band: Ring::new(apart + front.reach() + 2),
            last: [0; 2],
            best: None,
            certain: None,
        }
    }

    /// Keeps a sample of the wave, to find the top of a complex in it.
    pub(super) fn keep(&mut self, sample: i64) {
        self.wave.push(sample);
    }

    /// After so many inner samples at rest nothing is left that could become a peak.
    pub(super) fn settles_after(&self) -> u64 {
        4 * self.apart
    }

    /// Takes what the filters say; a peak is certain when nothing near it is greater.
    pub(super) fn push(&mut self, filtered: Filtered) -> Option<Peak> {
        let now = self.band.next;
        self.band.push((filtered.band, filtered.slope));
        let [before, top] = self.last;
        self.last = [top, filtered.activity];
        if top >= before && top > filtered.activity {
            let at = now.saturating_sub(1);
            let is_greater = match self.best {
                Some((_, greatest)) => top > greatest,
                None => self.certain.is_none_or(|certain| at - certain > self.apart),
            };
            if is_greater {
                self.best = Some((at, top));
            }
        }
        // Only now: what stands at the very end of the time may still be greater.
        let (at, activity) = self.best.take_if(|(at, _)| now - *at > self.apart)?;
        self.certain = Some(at);
        Some(self.peak(at, activity))
    }

    fn peak(&self, at: u64, activity: i64) -> Peak {
        let (mut slope, mut band, mut furthest) = (0_u64, 0_i64, at);
        for (index, (value, steep)) in self.band.between(at.saturating_sub(self.reach), at) {
            slope = slope.max(steep.unsigned_abs());
            if value.unsigned_abs() > band.unsigned_abs() {
                (band, furthest) = (value, index);
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "heights are compared, not counted")]
        let (height, slope) = (activity as f64, slope as f64);
        Peak {
            at,
            height,
            slope,
            sample: self.refined(furthest * self.factor, band > 0),
        }
    }

    /// The sample of the wave that stands out furthest near the place where the band does.
    fn refined(&self, late: u64, is_up: bool) -> u64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an index that was counted up from 0"
        )]
        let near = (late as f64 + (self.factor - 1) as f64 - self.delay).round().max(0.0) as u64;
        let (from, to) = (near.saturating_sub(self.refine), near + self.refine);
        let outness = |value: i64| if is_up { value } else { -value };
        let mut best = None;
        for (index, value) in self.wave.between(from, to) {
            let value = outness(value);
            if best.is_none_or(|(_, greatest)| value > greatest) {
                best = Some((index, value));
            }
        }
        // At an end of the stretch it is a slope and no top.
        best.map_or(
            near,
            |(index, _)| if index == from || index == to { near } else { index },
        )
    }
}
