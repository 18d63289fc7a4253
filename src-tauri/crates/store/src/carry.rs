//! What a new history file takes over from the one before it: how things stand (limits in force, open alerts, pauses), and whether the station
//! had stopped. Without them a damaged file would set every limit back, and an alert that nobody has answered would
//! be over.
//!
//! The entries are written into the new journal as they were, so that they are there when the old file is moved
//! away, as its fault asks for.

use std::path::Path;

use model::JournalEntry;
use rusqlite::Connection;

use crate::{JournalRow, StoreError, choice, file, journal, standing};

/// Entries for the journal of a new file, and what a person should know about them.
#[derive(Debug, Default)]
pub(crate) struct Carried {
    pub entries: Vec<JournalEntry>,
    pub notices: Vec<String>,
}

/// From the newest file before `number` that can be read. An error only where the disk fails: tried again later.
pub(crate) fn from_before(dir: &Path, number: u32) -> Result<Carried, StoreError> {
    let mut notices = Vec::new();
    let before = choice::existing(dir)?.into_iter().filter(|n| *n < number).rev();
    for file in before.map(|n| choice::path(dir, n)) {
        let carried = file::open_for_reading(&file).and_then(|connection| from(&connection, &file));
        match carried {
            Ok(carried) => {
                notices.extend(carried.notices);
                let entries = carried.entries;
                return Ok(Carried { entries, notices });
            }
            Err(error) if choice::is_about_the_file(&error) || matches!(error, StoreError::Nothing { .. }) => {
                notices.push(format!(
                    "limits in force and open alerts of {} cannot be carried over ({error}); set the limits again, and \
                     look at every bed",
                    file.display()
                ));
            }
            Err(error) => return Err(error),
        }
    }
    let entries = Vec::new();
    Ok(Carried { entries, notices })
}

/// From a file that is not in its place any more.
pub(crate) fn from_moved(connection: &Connection, file: &Path) -> Carried {
    from(connection, file).unwrap_or_else(|error| Carried {
        entries: Vec::new(),
        notices: vec![format!(
            "{} was moved away, and its limits in force and open alerts cannot be carried over ({error}); they hold \
             until Wardlight is restarted: set the limits again",
            file.display()
        )],
    })
}

/// From one file. A row that cannot be read is named, and costs only itself.
fn from(connection: &Connection, file: &Path) -> Result<Carried, StoreError> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let mut rows = Vec::new();
    let mut notices = Vec::new();
    for query in standing::cautious_queries() {
        for row in journal::select_each(connection, &query)? {
            match row {
                Ok(row) => rows.push(row),
                Err(error) if choice::is_about_the_file(&error) => notices.push(format!(
                    "a limit or an alert of {name} cannot be carried over ({error}); look at every bed and its limits"
                )),
                Err(error) => return Err(error),
            }
        }
    }
    rows.sort_by_key(|row: &JournalRow| row.id);
    rows.dedup_by_key(|row| row.id);
    if !rows.is_empty() {
        let limits = rows.iter().filter(|row| row.entry.limits.is_some()).count();
        let alerts = rows.iter().filter(|row| row.entry.alert.is_some()).count();
        notices.push(format!(
            "a new history file was begun; {limits} limits in force and {alerts} alerts were carried over from \
             {name}"
        ));
    }
    let entries = rows.into_iter().map(|row| carry(row, &name)).collect();
    Ok(Carried { entries, notices })
}

fn carry(row: JournalRow, file: &str) -> JournalEntry {
    let origin = format!("carried over from {file}, entry {}", row.id);
    let detail = row
        .entry
        .detail
        .map_or_else(String::new, |detail| format!("{detail}; "));
    JournalEntry {
        detail: Some(detail + &origin),
        ..row.entry
    }
}
