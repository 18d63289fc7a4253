//! What one message comes to.

use model::{LostBecause, Observation, RejectReason, Rejects};

/// What one message comes to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    /// What was understood, in the order of the message; what was not stands at the end as
    /// [`Observation::Rejects`], one for each reason.
    pub observations: Vec<Observation>,
    /// How much longer the message was under way than the quickest one of late, in milliseconds. 0 when unknown.
    pub transit_ms: f32,
    /// The message was read and stood in its place: the peer lives. Nothing else is a sign of life.
    pub life: bool,
    /// Text to send back to the peer.
    pub answer: Option<String>,
    /// The connection must go, for this reason. `answer` is then the farewell.
    pub fatal: Option<LostBecause>,
}

/// Counts what was not taken, one entry for each reason, with the first example.
#[derive(Debug, Default)]
pub(crate) struct Tally(Vec<Rejects>);

impl Tally {
    /// Counts `count` more; `example` is asked for the first time only.
    pub(crate) fn add(&mut self, reason: RejectReason, count: u32, example: impl FnOnce() -> String) {
        if count == 0 {
            return;
        }
        if let Some(known) = self.0.iter_mut().find(|r| r.reason == reason) {
            known.count = known.count.saturating_add(count);
        } else {
            self.0.push(Rejects {
                reason,
                count,
                example: example(),
            });
        }
    }

    /// The first reject.
    pub(crate) fn first(&self) -> Option<&Rejects> {
        self.0.first()
    }

    /// Puts the rejects behind the observations.
    pub(crate) fn into_observations(self, observations: &mut Vec<Observation>) {
        observations.extend(self.0.into_iter().map(Observation::Rejects));
    }
}

/// A word of the peer that may be repeated to people: short, of the letters of a code, and without a number that could be
/// a patient's or a part of a secret, so that none of these can slip into a log.
pub(crate) fn shown(word: &str) -> &str {
    let a_number = word
        .as_bytes()
        .split(|b| !b.is_ascii_digit())
        .any(|digits| digits.len() > 3);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '%' | '[' | ']' | '^');
    if (1..=24).contains(&word.len()) && word.chars().all(plain) && !a_number {
        word
    } else {
        "another word"
    }
}

/// Text of the peer for people: without control characters, cut at `chars_max` characters.
pub(crate) fn cleaned(text: &str, chars_max: usize) -> String {
    text.trim()
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(chars_max)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_a_code_is_repeated() {
        for code in ["MOOD", "mm[Hg]", "L/min", "ECG_V12", "sensor-off"] {
            assert_eq!(shown(code), code);
        }
        for secret in [
            "",
            "Jane Doe",
            "PAT-4711",
            "19450312-123",
            "Müller",
            "0a1b2c3d4e5f60718293a4b5c",
            "a@b",
            "123456",
        ] {
            assert_eq!(shown(secret), "another word", "{secret}");
        }
    }
}
