//! What is read from history for a page: whose, from when, and what it comes to.

#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod kit;

use std::time::Duration;

use kit::ward::{self, History};
use kit::{after, print};
use model::{Cause, GenerationMode, MetricCode, NumericTiming, Priority, Scale, Side};
use report::{Asked, PageKind, alerts, from_history, stay, strip, trend};
use store::Reader;

const SECOND: NumericTiming = NumericTiming::Every(Duration::from_secs(1));

fn asked() -> Asked {
    Asked {
        bed: ward::bed(),
        from: None,
        until: None,
        print: print(),
    }
}

fn history(mode: GenerationMode, tell: impl FnOnce(&mut History)) -> (tempfile::TempDir, Reader) {
    let dir = tempfile::tempdir().unwrap();
    let mut history = History::begin(dir.path(), mode);
    tell(&mut history);
    history.end();
    let reader = Reader::open(dir.path()).unwrap();
    (dir, reader)
}

#[test]
fn one_patients_numbers_never_stand_under_anothers_name() {
    let low = || Cause::Limit {
        metric: MetricCode::SpO2,
        side: Side::Low,
    };
    let (_dir, reader) = history(GenerationMode::Real, |history| {
        for second in 0..60 {
            history.number(f64::from(second), MetricCode::HeartRate, 150.0, SECOND);
        }
        history.alert(10.0, low(), Priority::High, None, Some(5.0));
        history.admit(60.0, "8", "DEMO, Second");
        for second in 60..120 {
            history.number(f64::from(second), MetricCode::HeartRate, 70.0, SECOND);
        }
        history.alert(70.0, low(), Priority::Low, None, Some(5.0));
    });
    let from = |second| Asked {
        from: Some(after(second)),
        until: Some(after(200.0)),
        ..asked()
    };
    for (second, name, value, priority) in [
        (0.0, "DEMO, Bed 07", 150.0, Priority::High),
        (65.0, "DEMO, Second", 70.0, Priority::Low),
    ] {
        let found = trend(&reader, &from(second)).unwrap();
        assert_eq!(found.heading.patient.as_ref().unwrap().name.0, name);
        let summary = found.panels[0].series[0].summary.unwrap();
        let range = (summary.low, summary.high);
        assert_eq!(range, (value, value), "nothing of the other patient");
        let found = alerts(&reader, &from(second)).unwrap();
        let priorities: Vec<_> = found.alerts.iter().map(|a| a.priority).collect();
        assert_eq!(priorities, [priority]);
    }
    assert_eq!(
        stay(&reader, &asked()).unwrap().heading.from,
        after(60.0),
        "a stay begins with it"
    );
}

#[test]
fn response_times_are_those_of_people() {
    let high = || Cause::Limit {
        metric: MetricCode::HeartRate,
        side: Side::High,
    };
    let (_dir, reader) = history(GenerationMode::Real, |history| {
        let who = "Ana Petrov";
        for (at, answered) in [(100.0, 10.0), (300.0, 90.0), (500.0, 20.0)] {
            history.alert(at, high(), Priority::Medium, Some((answered, who)), Some(100.0));
        }
        history.alert(700.0, high(), Priority::Medium, None, Some(15.0));
        history.alert(900.0, high(), Priority::High, None, None);
    });
    let pages = from_history(&reader, PageKind::Alerts, &asked()).unwrap();
    let words = pages.words(0);
    let under = |name: &str| words[words.iter().position(|w| *w == name).unwrap() + 1];
    assert_eq!(under("ALERTS"), "5");
    assert_eq!(under("HIGH · MEDIUM · LOW"), "1 · 4 · 0");
    assert_eq!(under("MEDIAN RESPONSE"), "20 s");
    assert_eq!(under("90 % ANSWERED WITHIN"), "1 min 30 s");
    assert_eq!(
        under("UNANSWERED"),
        "1",
        "over without an answer; the one that goes on is not"
    );
    // 90 s and 10 s and 80 s of acknowledged silence.
    assert_eq!(under("SILENT"), "3 min");
    assert!(words.contains(&"134 > 120") && words.contains(&"none yet"), "{words:?}");
    assert!(
        !words.iter().any(|w| w.contains("DEMO DATA")),
        "real data carry no watermark"
    );
}

#[test]
fn a_strip_is_the_last_that_was_recorded() {
    let (_dir, reader) = history(GenerationMode::Demo, |history| {
        let samples: Vec<i16> = (0..100 * 250).map(|n| if n % 250 < 20 { 200 } else { 0 }).collect();
        history.wave(0.0, MetricCode::EcgII, 250, Scale::new(0.005, 0.0).unwrap(), &samples);
    });
    let found = strip(&reader, &asked()).unwrap();
    assert_eq!((found.heading.from, found.heading.until), (after(80.0), after(100.0)));
    assert_eq!(found.heading.mode, GenerationMode::Demo, "said by the blocks");
    let samples: usize = found.waves[0].pieces.iter().map(|p| p.values.len()).sum();
    assert_eq!(samples, 20 * 250);
    let early = Asked {
        from: Some(after(5.0)),
        until: Some(after(12.5)),
        ..asked()
    };
    assert_eq!(strip(&reader, &early).unwrap().heading.until, after(12.5));
}

#[test]
fn a_bin_is_least_median_and_greatest() {
    let (_dir, reader) = history(GenerationMode::Real, |history| {
        for second in 0..20 {
            let value = if second == 7 {
                140.0
            } else {
                60.0 + f64::from(second % 5)
            };
            history.number(f64::from(second), MetricCode::HeartRate, value, SECOND);
        }
    });
    let span = Asked {
        from: Some(after(0.0)),
        until: Some(after(2_880.0)),
        ..asked()
    };
    let found = trend(&reader, &span).unwrap();
    assert!((found.bin_s - 10.0).abs() < 1e-9, "{}", found.bin_s);
    let bins = &found.panels[0].series[0].bins;
    let values: Vec<_> = bins.iter().map(|b| (b.low, b.median, b.high)).collect();
    assert_eq!(values, [(60.0, 62.0, 140.0), (60.0, 62.0, 64.0)]);
}

#[test]
fn a_gap_is_counted_and_measured() {
    let (_dir, reader) = history(GenerationMode::Real, |history| {
        for second in (0..100).chain(400..500) {
            history.number(f64::from(second), MetricCode::HeartRate, 70.0, SECOND);
        }
    });
    let found = stay(&reader, &asked()).unwrap();
    let heart = &found.recorded[0];
    assert_eq!(
        heart.stretches,
        [(after(0.0), after(100.0)), (after(400.0), after(500.0))]
    );
    let pages = found.pages();
    assert!(pages.words(0).contains(&"1 gap of 5 min"), "{:?}", pages.words(0));
}

#[test]
fn files_are_named_by_page_and_a_wrong_ending_is_said() {
    let (dir, reader) = history(GenerationMode::Real, |history| {
        let samples = vec![0_i16; 60 * 100];
        history.wave(0.0, MetricCode::EcgII, 100, Scale::new(0.005, 0.0).unwrap(), &samples);
    });
    let whole = Asked {
        from: Some(after(0.0)),
        until: Some(after(60.0)),
        ..asked()
    };
    let pages = from_history(&reader, PageKind::Strip, &whole).unwrap();
    assert_eq!(pages.count(), 2);
    let files = pages.write(&dir.path().join("out.svg")).unwrap();
    let names: Vec<_> = files.iter().map(|f| f.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, ["out-1.svg", "out-2.svg"]);
    assert_eq!(pages.write(&dir.path().join("out.pdf")).unwrap().len(), 1);
    let said = pages.write(&dir.path().join("out.doc")).unwrap_err().to_string();
    assert!(
        said.contains("out.doc") && said.contains(".pdf, .png or .svg"),
        "{said}"
    );
    let left: Vec<_> = std::fs::read_dir(dir.path())
        .unwrap()
        .filter_map(|e| e.unwrap().file_name().into_string().ok())
        .filter(|n| n.contains("part"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}
