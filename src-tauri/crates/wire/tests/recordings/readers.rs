//! The readers that research uses, in Python, and what they make of a file of ours.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use wire::recording::Samples;

use crate::kit::values;

/// A Python with wfdb, pyEDFlib, numpy and pandas.
pub struct Python(PathBuf);

impl Python {
    /// The one that the test command made. Where there is none, the report counts what was left out.
    pub fn find() -> Option<Self> {
        let named = std::env::var_os("WARDLIGHT_PYTHON").map(|path| Self(path.into()));
        if named.is_none() {
            println!("left out: 1 tests that need the readers in Python (WARDLIGHT_PYTHON)");
        }
        named
    }

    /// What a script prints, read as JSON.
    pub fn run(&self, script: &str, arguments: &[&str]) -> Value {
        let output = Command::new(&self.0)
            .arg("-c")
            .arg(script)
            .args(arguments)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}\n{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

/// A folder under the target folder, emptied.
pub fn folder(name: &str) -> PathBuf {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name.replace(['/', ' '], "_"));
    if dir.exists() {
        std::fs::remove_dir_all(&dir).unwrap();
    }
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

/// Numbers that a script left in a file, eight bytes each.
pub fn floats(path: &std::path::Path) -> Vec<f64> {
    let bytes = std::fs::read(path).unwrap();
    bytes
        .as_chunks()
        .0
        .iter()
        .map(|eight| f64::from_le_bytes(*eight))
        .collect()
}

const PYEDFLIB: &str = r"
import sys, json, pyedflib
out = []
for path in sys.argv[1:]:
    f = pyedflib.EdfReader(path)
    n = f.signals_in_file
    for i in range(n):
        f.readSignal(i).astype('<f8').tofile(f'{path}.{i}')
    out.append({
        'labels': f.getSignalLabels(), 'fs': [float(x) for x in f.getSampleFrequencies()],
        'marks': [[float(a), float(b), str(c)] for a, b, c in zip(*f.readAnnotations())],
    })
    f.close()
print(json.dumps(out))
";

/// Writes each recording as EDF+C, has pyEDFlib read them all, and compares: values within the step of the file where
/// samples had to share one, and within a thousandth of a step everywhere else.
pub fn read_by_pyedflib(python: &Python, recordings: &[(String, &dyn Samples)]) {
    let dir = folder(&format!("pyedflib_{}", recordings[0].0));
    let mut written = Vec::new();
    for (i, (_, recording)) in recordings.iter().enumerate() {
        let path = dir.join(format!("{i}.edf"));
        let mut bytes = Vec::new();
        let said = wire::edf::write(*recording, &mut bytes).unwrap();
        std::fs::write(&path, bytes).unwrap();
        written.push((path, said));
    }
    let paths: Vec<&str> = written.iter().map(|(path, _)| path.to_str().unwrap()).collect();
    let read = python.run(PYEDFLIB, &paths);
    for (i, ((name, recording), (path, said))) in recordings.iter().zip(&written).enumerate() {
        compare(&format!("{name} {said:?}"), *recording, path, &read[i]);
    }
}

fn compare(name: &str, recording: &dyn Samples, path: &std::path::Path, read: &Value) {
    let head = recording.head();
    let own = wire::edf::open("written", std::fs::read(path).unwrap()).unwrap();
    for (i, channel) in head.channels.iter().enumerate() {
        let place = format!("{name}, {}", channel.label);
        let found = floats(&path.with_extension(format!("edf.{i}")));
        let spec = &own.head().channels[i];
        let unit = match (channel.unit.as_str(), spec.unit.as_str()) {
            ("mV", "V") | ("uV", "mV") => 1e3,
            ("V", "mV") => 1e-3,
            _ => 1.0,
        };
        let step = spec.resolution.abs() * unit;
        let is_divided = step > channel.resolution.abs() * 1.5;
        let allowed = if is_divided { step } else { step * 1e-3 };
        let mut compared = 0;
        let all = values(recording, i);
        for run in &channel.runs {
            let at = (run.start_us as f64 / 1e6 * channel.rate.hertz()).round() as usize;
            let meant = &all[run.first as usize..(run.first + run.count) as usize];
            for (found, meant) in found[at..].iter().zip(meant).filter(|(_, meant)| !meant.is_nan()) {
                assert!((found * unit - meant).abs() <= allowed, "{place}: {found} for {meant}");
                compared += 1;
            }
        }
        assert_eq!(compared, all.iter().filter(|value| !value.is_nan()).count(), "{place}");
        let rate = read["fs"][i].as_f64().unwrap();
        assert!((rate / channel.rate.hertz() - 1.0).abs() < 1e-5, "{place}: {rate}");
    }
    let marks = read["marks"].as_array().unwrap();
    assert_eq!(marks.len(), head.marks.len(), "{name}");
    for (mark, meant) in marks.iter().zip(&head.marks) {
        assert!(
            (mark[0].as_f64().unwrap() - meant.at_us as f64 / 1e6).abs() < 2e-6,
            "{name}"
        );
        assert!(
            mark[2].as_str().unwrap().ends_with(meant.text.as_str()),
            "{name}: {mark}"
        );
    }
}
