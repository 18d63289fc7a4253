//! Small figures about alerts: figures in words, bars an hour, bars a cause, how soon they were answered.

use model::Priority;

use crate::axis::{self, Scale};
use crate::heading::{Heading, spell};
use crate::sheet::{Ink, Sheet, Style};
use crate::tally::{Occurrence, Tally, causes, covered_s};
use crate::{Silence, trend};

/// Bottom to top of a bar.
const PRIORITIES: [Priority; 3] = [Priority::High, Priority::Medium, Priority::Low];

/// A box on the sheet: left and right, top and bottom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Area {
    pub x: (f64, f64),
    pub y: (f64, f64),
}

const fn colour(priority: Priority) -> Ink {
    match priority {
        Priority::High => Ink::HIGH,
        Priority::Medium => Ink::MEDIUM,
        Priority::Low => Ink::LOW,
    }
}

/// The figures that a meeting asks for first, in one row 15 mm high.
pub(crate) fn key_figures(
    sheet: &mut Sheet,
    area: Area,
    heading: &Heading,
    (alerts, silences): (&[Occurrence], &[Silence]),
) {
    let tally = Tally::of(alerts);
    let hours = heading.length() / 3_600.0;
    let time = |seconds: Option<f64>| seconds.map_or_else(|| "–".to_owned(), spell);
    let (from, until) = (heading.from, heading.until);
    let silent = covered_s(silences.iter(), from, until);
    let paused = covered_s(silences.iter().filter(|s| s.is_pause), from, until);
    let answered = tally.responses.len();
    let figures = [
        (
            "ALERTS",
            tally.all.to_string(),
            format!("{:.1} an hour, {} technical", float(tally.all) / hours, tally.technical),
        ),
        (
            "HIGH · MEDIUM · LOW",
            format!("{} · {} · {}", tally.high, tally.medium, tally.low),
            format!("{} passed on", tally.passed_on),
        ),
        (
            "MEDIAN RESPONSE",
            time(tally.response(50)),
            format!("of {answered} answered"),
        ),
        (
            "90 % ANSWERED WITHIN",
            time(tally.response(90)),
            "of those answered".to_owned(),
        ),
        (
            "UNANSWERED",
            tally.unanswered.to_string(),
            format!("and over; {} still there", tally.open),
        ),
        ("SILENT", spell(silent), format!("of it paused {}", spell(paused))),
    ];
    let width = (area.x.1 - area.x.0) / 6.0;
    let mut x = area.x.0;
    for (name, value, note) in figures {
        let room = width - 2.0;
        sheet.across((x, x + room), area.y.0, 0.3, Ink::BLACK);
        sheet.words_within((x, area.y.0 + 3.2), Style::new(5.6).soft(), room, name);
        sheet.words_within((x, area.y.0 + 9.2), Style::new(14.0).bold(), room, &value);
        sheet.words_within((x, area.y.0 + 12.8), Style::new(6.5).soft(), room, &note);
        x += width;
    }
}

/// Alerts by time of raising, stacked by priority.
pub(crate) fn over_time(sheet: &mut Sheet, area: Area, heading: &Heading, alerts: &[Occurrence]) {
    let length = heading.length();
    let step = axis::time_step(length, 24.0);
    let offset = trend::offset_us(heading);
    let step_us = step * 1_000_000;
    let first = (heading.from.as_micros() + offset).div_euclid(step_us) * step_us - offset;
    let last = heading.until.as_micros().saturating_sub(1).max(first);
    let bins = usize::try_from((last - first) / step_us + 1).unwrap_or(1).min(2_000);
    let mut counts = vec![[0_u32; 3]; bins];
    for alert in alerts {
        let bin = usize::try_from((alert.state.raised_at.as_micros() - first).div_euclid(step_us));
        let place = PRIORITIES.iter().position(|p| *p == alert.priority);
        let count = bin.ok().and_then(|b| counts.get_mut(b)).zip(place);
        if let Some(count) = count.and_then(|(bin, place)| bin.get_mut(place)) {
            *count += 1;
        }
    }
    let most = counts.iter().map(|c| c.iter().sum::<u32>()).max().unwrap_or(0).max(1);
    let ((_, top), ticks) = axis::range(0.0, f64::from(most), 4.0);
    let y = Scale::new((0.0, top), (area.y.1 - 6.0, area.y.0 + 1.0));
    let left = area.x.0 + 8.0;
    for tick in ticks.iter().filter(|t| t.fract() == 0.0) {
        sheet.across((left, area.x.1), y.at(*tick), 0.12, Ink::FAINT);
        sheet.words(
            (left - 1.4, y.at(*tick) + 0.85),
            Style::new(6.5).soft().right(),
            &format!("{tick:.0}"),
        );
    }
    let width = (area.x.1 - left) / float(bins);
    let labelled = (bins / 8).max(1);
    for (index, count) in counts.iter().enumerate() {
        let x = left + float(index) * width;
        let mut sum = 0.0;
        for (priority, count) in PRIORITIES.iter().zip(count) {
            let (from, until) = (y.at(sum), y.at(sum + f64::from(*count)));
            if *count > 0 {
                let sides = (x + width * 0.14, x + width * 0.86);
                sheet.block(sides, (until, from), colour(*priority));
                sheet.frame(sides, (until, from), 0.12, Ink::BLACK);
            }
            sum += f64::from(*count);
        }
        if index % labelled == 0 {
            let at = model::ReceiptTime::from_micros(first + i64::try_from(index).unwrap_or(0) * step_us);
            sheet.down(x, (y.at(0.0), y.at(0.0) + 1.0), 0.18, Ink::RULE);
            let format = if length > 172_800.0 { "%m-%d %H:%M" } else { "%H:%M" };
            sheet.words(
                (x, y.at(0.0) + 4.0),
                Style::new(6.5).middle(),
                &heading.format(at, format),
            );
        }
    }
    sheet.across((left, area.x.1), y.at(0.0), 0.25, Ink::BLACK);
}

/// How long a bin of [`over_time`] is.
pub(crate) fn bin_of(heading: &Heading) -> String {
    let step = axis::time_step(heading.length(), 24.0);
    spell(i32::try_from(step).map_or(f64::MAX, f64::from))
}

/// What the colours mean, ending at the right.
pub(crate) fn key(sheet: &mut Sheet, right: f64, y: f64) {
    let style = Style::new(6.5);
    let mut x = right;
    for (priority, word) in [
        (Priority::Low, "* low"),
        (Priority::Medium, "** medium"),
        (Priority::High, "*** high"),
    ] {
        sheet.words((x, y), style.right(), word);
        x -= style.width(word) + 1.0;
        sheet.block((x - 3.0, x), (y - 2.0, y), colour(priority));
        sheet.frame((x - 3.0, x), (y - 2.0, y), 0.12, Ink::BLACK);
        x -= 7.0;
    }
}

/// The most frequent causes.
pub(crate) fn top_causes(sheet: &mut Sheet, area: Area, alerts: &[Occurrence]) {
    const LINE: f64 = 5.0;
    let all = causes(alerts);
    let most = all.first().map_or(1, |(_, a)| a.len());
    let left = area.x.0 + 36.0;
    let x = Scale::new((0.0, float(most)), (left, area.x.1 - 16.0));
    let mut y = area.y.0;
    for (name, of_it) in all {
        if y + LINE > area.y.1 {
            break;
        }
        sheet.words_within((area.x.0, y + 3.4), Style::new(7.5), 34.5, &name);
        let mut sum = 0;
        for priority in PRIORITIES {
            let count = of_it.iter().filter(|a| a.priority == priority).count();
            if count > 0 {
                let sides = (x.at(float(sum)), x.at(float(sum + count)));
                sheet.block(sides, (y + 0.8, y + 4.2), colour(priority));
                sheet.frame(sides, (y + 0.8, y + 4.2), 0.12, Ink::BLACK);
            }
            sum += count;
        }
        let share = float(of_it.len()) / float(alerts.len()) * 100.0;
        let words = format!("{} ({share:.0} %)", of_it.len());
        sheet.words((x.at(float(sum)) + 1.2, y + 3.4), Style::new(7.0), &words);
        y += LINE;
    }
    sheet.down(left, (area.y.0, y), 0.25, Ink::BLACK);
}

/// The share of all alerts that a person had answered after so many seconds.
pub(crate) fn answered_within(sheet: &mut Sheet, area: Area, alerts: &[Occurrence]) {
    let tally = Tally::of(alerts);
    let (left, bottom) = (area.x.0 + 10.0, area.y.1 - 6.0);
    let longest = tally.responses.last().copied().unwrap_or(60.0).max(1.0);
    let step = axis::time_step(longest, 4.0);
    let step = i32::try_from(step).map_or(60.0, f64::from);
    let end = (longest / step).ceil() * step;
    let x = Scale::new((0.0, end), (left, area.x.1));
    let y = Scale::new((0.0, 100.0), (bottom, area.y.0 + 1.0));
    for tick in [0.0, 50.0, 100.0] {
        sheet.across((left, area.x.1), y.at(tick), 0.12, Ink::FAINT);
        let words = format!("{tick:.0} %");
        sheet.words((left - 1.2, y.at(tick) + 0.85), Style::new(6.5).soft().right(), &words);
    }
    let mut at = 0.0;
    while at <= end + 0.5 {
        sheet.down(x.at(at), (bottom, bottom + 1.0), 0.18, Ink::RULE);
        let style = if at + step > end + 0.5 {
            Style::new(6.5).right()
        } else {
            Style::new(6.5).middle()
        };
        sheet.words((x.at(at), bottom + 4.0), style, &spell(at));
        at += step;
    }
    let mut steps = vec![(left, bottom)];
    for (index, seconds) in tally.responses.iter().enumerate() {
        let before = steps.last().map_or(bottom, |p| p.1);
        let after = y.at(float(index + 1) / float(tally.all.max(1)) * 100.0);
        steps.extend([(x.at(*seconds), before), (x.at(*seconds), after)]);
    }
    let last = steps.last().map_or(bottom, |p| p.1);
    steps.push((area.x.1, last));
    sheet.line(steps, 0.4, Ink::SERIES);
    sheet.across((left, area.x.1), bottom, 0.25, Ink::BLACK);
}

pub(crate) fn float(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}
