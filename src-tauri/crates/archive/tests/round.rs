//! A recording keeps its values on the way in, in history, and on the way out.

#![expect(clippy::unwrap_used, reason = "tests: what does not fit ends them")]

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use archive::{Format, Opened, SESSIONS, Stay, import, write};
use model::ReceiptTime;
use store::{Reader, Span, verify_file};
use wire::recording::{NO_SAMPLE_WIDE, Samples};

const FILES: [&str; 9] = [
    "mitdb/100.hea",
    "icu-wfdb/03700181.hea",
    "icu-wfdb/a103l.hea",
    "icu-wfdb/mixedsignals.hea",
    "icu-wfdb/s25047/s25047-2704-05-04-10-44.hea",
    "wfdb-formats/binformats.hea",
    "edf/test_generator.edf",
    "csv/bidmc_01_Signals.csv",
    "vital/a103l.vital",
];

/// The shared recordings, where they are.
fn shared() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3).unwrap();
    let data = root.join("../shared/data");
    if !data.is_dir() {
        println!("left out: 1 tests that need ../shared/data");
        return None;
    }
    Some(data)
}

fn on(_: f64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// Label, and every value with its time in microseconds since 1970; where there is none, nothing.
fn values(samples: &dyn Samples) -> Vec<(String, Vec<(i64, f64)>)> {
    let head = samples.head();
    let start = head.start_us.unwrap_or(946_684_800_000_000);
    let channels = head.channels.iter().enumerate().map(|(number, channel)| {
        let mut values = Vec::new();
        for run in &channel.runs {
            let mut raw = Vec::new();
            samples
                .samples(number, run.first..run.first + run.count, &mut raw)
                .unwrap();
            for (index, sample) in (0..).zip(raw) {
                if sample != NO_SAMPLE_WIDE {
                    let at = start + run.start_us + channel.rate.micros_of(index);
                    values.push((at, channel.zero + channel.resolution * f64::from(sample)));
                }
            }
        }
        (channel.label.clone(), values)
    });
    channels.collect()
}

fn same(name: &str, a: &[(String, Vec<(i64, f64)>)], b: &[(String, Vec<(i64, f64)>)]) {
    assert_eq!(a.len(), b.len(), "{name}: channels");
    for ((label, a), (other, b)) in a.iter().zip(b) {
        assert_eq!(label, other, "{name}");
        assert_eq!(a.len(), b.len(), "{name} {label}: values");
        let range = a.iter().map(|(_, v)| v.abs()).fold(1e-9, f64::max);
        for ((at, x), (when, y)) in a.iter().zip(b) {
            assert!((at - when).abs() <= 1, "{name} {label}: {at} is now {when}");
            assert!((x - y).abs() <= range * 1e-9, "{name} {label} at {at}: {x} is now {y}");
        }
    }
}

fn stay(reader: &Reader) -> Stay<'_> {
    let bed = reader.beds().unwrap().remove(0).bed.id;
    let span = Span {
        bed,
        encounter: None,
        from: ReceiptTime::from_micros(i64::MIN),
        until: ReceiptTime::from_micros(i64::MAX),
    };
    Stay::read(reader, span).unwrap()
}

#[test]
fn every_shared_recording_is_the_same_as_opened_as_imported_and_as_written_again() {
    let Some(data) = shared() else { return };
    let dir = tempfile::tempdir().unwrap();
    for name in FILES {
        let opened = Opened::open(&data.join(name)).unwrap();
        let expected = values(opened.samples());
        assert!(expected.iter().any(|(_, v)| !v.is_empty()), "{name} has values");
        let imported = import(&data.join(name), dir.path(), &mut on).unwrap();
        let report = verify_file(&imported.file).unwrap();
        assert!(report.findings.is_empty(), "{name}: {:?}", report.findings);
        let reader = Reader::open_file(&imported.file).unwrap();
        let stay = stay(&reader);
        let kept: Vec<_> = values(&stay).into_iter().collect();
        let lasting: Vec<_> = expected.iter().filter(|(_, v)| !v.is_empty()).cloned().collect();
        let kept: Vec<_> = kept.into_iter().filter(|(_, v)| !v.is_empty()).collect();
        same(name, &sorted(lasting.clone()), &sorted(kept));
        let out = dir.path().join("out").join(imported.bed.as_str().replace('.', "-"));
        std::fs::create_dir_all(out.parent().unwrap()).unwrap();
        let written = write(&stay, Format::Wfdb, &out, &mut on).unwrap();
        let headers = written
            .files
            .iter()
            .filter(|f| f.extension().is_some_and(|e| e == "hea"));
        let mut again = Vec::new();
        for header in headers {
            again.extend(values(Opened::open(header).unwrap().samples()));
        }
        let again: Vec<_> = again.into_iter().filter(|(_, v)| !v.is_empty()).collect();
        same(name, &sorted(lasting), &sorted(again));
    }
}

/// Lanes of one label may change places between a file and history.
fn sorted(mut channels: Vec<(String, Vec<(i64, f64)>)>) -> Vec<(String, Vec<(i64, f64)>)> {
    channels.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.len().cmp(&b.1.len())));
    channels
}

/// A hundred seconds of a saw at 50 Hz, and a number.
fn table(dir: &Path) -> PathBuf {
    let rows = (0..5_000).map(|n| format!("{:.2},{},{}\n", f64::from(n) / 50.0, n % 100, 60 + n % 7));
    let text: String = std::iter::once("time_s,II [mV],ABP [mmHg]\n".to_owned())
        .chain(rows)
        .collect();
    let path = dir.join("saw.csv");
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn an_import_that_is_stopped_or_cannot_be_read_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let stopped = import(&table(dir.path()), &data, &mut |_| ControlFlow::Break(()));
    assert!(stopped.unwrap_err().to_string().contains("stopped"));
    let cut = dir.path().join("cut.edf");
    std::fs::write(&cut, b"0       ").unwrap();
    assert!(import(&cut, &data, &mut on).is_err());
    let left: Vec<_> = std::fs::read_dir(data.join(SESSIONS)).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn the_same_recording_twice_is_two_beds() {
    let dir = tempfile::tempdir().unwrap();
    let (data, file) = (dir.path().join("data"), table(dir.path()));
    let beds = [(); 2].map(|()| import(&file, &data, &mut on).unwrap().bed.to_string());
    assert_eq!(beds, ["saw", "saw-2"]);
}

#[test]
fn the_envelope_of_a_file_has_the_extremes_of_its_samples_at_any_zoom() {
    let dir = tempfile::tempdir().unwrap();
    let opened = Opened::open(&table(dir.path())).unwrap();
    let start = opened.start().as_micros();
    for (from, until, pixels) in [(0, 100, 10), (3, 4, 1_500), (10, 90, 333), (0, 100, 1)] {
        let at = |second: i64| ReceiptTime::from_micros(start + second * 1_000_000);
        let bins = opened.envelope(0, at(from), at(until), pixels).unwrap().bins;
        let expected = values(opened.samples()).remove(0).1;
        let inside = |(when, _): &&(i64, f64)| (at(from).as_micros()..at(until).as_micros()).contains(when);
        let (mut low, mut high) = (f64::MAX, f64::MIN);
        for (_, value) in expected.iter().filter(inside) {
            (low, high) = (low.min(*value), high.max(*value));
        }
        let drawn = bins
            .iter()
            .fold((f64::MAX, f64::MIN), |(l, h), b| (l.min(b.low), h.max(b.high)));
        assert_eq!(drawn, (low, high), "{from}..{until} in {pixels}");
        assert!(bins.len() <= usize::try_from(pixels).unwrap());
    }
}
