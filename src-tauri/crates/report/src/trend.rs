//! Numbers over hours: the least, the median and the greatest of each, with limits and alerts.

use model::{Priority, ReceiptTime};

use crate::axis::{self, Scale};
use crate::figures::float;
use crate::heading::{BODY_TOP, Heading, MARGIN, body_bottom};
use crate::output::{Pages, ReportError};
use crate::sheet::{Ink, Sheet, Style};

/// Left of the plot: the name of the number and its scale.
const LEFT: f64 = 25.0;
/// Right of it: what the numbers come to.
const RIGHT: f64 = 27.0;
/// Between two panels; alerts stand in it.
const APART: f64 = 6.0;
const PANEL_MIN: f64 = 19.0;
const PANEL_MAX: f64 = 40.0;
/// Where the words on how to read it stand.
const CAPTION: f64 = 6.5;
/// Under the last panel of a page: times.
const TIMES: f64 = 9.0;

/// Values of a part of the span.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bin {
    /// When it begins.
    pub from: ReceiptTime,
    /// When it ends.
    pub until: ReceiptTime,
    /// The least value.
    pub low: f64,
    /// The middle one.
    pub median: f64,
    /// The greatest.
    pub high: f64,
}

/// Limits that held for a while.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LimitsSpan {
    /// From then on.
    pub from: ReceiptTime,
    /// Until then.
    pub until: ReceiptTime,
    /// The low limit.
    pub low: Option<f64>,
    /// The high limit.
    pub high: Option<f64>,
}

/// An alert while it lasted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AlertSpan {
    /// Raised then.
    pub from: ReceiptTime,
    /// Over then, or the end of the span.
    pub until: ReceiptTime,
    /// How urgent.
    pub priority: Priority,
}

/// One number over the span.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// What a person reads.
    pub label: String,
    /// In order of time. Measured now and then: a bin a measurement.
    pub bins: Vec<Bin>,
    /// Measured now and then (a cuff): drawn as points.
    pub intermittent: bool,
    /// Limits that were in force; none where the journal knows of none.
    pub limits: Vec<LimitsSpan>,
    /// Least, median and greatest of all values, and the share of them beyond the limits in force.
    pub summary: Option<Summary>,
}

/// What all values come to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// The least.
    pub low: f64,
    /// The middle one.
    pub median: f64,
    /// The greatest.
    pub high: f64,
    /// Beyond the limits in force, 0 to 1; `None` where no limits are known.
    pub beyond: Option<f64>,
}

/// Numbers of one kind on one scale.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// What a person reads: `HR`, `NIBP`.
    pub label: String,
    /// Its unit.
    pub unit: String,
    /// Decimals of its values.
    pub decimals: usize,
    /// One, or systolic, mean and diastolic.
    pub series: Vec<Series>,
    /// Alerts about it.
    pub alerts: Vec<AlertSpan>,
}

/// Numbers of a long span.
#[derive(Clone, Debug)]
pub struct Trend {
    /// Whose.
    pub heading: Heading,
    /// How long a bin is, in seconds.
    pub bin_s: f64,
    /// One under the other.
    pub panels: Vec<Panel>,
}

impl Trend {
    /// Lays it out. Errors where there is no number.
    pub fn pages(&self) -> Result<Pages, ReportError> {
        if self.panels.is_empty() {
            return Err(ReportError::Nothing(
                "no number was recorded in this span; `wardlight beds` lists what there is".to_owned(),
            ));
        }
        let bottom = body_bottom(&Sheet::portrait()) - TIMES;
        let room = bottom - BODY_TOP - CAPTION;
        let count = self.panels.len();
        let fit = fits(room);
        let pages = count.div_ceil(fit);
        let per_page = count.div_ceil(pages);
        let height = (room / float(per_page) - APART).clamp(PANEL_MIN, PANEL_MAX);
        let title = format!("Trend, {}", crate::heading::spell(self.heading.length()));
        let mut sheets = Vec::new();
        for panels in self.panels.chunks(per_page) {
            let mut sheet = Sheet::portrait();
            self.heading.draw(&mut sheet, &title);
            self.caption(&mut sheet);
            let mut top = BODY_TOP + CAPTION;
            for panel in panels {
                self.panel(&mut sheet, (top + APART, top + APART + height), panel);
                top += APART + height;
            }
            self.times(&mut sheet, top);
            sheets.push(sheet);
        }
        Ok(self.heading.bind(&title, sheets))
    }

    fn x(&self) -> Scale {
        let paper = Sheet::portrait().width;
        Scale::new((0.0, self.heading.length()), (MARGIN + LEFT, paper - MARGIN - RIGHT))
    }

    fn caption(&self, sheet: &mut Sheet) {
        let y = BODY_TOP + 1.2;
        let mut x = MARGIN;
        let style = Style::new(7.0);
        let say = |sheet: &mut Sheet, x: &mut f64, text: &str| {
            sheet.words((*x, y), style, text);
            *x += style.width(text) + 5.0;
        };
        sheet.block((x, x + 6.0), (y - 2.2, y + 0.4), Ink::BAND);
        sheet.across((x, x + 6.0), y - 0.9, 0.4, Ink::SERIES);
        x += 7.5;
        let bin = crate::heading::spell(self.bin_s);
        say(sheet, &mut x, &format!("median, and least to greatest of {bin}"));
        sheet.dashes(&[(x, y - 0.9), (x + 6.0, y - 0.9)], 1.0, 0.3, Ink::LIMIT);
        x += 7.5;
        say(sheet, &mut x, "limits in force");
        for (priority, word) in [
            (Priority::High, "*** high"),
            (Priority::Medium, "** medium"),
            (Priority::Low, "* low alert"),
        ] {
            bar(sheet, (x, x + 5.0), y + 0.2, priority);
            x += 6.5;
            say(sheet, &mut x, word);
        }
    }

    fn panel(&self, sheet: &mut Sheet, (top, bottom): (f64, f64), panel: &Panel) {
        let x = self.x();
        let (left, right) = (x.at(0.0), x.end());
        let Some((low, high)) = reach(panel) else { return };
        let ((from, until), ticks) = axis::range(low, high, ((bottom - top) / 7.0).floor());
        let y = Scale::new((from, until), (bottom, top));
        let places = axis::decimals(&ticks);
        for tick in &ticks {
            let at = y.at(*tick);
            sheet.across((left, right), at, 0.12, Ink::FAINT);
            sheet.words(
                (left - 1.4, at + 0.85),
                Style::new(6.5).soft().right(),
                &format!("{tick:.places$}"),
            );
        }
        self.hours(sheet, (top, bottom));
        for series in &panel.series {
            if !series.intermittent {
                self.band(sheet, y, series);
            }
        }
        for series in &panel.series {
            self.limits(sheet, y, series);
        }
        if panel.series.iter().any(|s| s.intermittent) {
            self.measured(sheet, y, panel);
        }
        sheet.frame((left, right), (top, bottom), 0.18, Ink::RULE);
        for alert in &panel.alerts {
            let (from, until) = (self.heading.seconds(alert.from), self.heading.seconds(alert.until));
            // An alert of a few seconds is still seen.
            let (from, until) = (x.within(from), x.within(until));
            bar(
                sheet,
                (from, until.max(from + 0.5).min(right)),
                top - 0.5,
                alert.priority,
            );
        }
        let middle = f64::midpoint(top, bottom);
        let room = LEFT - 11.0;
        sheet.words_within((MARGIN, middle), Style::new(11.0).bold(), room, &panel.label);
        sheet.words_within((MARGIN, middle + 3.4), Style::new(7.0).soft(), room, &panel.unit);
        summary(sheet, (right + 3.0, sheet.width - MARGIN), (top, bottom), panel);
    }

    /// Upright lines at whole hours, or what fits.
    fn hours(&self, sheet: &mut Sheet, y: (f64, f64)) {
        for second in self.marks() {
            let x = self.x().at(second);
            sheet.down(x, y, 0.12, Ink::FAINT);
        }
    }

    fn marks(&self) -> Vec<f64> {
        let step = axis::time_step(self.heading.length(), 9.0) * 1_000_000;
        let offset = offset_us(&self.heading);
        let first = (self.heading.from.as_micros() + offset).div_euclid(step) * step - offset;
        (0..400)
            .map(|n| self.heading.seconds(ReceiptTime::from_micros(first + n * step)))
            .skip_while(|s| *s < -1e-6)
            .take_while(|s| *s <= self.heading.length() + 1e-6)
            .collect()
    }

    fn times(&self, sheet: &mut Sheet, y: f64) {
        let mut day = String::new();
        for second in self.marks() {
            let x = self.x().at(second);
            let at = self
                .heading
                .from
                .plus(std::time::Duration::from_secs_f64(second.max(0.0)));
            sheet.down(x, (y, y + 1.0), 0.18, Ink::RULE);
            sheet.words(
                (x, y + 4.0),
                Style::new(7.0).middle(),
                &self.heading.format(at, "%H:%M"),
            );
            let date = self.heading.format(at, "%Y-%m-%d");
            if date != day {
                sheet.words((x, y + 7.2), Style::new(6.5).soft().middle(), &date);
                day = date;
            }
        }
    }

    fn band(&self, sheet: &mut Sheet, y: Scale, series: &Series) {
        let x = self.x();
        for run in runs(&series.bins) {
            let ends = |b: &Bin| {
                let (from, until) = (self.heading.seconds(b.from), self.heading.seconds(b.until));
                (x.within(from), x.within(until))
            };
            let mut upper = Vec::new();
            let mut lower = Vec::new();
            let mut middle = Vec::new();
            for bin in run {
                let (from, until) = ends(bin);
                // Never thinner than a line: one value is a band too.
                let (high, low) = (y.within(bin.high) - 0.12, y.within(bin.low) + 0.12);
                upper.extend([(from, high), (until, high)]);
                lower.extend([(from, low), (until, low)]);
                middle.extend([(from, y.within(bin.median)), (until, y.within(bin.median))]);
            }
            upper.extend(lower.into_iter().rev());
            sheet.area(upper, Ink::BAND);
            sheet.line(middle, 0.3, Ink::SERIES);
        }
    }

    fn limits(&self, sheet: &mut Sheet, y: Scale, series: &Series) {
        let x = self.x();
        for side in [|l: &LimitsSpan| l.low, |l: &LimitsSpan| l.high] {
            let mut last: Option<(f64, f64)> = None;
            for span in &series.limits {
                // One that is far beyond all values is not drawn at the frame, where it would be another limit.
                let Some(value) = side(span).filter(|value| y.holds(*value)) else {
                    last = None;
                    continue;
                };
                let (from, until) = (self.heading.seconds(span.from), self.heading.seconds(span.until));
                let (from, until, at) = (x.within(from), x.within(until), y.within(value));
                if let Some((end, before)) =
                    last.filter(|(end, before)| (end - from).abs() < 0.01 && (before - at).abs() > 0.01)
                {
                    sheet.down(end, (before, at), 0.25, Ink::LIMIT);
                }
                sheet.dashes(&[(from, at), (until, at)], 1.0, 0.25, Ink::LIMIT);
                last = Some((until, at));
            }
        }
    }

    /// Points of a cuff: systolic and diastolic joined, the mean as a dot.
    fn measured(&self, sheet: &mut Sheet, y: Scale, panel: &Panel) {
        let x = self.x();
        let points = |series: &Series| -> Vec<(f64, f64)> {
            let point = |b: &Bin| (x.within(self.heading.seconds(b.from)), y.within(b.median));
            series.bins.iter().map(point).collect()
        };
        let all: Vec<Vec<(f64, f64)>> = panel.series.iter().map(points).collect();
        for at in all.iter().flatten() {
            let same = all.iter().flatten().filter(|p| (p.0 - at.0).abs() < 0.02);
            let (top, bottom) = same.fold((at.1, at.1), |(t, b), p| (t.min(p.1), b.max(p.1)));
            if (at.1 - top).abs() < 1e-9 && bottom - top > 0.3 {
                sheet.down(at.0, (top, bottom), 0.3, Ink::SERIES);
                sheet.across((at.0 - 0.8, at.0 + 0.8), top, 0.3, Ink::SERIES);
                sheet.across((at.0 - 0.8, at.0 + 0.8), bottom, 0.3, Ink::SERIES);
            }
        }
        for (series, points) in panel.series.iter().zip(&all) {
            if panel.series.len() == 1 || series.label.contains("mean") {
                for at in points {
                    sheet.disc(*at, 0.55, Ink::SERIES);
                }
            }
        }
    }
}

/// How far the zone is from UTC, so that marks stand at whole hours of the clock on the wall.
pub(crate) fn offset_us(heading: &Heading) -> i64 {
    let at = jiff::Timestamp::from_microsecond(heading.from.as_micros()).unwrap_or_default();
    i64::from(heading.print.zone.to_offset(at).seconds()) * 1_000_000
}

/// The figures beside a panel.
fn summary(sheet: &mut Sheet, (left, right): (f64, f64), (top, bottom): (f64, f64), panel: &Panel) {
    let places = panel.decimals;
    let count = panel.series.iter().filter(|s| s.summary.is_some()).count();
    let lines = if count > 1 { 1.0 } else { 3.0 };
    let mut y = f64::midpoint(top, bottom) - float(count) * lines * 1.6 + 2.2;
    for series in &panel.series {
        let Some(all) = series.summary else { continue };
        let range = format!("{:.places$}–{:.places$}", all.low, all.high);
        if count > 1 {
            let name = series.label.strip_prefix(&panel.label).unwrap_or(&series.label).trim();
            sheet.words((left, y), Style::new(6.5).soft(), name);
            sheet.words(
                (left + 7.5, y),
                Style::new(7.5).bold(),
                &format!("{:.places$}", all.median),
            );
            sheet.words((right, y), Style::new(6.5).right(), &range);
            y += 3.6;
            continue;
        }
        sheet.words((left, y), Style::new(6.5).soft(), "median");
        sheet.words(
            (right, y),
            Style::new(9.0).bold().right(),
            &format!("{:.places$}", all.median),
        );
        sheet.words((left, y + 3.6), Style::new(6.5).soft(), "range");
        sheet.words((right, y + 3.6), Style::new(7.5).right(), &range);
        if let Some(beyond) = all.beyond {
            let share = format!("{:.1} %", beyond * 100.0);
            sheet.words((left, y + 7.2), Style::new(6.5).soft(), "out of limits");
            sheet.words((right, y + 7.2), Style::new(7.5).right(), &share);
        }
        y += 3.6 * lines;
    }
}

/// The bar of an alert, standing on `y`: the more urgent, the taller, so that a copy in black and white says it too.
pub(crate) fn bar(sheet: &mut Sheet, x: (f64, f64), y: f64, priority: Priority) {
    let (height, ink) = match priority {
        Priority::High => (2.7, Ink::HIGH),
        Priority::Medium => (1.8, Ink::MEDIUM),
        Priority::Low => (0.9, Ink::LOW),
    };
    sheet.block(x, (y - height, y), ink);
    sheet.frame(x, (y - height, y), 0.1, Ink::BLACK);
}

/// Bins that follow each other.
fn runs(bins: &[Bin]) -> impl Iterator<Item = &[Bin]> {
    bins.chunk_by(|a, b| a.until == b.from)
}

/// What the scale of a panel must hold: all values, and limits that are not far beyond them.
fn reach(panel: &Panel) -> Option<(f64, f64)> {
    let bins = || panel.series.iter().flat_map(|s| &s.bins);
    let low = bins().map(|b| b.low).reduce(f64::min)?;
    let high = bins().map(|b| b.high).reduce(f64::max)?;
    let air = (high - low).max(high.abs() * 0.05).max(1.0);
    let limits = panel.series.iter().flat_map(|s| &s.limits);
    let near = limits
        .flat_map(|l| [l.low, l.high])
        .flatten()
        .filter(|l| *l > low - air && *l < high + air);
    // A limit on the edge of the panel would be lost in its frame.
    let edge = air * 0.03;
    let (low, high) = near.fold((low, high), |(low, high), l| (low.min(l - edge), high.max(l + edge)));
    Some((low, high))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a page holds some ten panels"
)]
fn fits(room: f64) -> usize {
    ((room / (PANEL_MIN + APART)).floor().max(1.0)) as usize
}
