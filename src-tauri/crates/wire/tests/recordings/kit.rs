//! Where the files of others are, what they hold, and how a channel is compared.

use std::path::{Path, PathBuf};

use serde_json::Value;
use wire::recording::{NO_SAMPLE_WIDE, Samples};

/// The folder of recordings that most checkouts do not have; says so in the report when it is missing.
pub fn shared() -> Option<PathBuf> {
    let dir = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared/data"));
    if !dir.is_dir() {
        println!("left out: 1 tests that need ../shared/data");
        return None;
    }
    Some(dir.to_owned())
}

/// What the reference tools read, record by record.
pub fn expected(dir: &Path) -> Vec<(String, Value)> {
    let text = std::fs::read(dir.join("EXPECTED.json")).unwrap();
    let all: Value = serde_json::from_slice(&text).unwrap();
    all["records"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, record)| (name.clone(), record.clone()))
        .collect()
}

/// All values of a channel in its unit; NaN where there is no sample.
pub fn values(file: &dyn Samples, channel: usize) -> Vec<f64> {
    let spec = &file.head().channels[channel];
    let mut samples = Vec::new();
    file.samples(channel, 0..spec.total(), &mut samples).unwrap();
    samples
        .into_iter()
        .map(|sample| {
            if sample == NO_SAMPLE_WIDE {
                f64::NAN
            } else {
                spec.zero + spec.resolution * f64::from(sample)
            }
        })
        .collect()
}

/// A list of numbers.
pub fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

/// A list of words.
pub fn words(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|v| v.as_str().unwrap()).collect()
}

/// The first values, lowest, highest, mean and count of missing of a channel are those of the reference, to its six
/// decimals.
pub fn assert_values(name: &str, found: &[f64], record: &Value, channel: usize) {
    let near = |a: f64, b: f64| (a - b).abs() <= 1.1e-6 + b.abs() * 1e-9;
    let first = numbers(&record["first5"][channel]);
    for (found, meant) in found.iter().zip(&first) {
        assert!(near(*found, *meant), "{name} channel {channel}: {found} for {meant}");
    }
    let there: Vec<f64> = found.iter().copied().filter(|value| !value.is_nan()).collect();
    let low = there.iter().copied().fold(f64::INFINITY, f64::min);
    let high = there.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    for (key, value) in [("min", low), ("max", high)] {
        if let Some(meant) = record[key][channel].as_f64() {
            assert!(
                near(value, meant),
                "{name} channel {channel}, {key}: {value} for {meant}"
            );
        }
    }
    if let Some(missing) = record["nan"][channel].as_u64() {
        assert_eq!((found.len() - there.len()) as u64, missing, "{name} channel {channel}");
    }
}
