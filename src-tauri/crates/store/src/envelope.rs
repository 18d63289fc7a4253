//! A screen's worth of a lane at any zoom.

use model::{Kind, MetricCode, NumericTiming, ReceiptTime};
use rusqlite::{Connection, OptionalExtension};

use crate::chunk::WaveRow;
use crate::codec::position;
use crate::columns::{Columns, Part};
use crate::cursor::{Merged, NumbersLook, WaveCursor};
use crate::reader::SeriesSpan;
use crate::{Reader, SeriesId, StoreError, bins, found};

/// What a lane did over a time, in bins of about a pixel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Envelope {
    /// In order of time; none lies over another. Where nothing was measured there is none.
    pub bins: Vec<Bin>,
}

/// What a lane did over about a pixel, in the lane's unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bin {
    /// Where it begins, in microseconds since the Unix epoch: at its first sample or value. It may lie before the
    /// window or before its pixel, since bins are rounded outwards: no extremum is ever lost.
    pub from_us: i64,
    /// Where it ends: at the sample after its last one; of numbers just after the last value.
    pub until_us: i64,
    /// The least of all samples or values from `from_us` to before `until_us`.
    pub low: f64,
    /// The greatest of them.
    pub high: f64,
    /// The mean of a lane of numbers; `None` of a wave.
    pub mean: Option<f64>,
    /// Something is missing before it: do not draw a line from the bin before to this one. A bin itself never lies
    /// over a gap. Of numbers, a gap is where none came for so long that the wall calls the last one stale.
    pub gap_before: bool,
}

impl Reader {
    /// What the lane `series` did from `from` until `until`, for a screen of `pixels`: least and greatest of about each
    /// pixel; every sample as it is, where a pixel holds no more than one.
    ///
    /// What is still in the open chunk is in it. Nothing is lost between pixels: every sample of the window is in a bin.
    /// A pixel may have several bins, where something is missing within it.
    pub fn envelope(
        &self,
        series: SeriesId,
        from: ReceiptTime,
        until: ReceiptTime,
        pixels: u32,
    ) -> Result<Envelope, StoreError> {
        let span = self.span(series)?;
        let (from, until) = (from.as_micros(), until.as_micros());
        let mut columns = Columns::new(from, until, pixels);
        let snapshot = self.connection.unchecked_transaction()?;
        match kind_of(&snapshot, span.series)? {
            Some(Kind::Wave) => {
                let levels = levels(&snapshot, span, from, until, pixels)?;
                let mut strip = Strip {
                    connection: &snapshot,
                    span,
                    open: None,
                };
                strip.cover(levels, from, until, &mut columns)?;
            }
            Some(Kind::Numeric) => numbers(&snapshot, span, (from, until), &mut columns)?,
            None => {}
        }
        Ok(Envelope { bins: columns.finish() })
    }
}

/// Whether a series is a wave or numbers; `None` while nothing of it is stored.
fn kind_of(connection: &Connection, series: u32) -> Result<Option<Kind>, StoreError> {
    let is_in = |table: &str| -> rusqlite::Result<bool> {
        let sql = format!("SELECT 1 FROM {table} WHERE series = ?1 LIMIT 1");
        connection.prepare_cached(&sql)?.exists([series])
    };
    if is_in("wave_chunk")? {
        return Ok(Some(Kind::Wave));
    }
    if is_in("numeric_chunk")? {
        return Ok(Some(Kind::Numeric));
    }
    let metric = "SELECT metric FROM series WHERE id = ?1";
    let metric: Option<u8> = connection
        .prepare_cached(metric)?
        .query_row([series], |row| row.get(0))?;
    Ok(metric.and_then(MetricCode::from_id).map(MetricCode::kind))
}

/// A wave's way through the pyramid.
struct Strip<'a> {
    connection: &'a Connection,
    span: SeriesSpan,
    /// Chunks that are still open, read when the way first comes to samples.
    open: Option<Vec<WaveRow>>,
}

impl Strip<'_> {
    /// Fills the columns from bins of so many levels, or from samples where it is none. What has no bins of a level
    /// is filled from the next finer one.
    fn cover(&mut self, levels: usize, from: i64, until: i64, columns: &mut Columns) -> Result<(), StoreError> {
        let Some(level) = levels.checked_sub(1) else {
            return self.samples(from, until, columns);
        };
        let mut from = from;
        let (series, longest) = (self.span.series, self.span.longest);
        let rows = bins::between(self.connection, level, series, (from, until), longest)?;
        let mut is_first = true;
        for row in rows {
            let head = row.head();
            let start = head.first_at(row.count, from);
            if start >= row.count || (start > 0 && !is_first) {
                // Nothing of it is left, or it was laid over the one before: then the samples tell which counts.
                continue;
            }
            if row.start > from.saturating_add(2 * head.tolerance()) {
                self.cover(level, from, row.start, columns)?;
            }
            let each = row.each();
            // The bin that holds the first sample of the window, to the one that holds the last.
            let first = start / each;
            let last = head.first_at(row.count, until).div_ceil(each);
            let pairs = row.pairs()?;
            if let Some(pairs) = pairs.get(first..last).filter(|pairs| !pairs.is_empty()) {
                columns.pairs(&head, first, each, row.count, pairs);
            }
            from = row.end.saturating_sub(head.tolerance());
            is_first = false;
        }
        if from < until {
            self.cover(level, from, until, columns)?;
        }
        Ok(())
    }

    fn samples(&mut self, from: i64, until: i64, columns: &mut Columns) -> Result<(), StoreError> {
        let open = match self.open.take() {
            Some(open) => open,
            None => found::open_waves(self.connection, self.span.series)?,
        };
        let rows = Merged::with_open(self.connection, self.span, from, until, &open);
        self.open = Some(open);
        for cut in WaveCursor::of(rows, from, until) {
            let cut = cut?;
            columns.samples(&cut.head, &cut.samples.into_wide());
        }
        Ok(())
    }
}

/// How many levels of the pyramid a pixel is wide enough for: none where it holds fewer than 64 samples.
fn levels(connection: &Connection, span: SeriesSpan, from: i64, until: i64, pixels: u32) -> Result<usize, StoreError> {
    let sql = "SELECT samples, seconds FROM wave_chunk WHERE series = ?1 AND start_us < ?2 \
               ORDER BY start_us DESC LIMIT 1";
    let mut statement = connection.prepare_cached(sql)?;
    let rate: Option<(u32, u32)> = statement
        .query_row((span.series, until), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((samples, seconds)) = rate else { return Ok(0) };
    let micros = u128::from(until.abs_diff(from)) * u128::from(samples);
    let a_pixel = micros / (u128::from(seconds.max(1)) * 1_000_000 * u128::from(pixels.max(1)));
    let fit = |each: &&usize| u128::try_from(**each).is_ok_and(|each| each <= a_pixel);
    Ok(bins::LEVELS.iter().take_while(fit).count())
}

/// Numbers: a chunk that lies in one pixel is told by the index, another by its values.
fn numbers(
    connection: &Connection,
    span: SeriesSpan,
    (from, until): (i64, i64),
    columns: &mut Columns,
) -> Result<(), StoreError> {
    let mut parts: Vec<(Part, i64)> = Vec::new();
    let mut chunks = Merged::<NumbersLook>::new(connection, vec![span], from, until);
    let mut timing = None;
    while let Some(look) = chunks.next() {
        let look = look?;
        let last = look.end.saturating_sub(1);
        let is_inside = look.start >= from && look.end <= until && columns.of(look.start) == columns.of(last);
        if let (Some(timing), Some((low, high)), true) = (timing, look.extremes, is_inside)
            && is_dense(&look, timing)
        {
            let sum = thousandths(look.valued.1);
            let part = part(
                look.start,
                look.end,
                (thousandths(low), thousandths(high)),
                sum,
                look.valued.0,
            );
            parts.push((part, stale_after(timing)));
            continue;
        }
        let Some(row) = look.load(connection)? else { continue };
        timing = Some(row.head.timing);
        for value in row.decode()? {
            let at = position(row.head.timeliness, &value);
            if let Some(quantity) = value.reading.quantity().filter(|_| (from..until).contains(&at)) {
                let value = quantity.to_f64();
                let part = part(at, at.saturating_add(1), (value, value), value, 1);
                parts.push((part, stale_after(row.head.timing)));
            }
        }
    }
    parts.sort_by_key(|(part, _)| part.from);
    let mut before: Option<i64> = None;
    for (part, stale_after) in parts {
        let gap = before.is_some_and(|before| part.from.saturating_sub(before) > stale_after);
        before = before.max(Some(part.until));
        columns.put(Part { gap, ..part });
    }
    Ok(())
}

/// Whether the values of a chunk stand so close that there can be no gap between them, as its span and number tell.
fn is_dense(look: &NumbersLook, timing: NumericTiming) -> bool {
    let (NumericTiming::Every(period) | NumericTiming::Intermittent(period)) = timing;
    let period = i64::try_from(period.as_micros()).unwrap_or(i64::MAX);
    let lasts = look.end.saturating_sub(look.start);
    let filled = look.valued.0.saturating_sub(1).saturating_mul(period);
    // Much more than its span holds: it came more often than the chunk before, so this says nothing.
    let more = filled.saturating_sub(lasts);
    lasts.saturating_sub(filled).saturating_add(period) <= stale_after(timing) && more <= period
}

/// How long no value is no gap: in microseconds, what the wall calls stale.
fn stale_after(timing: NumericTiming) -> i64 {
    i64::try_from(timing.stale_after().as_micros()).unwrap_or(i64::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "sums far below 2^52 thousandths")]
fn thousandths(number: i64) -> f64 {
    number as f64 / 1_000.0
}

#[expect(clippy::cast_precision_loss, reason = "a count far below 2^52")]
fn part(from: i64, until: i64, (low, high): (f64, f64), sum: f64, count: i64) -> Part {
    Part {
        from,
        until,
        low,
        high,
        sum,
        count: count as f64,
        gap: false,
    }
}
