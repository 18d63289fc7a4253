//! Who may do what: people, and the roles in which they act.

use crate::Person;

/// What a person is on this ward. The table of what each may do is in the crate `alert`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Watches beds and answers alerts.
    Nurse,
    /// In charge of the ward: the end of the escalation ladder, and of who may sign in.
    Charge,
    /// Decides on treatment: by which scale SpO₂ is scored.
    Clinician,
    /// Looks after the equipment: technical alerts only.
    Engineer,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Nurse, Self::Charge, Self::Clinician, Self::Engineer];

    /// The word in files and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nurse => "nurse",
            Self::Charge => "charge",
            Self::Clinician => "clinician",
            Self::Engineer => "engineer",
        }
    }

    /// The inverse of [`Role::as_str`].
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.as_str() == word)
    }
}

/// A signed-in person who does something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Who.
    pub person: Person,
    /// As what.
    pub role: Role,
}
