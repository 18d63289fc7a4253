//! A screen's worth of a lane at any zoom.

use model::{Kind, MetricCode, ReceiptTime};
use rusqlite::Connection;

use crate::chunk::NumbersRow;
use crate::codec::position;
use crate::columns::{Columns, Part};
use crate::cursor::{Merged, WaveCursor};
use crate::reader::SeriesSpan;
use crate::{Reader, SeriesId, StoreError};

/// What a lane did over a time, in bins of about a pixel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Envelope {
    /// In order of time; none lies over another. Where nothing was measured there is none.
    pub bins: Vec<Bin>,
}

/// What a lane did over about a pixel, in the lane's unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bin {
    /// Where it begins, in microseconds since the Unix epoch: at its first sample or value. It may lie before the
    /// window or before its pixel, since bins are rounded outwards: no extremum is ever lost.
    pub from_us: i64,
    /// Where it ends: at the sample after its last one; of numbers just after the last value.
    pub until_us: i64,
    /// The least of all samples or values from `from_us` to before `until_us`.
    pub low: f64,
    /// The greatest of them.
    pub high: f64,
    /// The mean of a lane of numbers; `None` of a wave.
    pub mean: Option<f64>,
    /// Something is missing before it: do not draw a line from the bin before to this one. A bin itself never lies
    /// over a gap.
    pub gap_before: bool,
}

impl Reader {
    /// What the lane `series` did from `from` until `until`, for a screen of `pixels`: least and greatest of about each
    /// pixel; every sample as it is, where a pixel holds no more than one.
    ///
    /// What is still in the open chunk is in it. Nothing is lost between pixels: every sample of the window is in a bin.
    /// A pixel may have several bins, where something is missing within it.
    pub fn envelope(
        &self,
        series: SeriesId,
        from: ReceiptTime,
        until: ReceiptTime,
        pixels: u32,
    ) -> Result<Envelope, StoreError> {
        let span = self.span(series)?;
        let (from, until) = (from.as_micros(), until.as_micros());
        let mut columns = Columns::new(from, until, pixels);
        let snapshot = self.connection.unchecked_transaction()?;
        match kind_of(&snapshot, span.series)? {
            Some(Kind::Wave) => waves(&snapshot, span, (from, until), &mut columns)?,
            Some(Kind::Numeric) => numbers(&snapshot, span, (from, until), &mut columns)?,
            None => {}
        }
        Ok(Envelope { bins: columns.finish() })
    }
}

/// Whether a series is a wave or numbers; `None` while nothing of it is stored.
fn kind_of(connection: &Connection, series: u32) -> Result<Option<Kind>, StoreError> {
    let is_in = |table: &str| -> rusqlite::Result<bool> {
        let sql = format!("SELECT 1 FROM {table} WHERE series = ?1 LIMIT 1");
        connection.prepare_cached(&sql)?.exists([series])
    };
    if is_in("wave_chunk")? {
        return Ok(Some(Kind::Wave));
    }
    if is_in("numeric_chunk")? {
        return Ok(Some(Kind::Numeric));
    }
    let metric = "SELECT metric FROM series WHERE id = ?1";
    let metric: Option<u8> = connection
        .prepare_cached(metric)?
        .query_row([series], |row| row.get(0))?;
    Ok(metric.and_then(MetricCode::from_id).map(MetricCode::kind))
}

fn waves(
    connection: &Connection,
    span: SeriesSpan,
    (from, until): (i64, i64),
    columns: &mut Columns,
) -> Result<(), StoreError> {
    for cut in WaveCursor::new(connection, vec![span], from, until) {
        let cut = cut?;
        columns.samples(&cut.head, &cut.samples.into_wide());
    }
    Ok(())
}

fn numbers(
    connection: &Connection,
    span: SeriesSpan,
    (from, until): (i64, i64),
    columns: &mut Columns,
) -> Result<(), StoreError> {
    let mut parts = Vec::new();
    let mut chunks = Merged::<NumbersRow>::new(connection, vec![span], from, until);
    while let Some(row) = chunks.next() {
        let row = row?;
        for value in row.decode()? {
            let at = position(row.head.timeliness, &value);
            if (from..until).contains(&at) {
                parts.push((at, value.reading.quantity(), row.head.timing.stale_after()));
            }
        }
    }
    parts.sort_by_key(|(at, ..)| *at);
    let mut before: Option<i64> = None;
    for (at, quantity, stale_after) in parts {
        let Some(quantity) = quantity else {
            columns.miss();
            continue;
        };
        let stale_after = i64::try_from(stale_after.as_micros()).unwrap_or(i64::MAX);
        let value = quantity.to_f64();
        columns.put(Part {
            from: at,
            until: at.saturating_add(1),
            low: value,
            high: value,
            sum: value,
            count: 1.0,
            gap: before.is_some_and(|before| at.saturating_sub(before) > stale_after),
        });
        before = Some(at);
    }
    Ok(())
}
