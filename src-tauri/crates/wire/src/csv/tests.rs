//! Exports as they come, and tables of our own read again.

use model::SampleRate;
use proptest::prelude::*;

use super::*;
use crate::recording::{Channel, Mark, NO_SAMPLE_WIDE, NumericTrack, Run, Samples as _};

fn read(text: &str) -> Recording {
    open("export", text.as_bytes()).unwrap()
}

/// `label [unit] rate: values`, a channel a line; `label: time value …`, a track a line; then marks and notes.
fn told(text: &str) -> String {
    let file = read(text);
    let head = file.head();
    let mut out = Vec::new();
    if let Some(start) = head.start_us {
        out.push(format!("start {start}"));
    }
    for (i, channel) in head.channels.iter().enumerate() {
        let mut samples = Vec::new();
        file.samples(i, 0..channel.total(), &mut samples).unwrap();
        let values: Vec<String> = samples
            .iter()
            .map(|s| {
                channel
                    .value(*s)
                    .map_or("none".to_owned(), |value| format!("{value:.4}"))
            })
            .collect();
        let gaps = channel.runs.len() - 1;
        let (label, unit, hertz) = (&channel.label, &channel.unit, channel.rate.hertz());
        out.push(format!(
            "{label} [{unit}] {hertz:.4} Hz, {gaps} gaps: {}",
            values.join(" ")
        ));
    }
    for track in &head.numerics {
        let points: Vec<String> = track.points.iter().map(|(at, value)| format!("{at} {value}")).collect();
        out.push(format!("{} [{}]: {}", track.label, track.unit, points.join(", ")));
    }
    out.extend(
        head.marks
            .iter()
            .map(|mark| format!("mark {} {}", mark.at_us, mark.text)),
    );
    out.extend(head.notes.iter().map(|note| format!("note {note}")));
    out.join("\n")
}

#[test]
fn headers_have_their_quirks() {
    insta::assert_snapshot!(told("\u{feff}Time [s], RESP, PLETH [NU]\r\n0,0.5,1\r\n0.008,0.25,2\r\n0.016,,3\r\n0.024,0.125,4\r\n"), @r"
    RESP [] 125.0000 Hz, 0 gaps: 0.5000 0.2500 none 0.1250
    PLETH [NU] 125.0000 Hz, 0 gaps: 1.0000 2.0000 3.0000 4.0000
    ");
    insta::assert_snapshot!(told("Zeit (ms);EKG (mV)\n0;0,5\n4;-0,25\n8;0\n12;1\n"), @"EKG [mV] 250.0000 Hz, 0 gaps: 0.5000 -0.2500 0.0000 1.0000");
    insta::assert_snapshot!(told("# made by a script\n# Sampling Rate (Hz):= 500\n# Labels:= ECG\n1.0\n2.0\n3.0\n"), @r"
    ECG [] 500.0000 Hz, 0 gaps: 1.0000 2.0000 3.0000
    note made by a script
    note Sampling Rate (Hz):= 500
    note Labels:= ECG
    ");
    insta::assert_snapshot!(told("'Elapsed time','MLII'\n'hh:mm:ss.mmm','mV'\n'0:00.000',-0.145\n'0:00.003',-0.145\n'0:00.006',-0.12\n'0:00.008',1\n"), @r"
    MLII [mV] 375.0000 Hz, 0 gaps: -0.1450 -0.1450 -0.1200 1.0000
    note times of day are given without a date, from 0:00.000
    ");
    insta::assert_snapshot!(told("timer\thr\n0\t515\n8.5\t514\n17\t513\n25.5\t512\n"), @r#"
    hr [] 118.0000 Hz, 0 gaps: 515.0000 514.0000 513.0000 512.0000
    note column "timer" is taken as milliseconds: it names no unit
    "#);
    insta::assert_snapshot!(told("0.00 7 1\n0.02 8 1\n0.04 9 1\n0.06 9 1\n"), @r#"
    column 2 [] 50.0000 Hz, 0 gaps: 7.0000 8.0000 9.0000 9.0000
    column 3 [] 50.0000 Hz, 0 gaps: 1.0000 1.0000 1.0000 1.0000
    note column "column 1" is taken as seconds: it names no unit
    "#);
}

/// Five digits in all: beyond 100 s two rows may bear the same time.
#[test]
fn times_that_lose_their_decimals_are_a_wave_all_the_same() {
    let mut rows = vec!["Time [s],II".to_owned()];
    for row in 0..30_000_u32 {
        let seconds = f64::from(row) * 0.008;
        let places = if seconds < 100.0 { 3 } else { 2 };
        rows.push(format!("{seconds:.places$},{}", row % 7));
    }
    let file = read(&rows.join("\n"));
    let channel = &file.head().channels[0];
    assert_eq!(
        (channel.rate.fraction(), channel.runs.len(), channel.total()),
        ((125, 1), 1, 30_000)
    );
}

#[test]
fn the_column_of_times_decides_what_the_others_are() {
    insta::assert_snapshot!(told("Time,HR [bpm],Event\n2026-03-01T10:00:00Z,71,\n2026-03-01T10:00:07Z,72,Suction\n2026-03-01T10:01:00Z,NaN,\n2026-03-01T10:01:02Z,70.5,\n"), @r"
    start 1772359200000000
    HR [bpm]: 0 71, 7000000 72, 62000000 70.5
    mark 7000000 Suction
    ");
    insta::assert_snapshot!(told("Date;Time;SpO2\n01.03.2026;23:59:59;97\n02.03.2026;00:00:00;98\n02.03.2026;00:00:01;99\n02.03.2026;00:00:09;90\n02.03.2026;00:00:10;91\n02.03.2026;00:00:11;91\n02.03.2026;00:00:12;92\n02.03.2026;00:00:13;93\n"), @r"
    start 1772409599000000
    SpO2 [] 1.0000 Hz, 1 gaps: 97.0000 98.0000 99.0000 90.0000 91.0000 91.0000 92.0000 93.0000
    ");
    insta::assert_snapshot!(told("t,HR\n1772359200000,71\n1772359203000,72\n1772359209000,73\n"), @r#"
    start 1772359200000000
    HR []: 0 71, 3000000 72, 9000000 73
    note column "t" is taken as milliseconds: it names no unit
    "#);
    insta::assert_snapshot!(told("time,HR\n23:59:58,71\n23:59:59,72\n0:00:00,73\n0:00:01,73\n"), @r"
    HR [] 1.0000 Hz, 0 gaps: 71.0000 72.0000 73.0000 73.0000
    note times of day are given without a date, from 23:59:58
    ");
}

#[test]
fn what_is_no_table_is_said_by_line() {
    let error = |text: &str| open("export", text.as_bytes()).unwrap_err().to_string();
    insta::assert_snapshot!(error("PK\u{3}\u{4}\0\0"), @"export, byte 4: this is no text: a table has no byte 0");
    insta::assert_snapshot!(error(""), @"export, line 1: no row of numbers in the first 200 lines; a table has one row a moment");
    insta::assert_snapshot!(error("ECG\n1\n2\n3\n"), @"export, line 2: there is neither a column of times nor a rate; name a column `time_s`, or put a line `# Sampling Rate (Hz):= 250` before the table");
    insta::assert_snapshot!(error("time,HR\n0,1\nsoon,2\nlater,3\n"), @"export, line 3: 2 of 3 rows have no time or too few cells");
    insta::assert_snapshot!(error("time,HR\n0,1\n12:00,2\n"), @r#"export, line 3: "12:00" is not a time"#);
    insta::assert_snapshot!(error("time,HR\n0,\n1,\n"), @"export: no column but the time has anything in it");
}

#[test]
fn numbers_finer_than_31_bits_are_kept_to_a_step_that_is_said() {
    let said = told("time_s,V\n0,0.1234567890123\n1,1000\n2,2\n3,3\n");
    assert!(said.contains("note V: kept to 0.000001"), "{said}");
}

fn channel(label: &str, rate: u32, decimals: i32, runs: &[(i64, u64)]) -> Channel {
    let mut first = 0;
    let mut list = Vec::new();
    for (start_us, count) in runs {
        list.push(Run {
            start_us: *start_us,
            first,
            count: *count,
        });
        first += count;
    }
    Channel {
        label: label.to_owned(),
        unit: "mV".to_owned(),
        rate: SampleRate::new(rate, 1).unwrap(),
        resolution: 10_f64.powi(-decimals),
        zero: 0.0,
        bits: 16,
        runs: list,
    }
}

#[test]
fn every_kind_of_column_is_written_in_its_row() {
    let head = Head {
        start_us: Some(-2_208_988_800_000_000),
        channels: vec![channel("II", 250, 2, &[(0, 2), (1_000_000, 1)])],
        numerics: vec![NumericTrack {
            label: "Sp\"O2, left".to_owned(),
            unit: "%".to_owned(),
            points: vec![(4_000, 97.5)],
        }],
        marks: vec![
            Mark {
                at_us: 2_000,
                duration_us: None,
                channel: None,
                code: "V".to_owned(),
                text: String::new(),
            },
            Mark {
                at_us: 2_000,
                duration_us: None,
                channel: None,
                code: String::new(),
                text: "seen".to_owned(),
            },
        ],
        ..Head::default()
    };
    let file = Recording::new(head, vec![vec![-5, NO_SAMPLE_WIDE, 120]]).unwrap();
    let mut out = Vec::new();
    write(&file, &mut out).unwrap();
    insta::assert_snapshot!(String::from_utf8(out).unwrap(), @r#"
    time,II [mV],"Sp""O2, left [%]",mark
    1900-01-01T00:00:00.000000Z,-0.05,,
    1900-01-01T00:00:00.002000Z,,,V; seen
    1900-01-01T00:00:00.004000Z,,97.5,
    1900-01-01T00:00:01.000000Z,1.2,,
    "#);
}

proptest! {
    #[test]
    fn a_table_of_ours_is_read_as_the_same(
        samples in prop::collection::vec(-30_000_i32..30_000, 12..80),
        rate in 1_u32..1_000,
        decimals in 0_i32..5,
        gap_s in 2_i64..1_000,
        has_day in any::<bool>(),
    ) {
        let half = samples.len() as u64 / 2;
        let spec = SampleRate::new(rate, 1).unwrap();
        let later = spec.micros_of(half) + gap_s * 1_000_000;
        let rest = samples.len() as u64 - half;
        let head = Head {
            start_us: has_day.then_some(1_700_000_000_250_000),
            channels: vec![channel("II", rate, decimals, &[(0, half), (later, rest)])],
            ..Head::default()
        };
        let file = Recording::new(head, vec![samples.clone()]).unwrap();
        let mut out = Vec::new();
        write(&file, &mut out).unwrap();
        let again = open("again", &out).unwrap();
        let found = &again.head().channels[0];
        prop_assert_eq!(again.head().start_us, file.head().start_us);
        prop_assert_eq!((found.label.as_str(), found.unit.as_str()), ("II", "mV"));
        prop_assert!((found.rate.hertz() / f64::from(rate) - 1.0).abs() < 1e-3);
        prop_assert_eq!(found.runs.len(), 2);
        prop_assert_eq!(found.runs[1].start_us, later);
        let mut read = Vec::new();
        again.samples(0, 0..samples.len() as u64, &mut read).unwrap();
        for (read, meant) in read.into_iter().zip(samples) {
            let meant = f64::from(meant) * 10_f64.powi(-decimals);
            prop_assert!((found.value(read).unwrap() - meant).abs() < 1e-9);
        }
    }

    #[test]
    fn no_text_is_too_strange(text in "[-0-9a-zA-Z.,;:\t #\"'\n\r\u{e4}]{0,300}") {
        if let Ok(file) = open("x", text.as_bytes()) {
            let mut out = Vec::new();
            write(&file, &mut out).unwrap();
        }
    }
}
