//! The summary of a whole stay: who, how long, what was recorded, what was alerted, changed and noted.

use model::{Person, ReceiptTime};

use crate::alerts;
use crate::axis::{self, Scale};
use crate::heading::{Heading, seconds, spell};
use crate::output::Pages;
use crate::sheet::{Ink, Style};
use crate::table::{Column, Paper, column};
use crate::tally::{Occurrence, Silence};

/// One series and when it was recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// What a person reads.
    pub label: String,
    /// `250 Hz` for a wave, the unit for a number.
    pub kind: String,
    /// Samples or values.
    pub count: u64,
    /// Stretches without a gap, in order of time.
    pub stretches: Vec<(ReceiptTime, ReceiptTime)>,
    /// Measured now and then (a cuff): it has no gaps.
    pub intermittent: bool,
}

/// Something that happened, in words.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// When.
    pub at: ReceiptTime,
    /// What, in a word or two.
    pub what: String,
    /// The rest.
    pub text: String,
    /// Who did it.
    pub by: Option<Person>,
}

/// A whole stay.
#[derive(Clone, Debug)]
pub struct Stay {
    /// Whose.
    pub heading: Heading,
    /// What was recorded.
    pub recorded: Vec<Recorded>,
    /// Limits that were changed.
    pub limits: Vec<Event>,
    /// Notes, assessments and checks.
    pub notes: Vec<Event>,
    /// Devices, connections, faults, what was not taken.
    pub technical: Vec<Event>,
    /// In order of raising.
    pub alerts: Vec<Occurrence>,
    /// What was kept silent.
    pub silences: Vec<Silence>,
}

const EVENTS: [Column; 4] = [
    column("WHEN", 0.135),
    column("WHAT", 0.175),
    column("", 0.53),
    column("BY", 0.16),
];

impl Stay {
    /// Lays it out.
    pub fn pages(&self) -> Pages {
        let title = format!("Stay, {}", spell(self.heading.length()));
        let mut paper = Paper::new(&self.heading, &title);
        alerts::summary(&mut paper, &self.heading, &self.alerts, &self.silences);
        paper.section(
            "Recorded",
            "bars are data; white is a gap; share and gaps of the whole span",
        );
        self.coverage(&mut paper);
        paper.section("Limits", "every change");
        self.events(&mut paper, &self.limits, "No limit was changed.");
        paper.section("Notes and findings", "");
        self.events(&mut paper, &self.notes, "Nothing was noted.");
        alerts::silences(&mut paper, &self.heading, &self.silences);
        paper.section("Devices and faults", "");
        self.events(&mut paper, &self.technical, "Nothing was reported.");
        let sheets = paper.sheets;
        self.heading.bind(&title, sheets)
    }

    fn events(&self, paper: &mut Paper, events: &[Event], none: &str) {
        let row = |event: &Event| {
            let by = event.by.as_ref().map_or("", Person::as_str);
            let at = self.heading.format(event.at, "%m-%d %H:%M:%S");
            vec![at, event.what.clone(), event.text.clone(), by.to_owned()]
        };
        let rows: Vec<_> = events.iter().map(row).collect();
        paper.table(&EVENTS, &rows, none);
    }

    /// A bar a series over the whole span.
    fn coverage(&self, paper: &mut Paper) {
        const LINE: f64 = 4.6;
        let (left, right) = paper.sides();
        let plot = (left + 40.0, right - 52.0);
        let x = Scale::new((0.0, self.heading.length()), plot);
        if self.recorded.is_empty() {
            paper.table(&EVENTS, &[], "Nothing was recorded.");
            return;
        }
        for (index, one) in self.recorded.iter().enumerate() {
            paper.need(LINE + 7.0);
            let y = paper.y;
            let facts = self.facts(one);
            paper.draw(|sheet| {
                if index % 2 == 1 {
                    sheet.block((left, right), (y, y + LINE), Ink::WASH);
                }
                sheet.words_within((left, y + 3.3), Style::new(7.5).bold(), 21.0, &one.label);
                sheet.words_within((left + 22.0, y + 3.3), Style::new(6.5).soft(), 17.0, &one.kind);
                let seconds = |t| self.heading.seconds(t);
                for (from, until) in &one.stretches {
                    let (from, until) = (x.within(seconds(*from)), x.within(seconds(*until)));
                    let until = until.max(from + 0.2).min(plot.1 + 0.2);
                    sheet.block((from, until), (y + 1.0, y + LINE - 1.0), Ink::SERIES);
                }
                sheet.down(plot.0, (y, y + LINE), 0.12, Ink::RULE);
                sheet.down(plot.1, (y, y + LINE), 0.12, Ink::RULE);
                sheet.words((plot.1 + 13.0, y + 3.3), Style::new(7.0).right(), &facts.0);
                sheet.words_within((plot.1 + 15.0, y + 3.3), Style::new(6.5).soft(), 37.0, &facts.1);
            });
            paper.y += LINE;
        }
        let y = paper.y;
        let heading = &self.heading;
        paper.draw(|sheet| {
            sheet.across(plot, y, 0.18, Ink::RULE);
            let step = axis::time_step(heading.length(), 6.0);
            let step = i32::try_from(step).map_or(f64::MAX, f64::from);
            let mut at = 0.0;
            while at <= heading.length() + 1e-6 {
                let time = heading.from.plus(std::time::Duration::from_secs_f64(at));
                sheet.down(x.at(at), (y, y + 1.0), 0.18, Ink::RULE);
                let words = if heading.length() > 86_400.0 {
                    heading.short(time)
                } else {
                    heading.format(time, "%H:%M")
                };
                sheet.words((x.at(at), y + 4.0), Style::new(6.5).middle(), &words);
                at += step;
            }
        });
        paper.y += 8.0;
    }

    /// The share recorded, and the gaps.
    fn facts(&self, one: &Recorded) -> (String, String) {
        let count = grouped(one.count);
        if one.intermittent {
            return (count, "measurements".to_owned());
        }
        let sum: f64 = one.stretches.iter().map(|(from, until)| seconds(*from, *until)).sum();
        let share = format!("{:.1} %", (sum / self.heading.length() * 100.0).min(100.0));
        let gaps = one.stretches.windows(2).filter_map(|pair| match pair {
            [(_, end), (start, _)] => Some(seconds(*end, *start)),
            _ => None,
        });
        let (number, longest) = gaps.fold((0, 0.0_f64), |(n, longest), gap| (n + 1, longest.max(gap)));
        let gaps = match number {
            0 => "in one piece".to_owned(),
            1 => format!("1 gap of {}", spell(longest)),
            _ => format!("{number} gaps, longest {}", spell(longest)),
        };
        (share, gaps)
    }
}

/// A number with a comma each three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
