//! What a device sends, turn by turn, without sockets: the clock is the number of the turn.

use wire::native::decode_binary;

use super::*;
use crate::Script;
use crate::item::{Frame, Numbering};
use crate::physiology::Patient;

const STARTED_MS: f64 = 1_800_000_000_000.0;

fn device(script: &str) -> Device {
    let script: Script = script.parse().unwrap();
    let source = Source::Patient(Box::new(Patient::calm(1)));
    Device::new(
        "virtual-01".to_owned(),
        source,
        script.of_bed(1),
        GenerationMode::Demo,
        STARTED_MS,
    )
}

/// What a connection sees of the turns of seconds `from` until before `to`: each message with its turn.
fn seen(device: &mut Device, from: u64, to: u64) -> Vec<(u64, Frame)> {
    let mut numbering = Numbering::default();
    let mut frames = Vec::new();
    for turn in from * 4 + 1..=to * 4 {
        for item in device.turn(turn).items {
            frames.extend(numbering.frame(&item).map(|frame| (turn, frame)));
        }
    }
    frames
}

fn texts(frames: &[(u64, Frame)]) -> Vec<&str> {
    let texts = frames.iter().filter_map(|(_, frame)| match frame {
        Frame::Text(text) => Some(text.as_str()),
        Frame::Binary(_) => None,
    });
    texts.collect()
}

fn blocks(frames: &[(u64, Frame)]) -> Vec<Waves> {
    let blocks = frames.iter().filter_map(|(_, frame)| match frame {
        Frame::Binary(bytes) => Some(decode_binary(bytes).unwrap()),
        Frame::Text(_) => None,
    });
    blocks.collect()
}

/// The sequence number of a message as it stands in its bytes.
fn seq(frame: &Frame) -> u32 {
    match frame {
        Frame::Binary(bytes) => u32::from_le_bytes(bytes[4..8].try_into().unwrap()),
        Frame::Text(text) => {
            let after = text.split_once("\"seq\":").unwrap().1;
            after[..after.find([',', '}']).unwrap()].parse().unwrap()
        }
    }
}

#[test]
fn n_seconds_hold_n_times_the_rate_of_samples_and_the_numbers_run_without_gaps() {
    let mut device = device("");
    let frames = seen(&mut device, 0, 600);
    let mut counts = [0_usize; 4];
    for waves in blocks(&frames) {
        for block in &waves.blocks {
            counts[usize::from(block.channel)] += block.samples.len();
        }
    }
    assert_eq!(counts, [150_000, 150_000, 75_000, 37_500]);
    let order: Vec<u32> = frames.iter().map(|(_, f)| seq(f)).collect();
    assert_eq!(order, (1..=u32::try_from(order.len()).unwrap()).collect::<Vec<_>>());
    // Four wave messages and one of numbers a second.
    assert_eq!(order.len(), 600 * 5);
    let times: Vec<f64> = blocks(&frames).iter().map(|w| w.t).collect();
    assert!(times.windows(2).all(|t| (t[1] - t[0] - 250.0).abs() < 1e-9));
    assert_eq!(times[0].to_bits(), STARTED_MS.to_bits());
}

#[test]
fn json_waves_hold_the_same_samples_as_binary_ones() {
    let binary = blocks(&seen(&mut device(""), 0, 2));
    let json = seen(&mut device("").with_json_waves(true), 0, 2);
    let waves: Vec<&str> = texts(&json).into_iter().filter(|t| t.contains("\"waves\"")).collect();
    assert_eq!(waves.len(), binary.len());
    for (text, block) in waves.iter().zip(&binary) {
        let Message::Waves(waves) = wire::native::decode_text(text.as_bytes()).unwrap() else {
            panic!("waves")
        };
        assert_eq!(waves.blocks, block.blocks);
    }
}

#[test]
fn silence_and_drop_send_nothing_and_time_goes_on() {
    for (word, down) in [("silence", false), ("drop", true)] {
        let mut device = device(&format!("at 2s bed 1 {word} for 3s"));
        let before = seen(&mut device, 0, 1).len();
        assert_eq!(before, 5);
        let mut during = Vec::new();
        for turn in 5..=24 {
            let brought = device.turn(turn);
            during.push((
                turn,
                brought.items.iter().filter(|i| !matches!(i, Item::Cut)).count(),
                brought.down,
            ));
        }
        for (turn, items, is_down) in during {
            let off = (8..20).contains(&turn);
            assert_eq!((items == 0, is_down), (off, off && down), "{word} turn {turn}");
        }
        let after = blocks(&seen(&mut device, 6, 7));
        assert_eq!(after[0].t.to_bits(), (STARTED_MS + 6_000.0).to_bits());
        assert_eq!(after[0].blocks[0].samples.len(), 62);
    }
}

#[test]
fn a_lead_off_empties_the_ecg_and_tells_of_it_once_at_each_end() {
    let mut device = device("at 2s bed 1 lead-off for 3s");
    let frames = seen(&mut device, 0, 8);
    let alerts: Vec<&str> = texts(&frames).into_iter().filter(|t| t.contains("lead-off")).collect();
    assert_eq!(alerts.len(), 2, "{alerts:?}");
    assert!(alerts[0].contains("\"present\":true") && alerts[1].contains("\"present\":false"));
    let off = blocks(&frames)
        .iter()
        .filter(|w| w.blocks[0].samples.iter().all(|s| *s == NO_SAMPLE))
        .count();
    assert_eq!(off, 12, "three seconds of blocks");
    let pleth_off = blocks(&frames)
        .iter()
        .filter(|w| w.blocks[2].samples.contains(&NO_SAMPLE))
        .count();
    assert_eq!(pleth_off, 0, "the oximeter goes on");
    let numbers = texts(&frames)
        .into_iter()
        .filter(|t| t.contains(r#""metric":"HR","value":null,"validity":"sensor-off""#));
    assert_eq!(numbers.count(), 3);
    let alerts = device
        .greeting(32)
        .standing
        .into_iter()
        .filter(|m| matches!(m, Message::Alert(_)));
    assert_eq!(alerts.count(), 0);
}

#[test]
fn someone_who_comes_late_is_told_of_standing_alerts_and_of_the_cuff() {
    let mut device = device("at 2s bed 1 alert for 60s");
    seen(&mut device, 0, 30);
    let standing = device.greeting(120).standing;
    let [Message::Numerics(cuff), Message::Alert(alert)] = &standing[..] else {
        panic!("{standing:?}")
    };
    assert_eq!(cuff.values.len(), 3);
    assert!(cuff.values[0].t.unwrap() < STARTED_MS + 30_000.0);
    assert_eq!(&*alert.code, "low-battery");
}

#[test]
fn slow_comes_in_bursts_and_late_comes_five_seconds_later_and_nothing_is_lost() {
    let plain: Vec<Frame> = seen(&mut device(""), 0, 30).into_iter().map(|(_, f)| f).collect();
    let slow = seen(&mut device("at 2s bed 1 slow for 10s"), 0, 30);
    assert_eq!(slow.iter().map(|(_, f)| f.clone()).collect::<Vec<_>>(), plain);
    let turns: Vec<u64> = slow
        .iter()
        .map(|(turn, _)| *turn)
        .filter(|t| (8..48).contains(t))
        .collect();
    assert!(turns.iter().all(|t| t % BURST_TURNS == 0), "{turns:?}");
    let late = seen(&mut device("at 2s bed 1 late for 10s"), 0, 30);
    assert_eq!(late.iter().map(|(_, f)| f.clone()).collect::<Vec<_>>(), plain);
    let (turn, frame) = late.iter().find(|(turn, _)| *turn > 8).unwrap();
    assert_eq!(*turn, 8 + LATE_TURNS);
    assert_eq!(seq(frame), 9, "the first message of turn 8");
}

#[test]
fn duplicates_have_the_same_number_and_a_gap_leaves_one_out() {
    let frames = seen(&mut device("at 1s bed 1 duplicate for 2s"), 2, 3);
    let order: Vec<u32> = frames.iter().map(|(_, f)| seq(f)).collect();
    // The fault is over in the last turn, in which two messages come.
    assert_eq!(order, [1, 1, 2, 2, 3, 3, 4, 5]);
    let frames = seen(&mut device("at 0s bed 1 seq-gap for 60s"), 0, 2);
    let order: Vec<u32> = frames.iter().map(|(_, f)| seq(f)).collect();
    assert_eq!(order, [1, 2, 3, 5, 6, 7, 8, 10]);
}

#[test]
fn every_fault_of_a_number_stands_in_the_message() {
    for (word, expected) in [
        ("wrong-unit", r#""metric":"SPO2","value":97.0,"unit":"L/min""#),
        ("sentinel", r#""metric":"SPO2","value":-999.0"#),
        ("impossible", r#""metric":"SPO2","value":9999.0"#),
        ("not-available", r#""metric":"SPO2","value":null"#),
        (
            "questionable",
            r#""metric":"SPO2","value":97.0,"validity":"questionable""#,
        ),
        ("backfill", r#""t":1799999401000"#),
        ("nan", r#""metric":"SPO2","value":"NaN""#),
        ("unknown-metric", r#""metric":"KARMA""#),
        ("wrong-version", r#""version":99"#),
        ("garbage", "}{ not json"),
        ("set SPO2 84", r#""metric":"SPO2","value":84.0"#),
        ("set NIBP_SYS 70", r#""metric":"NIBP_SYS","value":70.0"#),
        ("clock-1970", r#""t":1000"#),
        ("clock-2704", r#""t":23162630401000"#),
        ("probe-off", r#""metric":"SPO2","value":null,"validity":"sensor-off""#),
    ] {
        let mut device = device(&format!("at 0s bed 1 set SPO2 97; at 1s bed 1 {word} for 1s"));
        let frames = seen(&mut device, 0, 3);
        let found = texts(&frames).iter().filter(|t| t.contains(expected)).count();
        assert_eq!(found, 1, "{word}: {:#?}", texts(&frames));
    }
    let frames = seen(&mut device("at 1s bed 1 oversized for 1s"), 0, 3);
    assert_eq!(
        texts(&frames)
            .iter()
            .filter(|t| t.len() > wire::native::MESSAGE_BYTES_MAX)
            .count(),
        1
    );
}

#[test]
fn a_heart_rate_that_is_set_is_in_the_wave_too() {
    let mut device = device("at 5s bed 1 set HR 140 for 60s");
    seen(&mut device, 0, 10);
    let frames = seen(&mut device, 10, 60);
    let ecg: Vec<i16> = blocks(&frames)
        .iter()
        .flat_map(|w| w.blocks[0].samples.to_vec())
        .collect();
    let minute = f64::from(u32::try_from(crate::beats(&ecg, 250.0).len()).unwrap()) * 60.0 / 50.0;
    assert!((138.0..=142.0).contains(&minute), "{minute}");
    assert!(
        texts(&frames)
            .iter()
            .any(|t| t.contains(r#""metric":"HR","value":140.0"#))
    );
}

#[test]
fn what_a_device_does_not_send_is_named() {
    assert_eq!(
        device("at 1s bed 1 set ETCO2 60; at 1s bed 1 set HR 60").cannot_set(),
        [MetricCode::EndTidalCo2]
    );
}
