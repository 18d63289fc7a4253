//! What waits for the recording thread.
//!
//! Waves and numerics: when full, refused and counted. Journal: taken first, refused only at a bound that a
//! disk must have failed for hours to reach. The thread sleeps until its next second, not until the next block:
//! waking it for each of a thousand blocks a second would cost more than storing them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use model::{Bed, BedId, Encounter, JournalEntry, Numeric, ReceiptTime, SampleArray};

use crate::writer::Done;
use crate::{StoreError, Taken};

/// Blocks and numerics waiting: at 1,000 beds 24,000 a second come, and the thread looks four times as often.
const DATA_MAX: usize = 32_768;
/// Bytes waiting, whatever their number.
const DATA_BYTES_MAX: usize = 64 << 20;
/// From here on the thread is woken before its second is over.
const DATA_WAKE: usize = DATA_MAX / 4;
const DATA_WAKE_BYTES: usize = DATA_BYTES_MAX / 4;
/// Journal entries waiting or kept for a disk that does not take them: a storm of 10 a second for two hours.
pub(crate) const JOURNAL_MAX: usize = 65_536;

/// Something to record.
pub(crate) enum Item {
    Beds(ReceiptTime, Vec<(Bed, Encounter)>),
    Wave(BedId, Arc<SampleArray>),
    Numeric(BedId, Numeric),
    /// The disk has another size now, in pages.
    Room(u32),
    /// Everything that can be put together is, with the next tick.
    Compact,
}

/// Somebody waits for an answer, and gets one: [`StoreError::Stopped`] when it is dropped without, as by a thread
/// that dies.
pub(crate) struct Ticket(Option<Done>);

impl Ticket {
    pub(crate) fn new(done: Done) -> Self {
        Self(Some(done))
    }

    pub(crate) fn answer(mut self, result: Result<(), StoreError>) {
        if let Some(done) = self.0.take() {
            done(result);
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if let Some(done) = self.0.take() {
            // The thread may be dying already; a second panic would end the whole program.
            let told = catch_unwind(AssertUnwindSafe(|| done(Err(StoreError::Stopped))));
            if told.is_err() {
                tracing::error!("who waited for the history could not be told that recording has stopped");
            }
        }
    }
}

impl Item {
    /// What it holds in memory: a block of one sample is a hundred times its sample.
    fn bytes(&self) -> usize {
        let beside = match self {
            Self::Wave(_, block) => size_of::<SampleArray>() + block.samples.capacity() * size_of::<i16>(),
            Self::Beds(_, beds) => size_of_val(beds.as_slice()),
            Self::Numeric(..) | Self::Room(_) | Self::Compact => 0,
        };
        size_of::<Self>() + beside
    }
}

#[derive(Default)]
struct Inner {
    items: Vec<Item>,
    bytes: usize,
    refused: u64,
    journal: Vec<(Vec<JournalEntry>, Ticket)>,
    entries: usize,
    /// Entries the thread keeps for a disk that does not take them.
    kept: usize,
    flushes: Vec<Ticket>,
    is_closing: bool,
    is_dead: bool,
}

/// The queue. Every lock is held for a few instructions.
#[derive(Default)]
pub(crate) struct Queue {
    inner: Mutex<Inner>,
    wake: Condvar,
}

/// What the thread takes out at once.
pub(crate) struct Work {
    pub journal: Vec<(Vec<JournalEntry>, Ticket)>,
    pub items: Vec<Item>,
    pub flushes: Vec<Ticket>,
    /// Blocks and numerics refused since the last time.
    pub refused: u64,
    pub is_closing: bool,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic while the lock is held leaves whole values: nothing in here is half done.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn put(&self, item: Item) -> Taken {
        let bytes = item.bytes();
        let mut inner = self.lock();
        if inner.is_dead || inner.is_closing {
            return Taken::Stopped;
        }
        let is_full = inner.items.len() >= DATA_MAX || inner.bytes + bytes > DATA_BYTES_MAX;
        // Who lies where is few and must not be lost: a ward changes its beds by hand.
        if is_full && !matches!(item, Item::Beds(..) | Item::Room(_) | Item::Compact) {
            inner.refused += 1;
            return Taken::Full;
        }
        inner.items.push(item);
        inner.bytes += bytes;
        if inner.items.len() >= DATA_WAKE || inner.bytes >= DATA_WAKE_BYTES {
            self.wake.notify_one();
        }
        Taken::Yes
    }

    pub(crate) fn put_journal(&self, entries: Vec<JournalEntry>, done: Ticket) {
        let mut inner = self.lock();
        let waiting = inner.entries + inner.kept;
        let refusal = if inner.is_dead || inner.is_closing {
            Some(StoreError::Stopped)
        } else if waiting + entries.len() > JOURNAL_MAX {
            Some(StoreError::JournalFull { waiting })
        } else {
            None
        };
        if let Some(error) = refusal {
            drop(inner);
            done.answer(Err(error));
        } else {
            inner.entries += entries.len();
            inner.journal.push((entries, done));
            self.wake.notify_one();
        }
    }

    pub(crate) fn put_flush(&self, flushed: Ticket) {
        let mut inner = self.lock();
        if inner.is_dead {
            drop(inner);
            flushed.answer(Err(StoreError::Stopped));
        } else {
            inner.flushes.push(flushed);
            self.wake.notify_one();
        }
    }

    pub(crate) fn close(&self) {
        self.lock().is_closing = true;
        self.wake.notify_one();
    }

    /// The thread is gone: nothing is taken any more, and who waits is told.
    pub(crate) fn bury(&self) {
        let mut inner = self.lock();
        inner.is_dead = true;
        let left = std::mem::take(&mut *inner);
        inner.is_dead = true;
        drop(inner);
        // Outside the lock: a ticket that is dropped answers.
        drop(left);
    }

    /// Journal entries only, without waiting; looked at between two data transactions.
    pub(crate) fn take_journal(&self) -> Vec<(Vec<JournalEntry>, Ticket)> {
        let mut inner = self.lock();
        inner.entries = 0;
        std::mem::take(&mut inner.journal)
    }

    /// Whether an entry waits.
    pub(crate) fn has_journal(&self) -> bool {
        !self.lock().journal.is_empty()
    }

    /// Says how many entries the thread keeps.
    pub(crate) fn keeps(&self, entries: usize) {
        self.lock().kept = entries;
    }

    /// Waits until `until`, or until there is something that cannot wait; then takes everything. `room` is an empty
    /// vector that was taken before: nothing is allocated while the feeds wait for the lock.
    pub(crate) fn wait(&self, until: Instant, room: Vec<Item>) -> Work {
        let mut inner = self.lock();
        while inner.journal.is_empty()
            && inner.flushes.is_empty()
            && !inner.is_closing
            && inner.items.len() < DATA_WAKE
            && inner.bytes < DATA_WAKE_BYTES
        {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            inner = self
                .wake
                .wait_timeout(inner, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        inner.entries = 0;
        inner.bytes = 0;
        Work {
            journal: std::mem::take(&mut inner.journal),
            items: std::mem::replace(&mut inner.items, room),
            flushes: std::mem::take(&mut inner.flushes),
            refused: std::mem::take(&mut inner.refused),
            is_closing: inner.is_closing,
        }
    }
}
