//! Numerics in equal parts of a window.

use model::{Numeric, Quantity, ReceiptTime};

use crate::{StoreError, TrendBin, Window};

struct Sums {
    index: i64,
    min: i32,
    max: i32,
    sum: i64,
    count: u32,
}

impl Sums {
    fn bin(&self, at: i64) -> TrendBin {
        let count = i64::from(self.count.max(1));
        let half = if self.sum < 0 { -(count / 2) } else { count / 2 };
        let mean = i32::try_from((self.sum + half) / count).unwrap_or(self.max);
        TrendBin {
            at: ReceiptTime::from_micros(at),
            min: Quantity::from_thousandths(self.min),
            mean: Quantity::from_thousandths(mean),
            max: Quantity::from_thousandths(self.max),
            count: self.count,
        }
    }
}

pub(crate) fn bins(
    numerics: impl Iterator<Item = Result<(ReceiptTime, Numeric), StoreError>>,
    window: &Window,
    bins: u32,
) -> Result<Vec<TrendBin>, StoreError> {
    let (from, until) = (window.from.as_micros(), window.until.as_micros());
    // Rounded up, so that the last bin reaches the window's end.
    let count = i64::from(bins.max(1));
    let whole = until.saturating_sub(from).max(1);
    let width = (whole / count + i64::from(whole % count != 0)).max(1);
    let start = |index: i64| from.saturating_add(index.saturating_mul(width));
    let mut found = Vec::new();
    let mut current: Option<Sums> = None;
    for item in numerics {
        let (at, numeric) = item?;
        let Some(quantity) = numeric.reading.quantity() else {
            continue;
        };
        let value = quantity.thousandths();
        let index = at.as_micros().saturating_sub(from) / width;
        match &mut current {
            Some(sums) if sums.index == index => {
                sums.min = sums.min.min(value);
                sums.max = sums.max.max(value);
                sums.sum += i64::from(value);
                sums.count = sums.count.saturating_add(1);
            }
            _ => {
                let next = Sums {
                    index,
                    min: value,
                    max: value,
                    sum: value.into(),
                    count: 1,
                };
                found.extend(current.replace(next).map(|done| done.bin(start(done.index))));
            }
        }
    }
    found.extend(current.map(|done| done.bin(start(done.index))));
    Ok(found)
}
