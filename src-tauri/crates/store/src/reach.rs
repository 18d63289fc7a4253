//! Where a number may have been beyond a bound, from the extremes of its chunks.
//!
//! The index of the chunks holds their extremes, so that a month of a ward is passed over without a row being read.
//! A damaged extreme is found by `verify`, not here.

use model::{BedId, EncounterId, MetricCode, Quantity, ReceiptTime, Side};
use rusqlite::{Connection, params};

use crate::{StoreError, found};

/// The stretches of one series that hold a value beyond a bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Which bed.
    pub bed: BedId,
    /// Whose stay; `None` when nobody was admitted.
    pub encounter: Option<EncounterId>,
    /// From the first value of a chunk (inclusive) to just after its last, by their start; chunks of late values may
    /// overlap others.
    pub spans: Vec<(ReceiptTime, ReceiptTime)>,
}

pub(crate) fn of(
    connection: &Connection,
    metric: MetricCode,
    side: Side,
    bound: Quantity,
) -> Result<Vec<Reach>, StoreError> {
    // One snapshot: a chunk that closes in between is seen as open or as stored.
    let snapshot = connection.unchecked_transaction()?;
    let mut open = found::all_open_numbers(&snapshot)?;
    let mut reached = Vec::new();
    for (series, bed, encounter) in series(&snapshot, metric)? {
        let mut spans = stored(&snapshot, series, side, bound)?;
        let is_beyond = |extremes: (i64, i64)| match side {
            Side::Low => extremes.0 < bound.thousandths().into(),
            Side::High => extremes.1 > bound.thousandths().into(),
        };
        let open = open.remove(&series).unwrap_or_default();
        let beyond = open.iter().filter(|row| row.extremes.is_some_and(is_beyond));
        spans.extend(beyond.map(|row| span(row.start, row.end)));
        spans.sort_unstable();
        reached.push(Reach { bed, encounter, spans });
    }
    Ok(reached)
}

fn span(start: i64, end: i64) -> (ReceiptTime, ReceiptTime) {
    (ReceiptTime::from_micros(start), ReceiptTime::from_micros(end))
}

type Series = (u32, BedId, Option<EncounterId>);

fn series(connection: &Connection, metric: MetricCode) -> Result<Vec<Series>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT s.id, b.name, e.name FROM series s JOIN bed b ON b.id = s.bed \
         LEFT JOIN encounter e ON e.id = s.encounter WHERE s.metric = ?1 ORDER BY b.position, s.id",
    )?;
    let mut rows = statement.query([metric.id()])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, bed, stay): (u32, String, Option<String>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let named = BedId::new(&bed).and_then(|bed| Ok((bed, stay.map(|s| EncounterId::new(&s)).transpose()?)));
        let (bed, stay) = named.map_err(|why| StoreError::Row {
            table: "series",
            row: id.into(),
            why: why.to_string(),
        })?;
        all.push((id, bed, stay));
    }
    Ok(all)
}

fn stored(
    connection: &Connection,
    series: u32,
    side: Side,
    bound: Quantity,
) -> Result<Vec<(ReceiptTime, ReceiptTime)>, StoreError> {
    let beyond = match side {
        Side::Low => "low < ?2",
        Side::High => "high > ?2",
    };
    let sql = format!(
        "SELECT start_us, end_us FROM numeric_chunk INDEXED BY numeric_chunk_at WHERE series = ?1 AND {beyond}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params![series, bound.thousandths()], |row| {
        Ok(span(row.get(0)?, row.get(1)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
