//! Every record in `../shared/data`, where it is there, against `EXPECTED.json`.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::super::{Annotations, Record, annotations, open};
use super::kit::{all, opened, saved, values};
use crate::recording::{NO_SAMPLE_WIDE, RecordingError, Samples};

/// The shared recordings, or a line that says how many tests are left out.
fn shared() -> Option<(PathBuf, Value)> {
    let dir = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared/data"));
    let Ok(text) = std::fs::read_to_string(dir.join("EXPECTED.json")) else {
        println!("left out: 1 tests that need ../shared/data");
        return None;
    };
    Some((dir, serde_json::from_str(&text).unwrap()))
}

fn from_disk(header: &Path) -> Result<Record, RecordingError> {
    let folder = header.parent().unwrap();
    let name = header.file_name().unwrap().to_str().unwrap();
    open(name, &mut |name| {
        std::fs::read(folder.join(name)).map_err(|e| RecordingError::new(name, e.to_string()))
    })
}

/// Samples in a frame, as the header's record line has frames.
fn per_frame(record: &Record, channel: usize, frames: usize) -> usize {
    let longest = values(record, channel).len();
    longest.div_ceil(frames)
}

/// Units at each frame. The reference tool averages several samples a frame to a whole step (towards zero) and has no value
/// where one is missing.
fn frames(record: &Record, channel: usize, frames: usize) -> Vec<Option<f64>> {
    let width = per_frame(record, channel, frames);
    let about = &record.head().channels[channel];
    let mut found: Vec<Option<f64>> = if width == 1 {
        values(record, channel)
    } else {
        let baseline = -about.zero / about.resolution;
        let mean = |f: &[i32]| f.iter().sum::<i32>() / i32::try_from(width).unwrap();
        let value = |f: &[i32]| {
            let whole = !f.contains(&NO_SAMPLE_WIDE);
            whole.then(|| (f64::from(mean(f)) - baseline) * about.resolution)
        };
        all(record, channel).chunks_exact(width).map(value).collect()
    };
    found.resize(frames, None);
    found
}

fn compare(name: &str, record: &Record, channel: usize, expected: &Value) {
    let count = usize::try_from(expected["n"].as_u64().unwrap()).unwrap();
    let frames = frames(record, channel, count);
    let about = &record.head().channels[channel];
    assert_eq!(
        expected["sig_name"][channel].as_str(),
        Some(about.label.as_str()),
        "{name}"
    );
    assert_eq!(expected["units"][channel].as_str(), Some(about.unit.as_str()), "{name}");
    let present: Vec<f64> = frames.iter().copied().flatten().collect();
    let missing = (frames.len() - present.len()) as u64;
    assert_eq!(
        expected["nan"][channel].as_u64(),
        Some(missing),
        "{name} {channel}: missing"
    );
    let near = |what: &str, found: f64, tolerance: f64| {
        let wanted = expected[what][channel].as_f64().unwrap();
        assert!(
            (found - wanted).abs() <= tolerance,
            "{name} {channel} {what}: {found} {wanted}"
        );
    };
    // EXPECTED.json holds six decimals.
    near("min", present.iter().copied().fold(f64::MAX, f64::min), 1e-6);
    near("max", present.iter().copied().fold(f64::MIN, f64::max), 1e-6);
    near(
        "mean",
        present.iter().sum::<f64>() / f64::from(u32::try_from(present.len()).unwrap()),
        2e-6,
    );
    for (found, wanted) in frames.iter().zip(expected["first5"][channel].as_array().unwrap()) {
        match (found, wanted.as_f64()) {
            (Some(found), Some(wanted)) => assert!((found - wanted).abs() <= 1e-6, "{name}: {found} {wanted}"),
            (None, None) => {}
            (found, wanted) => panic!("{name} {channel}: {found:?} {wanted:?}"),
        }
    }
}

fn compare_annotations(name: &str, found: &Annotations, expected: &Value) {
    // Notes at 0 say how the file was made; the reference tool leaves them out.
    let list: Vec<_> = found.list.iter().filter(|a| !(a.at == 0 && a.code == 22)).collect();
    assert_eq!(expected["n"].as_u64(), Some(list.len() as u64), "{name}");
    let first = expected["first10"].as_array().unwrap().iter().filter_map(Value::as_i64);
    assert!(first.eq(list.iter().take(10).map(|a| a.at)), "{name}");
    assert_eq!(expected["last"].as_i64(), list.last().map(|a| a.at), "{name}");
    let marks = found.marks(1.0, 1);
    for (symbol, count) in expected["symbols"].as_object().unwrap() {
        let same = marks
            .iter()
            .filter(|m| m.code == *symbol && !m.text.starts_with("gqrs"));
        assert_eq!(Some(same.count() as u64), count.as_u64(), "{name} {symbol}");
    }
    for (text, count) in expected["aux"].as_object().unwrap() {
        let same = list.iter().filter(|a| a.text == *text).count() as u64;
        assert_eq!(Some(same), count.as_u64(), "{name} {text:?}");
    }
}

/// The records of `EXPECTED.json` that are WFDB and readable.
fn records(expected: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let all = expected["records"].as_object().unwrap().iter();
    all.filter(|(_, e)| e["sig_name"].is_array() && e["error"].is_null())
}

#[test]
fn every_shared_record_reads_as_the_reference_says() {
    let Some((dir, expected)) = shared() else { return };
    let (mut signals, mut files) = (0, 0);
    for (name, expected) in records(&expected) {
        let record = from_disk(&dir.join(format!("{name}.hea"))).unwrap();
        record.verify().unwrap();
        assert_eq!(
            expected["sig_name"].as_array().unwrap().len(),
            record.head().channels.len()
        );
        for channel in 0..record.head().channels.len() {
            compare(name, &record, channel, expected);
            signals += 1;
        }
        let comments = expected["comments"].as_array().unwrap();
        for comment in comments {
            let found = record.head().notes.iter().any(|n| Some(n.as_str()) == comment.as_str());
            assert!(found, "{name}: {comment}");
        }
    }
    for (name, expected) in expected["records"].as_object().unwrap() {
        for (kind, expected) in expected["ann"].as_object().into_iter().flatten() {
            let bytes = std::fs::read(dir.join(format!("{name}.{kind}"))).unwrap();
            let found = annotations(&bytes).unwrap();
            compare_annotations(&format!("{name}.{kind}"), &found, expected);
            assert_eq!(annotations(&found.to_bytes().unwrap()).unwrap(), found, "{name}.{kind}");
            files += 1;
        }
    }
    println!("{signals} signals and {files} annotation files compared");
    assert!(signals >= 100 && files >= 10, "{signals} {files}");
}

#[test]
fn every_shared_record_is_written_and_read_as_the_same() {
    let Some((dir, expected)) = shared() else { return };
    for (name, _) in records(&expected) {
        let mut record = from_disk(&dir.join(format!("{name}.hea"))).unwrap();
        for kind in ["atr", "gqrsh"] {
            if let Ok(bytes) = std::fs::read(dir.join(format!("{name}.{kind}"))) {
                record.annotate(&annotations(&bytes).unwrap());
            }
        }
        let (files, written) = saved(&record, "copy").unwrap();
        let mut copies: Vec<Record> = Vec::new();
        for part in &written.records {
            copies.push(opened(&files, &format!("{part}.hea")).unwrap());
        }
        if let Some(bytes) = files.get("copy.atr") {
            copies[0].annotate(&annotations(bytes).unwrap());
        }
        assert_eq!(copies[0].head().start_us, record.head().start_us, "{name}");
        let shown = |r: &Record| {
            r.head()
                .marks
                .iter()
                .map(|m| (m.at_us, m.code.clone(), m.text.clone()))
                .collect::<Vec<_>>()
        };
        assert_eq!(shown(&copies[0]), shown(&record), "{name}");
        let found: Vec<(&Record, usize)> = copies
            .iter()
            .flat_map(|copy| (0..copy.head().channels.len()).map(move |at| (copy, at)))
            .collect();
        assert_eq!(found.len(), record.head().channels.len(), "{name}");
        for (channel, (copy, at)) in found.into_iter().enumerate() {
            copy.verify().unwrap();
            let (old, new) = (&record.head().channels[channel], &copy.head().channels[at]);
            assert_eq!(
                (&old.label, &old.unit, old.rate),
                (&new.label, &new.unit, new.rate),
                "{name}"
            );
            let (mut wanted, mut found) = (values(&record, channel), values(copy, at));
            let length = wanted.len().max(found.len());
            wanted.resize(length, None);
            found.resize(length, None);
            let same = |(a, b): (&Option<f64>, &Option<f64>)| match (a, b) {
                (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * a.abs().max(1.0),
                (a, b) => a == b,
            };
            assert!(wanted.iter().zip(&found).all(same), "{name} {channel}");
        }
    }
}

#[test]
fn a_range_is_what_it_is_in_the_whole() {
    let Some((dir, _)) = shared() else { return };
    for name in [
        "icu-wfdb/mixedsignals",
        "icu-wfdb/s25047/s25047-2704-05-04-10-44",
        "wfdb-formats/binformats",
    ] {
        let record = from_disk(&dir.join(format!("{name}.hea"))).unwrap();
        for channel in 0..record.head().channels.len() {
            let whole = all(&record, channel);
            for (from, to) in [(0, 1), (1, 2), (7, 300), (400, 498), (497, 499)] {
                let mut part = Vec::new();
                record.samples(channel, from..to, &mut part).unwrap();
                let (from, to) = (usize::try_from(from).unwrap(), usize::try_from(to).unwrap());
                assert_eq!(part, whole[from..to], "{name} {channel}");
            }
        }
    }
}

#[test]
fn ten_thousand_million_is_reached_by_skips() {
    let Some((dir, _)) = shared() else { return };
    let bytes = std::fs::read(dir.join("wfdb-formats/huge.qrs")).unwrap();
    let found = annotations(&bytes).unwrap();
    assert_eq!(found.list.iter().map(|a| a.at).collect::<Vec<_>>(), [10_000_000_000]);
    assert_eq!(annotations(&found.to_bytes().unwrap()).unwrap(), found);
}

#[test]
fn a_layout_alone_has_its_channels_and_no_samples() {
    let Some((dir, _)) = shared() else { return };
    let record = from_disk(&dir.join("icu-wfdb/s25047/3234460_layout.hea")).unwrap();
    assert_eq!(record.head().channels.len(), 3);
    assert!(record.head().channels.iter().all(|c| c.runs.is_empty()));
    let absent = from_disk(&dir.join("wfdb-formats/1003.hea")).unwrap_err().to_string();
    assert!(absent.starts_with("1003.dat: "), "{absent}");
}
