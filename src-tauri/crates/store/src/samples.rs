//! Samples of 16 bits, as devices send them, and wide ones, as some recordings hold them.

use model::NO_SAMPLE;

use crate::NO_SAMPLE_WIDE;

/// The samples of a chunk, as wide as they are stored.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Samples {
    Narrow(Vec<i16>),
    Wide(Vec<i32>),
}

/// A sample of 16 bits as a wide one.
pub(crate) const fn widen(sample: i16) -> i32 {
    if sample == NO_SAMPLE {
        NO_SAMPLE_WIDE
    } else {
        sample as i32
    }
}

/// The inverse of [`widen`]; `None` where the sample needs more than 16 bits.
pub(crate) fn narrow(sample: i32) -> Option<i16> {
    if sample == NO_SAMPLE_WIDE {
        Some(NO_SAMPLE)
    } else {
        i16::try_from(sample).ok().filter(|s| *s != NO_SAMPLE)
    }
}

impl Samples {
    /// As narrow as they can be.
    pub(crate) fn of(wide: Vec<i32>) -> Self {
        let narrowed: Option<Vec<i16>> = wide.iter().copied().map(narrow).collect();
        narrowed.map_or(Self::Wide(wide), Self::Narrow)
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Narrow(samples) => samples.len(),
            Self::Wide(samples) => samples.len(),
        }
    }

    /// Keeps those from `first` to before `last`.
    pub(crate) fn cut(&mut self, first: usize, last: usize) {
        fn cut<T>(samples: &mut Vec<T>, first: usize, last: usize) {
            samples.truncate(last);
            samples.drain(..first.min(samples.len()));
        }
        match self {
            Self::Narrow(samples) => cut(samples, first, last),
            Self::Wide(samples) => cut(samples, first, last),
        }
    }

    pub(crate) fn into_wide(self) -> Vec<i32> {
        match self {
            Self::Narrow(samples) => samples.into_iter().map(widen).collect(),
            Self::Wide(samples) => samples,
        }
    }

    /// In 16 bits; `None` where one needs more.
    pub(crate) fn into_narrow(self) -> Option<Vec<i16>> {
        match self {
            Self::Narrow(samples) => Some(samples),
            Self::Wide(samples) => samples.into_iter().map(narrow).collect(),
        }
    }

    /// Smallest and greatest sample that is one.
    pub(crate) fn extremes(&self) -> Option<(i64, i64)> {
        fn of<T: Copy + PartialEq + Into<i64>>(samples: &[T], none: T) -> Option<(i64, i64)> {
            let real = samples.iter().copied().filter(|s| *s != none).map(Into::into);
            real.fold(None, |seen, s: i64| {
                Some(seen.map_or((s, s), |(low, high): (i64, i64)| (low.min(s), high.max(s))))
            })
        }
        match self {
            Self::Narrow(samples) => of(samples, NO_SAMPLE),
            Self::Wide(samples) => of(samples, NO_SAMPLE_WIDE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_narrow_and_what_stands_for_no_sample_is_never_a_sample() {
        let narrow = Samples::of(vec![1, NO_SAMPLE_WIDE, -32_767]);
        assert_eq!(narrow, Samples::Narrow(vec![1, NO_SAMPLE, -32_767]));
        assert_eq!(narrow.clone().into_wide(), [1, NO_SAMPLE_WIDE, -32_767]);
        assert_eq!(narrow.extremes(), Some((-32_767, 1)));
        // In 16 bits this one would say that nothing was measured.
        let wide = Samples::of(vec![-32_768, 5]);
        assert_eq!(wide, Samples::Wide(vec![-32_768, 5]));
        assert_eq!(wide.into_narrow(), None);
    }
}
