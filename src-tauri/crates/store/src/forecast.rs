//! How long the disk lasts.

use rusqlite::Connection;

use crate::{Reader, StoreError};

const DAY_US: f64 = 86_400_000_000.0;
/// A shorter history does not show yet what a day brings: chunks of numbers close after two minutes.
const LEAST_US: i64 = 600_000_000;

/// How a history grows, and how long there is room for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Forecast {
    /// Bytes that a day of it takes on disk, everything included: samples, indexes, the journal.
    pub bytes_per_day: f64,
    /// Days until the disk is full, at that rate.
    pub days_left: f64,
}

impl Reader {
    /// How long `free_bytes` on the disk last, by what each day so far has taken. Room that the file itself has free is
    /// counted as free. `None` while less than ten minutes are recorded.
    ///
    /// It is the mean since the oldest sample that is kept: a station that stood still, or that got more beds lately,
    /// will take more a day than this says until those days outweigh the others.
    pub fn forecast(&self, free_bytes: u64) -> Result<Option<Forecast>, StoreError> {
        let snapshot = self.connection.unchecked_transaction()?;
        let pragma = |name: &str| snapshot.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0));
        let (pages, free, each) = (pragma("page_count")?, pragma("freelist_count")?, pragma("page_size")?);
        let Some(span) = span(&snapshot)?.filter(|span| *span >= LEAST_US) else {
            return Ok(None);
        };
        let used = number(pages.saturating_sub(free).saturating_mul(each));
        let bytes_per_day = used / number(span) * DAY_US;
        let room = number(free.saturating_mul(each)) + number(i64::try_from(free_bytes).unwrap_or(i64::MAX));
        Ok(Some(Forecast {
            bytes_per_day,
            days_left: room / bytes_per_day.max(1.0),
        }))
    }
}

/// From the oldest chunk that is kept to the newest, in microseconds. Each series is asked by its index.
fn span(connection: &Connection) -> Result<Option<i64>, StoreError> {
    let mut ends = None;
    for table in ["wave_chunk", "numeric_chunk"] {
        let sql = format!(
            "SELECT min(first), max(last) FROM (SELECT (SELECT min(start_us) FROM {table} WHERE series = s.id) AS first, \
             (SELECT max(start_us) FROM {table} WHERE series = s.id) AS last FROM series s)"
        );
        let (first, last): (Option<i64>, Option<i64>) =
            connection.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let Some(here) = first.zip(last) else { continue };
        ends = Some(ends.map_or(here, |(first, last): (i64, i64)| (first.min(here.0), last.max(here.1))));
    }
    Ok(ends.map(|(first, last)| last.saturating_sub(first)))
}

#[expect(clippy::cast_precision_loss, reason = "bytes and microseconds of a forecast")]
fn number(whole: i64) -> f64 {
    whole as f64
}
