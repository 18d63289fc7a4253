//! The header as text.

use super::grid::Lane;
use super::plan::Plan;
use super::{MISSING_WORD, MONTHS};
use crate::civil::Civil;
use crate::recording::Head;

/// The header of a file with these channels and one signal of annotations.
pub(super) fn header(
    head: &Head,
    format: &str,
    plan: &Plan,
    lanes: &[Lane],
    annotation_bytes: usize,
    records: u64,
) -> Vec<u8> {
    let civil = head.start_us.map(Civil::of_micros);
    let (date, day) = dates(civil);
    let time = civil.map_or_else(
        || "00.00.00".to_owned(),
        |c| format!("{:02}.{:02}.{:02}", c.hour, c.minute, c.second),
    );
    let subject = plus_word(&head.subject);
    let mut out = Text::default();
    out.field("0", 8);
    out.field(&format!("X X X {subject}"), 80);
    out.field(&format!("Startdate {day} X X Wardlight"), 80);
    out.field(&date, 8);
    out.field(&time, 8);
    out.field(&(256 * (lanes.len() + 2)).to_string(), 8);
    out.field(format, 44);
    out.field(&records.to_string(), 8);
    out.field(&plan.printed, 8);
    out.field(&(lanes.len() + 1).to_string(), 4);
    out.column(lanes, 16, "EDF Annotations", |lane| ascii(&lane.label));
    out.column(lanes, 80, "", |_| String::new());
    out.column(lanes, 8, "", |lane| lane.fit.unit.clone());
    out.column(lanes, 8, "-1", |lane| lane.fit.physical[0].clone());
    out.column(lanes, 8, "1", |lane| lane.fit.physical[1].clone());
    out.column(lanes, 8, "-32768", |lane| lane.fit.digital[0].to_string());
    out.column(lanes, 8, "32767", |lane| lane.fit.digital[1].to_string());
    out.column(lanes, 80, "", |_| String::new());
    let mut samples = plan.samples.iter();
    out.column(lanes, 8, &(annotation_bytes / 2).to_string(), |_| {
        samples.next().copied().unwrap_or_default().to_string()
    });
    out.column(lanes, 32, "", |lane| {
        if lane.has_missing() {
            format!("{MISSING_WORD} {}", lane.fit.missing())
        } else {
            String::new()
        }
    });
    out.bytes
}

#[derive(Default)]
struct Text {
    bytes: Vec<u8>,
}

impl Text {
    /// A field of fixed width: cut, or filled with spaces.
    fn field(&mut self, text: &str, width: usize) {
        let text = ascii(text);
        let cut = text.bytes().chain(std::iter::repeat(b' ')).take(width);
        self.bytes.extend(cut);
    }

    /// A field of all signals, the annotations last.
    fn column(&mut self, lanes: &[Lane], width: usize, last: &str, mut of: impl FnMut(&Lane) -> String) {
        for lane in lanes {
            let text = of(lane);
            self.field(&text, width);
        }
        self.field(last, width);
    }
}

/// The two places for a date. The short one can say 1985 to 2084. For other years the specification has it say `yy`;
/// readers in use refuse that, and take the last two digits when the long one agrees with them.
fn dates(civil: Option<Civil>) -> (String, String) {
    let Some(civil) = civil else {
        return ("01.01.85".to_owned(), "X".to_owned());
    };
    let month = MONTHS
        .get(usize::from(civil.month).saturating_sub(1))
        .copied()
        .unwrap_or("JAN");
    (
        format!("{:02}.{:02}.{:02}", civil.day, civil.month, civil.year % 100),
        format!("{:02}-{month}-{:04}", civil.day, civil.year),
    )
}

/// A name as EDF+ wants it: no spaces, and X where there is none.
fn plus_word(text: &str) -> String {
    let word = ascii(text).trim().replace(' ', "_");
    if word.is_empty() { "X".to_owned() } else { word }
}

/// What a header may hold: printable ASCII. Units keep their meaning, other characters become `_`.
pub(super) fn ascii(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ' '..='~' => plain.push(c),
            'µ' | 'μ' => plain.push('u'),
            '°' => plain.push_str("deg"),
            'Ω' | '\u{2126}' => plain.push_str("Ohm"),
            '₂' | '²' => plain.push('2'),
            'ä' => plain.push_str("ae"),
            'ö' => plain.push_str("oe"),
            'ü' => plain.push_str("ue"),
            'ß' => plain.push_str("ss"),
            'é' | 'è' | 'ê' => plain.push('e'),
            _ => plain.push('_'),
        }
    }
    plain
}
