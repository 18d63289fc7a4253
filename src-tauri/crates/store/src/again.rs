//! Opening the file again after the disk failed, and taking over what was not on it.

use std::collections::VecDeque;

use model::JournalEntry;
use rusqlite::{Connection, ErrorCode};

use crate::journal::{self, Head};
use crate::open::{OpenNumbers, OpenWave};
use crate::recorder::Recorder;
use crate::{StoreError, file};

/// Longest wait between two tries to open a file, in ticks (seconds).
const WAIT_MAX_TICKS: u32 = 64;

/// When the next try to open is due: at once, then after 1 s, 2 s, 4 s …
#[derive(Debug, Default)]
pub(crate) struct Retry {
    left: u32,
    wait: u32,
}

impl Retry {
    /// Counts a tick; somebody who waits for an answer gets a try of his own.
    pub(crate) fn is_due(&mut self, is_tick: bool) -> bool {
        if is_tick {
            self.left = self.left.saturating_sub(1);
        }
        self.left == 0 || !is_tick
    }

    pub(crate) fn failed(&mut self) {
        self.wait = (self.wait * 2).clamp(1, WAIT_MAX_TICKS);
        self.left = self.wait;
    }

    pub(crate) fn succeeded(&mut self) {
        *self = Self::default();
    }
}

/// Whether only opening the file anew can mend it: what the connection holds of the file may be wrong.
pub(crate) fn needs_opening(error: &StoreError) -> bool {
    match error {
        StoreError::Moved { .. } => true,
        StoreError::Sqlite(error) => matches!(
            error.sqlite_error_code(),
            Some(
                ErrorCode::SystemIoFailure
                    | ErrorCode::DatabaseCorrupt
                    | ErrorCode::NotADatabase
                    | ErrorCode::CannotOpen
                    | ErrorCode::ReadOnly
                    | ErrorCode::FileLockingProtocolFailed
                    | ErrorCode::ConstraintViolation
            )
        ),
        StoreError::Locked { .. }
        | StoreError::Directory { .. }
        | StoreError::Nothing { .. }
        | StoreError::SqliteTooOld { .. }
        | StoreError::Newer { .. }
        | StoreError::Older { .. }
        | StoreError::Left { .. }
        | StoreError::Unusable { .. }
        | StoreError::Pragma { .. }
        | StoreError::Row { .. }
        | StoreError::Wide { .. }
        | StoreError::NoSeries(_)
        | StoreError::File { .. }
        | StoreError::JournalFull { .. }
        | StoreError::Cancelled
        | StoreError::Stopped
        | StoreError::Failed(_) => false,
    }
}

/// Whether the file itself is damaged.
pub(crate) fn is_damage(error: &StoreError) -> bool {
    let StoreError::Sqlite(error) = error else {
        return false;
    };
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    )
}

impl Recorder {
    /// Whether the file still has its name: entries written into a deleted file are nowhere.
    pub(crate) fn check_place(&self) -> Result<(), StoreError> {
        match file::identity(&self.file) {
            Ok(now) if now == self.place => Ok(()),
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(StoreError::File {
                file: self.file.clone(),
                source: error,
            }),
            Ok(_) | Err(_) => Err(StoreError::Moved {
                file: self.file.clone(),
            }),
        }
    }

    /// Opens the same file anew, and keeps what was not on it. `Ok(false)` when that file does not hold what was
    /// committed: it is another one, or lost its end.
    ///
    /// A commit that failed may have reached the disk all the same: entries of `backlog` that are in the journal are
    /// taken out of it, and the next batch puts nothing twice.
    pub(crate) fn reopen(
        &mut self,
        pages_max: Option<u32>,
        backlog: &mut VecDeque<JournalEntry>,
    ) -> Result<bool, StoreError> {
        // The old one first: two connections of a process share what they know of a file's locks.
        self.connection = Connection::open_in_memory()?;
        self.fate.strike()?;
        let connection = file::open_for_writing(&self.file, pages_max)?;
        let head = Head::read(&connection)?;
        if !self.is_in(&connection)? {
            return Ok(false);
        }
        let mut known = self.head;
        let mut written = 0;
        for entry in backlog.iter() {
            let next = journal::after(known, entry);
            if next.id > head.id || journal::chain_of(&connection, next.id)? != Some(next.chain) {
                break;
            }
            known = next;
            written += 1;
        }
        if known != head {
            return Ok(false);
        }
        backlog.drain(..written);
        self.head = head;
        self.is_in_doubt = true;
        self.place = file::identity(&self.file).unwrap_or(None);
        self.connection = connection;
        self.prepare_connection();
        Ok(true)
    }

    /// Whether `connection` holds everything that this recorder knows to be committed.
    fn is_in(&self, connection: &Connection) -> Result<bool, StoreError> {
        if self.head.id > 0 && journal::chain_of(connection, self.head.id)? != Some(self.head.chain) {
            return Ok(false);
        }
        let mut row = connection.prepare("SELECT 1 FROM tail WHERE id = ?1")?;
        for id in self.row_uses.keys() {
            if !row.exists([id])? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Takes over from a recorder whose file is given up what it had not written. What belonged to a stay that has
    /// ended since is dropped, and counted.
    pub(crate) fn take_over(&mut self, old: Self) {
        self.dropped += old.dropped;
        let (mut waves, mut numbers): (Vec<OpenWave>, Vec<OpenNumbers>) =
            (old.closed_waves.into(), old.closed_numbers.into());
        for slot in old.slots {
            waves.extend(slot.wave);
            numbers.extend(slot.live.into_iter().chain(slot.late));
        }
        for open in waves.iter().filter(|open| !open.unsaved().is_empty()) {
            let Some((bed, metric)) = old.identity.current(open.key.series) else {
                self.dropped += open.unsaved_parts;
                continue;
            };
            let moved = open.head.at(open.saved).saturating_sub(open.head.start);
            let mut block = open.head.block(metric, open.unsaved().to_vec());
            block.start = model::ReceiptTime::from_micros(open.head.start.saturating_add(moved));
            block.measured_at = model::DeviceTime::from_micros(open.head.measured.saturating_add(moved));
            self.wave(&bed, &block);
        }
        for open in numbers.iter().filter(|open| !open.unsaved().is_empty()) {
            let Some((bed, metric)) = old.identity.current(open.key.series) else {
                self.dropped += open.unsaved_parts;
                continue;
            };
            for value in open.unsaved() {
                self.numeric(&bed, &open.head.numeric(metric, value));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_come_ever_more_rarely_but_always_for_who_waits() {
        let mut retry = Retry::default();
        let mut tried = Vec::new();
        for second in 0..200 {
            if retry.is_due(true) {
                tried.push(second);
                retry.failed();
            }
        }
        assert_eq!(tried, [0, 1, 3, 7, 15, 31, 63, 127, 191]);
        assert!(retry.is_due(false));
        retry.succeeded();
        assert!(retry.is_due(true));
    }
}
