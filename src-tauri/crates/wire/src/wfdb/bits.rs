//! Bits in order, highest first, and the checksums of FLAC.

/// Reads bits from the highest of the first byte on.
#[derive(Debug)]
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    /// In bits.
    at: usize,
}

impl<'a> BitReader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The next bits at the top, at least 57 of them; zeros after the end.
    fn ahead(&self) -> u64 {
        let rest = self.bytes.get(self.at / 8..).unwrap_or_default();
        let word = rest.first_chunk().copied().unwrap_or_else(|| {
            let mut word = [0; 8];
            for (to, from) in word.iter_mut().zip(rest) {
                *to = *from;
            }
            word
        });
        u64::from_be_bytes(word) << (self.at % 8)
    }

    fn skip(&mut self, count: u32) -> Option<()> {
        self.at += count as usize;
        (self.at <= self.bytes.len() * 8).then_some(())
    }

    /// Up to 57 bits as a number; `None` at the end.
    pub(super) fn take(&mut self, count: u32) -> Option<u64> {
        debug_assert!(count <= 57);
        let word = self.ahead();
        self.skip(count)?;
        Some(word.checked_shr(64 - count).unwrap_or(0))
    }

    /// Up to 33 bits as a signed number.
    pub(super) fn signed(&mut self, count: u32) -> Option<i64> {
        let word = self.ahead().cast_signed();
        self.skip(count)?;
        Some(word.checked_shr(64 - count).unwrap_or(0))
    }

    /// How many zeros before the next one, which is taken too.
    pub(super) fn zeros(&mut self) -> Option<u32> {
        let mut count = 0_u32;
        loop {
            let zeros = self.ahead().leading_zeros();
            if zeros < 57 {
                self.skip(zeros + 1)?;
                return Some(count + zeros);
            }
            self.skip(57)?;
            count = count.checked_add(57)?;
        }
    }
}

/// A cyclic redundancy check by table.
#[derive(Debug)]
pub(super) struct Crc<T> {
    table: [T; 256],
}

/// Of a frame header: x^8 + x^2 + x + 1.
pub(super) static CRC_8: Crc<u8> = Crc::<u8>::new(0x07);
/// Of a whole frame: x^16 + x^15 + x^2 + 1.
pub(super) static CRC_16: Crc<u16> = Crc::<u16>::new(0x8005);

#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "indices below 256, in a table made when the program is built"
)]
impl Crc<u8> {
    const fn new(polynomial: u8) -> Self {
        let mut table = [0; 256];
        let mut at = 0;
        while at < 256 {
            let mut sum = at as u8;
            let mut bit = 0;
            while bit < 8 {
                sum = sum << 1 ^ if sum & 0x80 == 0 { 0 } else { polynomial };
                bit += 1;
            }
            table[at] = sum;
            at += 1;
        }
        Self { table }
    }

    pub(super) fn next(&self, sum: u8, byte: u8) -> u8 {
        self.table[usize::from(sum ^ byte)]
    }
}

#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "indices below 256, in a table made when the program is built"
)]
impl Crc<u16> {
    const fn new(polynomial: u16) -> Self {
        let mut table = [0; 256];
        let mut at = 0;
        while at < 256 {
            let mut sum = (at as u16) << 8;
            let mut bit = 0;
            while bit < 8 {
                sum = sum << 1 ^ if sum & 0x8000 == 0 { 0 } else { polynomial };
                bit += 1;
            }
            table[at] = sum;
            at += 1;
        }
        Self { table }
    }

    pub(super) fn next(&self, sum: u16, byte: u8) -> u16 {
        self.table[usize::from((sum >> 8) as u8 ^ byte)] ^ sum << 8
    }
}
