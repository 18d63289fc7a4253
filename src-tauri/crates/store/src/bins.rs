//! The pyramid: least and greatest of 64, 1,024 and 16,384 samples, written with the chunk they are of.
//!
//! A chunk of ten seconds brings those of 64 alone; one of ten minutes all three. A chunk in which samples are missing
//! brings none, and is read itself: so no bin ever lies over a gap.

use model::{GenerationMode, SampleRate, Scale};
use rusqlite::{Connection, Row, params};

use crate::bytes::{Pack, Unpack};
use crate::chunk::WaveRow;
use crate::codec::{ITEMS_MAX, WaveHead};
use crate::samples::Samples;
use crate::tail::ChunkKey;
use crate::{NO_SAMPLE_WIDE, StoreError, rice};

/// Samples of a bin.
pub(crate) const LEVELS: [usize; 3] = [64, 1_024, 16_384];
/// A level is written where the chunk has at least so many bins of it: fewer are not worth a row.
const BINS_MIN: usize = 8;
/// Bits of the time in an id, in units of 2^14 microseconds: 1,141 years.
const TIME_BITS: u32 = 41;
const TIME_UNIT_BITS: u32 = 14;
/// 1700, in those units before 1970: recordings are shifted to other centuries to hide their dates.
const TIME_OFFSET: i64 = 520_000_000_000;
const SERIES_BITS: u32 = 20;
/// Ids that a row may have after its own where that is taken: chunks of one series that begin in the same 16 ms.
const NEIGHBOURS: i64 = 63;

/// Bins of one chunk.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BinsRow {
    level: usize,
    pub key: ChunkKey,
    pub start: i64,
    pub end: i64,
    pub rate: SampleRate,
    pub scale: Scale,
    pub gap_before: bool,
    /// Samples, not bins.
    pub count: usize,
    data: Vec<u8>,
    hash: i64,
}

/// Where the bins of a level, series and time lie. What does not fit wraps, and is told apart by the row's columns.
fn id(level: usize, series: u32, start: i64) -> i64 {
    let wrap = |value: i64, bits: u32| value & ((1 << bits) - 1);
    let time = wrap((start >> TIME_UNIT_BITS).saturating_add(TIME_OFFSET), TIME_BITS);
    let level = i64::try_from(level).unwrap_or(0) & 3;
    (level << (TIME_BITS + SERIES_BITS)) | (wrap(series.into(), SERIES_BITS) << TIME_BITS) | time
}

/// Quick, for it is looked at for every row of every screen: what is made on purpose `verify` finds, which makes the
/// bins again from the samples.
fn mix(head: &[u8], data: &[u8]) -> i64 {
    let mut state: u64 = 0x9E37_79B9_7F4A_7C15;
    for part in [head, data] {
        state ^= u64::try_from(part.len()).unwrap_or(0);
        let mut words = part.chunks_exact(8);
        for word in &mut words {
            let word = word.try_into().map_or(0, u64::from_le_bytes);
            state = (state ^ word).wrapping_mul(0xFF51_AFD7_ED55_8CCD).rotate_left(29);
        }
        for byte in words.remainder() {
            state = (state ^ u64::from(*byte))
                .wrapping_mul(0xC4CE_B9FE_1A85_EC53)
                .rotate_left(31);
        }
    }
    (state ^ (state >> 32))
        .wrapping_mul(0xFF51_AFD7_ED55_8CCD)
        .cast_signed()
}

fn pairs(samples: &[i32], each: usize) -> Vec<(i32, i32)> {
    let ends = |bin: &[i32]| Some((bin.iter().copied().min()?, bin.iter().copied().max()?));
    samples.chunks(each).filter_map(ends).collect()
}

/// The rows of a chunk, finest first.
pub(crate) fn of(key: ChunkKey, head: &WaveHead, samples: &Samples) -> Vec<BinsRow> {
    let wide = samples.clone().into_wide();
    if wide.contains(&NO_SAMPLE_WIDE) {
        return Vec::new();
    }
    let mut rows = Vec::new();
    for (level, each) in LEVELS.into_iter().enumerate() {
        if wide.len() < each * BINS_MIN {
            break;
        }
        let pairs = pairs(&wide, each);
        let mut row = BinsRow {
            level,
            key,
            start: head.start,
            end: head.at(wide.len()),
            rate: head.rate,
            scale: head.scale,
            gap_before: head.gap_before,
            count: wide.len(),
            data: pack(&pairs),
            hash: 0,
        };
        row.hash = row.hash_now();
        rows.push(row);
    }
    rows
}

/// Least of each bin, and how far above it the greatest lies.
fn pack(pairs: &[(i32, i32)]) -> Vec<u8> {
    let lows: Vec<i32> = pairs.iter().map(|(low, _)| *low).collect();
    let spans: Vec<i32> = pairs.iter().map(|(low, high)| high.wrapping_sub(*low)).collect();
    let lows = rice::pack_page(&lows);
    let mut pack = Pack::default();
    pack.u32(u32::try_from(lows.len()).unwrap_or(0));
    pack.0.extend_from_slice(&lows);
    pack.0.extend_from_slice(&rice::pack_page(&spans));
    pack.0
}

impl BinsRow {
    /// What the samples share, as far as a picture needs it.
    pub(crate) fn head(&self) -> WaveHead {
        WaveHead {
            start: self.start,
            measured: self.start,
            received: self.start,
            rate: self.rate,
            scale: self.scale,
            mode: GenerationMode::Real,
            gap_before: self.gap_before,
        }
    }

    /// Samples in a bin.
    pub(crate) fn each(&self) -> usize {
        LEVELS.get(self.level).copied().unwrap_or(1)
    }

    fn hash_now(&self) -> i64 {
        let mut pack = Pack::default();
        pack.u32(self.key.series);
        pack.i64(self.key.ordinal);
        let (samples, seconds) = self.rate.fraction();
        pack.u32(samples);
        pack.u32(seconds);
        for number in [self.start, self.end, length(self.level), length(self.count)] {
            pack.i64(number);
        }
        pack.f64(self.scale.resolution());
        pack.f64(self.scale.offset());
        pack.u8(u8::from(self.gap_before));
        mix(&pack.0, &self.data)
    }

    /// Each bin's least and greatest sample.
    pub(crate) fn pairs(&self) -> Result<Vec<(i32, i32)>, StoreError> {
        let count = self.count.div_ceil(self.each());
        let read = || {
            let mut from = Unpack(&self.data);
            let length = usize::try_from(from.u32()?).ok()?;
            let lows = rice::unpack_page(from.take(length)?, count)?;
            let spans = rice::unpack_page(from.0, count)?;
            let pair = |(low, span): (i32, i32)| (low, low.wrapping_add(span));
            Some(lows.into_iter().zip(spans).map(pair).collect())
        };
        read().ok_or_else(|| self.bad("its bins do not read"))
    }

    fn bad(&self, why: &str) -> StoreError {
        StoreError::Row {
            table: "wave_bins",
            row: id(self.level, self.key.series, self.start),
            why: why.to_owned(),
        }
    }

    /// Stores it, but for one that is there already.
    pub(crate) fn insert(&self, connection: &Connection) -> rusqlite::Result<()> {
        let mut place = id(self.level, self.key.series, self.start);
        let mut taken = connection.prepare_cached("SELECT series, ordinal, start_us FROM wave_bins WHERE id = ?1")?;
        for _ in 0..=NEIGHBOURS {
            let mut rows = taken.query([place])?;
            let Some(row) = rows.next()? else {
                drop(rows);
                return self.insert_at(connection, place);
            };
            if (row.get(0)?, row.get(1)?, row.get(2)?) == (self.key.series, self.key.ordinal, self.start) {
                return Ok(());
            }
            place = place.saturating_add(1);
        }
        // Without bins the chunk itself is read.
        tracing::debug!(series = self.key.series, "no room for the bins of a chunk");
        Ok(())
    }

    fn insert_at(&self, connection: &Connection, place: i64) -> rusqlite::Result<()> {
        let (samples, seconds) = self.rate.fraction();
        let mut statement = connection.prepare_cached(
            "INSERT INTO wave_bins (id, series, ordinal, start_us, end_us, samples, seconds, resolution, zero, \
             gap_before, count, data, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )?;
        let values = params![
            place,
            self.key.series,
            self.key.ordinal,
            self.start,
            self.end,
            samples,
            seconds,
            self.scale.resolution(),
            self.scale.offset(),
            self.gap_before,
            length(self.count),
            self.data,
            self.hash
        ];
        statement.execute(values).map(drop)
    }

    pub(crate) fn read(row: &Row) -> Result<Self, StoreError> {
        let place: i64 = row.get(0)?;
        let bad = |why: String| StoreError::Row {
            table: "wave_bins",
            row: place,
            why,
        };
        let read = || -> rusqlite::Result<Option<Self>> {
            let rate = SampleRate::new(row.get(5)?, row.get(6)?).ok();
            let scale = Scale::new(row.get(7)?, row.get(8)?).ok();
            let count = usize::try_from(row.get::<_, i64>(10)?)
                .ok()
                .filter(|count| *count <= ITEMS_MAX);
            let Some(((rate, scale), count)) = rate.zip(scale).zip(count) else {
                return Ok(None);
            };
            Ok(Some(Self {
                level: usize::try_from(place >> (TIME_BITS + SERIES_BITS)).unwrap_or(usize::MAX),
                key: ChunkKey {
                    series: row.get(1)?,
                    ordinal: row.get(2)?,
                },
                start: row.get(3)?,
                end: row.get(4)?,
                rate,
                scale,
                gap_before: row.get(9)?,
                count,
                data: row.get(11)?,
                hash: row.get(12)?,
            }))
        };
        let read = read().map_err(|error| bad(error.to_string()))?;
        let read = read.ok_or_else(|| bad("rate, scale or count cannot be".to_owned()))?;
        if read.hash == read.hash_now() {
            Ok(read)
        } else {
            Err(bad("its hash does not agree: it was changed or damaged".to_owned()))
        }
    }
}

fn length(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

pub(crate) const COLUMNS: &str =
    "id, series, ordinal, start_us, end_us, samples, seconds, resolution, zero, gap_before, count, data, hash";

/// Bins of a level that reach into a time, by their start. `longest` is how long the longest chunk of the series lasts.
/// A row that does not read is left out: then the chunk is read in its place.
pub(crate) fn between(
    connection: &Connection,
    level: usize,
    series: u32,
    (from, until): (i64, i64),
    longest: i64,
) -> Result<Vec<BinsRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM wave_bins WHERE id BETWEEN ?1 AND ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    let unit = 1 << TIME_UNIT_BITS;
    let first = id(level, series, from.saturating_sub(longest).saturating_sub(unit));
    let last = id(level, series, until).saturating_add(NEIGHBOURS);
    let mut rows = statement.query([first, last])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        match BinsRow::read(row) {
            Ok(bins) if bins.key.series == series && bins.start < until && bins.end > from => found.push(bins),
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "the samples are read in place of their bins"),
        }
    }
    if !found.is_sorted_by_key(|bins| bins.start) {
        found.sort_by_key(|bins| bins.start);
    }
    Ok(found)
}

/// Whether the bins of a chunk lie there as its samples make them anew; `None` where they do.
pub(crate) fn problem(
    connection: &Connection,
    chunk: &WaveRow,
    samples: &Samples,
) -> Result<Option<String>, StoreError> {
    for wanted in of(chunk.key, &chunk.head, samples) {
        let (start, end) = (wanted.start, wanted.start.saturating_add(1));
        let rows = between(connection, wanted.level, wanted.key.series, (start, end), 0)?;
        if !rows.contains(&wanted) {
            return Ok(Some(format!(
                "its bins of {} samples are gone or not its own",
                wanted.each()
            )));
        }
    }
    Ok(None)
}

/// Takes away the bins of a chunk that is taken away.
pub(crate) fn delete(connection: &Connection, key: ChunkKey, start: i64) -> rusqlite::Result<()> {
    let sql = "DELETE FROM wave_bins WHERE id BETWEEN ?1 AND ?2 AND series = ?3 AND ordinal = ?4 AND start_us = ?5";
    let mut statement = connection.prepare_cached(sql)?;
    for level in 0..LEVELS.len() {
        let first = id(level, key.series, start);
        let last = first.saturating_add(NEIGHBOURS);
        statement.execute(params![first, last, key.series, key.ordinal, start])?;
    }
    Ok(())
}
