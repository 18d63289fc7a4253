//! Chunks that are still open, and when each closes.

use std::collections::VecDeque;

use model::{Numeric, SampleArray, Timeliness};

use crate::codec::{ITEMS_MAX, NumbersHead, Value, WaveHead, position};
use crate::tail::{ChunkKey, SPAN_MAX_US};

/// Waves: 10 s. At 250 Hz that is 2,500 samples; 60 s would save 2 % of the bytes and hold six times the tail.
pub(crate) const WAVE_SPAN_US: i64 = 10_000_000;
/// Numerics: two minutes, 120 values a second apart.
pub(crate) const NUMBERS_SPAN_US: i64 = 120_000_000;
/// Values in one chunk of numerics: a device that sends 34 a second for two minutes.
const VALUES_MAX: usize = 4_096;
/// Samples in one wave chunk; the block that passes it is still taken whole.
const SAMPLES_MAX: usize = ITEMS_MAX / 2;
/// A device clock that moves against the station's by more than this ends a chunk, in microseconds: a chunk keeps
/// one device time.
pub(crate) const CLOCK_MOVES_US: i64 = 1_000_000;

/// An open chunk, or one that has closed and is not stored yet.
#[derive(Clone, Debug)]
pub(crate) struct Open<H, T> {
    pub key: ChunkKey,
    pub head: H,
    pub items: Vec<T>,
    /// How many of `items` are in the tail on disk.
    pub saved: usize,
    /// The tail rows that hold them.
    pub rows: Vec<i64>,
    /// Blocks or values that are in no row yet, for the count of what was dropped.
    pub unsaved_parts: u64,
    /// Ticks since something came.
    pub idle: u32,
}

pub(crate) type OpenWave = Open<WaveHead, i16>;
pub(crate) type OpenNumbers = Open<NumbersHead, Value>;

impl<H, T> Open<H, T> {
    pub(crate) fn new(key: ChunkKey, head: H, items: Vec<T>) -> Self {
        Self {
            key,
            head,
            items,
            saved: 0,
            rows: Vec::new(),
            unsaved_parts: 1,
            idle: 0,
        }
    }

    pub(crate) fn unsaved(&self) -> &[T] {
        self.items.get(self.saved..).unwrap_or(&[])
    }

    /// What is in memory because the disk does not have it, in bytes: the items, and the chunk itself, which is
    /// more than they are where each has but one.
    pub(crate) fn unsaved_bytes(&self) -> usize {
        match size_of_val(self.unsaved()) {
            0 => 0,
            items => items + size_of::<Self>(),
        }
    }

    /// Goes on with a block or a value; says how many bytes more are unsaved.
    pub(crate) fn extend(&mut self, items: &[T]) -> usize
    where
        T: Copy,
    {
        let before = self.unsaved_bytes();
        self.items.extend_from_slice(items);
        self.unsaved_parts += 1;
        self.idle = 0;
        self.unsaved_bytes() - before
    }

    /// Everything it holds is now in tail row `row` or one before; says how many bytes became safe.
    pub(crate) fn save(&mut self, row: i64) -> usize {
        let bytes = self.unsaved_bytes();
        self.saved = self.items.len();
        self.unsaved_parts = 0;
        self.rows.push(row);
        bytes
    }

    /// Forgets what is not on disk; says how many blocks or values that was.
    pub(crate) fn drop_unsaved(&mut self) -> u64 {
        self.items.truncate(self.saved);
        std::mem::take(&mut self.unsaved_parts)
    }
}

/// Forgets what the oldest chunk has that is not on disk; says how many bytes that frees, and how many blocks or
/// values it was. What of it is on disk stays: that becomes a chunk when the disk takes it.
pub(crate) fn drop_oldest<H, T>(closed: &mut VecDeque<Open<H, T>>) -> (usize, u64) {
    let Some(index) = closed.iter().position(|chunk| chunk.unsaved_bytes() > 0) else {
        return (0, 0);
    };
    let Some(oldest) = closed.get_mut(index) else {
        return (0, 0);
    };
    let freed = (oldest.unsaved_bytes(), oldest.drop_unsaved());
    if oldest.items.is_empty() {
        closed.remove(index);
    }
    freed
}

/// Spreads the ends of chunks over their span, so that they do not all close in the same second.
fn phase(series: u32, span_us: i64) -> i64 {
    // Fibonacci hashing: consecutive series land far apart.
    let spread = u64::from(series).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33;
    i64::try_from(spread).unwrap_or(0) % span_us
}

pub(crate) fn part_of_time(series: u32, at: i64, span_us: i64) -> i64 {
    at.saturating_add(phase(series, span_us)).div_euclid(span_us)
}

impl OpenWave {
    /// Whether `block` goes on where this chunk ends, and the chunk has not had its time.
    pub(crate) fn takes(&self, block: &SampleArray) -> bool {
        let (series, head) = (self.key.series, &self.head);
        let start = block.start.as_micros();
        let clock = |measured: i64, start: i64| measured.saturating_sub(start);
        let here = clock(block.measured_at.as_micros(), start);
        !block.gap_before
            && head.rate == block.rate
            && head.scale == block.scale
            && head.mode == block.mode
            && self.items.len() < SAMPLES_MAX
            && start.saturating_sub(head.at(self.items.len())).saturating_abs() <= head.tolerance()
            && here.saturating_sub(clock(head.measured, head.start)).saturating_abs() <= CLOCK_MOVES_US
            && part_of_time(series, head.start, WAVE_SPAN_US) == part_of_time(series, start, WAVE_SPAN_US)
    }
}

impl OpenNumbers {
    /// Whether `numeric` belongs into this chunk.
    pub(crate) fn takes(&self, numeric: &Numeric) -> bool {
        let (series, head) = (self.key.series, &self.head);
        let at = position(numeric.timeliness, &Value::of(numeric));
        let is_near = match head.timeliness {
            Timeliness::Live => {
                part_of_time(series, head.first_at, NUMBERS_SPAN_US) == part_of_time(series, at, NUMBERS_SPAN_US)
            }
            Timeliness::Late => at.saturating_sub(head.first_at).saturating_abs() <= SPAN_MAX_US,
        };
        head.timing == numeric.timing
            && head.mode == numeric.mode
            && head.timeliness == numeric.timeliness
            && self.items.len() < VALUES_MAX
            && is_near
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_chunks_are_spread_over_their_span() {
        let mut closes_in = [0_u32; 10];
        for series in 1..=256 {
            let second = usize::try_from(phase(series, WAVE_SPAN_US) / 1_000_000).unwrap();
            closes_in[second] += 1;
        }
        assert!(closes_in.iter().all(|n| (15..=40).contains(n)), "{closes_in:?}");
    }
}
