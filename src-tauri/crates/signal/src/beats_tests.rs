//! Stories of made-up leads, and laws.
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what makes the leads up is a test as well"
)]

use model::SampleRate;
use proptest::prelude::*;

use crate::{Beat, BeatFinder, NO_SAMPLE_WIDE, beats};

/// A lead of one step a microvolt: what is written into it, second by second.
#[derive(Debug)]
struct Lead {
    hertz: f64,
    wave: Vec<f64>,
}

/// A wave of a beat: when (s from the R peak), how wide (s, one deviation), how tall (mV).
type Hump = (f64, f64, f64);

const NORMAL: [Hump; 5] = [
    (-0.17, 0.022, 0.12),
    (-0.028, 0.009, -0.1),
    (0.0, 0.011, 1.0),
    (0.03, 0.010, -0.2),
    (0.27, 0.045, 0.25),
];

impl Lead {
    fn new(hertz: f64, seconds: f64) -> Self {
        Self {
            hertz,
            wave: vec![0.0; (hertz * seconds) as usize],
        }
    }

    fn beat(&mut self, at: f64, humps: &[Hump], tall: f64) -> &mut Self {
        for &(after, wide, height) in humps {
            let from = (((at + after - 4.0 * wide) * self.hertz).max(0.0)) as usize;
            let to = (((at + after + 4.0 * wide) * self.hertz).max(0.0) as usize).min(self.wave.len());
            for n in from..to {
                let off = (n as f64 / self.hertz - at - after) / wide;
                self.wave[n] += tall * height * (-0.5 * off * off).exp();
            }
        }
        self
    }

    fn every(&mut self, (from, to): (f64, f64), interval: f64, humps: &[Hump], tall: f64) -> Vec<f64> {
        let count = ((to - from) / interval).floor() as u32;
        let times: Vec<f64> = (0..count).map(|n| from + f64::from(n) * interval).collect();
        for at in &times {
            self.beat(*at, humps, tall);
        }
        times
    }

    fn add(&mut self, wave: impl Fn(f64) -> f64) -> &mut Self {
        for (n, value) in self.wave.iter_mut().enumerate() {
            *value += wave(n as f64 / self.hertz);
        }
        self
    }

    /// Noise without a pattern, so many millivolts in each direction.
    fn noise(&mut self, (from, to): (f64, f64), millivolts: f64) -> &mut Self {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        for n in (from * self.hertz) as usize..(to * self.hertz) as usize {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            self.wave[n] += ((state >> 40) as f64 / f64::from(1 << 23) - 1.0) * millivolts;
        }
        self
    }

    fn steps(&self) -> Vec<i32> {
        self.wave.iter().map(|mv| (mv * 1_000.0).round() as i32).collect()
    }

    fn rate(&self) -> SampleRate {
        SampleRate::from_hertz(self.hertz).unwrap()
    }

    fn found(&self) -> Vec<f64> {
        self.found_in(&self.steps())
    }

    fn found_in(&self, steps: &[i32]) -> Vec<f64> {
        let found = beats(self.rate(), Some(0.001), steps).unwrap();
        found.iter().map(|b| b.at as f64 / self.hertz).collect()
    }
}

/// Both lists hold the same times, within so many seconds.
#[track_caller]
fn same(found: &[f64], wanted: &[f64], within: f64) {
    let lost: Vec<_> = wanted
        .iter()
        .filter(|w| !found.iter().any(|f| (*f - **w).abs() <= within))
        .collect();
    let invented: Vec<_> = found
        .iter()
        .filter(|f| !wanted.iter().any(|w| (**f - *w).abs() <= within))
        .collect();
    assert!(
        lost.is_empty() && invented.is_empty(),
        "lost {lost:?}, invented {invented:?}"
    );
    assert_eq!(found.len(), wanted.len());
}

#[test]
fn at_any_rate_each_beat_stands_at_its_r_peak() {
    for hertz in [
        100.0, 125.0, 128.0, 200.0, 250.0, 257.0, 360.0, 500.0, 512.0, 1_000.0, 2_000.0, 100_000.0,
    ] {
        let seconds = if hertz > 10_000.0 { 10.0 } else { 60.0 };
        let mut lead = Lead::new(hertz, seconds);
        let times = lead.every((0.31, seconds - 0.2), 0.8, &NORMAL, 1.0);
        // At the highest rates the top is flat to the microvolt.
        same(&lead.found(), &times, f64::max(1.01 / hertz, 0.000_5));
    }
}

#[test]
fn from_20_to_250_a_minute() {
    for rate in [20.0, 30.0, 45.0, 100.0, 150.0, 200.0, 250.0] {
        let interval = 60.0 / rate;
        let mut lead = Lead::new(250.0, 120.0);
        // A T wave comes sooner after a short interval.
        let humps = NORMAL.map(|(after, wide, tall)| {
            let near = f64::min(1.0, interval / 0.7);
            (after * near, wide * if after.abs() > 0.1 { near } else { 1.0 }, tall)
        });
        let times = lead.every((0.5, 119.5), interval, &humps, 1.0);
        same(&lead.found(), &times, 0.01);
    }
}

#[test]
fn a_t_wave_as_tall_as_its_beat_is_no_beat() {
    let mut lead = Lead::new(250.0, 60.0);
    let humps = [NORMAL[0], NORMAL[1], NORMAL[2], NORMAL[3], (0.27, 0.045, 1.0)];
    let times = lead.every((0.5, 59.0), 0.9, &humps, 1.0);
    same(&lead.found(), &times, 0.01);
}

#[test]
fn a_wandering_baseline_and_the_mains_change_nothing() {
    for mains in [50.0, 60.0] {
        let mut lead = Lead::new(500.0, 60.0);
        let times = lead.every((0.5, 59.0), 0.75, &NORMAL, 0.5);
        let turn = std::f64::consts::TAU;
        lead.add(|t| 1.5 * (turn * 0.3 * t).sin() + 0.3 * (turn * mains * t).sin());
        same(&lead.found(), &times, 0.02);
    }
}

#[test]
fn small_beats_in_noise_are_found() {
    let mut lead = Lead::new(250.0, 60.0);
    let times = lead.every((0.5, 59.0), 0.8, &NORMAL, 0.3);
    lead.noise((0.0, 60.0), 0.05);
    same(&lead.found(), &times, 0.025);
}

#[test]
fn of_two_thousand_beats_in_noise_none_is_lost() {
    // Peaks of the noise stand at all distances before the beats, also at the very one at which two peaks are apart.
    for hertz in [125.0, 360.0] {
        let mut lead = Lead::new(hertz, 1_800.0);
        let times = lead.every((0.5, 1_799.0), 0.8, &[NORMAL[2], NORMAL[4]], 1.0);
        lead.noise((0.0, 1_800.0), 0.01);
        same(&lead.found(), &times, 0.02);
    }
}

#[test]
fn no_beat_where_there_is_none() {
    let mut lead = Lead::new(250.0, 60.0);
    assert!(lead.found().is_empty(), "a flat line");
    lead.noise((0.0, 60.0), 0.03);
    assert!(lead.found().is_empty(), "the noise of an amplifier");
    let mut p_waves = Lead::new(250.0, 60.0);
    p_waves.every((0.5, 59.0), 0.8, &[NORMAL[0]], 1.0);
    assert!(p_waves.found().is_empty(), "P waves alone");
}

#[test]
fn a_pause_is_a_pause_and_p_waves_in_it_are_no_beats() {
    let mut lead = Lead::new(250.0, 90.0);
    let mut times = lead.every((0.5, 30.0), 0.8, &NORMAL, 1.0);
    lead.every((30.5, 59.5), 0.8, &[NORMAL[0]], 1.0);
    times.extend(lead.every((60.1, 89.0), 0.8, &NORMAL, 1.0));
    lead.noise((0.0, 90.0), 0.02);
    same(&lead.found(), &times, 0.01);
}

#[test]
fn a_lead_that_shrinks_to_a_third_is_counted_on() {
    let mut lead = Lead::new(250.0, 90.0);
    let mut times = lead.every((0.5, 40.0), 0.8, &NORMAL, 1.0);
    times.extend(lead.every((40.3, 89.0), 0.8, &NORMAL, 0.33));
    same(&lead.found(), &times, 0.01);
}

#[test]
fn premature_wide_beats_are_beats() {
    let mut lead = Lead::new(250.0, 120.0);
    let wide: [Hump; 2] = [(0.0, 0.035, 1.4), (0.22, 0.06, -0.6)];
    let mut times = Vec::new();
    for n in 0..70 {
        let at = 0.6 + f64::from(n) * 1.7;
        lead.beat(at, &NORMAL, 1.0).beat(at + 0.5, &wide, 1.0);
        times.extend([at, at + 0.5]);
    }
    same(&lead.found(), &times, 0.02);
}

#[test]
fn a_paced_beat_is_one_beat() {
    for spike in [1.0, 5.0, -20.0] {
        let mut lead = Lead::new(1_000.0, 60.0);
        let wide: [Hump; 2] = [(0.08, 0.03, 1.2), (0.33, 0.05, -0.4)];
        let times = lead.every((0.5, 59.0), 1.0, &wide, 1.0);
        for at in &times {
            let n = (at * 1_000.0) as usize;
            lead.wave[n] += spike;
            lead.wave[n + 1] += spike;
        }
        same(&lead.found(), &times, 0.15);
    }
}

#[test]
fn after_artefact_it_counts_again_within_ten_seconds() {
    let mut lead = Lead::new(250.0, 120.0);
    let times = lead.every((0.5, 119.0), 0.8, &NORMAL, 1.0);
    lead.noise((40.0, 46.0), 8.0);
    let found = lead.found();
    let part = |list: &[f64], from: f64, to: f64| -> Vec<f64> {
        list.iter().copied().filter(|t| (from..to).contains(t)).collect()
    };
    same(&part(&found, 0.0, 39.8), &part(&times, 0.0, 39.8), 0.01);
    same(&part(&found, 56.0, 119.0), &part(&times, 56.0, 119.0), 0.01);
}

#[test]
fn a_lead_that_falls_off_gives_no_beat_and_comes_back() {
    let mut lead = Lead::new(250.0, 120.0);
    let times = lead.every((0.5, 119.0), 0.8, &NORMAL, 1.0);
    let mut steps = lead.steps();
    steps[40 * 250..52 * 250].fill(NO_SAMPLE_WIDE);
    for step in &mut steps[52 * 250..] {
        *step += 5_000;
    }
    let found = lead.found_in(&steps);
    let wanted: Vec<f64> = times.into_iter().filter(|t| !(39.95..52.05).contains(t)).collect();
    same(&found, &wanted, 0.01);
}

#[test]
fn a_missed_beat_is_looked_back_for_and_says_so() {
    let mut lead = Lead::new(250.0, 60.0);
    let times = lead.every((0.5, 59.0), 0.8, &NORMAL, 1.0);
    let small = times[30];
    lead.beat(small, &NORMAL, -0.77);
    let found = beats(lead.rate(), Some(0.001), &lead.steps()).unwrap();
    same(
        &found.iter().map(|b| b.at as f64 / 250.0).collect::<Vec<_>>(),
        &times,
        0.01,
    );
    let looked_back: Vec<_> = found.iter().filter(|b| b.is_looked_back).collect();
    assert_eq!(looked_back.len(), 1, "{looked_back:?}");
    assert!((looked_back[0].at as f64 / 250.0 - small).abs() < 0.01);
}

#[test]
fn too_few_samples_a_second_are_said() {
    let error = beats(SampleRate::new(125, 2).unwrap(), None, &[]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "62.5 samples a second are too few to find beats; 80 are needed"
    );
}

fn some_lead() -> impl Strategy<Value = Lead> {
    (
        prop::sample::select(vec![100.0, 125.0, 250.0, 360.0, 500.0, 1_000.0]),
        0.3_f64..1.6,
        0.2_f64..3.0,
        0.0_f64..0.2,
    )
        .prop_map(|(hertz, interval, tall, noise)| {
            let mut lead = Lead::new(hertz, 20.0);
            lead.every((0.3, 19.5), interval, &NORMAL, tall);
            lead.noise((0.0, 20.0), noise);
            lead
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_offset_an_inverted_lead_and_another_gain_give_the_same_beats(
        lead in some_lead(), offset in -1_000_000_i32..1_000_000, gain in 1_i32..50
    ) {
        let steps = lead.steps();
        let found = beats(lead.rate(), Some(0.001), &steps).unwrap();
        let other = |change: &dyn Fn(i32) -> i32, step| {
            let steps: Vec<i32> = steps.iter().map(|s| change(*s)).collect();
            beats(lead.rate(), Some(step), &steps).unwrap()
        };
        prop_assert_eq!(&other(&|s| s + offset, 0.001), &found);
        prop_assert_eq!(&other(&|s| s * gain, 0.001 / f64::from(gain)), &found);
        // Of two samples alike the first is the top, upright or inverted.
        prop_assert_eq!(&other(&|s| -s, 0.001), &found);
    }

    #[test]
    fn however_the_wave_is_cut_the_beats_are_the_same(
        lead in some_lead(), cuts in prop::collection::vec(1_usize..700, 1..20), hole in 0_usize..1_900
    ) {
        let mut steps = lead.steps();
        steps[hole..hole + 50].fill(NO_SAMPLE_WIDE);
        let whole = beats(lead.rate(), Some(0.001), &steps).unwrap();
        let mut finder = BeatFinder::new(lead.rate(), Some(0.001)).unwrap();
        let (mut found, mut rest, mut cuts) = (Vec::new(), steps.as_slice(), cuts.iter().cycle());
        while !rest.is_empty() {
            let (now, later) = rest.split_at((*cuts.next().unwrap()).min(rest.len()));
            finder.push(now, &mut found);
            rest = later;
        }
        finder.finish(&mut found);
        prop_assert_eq!(found, whole);
    }

    #[test]
    fn any_samples_at_all_give_beats_in_order_inside_the_wave(
        samples in prop::collection::vec(prop_oneof![
            4 => -3_000_i32..3_000,
            1 => any::<i32>(),
            1 => Just(NO_SAMPLE_WIDE),
            1 => Just(i32::MAX),
        ], 0..6_000),
        repeat in 1_usize..200,
        hertz in 80_u32..100_000
    ) {
        let samples: Vec<i32> = samples.iter().flat_map(|s| std::iter::repeat_n(*s, repeat)).take(60_000).collect();
        let found = beats(SampleRate::new(hertz, 1).unwrap(), None, &samples).unwrap();
        prop_assert!(found.is_sorted_by(|a: &Beat, b: &Beat| a.at < b.at));
        prop_assert!(found.iter().all(|b| (b.at as usize) < samples.len()));
    }
}
