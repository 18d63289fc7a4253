//! The engine and the naive telling of it say the same after each event of many histories.

use alert::{Engine, Event, Settings};
use model::{AlertId, AlertState};

use crate::chance::Chance;
use crate::history::{self, Next, a_gap, a_next, a_ward};
use crate::oracle::{Hush, Oracle, name, seconds};

/// Histories, and events in each: 10^6 comparisons, and as many transitions between them.
const HISTORIES: u64 = 5_000;
const EVENTS: u64 = 200;

fn told(engine: &Engine) -> Vec<AlertState> {
    let bare = |a: &AlertState| AlertState {
        id: AlertId(0),
        text: None,
        ..a.clone()
    };
    let mut all: Vec<AlertState> = engine.alerts().map(bare).collect();
    all.sort_by_cached_key(name);
    all
}

fn hushes(engine: &Engine, now: u64) -> Vec<Hush> {
    let pauses = engine.pauses().cloned().map(|p| Hush {
        bed: p.bed,
        metric: p.metric,
        side: p.side,
        by: p.by,
        breaks_above: p.breaks_above,
        left: p.until.since(seconds(now)).as_secs(),
    });
    let mut all: Vec<Hush> = pauses.collect();
    all.sort_by_key(|h| (h.bed.clone(), h.metric, h.side));
    all
}

/// One history; how many transitions the engine told in it.
fn compare(seed: u64) -> usize {
    let settings = Settings::default();
    let mut chance = Chance::new(seed);
    let (mut engine, mut oracle) = (a_ward(&settings), Oracle::new());
    let (mut now, mut transitions) = (0, 0);
    let mut last: Vec<(u64, Next)> = Vec::new();
    for _ in 0..EVENTS {
        let gap = a_gap(&mut chance);
        now += gap;
        transitions += engine.step(seconds(now), &Event::Tick).transitions.len();
        oracle.pass(gap);
        let next = a_next(&mut chance, &engine, seconds(now));
        last.push((now, next.clone()));
        match &next {
            Next::Event(event) => {
                let id = if let Event::Answer { alert, .. } = event {
                    Some(*alert)
                } else {
                    None
                };
                let meant = id.and_then(|id| engine.alerts().find(|a| a.id == id).cloned());
                let effects = engine.step(seconds(now), event);
                transitions += effects.transitions.len();
                let expected = oracle.event(event, meant.as_ref());
                assert_eq!(
                    (effects.refused, effects.second_source),
                    expected,
                    "seed {seed} at {now}: {last:#?}"
                );
            }
            Next::Restart => {
                engine = history::restarted(&engine, &settings, seconds(now));
                let set_up = history::set_up(&mut engine, seconds(now));
                transitions += set_up.iter().map(|e| e.transitions.len()).sum::<usize>();
                oracle.restart();
            }
        }
        assert_eq!(told(&engine), oracle.alerts(), "seed {seed} at {now}: {last:#?}");
        assert_eq!(hushes(&engine, now), oracle.hushes(), "seed {seed} at {now}: {last:#?}");
        assert_eq!(engine.sounding(), oracle.sounding(), "seed {seed} at {now}: {last:#?}");
    }
    transitions
}

/// Half of them, so that two cores share the work.
fn compare_all(seeds: std::ops::Range<u64>) {
    let events = (seeds.end - seeds.start) * EVENTS;
    let transitions: usize = seeds.map(compare).sum();
    println!("compared after each of {events} events; the engine told {transitions} transitions");
    assert!(2 * events >= 1_000_000 && 2 * transitions >= 1_000_000);
}

#[test]
fn the_engine_and_the_naive_telling_agree_after_each_event_of_the_first_half_million() {
    compare_all(0..HISTORIES / 2);
}

#[test]
fn the_engine_and_the_naive_telling_agree_after_each_event_of_the_second_half_million() {
    compare_all(HISTORIES / 2..HISTORIES);
}
