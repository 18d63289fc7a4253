//! Stories of single waves, and laws for all of them.
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "what makes the waves up is a test as well"
)]

use proptest::prelude::*;

use super::*;
use Quality::{Clipped, Flat, Good, Missing, Noisy};

const HERTZ: u32 = 250;

fn meter(class: WaveClass) -> QualityMeter {
    // A step of an ECG is 5 microvolts, of a pressure a tenth of a millimetre.
    let step = if class == WaveClass::Ecg { 0.005 } else { 0.1 };
    QualityMeter::new(class, SampleRate::new(HERTZ, 1).unwrap(), step, Some((-2_048, 2_047)))
}

fn judged(class: WaveClass, samples: &[i32]) -> Vec<Quality> {
    let mut found = Vec::new();
    meter(class).push(samples, &mut found);
    found
}

fn wave(seconds: u32, of: impl Fn(f64) -> f64) -> Vec<i32> {
    (0..seconds * HERTZ)
        .map(|n| of(f64::from(n) / f64::from(HERTZ)).round() as i32)
        .collect()
}

/// Steps of a beat, `rate` a minute.
fn ecg(t: f64, rate: f64) -> f64 {
    let phase = (t * rate / 60.0).fract() * 60.0 / rate;
    let hump = |at: f64, wide: f64| (-0.5 * ((phase - at) / wide).powi(2)).exp();
    200.0 * hump(0.15, 0.011) + 25.0 * hump(0.05, 0.02) + 50.0 * hump(0.15 + 0.1 * 60.0 / rate, 0.03)
}

fn turning(t: f64, hertz: f64) -> f64 {
    (t * hertz * std::f64::consts::TAU).sin()
}

fn some_noise(n: usize) -> f64 {
    let mixed = (n as u64 ^ 0x5851_F42D).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((mixed >> 32) as f64 / f64::from(1_u32 << 31)) - 1.0
}

#[test]
fn an_ecg_at_any_rate_is_good() {
    for rate in [50.0, 75.0, 150.0, 240.0] {
        let found = judged(WaveClass::Ecg, &wave(20, |t| ecg(t, rate)));
        assert_eq!(found, [Good; 20], "{rate}");
    }
}

#[test]
fn a_flat_line_is_found_within_one_second_of_itself() {
    for class in [
        WaveClass::Ecg,
        WaveClass::Pleth,
        WaveClass::Pressure,
        WaveClass::Respiration,
    ] {
        let found = judged(
            class,
            &wave(6, |t| if t < 3.0 { 600.0 * turning(t, 1.5) } else { 300.0 }),
        );
        assert_eq!(found, [Good, Good, Good, Flat, Flat, Flat], "{class:?}");
    }
}

#[test]
fn an_amplifier_without_a_patient_is_flat() {
    // Three steps of 5 microvolts.
    let found = judged(WaveClass::Ecg, &wave(3, |t| 1.5 * turning(t, 31.0)));
    assert_eq!(found, [Flat; 3]);
}

#[test]
fn an_airway_between_two_breaths_is_not_flat() {
    assert_eq!(judged(WaveClass::Gas, &wave(3, |_| 0.0)), [Good; 3]);
}

#[test]
fn what_stands_at_an_end_of_the_scale_is_clipped() {
    let tall = |t: f64| (4_000.0 * turning(t, 1.2)).clamp(-2_048.0, 2_047.0);
    assert_eq!(judged(WaveClass::Pleth, &wave(4, tall)), [Clipped; 4]);
    assert_eq!(judged(WaveClass::Ecg, &vec![2_047; 500]), [Clipped; 2]);
}

#[test]
fn muscles_and_mains_in_an_ecg_are_noise() {
    let muscles: Vec<i32> = wave(5, |t| ecg(t, 75.0))
        .iter()
        .enumerate()
        .map(|(n, s)| s + (60.0 * some_noise(n)) as i32)
        .collect();
    assert_eq!(judged(WaveClass::Ecg, &muscles), [Noisy; 5]);
    let mains = wave(5, |t| ecg(t, 75.0) + 40.0 * turning(t, 50.0));
    assert_eq!(judged(WaveClass::Ecg, &mains), [Noisy; 5]);
}

#[test]
fn a_tremor_too_small_to_measure_by_is_good() {
    let mains = wave(5, |t| ecg(t, 75.0) + 8.0 * turning(t, 50.0));
    assert_eq!(judged(WaveClass::Ecg, &mains), [Good; 5]);
}

#[test]
fn a_catheter_that_is_flushed_is_noise() {
    let flushed = wave(3, |t| {
        if (1.2..1.8).contains(&t) {
            1_990.0
        } else {
            -900.0 + 200.0 * turning(t, 1.2)
        }
    });
    assert_eq!(judged(WaveClass::Pressure, &flushed), [Good, Noisy, Good]);
}

#[test]
fn a_probe_that_is_shaken_is_noise() {
    let shaken = wave(6, |t| {
        if t < 3.0 {
            400.0 * turning(t, 1.2)
        } else {
            400.0 * turning(t, 15.0)
        }
    });
    assert_eq!(
        judged(WaveClass::Pleth, &shaken),
        [Good, Good, Good, Noisy, Noisy, Noisy]
    );
}

#[test]
fn half_of_the_samples_are_enough() {
    let mut samples = wave(2, |t| ecg(t, 75.0));
    for sample in samples.iter_mut().take(130) {
        *sample = NO_SAMPLE_WIDE;
    }
    assert_eq!(judged(WaveClass::Ecg, &samples), [Missing, Good]);
    assert_eq!(meter(WaveClass::Ecg).second(&[], 250), Missing);
}

#[test]
fn seconds_of_a_broken_rate_stay_in_step() {
    let rate = SampleRate::new(125, 2).unwrap();
    let mut meter = QualityMeter::new(WaveClass::Respiration, rate, 1.0, None);
    let mut found = Vec::new();
    for n in 0..1_250 {
        meter.push(&[n % 40], &mut found);
    }
    assert_eq!(found.len(), 20);
}

fn some_wave() -> impl Strategy<Value = Vec<i32>> {
    (0.5_f64..30.0, 0.0_f64..1_000.0, 0.0_f64..200.0).prop_map(|(hertz, tall, noise)| {
        let wave = wave(4, |t| tall * turning(t, hertz));
        wave.iter()
            .enumerate()
            .map(|(n, s)| (s + (noise * some_noise(n)) as i32).clamp(-1_500, 1_500))
            .collect()
    })
}

proptest! {
    #[test]
    fn an_offset_and_an_inverted_wave_are_as_good(
        samples in some_wave(), offset in -500_i32..500,
        class in prop::sample::select(vec![WaveClass::Ecg, WaveClass::Pleth, WaveClass::Pressure, WaveClass::Respiration])
    ) {
        let found = judged(class, &samples);
        let moved: Vec<i32> = samples.iter().map(|s| s + offset).collect();
        prop_assert_eq!(&judged(class, &moved), &found);
        let inverted: Vec<i32> = samples.iter().map(|s| -s).collect();
        prop_assert_eq!(&judged(class, &inverted), &found);
    }

    #[test]
    fn any_samples_in_any_blocks_give_a_word_a_second(
        samples in prop::collection::vec(prop_oneof![any::<i32>(), Just(NO_SAMPLE_WIDE), -100_i32..100], 0..2_000),
        block in 1_usize..400
    ) {
        let whole = judged(WaveClass::Ecg, &samples);
        prop_assert_eq!(whole.len(), samples.len() / 250);
        let mut meter = meter(WaveClass::Ecg);
        let mut found = Vec::new();
        for block in samples.chunks(block) {
            meter.push(block, &mut found);
        }
        prop_assert_eq!(found, whole);
    }
}
