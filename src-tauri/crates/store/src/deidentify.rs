//! Leaving out who it was, "Safe Harbor style" (45 CFR 164.514(b)(2)): names, numbers, places, dates and devices go;
//! times become times since the start, told as if that were the first of January 2000, 00:00.
//!
//! It does not look into free text, which is why that is left out unless it is asked for.

use std::collections::BTreeMap;

use model::{Bed, BedId, Encounter, EncounterId, JournalEntry, JournalKind, Location, Person, ReceiptTime};

/// 2000-01-01T00:00:00Z in microseconds since 1970.
const DAY_ONE_US: i64 = 946_684_800_000_000;

/// Whether direct identifiers are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deidentify {
    /// Everything stays as it was recorded.
    No,
    /// No names, numbers, places, dates and devices.
    Yes {
        /// What people wrote stays: notes and reasons. Whoever asks for it must have read it.
        keep_text: bool,
    },
}

/// What stands for whom in one session.
pub(crate) struct Mask {
    deidentify: Deidentify,
    /// What is added to each time, in microseconds.
    shift: i64,
    stays: BTreeMap<EncounterId, EncounterId>,
    people: BTreeMap<Person, Person>,
}

impl Mask {
    /// A mask for a session that begins at `from`.
    pub(crate) fn new(deidentify: Deidentify, from: i64) -> Self {
        let shift = match deidentify {
            Deidentify::No => 0,
            Deidentify::Yes { .. } => DAY_ONE_US.saturating_sub(from),
        };
        Self {
            deidentify,
            shift,
            stays: BTreeMap::new(),
            people: BTreeMap::new(),
        }
    }

    pub(crate) fn is_on(&self) -> bool {
        self.deidentify != Deidentify::No
    }

    /// A time in microseconds.
    pub(crate) fn micros(&self, at: i64) -> i64 {
        at.saturating_add(self.shift)
    }

    fn time(&self, at: ReceiptTime) -> ReceiptTime {
        ReceiptTime::from_micros(self.micros(at.as_micros()))
    }

    pub(crate) fn bed(&self, bed: Bed) -> Bed {
        if !self.is_on() {
            return bed;
        }
        Bed {
            id: self.bed_id(bed.id),
            label: "Bed".to_owned(),
            location: Location {
                unit: String::new(),
                room: None,
            },
        }
    }

    fn bed_id(&self, bed: BedId) -> BedId {
        if self.is_on() {
            BedId::new("bed").unwrap_or(bed)
        } else {
            bed
        }
    }

    pub(crate) fn encounter(&mut self, encounter: Encounter) -> Encounter {
        if !self.is_on() {
            return encounter;
        }
        Encounter {
            id: self.stay(encounter.id),
            patient: None,
        }
    }

    fn stay(&mut self, stay: EncounterId) -> EncounterId {
        if !self.is_on() {
            return stay;
        }
        let number = self.stays.len() + 1;
        let masked = || EncounterId::new(&format!("stay-{number}"));
        match self.stays.get(&stay) {
            Some(known) => known.clone(),
            None => match masked() {
                Ok(masked) => self.stays.entry(stay).or_insert(masked).clone(),
                Err(_) => stay,
            },
        }
    }

    fn person(&mut self, person: Person) -> Person {
        if !self.is_on() {
            return person;
        }
        let number = self.people.len() + 1;
        match (self.people.get(&person), Person::new(&format!("Person {number}"))) {
            (Some(known), _) => known.clone(),
            (None, Ok(masked)) => self.people.entry(person).or_insert(masked).clone(),
            (None, Err(_)) => person,
        }
    }

    /// An entry of the journal; `None` where nothing of it may stay.
    pub(crate) fn entry(&mut self, entry: JournalEntry) -> Option<JournalEntry> {
        let keep_text = match self.deidentify {
            Deidentify::No => return Some(entry),
            Deidentify::Yes { keep_text } => keep_text,
        };
        if is_about_machines_or_people(entry.kind) {
            return None;
        }
        let text = |text: Option<String>| text.filter(|_| keep_text);
        let mut entry = entry;
        entry.at = self.time(entry.at);
        entry.bed = entry.bed.map(|bed| self.bed_id(bed));
        entry.encounter = entry.encounter.map(|stay| self.stay(stay));
        entry.person = entry.person.map(|person| self.person(person));
        entry.reason = text(entry.reason);
        entry.detail = text(entry.detail);
        if let Some(alert) = &mut entry.alert {
            alert.bed = alert.bed.take().map(|bed| self.bed_id(bed));
            alert.owner = alert.owner.take().map(|person| self.person(person));
            alert.responder = alert.responder.take().map(|person| self.person(person));
            alert.text = text(alert.text.take());
            alert.since = self.time(alert.since);
            alert.raised_at = self.time(alert.raised_at);
            alert.episode_since = self.time(alert.episode_since);
            alert.realert_at = alert.realert_at.map(|at| self.time(at));
        }
        if let Some(limits) = &mut entry.limits {
            limits.until = limits.until.map(|at| self.time(at));
        }
        if let Some(pause) = &mut entry.pause {
            pause.bed = self.bed_id(pause.bed.clone());
            pause.by = self.person(pause.by.clone());
            pause.since = self.time(pause.since);
            pause.until = self.time(pause.until);
            if !keep_text {
                pause.reason.clear();
            }
        }
        if let Some(found) = &mut entry.assessment {
            found.by = self.person(found.by.clone());
            found.at = self.time(found.at);
        }
        Some(entry)
    }
}

/// Whether an entry's words name a device, an address or a person, and nothing else is in it.
fn is_about_machines_or_people(kind: JournalKind) -> bool {
    matches!(
        kind,
        JournalKind::Connectivity
            | JournalKind::DeviceIdentified
            | JournalKind::BedConfigured
            | JournalKind::SignedIn
            | JournalKind::SignedOut
            | JournalKind::PeopleChanged
            | JournalKind::Rejected
            | JournalKind::StoreFault
    )
}
