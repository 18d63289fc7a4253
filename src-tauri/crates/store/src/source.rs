//! What of a history an export is made of.

use model::{Bed, BedId, Encounter, EncounterId, Location, MetricCode, Patient, PatientId, Redacted};
use rusqlite::Connection;

use crate::session::LaneSpec;
use crate::{Span, StoreError, found};

/// A series of the history.
pub(crate) struct Source {
    pub series: u32,
    pub stay: Option<i64>,
    pub spec: LaneSpec,
}

/// A bed and its number.
pub(crate) fn bed(connection: &Connection, name: &BedId) -> Result<(i64, Bed), StoreError> {
    let sql = "SELECT id, label, unit, room FROM bed WHERE name = ?1";
    let found = connection.query_row(sql, [name.as_str()], |row| {
        let location = Location {
            unit: row.get(2)?,
            room: row.get(3)?,
        };
        let (id, label) = (row.get(0)?, row.get(1)?);
        Ok((
            id,
            Bed {
                id: name.clone(),
                label,
                location,
            },
        ))
    });
    match found {
        Err(rusqlite::Error::QueryReturnedNoRows) => Err(StoreError::Failed(format!(
            "no bed {name} in this history; `wardlight beds` lists them"
        ))),
        found => Ok(found?),
    }
}

/// The series of a span's bed, and of its stay where it names one.
pub(crate) fn lanes(connection: &Connection, bed: i64, span: &Span) -> Result<Vec<Source>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT s.id, s.encounter, s.metric, s.label, s.unit FROM series s LEFT JOIN encounter e ON e.id = s.encounter \
         WHERE s.bed = ?1 AND (?2 IS NULL OR e.name = ?2) ORDER BY s.id",
    )?;
    let stay = span.encounter.as_ref().map(EncounterId::as_str);
    let rows = statement.query_map((bed, stay), |row| {
        let word = |at| Ok::<_, rusqlite::Error>(row.get::<_, Option<String>>(at)?.unwrap_or_default());
        let spec = LaneSpec {
            label: word(3)?,
            unit: word(4)?,
            metric: row.get::<_, Option<u8>>(2)?.and_then(MetricCode::from_id),
            rate: None,
        };
        Ok(Source {
            series: row.get(0)?,
            stay: row.get(1)?,
            spec,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Rows of a table of chunks that reach into a span, in order.
pub(crate) const REACHING_IN: &str = "WHERE series = ?1 AND start_us < ?3 AND end_us > ?2 ORDER BY start_us, ordinal";

/// Its ends in microseconds.
pub(crate) fn ends(span: &Span) -> (i64, i64) {
    (span.from.as_micros(), span.until.as_micros())
}

/// Where the first thing of the span lies: the day that is told as the first.
pub(crate) fn begin(connection: &Connection, lanes: &[Source], span: &Span) -> Result<i64, StoreError> {
    let (from, until) = ends(span);
    let mut begin = None;
    for lane in lanes {
        for table in ["wave_chunk", "numeric_chunk"] {
            let sql = format!("SELECT min(start_us) FROM (SELECT start_us FROM {table} {REACHING_IN} LIMIT 1)");
            let first: Option<i64> = connection
                .prepare_cached(&sql)?
                .query_row((lane.series, from, until), |row| row.get(0))?;
            begin = [begin, first].into_iter().flatten().min();
        }
    }
    for lane in lanes {
        let waves = found::open_waves(connection, lane.series)?;
        let numbers = found::open_numbers(connection, lane.series)?;
        let starts = waves
            .iter()
            .map(|row| row.head.start)
            .chain(numbers.iter().map(|row| row.start));
        begin = starts.filter(|start| *start < until).chain(begin).min();
    }
    Ok(begin.unwrap_or(from).max(from))
}

/// How many stored chunks reach into the span.
pub(crate) fn count(connection: &Connection, lanes: &[Source], span: &Span) -> Result<u64, StoreError> {
    let (from, until) = ends(span);
    let mut all = 0;
    for lane in lanes {
        for table in ["wave_chunk", "numeric_chunk"] {
            let sql = format!("SELECT count(*) FROM {table} WHERE series = ?1 AND start_us < ?3 AND end_us > ?2");
            let here: i64 = connection
                .prepare_cached(&sql)?
                .query_row((lane.series, from, until), |row| row.get(0))?;
            all += u64::try_from(here).unwrap_or(0);
        }
    }
    Ok(all)
}

/// A stay: name, patient's number and patient's name are the columns from the fourth on.
pub(crate) fn encounter(row: &rusqlite::Row, id: i64) -> Result<Encounter, StoreError> {
    let bad = |why: model::IdentityError| StoreError::Row {
        table: "encounter",
        row: id,
        why: why.to_string(),
    };
    let patient: Option<(String, String)> = row.get::<_, Option<String>>(4)?.zip(row.get(5)?);
    let patient = patient.map(|(id, name)| {
        Ok(Patient {
            id: Redacted(PatientId::new(&id)?),
            name: Redacted(name),
        })
    });
    let name: String = row.get(3)?;
    Ok(Encounter {
        id: EncounterId::new(&name).map_err(bad)?,
        patient: patient.transpose().map_err(bad)?,
    })
}
