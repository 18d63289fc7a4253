//! Watches the page. On Linux a dead WebKit process leaves the last picture standing and says nothing.

use std::sync::Arc;
use std::time::Duration;

use station::Station;
use tauri::WebviewWindow;
use tokio::time::{Instant, MissedTickBehavior};

use crate::screen::ScreenState;

/// How often the page's last report is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Between two reloads: a page on a busy machine needs its time to come up.
const RELOAD_AGAIN_AFTER: Duration = Duration::from_secs(8);

/// Raises an alert when the page is quiet, and loads it again. Runs until the program ends.
pub async fn watch(window: WebviewWindow, state: Arc<ScreenState>, station: Station) {
    let mut look = tokio::time::interval(LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut dead = false;
    let mut reloaded_at: Option<Instant> = None;
    loop {
        look.tick().await;
        let quiet = state.is_quiet();
        if quiet != dead {
            dead = quiet;
            station.report_page_dead(quiet).await;
        }
        if !quiet {
            reloaded_at = None;
            continue;
        }
        if reloaded_at.is_none_or(|at| at.elapsed() >= RELOAD_AGAIN_AFTER) {
            reloaded_at = Some(Instant::now());
            tracing::warn!("the page does not answer; loading it again");
            if let Err(error) = window.reload() {
                tracing::error!(%error, "the page cannot be loaded again");
            }
        }
    }
}
