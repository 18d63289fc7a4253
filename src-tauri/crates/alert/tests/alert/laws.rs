//! What holds whatever happens.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use alert::{Effects, Engine, Event, Settings, Transition, profile};
use model::{
    Absence, AlertId, AlertKind, AlertState, BedId, Cause, ConditionPresence, Connectivity, DeviceAlert, JournalKind,
    LimitRule, LostBecause, MetricCode, NumericTiming, Priority, Quantity, Reading, ReceiptTime, SignalPresence,
    Timeliness,
};
use proptest::prelude::*;
use proptest::sample::select;

use crate::story::{numeric, person};

/// What happens next, and how many ms after the last.
#[derive(Clone, Debug)]
struct Next {
    after: u64,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    /// An event as it is, its time stamps to be filled in.
    Event(Event),
    /// The station stops and starts again.
    Restart,
    /// An acknowledgement of the nth open alert (any, where there is none), at its version or an old one.
    Acknowledge { nth: usize, version_seen: bool },
}

fn a_bed() -> impl Strategy<Value = BedId> {
    (1..4_u8).prop_map(|n| BedId::new(&format!("bed-{n}")).unwrap())
}

fn a_reading(metric: MetricCode) -> BoxedStrategy<Reading> {
    let middle = if metric == MetricCode::SpO2 {
        84..100_i32
    } else {
        44..126_i32
    };
    let value = middle.prop_map(|v| Reading::Value(Quantity::from_integer(v).unwrap()));
    let absence = select(vec![
        Absence::SensorOff,
        Absence::NotAvailable,
        Absence::Calibrating,
        Absence::OutOfRange,
    ]);
    prop_oneof![8 => value, 1 => absence.prop_map(Reading::Invalid)].boxed()
}

fn a_numeric() -> impl Strategy<Value = Event> {
    let metric = select(vec![
        MetricCode::SpO2,
        MetricCode::HeartRate,
        MetricCode::NibpSystolic,
        MetricCode::PerfusionIndex,
    ]);
    let timing = select(vec![
        NumericTiming::Every(Duration::from_secs(1)),
        NumericTiming::Every(Duration::from_mins(10)),
        NumericTiming::Intermittent(Duration::from_mins(15)),
    ]);
    let reading = metric.prop_flat_map(|m| (Just(m), a_reading(m)));
    (a_bed(), 0..2_u16, reading, timing, prop::bool::weighted(0.05)).prop_map(
        |(bed, feed, (metric, reading), timing, late)| {
            let mut numeric = numeric(metric, reading, ReceiptTime::from_micros(0), timing);
            if late {
                numeric.timeliness = Timeliness::Late;
            }
            Event::Numeric { bed, feed, numeric }
        },
    )
}

fn a_connectivity() -> impl Strategy<Value = Event> {
    let state = select(vec![
        Connectivity::Connecting { attempt: 1 },
        Connectivity::Live,
        Connectivity::Lost(LostBecause::Silent),
        Connectivity::Lost(LostBecause::Closed),
    ]);
    (a_bed(), 0..2_u16, state).prop_map(|(bed, feed, state)| Event::Connectivity { bed, feed, state })
}

fn a_priority() -> impl Strategy<Value = Priority> {
    select(vec![Priority::Low, Priority::Medium, Priority::High])
}

fn a_device_alert() -> impl Strategy<Value = Event> {
    (a_bed(), 0..2_u16, select(vec!["a", "b"]), a_priority(), any::<bool>()).prop_map(
        |(bed, feed, code, priority, present)| Event::DeviceAlert {
            bed,
            feed,
            alert: DeviceAlert {
                code: code.to_owned(),
                text: "said by the device".to_owned(),
                metric: None,
                priority,
                kind: AlertKind::Technical,
                present,
                received_at: ReceiptTime::from_micros(0),
            },
        },
    )
}

fn a_rule() -> impl Strategy<Value = Event> {
    let rule =
        (select(profile::adult()), a_priority(), 0..20_u64, any::<bool>()).prop_map(|(rule, priority, s, on)| {
            let delay = Duration::from_secs(s);
            (
                rule.metric,
                on.then_some(LimitRule {
                    priority,
                    delay,
                    ..rule
                }),
            )
        });
    (a_bed(), rule).prop_map(|(bed, (metric, rule))| Event::Rule { bed, metric, rule })
}

fn what() -> impl Strategy<Value = What> {
    let station =
        (select(vec![Cause::Disk, Cause::Sound, Cause::PageDead]), any::<bool>()).prop_map(|(cause, present)| {
            Event::Station {
                cause,
                present,
                text: "said by the station".to_owned(),
            }
        });
    let clock =
        (a_bed(), 0..2_u16, any::<bool>()).prop_map(|(bed, feed, absurd)| Event::DeviceClock { bed, feed, absurd });
    prop_oneof![
        24 => a_numeric().prop_map(What::Event),
        3 => a_connectivity().prop_map(What::Event),
        2 => a_device_alert().prop_map(What::Event),
        1 => a_rule().prop_map(What::Event),
        1 => station.prop_map(What::Event),
        1 => clock.prop_map(What::Event),
        1 => Just(What::Restart),
        6 => (0..8_usize, prop::bool::weighted(0.8))
            .prop_map(|(nth, version_seen)| What::Acknowledge { nth, version_seen }),
    ]
}

fn history() -> impl Strategy<Value = Vec<Next>> {
    let gap = prop_oneof![6 => 0..1_500_u64, 3 => 1_500..12_000_u64, 1 => 12_000..200_000_u64, 1 => Just(10_000_u64)];
    prop::collection::vec((gap, what()).prop_map(|(after, what)| Next { after, what }), 1..160)
}

fn stamped(event: &Event, now: ReceiptTime) -> Event {
    let mut event = event.clone();
    if let Event::Numeric { numeric, .. } = &mut event {
        numeric.received_at = now;
    } else if let Event::DeviceAlert { alert, .. } = &mut event {
        alert.received_at = now;
    }
    event
}

fn new_engine() -> Engine {
    set_up(
        Engine::new(Settings::default(), AlertId(1)),
        ReceiptTime::from_micros(0),
    )
    .0
}

fn set_up(mut engine: Engine, now: ReceiptTime) -> (Engine, Effects) {
    let mut all = Effects::default();
    for n in 1..4 {
        let bed = BedId::new(&format!("bed-{n}")).unwrap();
        let rules = profile::adult();
        let effects = engine.step(now, &Event::Bed { bed, rules });
        all.transitions.extend(effects.transitions);
        all.shown.extend(effects.shown);
    }
    (engine, all)
}

/// One turn: a step, or (`None`) a restart with what was open.
fn turn(engine: &mut Engine, now: ReceiptTime, event: Option<&Event>) -> Effects {
    if let Some(event) = event {
        return engine.step(now, event);
    }
    // It lived until then: what was due is in the journal.
    let last = engine.step(now, &Event::Tick);
    let mut again = Engine::new(Settings::default(), engine.next_id());
    again.restore(now, engine.alerts().cloned().collect());
    let (again, mut effects) = set_up(again, now);
    *engine = again;
    effects.transitions.splice(0..0, last.transitions);
    effects
}

/// The events with their times, an acknowledgement resolved against what was open when it came.
fn resolved(history: &[Next]) -> Vec<(ReceiptTime, Option<Event>)> {
    let mut engine = new_engine();
    let mut now = ReceiptTime::from_micros(0);
    let mut events = Vec::new();
    for next in history {
        now = now.plus(Duration::from_millis(next.after));
        engine.step(now, &Event::Tick);
        let event = match &next.what {
            What::Event(event) => Some(stamped(event, now)),
            What::Restart => None,
            What::Acknowledge { nth, version_seen } => {
                let open: Vec<(AlertId, u32)> = engine.alerts().map(|a| (a.id, a.version)).collect();
                let chosen = open.get(nth % open.len().max(1)).copied();
                let (alert, version) = chosen.unwrap_or((AlertId(99_999), 1));
                let version = if *version_seen { version } else { version - 1 };
                let by = person("Kim");
                Some(Event::Acknowledge { alert, version, by })
            }
        };
        turn(&mut engine, now, event.as_ref());
        events.push((now, event));
    }
    events.push((now.plus(Duration::from_mins(30)), Some(Event::Tick)));
    events
}

/// What the laws need of the alerts seen so far.
#[derive(Default)]
struct Seen {
    newest: BTreeMap<AlertId, AlertState>,
}

impl Seen {
    /// A restart may say of an alert that it has no value yet, and nothing else.
    fn restarted(&mut self, engine: &Engine) -> Result<(), TestCaseError> {
        for a in engine.alerts() {
            let before = self.newest.get(&a.id).cloned().unwrap();
            if a.version != before.version {
                continue; // Moved by the rules with which it came up; that transition is judged by itself.
            }
            let text = a.text.clone();
            prop_assert_eq!(a, &AlertState { text, ..before });
            self.newest.insert(a.id, a.clone());
        }
        Ok(())
    }

    fn step(&mut self, effects: &Effects, event: &Event) -> Result<(), TestCaseError> {
        for transition in &effects.transitions {
            self.transition(transition, event)?;
        }
        for shown in &effects.shown {
            prop_assert_eq!(shown.version, self.newest[&shown.id].version);
            self.newest.insert(shown.id, shown.clone());
        }
        Ok(())
    }

    fn transition(&mut self, t: &Transition, event: &Event) -> Result<(), TestCaseError> {
        let s = &t.state;
        if let Some(before) = self.newest.get(&s.id) {
            prop_assert!(!before.is_over(), "{} moves after it was over", s.id);
            prop_assert_eq!(s.version, before.version + 1);
            prop_assert!(t.kind != JournalKind::AlertRaised);
            prop_assert!(s.priority >= before.priority);
            prop_assert_eq!((&s.bed, &s.cause, s.since), (&before.bed, &before.cause, before.since));
        } else {
            prop_assert_eq!((t.kind, s.version), (JournalKind::AlertRaised, 1));
            prop_assert!(self.newest.keys().all(|id| *id < s.id), "an id comes again");
        }
        let by_a_person = t.kind == JournalKind::AlertAcknowledged;
        prop_assert_eq!(by_a_person, t.person.is_some());
        if by_a_person {
            let asked = matches!(event, Event::Acknowledge { alert, .. } if *alert == s.id);
            prop_assert!(asked, "acknowledged unasked");
        } else {
            prop_assert!(
                s.signal != SignalPresence::Acknowledged,
                "silent without a person: {:?}",
                t
            );
        }
        self.newest.insert(s.id, s.clone());
        Ok(())
    }
}

fn laws_of_the_table(engine: &Engine, now: ReceiptTime) -> Result<(), TestCaseError> {
    let mut causes = BTreeSet::new();
    for a in engine.alerts() {
        prop_assert!(!a.is_over());
        match (a.presence, a.signal) {
            (ConditionPresence::Active, SignalPresence::On) => {
                prop_assert!(a.owner.is_none() && a.realert_at.is_none());
            }
            (ConditionPresence::Active, SignalPresence::Acknowledged) => {
                prop_assert!(a.owner.is_some() && a.realert_at.is_some_and(|at| at > now));
            }
            (ConditionPresence::Cleared, SignalPresence::Latched) => {
                prop_assert!(a.priority == Priority::High && a.realert_at.is_none());
            }
            other => prop_assert!(false, "no such state: {:?}", other),
        }
        let per_feed = matches!(a.cause, Cause::FeedLost | Cause::Device { .. } | Cause::DeviceClock);
        if a.presence == ConditionPresence::Active && !per_feed {
            prop_assert!(causes.insert((a.bed.clone(), a.cause.clone())), "one cause, two alerts");
        }
    }
    let loudest = engine.alerts().filter(|a| a.sounds()).map(|a| a.priority).max();
    prop_assert_eq!(engine.sounding(), loudest);
    Ok(())
}

fn an_exact_deadline(engine: &Engine, now: ReceiptTime) -> Result<(), TestCaseError> {
    let Some(due) = engine.next_deadline() else {
        let after = engine.clone().step(now.plus(Duration::from_hours(100)), &Event::Tick);
        prop_assert_eq!(after, Effects::default());
        return Ok(());
    };
    prop_assert!(due > now, "a deadline that is over");
    let just_before = engine.clone().step(due.minus(Duration::from_micros(1)), &Event::Tick);
    prop_assert_eq!(just_before, Effects::default());
    Ok(())
}

fn apart_from(engine: &Engine, id: AlertId) -> Vec<AlertState> {
    engine.alerts().filter(|a| a.id != id).cloned().collect()
}

fn all_transitions(engine: &mut Engine, events: &[(ReceiptTime, Option<Event>)]) -> Vec<Transition> {
    let steps = events
        .iter()
        .flat_map(|(now, event)| turn(engine, *now, event.as_ref()).transitions);
    steps.collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_step_keeps_the_laws(history in history()) {
        let mut engine = new_engine();
        let mut seen = Seen::default();
        for (now, event) in resolved(&history) {
            seen.step(&engine.step(now, &Event::Tick), &Event::Tick)?;
            let target = if let Some(Event::Acknowledge { alert, .. }) = &event { *alert } else { AlertId(0) };
            let (mut before, others) = (engine.clone(), apart_from(&engine, target));
            let effects = turn(&mut engine, now, event.as_ref());
            prop_assert_eq!(&turn(&mut before, now, event.as_ref()), &effects, "the same step, another effect");
            if event.is_none() {
                seen.restarted(&engine)?;
            }
            seen.step(&effects, event.as_ref().unwrap_or(&Event::Tick))?;
            if target != AlertId(0) {
                prop_assert_eq!(apart_from(&engine, target), others, "an acknowledgement moved another alert");
                prop_assert_eq!(effects.refused.is_some(), effects.transitions.is_empty());
            }
            laws_of_the_table(&engine, now)?;
            an_exact_deadline(&engine, now)?;
            let open: BTreeMap<AlertId, AlertState> = engine.alerts().map(|a| (a.id, a.clone())).collect();
            seen.newest.retain(|_, a| !a.is_over() || open.contains_key(&a.id));
            prop_assert_eq!(&open, &seen.newest, "an alert is neither open nor over");
        }
    }

    #[test]
    fn ticks_change_nothing(history in history(), ticks in prop::collection::vec(0..2_000_000_u64, 0..200)) {
        let events = resolved(&history);
        let mut ticked = events.clone();
        let extra = ticks
            .into_iter()
            .map(|ms| (ReceiptTime::from_millis(i64::try_from(ms).unwrap()), Some(Event::Tick)));
        let end = events.last().map_or(ReceiptTime::from_micros(0), |(at, _)| *at);
        ticked.extend(extra.filter(|(at, _)| *at <= end));
        ticked.sort_by_key(|(at, event)| (*at, matches!(event, Some(Event::Tick))));
        let (mut plain, mut other) = (new_engine(), new_engine());
        prop_assert_eq!(all_transitions(&mut plain, &events), all_transitions(&mut other, &ticked));
        let open: Vec<&AlertState> = plain.alerts().collect();
        prop_assert_eq!(open, other.alerts().collect::<Vec<_>>());
    }
}
