//! Which of the numbered files history is in.
//!
//! One rule for the station and for everybody who reads: the last one that is there. So a damaged `wardlight.db`
//! may be moved away while `wardlight-2.db` is in use, and both go on with that.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::StoreError;

/// `wardlight.db` to `wardlight-9.db`: eight unusable files are a broken disk, not bad luck.
const FILES_MAX: u32 = 9;

pub(crate) fn path(dir: &Path, number: u32) -> PathBuf {
    match number {
        0 | 1 => dir.join("wardlight.db"),
        n => dir.join(format!("wardlight-{n}.db")),
    }
}

/// The write-ahead log of a history file.
fn log(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

/// Whether a file has a log with something in it.
pub(crate) fn has_log(file: &Path) -> std::io::Result<bool> {
    match std::fs::metadata(log(file)) {
        Ok(log) => Ok(log.len() > 0),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// The numbers of every history file of the directory, in order.
///
/// A log whose file is gone counts: a new file under its name would take it away with it. What cannot be looked
/// at is an error, not a file that is not there.
pub(crate) fn existing(dir: &Path) -> Result<Vec<u32>, StoreError> {
    let mut found = Vec::new();
    for number in 1..=FILES_MAX {
        let file = path(dir, number);
        let is_there = file.try_exists().and_then(|is_there| Ok(is_there || has_log(&file)?));
        if is_there.map_err(|source| StoreError::File { file, source })? {
            found.push(number);
        }
    }
    Ok(found)
}

/// The file to record into: the last that is there, or `wardlight.db` where none is; the next number when it cannot
/// be used, or when it is not `beyond` that number. Beside it, why each that was passed over cannot be used. Nothing
/// is overwritten or moved.
pub(crate) fn choose<T>(
    dir: &Path,
    beyond: u32,
    mut open: impl FnMut(u32, &Path) -> Result<T, StoreError>,
) -> Result<(T, Vec<StoreError>), StoreError> {
    let last = existing(dir)?.last().copied().unwrap_or(1);
    let mut passed = Vec::new();
    for number in last.max(beyond + 1)..=FILES_MAX {
        match open(number, &path(dir, number)) {
            Ok(opened) => return Ok((opened, passed)),
            Err(error) if is_about_the_file(&error) => passed.push(error),
            Err(error) => return Err(error),
        }
    }
    passed
        .pop()
        .map_or(Err(StoreError::Nothing { dir: dir.to_owned() }), Err)
}

/// Whether another file next to it may do better: not so on a full or failing disk.
pub(crate) fn is_about_the_file(error: &StoreError) -> bool {
    match error {
        StoreError::Newer { .. } | StoreError::Older { .. } | StoreError::Unusable { .. } | StoreError::Row { .. } => {
            true
        }
        StoreError::Sqlite(error) => matches!(
            error.sqlite_error_code(),
            Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) | None
        ),
        StoreError::Locked { .. }
        | StoreError::Directory { .. }
        | StoreError::Nothing { .. }
        | StoreError::SqliteTooOld { .. }
        | StoreError::Pragma { .. }
        | StoreError::Wide { .. }
        | StoreError::NoSeries(_)
        | StoreError::File { .. }
        | StoreError::Left { .. }
        | StoreError::Moved { .. }
        | StoreError::JournalFull { .. }
        | StoreError::Cancelled
        | StoreError::Stopped
        | StoreError::Failed(_) => false,
    }
}
