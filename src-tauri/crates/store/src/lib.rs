//! History in SQLite.

mod anchor;
mod bytes;
mod chunk;
mod codec;
mod cursor;
mod error;
mod file;
mod identity;
mod journal;
mod open;
mod queue;
mod reader;
mod recorder;
mod restore;
mod schema;
mod tail;
mod trend;
mod verify;
mod words;
mod worker;
mod writer;

pub use error::StoreError;
pub use reader::Reader;
pub use verify::verify;
pub use words::{
    BedRow, Finding, JournalQuery, JournalRow, LimitsInForce, Opened, Order, SeriesRow, StoreHealth, StoreOptions,
    Taken, TrendBin, VerifyReport, Window,
};
pub use writer::{Done, OnHealth, Writer, open};
