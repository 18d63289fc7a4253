//! The journal's words: what happened, to whom, by whom, why.

use crate::{AlertState, Assessment, BedId, EncounterId, LimitRule, MetricCode, Pause, Person, ReceiptTime};

macro_rules! kinds {
    ($( $(#[$doc:meta])* $variant:ident = $word:literal; )*) => {
        /// What happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum JournalKind { $( $(#[$doc])* $variant, )* }

        impl JournalKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[ $( Self::$variant, )* ];

            /// The word in files and on the wire.
            pub const fn as_str(self) -> &'static str { match self { $( Self::$variant => $word, )* } }

            /// The inverse of [`JournalKind::as_str`].
            pub fn parse(word: &str) -> Option<Self> { Self::ALL.iter().copied().find(|k| k.as_str() == word) }

            /// Says who lies in a bed from then on: its entry names the stay that begins or goes on there.
            pub const fn says_who_lies_there(self) -> bool {
                matches!(
                    self,
                    Self::Admitted | Self::PatientJoined | Self::Transferred | Self::Discharged | Self::AdtUndone
                )
            }
        }
    };
}

kinds! {
    /// The station started.
    StationStarted = "station-started";
    /// The station stopped, cleanly.
    StationStopped = "station-stopped";
    /// An alert was raised.
    AlertRaised = "alert-raised";
    /// An alert became worse: a worse value by the site's step, or a higher priority.
    AlertWorsened = "alert-worsened";
    /// The condition of an alert is over.
    AlertCleared = "alert-cleared";
    /// A person acknowledged an alert.
    AlertAcknowledged = "alert-acknowledged";
    /// An acknowledged alert sounds again.
    AlertRealerted = "alert-realerted";
    /// A person goes to an alert.
    AlertAccepted = "alert-accepted";
    /// A person who was going is not, after all.
    AlertAcceptUndone = "alert-accept-undone";
    /// A person cannot go to an alert.
    AlertDeclined = "alert-declined";
    /// An alert was passed on, by its ladder or by a person.
    AlertEscalated = "alert-escalated";
    /// A person has seen that an alert is over.
    AlertSeen = "alert-seen";
    /// A note: a person's words on an alert or a bed.
    Noted = "noted";
    /// A mark on recorded data was put, changed, taken away, or taken back.
    Annotated = "annotated";
    /// One direction of one number is silent for a while.
    Paused = "paused";
    /// A pause is over, or was ended.
    PauseEnded = "pause-ended";
    /// What a person found at the bedside.
    Assessed = "assessed";
    /// A person looked a bed over at the start of a shift.
    BedChecked = "bed-checked";
    /// A person signed in.
    SignedIn = "signed-in";
    /// A person signed out, or was signed out.
    SignedOut = "signed-out";
    /// Who may sign in was changed.
    PeopleChanged = "people-changed";
    /// A limit was changed.
    LimitsChanged = "limits-changed";
    /// The limits of the profile hold again, by a person or because the time of a change is over.
    LimitsRestored = "limits-restored";
    /// The state of a feed changed.
    Connectivity = "connectivity";
    /// A device said who it is.
    DeviceIdentified = "device-identified";
    /// A bed was set up: its patient, its feeds.
    BedConfigured = "bed-configured";
    /// A patient was admitted to a bed that had none.
    Admitted = "admitted";
    /// What a bed recorded for nobody became a patient's, from a chosen time on.
    PatientJoined = "patient-joined";
    /// A patient was moved; one entry for the bed they came to, one for the bed they left.
    Transferred = "transferred";
    /// A patient left; the stay is sealed.
    Discharged = "discharged";
    /// An admission, a join, a transfer or a discharge was taken back.
    AdtUndone = "adt-undone";
    /// An alert goes on in another bed, or for another stay.
    AlertMoved = "alert-moved";
    /// Data were not taken, or were dropped.
    Rejected = "rejected";
    /// History could not be written for a while.
    StoreFault = "store-fault";
}

/// Limits before and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitsChange {
    /// Which number.
    pub metric: MetricCode,
    /// The rule until then; `None` where there was none.
    pub before: Option<LimitRule>,
    /// The rule from then on; `None` where it was taken off.
    pub after: Option<LimitRule>,
    /// Until when it holds; the profile's then does again. `None` for the whole stay.
    pub until: Option<ReceiptTime>,
}

/// One entry. Append-only; `store` numbers and chains it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalEntry {
    /// When.
    pub at: ReceiptTime,
    /// What.
    pub kind: JournalKind,
    /// Which bed; `None` for the station.
    pub bed: Option<BedId>,
    /// The stay that the bed had then.
    pub encounter: Option<EncounterId>,
    /// Who did it; `None` where nobody did.
    pub person: Option<Person>,
    /// Why, in the person's words.
    pub reason: Option<String>,
    /// The alert as it stands after it.
    pub alert: Option<AlertState>,
    /// The limits before and after.
    pub limits: Option<LimitsChange>,
    /// What is paused, or was.
    pub pause: Option<Pause>,
    /// What was found at the bedside.
    pub assessment: Option<Assessment>,
    /// Anything else, for people; one line.
    pub detail: Option<String>,
}

impl JournalEntry {
    /// An entry with nothing but when and what; fill in the rest.
    pub fn new(at: ReceiptTime, kind: JournalKind) -> Self {
        Self {
            at,
            kind,
            bed: None,
            encounter: None,
            person: None,
            reason: None,
            alert: None,
            limits: None,
            pause: None,
            assessment: None,
            detail: None,
        }
    }
}
