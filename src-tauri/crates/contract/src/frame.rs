//! Waves on their way to the page: one binary frame a tick, little-endian, 8-byte aligned.
//!
//! ```text
//! frame  0 u32 magic "WLF1"   4 u32 seq   8 f64 station now, ms   16 u16 blocks   18 u16 0   20 u32 0   24 blocks…
//! block  0 u16 bed index   2 u8 metric id   3 u8 flags (1: gap before)   4 u16 samples   6 u16 0
//!        8 f64 start, ms   16 f64 received, ms   24 f32 transit above the quickest, ms
//!       28 f32 resolution   32 f32 offset   36 u32 rate samples   40 u32 rate seconds   44 u32 0
//!       48 i16 samples, then zeros up to a multiple of 8; -32768 is "no sample"
//! ```

use model::SampleArray;

/// `WLF1`, little-endian.
pub const MAGIC: u32 = u32::from_le_bytes(*b"WLF1");
/// Bytes before the first block.
pub const FRAME_HEADER_BYTES: usize = 24;
/// Bytes before a block's samples.
pub const BLOCK_HEADER_BYTES: usize = 48;
/// Flag: something is missing between the block before and this one.
pub const FLAG_GAP_BEFORE: u8 = 1;

/// A frame under way.
#[derive(Debug)]
pub struct FrameWriter {
    bytes: Vec<u8>,
    blocks: u16,
}

impl FrameWriter {
    /// Starts frame `seq`; `now_ms` is the station's clock.
    pub fn new(seq: u32, now_ms: f64) -> Self {
        let mut bytes = Vec::with_capacity(8 * 1024);
        bytes.extend(MAGIC.to_le_bytes());
        bytes.extend(seq.to_le_bytes());
        bytes.extend(now_ms.to_le_bytes());
        bytes.extend([0; 8]);
        Self { bytes, blocks: 0 }
    }

    /// Adds a block. Says `false`, and adds nothing, when the frame or the block is over what 16 bits count.
    pub fn push(&mut self, bed: u16, block: &SampleArray, transit_ms: f32) -> bool {
        let (Some(blocks), Ok(count)) = (self.blocks.checked_add(1), u16::try_from(block.samples.len())) else {
            return false;
        };
        self.blocks = blocks;
        let (rate_samples, rate_seconds) = block.rate.fraction();
        let flags = if block.gap_before { FLAG_GAP_BEFORE } else { 0 };
        self.bytes.extend(bed.to_le_bytes());
        self.bytes.extend([block.metric.id(), flags]);
        self.bytes.extend(count.to_le_bytes());
        self.bytes.extend([0; 2]);
        self.bytes.extend(millis(block.start.as_micros()).to_le_bytes());
        self.bytes.extend(millis(block.received_at.as_micros()).to_le_bytes());
        self.bytes.extend(transit_ms.to_le_bytes());
        #[expect(
            clippy::cast_possible_truncation,
            reason = "seven digits are more than a pixel shows"
        )]
        for part in [block.scale.resolution() as f32, block.scale.offset() as f32] {
            self.bytes.extend(part.to_le_bytes());
        }
        self.bytes.extend(rate_samples.to_le_bytes());
        self.bytes.extend(rate_seconds.to_le_bytes());
        self.bytes.extend([0; 4]);
        for sample in &block.samples {
            self.bytes.extend(sample.to_le_bytes());
        }
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        true
    }

    /// Whether no block was added.
    pub fn is_empty(&self) -> bool {
        self.blocks == 0
    }

    /// The frame.
    pub fn finish(mut self) -> Vec<u8> {
        if let Some(place) = self.bytes.get_mut(16..18) {
            place.copy_from_slice(&self.blocks.to_le_bytes());
        }
        self.bytes
    }
}

/// Milliseconds with their fraction; exact to a microsecond for the next thousands of years.
#[expect(clippy::cast_precision_loss, reason = "2^53 us is the year 2255")]
pub fn millis(micros: i64) -> f64 {
    micros as f64 / 1_000.0
}

#[cfg(test)]
mod tests {
    use model::{DeviceTime, GenerationMode, MetricCode, ReceiptTime, SampleRate, Scale};

    use super::*;

    #[test]
    fn a_frame_has_the_layout_that_its_documentation_draws() {
        let block = SampleArray {
            metric: MetricCode::EcgII,
            measured_at: DeviceTime::from_millis(5),
            received_at: ReceiptTime::from_micros(2_500),
            start: ReceiptTime::from_micros(1_250),
            rate: SampleRate::new(125, 2).unwrap(),
            scale: Scale::new(0.005, -1.0).unwrap(),
            mode: GenerationMode::Demo,
            samples: vec![1, -2, model::NO_SAMPLE],
            gap_before: true,
        };
        let mut writer = FrameWriter::new(7, 3.5);
        assert!(writer.push(513, &block, 1.5));
        let frame = writer.finish();
        assert_eq!(frame.len(), FRAME_HEADER_BYTES + BLOCK_HEADER_BYTES + 8);
        assert_eq!(&frame[..8], b"WLF1\x07\0\0\0");
        assert_eq!(frame[16..18], [1, 0]);
        assert_eq!(frame[24..30], [1, 2, 66, 1, 3, 0]);
        assert_eq!(frame[32..40], 1.25_f64.to_le_bytes());
        assert_eq!(frame[40..48], 2.5_f64.to_le_bytes());
        assert_eq!(frame[60..68], [125, 0, 0, 0, 2, 0, 0, 0]);
        assert_eq!(frame[72..80], [1, 0, 0xfe, 0xff, 0, 0x80, 0, 0]);
    }
}
