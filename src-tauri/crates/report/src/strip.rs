//! A strip: waves at true size, 25 mm a second and 10 mm a millivolt, wrapped over rows and pages.

use model::{Priority, ReceiptTime, SampleRate};

use crate::figures::float;
use crate::heading::{BODY_TOP, Heading, MARGIN, body_bottom, seconds};
use crate::lane::{GUTTER, Lane, PAPER_MARGIN};
use crate::output::{Pages, ReportError};
use crate::sheet::{Ink, Sheet, Style};

/// Millimetres a second, for every wave: one axis of time.
pub(crate) const MM_PER_SECOND: f64 = 25.0;
/// Millimetres a millivolt.
pub(crate) const MM_PER_MILLIVOLT: f64 = 10.0;
/// Seconds a row: 250 mm of the 273 between the margins of a lying A4 sheet.
const ROW_SECONDS: f64 = 10.0;
/// A strip of ten minutes is 60 rows, 12 to 30 pages: longer spans are for the trend page.
pub const STRIP_SECONDS_MAX: f64 = 600.0;
/// Where the words on the scale stand.
const CAPTION: f64 = 3.6;
/// Over the lanes of a row: marks of alerts.
const MARKS: f64 = 4.5;
/// Under them: times.
const TIMES: f64 = 5.0;
/// Between two rows.
const APART: f64 = 2.0;

/// Samples of one wave that follow each other without a break.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// When the first was measured.
    pub from: ReceiptTime,
    /// How often.
    pub rate: SampleRate,
    /// In the unit of the wave; `None` where there is no sample.
    pub values: Vec<Option<f32>>,
}

/// One wave.
#[derive(Clone, Debug, PartialEq)]
pub struct Wave {
    /// What a person reads: `II`, `Pleth`.
    pub label: String,
    /// Its unit; empty where its scale is the device's own. `mV` is drawn as an ECG.
    pub unit: String,
    /// In order of time.
    pub pieces: Vec<Piece>,
}

/// Something that happened during a strip.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// When.
    pub at: ReceiptTime,
    /// Of an alert.
    pub priority: Priority,
    /// A few words.
    pub text: String,
}

/// Waves of a short span.
#[derive(Clone, Debug)]
pub struct Strip {
    /// Whose.
    pub heading: Heading,
    /// One under the other.
    pub waves: Vec<Wave>,
    /// Alerts raised during it.
    pub marks: Vec<Mark>,
}

impl Strip {
    /// Lays it out. Errors where there is no wave, or the span is longer than [`STRIP_SECONDS_MAX`].
    pub fn pages(&self) -> Result<Pages, ReportError> {
        let length = self.heading.length();
        if length > STRIP_SECONDS_MAX {
            return Err(ReportError::Nothing(format!(
                "a strip shows at most {STRIP_SECONDS_MAX} s, and {length:.0} s were asked for; give a shorter span, or print the trend"
            )));
        }
        let lanes: Vec<Lane> = self
            .waves
            .iter()
            .filter_map(|wave| Lane::of(wave, self.heading.from, ROW_SECONDS))
            .collect();
        if lanes.is_empty() {
            return Err(ReportError::Nothing(
                "no wave was recorded in this span; `wardlight wave` lists what there is".to_owned(),
            ));
        }
        let title = if lanes.iter().any(Lane::is_ecg) {
            "ECG strip"
        } else {
            "Wave strip"
        };
        let groups = groups(&lanes, room());
        let mut sheets = Vec::new();
        let mut top = f64::INFINITY;
        for row in 0.. {
            let from = float(row) * ROW_SECONDS;
            // A row of less than a millimetre would be nothing but the rounding of an end.
            if from > 0.0 && length - from < 1.0 / MM_PER_SECOND {
                break;
            }
            for group in &groups {
                let height = tall(group);
                if top + height > bottom() {
                    sheets.push(self.sheet(title, &lanes));
                    top = BODY_TOP + CAPTION;
                }
                if let Some(sheet) = sheets.last_mut() {
                    self.row(sheet, top, row, (length - from).min(ROW_SECONDS), group);
                }
                top += height + APART;
            }
        }
        Ok(self.heading.bind(title, sheets))
    }

    fn sheet(&self, title: &str, lanes: &[Lane]) -> Sheet {
        let mut sheet = Sheet::landscape();
        self.heading.draw(&mut sheet, title);
        let scale = if lanes.iter().any(Lane::is_ecg) {
            "25 mm/s · ECG 10 mm/mV · fine grid 1 mm = 0.04 s, 0.1 mV · bold grid 5 mm = 0.2 s, 0.5 mV · pulse = 1 mV for 0.2 s"
        } else {
            "25 mm/s · grid 5 mm = 0.2 s"
        };
        let style = Style::new(7.0);
        sheet.words((MARGIN, 33.9), style.bold(), scale);
        let note = "True size when printed at 100 %";
        let cut: Vec<String> = lanes.iter().filter_map(Lane::cut).collect();
        let note = if cut.is_empty() {
            note.to_owned()
        } else {
            format!("{} · {note}", cut.join(" · "))
        };
        let room = sheet.width - 2.0 * MARGIN - style.bold().width(scale) - 4.0;
        sheet.words_within((sheet.width - MARGIN, 33.9), style.soft().right(), room, &note);
        sheet
    }

    /// Row `row`: all lanes of a group over `length` seconds.
    fn row(&self, sheet: &mut Sheet, top: f64, row: usize, length: f64, group: &[&Lane]) {
        let from = float(row) * ROW_SECONDS;
        let start = MARGIN + GUTTER;
        let mut lane_top = top + MARKS;
        let first = lane_top;
        for lane in group {
            lane.draw(sheet, lane_top, row, (self.heading.from, from, length));
            lane_top += lane.height();
        }
        // Marks of whole seconds, from the row's beginning, and the time of each.
        let mut second = 0.0;
        while second <= length + 1e-6 {
            let x = start + second * MM_PER_SECOND;
            sheet.down(x, (lane_top, lane_top + 1.2), 0.18, Ink::BLACK);
            let at = self.at(from + second);
            let is_full = second < 0.5 || (second - ROW_SECONDS / 2.0).abs() < 0.5;
            let (style, format) = if is_full {
                (
                    Style::new(7.0).bold(),
                    if self.has_millis() { "%H:%M:%S.%3f" } else { "%H:%M:%S" },
                )
            } else {
                (Style::new(6.0).soft(), ":%S")
            };
            // The last one would reach into the margin.
            let style = if second + 0.5 > ROW_SECONDS {
                style.right()
            } else {
                style.middle()
            };
            sheet.words((x, lane_top + 4.0), style, &self.heading.format(at, format));
            second += 1.0;
        }
        self.marks(sheet, (first, lane_top), from, length);
    }

    /// Alerts raised in a row: a line through it, and words above it where there is room.
    fn marks(&self, sheet: &mut Sheet, (top, bottom): (f64, f64), from: f64, length: f64) {
        let start = MARGIN + GUTTER;
        let mut free = start - PAPER_MARGIN;
        for mark in &self.marks {
            let at = seconds(self.heading.from, mark.at) - from;
            if !(0.0..length).contains(&at) {
                continue;
            }
            let x = start + at * MM_PER_SECOND;
            sheet.dashes(&[(x, top), (x, bottom)], 0.8, 0.25, Ink::HIGH);
            let point = top - 0.2;
            sheet.area(
                vec![(x - 0.9, point - 1.6), (x + 0.9, point - 1.6), (x, point)],
                Ink::HIGH,
            );
            let text = format!("{} {}", stars(mark.priority), mark.text);
            let style = Style::new(6.5).bold();
            let right = sheet.width - MARGIN;
            let left = (x + 1.6).min(right - style.width(&text));
            if left >= free {
                sheet.words((left, top - 1.0), style, &text);
                free = left + style.width(&text) + 1.5;
            }
        }
    }

    fn at(&self, second: f64) -> ReceiptTime {
        self.heading
            .from
            .plus(std::time::Duration::from_secs_f64(second.max(0.0)))
    }

    fn has_millis(&self) -> bool {
        self.heading.from.as_micros().rem_euclid(1_000_000) != 0
    }
}

/// The mark of a priority on screen and on paper.
pub(crate) fn stars(priority: Priority) -> &'static str {
    match priority {
        Priority::High => "***",
        Priority::Medium => "**",
        Priority::Low => "*",
    }
}

fn bottom() -> f64 {
    body_bottom(&Sheet::landscape()) + 2.0
}

fn room() -> f64 {
    bottom() - BODY_TOP - CAPTION
}

fn tall(group: &[&Lane]) -> f64 {
    MARKS + group.iter().map(|lane| lane.height()).sum::<f64>() + TIMES
}

/// Lanes that fit on a page together, in their order: twelve leads are two or three groups.
fn groups<'l, 'w>(lanes: &'l [Lane<'w>], room: f64) -> Vec<Vec<&'l Lane<'w>>> {
    let mut groups: Vec<Vec<&Lane<'w>>> = Vec::new();
    for lane in lanes {
        let fits = groups.last().is_some_and(|group| tall(group) + lane.height() <= room);
        match groups.last_mut() {
            Some(group) if fits => group.push(lane),
            _ => groups.push(vec![lane]),
        }
    }
    groups
}
