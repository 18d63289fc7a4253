//! Samples, bins and values gathered into the columns of a screen.

use crate::NO_SAMPLE_WIDE;
use crate::codec::WaveHead;
use crate::cursor::first_at;
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
    span: i128,
    pixels: i128,
    column: i64,
    open: Option<Part>,
    /// Something is missing before what comes next.
    gap: bool,
    pub bins: Vec<Bin>,
}

impl Columns {
    pub(crate) fn new(from: i64, until: i64, pixels: u32) -> Self {
        Self {
            from,
            span: (i128::from(until) - i128::from(from)).max(1),
            pixels: i128::from(pixels.max(1)),
            column: i64::MIN,
            open: None,
            gap: false,
            bins: Vec::with_capacity(usize::try_from(pixels).unwrap_or(0)),
        }
    }

    /// Which column a time stands in. What reaches into the window from before it is in the first.
    pub(crate) fn of(&self, time: i64) -> i64 {
        let column = (i128::from(time) - i128::from(self.from)) * self.pixels / self.span;
        i64::try_from(column.clamp(0, self.pixels - 1)).unwrap_or(0)
    }

    /// The first time that stands after `column`.
    pub(crate) fn end(&self, column: i64) -> i64 {
        if i128::from(column) + 1 >= self.pixels {
            return i64::MAX;
        }
        let whole = (i128::from(column) + 1) * self.span;
        let rounded_up = (whole + self.pixels - 1) / self.pixels;
        i64::try_from(i128::from(self.from) + rounded_up).unwrap_or(i64::MAX)
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

    /// Adds pairs of least and greatest of `each` samples that follow each other from `head.start` on; `total` samples in
    /// all. A pair whose least is above its greatest says that nothing was measured.
    pub(crate) fn pairs(&mut self, head: &WaveHead, each: usize, total: usize, pairs: &[(i32, i32)]) {
        if head.gap_before {
            self.miss();
        }
        let mut index = 0;
        while index < pairs.len() {
            let column = self.of(head.at(index * each));
            // The first pair that begins after this column.
            let end = self.end(column);
            let next = first_at(head, total, end).div_ceil(each).clamp(index + 1, pairs.len());
            let mut at = index;
            for run in pairs
                .get(index..next)
                .unwrap_or(&[])
                .split_inclusive(|(low, high)| low > high)
            {
                let is_cut = run.last().is_some_and(|(low, high)| low > high);
                let real = run.get(..run.len() - usize::from(is_cut)).unwrap_or(&[]);
                let ends = real.iter().copied().reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
                if let Some((low, high)) = ends {
                    let until = ((at + real.len()) * each).min(total);
                    self.put_into(column, wave_part(head, at * each, until, low, high));
                }
                if is_cut {
                    self.miss();
                }
                at += run.len();
            }
            index = next;
        }
    }

    /// Adds samples from `head.start` on.
    pub(crate) fn samples(&mut self, head: &WaveHead, samples: &[i32]) {
        if head.gap_before {
            self.miss();
        }
        let mut index = 0;
        while index < samples.len() {
            let column = self.of(head.at(index));
            let next = first_at(head, samples.len(), self.end(column)).max(index + 1);
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
