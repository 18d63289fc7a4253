//! Rows of the two chunk tables: written, read, checked.

use std::ops::Range;

use model::{Quantity, Reading, SampleRate, Scale};
use rusqlite::{Connection, Row, params};

use crate::StoreError;
use crate::bytes::Pack;
use crate::codec::{
    Fit, NumbersHead, Value, WaveHead, decode_part, decode_values, encode_samples, encode_values, mode_number, mode_of,
    position, row_hash, timeliness_of, timing_numbers, timing_of,
};
use crate::open::{OpenNumbers, OpenWave};
use crate::samples::Samples;
use crate::tail::{ChunkKey, WAVE_REACH_US};

pub(crate) const WAVE_COLUMNS: &str = "id, series, ordinal, start_us, end_us, measured_us, received_us, samples, \
    seconds, resolution, zero, mode, gap_before, count, low, high, codec, data, hash, last_ordinal";
pub(crate) const NUMBERS_COLUMNS: &str = "id, series, ordinal, start_us, end_us, first_us, timing, timing_us, mode, \
    late, count, low, high, data, hash, valued, sum";

/// A row of `wave_chunk`. `id` is 0 until it is stored.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct WaveRow {
    pub id: i64,
    pub key: ChunkKey,
    /// The ordinal of the last chunk it was put together of; its own where it is one.
    pub last: i64,
    pub head: WaveHead,
    pub end: i64,
    pub count: i64,
    pub extremes: Option<(i64, i64)>,
    pub codec: i64,
    pub data: Vec<u8>,
    pub hash: i64,
}

/// A row of `numeric_chunk`. `id` is 0 until it is stored.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NumbersRow {
    pub id: i64,
    pub key: ChunkKey,
    pub head: NumbersHead,
    pub start: i64,
    pub end: i64,
    pub count: i64,
    /// How many of them are a number, and the sum of those in thousandths.
    pub valued: (i64, i64),
    pub extremes: Option<(i64, i64)>,
    pub data: Vec<u8>,
    pub hash: i64,
}

fn length(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn bad(table: &'static str, row: i64, why: &impl ToString) -> StoreError {
    StoreError::Row {
        table,
        row,
        why: why.to_string(),
    }
}

impl WaveRow {
    /// Compresses a chunk that has closed.
    pub(crate) fn of(open: &OpenWave, fit: &mut Fit) -> Self {
        let samples = Samples::Narrow(open.items.clone());
        Self::put_together(open.key, open.key.ordinal, open.head, &samples, fit)
    }

    /// One chunk of samples that follow each other, from those of chunk `key` to those of ordinal `last`.
    pub(crate) fn put_together(key: ChunkKey, last: i64, head: WaveHead, samples: &Samples, fit: &mut Fit) -> Self {
        let (codec, data) = encode_samples(samples, fit);
        let mut row = Self {
            id: 0,
            key,
            last,
            head,
            end: head.at(samples.len()),
            count: length(samples.len()),
            extremes: samples.extremes(),
            codec,
            data,
            hash: 0,
        };
        row.hash = row.hash_now();
        row
    }

    /// The hash of the row as it stands: every column but `id`, which SQLite gives.
    fn hash_now(&self) -> i64 {
        let mut pack = Pack::default();
        pack.u32(self.key.series);
        pack.i64(self.key.ordinal);
        self.head.pack(&mut pack);
        for number in [self.last, self.end, self.count, self.codec] {
            pack.i64(number);
        }
        pack_extremes(&mut pack, self.extremes);
        row_hash(&pack.0, &self.data)
    }

    pub(crate) fn insert(&self, connection: &Connection) -> rusqlite::Result<()> {
        let (samples, seconds) = self.head.rate.fraction();
        let mut statement = connection.prepare_cached(
            "INSERT INTO wave_chunk (series, ordinal, start_us, end_us, measured_us, received_us, samples, seconds, \
             resolution, zero, mode, gap_before, count, low, high, codec, data, hash, last_ordinal) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)",
        )?;
        statement
            .execute(params![
                self.key.series,
                self.key.ordinal,
                self.head.start,
                self.end,
                self.head.measured,
                self.head.received,
                samples,
                seconds,
                self.head.scale.resolution(),
                self.head.scale.offset(),
                mode_number(self.head.mode),
                self.head.gap_before,
                self.count,
                self.extremes.map(|e| e.0),
                self.extremes.map(|e| e.1),
                self.codec,
                self.data,
                self.hash,
                self.last
            ])
            .map(drop)
    }

    /// Whether this very chunk is there already.
    pub(crate) fn is_stored(&self, connection: &Connection) -> rusqlite::Result<bool> {
        let sql = "SELECT 1 FROM wave_chunk WHERE series = ?1 AND start_us BETWEEN ?2 - ?4 AND ?2 \
                   AND ordinal <= ?3 AND last_ordinal >= ?3 AND end_us > ?2";
        let at = params![self.key.series, self.head.start, self.key.ordinal, WAVE_REACH_US];
        connection.prepare_cached(sql)?.exists(at)
    }

    /// Reads a row of [`WAVE_COLUMNS`] and checks its hash.
    pub(crate) fn read(row: &Row) -> Result<Self, StoreError> {
        let id: i64 = row.get(0)?;
        let table = "wave_chunk";
        let read = || -> rusqlite::Result<Option<Self>> {
            let Ok(rate) = SampleRate::new(row.get(7)?, row.get(8)?) else {
                return Ok(None);
            };
            let Ok(scale) = Scale::new(row.get(9)?, row.get(10)?) else {
                return Ok(None);
            };
            let Some(mode) = mode_of(row.get(11)?) else {
                return Ok(None);
            };
            let head = WaveHead {
                start: row.get(3)?,
                measured: row.get(5)?,
                received: row.get(6)?,
                rate,
                scale,
                mode,
                gap_before: row.get(12)?,
            };
            Ok(Some(Self {
                id,
                key: key(row)?,
                head,
                end: row.get(4)?,
                count: row.get(13)?,
                extremes: row.get::<_, Option<i64>>(14)?.zip(row.get(15)?),
                codec: row.get(16)?,
                data: row.get(17)?,
                hash: row.get(18)?,
                last: row.get(19)?,
            }))
        };
        let read = read().map_err(|e| bad(table, id, &e))?;
        let read = read.ok_or_else(|| bad(table, id, &"rate, scale or mode cannot be"))?;
        if read.hash == read.hash_now() {
            Ok(read)
        } else {
            Err(bad(table, id, &"its hash does not agree: it was changed or damaged"))
        }
    }

    /// All samples.
    pub(crate) fn decode(&self) -> Result<Samples, StoreError> {
        self.decode_part(0..self.count())
    }

    /// How many samples; more than can be where the row does not say.
    pub(crate) fn count(&self) -> usize {
        usize::try_from(self.count).unwrap_or(usize::MAX)
    }

    /// The samples of `wanted`.
    pub(crate) fn decode_part(&self, wanted: Range<usize>) -> Result<Samples, StoreError> {
        let decoded = decode_part(self.codec, self.count(), &self.data, &wanted);
        let (first, mut samples) = decoded.map_err(|why| bad("wave_chunk", self.id, &why))?;
        samples.cut(wanted.start.saturating_sub(first), wanted.end.saturating_sub(first));
        Ok(samples)
    }
}

impl NumbersRow {
    /// Sorts and compresses a chunk that has closed.
    pub(crate) fn of(open: &OpenNumbers) -> Result<Self, String> {
        let late = open.head.timeliness;
        let mut values = open.items.clone();
        values.sort_by_key(|v| position(late, v));
        let ends = values.first().zip(values.last());
        let numbers = || {
            let quantities = values.iter().filter_map(|v| Reading::quantity(v.reading));
            quantities.map(Quantity::thousandths).map(i64::from)
        };
        let mut row = Self {
            id: 0,
            key: open.key,
            head: open.head,
            start: ends.map_or(open.head.first_at, |(first, _)| position(late, first)),
            end: ends
                .map_or(open.head.first_at, |(_, last)| position(late, last))
                .saturating_add(1),
            count: length(values.len()),
            valued: (length(numbers().count()), numbers().sum()),
            extremes: numbers().min().zip(numbers().max()),
            data: encode_values(&values)?,
            hash: 0,
        };
        row.hash = row.hash_now();
        Ok(row)
    }

    fn hash_now(&self) -> i64 {
        let mut pack = Pack::default();
        pack.u32(self.key.series);
        pack.i64(self.key.ordinal);
        self.head.pack(&mut pack);
        for number in [self.start, self.end, self.count, self.valued.0, self.valued.1] {
            pack.i64(number);
        }
        pack_extremes(&mut pack, self.extremes);
        row_hash(&pack.0, &self.data)
    }

    pub(crate) fn insert(&self, connection: &Connection) -> rusqlite::Result<()> {
        let (timing, timing_us) = timing_numbers(self.head.timing);
        let mut statement = connection.prepare_cached(
            "INSERT INTO numeric_chunk (series, ordinal, start_us, end_us, first_us, timing, timing_us, mode, late, \
             count, low, high, data, hash, valued, sum) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
        )?;
        statement
            .execute(params![
                self.key.series,
                self.key.ordinal,
                self.start,
                self.end,
                self.head.first_at,
                timing,
                timing_us,
                mode_number(self.head.mode),
                self.head.timeliness == model::Timeliness::Late,
                self.count,
                self.extremes.map(|e| e.0),
                self.extremes.map(|e| e.1),
                self.data,
                self.hash,
                self.valued.0,
                self.valued.1
            ])
            .map(drop)
    }

    /// Whether this very chunk is there already.
    pub(crate) fn is_stored(&self, connection: &Connection) -> rusqlite::Result<bool> {
        let sql = "SELECT 1 FROM numeric_chunk WHERE series = ?1 AND start_us = ?2 AND ordinal = ?3";
        let at = params![self.key.series, self.start, self.key.ordinal];
        connection.prepare_cached(sql)?.exists(at)
    }

    /// Reads a row of [`NUMBERS_COLUMNS`] and checks its hash.
    pub(crate) fn read(row: &Row) -> Result<Self, StoreError> {
        let id: i64 = row.get(0)?;
        let table = "numeric_chunk";
        let read = || -> rusqlite::Result<Option<Self>> {
            let timing = timing_of(row.get(6)?, row.get(7)?);
            let Some((timing, mode)) = timing.zip(mode_of(row.get(8)?)) else {
                return Ok(None);
            };
            Ok(Some(Self {
                id,
                key: key(row)?,
                head: NumbersHead {
                    first_at: row.get(5)?,
                    timing,
                    mode,
                    timeliness: timeliness_of(row.get(9)?),
                },
                start: row.get(3)?,
                end: row.get(4)?,
                count: row.get(10)?,
                extremes: row.get::<_, Option<i64>>(11)?.zip(row.get(12)?),
                data: row.get(13)?,
                hash: row.get(14)?,
                valued: (row.get(15)?, row.get(16)?),
            }))
        };
        let read = read().map_err(|e| bad(table, id, &e))?;
        let read = read.ok_or_else(|| bad(table, id, &"timing or mode cannot be"))?;
        if read.hash == read.hash_now() {
            Ok(read)
        } else {
            Err(bad(table, id, &"its hash does not agree: it was changed or damaged"))
        }
    }

    pub(crate) fn decode(&self) -> Result<Vec<Value>, StoreError> {
        let count = usize::try_from(self.count).unwrap_or(usize::MAX);
        decode_values(count, &self.data).map_err(|why| bad("numeric_chunk", self.id, &why))
    }
}

impl WaveRow {
    /// The same chunk in another file: of series `series`, every time told by `time`.
    pub(crate) fn moved(mut self, series: u32, time: impl Fn(i64) -> i64) -> Self {
        self.key.series = series;
        for at in [
            &mut self.head.start,
            &mut self.head.measured,
            &mut self.head.received,
            &mut self.end,
        ] {
            *at = time(*at);
        }
        self.hash = self.hash_now();
        self
    }
}

impl NumbersRow {
    /// The same chunk in another file: of series `series`.
    pub(crate) fn moved(mut self, series: u32) -> Self {
        self.key.series = series;
        self.hash = self.hash_now();
        self
    }
}

fn key(row: &Row) -> rusqlite::Result<ChunkKey> {
    Ok(ChunkKey {
        series: row.get(1)?,
        ordinal: row.get(2)?,
    })
}

fn pack_extremes(pack: &mut Pack, extremes: Option<(i64, i64)>) {
    match extremes {
        Some((low, high)) => {
            pack.i64(low);
            pack.i64(high);
        }
        None => pack.u8(0),
    }
}
