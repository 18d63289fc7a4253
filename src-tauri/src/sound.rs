//! Alerts sound from this process, never from the page: a dead page must not be a silent one.

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use model::Priority;
use rodio::buffer::SamplesBuffer;
use rodio::{DeviceSinkBuilder, MixerDeviceSink, Player};
use station::view::Health;
use station::{Loudness, Station};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use crate::tone;

/// How often a missing sound device is looked for.
const LOOK_AGAIN_AFTER: Duration = Duration::from_secs(5);
/// A clean stop is over by then: five seconds for the last deliveries, five for the last entries, and some.
const STOPPING_WITHIN: Duration = Duration::from_secs(12);
/// Test sounds that may wait; more are not played.
const TESTS_MAX: usize = 4;

/// Lets a person hear one priority.
#[derive(Clone, Debug)]
pub struct SoundTest(mpsc::Sender<Priority>);

impl SoundTest {
    /// Plays one burst. Says `false` when several are waiting already.
    pub fn play(&self, priority: Priority) -> bool {
        self.0.try_send(priority).is_ok()
    }
}

struct Device {
    sink: MixerDeviceSink,
    player: Player,
    lost: Arc<AtomicBool>,
}

/// Starts the thread that sounds; it ends with the station.
pub fn start(station: Station, runtime: Handle) -> std::io::Result<SoundTest> {
    let (tests, tests_in) = mpsc::channel(TESTS_MAX);
    let order = station.sound();
    std::thread::Builder::new()
        .name("sound".to_owned())
        .spawn(move || runtime.block_on(run(station, order, tests_in)))?;
    Ok(SoundTest(tests))
}

async fn run(station: Station, mut order: watch::Receiver<Option<Loudness>>, mut tests: mpsc::Receiver<Priority>) {
    let mut device: Option<Device> = None;
    let mut look_at = Instant::now();
    let mut next_burst = Instant::now();
    let mut sounding: Option<Loudness> = None;
    loop {
        let lost = device.as_ref().is_some_and(|d| d.lost.load(Ordering::Relaxed));
        if lost {
            device = None;
        }
        if device.is_none() && Instant::now() >= look_at {
            look_at = Instant::now() + LOOK_AGAIN_AFTER;
            match open() {
                Ok(found) => {
                    device = Some(found);
                    next_burst = Instant::now();
                    station.report_sound(Health::Ok).await;
                }
                Err(text) => station.report_sound(Health::Faulty(text)).await,
            }
        }
        let wanted = *order.borrow_and_update();
        if wanted != sounding {
            // A more urgent alert is heard at once; a silenced one stops at once, also in mid burst.
            if let (true, Some(d)) = (wanted < sounding, &device) {
                d.player.stop();
            }
            if wanted > sounding {
                next_burst = Instant::now();
            }
            sounding = wanted;
        }
        if let (Some(Loudness { priority, louder: _ }), Some(d)) = (sounding, &device)
            && Instant::now() >= next_burst
        {
            d.player.stop();
            d.play(priority);
            next_burst = Instant::now() + tone::period(priority);
        }
        let wake = match (sounding, &device) {
            (Some(_), Some(_)) => next_burst.min(Instant::now() + Duration::from_secs(1)),
            (_, Some(_)) => Instant::now() + Duration::from_secs(1),
            (_, None) => look_at,
        };
        tokio::select! {
            changed = order.changed() => if changed.is_err() { return without_a_station(device).await },
            Some(priority) = tests.recv() => if let Some(d) = &device { d.play(priority) },
            () = tokio::time::sleep_until(wake) => {}
        }
    }
}

/// The loop has ended. On a clean stop the process ends with it; where the process lives on, nobody watches the ward
/// any more, and that must be heard.
async fn without_a_station(device: Option<Device>) {
    tokio::time::sleep(STOPPING_WITHIN).await;
    tracing::error!("the station's loop has ended; nobody watches the ward. Start Wardlight again");
    while let Some(device) = &device {
        device.play(Priority::High);
        tokio::time::sleep(tone::period(Priority::High)).await;
    }
}

impl Device {
    fn play(&self, priority: Priority) {
        let (Some(channels), Some(rate)) = (NonZero::new(1), NonZero::new(tone::RATE_HZ)) else {
            return;
        };
        self.player
            .append(SamplesBuffer::new(channels, rate, tone::burst(priority)));
        self.player.play();
        tracing::debug!(?priority, config = ?self.sink.config(), "burst");
    }
}

/// Whether there is anything to play on. Asked first, because ALSA writes a page of its own complaints to standard
/// error for each try without a card.
fn has_output() -> bool {
    if !cfg!(target_os = "linux") {
        return true;
    }
    let is_there = |path: Option<PathBuf>| path.is_some_and(|p| p.exists());
    let under = |variable: &str, rest: &str| std::env::var_os(variable).map(|root| PathBuf::from(root).join(rest));
    let has_card = Path::new("/dev/snd")
        .read_dir()
        .is_ok_and(|mut nodes| nodes.any(|n| n.is_ok_and(|n| n.file_name().to_string_lossy().starts_with("pcm"))));
    has_card
        || is_there(under("XDG_RUNTIME_DIR", "pulse/native"))
        || is_there(under("XDG_RUNTIME_DIR", "pipewire-0"))
        || is_there(under("HOME", ".asoundrc"))
        || is_there(Some(PathBuf::from("/etc/asound.conf")))
}

fn open() -> Result<Device, String> {
    if !has_output() {
        return Err("this computer has no sound card".to_owned());
    }
    let lost = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&lost);
    let sink = DeviceSinkBuilder::from_default_device()
        .map(|b| b.with_error_callback(move |_| flag.store(true, Ordering::Relaxed)))
        .and_then(DeviceSinkBuilder::open_stream);
    match sink {
        Ok(mut sink) => {
            sink.log_on_drop(false);
            let player = Player::connect_new(sink.mixer());
            Ok(Device { sink, player, lost })
        }
        Err(error) => Err(format!("the sound device cannot be opened ({error})")),
    }
}
