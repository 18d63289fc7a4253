//! Durable before visible: what the journal must hold before a screen shows it or a sound is heard.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use alert::Loudness;
use model::{AlertId, AlertState, Assessment, JournalEntry, LimitsChange, Pause, Person, ReceiptTime};
use store::{StoreError, Writer};
use tokio::sync::{mpsc, watch};

use crate::config::BedConfig;
use crate::core::BedState;
use crate::event::{Answer, Refused};
use crate::rules::{BedRules, Changed, RuleInForce};
use crate::screen::ScreenWriter;
use crate::view::{AlertView, BedDirection};

/// A disk that hangs must not hide an alert: after this long it is shown and sounded all the same, and the store
/// reports its fault. A healthy commit takes 2 to 10 ms.
const SHOWN_AT_LATEST_AFTER: Duration = Duration::from_millis(400);

/// Alerts that are over and unseen kept on screens: a night of a busy ward. Beyond it the oldest are history only.
const UNSEEN_MAX: usize = 200;

/// What becomes visible when its entry is on disk.
#[derive(Debug)]
pub(crate) enum Publication {
    Alert(Option<u16>, AlertState),
    /// A change of limits; `None`: the profile's hold again.
    Limits(u16, LimitsChange, Option<Changed>),
    /// Somebody else lies in a bed, or nobody.
    Occupied(u16, Box<Occupied>),
    /// A pause; `None`: it is over.
    Pause(BedDirection, Option<Pause>),
    Answer(Answer<()>),
}

/// A bed with another stay.
#[derive(Debug)]
pub(crate) struct Occupied {
    pub(crate) config: Arc<BedConfig>,
    pub(crate) rules: BedRules,
    pub(crate) checked: Option<(Person, ReceiptTime)>,
    pub(crate) assessment: Option<Assessment>,
}

struct InFlight {
    ticket: u64,
    since: ReceiptTime,
    publications: Vec<Publication>,
}

pub(crate) struct Durable {
    writer: Writer,
    commits: mpsc::Sender<(u64, Result<(), StoreError>)>,
    sound: watch::Sender<Option<Loudness>>,
    entries: Vec<JournalEntry>,
    publications: Vec<Publication>,
    in_flight: VecDeque<InFlight>,
    next_ticket: u64,
    /// Alerts on screens: those that are not over, and those that are over and unseen.
    shown: BTreeMap<AlertId, AlertView>,
    pauses: BTreeMap<BedDirection, Pause>,
}

impl Durable {
    pub(crate) fn new(
        writer: Writer,
        commits: mpsc::Sender<(u64, Result<(), StoreError>)>,
        sound: watch::Sender<Option<Loudness>>,
    ) -> Self {
        Self {
            writer,
            commits,
            sound,
            entries: Vec::new(),
            publications: Vec::new(),
            in_flight: VecDeque::new(),
            next_ticket: 1,
            shown: BTreeMap::new(),
            pauses: BTreeMap::new(),
        }
    }

    /// Gathers what one turn has to say; [`Durable::send`] hands it over at the end of the turn.
    pub(crate) fn journal(&mut self, entries: Vec<JournalEntry>, publications: Vec<Publication>) {
        self.entries.extend(entries);
        self.publications.extend(publications);
    }

    /// Hands the turn's entries to the store as one commit.
    pub(crate) fn send(&mut self, now: ReceiptTime, screens: &[ScreenWriter], beds: &mut [BedState]) {
        if self.entries.is_empty() {
            let publications = std::mem::take(&mut self.publications);
            // Nothing to write, but never before what was said earlier.
            match self.in_flight.back_mut() {
                Some(before) => before.publications.extend(publications),
                None if publications.is_empty() => {}
                None => self.publish(publications, screens, beds),
            }
            return;
        }
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        let publications = std::mem::take(&mut self.publications);
        self.in_flight.push_back(InFlight {
            ticket,
            since: now,
            publications,
        });
        let commits = self.commits.clone();
        self.writer.journal(
            std::mem::take(&mut self.entries),
            // Never waits: a refused entry is answered on the loop's own task. An answer that finds the queue full is
            // lost without harm, because the next one stands for all before it.
            Box::new(move |result| drop(commits.try_send((ticket, result)))),
        );
    }

    /// A ticket is on disk, or is kept in memory and tried again while the disk fault shows as an alert.
    pub(crate) fn committed(
        &mut self,
        ticket: u64,
        result: &Result<(), StoreError>,
        screens: &[ScreenWriter],
        beds: &mut [BedState],
    ) {
        let lost = match result {
            Ok(()) => false,
            Err(error @ (StoreError::JournalFull { .. } | StoreError::Stopped)) => {
                tracing::error!(%error, "an entry of the journal is lost");
                true
            }
            Err(error) => {
                tracing::error!(%error, "the journal could not be written; entries are kept and tried again");
                false
            }
        };
        if lost {
            // Refused at the door, before those that still wait: it stands for itself alone. It is shown all the same.
            let at = self.in_flight.iter().position(|f| f.ticket == ticket);
            if let Some(refused) = at.and_then(|at| self.in_flight.remove(at)) {
                let mut told = Vec::with_capacity(refused.publications.len());
                for publication in refused.publications {
                    if let Publication::Answer(answer) = publication {
                        drop(answer.send(Err(Refused::NotRecorded)));
                    } else {
                        told.push(publication);
                    }
                }
                self.publish(told, screens, beds);
            }
            return;
        }
        while self.in_flight.front().is_some_and(|f| f.ticket <= ticket) {
            if let Some(done) = self.in_flight.pop_front() {
                self.publish(done.publications, screens, beds);
            }
        }
    }

    /// Shows what a hanging disk keeps back.
    pub(crate) fn show_overdue(&mut self, now: ReceiptTime, screens: &[ScreenWriter], beds: &mut [BedState]) {
        let mut overdue = Vec::new();
        for waiting in &mut self.in_flight {
            if now.since(waiting.since) < SHOWN_AT_LATEST_AFTER {
                break;
            }
            let (answers, visible) = std::mem::take(&mut waiting.publications)
                .into_iter()
                .partition(|p| matches!(p, Publication::Answer(_)));
            waiting.publications = answers;
            overdue.extend::<Vec<_>>(visible);
        }
        if !overdue.is_empty() {
            tracing::error!(
                count = overdue.len(),
                "the disk hangs; alerts are shown before they are on it"
            );
            self.publish(overdue, screens, beds);
        }
    }

    /// Shows an alert that history already holds.
    pub(crate) fn show_at_once(&mut self, at: Option<(u16, &str)>, alert: AlertState, screens: &[ScreenWriter]) {
        let view = AlertView::new(at, alert);
        for screen in screens {
            screen.alert(&view);
        }
        self.shown.insert(view.state.id, view);
        self.set_sound();
    }

    fn publish(&mut self, publications: Vec<Publication>, screens: &[ScreenWriter], beds: &mut [BedState]) {
        for publication in publications {
            match publication {
                // A refused entry is shown out of its turn: what was told later is not taken back by what was told before.
                Publication::Alert(_, alert) if self.told_since(&alert) => {}
                Publication::Alert(place, alert) => {
                    let at = place.and_then(|p| beds.get(usize::from(p)).map(|b| (p, b.label())));
                    let view = AlertView::new(at, alert);
                    for screen in screens {
                        screen.alert(&view);
                    }
                    if view.state.is_over() && !view.unseen {
                        self.shown.remove(&view.state.id);
                    } else {
                        self.shown.insert(view.state.id, view);
                    }
                }
                Publication::Pause(at, pause) => {
                    for screen in screens {
                        screen.pause(at, pause.as_ref());
                    }
                    match pause {
                        Some(pause) => drop(self.pauses.insert(at, pause)),
                        None => drop(self.pauses.remove(&at)),
                    }
                }
                Publication::Occupied(place, occupied) => {
                    if let Some(bed) = beds.get_mut(usize::from(place)) {
                        occupy(bed, *occupied, screens);
                    }
                }
                Publication::Limits(place, change, changed) => {
                    if let Some(bed) = beds.get_mut(usize::from(place)) {
                        bed.change_limits(&change, changed);
                        if let Some(rule) = bed.rules.get(change.metric) {
                            for screen in screens {
                                screen.limits(place, change.metric, rule);
                            }
                        }
                    }
                }
                // Whoever asked may be gone; the change stands all the same.
                Publication::Answer(answer) => drop(answer.send(Ok(()))),
            }
        }
        self.forget_oldest_unseen(screens);
        self.set_sound();
    }

    fn told_since(&self, alert: &AlertState) -> bool {
        let shown = self.shown.get(&alert.id);
        shown.is_some_and(|view| view.state.version > alert.version)
    }

    /// Bounded: what is over and unseen leaves the screens from the oldest on; history has it.
    fn forget_oldest_unseen(&mut self, screens: &[ScreenWriter]) {
        let unseen = self.shown.values().filter(|a| a.unseen).count();
        let surplus: Vec<AlertId> = self
            .shown
            .values()
            .filter(|a| a.unseen)
            .map(|a| a.state.id)
            .take(unseen.saturating_sub(UNSEEN_MAX))
            .collect();
        for id in surplus {
            if let Some(mut view) = self.shown.remove(&id) {
                view.unseen = false;
                for screen in screens {
                    screen.alert(&view);
                }
            }
        }
    }

    fn set_sound(&self) {
        let loudest = self
            .shown
            .values()
            .filter(|a| a.state.sounds())
            .map(|a| Loudness {
                priority: a.state.priority,
                louder: a.state.rung >= model::Rung::Louder,
            })
            .max();
        self.sound
            .send_if_modified(|sound| std::mem::replace(sound, loudest) != loudest);
    }

    /// The rules of a bed as they will be when everything on its way is on disk.
    pub(crate) fn rules_soon(&self, place: u16, rules: &BedRules) -> BedRules {
        let mut soon = rules.clone();
        let waiting = self.in_flight.iter().flat_map(|f| &f.publications);
        for publication in waiting.chain(&self.publications) {
            match publication {
                Publication::Limits(at, change, changed) if *at == place => soon.apply(change, changed.clone()),
                Publication::Occupied(at, occupied) if *at == place => soon = occupied.rules.clone(),
                Publication::Limits(..)
                | Publication::Occupied(..)
                | Publication::Alert(..)
                | Publication::Pause(..)
                | Publication::Answer(_) => {}
            }
        }
        soon
    }

    /// One alert on screens.
    pub(crate) fn alert(&self, id: AlertId) -> Option<&AlertView> {
        self.shown.get(&id)
    }

    /// Pauses on screens.
    pub(crate) fn pauses(&self) -> impl Iterator<Item = (&BedDirection, &Pause)> {
        self.pauses.iter()
    }

    /// Shows a pause that history already holds.
    pub(crate) fn pause_at_once(&mut self, at: BedDirection, pause: Pause) {
        self.pauses.insert(at, pause);
    }

    /// Alerts on screens: not over, or over and unseen.
    pub(crate) fn shown(&self) -> impl Iterator<Item = &AlertView> {
        self.shown.values()
    }

    /// Whether nothing waits for the disk.
    pub(crate) fn settled(&self) -> bool {
        self.in_flight.is_empty()
    }
}

/// Shows a bed with another stay: who, limits, what was found.
fn occupy(bed: &mut BedState, occupied: Occupied, screens: &[ScreenWriter]) {
    let place = bed.view.index;
    for (metric, _) in bed.rules.iter().filter(|(m, _)| occupied.rules.get(*m).is_none()) {
        for screen in screens {
            screen.limits(place, metric, &RuleInForce::NONE);
        }
    }
    bed.view.config = occupied.config;
    bed.view.checked = occupied.checked;
    bed.rules = occupied.rules;
    bed.assessment(occupied.assessment);
    for screen in screens {
        screen.bed(&bed.view);
        for (metric, rule) in bed.rules.iter() {
            screen.limits(place, metric, rule);
        }
        screen.score(place, bed.score());
    }
}
