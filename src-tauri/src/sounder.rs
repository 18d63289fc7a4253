//! What sounds when, and whether it can be heard: decided without a device, a thread or a clock of its own.

use std::sync::Arc;
use std::time::Duration;

use model::Priority;
use station::Loudness;
use station::view::Health;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::speaker::{self, Device};
use crate::tone;

/// How often a missing sound device is looked for.
const LOOK_AGAIN_AFTER: Duration = Duration::from_secs(5);
/// A device that was lost after it had worked for so long is looked for again at once.
const GOOD_AFTER: Duration = Duration::from_secs(10);
/// A device opens within this, or is said not to answer.
const OPENS_WITHIN: Duration = Duration::from_millis(1_500);
/// A device takes samples many times a second; one that has taken none for so long plays nothing.
const STALLED_AFTER: Duration = Duration::from_secs(1);
/// Devices that are being closed at the same time; each may hang for ever and hold its thread.
const CLOSING_MAX: usize = 4;
/// A loop that has not beaten for so long is not watching the ward: 20 beats.
const LOOP_DEAD_AFTER: Duration = Duration::from_secs(2);
/// The first beat is there by then.
const LOOP_STARTS_WITHIN: Duration = Duration::from_secs(10);
/// A clean stop is over by then: five seconds for the last deliveries, five for the last entries, and some.
const STOPPING_WITHIN: Duration = Duration::from_secs(12);
/// Who did not look for so long was stopped himself, and accuses nobody of it.
const LOOKED_LATE_AFTER: Duration = Duration::from_secs(1);

/// Begins to open a device; the answer may never come.
pub type Opener = Box<dyn Fn() -> oneshot::Receiver<Result<Device, String>> + Send>;

/// A device in use.
struct Playing {
    device: Device,
    opened_at: Instant,
    taken: u64,
    taken_at: Instant,
    /// The burst that was ordered last, and when it is over on a device that plays.
    burst: Option<(u64, Instant)>,
}

/// Decides what sounds.
pub struct Sounder {
    open: Opener,
    opening: Option<(oneshot::Receiver<Result<Device, String>>, Instant)>,
    playing: Option<Playing>,
    look_at: Instant,
    /// Cloned into each thread that closes a device.
    closing: Arc<()>,
    health: Option<Health>,
    sounding: Option<Loudness>,
    next_burst: Instant,
    loop_dead_at: Instant,
    loop_is_dead: bool,
    leaving: bool,
    looked_at: Instant,
}

impl Sounder {
    /// Nothing sounds, and a device is looked for at once.
    pub fn new(open: Opener, now: Instant) -> Self {
        Self {
            open,
            opening: None,
            playing: None,
            look_at: now,
            closing: Arc::new(()),
            health: None,
            sounding: None,
            next_burst: now,
            loop_dead_at: now + LOOP_STARTS_WITHIN,
            loop_is_dead: false,
            leaving: false,
            looked_at: now,
        }
    }

    /// Whether alerts can be heard; `None` while nobody can know yet.
    pub fn health(&self) -> Option<&Health> {
        self.health.as_ref()
    }

    /// The station's loop lives.
    pub fn beat(&mut self, now: Instant) {
        self.loop_dead_at = self.loop_dead_at.max(now + LOOP_DEAD_AFTER);
        if std::mem::take(&mut self.loop_is_dead) {
            tracing::warn!("the station's loop answers again");
        }
    }

    /// A person ends the program.
    pub fn leave(&mut self, now: Instant) {
        if !std::mem::replace(&mut self.leaving, true) {
            self.loop_dead_at = now + STOPPING_WITHIN;
        }
    }

    /// Plays one burst where that disturbs no alert.
    pub fn test(&mut self, now: Instant, priority: Priority) -> Result<(), String> {
        if let Some(Health::Faulty(why)) = &self.health {
            return Err(format!("nothing can be heard: {why}"));
        }
        let Some(playing) = &mut self.playing else {
            return Err("nothing can be heard yet: the sound device is being opened".to_owned());
        };
        if self.sounding.is_some() {
            return Err("an alert sounds now; try again when it is over or acknowledged".to_owned());
        }
        if playing
            .burst
            .is_some_and(|(order, _)| !playing.device.orders.is_done(order))
        {
            return Err("wait until the last test has sounded".to_owned());
        }
        playing.play(
            now,
            Loudness {
                priority,
                louder: false,
            },
        );
        Ok(())
    }

    /// Looks at everything; `ordered` is what the station wants to sound. When to come back at the latest.
    pub fn turn(&mut self, now: Instant, ordered: Option<Loudness>) -> Instant {
        if now - self.looked_at > LOOKED_LATE_AFTER {
            self.loop_dead_at = self.loop_dead_at.max(now + LOOP_DEAD_AFTER);
            if let Some(playing) = &mut self.playing {
                playing.forgive(now - self.looked_at);
            }
        }
        self.looked_at = now;
        self.look_at_device(now);
        self.look_for_device(now);
        self.sound(now, ordered);
        match (&self.playing, self.sounding) {
            (Some(_), Some(_)) => self.next_burst,
            (Some(_) | None, _) => now + LOOK_AGAIN_AFTER,
        }
    }

    fn look_at_device(&mut self, now: Instant) {
        let Some(playing) = &mut self.playing else {
            return;
        };
        if let Some(why) = playing.lost(now) {
            let was_good = now - playing.opened_at >= GOOD_AFTER;
            tracing::error!(%why, "sound");
            self.look_at = if was_good { now } else { now + LOOK_AGAIN_AFTER };
            self.health = Some(Health::Faulty(why));
            if let Some(gone) = self.playing.take() {
                speaker::retire(gone.device, &self.closing);
            }
        } else if playing.taken > 0 {
            self.health = Some(Health::Ok);
        }
    }

    fn look_for_device(&mut self, now: Instant) {
        if self.playing.is_some() {
            return;
        }
        if self.opening.is_none() && now >= self.look_at {
            if Arc::strong_count(&self.closing) > CLOSING_MAX {
                self.look_at = now + LOOK_AGAIN_AFTER;
                self.health = Some(Health::Faulty(
                    "the sound device hangs again and again; restart this computer's sound, or the computer".to_owned(),
                ));
                return;
            }
            self.opening = Some(((self.open)(), now));
        }
        let Some((answer, since)) = &mut self.opening else {
            return;
        };
        let found = match answer.try_recv() {
            Ok(found) => found,
            Err(oneshot::error::TryRecvError::Empty) => {
                if now - *since >= OPENS_WITHIN {
                    self.health = Some(Health::Faulty("the sound device does not answer".to_owned()));
                }
                return;
            }
            Err(oneshot::error::TryRecvError::Closed) => Err("the sound device could not be opened".to_owned()),
        };
        self.opening = None;
        match found {
            Ok(device) => {
                self.playing = Some(Playing::new(device, now));
                // Whatever is to sound sounds now.
                self.next_burst = now;
            }
            Err(why) => {
                self.look_at = now + LOOK_AGAIN_AFTER;
                self.health = Some(Health::Faulty(why));
            }
        }
    }

    fn sound(&mut self, now: Instant, ordered: Option<Loudness>) {
        if now >= self.loop_dead_at && !std::mem::replace(&mut self.loop_is_dead, true) {
            tracing::error!("the station's loop does not answer; nobody watches the ward. Start Wardlight again");
        }
        // Where nobody watches the ward any more, that must be heard.
        let wanted = if self.loop_is_dead {
            Some(Loudness {
                priority: Priority::High,
                louder: true,
            })
        } else {
            ordered
        };
        if wanted != self.sounding {
            // A more urgent alert is heard at once; a silenced one stops at once, also in mid burst.
            if let (true, Some(playing)) = (wanted < self.sounding, &mut self.playing) {
                playing.device.orders.hush();
                playing.burst = None;
            }
            if wanted > self.sounding {
                self.next_burst = now;
            }
            self.sounding = wanted;
        }
        if let (Some(loudness), Some(playing)) = (self.sounding, &mut self.playing)
            && now >= self.next_burst
        {
            playing.play(now, loudness);
            self.next_burst = now + tone::period(loudness.priority);
        }
    }
}

impl Playing {
    fn new(device: Device, now: Instant) -> Self {
        Self {
            device,
            opened_at: now,
            taken: 0,
            taken_at: now,
            burst: None,
        }
    }

    fn play(&mut self, now: Instant, loudness: Loudness) {
        let order = self.device.orders.play(loudness);
        self.burst = Some((order, now + tone::length(loudness.priority) + STALLED_AFTER));
        tracing::debug!(?loudness, "burst");
    }

    /// Nobody looked for a while: the device has that much longer.
    fn forgive(&mut self, span: Duration) {
        self.taken_at += span;
        if let Some((_, due)) = &mut self.burst {
            *due += span;
        }
    }

    /// Why this device plays nothing any more.
    fn lost(&mut self, now: Instant) -> Option<String> {
        if let Some(why) = self.device.orders.broken() {
            return Some(why.to_owned());
        }
        let taken = self.device.orders.taken();
        if taken != self.taken {
            self.taken = taken;
            self.taken_at = now;
        }
        if now.saturating_duration_since(self.taken_at) >= STALLED_AFTER {
            return Some("the sound device takes no sound; another program may hold it".to_owned());
        }
        let (order, due) = self.burst?;
        if self.device.orders.is_done(order) {
            self.burst = None;
        } else if now >= due {
            return Some("the sound device plays too slowly for an alert to be heard".to_owned());
        }
        None
    }
}

#[cfg(test)]
#[path = "sounder_tests.rs"]
mod tests;
