//! `STATES.md` is held against the engine: each cell of its matrix is played, each row of its rights is asked.

use std::fmt::Write as _;
use std::time::Duration;

use alert::rights::{Deed, may};
use alert::{Effects, Event, Settings};
use model::{Cause, JournalKind, Role, SignalPresence};

use crate::story::{Story, Ticking};

const STATES: [(&str, &str); 6] = [
    ("none", "0 live · 0 cuff · 0 95"),
    ("pending", "0 live · 0 cuff · 15 88"),
    ("sounding", "0 live · 0 cuff · 10 88 · 20 tick"),
    (
        "paused",
        "0 live · 0 cuff · 8 pause SPO2 low 60 turning · 10 88 · 20 tick",
    ),
    ("acknowledged", "0 live · 0 cuff · 10 88 · 20 ack"),
    ("latched", "0 live · 0 cuff · 10 88 · 20 tick · 21 95"),
];

const EVENTS: [(&str, &str); 22] = [
    ("a value beyond the limit", "22 88"),
    ("a worse value by the step", "22 80"),
    ("a value inside by less than the hysteresis", "22 90.999"),
    ("a value inside by the hysteresis", "22 91"),
    ("inside, then beyond for the delay again", "22 95 · 23 88 · 33 tick"),
    ("no value", "22 none"),
    ("the feed is lost", "22 lost"),
    ("the limit is taken off", "22 rule="),
    ("a person acknowledges", "22 ack#1"),
    ("a person accepts", "22 accept#1"),
    ("and undoes it", "22 accept#1 · 23 undo#1"),
    ("a person declines", "22 decline#1"),
    ("a person escalates", "22 escalate#1"),
    ("a person pauses its direction", "22 pause SPO2 low 60 turning"),
    ("a person ends its pause", "22 unpause SPO2 low"),
    ("a person takes the sensor off: no value", "22 none · 23 retire#1"),
    ("while it is measured", "22 88 · 23 retire#1"),
    ("10 s pass", "30 tick"),
    ("30 s pass", "50 tick"),
    ("1 min passes", "80 tick"),
    ("2 min pass", "140 tick"),
    ("the station restarts", "22 restart"),
];

fn is_limit(cause: &Cause) -> bool {
    matches!(cause, Cause::Limit { .. })
}

/// Whether something waits out its delay: it is raised when time goes on and nothing else happens.
fn is_pending(story: &Story) -> bool {
    let later = story.now().plus(Duration::from_secs(10));
    let raised = |t: &alert::Transition| t.kind == JournalKind::AlertRaised && is_limit(&t.state.cause);
    let effects = story.engine.clone().step(later, &Event::Tick);
    effects.transitions.iter().any(raised)
}

fn state(story: &Story) -> String {
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
    if is_pending(story) {
        words.push("pending");
    }
    if words.is_empty() {
        words.push("none");
    }
    words.join(" and ")
}

/// What the journal gets, in its words; how often, where more than once in a row.
fn journalled<'a>(effects: impl Iterator<Item = &'a Effects>) -> Vec<String> {
    let mut words: Vec<(&str, u32)> = Vec::new();
    for effect in effects {
        let limits = effect.transitions.iter().filter(|t| is_limit(&t.state.cause));
        let pauses = effect.pauses.iter().map(|p| p.kind.as_str());
        let refused = effect.refused.map(|_| "refused");
        for word in pauses.chain(limits.map(|t| t.kind.as_str())).chain(refused) {
            match words.last_mut() {
                Some((last, times)) if *last == word => *times += 1,
                _ => words.push((word, 1)),
            }
        }
    }
    let told = words.into_iter().map(|(word, times)| match times {
        1 => word.to_owned(),
        _ => format!("{word} x{times}"),
    });
    told.collect()
}

fn cell(setup: &str, event: &str) -> String {
    let story = Story::new(Settings::default(), Ticking::Exact).told(setup);
    let steps = story.effects.len();
    let story = story.told(event);
    let happened = journalled(story.effects.iter().skip(steps));
    let after = state(&story);
    if happened.is_empty() {
        after
    } else {
        format!("{after}: {}", happened.join(", "))
    }
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

#[test]
fn the_rights_of_the_table_are_those_that_the_engine_asks() {
    let table = include_str!("../../STATES.md");
    let mut expected = String::new();
    for deed in Deed::ALL {
        let marks = Role::ALL.map(|role| if may(role, deed) { "yes" } else { "no" });
        writeln!(expected, "| {} | {} |", deed.words(), marks.join(" | ")).unwrap();
    }
    assert!(
        table.contains(&expected),
        "STATES.md does not say what the engine allows; the table is:\n{expected}"
    );
}
