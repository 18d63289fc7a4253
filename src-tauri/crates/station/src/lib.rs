//! The loop of a station: feeds in, history and alerts and screens out.
//!
//! One task owns all state and takes one closed event at a time, with one `now` a turn. Feeds, screens and the
//! store have bounded queues with named policies. What must be durable is on disk before a screen shows it.
//!
//! ```no_run
//! # async fn demo() -> Result<(), station::StartError> {
//! use std::path::Path;
//! let config = station::Config::parse("[[bed]]\nid = \"bed-01\"\n").expect("a valid configuration");
//! let running = station::start(Path::new("data"), config, None)?;
//! let screen = running.station().open_screen().await;
//! running.stop().await?;
//! # Ok(()) }
//! ```

mod clock;
mod config;
mod core;
mod durable;
mod event;
pub mod find;
mod lines;
mod occupancy;
pub mod past;
pub mod people;
pub mod profile;
mod rules;
mod run;
pub mod screen;
pub mod view;
pub mod whatif;

pub use alert::formula::{Formula, FormulaError};
pub use alert::profile::Profile;
pub use alert::{Answer, Loudness, message};
pub use clock::StationClock;
pub use config::{BEDS_MAX, BedConfig, Config, ConfigError, FEEDS_PER_BED_MAX};
pub use event::{LimitsWish, Refused, Wish};
pub use rules::{Changed, RuleInForce};
pub use run::{Running, StartError, Station, start};

/// Reading history: the same code serves a running station, the command line and review.
pub mod history {
    pub use store::{
        BedRow, Bin, Deidentify, Exported, Finding, JournalQuery, JournalRow, Lane, Order, Reader, SeriesId, SeriesRow,
        Span, Stay, StoreError, TrendBin, VerifyReport, Window, backup, export_stay, verify, verify_file,
    };
}
