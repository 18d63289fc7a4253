//! History: waves, numerics and the journal in one SQLite file, written by one thread.
//!
//! - **Waves and numerics** lie in chunks (10 s, two minutes) per series, a series being a metric of a stay in a
//!   bed. What belongs to a chunk that is still open goes to disk once a second as a row of the tail; after a
//!   crash the chunk goes on from there. A chunk ends where the trace does: at a gap, a new rate, scale or mode.
//! - **The journal** commits at once, fsynced, and is chained by SHA-256; an anchor outside the file names its
//!   last entry.
//! - **Faults** stop nothing: a full or failing disk, a damaged or newer file become a [`StoreHealth::Faulty`],
//!   nothing is overwritten, and recording resumes by itself.
//!
//! **Invariant:** no alerting, no async and no clock in here: times come with what is recorded, and the writer's
//! second is counted, not read.
//!
//! ```
//! use model::{JournalEntry, JournalKind, ReceiptTime};
//! use store::{JournalQuery, Reader, StoreOptions};
//!
//! let dir = tempfile::tempdir()?;
//! let on_health = Box::new(|health| println!("{health:?}"));
//! let on_opened = Box::new(|late: store::Opened| println!("{:?}", late.standing));
//! let (writer, _) = store::open(dir.path(), StoreOptions::default(), on_health, on_opened)?;
//! let started = JournalEntry::new(ReceiptTime::from_millis(1_800_000_000_000), JournalKind::StationStarted);
//! writer.journal(vec![started.clone()], Box::new(|result| assert!(result.is_ok())));
//! writer.close()?;
//!
//! let rows = Reader::open(dir.path())?.journal(&JournalQuery::default())?;
//! assert_eq!(rows[0].entry, started);
//! assert!(store::verify(dir.path())?.findings.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod again;
mod anchor;
mod backup;
mod beside;
mod bins;
mod bytes;
mod carry;
mod choice;
mod chunk;
mod codec;
mod columns;
mod compact;
mod cursor;
mod deidentify;
mod envelope;
mod error;
mod export;
mod faults;
mod file;
mod forecast;
mod found;
mod identity;
mod journal;
mod lanes;
mod lately;
#[cfg(test)]
mod memory_tests;
mod open;
mod pages;
mod queue;
mod reach;
mod reader;
mod recorder;
mod restore;
mod rice;
mod samples;
mod schema;
mod seal;
mod session;
mod source;
mod standing;
mod stays;
mod tail;
mod trend;
mod values;
mod verify;
mod words;
mod worker;
mod writer;

pub use backup::backup;
pub use deidentify::Deidentify;
pub use envelope::{Bin, Envelope};
pub use error::StoreError;
pub use export::{Exported, Span, export_stay};
pub use faults::Faults;
pub use forecast::Forecast;
pub use lanes::{Lane, NO_SAMPLE_WIDE, SeriesId, WideBlock};
pub use reach::Reach;
pub use reader::Reader;
pub use session::{LaneSpec, SessionHead, SessionWriter};
pub use verify::{verify, verify_file};
pub use words::{
    BedRow, Finding, JournalQuery, JournalRow, Opened, Order, SeriesRow, Stay, StoreHealth, StoreOptions, Taken,
    TrendBin, VerifyReport, Window,
};
pub use writer::{Done, OnHealth, OnOpened, Writer, open};
