//! What one device may cost.

use model::{LostBecause, Observation, RejectReason};
use wire::Step;
use wire::native::Session;

use crate::kit::{START_MS, at, greeted};

fn clock(session: &mut Session, seq: i64, ms: i64) -> Step {
    let text = format!(r#"{{"type":"clock","seq":{seq},"t":{}}}"#, START_MS + ms);
    session.text(at(ms), text.as_bytes())
}

fn alert(session: &mut Session, seq: i64, ms: i64, code: &str, present: bool) -> Step {
    let text = format!(
        r#"{{"type":"alert","seq":{seq},"t":{},"code":"{code}","text":"","priority":"low","kind":"technical","present":{present}}}"#,
        START_MS + ms
    );
    session.text(at(ms), text.as_bytes())
}

fn counted(step: &Step, reason: RejectReason) -> u32 {
    let count = |o: &Observation| {
        if let Observation::Rejects(r) = o {
            u32::from(r.reason == reason) * r.count
        } else {
            0
        }
    };
    step.observations.iter().map(count).sum()
}

fn presences(step: &Step) -> Vec<bool> {
    let presence = |o: &Observation| {
        if let Observation::DeviceAlert(a) = o {
            Some(a.present)
        } else {
            None
        }
    };
    step.observations.iter().filter_map(presence).collect()
}

#[test]
fn a_flood_is_dropped_and_counted_to_the_last_and_then_cut() {
    let mut session = greeted();
    let (mut taken, mut dropped, mut cut_at) = (0, 0, None);
    // A thousand messages a second.
    for n in 0..20_000_i64 {
        let step = clock(&mut session, n + 2, n);
        assert_eq!(
            counted(&step, RejectReason::SequenceGap),
            0,
            "what was dropped is counted once"
        );
        match counted(&step, RejectReason::Oversized) {
            0 => taken += 1,
            count => dropped += count,
        }
        if let Some(because) = step.fatal {
            assert!(
                matches!(&because, LostBecause::Broken(why) if why.contains("send less")),
                "{because}"
            );
            cut_at = Some(n);
            break;
        }
    }
    let cut_at = cut_at.unwrap();
    assert!((6_000..8_000).contains(&cut_at), "{cut_at}");
    assert_eq!(i64::from(taken + dropped), cut_at + 1);
    assert!((1_000..2_500).contains(&taken), "{taken}");
    // Calling again brings no new budget.
    session.reconnected();
    let step = session.text(at(cut_at), b"{}");
    assert_eq!(counted(&step, RejectReason::Oversized), 1);
}

#[test]
fn a_stalled_network_that_catches_up_on_ten_seconds_loses_nothing() {
    let mut session = greeted();
    for n in 0..(10 * 8) {
        let step = clock(&mut session, n + 2, 10_000);
        assert_eq!(counted(&step, RejectReason::Oversized), 0, "message {n}");
    }
}

#[test]
fn long_messages_are_a_flood_too() {
    let mut session = greeted();
    let long = format!(
        r#"{{"type":"clock","seq":2,"t":{START_MS},"x_filler":"{}"}}"#,
        "x".repeat(200_000)
    );
    let dropped = (0..10)
        .map(|_| counted(&session.text(at(0), long.as_bytes()), RejectReason::Oversized))
        .sum::<u32>();
    assert_eq!(dropped, 7);
}

#[test]
fn pings_cost_and_are_no_sign_of_life() {
    let mut session = greeted();
    let step = session.control(at(0), 4);
    assert_eq!(step, Step::default());
    let dropped = (0..5_000)
        .filter(|_| !session.control(at(0), 4).observations.is_empty())
        .count();
    assert!(dropped > 3_000, "{dropped}");
    // A message that cannot be read, or came before, is none either.
    let mut session = greeted();
    assert!(!session.text(at(0), b"}{").life);
    assert!(clock(&mut session, 2, 0).life);
    assert!(!clock(&mut session, 2, 0).life);
}

#[test]
fn an_alert_that_toggles_is_told_twice_a_second_and_its_last_state_wins() {
    let mut session = greeted();
    let (mut told, mut counted_states) = (Vec::new(), 0);
    // Twenty times a second for ten seconds; it ends present.
    for n in 0..200_i64 {
        let step = alert(&mut session, n + 2, n * 50, "lead-off", n % 2 == 1);
        told.extend(presences(&step));
        counted_states += counted(&step, RejectReason::Oversized);
    }
    for n in 0..3_i64 {
        told.extend(presences(&clock(&mut session, 202 + n, 10_000 + n * 1_000)));
    }
    assert!((20..=25).contains(&told.len()), "{}", told.len());
    assert_eq!(told.last(), Some(&true));
    assert_eq!(told.len() + usize::try_from(counted_states).unwrap(), 200);
    // And is told at once again when it has come to rest.
    assert_eq!(presences(&alert(&mut session, 205, 15_000, "lead-off", false)), [false]);
}

#[test]
fn one_alert_that_toggles_holds_no_other_back() {
    let mut session = greeted();
    for n in 0..40_i64 {
        alert(&mut session, n + 2, n, "lead-off", n % 2 == 0);
    }
    assert_eq!(presences(&alert(&mut session, 42, 41, "asystole", true)), [true]);
}

#[test]
fn more_alerts_than_a_station_shows_are_counted() {
    let mut session = greeted();
    let mut told = 0;
    let mut dropped = 0;
    for n in 0..200_i64 {
        let step = alert(&mut session, n + 2, 0, &format!("code-{n}"), true);
        told += presences(&step).len();
        dropped += counted(&step, RejectReason::Oversized);
    }
    assert_eq!((told, dropped), (128, 72));
}
