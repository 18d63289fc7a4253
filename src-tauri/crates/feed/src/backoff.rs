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

#[cfg(test)]
mod tests {
    use model::BedId;
    use proptest::prelude::*;

    use super::*;
    use crate::FeedSource;

    fn setup(index: u16) -> FeedSetup {
        FeedSetup {
            index,
            bed: BedId::new("bed-07").unwrap(),
            source: FeedSource::WebSocket {
                url: "ws://127.0.0.1:9101/feed".into(),
                ca_file: None,
            },
            station_name: "Ward 3".into(),
        }
    }

    /// The waits of an outage in which each attempt takes `attempt`, until `for_how_long`, with the time of each.
    fn outage(index: u16, attempt: Duration, for_how_long: Duration) -> Vec<(Duration, Duration)> {
        let begin = Instant::now();
        let mut backoff = Backoff::new(&setup(index), begin);
        let mut now = begin;
        let mut waits = Vec::new();
        while now < begin + for_how_long {
            now += attempt;
            let wait = backoff.after(now, None, &Timing::default());
            waits.push((now - begin, wait));
            now += wait;
        }
        waits
    }

    #[test]
    fn a_short_outage_is_noticed_soon_and_a_long_one_costs_little() {
        let waits = outage(0, Duration::ZERO, Duration::from_mins(10));
        let (_, first) = waits[0];
        assert!(first <= Timing::RETRY_FIRST && first >= Timing::RETRY_FIRST / 2);
        for (at, wait) in &waits {
            let most = if *at < Timing::SHORT_OUTAGE {
                Timing::RETRY_SHORT_MAX
            } else {
                Timing::RETRY_MAX
            };
            assert!(*wait <= most, "{wait:?} at {at:?}");
        }
        assert!(
            waits
                .iter()
                .all(|(at, wait)| *at < Timing::SHORT_OUTAGE * 2 || *wait >= Timing::RETRY_MAX / 2)
        );
        assert!(waits.len() < 200, "{}", waits.len());
    }

    #[test]
    fn each_feed_has_its_own_waits_and_the_same_ones_each_time() {
        let minute = Duration::from_mins(1);
        assert_eq!(outage(1, Duration::ZERO, minute), outage(1, Duration::ZERO, minute));
        assert_ne!(outage(1, Duration::ZERO, minute), outage(2, Duration::ZERO, minute));
    }

    #[test]
    fn data_begin_the_schedule_anew_and_a_hello_alone_does_not() {
        let timing = Timing::default();
        let begin = Instant::now();
        let mut backoff = Backoff::new(&setup(0), begin);
        for _ in 0..9 {
            backoff.after(begin, None, &timing);
        }
        assert_eq!(backoff.attempt(), 10);
        let life = |data, span| {
            let since = begin + Duration::from_secs(100);
            (since + span, Some(Life { since, data }))
        };
        let (now, hello) = life(false, Duration::from_secs(5));
        backoff.after(now, hello, &timing);
        assert_eq!(backoff.attempt(), 11);
        let (now, stable) = life(false, Timing::STABLE);
        assert!(backoff.after(now, stable, &timing) <= Timing::RETRY_FIRST);
        assert_eq!(backoff.attempt(), 2);
        backoff.after(now, None, &timing);
        let (now, data) = life(true, Duration::from_secs(5));
        assert!(backoff.after(now, data, &timing) <= Timing::RETRY_FIRST);
        assert_eq!(backoff.attempt(), 2);
    }

    #[test]
    fn a_device_that_comes_and_goes_is_not_called_more_often_than_once_a_second() {
        let begin = Instant::now();
        let mut backoff = Backoff::new(&setup(0), begin);
        let life = Some(Life {
            since: begin,
            data: true,
        });
        let wait = backoff.after(begin + Duration::from_millis(1), life, &Timing::default());
        assert_eq!(wait, Duration::from_millis(999));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_wait_is_nothing_and_none_is_too_long(index: u16, attempt_ms in 0..5_000_u64) {
            for (at, wait) in outage(index, Duration::from_millis(attempt_ms), Duration::from_mins(3)) {
                let short = at < Timing::SHORT_OUTAGE;
                prop_assert!(wait >= Timing::RETRY_FIRST / 2);
                let most = if short { Timing::RETRY_SHORT_MAX } else { Timing::RETRY_MAX };
                prop_assert!(wait <= most);
            }
        }
    }
}
