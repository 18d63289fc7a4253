//! One frame of a FLAC stream.

use super::bits::BitReader;
use super::flac::{StreamInfo, header_holds};

/// What is wrong with a frame.
type Damage = &'static str;

const CUT: Damage = "it is cut";
const RESERVED: Damage = "it uses a code that FLAC has no meaning for";
const WIDE: Damage = "a sample leaves 32 bits";

/// The first bytes of a frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct FrameHeader {
    /// Bytes of this header.
    pub(super) length: usize,
    /// Samples of each channel.
    pub(super) block: u32,
    /// The frame's number, or its first sample's where blocks vary in size.
    pub(super) number: u64,
    variable: bool,
    /// How two channels were made from left and right.
    pair: Pair,
}

/// How two channels were made from left and right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pair {
    Independent,
    LeftSide,
    SideRight,
    MidSide,
}

impl Pair {
    /// Whether a channel is a difference, which needs one bit more.
    const fn is_side(self, channel: usize) -> bool {
        match self {
            Self::Independent => false,
            Self::LeftSide | Self::MidSide => channel == 1,
            Self::SideRight => channel == 0,
        }
    }
}

impl FrameHeader {
    /// Which number a frame has after so many frames and samples.
    pub(super) fn number_of(&self, frames: usize, samples: u64) -> u64 {
        if self.variable { samples } else { frames as u64 }
    }

    pub(super) fn read(bytes: &[u8], info: StreamInfo) -> Result<Self, Damage> {
        let Some(&[0xff, second, sizes, shape]) = bytes.first_chunk() else {
            return Err("no frame begins there");
        };
        if second & 0xfe != 0xf8 {
            return Err("no frame begins there");
        }
        let (number, mut length) = coded_number(bytes.get(4..).unwrap_or_default()).ok_or(RESERVED)?;
        length += 4;
        let mut more = |count: usize| {
            let field = bytes.get(length..length + count).ok_or(CUT)?;
            length += count;
            Ok::<u32, Damage>(field.iter().fold(0, |value, byte| value << 8 | u32::from(*byte)))
        };
        let block = match sizes >> 4 {
            0 => return Err(RESERVED),
            1 => 192,
            code @ 2..=5 => 576 << (code - 2),
            6 => more(1)? + 1,
            7 => more(2)? + 1,
            code => 256 << (code - 8),
        };
        match sizes & 0x0f {
            12 => more(1)?,
            13 | 14 => more(2)?,
            15 => return Err(RESERVED),
            _ => 0,
        };
        let (pair, channels) = match shape >> 4 {
            8 => (Pair::LeftSide, 2),
            9 => (Pair::SideRight, 2),
            10 => (Pair::MidSide, 2),
            code @ 0..=7 => (Pair::Independent, usize::from(code) + 1),
            _ => return Err(RESERVED),
        };
        let bits = match shape >> 1 & 0x07 {
            0 => info.bits,
            1 => 8,
            2 => 12,
            4 => 16,
            5 => 20,
            6 => 24,
            _ => return Err(RESERVED),
        };
        if shape & 1 != 0 || channels != info.channels || bits != info.bits {
            return Err("its channels or bits are not those of the stream");
        }
        let sum = *bytes.get(length).ok_or(CUT)?;
        if !header_holds(bytes.get(..length).unwrap_or_default(), sum) {
            return Err("the checksum of its header does not hold");
        }
        Ok(Self {
            length: length + 1,
            block,
            number,
            variable: second & 1 != 0,
            pair,
        })
    }
}

/// A number of up to 36 bits, coded as UTF-8 codes characters, and the bytes it takes.
fn coded_number(bytes: &[u8]) -> Option<(u64, usize)> {
    let first = *bytes.first()?;
    let ones = first.leading_ones();
    if ones == 0 {
        return Some((u64::from(first), 1));
    }
    if ones == 1 || ones > 7 {
        return None;
    }
    let mut number = u64::from(first & 0x7f_u8.checked_shr(ones).unwrap_or(0));
    for byte in bytes.get(1..ones as usize)? {
        if byte & 0xc0 != 0x80 {
            return None;
        }
        number = number << 6 | u64::from(byte & 0x3f);
    }
    Some((number, ones as usize))
}

/// The samples of one channel of the frame that begins the bytes.
pub(super) fn decode(bytes: &[u8], info: StreamInfo, channel: usize) -> Result<Vec<i32>, Damage> {
    let header = FrameHeader::read(bytes, info)?;
    let mut bits = BitReader::new(bytes.get(header.length..).unwrap_or_default());
    let mut read = |channel: usize| {
        let depth = info.bits + u32::from(header.pair.is_side(channel));
        subframe(&mut bits, header.block as usize, depth)
    };
    if header.pair == Pair::Independent {
        for before in 0..channel {
            read(before)?;
        }
        return read(channel);
    }
    let (first, second) = (read(0)?, read(1)?);
    let together = first.iter().zip(&second).map(|(a, b)| {
        let (a, b) = (i64::from(*a), i64::from(*b));
        let value = match (header.pair, channel) {
            (Pair::LeftSide, 0) => a,
            (Pair::LeftSide, _) => a - b,
            (Pair::SideRight, 0) => a + b,
            (Pair::SideRight, _) => b,
            // The mid lost its lowest bit, which is the side's.
            (Pair::MidSide | Pair::Independent, 0) => ((a << 1 | b & 1) + b) >> 1,
            (Pair::MidSide | Pair::Independent, _) => ((a << 1 | b & 1) - b) >> 1,
        };
        i32::try_from(value).map_err(|_| WIDE)
    });
    together.collect()
}

/// One channel as it is stored.
fn subframe(bits: &mut BitReader<'_>, block: usize, depth: u32) -> Result<Vec<i32>, Damage> {
    if bits.take(1).ok_or(CUT)? != 0 {
        return Err(RESERVED);
    }
    let kind = bits.take(6).ok_or(CUT)?;
    let wasted = match bits.take(1).ok_or(CUT)? {
        0 => 0,
        _ => bits.zeros().ok_or(CUT)? + 1,
    };
    let depth = depth.checked_sub(wasted).filter(|d| *d > 0).ok_or(RESERVED)?;
    let mut samples = match kind {
        0 => vec![narrow(bits.signed(depth).ok_or(CUT)?)?; block],
        1 => plain(bits, block, depth)?,
        8..=12 => {
            let order = usize::try_from(kind & 7).unwrap_or_default();
            let mut samples = plain(bits, order.min(block), depth)?;
            residual(bits, block, order, &mut samples)?;
            let coefficients: &[i64] = match order {
                0 => &[],
                1 => &[1],
                2 => &[2, -1],
                3 => &[3, -3, 1],
                _ => &[4, -6, 4, -1],
            };
            predict(&mut samples, coefficients, 0)?;
            samples
        }
        32..=63 => linear(bits, block, depth, usize::try_from(kind & 31).unwrap_or_default() + 1)?,
        _ => return Err(RESERVED),
    };
    if wasted > 0 {
        for sample in &mut samples {
            *sample = narrow(i64::from(*sample) << wasted)?;
        }
    }
    Ok(samples)
}

fn narrow(value: i64) -> Result<i32, Damage> {
    i32::try_from(value).map_err(|_| WIDE)
}

fn plain(bits: &mut BitReader<'_>, count: usize, depth: u32) -> Result<Vec<i32>, Damage> {
    (0..count).map(|_| narrow(bits.signed(depth).ok_or(CUT)?)).collect()
}

fn linear(bits: &mut BitReader<'_>, block: usize, depth: u32, order: usize) -> Result<Vec<i32>, Damage> {
    let mut samples = plain(bits, order.min(block), depth)?;
    let precision = u32::try_from(bits.take(4).ok_or(CUT)?).unwrap_or_default() + 1;
    let shift = bits.signed(5).ok_or(CUT)?;
    let shift = u32::try_from(shift).map_err(|_| RESERVED)?;
    if precision == 16 {
        return Err(RESERVED);
    }
    let coefficients: Vec<i64> = (0..order)
        .map(|_| bits.signed(precision).ok_or(CUT))
        .collect::<Result<_, _>>()?;
    residual(bits, block, order, &mut samples)?;
    predict(&mut samples, &coefficients, shift)?;
    Ok(samples)
}

/// Adds to what is stored what the samples before it foretell. The first samples, one for each coefficient, are whole.
fn predict(samples: &mut [i32], coefficients: &[i64], shift: u32) -> Result<(), Damage> {
    for at in coefficients.len()..samples.len() {
        let (before, rest) = samples.split_at_mut(at);
        let sum: i64 = before
            .iter()
            .rev()
            .zip(coefficients)
            .map(|(sample, coefficient)| i64::from(*sample) * coefficient)
            .sum();
        if let Some(sample) = rest.first_mut() {
            *sample = narrow((sum >> shift) + i64::from(*sample))?;
        }
    }
    Ok(())
}

/// Appends what the prediction left, in Rice codes.
fn residual(bits: &mut BitReader<'_>, block: usize, order: usize, into: &mut Vec<i32>) -> Result<(), Damage> {
    let width = match bits.take(2).ok_or(CUT)? {
        0 => 4,
        1 => 5,
        _ => return Err(RESERVED),
    };
    let partitions = 1_usize << bits.take(4).ok_or(CUT)?;
    let share = block / partitions;
    if !block.is_multiple_of(partitions) || share < order {
        return Err("its parts do not divide its samples");
    }
    for partition in 0..partitions {
        let count = if partition == 0 { share - order } else { share };
        let parameter = u32::try_from(bits.take(width).ok_or(CUT)?).unwrap_or_default();
        if parameter == (1 << width) - 1 {
            let depth = u32::try_from(bits.take(5).ok_or(CUT)?).unwrap_or_default();
            into.extend(plain(bits, count, depth)?);
            continue;
        }
        for _ in 0..count {
            let high = u64::from(bits.zeros().ok_or(CUT)?);
            let code = high << parameter | bits.take(parameter).ok_or(CUT)?;
            // Even codes are 0, 1, 2 …, odd ones -1, -2 …
            let value = (code >> 1).cast_signed() ^ -(code & 1).cast_signed();
            into.push(narrow(value)?);
        }
    }
    Ok(())
}
