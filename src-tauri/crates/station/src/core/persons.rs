//! People: who is signed in, and what they find at the bedside.

use std::time::Duration;

use alert::rights::{Deed, actor_may};
use model::{
    Actor, AlertId, Assessment, BedId, Breathing, Consciousness, JournalEntry, JournalKind, ReceiptTime, SpO2Scale,
};

use super::Core;
use crate::durable::Publication;
use crate::event::{Answer, Refused};

/// Somebody who does nothing for so long is signed out: the next person must not act in their name.
const SIGNED_IN_FOR: Duration = Duration::from_mins(15);
/// Longest note or reason, in characters.
pub(super) const TEXT_CHARS_MAX: usize = 2_000;

impl Core {
    /// Who is signed in, if their role allows it. Doing something keeps them signed in.
    pub(super) fn actor(&mut self, now: ReceiptTime, deed: Option<Deed>) -> Result<Actor, Refused> {
        let Some((actor, last)) = &mut self.signed_in else {
            return Err(Refused::NotSignedIn);
        };
        *last = now;
        match deed {
            Some(deed) if !actor_may(actor, deed) => Err(Refused::NotAllowed { role: actor.role, deed }),
            _ => Ok(actor.clone()),
        }
    }

    pub(super) fn sign_in(&mut self, now: ReceiptTime, actor: Actor, answer: Answer<()>) {
        self.end_sign_in(now, Some("another person signed in"));
        let entry = by_person(now, JournalKind::SignedIn, &actor);
        self.signed_in = Some((actor.clone(), now));
        self.station.signed_in = Some(actor);
        self.screens.iter().for_each(|s| s.station(&self.station));
        self.journal(vec![entry], vec![Publication::Answer(answer)]);
    }

    pub(super) fn sign_out(&mut self, now: ReceiptTime, answer: Answer<()>) {
        self.end_sign_in(now, None);
        self.journal(Vec::new(), vec![Publication::Answer(answer)]);
    }

    /// Signs out who has done nothing for a while.
    pub(super) fn sign_out_idle(&mut self, now: ReceiptTime) {
        if self
            .signed_in
            .as_ref()
            .is_some_and(|(_, last)| now.since(*last) >= SIGNED_IN_FOR)
        {
            self.end_sign_in(now, Some("nothing done for a while"));
        }
    }

    fn end_sign_in(&mut self, now: ReceiptTime, why: Option<&str>) {
        let Some((actor, _)) = self.signed_in.take() else {
            return;
        };
        let mut entry = by_person(now, JournalKind::SignedOut, &actor);
        entry.detail = why.map(str::to_owned);
        self.station.signed_in = None;
        self.screens.iter().for_each(|s| s.station(&self.station));
        self.journal(vec![entry], Vec::new());
    }

    pub(super) fn people_changed(&mut self, now: ReceiptTime, what: String, people: Vec<Actor>, answer: Answer<()>) {
        let mut entry = JournalEntry::new(now, JournalKind::PeopleChanged);
        entry.person = self.signed_in.as_ref().map(|(a, _)| a.person.clone());
        entry.detail = Some(what);
        // Somebody who was taken off, or whose role changed, must show who they are again.
        if let Some((actor, _)) = &self.signed_in
            && !people.contains(actor)
        {
            self.end_sign_in(now, Some("may not sign in any more, or in another role"));
        }
        self.station.people = people;
        self.screens.iter().for_each(|s| s.station(&self.station));
        self.journal(vec![entry], vec![Publication::Answer(answer)]);
    }

    pub(super) fn note(
        &mut self,
        now: ReceiptTime,
        (bed, alert): (BedId, Option<AlertId>),
        text: &str,
        answer: Answer<()>,
    ) -> Result<(), (Refused, Answer<()>)> {
        let by = match self.actor(now, Some(Deed::Note)) {
            Ok(by) => by,
            Err(refused) => return Err((refused, answer)),
        };
        if self.place(Some(&bed)).is_none() {
            return Err((Refused::NoSuchBed(bed.to_string()), answer));
        }
        let Some(text) = words(text) else {
            return Err((Refused::NoReason, answer));
        };
        let mut entry = by_person(now, JournalKind::Noted, &by);
        entry.bed = Some(bed);
        entry.reason = Some(text);
        entry.alert = alert.and_then(|id| self.durable.alert(id)).map(|a| a.state.clone());
        self.journal(vec![entry], vec![Publication::Answer(answer)]);
        Ok(())
    }

    /// A change of the marks on what was recorded: whoever may write notes may mark.
    pub(super) fn annotate(
        &mut self,
        now: ReceiptTime,
        bed: BedId,
        (text, change): (String, String),
        answer: Answer<()>,
    ) -> Result<(), (Refused, Answer<()>)> {
        let by = match self.actor(now, Some(Deed::Note)) {
            Ok(by) => by,
            Err(refused) => return Err((refused, answer)),
        };
        if self.place(Some(&bed)).is_none() {
            return Err((Refused::NoSuchBed(bed.to_string()), answer));
        }
        let mut entry = by_person(now, JournalKind::Annotated, &by);
        entry.bed = Some(bed);
        entry.reason = words(&text);
        entry.detail = Some(change);
        self.journal(vec![entry], vec![Publication::Answer(answer)]);
        Ok(())
    }

    /// Alerts that are over leave the screens when somebody has seen them. Those that are not are left alone.
    pub(super) fn seen(
        &mut self,
        now: ReceiptTime,
        alerts: &[AlertId],
        answer: Answer<()>,
    ) -> Result<(), (Refused, Answer<()>)> {
        let by = match self.actor(now, None) {
            Ok(by) => by,
            Err(refused) => return Err((refused, answer)),
        };
        let (mut entries, mut publications) = (Vec::new(), Vec::new());
        for id in alerts {
            let Some(view) = self.durable.alert(*id).filter(|a| a.unseen) else {
                continue;
            };
            let mut state = view.state.clone();
            if !actor_may(&by, Deed::answer(state.kind)) {
                continue;
            }
            state.version += 1;
            state.owner = Some(by.person.clone());
            let mut entry = by_person(now, JournalKind::AlertSeen, &by);
            entry.bed.clone_from(&state.bed);
            entry.alert = Some(state.clone());
            entries.push(entry);
            publications.push(Publication::Alert(view.place, state));
        }
        publications.push(Publication::Answer(answer));
        self.journal(entries, publications);
        Ok(())
    }

    pub(super) fn check_bed(
        &mut self,
        now: ReceiptTime,
        bed: BedId,
        answer: Answer<()>,
    ) -> Result<(), (Refused, Answer<()>)> {
        let by = match self.actor(now, Some(Deed::Assess)) {
            Ok(by) => by,
            Err(refused) => return Err((refused, answer)),
        };
        let Some(place) = self.place(Some(&bed)) else {
            return Err((Refused::NoSuchBed(bed.to_string()), answer));
        };
        let mut entry = by_person(now, JournalKind::BedChecked, &by);
        entry.bed = Some(bed);
        if let Some(state) = self.beds.get_mut(usize::from(place)) {
            state.view.checked = Some((by.person, now));
            self.screens.iter().for_each(|s| s.bed(&state.view));
        }
        self.journal(vec![entry], vec![Publication::Answer(answer)]);
        Ok(())
    }

    pub(super) fn assess(
        &mut self,
        now: ReceiptTime,
        bed: &BedId,
        (consciousness, breathing, scale): (Consciousness, Breathing, SpO2Scale),
        answer: Answer<()>,
    ) -> Result<(), (Refused, Answer<()>)> {
        let Some(place) = self.place(Some(bed)) else {
            return Err((Refused::NoSuchBed(bed.to_string()), answer));
        };
        // The scale in force goes on until somebody who may decides otherwise.
        let state = self.beds.get(usize::from(place));
        let in_force = state.and_then(|b| b.score.scale).unwrap_or(SpO2Scale::One);
        let allowed = self.actor(now, Some(Deed::Assess)).and_then(|by| {
            let scale_changes = scale != in_force;
            if scale_changes && !actor_may(&by, Deed::ChooseScale) {
                return Err(Refused::NotAllowed {
                    role: by.role,
                    deed: Deed::ChooseScale,
                });
            }
            Ok(by)
        });
        let by = match allowed {
            Ok(by) => by,
            Err(refused) => return Err((refused, answer)),
        };
        let found = Assessment {
            consciousness,
            breathing,
            scale,
            by: by.person.clone(),
            at: now,
        };
        let mut entry = by_person(now, JournalKind::Assessed, &by);
        entry.bed = Some(bed.clone());
        entry.assessment = Some(found.clone());
        self.journal(vec![entry], vec![Publication::Answer(answer)]);
        self.take_assessment(now, bed, found);
        Ok(())
    }

    /// What was found too long ago leaves the screen, as it has left the score. The scale stays in force.
    pub(super) fn assessments_run_out(&mut self, now: ReceiptTime) {
        for state in &mut self.beds {
            let Some(rule) = state.rules.profile().early_warning else {
                continue;
            };
            let found = state.score.assessment.as_ref();
            if found.is_some_and(|a| a.at.plus(rule.assessment_lasts) <= now) {
                state.score.assessment = None;
                self.screens
                    .iter()
                    .for_each(|s| s.score(state.view.index, &state.score));
            }
        }
    }

    /// What was found counts from when it was found on.
    pub(super) fn take_assessment(&mut self, now: ReceiptTime, bed: &BedId, found: Assessment) {
        if let Some(place) = self.place(Some(bed))
            && let Some(state) = self.beds.get_mut(usize::from(place))
        {
            state.assessment(Some(found.clone()));
            let view = state.score.clone();
            self.screens.iter().for_each(|s| s.score(place, &view));
        }
        self.step(
            now,
            &alert::Event::Assessed {
                bed: bed.clone(),
                assessment: Some(found),
            },
        );
    }
}

/// An entry in somebody's name.
pub(super) fn by_person(now: ReceiptTime, kind: JournalKind, by: &Actor) -> JournalEntry {
    let mut entry = JournalEntry::new(now, kind);
    entry.person = Some(by.person.clone());
    entry
}

/// A person's words, if there are any; cut where nobody reads on.
pub(super) fn words(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.chars().take(TEXT_CHARS_MAX).collect())
}
