//! From the station to the page: facts and frames on their channels, one batch a display tick.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use contract::{CloseFact, Fact, ReviewAsked, ScreenFact, ScreenReport};
use station::Station;
use station::screen::{Screen, WaveWish};
use tauri::ipc::{Channel, InvokeResponseBody, Response};
use tokio::time::{Instant, MissedTickBehavior};

use crate::delays::Delays;
use crate::liveness::{Ailment, Liveness};

/// A display frame. With 33 ms the p99 from device to screen at 64 beds was 138 ms: the tick counts twice, once as
/// waiting and once as jitter that the page allows for.
const TICK: Duration = Duration::from_millis(16);
/// Ticks after which the screen is told how late it is.
const TICKS_A_SECOND: u32 = 60;
/// One histogram of delays.
const SECOND: Duration = Duration::from_secs(1);

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
    liveness: Liveness,
    delays: Delays,
    second_ends: Instant,
    frames_per_second: f32,
    main_ms: f32,
    /// A person wants to close the window, and the page has not been told yet.
    close_asked: Option<CloseFact>,
    /// A person wants a recorded file opened, and the page has not been told yet.
    review_asked: Option<ReviewAsked>,
    lack: Option<&'static str>,
}

impl ScreenState {
    /// No page yet.
    pub fn new(config_path: String) -> Self {
        let inner = Inner {
            screen: None,
            wish: WaveWish::Nothing,
            liveness: Liveness::opened(Instant::now()),
            delays: Delays::new(),
            second_ends: Instant::now() + SECOND,
            frames_per_second: 0.0,
            main_ms: 0.0,
            close_asked: None,
            review_asked: None,
            lack: None,
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
        let now = Instant::now();
        let mut inner = self.lock();
        if !inner.liveness.has_reported() {
            tracing::info!("the page is up");
        }
        inner.liveness.report(report, now);
        for ms in report.delays_ms.iter().chain(&report.number_delays_ms) {
            inner.delays.add(*ms);
        }
        if now >= inner.second_ends {
            inner.second_ends = now + SECOND;
            inner.delays.second();
        }
        inner.frames_per_second = report.frames_per_second;
        inner.main_ms = report.main_ms;
    }

    /// What is wrong with the page now.
    pub fn ailment(&self) -> Option<Ailment> {
        self.lock().liveness.ailment(Instant::now())
    }

    /// The page is to ask whether the window may close.
    pub fn ask_to_close(&self, beds: u32) {
        self.lock().close_asked = Some(CloseFact { beds });
    }

    /// The page is to open a recorded file.
    pub fn ask_to_review(&self, path: &std::path::Path) {
        let path = path.display().to_string();
        self.lock().review_asked = Some(ReviewAsked { path });
    }

    /// Says on the screen what this computer does not grant; `None` when it does now.
    pub fn set_lack(&self, lack: Option<&'static str>) {
        self.lock().lack = lack;
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
            lacks: inner.lack.map(str::to_owned).into_iter().collect(),
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
        inner.liveness = Liveness::opened(Instant::now());
        inner.close_asked = None;
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
        // A page that does not report gets nothing more until it does: the news wait, bounded, in the station.
        if state.lock().liveness.is_silent(Instant::now()) {
            continue;
        }
        let news = screen.take();
        let mut batch = contract::facts(&news, env!("CARGO_PKG_VERSION"), &state.config_path);
        if ticks >= TICKS_A_SECOND {
            ticks = 0;
            batch.push(state.fact(news.waves_dropped));
        }
        batch.extend(state.lock().close_asked.take().map(Fact::CloseAsked));
        batch.extend(state.lock().review_asked.take().map(Fact::ReviewAsked));
        if let Some((seq, _)) = news.pulse {
            state.lock().liveness.pulse_sent(seq, Instant::now());
        }
        if !batch.is_empty() && facts.send(batch).is_err() {
            break;
        }
        if let Some(frame) = contract::frame_of(&news, frame_seq, station.now()) {
            state.lock().liveness.frame_sent(frame_seq, Instant::now());
            if frames.send(Response::new(InvokeResponseBody::Raw(frame))).is_err() {
                break;
            }
            frame_seq = frame_seq.wrapping_add(1);
        }
    }
}
