//! What was measured continuously up to the end of the recording.

use std::collections::BTreeMap;
use std::time::Duration;

use model::{BedId, EncounterId, MetricCode, NumericTiming, ReceiptTime, Timeliness};
use rusqlite::Connection;

use crate::chunk::NumbersRow;
use crate::codec::timing_of;
use crate::{StoreError, found};

/// A number of a stay and when its last live value came.
pub(crate) struct Last {
    pub bed: BedId,
    pub encounter: Option<EncounterId>,
    pub metric: MetricCode,
    pub at: ReceiptTime,
}

/// The last live chunk with a value of every number that came continuously, of each series. A number that a monitor
/// lists and never had is not among them.
pub(crate) fn last_values(connection: &Connection) -> Result<Vec<Last>, StoreError> {
    let mut stored: BTreeMap<u32, i64> = BTreeMap::new();
    let sql = "SELECT series, max(end_us), timing, timing_us FROM numeric_chunk WHERE late = 0 \
               AND low IS NOT NULL GROUP BY series";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if matches!(timing_of(row.get(2)?, row.get(3)?), Some(NumericTiming::Every(_))) {
            stored.insert(row.get(0)?, row.get(1)?);
        }
    }
    let mut statement = connection.prepare(
        "SELECT s.id, b.name, e.name, s.metric FROM series s JOIN bed b ON b.id = s.bed \
         LEFT JOIN encounter e ON e.id = s.encounter WHERE s.metric IS NOT NULL",
    )?;
    let mut rows = statement.query([])?;
    let mut last = Vec::new();
    while let Some(row) = rows.next()? {
        let (series, bed, stay): (u32, String, Option<String>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let Some((bed, metric)) = BedId::new(&bed).ok().zip(MetricCode::from_id(row.get(3)?)) else {
            continue;
        };
        if metric.kind() != model::Kind::Numeric || metric.is_derived() {
            continue;
        }
        let is_live = |row: &&NumbersRow| {
            let is_continuous = matches!(row.head.timing, NumericTiming::Every(_));
            row.head.timeliness == Timeliness::Live && is_continuous && row.extremes.is_some()
        };
        let open = found::open_numbers(connection, series)?;
        let open = open.iter().filter(is_live).map(|row| row.end).max();
        if let Some(at) = stored.get(&series).copied().max(open) {
            last.push(Last {
                bed,
                encounter: stay.and_then(|s| EncounterId::new(&s).ok()),
                metric,
                at: ReceiptTime::from_micros(at),
            });
        }
    }
    Ok(last)
}

/// Numbers whose last value came within `span` of the last value of their bed and stay: those that were measured when
/// the recording ended. Numbers of a cuff are not among them.
pub(crate) fn measured_lately(
    last: &[Last],
    span: Duration,
) -> impl Iterator<Item = (&BedId, Option<&EncounterId>, MetricCode)> {
    let end_of = |one: &Last| {
        let same = last.iter().filter(|l| l.bed == one.bed && l.encounter == one.encounter);
        same.map(|l| l.at).max()
    };
    let lately = last
        .iter()
        .filter(move |l| end_of(l).is_some_and(|end| end.since(l.at) <= span));
    lately.map(|l| (&l.bed, l.encounter.as_ref(), l.metric))
}
