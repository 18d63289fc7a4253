//! The handle that feeds the recording thread.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;

use model::{Bed, BedId, Encounter, JournalEntry, Numeric, ReceiptTime, SampleArray};

use crate::again::Retry;
use crate::queue::{Item, Queue, Ticket};
use crate::worker::{self, Worker};
use crate::{Opened, StoreError, StoreHealth, StoreOptions, Taken, file, restore};

/// Is told when history stops being written and when it is again; runs on the recording thread.
pub type OnHealth = Box<dyn Fn(StoreHealth) + Send>;

/// Is told, exactly once, whether the entries are on disk; runs on the recording thread, or at once on the caller's
/// when they are not taken, so it must be short.
pub type Done = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// Is given what a history holds that was opened after [`open`] returned, because the disk did not give it then, and
/// what is to be known of one that was opened anew; runs on the recording thread.
///
/// It holds only what the station cannot know. The first time: how things stood, without what was changed and
/// journalled since [`open`] (alert ids of one session never meet those of another). Later: notices alone. `next_alert_id` is for the next start; the ids of this session stay good.
pub type OnOpened = Box<dyn Fn(Opened) + Send>;

type Thread = JoinHandle<Result<(), StoreError>>;

/// The handle on the recording thread. Cheap to clone; only [`Writer::flush`] and [`Writer::close`] block.
///
/// When the last handle is dropped the thread ends as after [`Writer::close`], but nobody hears of a fault.
#[derive(Clone)]
pub struct Writer {
    shared: Arc<Shared>,
}

struct Shared {
    queue: Arc<Queue>,
    thread: Mutex<Option<Thread>>,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Writer")
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.queue.close();
    }
}

/// Opens the history in `dir` for recording, making it where there is none.
///
/// Errors only where this process must not or cannot record at all: another one does ([`StoreError::Locked`]),
/// the directory cannot be used, SQLite is too old. In every other case there is a [`Writer`], because
/// monitoring goes on:
/// - `wardlight.db` is damaged, foreign or of another version: nothing of it is touched, and history is recorded
///   into `wardlight-2.db` beside it (then `-3` …), which takes over its limits in force and open alerts where they
///   can be read. [`StoreHealth::Faulty`] stands until a person has moved the file and restarted. The last file that
///   is there is the one in use.
/// - the disk is full or fails: [`StoreHealth::Faulty`] until it takes data again. Journal entries are kept in
///   memory meanwhile and tried each second; the file is opened anew after 1 s, 2 s, 4 s … up to a minute. What a
///   history that was opened late holds comes by `on_opened`.
pub fn open(
    dir: &Path,
    options: StoreOptions,
    on_health: OnHealth,
    on_opened: OnOpened,
) -> Result<(Writer, Opened), StoreError> {
    file::check_sqlite()?;
    let mut lock = file::lock(dir)?;
    let (recorder, opened, standing, fault) = match restore::open(dir, &options, 0, None) {
        Ok(ready) => {
            let standing = worker::standing(&ready.passed, &ready.opened.file);
            (Some(ready.recorder), ready.opened, standing, None)
        }
        Err(error) => (
            None,
            restore::nothing_yet(dir, &mut lock),
            None,
            Some(worker::remedy(&error)),
        ),
    };
    let queue = Arc::new(Queue::default());
    let worker = Worker {
        queue: Arc::clone(&queue),
        dir: dir.to_owned(),
        options,
        on_health,
        on_opened,
        was_open: recorder.is_some(),
        is_broken: false,
        damages: 0,
        retry: Retry::default(),
        recorder,
        lock,
        standing,
        fault,
        placed: BTreeMap::new(),
        backlog: VecDeque::new(),
        dropped: 0,
        shown: StoreHealth::Ok,
        drops_shown: 0,
        drops_seen: 0,
        compacts_all: false,
    };
    let thread = std::thread::Builder::new()
        .name("store".to_owned())
        .spawn(move || worker.run());
    let thread = thread.map_err(|source| StoreError::Directory {
        dir: dir.to_owned(),
        source,
    })?;
    let shared = Shared {
        queue,
        thread: Mutex::new(Some(thread)),
    };
    Ok((
        Writer {
            shared: Arc::new(shared),
        },
        opened,
    ))
}

impl Writer {
    /// Says who lies where from `at` on. Data that follow belong to that stay; data of beds that were never
    /// named are kept under nobody.
    pub fn beds(&self, at: ReceiptTime, beds: Vec<(Bed, Encounter)>) {
        if self.shared.queue.put(Item::Beds(at, beds)) == Taken::Stopped {
            tracing::warn!("beds were named after recording had stopped");
        }
    }

    /// Hands over a block of a wave. On disk within about a second.
    pub fn waves(&self, bed: &BedId, block: Arc<SampleArray>) -> Taken {
        self.shared.queue.put(Item::Wave(bed.clone(), block))
    }

    /// Hands over a numeric. On disk within about a second.
    pub fn numeric(&self, bed: &BedId, numeric: &Numeric) -> Taken {
        self.shared.queue.put(Item::Numeric(bed.clone(), numeric.clone()))
    }

    /// Commits entries at once, in order, in a transaction of their own, fsynced before `done(Ok)` is called.
    ///
    /// On `done(Err)` the disk did not take them: they are kept in memory and tried again each second, but for
    /// [`StoreError::Stopped`] and [`StoreError::JournalFull`], which say that they are not.
    pub fn journal(&self, entries: Vec<JournalEntry>, done: Done) {
        self.shared.queue.put_journal(entries, Ticket::new(done));
    }

    /// Changes [`StoreOptions::pages_max`] while recording: an operator gives history more of the disk.
    pub fn make_room(&self, pages_max: u32) {
        if self.shared.queue.put(Item::Room(pages_max)) == Taken::Stopped {
            tracing::warn!("room was made after recording had stopped");
        }
    }

    /// Puts together at once what idle seconds would (chunks of ten minutes), and waits for it: before a copy is made, and
    /// in benches. Journal entries that come meanwhile are still committed at once.
    pub fn compact(&self) -> Result<(), StoreError> {
        match self.shared.queue.put(Item::Compact) {
            Taken::Yes => self.flush(),
            Taken::Full | Taken::Stopped => Err(StoreError::Stopped),
        }
    }

    /// Waits until everything handed over so far is on disk, or says why it is not.
    pub fn flush(&self) -> Result<(), StoreError> {
        let (say, hear) = mpsc::sync_channel(1);
        self.shared.queue.put_flush(Ticket::new(Box::new(move |result| {
            if say.send(result).is_err() {
                tracing::debug!("nobody waits for the flush any more");
            }
        })));
        hear.recv().unwrap_or(Err(StoreError::Stopped))
    }

    /// Writes everything, ends the recording thread and waits for it. The error says what could not be written.
    pub fn close(&self) -> Result<(), StoreError> {
        self.shared.queue.close();
        let thread = self.shared.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        match thread {
            Some(thread) => thread.join().unwrap_or(Err(StoreError::Stopped)),
            None => Ok(()),
        }
    }
}
