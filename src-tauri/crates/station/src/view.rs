//! What a screen may know: the station's state as plain nouns, without any wire format.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{
    Actor, AlertState, Assessment, Connectivity, EarlyWarningScore, GenerationMode, MetricCode, Numeric, Pause, Person,
    ReceiptTime, RejectReason, SampleArray, SampleRate, Side, SpO2Scale,
};

use crate::config::BedConfig;
use crate::rules::RuleInForce;

/// A bed as a screen shows it.
#[derive(Clone, Debug)]
pub struct BedView {
    /// Its place on the wall.
    pub index: u16,
    /// Bed, patient and stay.
    pub config: Arc<BedConfig>,
    /// Waves seen so far, in display order (by metric number: ECG, pleth, respiration, pressures).
    pub waves: BTreeMap<MetricCode, SampleRate>,
    /// The least real thing that its devices send.
    pub mode: GenerationMode,
    /// Its profile's title: `Adult`.
    pub profile: Arc<str>,
    /// Who looked it over last in this stay, and when.
    pub checked: Option<(Person, ReceiptTime)>,
}

/// The early warning score of a bed, and what was found at its bedside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScoreView {
    /// The profile has a score: it applies to this patient.
    pub applies: bool,
    /// The score; `None` where the profile has none, or nothing was measured yet.
    pub score: Option<EarlyWarningScore>,
    /// What a person found, as long as it counts.
    pub assessment: Option<Assessment>,
    /// The scale in force, where one was chosen in this stay.
    pub scale: Option<SpO2Scale>,
}

/// A feed as a screen shows it.
#[derive(Clone, Debug)]
pub struct FeedView {
    /// Its number.
    pub index: u16,
    /// Its bed's place.
    pub bed: u16,
    /// Adapter and address, without secrets.
    pub name: Arc<str>,
    /// Its state.
    pub state: Connectivity,
    /// Since when.
    pub since: ReceiptTime,
    /// Last sign of life.
    pub last: Option<ReceiptTime>,
    /// What was not taken since start, by reason.
    pub rejects: BTreeMap<RejectReason, u64>,
}

/// Fine, or what is wrong and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// It works.
    Ok,
    /// It does not: what happened, and what to do.
    Faulty(String),
}

/// The station itself.
#[derive(Clone, Debug)]
pub struct StationView {
    /// Demonstration data are shown.
    pub demo: bool,
    /// When it started.
    pub started: ReceiptTime,
    /// Beds configured.
    pub bed_count: usize,
    /// What is wrong with the configuration.
    pub config_error: Option<String>,
    /// Whether alerts can sound.
    pub sound: Health,
    /// Whether history is written.
    pub store: Health,
    /// Who is signed in.
    pub signed_in: Option<Actor>,
    /// Everybody who may sign in.
    pub people: Vec<Actor>,
}

/// An alert as a screen shows it.
#[derive(Clone, Debug)]
pub struct AlertView {
    /// Its bed's place on the wall; `None` for the station itself and for beds that are gone.
    pub place: Option<u16>,
    /// What its bed's tile says; the bed's id for beds that are gone, nothing for the station itself.
    pub label: Option<String>,
    /// The alert.
    pub state: AlertState,
    /// What it says, with its marks: `** SpO₂ 84 < 88`.
    pub message: String,
    /// What to do, where the message does not say it all.
    pub remedy: String,
    /// Over, and nobody has seen it yet.
    pub unseen: bool,
}

impl AlertView {
    /// Puts an alert into words. `at` is its bed's place and label, where it is on the wall.
    pub fn new(at: Option<(u16, &str)>, state: AlertState) -> Self {
        let label = at.map(|(_, label)| label.to_owned());
        Self {
            place: at.map(|(place, _)| place),
            label: label.or_else(|| state.bed.as_ref().map(ToString::to_string)),
            message: alert::message(&state),
            remedy: alert::remedy(&state),
            unseen: state.is_over() && state.owner.is_none(),
            state,
        }
    }
}

/// The newest of one number, or the limits of one.
pub type BedMetric = (u16, MetricCode);

/// One direction of one number of one bed.
pub type BedDirection = (u16, MetricCode, Side);

/// What changed since a screen last asked. Later news of one thing replaces earlier news of it, so this is
/// bounded by the size of the ward, and by [`crate::screen::WAVE_BLOCKS_MAX`] for waves.
#[derive(Clone, Debug, Default)]
pub struct News {
    /// The station.
    pub station: Option<StationView>,
    /// Beds.
    pub beds: BTreeMap<u16, BedView>,
    /// Limits.
    pub limits: BTreeMap<BedMetric, RuleInForce>,
    /// Newest numbers, with their milliseconds of transit.
    pub numerics: BTreeMap<BedMetric, (Numeric, f32)>,
    /// Alerts.
    pub alerts: BTreeMap<model::AlertId, AlertView>,
    /// Pauses; `None` for one that is over.
    pub pauses: BTreeMap<BedDirection, Option<Pause>>,
    /// Early warning scores.
    pub scores: BTreeMap<u16, ScoreView>,
    /// Feeds.
    pub feeds: BTreeMap<u16, FeedView>,
    /// The heartbeat of the loop: a count and its time.
    pub pulse: Option<(u64, ReceiptTime)>,
    /// Blocks of waves in their order of arrival: place, block, milliseconds of transit.
    pub waves: Vec<(u16, Arc<SampleArray>, f32)>,
    /// Blocks that were dropped because the screen did not come for them, since it opened.
    pub waves_dropped: u64,
}
