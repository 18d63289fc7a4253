//! One wave of a strip: its paper, its scale and its trace.

use model::ReceiptTime;

use crate::axis;
use crate::heading::{MARGIN, seconds};
use crate::sheet::{Ink, Sheet, Style};
use crate::strip::{MM_PER_MILLIVOLT, MM_PER_SECOND, Piece, Wave};

/// From the margin to the first sample: name, scale and calibration pulse.
pub(crate) const GUTTER: f64 = 23.0;
/// ECG paper reaches so far to the left of the first sample, under the calibration pulse.
pub(crate) const PAPER_MARGIN: f64 = 10.0;
/// Lanes are whole squares of 5 mm high.
const SQUARE: f64 = 5.0;
const ECG_MIN: f64 = 25.0;
const ECG_MAX: f64 = 45.0;
const OTHER_MIN: f64 = 20.0;
/// A strip has no more.
const ROWS_MAX: usize = 64;
/// What is left free above and below an ordinary beat.
const AIR: f64 = 2.0;
/// Share of samples at either end that an ordinary lane need not hold: spikes of a pacemaker or a moved cable.
const TAIL: f64 = 0.002;
/// Points nearer than this across the page are drawn as their least and greatest: no printer shows more.
const COLUMN: f64 = 0.02;
/// A gap narrower than this is a break in the line; a wider one is hatched as well.
const HATCHED_FROM: f64 = 1.0;

/// A wave with its place on paper worked out.
pub(crate) struct Lane<'w> {
    wave: &'w Wave,
    height: f64,
    /// Value in the middle of the lane, a row. The baseline of an ECG wanders, so each row of it has its own, as on a
    /// recorder; other waves have one.
    middles: Vec<f64>,
    mm_per_unit: f64,
    /// Samples beyond the lane, and all.
    cut: (usize, usize),
}

impl<'w> Lane<'w> {
    /// For rows of `row` seconds from `begin` on. `None` where the wave has no sample.
    pub(crate) fn of(wave: &'w Wave, begin: ReceiptTime, row: f64) -> Option<Self> {
        let mut rows = values(wave, begin, row);
        for row in &mut rows {
            row.sort_by(f64::total_cmp);
        }
        let all = rows.iter().map(Vec::len).sum();
        let ends = |sorted: &Vec<f64>| Some((rank(sorted, TAIL)?, rank(sorted, 1.0 - TAIL)?));
        let spans: Vec<Option<(f64, f64)>> = rows.iter().map(ends).collect();
        let known = || spans.iter().flatten();
        let low = known().map(|s| s.0).reduce(f64::min)?;
        let high = known().map(|s| s.1).reduce(f64::max)?;
        let mut lane = if is_millivolt(wave) {
            let widest = known().map(|s| s.1 - s.0).fold(0.0, f64::max);
            // On a fine line, so that 0.1 mV of the grid are 0.1 mV of the trace.
            let middle = |s: &Option<(f64, f64)>| s.map_or(0.0, |(l, h)| (f64::midpoint(l, h) * 10.0).round() / 10.0);
            Self {
                wave,
                height: squares(widest * MM_PER_MILLIVOLT + 2.0 * AIR).clamp(ECG_MIN, ECG_MAX),
                middles: spans.iter().map(middle).collect(),
                mm_per_unit: MM_PER_MILLIVOLT,
                cut: (0, all),
            }
        } else {
            let per_mm = axis::step((high - low).max(1e-6 * high.abs().max(1.0)) / (OTHER_MIN - SQUARE));
            let square = per_mm * SQUARE;
            let (bottom, top) = ((low / square).floor(), (high / square).ceil());
            let count = (top - bottom).max(OTHER_MIN / SQUARE);
            Self {
                wave,
                height: count * SQUARE,
                middles: vec![(bottom + count / 2.0) * square; rows.len()],
                mm_per_unit: 1.0 / per_mm,
                cut: (0, all),
            }
        };
        let reach = lane.height / 2.0 / lane.mm_per_unit + 1e-9;
        let beyond = |(row, middle): (&Vec<f64>, &f64)| row.iter().filter(|v| (**v - middle).abs() > reach).count();
        lane.cut.0 = rows.iter().zip(&lane.middles).map(beyond).sum();
        Some(lane)
    }

    pub(crate) fn is_ecg(&self) -> bool {
        is_millivolt(self.wave)
    }

    /// In millimetres.
    pub(crate) fn height(&self) -> f64 {
        self.height
    }

    /// Says that samples lie beyond the lane.
    pub(crate) fn cut(&self) -> Option<String> {
        let (beyond, all) = self.cut;
        let label = &self.wave.label;
        (beyond > 0).then(|| format!("{label}: {beyond} of {all} samples beyond the row, cut at its edge"))
    }

    /// Draws row `row`: `length` seconds from `from` seconds after `begin` on.
    pub(crate) fn draw(&self, sheet: &mut Sheet, top: f64, row: usize, (begin, from, length): (ReceiptTime, f64, f64)) {
        let middle = self.middles.get(row).copied().unwrap_or(0.0);
        let start = MARGIN + GUTTER;
        // Paper ends at a whole square, like paper does.
        let end = start + squares(length * MM_PER_SECOND);
        if self.is_ecg() {
            self.ecg_paper(sheet, top, (start - PAPER_MARGIN, end));
        } else {
            self.other_paper(sheet, top, (start, end), middle);
        }
        let runs = self.runs((begin, from, length));
        gaps(sheet, (top, top + self.height), (start, length), &runs);
        for run in runs {
            let points = run
                .into_iter()
                .map(|(t, v)| (start + t * MM_PER_SECOND, self.y(top, middle, v)));
            for part in inside(points, (top, top + self.height)) {
                sheet.line(thinned(part), 0.24, Ink::TRACE);
            }
        }
    }

    /// Millimetres from the top of the sheet, which may be beyond the lane.
    fn y(&self, top: f64, middle: f64, value: f64) -> f64 {
        top + self.height / 2.0 + (middle - value) * self.mm_per_unit
    }

    fn ecg_paper(&self, sheet: &mut Sheet, top: f64, x: (f64, f64)) {
        let bottom = top + self.height;
        grid(sheet, x, (top, bottom), 1.0, (0.1, Ink::PAPER_FINE));
        grid(sheet, x, (top, bottom), SQUARE, (0.16, Ink::PAPER_BOLD));
        let middle = top + self.height / 2.0;
        let (left, zero) = (MARGIN, middle + MM_PER_MILLIVOLT / 2.0);
        let one = zero - MM_PER_MILLIVOLT;
        let pulse = [
            (x.0, zero),
            (x.0 + 2.0, zero),
            (x.0 + 2.0, one),
            (x.0 + 7.0, one),
            (x.0 + 7.0, zero),
            (x.0 + 9.0, zero),
        ];
        sheet.line(pulse.to_vec(), 0.24, Ink::PULSE);
        let room = x.0 - left - 1.0;
        sheet.words_within((left, middle + 0.2), Style::new(11.0).bold(), room, &self.wave.label);
        sheet.words((left, middle + 3.6), Style::new(5.6).soft(), "10 mm/mV");
    }

    fn other_paper(&self, sheet: &mut Sheet, top: f64, x: (f64, f64), centre: f64) {
        let bottom = top + self.height;
        grid(sheet, x, (top, bottom), SQUARE, (0.12, Ink::FAINT));
        sheet.frame(x, (top, bottom), 0.12, Ink::RULE);
        let ticks: Vec<f64> = [-1.0, 0.0, 1.0]
            .into_iter()
            .map(|part| centre + part * (self.height / 2.0 - SQUARE) / self.mm_per_unit)
            .collect();
        let decimals = axis::decimals(&[0.0, 2.5 / self.mm_per_unit]);
        for tick in &ticks {
            let y = self.y(top, centre, *tick);
            sheet.across((x.0 - 0.8, x.0), y, 0.12, Ink::RULE);
            sheet.words(
                (x.0 - 1.3, y + 0.8),
                Style::new(5.6).soft().right(),
                &format!("{tick:.decimals$}"),
            );
        }
        let (left, middle) = (MARGIN, top + self.height / 2.0);
        let style = Style::new(9.0).bold();
        sheet.words_within((left, middle - 0.6), style, GUTTER - 9.0, &self.wave.label);
        let unit = if self.wave.unit.is_empty() {
            "own unit"
        } else {
            &self.wave.unit
        };
        let per_mm = 1.0 / self.mm_per_unit;
        let places = axis::decimals(&[0.0, per_mm]);
        sheet.words((left, middle + 2.4), Style::new(5.6).soft(), "1 mm =");
        let scale = format!("{per_mm:.places$} {unit}");
        sheet.words_within((left, middle + 4.9), Style::new(5.6).soft(), GUTTER - 9.0, &scale);
    }

    /// Stretches without a break, as seconds after the row's beginning and values.
    fn runs(&self, (begin, from, length): (ReceiptTime, f64, f64)) -> Vec<Vec<(f64, f64)>> {
        let mut runs: Vec<Vec<(f64, f64)>> = Vec::new();
        let mut last: Option<f64> = None;
        for piece in &self.wave.pieces {
            let (offset, hertz) = (seconds(begin, piece.from) - from, piece.rate.hertz());
            for (time, value) in within(piece, offset, hertz, length) {
                let Some(value) = value else {
                    last = None;
                    continue;
                };
                let joins = last.is_some_and(|last| time > last && time - last < 1.5 / hertz);
                match runs.last_mut() {
                    Some(run) if joins => run.push((time, f64::from(value))),
                    _ => runs.push(vec![(time, f64::from(value))]),
                }
                last = Some(time);
            }
        }
        runs
    }
}

/// Hatches what is not covered by `runs`.
fn gaps(sheet: &mut Sheet, y: (f64, f64), (start, length): (f64, f64), runs: &[Vec<(f64, f64)>]) {
    let ends = runs
        .iter()
        .filter_map(|run| Some((run.first()?.0.max(0.0), run.last()?.0.min(length))));
    let mut covered = 0.0;
    for (from, until) in ends.chain([(length, length)]) {
        let (left, right) = (start + covered * MM_PER_SECOND, start + from * MM_PER_SECOND);
        if right - left > HATCHED_FROM {
            sheet.hatch((left, right), y, Ink::RULE);
            let style = Style::new(6.5).soft().middle();
            let words = "no signal";
            if right - left > style.width(words) + 4.0 {
                let (middle, half) = (f64::midpoint(left, right), style.width(words) / 2.0 + 1.0);
                let base = f64::midpoint(y.0, y.1);
                sheet.block((middle - half, middle + half), (base - 2.0, base + 2.0), Ink::WHITE);
                sheet.words((middle, base + 0.8), style, words);
            }
        }
        covered = until;
    }
}

/// The parts of a trace that are on the paper: each goes to the edge and ends there, and no line along the edge looks
/// like a flat trace.
fn inside(points: impl Iterator<Item = (f64, f64)>, y: (f64, f64)) -> Vec<Vec<(f64, f64)>> {
    let is_on = |at: (f64, f64)| (y.0 - 1e-9..=y.1 + 1e-9).contains(&at.1);
    let mut parts: Vec<Vec<(f64, f64)>> = vec![Vec::new()];
    let mut last: Option<(f64, f64)> = None;
    for point in points {
        // Where the line from the last point to this one meets the edge, when one of the two is beyond it.
        let edge = last.filter(|last| is_on(*last) != is_on(point)).map(|last| {
            let outer = if is_on(point) { last.1 } else { point.1 };
            let edge = outer.clamp(y.0, y.1);
            let share = (edge - last.1) / (point.1 - last.1);
            (last.0 + share * (point.0 - last.0), edge)
        });
        if is_on(point) && edge.is_some() {
            parts.push(Vec::new());
        }
        if let Some(part) = parts.last_mut() {
            part.extend(edge);
            part.extend(Some(point).filter(|p| is_on(*p)));
        }
        last = Some(point);
    }
    parts
}

/// Lines each `step` millimetres, from both upper left edges on.
fn grid(sheet: &mut Sheet, x: (f64, f64), y: (f64, f64), step: f64, (width, ink): (f64, Ink)) {
    let mut at = x.0;
    while at <= x.1 + 0.01 {
        sheet.down(at, y, width, ink);
        at += step;
    }
    let mut at = y.0;
    while at <= y.1 + 0.01 {
        sheet.across(x, at, width, ink);
        at += step;
    }
}

fn squares(mm: f64) -> f64 {
    ((mm - 0.01) / SQUARE).ceil().max(1.0) * SQUARE
}

fn is_millivolt(wave: &Wave) -> bool {
    wave.unit == "mV"
}

/// The samples of each row of `row` seconds from `begin` on.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not negative, and a strip has some sixty rows"
)]
fn values(wave: &Wave, begin: ReceiptTime, row: f64) -> Vec<Vec<f64>> {
    let mut rows: Vec<Vec<f64>> = Vec::new();
    for piece in &wave.pieces {
        for (at, value) in within(piece, seconds(begin, piece.from), piece.rate.hertz(), f64::MAX) {
            let index = ((at.max(0.0) / row) as usize).min(ROWS_MAX);
            if rows.len() <= index {
                rows.resize_with(index + 1, Vec::new);
            }
            let row = rows.get_mut(index);
            if let Some((row, value)) = row.zip(value.map(f64::from).filter(|v| v.is_finite())) {
                row.push(value);
            }
        }
    }
    rows
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "an index into samples of some minutes"
)]
fn rank(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    sorted.get((share * last as f64).round() as usize).copied()
}

/// The samples of a piece from 0 to `length` seconds, where its first is at `offset`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "an index into samples of some minutes; it saturates"
)]
fn within(piece: &Piece, offset: f64, hertz: f64, length: f64) -> impl Iterator<Item = (f64, Option<f32>)> {
    let skipped = (-offset * hertz - 1e-6).ceil().max(0.0) as usize;
    let time = move |index: usize| offset + index as f64 / hertz;
    let samples = piece.values.iter().copied().enumerate().skip(skipped);
    samples
        .map(move |(index, value)| (time(index), value))
        .take_while(move |(time, _)| *time <= length + 1e-6)
}

/// Points of one column as their least and greatest.
fn thinned(points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    let mut kept: Vec<(f64, f64)> = Vec::with_capacity(points.len());
    let mut column: Vec<(f64, f64)> = Vec::new();
    for point in points {
        if column.first().is_some_and(|first| point.0 - first.0 >= COLUMN) {
            drain(&mut column, &mut kept);
        }
        column.push(point);
    }
    drain(&mut column, &mut kept);
    kept
}

fn drain(column: &mut Vec<(f64, f64)>, kept: &mut Vec<(f64, f64)>) {
    let extreme = |order: fn(&f64, &f64) -> std::cmp::Ordering| {
        let pairs = column.iter().copied().enumerate();
        pairs.min_by(|a, b| order(&a.1.1, &b.1.1))
    };
    let (least, greatest) = (extreme(f64::total_cmp), extreme(|a, b| f64::total_cmp(b, a)));
    let mut both: Vec<_> = least.into_iter().chain(greatest).collect();
    both.sort_by_key(|(index, _)| *index);
    both.dedup_by_key(|(index, _)| *index);
    kept.extend(both.into_iter().map(|(_, point)| point));
    column.clear();
}
