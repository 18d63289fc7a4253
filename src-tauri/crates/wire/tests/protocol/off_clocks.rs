//! Clocks that are off, and what was sent after the fact.

use model::{Numeric, Observation, RejectReason, Timeliness};
use wire::{Step, nightscout, poll};

use crate::kit::{START_MS, at, greeted, said};

const MINUTE_MS: i64 = 60_000;

fn numeric(observation: &Observation) -> Option<&Numeric> {
    if let Observation::Numeric(numeric) = observation {
        Some(numeric)
    } else {
        None
    }
}

fn numerics(step: &Step) -> Vec<&Numeric> {
    step.observations.iter().filter_map(numeric).collect()
}

fn rejects(step: &Step, reason: RejectReason) -> u32 {
    let count = |o: &Observation| match o {
        Observation::Rejects(r) if r.reason == reason => r.count,
        Observation::Rejects(_)
        | Observation::Numeric(_)
        | Observation::Wave(_)
        | Observation::DeviceAlert(_)
        | Observation::Connectivity(_)
        | Observation::Device(_)
        | Observation::Alive => 0,
    };
    step.observations.iter().map(count).sum()
}

/// A Nightscout server, by the minute: what it holds, and what its clock shows beside the station's.
struct Server {
    session: nightscout::Session,
    held: Vec<i64>,
    clock_off: i64,
}

impl Server {
    fn new(clock_off: i64) -> Self {
        Self {
            session: nightscout::Session::new(),
            held: Vec::new(),
            clock_off,
        }
    }

    /// It is asked at this minute: the minutes of what is live, by the dates of the entries, and how many are late.
    fn asked(&mut self, minute: i64) -> (Vec<i64>, usize) {
        let entry = |m: &i64| format!(r#"{{"type":"sgv","date":{},"sgv":120}}"#, START_MS + m * MINUTE_MS);
        let body = format!("[{}]", self.held.iter().map(entry).collect::<Vec<_>>().join(","));
        let date = model::DeviceTime::from_millis(START_MS + (minute + self.clock_off) * MINUTE_MS);
        let step = self.session.body(at(minute * MINUTE_MS), Some(date), body.as_bytes());
        let (live, late): (Vec<_>, Vec<_>) = numerics(&step)
            .into_iter()
            .partition(|n| n.timeliness == Timeliness::Live);
        let minute_of = |n: &&Numeric| (n.measured_at.as_millis() - START_MS) / MINUTE_MS;
        (live.iter().map(minute_of).collect(), late.len())
    }
}

#[test]
fn glucose_is_live_whatever_the_servers_clock_shows() {
    for clock_off in [-600, -30, -12, 0, 12, 30, 600] {
        let mut server = Server::new(clock_off);
        for minute in [0, 5, 10] {
            // Phone and server agree: the entry is two minutes old.
            server.held.push(minute + clock_off - 2);
            assert_eq!(
                server.asked(minute),
                (vec![minute + clock_off - 2], 0),
                "{clock_off} at {minute}"
            );
        }
    }
}

#[test]
fn glucose_of_a_phone_whose_clock_is_off_is_live_once_it_is_seen_to_move_on() {
    for phone_off in [-121, -26, 42, 303] {
        let mut server = Server::new(0);
        let mut live = Vec::new();
        for minute in 0..31 {
            if minute % 5 == 0 {
                server.held.push(minute + phone_off - 1);
            }
            live.extend(server.asked(minute).0);
        }
        let expected: Vec<i64> = [15, 20, 25, 30].into_iter().map(|m| m + phone_off - 1).collect();
        assert_eq!(live, expected, "{phone_off}");
        // The phone's clock is set right.
        for minute in 31..62 {
            if minute % 5 == 0 {
                server.held.push(minute - 1);
            }
            if let (live, _) = server.asked(minute)
                && minute % 5 == 0
            {
                assert_eq!(live, [minute - 1], "{phone_off} at {minute}");
            }
        }
    }
}

#[test]
fn what_is_old_at_first_contact_or_uploaded_after_the_fact_stays_late() {
    let mut server = Server::new(0);
    server.held.extend([-600, -595]);
    for minute in 0..60 {
        let late = if minute == 0 { 2 } else { 0 };
        assert_eq!(server.asked(minute), (vec![], late), "{minute}");
    }
    // The phone is back after hours and uploads an entry a minute, oldest first, until it has caught up.
    for step in 0..140 {
        let (minute, entry) = (60 + step, -590 + 5 * step);
        server.held.push(entry);
        let (live, _) = server.asked(minute);
        assert_eq!(!live.is_empty(), minute - entry <= 10, "{minute}: {entry}");
        if minute - entry <= 5 {
            break;
        }
    }
}

#[test]
fn late_values_of_a_device_whose_clock_is_off_stand_as_long_before_their_receipt_as_it_says() {
    let an_hour = 3_600_000;
    // An hour behind, three hours ahead, and 1970.
    for clock_off in [-an_hour, 3 * an_hour, -START_MS + 600_000] {
        let mut session = greeted();
        let now = START_MS + clock_off + 2_000;
        let clock = format!(r#"{{"type":"clock","seq":2,"t":{}}}"#, START_MS + clock_off + 1_000);
        session.text(at(1_000), clock.as_bytes());
        let text = format!(
            r#"{{"type":"numerics","seq":3,"t":{now},"values":[{{"metric":"HR","value":70}},{{"metric":"HR","value":60,"t":{}}}]}}"#,
            now - 600_000
        );
        let step = session.text(at(2_000), text.as_bytes());
        let found: Vec<_> = numerics(&step)
            .iter()
            .map(|n| (n.timeliness, n.measured_at.as_millis()))
            .collect();
        assert_eq!(
            found,
            [(Timeliness::Live, now), (Timeliness::Late, START_MS + 2_000 - 600_000)],
            "{}",
            said(&step)
        );
    }
}

#[test]
fn late_values_of_a_clock_that_is_right_stand_where_it_says_to_the_millisecond() {
    let mut session = greeted();
    let t = START_MS + 1_234;
    let text = format!(
        r#"{{"type":"numerics","seq":2,"t":{t},"values":[{{"metric":"HR","value":60,"t":{}}}]}}"#,
        t - 600_000
    );
    let step = session.text(at(2_000), text.as_bytes());
    assert_eq!(numerics(&step)[0].measured_at.as_millis(), t - 600_000);
}

fn page(t: i64, values: &[(u8, i64)]) -> String {
    let value =
        |(bpm, t): &(u8, i64)| format!(r#"{{"metric":"HR","value":{bpm},"unit":"/min","period_ms":1000,"t":{t}}}"#);
    let values: Vec<_> = values.iter().map(value).collect();
    format!(
        r#"{{"version":1,"device":{{"id":"spot-4"}},"mode":"real","t":{t},"numerics":[{}]}}"#,
        values.join(",")
    )
}

#[test]
fn a_polled_late_value_is_taken_once_and_stands_where_it_was_measured() {
    let mut session = poll::Session::new();
    let off = -7_200_000;
    for turn in 0..5_i64 {
        let t = START_MS + off + turn * 5_000;
        let values = [(60, START_MS + off - 120_000), (61, START_MS + off - 60_000), (72, t)];
        let step = session.body(at(turn * 5_000), page(t, &values).as_bytes());
        let found: Vec<_> = numerics(&step)
            .iter()
            .map(|n| (n.timeliness, n.measured_at.as_millis()))
            .collect();
        let mut expected = vec![(Timeliness::Live, t)];
        if turn == 0 {
            expected.insert(0, (Timeliness::Late, START_MS - 60_000));
            expected.insert(0, (Timeliness::Late, START_MS - 120_000));
        }
        assert_eq!(found, expected, "poll {turn}");
        assert_eq!(rejects(&step, RejectReason::Late), if turn == 0 { 2 } else { 0 });
    }
}

#[test]
fn a_polled_clock_that_begins_anew_with_each_start_says_new_values_with_old_times() {
    let mut session = poll::Session::new();
    for start in 0..2_i64 {
        for turn in 0..5_i64 {
            let t = turn * 5_000;
            let step = session.body(at(start * 60_000 + t), page(t, &[(72, t)]).as_bytes());
            let live = numerics(&step)
                .iter()
                .filter(|n| n.timeliness == Timeliness::Live)
                .count();
            assert_eq!(live, 1, "start {start}, poll {turn}: {}", said(&step));
        }
    }
}

#[test]
fn a_page_that_is_too_long_is_asked_for_in_parts_and_skipped_when_that_does_not_help() {
    let mut session = poll::Session::new();
    let with_cursor = page(START_MS, &[(72, START_MS)]).replace("\"mode\"", "\"cursor\":\"a-1\",\"mode\"");
    session.body(at(0), with_cursor.as_bytes());
    let many: Vec<_> = (0..1_025).map(|n| (72, START_MS - n * 1_000)).collect();
    let long = page(START_MS + 5_000, &many);
    for asked in ["after=a-1&limit=512", "after=a-1&limit=64", "limit=64", "limit=64"] {
        let step = session.body(at(5_000), long.as_bytes());
        assert_eq!(rejects(&step, RejectReason::Oversized), 1);
        assert!(step.fatal.is_some() && numerics(&step).is_empty());
        assert_eq!(session.query().as_deref(), Some(asked), "{}", said(&step));
    }
    // A full page may not be all; one that is not full is.
    let step = session.body(at(6_000), page(START_MS + 6_000, many.get(1..65).unwrap()).as_bytes());
    assert_eq!(numerics(&step).len(), 64);
    assert_eq!(session.query().as_deref(), Some("limit=64"));
    session.body(at(7_000), with_cursor.as_bytes());
    assert_eq!(session.query().as_deref(), Some("after=a-1"));
}

#[test]
fn a_nightscout_answer_that_is_too_long_is_asked_for_in_parts() {
    let mut session = nightscout::Session::new();
    for count in [72, 18, 4, 1, 1] {
        let step = session.too_long();
        assert_eq!(rejects(&step, RejectReason::Oversized), 1);
        assert_eq!(session.query(), format!("count={count}"));
    }
    session.body(at(0), None, b"[]");
    assert_eq!(session.query(), "count=288");
}
