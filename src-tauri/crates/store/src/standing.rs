//! How things stand by the journal: what a station needs to go on after a restart, or in a new file.

use model::{JournalEntry, JournalKind};
use rusqlite::Connection;

use crate::{StoreError, journal};

/// Which entries say how things stand: the newest of each alert, where it is not over, or over within a day and
/// unseen; of the limits of each bed, stay and metric; of each pause; of what was found at each bedside; who
/// checked each bed last; what the configuration said of each bed; and who was put into it.
const PARTS: [&str; 7] = [
    "id IN (SELECT max(id) FROM journal WHERE alert IS NOT NULL AND kind <> 'noted' GROUP BY alert) \
     AND (NOT (presence = 'cleared' AND signal = 'off') OR owner IS NULL AND kind = 'alert-cleared' \
         AND at_us > (SELECT max(at_us) FROM journal) - 86400000000)",
    "id IN (SELECT max(id) FROM journal WHERE limits_metric IS NOT NULL AND bed IS NOT NULL \
         GROUP BY bed, encounter, limits_metric)",
    "id IN (SELECT max(id) FROM journal WHERE pause_metric IS NOT NULL \
         GROUP BY bed, encounter, pause_metric, pause_side)",
    "id IN (SELECT max(id) FROM journal WHERE consciousness IS NOT NULL GROUP BY bed, encounter)",
    "id IN (SELECT max(id) FROM journal WHERE kind = 'bed-checked' GROUP BY bed, encounter)",
    "id IN (SELECT max(id) FROM journal WHERE kind = 'bed-configured' GROUP BY bed)",
    "id IN (SELECT max(id) FROM journal WHERE kind IN \
         ('admitted', 'patient-joined', 'transferred', 'discharged', 'adt-undone') GROUP BY bed)",
];
/// The last thing that is known of whether the station ran.
const LAST_START_OR_STOP: &str = "kind IN ('station-started', 'station-stopped') ORDER BY id DESC LIMIT 1";

/// How things stand, oldest first.
pub(crate) fn entries(connection: &Connection) -> Result<Vec<JournalEntry>, StoreError> {
    let rows = journal::select(connection, &format!("WHERE {} ORDER BY id", PARTS.join(" OR ")), &[])?;
    Ok(rows.into_iter().map(|row| row.entry).collect())
}

/// The same and whether the station ran, as queries of which each stands by itself and needs no index: what a damaged
/// file still gives.
pub(crate) fn cautious_queries() -> impl Iterator<Item = String> {
    let parts = PARTS.into_iter().chain([LAST_START_OR_STOP]);
    parts.map(|part| {
        let part = part.replace("FROM journal", "FROM journal NOT INDEXED");
        format!("NOT INDEXED WHERE {part}")
    })
}

/// The greatest alert id ever given.
pub(crate) fn last_alert(connection: &Connection) -> rusqlite::Result<i64> {
    let sql = "SELECT coalesce(max(alert), 0) FROM journal WHERE alert IS NOT NULL";
    connection.query_row(sql, [], |row| row.get(0))
}

/// Whether the last start was followed by a clean stop; true where there was none.
pub(crate) fn stop_was_clean(connection: &Connection) -> rusqlite::Result<bool> {
    let mut statement = connection.prepare(&format!("SELECT kind FROM journal WHERE {LAST_START_OR_STOP}"))?;
    let mut rows = statement.query([])?;
    match rows.next()? {
        Some(row) => Ok(row.get::<_, String>(0)? == JournalKind::StationStopped.as_str()),
        None => Ok(true),
    }
}
