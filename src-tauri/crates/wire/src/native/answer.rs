//! What the station says to a device.

use serde::{Deserialize, Serialize};

use super::Word;

/// What the station says to a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Answer<'a> {
    /// The first message: who is listening.
    Subscribe {
        /// The version the station speaks.
        version: u32,
        /// The station's name.
        #[serde(borrow)]
        station: Word<'a>,
    },
    /// Something was not taken. At most once a second.
    Rejected {
        /// The message it is about, where its number could be read.
        seq: Option<u32>,
        /// A word of [`model::RejectReason::as_str`].
        #[serde(borrow)]
        reason: Word<'a>,
        /// What was expected, what came, and what to do.
        #[serde(borrow)]
        detail: Word<'a>,
    },
    /// The station closes the connection.
    Bye {
        /// Why.
        #[serde(borrow)]
        reason: Word<'a>,
    },
}

impl<'a> Answer<'a> {
    /// Reads what a station sent. The error says where the text stops making sense.
    ///
    /// ```
    /// use wire::native::Answer;
    /// let bye = Answer::decode(br#"{"type":"bye","reason":"station stops"}"#)?;
    /// assert_eq!(bye, Answer::Bye { reason: "station stops".into() });
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn decode(bytes: &'a [u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }
}
