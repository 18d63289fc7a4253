//! Values put into the pixels of a window: least, greatest, and one to draw a line through.

use contract::envelope::EnvelopeBin;

/// What a pixel holds, under way.
struct Pixel {
    index: i64,
    first_us: i64,
    end_us: i64,
    low: f64,
    high: f64,
    sum: f64,
    count: u32,
    last: f64,
    gap_before: bool,
}

/// Puts values, in order of time, into equal parts of a window.
pub struct Binner {
    from_us: i64,
    width_us: i64,
    is_wave: bool,
    bins: Vec<EnvelopeBin>,
    pixel: Option<Pixel>,
    end_us: Option<i64>,
    most: u32,
}

impl Binner {
    /// `pixels` parts of `from..until` (µs). The line of a wave goes through its samples, that of numbers through means.
    pub fn new((from_us, until_us): (i64, i64), pixels: u32, is_wave: bool) -> Self {
        let width = until_us.saturating_sub(from_us).max(1);
        let pixels = i64::from(pixels.max(1));
        Self {
            from_us,
            width_us: (width / pixels + i64::from(width % pixels != 0)).max(1),
            is_wave,
            bins: Vec::new(),
            pixel: None,
            end_us: None,
            most: 0,
        }
    }

    /// A value that holds from `at_us` until `until_us`; `gap` says that something is missing before it.
    pub fn push(&mut self, (at_us, until_us): (i64, i64), value: f64, gap: bool) {
        let index = at_us.saturating_sub(self.from_us).div_euclid(self.width_us);
        let gap = gap && self.end_us.is_some();
        self.end_us = Some(until_us);
        match self.pixel.as_mut().filter(|p| p.index == index && !gap) {
            Some(pixel) => {
                pixel.low = pixel.low.min(value);
                pixel.high = pixel.high.max(value);
                pixel.sum += value;
                pixel.count += 1;
                pixel.last = value;
                pixel.end_us = until_us;
            }
            None => {
                self.flush();
                self.pixel = Some(Pixel {
                    index,
                    first_us: at_us,
                    end_us: until_us,
                    low: value,
                    high: value,
                    sum: value,
                    count: 1,
                    last: value,
                    gap_before: gap,
                });
            }
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "seven digits are more than a pixel shows"
    )]
    #[expect(clippy::cast_precision_loss, reason = "the width of a pixel")]
    fn flush(&mut self) {
        let Some(pixel) = self.pixel.take() else { return };
        self.most = self.most.max(pixel.count);
        let middle = if self.is_wave {
            pixel.last
        } else {
            pixel.sum / f64::from(pixel.count)
        };
        self.bins.push(EnvelopeBin {
            at_ms: contract::frame::millis(pixel.first_us),
            width_ms: (pixel.end_us.saturating_sub(pixel.first_us) as f64 / 1_000.0) as f32,
            low: pixel.low as f32,
            high: pixel.high as f32,
            middle: middle as f32,
            gap_before: pixel.gap_before,
        });
    }

    /// Whether each bin is one value, and the bins.
    pub fn finish(mut self) -> (bool, Vec<EnvelopeBin>) {
        self.flush();
        (self.most <= 1, self.bins)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_extreme_is_lost_and_a_gap_is_never_bridged() {
        let mut binner = Binner::new((0, 1_000), 10, true);
        for at in 0..50_i64 {
            let value = if at == 17 { 99.0 } else { 0.0 };
            binner.push((at * 4, at * 4 + 4), value, at == 25);
        }
        let (exact, bins) = binner.finish();
        assert!(!exact);
        assert_eq!(bins.iter().map(|b| b.high).fold(0.0, f32::max), 99.0);
        let gaps: Vec<f64> = bins.iter().filter(|b| b.gap_before).map(|b| b.at_ms).collect();
        assert_eq!(gaps, [0.1]);
    }

    #[test]
    fn where_a_pixel_holds_one_sample_the_samples_themselves_are_given() {
        let mut binner = Binner::new((0, 40_000), 100, true);
        for at in 0..10_i64 {
            binner.push(
                (at * 4_000, at * 4_000 + 4_000),
                f64::from(i32::try_from(at).unwrap()),
                false,
            );
        }
        let (exact, bins) = binner.finish();
        assert!(exact);
        assert_eq!(bins.len(), 10);
        assert_eq!(bins[3].at_ms, 12.0);
        assert_eq!(bins[3].middle, 3.0);
    }
}
