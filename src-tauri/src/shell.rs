//! The window: Tauri around the page, from the first look at the machine to a clean end.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tauri::{AppHandle, DragDropEvent, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::cli::StationArguments;
use crate::desktop::{self, Focus};
use crate::review::Reviews;
use crate::screen::ScreenState;
use crate::setup::{self, OnBrokenConfig, Setup};
use crate::sound::{self, Ears};
use crate::stopping::{Cross, Pressed, Signals};
use crate::window::{self, Desk};
use crate::{Failure, instance, page};

/// The loop of a station that has just started answers within this.
const LOOP_ANSWERS_WITHIN: Duration = Duration::from_secs(10);

/// Opens the window and runs until it is closed; the station then stops cleanly. With `file` it opens on that recording.
pub fn run(arguments: &StationArguments, file: Option<&Path>) -> Result<(), Failure> {
    let file = file.map(recording).transpose()?;
    let arguments = &match &file {
        Some(_) => setup::beside_a_ward(arguments),
        None => arguments.clone(),
    };
    if instance::show_first(&setup::data_dir(arguments)) {
        eprintln!("Wardlight is open already; its window has been brought to the front.");
        return Ok(());
    }
    let runtime = setup::runtime()?;
    let (signals, setup) = runtime.block_on(async {
        let signals = Signals::listen()?;
        setup::start(arguments, OnBrokenConfig::Show)
            .await
            .map(|setup| (signals, setup))
    })?;
    tauri::async_runtime::set(runtime.handle().clone());
    let result = open(&setup, signals, &runtime, file.as_deref());
    // What was recorded is written down also when the window could not be opened.
    let stopped = runtime.block_on(setup.stop());
    result.and(stopped)
}

/// A file that is there, by its whole path: the page names it so.
fn recording(file: &Path) -> Result<PathBuf, Failure> {
    file.canonicalize()
        .map_err(|error| format!("{} cannot be opened: {error}; name a recorded session", file.display()).into())
}

fn open(
    setup: &Setup,
    signals: Signals,
    runtime: &tokio::runtime::Runtime,
    file: Option<&Path>,
) -> Result<(), Failure> {
    let station = setup.running.station();
    let screen = Arc::new(ScreenState::new(setup.config_path.display().to_string()));
    if let Some(file) = file {
        screen.ask_to_review(file);
    }
    let (stop, stop_seen) = watch::channel(false);
    let beats = runtime
        .block_on(async { tokio::time::timeout(LOOP_ANSWERS_WITHIN, station.open_screen()).await })
        .ok()
        .flatten()
        .ok_or("the station does not answer; start Wardlight again")?;
    let (sound, word) = sound::start(Ears {
        order: station.sound(),
        beats: Box::new(move || beats.take().pulse.is_some()),
    })?;
    runtime.spawn(sound::tell(word, station.clone()));
    let leaving = sound.leaving();
    let desk = Desk {
        station: station.clone(),
        screen: Arc::clone(&screen),
        reviews: Reviews::default(),
        sound,
        stop: stop.clone(),
    };
    let (beds, data_dir) = (setup.beds, setup.data_dir.clone());
    let app = tauri::Builder::default()
        .manage(desk)
        .invoke_handler(window::commands())
        .setup(move |app| {
            let _inside = tauri::async_runtime::handle().inner().enter();
            let window = WebviewWindowBuilder::new(app, "main", WebviewUrl::default())
                .title("Wardlight")
                .inner_size(1920.0, 1080.0)
                .min_inner_size(1024.0, 640.0)
                .background_color(tauri::window::Color(11, 15, 20, 255))
                .build()?;
            let focus = Focus::default();
            listen(&window, beds, focus.clone(), Arc::clone(&screen), stop);
            desktop::start(&window, focus, station.clone(), Arc::clone(&screen), beds);
            tokio::spawn(end(app.handle().clone(), signals, stop_seen));
            tokio::spawn(page::watch(window.clone(), screen, station));
            tokio::spawn(async move {
                if let Err(error) = instance::answer_later_ones(&data_dir, || desktop::show(&window)).await {
                    tracing::warn!(%error, "a second start cannot bring this window to the front");
                }
            });
            Ok(())
        })
        .build(tauri::generate_context!())?;
    // `run_return` hands back control, so that the station is stopped before the process ends.
    app.run_return(|_, _| {});
    leaving.send_replace(true);
    Ok(())
}

/// What the window itself says: the keyboard came or went, a file was dropped on it, × was pressed.
fn listen(window: &WebviewWindow, beds: usize, focus: Focus, screen: Arc<ScreenState>, stop: watch::Sender<bool>) {
    let cross = Mutex::new(Cross::default());
    let own = window.clone();
    window.on_window_event(move |event| {
        if let WindowEvent::Focused(focused) = event {
            focus.set(*focused);
        }
        if let WindowEvent::DragDrop(DragDropEvent::Drop { paths, .. }) = event
            && let Some(path) = paths.first()
        {
            screen.ask_to_review(path);
        }
        let WindowEvent::CloseRequested { api, .. } = event else {
            return;
        };
        api.prevent_close();
        let lives = screen.ailment().is_none();
        let pressed = cross
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .press(Instant::now(), beds, lives);
        match pressed {
            Pressed::Close => {
                stop.send_replace(true);
            }
            Pressed::Ask => {
                desktop::show(&own);
                screen.ask_to_close(u32::try_from(beds).unwrap_or(u32::MAX));
            }
            Pressed::Warn => tracing::warn!("the page cannot ask; × again within 10 s stops watching {beds} beds"),
        }
    });
}

/// Ends the program when a person or the system wants it; a session manager must not cost the last second of waves.
async fn end(app: AppHandle, mut signals: Signals, mut stop: watch::Receiver<bool>) {
    tokio::select! {
        name = signals.received() => tracing::info!(name, "told to stop"),
        // The sender lives in the window; an end of it is an end of the window.
        _ = stop.wait_for(|stop| *stop) => {}
    }
    app.exit(0);
}
