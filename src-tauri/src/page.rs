//! Watches the page. On Linux a dead WebKit process leaves the last picture standing and says nothing.

use std::sync::Arc;
use std::time::Duration;

use station::Station;
use tauri::WebviewWindow;
use tokio::time::{Instant, MissedTickBehavior};

use crate::screen::ScreenState;

/// How often the page's signs of life are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// A page that was merely busy comes back within this by itself; to load it again would cost more.
const RELOAD_AFTER: Duration = Duration::from_secs(3);
/// A page that does not come back is loaded again: a page on a busy machine needs its time to come up.
const RELOAD_AGAIN_AFTER: Duration = Duration::from_secs(8);
/// Each reload that does not help doubles the time to the next, up to this.
const RELOAD_AGAIN_AFTER_MAX: Duration = Duration::from_mins(5);
/// A reload has helped when the page has lived for so long.
const HELPED_AFTER: Duration = Duration::from_secs(30);

/// When a dead page is loaded again.
#[derive(Debug)]
struct Reloads {
    next_at: Option<Instant>,
    again_after: Duration,
    alive_since: Option<Instant>,
}

impl Reloads {
    const fn new() -> Self {
        Self {
            next_at: None,
            again_after: RELOAD_AGAIN_AFTER,
            alive_since: None,
        }
    }

    /// Whether to load the page again now.
    fn due(&mut self, dead: bool, now: Instant) -> bool {
        if !dead {
            let since = *self.alive_since.get_or_insert(now);
            if now - since >= HELPED_AFTER {
                *self = Self::new();
                self.alive_since = Some(since);
            }
            return false;
        }
        self.alive_since = None;
        let next_at = *self.next_at.get_or_insert(now + RELOAD_AFTER);
        if now < next_at {
            return false;
        }
        self.next_at = Some(now + self.again_after);
        self.again_after = (2 * self.again_after).min(RELOAD_AGAIN_AFTER_MAX);
        true
    }
}

/// Raises an alert when the page is dead, and loads it again. Runs until the program ends.
pub async fn watch(window: WebviewWindow, state: Arc<ScreenState>, station: Station) {
    let mut look = tokio::time::interval(LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut known = None;
    let mut reloads = Reloads::new();
    loop {
        look.tick().await;
        let ailment = state.ailment();
        if ailment != known {
            if let Some(ailment) = ailment {
                tracing::error!(?ailment, "the page does not answer");
            }
            if ailment.is_some() != known.is_some() {
                station.report_page_dead(ailment.is_some()).await;
            }
            known = ailment;
        }
        if reloads.due(ailment.is_some(), Instant::now()) {
            tracing::warn!("loading the page again");
            if let Err(error) = window.reload() {
                tracing::error!(%error, "the page cannot be loaded again");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds after the first look at which a page that is dead from `dead` seconds on is loaded again.
    fn reloads(looks_s: u64, dead: impl Fn(u64) -> bool) -> Vec<u64> {
        let start = Instant::now();
        let mut reloads = Reloads::new();
        (0..looks_s)
            .filter(|s| reloads.due(dead(*s), start + Duration::from_secs(*s)))
            .collect()
    }

    #[test]
    fn a_reload_that_does_not_help_is_tried_ever_more_rarely_and_for_ever() {
        let at = reloads(2_000, |_| true);
        let gaps: Vec<u64> = at.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert_eq!(at[0], 3);
        assert_eq!(gaps, [8, 16, 32, 64, 128, 256, 300, 300, 300, 300]);
    }

    #[test]
    fn a_page_that_was_busy_for_a_second_is_not_loaded_again() {
        assert_eq!(reloads(60, |s| s == 5), [] as [u64; 0]);
    }

    #[test]
    fn a_page_that_lives_for_a_moment_between_two_deaths_has_not_been_helped() {
        let at = reloads(300, |s| s % 20 != 0);
        assert!(at.len() <= 6, "{at:?}");
    }

    #[test]
    fn a_page_that_lived_again_is_helped_quickly_the_next_time() {
        let at = reloads(200, |s| !(30..100).contains(&s));
        assert_eq!(at, [3, 11, 27, 103, 111, 127, 159]);
    }
}
