//! A stay, or a span of one, out of a history into a session file.
//!
//! Chunks that lie inside the span are copied as they are, without being compressed anew; those at its ends are cut.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

use model::{BedId, EncounterId, GenerationMode, JournalEntry, JournalKind, ReceiptTime};
use rusqlite::{Connection, params};

use crate::backup::part;
use crate::chunk::{NUMBERS_COLUMNS, NumbersRow, WAVE_COLUMNS, WaveRow};
use crate::codec::{Fit, position};
use crate::deidentify::Mask;
use crate::open::Open;
use crate::session::SessionWriter;
use crate::source::{REACHING_IN, Source, bed, begin, count, encounter, ends, lanes};
use crate::{Deidentify, Reader, StoreError, found, journal};

/// Chunks between two words about the progress.
const CHUNKS_A_STEP: u64 = 64;

/// What is to be exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Of which bed.
    pub bed: BedId,
    /// Of which stay; `None` for whoever lay there, each under his own.
    pub encounter: Option<EncounterId>,
    /// From then on (inclusive).
    pub from: ReceiptTime,
    /// Until then (exclusive).
    pub until: ReceiptTime,
}

/// What an export has written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Chunks of waves and of numbers.
    pub chunks: u64,
    /// Entries of the journal.
    pub entries: u64,
    /// The hash over everything in the file.
    pub seal: [u8; 32],
}

/// Writes what a history holds of a span to the session file `out`: waves, numbers, alerts, what people did, the limits
/// in force at its beginning and later, notes, and who lay where. `progress` is told the part that is done (0 to 1), and
/// may end it: then nothing is left behind.
///
/// Errors where the bed is not known, where nothing of it lies in the span, where `out` is there already (nothing is
/// overwritten), where a chunk is damaged, and where a disk fails.
pub fn export_stay(
    reader: &Reader,
    span: &Span,
    out: &Path,
    deidentify: Deidentify,
    progress: &mut dyn FnMut(f32) -> ControlFlow<()>,
) -> Result<Exported, StoreError> {
    let snapshot = reader.connection.unchecked_transaction()?;
    let bed = bed(&snapshot, &span.bed)?;
    let lanes = lanes(&snapshot, bed.0, span)?;
    let begin = begin(&snapshot, &lanes, span)?;
    let mut mask = Mask::new(deidentify, begin);
    // Copied chunks say themselves whether they are real.
    let about = about(&snapshot, span, deidentify)?;
    let writer = SessionWriter::empty(out, GenerationMode::Real, &about)?;
    let mut export = Export {
        from: &snapshot,
        to: writer,
        span,
        done: Exported::default(),
        all: count(&snapshot, &lanes, span)?,
        progress,
    };
    let home = export.to.bed(&mask.bed(bed.1))?;
    let stays = export.stays(bed.0, home, &mut mask)?;
    export.journal(&mut mask)?;
    for lane in &lanes {
        export.lane(lane, home, lane.stay.and_then(|stay| stays.get(&stay).copied()), &mask)?;
    }
    if export.done.chunks == 0 && export.done.entries == 0 {
        return Err(StoreError::Failed(format!(
            "nothing of {} lies between {} and {}; look with `wardlight beds` what is there",
            span.bed, span.from, span.until
        )));
    }
    let seal = export.to.finish()?;
    Ok(Exported { seal, ..export.done })
}

/// What a person should know of the file beside what is in it.
fn about(connection: &Connection, span: &Span, deidentify: Deidentify) -> Result<Vec<(String, String)>, StoreError> {
    let mut about = Vec::new();
    let mut say = |name: &str, value: String| about.push((name.to_owned(), value));
    let mut versions = connection.prepare("SELECT version FROM session GROUP BY version ORDER BY min(id)")?;
    for version in versions.query_map([], |row| row.get::<_, String>(0))? {
        say("recorded by", format!("Wardlight {}", version?));
    }
    let Deidentify::Yes { keep_text } = deidentify else {
        let sql =
            "SELECT DISTINCT detail FROM journal WHERE bed = ?1 AND kind = ?2 AND at_us < ?3 AND detail IS NOT NULL";
        let mut devices = connection.prepare(sql)?;
        let until = span.until.as_micros();
        let of = (span.bed.as_str(), JournalKind::DeviceIdentified.as_str(), until);
        for device in devices.query_map(of, |row| row.get(0))? {
            say("device", device?);
        }
        return Ok(about);
    };
    let text = if keep_text { "kept" } else { "left out" };
    say(
        "de-identified",
        format!(
            "names, numbers, places, dates and devices are left out; times count from the first sample, told as \
             2000-01-01T00:00:00Z; what people wrote is {text}"
        ),
    );
    Ok(about)
}

/// One export that goes on.
struct Export<'a> {
    from: &'a Connection,
    to: SessionWriter,
    span: &'a Span,
    done: Exported,
    /// Chunks to copy.
    all: u64,
    progress: &'a mut dyn FnMut(f32) -> ControlFlow<()>,
}

impl Export<'_> {
    fn step(&mut self) -> Result<(), StoreError> {
        let before = self.done.chunks;
        self.done.chunks += 1;
        if !before.is_multiple_of(CHUNKS_A_STEP) {
            return Ok(());
        }
        let signed = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let part = part(signed(self.done.chunks), signed(self.all)).min(1.0);
        if (self.progress)(part).is_break() {
            return Err(StoreError::Cancelled);
        }
        Ok(())
    }

    /// Who lay in the bed during the span; the numbers of the stays, by what they are in the history.
    fn stays(&mut self, bed: i64, home: i64, mask: &mut Mask) -> Result<BTreeMap<i64, i64>, StoreError> {
        let (from, until) = ends(self.span);
        let mut statement = self.from.prepare(
            "SELECT a.encounter, a.from_us, a.until_us, e.name, e.patient, e.patient_name FROM association a \
             JOIN encounter e ON e.id = a.encounter WHERE a.bed = ?1 AND (?2 IS NULL OR e.name = ?2) \
             AND a.from_us < ?4 AND coalesce(a.until_us, ?4) > ?3 ORDER BY a.id",
        )?;
        let wanted = self.span.encounter.as_ref().map(EncounterId::as_str);
        let mut rows = statement.query(params![bed, wanted, from, until])?;
        let mut numbers = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            let stay = if let Some(known) = numbers.get(&id) {
                *known
            } else {
                let encounter = mask.encounter(encounter(row, id)?);
                let stay = self.to.stay(&encounter)?;
                numbers.insert(id, stay);
                stay
            };
            let begin = mask.micros(row.get::<_, i64>(1)?.max(from));
            let end = row.get::<_, Option<i64>>(2)?.filter(|end| *end < until);
            self.to
                .association(home, stay, begin, end.map(|end| mask.micros(end)))?;
        }
        Ok(numbers)
    }

    /// What happened in the span, and before it what still stood at its beginning.
    fn journal(&mut self, mask: &mut Mask) -> Result<(), StoreError> {
        let bed = self.span.bed.as_str();
        let stay = self.span.encounter.as_ref();
        let sql = "WHERE (bed = ?1 OR (bed IS NULL AND kind IN ('station-started', 'station-stopped'))) \
                   AND at_us < ?2 ORDER BY id";
        let until = self.span.until.as_micros();
        let rows = journal::select(self.from, sql, &[&bed, &until])?;
        let is_wanted =
            |entry: &JournalEntry| stay.is_none() || entry.encounter.is_none() || entry.encounter.as_ref() == stay;
        let entries = rows.into_iter().map(|row| row.entry).filter(is_wanted);
        let (before, within): (Vec<_>, Vec<_>) = entries.partition(|entry| entry.at < self.span.from);
        for entry in standing(before).into_iter().chain(within) {
            if let Some(entry) = mask.entry(entry) {
                self.to.entry(&entry)?;
                self.done.entries += 1;
            }
        }
        Ok(())
    }

    fn lane(&mut self, lane: &Source, bed: i64, stay: Option<i64>, mask: &Mask) -> Result<(), StoreError> {
        let waves = self.waves(lane)?;
        let numbers = self.numbers(lane)?;
        if waves.is_empty() && numbers.is_empty() {
            return Ok(());
        }
        let series = self.to.lane_of(bed, stay, lane.spec.clone())?.0;
        for id in waves {
            let row = match id {
                Kept::Stored(id) => self.stored(WAVE_COLUMNS, "wave_chunk", id, WaveRow::read)?,
                Kept::Open(row) => row,
            };
            if let Some(row) = self.cut_wave(row)? {
                self.to.wave_row(&row.moved(series, |at| mask.micros(at)))?;
            }
            self.step()?;
        }
        for id in numbers {
            let row = match id {
                Kept::Stored(id) => self.stored(NUMBERS_COLUMNS, "numeric_chunk", id, NumbersRow::read)?,
                Kept::Open(row) => row,
            };
            if let Some(row) = self.cut_numbers(row, series, mask)? {
                self.to.numbers_row(&row)?;
            }
            self.step()?;
        }
        Ok(())
    }

    fn stored<R>(
        &self,
        columns: &str,
        table: &str,
        id: i64,
        read: impl Fn(&rusqlite::Row) -> Result<R, StoreError>,
    ) -> Result<R, StoreError> {
        let sql = format!("SELECT {columns} FROM {table} WHERE id = ?1");
        let mut statement = self.from.prepare_cached(&sql)?;
        let mut rows = statement.query([id])?;
        let row = rows.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
        read(row)
    }

    /// The chunks of a wave that reach into the span, in order: the stored ones by their ids.
    fn waves(&self, lane: &Source) -> Result<Vec<Kept<WaveRow>>, StoreError> {
        let open = found::open_waves(self.from, lane.series)?;
        self.merged("wave_chunk", lane, open, |row| (row.head.start, row.end))
    }

    fn numbers(&self, lane: &Source) -> Result<Vec<Kept<NumbersRow>>, StoreError> {
        let open = found::open_numbers(self.from, lane.series)?;
        self.merged("numeric_chunk", lane, open, |row| (row.start, row.end))
    }

    fn merged<R>(
        &self,
        table: &str,
        lane: &Source,
        open: Vec<R>,
        extent: impl Fn(&R) -> (i64, i64),
    ) -> Result<Vec<Kept<R>>, StoreError> {
        let (from, until) = ends(self.span);
        let mut statement = self
            .from
            .prepare_cached(&format!("SELECT id, start_us FROM {table} {REACHING_IN}"))?;
        let stored = statement.query_map((lane.series, from, until), |row| {
            Ok((row.get::<_, i64>(1)?, row.get(0)?))
        })?;
        let mut all = Vec::new();
        for row in stored {
            let (start, id) = row?;
            all.push((start, Kept::Stored(id)));
        }
        for row in open {
            let (start, end) = extent(&row);
            if start < until && end > from {
                all.push((start, Kept::Open(row)));
            }
        }
        all.sort_by_key(|(start, _)| *start);
        Ok(all.into_iter().map(|(_, kept)| kept).collect())
    }

    /// A chunk as it is where it lies inside the span; what of it does where it does not.
    fn cut_wave(&self, row: WaveRow) -> Result<Option<WaveRow>, StoreError> {
        let (from, until) = ends(self.span);
        if row.head.start >= from && row.end <= until {
            return Ok(Some(row));
        }
        let mut samples = row.decode()?;
        let (first, last) = (
            row.head.first_at(samples.len(), from),
            row.head.first_at(samples.len(), until),
        );
        if first >= last {
            return Ok(None);
        }
        let mut head = row.head;
        let moved = head.at(first).saturating_sub(head.start);
        head.start = head.start.saturating_add(moved);
        head.measured = head.measured.saturating_add(moved);
        head.gap_before &= first == 0;
        samples.cut(first, last);
        Ok(Some(WaveRow::put_together(
            row.key,
            row.last,
            head,
            &samples,
            &mut Fit::default(),
        )))
    }

    fn cut_numbers(&self, row: NumbersRow, series: u32, mask: &Mask) -> Result<Option<NumbersRow>, StoreError> {
        let (from, until) = ends(self.span);
        let mut key = row.key;
        key.series = series;
        if row.start >= from && row.end <= until && !mask.is_on() {
            return Ok(Some(row.moved(series)));
        }
        let mut values = row.decode()?;
        values.retain(|value| (from..until).contains(&position(row.head.timeliness, value)));
        if values.is_empty() {
            return Ok(None);
        }
        for value in &mut values {
            value.received = mask.micros(value.received);
            value.measured = mask.micros(value.measured);
        }
        let mut head = row.head;
        head.first_at = mask.micros(head.first_at);
        NumbersRow::of(&Open::new(key, head, values))
            .map(Some)
            .map_err(StoreError::Failed)
    }
}

/// A chunk on disk, or one that is still open.
enum Kept<R> {
    Stored(i64),
    Open(R),
}

/// What of the entries before a span still says how things stood at its beginning: the newest of each limit, pause,
/// open alert, assessment, device and setup.
fn standing(before: Vec<JournalEntry>) -> Vec<JournalEntry> {
    let mut newest: BTreeMap<String, usize> = BTreeMap::new();
    for (index, entry) in before.iter().enumerate() {
        let alert = entry.alert.as_ref().filter(|_| entry.kind != JournalKind::Noted);
        let about = if let Some(alert) = alert {
            format!("alert {}", alert.id.0)
        } else if let Some(limits) = &entry.limits {
            format!("limits {:?} {}", entry.encounter, limits.metric)
        } else if let Some(pause) = &entry.pause {
            format!("pause {:?} {} {}", entry.encounter, pause.metric, pause.side.as_str())
        } else if entry.assessment.is_some() {
            format!("assessment {:?}", entry.encounter)
        } else if entry.kind == JournalKind::DeviceIdentified {
            format!("device {:?}", entry.detail)
        } else if entry.kind == JournalKind::BedConfigured {
            "setup".to_owned()
        } else {
            continue;
        };
        newest.insert(about, index);
    }
    let mut kept: Vec<_> = newest.into_values().collect();
    kept.sort_unstable();
    let is_kept = |index: &usize| kept.binary_search(index).is_ok();
    let entries = before
        .into_iter()
        .enumerate()
        .filter(|(index, _)| is_kept(index))
        .map(|(_, entry)| entry);
    entries
        .filter(|entry| entry.alert.as_ref().is_none_or(|alert| !alert.is_over()))
        .collect()
}
