//! Annotation files in MIT format: beats and events, as the reference annotators wrote them.

use super::codes::{code_of, symbol_of};
use crate::recording::{Mark, RecordingError};

const NOTE: u8 = 22;
const SKIP: u8 = 59;
const NUMBER: u8 = 60;
const SUBTYPE: u8 = 61;
const CHANNEL: u8 = 62;
const TEXT: u8 = 63;

/// A text has its length in one byte.
const TEXT_MAX: usize = 255;
/// The longest way from one annotation to the next that is written: beyond it the skips alone would be megabytes.
const STEP_MAX: u64 = 1 << 50;

const RESOLUTION: &str = "## time resolution: ";
const DEFINITIONS: &str = "## annotation type definitions";
const DEFINITIONS_END: &str = "## end of definitions";

/// An annotation file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Annotations {
    /// What [`Annotation::at`] counts, a second; `None`: frames of the record.
    pub resolution: Option<f64>,
    /// Codes that the file itself gives a meaning.
    pub definitions: Vec<Definition>,
    /// The annotations in the file's order.
    pub list: Vec<Annotation>,
}

/// A code of the file's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// The code.
    pub code: u8,
    /// What stands for it: one word.
    pub symbol: String,
    /// What it means.
    pub description: String,
}

/// One annotation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Annotation {
    /// Where it stands, in [`Annotations::resolution`]. Files that begin before their record hold negative numbers.
    pub at: i64,
    /// The code of annot(5): 1 normal beat, 5 ventricular premature beat, 28 rhythm change …; 1 to 58.
    pub code: u8,
    /// Subtype; 0 where not given.
    pub subtype: i8,
    /// The signal that it is about; 0 where not given.
    pub channel: u8,
    /// The `num` field, of the annotator's own meaning; 0 where not given.
    pub number: i8,
    /// Text, such as `(N` for a rhythm; empty where not given; at most 255 bytes without a zero byte.
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
/// # Errors
/// A file that ends in the middle of an annotation: the byte.
pub fn annotations(bytes: &[u8]) -> Result<Annotations, RecordingError> {
    let mut read = Reader::default();
    let mut at = 0;
    while let Some(&[low, high]) = bytes.get(at..at + 2) {
        if low == 0 && high == 0 {
            break;
        }
        at += read.word(
            at,
            u16::from_le_bytes([low, high]),
            bytes.get(at + 2..).unwrap_or_default(),
        )?;
    }
    read.end_text();
    Ok(read.file.with_definitions())
}

/// What the words so far have said.
#[derive(Default)]
struct Reader {
    file: Annotations,
    time: i64,
    /// Channel and number stay for the annotations that follow.
    channel: u8,
    number: i8,
    text: Option<Vec<u8>>,
}

impl Reader {
    /// Reads one word and returns how many bytes it and what belongs to it take.
    fn word(&mut self, at: usize, word: u16, rest: &[u8]) -> Result<usize, RecordingError> {
        let cut = |problem| RecordingError::new(format!("annotation file, byte {at}"), problem);
        let (code, interval) = ((word >> 10) as u8, word & 0x3ff);
        let [low, _] = word.to_le_bytes();
        match code {
            SKIP => {
                let Some(&[a, b, c, d]) = rest.first_chunk() else {
                    return Err(cut("a long interval needs four bytes after it; the file was cut"));
                };
                // PDP-11 order: the high word first, each word little-endian.
                let long = i32::from_le_bytes([c, d, a, b]);
                self.time = self.time.saturating_add(i64::from(long));
                return Ok(6);
            }
            NUMBER => {
                self.number = low.cast_signed();
                if let Some(last) = self.file.list.last_mut() {
                    last.number = self.number;
                }
            }
            CHANNEL => {
                self.channel = low;
                if let Some(last) = self.file.list.last_mut() {
                    last.channel = low;
                }
            }
            SUBTYPE => {
                if let Some(last) = self.file.list.last_mut() {
                    last.subtype = low.cast_signed();
                }
            }
            TEXT => {
                let length = usize::from(low);
                let text = rest
                    .get(..length)
                    .ok_or_else(|| cut("a text is longer than the rest of the file; the file was cut"))?;
                let end = text.iter().position(|b| *b == 0).unwrap_or(length);
                self.text = text.get(..end).map(<[u8]>::to_vec);
                return Ok(2 + length + length % 2);
            }
            // Not an annotation: it ends the definitions, and time goes on.
            0 => {
                self.end_text();
                self.time = self.time.saturating_add(i64::from(interval));
            }
            _ => {
                self.end_text();
                self.time = self.time.saturating_add(i64::from(interval));
                self.file.list.push(Annotation {
                    at: self.time,
                    code,
                    subtype: 0,
                    channel: self.channel,
                    number: self.number,
                    text: String::new(),
                });
            }
        }
        Ok(2)
    }

    /// Gives the last annotation its text: UTF-8, or Latin-1 as old files have it.
    fn end_text(&mut self) {
        if let (Some(bytes), Some(last)) = (self.text.take(), self.file.list.last_mut()) {
            last.text =
                String::from_utf8(bytes).unwrap_or_else(|e| e.as_bytes().iter().map(|b| char::from(*b)).collect());
        }
    }
}

impl Annotations {
    /// Takes the notes that say how the file is to be read from the beginning of the list.
    fn with_definitions(mut self) -> Self {
        let (mut inside, mut taken) = (false, 0);
        for a in self.list.iter().take_while(|a| a.at == 0 && a.code == NOTE) {
            let resolution = a.text.strip_prefix(RESOLUTION).and_then(|t| t.trim().parse().ok());
            let resolution = resolution.filter(|r| usable(*r) && self.resolution.is_none());
            let found = definition(&a.text).filter(|_| inside);
            if a.text == DEFINITIONS {
                inside = true;
            } else if inside && a.text == DEFINITIONS_END {
                inside = false;
            } else if resolution.is_some() {
                self.resolution = resolution;
            } else if let Some(found) = found {
                self.definitions.push(found);
            } else {
                break;
            }
            taken += 1;
        }
        self.list.drain(..taken);
        self
    }

    /// The file's bytes, as [`annotations`] reads them.
    ///
    /// # Errors
    /// An annotation that the format has no room for: which one, and why.
    pub fn to_bytes(&self) -> Result<Vec<u8>, RecordingError> {
        let mut writer = Writer::default();
        let note = |text: String| Annotation {
            code: NOTE,
            text,
            ..Annotation::default()
        };
        if let Some(resolution) = self.resolution {
            if !usable(resolution) {
                let problem = format!("{resolution} is no time resolution");
                return Err(RecordingError::new("annotation file", problem));
            }
            writer.put(&note(format!("{RESOLUTION}{resolution}")))?;
        }
        if !self.definitions.is_empty() {
            writer.put(&note(DEFINITIONS.to_owned()))?;
            for d in &self.definitions {
                let line = format!("{} {} {}", d.code, d.symbol, d.description);
                if definition(&line).as_ref() != Some(d) {
                    let problem = "its code is not 1 to 58, its symbol not one word, or its description empty";
                    return Err(RecordingError::new(format!("definition {line:?}"), problem));
                }
                writer.put(&note(line))?;
            }
            writer.put(&note(DEFINITIONS_END.to_owned()))?;
        }
        if !writer.bytes.is_empty() {
            // What ends the definitions: back by one, and an annotation that is none.
            writer.bytes.extend([0, SKIP << 2, 0xff, 0xff, 0xff, 0xff, 1, 0]);
        }
        for annotation in &self.list {
            writer.put(annotation)?;
        }
        writer.bytes.extend([0, 0]);
        Ok(writer.bytes)
    }

    /// The annotations as marks. `rate` is the record's frames a second.
    pub(super) fn marks(&self, rate: f64, channels: usize) -> Vec<Mark> {
        let resolution = self.resolution.unwrap_or(rate);
        let mark = |a: &Annotation| {
            let own = self.definitions.iter().find(|d| d.code == a.code);
            let symbol = own.map_or_else(|| symbol_of(a.code), |d| Some(d.symbol.as_str()));
            let (text, duration_us) = super::lasting::split(&a.text);
            let channel = usize::from(a.channel);
            Mark {
                at_us: micros(a.at, resolution),
                duration_us,
                // 0 is what files have that say nothing of channels.
                channel: (channel > 0 && channel < channels).then_some(channel),
                code: symbol.map_or_else(|| a.code.to_string(), str::to_owned),
                text: text.to_owned(),
            }
        };
        self.list.iter().map(mark).collect()
    }
}

/// Microseconds of a count.
pub(super) fn micros(at: i64, resolution: f64) -> i64 {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "exact to 2^53, centuries of microseconds; saturates beyond"
    )]
    let micros = (at as f64 / resolution * 1e6).round() as i64;
    micros
}

fn usable(resolution: f64) -> bool {
    resolution.is_finite() && (1e-9..=1e12).contains(&resolution)
}

/// `42 sleep Sleep spindle`.
fn definition(line: &str) -> Option<Definition> {
    let (code, rest) = line.split_once(' ')?;
    let (symbol, description) = rest.split_once(' ')?;
    let code = code.parse().ok().filter(|c| (1..SKIP).contains(c))?;
    let whole = !symbol.is_empty() && !description.is_empty();
    (whole && !symbol.contains(char::is_whitespace)).then(|| Definition {
        code,
        symbol: symbol.to_owned(),
        description: description.to_owned(),
    })
}

/// The code of a mark, with the definitions of a file.
pub(super) fn code_for(mark: &Mark) -> Option<u8> {
    code_of(&mark.code).or_else(|| {
        mark.code
            .parse()
            .ok()
            .filter(|c| (1..SKIP).contains(c) && symbol_of(*c).is_none())
    })
}

#[derive(Default)]
struct Writer {
    bytes: Vec<u8>,
    time: i64,
    channel: u8,
    number: i8,
}

impl Writer {
    fn word(&mut self, code: u8, low: u16) {
        self.bytes.extend((u16::from(code) << 10 | low).to_le_bytes());
    }

    fn put(&mut self, a: &Annotation) -> Result<(), RecordingError> {
        let wrong = |problem: &str| RecordingError::new(format!("annotation of code {} at {}", a.code, a.at), problem);
        if !(1..SKIP).contains(&a.code) {
            return Err(wrong("codes are 1 to 58"));
        }
        if a.text.len() > TEXT_MAX || a.text.contains('\0') {
            return Err(wrong("a text has at most 255 bytes and no zero byte"));
        }
        if a.at.abs_diff(self.time) > STEP_MAX {
            return Err(wrong(
                "it is farther from the annotation before than the format can say",
            ));
        }
        let mut step = a.at - self.time;
        while !(0..=0x3ff).contains(&step) {
            let skip = i32::try_from(step).unwrap_or(if step > 0 { i32::MAX } else { i32::MIN });
            let [a, b, c, d] = skip.to_le_bytes();
            self.word(SKIP, 0);
            self.bytes.extend([c, d, a, b]);
            step -= i64::from(skip);
        }
        self.word(a.code, u16::try_from(step).unwrap_or_default());
        self.time = a.at;
        if a.subtype != 0 {
            self.word(SUBTYPE, u16::from(a.subtype.cast_unsigned()));
        }
        if a.channel != self.channel {
            self.channel = a.channel;
            self.word(CHANNEL, u16::from(a.channel));
        }
        if a.number != self.number {
            self.number = a.number;
            self.word(NUMBER, u16::from(a.number.cast_unsigned()));
        }
        if !a.text.is_empty() {
            self.word(TEXT, u16::try_from(a.text.len()).unwrap_or_default());
            self.bytes.extend(a.text.as_bytes());
            self.bytes.extend((!a.text.len().is_multiple_of(2)).then_some(0));
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "annotation_tests.rs"]
mod tests;
