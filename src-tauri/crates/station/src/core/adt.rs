//! Admit, join, transfer, discharge, and taking it back: who lies where, changed by a person while the ward runs.
//!
//! What ends is written down for the stay that ends, what begins for the stay that begins, all in one commit.

use std::sync::Arc;
use std::time::Duration;

use alert::rights::Deed;
use model::{
    Actor, Assessment, BedId, Encounter, EncounterId, JournalEntry, JournalKind, LimitsChange, Patient, Person,
    ReceiptTime,
};
use store::Stay;

use super::Core;
use super::persons::by_person;
use crate::config::BedConfig;
use crate::durable::{Occupied, Publication};
use crate::event::{Answer, Refused, Wish};
use crate::occupancy;
use crate::rules::BedRules;

/// An admission, a join, a transfer or a discharge can be taken back for so long.
const UNDO_WITHIN: Duration = Duration::from_mins(10);

const OCCUPIED: Refused = Refused::Answer("somebody lies in this bed; discharge or transfer them first");
const NOBODY: Refused = Refused::Answer("nobody is admitted to this bed");
const ELSEWHERE: Refused = Refused::Answer("this patient lies in another bed of this ward; transfer them from there");
const SAME_BED: Refused = Refused::Answer("the patient lies in this bed already");
const NOTHING_TO_UNDO: Refused =
    Refused::Answer("nothing was done with this bed in the last ten minutes that could be taken back");
const CHANGED_SINCE: Refused = Refused::Answer("one of the beds was given to somebody else since; look at both");
const NOT_RECORDED_THEN: Refused =
    Refused::Answer("choose a time between the beginning of this bed's recording for nobody and now");

/// A bed as it was before somebody else came to lie in it, or nobody.
#[derive(Clone)]
struct Before {
    place: u16,
    stay: Encounter,
    since: ReceiptTime,
    rules: BedRules,
    checked: Option<(Person, ReceiptTime)>,
    assessment: Option<Assessment>,
    /// Whose stay it has been since.
    after: EncounterId,
}

/// What was done, and can be taken back.
pub(crate) struct Done {
    at: ReceiptTime,
    /// From when on the data are filed under the stay that began.
    filed_from: ReceiptTime,
    kind: JournalKind,
    /// The beds; for a transfer first the one that was left.
    beds: Vec<Before>,
}

impl Core {
    pub(super) fn adt(
        &mut self,
        now: ReceiptTime,
        wish: Wish,
        answer: Answer<()>,
    ) -> Result<(), (Refused, Answer<()>)> {
        let by = self.actor(now, Some(Deed::Admit));
        match by.and_then(|by| self.adt_wish(now, wish, &by)) {
            Ok(()) => {
                self.journal(Vec::new(), vec![Publication::Answer(answer)]);
                Ok(())
            }
            Err(refused) => Err((refused, answer)),
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the list of wishes is closed in `wish`; here are those that say who lies where"
    )]
    fn adt_wish(&mut self, now: ReceiptTime, wish: Wish, by: &Actor) -> Result<(), Refused> {
        self.moves.retain(|done| now.since(done.at) <= UNDO_WITHIN);
        match wish {
            Wish::Admit { bed, patient, admitted } => self.admit(now, &bed, patient, admitted.as_deref(), by),
            Wish::JoinPatient { bed, patient, from } => self.join(now, &bed, patient, from, by),
            Wish::Transfer { from, to } => self.transfer(now, &from, &to, by),
            Wish::Discharge { bed } => self.discharge(now, &bed, by),
            Wish::UndoAdt { bed } => self.undo_adt(now, &bed, by),
            _ => Ok(()),
        }
    }

    fn admit(
        &mut self,
        now: ReceiptTime,
        bed: &BedId,
        patient: Patient,
        admitted: Option<&str>,
        by: &Actor,
    ) -> Result<(), Refused> {
        let before = self.free_bed(bed)?;
        self.lies_nowhere(&patient)?;
        let stay = occupancy::begins(bed, Some(patient), now);
        self.leave(now, bed, by, "a patient was admitted to this bed");
        let rules = before.rules.fresh();
        let detail = admitted.map(|words| format!("came: {words}"));
        self.occupy(now, now, before.place, stay, (rules, None, None));
        self.adt_entry(now, JournalKind::Admitted, bed, by, detail);
        self.arrive(now, bed);
        self.done(now, now, JournalKind::Admitted, vec![before]);
        Ok(())
    }

    fn join(
        &mut self,
        now: ReceiptTime,
        bed: &BedId,
        patient: Patient,
        from: ReceiptTime,
        by: &Actor,
    ) -> Result<(), Refused> {
        let before = self.free_bed(bed)?;
        self.lies_nowhere(&patient)?;
        if from < before.since || from > now {
            return Err(NOT_RECORDED_THEN);
        }
        let stay = occupancy::begins(bed, Some(patient), now);
        let Before {
            rules,
            checked,
            assessment,
            ..
        } = before.clone();
        self.occupy(now, from, before.place, stay, (rules, checked, assessment));
        self.adt_entry(
            now,
            JournalKind::PatientJoined,
            bed,
            by,
            Some(format!("what was recorded from {from} on is theirs")),
        );
        self.write_again(bed, &before);
        self.arrive(now, bed);
        self.done(now, from, JournalKind::PatientJoined, vec![before]);
        Ok(())
    }

    fn transfer(&mut self, now: ReceiptTime, from: &BedId, to: &BedId, by: &Actor) -> Result<(), Refused> {
        if from == to {
            return Err(SAME_BED);
        }
        let left = self.taken_bed(from)?;
        let reached = self.free_bed(to)?;
        let nobody = occupancy::begins(from, None, now);
        let rules = left.rules.along_to(&reached.rules);
        let along = (rules, left.checked.clone(), left.assessment.clone());
        let (stay, place) = (left.stay.clone(), left.place);
        self.go(now, from, to, by);
        self.occupy(now, now, reached.place, stay, along);
        self.occupy(now, now, place, nobody, (left.rules.fresh(), None, None));
        self.adt_entry(now, JournalKind::Transferred, to, by, Some(format!("came from {from}")));
        self.adt_entry(now, JournalKind::Transferred, from, by, Some(format!("went to {to}")));
        self.arrive(now, to);
        self.arrive(now, from);
        self.done(now, now, JournalKind::Transferred, vec![left, reached]);
        Ok(())
    }

    fn discharge(&mut self, now: ReceiptTime, bed: &BedId, by: &Actor) -> Result<(), Refused> {
        let before = self.taken_bed(bed)?;
        let nobody = occupancy::begins(bed, None, now);
        self.leave(now, bed, by, "the patient was discharged");
        self.occupy(now, now, before.place, nobody, (before.rules.fresh(), None, None));
        self.adt_entry(now, JournalKind::Discharged, bed, by, None);
        self.arrive(now, bed);
        self.done(now, now, JournalKind::Discharged, vec![before]);
        Ok(())
    }

    fn undo_adt(&mut self, now: ReceiptTime, bed: &BedId, by: &Actor) -> Result<(), Refused> {
        let place = self.known(bed)?;
        let is_of = |done: &Done| done.beds.iter().any(|b| b.place == place);
        let index = self.moves.iter().rposition(is_of).ok_or(NOTHING_TO_UNDO)?;
        let stands = |before: &Before| self.bed_at(before.place).is_some_and(|b| b.stay.id == before.after);
        if !self.moves.get(index).is_some_and(|done| done.beds.iter().all(stands)) {
            return Err(CHANGED_SINCE);
        }
        let mut done = self.moves.remove(index);
        let beds: Vec<BedId> = done.beds.iter().filter_map(|b| self.id_at(b.place)).collect();
        match (done.kind, beds.as_slice()) {
            (JournalKind::Transferred, [left, reached]) => {
                // What was changed meanwhile comes back along.
                let there = self.rules_of(done.beds.last());
                if let (Some(there), Some(before)) = (there, done.beds.first_mut()) {
                    before.rules = there.along_to(&before.rules);
                }
                self.go(now, reached, left, by);
            }
            (JournalKind::PatientJoined, _) => {}
            _ => {
                for bed in &beds {
                    self.leave(now, bed, by, "who lies in this bed was taken back");
                }
            }
        }
        for before in done.beds {
            let after = (before.rules, before.checked, before.assessment);
            self.occupy(now, done.filed_from, before.place, before.stay, after);
            if let Some(state) = self.beds.get_mut(usize::from(before.place)) {
                state.since = before.since;
            }
        }
        for bed in &beds {
            let what = format!("taken back: {}", done.kind.as_str());
            self.adt_entry(now, JournalKind::AdtUndone, bed, by, Some(what));
            self.arrive(now, bed);
        }
        Ok(())
    }

    /// The patient and what is theirs go to another bed, where nothing of anybody is left, nor here.
    fn go(&mut self, now: ReceiptTime, from: &BedId, to: &BedId, by: &Actor) {
        self.leave(now, to, by, "a patient was moved to this bed");
        self.step(
            now,
            &alert::Event::Move {
                from: from.clone(),
                to: to.clone(),
                by: Some(by.person.clone()),
            },
        );
        self.leave(now, from, by, "the patient was moved to another bed");
    }

    fn leave(&mut self, now: ReceiptTime, bed: &BedId, by: &Actor, why: &str) {
        self.step(
            now,
            &alert::Event::Leave {
                bed: bed.clone(),
                by: Some(by.person.clone()),
                why: why.to_owned(),
            },
        );
    }

    fn arrive(&mut self, now: ReceiptTime, bed: &BedId) {
        self.step(now, &alert::Event::Arrive { bed: bed.clone() });
    }

    /// From `from` on everything of this bed is of `stay`. The page is told when that is on disk.
    fn occupy(
        &mut self,
        now: ReceiptTime,
        from: ReceiptTime,
        place: u16,
        stay: Encounter,
        (rules, checked, assessment): (BedRules, Option<(Person, ReceiptTime)>, Option<Assessment>),
    ) {
        let Some(state) = self.beds.get_mut(usize::from(place)) else {
            return;
        };
        state.stay = stay.clone();
        state.since = from;
        let config = Arc::new(BedConfig {
            encounter: stay.clone(),
            ..BedConfig::clone(&state.view.config)
        });
        self.writer.beds(from, vec![(config.bed.clone(), stay)]);
        let bed = config.bed.id.clone();
        let event = alert::Event::Bed {
            bed: bed.clone(),
            profile: Arc::clone(rules.profile()),
            rules: rules.judged(),
            expected: Vec::new(),
        };
        let occupied = Occupied {
            config,
            rules,
            checked,
            assessment: assessment.clone(),
        };
        self.journal(Vec::new(), vec![Publication::Occupied(place, Box::new(occupied))]);
        self.step(now, &event);
        if assessment.is_some() {
            self.step(now, &alert::Event::Assessed { bed, assessment });
        }
    }

    fn adt_entry(&mut self, now: ReceiptTime, kind: JournalKind, bed: &BedId, by: &Actor, detail: Option<String>) {
        let mut entry = by_person(now, kind, by);
        entry.bed = Some(bed.clone());
        entry.detail = detail;
        self.journal(vec![entry], Vec::new());
    }

    /// What people changed and found is written down for the stay that goes on under a patient's name, as it was.
    fn write_again(&mut self, bed: &BedId, before: &Before) {
        let mut entries = Vec::new();
        let entry = |kind, at, by: &Person| {
            let mut entry = JournalEntry::new(at, kind);
            entry.bed = Some(bed.clone());
            entry.person = Some(by.clone());
            entry.detail = Some("from before the patient was known".to_owned());
            entry
        };
        for (metric, rule) in before.rules.iter() {
            let Some(changed) = &rule.changed else { continue };
            let mut entry = entry(JournalKind::LimitsChanged, changed.at, &changed.person);
            entry.reason = Some(changed.reason.clone());
            entry.limits = Some(LimitsChange {
                metric,
                before: rule.profile,
                after: rule.rule,
                until: changed.until,
            });
            entries.push(entry);
        }
        if let Some(found) = &before.assessment {
            let mut entry = entry(JournalKind::Assessed, found.at, &found.by);
            entry.assessment = Some(found.clone());
            entries.push(entry);
        }
        if let Some((by, at)) = &before.checked {
            entries.push(entry(JournalKind::BedChecked, *at, by));
        }
        self.journal(entries, Vec::new());
    }

    fn done(&mut self, at: ReceiptTime, filed_from: ReceiptTime, kind: JournalKind, beds: Vec<Before>) {
        let beds = beds.into_iter().map(|before| Before {
            after: self
                .bed_at(before.place)
                .map_or_else(|| before.stay.id.clone(), |b| b.stay.id.clone()),
            ..before
        });
        let beds = beds.collect();
        self.moves.push(Done {
            at,
            filed_from,
            kind,
            beds,
        });
    }

    fn bed_at(&self, place: u16) -> Option<&super::BedState> {
        self.beds.get(usize::from(place))
    }

    fn id_at(&self, place: u16) -> Option<BedId> {
        self.bed_at(place).map(|b| b.view.config.bed.id.clone())
    }

    fn known(&self, bed: &BedId) -> Result<u16, Refused> {
        self.place(Some(bed)).ok_or_else(|| Refused::NoSuchBed(bed.to_string()))
    }

    fn rules_of(&self, before: Option<&Before>) -> Option<BedRules> {
        let before = before?;
        let state = self.bed_at(before.place)?;
        Some(self.durable.rules_soon(before.place, &state.rules))
    }

    /// A bed as it is now, whatever of it is still on its way to the disk.
    fn before(&self, bed: &BedId) -> Result<Before, Refused> {
        let place = self.known(bed)?;
        let state = self.bed_at(place).ok_or_else(|| Refused::NoSuchBed(bed.to_string()))?;
        Ok(Before {
            place,
            stay: state.stay.clone(),
            since: state.since,
            rules: self.durable.rules_soon(place, &state.rules),
            checked: state.view.checked.clone(),
            assessment: state.score.assessment.clone(),
            after: state.stay.id.clone(),
        })
    }

    fn free_bed(&self, bed: &BedId) -> Result<Before, Refused> {
        self.before(bed)
            .and_then(|b| if b.stay.patient.is_some() { Err(OCCUPIED) } else { Ok(b) })
    }

    fn taken_bed(&self, bed: &BedId) -> Result<Before, Refused> {
        self.before(bed)
            .and_then(|b| if b.stay.patient.is_none() { Err(NOBODY) } else { Ok(b) })
    }

    fn lies_nowhere(&self, patient: &Patient) -> Result<(), Refused> {
        let is_it = |p: &Patient| p.id == patient.id;
        let lies = self.beds.iter().any(|b| b.stay.patient.as_ref().is_some_and(is_it));
        if lies { Err(ELSEWHERE) } else { Ok(()) }
    }

    /// A stay that went on over a restart began when it began.
    pub(super) fn since_before(&mut self, stays: &[Stay]) {
        for state in &mut self.beds {
            let known = stays.iter().rfind(|s| s.bed == state.view.config.bed.id);
            if let Some(known) = known.filter(|s| s.encounter.id == state.stay.id) {
                state.since = known.from;
            }
        }
    }

    /// A history that opened late says that somebody else lies in a bed than the configuration does.
    pub(super) fn occupied_late(&mut self, now: ReceiptTime, standing: &[JournalEntry], stays: &[Stay]) {
        for place in (0_u16..).take(self.beds.len()) {
            let Some(state) = self.bed_at(place) else { continue };
            let (who, changed) = occupancy::lies(now, &state.view.config, standing, stays);
            let was_told = self.moves.iter().any(|done| done.beds.iter().any(|b| b.place == place));
            if was_told || changed.is_some() || who.id == state.stay.id {
                continue;
            }
            let rules = state.rules.fresh();
            self.occupy(now, now, place, who, (rules, None, None));
        }
    }
}
