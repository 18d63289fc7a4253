//! Where samples stand on the station's time line: by order and rate, not by the device's clock.

use std::time::Duration;

use model::{DeviceTime, ReceiptTime, SampleRate};

/// The line may stand this far from the receipt times before it is laid anew: longer than a hiccup of a network,
/// shorter than a person notices beside the numbers.
const DRIFT_MICROS_MAX: i64 = 1_000_000;

/// How long blocks must come late, all of them, before that is a slow sampling clock and not a stalled network.
const LATE_FOR_MICROS: i64 = 10_000_000;

/// The line of one wave.
#[derive(Clone, Debug)]
pub(super) struct Timeline {
    rate: SampleRate,
    anchor: ReceiptTime,
    /// Samples since the anchor: multiplied out each time, so that no rounding adds up.
    count: u64,
    /// Since when every block came more than [`DRIFT_MICROS_MAX`] after its place.
    late_since: Option<ReceiptTime>,
    /// What the device's clock shows at the next sample, if it measures without a break.
    device_next: DeviceTime,
}

/// A block as it arrives.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrival {
    pub(super) now: ReceiptTime,
    /// Device clock at the first sample.
    pub(super) device: DeviceTime,
    pub(super) samples: u64,
    /// Nothing was lost since the block before.
    pub(super) unbroken: bool,
}

/// Where a block goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) start: ReceiptTime,
    pub(super) gap_before: bool,
}

impl Timeline {
    /// Lays the line for the first block: it ends as it arrives.
    pub(super) fn begin(rate: SampleRate, block: Arrival) -> (Self, Place) {
        let length = rate.micros_of(block.samples);
        let start = minus(block.now, length);
        let line = Self {
            rate,
            anchor: start,
            count: block.samples,
            late_since: None,
            device_next: block.device.plus(Duration::from_micros(length.unsigned_abs())),
        };
        (
            line,
            Place {
                start,
                gap_before: true,
            },
        )
    }

    /// The rate it counts in.
    pub(super) const fn rate(&self) -> SampleRate {
        self.rate
    }

    /// Where the next sample goes.
    pub(super) fn end(&self) -> ReceiptTime {
        plus(self.anchor, self.rate.micros_of(self.count))
    }

    /// Places the next block.
    pub(super) fn place(&mut self, block: Arrival) -> Place {
        let start = self.end();
        let drifted = self.drifted(block);
        if block.unbroken && !drifted {
            self.count = self.count.saturating_add(block.samples);
            let length = self.rate.micros_of(block.samples).unsigned_abs();
            self.device_next = block.device.plus(Duration::from_micros(length));
            return Place {
                start,
                gap_before: false,
            };
        }
        let (line, place) = Self::begin(self.rate, block);
        *self = line;
        // A block that came a little early after a loss must not lie over the one before it. Only a sampling
        // clock that ran ahead until the line left the receipt times behind may do that.
        if !drifted {
            self.anchor = place.start.max(start);
        }
        Place {
            start: self.anchor,
            gap_before: true,
        }
    }

    /// Whether the line must be laid anew although nothing was lost.
    fn drifted(&mut self, block: Arrival) -> bool {
        let length = self.rate.micros_of(block.samples);
        let lag = micros_between(plus(self.end(), length), block.now);
        if lag <= DRIFT_MICROS_MAX {
            self.late_since = None;
            return lag < -DRIFT_MICROS_MAX;
        }
        // A stalled network delivers late what was measured in time: the device's clock runs on without a break
        // and the blocks catch up. A wave that was switched off and on again has a break in both clocks.
        let late_since = *self.late_since.get_or_insert(block.now);
        let pause = block.device.as_micros().saturating_sub(self.device_next.as_micros());
        pause > DRIFT_MICROS_MAX || micros_between(late_since, block.now) >= LATE_FOR_MICROS
    }
}

fn micros_between(earlier: ReceiptTime, later: ReceiptTime) -> i64 {
    later.as_micros().saturating_sub(earlier.as_micros())
}

fn plus(t: ReceiptTime, micros: i64) -> ReceiptTime {
    t.plus(Duration::from_micros(micros.unsigned_abs()))
}

fn minus(t: ReceiptTime, micros: i64) -> ReceiptTime {
    t.minus(Duration::from_micros(micros.unsigned_abs()))
}
