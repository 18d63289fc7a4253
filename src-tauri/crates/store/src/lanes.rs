//! What a history can draw: its lanes, and a lane's samples as they are.

use std::collections::BTreeMap;

use model::{BedId, EncounterId, GenerationMode, Kind, MetricCode, ReceiptTime, SampleRate, Scale};
use rusqlite::{Connection, OptionalExtension};

use crate::codec::position;
use crate::cursor::{Cut, WaveCursor};
use crate::reader::SeriesSpan;
use crate::{Reader, StoreError, tail};

/// The wide sample that says "no sample here".
pub const NO_SAMPLE_WIDE: i32 = i32::MIN;

/// Which series of one history file. It means nothing in another file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesId(pub u32);

/// One stream of a stay in a bed, or one channel of a recording, and when it was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    /// By this it is read.
    pub series: SeriesId,
    /// Which bed.
    pub bed: BedId,
    /// Which stay; `None` for what was recorded while the bed had none.
    pub encounter: Option<EncounterId>,
    /// Which metric; `None` for a channel of a foreign recording that is none of ours.
    pub metric: Option<MetricCode>,
    /// What a person reads: the metric's label, or that of the recording.
    pub label: String,
    /// The unit a person reads, in which its values are.
    pub unit: String,
    /// Whether it is a wave or numbers.
    pub kind: Kind,
    /// Samples a second of its newest part; `None` for numbers.
    pub rate: Option<SampleRate>,
    /// Where its first sample or value stands.
    pub from: ReceiptTime,
    /// After its last one.
    pub until: ReceiptTime,
}

/// A block of one wave, exact: `value = scale.offset() + scale.resolution() * sample`, in the lane's unit.
#[derive(Clone, Debug, PartialEq)]
pub struct WideBlock {
    /// Where the first sample stands.
    pub start: ReceiptTime,
    /// Samples a second.
    pub rate: SampleRate,
    /// What a step is worth.
    pub scale: Scale,
    /// Whether it is real, a test signal or a demonstration.
    pub mode: GenerationMode,
    /// The samples; [`NO_SAMPLE_WIDE`] is a gap.
    pub samples: Vec<i32>,
    /// Something is missing between the block before and this one.
    pub gap_before: bool,
}

impl From<Cut> for WideBlock {
    fn from(cut: Cut) -> Self {
        Self {
            start: ReceiptTime::from_micros(cut.head.start),
            rate: cut.head.rate,
            scale: cut.head.scale,
            mode: cut.head.mode,
            samples: cut.samples.into_wide(),
            gap_before: cut.head.gap_before,
        }
    }
}

/// When something was measured, and how often.
#[derive(Clone, Copy)]
struct Extent {
    from: i64,
    until: i64,
    rate: Option<SampleRate>,
}

impl Extent {
    fn with(self, other: Option<Self>) -> Self {
        other.map_or(self, |other| Self {
            from: self.from.min(other.from),
            until: self.until.max(other.until),
            rate: other.rate.or(self.rate),
        })
    }
}

impl Reader {
    /// Everything that can be drawn, by bed, waves first. A series of which nothing is left is not among them.
    pub fn lanes(&self) -> Result<Vec<Lane>, StoreError> {
        let snapshot = self.connection.unchecked_transaction()?;
        let open = open_extents(&snapshot)?;
        let mut statement = snapshot.prepare_cached(
            "SELECT s.id, b.name, e.name, s.metric, s.label, s.unit, s.longest_us FROM series s \
             JOIN bed b ON b.id = s.bed LEFT JOIN encounter e ON e.id = s.encounter \
             ORDER BY b.position, s.metric IS NULL, s.metric, s.id",
        )?;
        let mut rows = statement.query([])?;
        let mut lanes = Vec::new();
        while let Some(row) = rows.next()? {
            let (series, longest): (u32, i64) = (row.get(0)?, row.get(6)?);
            let bad = |why: &str| StoreError::Row {
                table: "series",
                row: series.into(),
                why: why.to_owned(),
            };
            let (bed, stay): (String, Option<String>) = (row.get(1)?, row.get(2)?);
            let bed = BedId::new(&bed).map_err(|_| bad("its bed is not known"))?;
            let encounter = stay.map(|stay| EncounterId::new(&stay)).transpose();
            let encounter = encounter.map_err(|_| bad("its stay is not known"))?;
            let code: Option<u8> = row.get(3)?;
            let metric = code.and_then(MetricCode::from_id);
            if metric.is_none() && code.is_some() {
                return Err(bad("its metric is not known"));
            }
            let (label, unit): (Option<String>, Option<String>) = (row.get(4)?, row.get(5)?);
            let open = open.get(&series).copied();
            let waves = wave_extent(&snapshot, series, longest)?;
            let numbers = numbers_extent(&snapshot, series, longest)?;
            let Some(extent) = waves.or(numbers).or(open) else {
                continue;
            };
            let extent = extent.with(numbers).with(open);
            let own = |word: fn(MetricCode) -> &'static str| metric.map_or("", word).to_owned();
            lanes.push(Lane {
                series: SeriesId(series),
                bed,
                encounter,
                metric,
                label: label.unwrap_or_else(|| own(MetricCode::label)),
                unit: unit.unwrap_or_else(|| own(|metric| metric.unit().label())),
                kind: if extent.rate.is_some() {
                    Kind::Wave
                } else {
                    Kind::Numeric
                },
                rate: extent.rate,
                from: ReceiptTime::from_micros(extent.from),
                until: ReceiptTime::from_micros(extent.until),
            });
        }
        let bed_of = |lane: &Lane| lane.bed.clone();
        for lanes in lanes.chunk_by_mut(|a, b| bed_of(a) == bed_of(b)) {
            lanes.sort_by_key(|lane| lane.kind == Kind::Numeric);
        }
        Ok(lanes)
    }

    /// The samples of a wave lane from `from` (inclusive) until `until` (exclusive) as they are, in order of time,
    /// streamed, a stored chunk at a time; where two overlap the earlier one counts. A damaged chunk is one error; the
    /// stream goes on after it.
    pub fn blocks(
        &self,
        series: SeriesId,
        from: ReceiptTime,
        until: ReceiptTime,
    ) -> impl Iterator<Item = Result<WideBlock, StoreError>> + use<'_> {
        let (span, error) = match self.span(series) {
            Ok(span) => (Some(span), None),
            Err(error) => (None, Some(Err(error))),
        };
        let spans = span.into_iter().collect();
        let cuts = WaveCursor::new(&self.connection, spans, from.as_micros(), until.as_micros());
        error.into_iter().chain(cuts.map(|cut| cut.map(WideBlock::from)))
    }

    /// A series by its number.
    pub(crate) fn span(&self, series: SeriesId) -> Result<SeriesSpan, StoreError> {
        let sql = "SELECT longest_us FROM series WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let longest = statement.query_row([series.0], |row| row.get(0)).optional()?;
        let longest = longest.ok_or(StoreError::NoSeries(series.0))?;
        Ok(SeriesSpan {
            series: series.0,
            longest,
        })
    }
}

/// When the stored chunks of a wave begin and end. None begins before the last by more than the longest lasts and
/// ends after it.
fn wave_extent(connection: &Connection, series: u32, longest: i64) -> Result<Option<Extent>, StoreError> {
    let ends = "SELECT min(start_us), max(start_us) FROM wave_chunk WHERE series = ?1";
    let ends = connection.prepare_cached(ends)?.query_row([series], |row| {
        let (first, last): (Option<i64>, Option<i64>) = (row.get(0)?, row.get(1)?);
        Ok(first.zip(last))
    })?;
    let Some((from, last)) = ends else {
        return Ok(None);
    };
    let sql = "SELECT end_us, samples, seconds FROM wave_chunk WHERE series = ?1 AND start_us >= ?2 \
               ORDER BY end_us DESC LIMIT 1";
    let mut statement = connection.prepare_cached(sql)?;
    let (until, samples, seconds) = statement.query_row((series, last.saturating_sub(longest)), |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
    })?;
    let rate = SampleRate::new(samples, seconds).map_err(|error| StoreError::Row {
        table: "wave_chunk",
        row: series.into(),
        why: error.to_string(),
    })?;
    Ok(Some(Extent {
        from,
        until,
        rate: Some(rate),
    }))
}

fn numbers_extent(connection: &Connection, series: u32, longest: i64) -> Result<Option<Extent>, StoreError> {
    let sql = "SELECT min(start_us), max(start_us) FROM numeric_chunk WHERE series = ?1";
    let ends = connection.prepare_cached(sql)?.query_row([series], |row| {
        let (first, last): (Option<i64>, Option<i64>) = (row.get(0)?, row.get(1)?);
        Ok(first.zip(last))
    })?;
    let Some((from, last)) = ends else {
        return Ok(None);
    };
    let sql = "SELECT max(end_us) FROM numeric_chunk WHERE series = ?1 AND start_us >= ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let until = statement.query_row((series, last.saturating_sub(longest)), |row| row.get(0))?;
    Ok(Some(Extent {
        from,
        until,
        rate: None,
    }))
}

/// What the tail holds of each series. An entry whose chunk is stored counts too: it lies where the chunk does.
fn open_extents(connection: &Connection) -> Result<BTreeMap<u32, Extent>, StoreError> {
    let mut extents: BTreeMap<u32, Extent> = BTreeMap::new();
    let mut add = |series: u32, from: i64, until: i64, rate: Option<SampleRate>| {
        let here = Extent { from, until, rate };
        extents
            .entry(series)
            .and_modify(|known| *known = known.with(Some(here)))
            .or_insert(here);
    };
    for row in tail::rows(connection, tail::KIND_WAVES)?
        .iter()
        .filter(|row| row.is_whole)
    {
        for entry in tail::unpack_waves(&row.data, |_| true).unwrap_or_default() {
            let (from, until) = (
                entry.head.at(entry.offset),
                entry.head.at(entry.offset + entry.items.len()),
            );
            add(entry.key.series, from, until, Some(entry.head.rate));
        }
    }
    for row in tail::rows(connection, tail::KIND_NUMBERS)?
        .iter()
        .filter(|row| row.is_whole)
    {
        for entry in tail::unpack_numbers(&row.data, |_| true).unwrap_or_default() {
            for value in &entry.items {
                let at = position(entry.head.timeliness, value);
                add(entry.key.series, at, at.saturating_add(1), None);
            }
        }
    }
    Ok(extents)
}
