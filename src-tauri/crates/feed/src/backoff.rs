//! How long to wait before trying again: exponential, jittered from a seed of the feed's own, so that a ward that lost
//! its switch does not come back in step and a test sees the same waits each time.

use std::time::Duration;

use tokio::time::Instant;

use crate::link::Life;
use crate::{FeedSetup, Timing};

/// The schedule of one feed.
#[derive(Debug)]
pub(crate) struct Backoff {
    random: u64,
    /// Attempts since the schedule began.
    attempts: u32,
    /// When the outage began, or the feed was started.
    since: Instant,
}

impl Backoff {
    /// Begins at `now`, seeded from the feed's number, bed and address.
    pub(crate) fn new(setup: &FeedSetup, now: Instant) -> Self {
        // FNV-1a: small, stable between builds, and nothing here is secret.
        let text = format!("{}|{}|{}", setup.index, setup.bed, setup.source.display_name());
        let seed = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Self {
            random: seed,
            attempts: 0,
            since: now,
        }
    }

    /// The number of the attempt that comes next: 1 for the first since the feed was last live.
    pub(crate) fn attempt(&self) -> u32 {
        self.attempts.saturating_add(1)
    }

    /// An attempt ended at `now`, after it had lived for `life`: how long to wait. A life that brought data or lasted
    /// [`Timing::stable`] begins the schedule anew.
    pub(crate) fn after(&mut self, now: Instant, life: Option<Life>, timing: &Timing) -> Duration {
        let lived = life.map(|life| (now.saturating_duration_since(life.since), life.data));
        if lived.is_some_and(|(span, data)| data || span >= timing.stable) {
            self.attempts = 0;
            self.since = now;
        }
        let short = now.saturating_duration_since(self.since) < timing.short_outage;
        let most = if short {
            timing.retry_short_max
        } else {
            timing.retry_max
        };
        let doubled = 1_u32.checked_shl(self.attempts.min(16)).unwrap_or(u32::MAX);
        self.attempts = self.attempts.saturating_add(1);
        let wait = self.jittered(timing.retry_first.saturating_mul(doubled).min(most));
        match lived {
            Some((span, _)) => wait.max(timing.live_spacing.saturating_sub(span)),
            None => wait,
        }
    }

    /// Between half of `wait` and all of it.
    fn jittered(&mut self, wait: Duration) -> Duration {
        // splitmix64
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let share = u32::try_from((z ^ (z >> 31)) % 1_000).unwrap_or(0);
        wait / 2 + (wait / 2).saturating_mul(share) / 1_000
    }
}
