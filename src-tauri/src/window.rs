//! The window: Tauri around the page, and the one list of what the page may ask.

#![allow(
    clippy::let_underscore_must_use,
    clippy::needless_pass_by_value,
    reason = "the first is in what `tauri::command` writes, the second is the shape it demands of arguments"
)]

use std::sync::Arc;

use contract::{Command, ContractError, Fact, Reply, ScreenReport};
use serde::Serialize;
use station::Station;
use tauri::ipc::{Channel, Response};
use tauri::{State, WebviewUrl, WebviewWindowBuilder};
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::StationArguments;
use crate::screen::{self, ScreenState};
use crate::setup::{self, OnBrokenConfig, Setup};
use crate::sound::{self, SoundTest};
use crate::{Failure, asked, page};

/// What commands need.
pub struct Desk {
    /// The station.
    pub station: Station,
    /// The page's screen.
    pub screen: Arc<ScreenState>,
    /// A sound to hear.
    pub sound: SoundTest,
}

/// Opens the window and runs until it is closed; the station then stops cleanly.
pub fn run(arguments: &StationArguments) -> Result<(), Failure> {
    let runtime = setup::runtime()?;
    let setup = runtime.block_on(setup::start(arguments, OnBrokenConfig::Show))?;
    tauri::async_runtime::set(runtime.handle().clone());
    let result = open(&setup, &runtime);
    // What was recorded is written down also when the window could not be opened.
    let stopped = runtime.block_on(setup.stop());
    result.and(stopped)
}

fn open(setup: &Setup, runtime: &tokio::runtime::Runtime) -> Result<(), Failure> {
    let station = setup.running.station();
    let screen = Arc::new(ScreenState::new(setup.config_path.display().to_string()));
    let sound = sound::start(station.clone(), runtime.handle().clone())?;
    let desk = Desk {
        station: station.clone(),
        screen: Arc::clone(&screen),
        sound,
    };
    let app = tauri::Builder::default()
        .manage(desk)
        .invoke_handler(tauri::generate_handler![open_screen, screen_report, call])
        .setup(move |app| {
            let window = WebviewWindowBuilder::new(app, "main", WebviewUrl::default())
                .title("Wardlight")
                .inner_size(1920.0, 1080.0)
                .min_inner_size(1024.0, 640.0)
                .background_color(tauri::window::Color(11, 15, 20, 255))
                .build()?;
            tauri::async_runtime::spawn(page::watch(window, screen, station));
            let handle = app.handle().clone();
            let mut terminate = {
                let _inside = tauri::async_runtime::handle().inner().enter();
                signal(SignalKind::terminate())?
            };
            tauri::async_runtime::spawn(async move {
                // A session manager that ends the program must not cost the last second of waves.
                terminate.recv().await;
                handle.exit(0);
            });
            Ok(())
        })
        .build(tauri::generate_context!())?;
    // `run_return` hands back control, so that the station is stopped before the process ends.
    app.run_return(|_, _| {});
    Ok(())
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
