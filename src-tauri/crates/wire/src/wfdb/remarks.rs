//! Marks as annotations.

use super::annotation::{code_for, micros};
use super::{Annotation, Annotations, Definition, lasting};
use crate::recording::Mark;

/// The code of a remark.
const NOTE: u8 = 22;
/// Codes that annot(5) leaves to the user.
const OWN: std::ops::RangeInclusive<u8> = 42..=49;
/// Bytes of text in one annotation.
const TEXT_MAX: usize = 255;

/// The marks in the coarsest of the given resolutions that keeps every time to the microsecond, or in microseconds.
pub(super) fn annotations_of(marks: &[Mark], rates: impl Iterator<Item = f64>) -> Annotations {
    let keeps = |rate: &f64| marks.iter().all(|m| micros(count(m.at_us, *rate), *rate) == m.at_us);
    let resolution = rates.chain([1_000.0]).find(keeps).unwrap_or(1e6);
    let mut definitions: Vec<Definition> = Vec::new();
    let mut list = Vec::new();
    for mark in marks {
        let (code, text) = coded(mark, &mut definitions);
        let text = lasting::join(&text.replace('\0', " "), mark.duration_us);
        let channel = mark.channel.and_then(|c| u8::try_from(c).ok()).unwrap_or(0);
        let at = count(mark.at_us, resolution);
        for (part, text) in parts(&text).into_iter().enumerate() {
            list.push(Annotation {
                at,
                // What does not fit into one follows as remarks at the same time.
                code: if part == 0 { code } else { NOTE },
                channel,
                text: text.to_owned(),
                ..Annotation::default()
            });
        }
    }
    list.sort_by_key(|a| a.at);
    Annotations {
        resolution: Some(resolution),
        definitions,
        list,
    }
}

/// Code and text. A code that annot(5) does not have is defined in the file, while there are codes; then it is said in words.
fn coded(mark: &Mark, definitions: &mut Vec<Definition>) -> (u8, String) {
    if mark.code.is_empty() {
        return (NOTE, mark.text.clone());
    }
    let known = code_for(mark).or_else(|| definitions.iter().find(|d| d.symbol == mark.code).map(|d| d.code));
    if let Some(code) = known {
        return (code, mark.text.clone());
    }
    let free = OWN.into_iter().find(|code| definitions.iter().all(|d| d.code != *code));
    let word = !mark.code.contains(|c: char| c.is_whitespace() || c.is_control()) && mark.code.len() < 100;
    if let (Some(code), true) = (free, word) {
        let (symbol, description) = (mark.code.clone(), mark.code.clone());
        definitions.push(Definition {
            code,
            symbol,
            description,
        });
        return (code, mark.text.clone());
    }
    (NOTE, format!("{} {}", mark.code, mark.text).trim().to_owned())
}

fn count(micros: i64, rate: f64) -> i64 {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "exact to 2^53, centuries of microseconds; saturates beyond"
    )]
    let count = (micros as f64 * rate / 1e6).round() as i64;
    count
}

/// The text in parts that fit, never inside a character.
fn parts(text: &str) -> Vec<&str> {
    let (mut rest, mut found) = (text, Vec::new());
    while rest.len() > TEXT_MAX {
        let (part, after) = rest.split_at(rest.floor_char_boundary(TEXT_MAX));
        found.push(part);
        rest = after;
    }
    found.push(rest);
    found
}
