//! `FEED.md` says what the code does: its examples are played, its tables are compared.

use std::fmt::Write;

use model::{Kind, MetricCode, Observation, RejectReason};
use wire::native::{
    BLOCK_SAMPLES_MAX, CHANNELS_MAX, MESSAGE_BYTES_MAX, NUMERICS_MAX, Session, VALUES_MAX, decode_binary, encode_binary,
};
use wire::poll;

use crate::kit::at;

const FEED_MD: &str = include_str!("../../FEED.md");

/// The fenced block that follows `heading`.
fn block_after(heading: &str) -> &'static str {
    let (_, rest) = FEED_MD
        .split_once(heading)
        .unwrap_or_else(|| panic!("FEED.md has no {heading:?}"));
    let (_, rest) = rest
        .split_once("```")
        .unwrap_or_else(|| panic!("no block after {heading:?}"));
    let (_, rest) = rest.split_once('\n').unwrap_or_default();
    rest.split_once("```").map_or(rest, |(block, _)| block)
}

fn bytes_of(hex: &str) -> Vec<u8> {
    hex.split_whitespace()
        .map_while(|byte| u8::from_str_radix(byte, 16).ok())
        .collect()
}

#[test]
fn the_session_in_the_text_happens_as_told() {
    let mut session = Session::new("Ward 3");
    let mut expected = vec![session.opening()];
    let (mut numerics, mut waves) = (0, 0);
    let mut told = 0;
    for (i, line) in (0_i64..).zip(block_after("## A whole session").lines()) {
        let step = if let Some(answer) = line.strip_prefix("station> ") {
            assert_eq!(answer, expected.remove(0));
            told += 1;
            continue;
        } else if let Some(hex) = line.strip_prefix("device> binary ") {
            session.binary(at(i * 1_100), &bytes_of(hex))
        } else if let Some(text) = line.strip_prefix("device> ") {
            session.text(at(i * 1_100), text.as_bytes())
        } else {
            panic!("a line of nobody: {line}");
        };
        numerics += step
            .observations
            .iter()
            .filter(|o| matches!(o, Observation::Numeric(_)))
            .count();
        waves += step
            .observations
            .iter()
            .filter(|o| matches!(o, Observation::Wave(_)))
            .count();
        expected.extend(step.answer);
        assert_eq!(step.fatal, None, "{line}");
    }
    assert_eq!(expected, Vec::<String>::new());
    assert_eq!((told, numerics, waves), (3, 5, 4));
}

#[test]
fn the_hex_dump_in_the_text_is_the_block_it_says() {
    let mut bytes = Vec::new();
    for line in block_after("## Binary wave blocks: an example").lines() {
        let (hex, _) = line.split_once("  ").unwrap_or((line, ""));
        bytes.extend(bytes_of(hex));
    }
    let waves = decode_binary(&bytes).unwrap();
    assert_eq!(encode_binary(&waves).unwrap(), bytes);
    assert_eq!((waves.seq, waves.t.to_bits()), (7, 1_800_000_003_000.5_f64.to_bits()));
    let blocks: Vec<(u8, &[i16])> = waves.blocks.iter().map(|b| (b.channel, &*b.samples)).collect();
    assert_eq!(blocks, [(0, &[0, 4, -3, i16::MIN, 180][..]), (1, &[100, 101][..])]);
}

#[test]
fn the_page_in_the_text_is_taken_without_a_reject() {
    let step = poll::Session::new().body(at(0), block_after("## HTTP polling").as_bytes());
    assert_eq!(step.fatal, None);
    assert_eq!(step.observations.len(), 4, "{step:?}");
    assert!(
        !step.observations.iter().any(|o| matches!(o, Observation::Rejects(_))),
        "{step:?}"
    );
}

#[test]
fn every_metric_stands_in_the_text_with_its_unit_and_range() {
    let mut missing = String::new();
    for &metric in MetricCode::ALL.iter().filter(|m| !m.is_derived()) {
        let (low, high) = metric.plausible_thousandths();
        let range = match metric.kind() {
            Kind::Numeric => format!(" {} to {} |", low / 1_000, high / 1_000),
            Kind::Wave => String::new(),
        };
        let unverified = matches!(
            metric.name().strip_prefix("ECG_V"),
            Some("1" | "2" | "3" | "4" | "5" | "6")
        );
        let code = metric.mdc().map_or("-".to_owned(), |c| c.to_string());
        let mark = if unverified { " [unverified]" } else { "" };
        let row = format!(
            "| `{}` | `{}` |{range} {code}{mark} |",
            metric.name(),
            metric.unit().ucum()
        );
        if !FEED_MD.contains(&row) {
            writeln!(missing, "{row}").unwrap();
        }
    }
    assert!(missing.is_empty(), "FEED.md lacks these rows:\n{missing}");
}

#[test]
fn every_limit_and_every_reason_stands_in_the_text() {
    for limit in [
        MESSAGE_BYTES_MAX,
        CHANNELS_MAX,
        NUMERICS_MAX,
        VALUES_MAX,
        BLOCK_SAMPLES_MAX,
    ] {
        assert!(FEED_MD.contains(&format!("| {limit} |")), "{limit}");
    }
    for reason in RejectReason::ALL {
        // A full queue of the station, or a bed with two sources, is not the device's doing.
        let told = FEED_MD.contains(&format!("| `{}` |", reason.as_str()));
        let ours = matches!(reason, RejectReason::QueueFull | RejectReason::SecondSource);
        assert!(told || ours, "{}", reason.as_str());
    }
}

#[test]
fn the_example_device_is_as_long_as_it_says() {
    assert_eq!(block_after("## A device in 44 lines of Python").lines().count(), 44);
}

#[test]
fn the_longest_period_and_interval_in_the_text_are_those_that_are_taken() {
    let range = |field: &str| -> (u32, u32) {
        let row = FEED_MD
            .lines()
            .find(|l| l.starts_with(&format!("| `numerics[].{field}` | number")));
        let (_, told) = row.unwrap().split_once("of the two | ").unwrap();
        let (range, _) = told.split_once(':').unwrap();
        let (least, most) = range.split_once(" to ").unwrap();
        (least.parse().unwrap(), most.parse().unwrap())
    };
    for (field, (least, most)) in [("period_ms", range("period_ms")), ("interval_ms", range("interval_ms"))] {
        for (ms, taken) in [(least - 1, false), (least, true), (most, true), (most + 1, false)] {
            let body = format!(
                r#"{{"version":1,"device":{{"id":"a"}},"mode":"real","t":1800000000000,
                "numerics":[{{"metric":"HR","value":72,"unit":"/min","{field}":{ms}}}]}}"#
            );
            let step = poll::Session::new().body(at(0), body.as_bytes());
            let numerics = step
                .observations
                .iter()
                .filter(|o| matches!(o, Observation::Numeric(_)));
            assert_eq!(numerics.count() == 1, taken, "{field} {ms}");
        }
    }
}
