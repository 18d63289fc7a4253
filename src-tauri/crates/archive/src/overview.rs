//! The least and the greatest sample of any stretch of a channel, quickly: bins of 64, 1,024 and 16,384 samples.
//!
//! A day of one lead at 250 Hz is 21.6 million samples; a screen is 1,500 pixels. Bins are made once, when a file is first
//! drawn, and hold 0.13 bytes a sample. A stretch is put together from whole bins in its middle and samples at its ends, so
//! what is drawn is exact: no extremum is lost and none is borrowed from a neighbour.

use std::ops::Range;

use wire::recording::{NO_SAMPLE_WIDE, RecordingError, Samples};

/// Samples in a bin of the finest level.
const FINEST: u64 = 64;
/// Bins of one level in a bin of the next.
const FOLD: usize = 16;
/// Levels: 64, 1,024 and 16,384 samples.
const LEVELS: usize = 3;
/// Samples that are read at once while bins are made: 256 KiB.
const PIECE: u64 = FINEST * 1_024;

/// The least and the greatest sample of a stretch that has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extremes {
    /// The least.
    pub low: i32,
    /// The greatest.
    pub high: i32,
}

impl Extremes {
    /// Of nothing yet: any sample is lower and higher.
    const NONE: Self = Self {
        low: i32::MAX,
        high: i32::MIN,
    };

    fn take(&mut self, sample: i32) {
        if sample != NO_SAMPLE_WIDE {
            self.low = self.low.min(sample);
            self.high = self.high.max(sample);
        }
    }

    fn join(&mut self, other: Self) {
        self.low = self.low.min(other.low);
        self.high = self.high.max(other.high);
    }

    const fn some(self) -> Option<Self> {
        if self.low <= self.high { Some(self) } else { None }
    }

    fn of(samples: &[i32]) -> Self {
        let mut found = Self::NONE;
        for sample in samples {
            found.take(*sample);
        }
        found
    }
}

/// The bins of one channel.
#[derive(Debug)]
pub struct Overview {
    levels: [Vec<Extremes>; LEVELS],
}

impl Overview {
    /// Reads a channel of `count` samples once.
    pub fn of(source: &dyn Samples, channel: usize, count: u64) -> Result<Self, RecordingError> {
        let mut finest = Vec::with_capacity(usize::try_from(count.div_ceil(FINEST)).unwrap_or(0));
        let mut piece = Vec::new();
        let mut at = 0;
        while at < count {
            let until = count.min(at + PIECE);
            piece.clear();
            source.samples(channel, at..until, &mut piece)?;
            finest.extend(
                piece
                    .chunks(usize::try_from(FINEST).unwrap_or(usize::MAX))
                    .map(Extremes::of),
            );
            at = until;
        }
        let second = folded(&finest);
        let third = folded(&second);
        Ok(Self {
            levels: [finest, second, third],
        })
    }

    /// The extremes of the samples `range`; `None` where there is no sample in it.
    pub fn extremes(
        &self,
        source: &dyn Samples,
        channel: usize,
        range: Range<u64>,
    ) -> Result<Option<Extremes>, RecordingError> {
        let mut found = Extremes::NONE;
        let mut spare = Vec::new();
        let mut raw = |range: Range<u64>, found: &mut Extremes| {
            spare.clear();
            if !range.is_empty() {
                source.samples(channel, range, &mut spare)?;
            }
            found.join(Extremes::of(&spare));
            Ok::<_, RecordingError>(())
        };
        let (first, last) = (range.start.div_ceil(FINEST), range.end / FINEST);
        if first >= last {
            raw(range, &mut found)?;
            return Ok(found.some());
        }
        raw(range.start..first * FINEST, &mut found)?;
        raw(last * FINEST..range.end, &mut found)?;
        self.climb(0, bin(first)..bin(last), &mut found);
        Ok(found.some())
    }

    /// Whole bins `range` of a level: the ragged ends here, the middle one level up.
    fn climb(&self, level: usize, range: Range<usize>, found: &mut Extremes) {
        let Some(bins) = self.levels.get(level) else { return };
        let (first, last) = (range.start.div_ceil(FOLD), range.end / FOLD);
        let mut join = |range: Range<usize>| {
            for extremes in bins.get(range).into_iter().flatten() {
                found.join(*extremes);
            }
        };
        if level + 1 == LEVELS || first >= last {
            join(range);
            return;
        }
        join(range.start..first * FOLD);
        join(last * FOLD..range.end);
        self.climb(level + 1, first..last, found);
    }
}

fn bin(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn folded(bins: &[Extremes]) -> Vec<Extremes> {
    let join = |bins: &[Extremes]| {
        bins.iter().fold(Extremes::NONE, |mut found, next| {
            found.join(*next);
            found
        })
    };
    bins.chunks(FOLD).map(join).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use wire::recording::Head;

    use super::*;

    struct Held(Head, Vec<i32>);

    impl Samples for Held {
        fn head(&self) -> &Head {
            &self.0
        }

        fn samples(&self, _: usize, range: Range<u64>, into: &mut Vec<i32>) -> Result<(), RecordingError> {
            into.extend_from_slice(self.1.get(bin(range.start)..bin(range.end)).unwrap());
            Ok(())
        }
    }

    proptest! {
        /// What a plain walk over the samples finds.
        #[test]
        fn any_stretch_has_the_extremes_of_its_samples(
            seed in prop::collection::vec(prop_oneof![4 => -500_i32..500, 1 => Just(NO_SAMPLE_WIDE), 1 => Just(90_000)], 1..300),
            count in 1_usize..60_000, a in 0.0..1.0_f64, b in 0.0..1.0_f64,
        ) {
            let samples: Vec<i32> = seed.iter().copied().cycle().take(count).collect();
            let source = Held(Head::default(), samples);
            #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
            let (a, b) = ((a * count as f64) as u64, (b * count as f64) as u64);
            let range = a.min(b)..a.max(b) + 1;
            let overview = Overview::of(&source, 0, count as u64).unwrap();
            let walked = Extremes::of(source.1.get(bin(range.start)..bin(range.end)).unwrap()).some();
            prop_assert_eq!(overview.extremes(&source, 0, range).unwrap(), walked);
        }
    }
}
