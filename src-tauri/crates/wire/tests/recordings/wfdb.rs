//! WFDB records of others: written again, each in WFDB and in EDF+, and read by the tools of research.

use std::path::Path;

use serde_json::Value;
use wire::recording::{RecordingError, Samples};
use wire::wfdb;

use crate::kit::{expected, shared, values};
use crate::readers::{Python, floats, folder, read_by_pyedflib};

const WFDB: &str = r"
import sys, json, numpy, wfdb
out = []
for path in sys.argv[1:]:
    r = wfdb.rdrecord(path, physical=True, smooth_frames=False)
    for i, v in enumerate(r.e_p_signal):
        numpy.asarray(v).astype('<f8').tofile(f'{path}.{i}')
    out.append([[r.sig_name[i], float(r.fs) * r.samps_per_frame[i], f'{path}.{i}'] for i in range(r.n_sig)])
print(json.dumps(out))
";

fn open(dir: &Path, name: &str) -> wfdb::Record {
    let path = dir.join(format!("{name}.hea"));
    let beside = path.parent().unwrap();
    let mut files =
        |name: &str| std::fs::read(beside.join(name)).map_err(|error| RecordingError::new(name, error.to_string()));
    wfdb::open(path.file_name().unwrap().to_str().unwrap(), &mut files).unwrap()
}

/// Every record that has samples: of some there are annotations only, of others a layout.
fn records(dir: &Path) -> impl Iterator<Item = (String, wfdb::Record)> {
    let has_samples = |expected: &Value| expected["first5"].as_array().is_some_and(|list| !list.is_empty());
    expected(dir)
        .into_iter()
        .filter(move |(name, record)| !name.starts_with("edf/") && has_samples(record))
        .map(|(name, _)| (name.clone(), open(dir, &name)))
        .filter(|(_, record)| record.head().channels.iter().any(|channel| !channel.runs.is_empty()))
}

/// Writes WFDB, and says which records it became.
fn write(dir: &Path, name: &str, recording: &dyn Samples) -> Vec<String> {
    let written = wfdb::write(recording, &name.replace('/', "_"), &mut |file: &str| {
        let made = std::fs::File::create(dir.join(file)).map_err(|e| RecordingError::new(file, e.to_string()))?;
        Ok(Box::new(std::io::BufWriter::new(made)))
    })
    .unwrap();
    written
        .records
        .iter()
        .map(|record| dir.join(record).to_str().unwrap().to_owned())
        .collect()
}

/// Every sample is the same and at its moment. `signals` are label, rate and file of each that the reference read.
fn compare(name: &str, recording: &dyn Samples, mut signals: Vec<Value>) {
    for (i, channel) in recording.head().channels.iter().enumerate() {
        let place = format!("{name}, {}", channel.label);
        let at = signals
            .iter()
            .position(|s| s[0] == channel.label.as_str())
            .unwrap_or_else(|| panic!("{place} was not read"));
        let signal = signals.remove(at);
        let rate = signal[1].as_f64().unwrap();
        assert!((rate / channel.rate.hertz() - 1.0).abs() < 1e-6, "{place}: {rate}");
        let found = floats(Path::new(signal[2].as_str().unwrap()));
        let all = values(recording, i);
        let mut compared = 0;
        for run in &channel.runs {
            let first = (run.start_us as f64 / 1e6 * rate).round() as usize;
            let meant = &all[run.first as usize..(run.first + run.count) as usize];
            for (found, meant) in found[first..].iter().zip(meant) {
                let is_same = meant.is_nan() && found.is_nan()
                    || (found - meant).abs() <= channel.resolution.abs() * 1e-3 + meant.abs() * 1e-9;
                assert!(is_same, "{place}: {found} for {meant}");
                compared += 1;
            }
        }
        assert_eq!(compared, all.len(), "{place}");
    }
}

#[test]
fn every_record_is_written_as_wfdb_and_read_by_its_own_tools_as_the_same() {
    let Some(python) = Python::find() else { return };
    let Some(dir) = shared() else { return };
    let made = folder("wfdb");
    let all: Vec<_> = records(&dir).collect();
    let written: Vec<Vec<String>> = all.iter().map(|(name, record)| write(&made, name, record)).collect();
    let paths: Vec<&str> = written.iter().flatten().map(String::as_str).collect();
    let read = python.run(WFDB, &paths);
    let mut read = read.as_array().unwrap().iter();
    for ((name, record), records) in all.iter().zip(&written) {
        let signals = read
            .by_ref()
            .take(records.len())
            .flat_map(|r| r.as_array().unwrap().clone())
            .collect();
        compare(name, record, signals);
    }
}

#[test]
fn every_record_is_written_as_edf_and_read_by_pyedflib_within_its_step() {
    let Some(python) = Python::find() else { return };
    let Some(dir) = shared() else { return };
    let all: Vec<_> = records(&dir).collect();
    let list: Vec<_> = all
        .iter()
        .map(|(name, record)| (name.clone(), record as &dyn Samples))
        .collect();
    read_by_pyedflib(&python, &list);
}
