//! The recording thread.

use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use model::{Bed, BedId, Encounter, JournalEntry, JournalKind, ReceiptTime};

use crate::again::{self, Retry};
use crate::queue::{Item, Queue, Ticket, Work};
use crate::recorder::Recorder;
use crate::writer::{OnHealth, OnOpened};
use crate::{Opened, StoreError, StoreHealth, StoreOptions, carry, choice, file, restore};

/// One data transaction a second: with FULL an fsync a second is nearly free, and a power cut takes at most it.
const TICK: Duration = Duration::from_secs(1);
/// How long dropped data are shown after the last one, in ticks.
const DROPS_SHOWN_TICKS: u32 = 10;
/// Entries written in one transaction of the backlog after a fault.
const ENTRIES_PER_COMMIT: usize = 1_024;
/// How much lower the thread's priority is (`nice`): it yields to everything that shows or sounds.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// The thread's state.
pub(crate) struct Worker {
    pub queue: Arc<Queue>,
    pub dir: PathBuf,
    pub options: StoreOptions,
    pub on_health: OnHealth,
    pub on_opened: OnOpened,
    /// `None` while no file could ever be opened.
    pub recorder: Option<Recorder>,
    /// A history was opened before: what it held was given to the station.
    pub was_open: bool,
    /// The file must be opened anew before anything is written to it.
    pub is_broken: bool,
    /// How often the file was found damaged since everything could last be written.
    pub damages: u32,
    /// When the next try to open is due.
    pub retry: Retry,
    #[expect(dead_code, reason = "held while the thread lives")]
    pub lock: file::DirectoryLock,
    /// A fault that only a person can mend: the files that were passed over.
    pub standing: Option<String>,
    /// The fault of the last try.
    pub fault: Option<String>,
    /// Who lies where, as last said of each bed: a file that opens later must know it.
    pub placed: BTreeMap<BedId, (ReceiptTime, Bed, Encounter)>,
    /// Entries for a disk that does not take them, oldest first.
    pub backlog: VecDeque<JournalEntry>,
    /// Blocks and numerics dropped outside the recorder.
    pub dropped: u64,
    pub shown: StoreHealth,
    pub drops_shown: u32,
    /// Drops that were looked at.
    pub drops_seen: u64,
    /// Somebody waits for everything to be put together.
    pub compacts_all: bool,
}

impl Worker {
    /// Runs until the queue is closed; says whether everything is on disk.
    pub(crate) fn run(mut self) -> Result<(), StoreError> {
        let guard = Burial(Arc::clone(&self.queue));
        if self.options.lower_priority {
            lower_priority();
        }
        self.show_health();
        let mut next = Instant::now() + TICK;
        let mut room = Vec::new();
        loop {
            let Work {
                journal,
                mut items,
                flushes,
                refused,
                is_closing,
            } = self.queue.wait(next, room);
            self.journal(journal);
            self.dropped += refused;
            for item in items.drain(..) {
                self.take(item);
            }
            room = items;
            let is_due = Instant::now() >= next;
            if is_due || is_closing || !flushes.is_empty() {
                self.tick(is_due, flushes);
            }
            if is_due {
                // After a stall the seconds that were missed are not made up for.
                next = (next + TICK).max(Instant::now());
            }
            if is_closing {
                break;
            }
        }
        let result = self.finish();
        drop(guard);
        result
    }

    fn take(&mut self, item: Item) {
        match (&mut self.recorder, item) {
            (recorder, Item::Beds(at, beds)) => {
                for (bed, encounter) in &beds {
                    let now = (at, bed.clone(), encounter.clone());
                    self.placed.insert(bed.id.clone(), now);
                }
                if let Some(recorder) = recorder {
                    recorder.place(at, beds);
                }
            }
            (Some(recorder), Item::Wave(bed, block)) => recorder.wave(&bed, &block),
            (Some(recorder), Item::Numeric(bed, numeric)) => recorder.numeric(&bed, &numeric),
            (recorder, Item::Room(pages)) => {
                self.options.pages_max = Some(pages);
                let set = recorder
                    .as_ref()
                    .map_or(Ok(()), |r| file::set_pages_max(&r.connection, pages));
                if let Err(error) = set {
                    tracing::warn!(%error, "the size of the history could not be changed");
                }
            }
            (Some(_), Item::Compact) => self.compacts_all = true,
            (None, Item::Compact) => {}
            (None, Item::Wave(..) | Item::Numeric(..)) => self.dropped += 1,
        }
    }

    /// Commits what waits, at once; what the disk does not take is kept, and whoever waits is told.
    fn journal(&mut self, work: Vec<(Vec<JournalEntry>, Ticket)>) {
        if work.is_empty() {
            return;
        }
        let mut waiting = Vec::with_capacity(work.len());
        for (entries, done) in work {
            self.backlog.extend(entries);
            waiting.push(done);
        }
        let result = self.write_backlog();
        self.queue.keeps(self.backlog.len());
        let text = result.err().map(|error| self.failed(&error));
        if text.is_some() {
            self.fault.clone_from(&text);
            self.show_health();
        }
        answer(waiting, text.as_deref());
    }

    /// The recorder, when what it writes can reach the file.
    fn sound(&mut self) -> Result<&mut Recorder, StoreError> {
        match self.recorder.as_mut().filter(|_| !self.is_broken) {
            Some(recorder) => Ok(recorder),
            None => Err(StoreError::Failed(self.fault.clone().unwrap_or_default())),
        }
    }

    fn write_backlog(&mut self) -> Result<(), StoreError> {
        while !self.backlog.is_empty() {
            let count = self.backlog.len().min(ENTRIES_PER_COMMIT);
            let entries: Vec<_> = self.backlog.iter().take(count).cloned().collect();
            self.sound()?.append(&entries)?;
            self.backlog.drain(..count);
        }
        Ok(())
    }

    /// Notes what an error says of the file; gives it as a sentence.
    fn failed(&mut self, error: &StoreError) -> String {
        if self.recorder.is_some() && !self.is_broken && again::needs_opening(error) {
            self.is_broken = true;
            self.damages += u32::from(again::is_damage(error));
            tracing::warn!(%error, "the history file is to be opened anew");
        }
        remedy(error)
    }

    /// Once a second, and when somebody asks for it: everything goes to disk.
    fn tick(&mut self, is_due: bool, flushes: Vec<Ticket>) {
        let result = self.write_all(is_due);
        self.queue.keeps(self.backlog.len());
        self.fault = result.err().map(|error| self.failed(&error));
        if self.fault.is_none() {
            self.damages = 0;
        }
        if is_due {
            self.drops_shown = self.drops_shown.saturating_sub(1);
        }
        let dropped = self.dropped_in_all();
        if dropped > self.drops_seen {
            self.drops_seen = dropped;
            self.drops_shown = DROPS_SHOWN_TICKS;
        }
        self.show_health();
        answer(flushes, self.fault.as_deref());
    }

    fn write_all(&mut self, is_due: bool) -> Result<(), StoreError> {
        if let Ok(recorder) = self.sound()
            && let Err(error) = recorder.check_place()
        {
            self.fault = Some(self.failed(&error));
        }
        if (self.recorder.is_none() || self.is_broken) && self.retry.is_due(is_due) {
            match self.open_again() {
                Ok(()) => self.retry.succeeded(),
                Err(error) => {
                    self.retry.failed();
                    return Err(error);
                }
            }
        }
        self.write_backlog()?;
        let recorder = self.sound()?;
        if is_due {
            recorder.tick();
        }
        while self.sound()?.write_batch()? {
            let journal = self.queue.take_journal();
            self.journal(journal);
        }
        // An alert that came meanwhile does not wait for the anchor and the checkpoint.
        let journal = self.queue.take_journal();
        self.journal(journal);
        // What came meanwhile and was not taken.
        self.write_backlog()?;
        let recorder = self.sound()?;
        let anchored = recorder.anchor();
        if is_due && anchored.is_ok() && !self.queue.has_journal() {
            self.sound()?.compact()?;
        }
        while std::mem::take(&mut self.compacts_all) {
            self.compacts_all = self.sound()?.compact()?;
            let journal = self.queue.take_journal();
            self.journal(journal);
            self.sound()?.checkpoint(false)?;
        }
        let recorder = self.sound()?;
        // Also where the anchor cannot be written: a log that nobody moves grows until the disk is full.
        recorder.checkpoint(false)?;
        anchored
    }

    /// Opens the file that was recorded into, or whichever can be.
    fn open_again(&mut self) -> Result<(), StoreError> {
        let mut carried = None;
        let mut beyond = 0;
        if let Some(old) = &mut self.recorder {
            match old.check_place() {
                // Opened anew and damaged all the same: the next file.
                Ok(()) if self.damages > 1 => beyond = old.number,
                Ok(()) => match old.reopen(self.options.pages_max, &mut self.backlog) {
                    Ok(true) => {
                        self.is_broken = false;
                        tracing::info!("the history file was opened anew");
                        return Ok(());
                    }
                    // Another history lies there now, or one that cannot be used: chosen anew, as at a start.
                    Ok(false) => {}
                    Err(error) if choice::is_about_the_file(&error) => {}
                    Err(error) => return Err(error),
                },
                // Out of its place, but this process can still read it.
                Err(StoreError::Moved { file }) => carried = Some(carry::from_moved(&old.connection, &file)),
                Err(error) => return Err(error),
            }
        }
        let ready = restore::open(&self.dir, &self.options, beyond, carried)?;
        self.standing = standing(&ready.passed, &ready.opened.file);
        let mut recorder = ready.recorder;
        for (at, bed, encounter) in self.placed.values() {
            // Without it, data would be filed under whoever lay there before.
            recorder.place(*at, vec![(bed.clone(), encounter.clone())]);
        }
        if let Some(old) = self.recorder.take() {
            recorder.take_over(old);
        }
        self.recorder = Some(recorder);
        self.is_broken = false;
        let late = self.late(ready.opened);
        (self.on_opened)(late);
        Ok(())
    }

    /// What of a history the station cannot know.
    fn late(&mut self, opened: Opened) -> Opened {
        let mut late = opened;
        if std::mem::replace(&mut self.was_open, true) {
            late.standing.clear();
        }
        let backlog = &self.backlog;
        late.standing
            .retain(|old| !backlog.iter().any(|entry| supersedes(entry, old)));
        late
    }

    fn finish(&mut self) -> Result<(), StoreError> {
        if self.fault.is_none() {
            self.sound()?.checkpoint(true)?;
        }
        match self.fault.take() {
            Some(text) => Err(StoreError::Failed(text)),
            None => Ok(()),
        }
    }

    fn dropped_in_all(&self) -> u64 {
        self.dropped + self.recorder.as_ref().map_or(0, |r| r.dropped)
    }

    /// Tells the station when it is another health than it knows.
    fn show_health(&mut self) {
        let slow = (self.drops_shown > 0).then(|| {
            "data were dropped because the disk did not keep up; free it of other work or use a faster one".to_owned()
        });
        let text = self.fault.clone().or_else(|| self.standing.clone()).or(slow);
        let health = text.map_or(StoreHealth::Ok, |text| StoreHealth::Faulty {
            text,
            unwritten_entries: self.backlog.len(),
            dropped_blocks: self.dropped_in_all(),
        });
        if health != self.shown {
            match &health {
                StoreHealth::Ok => tracing::info!("history is written again"),
                StoreHealth::Faulty { text, .. } => tracing::error!(text, "history is not written as it should be"),
            }
            (self.on_health)(health.clone());
            self.shown = health;
        }
    }
}

impl Drop for Worker {
    /// A thread that dies must not do so in silence: monitoring goes on without history, and says so.
    fn drop(&mut self) {
        if std::thread::panicking() {
            let health = StoreHealth::Faulty {
                text: "the recording thread has failed; restart Wardlight and report what its log says".to_owned(),
                unwritten_entries: self.backlog.len(),
                dropped_blocks: self.dropped_in_all(),
            };
            // It may be the listener that failed; a second panic would end the whole program.
            if catch_unwind(AssertUnwindSafe(|| (self.on_health)(health))).is_err() {
                tracing::error!("the recording thread has failed, and nobody could be told");
            }
        }
    }
}

/// Whether `new` says anew how the thing stands that `old` is about.
fn supersedes(new: &JournalEntry, old: &JournalEntry) -> bool {
    let metric = |entry: &JournalEntry| entry.limits.as_ref().map(|l| l.metric);
    let pause = |entry: &JournalEntry| entry.pause.as_ref().map(|p| (p.metric, p.side));
    let alert = |entry: &JournalEntry| entry.alert.as_ref().map(|a| a.id);
    let checked = JournalKind::BedChecked;
    let is_same_stay = new.bed == old.bed && new.encounter == old.encounter;
    let is_same_limit = metric(old).is_some() && metric(new) == metric(old);
    let is_same_pause = pause(old).is_some() && pause(new) == pause(old);
    let is_same_check = old.kind == checked && new.kind == checked;
    let is_same_setting = new.bed == old.bed && old.kind == JournalKind::BedConfigured && new.kind == old.kind;
    let is_same_place = new.bed == old.bed && old.kind.says_who_lies_there() && new.kind.says_who_lies_there();
    let is_assessed = old.assessment.is_some() && new.assessment.is_some();
    is_same_setting
        || is_same_place
        || alert(old).is_some() && alert(new) == alert(old)
        || is_same_stay && (is_same_limit || is_same_pause || is_same_check || is_assessed)
}

fn answer(waiting: Vec<Ticket>, fault: Option<&str>) {
    for ticket in waiting {
        ticket.answer(fault.map_or(Ok(()), |text| Err(StoreError::Failed(text.to_owned()))));
    }
}

/// Whatever way the thread ends, nobody waits for it.
struct Burial(Arc<Queue>);

impl Drop for Burial {
    fn drop(&mut self) {
        self.0.bury();
    }
}

/// What to say about files that were passed over.
pub(crate) fn standing(passed: &[StoreError], used: &std::path::Path) -> Option<String> {
    let first = passed.first()?;
    Some(format!(
        "{first}; until then history is recorded into {}",
        used.display()
    ))
}

/// A fault with what to do about it.
pub(crate) fn remedy(error: &StoreError) -> String {
    use rusqlite::ErrorCode;
    let code = if let StoreError::Sqlite(error) = error {
        error.sqlite_error_code()
    } else {
        None
    };
    let what = match code {
        Some(ErrorCode::DiskFull) => "the disk is full: free space on it",
        Some(ErrorCode::ReadOnly) => "the history file is read-only: give this user the right to write to it",
        Some(ErrorCode::SystemIoFailure) => "the disk fails: check its cable and health, and copy the history away",
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            "the history file is damaged: run `wardlight verify` and keep a copy; it is opened anew, and then the next is begun"
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another program holds the history file: close it (a backup or a database browser)"
        }
        Some(_) | None => return error.to_string(),
    };
    format!("{what} ({error}); recording goes on by itself then")
}

#[cfg(target_os = "linux")]
fn lower_priority() {
    // On Linux the priority is the thread's own where its id is named.
    if let Err(error) = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICE) {
        tracing::warn!(%error, "the recording thread runs at normal priority");
    }
}

#[cfg(not(target_os = "linux"))]
fn lower_priority() {}
