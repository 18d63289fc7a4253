//! A screen's end of the live view: bounded, never in the loop's way.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::{MetricCode, Numeric, Pause, ReceiptTime, SampleArray};
use tokio::sync::Notify;

use crate::rules::RuleInForce;
use crate::view::{AlertView, BedDirection, BedView, FeedView, News, ScoreView, StationView};

/// Wave blocks a screen may be behind: 64 beds x 4 waves x 4 blocks a second x 2 s.
/// `WhenFull::DropOldest`: the gap is drawn, and the count is shown.
pub const WAVE_BLOCKS_MAX: usize = 64 * 4 * 4 * 2;

/// Which waves a screen gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WaveWish {
    /// None.
    Nothing,
    /// The first two waves of these beds.
    Two(BTreeSet<u16>),
    /// All waves of these beds.
    All(BTreeSet<u16>),
    /// All waves of all beds.
    Everything,
}

impl WaveWish {
    fn wants(&self, bed: u16, place: usize) -> bool {
        match self {
            Self::Nothing => false,
            Self::Two(beds) => place < 2 && beds.contains(&bed),
            Self::All(beds) => beds.contains(&bed),
            Self::Everything => true,
        }
    }
}

#[derive(Debug)]
struct Pending {
    news: News,
    wish: WaveWish,
    closed: bool,
}

#[derive(Debug)]
struct Shared {
    pending: Mutex<Pending>,
    /// Something urgent: an alert, a lost feed, the station. Waves and numbers wait for the screen's own tick.
    urgent: Notify,
    /// Anything at all.
    any: Notify,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Pending> {
        // A panic elsewhere must not take the screens with it; the state is replaced piece by piece and stays whole.
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The reading end, held by a window or a bench.
#[derive(Debug)]
pub struct Screen {
    shared: Arc<Shared>,
}

impl Screen {
    /// Takes what is new. Empty news when nothing is.
    pub fn take(&self) -> News {
        let mut pending = self.shared.lock();
        let dropped = pending.news.waves_dropped;
        let room = pending.news.waves.len();
        let next = News {
            waves_dropped: dropped,
            waves: Vec::with_capacity(room),
            ..News::default()
        };
        std::mem::replace(&mut pending.news, next)
    }

    /// Waits until there is something that must not wait for the screen's tick.
    pub async fn urgent(&self) {
        self.shared.urgent.notified().await;
    }

    /// Waits until there is anything.
    pub async fn any(&self) {
        self.shared.any.notified().await;
    }

    /// Which waves are wanted from now on.
    pub fn watch(&self, wish: WaveWish) {
        self.shared.lock().wish = wish;
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
    }
}

/// The writing end, held by the loop.
#[derive(Debug)]
pub(crate) struct ScreenWriter {
    shared: Arc<Shared>,
}

/// Opens a screen; `news` is everything there is to know at that moment.
pub(crate) fn open(news: News) -> (ScreenWriter, Screen) {
    let shared = Arc::new(Shared {
        pending: Mutex::new(Pending {
            news,
            wish: WaveWish::Nothing,
            closed: false,
        }),
        urgent: Notify::new(),
        any: Notify::new(),
    });
    shared.urgent.notify_one();
    shared.any.notify_one();
    (
        ScreenWriter {
            shared: Arc::clone(&shared),
        },
        Screen { shared },
    )
}

impl ScreenWriter {
    pub(crate) fn is_closed(&self) -> bool {
        self.shared.lock().closed
    }

    fn change(&self, urgent: bool, change: impl FnOnce(&mut News)) {
        change(&mut self.shared.lock().news);
        if urgent {
            self.shared.urgent.notify_one();
        }
        self.shared.any.notify_one();
    }

    /// `place` is the wave's position among the waves of its bed.
    pub(crate) fn wave(&self, bed: u16, place: usize, block: &Arc<SampleArray>, transit_ms: f32) {
        {
            let mut pending = self.shared.lock();
            if !pending.wish.wants(bed, place) {
                return;
            }
            if pending.news.waves.len() >= WAVE_BLOCKS_MAX {
                // Half at once: dropping one by one would move the whole queue for every block.
                pending.news.waves.drain(..WAVE_BLOCKS_MAX / 2);
                pending.news.waves_dropped += u64::try_from(WAVE_BLOCKS_MAX / 2).unwrap_or(0);
            }
            pending.news.waves.push((bed, Arc::clone(block), transit_ms));
        }
        self.shared.any.notify_one();
    }

    pub(crate) fn numeric(&self, bed: u16, numeric: &Numeric, transit_ms: f32) {
        self.change(false, |n| {
            n.numerics.insert((bed, numeric.metric), (numeric.clone(), transit_ms));
        });
    }

    pub(crate) fn alert(&self, alert: &AlertView) {
        self.change(true, |n| {
            n.alerts.insert(alert.state.id, alert.clone());
        });
    }

    pub(crate) fn limits(&self, bed: u16, metric: MetricCode, rule: &RuleInForce) {
        self.change(true, |n| {
            n.limits.insert((bed, metric), rule.clone());
        });
    }

    pub(crate) fn bed(&self, bed: &BedView) {
        self.change(true, |n| {
            n.beds.insert(bed.index, bed.clone());
        });
    }

    pub(crate) fn pause(&self, at: BedDirection, pause: Option<&Pause>) {
        self.change(true, |n| {
            n.pauses.insert(at, pause.cloned());
        });
    }

    pub(crate) fn score(&self, bed: u16, score: &ScoreView) {
        self.change(false, |n| {
            n.scores.insert(bed, score.clone());
        });
    }

    pub(crate) fn feed(&self, feed: &FeedView) {
        self.change(false, |n| {
            n.feeds.insert(feed.index, feed.clone());
        });
    }

    pub(crate) fn station(&self, station: &StationView) {
        self.change(true, |n| n.station = Some(station.clone()));
    }

    pub(crate) fn pulse(&self, count: u64, now: ReceiptTime) {
        self.change(false, |n| n.pulse = Some((count, now)));
    }
}

#[cfg(test)]
mod tests {
    use model::{DeviceTime, GenerationMode, Scale};

    use super::*;

    fn block() -> Arc<SampleArray> {
        Arc::new(SampleArray {
            metric: MetricCode::EcgII,
            measured_at: DeviceTime::from_millis(0),
            received_at: ReceiptTime::from_millis(0),
            start: ReceiptTime::from_millis(0),
            rate: model::SampleRate::new(250, 1).unwrap(),
            scale: Scale::new(1.0, 0.0).unwrap(),
            mode: GenerationMode::Test,
            samples: vec![0],
            gap_before: false,
        })
    }

    #[test]
    fn a_screen_that_does_not_come_costs_bounded_memory_and_every_drop_is_counted() {
        let (writer, screen) = open(News::default());
        screen.watch(WaveWish::Everything);
        let sent = 3 * WAVE_BLOCKS_MAX;
        for _ in 0..sent {
            writer.wave(0, 0, &block(), 0.0);
        }
        let news = screen.take();
        assert!(news.waves.len() <= WAVE_BLOCKS_MAX);
        assert_eq!(news.waves.len() as u64 + news.waves_dropped, sent as u64);
    }

    #[test]
    fn a_screen_gets_only_the_waves_it_shows() {
        let (writer, screen) = open(News::default());
        screen.watch(WaveWish::Two(BTreeSet::from([1])));
        for (bed, place) in [(0, 0), (1, 0), (1, 1), (1, 2)] {
            writer.wave(bed, place, &block(), 0.0);
        }
        assert_eq!(screen.take().waves.len(), 2);
    }

    #[test]
    fn a_dropped_screen_says_so() {
        let (writer, screen) = open(News::default());
        assert!(!writer.is_closed());
        drop(screen);
        assert!(writer.is_closed());
    }
}
