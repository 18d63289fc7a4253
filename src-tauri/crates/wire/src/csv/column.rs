//! One column: numbers or words, and what becomes of it.

use super::cell::{is_missing, number};
use super::clock::Times;
use crate::decimal::Decimal;
use crate::recording::{Channel, Head, Mark, NO_SAMPLE_WIDE, NumericTrack};

/// A column of a wave's table with a value in fewer rows than one in so many is numbers, not a wave.
const SPARSE_ONE_IN: usize = 10;

/// Most decimals of a sample.
const PLACES_MAX: u8 = 12;

/// Words kept of one column.
const WORDS_MAX: usize = 1_000_000;

pub(super) struct Column {
    pub label: String,
    pub unit: String,
    /// NaN where there is none.
    values: Vec<f64>,
    places: u8,
    words: Vec<(usize, String)>,
    /// Words beyond those kept.
    left_out: usize,
}

impl Column {
    pub const fn new(label: String, unit: String) -> Self {
        Self {
            label,
            unit,
            values: Vec::new(),
            places: 0,
            words: Vec::new(),
            left_out: 0,
        }
    }

    pub fn take(&mut self, row: usize, cell: &str) {
        if let Some(found) = number(cell) {
            self.places = self.places.max(found.places);
            self.values.push(found.value);
            return;
        }
        self.values.push(f64::NAN);
        if is_missing(cell) {
            return;
        }
        if self.words.len() < WORDS_MAX {
            self.words.push((row, cell.to_owned()));
        } else {
            self.left_out += 1;
        }
    }

    /// It is not a column of what was measured.
    pub fn empty(&mut self) {
        self.values.clear();
        self.words.clear();
    }

    /// Whether its name says that it numbers the rows, and it does.
    pub fn only_counts(&self) -> bool {
        let label = self.label.to_ascii_lowercase();
        let label = label.trim_end_matches(['#', ' ']);
        matches!(
            label,
            "" | "sample" | "samples" | "index" | "row" | "unnamed: 0" | "nr" | "no"
        ) && self.values.windows(2).all(|two| {
            two.last()
                .zip(two.first())
                .is_some_and(|(b, a)| (b - a - 1.0).abs() < 1e-9)
        })
    }

    fn present(&self) -> Vec<usize> {
        let there = self.values.iter().enumerate().filter(|(_, value)| !value.is_nan());
        there.map(|(row, _)| row).collect()
    }

    /// Digits after the point that fit 31 bits.
    fn places_that_fit(&self) -> u8 {
        let largest = self
            .values
            .iter()
            .filter(|value| !value.is_nan())
            .fold(0.0, |most: f64, value| most.max(value.abs()));
        let fits = |places: &u8| largest * 10_f64.powi((*places).into()) < f64::from(i32::MAX);
        (0..=self.places.min(PLACES_MAX)).rev().find(fits).unwrap_or(0)
    }
}

/// Puts the columns into the head as what they are; the samples of its channels.
pub(super) fn sort_in(columns: &[Column], times: &Times, head: &mut Head, notes: &mut Vec<String>) -> Vec<Vec<i32>> {
    let rows: Vec<usize> = (0..times.us.len()).collect();
    let whole = times.wave(&rows);
    let mut samples = Vec::new();
    for column in columns {
        let present = column.present();
        if column.words.len() > present.len() {
            marks(column, times, head);
        } else if let Some((row, word)) = column.words.first() {
            notes.push(format!(
                "{}: {} cells are no numbers and left out, the first is {word:?} in row {}",
                column.label,
                column.words.len(),
                row + 1
            ));
        }
        if column.left_out > 0 {
            notes.push(format!(
                "{}: {} words beyond a million are left out",
                column.label, column.left_out
            ));
        }
        if present.is_empty() {
            continue;
        }
        let is_sparse = present.len() * SPARSE_ONE_IN < rows.len();
        let (wave, used) = match &whole {
            Some(wave) if !is_sparse => (Some(wave.clone()), &rows),
            Some(_) => (None, &present),
            None => (times.wave(&present), &present),
        };
        let Some((rate, runs)) = wave else {
            head.numerics.push(numbers(column, times, &present));
            continue;
        };
        let places = column.places_that_fit();
        let resolution = Decimal::new(1, places.into()).map_or(1.0, Decimal::value);
        if places < column.places {
            notes.push(
                format!("{}: kept to {resolution} {}", column.label, column.unit)
                    .trim_end()
                    .to_owned(),
            );
        }
        let made: Vec<i32> = used.iter().map(|row| sample(column.values.get(*row), places)).collect();
        let most = made
            .iter()
            .filter(|s| **s != NO_SAMPLE_WIDE)
            .map(|s| s.unsigned_abs())
            .max()
            .unwrap_or(0);
        head.channels.push(Channel {
            label: column.label.clone(),
            unit: column.unit.clone(),
            rate,
            resolution,
            zero: 0.0,
            bits: u8::try_from(33 - most.leading_zeros()).unwrap_or(32).clamp(8, 32),
            runs,
        });
        samples.push(made);
    }
    head.marks.sort_by_key(|mark| mark.at_us);
    samples
}

fn sample(value: Option<&f64>, places: u8) -> i32 {
    let scaled = value.map_or(f64::NAN, |value| (value * 10_f64.powi(places.into())).round());
    if scaled.abs() <= f64::from(i32::MAX) {
        #[expect(clippy::cast_possible_truncation, reason = "just checked")]
        let whole = scaled as i32;
        whole
    } else {
        NO_SAMPLE_WIDE
    }
}

fn numbers(column: &Column, times: &Times, present: &[usize]) -> NumericTrack {
    let point = |row: &usize| Some((*times.us.get(*row)?, *column.values.get(*row)?));
    let mut points: Vec<(i64, f64)> = present.iter().filter_map(point).collect();
    points.sort_by_key(|(at, _)| *at);
    NumericTrack {
        label: column.label.clone(),
        unit: column.unit.clone(),
        points,
    }
}

/// A column of words: events. One whose name only says so stands without it.
fn marks(column: &Column, times: &Times, head: &mut Head) {
    let label = column.label.to_ascii_lowercase();
    let is_plain = matches!(
        label.as_str(),
        "mark" | "marks" | "event" | "events" | "annotation" | "annotations" | "note"
    );
    head.marks.extend(column.words.iter().filter_map(|(row, word)| {
        Some(Mark {
            at_us: *times.us.get(*row)?,
            duration_us: None,
            channel: None,
            code: String::new(),
            text: if is_plain {
                word.clone()
            } else {
                format!("{}: {word}", column.label)
            },
        })
    }));
}
