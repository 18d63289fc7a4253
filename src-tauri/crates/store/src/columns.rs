//! Samples, bins and values gathered into the columns of a screen.

use crate::NO_SAMPLE_WIDE;
use crate::codec::WaveHead;
use crate::envelope::Bin;

/// Least and greatest of what stands between two times, and of numbers their sum and how many there are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Part {
    pub from: i64,
    pub until: i64,
    pub low: f64,
    pub high: f64,
    pub sum: f64,
    /// 0 where there is no mean.
    pub count: f64,
    /// Something is missing before it.
    pub gap: bool,
}

/// The columns of a screen, filled from the left.
pub(crate) struct Columns {
    from: i64,
    span: u64,
    pixels: u64,
    column: i64,
    open: Option<Part>,
    /// Something is missing before what comes next.
    gap: bool,
    /// Where the trace that was added last ends.
    end: Option<i64>,
    pub bins: Vec<Bin>,
}

impl Columns {
    pub(crate) fn new(from: i64, until: i64, pixels: u32) -> Self {
        Self {
            from,
            span: if until > from { until.abs_diff(from) } else { 1 },
            pixels: u64::from(pixels.max(1)),
            column: i64::MIN,
            open: None,
            gap: false,
            end: None,
            bins: Vec::with_capacity(usize::try_from(pixels).unwrap_or(0)),
        }
    }

    /// Which column a time stands in. What reaches into the window from before it is in the first.
    pub(crate) fn of(&self, time: i64) -> i64 {
        if time <= self.from {
            return 0;
        }
        let column = share(time.abs_diff(self.from), self.pixels, self.span, 0);
        i64::try_from(column.min(self.pixels - 1)).unwrap_or(0)
    }

    /// The first time that stands after `column`.
    pub(crate) fn end(&self, column: i64) -> i64 {
        let next = u64::try_from(column).unwrap_or(0) + 1;
        if next >= self.pixels {
            return i64::MAX;
        }
        self.from
            .saturating_add_unsigned(share(next, self.span, self.pixels, self.pixels - 1))
    }

    /// Says that something is missing here.
    pub(crate) fn miss(&mut self) {
        self.gap = true;
    }

    /// Adds what comes next.
    pub(crate) fn put(&mut self, part: Part) {
        self.put_into(self.of(part.from), part);
    }

    fn put_into(&mut self, column: i64, part: Part) {
        let gap = std::mem::take(&mut self.gap) || part.gap;
        match &mut self.open {
            Some(open) if column == self.column && !gap => {
                open.until = open.until.max(part.until);
                open.low = open.low.min(part.low);
                open.high = open.high.max(part.high);
                open.sum += part.sum;
                open.count += part.count;
            }
            _ => {
                self.close();
                self.column = column;
                self.open = Some(Part { gap, ..part });
            }
        }
    }

    fn close(&mut self) {
        let Some(part) = self.open.take() else { return };
        self.bins.push(Bin {
            from_us: part.from,
            until_us: part.until,
            low: part.low,
            high: part.high,
            mean: (part.count > 0.0).then(|| part.sum / part.count),
            gap_before: part.gap && !self.bins.is_empty(),
        });
    }

    /// Whether the trace goes on where it was left, or something is missing before `head`.
    fn join(&mut self, head: &WaveHead, count: usize) {
        let is_apart = self
            .end
            .is_some_and(|end| head.start.saturating_sub(end) > head.tolerance());
        self.gap |= head.gap_before || is_apart;
        self.end = Some(head.at(count));
    }

    /// Adds the least and greatest of `each` samples that follow each other, from sample `first` of `head` on;
    /// `total` samples in all.
    pub(crate) fn pairs(&mut self, head: &WaveHead, first: usize, each: usize, total: usize, pairs: &[(i32, i32)]) {
        let begins = WaveHead {
            start: head.at(first * each),
            gap_before: head.gap_before && first == 0,
            ..*head
        };
        self.join(&begins, total.min((first + pairs.len()) * each) - first * each);
        let mut index = 0;
        while index < pairs.len() {
            let column = self.of(head.at((first + index) * each));
            // The first pair that begins after this column.
            let next = head
                .first_at(total, self.end(column))
                .div_ceil(each)
                .saturating_sub(first);
            let next = next.clamp(index + 1, pairs.len());
            let here = pairs.get(index..next).unwrap_or(&[]);
            let (low, high) = here.iter().fold((i32::MAX, i32::MIN), |seen, pair| {
                (seen.0.min(pair.0), seen.1.max(pair.1))
            });
            let until = ((first + next) * each).min(total);
            self.put_into(column, wave_part(head, (first + index) * each, until, low, high));
            index = next;
        }
    }

    /// Adds samples from `head.start` on.
    pub(crate) fn samples(&mut self, head: &WaveHead, samples: &[i32]) {
        self.join(head, samples.len());
        let mut index = 0;
        while index < samples.len() {
            let column = self.of(head.at(index));
            let next = head.first_at(samples.len(), self.end(column)).max(index + 1);
            let mut at = index;
            let here = samples.get(index..next).unwrap_or(&[]);
            for run in here.split_inclusive(|sample| *sample == NO_SAMPLE_WIDE) {
                let is_cut = run.last() == Some(&NO_SAMPLE_WIDE);
                let real = run.get(..run.len() - usize::from(is_cut)).unwrap_or(&[]);
                if let Some((low, high)) = real.iter().copied().min().zip(real.iter().copied().max()) {
                    self.put_into(column, wave_part(head, at, at + real.len(), low, high));
                }
                if is_cut {
                    self.miss();
                }
                at += run.len();
            }
            index = next;
        }
    }

    pub(crate) fn finish(mut self) -> Vec<Bin> {
        self.close();
        self.bins
    }
}

/// `(a * b + more) / c`, in 64 bits where that can be: it is asked for each pixel.
fn share(a: u64, b: u64, c: u64, more: u64) -> u64 {
    if let Some(sum) = a.checked_mul(b).and_then(|product| product.checked_add(more)) {
        return sum / c;
    }
    let sum = u128::from(a) * u128::from(b) + u128::from(more);
    u64::try_from(sum / u128::from(c)).unwrap_or(u64::MAX)
}

fn wave_part(head: &WaveHead, from: usize, until: usize, low: i32, high: i32) -> Part {
    let value = |sample: i32| f64::from(sample) * head.scale.resolution() + head.scale.offset();
    Part {
        from: head.at(from),
        until: head.at(until),
        low: value(low),
        high: value(high),
        sum: 0.0,
        count: 0.0,
        gap: false,
    }
}
