//! Opening the history: the file, what it says, and the chunks that were open when the last session ended.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::chunk::{NumbersRow, WaveRow};
use crate::codec::{NumbersHead, Value, WaveHead};
use crate::identity::Identity;
use crate::journal::{self, Head};
use crate::open::Open;
use crate::recorder::{Recorder, Slot};
use crate::tail::{self, ChunkKey, Entry};
use crate::{Opened, StoreError, StoreOptions, anchor, file};

/// Alert ids of `wardlight-2.db` begin here, those of `-3` at twice this, and so on: the ids in the file before
/// it cannot be read, and an id is never used again.
const ALERT_IDS_PER_FILE: u64 = 1_000_000_000;
/// Old anchors kept as evidence; the last one is written over then.
const KEPT_ANCHORS_MAX: u32 = 99;
/// Chunks opened by one session, as a power of two: 100 a second for 16 months.
const ORDINAL_BITS: u32 = 32;

/// A recorder that can begin, what it found, and the files that could not be used.
pub(crate) struct Ready {
    pub recorder: Recorder,
    pub opened: Opened,
    pub passed: Vec<StoreError>,
}

/// What is said when nothing can be opened yet (a full or failing disk).
pub(crate) fn nothing_yet(dir: &Path) -> Opened {
    Opened {
        file: file::path(dir, 1),
        standing: Vec::new(),
        // Beyond every file's own, for the same reason as there.
        next_alert_id: ALERT_IDS_PER_FILE * 1_000,
        last_station_stop_was_clean: true,
        notices: Vec::new(),
    }
}

pub(crate) fn open(dir: &Path, options: &StoreOptions) -> Result<Ready, StoreError> {
    let open = |number, path: &Path| open_file(number, path, options);
    let ((recorder, opened), passed) = file::choose(dir, open)?;
    Ok(Ready {
        recorder,
        opened,
        passed,
    })
}

fn open_file(number: u32, path: &Path, options: &StoreOptions) -> Result<(Recorder, Opened), StoreError> {
    let connection = file::open_for_writing(path, options.pages_max)?;
    let head = Head::read(&connection)?;
    let mut notices = Vec::new();
    let anchored = check_anchor(&connection, path, head, &mut notices)?;
    let first = ALERT_IDS_PER_FILE * u64::from(number.saturating_sub(1));
    let opened = Opened {
        file: path.to_owned(),
        standing: journal::standing(&connection)?,
        next_alert_id: first.max(u64::try_from(journal::last_alert(&connection)?).unwrap_or(0)) + 1,
        last_station_stop_was_clean: journal::stop_was_clean(&connection)?,
        notices: Vec::new(),
    };
    let session = next_session(&connection)?;
    let mut identity = Identity::read(&connection)?;
    identity.opens_session(session);
    let mut recorder = Recorder::new(connection, path, identity, head);
    recorder.anchored = anchored;
    recorder.next_ordinal = session << ORDINAL_BITS;
    let tail = Tail::read(&recorder.connection)?;
    adopt(&mut recorder, tail, &mut notices);
    Ok((recorder, Opened { notices, ..opened }))
}

/// Only read here: on a full disk a write would fail, and with it all that the file says of limits and open alerts.
fn next_session(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT coalesce(max(id), 0) + 1 FROM session", [], |row| row.get(0))
}

/// Compares the journal with its anchor; says up to which entry the anchor is good.
fn check_anchor(
    connection: &Connection,
    path: &Path,
    head: Head,
    notices: &mut Vec<String>,
) -> Result<i64, StoreError> {
    let anchor = match anchor::read(path) {
        Ok(Some(anchor)) => anchor,
        Ok(None) if head.id == 0 => {
            // At once, before there is an entry: a station killed in its first second leaves a whole history.
            if let Err(error) = anchor::write(path, head) {
                notices.push(error.to_string());
            }
            return Ok(0);
        }
        Ok(None) => {
            notices.push(format!(
                "the anchor {} is missing, so a shortened journal would go unseen; a new one is written",
                anchor::path(path).display()
            ));
            return Ok(0);
        }
        Err(error) => {
            notices.push(error.to_string());
            return Ok(0);
        }
    };
    let problem = anchor_problem(connection, anchor, head)?;
    let Some(problem) = problem else {
        return Ok(anchor.id);
    };
    // The next commit writes a new anchor; the old one is the evidence, and is kept.
    let kept = keep_anchor(path);
    notices.push(format!(
        "{problem}; run `wardlight verify`; the anchor is kept as {}",
        kept.display()
    ));
    Ok(0)
}

/// What is wrong between the journal and its anchor, if anything.
pub(crate) fn anchor_problem(connection: &Connection, anchor: Head, head: Head) -> rusqlite::Result<Option<String>> {
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
    let kept = (1_u32..=KEPT_ANCHORS_MAX)
        .map(|n| path.with_extension(format!("anchor-kept-{n}")))
        .find(|p| !p.exists());
    let kept = kept.unwrap_or_else(|| path.with_extension("anchor-kept"));
    if let Err(error) = std::fs::copy(anchor::path(path), &kept) {
        tracing::warn!(%error, "the old anchor could not be kept");
    }
    kept
}

/// Entries of the tail, by the chunk they belong to.
type Found<H, T> = BTreeMap<ChunkKey, Open<H, T>>;

fn take_up<H: Copy, T>(found: &mut Found<H, T>, row: i64, entry: Entry<H, T>) -> Result<(), String> {
    let open = found.entry(entry.key).or_insert_with(|| {
        let mut open = Open::new(entry.key, entry.head, Vec::new());
        open.unsaved_parts = 0;
        open
    });
    if open.items.len() != entry.offset {
        return Err(format!(
            "a part of chunk {} of series {} is missing before it",
            entry.key.ordinal, entry.key.series
        ));
    }
    open.items.extend(entry.items);
    open.saved = open.items.len();
    open.rows.push(row);
    Ok(())
}

/// What the tail holds: open chunks, the ids of its whole rows, and what is wrong with others.
#[derive(Default)]
pub(crate) struct Tail {
    pub waves: Found<WaveHead, i16>,
    pub numbers: Found<NumbersHead, Value>,
    pub rows: Vec<i64>,
    pub last_row: i64,
    pub bad: Vec<(i64, String)>,
}

impl Tail {
    pub(crate) fn read(connection: &Connection) -> Result<Self, StoreError> {
        let mut tail = Self::default();
        let damaged = |what| format!("it is damaged, and up to a second of {what} with it");
        for row in tail::rows(connection, tail::KIND_WAVES)? {
            tail.last_row = tail.last_row.max(row.id);
            let Some(entries) = tail::unpack_waves(&row.data, |_| true).filter(|_| row.is_whole) else {
                tail.bad.push((row.id, damaged("waves")));
                continue;
            };
            tail.rows.push(row.id);
            for entry in entries {
                if !tail::wave_is_stored(connection, entry.key, &entry.head)?
                    && let Err(why) = take_up(&mut tail.waves, row.id, entry)
                {
                    tail.bad.push((row.id, why));
                }
            }
        }
        for row in tail::rows(connection, tail::KIND_NUMBERS)? {
            tail.last_row = tail.last_row.max(row.id);
            let Some(entries) = tail::unpack_numbers(&row.data, |_| true).filter(|_| row.is_whole) else {
                tail.bad.push((row.id, damaged("numerics")));
                continue;
            };
            tail.rows.push(row.id);
            for entry in entries {
                if !tail::numbers_are_stored(connection, entry.key, &entry.head)?
                    && let Err(why) = take_up(&mut tail.numbers, row.id, entry)
                {
                    tail.bad.push((row.id, why));
                }
            }
        }
        Ok(tail)
    }
}

/// Gives the recorder what the tail holds, so that each open chunk goes on where it was.
fn adopt(recorder: &mut Recorder, tail: Tail, notices: &mut Vec<String>) {
    let note = |(row, why): &(i64, String)| format!("tail row {row}: {why}; run `wardlight verify`");
    notices.extend(tail.bad.iter().map(note));
    recorder.next_row = tail.last_row + 1;
    let (waves, numbers) = (tail.waves, tail.numbers);
    let uses = waves
        .values()
        .flat_map(|o| &o.rows)
        .chain(numbers.values().flat_map(|o| &o.rows));
    for row in uses {
        *recorder.row_uses.entry(*row).or_insert(0) += 1;
    }
    // A row that is damaged stays, for whoever looks into it.
    let damaged: Vec<i64> = tail.bad.iter().map(|(row, _)| *row).collect();
    let spent = tail
        .rows
        .into_iter()
        .filter(|row| !recorder.row_uses.contains_key(row) && !damaged.contains(row));
    recorder.spent_rows.extend(spent);
    let mut slots: BTreeMap<u32, Slot> = BTreeMap::new();
    let slot = |series| Slot {
        series,
        ..Slot::default()
    };
    // In order of their keys: a younger chunk of a series pushes the elder out, which then has closed.
    for (key, open) in waves {
        let slot = slots.entry(key.series).or_insert_with(|| slot(key.series));
        recorder.closed_waves.extend(slot.wave.replace(open));
    }
    for (key, open) in numbers {
        let slot = slots.entry(key.series).or_insert_with(|| slot(key.series));
        let place = match open.head.timeliness {
            model::Timeliness::Live => &mut slot.live,
            model::Timeliness::Late => &mut slot.late,
        };
        recorder.closed_numbers.extend(place.replace(open));
    }
    recorder.slots.extend(slots.into_values());
}

/// The wave chunks of `series` that are still open, as if they were stored.
pub(crate) fn open_waves(connection: &Connection, series: u32) -> Result<Vec<WaveRow>, StoreError> {
    let mut found = Found::new();
    for row in tail::rows(connection, tail::KIND_WAVES)?
        .iter()
        .filter(|row| row.is_whole)
    {
        for entry in tail::unpack_waves(&row.data, |s| s == series).unwrap_or_default() {
            if !tail::wave_is_stored(connection, entry.key, &entry.head)? {
                // What cannot be placed because a part before it is damaged: `verify` names the row.
                take_up(&mut found, row.id, entry).unwrap_or_default();
            }
        }
    }
    Ok(found.values().map(WaveRow::of).collect())
}

/// The chunks of numerics of `series` that are still open, as if they were stored.
pub(crate) fn open_numbers(connection: &Connection, series: u32) -> Result<Vec<NumbersRow>, StoreError> {
    let mut found = Found::new();
    for row in tail::rows(connection, tail::KIND_NUMBERS)?
        .iter()
        .filter(|row| row.is_whole)
    {
        for entry in tail::unpack_numbers(&row.data, |s| s == series).unwrap_or_default() {
            if !tail::numbers_are_stored(connection, entry.key, &entry.head)? {
                take_up(&mut found, row.id, entry).unwrap_or_default();
            }
        }
    }
    found
        .values()
        .map(|open| NumbersRow::of(open).map_err(StoreError::Failed))
        .collect()
}
