//! Identity apart from data: beds, people, devices, and who lay where when.

use std::fmt;

use thiserror::Error;

use crate::ReceiptTime;

/// Why a name or id is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum IdentityError {
    /// Nothing in it.
    #[error("must not be empty")]
    Empty,
    /// Longer than 64 characters.
    #[error("must not be longer than 64 characters")]
    TooLong,
    /// A character that does not belong there.
    #[error("may hold letters, digits, '-', '_' and '.' only")]
    Character,
}

/// Longest id or name, in characters: what a tile and a log line can show.
const NAME_CHARS_MAX: usize = 64;

fn checked_id(text: &str) -> Result<String, IdentityError> {
    let text = checked_name(text)?;
    if text
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
    {
        Ok(text)
    } else {
        Err(IdentityError::Character)
    }
}

fn checked_name(text: &str) -> Result<String, IdentityError> {
    let text = text.trim();
    if text.is_empty() {
        Err(IdentityError::Empty)
    } else if text.chars().count() > NAME_CHARS_MAX {
        Err(IdentityError::TooLong)
    } else if text.chars().any(char::is_control) {
        Err(IdentityError::Character)
    } else {
        Ok(text.to_owned())
    }
}

macro_rules! names {
    ($( $(#[$doc:meta])* $name:ident by $check:ident; )*) => { $(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(std::sync::Arc<str>);

        impl $name {
            /// Checked: not empty, at most 64 characters, no control characters.
            pub fn new(text: &str) -> Result<Self, IdentityError> {
                $check(text).map(|t| Self(t.into()))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )* };
}

names! {
    /// A bed of this station: `bed-07`. Letters, digits, `-`, `_`, `.`.
    BedId by checked_id;
    /// A device as it names itself.
    DeviceId by checked_id;
    /// A stay. Letters, digits, `-`, `_`, `.`.
    EncounterId by checked_id;
    /// The hospital's number of a patient.
    PatientId by checked_name;
    /// A member of staff, as shown and logged.
    Person by checked_name;
}

/// Something that must not reach a log: prints as `[redacted]`.
#[derive(Clone, PartialEq, Eq)]
pub struct Redacted<T>(pub T);

impl<T> fmt::Debug for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl<T> fmt::Display for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Where a bed stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The ward or unit.
    pub unit: String,
    /// The room, where said.
    pub room: Option<String>,
}

/// A bed: a fixed place on the wall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bed {
    /// Its id.
    pub id: BedId,
    /// What the tile says.
    pub label: String,
    /// Where it stands.
    pub location: Location,
}

/// A patient. Two identifiers are always shown together: name and number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patient {
    /// The hospital's number.
    pub id: Redacted<PatientId>,
    /// Name as shown.
    pub name: Redacted<String>,
}

/// One stay of one patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encounter {
    /// Its id.
    pub id: EncounterId,
    /// Who; `None` while a device records and nobody is admitted.
    pub patient: Option<Patient>,
}

/// A device as it describes itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// Who made it.
    pub manufacturer: String,
    /// Its model.
    pub model: String,
    /// Its software version, where said.
    pub version: Option<String>,
}

/// A device and a stay belong together from one time to another; data outside are filed under nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Association {
    /// The bed.
    pub bed: BedId,
    /// The stay.
    pub encounter: EncounterId,
    /// From then, inclusive.
    pub from: ReceiptTime,
    /// Until then, exclusive; `None` while it lasts.
    pub until: Option<ReceiptTime>,
}
