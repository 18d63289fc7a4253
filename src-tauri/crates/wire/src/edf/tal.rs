//! Time-stamped annotation lists: what the annotations signal of EDF+ holds in place of samples.
//!
//! `+onset[0x15 duration]0x14 text 0x14 text 0x14 0x00`. The first list of a record has an empty first text: its onset
//! is that of the record.

use super::text::words;

/// One list: when, for how long, and what.
pub(super) struct List {
    /// Microseconds from the start in the header.
    pub onset_us: i64,
    pub duration_us: Option<i64>,
    pub texts: Vec<String>,
}

/// The lists of one record; what is no list is counted.
pub(super) fn lists(bytes: &[u8]) -> (Vec<List>, usize) {
    let mut found = Vec::new();
    let mut unread = 0;
    for piece in bytes.split(|byte| *byte == 0).filter(|piece| !piece.is_empty()) {
        match list(piece) {
            Some(list) => found.push(list),
            None => unread += 1,
        }
    }
    (found, unread)
}

fn list(piece: &[u8]) -> Option<List> {
    let mut parts = piece.split(|byte| *byte == 0x14);
    let mut times = parts.next()?.split(|byte| *byte == 0x15);
    let onset_us = micros(times.next()?)?;
    let duration_us = match times.next() {
        Some(text) => Some(micros(text)?),
        None => None,
    };
    // After the last 0x14 there is nothing.
    let mut texts: Vec<String> = parts.map(words).collect();
    if !texts.pop()?.is_empty() {
        return None;
    }
    Some(List {
        onset_us,
        duration_us,
        texts,
    })
}

/// The onset of a record alone: the head of its first list, for opening quickly.
pub(super) fn onset(bytes: &[u8]) -> Option<i64> {
    let end = bytes.iter().take(64).position(|byte| matches!(byte, 0x14 | 0x15))?;
    micros(bytes.get(..end)?)
}

/// Whether a record has more than its own onset.
pub(super) fn has_more(bytes: &[u8]) -> bool {
    match bytes.windows(3).position(|three| three == [0x14, 0x14, 0]) {
        Some(at) => bytes
            .get(at + 3..)
            .is_some_and(|rest| rest.iter().any(|byte| *byte != 0)),
        None => bytes.iter().any(|byte| *byte != 0),
    }
}

fn micros(text: &[u8]) -> Option<i64> {
    let (micros, places) = super::text::number(str::from_utf8(text).ok()?.trim())?.parts();
    let scaled = if places <= 6 {
        micros.checked_mul(10_i128.pow(6 - places))?
    } else {
        let divisor = 10_i128.checked_pow(places - 6)?;
        (micros + divisor / 2).div_euclid(divisor)
    };
    i64::try_from(scaled).ok().filter(|us| us.abs() < MICROS_MAX)
}

/// A thousand years: what is later is damage.
const MICROS_MAX: i64 = 1_000 * 366 * 86_400 * 1_000_000;
