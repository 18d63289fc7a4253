//! How samples are packed into bytes.

/// A format of signal(5). The name holds its number in the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// 0: the signal has no samples.
    Nothing,
    /// 8: signed differences of one byte, from the initial value of the header on; every sample is there.
    Differences8,
    /// 16: two's complement, low byte first.
    Bits16,
    /// 24: two's complement, low byte first.
    Bits24,
    /// 32: two's complement, low byte first.
    Bits32,
    /// 61: 16-bit two's complement, high byte first.
    Bits61,
    /// 80: one byte, 128 is zero.
    Bits80,
    /// 160: two bytes, low first, 32,768 is zero.
    Bits160,
    /// 212: two 12-bit samples in three bytes.
    Bits212,
    /// 310: three 10-bit samples in four bytes, the third in the top bits of both words.
    Bits310,
    /// 311: three 10-bit samples in the lower 30 bits of four bytes.
    Bits311,
    /// 508: FLAC of at most 8 bits.
    Flac508,
    /// 516: FLAC of at most 16 bits.
    Flac516,
    /// 524: FLAC of at most 24 bits.
    Flac524,
}

/// Every format, by its number.
const NUMBERS: [(Format, u16); 14] = [
    (Format::Nothing, 0),
    (Format::Differences8, 8),
    (Format::Bits16, 16),
    (Format::Bits24, 24),
    (Format::Bits32, 32),
    (Format::Bits61, 61),
    (Format::Bits80, 80),
    (Format::Bits160, 160),
    (Format::Bits212, 212),
    (Format::Bits310, 310),
    (Format::Bits311, 311),
    (Format::Flac508, 508),
    (Format::Flac516, 516),
    (Format::Flac524, 524),
];

impl Format {
    /// The format of a number; `None` where signal(5) has none.
    pub fn of(number: u16) -> Option<Self> {
        NUMBERS.iter().find(|(_, n)| *n == number).map(|(format, _)| *format)
    }

    /// The number in the header.
    pub fn number(self) -> u16 {
        NUMBERS
            .iter()
            .find(|(format, _)| *format == self)
            .map_or(0, |(_, number)| *number)
    }

    /// Bits of a sample. Differences add up to more than their eight bits; the reference library holds them in 16.
    pub const fn bits(self) -> u8 {
        match self {
            Self::Nothing | Self::Bits80 | Self::Flac508 => 8,
            Self::Bits310 | Self::Bits311 => 10,
            Self::Bits212 => 12,
            Self::Differences8 | Self::Bits16 | Self::Bits61 | Self::Bits160 | Self::Flac516 => 16,
            Self::Bits24 | Self::Flac524 => 24,
            Self::Bits32 => 32,
        }
    }

    /// Whether the file is a FLAC stream.
    pub const fn is_flac(self) -> bool {
        matches!(self, Self::Flac508 | Self::Flac516 | Self::Flac524)
    }

    /// The value that says "no sample": the lowest of the format. Differences have none.
    pub const fn missing(self) -> Option<i32> {
        match self {
            Self::Nothing | Self::Differences8 => None,
            Self::Bits16
            | Self::Bits24
            | Self::Bits32
            | Self::Bits61
            | Self::Bits80
            | Self::Bits160
            | Self::Bits212
            | Self::Bits310
            | Self::Bits311
            | Self::Flac508
            | Self::Flac516
            | Self::Flac524 => Some(i32::MIN >> (32 - self.bits())),
        }
    }

    /// How many whole samples so many bytes hold; a FLAC stream says itself how many it holds.
    pub(super) const fn capacity(self, bytes: u64) -> u64 {
        match self {
            Self::Nothing | Self::Flac508 | Self::Flac516 | Self::Flac524 => 0,
            Self::Differences8 | Self::Bits80 => bytes,
            Self::Bits16 | Self::Bits61 | Self::Bits160 => bytes / 2,
            Self::Bits24 => bytes / 3,
            Self::Bits32 => bytes / 4,
            Self::Bits212 => bytes / 3 * 2 + bytes % 3 / 2,
            Self::Bits310 => bytes / 4 * 3 + bytes % 4 / 2,
            Self::Bits311 => bytes / 4 * 3 + (bytes % 4).saturating_sub(1),
        }
    }

    /// How the sample of an index is taken out of the bytes: `None` beyond their end.
    pub(super) const fn picker(self) -> fn(&[u8], usize) -> Option<i32> {
        match self {
            Self::Nothing | Self::Flac508 | Self::Flac516 | Self::Flac524 => |_, _| None,
            Self::Differences8 => |bytes, at| Some(i32::from(bytes.get(at)?.cast_signed())),
            Self::Bits80 => |bytes, at| Some(i32::from(*bytes.get(at)?) - 128),
            Self::Bits16 => |bytes, at| Some(i32::from(i16::from_le_bytes(take(bytes, 2 * at)?))),
            Self::Bits61 => |bytes, at| Some(i32::from(i16::from_be_bytes(take(bytes, 2 * at)?))),
            Self::Bits160 => |bytes, at| Some(i32::from(u16::from_le_bytes(take(bytes, 2 * at)?)) - 32_768),
            Self::Bits24 => |bytes, at| {
                let [low, middle, high] = take(bytes, 3 * at)?;
                Some(i32::from_le_bytes([0, low, middle, high]) >> 8)
            },
            Self::Bits32 => |bytes, at| Some(i32::from_le_bytes(take(bytes, 4 * at)?)),
            Self::Bits212 => pick_212,
            Self::Bits310 => pick_310,
            Self::Bits311 => pick_311,
        }
    }
}

fn take<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

/// The lower `bits` of a word as a signed number.
const fn signed(word: u32, bits: u32) -> i32 {
    (word << (32 - bits)).cast_signed() >> (32 - bits)
}

/// Low byte of the first; its high nibble and, above, the second's; low byte of the second.
fn pick_212(bytes: &[u8], at: usize) -> Option<i32> {
    let begin = at / 2 * 3;
    let [low, middle] = take(bytes, begin)?;
    let word = if at.is_multiple_of(2) {
        u32::from(low) | u32::from(middle & 0x0f) << 8
    } else {
        u32::from(*bytes.get(begin + 2)?) | u32::from(middle >> 4) << 8
    };
    Some(signed(word, 12))
}

/// Two words: bits 1 to 10 of each are a sample, bits 11 to 15 of both together the third.
fn pick_310(bytes: &[u8], at: usize) -> Option<i32> {
    let begin = at / 3 * 4;
    let word = |at| take(bytes, at).map(|pair| u32::from(u16::from_le_bytes(pair)));
    let found = match at % 3 {
        0 => word(begin)? >> 1,
        1 => word(begin + 2)? >> 1,
        _ => word(begin)? >> 11 | word(begin + 2)? >> 11 << 5,
    };
    Some(signed(found, 10))
}

/// Ten bits each, from the lowest on. The last samples of a file may be in fewer than four bytes.
fn pick_311(bytes: &[u8], at: usize) -> Option<i32> {
    let part = at % 3;
    let [low, high] = take(bytes, at / 3 * 4 + part)?;
    // The sample begins at bit 10 × part: 2 × part bits into the byte `part`.
    Some(signed((u32::from(low) | u32::from(high) << 8) >> (2 * part), 10))
}
