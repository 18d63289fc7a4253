//! The loop's state and what one turn does to it. No async and no clock in here: `now` is an argument.

mod adt;
mod asked;
mod limits;
mod persons;
mod resume;
mod upkeep;

use std::collections::BTreeMap;
use std::sync::Arc;

use alert::Engine;
use feed::Delivery;
use model::{
    Actor, Assessment, BedId, Connectivity, Device, DeviceTime, EarlyWarningScore, Encounter, GenerationMode,
    JournalEntry, JournalKind, LimitsChange, MetricCode, Numeric, NumericTiming, Observation, Quantity, Reading,
    ReceiptTime, RejectReason, Rejects, SampleArray, Timeliness,
};
use store::Writer;
use tokio::sync::watch;

use crate::config::Config;
use crate::durable::{Durable, Publication};
use crate::event::{Answer, Event};
use crate::rules::{BedRules, Changed};
use crate::screen::ScreenWriter;
use crate::view::{BedView, FeedView, Health, ScoreView, StationView};

/// How often an early warning score that does not change is stored all the same.
const SCORE_EVERY: std::time::Duration = std::time::Duration::from_mins(1);

pub(crate) struct BedState {
    pub(crate) view: BedView,
    /// Who lies there: what the journal files under. The view follows when that is on disk.
    pub(crate) stay: Encounter,
    /// Since when the stay is there.
    since: ReceiptTime,
    pub(crate) rules: BedRules,
    numerics: BTreeMap<MetricCode, (Numeric, f32)>,
    score: ScoreView,
}

struct FeedState {
    view: FeedView,
    bed: BedId,
    /// What the journal last said: live, or lost and why.
    journalled: Option<String>,
    device: Option<Device>,
    rejects_example: String,
    rejects_unjournalled: BTreeMap<RejectReason, u64>,
    rejects_journalled_at: ReceiptTime,
    absurd_clock_at: Option<ReceiptTime>,
    changed: bool,
}

pub(crate) struct Core {
    beds: Vec<BedState>,
    places: BTreeMap<BedId, u16>,
    feeds: Vec<FeedState>,
    engine: Engine,
    station: StationView,
    screens: Vec<ScreenWriter>,
    writer: Writer,
    durable: Durable,
    pulses: u64,
    /// The configuration could be read: it says who lies where.
    whole: bool,
    /// Who is signed in, and when they did something last.
    signed_in: Option<(Actor, ReceiptTime)>,
    /// Who was put where lately, and can be taken back.
    moves: Vec<adt::Done>,
}

/// What a core starts from.
pub(crate) struct Beginning {
    pub(crate) config: Config,
    pub(crate) config_error: Option<String>,
    pub(crate) people: Vec<Actor>,
    pub(crate) standing: Vec<JournalEntry>,
    /// What the configuration changed about who lies where.
    pub(crate) arrivals: Vec<JournalEntry>,
    /// Who lay where.
    pub(crate) stays: Vec<store::Stay>,
    pub(crate) expected: Vec<(BedId, MetricCode)>,
    pub(crate) notices: Vec<String>,
    pub(crate) engine: Engine,
    pub(crate) writer: Writer,
    pub(crate) sound: watch::Sender<Option<alert::Loudness>>,
    pub(crate) commits: tokio::sync::mpsc::Sender<(u64, Result<(), store::StoreError>)>,
}

impl Core {
    pub(crate) fn new(now: ReceiptTime, beginning: Beginning) -> Self {
        let Beginning {
            config,
            config_error,
            people,
            standing,
            arrivals,
            stays,
            expected,
            notices,
            engine,
            writer,
            sound,
            commits,
        } = beginning;
        let station = StationView {
            demo: false,
            started: now,
            bed_count: config.beds.len(),
            config_error,
            sound: Health::Faulty("sound has not started yet".to_owned()),
            store: Health::Ok,
            signed_in: None,
            people,
        };
        // A configuration that cannot be read says nothing about beds: what is open stays open in the journal.
        let whole = station.config_error.is_none() && !config.beds.is_empty();
        let mut core = Self {
            beds: Vec::new(),
            places: BTreeMap::new(),
            feeds: Vec::new(),
            engine,
            station,
            screens: Vec::new(),
            durable: Durable::new(writer.clone(), commits, sound),
            writer,
            pulses: 0,
            whole,
            signed_in: None,
            moves: Vec::new(),
        };
        let judged = core.set_up(now, config, &standing, &expected);
        core.journal(arrivals, Vec::new());
        core.since_before(&stays);
        core.note_history(now, notices);
        let assessments = core.take_up(now, standing);
        for bed in &judged {
            core.step(now, bed);
        }
        for (bed, found) in assessments {
            core.take_assessment(now, &bed, found);
        }
        core.begin_well(now);
        core
    }

    /// What a person should know of history, for the record.
    fn note_history(&mut self, now: ReceiptTime, notices: Vec<String>) {
        for notice in notices {
            tracing::warn!(%notice, "history");
            let mut entry = JournalEntry::new(now, JournalKind::StoreFault);
            entry.detail = Some(notice);
            self.journal(vec![entry], Vec::new());
        }
    }

    fn place(&self, bed: Option<&BedId>) -> Option<u16> {
        bed.and_then(|b| self.places.get(b).copied())
    }

    pub(crate) fn next_deadline(&self) -> Option<ReceiptTime> {
        self.engine.next_deadline()
    }

    /// One turn. Returns the emptied buffer of a batch, so that the loop can use it again.
    pub(crate) fn turn(&mut self, now: ReceiptTime, event: Event) -> Option<Vec<Delivery>> {
        match event {
            Event::Deliveries(mut batch) => {
                for delivery in batch.drain(..) {
                    self.delivery(now, delivery);
                }
                self.durable.send(now, &self.screens, &mut self.beds);
                return Some(batch);
            }
            Event::Asked(request) => self.request(now, request),
            Event::Committed(ticket, result) => self.durable.committed(ticket, &result, &self.screens, &mut self.beds),
            Event::OpenedLate(opened) => self.opened_late(now, *opened),
            Event::Store(health) => self.store_health(now, health),
            Event::Pulse => self.pulse(now),
            Event::Deadline => self.step(now, &alert::Event::Tick),
        }
        self.durable.send(now, &self.screens, &mut self.beds);
        None
    }

    fn delivery(&mut self, now: ReceiptTime, delivery: Delivery) {
        let Some(feed) = self.feeds.get_mut(usize::from(delivery.feed)) else {
            return;
        };
        let (bed, place) = (feed.bed.clone(), feed.view.bed);
        feed.view.last = Some(now);
        match delivery.observation {
            Observation::Numeric(numeric) => {
                self.numeric(now, (bed, place, delivery.feed), numeric, delivery.transit_ms);
            }
            Observation::Wave(block) => self.wave(&bed, place, block, delivery.transit_ms),
            Observation::DeviceAlert(alert) => {
                self.step(
                    now,
                    &alert::Event::DeviceAlert {
                        bed,
                        feed: delivery.feed,
                        alert,
                    },
                );
            }
            Observation::Connectivity(state) => self.connectivity(now, delivery.feed, bed, state),
            Observation::Device(device) => self.device(now, delivery.feed, bed, device),
            Observation::Rejects(rejects) => self.rejects(now, delivery.feed, bed, rejects),
            Observation::Alive => {}
        }
    }

    fn numeric(&mut self, now: ReceiptTime, from: (BedId, u16, u16), numeric: Numeric, transit_ms: f32) {
        let (bed, place, feed) = from;
        let effects = self.engine.step(
            now,
            &alert::Event::Numeric {
                bed: bed.clone(),
                feed,
                numeric: numeric.clone(),
            },
        );
        if effects.second_source {
            self.effects(now, effects, None);
            let rejects = Rejects {
                reason: RejectReason::SecondSource,
                count: 1,
                example: format!("{} comes from another feed of this bed already", numeric.metric),
            };
            self.rejects(now, feed, bed, rejects);
            return;
        }
        self.writer.numeric(&bed, &numeric);
        self.mode(place, numeric.mode);
        if numeric.timeliness == Timeliness::Late {
            return;
        }
        for screen in &self.screens {
            screen.numeric(place, &numeric, transit_ms);
        }
        if let Some(state) = self.beds.get_mut(usize::from(place)) {
            state.numerics.insert(numeric.metric, (numeric, transit_ms));
        }
        self.effects(now, effects, None);
    }

    fn wave(&mut self, bed: &BedId, place: u16, block: SampleArray, transit_ms: f32) {
        self.mode(place, block.mode);
        let Some(state) = self.beds.get_mut(usize::from(place)) else {
            return;
        };
        if state.view.waves.insert(block.metric, block.rate) != Some(block.rate) {
            for screen in &self.screens {
                screen.bed(&state.view);
            }
        }
        let position = state.view.waves.keys().position(|m| *m == block.metric).unwrap_or(0);
        let block = Arc::new(block);
        for screen in &self.screens {
            screen.wave(place, position, &block, transit_ms);
        }
        self.writer.waves(bed, block);
    }

    /// Demo or test data mark their bed for good while the station runs, and demo data the whole station.
    fn mode(&mut self, place: u16, mode: GenerationMode) {
        let Some(state) = self.beds.get_mut(usize::from(place)) else {
            return;
        };
        if mode > state.view.mode {
            state.view.mode = mode;
            self.screens.iter().for_each(|s| s.bed(&state.view));
        }
        if mode == GenerationMode::Demo && !self.station.demo {
            self.station.demo = true;
            self.screens.iter().for_each(|s| s.station(&self.station));
        }
    }

    fn connectivity(&mut self, now: ReceiptTime, feed: u16, bed: BedId, state: Connectivity) {
        let Some(known) = self.feeds.get_mut(usize::from(feed)) else {
            return;
        };
        // A lost feed that tries again has been without data since it was lost, not since its last try.
        if matches!(known.view.state, Connectivity::Live) != matches!(state, Connectivity::Live) {
            known.view.since = now;
        }
        known.view.state = state.clone();
        self.screens.iter().for_each(|s| s.feed(&known.view));
        // A device that is off is tried for ever; the journal says once that it is lost and why, not at each try.
        let word = match &state {
            Connectivity::Live => Some("live".to_owned()),
            Connectivity::Lost(why) => Some(format!("lost: {why}")),
            Connectivity::Connecting { .. } => None,
        };
        if let Some(word) = word.filter(|w| known.journalled.as_ref() != Some(w)) {
            let mut entry = JournalEntry::new(now, JournalKind::Connectivity);
            entry.bed = Some(bed.clone());
            entry.detail = Some(format!("{}: {word}", known.view.name));
            known.journalled = Some(word);
            self.journal(vec![entry], Vec::new());
        }
        self.step(now, &alert::Event::Connectivity { bed, feed, state });
    }

    fn device(&mut self, now: ReceiptTime, feed: u16, bed: BedId, device: Device) {
        let Some(known) = self.feeds.get_mut(usize::from(feed)) else {
            return;
        };
        if known.device.as_ref() == Some(&device) {
            return;
        }
        let mut entry = JournalEntry::new(now, JournalKind::DeviceIdentified);
        entry.bed = Some(bed);
        let version = device.version.as_deref().unwrap_or("not said");
        entry.detail = Some(format!(
            "{} {} {}, version {version}",
            device.manufacturer, device.model, device.id
        ));
        known.device = Some(device);
        self.journal(vec![entry], Vec::new());
    }

    fn rejects(&mut self, now: ReceiptTime, feed: u16, bed: BedId, rejects: Rejects) {
        let Some(known) = self.feeds.get_mut(usize::from(feed)) else {
            return;
        };
        *known.view.rejects.entry(rejects.reason).or_default() += u64::from(rejects.count);
        *known.rejects_unjournalled.entry(rejects.reason).or_default() += u64::from(rejects.count);
        known.rejects_example = rejects.example;
        known.changed = true;
        if rejects.reason == RejectReason::AbsurdClock && known.absurd_clock_at.replace(now).is_none() {
            self.step(
                now,
                &alert::Event::DeviceClock {
                    bed,
                    feed,
                    absurd: true,
                },
            );
        }
    }

    fn step(&mut self, now: ReceiptTime, event: &alert::Event) {
        let effects = self.engine.step(now, event);
        self.effects(now, effects, None);
    }

    /// Every entry of a bed names the stay it has now, unless it names one already.
    fn journal(&mut self, mut entries: Vec<JournalEntry>, publications: Vec<Publication>) {
        for entry in entries.iter_mut().filter(|e| e.encounter.is_none()) {
            let place = entry.bed.as_ref().and_then(|b| self.places.get(b));
            let bed = place.and_then(|p| self.beds.get(usize::from(*p)));
            entry.encounter = bed.map(|b| b.stay.id.clone());
        }
        self.durable.journal(entries, publications);
    }

    /// Journals transitions; screens and sound follow when they are on disk. What changed without a transition (a
    /// worst value) follows in its order. Scores are worked out from what is stored, and shown at once.
    fn effects(&mut self, now: ReceiptTime, effects: alert::Effects, answer: Option<Answer<()>>) {
        for (bed, score) in effects.scores {
            self.scored(now, &bed, score);
        }
        if effects.transitions.is_empty() && effects.shown.is_empty() && effects.pauses.is_empty() && answer.is_none() {
            return;
        }
        let mut entries = Vec::with_capacity(effects.transitions.len() + effects.pauses.len());
        let mut publications = Vec::with_capacity(entries.capacity() + effects.shown.len() + 1);
        for change in effects.pauses {
            let mut entry = JournalEntry::new(change.at, change.kind);
            entry.bed = Some(change.pause.bed.clone());
            entry.person = change.person;
            entry.reason = Some(change.pause.reason.clone());
            entry.pause = Some(change.pause.clone());
            entries.push(entry);
            if let Some(place) = self.place(Some(&change.pause.bed)) {
                let at = (place, change.pause.metric, change.pause.side);
                let began = change.kind == JournalKind::Paused;
                publications.push(Publication::Pause(at, began.then_some(change.pause)));
            }
        }
        for transition in effects.transitions {
            let mut entry = JournalEntry::new(transition.at, transition.kind);
            entry.bed.clone_from(&transition.state.bed);
            entry.person = transition.person;
            entry.alert = Some(transition.state.clone());
            entries.push(entry);
            publications.push(Publication::Alert(
                self.place(transition.state.bed.as_ref()),
                transition.state,
            ));
        }
        publications.extend(
            effects
                .shown
                .into_iter()
                .map(|state| Publication::Alert(self.place(state.bed.as_ref()), state)),
        );
        publications.extend(answer.map(Publication::Answer));
        self.journal(entries, publications);
    }

    /// A new early warning score: stored as a number of the bed, and shown.
    fn scored(&mut self, now: ReceiptTime, bed: &BedId, score: EarlyWarningScore) {
        let Some(state) = self
            .places
            .get(bed)
            .and_then(|place| self.beds.get_mut(usize::from(*place)))
        else {
            return;
        };
        state.score.score = Some(score);
        let numeric = state.score_numeric(now);
        let (place, view) = (state.view.index, state.score.clone());
        self.screens.iter().for_each(|s| s.score(place, &view));
        self.writer.numeric(bed, &numeric);
    }
}

impl BedState {
    pub(crate) fn label(&self) -> &str {
        &self.view.config.bed.label
    }

    pub(crate) fn change_limits(&mut self, change: &LimitsChange, changed: Option<Changed>) {
        self.rules.apply(change, changed);
    }

    pub(crate) const fn score(&self) -> &ScoreView {
        &self.score
    }

    pub(crate) fn assessment(&mut self, assessment: Option<Assessment>) {
        self.score.scale = assessment.as_ref().map(|a| a.scale);
        self.score.assessment = assessment;
    }

    /// The score as a number to be stored: written at each change and once a minute, so that its trend has no holes.
    fn score_numeric(&self, now: ReceiptTime) -> Numeric {
        let total = self.score.score.as_ref().and_then(|s| s.total);
        Numeric {
            metric: MetricCode::EarlyWarningScore,
            reading: total.map_or(Reading::Invalid(model::Absence::NotAvailable), |total| {
                Reading::Value(Quantity::from_thousandths(i32::from(total) * Quantity::PER_UNIT))
            }),
            measured_at: DeviceTime::from_millis(now.as_micros() / 1_000),
            received_at: now,
            timing: NumericTiming::Every(SCORE_EVERY),
            mode: self.view.mode,
            timeliness: Timeliness::Live,
        }
    }
}

fn feed_state(now: ReceiptTime, index: u16, bed: u16, bed_id: BedId, name: &str) -> FeedState {
    FeedState {
        view: FeedView {
            index,
            bed,
            name: name.into(),
            state: Connectivity::Connecting { attempt: 1 },
            since: now,
            last: None,
            rejects: BTreeMap::new(),
        },
        bed: bed_id,
        journalled: None,
        device: None,
        rejects_example: String::new(),
        rejects_unjournalled: BTreeMap::new(),
        rejects_journalled_at: now,
        absurd_clock_at: None,
        changed: false,
    }
}
