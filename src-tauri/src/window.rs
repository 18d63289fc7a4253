//! What the page calls.

#![allow(
    clippy::let_underscore_must_use,
    clippy::needless_pass_by_value,
    reason = "the first is in what `tauri::command` writes, the second is the shape it demands of arguments"
)]

use std::sync::Arc;

use contract::{Command, ContractError, EnvelopeAsk, Fact, Reply, ScreenReport};
use serde::Serialize;
use station::Station;
use tauri::State;
use tauri::ipc::{Channel, Invoke, InvokeResponseBody, Response};
use tokio::sync::watch;

use crate::asked;
use crate::review::{self, Reviews};
use crate::screen::{self, ScreenState};
use crate::sound::Sound;

/// What commands need.
pub struct Desk {
    /// The station.
    pub station: Station,
    /// The page's screen.
    pub screen: Arc<ScreenState>,
    /// What is reviewed.
    pub reviews: Reviews,
    /// A sound to hear.
    pub sound: Sound,
    /// Tells the program to end.
    pub stop: watch::Sender<bool>,
}

/// The page's end of the program, for [`crate::shell`].
pub fn commands() -> impl Fn(Invoke) -> bool + Send + Sync + 'static {
    tauri::generate_handler![open_screen, screen_report, call, envelope]
}

/// Connects the page.
#[tauri::command]
fn open_screen(desk: State<'_, Desk>, frames: Channel<Response>, facts: Channel<Vec<Fact>>) {
    tauri::async_runtime::spawn(screen::serve(
        Arc::clone(&desk.screen),
        desk.station.clone(),
        frames,
        facts,
    ));
}

/// The station's clock, for the page to take its offset from.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StationNow {
    now_ms: f64,
}

/// The page lives.
#[tauri::command]
fn screen_report(desk: State<'_, Desk>, report: ScreenReport) -> StationNow {
    desk.screen.report(&report);
    StationNow {
        now_ms: contract::frame::millis(desk.station.now().as_micros()),
    }
}

/// Everything a page may ask.
#[tauri::command]
async fn call(desk: State<'_, Desk>, command: Command) -> Result<Reply, ContractError> {
    asked::answer(&desk, command).await
}

/// A lane of a review, as raw bytes: a day of a wave is no JSON.
#[tauri::command]
async fn envelope(desk: State<'_, Desk>, ask: EnvelopeAsk) -> Result<Response, ContractError> {
    let bytes = review::envelope(&desk.reviews, ask).await?;
    Ok(Response::new(InvokeResponseBody::Raw(bytes)))
}
