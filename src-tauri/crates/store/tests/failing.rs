//! A disk of which two operations in a hundred fail: nothing is lost, nothing comes twice, and recording goes on.

#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

mod kit;

use std::sync::Arc;

use kit::disk::scratch;
use kit::{START, bed, entry, journal, numeric, open_and_listen, trace, wave};
use model::MetricCode;
use store::{Faults, JournalQuery, Order, Reader, StoreHealth, StoreOptions, Window, verify};

/// What became of one ward on such a disk.
#[derive(Debug, Default)]
struct Outcome {
    refused: usize,
    faults: usize,
}

fn ward_on_a_failing_disk(per_mille: u16, seed: u64) -> Outcome {
    let dir = scratch();
    let faults = Some(Faults { per_mille, seed });
    let options = StoreOptions {
        faults,
        ..StoreOptions::default()
    };
    let (writer, _, said) = open_and_listen(dir.path(), options);
    let mut outcome = Outcome::default();
    let mut samples = Vec::new();
    for second in 0..200_i64 {
        let block = trace(usize::try_from(second * 50).unwrap(), 50, 50.0);
        writer.waves(
            &bed("bed-01"),
            Arc::new(wave(START + second * 1_000_000, (50, 1), block.clone())),
        );
        samples.extend(block);
        writer.numeric(&bed("bed-01"), &numeric(START + second * 1_000_000, 60_000));
        outcome.refused += usize::from(journal(&writer, vec![entry(second)]).is_err());
        outcome.faults += usize::from(writer.flush().is_err());
    }
    let tries = (0..1_000).take_while(|_| writer.flush().is_err()).count();
    assert!(tries < 1_000, "recording never resumed");
    assert_eq!(
        said.lock().unwrap().last().unwrap_or(&StoreHealth::Ok),
        &StoreHealth::Ok
    );
    // Closing fails too where the disk does; everything is there all the same.
    drop(writer.close());

    let reader = Reader::open(dir.path()).unwrap();
    let query = JournalQuery {
        order: Order::OldestFirst,
        ..JournalQuery::default()
    };
    let entries: Vec<_> = reader
        .journal(&query)
        .unwrap()
        .into_iter()
        .map(|row| row.entry)
        .collect();
    assert_eq!(entries, (0..200).map(entry).collect::<Vec<_>>());
    let blocks = reader.wave(&Window::all(bed("bed-01"), MetricCode::EcgII));
    let found: Vec<i16> = blocks.flat_map(|block| block.unwrap().samples).collect();
    assert!(found == samples, "{} of {} samples", found.len(), samples.len());
    let numbers = reader.numerics(&Window::all(bed("bed-01"), MetricCode::HeartRate));
    assert_eq!(numbers.map(Result::unwrap).count(), 200);
    assert!(
        !dir.path().join("wardlight-2.db").exists(),
        "a fault of the disk is no damage"
    );
    assert_eq!(verify(dir.path()).unwrap().findings, []);
    outcome
}

#[test]
fn two_faults_in_a_hundred_lose_nothing() {
    let outcomes: Vec<_> = (0..4).map(|seed| ward_on_a_failing_disk(20, seed)).collect();
    println!("{outcomes:?}");
    assert!(outcomes.iter().map(|o| o.refused).sum::<usize>() > 10);
    assert!(outcomes.iter().map(|o| o.faults).sum::<usize>() > 10);
}

#[test]
fn a_disk_that_fails_every_fifth_time_loses_nothing_either() {
    let outcome = ward_on_a_failing_disk(200, 7);
    assert!(outcome.refused > 20 && outcome.faults > 20, "{outcome:?}");
}
