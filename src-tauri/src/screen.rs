//! From the station to the page: facts and frames on their channels, one batch a display tick.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use contract::{Fact, ScreenFact, ScreenReport};
use station::Station;
use station::screen::{Screen, WaveWish};
use tauri::ipc::{Channel, InvokeResponseBody, Response};
use tokio::time::{Instant, MissedTickBehavior};

use crate::delays::Delays;

/// A display frame. With 33 ms the p99 from device to screen at 64 beds was 138 ms: the tick counts twice, once as
/// waiting and once as jitter that the page allows for.
const TICK: Duration = Duration::from_millis(16);
/// Ticks after which the screen is told how late it is.
const TICKS_A_SECOND: u32 = 60;
/// A page that did not report for this long gets nothing more until it does: the news wait, bounded, in the station.
const HELD_AFTER: Duration = Duration::from_millis(2_500);
/// A page that has just been opened is given this long for its first report.
const FIRST_REPORT_WITHIN: Duration = Duration::from_secs(10);

/// The window's screen: which page is connected, when it last spoke, how late it is.
#[derive(Debug)]
pub struct ScreenState {
    inner: Mutex<Inner>,
    opened: AtomicU64,
    config_path: String,
}

#[derive(Debug)]
struct Inner {
    screen: Option<Arc<Screen>>,
    wish: WaveWish,
    quiet_until: Instant,
    delays: Delays,
    frames_per_second: f32,
    main_ms: f32,
}

impl ScreenState {
    /// No page yet.
    pub fn new(config_path: String) -> Self {
        let inner = Inner {
            screen: None,
            wish: WaveWish::Nothing,
            quiet_until: Instant::now() + FIRST_REPORT_WITHIN,
            delays: Delays::new(),
            frames_per_second: 0.0,
            main_ms: 0.0,
        };
        Self {
            inner: Mutex::new(inner),
            opened: AtomicU64::new(0),
            config_path,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The page shows these waves from now on.
    pub fn watch(&self, wish: WaveWish) {
        let mut inner = self.lock();
        if let Some(screen) = &inner.screen {
            screen.watch(wish.clone());
        }
        inner.wish = wish;
    }

    /// The page lives, and says how late it is.
    pub fn report(&self, report: &ScreenReport) {
        let mut inner = self.lock();
        inner.quiet_until = Instant::now() + HELD_AFTER;
        for ms in report.delays_ms.iter().chain(&report.number_delays_ms) {
            inner.delays.add(*ms);
        }
        inner.delays.second();
        inner.frames_per_second = report.frames_per_second;
        inner.main_ms = report.main_ms;
    }

    /// Whether the page has not reported in time; one that never connected has not either.
    pub fn is_quiet(&self) -> bool {
        Instant::now() >= self.lock().quiet_until
    }

    fn fact(&self, dropped: u64) -> Fact {
        let inner = self.lock();
        let fact = ScreenFact {
            p50_ms: inner.delays.quantile(0.5),
            p99_ms: inner.delays.quantile(0.99),
            samples: inner.delays.count(),
            frames_per_second: inner.frames_per_second,
            main_ms: inner.main_ms,
            dropped,
        };
        tracing::debug!(
            p50_ms = fact.p50_ms,
            p99_ms = fact.p99_ms,
            delays = fact.samples,
            frames_per_second = fact.frames_per_second,
            main_ms = fact.main_ms,
            dropped,
            "how late the screen is"
        );
        Fact::Screen(fact)
    }
}

/// Connects a page: everything there is to know first, then what changes. Ends when the page does, or when a newer
/// page connects.
pub async fn serve(state: Arc<ScreenState>, station: Station, frames: Channel<Response>, facts: Channel<Vec<Fact>>) {
    let mine = state.opened.fetch_add(1, Ordering::Relaxed) + 1;
    let Some(screen) = station.open_screen().await.map(Arc::new) else {
        return;
    };
    {
        let mut inner = state.lock();
        inner.quiet_until = Instant::now() + FIRST_REPORT_WITHIN;
        screen.watch(inner.wish.clone());
        inner.screen = Some(Arc::clone(&screen));
    }
    tracing::info!(page = mine, "a page is connected");
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let (mut frame_seq, mut ticks) = (0_u32, 0_u32);
    while state.opened.load(Ordering::Relaxed) == mine {
        tokio::select! {
            _ = tick.tick() => ticks = ticks.wrapping_add(1),
            // An alert goes at once, never behind a tick.
            () = screen.urgent() => {}
        }
        if state.is_quiet() {
            continue;
        }
        let news = screen.take();
        let mut batch = contract::facts(&news, env!("CARGO_PKG_VERSION"), &state.config_path);
        if ticks >= TICKS_A_SECOND {
            ticks = 0;
            batch.push(state.fact(news.waves_dropped));
        }
        if !batch.is_empty() && facts.send(batch).is_err() {
            break;
        }
        if let Some(frame) = contract::frame_of(&news, frame_seq, station.now()) {
            frame_seq = frame_seq.wrapping_add(1);
            if frames.send(Response::new(InvokeResponseBody::Raw(frame))).is_err() {
                break;
            }
        }
    }
}
