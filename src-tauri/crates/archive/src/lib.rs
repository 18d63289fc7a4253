//! Recorded sessions: any file that research or a ward wrote is opened, imported and written again.
//!
//! **Invariant:** a source is never altered, and nothing is half imported: an imported recording is a session file of its
//! own, written beside and renamed into its place.

mod beats;
mod detect;
mod import;
mod opened;
mod overview;
mod stay;
mod watched;
mod written;

use std::path::PathBuf;

use thiserror::Error;

pub use beats::Beats;
pub use import::{Imported, SESSIONS, import};
pub use wire::recording::Mark;

pub use opened::{Opened, OpenedLane, kind_of};
pub use stay::Stay;
pub use watched::Progress;
pub use written::{Format, Written, write};

/// Why a recording is not opened, imported or written.
#[derive(Debug, Error)]
pub enum ArchiveError {
    /// The codec says what is wrong, and where.
    #[error("{}: {source}", file.display())]
    Recording {
        /// Which file was opened.
        file: PathBuf,
        /// What is wrong.
        source: wire::recording::RecordingError,
    },
    /// No codec knows it.
    #[error(
        "{}: is none of the formats that are known: WFDB (.hea), EDF and EDF+ (.edf), BDF (.bdf), CSV (.csv), VitalDB (.vital), a session (.wardlight)",
        file.display()
    )]
    Unknown {
        /// Which file.
        file: PathBuf,
    },
    /// History is not read or written.
    #[error(transparent)]
    Store(#[from] store::StoreError),
}
