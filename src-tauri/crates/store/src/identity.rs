//! Beds, stays and series: their numbers, and what of them is not on disk yet.
//!
//! Numbers are given in memory and written in the same transaction as the first data that use them.

use std::collections::HashMap;

use model::{Bed, BedId, Encounter, EncounterId, MetricCode, ReceiptTime};
use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};

use crate::bytes::Unpack;
use crate::{StoreError, journal};

/// The tables in which a row carries its hash as its last column, and the columns that it covers.
pub(crate) const HASHED: [(&str, &str); 4] = [
    ("bed", "id, name, label, unit, room, position"),
    ("encounter", "id, name, patient, patient_name"),
    ("association", "id, bed, encounter, from_us, until_us"),
    ("series", "id, bed, encounter, metric, label, unit, longest_us"),
];

/// Something to write about who and what is where. Written twice it is the same: a commit that failed may have
/// reached the disk.
enum Note {
    Session { id: i64 },
    Bed { id: i64, bed: Bed },
    Encounter { id: i64, encounter: Encounter },
    Association(Association),
    Series { id: u32, key: SeriesKey, longest: i64 },
}

/// A stay in a bed.
#[derive(Clone, Copy)]
struct Association {
    id: i64,
    bed: i64,
    encounter: i64,
    from: i64,
    until: Option<i64>,
}

/// Bed, stay and metric.
type SeriesKey = (i64, Option<i64>, MetricCode);

struct BedState {
    id: i64,
    /// Who lies there now.
    stay: Option<Association>,
}

struct SeriesState {
    key: SeriesKey,
    longest: i64,
}

/// The numbers of beds, stays and series.
#[derive(Default)]
pub(crate) struct Identity {
    beds: HashMap<BedId, BedState>,
    encounters: HashMap<EncounterId, i64>,
    associations: i64,
    series: HashMap<SeriesKey, u32>,
    last_series: u32,
    states: HashMap<u32, SeriesState>,
    notes: Vec<Note>,
}

impl Identity {
    pub(crate) fn read(connection: &Connection) -> Result<Self, StoreError> {
        let mut known = Self::default();
        let bad = |table, row| StoreError::Row {
            table,
            row,
            why: "its name or metric is not known".to_owned(),
        };
        let mut stays = HashMap::new();
        let mut statement =
            connection.prepare("SELECT id, bed, encounter, from_us, until_us FROM association ORDER BY id")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let stay = Association {
                id: row.get(0)?,
                bed: row.get(1)?,
                encounter: row.get(2)?,
                from: row.get(3)?,
                until: row.get(4)?,
            };
            known.associations = stay.id;
            if stay.until.is_none() {
                stays.insert(stay.bed, stay);
            }
        }
        let mut statement = connection.prepare("SELECT id, name FROM bed")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (id, name): (i64, String) = (row.get(0)?, row.get(1)?);
            let name = BedId::new(&name).map_err(|_| bad("bed", id))?;
            let stay = stays.remove(&id);
            known.beds.insert(name, BedState { id, stay });
        }
        let mut statement = connection.prepare("SELECT id, name FROM encounter")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (id, name): (i64, String) = (row.get(0)?, row.get(1)?);
            let name = EncounterId::new(&name).map_err(|_| bad("encounter", id))?;
            known.encounters.insert(name, id);
        }
        let mut statement = connection.prepare("SELECT id, bed, encounter, metric, longest_us FROM series")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let id: u32 = row.get(0)?;
            known.last_series = known.last_series.max(id);
            let Some(metric) = row.get(3)? else {
                // A channel of a foreign recording: nothing live goes on in it.
                continue;
            };
            let metric = MetricCode::from_id(metric).ok_or_else(|| bad("series", id.into()))?;
            let key = (row.get(1)?, row.get(2)?, metric);
            let longest = row.get(4)?;
            known.series.insert(key, id);
            known.states.insert(id, SeriesState { key, longest });
        }
        Ok(known)
    }

    fn bed(&mut self, name: &BedId) -> &mut BedState {
        let id = next(self.beds.len());
        let notes = &mut self.notes;
        self.beds.entry(name.clone()).or_insert_with(|| {
            let bed = Bed {
                id: name.clone(),
                label: name.to_string(),
                location: model::Location {
                    unit: String::new(),
                    room: None,
                },
            };
            notes.push(Note::Bed { id, bed });
            BedState { id, stay: None }
        })
    }

    /// Says who lies in a bed from `at` on. The series that end with that: none when it is the same stay.
    pub(crate) fn place(&mut self, at: ReceiptTime, bed: Bed, encounter: Encounter) -> Vec<u32> {
        let at = at.as_micros();
        let number = next(self.encounters.len());
        let stay = *self.encounters.entry(encounter.id.clone()).or_insert(number);
        let association = self.associations + 1;
        let state = self.bed(&bed.id);
        let (id, before) = (state.id, state.stay);
        let is_same = before.is_some_and(|before| before.encounter == stay);
        let arrives = Association {
            id: association,
            bed: id,
            encounter: stay,
            from: at,
            until: None,
        };
        if !is_same {
            state.stay = Some(arrives);
        }
        self.notes.push(Note::Bed { id, bed });
        self.notes.push(Note::Encounter { id: stay, encounter });
        if is_same {
            return Vec::new();
        }
        self.associations = association;
        self.notes.extend(before.map(|before| {
            Note::Association(Association {
                until: Some(at),
                ..before
            })
        }));
        self.notes.push(Note::Association(arrives));
        let before = before.map(|before| before.encounter);
        let ended = self
            .series
            .iter()
            .filter(|((b, stay, _), _)| *b == id && *stay == before);
        ended.map(|(_, series)| *series).collect()
    }

    /// The series of a metric for whoever lies in the bed now.
    pub(crate) fn series(&mut self, bed: &BedId, metric: MetricCode) -> u32 {
        let state = self.bed(bed);
        let key = (state.id, state.stay.map(|stay| stay.encounter), metric);
        let (notes, states, last) = (&mut self.notes, &mut self.states, &mut self.last_series);
        *self.series.entry(key).or_insert_with(|| {
            *last = last.saturating_add(1);
            let (id, longest) = (*last, 0);
            notes.push(Note::Series { id, key, longest });
            states.insert(id, SeriesState { key, longest });
            id
        })
    }

    /// Whose series it is; `None` when that bed has another stay now.
    pub(crate) fn current(&self, series: u32) -> Option<(BedId, MetricCode)> {
        let (bed, encounter, metric) = self.states.get(&series)?.key;
        let (name, _) = self
            .beds
            .iter()
            .find(|(_, state)| state.id == bed && state.stay.map(|stay| stay.encounter) == encounter)?;
        Some((name.clone(), metric))
    }

    /// Notes that a chunk of `series` lasts `micros`: a reader looks back that far for chunks that reach in.
    pub(crate) fn lasts(&mut self, series: u32, micros: i64) {
        if let Some(state) = self.states.get_mut(&series)
            && micros > state.longest
        {
            state.longest = micros;
            self.notes.push(Note::Series {
                id: series,
                key: state.key,
                longest: micros,
            });
        }
    }

    /// Says that this session records. It goes to disk with the first data, so that opening needs no room on the disk.
    pub(crate) fn opens_session(&mut self, id: i64) {
        self.notes.push(Note::Session { id });
    }

    pub(crate) fn has_notes(&self) -> bool {
        !self.notes.is_empty()
    }

    /// Writes what is not on disk; the caller commits, and calls [`Identity::noted`] only then.
    pub(crate) fn write(&self, connection: &Connection) -> rusqlite::Result<()> {
        for note in &self.notes {
            note.write(connection)?;
        }
        Ok(())
    }

    pub(crate) fn noted(&mut self) {
        self.notes.clear();
    }
}

/// Beds, stays and series are numbered from 1 without holes.
fn next(known: usize) -> i64 {
    i64::try_from(known).unwrap_or(i64::MAX).saturating_add(1)
}

/// Puts a row where it belongs, in place of the same row as it was.
pub(crate) fn put(connection: &Connection, sql: &str, values: Vec<Value>) -> rusqlite::Result<()> {
    let mut values = values;
    values.push(Value::Integer(hash(&values)));
    connection
        .prepare_cached(sql)?
        .execute(params_from_iter(values))
        .map(drop)
}

/// The hash of a row: every column before it, as tag, length and bytes.
pub(crate) fn hash(values: &[Value]) -> i64 {
    Unpack(&journal::link(&journal::CHAIN_START, values)).i64().unwrap_or(0)
}

fn text(text: Option<&str>) -> Value {
    text.map_or(Value::Null, |text| Value::Text(text.to_owned()))
}

fn maybe(number: Option<i64>) -> Value {
    number.map_or(Value::Null, Value::Integer)
}

impl Note {
    fn write(&self, connection: &Connection) -> rusqlite::Result<()> {
        match self {
            Self::Session { id } => connection
                .prepare_cached("INSERT OR IGNORE INTO session (id, version) VALUES (?1, ?2)")?
                .execute(params![id, env!("CARGO_PKG_VERSION")])
                .map(drop),
            Self::Bed { id, bed } => put(
                connection,
                "INSERT INTO bed (id, name, label, unit, room, position, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
                 ON CONFLICT (id) DO UPDATE SET label = ?3, unit = ?4, room = ?5, hash = ?7",
                vec![
                    Value::Integer(*id),
                    text(Some(bed.id.as_str())),
                    text(Some(&bed.label)),
                    text(Some(&bed.location.unit)),
                    text(bed.location.room.as_deref()),
                    Value::Integer(*id),
                ],
            ),
            Self::Encounter { id, encounter } => {
                let patient = encounter.patient.as_ref();
                put(
                    connection,
                    "INSERT INTO encounter (id, name, patient, patient_name, hash) VALUES (?1, ?2, ?3, ?4, ?5) \
                     ON CONFLICT (id) DO UPDATE SET patient = ?3, patient_name = ?4, hash = ?5",
                    vec![
                        Value::Integer(*id),
                        text(Some(encounter.id.as_str())),
                        text(patient.map(|p| p.id.0.as_str())),
                        text(patient.map(|p| p.name.0.as_str())),
                    ],
                )
            }
            Self::Association(stay) => put(
                connection,
                "INSERT INTO association (id, bed, encounter, from_us, until_us, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
                 ON CONFLICT (id) DO UPDATE SET until_us = ?5, hash = ?6",
                vec![
                    Value::Integer(stay.id),
                    Value::Integer(stay.bed),
                    Value::Integer(stay.encounter),
                    Value::Integer(stay.from),
                    maybe(stay.until),
                ],
            ),
            Self::Series {
                id,
                key: (bed, encounter, metric),
                longest,
            } => put(
                connection,
                "INSERT INTO series (id, bed, encounter, metric, label, unit, longest_us, hash) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id) DO UPDATE SET longest_us = ?7, hash = ?8",
                vec![
                    Value::Integer((*id).into()),
                    Value::Integer(*bed),
                    maybe(*encounter),
                    Value::Integer(metric.id().into()),
                    Value::Null,
                    Value::Null,
                    Value::Integer(*longest),
                ],
            ),
        }
    }
}
