//! What the devices send, whoever listens: a minute of waves, made once and sent round and round.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A turn: one message with a block of each wave. Every fourth brings the numbers as well.
pub const TURN: Duration = Duration::from_millis(250);
/// Turns after which a bed's waves begin again: a minute.
const TURNS: u32 = 240;
/// Waves that differ between beds: a few, so that they fit the processor's cache.
const LOOPS: u32 = 4;

/// A wave that is sent.
pub struct Channel {
    /// Its name in the feed protocol.
    pub metric: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// Its name at the peer.
    pub peer: &'static str,
    /// Samples in two seconds.
    pub in_two_seconds: u32,
}

/// All that are sent.
pub const CHANNELS: [Channel; 4] = [
    channel("ECG_II", "mV", "ECG_II", 500),
    channel("ECG_V1", "mV", "ECG_V", 500),
    channel("PLETH", "1", "PLETH", 250),
    channel("RESP", "1", "RESP", 125),
];

const fn channel(metric: &'static str, unit: &'static str, peer: &'static str, in_two_seconds: u32) -> Channel {
    Channel {
        metric,
        unit,
        peer,
        in_two_seconds,
    }
}

/// What one bed sends in one turn.
#[derive(Default)]
pub struct Turn {
    /// A JSON array of blocks.
    pub blocks: String,
    /// How many samples that is.
    pub samples: usize,
}

/// Every turn, for a few beds.
pub struct Loops(Vec<Vec<Turn>>);

impl Loops {
    /// `block` puts the samples of one channel, which are numbers with commas between, into the receiver's words.
    pub fn new(block: impl Fn(usize, &Channel, &str) -> String) -> Self {
        Self((0..LOOPS).map(|seed| minute(seed, &block)).collect())
    }

    /// One turn of one bed.
    pub fn turn(&self, bed: u16, turn: u32) -> Option<&Turn> {
        self.0
            .get(usize::from(bed) % self.0.len())?
            .get((turn % TURNS) as usize)
    }
}

/// The moment of a bed's first turn after its connection: beds take turns, as devices do that nobody starts together.
pub fn phase(bed: u16, beds: u16) -> Duration {
    TURN * u32::from(bed) / u32::from(beds)
}

/// The wall clock, in microseconds since the epoch.
#[expect(
    clippy::disallowed_methods,
    reason = "devices and viewers of one machine stamp by its wall clock; nothing is alerted here"
)]
pub fn now_us() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// Beats, pulses and breaths with a little noise, so that they compress as real ones do.
fn minute(seed: u32, block: &impl Fn(usize, &Channel, &str) -> String) -> Vec<Turn> {
    let mut dice = seed.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
    (0..TURNS)
        .map(|turn| {
            let mut sum = 0;
            let blocks: Vec<String> = CHANNELS
                .iter()
                .enumerate()
                .map(|(index, channel)| {
                    let rate = channel.in_two_seconds;
                    let samples: Vec<String> = (turn * rate / 8..(turn + 1) * rate / 8)
                        .map(|at| {
                            dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                            let noise = f64::from(dice >> 29) - 3.5;
                            let seconds = f64::from(at) * 2.0 / f64::from(rate);
                            whole(shape(index, seconds) + noise).to_string()
                        })
                        .collect();
                    sum += samples.len();
                    block(index, channel, &samples.join(","))
                })
                .collect();
            Turn {
                blocks: format!("[{}]", blocks.join(",")),
                samples: sum,
            }
        })
        .collect()
}

/// The nearest step. As text of an integer there is no "-0", which most readers of JSON take for a fraction.
#[expect(clippy::cast_possible_truncation, reason = "shapes stay within 1,000 steps")]
fn whole(value: f64) -> i32 {
    value.round() as i32
}

/// In steps of the device: 72 beats and 14 breaths a minute.
fn shape(channel: usize, seconds: f64) -> f64 {
    let beat = (seconds * 1.2).fract();
    let bump = |place: f64, width: f64, height: f64| height * (-((beat - place) / width).powi(2)).exp();
    match channel {
        0 => bump(0.12, 0.025, 25.0) + bump(0.30, 0.012, 220.0) - bump(0.33, 0.012, 50.0) + bump(0.55, 0.05, 55.0),
        1 => bump(0.12, 0.025, 12.0) + bump(0.30, 0.012, 60.0) - bump(0.33, 0.014, 160.0) + bump(0.55, 0.05, 20.0),
        2 => bump(0.45, 0.10, 900.0) + bump(0.68, 0.12, 320.0),
        _ => 600.0 * (seconds * std::f64::consts::TAU * 14.0 / 60.0).sin(),
    }
}
