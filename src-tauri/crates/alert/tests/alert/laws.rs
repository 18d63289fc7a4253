//! What holds whatever happens, over histories by chance.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use alert::{Answer, Effects, Engine, Event, PauseChange, Settings, Transition};
use model::{
    AlertId, AlertState, BedId, Cause, ConditionPresence, DeviceTime, JournalKind, MetricCode, Priority, ReceiptTime,
    Side, SignalPresence,
};

use crate::chance::Chance;
use crate::history::{self, Next, a_gap, a_next, a_ward};

/// A ward and its time; between events a part of a second, so that nothing falls on whole ones only.
struct Ward {
    chance: Chance,
    settings: Settings,
    engine: Engine,
    now: ReceiptTime,
}

impl Ward {
    fn new(seed: u64) -> Self {
        let settings = Settings::default();
        Self {
            chance: Chance::new(seed),
            engine: a_ward(&settings),
            settings,
            now: ReceiptTime::from_micros(0),
        }
    }

    /// Lets time pass, and says what happens next.
    fn next(&mut self) -> (Effects, Next) {
        let part = self.chance.of(&[0, 0, 1, 250_000, 999_999]);
        let gap = Duration::from_secs(a_gap(&mut self.chance)) + Duration::from_micros(part);
        self.now = self.now.plus(gap);
        let passed = self.engine.step(self.now, &Event::Tick);
        let next = a_next(&mut self.chance, &self.engine, self.now);
        (passed, next)
    }

    fn take(&mut self, next: &Next) -> Vec<Effects> {
        match next {
            Next::Event(event) => vec![self.engine.step(self.now, event)],
            Next::Restart => {
                self.engine = history::restarted(&self.engine, &self.settings, self.now);
                history::set_up(&mut self.engine, self.now)
            }
        }
    }
}

/// Who silences it until when.
type Until = (model::Person, ReceiptTime);

/// Who silenced what until when, as the journal has it.
#[derive(Default)]
struct Journal {
    newest: BTreeMap<AlertId, AlertState>,
    seen: BTreeMap<(Option<BedId>, Cause), Vec<Until>>,
    paused: BTreeMap<(BedId, MetricCode, Side), (model::Person, ReceiptTime, Priority)>,
    greatest: u64,
    transitions: u64,
}

impl Journal {
    fn step(&mut self, effects: &Effects, event: &Event, settings: &Settings) {
        for transition in &effects.transitions {
            self.transition(transition, event, settings);
        }
        for shown in &effects.shown {
            assert_eq!(shown.version, self.newest[&shown.id].version);
            self.newest.insert(shown.id, shown.clone());
        }
        for PauseChange { kind, pause, .. } in &effects.pauses {
            let key = (pause.bed.clone(), pause.metric, pause.side);
            if *kind == JournalKind::Paused {
                let value = (pause.by.clone(), pause.until, pause.breaks_above);
                self.paused.insert(key, value);
            } else {
                assert!(self.paused.remove(&key).is_some(), "a pause ends that never began");
            }
        }
    }

    fn transition(&mut self, t: &Transition, event: &Event, settings: &Settings) {
        self.transitions += 1;
        let s = &t.state;
        if let Some(before) = self.newest.get(&s.id) {
            assert!(!before.is_over(), "{} moves after it was over", s.id);
            assert_eq!(s.version, before.version + 1);
            assert!(t.kind != JournalKind::AlertRaised);
            assert!(s.priority >= before.priority, "priority fell: {t:?}");
            assert_eq!((&s.bed, &s.cause, s.since), (&before.bed, &before.cause, before.since));
            assert_eq!((s.occurrence, s.raised_at), (before.occurrence, before.raised_at));
        } else {
            assert_eq!((t.kind, s.version), (JournalKind::AlertRaised, 1));
            assert!(s.id.0 > self.greatest, "an id comes again");
            self.greatest = s.id.0;
        }
        let asked = match event {
            Event::Answer { by, .. } | Event::Pause { by, .. } | Event::EndPause { by, .. } => Some(&by.person),
            _ => None,
        };
        assert!(
            t.person.is_none() || t.person.as_ref() == asked,
            "done in somebody's name unasked: {t:?}"
        );
        if t.kind == JournalKind::AlertAcknowledged {
            let who = t.person.clone().unwrap();
            let until = t.at.plus(settings.realert);
            let key = (s.bed.clone(), s.cause.clone());
            self.seen.entry(key).or_default().push((who, until));
        }
        self.newest.insert(s.id, s.clone());
    }

    /// Whatever is silent is so by a logged action of a person whose time is not over.
    fn answers_for(&self, a: &AlertState, now: ReceiptTime, settings: &Settings) {
        let until = a.realert_at.unwrap();
        let owner = a.owner.clone().unwrap();
        assert!(until > now, "silent after its time: {a:?}");
        assert!(
            until <= now.plus(settings.realert.max(settings.pause_max)),
            "silent for too long: {a:?}"
        );
        if a.signal == SignalPresence::Acknowledged {
            let logged = &self.seen[&(a.bed.clone(), a.cause.clone())];
            assert!(
                logged.contains(&(owner, until)),
                "silent and nobody acknowledged: {a:?}"
            );
        } else {
            let (metric, side) = (a.cause.metric().unwrap(), a.cause.side().unwrap());
            let (by, paused, breaks_above) = &self.paused[&(a.bed.clone().unwrap(), metric, side)];
            assert_eq!((by, *paused), (&owner, until), "silent and nobody paused: {a:?}");
            assert!(a.priority <= *breaks_above, "a pause hushes what is above it: {a:?}");
        }
    }

    /// Open alerts are what the journal says, and each is in a state that exists.
    fn holds(&mut self, engine: &Engine, now: ReceiptTime, settings: &Settings) {
        self.newest.retain(|_, a| !a.is_over());
        let mut open = 0;
        let mut causes = BTreeSet::new();
        let mut loudest = None;
        for a in engine.alerts() {
            open += 1;
            assert_eq!(self.newest.get(&a.id), Some(a), "open otherwise than told");
            match (a.presence, a.signal) {
                (ConditionPresence::Active, SignalPresence::On) => {
                    assert!(a.owner.is_none() && a.realert_at.is_none());
                    loudest = loudest.max(Some((a.priority, a.rung != model::Rung::First)));
                }
                (ConditionPresence::Active, SignalPresence::Acknowledged | SignalPresence::Paused) => {
                    self.answers_for(a, now, settings);
                }
                (ConditionPresence::Cleared, SignalPresence::Latched) => {
                    assert!(a.priority == Priority::High && a.realert_at.is_none());
                }
                other => panic!("no such state: {other:?}"),
            }
            assert!(
                causes.insert((&a.bed, &a.cause, a.presence)),
                "one cause, two alerts: {a:?}"
            );
        }
        assert_eq!(open, self.newest.len(), "an alert is neither open nor over");
        let sounding = engine.sounding().map(|l| (l.priority, l.louder));
        assert_eq!(sounding, loudest);
    }

    /// A restart may say of an alert that it has no value yet, and nothing else.
    fn restarted(&mut self, engine: &Engine) {
        for a in engine.alerts() {
            let before = self.newest[&a.id].clone();
            let text = a.text.clone();
            assert_eq!(*a, AlertState { text, ..before });
            self.newest.insert(a.id, a.clone());
        }
    }
}

/// Alerts that an action of a person may not touch.
fn others(engine: &Engine, event: &Event) -> Vec<AlertState> {
    let untouched = |a: &&AlertState| match event {
        Event::Answer {
            alert,
            answer: Answer::Retire,
            ..
        } => {
            let meant = engine.alerts().find(|m| m.id == *alert);
            meant.is_none_or(|m| m.cause.metric().is_none() || m.bed != a.bed || m.cause.metric() != a.cause.metric())
        }
        Event::Answer { alert, .. } => a.id != *alert,
        Event::Pause { bed, metric, side, .. } | Event::EndPause { bed, metric, side, .. } => {
            let (metric, side) = (*metric, *side);
            a.bed.as_ref() != Some(bed) || a.cause != Cause::Limit { metric, side }
        }
        _ => false,
    };
    engine.alerts().filter(untouched).cloned().collect()
}

fn is_of_a_person(event: &Event) -> bool {
    matches!(
        event,
        Event::Answer { .. } | Event::Pause { .. } | Event::EndPause { .. }
    )
}

fn an_exact_deadline(engine: &Engine, now: ReceiptTime) {
    let quiet = match engine.next_deadline() {
        Some(due) => {
            assert!(due > now, "a deadline that is over");
            due.minus(Duration::from_micros(1))
        }
        None => now.plus(Duration::from_hours(100)),
    };
    assert_eq!(engine.clone().step(quiet, &Event::Tick), Effects::default());
}

/// One history; how many transitions were told in it.
fn lives_by_the_laws(seed: u64, events: usize) -> u64 {
    let mut ward = Ward::new(seed);
    let mut journal = Journal::default();
    for turn in 0..events {
        let (passed, next) = ward.next();
        journal.step(&passed, &Event::Tick, &ward.settings);
        let event = if let Next::Event(event) = &next {
            event.clone()
        } else {
            Event::Tick
        };
        let before = is_of_a_person(&event).then(|| (others(&ward.engine, &event), ward.engine.clone()));
        if matches!(next, Next::Restart) {
            let again = history::restarted(&ward.engine, &ward.settings, ward.now);
            journal.restarted(&again);
        }
        for effects in ward.take(&next) {
            if let Some((_, before)) = &before {
                let nothing = effects.transitions.is_empty() && effects.pauses.is_empty();
                assert_eq!(
                    effects.refused.is_some(),
                    nothing,
                    "done and refused, or neither: {event:?}"
                );
                if effects.refused.is_some() {
                    assert!(before.alerts().eq(ward.engine.alerts()) && before.pauses().eq(ward.engine.pauses()));
                }
            }
            journal.step(&effects, &event, &ward.settings);
        }
        if let Some((untouched, _)) = before {
            let still = |a: &AlertState| ward.engine.alerts().any(|b| a == b);
            assert!(
                untouched.iter().all(still),
                "an action on one moved another: seed {seed}, {event:?}"
            );
        }
        journal.holds(&ward.engine, ward.now, &ward.settings);
        if turn % 8 == 0 {
            an_exact_deadline(&ward.engine, ward.now);
        }
    }
    everything_speaks_again(&mut ward);
    journal.transitions
}

/// Left alone, whatever is still there sounds when the longest silence is over, and there is no pause any more.
fn everything_speaks_again(ward: &mut Ward) {
    let longest = ward.settings.realert.max(ward.settings.pause_max);
    ward.engine.step(ward.now.plus(longest), &Event::Tick);
    for a in ward.engine.alerts() {
        assert!(a.sounds() || a.signal == SignalPresence::Latched, "it stays off: {a:?}");
    }
    assert_eq!(ward.engine.pauses().count(), 0);
}

#[test]
fn every_step_keeps_the_laws_in_a_million_transitions() {
    let transitions: u64 = (0..5_200).map(|seed| lives_by_the_laws(1_000_000 + seed, 200)).sum();
    println!("{transitions} transitions, none against the laws");
    assert!(transitions >= 1_000_000);
}

/// A history with its times, as one engine lived it; restarts are left out.
fn lived(seed: u64, events: usize) -> Vec<(ReceiptTime, Event)> {
    let mut ward = Ward::new(seed);
    let mut lived = Vec::new();
    for _ in 0..events {
        let (_, next) = ward.next();
        if let Next::Event(event) = next {
            ward.engine.step(ward.now, &event);
            lived.push((ward.now, event));
        }
    }
    lived.push((ward.now.plus(Duration::from_mins(10)), Event::Tick));
    lived
}

fn transitions(engine: &mut Engine, events: &[(ReceiptTime, Event)]) -> Vec<Transition> {
    events
        .iter()
        .flat_map(|(at, event)| engine.step(*at, event).transitions)
        .collect()
}

#[test]
fn ticks_in_between_change_nothing() {
    let settings = Settings::default();
    for seed in 0..400 {
        let events = lived(2_000_000 + seed, 150);
        let (mut plain, mut ticked) = (a_ward(&settings), a_ward(&settings));
        let mut chance = Chance::new(seed);
        let mut more = Vec::new();
        let mut now = ReceiptTime::from_micros(0);
        for (at, event) in &events {
            while chance.below(3) > 0 {
                let between = at.since(now).as_micros();
                let part = chance.below(u64::try_from(between).unwrap() + 1);
                now = now.plus(Duration::from_micros(part));
                more.push((now, Event::Tick));
            }
            more.push((*at, event.clone()));
            now = *at;
        }
        assert_eq!(
            transitions(&mut plain, &events),
            transitions(&mut ticked, &more),
            "seed {seed}"
        );
        assert!(plain.alerts().eq(ticked.alerts()) && plain.pauses().eq(ticked.pauses()));
        assert_eq!(plain.next_deadline(), ticked.next_deadline());
    }
}

#[test]
fn the_same_events_give_the_same_alerts() {
    let settings = Settings::default();
    for seed in 0..100 {
        let events = lived(3_000_000 + seed, 150);
        let (mut one, mut two) = (a_ward(&settings), a_ward(&settings));
        for (at, event) in &events {
            assert_eq!(one.step(*at, event), two.step(*at, event));
        }
    }
}

#[test]
fn what_a_devices_clock_says_changes_nothing() {
    let settings = Settings::default();
    let hour = 3_600_000_000_i64;
    for seed in 0..200 {
        let events = lived(4_000_000 + seed, 150);
        let (mut right, mut wrong) = (a_ward(&settings), a_ward(&settings));
        let mut chance = Chance::new(seed);
        for (at, event) in &events {
            let mut stepped = event.clone();
            if let Event::Numeric { numeric, .. } = &mut stepped {
                let ahead = chance.of(&[0, hour, -hour, 24 * hour, -24 * hour]);
                let shown = chance.of(&[at.as_micros() + ahead, 0, -1, i64::MAX, i64::MIN]);
                numeric.measured_at = DeviceTime::from_micros(shown);
            }
            assert_eq!(right.step(*at, event), wrong.step(*at, &stepped));
        }
    }
}

#[test]
fn the_stations_time_never_goes_back() {
    let settings = Settings::default();
    for seed in 0..100 {
        let events = lived(5_000_000 + seed, 150);
        let (mut steady, mut stepped) = (a_ward(&settings), a_ward(&settings));
        for (at, event) in &events {
            let effects = steady.step(*at, event);
            assert_eq!(effects, stepped.step(*at, event));
            for back in [
                Duration::from_hours(1),
                Duration::from_hours(24),
                Duration::from_hours(600_000),
            ] {
                assert_eq!(stepped.step(at.minus(back), &Event::Tick), Effects::default());
            }
        }
        assert_eq!(steady.next_deadline(), stepped.next_deadline());
    }
}

/// What a person hears and sees of an alert; the time on a rung begins anew with a restart.
type Signal = (SignalPresence, Priority, Option<model::Person>, Option<ReceiptTime>);

/// Of the alerts of beds that were open then.
fn signals(engine: &Engine, then: AlertId) -> BTreeMap<AlertId, Signal> {
    let of_beds = engine.alerts().filter(|a| a.bed.is_some() && a.id < then);
    let signal = |a: &AlertState| (a.id, (a.signal, a.priority, a.owner.clone(), a.realert_at));
    of_beds.map(signal).collect()
}

/// A ward that has lived, and in which nothing waits any more that a restart would forget.
fn at_rest(seed: u64) -> Ward {
    let mut ward = Ward::new(seed);
    for _ in 0..60 {
        let (_, next) = ward.next();
        ward.take(&next);
    }
    history::set_up(&mut ward.engine, ward.now);
    ward.now = ward.now.plus(Duration::from_secs(70));
    ward.engine.step(ward.now, &Event::Tick);
    ward
}

#[test]
fn what_is_restored_signals_as_it_would_have() {
    let mut compared = 0;
    for seed in 0..1_500 {
        let mut ward = at_rest(6_000_000 + seed);
        let then = ward.engine.next_id();
        let mut again = history::restarted(&ward.engine, &ward.settings, ward.now);
        history::set_up(&mut again, ward.now);
        for _ in 0..12 {
            ward.now = ward.now.plus(Duration::from_millis(ward.chance.below(25_000)));
            ward.engine.step(ward.now, &Event::Tick);
            again.step(ward.now, &Event::Tick);
            let open = signals(&ward.engine, then);
            assert_eq!(open, signals(&again, then), "seed {seed}");
            compared += open.len();
            let ids: Vec<AlertId> = open.into_keys().collect();
            if ids.is_empty() {
                break;
            }
            let alert = ward.chance.of(&ids);
            let answer = ward.chance.of(&[Answer::Acknowledge, Answer::Accept, Answer::Decline]);
            for engine in [&mut ward.engine, &mut again] {
                let version = engine.alerts().find(|a| a.id == alert).unwrap().version;
                let by = crate::story::nurse("Kim");
                let event = Event::Answer {
                    alert,
                    version,
                    by,
                    answer,
                };
                engine.step(ward.now, &event);
            }
        }
    }
    assert!(compared > 10_000, "{compared}");
}
