//! Opening the history: the file, what it says, and the chunks that were open when the last session ended.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use model::JournalEntry;
use rusqlite::Connection;

use crate::anchor::{self, Anchor};
use crate::carry::{self, Carried};
use crate::faults::Fate;
use crate::file::DirectoryLock;
use crate::found::Tail;
use crate::identity::Identity;
use crate::journal::{self, Head};
use crate::recorder::{Recorder, Slot};
use crate::{Opened, StoreError, StoreOptions, choice, file, standing, stays, tail};

/// Alert ids of `wardlight-2.db` begin here, those of `-3` at twice this, and so on: the ids in the file before
/// it cannot be read, and an id is never used again.
const ALERT_IDS_PER_FILE: u64 = 1_000_000_000;
/// The same for starts at which no file could be read: beyond those of all files.
const ALERT_IDS_PER_BLIND_START: u64 = ALERT_IDS_PER_FILE * 1_000;
/// Chunks opened by one session, as a power of two: 100 a second for 16 months.
const ORDINAL_BITS: u32 = 32;

/// A recorder that can begin, what it found, and the files that could not be used.
pub(crate) struct Ready {
    pub recorder: Recorder,
    pub opened: Opened,
    pub passed: Vec<StoreError>,
}

/// What is said when nothing can be opened yet (a full or failing disk).
pub(crate) fn nothing_yet(dir: &Path, lock: &mut DirectoryLock) -> Opened {
    Opened {
        file: choice::path(dir, 1),
        standing: Vec::new(),
        stays: Vec::new(),
        // Beyond every file's own, for the same reason as there, and beyond those of every start like this one.
        next_alert_id: lock.count_blind_start().saturating_mul(ALERT_IDS_PER_BLIND_START),
        last_station_stop_was_clean: true,
        notices: Vec::new(),
    }
}

/// Opens the history that is to be recorded into, with a number greater than `beyond`. What a new file takes over
/// is read from the file before it, or is `carried` where that is not in its place any more.
pub(crate) fn open(
    dir: &Path,
    options: &StoreOptions,
    beyond: u32,
    carried: Option<Carried>,
) -> Result<Ready, StoreError> {
    let mut carried = carried;
    let open = |number, path: &Path| {
        open_file(number, path, options, || match carried.take() {
            Some(carried) => Ok(carried),
            None => carry::from_before(dir, number),
        })
    };
    let ((recorder, opened), mut passed) = choice::choose(dir, beyond, open)?;
    let before = choice::existing(dir)?.into_iter().take_while(|n| *n < recorder.number);
    for file in before.map(|n| choice::path(dir, n)) {
        if !passed.iter().any(|error| error.file() == Some(&file)) {
            passed.push(left_behind(file));
        }
    }
    Ok(Ready {
        recorder,
        opened,
        passed,
    })
}

/// Why a file that is not recorded into any more is still to be moved away.
fn left_behind(file: PathBuf) -> StoreError {
    let read = file::open_for_reading(&file).and_then(|connection| Head::read(&connection));
    match read {
        Ok(_) | Err(StoreError::Nothing { .. }) => StoreError::Left { file },
        Err(error) => error.about(&file),
    }
}

fn open_file(
    number: u32,
    path: &Path,
    options: &StoreOptions,
    carried: impl FnOnce() -> Result<Carried, StoreError>,
) -> Result<(Recorder, Opened), StoreError> {
    let named = |error: StoreError| error.about(path);
    let connection = file::open_for_writing(path, options.pages_max).map_err(named)?;
    let mut head = Head::read(&connection).map_err(named)?;
    let mut notices = Vec::new();
    let anchored = check_anchor(&connection, path, head, &mut notices).map_err(named)?;
    if head.id == 0 {
        let carried = carried()?;
        notices.extend(carried.notices);
        head = write_carried(&connection, head, &carried.entries)?;
    }
    let first = ALERT_IDS_PER_FILE * u64::from(number.saturating_sub(1));
    let read = || -> Result<_, StoreError> {
        let opened = Opened {
            file: path.to_owned(),
            standing: standing::entries(&connection)?,
            stays: stays::all(&connection)?,
            next_alert_id: first.max(u64::try_from(standing::last_alert(&connection)?).unwrap_or(0)) + 1,
            last_station_stop_was_clean: standing::stop_was_clean(&connection)?,
            notices: Vec::new(),
        };
        Ok((
            opened,
            next_session(&connection)?,
            Identity::read(&connection)?,
            Tail::read(&connection)?,
        ))
    };
    let (opened, session, mut identity, tail) = read().map_err(named)?;
    identity.opens_session(session);
    let mut recorder = Recorder::new(connection, path, identity, head);
    recorder.number = number;
    recorder.fate = Fate::of(options.faults);
    recorder.anchored = anchored;
    recorder.next_ordinal = session << ORDINAL_BITS;
    adopt(&mut recorder, tail, &mut notices);
    Ok((recorder, Opened { notices, ..opened }))
}

/// At once: a new file must hold them before the old one is moved away.
fn write_carried(connection: &Connection, head: Head, entries: &[JournalEntry]) -> Result<Head, StoreError> {
    if entries.is_empty() {
        return Ok(head);
    }
    let transaction = connection.unchecked_transaction()?;
    let head = journal::append(&transaction, head, entries)?;
    transaction.commit()?;
    Ok(head)
}

/// Only read here: on a full disk a write would fail, and with it all that the file says of limits and open alerts.
fn next_session(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT coalesce(max(id), 0) + 1 FROM session", [], |row| row.get(0))
}

/// Compares the history with its anchor; says up to which entry and row of the tail the anchor is good.
fn check_anchor(
    connection: &Connection,
    path: &Path,
    head: Head,
    notices: &mut Vec<String>,
) -> Result<(i64, i64), StoreError> {
    let anchor = match anchor::read(path) {
        Ok(Some(anchor)) => anchor,
        Ok(None) if head.id == 0 => {
            // At once, before there is an entry: a station killed in its first second leaves a whole history.
            if let Err(error) = anchor::write(path, Anchor { head, tail: 0 }) {
                notices.push(error.to_string());
            }
            return Ok((0, 0));
        }
        Ok(None) => {
            notices.push(format!(
                "the anchor {} is missing, so a shortened journal would go unseen; a new one is written",
                anchor::path(path).display()
            ));
            return Ok((0, 0));
        }
        Err(error) => {
            notices.push(error.to_string());
            return Ok((0, 0));
        }
    };
    let problem = anchor_problem(connection, anchor, head)?;
    let Some(problem) = problem else {
        return Ok((anchor.head.id, anchor.tail));
    };
    // The next commit writes a new anchor; the old one is the evidence, and is kept.
    let kept = keep_anchor(path);
    notices.push(format!(
        "{problem}; run `wardlight verify`; the anchor is kept as {}",
        kept.display()
    ));
    Ok((0, 0))
}

/// What is wrong between the history and its anchor, if anything.
pub(crate) fn anchor_problem(connection: &Connection, anchor: Anchor, head: Head) -> rusqlite::Result<Option<String>> {
    let journal = journal_problem(connection, anchor.head, head)?;
    if journal.is_some() {
        return Ok(journal);
    }
    let last = tail::last(connection)?;
    Ok((last < anchor.tail).then(|| {
        format!(
            "the tail ends at row {last}, but row {} was on disk: waves and numbers of its last seconds are lost",
            anchor.tail
        )
    }))
}

fn journal_problem(connection: &Connection, anchor: Head, head: Head) -> rusqlite::Result<Option<String>> {
    if anchor.id > head.id {
        return Ok(Some(format!(
            "the journal ends at entry {}, but entry {} was on disk: entries are lost",
            head.id, anchor.id
        )));
    }
    if anchor.id == 0 {
        return Ok(None);
    }
    let sql = "SELECT chain FROM journal WHERE id = ?1";
    let stored: Result<Vec<u8>, _> = connection.query_row(sql, [anchor.id], |row| row.get(0));
    match stored {
        Ok(chain) if chain == anchor.chain => Ok(None),
        Ok(_) => Ok(Some(format!(
            "journal entry {} is not the one the anchor names",
            anchor.id
        ))),
        Err(rusqlite::Error::QueryReturnedNoRows) => Ok(Some(format!("journal entry {} is gone", anchor.id))),
        Err(error) => Err(error),
    }
}

fn keep_anchor(path: &Path) -> PathBuf {
    let mut places = anchor::kept_paths(path).peekable();
    let mut kept = anchor::path(path);
    while let Some(place) = places.next() {
        let is_last = places.peek().is_none();
        if is_last || !place.exists() {
            kept = place;
            break;
        }
    }
    if let Err(error) = std::fs::copy(anchor::path(path), &kept) {
        tracing::warn!(%error, "the old anchor could not be kept");
    }
    kept
}

/// Gives the recorder what the tail holds, so that each open chunk goes on where it was.
fn adopt(recorder: &mut Recorder, tail: Tail, notices: &mut Vec<String>) {
    let note = |(row, why): &(i64, String)| format!("tail row {row}: {why}; run `wardlight verify`");
    notices.extend(tail.problems().map(note));
    recorder.next_row = tail.last_row + 1;
    let (waves, numbers) = (tail.waves.into_values().flatten(), tail.numbers.into_values().flatten());
    let mut slots: BTreeMap<u32, Slot> = BTreeMap::new();
    let slot = |series| Slot {
        series,
        ..Slot::default()
    };
    // In order of their keys: a younger chunk of a series pushes the elder out, which then has closed. One that lost
    // a part has closed too: its rows count from where it began.
    for run in waves {
        recorder.use_rows(&run.open.rows);
        let slot = slots
            .entry(run.open.key.series)
            .or_insert_with(|| slot(run.open.key.series));
        recorder.closed_waves.extend(slot.wave.replace(run.open));
        if !run.is_whole {
            recorder.closed_waves.extend(slot.wave.take());
        }
    }
    for run in numbers {
        recorder.use_rows(&run.open.rows);
        let slot = slots
            .entry(run.open.key.series)
            .or_insert_with(|| slot(run.open.key.series));
        let place = match run.open.head.timeliness {
            model::Timeliness::Live => &mut slot.live,
            model::Timeliness::Late => &mut slot.late,
        };
        recorder.closed_numbers.extend(place.replace(run.open));
        if !run.is_whole {
            recorder.closed_numbers.extend(place.take());
        }
    }
    recorder.slots.extend(slots.into_values());
    // A row that is damaged is in no list, and stays for whoever looks into it.
    let spent = tail.rows.into_iter().filter(|row| !recorder.row_uses.contains_key(row));
    recorder.spent_rows.extend(spent);
}
