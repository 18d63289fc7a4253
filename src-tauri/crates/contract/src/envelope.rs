//! One lane between two times on its way to the page, little-endian, columns one after another.
//!
//! ```text
//! 0 u32 magic "WLE1"   4 u32 bins   8 f64 from, ms   16 f64 to, ms   24 u32 flags (1: exact samples)   28 u32 0
//! 32 f64 at, ms [bins]   f32 width, ms [bins]   f32 low [bins]   f32 high [bins]   f32 middle [bins]   u8 gap before [bins]
//! ```
//!
//! A bin without a value is not sent. `middle` is the mean of numbers, for a wave between least and greatest.

/// `WLE1`, little-endian.
pub const MAGIC: u32 = u32::from_le_bytes(*b"WLE1");
/// Bytes before the columns.
pub const HEADER_BYTES: usize = 32;
/// Flag: each bin is one sample.
pub const FLAG_EXACT: u32 = 1;

/// One bin with at least one value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EnvelopeBin {
    /// Where it begins, ms.
    pub at_ms: f64,
    /// How long it is, ms.
    pub width_ms: f32,
    /// Least value.
    pub low: f32,
    /// Greatest value.
    pub high: f32,
    /// Mean of numbers; for a wave between least and greatest.
    pub middle: f32,
    /// Something is missing between the bin before and this one.
    pub gap_before: bool,
}

/// The bytes of an envelope.
pub fn bytes((from_ms, to_ms): (f64, f64), exact: bool, bins: &[EnvelopeBin]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER_BYTES + bins.len() * 25);
    bytes.extend(MAGIC.to_le_bytes());
    bytes.extend(u32::try_from(bins.len()).unwrap_or(u32::MAX).to_le_bytes());
    bytes.extend(from_ms.to_le_bytes());
    bytes.extend(to_ms.to_le_bytes());
    bytes.extend((if exact { FLAG_EXACT } else { 0 }).to_le_bytes());
    bytes.extend([0; 4]);
    for bin in bins {
        bytes.extend(bin.at_ms.to_le_bytes());
    }
    for column in [
        |b: &EnvelopeBin| b.width_ms,
        |b: &EnvelopeBin| b.low,
        |b: &EnvelopeBin| b.high,
        |b: &EnvelopeBin| b.middle,
    ] {
        for bin in bins {
            bytes.extend(column(bin).to_le_bytes());
        }
    }
    bytes.extend(bins.iter().map(|b| u8::from(b.gap_before)));
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_has_the_layout_that_its_documentation_draws() {
        let bin = |at_ms, gap_before| EnvelopeBin {
            at_ms,
            width_ms: 4.0,
            low: -1.0,
            high: 2.0,
            middle: 0.5,
            gap_before,
        };
        let bytes = bytes((10.0, 20.0), true, &[bin(10.0, false), bin(14.0, true)]);
        assert_eq!(bytes.len(), HEADER_BYTES + 2 * 25);
        assert_eq!(&bytes[..8], b"WLE1\x02\0\0\0");
        assert_eq!(bytes[24], 1);
        assert_eq!(bytes[40..48], 14.0_f64.to_le_bytes());
        assert_eq!(bytes[48..52], 4.0_f32.to_le_bytes());
        assert_eq!(bytes[72..76], 0.5_f32.to_le_bytes());
        assert_eq!(bytes[80..], [0, 1]);
    }
}
