//! What goes into the engine and what comes out.

use std::sync::Arc;
use std::time::Duration;

use model::{
    Actor, AlertId, AlertState, Assessment, BedId, Cause, Connectivity, DeviceAlert, EarlyWarningScore, JournalKind,
    LimitRule, MetricCode, Numeric, Pause, Person, ReceiptTime, Role, Side,
};

use crate::profile::Profile;
use crate::rights::Deed;

/// What happens to the engine. Closed: nothing else moves an alert.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A bed is set up: its profile, and its limits in force, all of them. Metrics that are not named have no limits
    /// from now on.
    Bed {
        /// Which.
        bed: BedId,
        /// Steps of worsening, lifts, combined rules, the early warning score.
        profile: Arc<Profile>,
        /// Its limits in force.
        rules: Vec<LimitRule>,
        /// Numbers that were measured continuously when the station stopped: they are missed when they do not come.
        expected: Vec<MetricCode>,
    },
    /// One rule changes, or is taken off.
    Rule {
        /// Which bed.
        bed: BedId,
        /// Which number.
        metric: MetricCode,
        /// The rule from now on.
        rule: Option<LimitRule>,
    },
    /// A number arrived.
    Numeric {
        /// For which bed.
        bed: BedId,
        /// By which of its feeds: a lost feed speaks for its own numbers only.
        feed: u16,
        /// The number.
        numeric: Numeric,
    },
    /// The state of a feed changed.
    Connectivity {
        /// Of which bed.
        bed: BedId,
        /// Which of its feeds.
        feed: u16,
        /// The state from now on.
        state: Connectivity,
    },
    /// The device raises or ends an alert of its own.
    DeviceAlert {
        /// For which bed.
        bed: BedId,
        /// By which of its feeds.
        feed: u16,
        /// The alert.
        alert: DeviceAlert,
    },
    /// The device's clock is impossible, or possible again.
    DeviceClock {
        /// Of which bed.
        bed: BedId,
        /// Which of its feeds.
        feed: u16,
        /// Impossible.
        absurd: bool,
    },
    /// Something is wrong with the station itself, or right again.
    Station {
        /// [`Cause::Disk`], [`Cause::Sound`] or [`Cause::PageDead`].
        cause: Cause,
        /// Wrong, or right again.
        present: bool,
        /// For people: what happened.
        text: String,
    },
    /// A person answers an alert.
    Answer {
        /// Which.
        alert: AlertId,
        /// The version on their screen.
        version: u32,
        /// Who.
        by: Actor,
        /// What they do.
        answer: Answer,
    },
    /// A person silences one direction of one number for a while.
    Pause {
        /// Of which bed.
        bed: BedId,
        /// Which number.
        metric: MetricCode,
        /// Which direction.
        side: Side,
        /// The alert on their screen and its version, where there was one: another version is refused.
        seen: Option<(AlertId, u32)>,
        /// Who.
        by: Actor,
        /// Why.
        reason: String,
        /// For how long, from now.
        lasts: Duration,
    },
    /// A person ends a pause before its time.
    EndPause {
        /// Of which bed.
        bed: BedId,
        /// Which number.
        metric: MetricCode,
        /// Which direction.
        side: Side,
        /// Who.
        by: Actor,
    },
    /// What a person found at the bedside. Rights are checked by whoever asks: restored ones come this way too.
    Assessed {
        /// Of which bed.
        bed: BedId,
        /// What; `None` when it belonged to another stay.
        assessment: Option<Assessment>,
    },
    /// Whoever lay in a bed does not any more: what was about them is over. Rights are checked by whoever asks.
    Leave {
        /// Which bed.
        bed: BedId,
        /// Who says so.
        by: Option<Person>,
        /// For people: what happened.
        why: String,
    },
    /// A patient goes to another bed, where nobody's things are: alerts, pauses and what was found go along.
    Move {
        /// From this bed.
        from: BedId,
        /// To this one.
        to: BedId,
        /// Who says so.
        by: Option<Person>,
    },
    /// A stay begins or goes on in a bed: what is open there is said anew, to be written down for it.
    Arrive {
        /// Which bed.
        bed: BedId,
    },
    /// Time has gone on and nothing else.
    Tick,
}

/// What a person does with an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// Has seen it: it is silent until it is worse or its re-alert time comes.
    Acknowledge,
    /// Goes to the patient. Not a silence.
    Accept,
    /// Does not go after all.
    UndoAccept,
    /// Cannot go: it is passed on at once.
    Decline,
    /// Calls for the next on the ladder.
    Escalate,
    /// The sensor was taken off on purpose, or the device put away: the number is not missed any more until it is
    /// measured again.
    Retire,
}

/// A step of one alert: to be journalled before it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// What happened, in the journal's word.
    pub kind: JournalKind,
    /// When it happened by the rules. A loop that woke late still gets the time at which it was due.
    pub at: ReceiptTime,
    /// The alert as it stands after it.
    pub state: AlertState,
    /// Who did it; `None` where nobody did.
    pub person: Option<Person>,
}

/// What a step did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// In order. Each has a new version; each goes to the journal.
    pub transitions: Vec<Transition>,
    /// Alerts whose worst value, limit or text changed without a transition: same version, to be shown, not
    /// journalled. After the transitions: where both speak of one alert, this is the newer.
    pub shown: Vec<AlertState>,
    /// Pauses that began or ended, to be journalled.
    pub pauses: Vec<PauseChange>,
    /// Beds whose early warning score changed, with the new one.
    pub scores: Vec<(BedId, EarlyWarningScore)>,
    /// The number was not taken: another live feed of the bed brings it, and two sources would contradict each other.
    pub second_source: bool,
    /// Why a person's wish was not done.
    pub refused: Option<Refusal>,
}

/// A pause began or ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PauseChange {
    /// [`JournalKind::Paused`] or [`JournalKind::PauseEnded`].
    pub kind: JournalKind,
    /// When.
    pub at: ReceiptTime,
    /// The pause.
    pub pause: Pause,
    /// Who did it; `None` when its time was over.
    pub person: Option<Person>,
}

impl Effects {
    /// At most one state an alert, and none that a transition of the same step has overtaken.
    pub(crate) fn settle(&mut self) {
        if self.shown.is_empty() {
            return;
        }
        for state in std::mem::take(&mut self.shown) {
            let moved = self.transitions.iter().rfind(|t| t.state.id == state.id);
            if moved.is_some_and(|t| t.state.version > state.version) {
                continue;
            }
            match self.shown.iter_mut().find(|s| s.id == state.id) {
                Some(known) => *known = state,
                None => self.shown.push(state),
            }
        }
    }
}

/// Why a person's wish was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No alert ever had this id.
    NoSuchAlert,
    /// It changed since the person's screen drew it.
    Changed {
        /// Its version now.
        now_version: u32,
    },
    /// It is over.
    Over,
    /// The person's role does not allow it.
    NotAllowed {
        /// As what they act.
        role: Role,
        /// What they may not.
        deed: Deed,
    },
    /// Nobody has accepted it.
    NotAccepted,
    /// It has been passed on to the last on the ladder already.
    AtTop,
    /// Values come: nothing was taken off.
    StillMeasured,
    /// What cannot be retired: only what misses a number can.
    NotAboutASensor,
    /// A pause without a reason.
    NoReason,
    /// A pause of nothing, or longer than the site allows.
    PauseLength {
        /// The longest.
        max: Duration,
    },
    /// A pause of a number that has no limit on that side.
    NothingToPause,
    /// There is no such pause.
    NotPaused,
}

/// How the station sounds. Ordered: what is more urgent is greater, then what is louder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Loudness {
    /// The burst of this priority.
    pub priority: model::Priority,
    /// Nobody has answered for a while.
    pub louder: bool,
}
