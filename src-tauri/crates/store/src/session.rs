//! A recorded session: one file of the same tables that anyone reviews without a station.
//!
//! It is made beside its place in one transaction without a log, sealed, fsynced and moved there: a person finds all of
//! it or nothing.

use std::path::Path;

use model::{
    Bed, DeviceTime, Encounter, GenerationMode, JournalEntry, MetricCode, Numeric, NumericTiming, Quantity, Reading,
    ReceiptTime, SampleRate, Scale, Timeliness,
};
use rusqlite::Connection;
use rusqlite::types::Value as Cell;

use crate::beside::Beside;
use crate::bins;
use crate::chunk::{NumbersRow, WaveRow};
use crate::codec::{Fit, NumbersHead, Value, WaveHead};
use crate::identity::put;
use crate::journal::{self, CHAIN_START, Chain, Head};
use crate::lanes::SeriesId;
use crate::open::{Open, OpenNumbers};
use crate::samples::Samples;
use crate::tail::ChunkKey;
use crate::{Reader, StoreError, file, schema, seal};

/// A chunk of a session's wave: one minute. Live chunks are of ten seconds because their open end is held in memory; of
/// one minute they are 2 % smaller, and a screen of ten seconds is still decoded in a tenth of a millisecond.
const SPAN_US: i64 = 60_000_000;
/// Samples of a chunk whatever the rate: a second of 256 channels of one fast device has as many.
const SAMPLES_MAX: usize = 1 << 18;
/// How often an irregular number is expected, where the recording does not say.
const INTERMITTENT: std::time::Duration = std::time::Duration::from_mins(1);

/// Whose session it is.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionHead {
    /// The bed, or what stands for it in a foreign recording.
    pub bed: Bed,
    /// The stay; `None` where nobody is named.
    pub encounter: Option<Encounter>,
    /// Where the session begins.
    pub from: ReceiptTime,
    /// Where it ends; `None` where that is only known when it is written.
    pub until: Option<ReceiptTime>,
    /// Real, test or demonstration.
    pub mode: GenerationMode,
    /// What else a person should know: the format it came from, devices, software. Name and value, in order.
    pub about: Vec<(String, String)>,
}

/// One lane of a session.
#[derive(Clone, Debug, PartialEq)]
pub struct LaneSpec {
    /// What a person reads; empty for the metric's own label.
    pub label: String,
    /// The unit of its values; empty for the metric's own.
    pub unit: String,
    /// Which metric, where it is one of ours.
    pub metric: Option<MetricCode>,
    /// Samples a second of a wave; of numbers, where they come regularly.
    pub rate: Option<SampleRate>,
}

/// What becomes of one lane.
struct Track {
    series: u32,
    bed: i64,
    stay: Option<i64>,
    spec: LaneSpec,
    fit: Fit,
    wave: Option<(WaveHead, Vec<i32>)>,
    /// Where its last sample ends.
    end: Option<i64>,
    numbers: Option<OpenNumbers>,
    longest: i64,
}

/// Writes one session. Dropped before [`SessionWriter::finish`], it leaves nothing behind.
pub struct SessionWriter {
    // Before the file: it must be closed when that is removed.
    connection: Connection,
    beside: Beside,
    mode: GenerationMode,
    /// The bed and the stay of lanes that do not say.
    home: (i64, Option<i64>),
    tracks: Vec<Track>,
    head: Head,
    next_ordinal: i64,
}

impl std::fmt::Debug for SessionWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("SessionWriter").field(&self.beside).finish()
    }
}

impl SessionWriter {
    /// Begins a session that will be at `path`. An error where something is there already, or the disk refuses.
    pub fn create(path: &Path, head: SessionHead) -> Result<Self, StoreError> {
        let SessionHead {
            bed,
            encounter,
            from,
            until,
            mode,
            about,
        } = head;
        let mut writer = Self::empty(path, mode, &about)?;
        let bed = writer.bed(&bed)?;
        let stay = match encounter {
            Some(encounter) => {
                let stay = writer.stay(&encounter)?;
                let until = until.map(ReceiptTime::as_micros);
                writer.association(bed, stay, from.as_micros(), until)?;
                Some(stay)
            }
            None => None,
        };
        writer.home = (bed, stay);
        Ok(writer)
    }

    /// A session that names nobody yet.
    pub(crate) fn empty(path: &Path, mode: GenerationMode, about: &[(String, String)]) -> Result<Self, StoreError> {
        let beside = Beside::begin(path)?;
        let mut connection = Connection::open(beside.part())?;
        file::prepare_unlogged(&connection)?;
        schema::begin_as(&mut connection, schema::SESSION_ID)?;
        connection.execute_batch(seal::TABLES)?;
        connection.execute_batch("BEGIN")?;
        let version = env!("CARGO_PKG_VERSION");
        connection.execute("INSERT INTO session (id, version) VALUES (1, ?1)", [version])?;
        let software = ("software".to_owned(), format!("Wardlight {version}"));
        for (number, (name, value)) in (1..).zip(std::iter::once(&software).chain(about)) {
            let sql = "INSERT INTO about (id, name, value, hash) VALUES (?1, ?2, ?3, ?4)";
            put(&connection, sql, vec![Cell::Integer(number), word(name), word(value)])?;
        }
        Ok(Self {
            connection,
            beside,
            mode,
            home: (0, None),
            tracks: Vec::new(),
            head: Head {
                id: 0,
                chain: CHAIN_START,
            },
            next_ordinal: 1,
        })
    }

    /// Adds a lane.
    pub fn lane(&mut self, spec: LaneSpec) -> Result<SeriesId, StoreError> {
        let (bed, stay) = self.home;
        self.lane_of(bed, stay, spec)
    }

    pub(crate) fn lane_of(&mut self, bed: i64, stay: Option<i64>, spec: LaneSpec) -> Result<SeriesId, StoreError> {
        let series = u32::try_from(self.tracks.len() + 1).map_err(|_| failed("a session has too many lanes"))?;
        self.tracks.push(Track {
            series,
            bed,
            stay,
            spec,
            fit: Fit::default(),
            wave: None,
            end: None,
            numbers: None,
            longest: 0,
        });
        Ok(SeriesId(series))
    }

    fn track(&mut self, lane: SeriesId) -> Result<&mut Track, StoreError> {
        let index = usize::try_from(lane.0).unwrap_or(0).wrapping_sub(1);
        self.tracks.get_mut(index).ok_or(StoreError::NoSeries(lane.0))
    }

    /// Adds samples of a wave, in order of time; [`crate::NO_SAMPLE_WIDE`] where there is none. What does not begin where
    /// the last ones end comes after a gap. An error for a lane without a rate, and for what begins before the last
    /// ones end.
    pub fn samples(
        &mut self,
        lane: SeriesId,
        start: ReceiptTime,
        scale: Scale,
        samples: &[i32],
    ) -> Result<(), StoreError> {
        let (mode, mut at, mut rest) = (self.mode, start.as_micros(), samples);
        while !rest.is_empty() {
            let track = self.track(lane)?;
            let rate = track
                .spec
                .rate
                .ok_or_else(|| failed("a wave of a session has a rate"))?;
            let new = WaveHead {
                start: at,
                measured: at,
                received: at,
                rate,
                scale,
                mode,
                gap_before: false,
            };
            if track.end.is_some_and(|end| at < end.saturating_sub(new.tolerance())) {
                return Err(failed("samples of a session come in order of time"));
            }
            let goes_on = |open: &(WaveHead, Vec<i32>)| {
                at.saturating_sub(open.0.at(open.1.len())).saturating_abs() <= new.tolerance() && open.0.scale == scale
            };
            let room = most_samples(&new);
            if !track
                .wave
                .as_ref()
                .is_some_and(|open| goes_on(open) && open.1.len() < room)
            {
                let gap_before = track.end.is_some_and(|end| at.saturating_sub(end) > new.tolerance());
                let closed = track.wave.replace((WaveHead { gap_before, ..new }, Vec::new()));
                self.close_wave(lane, closed)?;
            }
            let track = self.track(lane)?;
            let Some((head, open)) = &mut track.wave else { continue };
            let (now, later) = rest.split_at(rest.len().min(room.saturating_sub(open.len()).max(1)));
            open.extend_from_slice(now);
            rest = later;
            at = head.at(open.len());
            track.end = Some(at);
        }
        Ok(())
    }

    fn close_wave(&mut self, lane: SeriesId, closed: Option<(WaveHead, Vec<i32>)>) -> Result<(), StoreError> {
        let Some((head, samples)) = closed.filter(|(_, samples)| !samples.is_empty()) else {
            return Ok(());
        };
        let key = self.key(lane);
        let track = self.track(lane)?;
        let row = WaveRow::put_together(key, key.ordinal, head, &Samples::of(samples), &mut track.fit);
        self.wave_row(&row)
    }

    fn key(&mut self, lane: SeriesId) -> ChunkKey {
        let ordinal = self.next_ordinal;
        self.next_ordinal += 1;
        ChunkKey {
            series: lane.0,
            ordinal,
        }
    }

    /// Adds a number, in the lane's unit.
    pub fn numeric(&mut self, lane: SeriesId, at: ReceiptTime, value: Quantity) -> Result<(), StoreError> {
        let mode = self.mode;
        let rate = self.track(lane)?.spec.rate;
        let timing = rate.map_or(NumericTiming::Intermittent(INTERMITTENT), |rate| {
            NumericTiming::Every(std::time::Duration::from_micros(
                u64::try_from(rate.micros_of(1)).unwrap_or(0),
            ))
        });
        let numeric = Numeric {
            // Chunks do not name it: the lane does.
            metric: MetricCode::HeartRate,
            reading: Reading::Value(value),
            measured_at: DeviceTime::from_micros(at.as_micros()),
            received_at: at,
            timing,
            mode,
            timeliness: Timeliness::Live,
        };
        let key = self.key(lane);
        let track = self.track(lane)?;
        if let Some(open) = track.numbers.as_mut().filter(|open| open.takes(&numeric)) {
            open.extend(&[Value::of(&numeric)]);
            return Ok(());
        }
        let closed = track
            .numbers
            .replace(Open::new(key, NumbersHead::of(&numeric), vec![Value::of(&numeric)]));
        self.close_numbers(closed)
    }

    fn close_numbers(&mut self, closed: Option<OpenNumbers>) -> Result<(), StoreError> {
        match closed {
            Some(closed) => self.numbers_row(&NumbersRow::of(&closed).map_err(StoreError::Failed)?),
            None => Ok(()),
        }
    }

    /// Adds a chunk as it is; its series is one of this session's.
    pub(crate) fn wave_row(&mut self, row: &WaveRow) -> Result<(), StoreError> {
        self.lasts(row.key.series, row.end.saturating_sub(row.head.start))?;
        row.insert(&self.connection)?;
        for bins in bins::of(row.key, &row.head, &row.decode()?) {
            bins.insert(&self.connection)?;
        }
        Ok(())
    }

    /// Adds a chunk as it is; its series is one of this session's.
    pub(crate) fn numbers_row(&mut self, row: &NumbersRow) -> Result<(), StoreError> {
        self.lasts(row.key.series, row.end.saturating_sub(row.start))?;
        Ok(row.insert(&self.connection)?)
    }

    fn lasts(&mut self, series: u32, micros: i64) -> Result<(), StoreError> {
        let track = self.track(SeriesId(series))?;
        track.longest = track.longest.max(micros);
        Ok(())
    }

    /// Adds an entry to the journal, in order.
    pub fn entry(&mut self, entry: &JournalEntry) -> Result<(), StoreError> {
        self.head = journal::append(&self.connection, self.head, std::slice::from_ref(entry))?;
        Ok(())
    }

    pub(crate) fn bed(&mut self, bed: &Bed) -> Result<i64, StoreError> {
        let id = self.next("bed")?;
        let sql = "INSERT INTO bed (id, name, label, unit, room, position, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let place = &bed.location;
        let cells = vec![
            Cell::Integer(id),
            word(bed.id.as_str()),
            word(&bed.label),
            word(&place.unit),
            place.room.as_deref().map_or(Cell::Null, word),
            Cell::Integer(id),
        ];
        put(&self.connection, sql, cells)?;
        Ok(id)
    }

    pub(crate) fn stay(&mut self, encounter: &Encounter) -> Result<i64, StoreError> {
        let id = self.next("encounter")?;
        let sql = "INSERT INTO encounter (id, name, patient, patient_name, hash) VALUES (?1, ?2, ?3, ?4, ?5)";
        let patient = encounter.patient.as_ref();
        let cells = vec![
            Cell::Integer(id),
            word(encounter.id.as_str()),
            patient.map_or(Cell::Null, |p| word(p.id.0.as_str())),
            patient.map_or(Cell::Null, |p| word(&p.name.0)),
        ];
        put(&self.connection, sql, cells)?;
        Ok(id)
    }

    /// Who lay in a bed, from when until when (microseconds; open where it goes on).
    pub(crate) fn association(&mut self, bed: i64, stay: i64, from: i64, until: Option<i64>) -> Result<(), StoreError> {
        let id = self.next("association")?;
        let sql =
            "INSERT INTO association (id, bed, encounter, from_us, until_us, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let cells = vec![
            Cell::Integer(id),
            Cell::Integer(bed),
            Cell::Integer(stay),
            Cell::Integer(from),
            until.map_or(Cell::Null, Cell::Integer),
        ];
        Ok(put(&self.connection, sql, cells)?)
    }

    fn next(&self, table: &str) -> Result<i64, StoreError> {
        let sql = format!("SELECT coalesce(max(id), 0) + 1 FROM {table}");
        Ok(self.connection.query_row(&sql, [], |row| row.get(0))?)
    }

    /// Writes what is open, seals the file, makes it safe and gives it its name. Says the hash over everything in it.
    pub fn finish(mut self) -> Result<Chain, StoreError> {
        for index in 0..self.tracks.len() {
            let lane = SeriesId(u32::try_from(index + 1).unwrap_or(u32::MAX));
            let track = self.track(lane)?;
            let (wave, numbers) = (track.wave.take(), track.numbers.take());
            self.close_wave(lane, wave)?;
            self.close_numbers(numbers)?;
        }
        for track in &self.tracks {
            track.write(&self.connection)?;
        }
        let chain = seal::close(&self.connection)?;
        self.connection.execute_batch("COMMIT")?;
        self.connection.close().map_err(|(_, error)| error)?;
        self.beside.finish()?;
        Ok(chain)
    }
}

impl Reader {
    /// What a session says of itself: name and value, in order. Empty for a history.
    pub fn about(&self) -> Result<Vec<(String, String)>, StoreError> {
        if !file::is_session(&self.connection)? {
            return Ok(Vec::new());
        }
        let mut statement = self.connection.prepare("SELECT name, value FROM about ORDER BY id")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Track {
    fn write(&self, connection: &Connection) -> rusqlite::Result<()> {
        let own = |text: &str| if text.is_empty() { Cell::Null } else { word(text) };
        let cells = vec![
            Cell::Integer(self.series.into()),
            Cell::Integer(self.bed),
            self.stay.map_or(Cell::Null, Cell::Integer),
            self.spec
                .metric
                .map_or(Cell::Null, |metric| Cell::Integer(metric.id().into())),
            own(&self.spec.label),
            own(&self.spec.unit),
            Cell::Integer(self.longest),
        ];
        let sql = "INSERT INTO series (id, bed, encounter, metric, label, unit, longest_us, hash) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        put(connection, sql, cells)
    }
}

/// How many samples one chunk holds.
fn most_samples(head: &WaveHead) -> usize {
    let (samples, seconds) = head.rate.fraction();
    let in_span = i64::from(samples).saturating_mul(SPAN_US / 1_000_000) / i64::from(seconds).max(1);
    usize::try_from(in_span).unwrap_or(1).clamp(1, SAMPLES_MAX)
}

fn word(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn failed(why: &str) -> StoreError {
    StoreError::Failed(why.to_owned())
}
