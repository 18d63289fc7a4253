//! The measured station: a process of its own, with a viewer in it.
//!
//! A window lives in the station's process and takes what is new from a shared list; so does this viewer, on a thread
//! that runs on the load's core and only looks at the clock. What it costs counts as the station's.

use std::io::BufRead as _;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use acceptance::Trouble;
use station::screen::{Screen, WaveWish};

use crate::delays::Delays;
use crate::{LOAD_CORE, waves};

/// The viewer's words: what the measuring process says on standard input.
pub const BEGIN: &str = "begin";
pub const END: &str = "end";

/// Runs a station until standard input ends.
pub fn station(config: &Path, data: &Path) -> Result<(), Trouble> {
    // As `wardlight serve` does.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let config = station::Config::parse(&std::fs::read_to_string(config)?)?;
    let running = runtime.block_on(async { station::start(data, config, None) })?;
    let screen = runtime
        .block_on(running.station().open_screen())
        .ok_or("the station is gone")?;
    screen.watch(WaveWish::Everything);
    let delays = Arc::new(Mutex::new(Delays::default()));
    let seen = Arc::clone(&delays);
    std::thread::Builder::new()
        .name("viewer".to_owned())
        .spawn(move || view(&screen, &seen))?;
    obey(&delays)?;
    Ok(runtime.block_on(running.stop())?)
}

/// Does what standard input says, until it ends.
pub fn obey(delays: &Mutex<Delays>) -> Result<(), Trouble> {
    for line in std::io::stdin().lock().lines() {
        match line?.as_str() {
            BEGIN => lock(delays).begin(),
            END => println!("{}", lock(delays).end()),
            other => return Err(format!("`{other}` is not understood").into()),
        }
    }
    Ok(())
}

/// A viewer that panicked ends the measurement by itself; what it counted is whole.
pub fn lock(delays: &Mutex<Delays>) -> MutexGuard<'_, Delays> {
    delays.lock().unwrap_or_else(PoisonError::into_inner)
}

fn view(screen: &Screen, delays: &Mutex<Delays>) {
    move_to_load_core();
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().build() else {
        return;
    };
    runtime.block_on(async {
        loop {
            screen.any().await;
            let news = screen.take();
            let now_us = waves::now_us();
            let mut delays = lock(delays);
            delays.dropped(news.waves_dropped);
            for (_, block, _) in &news.waves {
                // The load stamps each message with the moment of sending.
                delays.note(now_us - block.measured_at.as_micros(), block.samples.len());
            }
        }
    });
}

/// This thread leaves the station's core.
fn move_to_load_core() {
    let moved = std::fs::read_link("/proc/thread-self").ok().and_then(|link| {
        let thread = link.file_name()?.to_owned();
        Command::new("taskset")
            .args(["--pid", "--cpu-list", LOAD_CORE])
            .arg(thread)
            .stdout(std::process::Stdio::null())
            .status()
            .ok()
    });
    if !moved.is_some_and(|status| status.success()) {
        eprintln!("the viewer could not be moved to core {LOAD_CORE}; the station pays for its wake-ups");
    }
}
