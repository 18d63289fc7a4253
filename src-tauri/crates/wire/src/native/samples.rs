//! The samples of a block.

use std::fmt;
use std::num::FpCategory;
use std::ops::Deref;

use model::NO_SAMPLE;
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use serde::{Serialize, Serializer};

use super::BLOCK_SAMPLES_MAX;

/// Room made at once: a quarter of a second at 500 Hz, so that an ordinary block is allocated once or twice.
const CAPACITY_FIRST: usize = 128;

/// The samples of a block. `null` on the wire is [`NO_SAMPLE`] here.
///
/// ```
/// use wire::native::Samples;
/// let samples = Samples::from(vec![1, 2, 3]);
/// assert_eq!(samples.len(), 3);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Samples {
    values: Vec<i16>,
    unreadable: u32,
}

impl Samples {
    /// How many numbers did not fit 16 bits or had a fraction. Each stands as [`NO_SAMPLE`].
    pub const fn unreadable(&self) -> u32 {
        self.unreadable
    }

    /// The samples.
    pub fn into_vec(self) -> Vec<i16> {
        self.values
    }
}

impl From<Vec<i16>> for Samples {
    fn from(values: Vec<i16>) -> Self {
        Self { values, unreadable: 0 }
    }
}

impl Deref for Samples {
    type Target = [i16];

    fn deref(&self) -> &[i16] {
        &self.values
    }
}

impl Serialize for Samples {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.values.iter().map(|&s| (s != NO_SAMPLE).then_some(s)))
    }
}

/// One element of the array.
struct Sample(Option<i16>);

impl<'de> Deserialize<'de> for Sample {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;

        impl Visitor<'_> for Number {
            type Value = Sample;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number from -32767 to 32767, or null")
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Sample, E> {
                Ok(Sample(i16::try_from(value).ok()))
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Sample, E> {
                Ok(Sample(i16::try_from(value).ok()))
            }

            fn visit_f64<E: Error>(self, value: f64) -> Result<Sample, E> {
                // JSON's "-0" is a whole number that no integer type holds; formatting a rounded float makes it.
                Ok(Sample((value.classify() == FpCategory::Zero).then_some(0)))
            }

            fn visit_unit<E: Error>(self) -> Result<Sample, E> {
                Ok(Sample(Some(NO_SAMPLE)))
            }
        }

        // `deserialize_any` looks at the byte and calls one of the above: quicker than trying an Option first.
        deserializer.deserialize_any(Number)
    }
}

impl<'de> Deserialize<'de> for Samples {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Array;

        impl<'de> Visitor<'de> for Array {
            type Value = Samples;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of samples")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Samples, A::Error> {
                let mut samples = Samples {
                    values: Vec::with_capacity(CAPACITY_FIRST),
                    unreadable: 0,
                };
                while let Some(Sample(sample)) = seq.next_element()? {
                    if samples.values.len() == BLOCK_SAMPLES_MAX {
                        return Err(A::Error::custom(super::decode::TOO_MANY));
                    }
                    samples.values.push(sample.unwrap_or(NO_SAMPLE));
                    samples.unreadable += u32::from(sample.is_none());
                }
                Ok(samples)
            }
        }

        deserializer.deserialize_seq(Array)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minus_zero_is_a_sample_and_a_fraction_is_none() {
        let samples: Samples = serde_json::from_str("[-0, 0, 3, -0.5, null]").unwrap();
        assert_eq!(&*samples, &[0, 0, 3, NO_SAMPLE, NO_SAMPLE]);
        assert_eq!(samples.unreadable(), 1);
    }
}
