//! Annotation files in MIT format: beats and events, as the reference annotators wrote them.

use super::WfdbError;

const SKIP: u8 = 59;
const NUMBER: u8 = 60;
const SUBTYPE: u8 = 61;
const CHANNEL: u8 = 62;
const TEXT: u8 = 63;

/// One annotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// Frame of the record it stands at. Files that begin before their record hold negative ones.
    pub at: i64,
    /// The code of annot(5): 1 normal beat, 5 ventricular premature beat, 28 rhythm change …
    pub code: u8,
    /// Subtype; 0 where not given.
    pub subtype: i8,
    /// Text, such as `(N` for a rhythm; empty where not given.
    pub text: String,
}

impl Annotation {
    /// Whether it marks a beat (and not noise, a rhythm, a wave boundary or a note).
    pub const fn is_beat(&self) -> bool {
        matches!(self.code, 1..=13 | 25 | 30 | 34 | 35 | 38 | 41)
    }
}

/// Reads a whole annotation file.
///
/// Notes at frame 0 whose text begins with `##` are definitions, such as `## time resolution: 250` (then `at`
/// counts in that resolution and not in frames); they are handed on like any other annotation.
pub fn annotations(bytes: &[u8]) -> Result<Vec<Annotation>, WfdbError> {
    let mut found: Vec<Annotation> = Vec::new();
    let mut time = 0_i64;
    let mut at = 0;
    let short = |at, problem| WfdbError::Annotation { at, problem };
    while let Some(&[low, high]) = bytes.get(at..at + 2) {
        let word = u16::from_le_bytes([low, high]);
        if word == 0 {
            break;
        }
        let (code, interval) = ((word >> 10) as u8, word & 0x3ff);
        let mut next = at + 2;
        // The low byte is a signed number in the codes that change the annotation before.
        let value = i8::from_le_bytes([low]);
        match code {
            SKIP => {
                let Some(&[a, b, c, d]) = bytes.get(next..next + 4) else {
                    return Err(short(at, "a long interval needs four bytes after it; the file was cut"));
                };
                // PDP-11 order: the high word first, each word little-endian.
                time = time.saturating_add(i64::from(i32::from_le_bytes([c, d, a, b])));
                next += 4;
            }
            NUMBER | CHANNEL => {}
            SUBTYPE => {
                if let Some(last) = found.last_mut() {
                    last.subtype = value;
                }
            }
            TEXT => {
                let length = usize::from(interval);
                let Some(text) = bytes.get(next..next + length) else {
                    return Err(short(
                        at,
                        "a text is longer than the rest of the file; the file was cut",
                    ));
                };
                if let Some(last) = found.last_mut() {
                    let end = text.iter().position(|b| *b == 0).unwrap_or(length);
                    last.text = String::from_utf8_lossy(text.get(..end).unwrap_or(text)).into_owned();
                }
                next += length + length % 2;
            }
            // Not an annotation: it ends the definitions, and time goes on.
            0 => time = time.saturating_add(i64::from(interval)),
            _ => {
                time = time.saturating_add(i64::from(interval));
                found.push(Annotation {
                    at: time,
                    code,
                    subtype: 0,
                    text: String::new(),
                });
            }
        }
        at = next;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rhythm_a_beat_and_a_long_interval() {
        let word = |code: u16, low: u16| (code << 10 | low).to_le_bytes();
        let bytes = [
            word(28, 18),
            word(63, 2),
            *b"(N",
            word(1, 59),
            word(59, 0),
            [0x01, 0x00],
            [0x02, 0x00],
            word(5, 1),
            [0, 0],
        ]
        .concat();
        let found = annotations(&bytes).unwrap();
        assert_eq!(
            found.iter().map(|a| a.at).collect::<Vec<_>>(),
            [18, 77, 77 + 65_538 + 1]
        );
        assert_eq!(found[0].text, "(N");
        assert_eq!(found.iter().filter(|a| a.is_beat()).count(), 2);
        let cut = annotations(&bytes[..13]).unwrap_err();
        assert!(cut.to_string().contains("byte 8"), "{cut}");
    }
}
