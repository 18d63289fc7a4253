//! What stands on every page: whose data, which span, which software, that it is a supplementary display, which page.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use model::{EncounterId, GenerationMode, Patient, ReceiptTime};

use crate::output::Pages;
use crate::sheet::{Ink, Sheet, Style, fitted, wrapped};

/// Left and right of everything, in millimetres.
pub(crate) const MARGIN: f64 = 12.0;
/// Where the body of a page begins.
pub(crate) const BODY_TOP: f64 = 34.0;
/// How much is kept free for the foot.
const FOOT: f64 = 15.0;

/// Who prints, when, and in whose time.
#[derive(Clone, Debug)]
pub struct Print {
    /// Now.
    pub at: ReceiptTime,
    /// The zone in which times are printed. It is named on the page.
    pub zone: TimeZone,
    /// Version of the program.
    pub version: String,
}

impl Print {
    /// In the zone of this computer.
    pub fn local(at: ReceiptTime, version: &str) -> Self {
        Self {
            at,
            zone: TimeZone::system(),
            version: version.to_owned(),
        }
    }
}

/// Whose data a report shows, and which span.
#[derive(Clone, Debug)]
pub struct Heading {
    /// Name and number; `None` where nobody was admitted or a recording names nobody.
    pub patient: Option<Patient>,
    /// Bed, ward and room, or the name of the file.
    pub place: String,
    /// The stay.
    pub stay: Option<EncounterId>,
    /// From then, inclusive.
    pub from: ReceiptTime,
    /// Until then, exclusive.
    pub until: ReceiptTime,
    /// The least real of everything that is shown: one block of demo data makes a demo page.
    pub mode: GenerationMode,
    /// Who prints.
    pub print: Print,
}

impl Heading {
    /// `2026-03-01 04:00:00`.
    pub(crate) fn time(&self, at: ReceiptTime) -> String {
        self.format(at, "%Y-%m-%d %H:%M:%S")
    }

    /// `03-01 04:00`.
    pub(crate) fn short(&self, at: ReceiptTime) -> String {
        self.format(at, "%m-%d %H:%M")
    }

    pub(crate) fn format(&self, at: ReceiptTime, format: &str) -> String {
        Timestamp::from_microsecond(at.as_micros()).map_or_else(
            |_| at.to_string(),
            |t| {
                t.to_zoned_datetime(self.print.zone.clone())
                    .strftime(format)
                    .to_string()
            },
        )
    }

    /// The zone as it was at `at`: `UTC`, `CET`, `+02`.
    fn zone(&self, at: ReceiptTime) -> String {
        self.format(at, "%Z")
    }

    fn span(&self) -> String {
        let until = if self.format(self.from, "%Y-%m-%d") == self.format(self.until, "%Y-%m-%d") {
            self.format(self.until, "%H:%M:%S")
        } else {
            self.time(self.until)
        };
        // Each end stays in one line.
        let until = format!("{until} {}", self.zone(self.from)).replace(' ', "\u{a0}");
        format!("{}\u{a0}– {until}", self.time(self.from).replace(' ', "\u{a0}"))
    }

    /// Seconds from the beginning of the span to `at`; negative before it.
    pub(crate) fn seconds(&self, at: ReceiptTime) -> f64 {
        seconds(self.from, at)
    }

    /// How long the span is, in seconds; more than nothing.
    pub(crate) fn length(&self) -> f64 {
        self.seconds(self.until).max(1e-6)
    }

    /// The software, as it is named on the page and in the file.
    pub(crate) fn software(&self) -> String {
        format!("Wardlight {}", self.print.version)
    }

    /// The head of a page.
    pub(crate) fn draw(&self, sheet: &mut Sheet, title: &str) {
        let (left, right) = (MARGIN, sheet.width - MARGIN);
        sheet.words((left, 15.5), Style::new(16.0).bold(), title);
        sheet.words((right, 13.0), Style::new(8.5).bold().right(), &self.software());
        sheet.words((right, 16.5), Style::new(7.0).soft().right(), "Supplementary display");
        sheet.across((left, right), 18.6, 0.5, Ink::BLACK);
        let (name, number) = match &self.patient {
            Some(patient) => (patient.name.0.as_str(), patient.id.0.as_str()),
            None => ("Nobody admitted", "–"),
        };
        let stay = self.stay.as_ref().map_or("–", EncounterId::as_str);
        let span = self.span();
        let wide = right - left;
        let columns = [
            ("PATIENT", name, 0.0, 0.26, true),
            ("NUMBER", number, 0.27, 0.15, true),
            ("BED", &self.place, 0.43, 0.17, false),
            ("STAY", stay, 0.61, 0.13, false),
            ("SPAN SHOWN", &span, 0.75, 0.25, false),
        ];
        for (label, value, at, room, bold) in columns {
            let x = left + at * wide;
            sheet.words((x, 22.4), Style::new(5.6).soft(), label);
            let style = if bold { Style::new(9.5).bold() } else { Style::new(9.0) };
            whole(sheet, x, style, room * wide, value);
        }
        sheet.across((left, right), 30.2, 0.15, Ink::RULE);
    }

    /// Puts the foot under every sheet.
    pub(crate) fn bind(&self, title: &str, mut sheets: Vec<Sheet>) -> Pages {
        let count = sheets.len();
        for (index, sheet) in sheets.iter_mut().enumerate() {
            self.close(sheet, index + 1, count);
        }
        // No name in it: a title shows in lists of files and of print jobs.
        Pages {
            title: format!("{title}, {}", self.place),
            printed: self.print.at,
            software: self.software(),
            sheets,
        }
    }

    /// The foot of page `page` of `pages`, and the watermark where data are not of a patient.
    fn close(&self, sheet: &mut Sheet, page: usize, pages: usize) {
        let (left, right) = (MARGIN, sheet.width - MARGIN);
        let base = sheet.height - FOOT;
        sheet.across((left, right), base + 3.2, 0.15, Ink::RULE);
        let style = Style::new(7.0).soft();
        sheet.words(
            (left, base + 6.6),
            style,
            &format!(
                "{} · Supplementary display: it supplements the bedside monitors and does not replace them. Not for diagnosis.",
                self.software()
            ),
        );
        let printed = format!("Printed {} {}", self.time(self.print.at), self.zone(self.print.at));
        sheet.words((left, base + 9.8), style, &printed);
        sheet.words(
            (right, base + 9.8),
            Style::new(7.5).bold().right(),
            &format!("Page {page} of {pages}"),
        );
        let Some(word) = (match self.mode {
            GenerationMode::Real => None,
            GenerationMode::Test => Some("TEST SIGNAL – NOT A PATIENT"),
            GenerationMode::Demo => Some("DEMO DATA – NOT A PATIENT"),
        }) else {
            return;
        };
        let middle = f64::midpoint(left, right);
        sheet.words((middle, base + 9.8), Style::new(8.0).bold().middle(), word);
        // The same words large across the page, in its upper, middle and lower part: no cut-out is without them.
        let (style, word) = fitted(Style::new(44.0).bold().middle().ink(Ink::WATERMARK), right - left, word);
        for part in [0.3, 0.58, 0.86] {
            sheet.words((middle, sheet.height * part), style, &word);
        }
    }
}

/// A value of the head, never cut where a name or number may be that long: in one line, or smaller in two, or in three.
fn whole(sheet: &mut Sheet, x: f64, style: Style, room: f64, text: &str) {
    if style.width(text) <= room {
        sheet.words((x, 26.9), style, text);
        return;
    }
    let sizes: [(f64, usize, f64); 3] = [(7.2, 2, 2.9), (5.4, 3, 2.1), (4.2, 4, 1.6)];
    for (size, most, apart) in sizes {
        let style = Style { size, ..style };
        let lines = wrapped(style, room, text);
        if lines.len() > most && size > 4.3 {
            continue;
        }
        let mut y = 24.0 + size * 0.19;
        for line in lines.iter().take(most) {
            sheet.words((x, y), style, line);
            y += apart;
        }
        return;
    }
}

/// Where the body of a sheet ends.
pub(crate) fn body_bottom(sheet: &Sheet) -> f64 {
    sheet.height - FOOT
}

/// Seconds from one time to another; negative backwards.
#[expect(
    clippy::cast_precision_loss,
    reason = "a microsecond of 285 years is exact in 53 bits"
)]
pub(crate) fn seconds(from: ReceiptTime, to: ReceiptTime) -> f64 {
    to.as_micros().saturating_sub(from.as_micros()) as f64 / 1e6
}

/// A span for people: `8 s`, `3 min 20 s`, `4 h 05 min`, `2 d 3 h`.
pub(crate) fn spell(seconds: f64) -> String {
    let whole = rounded(seconds);
    let (minutes, rest) = (whole / 60, whole % 60);
    match whole {
        0..60 => format!("{whole} s"),
        60..3_600 if rest == 0 => format!("{minutes} min"),
        60..3_600 => format!("{minutes} min {rest:02} s"),
        3_600..172_800 if minutes % 60 == 0 => format!("{} h", minutes / 60),
        3_600..172_800 => format!("{} h {:02} min", minutes / 60, minutes % 60),
        _ if minutes / 60 % 24 == 0 => format!("{} d", minutes / 1_440),
        _ => format!("{} d {} h", minutes / 1_440, minutes / 60 % 24),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not negative here, and the cast saturates"
)]
fn rounded(seconds: f64) -> u64 {
    seconds.round().max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_said_as_people_say_them() {
        let said = [0.4, 59.4, 60.0, 200.0, 3_600.0, 14_700.0, 86_400.0, 183_600.0].map(spell);
        let wanted = [
            "0 s",
            "59 s",
            "1 min",
            "3 min 20 s",
            "1 h",
            "4 h 05 min",
            "24 h",
            "2 d 3 h",
        ];
        assert_eq!(said, wanted.map(str::to_owned));
    }
}
