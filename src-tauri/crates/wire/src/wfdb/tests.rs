//! Laws for all inputs, and the records that reference tools read (`../shared/data`, where it is there).

use std::path::PathBuf;

use proptest::prelude::*;
use serde_json::Value;

use super::super::{Annotation, annotations, header};
use super::*;

fn spec(file: &str, format: Format) -> SignalSpec {
    SignalSpec {
        file: file.to_owned(),
        format,
        samples_per_frame: 1,
        skew: 0,
        byte_offset: 0,
        gain: 200.0,
        baseline: 0,
        units: "mV".to_owned(),
        adc_resolution: 12,
        adc_zero: 0,
        initial: None,
        checksum: None,
        block_size: 0,
        description: "II".to_owned(),
    }
}

fn pack_212(samples: &[i16]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for pair in samples.chunks(2) {
        let [al, ah] = pair[0].to_le_bytes();
        let [bl, bh] = pair.get(1).copied().unwrap_or(0).to_le_bytes();
        bytes.extend([al, ah & 0x0f | bh << 4]);
        bytes.extend((pair.len() == 2).then_some(bl));
    }
    bytes
}

fn record(format: Format, columns: usize) -> Header {
    let mut head = header(b"r 0 360").unwrap();
    head.signals = vec![spec("r.dat", format); columns];
    head
}

proptest! {
    #[test]
    fn format_16_reads_back_what_it_wrote(columns in prop::collection::vec(prop::collection::vec(any::<i16>(), 50), 1..5)) {
        let views: Vec<&[i16]> = columns.iter().map(Vec::as_slice).collect();
        let mut head = record(Format::Bits16, columns.len());
        head.frames = Some(50);
        for (spec, column) in head.signals.iter_mut().zip(&columns) {
            spec.initial = Some(i32::from(column[0]));
            spec.checksum = Some(column.iter().fold(0, |sum: u16, s| sum.wrapping_add(s.cast_unsigned())));
        }
        let again = header(head.to_text().as_bytes()).unwrap();
        prop_assert_eq!(&again, &head);
        let found = signals(&again, "r.dat", &format_16(&views)).unwrap();
        prop_assert_eq!(found.into_iter().map(|s| s.samples).collect::<Vec<_>>(), columns);
    }

    #[test]
    fn format_212_reads_any_count(samples in prop::collection::vec(-2_047_i16..=2_047, 1..60)) {
        let mut head = record(Format::Bits212, 1);
        head.frames = Some(samples.len() as u64);
        prop_assert_eq!(&signals(&head, "r.dat", &pack_212(&samples)).unwrap()[0].samples, &samples);
    }

    #[test]
    fn no_bytes_make_it_panic(text in prop::collection::vec(any::<u8>(), 0..300), data in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(head) = header(&text) {
            for file in head.files() {
                signals(&head, file, &data).ok();
            }
        }
        annotations(&text).ok();
    }

    #[test]
    fn no_header_of_its_own_words_makes_it_panic(line in "[a-z]{1,3} [0-9]{1,2} [0-9./()-]{1,12} [0-9]{1,20} [0-9:.]{0,9} [0-9/]{0,10}\n([a.]{1,2} (16|212|8)(x[0-9]{1,6})?(:[0-9]{1,9})?([+][0-9]{1,12})? [0-9./()e-]{0,9} [0-9-]{1,5}\n){0,3}") {
        if let Ok(head) = header(line.as_bytes()) {
            for file in head.files() {
                signals(&head, file, &[0; 64]).ok();
            }
        }
    }
}

#[test]
fn missing_samples_have_one_mark_in_both_formats() {
    let found = signals(&record(Format::Bits212, 1), "r.dat", &pack_212(&[5, -2_048])).unwrap();
    assert_eq!(found[0].samples, [5, NO_SAMPLE]);
    let found = signals(&record(Format::Bits16, 1), "r.dat", &[5, 0, 0, 0x80]).unwrap();
    assert_eq!(found[0].samples, [5, NO_SAMPLE]);
}

#[test]
fn what_is_wrong_with_a_file_is_said() {
    let mut head = record(Format::Bits16, 2);
    head.frames = Some(3);
    let said = |head: &Header, file: &str, bytes: &[u8]| signals(head, file, bytes).unwrap_err().to_string();
    assert!(said(&head, "r.dat", &[0; 11]).contains("holds 5 samples; 3 frames of 2 need 6"));
    assert!(said(&head, "x.dat", &[0; 12]).contains("record \"r\" has no signal in it"));
    head.signals[1].checksum = Some(7);
    assert!(
        said(&head, "r.dat", &[1; 12]).contains("signal 1 (\"II\") of \"r.dat\": checksum is 771, the header says 7")
    );
    head.signals[0].format = Format::Other(310);
    head.signals[1].format = Format::Other(310);
    assert!(said(&head, "r.dat", &[1; 12]).contains("format 310 is not read"));
    head.signals[1].format = Format::Bits16;
    assert!(said(&head, "r.dat", &[1; 12]).contains("different formats"));
}

/// The shared recordings, or a line that says how many tests are left out.
fn shared() -> Option<(PathBuf, Value)> {
    let dir = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared/data"));
    let Ok(text) = std::fs::read_to_string(dir.join("EXPECTED.json")) else {
        println!("left out: 1 tests that need ../shared/data");
        return None;
    };
    Some((dir, serde_json::from_str(&text).unwrap()))
}

/// Units at each frame: several samples a frame are averaged to a whole step, as the reference tool does.
fn per_frame(head: &Header, signal: &Signal) -> Vec<Option<f64>> {
    let spec = &head.signals[signal.index];
    let width = spec.samples_per_frame as usize;
    let value = |step: i32| (f64::from(step) - f64::from(spec.baseline)) / spec.gain;
    let mean = |f: &[i16]| f.iter().map(|s| i32::from(*s)).sum::<i32>() / i32::try_from(width).unwrap();
    let frame = |f: &[i16]| (!f.contains(&NO_SAMPLE)).then(|| value(mean(f)));
    signal.samples.chunks_exact(width).map(frame).collect()
}

fn compare(name: &str, head: &Header, signal: &Signal, expected: &Value) {
    let frames = per_frame(head, signal);
    let near = |what: &str, found: f64, wanted: &Value, tolerance: f64| {
        let wanted = wanted[signal.index].as_f64().unwrap();
        assert!(
            (found - wanted).abs() <= tolerance,
            "{name} {} {what}: {found} {wanted}",
            signal.index
        );
    };
    assert_eq!(expected["n"].as_u64(), Some(frames.len() as u64), "{name}");
    let spec = &head.signals[signal.index];
    assert_eq!(
        expected["sig_name"][signal.index].as_str(),
        Some(spec.description.as_str())
    );
    assert_eq!(expected["units"][signal.index].as_str(), Some(spec.units.as_str()));
    let present: Vec<f64> = frames.iter().copied().flatten().collect();
    assert_eq!(
        expected["nan"][signal.index].as_u64(),
        Some((frames.len() - present.len()) as u64),
        "{name}"
    );
    // EXPECTED.json holds six decimals.
    near(
        "min",
        present.iter().copied().fold(f64::MAX, f64::min),
        &expected["min"],
        1e-6,
    );
    near(
        "max",
        present.iter().copied().fold(f64::MIN, f64::max),
        &expected["max"],
        1e-6,
    );
    near(
        "mean",
        present.iter().sum::<f64>() / f64::from(u32::try_from(present.len()).unwrap()),
        &expected["mean"],
        2e-6,
    );
    for (found, wanted) in frames.iter().zip(expected["first5"][signal.index].as_array().unwrap()) {
        match (found, wanted.as_f64()) {
            (Some(found), Some(wanted)) => assert!((found - wanted).abs() <= 1e-6, "{name}: {found} {wanted}"),
            (None, None) => {}
            (found, wanted) => panic!("{name}: {found:?} {wanted:?}"),
        }
    }
}

fn compare_annotations(name: &str, kind: &str, found: &[Annotation], expected: &Value) {
    // Notes at 0 say how the file was made; the reference tool leaves them out.
    let times: Vec<i64> = found
        .iter()
        .filter(|a| !(a.at == 0 && a.code == 22))
        .map(|a| a.at)
        .collect();
    assert_eq!(expected["n"].as_u64(), Some(times.len() as u64), "{name}.{kind}");
    let first: Vec<i64> = expected["first10"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_i64)
        .collect();
    assert_eq!(times[..first.len()], first, "{name}.{kind}");
    assert_eq!(expected["last"].as_i64(), times.last().copied(), "{name}.{kind}");
    let premature = expected["symbols"]["V"].as_u64().unwrap_or(0);
    assert_eq!(
        premature,
        found.iter().filter(|a| a.code == 5).count() as u64,
        "{name}.{kind}"
    );
}

#[test]
fn every_shared_record_in_formats_16_and_212_reads_as_the_reference_says() {
    let Some((dir, expected)) = shared() else { return };
    let mut compared = std::collections::BTreeMap::<u16, usize>::new();
    for (name, expected) in expected["records"].as_object().unwrap() {
        let path = dir.join(name);
        let Ok(text) = std::fs::read(dir.join(format!("{name}.hea"))) else {
            continue;
        };
        let Ok(head) = header(&text) else { continue };
        for file in head.files() {
            let format = head.signals.iter().find(|s| s.file == file).unwrap().format;
            let Ok(bytes) = std::fs::read(path.with_file_name(file)) else {
                continue;
            };
            if matches!(format, Format::Other(_)) {
                continue;
            }
            for signal in signals(&head, file, &bytes).unwrap() {
                compare(name, &head, &signal, expected);
                *compared.entry(format.number()).or_default() += 1;
            }
        }
        for (kind, expected) in expected["ann"].as_object().into_iter().flatten() {
            let bytes = std::fs::read(dir.join(format!("{name}.{kind}"))).unwrap();
            compare_annotations(name, kind, &annotations(&bytes).unwrap(), expected);
        }
    }
    println!("signals compared, by format: {compared:?}");
    assert!(compared[&16] >= 4 && compared[&212] >= 17, "{compared:?}");
}
