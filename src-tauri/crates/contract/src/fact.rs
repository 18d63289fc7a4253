//! What a screen is told. On opening, everything; after that, what changed.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// One fact. A later fact about the same thing replaces the earlier one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "fact", rename_all = "kebab-case")]
pub enum Fact {
    /// The station itself.
    Station(StationFact),
    /// A bed, its patient and its waves.
    Bed(BedFact),
    /// The newest of one number.
    Numeric(NumericFact),
    /// The limits of one number.
    Limits(LimitsFact),
    /// An alert as it stands. One that is over leaves the rail, and stays in "recent" until it was seen.
    Alert(Box<AlertFact>),
    /// A pause, or that it is over.
    Pause(PauseFact),
    /// The early warning score of a bed.
    Score(ScoreFact),
    /// A feed.
    Feed(FeedFact),
    /// The heartbeat of the data path, about ten a second. None for 2 s: the station is lost.
    Pulse(PulseFact),
    /// How late the screen is.
    Screen(ScreenFact),
    /// A person wants to close the window: ask first.
    CloseAsked(CloseFact),
    /// A person wants a recorded file opened: it was dropped on the window, or named when the program was started.
    ReviewAsked(ReviewAsked),
}

/// The station.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct StationFact {
    /// Program version.
    pub version: String,
    /// Demonstration data are shown: the watermark is on.
    pub demo: bool,
    /// When it started, ms.
    pub started_ms: f64,
    /// Beds configured.
    pub bed_count: u32,
    /// Where the configuration is, for "what to do" screens.
    pub config_path: String,
    /// What is wrong with it, line and remedy, when something is.
    pub config_error: Option<String>,
    /// Sound.
    pub sound: Trouble,
    /// History.
    pub store: Trouble,
    /// Who is signed in; `null` when nobody is.
    pub signed_in: Option<PersonFact>,
    /// Everybody who may sign in. Empty: the first person is still to be added.
    pub people: Vec<PersonFact>,
}

/// Somebody who may sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PersonFact {
    /// Name.
    pub name: String,
    /// `nurse`, `charge`, `clinician`, `engineer`.
    pub role: String,
}

/// One direction of one number of one bed is silent for a while.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PauseFact {
    /// Bed index.
    pub bed: u16,
    /// Metric name.
    pub metric: String,
    /// What a person reads.
    pub label: String,
    /// `low` or `high`.
    pub side: String,
    /// Who answers for it; empty when it is over.
    pub by: String,
    /// Why; empty when it is over.
    pub reason: String,
    /// Until when, ms.
    pub until_ms: f64,
    /// It is over.
    pub over: bool,
}

/// The early warning score of a bed (NEWS2, Royal College of Physicians 2017).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ScoreFact {
    /// Bed index.
    pub bed: u16,
    /// The profile has a score: the patient is of an age it applies to.
    pub applies: bool,
    /// 0 to 20; `null`: incomplete.
    pub total: Option<u8>,
    /// Its parts, in the order of the chart.
    pub parts: Vec<ScorePartFact>,
    /// `one` or `two`.
    pub scale: String,
    /// `alert`, `confusion`, `voice`, `pain`, `unresponsive`; `null` when nobody entered it, or too long ago.
    pub consciousness: Option<String>,
    /// `air` or `oxygen`.
    pub breathing: Option<String>,
    /// Who entered it.
    pub assessed_by: Option<String>,
    /// When, ms.
    pub assessed_ms: Option<f64>,
}

/// One part of a score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ScorePartFact {
    /// `respiration`, `saturation`, `breathing`, `systolic`, `pulse`, `consciousness`, `temperature`.
    pub part: String,
    /// What a person reads.
    pub label: String,
    /// 0 to 3; `null`: missing.
    pub points: Option<u8>,
}

/// Fine, or what is wrong and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Trouble {
    /// It works.
    pub ok: bool,
    /// For people, when it does not.
    pub text: String,
}

/// A bed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BedFact {
    /// Its place on the wall, from 0. Never changes while the station runs.
    pub index: u16,
    /// Its id.
    pub id: String,
    /// What the tile says.
    pub label: String,
    /// Ward.
    pub unit: String,
    /// Room.
    pub room: Option<String>,
    /// Patient's name; `null` when nobody is admitted.
    pub patient_name: Option<String>,
    /// Patient's number.
    pub patient_id: Option<String>,
    /// Waves it has sent so far, in display order.
    pub waves: Vec<WaveFact>,
    /// `real`, `test` or `demo`.
    pub mode: String,
    /// Title of its profile: `Adult`.
    pub profile: String,
    /// Who looked it over last in this stay.
    pub checked_by: Option<String>,
    /// When, ms.
    pub checked_ms: Option<f64>,
}

/// One wave of a bed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct WaveFact {
    /// Metric name: `ECG_II`.
    pub metric: String,
    /// Metric number, as in frames.
    pub id: u8,
    /// What a person reads.
    pub label: String,
    /// UCUM unit.
    pub unit: String,
    /// Samples a second.
    pub hertz: f64,
}

/// The newest of one number of one bed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct NumericFact {
    /// Bed index.
    pub bed: u16,
    /// Metric name.
    pub metric: String,
    /// What a person reads.
    pub label: String,
    /// What a person reads as unit.
    pub unit: String,
    /// Decimals to show.
    pub decimals: u8,
    /// The value, or `null`.
    pub value: Option<f64>,
    /// Why there is none: `not-available`, `sensor-off`, `calibrating`, `out-of-range`.
    pub absence: Option<String>,
    /// The device doubts it.
    pub questionable: bool,
    /// When it arrived, ms.
    pub received_ms: f64,
    /// Milliseconds it spent on the way beyond the quickest message of that feed.
    pub transit_ms: f32,
    /// Not to be drawn as a number when older than this, ms.
    pub stale_after_ms: f64,
    /// A cuff rather than a stream: show its time.
    pub intermittent: bool,
    /// `real`, `test` or `demo`.
    pub mode: String,
}

/// The limits of one number of one bed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LimitsFact {
    /// Bed index.
    pub bed: u16,
    /// Metric name.
    pub metric: String,
    /// Low bound in force; `null` for none.
    pub low: Option<f64>,
    /// High bound in force.
    pub high: Option<f64>,
    /// `high`, `medium` or `low`.
    pub priority: String,
    /// A crossing must last this long, ms.
    pub delay_ms: f64,
    /// Comes back inside by this much before it clears.
    pub hysteresis: f64,
    /// Low bound of the profile.
    pub profile_low: Option<f64>,
    /// High bound of the profile.
    pub profile_high: Option<f64>,
    /// Who changed it from the profile; `null` when nobody did.
    pub changed_by: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// When, ms.
    pub changed_ms: Option<f64>,
    /// Until when it holds, ms; `null` for the whole stay.
    pub until_ms: Option<f64>,
    /// The low bound may not be set below this; `null` for no floor.
    pub low_floor: Option<f64>,
    /// The high bound may not be set above this; `null` for no ceiling.
    pub high_ceiling: Option<f64>,
}

/// An alert as it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AlertFact {
    /// Its id.
    #[ts(type = "number")]
    pub id: u64,
    /// Its version: an acknowledgement names it.
    pub version: u32,
    /// Bed index; `null` for the station itself.
    pub bed: Option<u16>,
    /// Bed label, or `Station`.
    pub place: String,
    /// `limit`, `feed-lost`, `stale`, `sensor-off`, `invalid-value`, `device-clock`, `device`, `rule`, `early-warning`,
    /// `disk`, `sound`, `page-dead`.
    pub cause: String,
    /// Metric name, where it is about one.
    pub metric: Option<String>,
    /// `low` or `high`, for a limit.
    pub side: Option<String>,
    /// `physiological` or `technical`.
    pub kind: String,
    /// `high`, `medium` or `low`.
    pub priority: String,
    /// `station` or `device`.
    pub source: String,
    /// `active` or `cleared`.
    pub presence: String,
    /// `on`, `off`, `latched`, `acknowledged` or `paused`.
    pub signal: String,
    /// When it began, ms.
    pub since_ms: f64,
    /// When it was raised, ms.
    pub raised_ms: f64,
    /// Worst value so far.
    pub worst: Option<f64>,
    /// Limit crossed.
    pub limit: Option<f64>,
    /// Who acknowledged it, or paused its direction: who answers for the silence.
    pub owner: Option<String>,
    /// When it sounds again, ms.
    pub realert_ms: Option<f64>,
    /// `none`, `accepted` or `declined`.
    pub response: String,
    /// Who goes, or who could not.
    pub responder: Option<String>,
    /// `first`, `louder`, `second` or `charge`: how far it has been passed on.
    pub rung: String,
    /// Which occurrence of its episode, from 1.
    pub occurrence: u32,
    /// When the first of the episode began, ms.
    pub episode_ms: f64,
    /// Over, and nobody has seen it yet.
    pub unseen: bool,
    /// What the device or the station adds; for an alert that is over, why.
    pub text: Option<String>,
    /// The message with its marks: `** SpO₂ 84 < 88`.
    pub message: String,
    /// What to do, in a sentence; empty where the message says it all.
    pub remedy: String,
    /// Over: take it off the rail.
    pub over: bool,
}

/// A feed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FeedFact {
    /// Its number.
    pub index: u16,
    /// Bed index.
    pub bed: u16,
    /// Name: adapter and address, without secrets.
    pub name: String,
    /// `connecting`, `live` or `lost`.
    pub state: String,
    /// Why and what to do, for people.
    pub detail: String,
    /// Since when, ms.
    pub since_ms: f64,
    /// Last sign of life, ms; `null` before the first.
    pub last_ms: Option<f64>,
    /// Tries since it was last live.
    pub attempt: u32,
    /// What was not taken since start.
    pub rejects: Vec<RejectCount>,
}

/// How many things a feed sent were not taken, for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RejectCount {
    /// The reason's word.
    pub reason: String,
    /// How many since start.
    #[ts(type = "number")]
    pub count: u64,
}

/// The heartbeat.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PulseFact {
    /// Counts up.
    #[ts(type = "number")]
    pub seq: u64,
    /// The station's clock, ms. The page takes its own offset from it.
    pub now_ms: f64,
}

/// How late this screen is, over the last minute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ScreenFact {
    /// Device to screen, median, ms; `null` before the first.
    pub p50_ms: Option<f32>,
    /// Device to screen, 99th percentile, ms.
    pub p99_ms: Option<f32>,
    /// How many blocks and numbers that is.
    pub samples: u32,
    /// Frames a second.
    pub frames_per_second: f32,
    /// Main-thread milliseconds a frame.
    pub main_ms: f32,
    /// Wave blocks not sent because the page was behind, since it opened.
    #[ts(type = "number")]
    pub dropped: u64,
    /// What this computer does not grant, in words: that it will not go to sleep. Empty when all is well.
    pub lacks: Vec<String>,
}

/// What would end with the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CloseFact {
    /// Beds that nobody would watch any more.
    pub beds: u32,
}

/// A recorded file that a person wants to see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ReviewAsked {
    /// Its path.
    pub path: String,
}
