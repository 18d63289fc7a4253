//! The native protocol as it is used and misused.

use crate::kit::{HELLO, at, greeted, said, tell};
use insta::assert_snapshot;
use wire::native::{Block, MESSAGE_BYTES_MAX, Session, Waves, encode_binary};

#[test]
fn a_device_greets_and_its_numbers_and_waves_are_taken() {
    let mut session = Session::new("Ward 3");
    assert_snapshot!(tell(&mut session, 0, HELLO), @r#"device mon-7 by "Example""#);
    assert_snapshot!(tell(&mut session, 1_000, r#"{"type":"numerics","seq":2,"t":1800000001000,"values":[{"metric":"HR","value":72},{"metric":"NIBP_SYS","value":16},{"metric":"TEMP","value":98.6,"unit":"[degF]"}]}"#), @r"
    HR 72 test
    NIBP_SYS 120.01 test
    TEMP 37 test
    ");
    assert_snapshot!(tell(&mut session, 1_100, r#"{"type":"waves","seq":3,"t":1800000001000,"blocks":[{"channel":0,"samples":[1,null,-3]},{"channel":1,"samples":[7]}]}"#), @r"
    ECG_II [1, -32768, -3] from 1088000 us after a gap
    PLETH [7] from 1084000 us after a gap
    ");
    assert_snapshot!(tell(&mut session, 1_200, r#"{"type":"alert","seq":4,"t":1800000001200,"code":"lead-off","text":"ECG lead off","metric":"ECG_II","priority":"low","kind":"technical","present":true}"#), @r#"device alert lead-off "ECG lead off" Some(EcgII) low technical present"#);
    assert_snapshot!(tell(&mut session, 1_300, r#"{"type":"clock","seq":5,"t":1800000001300}"#), @r"alive");
}

#[test]
fn no_value_doubt_and_zero_are_three_things() {
    let mut session = greeted();
    assert_snapshot!(tell(&mut session, 1_000, r#"{"type":"numerics","seq":2,"t":1800000001000,"values":[
        {"metric":"HR","value":0},{"metric":"HR","value":null},{"metric":"HR"},{"metric":"HR","value":72,"validity":"questionable"},
        {"metric":"HR","value":72,"validity":"sensor-off"},{"metric":"HR","value":72,"validity":"fine"}]}"#), @r#"
    HR 0 test
    HR -- not-available test
    HR -- not-available test
    HR 72? test
    HR -- sensor-off test
    HR 72? test
    1 x malformed: expected a validity of FEED.md for HR, got fine; taken as questionable
    answer {"type":"rejected","seq":2,"reason":"malformed","detail":"expected a validity of FEED.md for HR, got fine; taken as questionable"}
    "#);
}

#[test]
fn sentinels_are_no_values_and_are_counted_where_they_cannot_be_values() {
    let mut session = greeted();
    assert_snapshot!(tell(&mut session, 1_000, r#"{"type":"numerics","seq":2,"t":1800000001000,"values":[
        {"metric":"HR","value":-1},{"metric":"HR","value":32767},{"metric":"TEMP","value":-999},{"metric":"ART_MEAN","value":-1},{"metric":"ART_MEAN","value":-100}]}"#), @r#"
    HR -- not-available test
    HR -- not-available test
    TEMP -- not-available test
    ART_MEAN -1 test
    ART_MEAN -- not-available test
    4 x sentinel: expected null where HR has no value, got -1; taken as no value
    answer {"type":"rejected","seq":2,"reason":"sentinel","detail":"expected null where HR has no value, got -1; taken as no value"}
    "#);
}

#[test]
fn each_bad_value_costs_itself_alone() {
    let mut session = greeted();
    assert_snapshot!(tell(&mut session, 1_000, r#"{"type":"numerics","seq":2,"t":1800000001000,"values":[
        {"metric":"HR","value":"72"},{"metric":"HR","value":900},{"metric":"HR","value":72,"unit":"%"},{"metric":"SPO2","value":97},
        {"metric":"MOOD","value":1},{"metric":"HR","value":[{"a":[]}]},{"metric":"HR","value":71}]}"#), @r#"
    HR 71 test
    2 x malformed: expected a number or null for HR, got text or something else; write it without quotes
    1 x impossible-value: expected HR from 0 to 350 /min, got a value outside; send null when there is none
    1 x wrong-unit: expected /min for HR, got %; convert it
    1 x out-of-place: expected a number that hello describes, got SPO2; describe it first
    1 x unknown-metric: expected a number that hello describes, got MOOD; describe it first
    answer {"type":"rejected","seq":2,"reason":"malformed","detail":"expected a number or null for HR, got text or something else; write it without quotes"}
    "#);
}

#[test]
fn what_is_not_a_message_is_counted_and_the_next_one_is_taken() {
    let mut session = greeted();
    assert_snapshot!(tell(&mut session, 2_000, "{\"type\":\"clock\","), @r#"
    1 x malformed: expected a whole JSON object, got one that breaks off at line 1 column 16; send a message in one frame
    answer {"type":"rejected","seq":null,"reason":"malformed","detail":"expected a whole JSON object, got one that breaks off at line 1 column 16; send a message in one frame"}
    "#);
    assert_snapshot!(tell(&mut session, 3_100, r#"{"type":"numerics","seq":2,"t":1,"values":[{"metric":"HR","value":1e999}]}"#), @r#"
    1 x malformed: expected JSON, got something else at line 1 column 71; numbers must be finite and text in UTF-8
    answer {"type":"rejected","seq":null,"reason":"malformed","detail":"expected JSON, got something else at line 1 column 71; numbers must be finite and text in UTF-8"}
    "#);
    assert_snapshot!(tell(&mut session, 4_200, r#"{"type":"numerics","seq":2,"t":1,"values":[{"metric":"HR","value":NaN}]}"#), @r#"
    1 x malformed: expected JSON, got something else at line 1 column 67; numbers must be finite and text in UTF-8
    answer {"type":"rejected","seq":null,"reason":"malformed","detail":"expected JSON, got something else at line 1 column 67; numbers must be finite and text in UTF-8"}
    "#);
    assert_snapshot!(tell(&mut session, 5_300, r#"{"type":"clock","seq":"2","t":1800000005300}"#), @r#"
    1 x malformed: expected the fields of FEED.md, got a missing one or another type at line 1 column 25; check that field
    answer {"type":"rejected","seq":null,"reason":"malformed","detail":"expected the fields of FEED.md, got a missing one or another type at line 1 column 25; check that field"}
    "#);
    assert_snapshot!(tell(&mut session, 6_400, r#"{"type":"dance","seq":2,"t":1800000006400}"#), @r#"
    1 x malformed: expected the type hello, numerics, waves, alert or clock, got dance; leave such messages out
    answer {"type":"rejected","seq":2,"reason":"malformed","detail":"expected the type hello, numerics, waves, alert or clock, got dance; leave such messages out"}
    "#);
    assert_snapshot!(said(&session.binary(at(7_500), &[1, 1, 0, 0, 2, 0])), @r#"
    1 x malformed: expected 4 bytes more in the block, got 2; check the counts
    answer {"type":"rejected","seq":null,"reason":"malformed","detail":"expected 4 bytes more in the block, got 2; check the counts"}
    "#);
    assert_snapshot!(tell(&mut session, 7_600, r#"{"type":"clock","seq":2,"t":1800000007600,"new_field":{}}"#), @r"alive");
}

#[test]
fn sixteen_useless_messages_in_a_row_cut_the_connection_and_no_other_mix_does() {
    let mut session = greeted();
    for seq in 2..100 {
        for _ in 0..15 {
            assert_eq!(session.text(at(seq * 1_000), b"\0").fatal, None);
        }
        let good = format!(r#"{{"type":"clock","seq":{seq},"t":1800000000000}}"#);
        assert_eq!(session.text(at(seq * 1_000), good.as_bytes()).fatal, None);
    }
    for _ in 0..15 {
        assert_eq!(session.text(at(100_000), b"\0").fatal, None);
    }
    assert_snapshot!(said(&session.text(at(100_000), b"\0")), @r#"
    1 x malformed: expected JSON, got something else at line 1 column 1; numbers must be finite and text in UTF-8
    answer {"type":"bye","reason":"the device sent what cannot be read: 16 messages in a row were of no use; the last: expected JSON, got something else at line 1 column 1; numbers must be finite and text in UTF-8"}
    FATAL the device sent what cannot be read: 16 messages in a row were of no use; the last: expected JSON, got something else at line 1 column 1; numbers must be finite and text in UTF-8
    "#);
}

#[test]
fn too_long_a_message_and_another_version_cut_the_connection_at_once() {
    let mut session = greeted();
    let long = " ".repeat(MESSAGE_BYTES_MAX + 1);
    assert_snapshot!(tell(&mut session, 0, &long), @r#"
    1 x oversized: expected at most 262144 bytes, got 262145; send shorter blocks more often
    answer {"type":"bye","reason":"the device sent what cannot be read: expected at most 262144 bytes, got 262145; send shorter blocks more often"}
    FATAL the device sent what cannot be read: expected at most 262144 bytes, got 262145; send shorter blocks more often
    "#);
    let mut session = Session::new("Ward 3");
    assert_snapshot!(tell(&mut session, 0, &HELLO.replace("\"version\":1,\"device\"", "\"version\":2,\"device\"")), @r#"
    1 x version: expected protocol version 1, got 2; set the device to 1 or update the station
    answer {"type":"bye","reason":"the device refused: expected protocol version 1, got 2; set the device to 1 or update the station"}
    FATAL the device refused: expected protocol version 1, got 2; set the device to 1 or update the station
    "#);
}

#[test]
fn too_many_of_anything_is_refused_before_it_takes_memory() {
    let mut session = greeted();
    let values = vec![r#"{"metric":"HR","value":1}"#; 1_025].join(",");
    assert_snapshot!(tell(&mut session, 0, &format!(r#"{{"type":"numerics","seq":2,"t":1800000000000,"values":[{values}]}}"#)), @r#"
    1 x oversized: expected fewer elements in the array that ends at line 1 column 26705; see the limits in FEED.md
    answer {"type":"rejected","seq":null,"reason":"oversized","detail":"expected fewer elements in the array that ends at line 1 column 26705; see the limits in FEED.md"}
    "#);
    let samples = vec!["1"; 16_385].join(",");
    assert_snapshot!(tell(&mut session, 2_000, &format!(r#"{{"type":"waves","seq":2,"t":1800000000000,"blocks":[{{"channel":0,"samples":[{samples}]}}]}}"#)), @r#"
    1 x oversized: expected fewer elements in the array that ends at line 1 column 32846; see the limits in FEED.md
    answer {"type":"rejected","seq":null,"reason":"oversized","detail":"expected fewer elements in the array that ends at line 1 column 32846; see the limits in FEED.md"}
    "#);
    assert_snapshot!(said(&session.binary(at(4_000), &[1, 33, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])), @r#"
    1 x oversized: expected at most 32 channels in a block, got 33; send two blocks
    answer {"type":"rejected","seq":2,"reason":"oversized","detail":"expected at most 32 channels in a block, got 33; send two blocks"}
    "#);
}

#[test]
fn lost_and_repeated_messages_are_seen_by_their_numbers() {
    let mut session = greeted();
    let waves = |seq: u32, t: i64| {
        format!(r#"{{"type":"waves","seq":{seq},"t":{t},"blocks":[{{"channel":0,"samples":[1,2]}}]}}"#)
    };
    assert_snapshot!(tell(&mut session, 8, &waves(2, 1_800_000_000_000)), @r"ECG_II [1, 2] from 0 us after a gap");
    assert_snapshot!(tell(&mut session, 16, &waves(3, 1_800_000_000_008)), @r"ECG_II [1, 2] from 8000 us");
    assert_snapshot!(tell(&mut session, 16, &waves(3, 1_800_000_000_008)), @r#"
    1 x duplicate: expected a number after 3, got 3; count up by one a message, from 1 a connection
    answer {"type":"rejected","seq":3,"reason":"duplicate","detail":"expected a number after 3, got 3; count up by one a message, from 1 a connection"}
    "#);
    assert_snapshot!(tell(&mut session, 32, &waves(6, 1_800_000_000_024)), @r"
    ECG_II [1, 2] from 24000 us after a gap
    2 x sequence-gap: expected message 4, got 6; what was between is lost, look at the device's link
    ");
    assert_snapshot!(tell(&mut session, 40, &waves(7, 1_800_000_000_032)), @r"ECG_II [1, 2] from 32000 us");
}

#[test]
fn numbers_begin_again_at_zero_after_the_last_one() {
    let mut session = Session::new("Ward 3");
    tell(&mut session, 0, &HELLO.replace("\"seq\":1", "\"seq\":4294967294"));
    for seq in ["4294967295", "0", "1"] {
        let clock = format!(r#"{{"type":"clock","seq":{seq},"t":1800000000000}}"#);
        assert_eq!(tell(&mut session, 10, &clock), "alive", "{seq}");
    }
}

#[test]
fn a_message_that_could_not_be_read_accounts_for_its_number() {
    let mut session = greeted();
    tell(&mut session, 0, "garbage in place of message 2");
    assert_snapshot!(tell(&mut session, 10, r#"{"type":"clock","seq":3,"t":1800000000010}"#), @r"alive");
}

#[test]
fn a_clock_that_cannot_be_is_counted_and_its_values_are_live() {
    let mut session = greeted();
    assert_snapshot!(tell(&mut session, 2_000, r#"{"type":"numerics","seq":2,"t":0,"values":[{"metric":"HR","value":72}]}"#), @r#"
    HR 72 test
    1 x absurd-clock: expected a clock between 2000 and 2200, got 1970-01-01T00:00:00Z; set the device's clock, data are taken
    answer {"type":"rejected","seq":2,"reason":"absurd-clock","detail":"expected a clock between 2000 and 2200, got 1970-01-01T00:00:00Z; set the device's clock, data are taken"}
    "#);
    assert_snapshot!(tell(&mut session, 3_000, r#"{"type":"numerics","seq":3,"t":23161939200000,"values":[{"metric":"HR","value":72}]}"#), @r#"
    HR 72 test
    1 x absurd-clock: expected a clock between 2000 and 2200, got 2703-12-23T00:00:00Z; set the device's clock, data are taken
    answer {"type":"rejected","seq":3,"reason":"absurd-clock","detail":"expected a clock between 2000 and 2200, got 2703-12-23T00:00:00Z; set the device's clock, data are taken"}
    "#);
    let good = r#"{"type":"numerics","seq":4,"t":1800000004000,"values":[{"metric":"HR","value":73}]}"#;
    assert_snapshot!(tell(&mut session, 4_000, good), @r"HR 73 test");
}

#[test]
fn back_filled_values_are_late_and_a_clock_set_back_is_not() {
    let mut session = greeted();
    let numerics = |seq: u32, t: i64, old: i64| {
        format!(
            r#"{{"type":"numerics","seq":{seq},"t":{t},"values":[{{"metric":"HR","value":72}},{{"metric":"HR","value":60,"t":{old}}},{{"metric":"TEMP","value":37,"t":{old}}}]}}"#
        )
    };
    // 15 s old: late for a number of every second, not for one of every ten.
    assert_snapshot!(tell(&mut session, 20_000, &numerics(2, 1_800_000_020_000, 1_800_000_005_000)), @r#"
    HR 72 test
    HR 60 test late
    TEMP 37 test
    1 x late: HR came more than 10 s late; it is stored and raises no alert
    answer {"type":"rejected","seq":2,"reason":"late","detail":"HR came more than 10 s late; it is stored and raises no alert"}
    "#);
    // Set back by an hour, and said in a clock message: of now at once.
    assert_snapshot!(tell(&mut session, 21_000, r#"{"type":"clock","seq":3,"t":1799996421000}"#), @r"alive");
    assert_snapshot!(tell(&mut session, 22_000, r#"{"type":"numerics","seq":4,"t":1799996422000,"values":[{"metric":"HR","value":72}]}"#), @r"HR 72 test");
    // Set back without a word: late for ten seconds, then of now.
    let silent = |seq: u32, t: i64| {
        format!(r#"{{"type":"numerics","seq":{seq},"t":{t},"values":[{{"metric":"HR","value":72}}]}}"#)
    };
    assert_snapshot!(tell(&mut session, 23_000, &silent(5, 1_799_990_000_000)), @r#"
    HR 72 test late
    1 x late: HR came more than 10 s late; it is stored and raises no alert
    answer {"type":"rejected","seq":5,"reason":"late","detail":"HR came more than 10 s late; it is stored and raises no alert"}
    "#);
    assert_snapshot!(tell(&mut session, 33_000, &silent(6, 1_799_990_010_000)), @r"HR 72 test");
}

#[test]
fn before_the_greeting_nothing_is_taken_and_undescribed_channels_never() {
    let mut session = Session::new("Ward 3");
    let waves = r#"{"type":"waves","seq":2,"t":1800000000000,"blocks":[{"channel":9,"samples":[1]},{"channel":0,"samples":[]},{"channel":0,"samples":[40000,1.5]}]}"#;
    assert_snapshot!(tell(&mut session, 0, &waves.replace("\"seq\":2", "\"seq\":0")), @r#"
    1 x out-of-place: expected hello as the first message, got another; greet first
    answer {"type":"rejected","seq":0,"reason":"out-of-place","detail":"expected hello as the first message, got another; greet first"}
    "#);
    tell(&mut session, 1_000, HELLO);
    assert_snapshot!(tell(&mut session, 2_000, waves), @r#"
    ECG_II [-32768, -32768] from 1992000 us after a gap
    1 x out-of-place: expected a channel that hello describes, got 9; describe it first
    1 x malformed: expected samples in a block of ECG_II, got none; leave empty blocks out
    2 x impossible-value: expected samples from -32767 to 32767 in ECG_II, got others; taken as no sample
    answer {"type":"rejected","seq":2,"reason":"out-of-place","detail":"expected a channel that hello describes, got 9; describe it first"}
    "#);
}

#[test]
fn a_greeting_with_faults_costs_the_faulty_metrics_only() {
    let mut session = Session::new("Ward 3");
    let hello = r#"{"type":"hello","seq":1,"t":1800000000000,"version":1,"device":{"id":"mon-7"},"mode":"real","heartbeat_ms":60000,
        "numerics":[{"metric":"HR","unit":"/min","period_ms":1000},{"metric":"HR","unit":"/min","period_ms":1000},{"metric":"SPO2","unit":"mm[Hg]","period_ms":1000},
        {"metric":"MOOD","unit":"1","period_ms":1000},{"metric":"ECG_II","unit":"mV","period_ms":1000},{"metric":"PR","unit":"/min"}],
        "waves":[{"channel":0,"metric":"ECG_II","unit":"uV","rate":250,"resolution":5},{"channel":0,"metric":"PLETH","unit":"1","rate":125,"resolution":1},
        {"channel":2,"metric":"RESP","unit":"1","rate":0,"resolution":1}]}"#;
    assert_snapshot!(tell(&mut session, 0, hello), @r#"
    device mon-7 by ""
    3 x malformed: expected heartbeat_ms from 100 to 5000, got 60000; taken as 5000
    2 x duplicate: expected each number once in hello, got HR twice; leave one out
    1 x wrong-unit: expected % for SPO2, got mm[Hg]; convert it
    1 x unknown-metric: expected a metric of FEED.md, got MOOD; it alone is left out, write it as the table does
    1 x out-of-place: expected ECG_II under `waves` of hello, got it under the other; move it
    answer {"type":"rejected","seq":1,"reason":"malformed","detail":"expected heartbeat_ms from 100 to 5000, got 60000; taken as 5000"}
    "#);
    assert_snapshot!(tell(&mut session, 2_000, r#"{"type":"numerics","seq":2,"t":1800000002000,"values":[{"metric":"HR","value":72},{"metric":"SPO2","value":97}]}"#), @r#"
    HR 72 real
    1 x wrong-unit: expected a number that hello describes well, got SPO2, which was refused there; correct hello
    answer {"type":"rejected","seq":2,"reason":"wrong-unit","detail":"expected a number that hello describes well, got SPO2, which was refused there; correct hello"}
    "#);
    let step = session.text(
        at(4_000),
        br#"{"type":"waves","seq":3,"t":1800000003992,"blocks":[{"channel":0,"samples":[200,200]}]}"#,
    );
    let model::Observation::Wave(wave) = &step.observations[0] else {
        panic!("{step:?}")
    };
    assert!((wave.scale.resolution() - 0.005).abs() < 1e-12); // 5 uV a step
}

#[test]
fn a_greeting_that_says_neither_who_nor_what_mode_is_none() {
    for (from, to) in [("mon-7", "DEMO, Bed 07"), ("\"test\"", "\"maybe\"")] {
        let mut session = Session::new("Ward 3");
        tell(&mut session, 0, &HELLO.replace(from, to));
        assert!(!session.is_greeted(), "{to}");
    }
}

#[test]
fn rejects_never_repeat_names() {
    let mut session = greeted();
    let told = tell(
        &mut session,
        0,
        r#"{"type":"numerics","seq":2,"t":1800000000000,"values":[{"metric":"DEMO, Bed 07","value":1},{"metric":"HR","value":"DEMO, Bed 07"}]}"#,
    );
    let shape = tell(&mut session, 5_000, r#"{"type":"numerics","seq":3,"t":"DEMO, Bed 07"}"#);
    assert!(!format!("{told}{shape}").contains("DEMO"), "{told}\n{shape}");
}

#[test]
fn an_alert_is_taken_whatever_its_words_and_as_the_graver() {
    let mut session = greeted();
    assert_snapshot!(tell(&mut session, 0, r#"{"type":"alert","seq":2,"t":1800000000000,"code":"","text":"a\nb","metric":"MOOD","priority":"urgent","kind":"other","present":false}"#), @r#"
    device alert unnamed "a b" None high physiological over
    1 x unknown-metric: expected a known metric in an alert, got MOOD; the alert is taken without
    2 x malformed: expected the priority high, medium or low, got urgent; taken as high
    answer {"type":"rejected","seq":2,"reason":"unknown-metric","detail":"expected a known metric in an alert, got MOOD; the alert is taken without"}
    "#);
}

#[test]
fn the_station_complains_at_most_once_a_second() {
    let mut session = greeted();
    let mut answers = 0;
    for i in 0..300 {
        let step = if i % 10 == 9 {
            let good = format!(r#"{{"type":"clock","seq":{},"t":1800000000000}}"#, i + 2);
            session.text(at(i * 10), good.as_bytes())
        } else {
            session.text(at(i * 10), b"?")
        };
        answers += u32::from(step.answer.is_some());
    }
    assert_eq!(answers, 3);
}

#[test]
fn a_message_under_way_for_longer_than_others_says_so() {
    let mut session = greeted();
    let sent = |seq: u32, t: i64| format!(r#"{{"type":"clock","seq":{seq},"t":{t}}}"#);
    let mut transit = |seq: u32, received: i64, t: i64| {
        session
            .text(at(received), sent(seq, crate::kit::START_MS + t).as_bytes())
            .transit_ms
    };
    // The device's clock is 5 s ahead: that is no transit.
    assert!(transit(2, 1_000, 6_000) < 6_000.5);
    assert!(transit(3, 2_000, 7_000).abs() < 0.001);
    assert!((transit(4, 3_080, 8_000) - 80.0).abs() < 0.001);
    assert!(transit(5, 4_000, 9_000).abs() < 0.001);
    // It is set forward by an hour: measured anew, not negative.
    assert!(transit(6, 5_000, 3_610_000).abs() < 0.001);
}

#[test]
fn a_binary_block_gives_what_the_text_gives() {
    let waves = Waves {
        seq: 2,
        t: 1_800_000_000_000.0,
        blocks: vec![Block {
            channel: 0,
            samples: vec![1, i16::MIN, -3].into(),
        }],
    };
    let binary = greeted().binary(at(12), &encode_binary(&waves).unwrap());
    assert_snapshot!(said(&binary), @r"ECG_II [1, -32768, -3] from 0 us after a gap");
}

#[test]
fn a_stream_that_would_be_drawn_live_for_a_day_is_refused_and_a_cuff_is_not() {
    let hello = |numerics: &str| {
        format!(
            r#"{{"type":"hello","seq":1,"t":1800000000000,"version":1,"device":{{"id":"mon-7"}},"mode":"test","heartbeat_ms":1000,"numerics":[{numerics}],"waves":[]}}"#
        )
    };
    let text = hello(
        r#"{"metric":"TEMP","unit":"Cel","period_ms":86400000},{"metric":"SPO2","unit":"%","period_ms":30001},
        {"metric":"HR","unit":"/min","period_ms":30000},{"metric":"NIBP_SYS","unit":"mm[Hg]","interval_ms":86400000}"#,
    );
    let mut session = Session::new("Ward 3");
    assert_snapshot!(tell(&mut session, 0, &text), @r#"
    device mon-7 by ""
    2 x malformed: expected period_ms of at most 30000 for TEMP, got 86400000; what is measured less often is declared with interval_ms
    answer {"type":"rejected","seq":1,"reason":"malformed","detail":"expected period_ms of at most 30000 for TEMP, got 86400000; what is measured less often is declared with interval_ms"}
    "#);
    assert_snapshot!(tell(&mut session, 1_000, r#"{"type":"numerics","seq":2,"t":1800000001000,"values":[
        {"metric":"TEMP","value":37},{"metric":"SPO2","value":97},{"metric":"HR","value":72},{"metric":"NIBP_SYS","value":118}]}"#), @r#"
    HR 72 test
    NIBP_SYS 118 test
    2 x malformed: expected a number that hello describes well, got TEMP, which was refused there; correct hello
    answer {"type":"rejected","seq":2,"reason":"malformed","detail":"expected a number that hello describes well, got TEMP, which was refused there; correct hello"}
    "#);
}

#[test]
fn no_answer_repeats_what_may_be_a_patients_or_a_secret() {
    for secret in ["Jane Doe", "PAT-4711-88", "19450312", "token=hush"] {
        for text in [
            format!(r#"{{"type":"{secret}","seq":2,"t":1800000000000}}"#),
            format!(r#"{{"type":"clock","seq":"{secret}","t":1800000000000}}"#),
            format!(r#"{{"type":"numerics","seq":2,"t":1,"values":[{{"metric":"{secret}","value":1}}]}}"#),
            format!(r#"{{"type":"numerics","seq":2,"t":1,"values":[{{"metric":"HR","value":"{secret}"}}]}}"#),
            format!(r#"{{"type":"numerics","seq":2,"t":1,"values":[{{"metric":"HR","value":1,"unit":"{secret}"}}]}}"#),
            format!(
                r#"{{"type":"numerics","seq":2,"t":1,"values":[{{"metric":"HR","value":1,"validity":"{secret}"}}]}}"#
            ),
            format!(r#"{{"type":"numerics","seq":2,"t":1,"values":"{secret}"}}"#),
            HELLO.replace("mon-7", secret).replace("\"seq\":1", "\"seq\":2"),
            HELLO
                .replace("\"test\"", &format!("\"{secret}\""))
                .replace("\"seq\":1", "\"seq\":2"),
        ] {
            let said = tell(&mut greeted(), 1_000, &text);
            let answer: Vec<_> = said.lines().filter(|l| !l.starts_with("device ")).collect();
            assert!(!answer.join(" ").contains(secret), "{text}: {said}");
        }
    }
}
