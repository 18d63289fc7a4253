//! How long messages are under way, as far as two clocks that do not agree can tell.

use model::{DeviceTime, ReceiptTime};

/// How long the quickest message counts as the measure. Two such windows are kept, so that a clock that runs
/// slow (20 parts in a million) adds at most 24 ms before it is forgotten.
const WINDOW_MICROS: i64 = 600_000_000;

/// A difference that grows by more than this at once is a clock that was set, not a slow message.
const STEP_MICROS: i64 = 30_000_000;

/// The excess of each message over the quickest of late.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Transit {
    window_began: Option<ReceiptTime>,
    smallest: i64,
    smallest_before: i64,
}

impl Transit {
    /// How much later than the quickest message of late this one came, in milliseconds.
    pub(super) fn excess_ms(&mut self, received: ReceiptTime, sent: DeviceTime) -> f32 {
        let difference = received.as_micros().saturating_sub(sent.as_micros());
        let quickest = self.smallest.min(self.smallest_before);
        let stepped = difference.saturating_sub(quickest).saturating_abs() > STEP_MICROS;
        match self.window_began {
            Some(began) if !stepped => {
                if received.as_micros().saturating_sub(began.as_micros()) > WINDOW_MICROS {
                    self.window_began = Some(received);
                    self.smallest_before = self.smallest;
                    self.smallest = difference;
                }
                self.smallest = self.smallest.min(difference);
            }
            Some(_) | None => {
                self.window_began = Some(received);
                self.smallest = difference;
                self.smallest_before = difference;
            }
        }
        let excess = difference.saturating_sub(self.smallest.min(self.smallest_before));
        #[expect(
            clippy::cast_precision_loss,
            reason = "at most 30 s in microseconds, shown in whole milliseconds"
        )]
        let millis = excess as f32 / 1_000.0;
        millis
    }
}
