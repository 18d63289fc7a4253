//! Integers foretold from those before them by a linear predictor, and what is left in Rice codes.
//!
//! Where pco loses: smooth traces of many steps, in which the last eight samples tell the next one better than any
//! difference. The same code holds the pyramid. A page stands alone: `order` and `shift` (a byte each), the
//! coefficients (16 bits), the first `order` numbers as they are, then runs of [`RUN`] codes, each after its parameter.

use crate::bytes::{Pack, Unpack};

/// Codes that share a parameter.
const RUN: usize = 64;
/// Most coefficients; more gain under 1 % on ECG and pleth.
const ORDER_MAX: usize = 8;
/// Bits of a coefficient after the point are chosen so that the largest takes this many.
const PRECISION: i32 = 13;
/// A quotient of so many is followed by the number itself: what nobody could foretell.
const ESCAPE: u32 = 20;
/// Bits of a run's parameter.
const PARAMETER_BITS: u32 = 5;

/// How the next number is foretold.
#[derive(Clone, Debug, PartialEq)]
struct Predictor {
    shift: u8,
    coefficients: Vec<i16>,
}

impl Predictor {
    fn fixed(coefficients: &[i16]) -> Self {
        Self {
            shift: 0,
            coefficients: coefficients.to_vec(),
        }
    }

    /// Foretells what comes after `before`, the newest last.
    #[inline]
    fn next(&self, before: &[i32]) -> i32 {
        let pairs = before.iter().rev().zip(&self.coefficients);
        let sum: i64 = pairs
            .map(|(value, c)| i64::from(*value).wrapping_mul(i64::from(*c)))
            .sum();
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a prediction that is off costs bits, never a sample"
        )]
        {
            (sum >> self.shift) as i32
        }
    }

    /// What is left of each number after the first few.
    fn rest(&self, values: &[i32]) -> Vec<u32> {
        let order = self.coefficients.len();
        values
            .windows(order + 1)
            .filter_map(|window| {
                let (value, before) = window.split_last()?;
                Some(fold(value.wrapping_sub(self.next(before))))
            })
            .collect()
    }
}

/// Small numbers of either sign become small ones.
const fn fold(value: i32) -> u32 {
    (value.cast_unsigned() << 1) ^ (value >> 31).cast_unsigned()
}

const fn unfold(folded: u32) -> i32 {
    (folded >> 1).cast_signed() ^ -((folded & 1).cast_signed())
}

/// The predictor of least square error over `values`, after Levinson and Durbin.
fn fitted(values: &[i32], order: usize) -> Option<Predictor> {
    let middle = as_f64(values.len().saturating_sub(1)) / 2.0;
    // Welch's window: ends that do not meet would be foretold as a step.
    let windowed: Vec<f64> = (0..values.len())
        .zip(values)
        .map(|(n, v)| {
            let off = (as_f64(n) - middle) / (middle + 1.0);
            f64::from(*v) * (1.0 - off * off)
        })
        .collect();
    let lag = |lag: usize| -> f64 {
        let late = windowed.get(lag..).unwrap_or(&[]);
        windowed.iter().zip(late).map(|(a, b)| a * b).sum()
    };
    let correlations: Vec<f64> = (0..=order).map(lag).collect();
    let mut error = *correlations.first()? * (1.0 + 1e-9);
    let mut found: Vec<f64> = Vec::new();
    for step in 1..=order {
        if error <= 0.0 {
            return None;
        }
        let known = found.iter().zip(correlations.get(1..step)?.iter().rev());
        let reflection = (correlations.get(step)? - known.map(|(a, r)| a * r).sum::<f64>()) / error;
        let turned: Vec<f64> = found.iter().rev().copied().collect();
        for (a, b) in found.iter_mut().zip(turned) {
            *a -= reflection * b;
        }
        found.push(reflection);
        error *= 1.0 - reflection * reflection;
    }
    quantised(&found)
}

fn quantised(coefficients: &[f64]) -> Option<Predictor> {
    let largest = coefficients.iter().fold(0.0_f64, |m, c| m.max(c.abs()));
    if !largest.is_finite() || largest <= 0.0 {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "a logarithm of a finite number")]
    let shift = u8::try_from((PRECISION - largest.log2().ceil() as i32).clamp(0, 14)).ok()?;
    let one = f64::from(1_u32 << shift);
    #[expect(clippy::cast_possible_truncation, reason = "clamped to its range")]
    let rounded = |c: &f64| (c * one).round().clamp(-32_768.0, 32_767.0) as i16;
    Some(Predictor {
        shift,
        coefficients: coefficients.iter().map(rounded).collect(),
    })
}

#[expect(clippy::cast_precision_loss, reason = "a count far below 2^52")]
fn as_f64(count: usize) -> f64 {
    count as f64
}

/// The parameter under which a run takes the fewest bits, and how many those are.
fn parameter(run: &[u32]) -> (u32, u64) {
    let sum: u64 = run.iter().map(|v| u64::from(*v)).sum();
    let mean = sum / u64::try_from(run.len().max(1)).unwrap_or(1);
    let guess = (mean + 1).ilog2().min(30);
    let bits = |k: u32| -> u64 {
        run.iter()
            .map(|v| {
                let quotient = v >> k;
                u64::from(if quotient < ESCAPE {
                    quotient + 1 + k
                } else {
                    ESCAPE + 1 + 32
                })
            })
            .sum()
    };
    let tried = (guess.saturating_sub(2)..=(guess + 1).min(30)).map(|k| (k, bits(k)));
    tried.min_by_key(|(_, bits)| *bits).unwrap_or((0, 0))
}

fn cost(predictor: &Predictor, values: &[i32]) -> u64 {
    let head = 48 * u64::try_from(predictor.coefficients.len()).unwrap_or(0);
    let rest = predictor.rest(values);
    head + rest
        .chunks(RUN)
        .map(|run| parameter(run).1 + u64::from(PARAMETER_BITS))
        .sum::<u64>()
}

/// A page of numbers. The predictor that makes it shortest is chosen.
pub(crate) fn pack_page(values: &[i32]) -> Vec<u8> {
    let ways = [
        Some(Predictor::fixed(&[])),
        Some(Predictor::fixed(&[1])),
        Some(Predictor::fixed(&[2, -1])),
        fitted(values, 4),
        fitted(values, ORDER_MAX),
    ];
    let short = |way: &Predictor| way.coefficients.len() < values.len().max(1);
    let ways = ways.into_iter().flatten().filter(short);
    let best = ways.min_by_key(|way| cost(way, values));
    let predictor = best.unwrap_or_else(|| Predictor::fixed(&[]));
    let mut pack = Pack::default();
    pack.u8(u8::try_from(predictor.coefficients.len()).unwrap_or(0));
    pack.u8(predictor.shift);
    for coefficient in &predictor.coefficients {
        pack.samples(&[*coefficient]);
    }
    for value in values.iter().take(predictor.coefficients.len()) {
        pack.i32(*value);
    }
    let mut bits = BitWriter::new(pack.0);
    for run in predictor.rest(values).chunks(RUN) {
        let (k, _) = parameter(run);
        bits.put(k, PARAMETER_BITS);
        for value in run {
            bits.code(*value, k);
        }
    }
    bits.finish()
}

/// The inverse of [`pack_page`]; `None` where the bytes do not hold `count` numbers.
pub(crate) fn unpack_page(bytes: &[u8], count: usize) -> Option<Vec<i32>> {
    let mut from = Unpack(bytes);
    let order = usize::from(from.u8()?);
    let shift = from.u8()?;
    if order > ORDER_MAX || order > count || shift > 31 {
        return None;
    }
    let coefficients = from.samples(order)?;
    let predictor = Predictor { shift, coefficients };
    let mut values = Vec::with_capacity(count);
    for _ in 0..order {
        values.push(from.i32()?);
    }
    let mut bits = BitReader::new(from.0);
    while values.len() < count {
        let k = bits.take(PARAMETER_BITS)?;
        for _ in 0..RUN.min(count - values.len()) {
            let rest = unfold(bits.code(k)?);
            let before = values.get(values.len() - order..)?;
            values.push(predictor.next(before).wrapping_add(rest));
        }
    }
    Some(values)
}

/// Bits, the highest first.
struct BitWriter {
    bytes: Vec<u8>,
    held: u64,
    count: u32,
}

impl BitWriter {
    const fn new(bytes: Vec<u8>) -> Self {
        Self {
            bytes,
            held: 0,
            count: 0,
        }
    }

    /// Up to 32 bits.
    fn put(&mut self, value: u32, bits: u32) {
        self.held = (self.held << bits) | u64::from(value);
        self.count += bits;
        while self.count >= 8 {
            self.count -= 8;
            self.bytes
                .push(u8::try_from((self.held >> self.count) & 0xFF).unwrap_or(0));
        }
        self.held &= (1 << self.count) - 1;
    }

    fn code(&mut self, value: u32, k: u32) {
        let quotient = value >> k;
        if quotient < ESCAPE {
            self.put(1, quotient + 1);
            self.put(value & ((1 << k) - 1), k);
        } else {
            self.put(1, ESCAPE + 1);
            self.put(value, 32);
        }
    }

    fn finish(mut self) -> Vec<u8> {
        if self.count > 0 {
            self.put(0, 8 - self.count);
        }
        self.bytes
    }
}

struct BitReader<'a> {
    bytes: &'a [u8],
    /// The next bits, from the highest on; zeros after them.
    held: u64,
    count: u32,
}

impl<'a> BitReader<'a> {
    const fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            held: 0,
            count: 0,
        }
    }

    #[inline]
    fn fill(&mut self) {
        if let Some((head, rest)) = self.bytes.split_first_chunk::<4>()
            && self.count <= 32
        {
            self.held |= u64::from(u32::from_be_bytes(*head)) << (32 - self.count);
            self.count += 32;
            self.bytes = rest;
            return;
        }
        while self.count <= 56
            && let Some((head, rest)) = self.bytes.split_first()
        {
            self.held |= u64::from(*head) << (56 - self.count);
            self.count += 8;
            self.bytes = rest;
        }
    }

    /// Up to 32 bits.
    #[inline]
    fn take(&mut self, bits: u32) -> Option<u32> {
        if bits == 0 {
            return Some(0);
        }
        if self.count < bits {
            self.fill();
        }
        if self.count < bits {
            return None;
        }
        let value = u32::try_from(self.held >> (64 - bits)).ok()?;
        self.held <<= bits;
        self.count -= bits;
        Some(value)
    }

    #[inline]
    fn code(&mut self, k: u32) -> Option<u32> {
        if self.count <= 32 {
            self.fill();
        }
        let quotient = self.held.leading_zeros();
        if quotient >= self.count || quotient > ESCAPE {
            return None;
        }
        self.held <<= quotient + 1;
        self.count -= quotient + 1;
        if quotient == ESCAPE {
            return self.take(32);
        }
        Some((quotient << k) | self.take(k)?)
    }
}

#[cfg(test)]
#[expect(clippy::cast_possible_truncation, reason = "a made-up trace")]
mod tests {
    use super::*;

    #[test]
    fn pages_of_every_kind_and_length_come_back() {
        let noise = |n: u32| n.wrapping_mul(0x9E37_79B9).rotate_left(7);
        let kinds: [fn(u32) -> i32; 5] = [
            |_| 7,
            |n| (f64::from(n) / 9.0).sin().mul_add(900.0, f64::from(n % 3)) as i32,
            |n| {
                if n % 97 == 5 {
                    i32::MIN
                } else {
                    i32::try_from(n % 200).unwrap()
                }
            },
            |n| n.wrapping_mul(0x9E37_79B9).cast_signed(),
            |n| if n % 2 == 0 { i32::MAX } else { i32::MIN },
        ];
        for (number, kind) in kinds.iter().enumerate() {
            let all: Vec<i32> = (0..700).map(|n| kind(n + noise(n) % 2)).collect();
            for length in (0..140).chain([511, 512, 513, 700]) {
                let values = &all[..length];
                let bytes = pack_page(values);
                assert_eq!(
                    unpack_page(&bytes, length).as_deref(),
                    Some(values),
                    "{number}: {length}"
                );
                for cut in 0..bytes.len().min(60) {
                    assert_ne!(unpack_page(&bytes[..cut], length).map(|v| v.len()), Some(length + 1));
                }
            }
        }
    }

    #[test]
    fn a_smooth_trace_is_foretold() {
        let wave = |n: i32| ((f64::from(n) / 11.0).sin() * 9_000.0) as i32;
        let values: Vec<i32> = (0..4_096).map(wave).collect();
        let bytes = pack_page(&values);
        assert!(bytes.len() < 4_096 * 3 / 8, "{} bytes", bytes.len());
    }
}
