//! Who lay where when.

use model::{BedId, Encounter, EncounterId, Patient, PatientId, ReceiptTime, Redacted};
use rusqlite::{Connection, OptionalExtension, params};

use crate::StoreError;

/// The stay that was associated with a bed at a time. Where one ends as the next begins, it is the next.
pub(crate) fn at(connection: &Connection, bed: &BedId, at: ReceiptTime) -> Result<Option<Encounter>, StoreError> {
    let sql = "SELECT e.id, e.name, e.patient, e.patient_name FROM association a \
        JOIN bed b ON b.id = a.bed JOIN encounter e ON e.id = a.encounter \
        WHERE b.name = ?1 AND a.from_us <= ?2 AND (a.until_us IS NULL OR a.until_us > ?2) ORDER BY a.id DESC LIMIT 1";
    type Found = (i64, String, Option<String>, Option<String>);
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
