//! The loop's state and what one turn does to it. No async and no clock in here: `now` is an argument.

mod asked;
mod upkeep;

use std::collections::BTreeMap;
use std::sync::Arc;

use alert::Engine;
use feed::Delivery;
use model::{
    BedId, Cause, Connectivity, Device, GenerationMode, JournalEntry, JournalKind, LimitsChange, MetricCode, Numeric,
    Observation, ReceiptTime, RejectReason, Rejects, SampleArray,
};
use store::Writer;
use tokio::sync::watch;

use crate::config::Config;
use crate::durable::{Durable, Publication};
use crate::event::{Answer, Event};
use crate::rules::{BedRules, Changed, RememberedChange};
use crate::screen::ScreenWriter;
use crate::view::{BedView, FeedView, Health, StationView};

pub(crate) struct BedState {
    pub(crate) view: BedView,
    pub(crate) rules: BedRules,
    numerics: BTreeMap<MetricCode, (Numeric, f32)>,
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
}

/// What a core starts from.
pub(crate) struct Beginning {
    pub(crate) config: Config,
    pub(crate) config_error: Option<String>,
    pub(crate) profile: Vec<model::LimitRule>,
    pub(crate) remembered: Vec<RememberedChange>,
    pub(crate) open_alerts: Vec<model::AlertState>,
    pub(crate) notices: Vec<String>,
    pub(crate) engine: Engine,
    pub(crate) writer: Writer,
    pub(crate) sound: watch::Sender<Option<model::Priority>>,
    pub(crate) commits: tokio::sync::mpsc::Sender<(u64, Result<(), store::StoreError>)>,
}

impl Core {
    pub(crate) fn new(now: ReceiptTime, beginning: Beginning) -> Self {
        let Beginning {
            config,
            config_error,
            profile,
            remembered,
            open_alerts,
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
        };
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
        };
        core.set_up(now, config, &profile, &remembered);
        for notice in notices {
            tracing::warn!(%notice, "history");
            let mut entry = JournalEntry::new(now, JournalKind::StoreFault);
            entry.detail = Some(notice);
            core.durable.journal(vec![entry], Vec::new());
        }
        core.take_up(now, open_alerts);
        core
    }

    fn set_up(
        &mut self,
        now: ReceiptTime,
        config: Config,
        profile: &[model::LimitRule],
        remembered: &[RememberedChange],
    ) {
        let mut entries = vec![JournalEntry::new(now, JournalKind::StationStarted)];
        self.writer.beds(
            now,
            config
                .beds
                .iter()
                .map(|b| (b.bed.clone(), b.encounter.clone()))
                .collect(),
        );
        for (bed, index) in config.beds.into_iter().zip(0_u16..) {
            let mut rules = BedRules::new(profile, &bed.limits);
            for memory in remembered.iter().filter(|m| m.bed == bed.bed.id) {
                rules.apply(&memory.change, memory.changed.clone());
            }
            for source in &bed.feeds {
                let feed = u16::try_from(self.feeds.len()).unwrap_or(u16::MAX);
                self.feeds
                    .push(feed_state(now, feed, index, bed.bed.id.clone(), &source.display_name()));
            }
            let mut entry = JournalEntry::new(now, JournalKind::BedConfigured);
            entry.bed = Some(bed.bed.id.clone());
            entry.detail = Some(format!("encounter {}, {} feeds", bed.encounter.id, bed.feeds.len()));
            entries.push(entry);
            self.places.insert(bed.bed.id.clone(), index);
            self.step(
                now,
                &alert::Event::Bed {
                    bed: bed.bed.id.clone(),
                    rules: rules.judged(),
                },
            );
            self.beds.push(BedState {
                view: BedView {
                    index,
                    config: Arc::new(bed),
                    waves: BTreeMap::new(),
                    mode: GenerationMode::Real,
                },
                rules,
                numerics: BTreeMap::new(),
            });
        }
        self.durable.journal(entries, Vec::new());
    }

    /// Takes up the alerts that history left open. Those of beds that are gone end here, and the journal says so.
    fn take_up(&mut self, now: ReceiptTime, open: Vec<model::AlertState>) {
        let (kept, orphaned): (Vec<_>, Vec<_>) = open
            .into_iter()
            .partition(|a| a.bed.as_ref().is_none_or(|b| self.places.contains_key(b)));
        for mut alert in orphaned {
            alert.version += 1;
            alert.presence = model::ConditionPresence::Cleared;
            alert.signal = model::SignalPresence::Off;
            let mut entry = JournalEntry::new(now, JournalKind::AlertCleared);
            entry.bed.clone_from(&alert.bed);
            entry.detail = Some("the bed is not in the configuration any more".to_owned());
            entry.alert = Some(alert);
            self.durable.journal(vec![entry], Vec::new());
        }
        for alert in &kept {
            let place = self.place(alert.bed.as_ref());
            let at = place.and_then(|p| self.beds.get(usize::from(p)).map(|b| (p, b.label())));
            self.durable.show_at_once(at, alert.clone());
        }
        self.engine.restore(now, kept);
        for cause in [Cause::Disk, Cause::Sound, Cause::PageDead] {
            self.step(
                now,
                &alert::Event::Station {
                    cause,
                    present: false,
                    text: String::new(),
                },
            );
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
        self.writer.numeric(&bed, &numeric);
        self.mode(place, numeric.mode);
        if numeric.timeliness == model::Timeliness::Late {
            return;
        }
        for screen in &self.screens {
            screen.numeric(place, &numeric, transit_ms);
        }
        if let Some(state) = self.beds.get_mut(usize::from(place)) {
            state.numerics.insert(numeric.metric, (numeric.clone(), transit_ms));
        }
        self.step(now, &alert::Event::Numeric { bed, feed, numeric });
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
        if known.view.state.as_str() != state.as_str() {
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
            self.durable.journal(vec![entry], Vec::new());
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
        self.durable.journal(vec![entry], Vec::new());
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
        self.effects(effects, None);
    }

    /// Journals transitions; screens and sound follow when they are on disk. What changed without a transition (a
    /// worst value) follows in its order.
    fn effects(&mut self, effects: alert::Effects, answer: Option<Answer<()>>) {
        if effects.transitions.is_empty() && effects.shown.is_empty() && answer.is_none() {
            return;
        }
        let mut entries = Vec::with_capacity(effects.transitions.len());
        let mut publications = Vec::with_capacity(effects.transitions.len() + effects.shown.len() + 1);
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
        self.durable.journal(entries, publications);
    }
}

impl BedState {
    pub(crate) fn label(&self) -> &str {
        &self.view.config.bed.label
    }

    pub(crate) fn change_limits(&mut self, change: &LimitsChange, changed: Changed) {
        self.rules.apply(change, changed);
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
