//! Beats of recordings beside what their annotators marked (`../shared/data`, where it is there).
//!
//! A beat is found when one is told within 150 ms of it; each is paired once. Nothing is left out: not the first minutes,
//! not noise. Se is the part of the beats that were found, +P the part of what was found that are beats.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what reads the recordings is a test as well"
)]

use std::path::{Path, PathBuf};

use model::SampleRate;
use signal::{NO_SAMPLE_WIDE, beats};
use wire::recording::{RecordingError, Samples};
use wire::wfdb;

const WINDOW_S: f64 = 0.15;

struct Record {
    rate: f64,
    step_mv: f64,
    samples: Vec<i32>,
}

fn data() -> Option<PathBuf> {
    let dir = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared/data"));
    if dir.is_dir() {
        return Some(dir);
    }
    println!("left out: 1 tests that need ../shared/data");
    None
}

/// The first channel that is called so.
fn record(dir: &Path, name: &str, label: &str) -> Record {
    let mut files = |file: &str| std::fs::read(dir.join(file)).map_err(|e| RecordingError::new(file, e.to_string()));
    let opened = wfdb::open(&format!("{name}.hea"), &mut files).unwrap();
    let channels = &opened.head().channels;
    let number = channels.iter().position(|c| c.label == label).unwrap();
    let channel = &channels[number];
    let last = channel.runs.last().unwrap();
    let mut samples = Vec::new();
    opened
        .samples(number, 0..last.first + last.count, &mut samples)
        .unwrap();
    assert_eq!(NO_SAMPLE_WIDE, wire::recording::NO_SAMPLE_WIDE);
    Record {
        rate: channel.rate.hertz(),
        step_mv: channel.resolution,
        samples,
    }
}

/// Seconds at which an annotator marked beats. `rate` is that of the record's frames.
fn marked(dir: &Path, file: &str, rate: f64) -> Vec<f64> {
    let marks = wfdb::annotations(&std::fs::read(dir.join(file)).unwrap()).unwrap();
    let rate = marks.resolution.unwrap_or(rate);
    marks
        .list
        .iter()
        .filter(|m| m.is_beat())
        .map(|m| m.at as f64 / rate)
        .collect()
}

fn found(record: &Record) -> Vec<f64> {
    let rate = SampleRate::from_hertz(record.rate).unwrap();
    let found = beats(rate, Some(record.step_mv), &record.samples).unwrap();
    found.iter().map(|b| b.at as f64 / record.rate).collect()
}

/// Sensitivity and positive predictivity.
fn score(marked: &[f64], found: &[f64]) -> (f64, f64) {
    let (mut m, mut f, mut pairs) = (0, 0, 0_u32);
    while m < marked.len() && f < found.len() {
        let apart = found[f] - marked[m];
        let nearer = |other: Option<&f64>, one: f64| other.is_some_and(|o| (o - one).abs() < apart.abs());
        if apart < -WINDOW_S || (apart < 0.0 && nearer(found.get(f + 1), marked[m])) {
            f += 1;
        } else if apart > WINDOW_S || (apart > 0.0 && nearer(marked.get(m + 1), found[f])) {
            m += 1;
        } else {
            pairs += 1;
            m += 1;
            f += 1;
        }
    }
    (
        f64::from(pairs) / marked.len() as f64,
        f64::from(pairs) / found.len() as f64,
    )
}

/// The same lead at another rate, by straight lines.
fn at_rate(record: &Record, rate: f64) -> Record {
    let count = (record.samples.len() as f64 * rate / record.rate) as usize - 2;
    let samples = (0..count).map(|n| {
        let at = n as f64 * record.rate / rate;
        let (before, part) = (at as usize, at.fract());
        let pair = [record.samples[before], record.samples[before + 1]].map(f64::from);
        (pair[0] + (pair[1] - pair[0]) * part).round() as i32
    });
    Record {
        rate,
        step_mv: record.step_mv,
        samples: samples.collect(),
    }
}

/// Least sensitivity and positive predictivity.
const GOALS: [(&str, f64); 5] = [
    ("100", 0.99),
    ("106", 0.97),
    ("119", 0.99),
    ("203", 0.97),
    ("208", 0.97),
];

#[test]
fn five_records_of_mit_bih() {
    let Some(dir) = data().map(|d| d.join("mitdb")) else {
        return;
    };
    for (name, goal) in GOALS {
        let record = record(&dir, name, "MLII");
        let marked = marked(&dir, &format!("{name}.atr"), record.rate);
        let (sensitivity, predictivity) = score(&marked, &found(&record));
        println!(
            "{name}: {} beats, Se {sensitivity:.4}, +P {predictivity:.4}",
            marked.len()
        );
        assert!(
            sensitivity >= goal && predictivity >= goal,
            "{name}: {sensitivity:.4} {predictivity:.4}"
        );
    }
}

#[test]
fn and_at_other_rates() {
    let Some(dir) = data().map(|d| d.join("mitdb")) else {
        return;
    };
    for (name, goal) in GOALS {
        let record = record(&dir, name, "MLII");
        let marked = marked(&dir, &format!("{name}.atr"), record.rate);
        for rate in [100.0, 125.0, 250.0, 500.0, 1_000.0] {
            let (sensitivity, predictivity) = score(&marked, &found(&at_rate(&record, rate)));
            println!("{name} at {rate}: Se {sensitivity:.4}, +P {predictivity:.4}");
            assert!(
                sensitivity >= goal && predictivity >= goal,
                "{name} at {rate}: {sensitivity:.4} {predictivity:.4}"
            );
        }
    }
}

#[test]
fn beats_stand_where_the_annotators_put_them() {
    let Some(dir) = data().map(|d| d.join("mitdb")) else {
        return;
    };
    let record = record(&dir, "100", "MLII");
    let found = found(&record);
    let mut off: Vec<f64> = marked(&dir, "100.atr", record.rate)
        .iter()
        .filter_map(|m| found.iter().map(|f| (f - m).abs()).min_by(f64::total_cmp))
        .collect();
    off.sort_by(f64::total_cmp);
    // Of a hundred beats 99 within 10 ms.
    let most = off[off.len() * 99 / 100];
    assert!(most <= 0.010, "{most}");
}

#[test]
fn an_intensive_care_lead_as_other_detectors_mark_it() {
    let Some(dir) = data().map(|d| d.join("icu-wfdb")) else {
        return;
    };
    let record = record(&dir, "03700181", "MCL1");
    assert!((record.rate - 500.0).abs() < 1e-9);
    let found = found(&record);
    // Two detectors of PhysioNet, each in its own time resolution. What both mark is a beat.
    let first = marked(&dir, "03700181.gqrsh", 500.0);
    let second = marked(&dir, "03700181.sqrs", 250.0);
    let is_in_both = |a: &f64| second.iter().any(|b| (a - b).abs() <= WINDOW_S);
    let both: Vec<f64> = first.into_iter().filter(is_in_both).collect();
    let (sensitivity, _) = score(&both, &found);
    assert!(sensitivity >= 0.995, "{sensitivity:.4} of {}", both.len());
    // They leave out some 3 to 6 % that we find. The rhythm says who is right: it is a regular one of 122 a minute.
    let intervals: Vec<f64> = found.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let irregular = intervals.iter().filter(|i| (**i - 0.490).abs() > 0.030).count();
    assert!(irregular * 50 <= intervals.len(), "{irregular} of {}", intervals.len());
}

#[test]
fn the_leads_of_one_heart_beat_together() {
    let Some(dir) = data() else { return };
    let twelve_and_three = [
        "i", "ii", "iii", "avr", "avl", "avf", "v1", "v2", "v3", "v4", "v5", "v6", "vx", "vy", "vz",
    ];
    let hearts: [(&str, &str, &[&str], usize); 2] = [
        ("diag12", "s0010_re", &twelve_and_three, 52),
        ("icu-wfdb", "mixedsignals", &["II", "III", "V"], 392),
    ];
    for (folder, name, leads, count) in hearts {
        let leads = leads.iter().map(|lead| found(&record(&dir.join(folder), name, lead)));
        let leads: Vec<Vec<f64>> = leads.collect();
        for lead in &leads {
            assert_eq!(lead.len(), count, "{name}");
            assert_eq!(score(&leads[0], lead), (1.0, 1.0), "{name}");
        }
    }
}
