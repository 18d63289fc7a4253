//! How long a record is: a duration in which every channel has a whole number of samples, which prints in eight
//! characters, and of which the recording is a whole number.

use model::SampleRate;

use crate::decimal::Decimal;

/// Other readers refuse records beyond 10 MiB; a part is left for annotations.
const RECORD_BYTES_MAX: u128 = 8 << 20;

/// What the specification recommends.
const RECORD_BYTES_GOOD: u128 = 61_440;

/// Records that eight digits can count.
const RECORDS_MAX: u128 = 99_999_999;

/// Whole seconds are preferred to what is nearer to one, up to so many.
const WHOLE_SECONDS_MAX: u128 = 10;

/// Recordings that are not a whole number of records are searched for divisors so far; 35 years at 1000 a second.
const UNITS_MAX: u128 = 1 << 40;

/// The records of a file.
#[derive(Debug, PartialEq)]
pub(super) struct Plan {
    /// The duration as the header says it.
    pub printed: String,
    /// Seconds a record, exactly: above, below.
    pub seconds: (u128, u128),
    /// Samples a record, for each channel.
    pub samples: Vec<u64>,
    /// Records from the start to the last sample.
    pub records: u64,
    /// What the header cannot say exactly.
    pub remark: Option<String>,
}

impl Plan {
    /// Microseconds from the start to a record as the header's duration counts them. Readers of EDF+C refuse a file whose
    /// records begin a microsecond from there.
    pub fn stamp_us(&self, record: u64) -> i64 {
        let us = Decimal::parse(&self.printed).and_then(|seconds| seconds.mantissa_at(6));
        i64::try_from(us.unwrap_or(0).saturating_mul(record.into())).unwrap_or(i64::MAX)
    }

    /// Microseconds from the start to a record, rounded.
    pub fn start_us(&self, record: u64) -> i64 {
        let (above, below) = self.seconds;
        let us = (u128::from(record) * above * 1_000_000 + below / 2) / below;
        i64::try_from(us).unwrap_or(i64::MAX)
    }
}

/// Greatest common divisor; that of 0 and a number is the number.
pub(super) fn common(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// The shortest record: seconds above and below, and the samples of each channel in it.
fn unit(rates: &[SampleRate]) -> ((u128, u128), Vec<u128>) {
    let fractions: Vec<(u128, u128)> = rates
        .iter()
        .map(|rate| (u128::from(rate.fraction().0), u128::from(rate.fraction().1)))
        .collect();
    let below = fractions
        .iter()
        .fold(0, |all, (samples, _)| common(all, *samples))
        .max(1);
    // Beyond this no record is short enough anyway, and the product stays far from overflowing.
    let above = fractions.iter().fold(1_u128, |all, (_, seconds)| {
        (all / common(all, *seconds) * seconds).min(1 << 60)
    });
    let samples = fractions
        .iter()
        .map(|(samples, seconds)| samples / below * (above / seconds))
        .collect();
    ((above, below), samples)
}

/// Rates that have a common record; the same ones wherever that is not too long.
pub(super) fn settle(rates: &[SampleRate]) -> Vec<SampleRate> {
    if unit(rates).1.iter().sum::<u128>() * 2 <= RECORD_BYTES_MAX {
        return rates.to_vec();
    }
    let slowest = rates.iter().map(|rate| rate.hertz()).fold(f64::MAX, f64::min);
    let seconds = if slowest < 1.0 { 3_600 } else { 60 };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most 3,600 times 100,000"
    )]
    let near = |rate: &SampleRate| {
        SampleRate::new((rate.hertz() * f64::from(seconds)).round().max(1.0) as u32, seconds).unwrap_or(*rate)
    };
    rates.iter().map(near).collect()
}

/// The records for channels of these rates that end after so many samples; `None` where no record is short enough.
pub(super) fn plan(rates: &[SampleRate], ends: &[u64]) -> Option<Plan> {
    if rates.is_empty() {
        return Some(Plan {
            printed: "0".to_owned(),
            seconds: (0, 1),
            samples: Vec::new(),
            records: 1,
            remark: None,
        });
    }
    let ((above, below), samples) = unit(rates);
    let bytes: u128 = samples.iter().sum::<u128>() * 2;
    if bytes > RECORD_BYTES_MAX {
        return None;
    }
    let units = ends
        .iter()
        .zip(&samples)
        .map(|(end, samples)| u128::from(*end).div_ceil(*samples))
        .max()
        .unwrap_or(0)
        .max(1);
    let factor_max = RECORD_BYTES_MAX / bytes.max(1);
    let second = (below / above.max(1)).clamp(1, factor_max);
    let factor = divisors(units)
        .into_iter()
        .filter(|factor| *factor <= factor_max && units / factor <= RECORDS_MAX)
        // A tenth of a second at least: shorter records are more header than samples.
        .filter(|factor| factor * above * 10 >= below || *factor == units)
        .min_by_key(|factor| {
            let too_large = factor * bytes > RECORD_BYTES_GOOD;
            let is_odd = !(factor * above).is_multiple_of(below) || factor * above > below * WHOLE_SECONDS_MAX;
            (
                !prints(factor * above, below),
                too_large,
                is_odd,
                distance(*factor, second),
            )
        })
        .or_else(|| padded(above, below, second, factor_max))
        .filter(|factor| units.div_ceil(*factor) <= RECORDS_MAX)?;
    let divisor = common(factor * above, below);
    let seconds = (factor * above / divisor, below / divisor);
    let (printed, is_exact) = print(seconds)?;
    let remark = (!is_exact).then(|| {
        format!(
            "a record lasts {}/{} s and is written as {printed} s, the nearest that eight characters say",
            seconds.0, seconds.1
        )
    });
    Some(Plan {
        printed,
        seconds,
        samples: samples
            .iter()
            .map(|samples| u64::try_from(samples * factor))
            .collect::<Result<_, _>>()
            .ok()?,
        records: u64::try_from(units.div_ceil(factor)).ok()?,
        remark,
    })
}

/// How far a record is from a second, as a ratio in thousandths.
fn distance(factor: u128, second: u128) -> u128 {
    factor.max(second) * 1_000 / factor.min(second).max(1)
}

/// A record of which the recording is not a whole number: a second, or what prints.
fn padded(above: u128, below: u128, second: u128, factor_max: u128) -> Option<u128> {
    let whole_seconds = below / common(above, below);
    [whole_seconds, second]
        .into_iter()
        .find(|factor| *factor <= factor_max && prints(factor * above, below))
        .or(Some(second))
}

fn divisors(number: u128) -> Vec<u128> {
    if number > UNITS_MAX {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut small = 1;
    while small * small <= number {
        if number.is_multiple_of(small) {
            found.push(small);
            found.push(number / small);
        }
        small += 1;
    }
    found
}

fn prints(above: u128, below: u128) -> bool {
    let divisor = common(above, below);
    print((above / divisor, below / divisor)).is_some_and(|(_, is_exact)| is_exact)
}

/// Seconds in eight characters, and whether they are exact; `None` where there are too many.
fn print((above, below): (u128, u128)) -> Option<(String, bool)> {
    let digits = u32::try_from((above / below).to_string().len()).ok()?;
    if digits > 8 {
        return None;
    }
    let places = 7_u32.saturating_sub(digits);
    let scaled = above.checked_mul(10_u128.pow(places))?;
    let steps = (scaled + below / 2) / below;
    let text = Decimal::new(i128::try_from(steps).ok()?, places)?.to_string();
    (steps > 0 && text.len() <= 8).then_some((text, scaled.is_multiple_of(below)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rates: &[(u32, u32)], ends: &[u64]) -> Plan {
        let rates: Vec<SampleRate> = rates.iter().map(|(n, s)| SampleRate::new(*n, *s).unwrap()).collect();
        plan(&settle(&rates), ends).unwrap()
    }

    #[test]
    fn a_record_is_a_second_where_that_fits() {
        let plan = of(&[(250, 1), (125, 2)], &[250 * 60, 125 * 30]);
        assert_eq!((plan.printed.as_str(), plan.records), ("2", 30));
        assert_eq!(plan.samples, [500, 125]);
    }

    #[test]
    fn a_recording_that_ends_within_a_second_gets_records_that_end_with_it() {
        // 60,001 is 29 times 2,069.
        let plan = of(&[(125, 1)], &[60_001]);
        assert_eq!(
            (plan.printed.as_str(), plan.records, plan.samples[0]),
            ("0.232", 2_069, 29)
        );
        assert_eq!(plan.remark, None);
    }

    #[test]
    fn a_rate_that_no_decimal_divides_is_said() {
        let plan = of(&[(24_989, 400)], &[14_400]);
        assert_eq!(plan.records * plan.samples[0], 14_400);
        assert!(plan.remark.unwrap().contains("written as"));
    }

    #[test]
    fn rates_without_a_common_record_are_moved_a_little() {
        let rates = [(100_003, 3_583), (99_991, 3_593)].map(|(n, s)| SampleRate::new(n, s).unwrap());
        for (moved, meant) in settle(&rates).iter().zip(&rates) {
            assert!((moved.hertz() / meant.hertz() - 1.0).abs() < 1e-3);
        }
        assert!(plan(&settle(&rates), &[1_000, 1_000]).is_some());
    }

    #[test]
    fn one_sample_an_hour_is_a_record_of_an_hour() {
        let plan = of(&[(1, 3_600)], &[32]);
        assert_eq!((plan.printed.as_str(), plan.samples[0], plan.records), ("3600", 1, 32));
    }
}
