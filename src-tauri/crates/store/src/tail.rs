//! The tail: what belongs to chunks that are still open, as it came, one row a second.
//!
//! A row holds an entry for each series that brought something. An entry names the chunk it belongs to (series,
//! ordinal, where the chunk begins). It counts only while that chunk is not stored; so a row may stay after its
//! chunks are, and nothing is read twice.

use rusqlite::{Connection, params};

use crate::StoreError;
use crate::bytes::{Pack, Unpack};
use crate::codec::{ITEMS_MAX, NumbersHead, Value, WaveHead, row_hash};

/// Rows of waves leave after 10 s, rows of numerics after two minutes: so they are two.
pub(crate) const KIND_WAVES: i64 = 1;
pub(crate) const KIND_NUMBERS: i64 = 2;

/// Which open chunk something belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ChunkKey {
    pub series: u32,
    pub ordinal: i64,
}

/// One series' part of a tail row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry<H, T> {
    pub key: ChunkKey,
    pub head: H,
    /// How many items of the chunk stand in rows before this one.
    pub offset: usize,
    pub items: Vec<T>,
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn pack_key(into: &mut Pack, key: ChunkKey, offset: usize, count: usize) {
    into.u32(key.series);
    into.i64(key.ordinal);
    into.u32(number(offset));
    into.u32(number(count));
}

fn unpack_key(from: &mut Unpack) -> Option<(ChunkKey, usize, usize)> {
    let (series, ordinal) = (from.u32()?, from.i64()?);
    let offset = usize::try_from(from.u32()?).ok()?;
    let count = usize::try_from(from.u32()?).ok()?;
    (count <= ITEMS_MAX && offset <= ITEMS_MAX).then_some((ChunkKey { series, ordinal }, offset, count))
}

pub(crate) fn pack_wave(into: &mut Pack, key: ChunkKey, head: &WaveHead, offset: usize, samples: &[i16]) {
    pack_key(into, key, offset, samples.len());
    head.pack(into);
    into.samples(samples);
}

pub(crate) fn pack_numbers(into: &mut Pack, key: ChunkKey, head: &NumbersHead, offset: usize, values: &[Value]) {
    pack_key(into, key, offset, values.len());
    head.pack(into);
    for value in values {
        value.pack(into);
    }
}

/// Entries of one row of waves, of the series `wanted` says yes to. `None` when the row does not read.
pub(crate) fn unpack_waves(data: &[u8], wanted: impl Fn(u32) -> bool) -> Option<Vec<Entry<WaveHead, i16>>> {
    let mut from = Unpack(data);
    let mut entries = Vec::new();
    while !from.0.is_empty() {
        let (key, offset, count) = unpack_key(&mut from)?;
        let head = WaveHead::unpack(&mut from)?;
        if wanted(key.series) {
            let items = from.samples(count)?;
            entries.push(Entry {
                key,
                head,
                offset,
                items,
            });
        } else {
            from.take(count * 2)?;
        }
    }
    Some(entries)
}

/// Entries of one row of numerics, of the series `wanted` says yes to. `None` when the row does not read.
pub(crate) fn unpack_numbers(data: &[u8], wanted: impl Fn(u32) -> bool) -> Option<Vec<Entry<NumbersHead, Value>>> {
    let mut from = Unpack(data);
    let mut entries = Vec::new();
    while !from.0.is_empty() {
        let (key, offset, count) = unpack_key(&mut from)?;
        let head = NumbersHead::unpack(&mut from)?;
        let items = (0..count).map(|_| Value::unpack(&mut from)).collect::<Option<_>>()?;
        if wanted(key.series) {
            entries.push(Entry {
                key,
                head,
                offset,
                items,
            });
        }
    }
    Some(entries)
}

/// A row as it stands.
pub(crate) struct Row {
    pub id: i64,
    pub data: Vec<u8>,
    pub is_whole: bool,
}

pub(crate) fn hash(kind: i64, data: &[u8]) -> i64 {
    row_hash(&kind.to_le_bytes(), data)
}

/// The number of the last row; 0 where there is none.
pub(crate) fn last(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT coalesce(max(id), 0) FROM tail", [], |row| row.get(0))
}

/// In place of the same row of a commit that was said to have failed and had not.
pub(crate) fn insert(connection: &Connection, id: i64, kind: i64, data: &[u8]) -> rusqlite::Result<()> {
    let mut statement =
        connection.prepare_cached("INSERT OR REPLACE INTO tail (id, kind, data, hash) VALUES (?1, ?2, ?3, ?4)")?;
    statement.execute(params![id, kind, data, hash(kind, data)]).map(drop)
}

/// Every row of a kind, oldest first.
pub(crate) fn rows(connection: &Connection, kind: i64) -> Result<Vec<Row>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT id, data, hash FROM tail WHERE kind = ?1 ORDER BY id")?;
    let mut rows = statement.query([kind])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        // Of another type, it is as damaged as one with another byte.
        let data = row.get_ref(1)?.as_blob().map_or_else(|_| Vec::new(), <[u8]>::to_vec);
        let is_whole = row.get_ref(2)?.as_i64().is_ok_and(|stored| stored == hash(kind, &data));
        found.push(Row {
            id: row.get(0)?,
            data,
            is_whole,
        });
    }
    Ok(found)
}

/// Whether the entry's part of the chunk is stored, so that it counts no more. A chunk that lost a part is stored
/// as several, one by one: so a row says of which its entry is.
pub(crate) fn wave_is_stored(connection: &Connection, entry: &Entry<WaveHead, i16>) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM wave_chunk WHERE series = ?1 AND start_us BETWEEN ?2 - ?5 AND ?3 \
               AND ordinal <= ?4 AND last_ordinal >= ?4 AND end_us > ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let (key, head) = (entry.key, &entry.head);
    // Between the entry's first sample and its second.
    let at = head.at(entry.offset).saturating_add(head.tolerance());
    statement.exists(params![key.series, head.start, at, key.ordinal, WAVE_REACH_US])
}

/// The same for numerics: a chunk may begin up to [`SPAN_MAX_US`] before its first value came, or after it when
/// that was lost.
pub(crate) fn numbers_are_stored(connection: &Connection, entry: &Entry<NumbersHead, Value>) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM numeric_chunk WHERE series = ?1 AND start_us BETWEEN ?2 AND ?3 AND ordinal = ?4";
    let mut statement = connection.prepare_cached(sql)?;
    let (key, first) = (entry.key, entry.head.first_at);
    let (earliest, latest) = (first.saturating_sub(SPAN_MAX_US), first.saturating_add(SPAN_MAX_US));
    statement.exists(params![key.series, earliest, latest, key.ordinal])
}

/// How long before a chunk's own first sample the one may begin that it was put together into, in microseconds: more
/// than the longest such chunk lasts.
pub(crate) const WAVE_REACH_US: i64 = 3_600 * 1_000_000;

/// A chunk of numerics reaches at most this far before and after its first value, in microseconds: one hour.
pub(crate) const SPAN_MAX_US: i64 = 3_600 * 1_000_000;
