//! Tables of text: what monitors, apps and scripts export, and what spreadsheets and pandas read.
//!
//! Nobody agreed on a form, so it is found out: comma, semicolon, tab or spaces; point or comma in numbers; comments and
//! other lines before the header; units in brackets or in a line of their own; no header at all. The column of times
//! decides what the others are: equal steps make waves (with gaps where rows are missing), anything else makes numbers
//! with a time each. Columns of words are marks. What had to be assumed stands in [`Head::notes`].
//!
//! ```
//! use wire::csv;
//! use wire::recording::Samples;
//!
//! let file = csv::open("bed-7", b"Time [s], PLETH\n0,0.43597\n0.008,0.43206\n0.016,0.42815\n0.024,0.42424\n")?;
//! let pleth = &file.head().channels[0];
//! assert_eq!((pleth.label.as_str(), pleth.rate.hertz(), pleth.total()), ("PLETH", 125.0, 4));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cell;
mod clock;
mod column;
mod table;
#[cfg(test)]
mod tests;
mod write;

use std::borrow::Cow;

use clock::{Times, Unreadable};
use column::Column;
use model::SampleRate;
use table::Table;
pub use write::write;

use crate::recording::{Head, Recording, RecordingError};

/// Cells of one table: three days of four waves at 250 Hz take 260 million, in 8 bytes each.
pub const CELLS_MAX: usize = 400_000_000;

/// One unreadable row in so many is noted; more are an error.
const BAD_ROWS_ONE_IN: usize = 10;

/// Reads a table that was read into memory. `name` is the recording's name and stands in errors.
///
/// # Errors
/// Bytes that are no text, text without a table, a table whose times cannot be known; the error names the line.
pub fn open(name: &str, bytes: &[u8]) -> Result<Recording, RecordingError> {
    let text = decode(name, bytes)?;
    let table = table::find(name, &text)?;
    let mut notes = table.notes.clone();
    let mut body = Body::read(name, &table, &mut notes)?;
    let times = body.times(name, &table, &mut notes)?;
    let mut head = Head {
        format: "CSV".to_owned(),
        name: name.to_owned(),
        start_us: times.start_us,
        ..Head::default()
    };
    let samples = column::sort_in(&body.columns, &times, &mut head, &mut notes);
    if head.channels.is_empty() && head.numerics.is_empty() && head.marks.is_empty() {
        return Err(RecordingError::new(name, "no column but the time has anything in it"));
    }
    head.notes = notes;
    Recording::new(head, samples)
}

/// UTF-8, UTF-16 with its mark, or Latin-1.
fn decode<'a>(name: &str, bytes: &'a [u8]) -> Result<Cow<'a, str>, RecordingError> {
    let wide = |rest: &[u8], of: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = rest.as_chunks().0.iter().map(|pair| of(*pair)).collect();
        String::from_utf16_lossy(&units)
    };
    let text = match bytes {
        [0xFF, 0xFE, rest @ ..] => Cow::Owned(wide(rest, u16::from_le_bytes)),
        [0xFE, 0xFF, rest @ ..] => Cow::Owned(wide(rest, u16::from_be_bytes)),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest),
        _ => match str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => Cow::Owned(bytes.iter().map(|byte| char::from(*byte)).collect()),
        },
    };
    if let Some(at) = text.bytes().position(|byte| byte == 0) {
        return Err(RecordingError::new(
            format!("{name}, byte {at}"),
            "this is no text: a table has no byte 0",
        ));
    }
    // Rows ended by a carriage return alone.
    if !text.contains('\n') && text.contains('\r') {
        return Ok(Cow::Owned(text.replace('\r', "\n")));
    }
    Ok(text)
}

/// The rows, column by column.
struct Body<'a> {
    /// Which columns say when.
    clock: Option<(usize, Option<usize>)>,
    /// The cells that say when, one a row.
    moments: Vec<Cow<'a, str>>,
    /// Line numbers of the rows.
    lines: Vec<usize>,
    columns: Vec<Column>,
}

impl<'a> Body<'a> {
    fn read(name: &str, table: &Table<'a>, notes: &mut Vec<String>) -> Result<Self, RecordingError> {
        let width = table
            .rows
            .first()
            .map_or(0, |(_, line)| table.delimiter.cells(line).len());
        if table.rows.len().saturating_mul(width) > CELLS_MAX {
            return Err(RecordingError::new(
                name,
                format!(
                    "{} rows of {width} columns; at most {CELLS_MAX} cells are read",
                    table.rows.len()
                ),
            ));
        }
        let mut body = Self {
            clock: clock::column(&table.labels).or_else(|| unnamed_clock(table)),
            moments: Vec::new(),
            lines: Vec::new(),
            columns: Vec::new(),
        };
        for i in 0..width {
            let named = table.labels.get(i).cloned();
            let (label, unit) = named.unwrap_or_else(|| (format!("column {}", i + 1), String::new()));
            body.columns.push(Column::new(label, unit));
        }
        let mut bad: Option<usize> = None;
        for (line, text) in &table.rows {
            if !body.row(*line, &table.delimiter.cells(text)) {
                bad = bad.or(Some(*line));
            }
        }
        let unread = table.rows.len() - body.lines.len();
        if let Some(line) = bad {
            let problem = format!("{unread} of {} rows have no time or too few cells", table.rows.len());
            if unread * BAD_ROWS_ONE_IN > table.rows.len() {
                return Err(RecordingError::new(format!("{name}, line {line}"), problem));
            }
            notes.push(format!("line {line}: {problem}, and are left out"));
        }
        Ok(body)
    }

    /// Takes a row; false where it is none.
    fn row(&mut self, line: usize, cells: &[&'a str]) -> bool {
        if let Some((clock, day)) = self.clock {
            let Some(text) = cells
                .get(clock)
                .filter(|cell| cell::number(cell).is_some() || cell::stamp(cell).is_some())
            else {
                return false;
            };
            self.moments.push(match day.and_then(|day| cells.get(day)) {
                Some(day) => Cow::Owned(format!("{day} {text}")),
                None => Cow::Borrowed(*text),
            });
        }
        if cells.len() * 2 < self.columns.len() {
            if self.clock.is_some() {
                self.moments.pop();
            }
            return false;
        }
        let row = self.lines.len();
        self.lines.push(line);
        for (i, column) in self.columns.iter_mut().enumerate() {
            column.take(row, cells.get(i).copied().unwrap_or_default());
        }
        true
    }

    /// The times of the rows; the columns that say them, or only count, are columns no more.
    fn times(&mut self, name: &str, table: &Table<'a>, notes: &mut Vec<String>) -> Result<Times, RecordingError> {
        self.columns
            .iter_mut()
            .filter(|column| column.only_counts())
            .for_each(Column::empty);
        if let Some((clock, day)) = self.clock {
            let (label, unit) = self
                .columns
                .get(clock)
                .map(|c| (c.label.clone(), c.unit.clone()))
                .unwrap_or_default();
            for taken in [Some(clock), day].into_iter().flatten() {
                if let Some(column) = self.columns.get_mut(taken) {
                    column.empty();
                }
            }
            let times = clock::read(&label, &unit, &self.moments).map_err(|Unreadable { row, problem }| {
                let line = self.lines.get(row).copied().unwrap_or_default();
                RecordingError::new(format!("{name}, line {line}"), problem)
            })?;
            notes.extend(times.note.clone());
            return Ok(times);
        }
        let rate = table.rate.ok_or_else(|| {
            RecordingError::new(
                format!("{name}, line {}", self.lines.first().copied().unwrap_or(1)),
                "there is neither a column of times nor a rate; name a column `time_s`, or put a line `# Sampling Rate (Hz):= 250` before the table",
            )
        })?;
        let rate = SampleRate::from_hertz(rate).map_err(|error| RecordingError::new(name, error.to_string()))?;
        Ok(Times::at_rate(rate, self.lines.len()))
    }
}

/// A first column without a name that is time: moments, or numbers that grow where nothing else says the rate.
fn unnamed_clock(table: &Table<'_>) -> Option<(usize, Option<usize>)> {
    let first = |line: &str| table.delimiter.cells(line).first().copied().map(str::to_owned);
    let (_, line) = table.rows.first()?;
    let cells = table.delimiter.cells(line);
    if cells
        .first()
        .is_some_and(|cell| cell::number(cell).is_none() && cell::stamp(cell).is_some())
    {
        return Some((0, None));
    }
    if table.rate.is_some() || cells.len() < 2 || table.rows.len() < 3 {
        return None;
    }
    let mut before = f64::NEG_INFINITY;
    let mut is_count = true;
    for (_, line) in table.rows.iter().take(1_000) {
        let value = cell::number(&first(line)?)?.value;
        if value <= before {
            return None;
        }
        is_count &= before.is_infinite() || (value - before - 1.0).abs() < 1e-9;
        before = value;
    }
    // 0, 1, 2 … counts rows, and says nothing of time unless it has a name for that.
    (!is_count).then_some((0, None))
}
