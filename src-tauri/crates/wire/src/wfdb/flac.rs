//! FLAC streams of 4 to 24 bits, as formats 508, 516 and 524 hold them.
//!
//! Opening finds where each frame begins and checks every frame's checksum; a range decodes only the frames that it
//! touches. Source: RFC 9639. Not checked: the MD5 of the whole stream (the record's own checksums say as much).

use std::ops::Range;
use std::sync::Arc;

use super::bits::{BitReader, CRC_8, CRC_16};
use super::flac_frame::{FrameHeader, decode};
use crate::recording::RecordingError;

/// A stream, indexed.
#[derive(Debug)]
pub(super) struct Flac {
    bytes: Arc<Vec<u8>>,
    info: StreamInfo,
    /// In order, without a hole.
    frames: Vec<Frame>,
    /// Samples of each channel.
    samples: u64,
}

/// What the first metadata block says of every frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct StreamInfo {
    pub(super) channels: usize,
    pub(super) bits: u32,
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    /// Where in the file.
    at: usize,
    /// Its first sample's number.
    first: u64,
}

impl Flac {
    /// Finds the frames.
    ///
    /// # Errors
    /// Bytes that are no FLAC stream, with the place; a frame whose checksum does not hold.
    pub(super) fn index(bytes: Arc<Vec<u8>>) -> Result<Self, RecordingError> {
        let (info, mut at) = metadata(&bytes)?;
        let mut frames: Vec<Frame> = Vec::new();
        let mut samples = 0_u64;
        while at < bytes.len() {
            let part = bytes.get(at..).unwrap_or_default();
            let header = FrameHeader::read(part, info).map_err(|problem| damaged(at, problem))?;
            let wanted = header.number_of(frames.len(), samples);
            if header.number != wanted {
                let problem = format!("it says that it is number {}, expected {wanted}", header.number);
                return Err(damaged(at, &problem));
            }
            frames.push(Frame { at, first: samples });
            samples += u64::from(header.block);
            let follows = |next: &[u8]| {
                FrameHeader::read(next, info).is_ok_and(|h| h.number == h.number_of(frames.len(), samples))
            };
            at += end_of(part, header.length, follows)
                .ok_or_else(|| damaged(at, "its checksum does not hold; the file was cut or damaged"))?;
        }
        Ok(Self {
            bytes,
            info,
            frames,
            samples,
        })
    }

    pub(super) const fn samples(&self) -> u64 {
        self.samples
    }

    pub(super) const fn info(&self) -> StreamInfo {
        self.info
    }

    /// Appends the samples of one channel.
    pub(super) fn read(&self, channel: usize, range: Range<u64>, into: &mut Vec<i32>) -> Result<(), RecordingError> {
        let from = self
            .frames
            .partition_point(|f| f.first <= range.start)
            .saturating_sub(1);
        for frame in self.frames.iter().skip(from).take_while(|f| f.first < range.end) {
            let part = self.bytes.get(frame.at..).unwrap_or_default();
            let decoded = decode(part, self.info, channel).map_err(|problem| damaged(frame.at, problem))?;
            let place = |sample: u64| usize::try_from(sample.saturating_sub(frame.first)).unwrap_or(usize::MAX);
            let to = place(range.end).min(decoded.len());
            into.extend_from_slice(decoded.get(place(range.start).min(to)..to).unwrap_or_default());
        }
        Ok(())
    }
}

/// Where the frame that begins the bytes ends: where its checksum holds and the file ends or another frame begins.
fn end_of(bytes: &[u8], header: usize, follows: impl Fn(&[u8]) -> bool) -> Option<usize> {
    let mut sum = 0_u16;
    for (at, byte) in bytes.iter().enumerate() {
        // The sum over a frame with its own checksum is 0.
        if sum == 0 && at > header && *byte == 0xff && follows(bytes.get(at..)?) {
            return Some(at);
        }
        sum = CRC_16.next(sum, *byte);
    }
    (sum == 0 && bytes.len() > header).then_some(bytes.len())
}

/// Reads the metadata; returns where the first frame begins.
fn metadata(bytes: &[u8]) -> Result<(StreamInfo, usize), RecordingError> {
    let wrong = |at: usize, problem: &str| RecordingError::new(format!("byte {at}"), problem);
    if bytes.first_chunk() != Some(b"fLaC") {
        return Err(wrong(0, "no FLAC stream: it does not begin with \"fLaC\""));
    }
    let mut at = 4;
    let mut info = None;
    loop {
        let Some(&[kind, a, b, c]) = bytes.get(at..).and_then(|b| b.first_chunk()) else {
            return Err(wrong(at, "the FLAC metadata are cut"));
        };
        let length = u32::from_be_bytes([0, a, b, c]) as usize;
        let Some(block) = bytes.get(at + 4..at + 4 + length) else {
            return Err(wrong(at, "a FLAC metadata block is longer than the rest of the file"));
        };
        if kind << 1 == 0 {
            info = Some(stream_info(block).ok_or_else(|| wrong(at, "a FLAC stream of 4 to 24 bits was expected"))?);
        }
        at += 4 + length;
        if kind & 0x80 != 0 {
            break;
        }
    }
    let missing = || wrong(4, "the FLAC stream does not say how many channels it has");
    Ok((info.ok_or_else(missing)?, at))
}

fn stream_info(block: &[u8]) -> Option<StreamInfo> {
    let mut bits = BitReader::new(block.get(10..34)?);
    let rate = bits.take(20)?;
    let channels = usize::try_from(bits.take(3)?).ok()? + 1;
    let bits = u32::try_from(bits.take(5)?).ok()? + 1;
    // The rate is the sound card's word for it; the record's header has the true one.
    (rate < 1 << 20 && (4..=24).contains(&bits)).then_some(StreamInfo { channels, bits })
}

fn damaged(at: usize, problem: &str) -> RecordingError {
    RecordingError::new(format!("FLAC frame at byte {at}"), problem)
}

/// Whether the bytes of a frame header check.
pub(super) fn header_holds(bytes: &[u8], sum: u8) -> bool {
    bytes.iter().fold(0, |s, b| CRC_8.next(s, *b)) == sum
}
