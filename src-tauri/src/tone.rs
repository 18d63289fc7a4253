//! The sounds of the three priorities, as samples. Values inside the published ranges of IEC 60601-1-8.

use std::time::Duration;

use model::Priority;

/// Samples a second.
pub const RATE_HZ: u32 = 48_000;

/// How one priority sounds.
#[derive(Clone, Copy, Debug)]
struct Pattern {
    /// Length of a pulse, ms (high 75-200, others 125-250).
    pulse_ms: u32,
    /// Silence after each pulse of a burst, ms.
    gaps_ms: &'static [u32],
    /// Fundamental, Hz (150-1,000).
    fundamental_hz: f32,
    /// From the end of a burst to the start of the next, ms.
    repeat_ms: u32,
}

const fn pattern(priority: Priority) -> Pattern {
    match priority {
        // Five pulses in the rhythm 3-2, a longer gap, and the five again. Between the third and the fourth:
        // twice the spacing and a pulse.
        Priority::High => Pattern {
            pulse_ms: 150,
            gaps_ms: &[100, 100, 350, 100, 700, 100, 100, 350, 100, 0],
            fundamental_hz: 523.25,
            repeat_ms: 3_000,
        },
        Priority::Medium => Pattern {
            pulse_ms: 200,
            gaps_ms: &[200, 200, 0],
            fundamental_hz: 440.0,
            repeat_ms: 8_000,
        },
        Priority::Low => Pattern {
            pulse_ms: 200,
            gaps_ms: &[200, 0],
            fundamental_hz: 349.23,
            repeat_ms: 20_000,
        },
    }
}

/// Relative strength of the fundamental and its harmonics: each within 15 dB of the fundamental, and those of 300 to
/// 4,000 Hz are at least four, so that an ear with a loss at one pitch still hears the others.
const HARMONICS: [f32; 6] = [1.0, 0.8, 0.6, 0.5, 0.4, 0.3];
/// Rise and fall, as a part of the pulse (10-20 %).
const RISE: f32 = 0.15;
/// Peak level; the sum of the harmonics must not clip.
const LEVEL: f32 = 0.8;

/// One burst, mono, in -1 to 1.
pub fn burst(priority: Priority) -> Vec<f32> {
    let pattern = pattern(priority);
    let pulse = pulse(pattern.fundamental_hz, samples(pattern.pulse_ms));
    let mut burst = Vec::new();
    for gap_ms in pattern.gaps_ms {
        burst.extend_from_slice(&pulse);
        burst.resize(burst.len() + samples(*gap_ms), 0.0);
    }
    burst
}

/// From the start of a burst to its end.
pub fn length(priority: Priority) -> Duration {
    let pattern = pattern(priority);
    let burst_ms: u32 = pattern.gaps_ms.iter().map(|gap| gap + pattern.pulse_ms).sum();
    Duration::from_millis(u64::from(burst_ms))
}

/// From the start of a burst to the start of the next.
pub fn period(priority: Priority) -> Duration {
    length(priority) + Duration::from_millis(u64::from(pattern(priority).repeat_ms))
}

const fn samples(ms: u32) -> usize {
    (ms * (RATE_HZ / 1_000)) as usize
}

#[expect(clippy::cast_precision_loss, reason = "a pulse has fewer than 2^24 samples")]
fn pulse(fundamental_hz: f32, count: usize) -> Vec<f32> {
    let total: f32 = HARMONICS.iter().sum();
    let rise = count as f32 * RISE;
    (0..count)
        .map(|i| {
            let at = i as f32 / RATE_HZ as f32;
            let wave: f32 = HARMONICS
                .iter()
                .zip(1_u8..)
                .map(|(strength, n)| strength * (std::f32::consts::TAU * fundamental_hz * f32::from(n) * at).sin())
                .sum();
            let from_edge = (i as f32).min((count - 1 - i) as f32);
            LEVEL / total * wave * (from_edge / rise).min(1.0)
        })
        .collect()
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "counts of samples below 2^24")]
mod tests {
    use super::*;

    /// Start and length of every pulse, in ms, measured from the samples: a pulse ends where 10 ms are silent.
    fn pulses(burst: &[f32]) -> Vec<(usize, usize)> {
        let quiet = samples(10);
        let mut found: Vec<(usize, usize)> = Vec::new();
        for (i, s) in burst.iter().enumerate().filter(|(_, s)| s.abs() > 1e-4) {
            assert!(s.abs() <= 1.0);
            match found.last_mut() {
                Some((_, end)) if i - *end < quiet => *end = i,
                _ => found.push((i, i)),
            }
        }
        let ms = |n: usize| (n * 1_000).div_ceil(RATE_HZ as usize);
        found
            .into_iter()
            .map(|(start, end)| (ms(start), ms(end - start)))
            .collect()
    }

    #[test]
    fn a_high_burst_is_ten_pulses_in_the_rhythm_three_two() {
        let pulses = pulses(&burst(Priority::High));
        assert_eq!(pulses.len(), 10);
        assert!(
            pulses.iter().all(|(_, length)| (140..=150).contains(length)),
            "{pulses:?}"
        );
        let spacing: Vec<usize> = pulses.windows(2).map(|p| p[1].0 - p[0].0).collect();
        for (measured, wanted) in spacing.iter().zip([250, 250, 500, 250, 850, 250, 250, 500, 250]) {
            assert!(measured.abs_diff(wanted) <= 2, "{spacing:?}");
        }
    }

    #[test]
    fn medium_is_three_pulses_and_low_two() {
        assert_eq!(pulses(&burst(Priority::Medium)).len(), 3);
        assert_eq!(pulses(&burst(Priority::Low)).len(), 2);
    }

    #[test]
    fn bursts_repeat_inside_the_published_ranges() {
        let silence = |p| period(p).as_secs_f32() - burst(p).len() as f32 / RATE_HZ as f32;
        assert!((2.5..=15.0).contains(&silence(Priority::High)));
        assert!((2.5..=30.0).contains(&silence(Priority::Medium)));
        assert!(silence(Priority::Low) > 15.0);
    }

    #[test]
    fn at_least_four_harmonics_lie_in_the_band_and_within_15_db() {
        for priority in [Priority::High, Priority::Medium, Priority::Low] {
            let fundamental = pattern(priority).fundamental_hz;
            let steady = &burst(priority)[samples(40)..samples(120)];
            let strength = |hz: f32| {
                let (mut re, mut im) = (0.0_f32, 0.0_f32);
                for (i, s) in steady.iter().enumerate() {
                    let angle = std::f32::consts::TAU * hz * i as f32 / RATE_HZ as f32;
                    re += s * angle.cos();
                    im += s * angle.sin();
                }
                re.hypot(im)
            };
            let base = strength(fundamental);
            let in_band = (1..=12)
                .map(|n| n as f32 * fundamental)
                .filter(|hz| (300.0..=4_000.0).contains(hz))
                .filter(|hz| 20.0 * (strength(*hz) / base).log10() >= -15.0)
                .count();
            assert!((150.0..=1_000.0).contains(&fundamental));
            assert!(in_band >= 4, "{priority:?} has {in_band}");
        }
    }
}
