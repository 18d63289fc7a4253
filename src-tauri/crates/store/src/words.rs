//! What the store takes in and gives out, beside the words of `model`.

use std::path::PathBuf;

use model::{BedId, EncounterId, JournalEntry, MetricCode, Quantity, ReceiptTime};

/// How history is recorded. `Default` is what a ward runs with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreOptions {
    /// The recording thread runs at lower priority than everything else. Off in benches that measure it alone.
    pub lower_priority: bool,
    /// `PRAGMA max_page_count` (pages of 16 KiB): a disk of known size. `None` for no bound but the disk.
    pub pages_max: Option<u32>,
    /// Faults on purpose, for trials. `None` in every ward.
    pub faults: Option<crate::Faults>,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            lower_priority: true,
            pages_max: None,
            faults: None,
        }
    }
}

/// What was found in the history on opening.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    /// The file that is recorded into.
    pub file: PathBuf,
    /// How things stand, as the newest entries say it, oldest first: alerts that are not over, or over and unseen;
    /// limits of each bed and stay; pauses; assessments. Each names its stay: what stood for another patient is
    /// not taken over by the station.
    pub standing: Vec<JournalEntry>,
    /// Who lay where from when to when, in the order in which it was said.
    pub stays: Vec<Stay>,
    /// The first alert id that no alert of this data directory has.
    pub next_alert_id: u64,
    /// The last thing the station wrote was that it stopped; also when it never ran here.
    pub last_station_stop_was_clean: bool,
    /// What a person should know, one sentence each: the history ends before its anchor, a damaged tail row.
    /// The station journals them as [`model::JournalKind::StoreFault`].
    pub notices: Vec<String>,
}

/// Whether the recording thread took something. It never blocks the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// In the queue; on disk within about a second.
    Yes,
    /// The queue is full: not taken. It is counted and shown in [`StoreHealth::Faulty`].
    Full,
    /// Recording has stopped.
    Stopped,
}

/// Whether history is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreHealth {
    /// It is.
    Ok,
    /// It is not, or not where it should be. Monitoring goes on; recording resumes by itself where it can.
    Faulty {
        /// What is wrong and what to do, for the person who reads it.
        text: String,
        /// Journal entries that are kept in memory and tried again each second.
        unwritten_entries: usize,
        /// Wave blocks and numerics that were not stored since the station started.
        dropped_blocks: u64,
    },
}

/// Somebody, or nobody yet, lay in a bed for a while. Data belong to the stay within whose time they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stay {
    /// Which bed.
    pub bed: BedId,
    /// Whose stay.
    pub encounter: model::Encounter,
    /// From then, inclusive.
    pub from: ReceiptTime,
    /// Until then, exclusive; `None` while it lasts.
    pub until: Option<ReceiptTime>,
}

impl Stay {
    /// Whether they lay there at a time.
    pub fn holds(&self, at: ReceiptTime) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }
}

/// A bed as history knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BedRow {
    /// The bed.
    pub bed: model::Bed,
    /// The stay that is associated with it now or was last.
    pub encounter: Option<model::Encounter>,
    /// Since when that stay is there.
    pub since: Option<ReceiptTime>,
}

/// One series: a metric of a stay in a bed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesRow {
    /// Which bed.
    pub bed: BedId,
    /// Which stay; `None` for data recorded while the bed had none.
    pub encounter: Option<EncounterId>,
    /// Which metric.
    pub metric: MetricCode,
}

/// One entry of the journal as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct JournalRow {
    /// Counts from 1 without holes.
    pub id: u64,
    /// What happened.
    pub entry: JournalEntry,
    /// SHA-256 over this entry and the chain hash of the entry before.
    pub chain: [u8; 32],
}

/// Which entries of the journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JournalQuery {
    /// Only this bed; `None` for all.
    pub bed: Option<BedId>,
    /// Only this stay; `None` for all.
    pub encounter: Option<EncounterId>,
    /// Only entries that carry an alert.
    pub alerts_only: bool,
    /// Only entries about alerts: those that carry one, pauses and notes.
    pub about_alerts: bool,
    /// Which end first.
    pub order: Order,
    /// At most so many rows; `None` for all.
    pub rows_max: Option<u32>,
}

/// Which end first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The newest entry first.
    #[default]
    NewestFirst,
    /// The oldest entry first.
    OldestFirst,
}

/// A metric of a bed over a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Which bed.
    pub bed: BedId,
    /// Which metric.
    pub metric: MetricCode,
    /// Only this stay; `None` for whoever lay there. A screen that shows a patient names the stay.
    pub encounter: Option<EncounterId>,
    /// From then, inclusive.
    pub from: ReceiptTime,
    /// Until then, exclusive.
    pub until: ReceiptTime,
}

impl Window {
    /// Everything ever recorded of `metric` in `bed`; narrow it with the fields.
    pub const fn all(bed: BedId, metric: MetricCode) -> Self {
        Self {
            bed,
            metric,
            encounter: None,
            from: ReceiptTime::from_micros(i64::MIN),
            until: ReceiptTime::from_micros(i64::MAX),
        }
    }

    /// The same from `from` (inclusive) until `until` (exclusive).
    #[must_use]
    pub const fn between(mut self, from: ReceiptTime, until: ReceiptTime) -> Self {
        self.from = from;
        self.until = until;
        self
    }

    /// The same, of one stay only.
    #[must_use]
    pub fn of(mut self, encounter: EncounterId) -> Self {
        self.encounter = Some(encounter);
        self
    }
}

/// What the values of a part of a window were. Bins without a value are left out: a gap is drawn as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrendBin {
    /// Where the bin begins.
    pub at: ReceiptTime,
    /// The smallest value.
    pub min: Quantity,
    /// The mean, rounded to the nearest thousandth.
    pub mean: Quantity,
    /// The greatest value.
    pub max: Quantity,
    /// How many values.
    pub count: u32,
}

/// What [`crate::verify`] counted and found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// The files that were read.
    pub files: Vec<PathBuf>,
    /// Journal entries whose chain was followed.
    pub journal_entries: u64,
    /// Wave chunks that were decoded.
    pub wave_chunks: u64,
    /// Samples in them and in the tail.
    pub samples: u64,
    /// Chunks of numerics that were decoded.
    pub numeric_chunks: u64,
    /// Numerics in them and in the tail.
    pub numerics: u64,
    /// Rows of the tail that were read.
    pub tail_rows: u64,
    /// What is wrong; empty when nothing is.
    pub findings: Vec<Finding>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The table, or the file where it is no table's.
    pub table: String,
    /// The row's id, where it is one row.
    pub row: Option<i64>,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.row {
            Some(row) => write!(f, "{} row {row}: {}; {}", self.table, self.what, self.remedy),
            None => write!(f, "{}: {}; {}", self.table, self.what, self.remedy),
        }
    }
}
