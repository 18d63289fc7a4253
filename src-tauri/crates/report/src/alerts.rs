//! The summary of alerts: what there was, how soon it was answered, what was silent.

use model::Person;

use crate::figures::{self, Area};
use crate::heading::{Heading, spell};
use crate::output::Pages;
use crate::strip::stars;
use crate::table::{Column, Paper, column, number};
use crate::tally::{Occurrence, Silence, cause, crossing};

/// Alerts of a span.
#[derive(Clone, Debug)]
pub struct Alerts {
    /// Whose.
    pub heading: Heading,
    /// In order of raising.
    pub alerts: Vec<Occurrence>,
    /// What was kept silent.
    pub silences: Vec<Silence>,
}

impl Alerts {
    /// Lays it out. A span without alerts is a page that says so.
    pub fn pages(&self) -> Pages {
        let title = "Alert summary";
        let mut paper = Paper::new(&self.heading, title);
        summary(&mut paper, &self.heading, &self.alerts, &self.silences);
        let note = "in order of raising; response is the time from raising to the first answer of a person";
        paper.section("Every alert", note);
        let rows: Vec<_> = self.alerts.iter().map(|alert| self.row(alert)).collect();
        paper.table(&ALERTS, &rows, "No alert was raised in this span.");
        silences(&mut paper, &self.heading, &self.silences);
        let sheets = paper.sheets;
        self.heading.bind(title, sheets)
    }

    fn row(&self, alert: &Occurrence) -> Vec<String> {
        let state = &alert.state;
        let person = alert.answer.as_ref().and_then(|a| a.by.as_ref()).map(Person::as_str);
        let answer = match (&alert.answer, person) {
            (Some(answer), Some(person)) => format!("{} {person}", answer.how),
            (Some(answer), None) => answer.how.to_owned(),
            (None, _) if alert.cleared_at.is_none() => "none yet".to_owned(),
            (None, _) => "unanswered".to_owned(),
        };
        let time = |seconds: Option<f64>, none: &str| seconds.map_or_else(|| none.to_owned(), spell);
        let times = if state.occurrence > 1 {
            format!(" ({}. time)", state.occurrence)
        } else {
            String::new()
        };
        vec![
            self.heading.format(state.raised_at, "%m-%d %H:%M:%S"),
            stars(alert.priority).to_owned(),
            format!("{}{times}", cause(state)),
            crossing(state),
            time(alert.lasted_s(), "lasts"),
            time(alert.response_s(), "–"),
            answer,
            if state.rung == model::Rung::First {
                String::new()
            } else {
                state.rung.as_str().to_owned()
            },
        ]
    }
}

const ALERTS: [Column; 8] = [
    column("RAISED", 0.135),
    column("PRIORITY", 0.07),
    column("CAUSE", 0.19),
    column("WORST, LIMIT", 0.115),
    number("LASTED", 0.105),
    number("RESPONSE", 0.105),
    column("ANSWER", 0.205),
    column("PASSED TO", 0.075),
];

const SILENCES: [Column; 6] = [
    column("FROM", 0.135),
    number("LASTED", 0.11),
    column("WHAT", 0.2),
    column("HOW", 0.13),
    column("BY", 0.155),
    column("REASON", 0.27),
];

/// The figures, for the summary of alerts and for that of a stay.
pub(crate) fn summary(paper: &mut Paper, heading: &Heading, alerts: &[Occurrence], silences: &[Silence]) {
    let x = paper.sides();
    paper.need(20.0);
    let top = paper.y;
    let area = |from: f64, until: f64| Area { x, y: (from, until) };
    paper.draw(|sheet| figures::key_figures(sheet, area(top, top + 14.0), heading, (alerts, silences)));
    paper.y += 16.0;
    if alerts.is_empty() {
        return;
    }
    paper.section(
        "Alerts over time",
        &format!("raised in each {}", figures::bin_of(heading)),
    );
    paper.need(44.0);
    let top = paper.y;
    paper.draw(|sheet| {
        figures::key(sheet, x.1, top - 3.0);
        figures::over_time(sheet, area(top, top + 42.0), heading, alerts);
    });
    paper.y += 43.0;
    paper.need(58.0);
    let split = x.0 + 108.0;
    paper.section("Causes", "the most frequent, with their share");
    let top = paper.y;
    paper.draw(|sheet| {
        let (causes, answers) = ((x.0, split - 4.0), (split + 4.0, x.1));
        let y = (top, top + 46.0);
        figures::top_causes(sheet, Area { x: causes, y }, alerts);
        sheet.words(
            (answers.0, top - 3.0),
            crate::sheet::Style::new(10.0).bold(),
            "Answered within",
        );
        let after = answers.0 + 32.0;
        let style = crate::sheet::Style::new(7.0).soft();
        sheet.words_within((after, top - 3.0), style, x.1 - after, "share of all alerts");
        figures::answered_within(sheet, Area { x: answers, y }, alerts);
    });
    paper.y += 48.0;
}

/// What was kept silent, and by whom.
pub(crate) fn silences(paper: &mut Paper, heading: &Heading, silences: &[Silence]) {
    paper.section(
        "Silence",
        "directions paused beforehand, and alerts that were acknowledged while they lasted",
    );
    let row = |one: &Silence| {
        vec![
            heading.format(one.from, "%m-%d %H:%M:%S"),
            spell(crate::heading::seconds(one.from, one.until)),
            one.what.clone(),
            if one.is_pause { "paused" } else { "acknowledged" }.to_owned(),
            one.by.as_ref().map_or("–", Person::as_str).to_owned(),
            one.reason.clone().unwrap_or_default(),
        ]
    };
    let rows: Vec<_> = silences.iter().map(row).collect();
    paper.table(&SILENCES, &rows, "Nothing was paused or acknowledged in this span.");
}
