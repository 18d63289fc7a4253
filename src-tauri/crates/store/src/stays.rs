//! Stays: who lay where from when to when, and what of a window belongs to one.

use model::{BedId, Encounter, EncounterId, Patient, PatientId, ReceiptTime, Redacted};
use rusqlite::{Connection, OptionalExtension, params};

use crate::{Stay, StoreError, Window};

/// All stays, in the order in which they were said. A later one of the same bed and time holds.
pub(crate) fn all(connection: &Connection) -> Result<Vec<Stay>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT a.id, b.name, e.name, e.patient, e.patient_name, a.from_us, a.until_us FROM association a \
         JOIN bed b ON b.id = a.bed JOIN encounter e ON e.id = a.encounter ORDER BY a.id",
    )?;
    let mut rows = statement.query([])?;
    let mut stays = Vec::new();
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let bad = |why: model::IdentityError| StoreError::Row {
            table: "association",
            row: id,
            why: why.to_string(),
        };
        let (bed, stay): (String, String) = (row.get(1)?, row.get(2)?);
        let patient: Option<(String, String)> = row.get::<_, Option<String>>(3)?.zip(row.get(4)?);
        let patient = patient.map(|(id, name)| {
            Ok(Patient {
                id: Redacted(PatientId::new(&id)?),
                name: Redacted(name),
            })
        });
        stays.push(Stay {
            bed: BedId::new(&bed).map_err(bad)?,
            encounter: Encounter {
                id: EncounterId::new(&stay).map_err(bad)?,
                patient: patient.transpose().map_err(bad)?,
            },
            from: ReceiptTime::from_micros(row.get(5)?),
            until: row.get::<_, Option<i64>>(6)?.map(ReceiptTime::from_micros),
        });
    }
    Ok(stays)
}

/// A window of one stay as windows of its bed: what was recorded there while the stay lasted, under whatever name,
/// and nothing from outside. In order of time, without overlap.
pub(crate) fn windows(connection: &Connection, window: &Window) -> Result<Vec<Window>, StoreError> {
    let Some(stay) = &window.encounter else {
        return Ok(vec![window.clone()]);
    };
    let mut statement = connection.prepare_cached(
        "SELECT a.from_us, a.until_us FROM association a JOIN bed b ON b.id = a.bed \
         JOIN encounter e ON e.id = a.encounter WHERE b.name = ?1 AND e.name = ?2 ORDER BY a.from_us",
    )?;
    let mut rows = statement.query((window.bed.as_str(), stay.as_str()))?;
    let mut windows: Vec<Window> = Vec::new();
    while let Some(row) = rows.next()? {
        let until = row.get::<_, Option<i64>>(1)?.unwrap_or(i64::MAX);
        let from = ReceiptTime::from_micros(row.get(0)?).max(window.from);
        let until = ReceiptTime::from_micros(until).min(window.until);
        if from >= until {
            continue;
        }
        match windows.last_mut() {
            Some(last) if last.until >= from => last.until = last.until.max(until),
            _ => windows.push(Window {
                encounter: None,
                ..window.clone().between(from, until)
            }),
        }
    }
    Ok(windows)
}

/// Row, name, and number and name of the patient.
type Found = (i64, String, Option<String>, Option<String>);

/// The stay that was associated with a bed at a time. Where one ends as the next begins, it is the next.
pub(crate) fn at(connection: &Connection, bed: &BedId, at: ReceiptTime) -> Result<Option<Encounter>, StoreError> {
    let sql = "SELECT e.id, e.name, e.patient, e.patient_name FROM association a \
        JOIN bed b ON b.id = a.bed JOIN encounter e ON e.id = a.encounter \
        WHERE b.name = ?1 AND a.from_us <= ?2 AND (a.until_us IS NULL OR a.until_us > ?2) ORDER BY a.id DESC LIMIT 1";
    let found: Option<Found> = connection
        .query_row(sql, params![bed.as_str(), at.as_micros()], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    let Some((row, name, number, full_name)) = found else {
        return Ok(None);
    };
    let bad = |why: model::IdentityError| StoreError::Row {
        table: "encounter",
        row,
        why: why.to_string(),
    };
    let patient = number.zip(full_name).map(|(number, name)| {
        Ok(Patient {
            id: Redacted(PatientId::new(&number)?),
            name: Redacted(name),
        })
    });
    Ok(Some(Encounter {
        id: EncounterId::new(&name).map_err(bad)?,
        patient: patient.transpose().map_err(bad)?,
    }))
}
