//! What goes into the engine and what comes out.

use model::{
    AlertId, AlertState, BedId, Cause, Connectivity, DeviceAlert, JournalKind, LimitRule, MetricCode, Numeric, Person,
    ReceiptTime,
};

/// What happens to the engine. Closed: nothing else moves an alert.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A bed is set up: its rules, all of them. Metrics that are not named have no limits from now on.
    Bed {
        /// Which.
        bed: BedId,
        /// Its rules.
        rules: Vec<LimitRule>,
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
    /// A named person has seen an alert.
    Acknowledge {
        /// Which.
        alert: AlertId,
        /// The version on their screen.
        version: u32,
        /// Who.
        by: Person,
    },
    /// Time has gone on and nothing else.
    Tick,
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
    /// Why an acknowledgement was not taken.
    pub refused: Option<Refusal>,
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

/// Why an acknowledgement was not taken.
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
}
