//! EDF files that other programs wrote.

use wire::edf;
use wire::recording::Samples;

use crate::kit::{assert_values, expected, numbers, shared, values, words};
use crate::readers::{Python, read_by_pyedflib};

/// `1989-04-24 16:13:00` with or without a fraction, in microseconds since 1970.
///
/// The reference divides the fraction by ten: a record that begins at `+0.394531` is given as `.039453`. Here it is what
/// the file says, to the digits that are left.
fn start_us(text: &str) -> i64 {
    let (day, time) = text.split_once(' ').unwrap();
    let part = |text: &str, i: usize| {
        text.split(['-', ':', '.'])
            .nth(i)
            .unwrap_or("0")
            .parse::<u16>()
            .unwrap()
    };
    let small = |value: u16| u8::try_from(value).unwrap();
    let date = wire::wfdb::Date::new(part(day, 0), small(part(day, 1)), small(part(day, 2))).unwrap();
    let seconds = (0..3).fold(0, |sum, i| sum * 60 + i64::from(part(time, i)));
    let fraction = time
        .split_once('.')
        .map_or(0, |(_, digits)| format!("{digits:0<6}").parse::<i64>().unwrap() * 10);
    (date.days_since_1970() * 86_400 + seconds) * 1_000_000 + fraction
}

#[test]
fn every_file_has_the_values_that_the_reference_reads() {
    let Some(dir) = shared() else { return };
    let mut seen = 0;
    for (name, record) in expected(&dir).iter().filter(|(name, _)| name.starts_with("edf/")) {
        let file = edf::open(name, std::fs::read(dir.join(name)).unwrap()).unwrap();
        let head = file.head();
        let start = start_us(record["start"].as_str().unwrap());
        assert!(
            (head.start_us.unwrap() - start).abs() < 10,
            "{name}: {:?}",
            head.start_us
        );
        let labels: Vec<_> = head.channels.iter().map(|c| c.label.as_str()).collect();
        assert_eq!(labels, words(&record["labels"]), "{name}");
        let units: Vec<_> = head.channels.iter().map(|c| c.unit.as_str()).collect();
        assert_eq!(units, words(&record["dims"]), "{name}");
        let rates: Vec<_> = head.channels.iter().map(|c| c.rate.hertz()).collect();
        assert_eq!(rates, numbers(&record["fs"]), "{name}");
        for (i, count) in numbers(&record["n"]).into_iter().enumerate() {
            let found = values(&file, i);
            assert!((found.len() as f64 - count).abs() < 0.5, "{name}");
            assert_values(name, &found, record, i);
        }
        assert_eq!(head.marks.len() as u64, record["n_ann"].as_u64().unwrap(), "{name}");
        for (mark, meant) in head.marks.iter().zip(record["annotations"].as_array().unwrap()) {
            assert!(
                (mark.at_us as f64 / 1e6 - meant[0].as_f64().unwrap()).abs() < 1e-4,
                "{name} {mark:?}"
            );
            let duration = mark.duration_us.map_or(-1.0, |us| us as f64 / 1e6);
            assert!((duration - meant[1].as_f64().unwrap()).abs() < 1e-4, "{name} {mark:?}");
            assert_eq!(mark.text, meant[2].as_str().unwrap(), "{name}");
        }
        seen += 1;
    }
    assert_eq!(seen, 6);
}

#[test]
fn every_file_that_is_written_again_is_read_by_pyedflib_as_the_same() {
    let Some(python) = Python::find() else { return };
    let Some(dir) = shared() else { return };
    let mut files = Vec::new();
    for (name, _) in expected(&dir).into_iter().filter(|(name, _)| name.starts_with("edf/")) {
        let file = edf::open(&name, std::fs::read(dir.join(&name)).unwrap()).unwrap();
        files.push((name, file));
    }
    let list: Vec<_> = files
        .iter()
        .map(|(name, file)| (name.clone(), file as &dyn Samples))
        .collect();
    read_by_pyedflib(&python, &list);
}
