//! The file: which one, how it is opened, and who may write to it.

use std::cmp::Ordering;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Error, ErrorKind, Read, Seek, Write};
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use crate::{StoreError, choice, schema};

/// SQLite before 3.51.3 can corrupt a write-ahead log that is reset while another connection checkpoints.
const SQLITE_MIN: i32 = 3_051_003;
/// A BLOB of 1.4 KB wastes a quarter of a 4 KiB page; of 16 KiB it wastes a twentieth.
const PAGE_BYTES: i64 = 16_384;
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
const FOREIGN: &str = "it is the database of another program";

/// Held as long as this process records into the directory.
#[derive(Debug)]
pub(crate) struct DirectoryLock(File);

impl DirectoryLock {
    /// Counts the starts at which no history could be read; 1 for the first. Such a session gives alert ids without
    /// knowing which were given before.
    pub(crate) fn count_blind_start(&mut self) -> u64 {
        let mut text = String::new();
        if let Err(error) = self.0.rewind().and_then(|()| self.0.read_to_string(&mut text)) {
            tracing::warn!(%error, "the count of starts without a history cannot be read");
        }
        let count = text.trim().parse().unwrap_or(0_u64).saturating_add(1);
        let mut write = || {
            self.0.rewind()?;
            self.0.write_all(format!("{count}\n").as_bytes())?;
            self.0.sync_all()
        };
        if let Err(error) = write() {
            tracing::warn!(%error, "the count of starts without a history cannot be written");
        }
        count
    }
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
    let is_new = !dir.exists();
    builder.create(dir).map_err(directory)?;
    if is_new {
        sync_directory_of(dir).map_err(directory)?;
    }
    let file = private()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(dir.join("wardlight.lock"));
    let file = file.map_err(directory)?;
    match file.try_lock() {
        Ok(()) => Ok(DirectoryLock(file)),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked { dir: dir.to_owned() }),
        Err(TryLockError::Error(source)) => Err(directory(source)),
    }
}

/// What tells a file from another of the same name; `None` where the system has nothing of the kind.
#[cfg(unix)]
pub(crate) fn identity(file: &Path) -> std::io::Result<Option<(u64, u64)>> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(file).map(|metadata| Some((metadata.dev(), metadata.ino())))
}

/// What tells a file from another of the same name; nothing here: the system lets nobody move a file in use.
#[cfg(not(unix))]
pub(crate) fn identity(file: &Path) -> std::io::Result<Option<(u64, u64)>> {
    std::fs::metadata(file).map(|_| None)
}

/// Files that only this user reads.
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes sure that the name of a file that was just made or renamed outlives a power cut.
#[cfg(unix)]
pub(crate) fn sync_directory_of(file: &Path) -> std::io::Result<()> {
    let dir = file.parent().filter(|dir| !dir.as_os_str().is_empty());
    match File::open(dir.unwrap_or(Path::new(".")))?.sync_all() {
        // Some network drives do not know what that is; they have their own ways.
        Err(error) if error.kind() == ErrorKind::InvalidInput => Ok(()),
        done => done,
    }
}

/// Makes sure that the name of a file that was just made outlives a power cut: here the system does it itself.
#[cfg(not(unix))]
pub(crate) fn sync_directory_of(_: &Path) -> std::io::Result<()> {
    Ok(())
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
/// `Ok(false)` where there is nothing yet. A disk that does not give it is no damage: that is
/// [`StoreError::File`], and is tried again.
fn check_header(file: &Path) -> Result<bool, StoreError> {
    let Some(header) = read_header(file)? else {
        return Ok(false);
    };
    if !header.starts_with(b"SQLite format 3\0") || header.len() < HEADER_BYTES {
        return Err(unusable(file, "it does not begin as a database does"));
    }
    let number = |at: usize| {
        let bytes = header.get(at..at + 4).and_then(|b| b.try_into().ok());
        i64::from(bytes.map_or(0, u32::from_be_bytes))
    };
    let (id, version) = (number(HEADER_APPLICATION_ID), number(HEADER_USER_VERSION));
    // Both are zero until the first tables have reached the file itself; SQLite then says what they are.
    if (id, version) == (0, 0) {
        check_is_ours(file)?;
        return Ok(true);
    }
    if id == schema::SESSION_ID {
        return Err(unusable(file, "it is a recorded session, which nothing is added to"));
    }
    if id != schema::APPLICATION_ID {
        return Err(unusable(file, FOREIGN));
    }
    check_version(file, version)?;
    Ok(true)
}

fn unusable(file: &Path, why: &str) -> StoreError {
    StoreError::Unusable {
        file: file.to_owned(),
        why: why.to_owned(),
    }
}

/// The first bytes of a file; `None` where there is none, or nothing in it.
fn read_header(file: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    let failed = |source: Error| StoreError::File {
        file: file.to_owned(),
        source,
    };
    let mut header = Vec::with_capacity(HEADER_BYTES);
    match File::open(file) {
        Ok(handle) => {
            let bytes = u64::try_from(HEADER_BYTES).unwrap_or(0);
            match handle.take(bytes).read_to_end(&mut header) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::IsADirectory => {
                    return Err(unusable(file, "it is a directory"));
                }
                Err(error) => return Err(failed(error)),
            }
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    if !header.is_empty() {
        return Ok(Some(header));
    }
    // SQLite deletes the log of an empty file: what it holds would be gone.
    match choice::has_log(file) {
        Ok(true) => Err(unusable(file, "it is empty or gone, but its log is not")),
        Ok(false) => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

/// A file that does not say whose it is: ours when its log says so, or when there is nothing in it. It is looked at
/// without the right to write, so that another program's file keeps its log.
fn check_is_ours(file: &Path) -> Result<(), StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    if application(&connection)? == schema::APPLICATION_ID || is_empty(&connection)? {
        return Ok(());
    }
    Err(unusable(file, FOREIGN))
}

fn application(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA application_id", [], |row| row.get(0))
}

/// Whether it is a recorded session.
pub(crate) fn is_session(connection: &Connection) -> rusqlite::Result<bool> {
    Ok(application(connection)? == schema::SESSION_ID)
}

/// Whether the file has no tables: it was just begun.
fn is_empty(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| row.get(0))
}

fn check_version(file: &Path, found: i64) -> Result<(), StoreError> {
    let (known, file) = (schema::VERSION, file.to_owned());
    match found.cmp(&known) {
        Ordering::Equal => Ok(()),
        Ordering::Greater => Err(StoreError::Newer { file, found, known }),
        Ordering::Less => Err(StoreError::Older { file, found, known }),
    }
}

/// Opens for writing, and makes or migrates the tables.
pub(crate) fn open_for_writing(file: &Path, pages_max: Option<u32>) -> Result<Connection, StoreError> {
    let is_there = check_header(file)?;
    if !is_there {
        // Made here for its permissions; SQLite gives its log the same, and makes the log's name safe itself.
        let made = private().create(true).truncate(false).write(true).open(file);
        made.and_then(|_| sync_directory_of(file))
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
    schema::begin(&mut connection)?;
    check_version(file, schema::version(&connection)?)?;
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

/// For a file that nobody knows before it is whole: no log, no waiting for the disk until then.
pub(crate) fn prepare_unlogged(connection: &Connection) -> Result<(), StoreError> {
    pragma(connection, "page_size", &PAGE_BYTES.to_string())?;
    pragma(connection, "journal_mode", "off")?;
    pragma(connection, "synchronous", "0")?;
    pragma(connection, "cache_size", &format!("-{CACHE_KIB}"))?;
    pragma(connection, "temp_store", "2")
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
    if file.try_exists().is_ok_and(|is_there| !is_there) && choice::has_log(file).unwrap_or(false) {
        return Err(unusable(file, "it is gone, but its log is not"));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    pragma(&connection, "busy_timeout", &BUSY_MS.to_string())?;
    pragma(&connection, "query_only", "1")?;
    pragma(&connection, "trusted_schema", "0")?;
    if ![schema::APPLICATION_ID, schema::SESSION_ID].contains(&application(&connection)?) {
        if is_empty(&connection)? {
            // The station is about to begin it.
            let dir = file.parent().unwrap_or(file).to_owned();
            return Err(StoreError::Nothing { dir });
        }
        return Err(unusable(file, FOREIGN));
    }
    check_version(file, schema::version(&connection)?)?;
    Ok(connection)
}
