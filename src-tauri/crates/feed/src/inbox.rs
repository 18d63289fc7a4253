//! Where all feeds meet the loop: one bounded queue a feed, one list of those that have something.
//!
//! A feed that floods fills its own queue and nobody else's; the reader serves the ready feeds in turn.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::Observation;
use thiserror::Error;
use tokio::sync::Notify;

use crate::queue::Queue;

/// Observations taken from one feed before the next one has its turn: two full messages of eight waves.
pub const TURN_MAX: usize = 16;

/// What the loop receives.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// Which feed, as numbered by [`inbox`].
    pub feed: u16,
    /// What it brought.
    pub observation: Observation,
    /// How much longer than the quickest message of its connection it took to get here, in milliseconds.
    pub transit_ms: f32,
}

/// Nobody reads any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the station no longer reads its feeds")]
pub struct InboxGone;

#[derive(Debug, Default)]
struct Slot {
    queue: Mutex<Guarded>,
    /// Woken when a class that waits has room again.
    room: Notify,
}

#[derive(Debug, Default)]
struct Guarded {
    queue: Queue,
    /// Stands in the ready list, or its turn is being served.
    listed: bool,
    /// Its sender waits for room.
    waiting: bool,
}

#[derive(Debug)]
struct Shared {
    slots: Vec<Slot>,
    ready: Mutex<VecDeque<u16>>,
    arrived: Notify,
    outboxes: AtomicUsize,
    inbox_gone: AtomicBool,
}

/// A panic of one feed must not take the others along, so a poisoned lock is used as it is: both structures are
/// whole between any two statements.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One [`Outbox`] a feed, in order, and the [`Inbox`] they lead to.
///
/// ```
/// use model::Observation;
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let (mut outboxes, mut inbox) = feed::inbox(2);
/// outboxes[1].send(Observation::Alive, 0.5).await?;
/// let mut into = Vec::new();
/// assert_eq!(inbox.recv_many(&mut into, 64).await, 1);
/// assert_eq!(into[0].feed, 1);
/// drop(outboxes);
/// assert_eq!(inbox.recv_many(&mut into, 64).await, 0); // nobody is left to send
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn inbox(feeds: u16) -> (Vec<Outbox>, Inbox) {
    let shared = Arc::new(Shared {
        slots: (0..feeds).map(|_| Slot::default()).collect(),
        ready: Mutex::default(),
        arrived: Notify::new(),
        outboxes: AtomicUsize::new(usize::from(feeds)),
        inbox_gone: AtomicBool::new(false),
    });
    let outboxes = (0..feeds)
        .map(|feed| Outbox {
            feed,
            shared: Arc::clone(&shared),
        })
        .collect();
    (outboxes, Inbox { shared })
}

/// A feed's end. One owner: the order in which it sends is the order in which the loop receives.
#[derive(Debug)]
pub struct Outbox {
    feed: u16,
    shared: Arc<Shared>,
}

impl Outbox {
    /// The feed's number.
    pub fn feed(&self) -> u16 {
        self.feed
    }

    /// Hands `observation` on. Waves and live numerics never wait (see [`crate::WhenFull`]); the others do, when
    /// full. [`InboxGone`] when nobody reads any more.
    pub async fn send(&mut self, observation: Observation, transit_ms: f32) -> Result<(), InboxGone> {
        let Some(slot) = self.shared.slots.get(usize::from(self.feed)) else {
            return Err(InboxGone);
        };
        let mut pending = observation;
        loop {
            if self.shared.inbox_gone.load(Ordering::Acquire) {
                return Err(InboxGone);
            }
            pending = match self.put(slot, pending, transit_ms) {
                Ok(()) => return Ok(()),
                Err(back) => back,
            };
            slot.room.notified().await;
        }
    }

    /// Puts `observation` in the queue and the feed on the ready list; gives it back when its class is full.
    fn put(&self, slot: &Slot, observation: Observation, transit_ms: f32) -> Result<(), Observation> {
        let mut guarded = lock(&slot.queue);
        if let Err(back) = guarded.queue.push(observation, transit_ms) {
            guarded.waiting = true;
            return Err(back);
        }
        if !std::mem::replace(&mut guarded.listed, true) {
            drop(guarded);
            lock(&self.shared.ready).push_back(self.feed);
            self.shared.arrived.notify_one();
        }
        Ok(())
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        self.shared.outboxes.fetch_sub(1, Ordering::AcqRel);
        self.shared.arrived.notify_one();
    }
}

/// The loop's end.
#[derive(Debug)]
pub struct Inbox {
    shared: Arc<Shared>,
}

impl Inbox {
    /// Appends up to `max` deliveries to `into` and says how many; waits while there are none. `0` means that all
    /// outboxes are gone and everything has been received.
    ///
    /// Fair: ready feeds are served in turn, [`TURN_MAX`] at a time. Safe to cancel: nothing is taken out before the
    /// call that returns it. The order of a feed is kept, but for rejects, which come out at its next turn.
    pub async fn recv_many(&mut self, into: &mut Vec<Delivery>, max: usize) -> usize {
        let max = max.max(1);
        loop {
            let alone = self.shared.outboxes.load(Ordering::Acquire) == 0;
            let taken = self.take(into, max);
            if taken > 0 || alone {
                return taken;
            }
            self.shared.arrived.notified().await;
        }
    }

    fn take(&mut self, into: &mut Vec<Delivery>, max: usize) -> usize {
        let mut taken = 0;
        while taken < max {
            let Some(feed) = lock(&self.shared.ready).pop_front() else {
                break;
            };
            let Some(slot) = self.shared.slots.get(usize::from(feed)) else {
                continue;
            };
            let mut guarded = lock(&slot.queue);
            for _ in 0..TURN_MAX.min(max - taken) {
                let Some((observation, transit_ms)) = guarded.queue.pop() else {
                    break;
                };
                taken += 1;
                into.push(Delivery {
                    feed,
                    observation,
                    transit_ms,
                });
            }
            guarded.listed = !guarded.queue.is_empty();
            if guarded.waiting && guarded.queue.has_room() {
                guarded.waiting = false;
                slot.room.notify_one();
            }
            let again = guarded.listed;
            drop(guarded);
            if again {
                lock(&self.shared.ready).push_back(feed);
            }
        }
        taken
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.shared.inbox_gone.store(true, Ordering::Release);
        for slot in &self.shared.slots {
            slot.room.notify_one();
        }
    }
}
