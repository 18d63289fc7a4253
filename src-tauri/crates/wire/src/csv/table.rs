//! Where the table is among the lines of an export: its delimiter, its labels, its first row, and what stands before.

use super::cell::{is_missing, number, stamp};
use crate::bracket::split_unit;
use crate::recording::RecordingError;

/// Lines before the first row.
const HEAD_LINES_MAX: usize = 200;

/// Columns of a table.
const COLUMNS_MAX: usize = 4_096;

/// A table found in a text.
pub(super) struct Table<'a> {
    pub delimiter: Delimiter,
    /// Label and unit of each column; empty where there is no header.
    pub labels: Vec<(String, String)>,
    /// Rows, with their line numbers from 1.
    pub rows: Vec<(usize, &'a str)>,
    /// Lines before the table.
    pub notes: Vec<String>,
    /// Samples a second, where a line before the table says it.
    pub rate: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delimiter {
    One(char),
    /// Any number of spaces.
    Spaces,
}

impl Delimiter {
    /// The delimiter of a row.
    fn of(line: &str) -> Self {
        match ['\t', ';', ','].into_iter().find(|c| line.contains(*c)) {
            Some(c) => Self::One(c),
            None => Self::Spaces,
        }
    }

    /// The cells of a line, trimmed and without quotes.
    pub fn cells(self, line: &str) -> Vec<&str> {
        let delimiter = match self {
            Self::Spaces => return line.split_whitespace().map(bare).collect(),
            Self::One(delimiter) => delimiter,
        };
        if !line.contains('"') {
            return line.split(delimiter).map(bare).collect();
        }
        let mut cells = Vec::new();
        let (mut from, mut is_quoted) = (0, false);
        for (at, c) in line.char_indices() {
            if c == '"' {
                is_quoted = !is_quoted;
            } else if c == delimiter && !is_quoted {
                cells.push(bare(line.get(from..at).unwrap_or_default()));
                from = at + c.len_utf8();
            }
        }
        cells.push(bare(line.get(from..).unwrap_or_default()));
        cells
    }
}

/// A cell without the quotes around it: `"…"`, and the `'…'` of the WFDB tools.
fn bare(cell: &str) -> &str {
    let cell = cell.trim();
    for quote in ['"', '\''] {
        if let Some(inside) = cell.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return inside.trim();
        }
    }
    cell
}

/// Finds the table.
pub(super) fn find<'a>(name: &str, text: &'a str) -> Result<Table<'a>, RecordingError> {
    let mut lines = text
        .lines()
        .enumerate()
        .map(|(i, line)| (i + 1, line))
        .filter(|(_, line)| !line.trim().is_empty());
    let mut before: Vec<&str> = Vec::new();
    let first = loop {
        let Some((number, line)) = lines.next().filter(|_| before.len() < HEAD_LINES_MAX) else {
            return Err(RecordingError::new(
                format!("{name}, line {}", before.len() + 1),
                format!("no row of numbers in the first {HEAD_LINES_MAX} lines; a table has one row a moment"),
            ));
        };
        if comment(line).is_none() && is_row(&Delimiter::of(line).cells(line)) {
            break (number, line);
        }
        before.push(line);
    };
    let delimiter = Delimiter::of(first.1);
    let width = delimiter.cells(first.1).len();
    if width > COLUMNS_MAX {
        return Err(RecordingError::new(
            format!("{name}, line {}", first.0),
            format!("{width} columns; at most {COLUMNS_MAX} are read"),
        ));
    }
    let (labels, used) = labels(&before, delimiter, width);
    let rest = before.get(..before.len() - used).unwrap_or_default();
    let notes: Vec<String> = rest
        .iter()
        .map(|line| comment(line).unwrap_or(line).trim().to_owned())
        .collect();
    Ok(Table {
        delimiter,
        labels: labels.or_else(|| said_labels(&notes, width)).unwrap_or_default(),
        rate: notes.iter().find_map(|line| said_rate(line)),
        notes: notes.into_iter().filter(|note| !note.is_empty()).collect(),
        rows: std::iter::once(first)
            .chain(lines.filter(|(_, line)| comment(line).is_none()))
            .collect(),
    })
}

/// A comment without its sign.
fn comment(line: &str) -> Option<&str> {
    let line = line.trim_start();
    ["#", "%", "//"].iter().find_map(|sign| line.strip_prefix(sign))
}

/// More cells are numbers or moments than are words.
fn is_row(cells: &[&str]) -> bool {
    let there: Vec<&&str> = cells.iter().filter(|cell| !is_missing(cell)).collect();
    let known = there
        .iter()
        .filter(|cell| number(cell).is_some() || stamp(cell).is_some())
        .count();
    known * 2 > there.len()
}

/// Labels from the lines just before the first row: one line, or one with labels and one with units. Says how many
/// lines it took.
fn labels(before: &[&str], delimiter: Delimiter, width: usize) -> (Option<Vec<(String, String)>>, usize) {
    let line = |back: usize| {
        let line = before.get(before.len().checked_sub(back)?)?;
        let is_said = comment(line).is_some_and(|rest| rest.contains(':'));
        let mut cells = delimiter.cells(comment(line).unwrap_or(line));
        // A delimiter at the end of each row, or at the end of the header alone.
        if cells.len() > width && cells.last() == Some(&"") {
            cells.pop();
        }
        (cells.len() == width && !is_said).then_some(cells)
    };
    let Some(last) = line(1) else { return (None, 0) };
    if let Some(above) = line(2).filter(|_| last.iter().all(|cell| looks_like_unit(cell))) {
        let pairs = above.iter().zip(&last).map(|(label, unit)| (clean(label), clean(unit)));
        return (Some(pairs.collect()), 2);
    }
    let pairs = last.iter().map(|cell| split_unit(clean(cell), String::new()));
    (Some(pairs.collect()), 1)
}

fn clean(cell: &str) -> String {
    cell.trim_matches(['"', '\'', ' ']).to_owned()
}

/// `mV`, `(bpm)`, `hh:mm:ss.mmm`, or nothing.
fn looks_like_unit(cell: &str) -> bool {
    let cell = cell.trim_matches(['(', ')', '[', ']']);
    cell.is_empty()
        || cell.starts_with("hh:mm")
        || [
            "s", "sec", "seconds", "ms", "us", "mV", "uV", "µV", "V", "mmHg", "kPa", "bpm", "/min", "1/min", "%", "C",
            "°C", "NU", "nu", "pm", "adu", "Ohm", "L", "mL",
        ]
        .contains(&cell)
}

/// `Labels:= ECG, RESP`.
fn said_labels(notes: &[String], width: usize) -> Option<Vec<(String, String)>> {
    let said = notes.iter().find_map(|line| line.strip_prefix("Labels:="))?;
    let labels: Vec<(String, String)> = said
        .split(['\t', ',', ';'])
        .map(|label| split_unit(label.trim().to_owned(), String::new()))
        .collect();
    (labels.len() == width).then_some(labels)
}

/// `Sampling Rate (Hz):= 1000.00`, `fs=250`, `Sample rate: 125 Hz`.
fn said_rate(line: &str) -> Option<f64> {
    let (key, value) = line.rsplit_once(['=', ':'])?;
    let key = key.to_ascii_lowercase();
    let is_rate = key.contains("sampl") && (key.contains("rate") || key.contains("freq"));
    if !is_rate && !matches!(key.trim(), "fs" | "frequency" | "rate" | "hz") {
        return None;
    }
    let digits = value.trim().trim_end_matches(|c: char| c.is_alphabetic()).trim();
    number(digits).map(|number| number.value).filter(|rate| *rate > 0.0)
}
