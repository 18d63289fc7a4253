//! Alerts sound from this process, never from the page: a dead page must not be a silent one.
//!
//! The thread has a clock of its own and waits for nobody: not for the device, not for the station's loop, not for the
//! page. It watches the first two, and is watched in turn by [`Sound::tell`].

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use model::Priority;
use station::view::Health;
use station::{Loudness, Station};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, MissedTickBehavior};

use crate::sounder::{Opener, Sounder};
use crate::speaker;

/// Test sounds that may wait; more are not played.
const TESTS_MAX: usize = 4;
/// How often the thread looks about. Each look is a sign of its life.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Without a look for this long the thread is dead: 20 looks.
const DEAD_AFTER: Duration = Duration::from_secs(2);
/// An answer to a test sound is there by then, or the thread is dead.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// A person wants to hear one priority.
struct Test {
    priority: Priority,
    answer: oneshot::Sender<Result<(), String>>,
}

/// The sound of this program.
#[derive(Debug)]
pub struct Sound {
    tests: mpsc::Sender<Test>,
    leaving: watch::Sender<bool>,
}

/// What the thread says of itself.
pub struct Word {
    health: watch::Receiver<Option<Health>>,
    looks: Arc<AtomicU64>,
}

/// What the thread hears from the rest of the program.
pub struct Ears {
    /// What is to sound.
    pub order: watch::Receiver<Option<Loudness>>,
    /// Whether the station's loop gave a sign of life since the last call.
    pub beats: Box<dyn FnMut() -> bool + Send>,
}

/// Starts the thread that sounds; it ends with the process.
pub fn start(ears: Ears) -> std::io::Result<(Sound, Word)> {
    let (sound, word, ends) = ends();
    // Its own runtime: where the station's threads hang, these timers still run.
    let clock = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    std::thread::Builder::new()
        .name("sound".to_owned())
        .spawn(move || clock.block_on(run(ears, Box::new(speaker::open_elsewhere), ends)))?;
    Ok((sound, word))
}

/// The thread's own ends.
struct Ends {
    tests: mpsc::Receiver<Test>,
    leaving: watch::Receiver<bool>,
    health: watch::Sender<Option<Health>>,
    looks: Arc<AtomicU64>,
}

fn ends() -> (Sound, Word, Ends) {
    let (tests, tests_in) = mpsc::channel(TESTS_MAX);
    let (leaving, leaving_seen) = watch::channel(false);
    let (health, health_seen) = watch::channel(None);
    let looks = Arc::new(AtomicU64::new(0));
    let sound = Sound { tests, leaving };
    let word = Word {
        health: health_seen,
        looks: Arc::clone(&looks),
    };
    let ends = Ends {
        tests: tests_in,
        leaving: leaving_seen,
        health,
        looks,
    };
    (sound, word, ends)
}

impl Sound {
    /// Plays one burst, or says in words why nothing can be heard.
    pub async fn test(&self, priority: Priority) -> Result<(), String> {
        let (answer, answered) = oneshot::channel();
        let test = Test { priority, answer };
        if self.tests.try_send(test).is_err() {
            return Err("wait until the last test has sounded".to_owned());
        }
        match tokio::time::timeout(ANSWER_WITHIN, answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) | Err(_) => Err(thread_dead()),
        }
    }

    /// To be set when the station is stopped because a person wants it: for a while its silence is no alert.
    pub fn leaving(&self) -> watch::Sender<bool> {
        self.leaving.clone()
    }
}

fn thread_dead() -> String {
    "the part of Wardlight that sounds alerts has stopped; close Wardlight and start it again".to_owned()
}

/// Hands on to the station what the thread says of itself, and says for it that it is dead. Runs until the program ends.
pub async fn tell(mut word: Word, station: Station) {
    let mut look = tokio::time::interval(LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut told: Option<Health> = None;
    let mut watched = Watched::new(Instant::now());
    loop {
        look.tick().await;
        let dead = watched.is_dead(Instant::now(), word.looks.load(Ordering::Relaxed));
        let health = if dead {
            Some(Health::Faulty(thread_dead()))
        } else {
            word.health.borrow_and_update().clone()
        };
        if health != told
            && let Some(health) = health
        {
            station.report_sound(health.clone()).await;
            told = Some(health);
        }
    }
}

/// A counter that has to move.
struct Watched {
    count: u64,
    moved_at: Instant,
}

impl Watched {
    fn new(now: Instant) -> Self {
        Self {
            count: 0,
            moved_at: now,
        }
    }

    fn is_dead(&mut self, now: Instant, count: u64) -> bool {
        if count != self.count {
            self.count = count;
            self.moved_at = now;
        }
        now - self.moved_at >= DEAD_AFTER
    }
}

async fn run(mut ears: Ears, open: Opener, mut ends: Ends) {
    let mut sounder = Sounder::new(open, Instant::now());
    loop {
        let now = Instant::now();
        ends.looks.fetch_add(1, Ordering::Relaxed);
        if (ears.beats)() {
            sounder.beat(now);
        }
        if *ends.leaving.borrow_and_update() {
            sounder.leave(now);
        }
        let wanted = *ears.order.borrow_and_update();
        let wake = sounder.turn(now, wanted).min(now + LOOK_EVERY);
        ends.health.send_if_modified(|told| {
            let news = sounder.health();
            let changed = told.as_ref() != news;
            if changed {
                *told = news.cloned();
            }
            changed
        });
        tokio::select! {
            // A station that has ended changes nothing any more: its silence is what is heard then.
            Ok(()) = ears.order.changed() => {}
            Some(test) = ends.tests.recv() => {
                // Nobody waits any more when the page has gone.
                drop(test.answer.send(sounder.test(Instant::now(), test.priority)));
            }
            () = tokio::time::sleep_until(wake) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_looks_no_more_is_dead_within_two_seconds() {
        let start = Instant::now();
        let mut watched = Watched::new(start);
        let at = |ms| start + Duration::from_millis(ms);
        assert!(!watched.is_dead(at(100), 1));
        assert!(!watched.is_dead(at(2_000), 1));
        assert!(watched.is_dead(at(2_100), 1));
        assert!(!watched.is_dead(at(2_200), 2));
    }
}
