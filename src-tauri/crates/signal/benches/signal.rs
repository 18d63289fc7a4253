//! How many times faster than it happens one lead is searched for beats, and one wave judged.
//!
//! The lead is made up, half an hour of it, with noise: a beat has to be looked for. The ratio is of wall time, the best
//! of nine rounds: other work on the machine only makes a round longer.

use std::time::{Duration, Instant};

use model::SampleRate;

const SECONDS: u32 = 1_800;
const ROUNDS: usize = 9;

fn main() {
    println!("half an hour of one ECG lead, times real time");
    for hertz in [125, 250, 360, 500, 1_000] {
        let (wave, Ok(rate)) = (lead(hertz), SampleRate::new(hertz, 1)) else {
            continue;
        };
        let mut count = 0;
        let best = best(|| count = signal::beats(rate, Some(0.005), &wave).map_or(0, |beats| beats.len()));
        println!("  beats    {hertz:>5} Hz  {:>9.0} x   {count} beats", times(best));
    }
    divan::main();
}

fn times(one: Duration) -> f64 {
    f64::from(SECONDS) / one.as_secs_f64()
}

fn best(mut round: impl FnMut()) -> Duration {
    let one = |()| {
        let began = Instant::now();
        round();
        began.elapsed()
    };
    std::iter::repeat_n((), ROUNDS).map(one).min().unwrap_or_default()
}

/// Beats of 1 mV every 0.8 s on a wandering baseline, with noise of four steps.
fn lead(hertz: u32) -> Vec<i32> {
    let mut noise = 1_u64;
    let samples = 0..u64::from(hertz) * u64::from(SECONDS);
    let value = |n: u64| {
        #[expect(clippy::cast_precision_loss, reason = "a made-up trace")]
        let seconds = n as f64 / f64::from(hertz);
        let off = |after: f64, wide: f64| ((seconds / 0.8).fract() * 0.8 - after) / wide;
        let hump = |off: f64| (-0.5 * off * off).exp();
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let wander = 100.0 * (seconds * 0.25).sin();
        let value = 200.0 * hump(off(0.3, 0.011)) + 50.0 * hump(off(0.57, 0.045)) + wander;
        #[expect(clippy::cast_possible_truncation, reason = "a made-up trace")]
        let value = value as i32;
        value + i32::try_from(noise >> 62).unwrap_or(0)
    };
    samples.map(value).collect()
}

/// What 250 ms of a live lead cost.
#[divan::bench(args = [250, 500])]
fn a_live_block(bencher: divan::Bencher<'_, '_>, hertz: u32) {
    let (wave, Ok(rate)) = (lead(hertz), SampleRate::new(hertz, 1)) else {
        return;
    };
    let Ok(mut finder) = signal::BeatFinder::new(rate, Some(0.005)) else {
        return;
    };
    let block = usize::try_from(hertz / 4).unwrap_or(1);
    let mut blocks = wave.chunks_exact(block).cycle();
    let mut beats = Vec::new();
    bencher.bench_local(|| {
        beats.clear();
        finder.push(blocks.next().unwrap_or_default(), &mut beats);
        beats.len()
    });
}
