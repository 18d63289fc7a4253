//! What holds of every page, whatever is on it.

#![allow(clippy::unwrap_used, reason = "a test")]

use model::{GenerationMode, Patient, PatientId, Redacted};

use crate::heading::MARGIN;
use crate::kit::{after, heading, print, ward, wave};
use crate::sheet::{Ink, Label, Shape};
use crate::{Asked, PageKind, Pages, Strip, from_history};

const KINDS: [PageKind; 4] = [PageKind::Strip, PageKind::Trend, PageKind::Alerts, PageKind::Stay];

fn asked() -> Asked {
    Asked {
        bed: ward::bed(),
        from: None,
        until: None,
        print: print(),
    }
}

fn labels(pages: &Pages) -> Vec<Vec<&Label>> {
    let mut all = Vec::new();
    for sheet in &pages.sheets {
        let words = sheet.shapes.iter().filter_map(|shape| match shape {
            Shape::Words(label) => Some(label),
            Shape::Line { .. } | Shape::Area { .. } | Shape::Disc { .. } => None,
        });
        all.push(words.collect());
    }
    all
}

fn overlap(a: [f64; 4], b: [f64; 4]) -> bool {
    const TOUCH: f64 = 0.05;
    a[0] + TOUCH < b[2] && b[0] + TOUCH < a[2] && a[1] + TOUCH < b[3] && b[1] + TOUCH < a[3]
}

fn laws(pages: &Pages, what: &str) {
    for (page, (sheet, labels)) in pages.sheets.iter().zip(labels(pages)).enumerate() {
        let plain: Vec<_> = labels.iter().filter(|l| l.ink != Ink::WATERMARK).collect();
        for (index, label) in plain.iter().enumerate() {
            let [left, top, right, bottom] = label.bounds();
            let (wide, tall) = (sheet.width - MARGIN + 5.0, sheet.height - 4.0);
            let is_on = left > MARGIN - 0.1 && top > 5.0 && right < wide && bottom < tall;
            assert!(is_on, "{what}, page {page}: {label:?} leaves the page");
            for other in &plain[index + 1..] {
                let hit = overlap(label.bounds(), other.bounds());
                assert!(!hit, "{what}, page {page}: {:?} lies on {:?}", label.text, other.text);
            }
        }
        let has = |words: &str| labels.iter().any(|l| l.text.contains(words));
        assert!(
            has("Supplementary display") && has("Wardlight 0.1.0") && has("Printed 2026-"),
            "{what}"
        );
        assert!(has(&format!("Page {} of {}", page + 1, pages.count())), "{what}");
        assert!(!labels.iter().any(|l| l.size < 4.0), "{what}: words too small to read");
    }
}

#[test]
fn words_never_overlap_and_every_page_says_whose_it_is() {
    let dir = tempfile::tempdir().unwrap();
    ward::day(dir.path(), GenerationMode::Demo);
    let reader = store::Reader::open(dir.path()).unwrap();
    for kind in KINDS {
        let pages = from_history(&reader, kind, &asked()).unwrap();
        laws(&pages, &format!("{kind:?}"));
        for labels in labels(&pages) {
            let has = |words: &str| labels.iter().any(|l| l.text == words);
            assert!(has("DEMO, Bed 07") && has("DEMO-0007"), "{kind:?}: two identifiers");
            let marks = labels.iter().filter(|l| l.ink == Ink::WATERMARK).count();
            assert!(
                marks >= 3 && has("DEMO DATA – NOT A PATIENT"),
                "{kind:?}: the watermark"
            );
        }
    }
}

#[test]
fn a_name_as_long_as_may_be_stands_whole() {
    let square = (0..3_000)
        .map(|n| Some(if n % 200 < 100 { 1.0 } else { 0.0 }))
        .collect();
    let mut strip = Strip {
        heading: heading(15.0, GenerationMode::Real),
        waves: vec![wave("II", "mV", 200.0, square)],
        marks: Vec::new(),
    };
    let name = "DEMO, Maximiliana-Wilhelmine Quarterstone-Featherstonehaugh WWW";
    let number = "DEMO-0123456789-0123456789-0123456789-0123456789-0123456789-0123";
    strip.heading.patient = Some(Patient {
        id: Redacted(PatientId::new(number).unwrap()),
        name: Redacted(name.to_owned()),
    });
    let pages = strip.pages().unwrap();
    laws(&pages, "a long name");
    let joined = |wanted: &str| {
        wanted
            .split([' ', '-'])
            .all(|part| pages.words(0).concat().contains(part))
    };
    assert!(joined(name), "{:?}", pages.words(0));
    assert!(pages.words(0).concat().contains(number), "{:?}", pages.words(0));
}

#[test]
fn twelve_leads_stand_on_two_pages_and_none_is_left_out() {
    let leads = [
        "I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6",
    ];
    let beat = |n: usize| Some(if n % 400 < 20 { 0.9_f32 } else { 0.0 });
    let waves = leads.map(|lead| wave(lead, "mV", 500.0, (0..5_000).map(beat).collect()));
    let strip = Strip {
        heading: heading(10.0, GenerationMode::Real),
        waves: waves.to_vec(),
        marks: Vec::new(),
    };
    let pages = strip.pages().unwrap();
    laws(&pages, "twelve leads");
    assert_eq!(pages.count(), 3);
    let words: Vec<_> = (0..3).flat_map(|page| pages.words(page)).collect();
    for lead in leads {
        assert_eq!(words.iter().filter(|w| **w == lead).count(), 1, "{lead}");
    }
}

#[test]
fn what_cannot_be_printed_is_said() {
    let mut strip = Strip {
        heading: heading(601.0, GenerationMode::Real),
        waves: Vec::new(),
        marks: Vec::new(),
    };
    let said = |strip: &Strip| strip.pages().unwrap_err().to_string();
    assert!(said(&strip).contains("at most 600 s"), "{}", said(&strip));
    strip.heading.until = after(10.0);
    assert!(said(&strip).contains("no wave was recorded"), "{}", said(&strip));
}

#[test]
fn a_limit_far_beyond_all_values_is_not_drawn_at_the_edge() {
    let (from, until) = (after(0.0), after(600.0));
    let series = |limit: f64| crate::Series {
        label: "RR".to_owned(),
        bins: vec![crate::Bin {
            from,
            until,
            low: 12.0,
            median: 14.0,
            high: 16.0,
        }],
        intermittent: false,
        limits: vec![crate::LimitsSpan {
            from,
            until,
            low: None,
            high: Some(limit),
        }],
        summary: None,
    };
    let dashes = |limit: f64| {
        let panel = crate::Panel {
            label: "RR".to_owned(),
            unit: "/min".to_owned(),
            decimals: 0,
            series: vec![series(limit)],
            alerts: Vec::new(),
        };
        let trend = crate::Trend {
            heading: heading(600.0, GenerationMode::Real),
            bin_s: 600.0,
            panels: vec![panel],
        };
        let pages = trend.pages().unwrap();
        let is_limit = |shape: &&Shape| matches!(shape, Shape::Line { ink, .. } if *ink == Ink::LIMIT);
        pages.sheets[0].shapes.iter().filter(is_limit).count()
    };
    // Those of the key alone, and a row of them across the panel.
    assert!(
        dashes(120.0) < 10 && dashes(18.0) > 40,
        "{} {}",
        dashes(120.0),
        dashes(18.0)
    );
}

#[test]
fn a_trace_that_leaves_its_row_is_cut_and_said_and_never_flat() {
    let jump = |n: usize| Some(if (400..405).contains(&n) { 9.0 } else { 0.1 });
    let strip = Strip {
        heading: heading(10.0, GenerationMode::Real),
        waves: vec![wave("II", "mV", 500.0, (0..5_000).map(jump).collect())],
        marks: Vec::new(),
    };
    let pages = strip.pages().unwrap();
    let said = pages.words(0);
    let words = "II: 5 of 5000 samples beyond the row, cut at its edge";
    assert!(said.iter().any(|w| w.contains(words)), "{said:?}");
    let is_trace = |shape: &&Shape| matches!(shape, Shape::Line { ink, .. } if *ink == Ink::TRACE);
    let traces: Vec<_> = pages.sheets[0].shapes.iter().filter(is_trace).collect();
    // Before and after; four of the five samples' widths are left out.
    let [Shape::Line { points: before, .. }, Shape::Line { points: after, .. }] = traces.as_slice() else {
        panic!("{} lines", traces.len());
    };
    let (end, begin) = (before.last().unwrap(), after.first().unwrap());
    assert!((begin.0 - end.0 - 0.2).abs() < 0.1, "{end:?} to {begin:?}");
    assert!((begin.1 - end.1).abs() < 1e-6, "both at the edge");
}
