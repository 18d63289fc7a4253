//! What can go wrong with history, and what to do about it.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::choice;

/// Why history cannot be written or read. Every text says what to do.
#[derive(Debug, Error)]
pub enum StoreError {
    /// Another process records into this data directory.
    #[error(
        "another Wardlight records in {dir}; stop it first, or give this one a data directory of its own with --data"
    )]
    Locked {
        /// The data directory.
        dir: PathBuf,
    },
    /// The data directory cannot be made or used.
    #[error("the data directory {dir} cannot be used ({source}); check that it exists and belongs to this user")]
    Directory {
        /// The data directory.
        dir: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// There is no history in this directory.
    #[error("no history in {dir}: nothing was recorded there yet, or it is not the data directory")]
    Nothing {
        /// The data directory.
        dir: PathBuf,
    },
    /// The linked SQLite is too old: before 3.51.3 a write-ahead log can corrupt the file.
    #[error("SQLite {found} is too old, at least 3.51.3 is needed; build Wardlight with its bundled SQLite")]
    SqliteTooOld {
        /// Its version.
        found: String,
    },
    /// A newer Wardlight wrote the file. It was not touched.
    #[error(
        "{file} was written by a newer Wardlight (format {found}, this one knows {known}); it was not touched: use the newer version"
    )]
    Newer {
        /// The file.
        file: PathBuf,
        /// Its format.
        found: i64,
        /// The newest format this version knows.
        known: i64,
    },
    /// An older Wardlight wrote the file, before the first release. It was not touched.
    #[error(
        "{file} was written by an older Wardlight (format {found}, this one knows {known}); it was not touched: read it with the older version, and move it away"
    )]
    Older {
        /// The file.
        file: PathBuf,
        /// Its format.
        found: i64,
        /// The only format this version knows.
        known: i64,
    },
    /// A file that was moved on from can be read. It was not touched.
    #[error("{file} was left when it could not be used, and can be read now; it was not touched: move it away")]
    Left {
        /// The file.
        file: PathBuf,
    },
    /// The file that was recorded into is not in its place any more.
    #[error(
        "{file} was moved away, replaced or deleted while history was recorded into it; do that only when Wardlight does not run"
    )]
    Moved {
        /// The file.
        file: PathBuf,
    },
    /// The file is not a Wardlight history or is damaged. It was not touched.
    #[error(
        "{file} cannot be read as Wardlight history ({why}); it was not touched: copy it to a safe place, then move it away"
    )]
    Unusable {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A pragma did not take.
    #[error("SQLite did not take {pragma} = {wanted} (it says {found}); is the data directory on a network drive?")]
    Pragma {
        /// Which.
        pragma: &'static str,
        /// What was asked for.
        wanted: String,
        /// What is.
        found: String,
    },
    /// A stored row cannot be read.
    #[error("row {row} of {table} cannot be read ({why}); run `wardlight verify`")]
    Row {
        /// The table.
        table: &'static str,
        /// Its id.
        row: i64,
        /// What is wrong.
        why: String,
    },
    /// A wave holds samples of more than 16 bits.
    #[error("the samples of {metric:?} need more than 16 bits; read them as wide blocks")]
    Wide {
        /// Which wave.
        metric: model::MetricCode,
    },
    /// There is no such series.
    #[error("there is no series {0} in this history; list its lanes again")]
    NoSeries(u32),
    /// SQLite reports an error.
    #[error("history: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A file beside the database cannot be written or read.
    #[error("{file} cannot be read or written ({source}); check the disk, and that the file belongs to this user")]
    File {
        /// The file.
        file: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Too many journal entries wait for a disk that does not take them.
    #[error("{waiting} journal entries wait for the disk and no more can be kept; free space on it or replace it")]
    JournalFull {
        /// How many wait.
        waiting: usize,
    },
    /// Whoever asked for it ended it. Nothing is left of it.
    #[error("ended before it was whole; nothing is left of it")]
    Cancelled,
    /// The recording thread does not run (any more).
    #[error("recording has stopped; restart Wardlight")]
    Stopped,
    /// The same fault, said to everyone who waited for it.
    #[error("{0}")]
    Failed(String),
}

impl StoreError {
    /// The file it names.
    pub(crate) fn file(&self) -> Option<&PathBuf> {
        match self {
            Self::Newer { file, .. }
            | Self::Older { file, .. }
            | Self::Left { file }
            | Self::Moved { file }
            | Self::Unusable { file, .. }
            | Self::File { file, .. } => Some(file),
            Self::Locked { .. }
            | Self::Directory { .. }
            | Self::Nothing { .. }
            | Self::SqliteTooOld { .. }
            | Self::Pragma { .. }
            | Self::Row { .. }
            | Self::Wide { .. }
            | Self::NoSeries(_)
            | Self::Sqlite(_)
            | Self::JournalFull { .. }
            | Self::Cancelled
            | Self::Stopped
            | Self::Failed(_) => None,
        }
    }

    /// The same, and of which file: where a file is damaged, a person must know which to move away.
    pub(crate) fn about(self, file: &Path) -> Self {
        if self.file().is_none() && choice::is_about_the_file(&self) {
            return Self::Unusable {
                file: file.to_owned(),
                why: self.to_string(),
            };
        }
        self
    }
}
