//! Chunks of ten seconds become chunks of ten minutes when the thread has nothing else to do: 5 % fewer bytes, and a
//! sixtieth of the rows to look at.
//!
//! What was several chunks and the one chunk are the same samples at the same times. They are exchanged in one
//! transaction: who reads sees the ones or the other, and a crash leaves the ones.

use std::collections::BTreeMap;

use rusqlite::{TransactionBehavior, params};

use crate::chunk::{WAVE_COLUMNS, WaveRow};
use crate::codec::Fit;
use crate::open::{CLOCK_MOVES_US, part_of_time};
use crate::recorder::Recorder;
use crate::samples::Samples;
use crate::{NO_SAMPLE_WIDE, StoreError, bins};

/// How long the chunks are that others are put together into: 150,000 samples at 250 Hz.
pub(crate) const LONG_SPAN_US: i64 = 600_000_000;
/// Rows of one series looked at in one go: those of ten minutes, and as many that stay as they are.
const LOOK_ROWS: i64 = 128;
/// Series looked at in a second, and chunks put together: a ward of 256 waves brings 0.43 a second. One takes about
/// 10 ms, which is what a journal entry may have to wait.
const LOOKS_PER_TICK: u32 = 16;
const PIECES_PER_TICK: u32 = 2;

/// How far each series was looked through, and which is next.
#[derive(Default)]
pub(crate) struct Progress {
    done: BTreeMap<u32, i64>,
    next: u32,
    fits: BTreeMap<u32, Fit>,
}

/// A stored chunk as far as it tells whether it goes together with its neighbours.
struct Look {
    id: i64,
    start: i64,
    end: i64,
}

/// What looking at a series came to.
enum Found {
    /// Nothing is left to do in it for now.
    Nothing,
    /// These go together, if their samples do.
    Run(Vec<i64>),
}

impl Recorder {
    /// A bounded piece of the work; called when nothing waits. True when there was something to look at.
    pub(crate) fn compact(&mut self) -> Result<bool, StoreError> {
        let mut pieces = 0;
        let mut has_found = false;
        for _ in 0..LOOKS_PER_TICK {
            let Some(series) = self.next_series()? else { break };
            if let Found::Run(ids) = self.look(series)? {
                has_found = true;
                pieces += u32::from(self.put_together(series, &ids)?);
            }
            if pieces == PIECES_PER_TICK {
                break;
            }
        }
        // Put together, they are pages of the log.
        self.batches += pieces;
        Ok(has_found)
    }

    fn next_series(&mut self) -> Result<Option<u32>, StoreError> {
        let sql = "SELECT min(id) FROM series WHERE id > ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let after: Option<u32> = statement.query_row([self.progress.next], |row| row.get(0))?;
        let series = match after {
            Some(series) => Some(series),
            None => statement.query_row([0], |row| row.get(0))?,
        };
        self.progress.next = series.unwrap_or(0);
        Ok(series)
    }

    /// The next chunks of a series that lie in the same ten minutes, once those are over.
    fn look(&mut self, series: u32) -> Result<Found, StoreError> {
        let from = self.progress.done.get(&series).copied().unwrap_or(i64::MIN);
        let sql = "SELECT id, start_us, end_us FROM wave_chunk WHERE series = ?1 AND start_us >= ?2 \
                   ORDER BY start_us, ordinal LIMIT ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(params![series, from, LOOK_ROWS], |row| {
            Ok(Look {
                id: row.get(0)?,
                start: row.get(1)?,
                end: row.get(2)?,
            })
        })?;
        let rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
        drop(statement);
        let part = |look: &Look| part_of_time(series, look.start, LONG_SPAN_US);
        let goes_on = self
            .slots
            .iter()
            .any(|slot| slot.series == series && slot.wave.is_some());
        let is_last_page = i64::try_from(rows.len()).unwrap_or(0) < LOOK_ROWS;
        let last = rows.last().map(part);
        for group in rows.chunk_by(|a, b| part(a) == part(b)) {
            let Some(first) = group.first() else { continue };
            if is_last_page && goes_on && last == Some(part(first)) {
                return Ok(Found::Nothing);
            }
            let small: Vec<_> = group
                .iter()
                .filter(|look| look.end - look.start < LONG_SPAN_US / 2)
                .collect();
            let end = group.last().map_or(first.start, |look| look.start);
            self.progress.done.insert(series, end.saturating_add(1));
            if small.len() > 1 {
                return Ok(Found::Run(small.iter().map(|look| look.id).collect()));
            }
        }
        Ok(Found::Nothing)
    }

    /// Reads the chunks and puts together what goes on without a gap. False when nothing does.
    fn put_together(&mut self, series: u32, ids: &[i64]) -> Result<bool, StoreError> {
        let mut runs: Vec<Run> = Vec::new();
        let sql = format!("SELECT {WAVE_COLUMNS} FROM wave_chunk WHERE id = ?1");
        for id in ids {
            let mut statement = self.connection.prepare_cached(&sql)?;
            let mut rows = statement.query([id])?;
            let Some(row) = rows.next()? else { continue };
            let read = WaveRow::read(row).and_then(|row| Ok((row.decode()?.into_wide(), row)));
            let (samples, row) = match read {
                Ok(read) => read,
                Err(error @ StoreError::Row { .. }) => {
                    // It stays as it is, for `verify` to name.
                    tracing::warn!(%error, "a chunk is not put together with others");
                    continue;
                }
                Err(error) => return Err(error),
            };
            match runs.last_mut() {
                Some(run) if run.takes(&row, &samples) => run.add(row, samples),
                _ => runs.push(Run {
                    samples,
                    rows: vec![row],
                }),
            }
        }
        let mut is_any = false;
        for run in runs.into_iter().filter(|run| run.rows.len() > 1) {
            self.exchange(series, run)?;
            is_any = true;
        }
        Ok(is_any)
    }

    fn exchange(&mut self, series: u32, run: Run) -> Result<(), StoreError> {
        let Some((first, last)) = run.rows.first().zip(run.rows.last()) else {
            return Ok(());
        };
        let samples = Samples::of(run.samples);
        let fit = self.progress.fits.entry(series).or_default();
        let long = WaveRow::put_together(first.key, last.last, first.head, &samples, fit);
        let bins = bins::of(long.key, &long.head, &samples);
        self.identity.lasts(series, long.end.saturating_sub(long.head.start));
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        self.identity.write(&transaction)?;
        for row in &run.rows {
            bins::delete(&transaction, row.key, row.head.start)?;
        }
        long.insert(&transaction)?;
        let mut delete = transaction.prepare_cached("DELETE FROM wave_chunk WHERE id = ?1")?;
        for row in &run.rows {
            delete.execute([row.id])?;
        }
        drop(delete);
        for bins in &bins {
            bins.insert(&transaction)?;
        }
        transaction.commit()?;
        self.identity.noted();
        Ok(())
    }
}

/// Chunks that follow each other without a gap.
struct Run {
    samples: Vec<i32>,
    rows: Vec<WaveRow>,
}

impl Run {
    fn takes(&self, row: &WaveRow, samples: &[i32]) -> bool {
        let Some((first, last)) = self.rows.first().zip(self.rows.last()) else {
            return false;
        };
        let (head, next) = (&first.head, &row.head);
        let clock = |head: &crate::codec::WaveHead| head.measured.saturating_sub(head.start);
        let has_hole = |samples: &[i32]| samples.contains(&NO_SAMPLE_WIDE);
        !next.gap_before
            && head.rate == next.rate
            && head.scale == next.scale
            && head.mode == next.mode
            && row.key.ordinal > last.last
            && next.start.saturating_sub(head.at(self.samples.len())).saturating_abs() <= head.tolerance()
            && clock(next).saturating_sub(clock(head)).saturating_abs() <= CLOCK_MOVES_US
            // A chunk with a hole has no bins: alone it costs ten seconds to read, not ten minutes.
            && !has_hole(samples)
            && !has_hole(&self.samples)
    }

    fn add(&mut self, row: WaveRow, samples: Vec<i32>) {
        self.samples.extend(samples);
        self.rows.push(row);
    }
}

#[cfg(test)]
#[path = "compact_tests.rs"]
mod tests;
