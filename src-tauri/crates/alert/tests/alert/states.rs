//! `STATES.md` is held against the engine: each cell of its matrix is played.

use std::fmt::Write as _;

use alert::Settings;
use model::{Cause, SignalPresence};

use crate::story::{Story, Ticking};

const STATES: [(&str, &str); 5] = [
    ("none", "0 live · 0 cuff · 0 95"),
    ("pending", "0 live · 0 cuff · 15 88"),
    ("sounding", "0 live · 0 cuff · 10 88 · 20 tick"),
    ("acknowledged", "0 live · 0 cuff · 10 88 · 20 ack"),
    ("latched", "0 live · 0 cuff · 10 88 · 20 tick · 21 95"),
];

const EVENTS: [(&str, &str); 10] = [
    ("a value beyond the limit", "22 88"),
    ("a worse value by the step", "22 80"),
    ("a value inside by less than the hysteresis", "22 90.999"),
    ("a value inside by the hysteresis", "22 91"),
    ("no value", "22 none"),
    ("the feed is lost", "22 lost"),
    ("the limit is taken off", "22 rule="),
    ("a person acknowledges", "22 ack#1"),
    ("10 s pass", "30 tick"),
    ("2 min pass", "150 tick"),
];

fn state(story: &Story) -> String {
    let is_limit = |c: &Cause| matches!(c, Cause::Limit { .. });
    let alerts: Vec<_> = story.alerts().into_iter().filter(|a| is_limit(&a.cause)).collect();
    let mut words: Vec<&str> = alerts
        .iter()
        .map(|a| match a.signal {
            SignalPresence::On => "sounding",
            SignalPresence::Acknowledged => "acknowledged",
            SignalPresence::Paused => "paused",
            SignalPresence::Latched => "latched",
            SignalPresence::Off => "over and still listed",
        })
        .collect();
    let due = story.engine.next_deadline();
    if due.is_some() && alerts.iter().all(|a| a.realert_at != due) {
        words.push("pending");
    }
    if words.is_empty() {
        words.push("none");
    }
    words.join(" and ")
}

fn cell(setup: &str, event: &str) -> String {
    let story = Story::new(Settings::default(), Ticking::Exact).told(setup);
    let steps = story.effects.len();
    let story = story.told(event);
    let mut cell = state(&story);
    let happened = story.effects.iter().skip(steps).flat_map(|e| &e.transitions);
    for transition in happened.filter(|t| matches!(t.state.cause, Cause::Limit { .. })) {
        write!(cell, ", {}", transition.kind.as_str()).unwrap();
    }
    cell
}

#[test]
fn each_state_of_the_table_is_reached() {
    for (name, setup) in STATES {
        assert_eq!(
            state(&Story::new(Settings::default(), Ticking::Exact).told(setup)),
            name
        );
    }
}

#[test]
fn the_matrix_of_the_table_is_what_the_engine_does() {
    let table = include_str!("../../STATES.md");
    let mut expected = String::new();
    for (what, event) in EVENTS {
        write!(expected, "| {what} |").unwrap();
        for (_, setup) in STATES {
            write!(expected, " {} |", cell(setup, event)).unwrap();
        }
        expected.push('\n');
    }
    assert!(
        table.contains(&expected),
        "STATES.md does not say what the engine does; the matrix is:\n{expected}"
    );
}
