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
    /// The signed-in person answers an alert at the version on screen. One that has changed meanwhile is refused.
    Answer {
        /// The alert's id.
        #[ts(type = "number")]
        alert: u64,
        /// The version that was on screen.
        version: u32,
        /// What they do.
        answer: AnswerWord,
    },
    /// Has seen that these alerts are over: they leave "recent".
    Seen {
        /// Ids.
        #[ts(type = "number[]")]
        alerts: Vec<u64>,
    },
    /// Silences one direction of one number for 1, 2 or 3 minutes.
    Pause {
        /// Bed id.
        bed: String,
        /// Metric name.
        metric: String,
        /// `low` or `high`.
        side: String,
        /// The alert on screen that the pause is meant for, and its version: one that changed meanwhile is refused. Both
        /// `null` for a pause without an alert.
        #[ts(type = "number | null")]
        alert: Option<u64>,
        /// Its version.
        version: Option<u32>,
        /// 1, 2 or 3.
        minutes: u8,
        /// Why; must not be empty.
        reason: String,
    },
    /// Ends a pause before its time.
    EndPause {
        /// Bed id.
        bed: String,
        /// Metric name.
        metric: String,
        /// `low` or `high`.
        side: String,
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
        /// Why; must not be empty.
        reason: String,
        /// Until when it holds, ms; `null` for the whole stay.
        until_ms: Option<f64>,
    },
    /// Back to the limits of the profile.
    RestoreLimits {
        /// Bed id.
        bed: String,
        /// Metric name.
        metric: String,
        /// Why; must not be empty.
        reason: String,
    },
    /// Limits around the values of now, where the profile says how.
    AutoLimits {
        /// Bed id.
        bed: String,
        /// Why; must not be empty.
        reason: String,
    },
    /// Writes a note on a bed, or on one of its alerts.
    Note {
        /// Bed id.
        bed: String,
        /// The alert's id.
        #[ts(type = "number | null")]
        alert: Option<u64>,
        /// What; at most 2,000 characters.
        text: String,
    },
    /// The bed was looked over at the start of a shift.
    CheckBed {
        /// Bed id.
        bed: String,
    },
    /// What was found at the bedside, for the early warning score.
    Assess {
        /// Bed id.
        bed: String,
        /// `alert`, `confusion`, `voice`, `pain`, `unresponsive`.
        consciousness: String,
        /// `air` or `oxygen`.
        breathing: String,
        /// `one` or `two`: by which scale SpO₂ is scored. Another than the one in force needs a clinician.
        scale: String,
    },
    /// Admits a patient to a bed where nobody lies. Nothing from before is theirs.
    Admit {
        /// Bed id.
        bed: String,
        /// The hospital's number.
        patient_id: String,
        /// The name as shown.
        patient_name: String,
        /// When they came, in any words; `null` for now.
        admitted: Option<String>,
    },
    /// Says who it is that a bed has been recording: what was recorded from then on becomes theirs.
    JoinPatient {
        /// Bed id.
        bed: String,
        /// The hospital's number.
        patient_id: String,
        /// The name as shown.
        patient_name: String,
        /// From then on, ms.
        from_ms: f64,
    },
    /// Moves a patient to a bed where nobody lies; limits, notes, pauses and open alerts go along.
    Transfer {
        /// Bed id.
        from: String,
        /// Bed id.
        to: String,
    },
    /// The patient leaves; nothing is erased.
    Discharge {
        /// Bed id.
        bed: String,
    },
    /// Takes back the last admission, join, transfer or discharge of a bed, within ten minutes.
    UndoAdt {
        /// Bed id.
        bed: String,
    },
    /// Signs a person in.
    SignIn {
        /// Name.
        person: String,
        /// PIN.
        pin: String,
    },
    /// Signs out whoever is signed in.
    SignOut,
    /// Adds a person who may sign in, or gives one another role and PIN.
    PutPerson {
        /// Name.
        person: String,
        /// `nurse`, `charge`, `clinician`, `engineer`.
        role: String,
        /// PIN: 4 to 12 digits.
        pin: String,
        /// The person is there already.
        replace: bool,
    },
    /// Takes a person off the list of those who may sign in.
    RemovePerson {
        /// Name.
        person: String,
    },
    /// The recorded numbers of a bed through the real engine, with other limits: which alerts would vanish, appear, or
    /// come at another time.
    WhatIf {
        /// Bed id.
        bed: String,
        /// From, inclusive, ms.
        from_ms: f64,
        /// To, exclusive, ms.
        to_ms: f64,
        /// What is changed.
        changes: Vec<LimitsTrial>,
    },
    /// Waves of a bed over a span of at most two minutes, as they were sent.
    Waves {
        /// Bed id.
        bed: String,
        /// From, inclusive, ms.
        from_ms: f64,
        /// To, exclusive, ms.
        to_ms: f64,
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
    /// The newest journalled alert transitions, with notes and pauses.
    AlertHistory {
        /// One bed and its stay of now, or all.
        bed: Option<String>,
        /// Only alerts like this one: the same cause in the same bed.
        #[ts(type = "number | null")]
        like: Option<u64>,
        /// Rows at most (1 to 1,000).
        rows: u32,
    },
    /// What the review screen asks.
    Review(crate::ReviewCommand),
    /// Plays the sound of one priority (`low`, `medium`, `high`) once.
    TestSound {
        /// Which.
        priority: String,
    },
    /// The answer to `close-asked`: stop watching the ward and end the program.
    StopWatching,
    /// An error in the page, for the log.
    PageFault {
        /// What the browser said.
        message: String,
    },
}

/// What a person does with an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerWord {
    /// Has seen it: silent until it is worse or its re-alert time comes.
    Acknowledge,
    /// Goes. Not a silence.
    Accept,
    /// Does not go after all.
    UndoAccept,
    /// Cannot go: it is passed on at once.
    Decline,
    /// Calls for the next on the ladder.
    Escalate,
    /// The sensor was taken off on purpose.
    Retire,
}

/// Limits to try on what was recorded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LimitsTrial {
    /// Metric name.
    pub metric: String,
    /// Low bound; `null` for none.
    pub low: Option<f64>,
    /// High bound; `null` for none.
    pub high: Option<f64>,
    /// A crossing must last this long, ms; `null` for as now.
    pub delay_ms: Option<f64>,
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

/// What the page says about itself, more than twice a second. A page that reports and does not get on with what it
/// is sent is as dead as one that is silent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ScreenReport {
    /// Newest frame painted.
    pub frame_seq: u32,
    /// Newest pulse whose facts stand on the screen: applied, and a display frame has gone by.
    #[ts(type = "number")]
    pub pulse_seq: u64,
    /// The page is not in sight (minimised): nothing is painted, and its timers are slow.
    pub hidden: bool,
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
    /// To `what-if`.
    WhatIf(WhatIfReply),
    /// To `waves`.
    Waves {
        /// One a metric, in display order.
        waves: Vec<WaveSpan>,
    },
    /// An open review.
    ReviewOpened(crate::ReviewOpened),
    /// What happened in it.
    ReviewEvents(crate::ReviewEvents),
    /// Its marks.
    ReviewMarks(crate::ReviewMarks),
    /// A span of it as the engine sees it.
    ReviewReplay(crate::ReviewReplay),
}

/// What other limits would have done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct WhatIfReply {
    /// Alerts by the limits that were in force.
    pub before: u32,
    /// Alerts by the limits that are tried.
    pub after: u32,
    /// Every alert that would vanish, appear or come at another time, in order of time.
    pub differences: Vec<WhatIfRow>,
}

/// One alert that would be otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct WhatIfRow {
    /// `vanishes`, `appears` or `moves`.
    pub what: String,
    /// Metric name.
    pub metric: String,
    /// `low` or `high`.
    pub side: String,
    /// When it was raised by the limits in force, ms.
    pub before_ms: Option<f64>,
    /// When it would be raised, ms.
    pub after_ms: Option<f64>,
    /// How long it lasted or would last, ms; `null` while it goes on at the end of the span.
    pub lasts_ms: Option<f64>,
    /// Its worst value.
    pub worst: Option<f64>,
}

/// A stretch of a wave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct WaveSpan {
    /// Metric name.
    pub metric: String,
    /// What a person reads.
    pub label: String,
    /// UCUM unit.
    pub unit: String,
    /// Runs without a gap, oldest first.
    pub runs: Vec<WaveRun>,
    /// How far each second of it can be trusted, by the second from the span's start:
    /// `good`, `noisy`, `flat`, `clipped`, `missing`.
    pub quality: Vec<String>,
}

/// Samples without a gap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct WaveRun {
    /// Time of the first sample, ms.
    pub start_ms: f64,
    /// Samples a second.
    pub hertz: f64,
    /// Values in the unit; `null` where there was none.
    pub values: Vec<Option<f32>>,
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
    /// The alert as it stood after it; `null` for a note on the bed, or a pause.
    pub alert: Option<super::AlertFact>,
    /// Who.
    pub person: Option<String>,
    /// Their words: a note, the reason of a pause.
    pub words: Option<String>,
}

/// What kind of refusal. The UI may match on it; the text is for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorCode {
    /// No such bed, metric or alert.
    NotFound,
    /// The alert changed since the screen drew it.
    Changed,
    /// Nobody is signed in: ask for name and PIN, then try again.
    NotSignedIn,
    /// The role does not allow it.
    NotAllowed,
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
