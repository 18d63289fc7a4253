//! Polled feeds: our own shape and Nightscout's.

use crate::kit::{START_MS, at, said};
use insta::assert_snapshot;
use wire::{nightscout, poll};

fn page(t: i64, rest: &str) -> String {
    format!(r#"{{"version":1,"device":{{"id":"spot-4"}},"mode":"real","t":{t},{rest}}}"#)
}

#[test]
fn a_page_is_taken_once_and_the_cursor_goes_back() {
    let mut session = poll::Session::new();
    assert_eq!(session.query(), None);
    let first = page(
        START_MS,
        r#""cursor":"a-1","numerics":[{"metric":"HR","value":72,"unit":"bpm","period_ms":5000},
        {"metric":"TEMP","value":98.6,"unit":"[degF]","interval_ms":3600000,"t":1799999000000},{"metric":"SPO2","value":null,"unit":"%","period_ms":5000}]"#,
    );
    assert_snapshot!(said(&session.body(at(0), first.as_bytes())), @r#"
    device spot-4 by ""
    HR 72 real
    TEMP 37 real
    SPO2 -- not-available real
    "#);
    assert_eq!(session.query().as_deref(), Some("after=a-1"));
    // The same values with the same times are the same values: a sign of life.
    assert_snapshot!(said(&session.body(at(1_000), first.as_bytes())), @r"alive");
    let second = page(
        START_MS + 5_000,
        r#""cursor":"not a cursor","numerics":[{"metric":"HR","value":-1,"unit":"/min","period_ms":5000}]"#,
    );
    assert_snapshot!(said(&session.body(at(5_000), second.as_bytes())), @r"
    HR -- not-available real
    1 x sentinel: expected null where HR has no value, got -1; taken as no value
    1 x malformed: expected a cursor of letters, digits, '-', '_' and '.', at most 128; the old one is kept
    ");
    assert_eq!(session.query().as_deref(), Some("after=a-1"));
}

#[test]
fn older_values_of_a_page_are_late_and_bad_ones_are_left_out() {
    let mut session = poll::Session::new();
    let body = page(
        START_MS,
        r#""numerics":[{"metric":"HR","value":60,"unit":"/min","period_ms":1000,"t":1799999900000},{"metric":"HR","value":72,"unit":"/min","period_ms":1000},
        {"metric":"HR","value":72,"unit":"mV","period_ms":1000,"t":1},{"metric":"ECG_II","value":72,"unit":"mV","period_ms":1000},{"metric":"RR","value":14,"unit":"/min"}]"#,
    );
    assert_snapshot!(said(&session.body(at(0), body.as_bytes())), @r#"
    device spot-4 by ""
    HR 60 real late
    HR 72 real
    1 x late: HR is older than what came before or than two periods; it is stored and raises no alert
    1 x wrong-unit: expected /min for HR, got mV; convert it
    1 x unknown-metric: expected a number of FEED.md, got ECG_II; it alone is left out, write it as the table does
    1 x malformed: expected either period_ms or interval_ms for RR, got none; say one
    "#);
}

#[test]
fn a_body_that_is_no_page_ends_the_link_and_says_why() {
    let mut session = poll::Session::new();
    assert_snapshot!(said(&session.body(at(0), b"<html>502 Bad Gateway</html>")), @r"
    1 x malformed: expected JSON, got something else at line 1 column 1; numbers must be finite and text in UTF-8
    FATAL the device sent what cannot be read: expected JSON, got something else at line 1 column 1; numbers must be finite and text in UTF-8
    ");
    let other = page(START_MS, r#""numerics":[]"#).replace("\"version\":1", "\"version\":3");
    assert_snapshot!(said(&session.body(at(0), other.as_bytes())), @r"
    1 x version: expected version 1, got 3; update the station or the device
    FATAL the device sent what cannot be read: expected version 1, got 3; update the station or the device
    ");
    let mode = page(START_MS, r#""numerics":[]"#).replace("real", "live");
    assert_snapshot!(said(&session.body(at(0), mode.as_bytes())), @r"
    1 x malformed: expected the mode real, test or demo, got live; say which it is
    FATAL the device sent what cannot be read: expected the mode real, test or demo, got live; say which it is
    ");
    let good = page(START_MS, r#""numerics":[]"#);
    assert_snapshot!(said(&session.body(at(0), good.as_bytes())), @r#"device spot-4 by """#);
}

#[test]
fn nightscout_entries_come_in_any_order_and_only_the_newest_is_live() {
    let mut session = nightscout::Session::new();
    let body = r#"[{"type":"sgv","date":1799999880000,"sgv":125,"device":"rig://Example 7","direction":"Flat"},
        {"type":"sgv","date":1799999280000,"sgv":118},{"type":"cal","date":1799999280000,"slope":1},{"date":1799999580000,"sgv":122},
        {"type":"sgv","date":1799999580000,"sgv":122},{"type":"sgv","date":0,"sgv":99},{"type":"sgv","sgv":99}]"#;
    assert_snapshot!(said(&session.body(at(0), None, body.as_bytes())), @r#"
    device rig---Example-7 by "Nightscout"
    GLU 118 real late
    GLU 122 real late
    GLU 125 real
    1 x absurd-clock: expected a date since 2000 and not in the future, got another; the entry is left out, set the uploader's clock
    1 x malformed: expected a date in milliseconds, got none; the entry is left out, look at what uploads it
    2 x late: the entry is not the newest or older than 10 min; it is stored and raises no alert
    1 x duplicate: expected each date once in an answer, got one twice; it is taken once
    "#);
    assert_eq!(session.query(), "count=288&find%5Bdate%5D%5B%24gt%5D=1799992680000");
    // The next one is on time; one of before arrives behind it; the sensor then says a state.
    let next = r#"[{"type":"sgv","date":1800000180000,"sgv":130},{"type":"sgv","date":1799998980000,"sgv":116}]"#;
    assert_snapshot!(said(&session.body(at(200_000), None, next.as_bytes())), @r"
    GLU 116 real late
    GLU 130 real
    1 x late: the entry is not the newest or older than 10 min; it is stored and raises no alert
    ");
    let state = r#"[{"type":"sgv","date":1800000480000,"sgv":10},{"type":"sgv","date":1800000480000,"sgv":10}]"#;
    assert_snapshot!(said(&session.body(at(500_000), None, state.as_bytes())), @r"
    GLU -- not-available real
    1 x sentinel: the sensor sends a state and no glucose; taken as no value
    1 x duplicate: expected each date once in an answer, got one twice; it is taken once
    ");
    assert_snapshot!(said(&session.body(at(600_000), None, b"[]")), @r"alive");
}

#[test]
fn a_nightscout_server_that_has_nothing_new_for_years_shows_no_number_of_now() {
    let mut session = nightscout::Session::new();
    let body = r#"[{"type":"sgv","date":1501559880000,"sgv":125},{"type":"sgv","date":1501559580000,"sgv":122}]"#;
    assert_snapshot!(said(&session.body(at(0), None, body.as_bytes())), @r#"
    device nightscout by "Nightscout"
    GLU 122 real late
    GLU 125 real late
    2 x late: the entry is not the newest or older than 10 min; it is stored and raises no alert
    "#);
}

/// The answer of a real server, where it lies beside the repository.
#[test]
fn a_recorded_answer_of_a_server_is_read() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../../shared/data/feeds/rest_nightscout_entries.json"
    );
    let Ok(bytes) = std::fs::read(path) else {
        println!("left out: 1 tests that need ../shared/data");
        return;
    };
    let entries = nightscout::decode(&bytes).unwrap();
    let sgv: Vec<_> = entries.iter().map(|e| e.sgv).collect();
    assert_eq!(sgv, [125.0.into(), 122.0.into()]);
    let step = nightscout::Session::new().body(at(0), None, &bytes);
    assert_eq!(step.observations.len(), 4, "{step:?}"); // the device, two values, and that they are late
}

#[test]
fn a_polled_clock_that_was_ahead_and_is_right_again_is_believed_again() {
    let mut session = poll::Session::new();
    let heart_rate = |t: i64, bpm: u8| {
        page(
            t,
            &format!(r#""numerics":[{{"metric":"HR","value":{bpm},"unit":"/min","period_ms":5000}}]"#),
        )
    };
    let live =
        |step: &wire::Step, bpm: u8| said(step).contains(&format!("HR {bpm} real")) && !said(step).contains("late");
    let in_2704 = 23_166_000_000_000;
    for (seconds, t, bpm) in [
        (0, in_2704, 70),
        (5, START_MS + 5_000, 71),
        (10, START_MS + 3_600_000, 72),
        (15, START_MS + 15_000, 73),
    ] {
        let step = session.body(at(seconds * 1_000), heart_rate(t, bpm).as_bytes());
        assert!(live(&step, bpm), "after {seconds} s: {}", said(&step));
    }
}

#[test]
fn a_nightscout_entry_from_the_future_hides_none_that_follow() {
    let mut session = nightscout::Session::new();
    let entry = |ms: i64, sgv: u16| format!(r#"[{{"type":"sgv","date":{ms},"sgv":{sgv}}}]"#);
    let in_2100 = 4_102_444_800_000;
    let step = session.body(at(0), None, entry(in_2100, 99).as_bytes());
    assert!(said(&step).contains("absurd-clock"), "{}", said(&step));
    let step = session.body(at(1_000), None, entry(START_MS, 104).as_bytes());
    assert!(said(&step).contains("GLU 104 real"), "{}", said(&step));
    assert!(!said(&step).contains("late"), "{}", said(&step));
}
