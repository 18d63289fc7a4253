//! Beds, stays and series: their numbers, and what of them is not on disk yet.
//!
//! Numbers are given in memory and written in the same transaction as the first data that use them.

use std::collections::HashMap;

use model::{Bed, BedId, Encounter, EncounterId, MetricCode, ReceiptTime};
use rusqlite::{Connection, params};

use crate::StoreError;

/// Something to write about who and what is where.
enum Note {
    Session {
        id: i64,
    },
    Bed {
        id: i64,
        bed: Bed,
    },
    Encounter {
        id: i64,
        encounter: Encounter,
    },
    Leaves {
        bed: i64,
        at: i64,
    },
    Arrives {
        bed: i64,
        encounter: i64,
        at: i64,
    },
    Series {
        id: u32,
        bed: i64,
        encounter: Option<i64>,
        metric: MetricCode,
    },
    Longest {
        series: u32,
        micros: i64,
    },
}

struct BedState {
    id: i64,
    encounter: Option<i64>,
}

/// The numbers of beds, stays and series.
#[derive(Default)]
pub(crate) struct Identity {
    beds: HashMap<BedId, BedState>,
    encounters: HashMap<EncounterId, i64>,
    series: HashMap<(i64, Option<i64>, MetricCode), u32>,
    longest: HashMap<u32, i64>,
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
        let mut statement = connection.prepare(
            "SELECT b.id, b.name, (SELECT encounter FROM association WHERE bed = b.id AND until_us IS NULL \
             ORDER BY id DESC LIMIT 1) FROM bed b",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (id, name): (i64, String) = (row.get(0)?, row.get(1)?);
            let name = BedId::new(&name).map_err(|_| bad("bed", id))?;
            let encounter = row.get(2)?;
            known.beds.insert(name, BedState { id, encounter });
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
            let metric = MetricCode::from_id(row.get(3)?).ok_or_else(|| bad("series", id.into()))?;
            known.series.insert((row.get(1)?, row.get(2)?, metric), id);
            known.longest.insert(id, row.get(4)?);
        }
        Ok(known)
    }

    fn bed(&mut self, name: &BedId) -> &mut BedState {
        let id = i64::try_from(self.beds.len()).unwrap_or(i64::MAX).saturating_add(1);
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
            BedState { id, encounter: None }
        })
    }

    /// Says who lies in a bed from `at` on. The series that end with that: none when it is the same stay.
    pub(crate) fn place(&mut self, at: ReceiptTime, bed: Bed, encounter: Encounter) -> Vec<u32> {
        let next = i64::try_from(self.encounters.len())
            .unwrap_or(i64::MAX)
            .saturating_add(1);
        let stay = *self.encounters.entry(encounter.id.clone()).or_insert(next);
        let state = self.bed(&bed.id);
        let (id, before) = (state.id, state.encounter.replace(stay));
        self.notes.push(Note::Bed { id, bed });
        self.notes.push(Note::Encounter { id: stay, encounter });
        if before == Some(stay) {
            return Vec::new();
        }
        let at = at.as_micros();
        self.notes.push(Note::Leaves { bed: id, at });
        self.notes.push(Note::Arrives {
            bed: id,
            encounter: stay,
            at,
        });
        let ended = self
            .series
            .iter()
            .filter(|((b, stay, _), _)| *b == id && *stay == before);
        ended.map(|(_, series)| *series).collect()
    }

    /// The series of a metric for whoever lies in the bed now.
    pub(crate) fn series(&mut self, bed: &BedId, metric: MetricCode) -> u32 {
        let state = self.bed(bed);
        let key = (state.id, state.encounter, metric);
        let next = u32::try_from(self.series.len()).unwrap_or(u32::MAX).saturating_add(1);
        let notes = &mut self.notes;
        *self.series.entry(key).or_insert_with(|| {
            let (bed, encounter, metric) = key;
            notes.push(Note::Series {
                id: next,
                bed,
                encounter,
                metric,
            });
            next
        })
    }

    /// Notes that a chunk of `series` lasts `micros`: a reader looks back that far for chunks that reach in.
    pub(crate) fn lasts(&mut self, series: u32, micros: i64) {
        let longest = self.longest.entry(series).or_insert(0);
        if micros > *longest {
            *longest = micros;
            self.notes.push(Note::Longest { series, micros });
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

impl Note {
    fn write(&self, connection: &Connection) -> rusqlite::Result<()> {
        match self {
            Self::Session { id } => connection
                .prepare_cached("INSERT INTO session (id, version) VALUES (?1, ?2)")?
                .execute(params![id, env!("CARGO_PKG_VERSION")]),
            Self::Bed { id, bed } => connection
                .prepare_cached(
                    "INSERT INTO bed (id, name, label, unit, room, position) VALUES (?1, ?2, ?3, ?4, ?5, ?1) \
                 ON CONFLICT (id) DO UPDATE SET label = ?3, unit = ?4, room = ?5",
                )?
                .execute(params![
                    id,
                    bed.id.as_str(),
                    bed.label,
                    bed.location.unit,
                    bed.location.room
                ]),
            Self::Encounter { id, encounter } => {
                let patient = encounter.patient.as_ref();
                connection
                    .prepare_cached(
                        "INSERT INTO encounter (id, name, patient, patient_name) VALUES (?1, ?2, ?3, ?4) \
                     ON CONFLICT (id) DO UPDATE SET patient = ?3, patient_name = ?4",
                    )?
                    .execute(params![
                        id,
                        encounter.id.as_str(),
                        patient.map(|p| p.id.0.as_str()),
                        patient.map(|p| p.name.0.as_str())
                    ])
            }
            Self::Leaves { bed, at } => connection
                .prepare_cached("UPDATE association SET until_us = ?2 WHERE bed = ?1 AND until_us IS NULL")?
                .execute(params![bed, at]),
            Self::Arrives { bed, encounter, at } => connection
                .prepare_cached("INSERT INTO association (bed, encounter, from_us) VALUES (?1, ?2, ?3)")?
                .execute(params![bed, encounter, at]),
            Self::Series {
                id,
                bed,
                encounter,
                metric,
            } => connection
                .prepare_cached(
                    "INSERT INTO series (id, bed, encounter, metric, longest_us) VALUES (?1, ?2, ?3, ?4, 0)",
                )?
                .execute(params![id, bed, encounter, metric.id()]),
            Self::Longest { series, micros } => connection
                .prepare_cached("UPDATE series SET longest_us = ?2 WHERE id = ?1 AND longest_us < ?2")?
                .execute(params![series, micros]),
        }
        .map(drop)
    }
}
