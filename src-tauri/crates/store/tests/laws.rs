//! Laws: what goes in comes out, whatever it is and wherever the program dies.

#![allow(missing_docs, clippy::unwrap_used, clippy::type_complexity, reason = "a test")]

mod kit;

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use kit::{START, bed, entry, journal, open, wave};
use model::{
    Absence, DeviceTime, GenerationMode, MetricCode, NO_SAMPLE, Numeric, NumericTiming, Quantity, Reading, ReceiptTime,
    SampleArray, Timeliness,
};
use proptest::collection::vec;
use proptest::prelude::*;
use store::{JournalQuery, Order, Reader, Window, verify};

/// Directory in which the child process records until it aborts.
const CHILD_DIR: &str = "WARDLIGHT_STORE_TEST_DIR";
const ENTRIES: i64 = 40;

#[derive(Clone, Debug)]
struct Piece {
    rate: (u32, u32),
    samples: Vec<i16>,
    /// Samples that are left out before it.
    gap: u32,
    says_gap: bool,
    then: Then,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Then {
    Nothing,
    Again,
    Flush,
    Reopen,
}

fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    let sample = prop_oneof![
        Just(NO_SAMPLE),
        Just(i16::MAX),
        Just(i16::MIN + 1),
        any::<i16>(),
        -50_i16..50
    ];
    let rate = prop_oneof![4 => Just((250, 1)), 1 => Just((125, 2)), 1 => Just((300, 7))];
    let gap = prop_oneof![4 => Just(0_u32), 1 => 1_u32..3_000];
    let then = prop_oneof![
        4 => Just(Then::Nothing),
        1 => Just(Then::Again),
        2 => Just(Then::Flush),
        1 => Just(Then::Reopen)
    ];
    let piece = (rate, vec(sample, 1..700), gap, prop::bool::weighted(0.1), then);
    vec(
        piece.prop_map(|(rate, samples, gap, says_gap, then)| Piece {
            rate,
            samples,
            gap,
            says_gap,
            then,
        }),
        1..25,
    )
}

/// Every sample with the time at which it stands, in microseconds.
fn timed<'a>(blocks: impl IntoIterator<Item = &'a SampleArray>) -> Vec<(i64, i16)> {
    let mut all = Vec::new();
    for block in blocks {
        for (n, sample) in (0_u64..).zip(&block.samples) {
            all.push((block.start.as_micros() + block.rate.micros_of(n), *sample));
        }
    }
    all
}

fn numerics() -> impl Strategy<Value = Vec<Numeric>> {
    let reading = prop_oneof![
        any::<i32>().prop_map(|t| Reading::Value(Quantity::from_thousandths(t))),
        any::<i32>().prop_map(|t| Reading::Questionable(Quantity::from_thousandths(t))),
        Just(Reading::Invalid(Absence::NotAvailable)),
        Just(Reading::Invalid(Absence::SensorOff)),
        Just(Reading::Invalid(Absence::Calibrating)),
        Just(Reading::Invalid(Absence::OutOfRange)),
    ];
    let measured = prop_oneof![3 => 0_i64..400_000_000, 1 => Just(-START), 1 => -30_000_000_000_i64..0];
    let mode = prop_oneof![5 => Just(GenerationMode::Real), 1 => Just(GenerationMode::Test)];
    let one = (reading, 0_i64..400_000_000, measured, any::<bool>(), mode, 1_u64..3).prop_map(
        |(reading, received, measured, late, mode, seconds)| Numeric {
            metric: MetricCode::SpO2,
            reading,
            measured_at: DeviceTime::from_micros(START + measured),
            received_at: ReceiptTime::from_micros(START + received),
            timing: NumericTiming::Every(Duration::from_secs(seconds)),
            mode,
            timeliness: if late { Timeliness::Late } else { Timeliness::Live },
        },
    );
    vec(one, 1..120)
}

fn key(numeric: &Numeric) -> String {
    format!("{numeric:?}")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn waves_come_out_as_they_went_in(pieces in pieces()) {
        let dir = tempfile::tempdir().unwrap();
        let bed = bed("bed-01");
        let mut writer = open(dir.path()).0;
        let mut expected = Vec::new();
        let mut start = START;
        for piece in pieces {
            let mut block = wave(start, piece.rate, piece.samples);
            start += block.rate.micros_of(u64::from(piece.gap));
            block.start = ReceiptTime::from_micros(start);
            block.measured_at = DeviceTime::from_micros(start);
            block.gap_before = piece.says_gap;
            start = block.end().as_micros();
            let block = Arc::new(block);
            writer.waves(&bed, Arc::clone(&block));
            match piece.then {
                Then::Nothing => {}
                Then::Again => drop(writer.waves(&bed, Arc::clone(&block))),
                Then::Flush => writer.flush().unwrap(),
                Then::Reopen => {
                    writer.close().unwrap();
                    writer = open(dir.path()).0;
                }
            }
            expected.push(SampleArray::clone(&block));
        }
        writer.close().unwrap();
        let reader = Reader::open(dir.path()).unwrap();
        let found: Vec<_> = reader.wave(&Window::all(bed, MetricCode::EcgII)).map(Result::unwrap).collect();
        let (found, expected) = (timed(&found), timed(&expected));
        prop_assert_eq!(found.len(), expected.len());
        for ((at, sample), (expected_at, expected_sample)) in found.into_iter().zip(expected) {
            prop_assert_eq!(sample, expected_sample);
            // A quarter of the shortest distance between two samples here.
            prop_assert!((at - expected_at).abs() <= 1_000, "{} is not {}", at, expected_at);
        }
        prop_assert_eq!(verify(dir.path()).unwrap().findings, []);
    }

    #[test]
    fn numerics_come_out_once_in_order_and_as_they_went_in(numerics in numerics(), flush_every in 1_usize..40) {
        let dir = tempfile::tempdir().unwrap();
        let bed = bed("bed-01");
        let writer = open(dir.path()).0;
        for (n, numeric) in numerics.iter().enumerate() {
            writer.numeric(&bed, numeric);
            if n % flush_every == 0 {
                writer.flush().unwrap();
            }
        }
        writer.close().unwrap();
        let reader = Reader::open(dir.path()).unwrap();
        let found: Vec<_> = reader.numerics(&Window::all(bed, MetricCode::SpO2)).map(Result::unwrap).collect();
        prop_assert!(found.is_sorted_by_key(|(at, _)| *at));
        let mut found: Vec<_> = found.iter().map(|(_, numeric)| key(numeric)).collect();
        let mut expected: Vec<_> = numerics.iter().map(key).collect();
        found.sort();
        expected.sort();
        expected.dedup();
        prop_assert_eq!(found, expected);
        prop_assert_eq!(verify(dir.path()).unwrap().findings, []);
    }
}

/// The child of the next test: records, and dies without a word after as many entries as it is told.
#[test]
fn child_records_and_aborts() {
    let Some(dir) = std::env::var_os(CHILD_DIR) else {
        return;
    };
    let (writer, _) = open(dir.as_ref());
    for number in 0..ENTRIES {
        let samples = kit::trace(usize::try_from(number * 250).unwrap(), 250, 250.0);
        writer.waves(
            &bed("bed-01"),
            Arc::new(wave(START + number * 1_000_000, (250, 1), samples)),
        );
        if number % 3 == 0 {
            writer.flush().unwrap();
        }
        journal(&writer, vec![entry(number)]).unwrap();
        // What is told here is acknowledged: it must be there afterwards.
        println!("acknowledged {number}");
    }
    std::process::abort();
}

#[test]
fn nothing_acknowledged_is_lost_when_the_program_dies() {
    let dir = tempfile::tempdir().unwrap();
    for round in 1..=2 {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["child_records_and_aborts", "--exact", "--nocapture"])
            .env(CHILD_DIR, dir.path())
            .output()
            .unwrap();
        assert!(!child.status.success());
        let told = String::from_utf8_lossy(&child.stdout).matches("acknowledged ").count();
        assert_eq!(told, usize::try_from(ENTRIES).unwrap());
        let reader = Reader::open(dir.path()).unwrap();
        let query = JournalQuery {
            order: Order::OldestFirst,
            ..JournalQuery::default()
        };
        assert_eq!(reader.journal(&query).unwrap().len(), told * round);
        let window = Window::all(bed("bed-01"), MetricCode::EcgII);
        let samples: usize = reader.wave(&window).map(|b| b.unwrap().samples.len()).sum();
        // The last flush came at entry 39.
        assert_eq!(samples, 40 * 250, "the same trace a second time is the same trace");
        let report = verify(dir.path()).unwrap();
        assert_eq!(report.findings, []);
    }
}
