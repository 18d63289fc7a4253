//! Reading history, beside the station that writes it or without it.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use model::{
    Bed, BedId, Encounter, EncounterId, Location, MetricCode, Numeric, Patient, PatientId, ReceiptTime, Redacted,
    SampleArray, Side,
};
use rusqlite::{Connection, ToSql};

use crate::cursor::{Cut, NumbersCursor, Sieve, WaveCursor};
use crate::journal::Head;
use crate::lately;
use crate::{
    BedRow, JournalQuery, JournalRow, Order, Reach, SeriesRow, StoreError, TrendBin, Window, choice, file, journal,
    reach, standing, stays, trend,
};

/// A read-only view of the history; it may run while the station records, and while nothing does.
///
/// No read transaction is held between two items of a stream, so a slow reader never makes the log grow.
#[derive(Debug)]
pub struct Reader {
    pub(crate) connection: Connection,
    file: PathBuf,
}

/// Statements that are used again and again.
const STATEMENTS: usize = 32;

/// A series of a window, and how long its longest chunk lasts in microseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SeriesSpan {
    pub series: u32,
    pub longest: i64,
}

impl Reader {
    /// Opens the history of `dir`: the file that is recorded into, which is the last of `wardlight.db`,
    /// `wardlight-2.db` … that is there.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let number = choice::existing(dir)?.last().copied();
        let number = number.ok_or_else(|| StoreError::Nothing { dir: dir.to_owned() })?;
        Self::open_file(&choice::path(dir, number))
    }

    /// Opens one history file, or a recorded session (`.wardlight`).
    pub fn open_file(file: &Path) -> Result<Self, StoreError> {
        let open = || {
            let connection = file::open_for_reading(file)?;
            // A file whose journal cannot be read is not recorded into either.
            Head::read(&connection)?;
            Ok(connection)
        };
        let connection = open().map_err(|error: StoreError| error.about(file))?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        Ok(Self {
            connection,
            file: file.to_owned(),
        })
    }

    /// Which file it reads.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Every bed, in the order in which the station first named them.
    pub fn beds(&self) -> Result<Vec<BedRow>, StoreError> {
        let mut statement = self.connection.prepare(
            "SELECT b.id, b.name, b.label, b.unit, b.room, e.name, e.patient, e.patient_name, a.from_us FROM bed b \
             LEFT JOIN association a ON a.id = (SELECT max(id) FROM association WHERE bed = b.id) \
             LEFT JOIN encounter e ON e.id = a.encounter ORDER BY b.position",
        )?;
        let mut rows = statement.query([])?;
        let mut beds = Vec::new();
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            let bad = |why: model::IdentityError| StoreError::Row {
                table: "bed",
                row: id,
                why: why.to_string(),
            };
            let name: String = row.get(1)?;
            let stay: Option<String> = row.get(5)?;
            let patient: Option<(String, String)> = row.get::<_, Option<String>>(6)?.zip(row.get(7)?);
            let patient = patient.map(|(id, name)| {
                Ok(Patient {
                    id: Redacted(PatientId::new(&id)?),
                    name: Redacted(name),
                })
            });
            let patient = patient.transpose().map_err(bad)?;
            let stay = stay.map(|stay| EncounterId::new(&stay)).transpose().map_err(bad)?;
            beds.push(BedRow {
                bed: Bed {
                    id: BedId::new(&name).map_err(bad)?,
                    label: row.get(2)?,
                    location: Location {
                        unit: row.get(3)?,
                        room: row.get(4)?,
                    },
                },
                encounter: stay.map(|id| Encounter { id, patient }),
                since: row.get::<_, Option<i64>>(8)?.map(ReceiptTime::from_micros),
            });
        }
        Ok(beds)
    }

    /// Who was in a bed at a time: the stay that was associated with it then.
    pub fn stay_at(&self, bed: &BedId, at: ReceiptTime) -> Result<Option<Encounter>, StoreError> {
        stays::at(&self.connection, bed, at)
    }

    /// Every series of a known metric, by bed and metric; [`Reader::lanes`] has every other too.
    pub fn series(&self) -> Result<Vec<SeriesRow>, StoreError> {
        let mut statement = self.connection.prepare(
            "SELECT s.id, b.name, e.name, s.metric FROM series s JOIN bed b ON b.id = s.bed \
             LEFT JOIN encounter e ON e.id = s.encounter WHERE s.metric IS NOT NULL \
             ORDER BY b.position, s.metric, s.id",
        )?;
        let mut rows = statement.query([])?;
        let mut series = Vec::new();
        while let Some(row) = rows.next()? {
            let (id, bed, stay): (i64, String, Option<String>) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let stay = stay.map(|stay| EncounterId::new(&stay)).transpose();
            let named = BedId::new(&bed)
                .ok()
                .zip(stay.ok())
                .zip(MetricCode::from_id(row.get(3)?));
            let Some(((bed, encounter), metric)) = named else {
                return Err(StoreError::Row {
                    table: "series",
                    row: id,
                    why: "its bed, stay or metric is not known".to_owned(),
                });
            };
            series.push(SeriesRow { bed, encounter, metric });
        }
        Ok(series)
    }

    /// Entries of the journal.
    pub fn journal(&self, query: &JournalQuery) -> Result<Vec<JournalRow>, StoreError> {
        let mut clauses = Vec::new();
        let bed = query.bed.as_ref().map(BedId::as_str);
        let rows_max = query.rows_max.map_or(-1, i64::from);
        let mut params: Vec<&dyn ToSql> = vec![&rows_max];
        if let Some(bed) = &bed {
            params.push(bed);
            clauses.push("bed = ?2");
        }
        let encounter = query.encounter.as_ref().map(model::EncounterId::as_str);
        if let Some(encounter) = &encounter {
            params.push(encounter);
            clauses.push(if query.bed.is_some() {
                "encounter = ?3"
            } else {
                "encounter = ?2"
            });
        }
        if query.alerts_only {
            clauses.push("alert IS NOT NULL");
        }
        if query.about_alerts {
            clauses.push("(alert IS NOT NULL OR pause_metric IS NOT NULL OR kind = 'noted')");
        }
        let filter = if clauses.is_empty() {
            String::new()
        } else {
            format!("WHERE {}", clauses.join(" AND "))
        };
        let order = match query.order {
            Order::NewestFirst => "DESC",
            Order::OldestFirst => "ASC",
        };
        journal::select(
            &self.connection,
            &format!("{filter} ORDER BY id {order} LIMIT ?1"),
            &params,
        )
    }

    /// The newest `rows_max` journal entries that carry an alert, newest first.
    pub fn alerts(&self, bed: Option<&BedId>, rows_max: u32) -> Result<Vec<JournalRow>, StoreError> {
        self.journal(&JournalQuery {
            bed: bed.cloned(),
            alerts_only: true,
            rows_max: Some(rows_max),
            ..JournalQuery::default()
        })
    }

    /// How things stand: see [`crate::Opened::standing`].
    pub fn standing(&self) -> Result<Vec<model::JournalEntry>, StoreError> {
        standing::entries(&self.connection)
    }

    /// Numbers that were measured when the recording ended: continuous ones whose last value came within `span` of the
    /// last value of their bed and stay.
    pub fn measured_lately(
        &self,
        span: std::time::Duration,
    ) -> Result<Vec<(BedId, Option<EncounterId>, model::MetricCode)>, StoreError> {
        let last = lately::last_values(&self.connection)?;
        let numbers = lately::measured_lately(&last, span);
        Ok(numbers.map(|(b, e, m)| (b.clone(), e.cloned(), m)).collect())
    }

    /// The numerics of a window in order of time, streamed, each once. The time of a live value is its receipt,
    /// that of a late one its measurement. A damaged chunk is one error; the stream goes on after it.
    pub fn numerics(
        &self,
        window: &Window,
    ) -> impl Iterator<Item = Result<(ReceiptTime, Numeric), StoreError>> + use<'_> {
        self.windows(window).flat_map(|window| {
            let (spans, error) = self.spans_or_error(&window);
            let cursor = NumbersCursor::new(&self.connection, spans, &window, None);
            error.into_iter().chain(cursor)
        })
    }

    /// As [`Reader::numerics`], but chunks (some minutes) are left out unread where `leave_out` says so of their least
    /// and greatest value. It is asked when everything before the chunk has been given out, so that it may depend on
    /// that. A chunk without any value is always given.
    pub fn numerics_unless<'r>(
        &'r self,
        window: &Window,
        leave_out: impl FnMut(model::Quantity, model::Quantity) -> bool + 'r,
    ) -> impl Iterator<Item = Result<(ReceiptTime, Numeric), StoreError>> + 'r {
        let leave_out = Rc::new(RefCell::new(leave_out));
        let quantity = |thousandths| i32::try_from(thousandths).ok().map(model::Quantity::from_thousandths);
        self.windows(window).flat_map(move |window| {
            let (spans, error) = self.spans_or_error(&window);
            let leave_out = Rc::clone(&leave_out);
            let sieve: Sieve<'r> = Box::new(move |low, high| {
                let ends = quantity(low).zip(quantity(high));
                ends.is_some_and(|(low, high)| (*leave_out.borrow_mut())(low, high))
            });
            let cursor = NumbersCursor::new(&self.connection, spans, &window, Some(sieve));
            error.into_iter().chain(cursor)
        })
    }

    /// Where a number was, or may have been, beyond a bound: for each bed and stay that has it, in the order of the beds.
    /// Nothing but the least and greatest value of each chunk is looked at.
    pub fn reach(&self, metric: MetricCode, side: Side, bound: model::Quantity) -> Result<Vec<Reach>, StoreError> {
        reach::of(&self.connection, metric, side, bound)
    }

    /// The wave of a window in blocks, in order of time, streamed. A block is a stored chunk, cut to the window; where
    /// two overlap the earlier one counts. `gap_before` says that something is missing before it.
    ///
    /// A chunk with a sample of more than 16 bits (some recordings have them) is an error: [`Reader::blocks`] has all.
    pub fn wave(&self, window: &Window) -> impl Iterator<Item = Result<SampleArray, StoreError>> + use<'_> {
        self.windows(window).flat_map(|window| {
            let (spans, error) = self.spans_or_error(&window);
            let metric = window.metric;
            let (from, until) = (window.from.as_micros(), window.until.as_micros());
            let cuts = WaveCursor::new(&self.connection, spans, from, until);
            let narrow = move |cut: Cut| match cut.samples.into_narrow() {
                Some(samples) => Ok(cut.head.block(metric, samples)),
                None => Err(StoreError::Wide { metric }),
            };
            error.into_iter().chain(cuts.map(move |cut| cut.and_then(narrow)))
        })
    }

    /// The numerics of a window in `bins` equal parts: smallest, mean and greatest. Late values count; absent
    /// ones do not. The window must have both ends.
    pub fn trend(&self, window: &Window, bins: u32) -> Result<Vec<TrendBin>, StoreError> {
        trend::bins(self.numerics(window), window, bins)
    }

    /// Who lay where from when to when, in the order in which it was said.
    pub fn stays(&self) -> Result<Vec<crate::Stay>, StoreError> {
        stays::all(&self.connection)
    }

    /// A window of a stay is what was recorded while the stay lasted. Where that cannot be read, the window is left as
    /// it is, and gives its error when it is.
    fn windows(&self, window: &Window) -> impl Iterator<Item = Window> + use<> {
        let windows = stays::windows(&self.connection, window);
        windows.unwrap_or_else(|_| vec![window.clone()]).into_iter()
    }

    /// A stream that cannot begin is one error.
    fn spans_or_error<T>(&self, window: &Window) -> (Vec<SeriesSpan>, Option<Result<T, StoreError>>) {
        match self.spans(window) {
            Ok(spans) => (spans, None),
            Err(error) => (Vec::new(), Some(Err(error))),
        }
    }

    fn spans(&self, window: &Window) -> Result<Vec<SeriesSpan>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT s.id, s.longest_us FROM series s JOIN bed b ON b.id = s.bed \
             LEFT JOIN encounter e ON e.id = s.encounter \
             WHERE b.name = ?1 AND s.metric = ?2 AND (?3 IS NULL OR e.name = ?3) ORDER BY s.id",
        )?;
        let stay = window.encounter.as_ref().map(EncounterId::as_str);
        let rows = statement.query_map((window.bed.as_str(), window.metric.id(), stay), |row| {
            Ok(SeriesSpan {
                series: row.get(0)?,
                longest: row.get(1)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
