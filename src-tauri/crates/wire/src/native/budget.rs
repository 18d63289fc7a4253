//! What one connection may cost. A device that sends far more than it declared is cut off before it costs the ward.

use std::time::Duration;

use model::{NumericTiming, ReceiptTime};

use super::greeting::Greeting;

/// So many times what it declared a device may send.
const TIMES_DECLARED: u64 = 8;

/// Messages a second that any device may send: 25 times the four blocks that `FEED.md` asks for.
const MESSAGES_A_SECOND_MIN: u64 = 100;

/// Bytes a second that any device may send: a full message of back-filled values.
const BYTES_A_SECOND_MIN: u64 = 64 * 1_024;

/// Wave messages a second that `FEED.md` asks for, each channel by itself at worst.
const BLOCKS_A_SECOND: u64 = 4;

/// Bytes of a sample, of a number and of a message as text.
const SAMPLE_BYTES: u64 = 7;
const NUMBER_BYTES: u64 = 100;
const MESSAGE_BYTES: u64 = 200;

/// What may come at once, in seconds of the allowed rate: with [`TIMES_DECLARED`] that is a stalled network that catches
/// up on 80 s.
const BURST_SECONDS: u64 = 10;

/// A device that goes on for so long after its budget was spent is let go.
const BORNE_FOR: Duration = Duration::from_secs(5);

/// What comes of a message's cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is within the budget.
    Taken,
    /// It is dropped.
    Dropped,
    /// It is dropped, and the device with it.
    TooMuch,
}

/// The budget of one device.
#[derive(Debug)]
pub(super) struct Budget {
    messages: Bucket,
    bytes: Bucket,
    over_since: Option<ReceiptTime>,
    now: Option<ReceiptTime>,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            messages: Bucket::new(MESSAGES_A_SECOND_MIN),
            bytes: Bucket::new(BYTES_A_SECOND_MIN),
            over_since: None,
            now: None,
        }
    }
}

impl Budget {
    /// Allows what a greeting declares, eight times over.
    pub(super) fn allow(&mut self, greeting: &Greeting) {
        let mut messages = a_second(greeting.heartbeat);
        let mut bytes = 0_u64;
        for known in greeting.numerics() {
            let (NumericTiming::Every(span) | NumericTiming::Intermittent(span)) = known.timing;
            messages = messages.saturating_add(a_second(span));
            bytes = bytes.saturating_add(a_second(span) * NUMBER_BYTES);
        }
        for channel in greeting.channels() {
            let (samples, span_s) = channel.rate.fraction();
            messages = messages.saturating_add(BLOCKS_A_SECOND);
            bytes = bytes.saturating_add(u64::from(samples).div_ceil(u64::from(span_s)) * SAMPLE_BYTES);
        }
        bytes = bytes.saturating_add(messages * MESSAGE_BYTES);
        self.messages.a_second = (messages * TIMES_DECLARED).max(MESSAGES_A_SECOND_MIN);
        self.bytes.a_second = (bytes * TIMES_DECLARED).max(BYTES_A_SECOND_MIN);
    }

    /// Messages a second that are allowed.
    pub(super) const fn messages_a_second(&self) -> u64 {
        self.messages.a_second
    }

    /// Bytes a second that are allowed.
    pub(super) const fn bytes_a_second(&self) -> u64 {
        self.bytes.a_second
    }

    /// One message of so many bytes.
    pub(super) fn spend(&mut self, now: ReceiptTime, bytes: usize) -> Verdict {
        let passed = self.now.replace(now).map_or(Duration::ZERO, |before| now.since(before));
        self.messages.fill(passed);
        self.bytes.fill(passed);
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        if self.messages.holds(1) && self.bytes.holds(bytes) {
            self.messages.take(1);
            self.bytes.take(bytes);
            if self.messages.is_half_full() && self.bytes.is_half_full() {
                self.over_since = None;
            }
            return Verdict::Taken;
        }
        if now.since(*self.over_since.get_or_insert(now)) < BORNE_FOR {
            Verdict::Dropped
        } else {
            self.over_since = None;
            Verdict::TooMuch
        }
    }
}

/// How often in a second something comes that comes once in `span`, rounded up.
fn a_second(span: Duration) -> u64 {
    let micros = u64::try_from(span.as_micros()).unwrap_or(u64::MAX).max(1);
    1_000_000_u64.div_ceil(micros)
}

/// A bucket that fills at a rate and holds [`BURST_SECONDS`] of it.
#[derive(Debug)]
pub(super) struct Bucket {
    a_second: u64,
    /// In millionths, so that a microsecond fills a whole number of them.
    level: u64,
}

/// Millionths.
const WHOLE: u64 = 1_000_000;

impl Bucket {
    fn new(a_second: u64) -> Self {
        Self {
            a_second,
            level: a_second * BURST_SECONDS * WHOLE,
        }
    }

    fn full(&self) -> u64 {
        self.a_second.saturating_mul(BURST_SECONDS * WHOLE)
    }

    fn fill(&mut self, passed: Duration) {
        let micros = u64::try_from(passed.as_micros()).unwrap_or(u64::MAX);
        let more = self.a_second.saturating_mul(micros);
        self.level = self.level.saturating_add(more).min(self.full());
    }

    fn holds(&self, amount: u64) -> bool {
        self.level >= amount.saturating_mul(WHOLE)
    }

    fn take(&mut self, amount: u64) {
        self.level = self.level.saturating_sub(amount.saturating_mul(WHOLE));
    }

    fn is_half_full(&self) -> bool {
        self.level >= self.full() / 2
    }
}
