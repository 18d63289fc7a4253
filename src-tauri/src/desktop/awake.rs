//! Keeps the computer awake while a ward is watched: a computer that sleeps watches nobody.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;
use zbus::Connection;
use zbus::zvariant::OwnedFd;

use crate::screen::ScreenState;

const LOGIND: &str = "org.freedesktop.login1";
const LOGIND_PATH: &str = "/org/freedesktop/login1";
const LOGIND_MANAGER: &str = "org.freedesktop.login1.Manager";
const SCREEN_SAVER: &str = "org.freedesktop.ScreenSaver";
const SCREEN_SAVER_PATH: &str = "/org/freedesktop/ScreenSaver";
/// A bus that takes longer is treated as none.
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);
/// What was not granted is asked for again after this.
const ASK_AGAIN_AFTER: Duration = Duration::from_mins(1);
/// What must not happen to a station, in logind's words. A lid has its own: it sends to sleep past the first.
const BLOCKED: [&str; 3] = ["sleep", "idle", "handle-lid-switch"];

/// Asks until it is granted, then holds on to it until the program ends.
pub async fn keep(screen: Arc<ScreenState>) {
    let mut told = false;
    let _granted = loop {
        let why = match timeout(ANSWERS_WITHIN, inhibit()).await {
            Ok(Ok(held)) => break held,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "no answer".to_owned(),
        };
        if !std::mem::replace(&mut told, true) {
            tracing::warn!(%why, "this computer may go to sleep; switch suspending off in its settings");
        }
        screen.set_lack(Some("This computer may go to sleep"));
        tokio::time::sleep(ASK_AGAIN_AFTER).await;
    };
    screen.set_lack(None);
    // A dark screen hides alerts as well; desktops that have no such service keep it lit or do not.
    let _lit = timeout(ANSWERS_WITHIN, keep_lit()).await;
    std::future::pending::<()>().await;
}

/// Held as long as the process: closing a handle gives its promise back.
async fn inhibit() -> zbus::Result<Vec<OwnedFd>> {
    let bus = Connection::system().await?;
    let mut held = Vec::with_capacity(BLOCKED.len());
    for what in BLOCKED {
        let body = (what, "Wardlight", "a ward is being watched", "block");
        let answer = bus
            .call_method(Some(LOGIND), LOGIND_PATH, Some(LOGIND_MANAGER), "Inhibit", &body)
            .await?;
        held.push(answer.body().deserialize()?);
    }
    Ok(held)
}

async fn keep_lit() -> zbus::Result<Connection> {
    let bus = Connection::session().await?;
    let body = ("Wardlight", "a ward is being watched");
    bus.call_method(
        Some(SCREEN_SAVER),
        SCREEN_SAVER_PATH,
        Some(SCREEN_SAVER),
        "Inhibit",
        &body,
    )
    .await?;
    Ok(bus)
}
