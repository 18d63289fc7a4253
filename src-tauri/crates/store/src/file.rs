//! The file: which one, how it is opened, and who may write to it.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::Read;
use std::path::{Path, PathBuf};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use crate::{StoreError, schema};

/// SQLite before 3.51.3 can corrupt a write-ahead log that is reset while another connection checkpoints.
const SQLITE_MIN: i32 = 3_051_003;
/// A BLOB of 1.4 KB wastes a quarter of a 4 KiB page; of 16 KiB it wastes a twentieth.
const PAGE_BYTES: i64 = 16_384;
/// `wardlight.db` to `wardlight-9.db`: eight unusable files are a broken disk, not bad luck.
const FILES_MAX: u32 = 9;
/// How long a connection waits for another one's short lock, in milliseconds.
const BUSY_MS: i64 = 2_000;
/// Page cache of the writer, in KiB: the inner pages of the indexes of a year stay in it.
const CACHE_KIB: i64 = 8_192;
/// What is kept of a write-ahead log that grew under a long read, in bytes.
const WAL_KEPT_BYTES: i64 = 64 << 20;
/// Where the database header keeps its two numbers for applications (SQLite file format, section 1.3).
const HEADER_USER_VERSION: usize = 60;
const HEADER_APPLICATION_ID: usize = 68;
const HEADER_BYTES: usize = 100;

/// Held as long as this process records into the directory.
#[derive(Debug)]
pub(crate) struct DirectoryLock(#[expect(dead_code, reason = "held for its lock")] File);

pub(crate) fn path(dir: &Path, number: u32) -> PathBuf {
    match number {
        0 | 1 => dir.join("wardlight.db"),
        n => dir.join(format!("wardlight-{n}.db")),
    }
}

/// Every history file of the directory, in order.
pub(crate) fn existing(dir: &Path) -> Vec<PathBuf> {
    (1..=FILES_MAX).map(|n| path(dir, n)).filter(|p| p.exists()).collect()
}

/// Makes the directory (0700) and takes its lock.
pub(crate) fn lock(dir: &Path) -> Result<DirectoryLock, StoreError> {
    let directory = |source| StoreError::Directory {
        dir: dir.to_owned(),
        source,
    };
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(directory)?;
    let file = private()
        .create(true)
        .truncate(false)
        .write(true)
        .open(dir.join("wardlight.lock"));
    let file = file.map_err(directory)?;
    match file.try_lock() {
        Ok(()) => Ok(DirectoryLock(file)),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked { dir: dir.to_owned() }),
        Err(TryLockError::Error(source)) => Err(directory(source)),
    }
}

/// Files that only this user reads.
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

pub(crate) fn check_sqlite() -> Result<(), StoreError> {
    if rusqlite::version_number() < SQLITE_MIN {
        return Err(StoreError::SqliteTooOld {
            found: rusqlite::version().to_owned(),
        });
    }
    Ok(())
}

/// Reads the header without SQLite, so that nothing of a file that is not ours is touched.
/// `Ok(false)` where there is nothing yet.
pub(crate) fn check_header(file: &Path) -> Result<bool, StoreError> {
    let unusable = |why: String| StoreError::Unusable {
        file: file.to_owned(),
        why,
    };
    let mut header = Vec::with_capacity(HEADER_BYTES);
    match File::open(file) {
        Ok(handle) => {
            let bytes = u64::try_from(HEADER_BYTES).unwrap_or(0);
            handle
                .take(bytes)
                .read_to_end(&mut header)
                .map_err(|e| unusable(e.to_string()))?;
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(unusable(error.to_string())),
    }
    if header.is_empty() {
        return Ok(false);
    }
    if !header.starts_with(b"SQLite format 3\0") || header.len() < HEADER_BYTES {
        return Err(unusable("it does not begin as a database does".to_owned()));
    }
    let number = |at: usize| {
        let bytes = header.get(at..at + 4).and_then(|b| b.try_into().ok());
        i64::from(bytes.map_or(0, u32::from_be_bytes))
    };
    let (id, version) = (number(HEADER_APPLICATION_ID), number(HEADER_USER_VERSION));
    // Both are zero until the first migration has reached the file itself; SQLite then says what they are.
    if id != schema::APPLICATION_ID && (id, version) != (0, 0) {
        return Err(unusable("it is the database of another program".to_owned()));
    }
    check_version(file, version)?;
    Ok(true)
}

fn check_version(file: &Path, found: i64) -> Result<(), StoreError> {
    let known = schema::known_version();
    if found > known {
        return Err(StoreError::Newer {
            file: file.to_owned(),
            found,
            known,
        });
    }
    Ok(())
}

/// Opens for writing, and makes or migrates the tables.
pub(crate) fn open_for_writing(file: &Path, pages_max: Option<u32>) -> Result<Connection, StoreError> {
    let is_there = check_header(file)?;
    if !is_there {
        // Made here for its permissions; SQLite gives its log the same.
        private()
            .create(true)
            .truncate(false)
            .write(true)
            .open(file)
            .map_err(|source| StoreError::File {
                file: file.to_owned(),
                source,
            })?;
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(file, flags)?;
    set_pragmas(&connection, !is_there)?;
    if let Some(pages) = pages_max {
        set_pages_max(&connection, pages)?;
    }
    check_version(file, schema::version(&connection)?)?;
    schema::migrate(&mut connection)?;
    pragma_is(&connection, "application_id", &schema::APPLICATION_ID.to_string())?;
    if !is_there {
        // The numbers in the header must be in the file, where an older or newer version looks before it opens it.
        checkpoint(&connection, "TRUNCATE")?;
    }
    Ok(connection)
}

pub(crate) fn set_pages_max(connection: &Connection, pages: u32) -> rusqlite::Result<()> {
    connection
        .query_row(&format!("PRAGMA max_page_count = {pages}"), [], |row| {
            row.get::<_, i64>(0)
        })
        .map(drop)
}

fn set_pragmas(connection: &Connection, is_new: bool) -> Result<(), StoreError> {
    pragma(connection, "busy_timeout", &BUSY_MS.to_string())?;
    if is_new {
        pragma(connection, "page_size", &PAGE_BYTES.to_string())?;
    }
    pragma(connection, "journal_mode", "wal")?;
    pragma(connection, "synchronous", "2")?;
    pragma(connection, "fullfsync", "1")?;
    pragma(connection, "checkpoint_fullfsync", "1")?;
    // Checkpoints run when no journal entry waits, never inside a commit.
    pragma(connection, "wal_autocheckpoint", "0")?;
    pragma(connection, "journal_size_limit", &WAL_KEPT_BYTES.to_string())?;
    pragma(connection, "cache_size", &format!("-{CACHE_KIB}"))?;
    pragma(connection, "temp_store", "2")?;
    pragma(connection, "trusted_schema", "0")?;
    pragma(connection, "cell_size_check", "1")?;
    Ok(())
}

fn pragma(connection: &Connection, name: &'static str, wanted: &str) -> Result<(), StoreError> {
    connection.execute_batch(&format!("PRAGMA {name} = {wanted}"))?;
    pragma_is(connection, name, wanted)
}

/// A pragma that SQLite does not know or cannot follow is silently ignored: so each is read back.
fn pragma_is(connection: &Connection, name: &'static str, wanted: &str) -> Result<(), StoreError> {
    let found = connection.query_row(&format!("PRAGMA {name}"), [], |row| {
        Ok(match row.get_ref(0)? {
            ValueRef::Integer(i) => i.to_string(),
            ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
            other @ (ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_)) => format!("{other:?}"),
        })
    })?;
    if found == wanted {
        Ok(())
    } else {
        Err(StoreError::Pragma {
            pragma: name,
            wanted: wanted.to_owned(),
            found,
        })
    }
}

/// Moves the log into the file. What a reader still needs stays in the log.
pub(crate) fn checkpoint(connection: &Connection, how: &str) -> rusqlite::Result<()> {
    connection.query_row(&format!("PRAGMA wal_checkpoint({how})"), [], |_| Ok(()))
}

/// Opens for reading only.
///
/// The header is not looked at beforehand: closing any handle on the file would drop the locks that this process's
/// writer holds on it (POSIX), and another program could then unlink the log under it.
pub(crate) fn open_for_reading(file: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    pragma(&connection, "busy_timeout", &BUSY_MS.to_string())?;
    pragma(&connection, "query_only", "1")?;
    pragma(&connection, "trusted_schema", "0")?;
    let id: i64 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    if id != schema::APPLICATION_ID {
        return Err(StoreError::Unusable {
            file: file.to_owned(),
            why: "it is the database of another program".to_owned(),
        });
    }
    check_version(file, schema::version(&connection)?)?;
    Ok(connection)
}

/// The file to record into: the first of `wardlight.db`, `wardlight-2.db` … that is new or usable; beside it,
/// why each one before it is not. Nothing is overwritten or moved.
pub(crate) fn choose<T>(
    dir: &Path,
    mut open: impl FnMut(u32, &Path) -> Result<T, StoreError>,
) -> Result<(T, Vec<StoreError>), StoreError> {
    let mut passed = Vec::new();
    for number in 1..=FILES_MAX {
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
fn is_about_the_file(error: &StoreError) -> bool {
    match error {
        StoreError::Newer { .. } | StoreError::Unusable { .. } | StoreError::Row { .. } => true,
        StoreError::Sqlite(error) => matches!(
            error.sqlite_error_code(),
            Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) | None
        ),
        StoreError::Locked { .. }
        | StoreError::Directory { .. }
        | StoreError::Nothing { .. }
        | StoreError::SqliteTooOld { .. }
        | StoreError::Pragma { .. }
        | StoreError::File { .. }
        | StoreError::JournalFull { .. }
        | StoreError::Stopped
        | StoreError::Failed(_) => false,
    }
}
