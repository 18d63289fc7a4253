//! What the desktop around the window is told: notifications, the tray, the taskbar, and that it must not go to sleep.
//!
//! All of it is best effort and beside the watch: its own screen on the station, its own tasks, an end to every wait.
//! No patient's name leaves the window: a lock screen shows notifications.

mod attention;
mod awake;
mod notify;
mod tray;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use model::Priority;
use station::Station;
use station::screen::Screen;
use tauri::{UserAttentionType, WebviewWindow};
use tokio::sync::watch;

use crate::screen::ScreenState;
use attention::Attention;

/// News are looked at so often; a burst of alerts is then one look.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Whether the window has the keyboard: a person sits before it.
#[derive(Clone, Debug, Default)]
pub struct Focus(Arc<AtomicBool>);

impl Focus {
    /// The window got the keyboard, or lost it.
    pub fn set(&self, focused: bool) {
        self.0.store(focused, Ordering::Relaxed);
    }

    fn is_there(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Brings the window before the person's eyes.
pub fn show(window: &WebviewWindow) {
    for done in [window.show(), window.unminimize(), window.set_focus()] {
        if let Err(error) = done {
            tracing::warn!(%error, "the window cannot be brought to the front");
        }
    }
}

/// Starts everything; it ends with the program. Call it inside a tokio runtime.
pub fn start(window: &WebviewWindow, focus: Focus, station: Station, screen: Arc<ScreenState>, beds: usize) {
    let (worst, worst_seen) = watch::channel(tray::Shown::default());
    let own = window.clone();
    tokio::spawn(async move {
        // `None` on a station that is stopping.
        if let Some(news) = station.open_screen().await {
            keep(&own, &focus, &news, &worst).await;
        }
    });
    tokio::spawn(tray::keep(window.clone(), worst_seen));
    if beds > 0 {
        tokio::spawn(awake::keep(screen));
    }
}

async fn keep(window: &WebviewWindow, focus: &Focus, news: &Screen, worst: &watch::Sender<tray::Shown>) {
    let mut attention = Attention::default();
    let mut notices = notify::Notices::default();
    let mut asked: Option<Priority> = None;
    loop {
        news.urgent().await;
        tokio::time::sleep(LOOK_EVERY).await;
        let said = attention.take(&news.take().alerts);
        worst.send_if_modified(|shown| std::mem::replace(shown, said.shown) != said.shown);
        for id in &said.quiet {
            notices.withdraw(*id).await;
        }
        if !focus.is_there() {
            for call in &said.calls {
                notices.show(call).await;
            }
        }
        let wanted = said
            .shown
            .sounding
            .filter(|p| *p == Priority::High && !focus.is_there());
        if wanted != asked {
            asked = wanted;
            let kind = wanted.map(|_| UserAttentionType::Critical);
            if let Err(error) = window.request_user_attention(kind) {
                tracing::debug!(%error, "the taskbar");
            }
        }
    }
}
