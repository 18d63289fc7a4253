//! What a wave says by itself: beats of an ECG, and how far each second of a wave can be trusted.
//!
//! **Invariant:** pure. Samples and a rate come in, findings go out: no files, no clock, no randomness. The same samples
//! give the same findings live, in review and on paper, however they were cut into blocks.

mod beats;
mod quality;

pub use beats::{Beat, BeatFinder, RATE_MIN_HZ, RateError, beats};
pub use quality::{Quality, QualityMeter, WaveClass};

/// The sample that says "no sample here".
pub const NO_SAMPLE_WIDE: i32 = i32::MIN;
