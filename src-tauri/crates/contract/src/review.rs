//! What the review screen asks, and what it is told: a stay in history or a recorded file, over its whole length.
//!
//! Waves and numbers come through [`EnvelopeAsk`] as raw bytes ([`crate::envelope`]); everything else is JSON.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a review screen asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "ask", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum ReviewCommand {
    /// Opens a stay or a file. Answered with `review-opened`.
    Open {
        /// Which.
        what: ReviewWhat,
    },
    /// Where an open review ends now and which lanes it has: history goes on. Answered with `review-opened`.
    Refresh {
        /// Which.
        review: u32,
    },
    /// What happened in it. Answered with `review-events`.
    Events {
        /// Which.
        review: u32,
    },
    /// Puts a mark, or the same mark with other words or another place. Answered with `review-marks`.
    Mark {
        /// Which.
        review: u32,
        /// The mark; its id `0` for a new one.
        mark: ReviewMark,
        /// Who, for a file; in history it is whoever is signed in.
        by: String,
    },
    /// Takes a mark away. Answered with `review-marks`.
    Unmark {
        /// Which.
        review: u32,
        /// The mark's id.
        mark: u32,
        /// Who, for a file.
        by: String,
    },
    /// Takes back the last change of the marks. Answered with `review-marks`.
    Undo {
        /// Which.
        review: u32,
        /// Who, for a file.
        by: String,
    },
    /// Does again what was taken back. Answered with `review-marks`.
    Redo {
        /// Which.
        review: u32,
        /// Who, for a file.
        by: String,
    },
    /// Runs the recorded numbers of a span through the alert engine by the limits of their time, and compares with what was
    /// recorded. Answered with `review-replay`.
    Replay {
        /// Which.
        review: u32,
        /// From, inclusive, ms.
        from_ms: f64,
        /// To, exclusive, ms.
        to_ms: f64,
    },
    /// Lets it go.
    Close {
        /// Which.
        review: u32,
    },
}

/// What is reviewed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum ReviewWhat {
    /// The stay that is in a bed now.
    Bed {
        /// Bed id.
        bed: String,
    },
    /// A recorded file.
    File {
        /// Its path.
        path: String,
    },
}

/// One lane of one review between two times, in so many pixels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct EnvelopeAsk {
    /// Which review.
    pub review: u32,
    /// Which lane: its place in `lanes`.
    pub lane: u32,
    /// From, inclusive, ms.
    pub from_ms: f64,
    /// To, exclusive, ms.
    pub to_ms: f64,
    /// Bins at most (1 to 8,192).
    pub pixels: u32,
}

/// An open review.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ReviewOpened {
    /// Names it in what is asked later.
    pub review: u32,
    /// Of which bed; `null` for a file that names none.
    pub bed: Option<String>,
    /// What a person calls it: the bed's label, the file's name.
    pub title: String,
    /// The patient's name; `null` where nobody knows it.
    pub patient_name: Option<String>,
    /// The patient's number.
    pub patient_id: Option<String>,
    /// The file, where it is one.
    pub file: Option<String>,
    /// It still goes on.
    pub live: bool,
    /// Demonstration data are in it.
    pub demo: bool,
    /// Where it begins, ms.
    pub from_ms: f64,
    /// Where it ends so far, ms.
    pub until_ms: f64,
    /// Its lanes: waves first.
    pub lanes: Vec<ReviewLane>,
    /// Its marks.
    pub marks: ReviewMarks,
}

/// One lane.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ReviewLane {
    /// Metric name; `null` for a channel that only its label names.
    pub metric: Option<String>,
    /// What a person reads.
    pub label: String,
    /// Unit, as a person reads it.
    pub unit: String,
    /// A wave, rather than numbers.
    pub wave: bool,
    /// Samples a second, for a wave.
    pub hertz: Option<f64>,
    /// Decimals that a value is shown with.
    pub decimals: u8,
    /// Where it begins, ms.
    pub from_ms: f64,
    /// Where it ends, ms.
    pub until_ms: f64,
}

/// What happened in a review, each kind in order of time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ReviewEvents {
    /// Alerts.
    pub alerts: Vec<ReviewAlert>,
    /// Limits in force.
    pub limits: Vec<ReviewLimits>,
    /// Directions that were silent.
    pub pauses: Vec<ReviewPause>,
    /// Notes, changes of limits, devices that came and went, and the like.
    pub notes: Vec<ReviewNote>,
}

/// One alert from its raising to its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ReviewAlert {
    /// Its id.
    #[ts(type = "number")]
    pub id: u64,
    /// What it said at its worst.
    pub message: String,
    /// Metric name, where it is about one.
    pub metric: Option<String>,
    /// `low` or `high`, for a limit.
    pub side: Option<String>,
    /// `physiological` or `technical`.
    pub kind: String,
    /// The highest it had: `high`, `medium`, `low`.
    pub priority: String,
    /// When its condition began, ms.
    pub since_ms: f64,
    /// When it was raised, ms.
    pub raised_ms: f64,
    /// When its condition was over, ms; `null` while it is not.
    pub over_ms: Option<f64>,
    /// Which occurrence of its episode.
    pub occurrence: u32,
    /// Everything that was done about it, and that it did.
    pub steps: Vec<ReviewStep>,
}

/// One step of an alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ReviewStep {
    /// When, ms.
    pub at_ms: f64,
    /// The journal's word: `alert-raised`, `alert-acknowledged` …
    pub what: String,
    /// Who.
    pub person: Option<String>,
    /// Their words.
    pub words: Option<String>,
}

/// Limits of one number while they held.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ReviewLimits {
    /// Metric name.
    pub metric: String,
    /// Since when, ms; `null` from the beginning.
    pub from_ms: Option<f64>,
    /// Until when, ms; `null` to the end.
    pub until_ms: Option<f64>,
    /// Low bound.
    pub low: Option<f64>,
    /// High bound.
    pub high: Option<f64>,
    /// Who set them; `null` for those of the profile.
    pub person: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

/// One direction of one number, silent for a while.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ReviewPause {
    /// Metric name.
    pub metric: String,
    /// `low` or `high`.
    pub side: String,
    /// Since when, ms.
    pub from_ms: f64,
    /// Until when, ms.
    pub until_ms: f64,
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// Anything else of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ReviewNote {
    /// When, ms.
    pub at_ms: f64,
    /// `note`, `limits`, `link`, `device`, `assessed`, `checked`, `station`.
    pub what: String,
    /// For a link: it was lost.
    pub lost: bool,
    /// What a person reads.
    pub text: String,
    /// Who.
    pub person: Option<String>,
}

/// A mark on the time line: a layer over samples that nobody touches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ReviewMark {
    /// Counts from 1.
    pub id: u32,
    /// Which of the palette (1 to 9).
    pub palette: u8,
    /// From, ms.
    pub from_ms: f64,
    /// To, ms; the same as `fromMs` for one moment.
    pub until_ms: f64,
    /// The lane's label; `null` for all lanes.
    pub lane: Option<String>,
    /// What it says; at most 2,000 characters.
    pub text: String,
    /// Who put it or changed it last.
    pub by: String,
    /// When, ms.
    pub at_ms: f64,
}

/// The marks of a review.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ReviewMarks {
    /// In order of time.
    pub marks: Vec<ReviewMark>,
    /// How many changes can be taken back.
    pub undoable: u32,
    /// How many can be done again.
    pub redoable: u32,
    /// Where they are kept, for a person.
    pub kept: String,
}

/// A span as the ward saw it, by the engine of today.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ReviewReplay {
    /// The alerts of limits that the engine gives.
    pub alerts: Vec<ReplayedAlert>,
    /// Alerts of limits that were recorded.
    pub recorded: u32,
    /// Where the two differ.
    pub differences: Vec<ReplayDifference>,
}

/// One alert that the engine gives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ReplayedAlert {
    /// Metric name.
    pub metric: String,
    /// `low` or `high`.
    pub side: String,
    /// `high`, `medium`, `low`.
    pub priority: String,
    /// When raised, ms.
    pub raised_ms: f64,
    /// When over, ms; `null` while it goes on at the end of the span.
    pub over_ms: Option<f64>,
    /// Its worst value.
    pub worst: Option<f64>,
}

/// One alert that is otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ReplayDifference {
    /// `missing` (recorded, but the engine gives none), `new` (the engine gives one that was not recorded), `moved`.
    pub what: String,
    /// Metric name.
    pub metric: String,
    /// `low` or `high`.
    pub side: String,
    /// When it was raised then, ms.
    pub recorded_ms: Option<f64>,
    /// When the engine raises it, ms.
    pub replayed_ms: Option<f64>,
}
