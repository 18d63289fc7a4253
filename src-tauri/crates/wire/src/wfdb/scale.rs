//! One scale for a signal whose segments have several.

use super::SignalSpec;

/// Steps a unit and zero of one segment's signal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Steps {
    /// Steps a unit; not 0.
    pub(super) gain: f64,
    /// The sample that means 0 units.
    pub(super) baseline: i32,
    /// The bits of its format.
    pub(super) bits: u8,
}

impl From<&SignalSpec> for Steps {
    fn from(spec: &SignalSpec) -> Self {
        Self {
            gain: spec.gain,
            baseline: spec.baseline,
            bits: spec.format.bits(),
        }
    }
}

/// How a segment's sample becomes one of the whole signal's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Rescale {
    /// As it is.
    Same,
    /// `(sample - baseline) × times`: every value stays exact.
    Times { times: i64, baseline: i32 },
    /// `(sample - baseline) × factor`, rounded.
    Nearest { factor: f64, baseline: i32 },
}

impl Rescale {
    pub(super) fn apply(self, sample: i32) -> i32 {
        let whole = match self {
            Self::Same => return sample,
            Self::Times { times, baseline } => (i64::from(sample) - i64::from(baseline)).saturating_mul(times),
            Self::Nearest { factor, baseline } => {
                let value = (f64::from(sample) - f64::from(baseline)) * factor;
                #[expect(clippy::cast_possible_truncation, reason = "saturates, and is clamped below")]
                let whole = value.round() as i64;
                whole
            }
        };
        // The lowest number says "no sample". Only a sample beyond its format's range comes here.
        i32::try_from(whole.clamp(-HIGHEST, HIGHEST)).unwrap_or(i32::MAX)
    }
}

/// The largest step of 32 bits.
const HIGHEST: i64 = i32::MAX as i64;
/// Decimals of a gain that are taken as they are written.
const DECIMALS_MAX: i32 = 9;

/// A scale that all have in common: units a step, units at zero, bits, and each one's way to it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Common {
    pub(super) resolution: f64,
    pub(super) zero: f64,
    pub(super) bits: u8,
    pub(super) ways: Vec<Rescale>,
    /// Whether every value is kept; otherwise each is within half a step of `resolution`.
    pub(super) exact: bool,
}

impl Common {
    /// The scale of all that are given: theirs where they agree, else the coarsest that keeps every value, else the
    /// finest that 32 bits hold.
    pub(super) fn of(all: &[Steps]) -> Self {
        let Some(first) = all.first() else {
            return Self::alone(1.0, 0.0, 16, 0);
        };
        let bits = all.iter().map(|s| s.bits).max().unwrap_or(16);
        if all
            .iter()
            .all(|s| s.gain.to_bits() == first.gain.to_bits() && s.baseline == first.baseline)
        {
            let (resolution, zero) = (first.gain.recip(), -f64::from(first.baseline) / first.gain);
            return Self::alone(resolution, zero, bits, all.len());
        }
        Self::multiple(all).unwrap_or_else(|| Self::nearest(all))
    }

    fn alone(resolution: f64, zero: f64, bits: u8, count: usize) -> Self {
        Self {
            resolution,
            // -0 would be written as such.
            zero: zero + 0.0,
            bits,
            ways: vec![Rescale::Same; count],
            exact: true,
        }
    }

    /// The least common multiple of the gains as decimal numbers, if its steps fit into 32 bits.
    fn multiple(all: &[Steps]) -> Option<Self> {
        let (gains, unit) = (0..=DECIMALS_MAX).find_map(|decimals| {
            let unit = 10_f64.powi(decimals);
            let gains: Option<Vec<i64>> = all.iter().map(|s| whole(s.gain, unit)).collect();
            Some((gains?, unit))
        })?;
        let mut common = 1_i64;
        for gain in &gains {
            let divisor = divisor(common, gain.abs());
            common = (common / divisor).checked_mul(gain.abs())?;
        }
        let mut ways = Vec::with_capacity(all.len());
        let mut reach = 0_i64;
        for (steps, gain) in all.iter().zip(&gains) {
            let times = common / gain;
            reach = reach.max(reach_of(*steps).checked_mul(times.abs())?);
            let baseline = steps.baseline;
            ways.push(Rescale::Times { times, baseline });
        }
        (reach <= HIGHEST).then(|| Self {
            resolution: unit / float(common),
            zero: 0.0,
            bits: bits_for(reach),
            ways,
            exact: true,
        })
    }

    fn nearest(all: &[Steps]) -> Self {
        let units = |s: &Steps| float(reach_of(*s)) / s.gain.abs();
        let reach = all.iter().map(units).fold(f64::MIN_POSITIVE, f64::max);
        let resolution = (reach / float(HIGHEST)).max(f64::MIN_POSITIVE);
        let way = |s: &Steps| Rescale::Nearest {
            factor: (s.gain * resolution).recip(),
            baseline: s.baseline,
        };
        Self {
            resolution,
            zero: 0.0,
            bits: 32,
            ways: all.iter().map(way).collect(),
            exact: false,
        }
    }
}

/// How far a sample of the format can be from zero units, in its own steps.
fn reach_of(steps: Steps) -> i64 {
    (1_i64 << (steps.bits - 1)) + i64::from(steps.baseline).abs()
}

/// Bits that hold every number up to `reach` to both sides, and one that says "none".
fn bits_for(reach: i64) -> u8 {
    (8..32).find(|bits| reach < 1 << (bits - 1)).unwrap_or(32)
}

/// A gain in a unit of decimals, if it is whole there.
fn whole(gain: f64, unit: f64) -> Option<i64> {
    let value = (gain * unit).round();
    #[expect(clippy::float_cmp, reason = "the same number, or it is not whole")]
    let exact = value / unit == gain && (1.0..=1e15).contains(&value.abs());
    #[expect(clippy::cast_possible_truncation, reason = "at most 10^15")]
    let value = value as i64;
    exact.then_some(value)
}

fn divisor(mut a: i64, mut b: i64) -> i64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

fn float(value: i64) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a gain; its last bits do not matter beyond 2^53"
    )]
    let value = value as f64;
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(gain: f64, baseline: i32, bits: u8) -> Steps {
        Steps { gain, baseline, bits }
    }

    #[test]
    fn gains_of_several_segments_meet_without_a_loss() {
        let common = Common::of(&[steps(86.0, 0, 8), steps(67.0, -3, 8), steps(1.25, 0, 8)]);
        assert!(common.exact && common.bits < 32);
        for (way, gain, baseline) in [
            (common.ways[0], 86.0, 0),
            (common.ways[1], 67.0, -3),
            (common.ways[2], 1.25, 0),
        ] {
            for sample in -128..128 {
                let value = f64::from(way.apply(sample)) * common.resolution;
                assert!((value - f64::from(sample - baseline) / gain).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn gains_that_do_not_meet_are_within_half_a_step() {
        let common = Common::of(&[steps(86.123_456_7, 0, 16), steps(1.0 / 3.0, 900, 16)]);
        assert!(!common.exact);
        let value = f64::from(common.ways[0].apply(-5)) * common.resolution;
        assert!((value + 5.0 / 86.123_456_7).abs() <= common.resolution / 2.0);
        assert!(common.resolution < 1e-4);
    }
}
