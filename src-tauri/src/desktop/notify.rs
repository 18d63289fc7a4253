//! Notifications of the desktop. A desktop without them says nothing back, so they are never the only signal.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use model::{AlertId, Priority};
use tokio::time::{Instant, timeout};
use zbus::Connection;
use zbus::zvariant::Value;

use super::attention::Call;

const SERVER: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
/// A notification server that takes longer is treated as none.
const ANSWERS_WITHIN: Duration = Duration::from_secs(2);
/// A desktop without notifications is asked again after this.
const ASK_AGAIN_AFTER: Duration = Duration::from_mins(1);

/// The notifications that stand on the desktop.
#[derive(Debug, Default)]
pub struct Notices {
    bus: Option<Connection>,
    shown: BTreeMap<AlertId, u32>,
    ask_at: Option<Instant>,
}

impl Notices {
    /// Shows a call, in the place of an earlier one of the same alert.
    pub async fn show(&mut self, call: &Call) {
        if self.ask_at.is_some_and(|at| Instant::now() < at) {
            return;
        }
        match timeout(ANSWERS_WITHIN, self.notify(call)).await {
            Ok(Ok(number)) => {
                self.shown.insert(call.id, number);
            }
            Ok(Err(error)) => self.give_up(&error.to_string()),
            Err(_) => self.give_up("no answer"),
        }
    }

    /// Takes back what was shown of an alert that was answered or is over.
    pub async fn withdraw(&mut self, alert: AlertId) {
        let (Some(number), Some(bus)) = (self.shown.remove(&alert), &self.bus) else {
            return;
        };
        let closed = bus.call_method(Some(SERVER), PATH, Some(SERVER), "CloseNotification", &(number));
        if !matches!(timeout(ANSWERS_WITHIN, closed).await, Ok(Ok(_))) {
            tracing::debug!(number, "a notification stays where it is");
        }
    }

    async fn notify(&mut self, call: &Call) -> zbus::Result<u32> {
        let bus = match &self.bus {
            Some(bus) => bus.clone(),
            None => self.bus.insert(Connection::session().await?).clone(),
        };
        let urgency: u8 = if call.priority == Priority::High { 2 } else { 1 };
        let hints = HashMap::from([
            ("urgency", Value::from(urgency)),
            // The station sounds by itself, and louder.
            ("suppress-sound", Value::from(true)),
            ("desktop-entry", Value::from("org.wardlight.desktop")),
        ]);
        let replaces = self.shown.get(&call.id).copied().unwrap_or(0);
        // Everything is in the summary: a body may be read as markup, and `<` is a common word here.
        let body = (
            "Wardlight",
            replaces,
            "",
            call.text.as_str(),
            "",
            Vec::<&str>::new(),
            hints,
            -1_i32,
        );
        let answer = bus
            .call_method(Some(SERVER), PATH, Some(SERVER), "Notify", &body)
            .await?;
        answer.body().deserialize()
    }

    fn give_up(&mut self, why: &str) {
        if self.ask_at.is_none() {
            tracing::info!(%why, "this desktop shows no notifications");
        }
        self.bus = None;
        self.ask_at = Some(Instant::now() + ASK_AGAIN_AFTER);
    }
}
