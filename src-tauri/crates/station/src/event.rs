//! Everything that can happen to the loop, and everything it can be asked. Both lists are closed.

use std::sync::Arc;
use std::time::Duration;

use alert::profile::Profile;
use alert::rights::Deed;
use alert::{Answer as AlertAnswer, Refusal};
use feed::Delivery;
use model::{
    Actor, AlertId, BedId, Breathing, Consciousness, LimitRule, Limits, MetricCode, Patient, ReceiptTime, Role, Side,
    SpO2Scale,
};
use store::{Opened, StoreError, StoreHealth};
use thiserror::Error;
use tokio::sync::oneshot;

use crate::people::PeopleError;
use crate::screen::Screen;
use crate::view::Health;

/// What a turn of the loop is about.
#[derive(Debug)]
pub(crate) enum Event {
    /// Feeds brought something; the batch is in the loop's buffer.
    Deliveries(Vec<Delivery>),
    /// Somebody asks.
    Asked(Request),
    /// The journal entries of a ticket are on disk, or could not be written yet.
    Committed(u64, Result<(), StoreError>),
    /// A history that could not be opened at the start has opened.
    OpenedLate(Box<Opened>),
    /// History is written again, or is not.
    Store(StoreHealth),
    /// A tenth of a second has passed.
    Pulse,
    /// An alert has a time to keep.
    Deadline,
}

/// What the station can be asked.
#[derive(Debug)]
pub(crate) enum Request {
    Wish {
        wish: Wish,
        answer: Answer<()>,
    },
    /// A person has shown who they are; `people` is everybody who can.
    SignedIn {
        actor: Actor,
        answer: Answer<()>,
    },
    SignOut {
        answer: Answer<()>,
    },
    /// Who may sign in was changed: what was done, and everybody who may now.
    PeopleChanged {
        what: String,
        people: Vec<Actor>,
        answer: Answer<()>,
    },
    /// Who is signed in, if the role allows it.
    MayI {
        deed: Deed,
        answer: Answer<Actor>,
    },
    /// The profile of a bed and its limits in force.
    Rules {
        bed: BedId,
        answer: Answer<(Arc<Profile>, Vec<LimitRule>)>,
    },
    OpenScreen {
        answer: oneshot::Sender<Screen>,
    },
    Sound(Health),
    PageDead(bool),
}

/// Where an answer goes.
pub(crate) type Answer<T> = oneshot::Sender<Result<T, Refused>>;

/// What the signed-in person wants done.
#[derive(Clone, Debug, PartialEq)]
pub enum Wish {
    /// Answers an alert at the version that was on screen.
    Answer {
        /// Which.
        alert: AlertId,
        /// The version on screen.
        version: u32,
        /// What they do.
        answer: AlertAnswer,
    },
    /// Has seen that these alerts are over.
    Seen {
        /// Which.
        alerts: Vec<AlertId>,
    },
    /// Silences one direction of one number.
    Pause {
        /// Of which bed.
        bed: BedId,
        /// Which number.
        metric: MetricCode,
        /// Which direction.
        side: Side,
        /// The alert that was on screen, and its version.
        seen: Option<(AlertId, u32)>,
        /// For how long.
        lasts: Duration,
        /// Why.
        reason: String,
    },
    /// Ends a pause.
    EndPause {
        /// Of which bed.
        bed: BedId,
        /// Which number.
        metric: MetricCode,
        /// Which direction.
        side: Side,
    },
    /// Changes the limits of one number.
    Limits {
        /// Of which bed.
        bed: BedId,
        /// Which number.
        metric: MetricCode,
        /// To what.
        change: LimitsWish,
        /// Why.
        reason: String,
        /// Until when; `None` for the whole stay.
        until: Option<ReceiptTime>,
    },
    /// Sets limits around the values of now, where the profile says how.
    AutoLimits {
        /// Of which bed.
        bed: BedId,
        /// Why.
        reason: String,
    },
    /// Writes a note, on an alert or on the bed.
    Note {
        /// On which bed.
        bed: BedId,
        /// On which alert.
        alert: Option<AlertId>,
        /// What.
        text: String,
    },
    /// Changes the marks on what was recorded of a bed: a layer, kept as one line each in the journal.
    Annotate {
        /// Of which bed.
        bed: BedId,
        /// What a person reads of it.
        text: String,
        /// The change, as whoever shows marks writes and reads it; one line.
        change: String,
    },
    /// Has looked the bed over at the start of a shift.
    CheckBed {
        /// Which.
        bed: BedId,
    },
    /// Admits a patient to a bed where nobody lies. Their stay begins now; nothing from before is theirs.
    Admit {
        /// To which bed.
        bed: BedId,
        /// Whom: both identifiers.
        patient: Patient,
        /// When they came, in any words: what tells two stays of one patient in one bed apart. `None`: now.
        admitted: Option<String>,
    },
    /// Says who it is that a bed has been recording: what it recorded from then on becomes theirs, and limits, alerts
    /// and pauses stay.
    JoinPatient {
        /// Which bed.
        bed: BedId,
        /// Who.
        patient: Patient,
        /// From then on; not before the recording for nobody began.
        from: ReceiptTime,
    },
    /// Moves a patient to a bed where nobody lies: limits, notes, pauses and open alerts go along.
    Transfer {
        /// From this bed.
        from: BedId,
        /// To this one.
        to: BedId,
    },
    /// The patient leaves. Nothing is erased; the bed records for nobody from now on.
    Discharge {
        /// Which bed.
        bed: BedId,
    },
    /// Takes back the last admission, join, transfer or discharge of a bed, within ten minutes.
    UndoAdt {
        /// Which bed.
        bed: BedId,
    },
    /// Enters what was found at the bedside.
    Assess {
        /// Of which bed.
        bed: BedId,
        /// How awake.
        consciousness: Consciousness,
        /// Air or oxygen.
        breathing: Breathing,
        /// By which scale SpO₂ is scored.
        scale: SpO2Scale,
    },
}

/// What a person wants a limit to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitsWish {
    /// These bounds.
    To(Limits),
    /// Those of the profile.
    Profile,
}

/// Why the station does not do what it was asked.
#[derive(Debug, Error)]
pub enum Refused {
    /// Nobody is signed in, or their time ran out.
    #[error("nobody is signed in; sign in with name and PIN, so that what is done has a person")]
    NotSignedIn,
    /// The role does not allow it.
    #[error("a {} may not {}; ask someone whose role allows it", .role.as_str(), .deed.words())]
    NotAllowed {
        /// As what the person acts.
        role: Role,
        /// What they may not.
        deed: Deed,
    },
    /// No such bed.
    #[error("there is no bed \"{0}\" in this station; look at the wall for the beds there are")]
    NoSuchBed(String),
    /// No such alert, or it is over.
    #[error("this alert is over; nothing is left to answer")]
    AlertOver,
    /// It changed since the screen drew it.
    #[error("this alert changed while you looked at it; look again, then answer it")]
    AlertChanged,
    /// An answer that does not fit the alert as it stands.
    #[error("{0}")]
    Answer(&'static str),
    /// A pause that is too long.
    #[error("a pause lasts {} minutes at most, and then can be begun again with a reason", .0.as_secs() / 60)]
    PauseLength(Duration),
    /// The limits do not hold.
    #[error(transparent)]
    Limits(#[from] model::LimitsError),
    /// The profile does not allow the limits.
    #[error("{0}")]
    Floor(String),
    /// The profile says nothing of this number.
    #[error("the profile has no limits for {0}; set limits by hand instead")]
    NoProfile(MetricCode),
    /// Nothing to derive limits from.
    #[error("there is no value now from which limits could be set; wait until the numbers are there")]
    NothingToGoBy,
    /// No reason given.
    #[error("this needs a reason: say in a word why")]
    NoReason,
    /// A time that is over.
    #[error("the time until which it holds is over already; choose a later one")]
    TooLate,
    /// Who may sign in.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// Neither on disk nor kept for it.
    #[error(
        "this could not be written down, because history is full or has stopped; it is in force until the station stops. Call technical support"
    )]
    NotRecorded,
    /// History cannot be read.
    #[error("history cannot be read: {0}")]
    Store(#[from] StoreError),
    /// The loop has ended.
    #[error("the station is stopping; look at the bedside monitors")]
    Stopping,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NoSuchAlert | Refusal::Over => Self::AlertOver,
            Refusal::Changed { .. } => Self::AlertChanged,
            Refusal::NotAllowed { role, deed } => Self::NotAllowed { role, deed },
            Refusal::NotAccepted => Self::Answer("nobody has accepted this alert, so there is nothing to undo"),
            Refusal::AtTop => Self::Answer("whoever is in charge has it already; call them"),
            Refusal::StillMeasured => {
                Self::Answer("values of this number still come; only a number that is missing can be put away")
            }
            Refusal::NotAboutASensor => Self::Answer("only an alert about a missing number can be put away"),
            Refusal::NoReason => Self::NoReason,
            Refusal::PauseLength { max } => Self::PauseLength(max),
            Refusal::NothingToPause => {
                Self::Answer("this number has no limit on that side and no alert, so there is nothing to pause")
            }
            Refusal::NotPaused => Self::Answer("this is not paused any more"),
        }
    }
}
