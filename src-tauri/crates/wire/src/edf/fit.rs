//! Samples into sixteen bits, and a scale into four fields of eight characters.

use crate::decimal::Decimal;

/// Bounds looked at beyond the nearest, for one that prints exactly: every power of two below it is among them.
const BOUNDS_MAX: i64 = 8_192;

const LOWEST: i64 = i16::MIN as i64;
const HIGHEST: i64 = i16::MAX as i64;

/// How a channel is stored.
#[derive(Debug, PartialEq)]
pub(super) struct Fit {
    pub unit: String,
    /// As printed: minimum, maximum.
    pub physical: [String; 2],
    pub digital: [i64; 2],
    shift: i64,
    divide: i64,
    /// Units a step.
    pub step: Decimal,
    /// Farthest that a stored sample is read back from what it stands for, in units, beyond the step itself.
    pub off: f64,
}

impl Fit {
    /// The digital value of a sample.
    #[expect(clippy::cast_possible_truncation, reason = "clamped")]
    pub fn stored(&self, sample: i32) -> i16 {
        let moved = i64::from(sample) - self.shift;
        let half = if moved < 0 { -self.divide / 2 } else { self.divide / 2 };
        ((moved + half) / self.divide).clamp(LOWEST, HIGHEST) as i16
    }

    /// The digital value of "no sample": the minimum, which no sample has.
    #[expect(clippy::cast_possible_truncation, reason = "within sixteen bits")]
    pub const fn missing(&self) -> i16 {
        self.digital[0] as i16
    }

    /// Samples that share one digital value.
    pub const fn coarser(&self) -> i64 {
        self.divide
    }
}

/// Fits samples from `low` to `high`. `None` where the values are too large or too fine for eight characters.
pub(super) fn fit(unit: &str, resolution: f64, zero: f64, low: i32, high: i32, has_missing: bool) -> Option<Fit> {
    let (low, high) = (i64::from(low), i64::from(high));
    // One value below the samples is left free for "no sample".
    let below = i64::from(has_missing);
    let (divide, shift) = if high - low + below <= HIGHEST - LOWEST {
        let fits = low - below >= LOWEST && high <= HIGHEST;
        (1, if fits { 0 } else { low - below - LOWEST })
    } else {
        let divide = (high - low).div_euclid(2 * HIGHEST) + 1;
        (divide, i64::midpoint(low, high))
    };
    let (step, unit, power) = unit_of(unit, resolution, zero, low, high)?;
    let zero = decimal(zero)?.shifted(power)?.plus(step.times(shift)?)?;
    let step = step.times(divide)?;
    let at = |digital: i64| step.times(digital)?.plus(zero);
    let mut fit = Fit {
        unit,
        physical: [String::new(), String::new()],
        digital: [0, 0],
        shift,
        divide,
        step,
        off: 0.0,
    };
    let clip = |sample: i64| i32::try_from(sample).unwrap_or_default();
    // A channel of one value needs a second one above it.
    let first = (i64::from(fit.stored(clip(low))) - below).min(HIGHEST - 1);
    let last = i64::from(fit.stored(clip(high))).max(first + 1);
    let down = (0..BOUNDS_MAX)
        .map(|more| first - more)
        .take_while(|bound| *bound >= LOWEST);
    let (min, min_text, min_off) = bound(down, &at)?;
    let up = (0..BOUNDS_MAX)
        .map(|more| last + more)
        .take_while(|bound| *bound <= HIGHEST);
    let (max, max_text, max_off) = bound(up, &at)?;
    if min >= max || min_text == max_text {
        return None;
    }
    fit.physical = [min_text, max_text];
    fit.digital = [min, max];
    fit.off = f64::max(min_off, max_off);
    Some(fit)
}

/// Volts of a signal are so small, or so large, that eight characters lose their steps: they are written with another
/// prefix. The step, the unit, and the power of ten between the units.
fn unit_of(unit: &str, resolution: f64, zero: f64, low: i64, high: i64) -> Option<(Decimal, String, i32)> {
    #[expect(clippy::cast_precision_loss, reason = "32 bits")]
    let largest = [low, high]
        .map(|d| (zero + resolution * d as f64).abs())
        .into_iter()
        .fold(0.0, f64::max);
    let (unit, power) = match unit {
        "V" if largest < 0.001 => ("uV", 6),
        "V" if largest < 1.0 => ("mV", 3),
        "uV" if largest >= LARGE => ("mV", -3),
        "mV" if largest >= LARGE => ("V", -3),
        other => (other, 0),
    };
    Some((decimal(resolution)?.shifted(power)?, unit.to_owned(), power))
}

/// With a sign before it this has eight characters.
const LARGE: f64 = 9_999_999.0;

fn decimal(value: f64) -> Option<Decimal> {
    Decimal::of(value).or_else(|| Decimal::parse(&format!("{value:.24}")))
}

/// The bound that prints best, nearest first: the digital value, its text, and how far the text is off.
fn bound(candidates: impl Iterator<Item = i64>, at: &impl Fn(i64) -> Option<Decimal>) -> Option<(i64, String, f64)> {
    let mut best: Option<(i64, Decimal, f64)> = None;
    for candidate in candidates {
        let Some((printed, off)) = at(candidate).and_then(eight) else {
            continue;
        };
        if best.as_ref().is_none_or(|(_, _, best)| off < *best) {
            best = Some((candidate, printed, off));
        }
        if off <= 0.0 {
            break;
        }
    }
    best.map(|(candidate, printed, off)| (candidate, printed.to_string(), off))
}

/// The nearest number of eight characters, and how far it is off; `None` where there is none.
fn eight(value: Decimal) -> Option<(Decimal, f64)> {
    let (mantissa, places) = value.parts();
    let scale = 10_i128.checked_pow(places)?;
    let sign = u32::from(mantissa < 0);
    let digits = (mantissa / scale).unsigned_abs().checked_ilog10().unwrap_or(0) + 1;
    if digits + sign > 8 {
        return None;
    }
    let room = 7_u32.saturating_sub(digits + sign);
    if places <= room {
        return Some((value, 0.0));
    }
    let cut = 10_i128.checked_pow(places - room)?;
    let steps = (mantissa + if mantissa < 0 { -cut / 2 } else { cut / 2 }) / cut;
    let printed = Decimal::new(steps, room)?;
    #[expect(clippy::cast_precision_loss, reason = "a size, for comparing")]
    let off = (mantissa - steps * cut).unsigned_abs() as f64 / scale as f64;
    (printed.to_string().len() <= 8).then_some((printed, off))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a reader makes of a stored sample.
    fn read(fit: &Fit, sample: i32) -> f64 {
        let [low, high] = [0, 1].map(|i| fit.physical[i].parse::<f64>().unwrap());
        let [first, last] = fit.digital.map(|d| f64::from(i16::try_from(d).unwrap()));
        low + (high - low) / (last - first) * (f64::from(fit.stored(sample)) - first)
    }

    #[test]
    fn a_usual_scale_is_exact() {
        for (resolution, zero) in [
            (0.005, -5.12),
            (1.0 / 409.6, 0.0),
            (0.1, 0.0),
            (-0.005, 2.5),
            (1.0, 0.0),
        ] {
            let fit = fit("mV", resolution, zero, -1_000, 1_000, true).unwrap();
            assert!(fit.off <= 0.0, "{fit:?}");
            for sample in [-1_000, -1, 0, 1, 1_000] {
                let meant = zero + resolution * f64::from(sample);
                assert!((read(&fit, sample) - meant).abs() < 1e-9, "{fit:?}");
                assert_ne!(fit.stored(sample), fit.missing());
            }
        }
    }

    #[test]
    fn volts_become_microvolts() {
        let fit = fit("V", 2.5e-8, 0.0, -3_000, 3_000, false).unwrap();
        assert_eq!((fit.unit.as_str(), fit.step.to_string().as_str()), ("uV", "0.025"));
    }

    #[test]
    fn millivolts_beyond_seven_digits_become_volts() {
        let fit = fit("mV", 0.005, 0.0, i32::MIN + 1, i32::MAX, true).unwrap();
        assert_eq!(fit.unit, "V");
        assert!((read(&fit, i32::MAX) - 10_737.418_235).abs() <= fit.step.value());
    }

    #[test]
    fn what_eight_characters_cannot_say_is_refused() {
        assert_eq!(fit("", 1e12, 0.0, -5, 5, false), None);
        assert_eq!(fit("", 1e-12, 0.0, -5, 5, false), None);
    }

    proptest! {
        #[test]
        fn values_come_back_within_a_step(
            digits in 1_i32..100_000, exponent in 1_i32..5, zero in -1_000_i32..1_000,
            low in any::<i32>(), span in any::<u32>(), has_missing in any::<bool>(), at in 0.0_f64..=1.0,
        ) {
            let low = low.max(i32::MIN + 1);
            let high = low.saturating_add(i32::try_from(span / 2).unwrap());
            let resolution = f64::from(digits) / 10_f64.powi(exponent);
            if let Some(fit) = fit("", resolution, f64::from(zero), low, high, has_missing) {
                #[expect(clippy::cast_possible_truncation, reason = "between two of them")]
                let sample = (f64::from(low) + at * (f64::from(high) - f64::from(low))) as i32;
                let meant = f64::from(zero) + resolution * f64::from(sample);
                prop_assert!((read(&fit, sample) - meant).abs() <= fit.step.value().abs() + fit.off, "{:?}", fit);
                prop_assert!(!has_missing || fit.stored(sample) != fit.missing());
                prop_assert!((fit.digital[0]..=fit.digital[1]).contains(&i64::from(fit.stored(sample))));
            }
        }
    }
}
