//! How late a screen is: device to screen over the last minute.

use std::collections::VecDeque;

/// Seconds that count.
const SECONDS: usize = 60;
/// One bucket a millisecond; the last holds everything later.
const BUCKETS: usize = 1_000;

/// Counts of delays by the millisecond, a histogram a second.
#[derive(Debug)]
pub struct Delays {
    seconds: VecDeque<Vec<u32>>,
}

impl Delays {
    /// No delays yet.
    pub fn new() -> Self {
        Self {
            seconds: VecDeque::from([vec![0; BUCKETS]]),
        }
    }

    /// Adds one; what is not a number counts as the latest.
    pub fn add(&mut self, ms: f32) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the cast saturates, as wanted"
        )]
        let bucket = if ms.is_finite() {
            (ms as usize).min(BUCKETS - 1)
        } else {
            BUCKETS - 1
        };
        if let Some(count) = self.seconds.back_mut().and_then(|s| s.get_mut(bucket)) {
            *count = count.saturating_add(1);
        }
    }

    /// A second is over.
    pub fn second(&mut self) {
        if self.seconds.len() >= SECONDS {
            self.seconds.pop_front();
        }
        self.seconds.push_back(vec![0; BUCKETS]);
    }

    /// How many.
    pub fn count(&self) -> u32 {
        self.seconds.iter().flatten().fold(0, |sum, n| sum.saturating_add(*n))
    }

    /// The delay, ms, that `part` of all do not exceed; `None` without any. Rounded up to the millisecond.
    pub fn quantile(&self, part: f64) -> Option<f32> {
        let total = self.count();
        if total == 0 {
            return None;
        }
        let rank = (part * f64::from(total)).ceil().max(1.0);
        let mut seen = 0.0;
        for bucket in 0..BUCKETS {
            seen += self
                .seconds
                .iter()
                .filter_map(|s| s.get(bucket))
                .map(|n| f64::from(*n))
                .sum::<f64>();
            if seen >= rank {
                return u16::try_from(bucket + 1).ok().map(f32::from);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_last_minute() {
        let mut delays = Delays::new();
        assert_eq!(delays.quantile(0.5), None);
        delays.add(f32::NAN);
        for _ in 0..SECONDS {
            delays.second();
        }
        for ms in 0_u8..100 {
            delays.add(f32::from(ms) + 0.5);
        }
        assert_eq!(delays.count(), 100);
        assert_eq!(delays.quantile(0.5), Some(50.0));
        assert_eq!(delays.quantile(0.99), Some(99.0));
    }
}
