//! What the writer decides.

use super::super::annotations;
use super::kit::{Made, opened, saved, values};
use crate::recording::{Mark, NumericTrack, Run, Samples};

fn text(files: &super::kit::Files, name: &str) -> String {
    String::from_utf8(files[name].clone()).unwrap()
}

#[test]
fn the_format_is_as_wide_as_the_samples_need() {
    for (sample, format) in [
        (32_767, "16"),
        (-32_767, "16"),
        // The lowest number of a format says "no sample".
        (-32_768, "24"),
        (8_388_607, "24"),
        (-8_388_608, "32"),
    ] {
        let (files, written) = saved(&Made::new(vec![(250.0, vec![0, sample])]), "r").unwrap();
        let header = text(&files, "r.hea");
        assert!(header.contains(&format!("r.dat {format} 200(0)/mV")), "{header}");
        assert!(written.notes.is_empty(), "{:?}", written.notes);
    }
}

#[test]
fn a_zero_between_two_steps_makes_the_steps_finer() {
    // An EDF channel of -3200 to 3200 uV on -32,768 to 32,767 has its zero half a step beside 0.
    let mut made = Made::new(vec![(256.0, vec![-32_768, 0, 32_767])]);
    let resolution = 6_400.0 / 65_535.0;
    made.head.channels[0].resolution = resolution;
    made.head.channels[0].zero = 0.5 * resolution;
    let (files, written) = saved(&made, "r").unwrap();
    assert!(written.notes.is_empty(), "{:?}", written.notes);
    assert!(text(&files, "r.hea").contains("r.dat 24 "));
    let record = opened(&files, "r.hea").unwrap();
    let found: Vec<f64> = values(&record, 0).into_iter().flatten().collect();
    for (found, wanted) in found.iter().zip([-3_200.0, 0.5 * resolution, 3_200.0]) {
        assert!((found - wanted).abs() < 1e-9, "{found} {wanted}");
    }
    // One that no steps meet is off by less than anyone can see, and says so.
    made.head.channels[0].zero = std::f64::consts::PI * resolution;
    let (_, written) = saved(&made, "r").unwrap();
    assert!(
        written.notes[0].contains("all values are off by"),
        "{:?}",
        written.notes
    );
}

#[test]
fn rates_that_are_multiples_share_a_record_and_others_have_their_own() {
    let made = Made::new(vec![
        (250.0, vec![1; 500]),
        (62.5, vec![2; 125]),
        (1.0, vec![3; 2]),
        (360.0, vec![4; 720]),
    ]);
    let (files, written) = saved(&made, "r").unwrap();
    assert_eq!(written.records, ["r", "r_2", "r_3"]);
    assert_eq!(written.notes.len(), 2, "{:?}", written.notes);
    assert!(text(&files, "r.hea").starts_with("r 2 62.5 125\nr.dat 16x4 "));
    assert!(text(&files, "r_2.hea").starts_with("r_2 1 1 2\n"));
    assert!(text(&files, "r_3.hea").starts_with("r_3 1 360 720\n"));
}

#[test]
fn marks_keep_their_time_words_and_codes() {
    let mark = |at_us, code: &str, text: &str, duration_us| Mark {
        at_us,
        duration_us,
        channel: None,
        code: code.to_owned(),
        text: text.to_owned(),
    };
    let long = "ä".repeat(200);
    let mut made = Made::new(vec![(360.0, vec![0; 720])]);
    made.head.marks = vec![
        mark(-50_000, "N", "", None),
        mark(213_889, "V", "", None),
        mark(1_000_001, "", "Sleep stage W", Some(30_500_000)),
        mark(1_500_000, "XLSpike", "seen", None),
        mark(2_000_000, "two words", "said", None),
        mark(3_000_000_000_000, "", &long, None),
    ];
    let (files, _) = saved(&made, "r").unwrap();
    let mut record = opened(&files, "r.hea").unwrap();
    record.annotate(&annotations(&files["r.atr"]).unwrap());
    let found = &record.head().marks;
    assert_eq!(found[..2], made.head.marks[..2]);
    assert_eq!(
        (found[2].text.as_str(), found[2].duration_us),
        ("Sleep stage W", Some(30_500_000))
    );
    assert_eq!(found[2].at_us, 1_000_001);
    assert_eq!(found[3], made.head.marks[3]);
    assert_eq!(
        (found[4].code.as_str(), found[4].text.as_str()),
        ("\"", "two words said")
    );
    assert_eq!(format!("{}{}", found[5].text, found[6].text), long);
    assert_eq!(found[5].at_us, found[6].at_us);
}

#[test]
fn what_has_no_place_is_said_or_refused() {
    let mut made = Made::new(vec![(250.0, vec![1, 2]), (250.0, Vec::new())]);
    made.head.channels[0].unit = "mm[Hg] °".to_owned();
    made.head.start_us = Some(i64::MAX);
    made.head.numerics = vec![NumericTrack {
        label: "HR".to_owned(),
        unit: String::new(),
        points: Vec::new(),
    }];
    let (files, written) = saved(&made, "r").unwrap();
    let notes = written.notes.join("\n");
    for expected in [
        "lead 1: left out",
        "1 tracks of irregular numbers",
        "is written as mmHg_deg",
        "without a date",
    ] {
        assert!(notes.contains(expected), "{notes}");
    }
    assert!(text(&files, "r.hea").contains("/mmHg_deg "));
    assert!(saved(&made, "../r").is_err());
    assert!(saved(&Made::new(Vec::new()), "r").is_err());
    // Ten years between two samples.
    let mut made = Made::new(vec![(250.0, vec![1, 2])]);
    let run = |start_us, first| Run {
        start_us,
        first,
        count: 1,
    };
    made.head.channels[0].runs = vec![run(0, 0), run(315_360_000_000_000, 1)];
    let said = saved(&made, "r").unwrap_err().to_string();
    assert!(said.contains("gaps are a thousand times longer"), "{said}");
}

#[test]
fn runs_that_overlap_are_counted_and_kept_whole() {
    let mut made = Made::new(vec![(250.0, vec![1, 2, 3, 4])]);
    let run = |start_us, first| Run {
        start_us,
        first,
        count: 2,
    };
    made.head.channels[0].runs = vec![run(0, 0), run(0, 2)];
    let (files, written) = saved(&made, "r").unwrap();
    assert!(written.notes[0].contains("1 stretches overlap"), "{:?}", written.notes);
    let record = opened(&files, "r.hea").unwrap();
    assert_eq!(super::kit::all(&record, 0), [1, 2, 3, 4]);
    record.verify().unwrap();
}
