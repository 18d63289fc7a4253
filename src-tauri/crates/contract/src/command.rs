//! What a screen may ask, and what it is told.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a screen asks of the station. One list: a host that forgets one does not compile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "do", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Command {
    /// Which waves this screen shows; others are not sent.
    Watch {
        /// Bed indices.
        beds: Vec<u16>,
        /// How many waves a bed.
        waves: WaveScope,
    },
    /// A named person has seen one alert at the version on screen. One that has changed meanwhile is refused.
    Acknowledge {
        /// The alert's id.
        #[ts(type = "number")]
        alert: u64,
        /// The version that was on screen.
        version: u32,
        /// Who.
        person: String,
    },
    /// Changes the limits of one metric of one bed.
    SetLimits {
        /// Bed id.
        bed: String,
        /// Metric name.
        metric: String,
        /// New low bound, in the metric's unit; `null` for none.
        low: Option<f64>,
        /// New high bound; `null` for none.
        high: Option<f64>,
        /// Who.
        person: String,
        /// Why; must not be empty.
        reason: String,
    },
    /// Back to the limits of the profile.
    RestoreLimits {
        /// Bed id.
        bed: String,
        /// Metric name.
        metric: String,
        /// Who.
        person: String,
        /// Why; must not be empty.
        reason: String,
    },
    /// Numbers over a span as bins of min, mean and max.
    Trend {
        /// Bed id.
        bed: String,
        /// Metric names.
        metrics: Vec<String>,
        /// From, inclusive, ms.
        from_ms: f64,
        /// To, exclusive, ms.
        to_ms: f64,
        /// Bins at most (1 to 4,000).
        bins: u32,
    },
    /// The newest journalled alert transitions.
    AlertHistory {
        /// One bed, or all.
        bed: Option<String>,
        /// Rows at most (1 to 1,000).
        rows: u32,
    },
    /// Plays the sound of one priority (`low`, `medium`, `high`) once.
    TestSound {
        /// Which.
        priority: String,
    },
    /// An error in the page, for the log.
    PageFault {
        /// What the browser said.
        message: String,
    },
}

/// How many waves of a bed a screen shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum WaveScope {
    /// The first two of the bed.
    Two,
    /// All.
    All,
}

/// What the page says about itself, about once a second. Silence of 2 s means a dead page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ScreenReport {
    /// Newest frame painted.
    pub frame_seq: u32,
    /// Milliseconds from the device sending to the first pixel, one for each block painted since the last report.
    pub delays_ms: Vec<f32>,
    /// Milliseconds from the device sending to the number on screen, one for each number since the last report.
    pub number_delays_ms: Vec<f32>,
    /// Frames a second over the last second.
    pub frames_per_second: f32,
    /// Main-thread milliseconds a frame, mean over the last second.
    pub main_ms: f32,
}

/// The answer to a command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "reply", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Reply {
    /// It is done, and on disk where it must be.
    Done,
    /// To `trend`.
    Trend {
        /// One a metric, in the order asked.
        series: Vec<TrendSeries>,
    },
    /// To `alert-history`, newest first.
    AlertHistory {
        /// The rows.
        rows: Vec<AlertRow>,
    },
}

/// One metric over a span.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TrendSeries {
    /// Metric name.
    pub metric: String,
    /// Bins with data, oldest first. Bins without are left out: a gap is a gap.
    pub points: Vec<TrendPoint>,
}

/// One bin.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TrendPoint {
    /// Start of the bin, ms.
    pub at_ms: f64,
    /// Least value.
    pub min: f64,
    /// Mean value.
    pub mean: f64,
    /// Greatest value.
    pub max: f64,
}

/// One journalled transition of an alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AlertRow {
    /// When, ms.
    pub at_ms: f64,
    /// Journal kind: `alert-raised`, `alert-acknowledged` …
    pub what: String,
    /// The alert as it stood after it.
    pub alert: super::AlertFact,
    /// Who.
    pub person: Option<String>,
}

/// What kind of refusal. The UI may match on it; the text is for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorCode {
    /// No such bed, metric or alert.
    NotFound,
    /// The alert changed since the screen drew it.
    Changed,
    /// The input does not hold.
    Invalid,
    /// History cannot be written or read now.
    Store,
    /// The station is stopping or does not answer.
    Unavailable,
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ContractError {
    /// For the program.
    pub code: ErrorCode,
    /// For the person: what happened, where, what to do.
    pub text: String,
}
