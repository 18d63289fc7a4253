//! What the tail holds: chunks that were open when the last session ended, put together from its rows.
//!
//! A damaged row costs what is in it. What came after it is kept: samples as a chunk of their own that begins where
//! they do, numerics in the same chunk, since each has its own time.

use std::collections::BTreeMap;

use model::MetricCode;
use rusqlite::{Connection, OptionalExtension};

use crate::StoreError;
use crate::chunk::{NumbersRow, WaveRow};
use crate::codec::{Fit, NumbersHead, Value, WaveHead};
use crate::open::Open;
use crate::tail::{self, ChunkKey, Entry};

/// A run of entries that is one chunk.
#[derive(Clone, Debug)]
pub(crate) struct Run<H, T> {
    pub open: Open<H, T>,
    /// It is the chunk from its first item on, with nothing missing: it may go on.
    pub is_whole: bool,
    /// How many items of the chunk come before what follows.
    next: usize,
}

/// Runs by the chunk they belong to, oldest first.
pub(crate) type Found<H, T> = BTreeMap<ChunkKey, Vec<Run<H, T>>>;

/// What a chunk that lost a part becomes.
pub(crate) trait Head: Copy {
    /// The head of what begins `offset` items into the chunk; `None` when that can stay in the same chunk.
    fn after(self, offset: usize) -> Option<Self>;
}

impl Head for WaveHead {
    fn after(self, offset: usize) -> Option<Self> {
        let start = self.at(offset);
        Some(Self {
            start,
            measured: self.measured.saturating_add(start.saturating_sub(self.start)),
            gap_before: true,
            ..self
        })
    }
}

impl Head for NumbersHead {
    fn after(self, _offset: usize) -> Option<Self> {
        None
    }
}

/// Places an entry; says how many items are missing before it.
fn take_up<H: Head, T>(found: &mut Found<H, T>, row: i64, mut entry: Entry<H, T>) -> usize {
    let runs = found.entry(entry.key).or_default();
    let known = runs.last().map_or(0, |run| run.next);
    let missing = entry.offset.saturating_sub(known);
    let next = known.max(entry.offset + entry.items.len());
    // What two rows hold counts once.
    let twice = known.saturating_sub(entry.offset).min(entry.items.len());
    entry.items.drain(..twice);
    let apart = if missing > 0 {
        entry.head.after(entry.offset)
    } else {
        None
    };
    match runs.last_mut() {
        Some(run) if apart.is_none() => {
            run.open.items.extend(entry.items);
            run.open.saved = run.open.items.len();
            run.open.rows.push(row);
            run.is_whole &= missing == 0;
            run.next = next;
        }
        _ => {
            let mut open = Open::new(entry.key, apart.unwrap_or(entry.head), entry.items);
            open.unsaved_parts = 0;
            open.saved = open.items.len();
            open.rows.push(row);
            runs.push(Run {
                open,
                is_whole: missing == 0,
                next,
            });
        }
    }
    missing
}

/// Open chunks, the ids of whole rows, and what is wrong.
#[derive(Default)]
pub(crate) struct Tail {
    pub waves: Found<WaveHead, i16>,
    pub numbers: Found<NumbersHead, Value>,
    pub rows: Vec<i64>,
    pub last_row: i64,
    /// Rows that cannot be read.
    pub damaged: Vec<(i64, String)>,
    /// What is missing before a row.
    pub lost: Vec<(i64, String)>,
}

impl Tail {
    pub(crate) fn read(connection: &Connection) -> Result<Self, StoreError> {
        let mut tail = Self::default();
        let damaged = |what| format!("it is damaged, and up to a second of {what} with it");
        for row in tail::rows(connection, tail::KIND_WAVES)? {
            tail.last_row = tail.last_row.max(row.id);
            let Some(entries) = tail::unpack_waves(&row.data, |_| true).filter(|_| row.is_whole) else {
                tail.damaged.push((row.id, damaged("waves")));
                continue;
            };
            tail.rows.push(row.id);
            for entry in entries {
                if tail::wave_is_stored(connection, &entry)? {
                    continue;
                }
                let series = entry.key.series;
                let missing = take_up(&mut tail.waves, row.id, entry);
                tail.miss(connection, row.id, series, missing, "samples")?;
            }
        }
        for row in tail::rows(connection, tail::KIND_NUMBERS)? {
            tail.last_row = tail.last_row.max(row.id);
            let Some(entries) = tail::unpack_numbers(&row.data, |_| true).filter(|_| row.is_whole) else {
                tail.damaged.push((row.id, damaged("numerics")));
                continue;
            };
            tail.rows.push(row.id);
            for entry in entries {
                if tail::numbers_are_stored(connection, &entry)? {
                    continue;
                }
                let series = entry.key.series;
                let missing = take_up(&mut tail.numbers, row.id, entry);
                tail.miss(connection, row.id, series, missing, "values")?;
            }
        }
        Ok(tail)
    }

    fn miss(
        &mut self,
        connection: &Connection,
        row: i64,
        series: u32,
        missing: usize,
        what: &str,
    ) -> Result<(), StoreError> {
        if missing > 0 {
            let name = name_of(connection, series)?;
            self.lost
                .push((row, format!("{missing} {what} of {name} before it are lost")));
        }
        Ok(())
    }

    /// What is wrong, row by row.
    pub(crate) fn problems(&self) -> impl Iterator<Item = &(i64, String)> {
        self.damaged.iter().chain(&self.lost)
    }
}

/// A series as a person knows it.
fn name_of(connection: &Connection, series: u32) -> Result<String, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT b.name, s.metric FROM series s JOIN bed b ON b.id = s.bed WHERE s.id = ?1")?;
    let name = statement
        .query_row([series], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Option<u8>>(1)?))
        })
        .optional()?;
    Ok(match name {
        Some((bed, metric)) => format!(
            "{} of {bed}",
            metric
                .and_then(MetricCode::from_id)
                .map_or("a metric", MetricCode::name)
        ),
        None => format!("series {series}"),
    })
}

/// The wave chunks of `series` that are still open, as if they were stored.
pub(crate) fn open_waves(connection: &Connection, series: u32) -> Result<Vec<WaveRow>, StoreError> {
    let mut found = Found::new();
    for row in tail::rows(connection, tail::KIND_WAVES)?
        .iter()
        .filter(|row| row.is_whole)
    {
        for entry in tail::unpack_waves(&row.data, |s| s == series).unwrap_or_default() {
            if !tail::wave_is_stored(connection, &entry)? {
                take_up(&mut found, row.id, entry);
            }
        }
    }
    Ok(found
        .values()
        .flatten()
        .map(|run| WaveRow::of(&run.open, &mut Fit::default()))
        .collect())
}

/// The chunks of numerics of `series` that are still open, as if they were stored.
pub(crate) fn open_numbers(connection: &Connection, series: u32) -> Result<Vec<NumbersRow>, StoreError> {
    open_numbers_of(connection, |s| s == series)
}

/// Those of every series, by it: the tail is read once.
pub(crate) fn all_open_numbers(connection: &Connection) -> Result<BTreeMap<u32, Vec<NumbersRow>>, StoreError> {
    let mut all: BTreeMap<u32, Vec<NumbersRow>> = BTreeMap::new();
    for row in open_numbers_of(connection, |_| true)? {
        all.entry(row.key.series).or_default().push(row);
    }
    Ok(all)
}

fn open_numbers_of(connection: &Connection, is_wanted: impl Fn(u32) -> bool) -> Result<Vec<NumbersRow>, StoreError> {
    let mut found = Found::new();
    for row in tail::rows(connection, tail::KIND_NUMBERS)?
        .iter()
        .filter(|row| row.is_whole)
    {
        for entry in tail::unpack_numbers(&row.data, &is_wanted).unwrap_or_default() {
            if !tail::numbers_are_stored(connection, &entry)? {
                take_up(&mut found, row.id, entry);
            }
        }
    }
    found
        .values()
        .flatten()
        .map(|run| NumbersRow::of(&run.open).map_err(StoreError::Failed))
        .collect()
}
