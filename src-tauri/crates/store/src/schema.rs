//! The tables. `PRAGMA user_version` names their format.

use rusqlite::{Connection, TransactionBehavior};

/// `WARD` in ASCII: a file with another application id is not ours.
pub(crate) const APPLICATION_ID: i64 = 0x5741_5244;

/// `WARS`: a recorded session, of the same tables. It is read like any history and never recorded into.
pub(crate) const SESSION_ID: i64 = 0x5741_5253;

/// The format this version writes and reads. Those before it were never released, and nothing brings them to this one.
pub(crate) const VERSION: i64 = 4;

/// A series of a foreign recording may have no metric: then its label and its unit say what it is. NULL stands for the
/// metric's own words.
///
/// A chunk that was put together of several holds the ordinals from the first one's to the last one's.
///
/// The index of `numeric_chunk` covers what tells whether a chunk may be left out, so that its row is not read for it.
///
/// `wave_bins` holds least and greatest sample of 64, 1,024 and 16,384 samples each. Its ids are made of the number of
/// samples, the series and the time (see `bins`), so that one screen's worth lies together in the file.
///
/// BLOB tables have an INTEGER PRIMARY KEY: as WITHOUT ROWID tables they grow the file to three times.
const TABLES: &str = "
CREATE TABLE session (id INTEGER PRIMARY KEY, version TEXT NOT NULL);
CREATE TABLE bed (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, label TEXT NOT NULL, unit TEXT NOT NULL,
    room TEXT, position INTEGER NOT NULL, hash INTEGER NOT NULL);
CREATE TABLE encounter (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, patient TEXT, patient_name TEXT,
    hash INTEGER NOT NULL);
CREATE TABLE association (id INTEGER PRIMARY KEY, bed INTEGER NOT NULL REFERENCES bed(id),
    encounter INTEGER NOT NULL REFERENCES encounter(id), from_us INTEGER NOT NULL, until_us INTEGER,
    hash INTEGER NOT NULL);
CREATE INDEX association_bed ON association (bed, from_us);
CREATE TABLE series (id INTEGER PRIMARY KEY, bed INTEGER NOT NULL REFERENCES bed(id),
    encounter INTEGER REFERENCES encounter(id), metric INTEGER, label TEXT, unit TEXT, longest_us INTEGER NOT NULL,
    hash INTEGER NOT NULL);
CREATE INDEX series_of ON series (bed, metric);
CREATE TABLE wave_chunk (id INTEGER PRIMARY KEY, series INTEGER NOT NULL, ordinal INTEGER NOT NULL,
    last_ordinal INTEGER NOT NULL, start_us INTEGER NOT NULL, end_us INTEGER NOT NULL, measured_us INTEGER NOT NULL, received_us INTEGER NOT NULL,
    samples INTEGER NOT NULL, seconds INTEGER NOT NULL, resolution REAL NOT NULL, zero REAL NOT NULL,
    mode INTEGER NOT NULL, gap_before INTEGER NOT NULL, count INTEGER NOT NULL, low INTEGER, high INTEGER,
    codec INTEGER NOT NULL, data BLOB NOT NULL, hash INTEGER NOT NULL);
CREATE INDEX wave_chunk_at ON wave_chunk (series, start_us, ordinal);
CREATE TABLE wave_bins (id INTEGER PRIMARY KEY, series INTEGER NOT NULL, ordinal INTEGER NOT NULL,
    start_us INTEGER NOT NULL, end_us INTEGER NOT NULL, samples INTEGER NOT NULL, seconds INTEGER NOT NULL,
    resolution REAL NOT NULL, zero REAL NOT NULL, gap_before INTEGER NOT NULL, count INTEGER NOT NULL,
    data BLOB NOT NULL, hash INTEGER NOT NULL);
CREATE TABLE numeric_chunk (id INTEGER PRIMARY KEY, series INTEGER NOT NULL, ordinal INTEGER NOT NULL,
    start_us INTEGER NOT NULL, end_us INTEGER NOT NULL, first_us INTEGER NOT NULL, timing INTEGER NOT NULL,
    timing_us INTEGER NOT NULL, mode INTEGER NOT NULL, late INTEGER NOT NULL, count INTEGER NOT NULL,
    valued INTEGER NOT NULL, sum INTEGER NOT NULL, low INTEGER, high INTEGER, data BLOB NOT NULL,
    hash INTEGER NOT NULL);
CREATE INDEX numeric_chunk_at ON numeric_chunk (series, start_us, ordinal, end_us, low, high, valued, sum);
CREATE TABLE tail (id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, data BLOB NOT NULL,
    hash INTEGER NOT NULL);
CREATE TABLE journal (id INTEGER PRIMARY KEY, at_us INTEGER NOT NULL, kind TEXT NOT NULL, bed TEXT, person TEXT,
    reason TEXT, detail TEXT, alert INTEGER, version INTEGER, alert_bed TEXT, cause TEXT, cause_metric TEXT,
    cause_side TEXT, cause_code TEXT, alert_kind TEXT, priority TEXT, source TEXT, presence TEXT, signal TEXT,
    since_us INTEGER, raised_us INTEGER, worst INTEGER, crossed INTEGER, owner TEXT, realert_us INTEGER,
    text TEXT, limits_metric TEXT, before_low INTEGER, before_high INTEGER, before_priority TEXT,
    before_delay_us INTEGER, before_hysteresis INTEGER, after_low INTEGER, after_high INTEGER,
    after_priority TEXT, after_delay_us INTEGER, after_hysteresis INTEGER,
    encounter TEXT, response TEXT, responder TEXT, rung TEXT, occurrence INTEGER, episode_us INTEGER,
    limits_until_us INTEGER, pause_metric TEXT, pause_side TEXT, pause_by TEXT, pause_reason TEXT,
    pause_since_us INTEGER, pause_until_us INTEGER, pause_above TEXT, consciousness TEXT, breathing TEXT,
    spo2_scale TEXT, chain BLOB NOT NULL);
CREATE INDEX journal_alert ON journal (alert, id) WHERE alert IS NOT NULL;
CREATE INDEX journal_limits ON journal (bed, limits_metric, id) WHERE limits_metric IS NOT NULL;
CREATE INDEX journal_bed ON journal (bed, id);
CREATE INDEX journal_pause ON journal (bed, pause_metric, pause_side, id) WHERE pause_metric IS NOT NULL;
CREATE INDEX journal_assessment ON journal (bed, id) WHERE consciousness IS NOT NULL;
";

pub(crate) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// Makes the tables in a file that has none: whole, with the numbers that say whose it is, or not at all.
pub(crate) fn begin(connection: &mut Connection) -> rusqlite::Result<()> {
    if version(connection)? != 0 {
        return Ok(());
    }
    begin_as(connection, APPLICATION_ID)?;
    tracing::info!(format = VERSION, "a history file was begun");
    Ok(())
}

/// The same as a history or as a session.
pub(crate) fn begin_as(connection: &mut Connection, application: i64) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(TABLES)?;
    transaction.execute_batch(&format!(
        "PRAGMA application_id = {application}; PRAGMA user_version = {VERSION};"
    ))?;
    transaction.commit()
}
