//! Streams over stored and open chunks, a page of rows at a time.
//!
//! Open chunks are read together with the first page, in one transaction; one that closes and is stored before a
//! later page is read is known by its key, and is not given twice.

use std::collections::VecDeque;

use model::{MetricCode, Numeric, ReceiptTime};
use rusqlite::{Connection, Row, Transaction, params};

use crate::chunk::{NUMBERS_COLUMNS, NumbersRow, WAVE_COLUMNS, WaveRow};
use crate::codec::{WaveHead, position};
use crate::compact::LONG_SPAN_US;
use crate::reader::SeriesSpan;
use crate::samples::Samples;
use crate::tail::{ChunkKey, WAVE_REACH_US};
use crate::{StoreError, Window, found};

/// Rows read at once: 64 wave chunks are ten minutes and 90 KB.
const PAGE_ROWS: usize = 64;
/// Entries of the index read at once: a day and a half of one number.
const PAGE_LOOKS: usize = 1_024;

/// A kind of chunk row that can be paged through.
pub(crate) trait ChunkRow: Sized {
    /// The columns, ordinal and start the third and fourth, and the table.
    const SOURCE: (&str, &str);
    fn read(row: &Row) -> Result<Self, StoreError>;
    /// Where it starts and ends.
    fn span(&self) -> (i64, i64);
    /// Whether rows may be put together into one while they are read, and the last ordinal of this one.
    const GROWS: bool;
    /// Rows read at once.
    const PAGE: usize;
    fn last(&self) -> i64;
    /// What tells it from every other: its key, and of a chunk that lost a part also where it starts.
    fn identity(&self) -> (ChunkKey, i64);
    fn open(connection: &Connection, series: u32) -> Result<Vec<Self>, StoreError>;
}

impl ChunkRow for WaveRow {
    const SOURCE: (&str, &str) = (WAVE_COLUMNS, "wave_chunk");
    fn read(row: &Row) -> Result<Self, StoreError> {
        Self::read(row)
    }
    fn span(&self) -> (i64, i64) {
        (self.head.start, self.end)
    }
    const GROWS: bool = true;
    const PAGE: usize = PAGE_ROWS;
    fn last(&self) -> i64 {
        self.last
    }
    fn identity(&self) -> (ChunkKey, i64) {
        (self.key, self.head.start)
    }
    fn open(connection: &Connection, series: u32) -> Result<Vec<Self>, StoreError> {
        found::open_waves(connection, series)
    }
}

/// What the index says of a chunk of numbers: enough to leave it out, or to draw it where it is all of a pixel. The row
/// with its bytes is read only when a value is wanted.
///
/// Its hash is not looked at for that, since the hash is over the bytes too: reading those is what is saved. `verify`
/// checks every hash, and SQLite's own check, which it runs, that index and row agree.
#[derive(Clone, Debug)]
pub(crate) struct NumbersLook {
    id: i64,
    key: ChunkKey,
    pub start: i64,
    pub end: i64,
    pub extremes: Option<(i64, i64)>,
    pub valued: (i64, i64),
    open: Option<Box<NumbersRow>>,
}

impl NumbersLook {
    /// The whole chunk; `None` when it was taken away meanwhile.
    pub(crate) fn load(self, connection: &Connection) -> Result<Option<NumbersRow>, StoreError> {
        if let Some(open) = self.open {
            return Ok(Some(*open));
        }
        let sql = format!("SELECT {NUMBERS_COLUMNS} FROM numeric_chunk WHERE id = ?1");
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows = statement.query([self.id])?;
        rows.next()?.map(NumbersRow::read).transpose()
    }
}

impl From<NumbersRow> for NumbersLook {
    fn from(row: NumbersRow) -> Self {
        Self {
            id: row.id,
            key: row.key,
            start: row.start,
            end: row.end,
            extremes: row.extremes,
            valued: row.valued,
            open: Some(Box::new(row)),
        }
    }
}

impl ChunkRow for NumbersLook {
    const SOURCE: (&str, &str) = (
        "id, series, ordinal, start_us, end_us, low, high, valued, sum",
        "numeric_chunk",
    );
    fn read(row: &Row) -> Result<Self, StoreError> {
        let key = ChunkKey {
            series: row.get(1)?,
            ordinal: row.get(2)?,
        };
        Ok(Self {
            id: row.get(0)?,
            key,
            start: row.get(3)?,
            end: row.get(4)?,
            extremes: row.get::<_, Option<i64>>(5)?.zip(row.get(6)?),
            valued: (row.get(7)?, row.get(8)?),
            open: None,
        })
    }
    fn span(&self) -> (i64, i64) {
        (self.start, self.end)
    }
    const GROWS: bool = false;
    const PAGE: usize = PAGE_LOOKS;
    fn last(&self) -> i64 {
        self.key.ordinal
    }
    fn identity(&self) -> (ChunkKey, i64) {
        (self.key, 0)
    }
    fn open(connection: &Connection, series: u32) -> Result<Vec<Self>, StoreError> {
        let open = found::open_numbers(connection, series)?;
        Ok(open.into_iter().map(Self::from).collect())
    }
}

/// One state of the history for several queries: a transaction of its own, or the one that is open already.
pub(crate) struct Snapshot<'c>(#[expect(dead_code, reason = "ends when it is dropped")] Option<Transaction<'c>>);

impl<'c> Snapshot<'c> {
    pub(crate) fn begin(connection: &'c Connection) -> rusqlite::Result<Self> {
        let is_open = !connection.is_autocommit();
        Ok(Self(if is_open {
            None
        } else {
            Some(connection.unchecked_transaction()?)
        }))
    }
}

/// The chunks of one series that reach into a window, by their start.
struct Pages<R> {
    series: u32,
    from: i64,
    until: i64,
    /// The next row comes after this start and ordinal.
    after: (i64, i64),
    ready: VecDeque<Result<R, StoreError>>,
    /// The ordinal of the last stored chunk that was read.
    last: Option<i64>,
    /// Chunks that were open at the first page, by start; `None` before it.
    open: Option<VecDeque<R>>,
    open_ones: Vec<(ChunkKey, i64)>,
    is_done: bool,
}

impl<R: ChunkRow> Pages<R> {
    fn new(span: SeriesSpan, from: i64, until: i64) -> Self {
        // Chunks may have been put together since it was read how long the longest lasts.
        let longest = if R::GROWS {
            span.longest.max(2 * LONG_SPAN_US)
        } else {
            span.longest
        };
        Self {
            series: span.series,
            from,
            until,
            after: (from.saturating_sub(longest).saturating_sub(1), i64::MAX),
            ready: VecDeque::new(),
            last: None,
            open: None,
            open_ones: Vec::new(),
            is_done: false,
        }
    }

    fn fill(&mut self, connection: &Connection) {
        if self.ready.is_empty()
            && !self.is_done
            && let Err(error) = self.page(connection)
        {
            self.is_done = true;
            self.ready.push_back(Err(error));
        }
    }

    fn page(&mut self, connection: &Connection) -> Result<(), StoreError> {
        while self.ready.is_empty() && !self.is_done {
            let snapshot = Snapshot::begin(connection)?;
            // Looking back as far as the longest chunk lasts finds many that end before the window: those are not even read.
            let sql = format!(
                "SELECT {} FROM {} WHERE series = ?1 AND (start_us, ordinal) > (?2, ?3) AND start_us < ?4 \
                 AND end_us > ?6 ORDER BY start_us, ordinal LIMIT ?5",
                R::SOURCE.0,
                R::SOURCE.1
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let page = i64::try_from(R::PAGE).unwrap_or(i64::MAX);
            let from = self.from;
            let mut rows = statement.query(params![self.series, self.after.0, self.after.1, self.until, page, from])?;
            let mut count = 0;
            self.grown(connection)?;
            while let Some(row) = rows.next()? {
                count += 1;
                self.after = (row.get(3)?, row.get(2)?);
                let row = R::read(row);
                self.last = row.as_ref().map_or(self.last, |row| Some(row.last()));
                let is_wanted = |row: &R| row.span().1 > self.from && !self.open_ones.contains(&row.identity());
                if row.as_ref().map_or(true, is_wanted) {
                    self.ready.push_back(row);
                }
            }
            self.is_done = count < R::PAGE;
            drop(rows);
            drop(statement);
            self.merge_open(connection)?;
            drop(snapshot);
        }
        Ok(())
    }

    /// What came after the last page may have been put together with what was on it since: into a chunk that begins
    /// before the next page does.
    fn grown(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let Some(last) = self.last.filter(|_| R::GROWS) else {
            return Ok(());
        };
        let sql = format!(
            "SELECT {} FROM {} WHERE series = ?1 AND start_us BETWEEN ?2 - ?3 AND ?2 AND ordinal <= ?4 AND last_ordinal > ?4",
            R::SOURCE.0,
            R::SOURCE.1
        );
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params![self.series, self.after.0, WAVE_REACH_US, last])?;
        while let Some(row) = rows.next()? {
            self.ready.push_back(R::read(row));
        }
        Ok(())
    }

    fn set_open(&mut self, open: Vec<R>) {
        self.open_ones = open.iter().map(R::identity).collect();
        let mut open = open;
        open.retain(|row| row.span().0 < self.until && row.span().1 > self.from);
        open.sort_by_key(|row| row.span().0);
        self.open = Some(open.into());
    }

    /// Puts the open chunks among the stored ones that are ready.
    fn merge_open(&mut self, snapshot: &Connection) -> Result<(), StoreError> {
        if self.open.is_none() {
            self.set_open(R::open(snapshot, self.series)?);
        }
        let mut open = self.open.take().unwrap_or_default();
        while let Some(row) = open.pop_front_if(|row| self.is_done || row.span().0 <= self.after.0) {
            self.ready.push_back(Ok(row));
        }
        self.open = Some(open);
        let start = |row: &Result<R, StoreError>| row.as_ref().map_or(i64::MIN, |row| row.span().0);
        self.ready.make_contiguous().sort_by_key(start);
        Ok(())
    }
}

/// Chunks of several series (stays), by their start.
pub(crate) struct Merged<'c, R> {
    connection: &'c Connection,
    series: Vec<Pages<R>>,
}

impl<'c, R: ChunkRow> Merged<'c, R> {
    pub(crate) fn new(connection: &'c Connection, spans: Vec<SeriesSpan>, from: i64, until: i64) -> Self {
        let series = spans.into_iter().map(|span| Pages::new(span, from, until)).collect();
        Self { connection, series }
    }

    /// Of one series, whose open chunks were read before.
    pub(crate) fn with_open(connection: &'c Connection, span: SeriesSpan, from: i64, until: i64, open: &[R]) -> Self
    where
        R: Clone,
    {
        let mut pages = Pages::new(span, from, until);
        pages.set_open(open.to_vec());
        Self {
            connection,
            series: vec![pages],
        }
    }

    pub(crate) fn next(&mut self) -> Option<Result<R, StoreError>> {
        for pages in &mut self.series {
            pages.fill(self.connection);
        }
        let start = |pages: &Pages<R>| {
            let first = pages.ready.front()?;
            Some(first.as_ref().map_or(i64::MIN, |row| row.span().0))
        };
        let (index, _) = self
            .series
            .iter()
            .enumerate()
            .filter_map(|(index, pages)| Some((index, start(pages)?)))
            .min_by_key(|(_, start)| *start)?;
        self.series.get_mut(index)?.ready.pop_front()
    }
}

/// The part of a chunk that lies in a window and was not given before.
pub(crate) struct Cut {
    /// As it is of the first sample that is left.
    pub head: WaveHead,
    pub samples: Samples,
}

/// The wave of a window.
pub(crate) struct WaveCursor<'c> {
    rows: Merged<'c, WaveRow>,
    from: i64,
    until: i64,
    end: Option<i64>,
    /// The last ordinal of the chunk that was given last.
    last: Option<ChunkKey>,
}

impl<'c> WaveCursor<'c> {
    pub(crate) fn new(connection: &'c Connection, spans: Vec<SeriesSpan>, from: i64, until: i64) -> Self {
        Self::of(Merged::new(connection, spans, from, until), from, until)
    }

    pub(crate) const fn of(rows: Merged<'c, WaveRow>, from: i64, until: i64) -> Self {
        Self {
            rows,
            from,
            until,
            end: None,
            last: None,
        }
    }

    /// Cuts a chunk to the window and to what was not given yet. `None` when nothing is left.
    fn cut(&mut self, row: &WaveRow) -> Result<Option<Cut>, StoreError> {
        let mut head = row.head;
        let floor = self
            .end
            .map_or(self.from, |end| self.from.max(end.saturating_sub(head.tolerance())));
        let first = head.first_at(row.count(), floor);
        let last = head.first_at(row.count(), self.until);
        if first >= last {
            return Ok(None);
        }
        let samples = row.decode_part(first..last)?;
        let (start, end) = (head.at(first), head.at(last));
        let is_apart = self.end.is_some_and(|end| start.saturating_sub(end) > head.tolerance());
        // A chunk that begins before the last one ends was laid anew: the two are not one trace.
        // One that holds the last one is that trace, put together while it was read.
        let holds =
            |last: ChunkKey| last.series == row.key.series && (row.key.ordinal..=row.last).contains(&last.ordinal);
        let is_overlapping = self.end.is_some() && first > 0 && !self.last.is_some_and(holds);
        self.last = Some(ChunkKey {
            ordinal: row.last,
            ..row.key
        });
        head.gap_before = is_apart || is_overlapping || (head.gap_before && first == 0);
        head.measured = head.measured.saturating_add(start.saturating_sub(head.start));
        head.start = start;
        self.end = Some(end);
        Ok(Some(Cut { head, samples }))
    }
}

impl Iterator for WaveCursor<'_> {
    type Item = Result<Cut, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.rows.next()?.and_then(|row| self.cut(&row)) {
                Ok(Some(cut)) => return Some(Ok(cut)),
                Ok(None) => {}
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// Whether a chunk whose values lie between these (thousandths) may be left out unread.
pub(crate) type Sieve<'s> = Box<dyn FnMut(i64, i64) -> bool + 's>;

/// The numerics of a window.
pub(crate) struct NumbersCursor<'c> {
    rows: Merged<'c, NumbersLook>,
    metric: MetricCode,
    from: i64,
    until: i64,
    /// The chunk that comes next, taken out to know up to when the values in `waiting` are complete.
    next: Option<NumbersLook>,
    /// In order of time.
    waiting: Vec<(i64, Numeric)>,
    ready: VecDeque<(ReceiptTime, Numeric)>,
    sieve: Option<Sieve<'c>>,
}

impl<'c> NumbersCursor<'c> {
    pub(crate) fn new(
        connection: &'c Connection,
        spans: Vec<SeriesSpan>,
        window: &Window,
        sieve: Option<Sieve<'c>>,
    ) -> Self {
        let (from, until) = (window.from.as_micros(), window.until.as_micros());
        Self {
            rows: Merged::new(connection, spans, from, until),
            sieve,
            metric: window.metric,
            from,
            until,
            next: None,
            waiting: Vec::new(),
            ready: VecDeque::new(),
        }
    }

    fn take_in(&mut self, look: NumbersLook) -> Result<(), StoreError> {
        // Asked only when every value before the chunk has been given out: the answer may depend on them.
        if self.waiting.is_empty()
            && let (Some((low, high)), Some(sieve)) = (look.extremes, &mut self.sieve)
            && sieve(low, high)
        {
            return Ok(());
        }
        let Some(row) = look.load(self.rows.connection)? else {
            return Ok(());
        };
        let (from, until) = (self.from, self.until);
        for value in row.decode()? {
            let at = position(row.head.timeliness, &value);
            if (from..until).contains(&at) {
                self.waiting.push((at, row.head.numeric(self.metric, &value)));
            }
        }
        if !self.waiting.is_sorted_by_key(|(at, _)| *at) {
            self.waiting.sort_by_key(|(at, _)| *at);
        }
        // What came twice (a device that sends again what it had sent) is given once.
        if self
            .waiting
            .windows(2)
            .any(|pair| matches!(pair, [(a, _), (b, _)] if a == b))
        {
            let mut kept: Vec<(i64, Numeric)> = Vec::with_capacity(self.waiting.len());
            for (at, numeric) in self.waiting.drain(..) {
                let same_time = kept.iter().rev().take_while(|(known, _)| *known == at);
                if same_time.into_iter().all(|(_, known)| *known != numeric) {
                    kept.push((at, numeric));
                }
            }
            self.waiting = kept;
        }
        Ok(())
    }

    /// Makes ready what stands before `time`: nothing earlier can come any more.
    fn release(&mut self, time: Option<i64>) {
        let count = time.map_or(self.waiting.len(), |time| {
            self.waiting.partition_point(|(at, _)| *at < time)
        });
        let ready = self.waiting.drain(..count);
        self.ready
            .extend(ready.map(|(at, numeric)| (ReceiptTime::from_micros(at), numeric)));
    }
}

impl Iterator for NumbersCursor<'_> {
    type Item = Result<(ReceiptTime, Numeric), StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Some(Ok(item));
            }
            if let Some(row) = self.next.take()
                && let Err(error) = self.take_in(row)
            {
                return Some(Err(error));
            }
            match self.rows.next() {
                Some(Ok(row)) => {
                    self.release(Some(row.start));
                    self.next = Some(row);
                }
                Some(Err(error)) => return Some(Err(error)),
                None if self.waiting.is_empty() => return None,
                None => self.release(None),
            }
        }
    }
}
