//! VitalDB files that other programs wrote.

use wire::recording::Samples;
use wire::vital;

use crate::kit::{assert_values, expected, shared, values, words};
use crate::readers::{Python, read_by_pyedflib};

/// The file was made from a WFDB record, whose values it has.
#[test]
fn the_file_has_the_values_of_the_record_it_was_made_from() {
    let Some(dir) = shared() else { return };
    let file = vital::open("a103l", &std::fs::read(dir.join("vital/a103l.vital")).unwrap()).unwrap();
    let all = expected(&dir);
    let (_, record) = all.iter().find(|(name, _)| name == "icu-wfdb/a103l").unwrap();
    let head = file.head();
    let labels: Vec<_> = head
        .channels
        .iter()
        .map(|c| c.label.trim_start_matches("WFDB/"))
        .collect();
    assert_eq!(labels, words(&record["sig_name"]));
    for (i, channel) in head.channels.iter().enumerate() {
        assert_eq!(channel.rate.fraction(), (250, 1));
        assert_eq!(channel.total(), record["n"].as_u64().unwrap());
        assert_values("a103l", &values(&file, i), record, i);
    }
    if let Some(python) = Python::find() {
        read_by_pyedflib(&python, &[("vital/a103l".to_owned(), &file)]);
    }
}
