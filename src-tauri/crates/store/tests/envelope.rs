//! Laws of the picture: no extremum is lost, nothing is drawn over a gap, whatever the zoom.

#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod kit;

use std::sync::Arc;

use kit::{START, bed, numeric, open, wave};
use model::{NO_SAMPLE, ReceiptTime, SampleArray};
use proptest::collection::vec;
use proptest::prelude::*;
use store::{Bin, Lane, NO_SAMPLE_WIDE, Reader, verify};

/// A stretch of a wave: rate, samples in thousands, samples left out before it, and where one is missing.
type Stretch = (u32, usize, u32, Option<usize>, bool);

fn stretches() -> impl Strategy<Value = Vec<Stretch>> {
    let rate = prop_oneof![Just(250_u32), Just(2_000), Just(8_000)];
    let left_out = prop_oneof![3 => Just(0_u32), 1 => 1_u32..20_000];
    let missing = prop::option::weighted(0.2, 0_usize..1_000);
    vec((rate, 1_usize..40, left_out, missing, any::<bool>()), 1..6)
}

fn noise(n: usize) -> i16 {
    let n = u64::try_from(n).unwrap().wrapping_mul(0x9E37_79B9_7F4A_7C15);
    i16::try_from(n >> 48 & 0x0FFF).unwrap() - 2_000
}

fn record(dir: &std::path::Path, stretches: &[Stretch]) {
    let writer = open(dir).0;
    let bed = bed("bed-01");
    let (mut start, mut n) = (START, 0);
    for (rate, thousands, left_out, missing, flush) in stretches {
        for thousand in 0..*thousands {
            let mut samples: Vec<i16> = (n..n + 1_000).map(noise).collect();
            n += 1_000;
            if let Some(missing) = missing.filter(|_| thousand == 0) {
                samples[missing] = NO_SAMPLE;
            }
            let mut block = wave(start, (*rate, 1), samples);
            if thousand == 0 {
                start += block.rate.micros_of(u64::from(*left_out));
                block.start = ReceiptTime::from_micros(start);
            }
            start = block.end().as_micros();
            assert_eq!(
                writer.waves(&bed, Arc::new(SampleArray::clone(&block))),
                store::Taken::Yes
            );
        }
        if *flush {
            writer.flush().unwrap();
        }
    }
    writer.flush().unwrap();
    // As a crash leaves it: what is open stays open.
}

/// Every sample that is one, with its time and whether something is missing before it.
fn raw(reader: &Reader, lane: &Lane) -> Vec<(i64, f64, bool)> {
    let mut all = Vec::new();
    let (mut gap, mut end) = (false, None);
    for block in reader.blocks(lane.series, lane.from, lane.until) {
        let block = block.unwrap();
        let start = block.start.as_micros();
        gap |= block.gap_before || end.is_some_and(|end| start - end > block.rate.micros_of(1) / 4);
        for (n, sample) in (0_u64..).zip(&block.samples) {
            if *sample == NO_SAMPLE_WIDE {
                gap = true;
                continue;
            }
            let value = f64::from(*sample) * block.scale.resolution() + block.scale.offset();
            all.push((start + block.rate.micros_of(n), value, gap));
            gap = false;
        }
        end = Some(start + block.rate.micros_of(u64::try_from(block.samples.len()).unwrap()));
    }
    all
}

fn holds(bins: &[Bin], raw: &[(i64, f64, bool)], from: i64, until: i64) -> Result<(), TestCaseError> {
    let mut in_bins = 0;
    for bin in bins {
        let first = raw.partition_point(|(at, ..)| *at < bin.from_us);
        let last = raw.partition_point(|(at, ..)| *at < bin.until_us);
        let inside = &raw[first..last];
        prop_assert!(!inside.is_empty(), "{bin:?} is of nothing");
        let low = inside.iter().map(|(_, value, _)| *value).fold(f64::INFINITY, f64::min);
        let high = inside
            .iter()
            .map(|(_, value, _)| *value)
            .fold(f64::NEG_INFINITY, f64::max);
        prop_assert_eq!((bin.low, bin.high), (low, high));
        prop_assert!(inside[1..].iter().all(|(_, _, gap)| !gap), "{bin:?} lies over a gap");
        prop_assert_eq!(inside[0].0, bin.from_us);
        if in_bins > 0 {
            prop_assert_eq!(bin.gap_before, inside[0].2, "{:?}", bin);
        }
        let in_window = inside.iter().filter(|(at, ..)| (from..until).contains(at));
        in_bins += in_window.count();
    }
    prop_assert!(
        bins.is_sorted_by(|a, b| a.until_us <= b.from_us + 2_000),
        "bins lie over each other"
    );
    let wanted = raw.iter().filter(|(at, ..)| (from..until).contains(at)).count();
    prop_assert_eq!(in_bins, wanted, "samples are in no bin or in two");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn no_extremum_is_lost_and_no_bin_lies_over_a_gap(
        stretches in stretches(),
        windows in vec((0.0_f64..1.0, 0.0_f64..1.0, 1_u32..2_000), 1..12),
    ) {
        let dir = tempfile::tempdir().unwrap();
        record(dir.path(), &stretches);
        let reader = Reader::open(dir.path()).unwrap();
        let lane = reader.lanes().unwrap().remove(0);
        let raw = raw(&reader, &lane);
        let whole = (lane.from.as_micros(), lane.until.as_micros());
        for (a, b, pixels) in windows.into_iter().chain([(0.0, 1.0, 3), (0.0, 1.0, 40)]) {
            let at = |part: f64| {
                #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "anywhere will do")]
                let offset = ((whole.1 - whole.0) as f64 * part) as i64;
                whole.0 + offset
            };
            let (from, until) = (at(a.min(b)), at(a.max(b)) + 1);
            let found = reader
                .envelope(lane.series, ReceiptTime::from_micros(from), ReceiptTime::from_micros(until), pixels)
                .unwrap();
            holds(&found.bins, &raw, from, until)?;
        }
        prop_assert_eq!(verify(dir.path()).unwrap().findings, []);
    }
}

#[test]
fn bands_of_numbers_keep_every_extremum_and_every_gap() {
    let dir = tempfile::tempdir().unwrap();
    let writer = open(dir.path()).0;
    // 70 minutes at 1 Hz, nothing for seven of them, and one missing second that is no gap.
    let seconds = (0..4_200_i64).filter(|s| !(2_000..2_420).contains(s) && *s != 500);
    let values: Vec<(i64, i32)> = seconds
        .map(|s| {
            (
                START + s * 1_000_000,
                60_000 + i32::from(noise(usize::try_from(s).unwrap())),
            )
        })
        .collect();
    for (at, value) in &values {
        writer.numeric(&bed("bed-01"), &numeric(*at, *value));
    }
    writer.flush().unwrap();
    let reader = Reader::open(dir.path()).unwrap();
    let lane = reader.lanes().unwrap().remove(0);
    for (from, until, pixels) in [
        (0, 4_200, 7),
        (0, 4_200, 1),
        (100, 4_000, 40),
        (0, 4_200, 1_500),
        (490, 510, 400),
    ] {
        let (from, until) = (START + from * 1_000_000, START + until * 1_000_000);
        let at = ReceiptTime::from_micros;
        let bins = reader.envelope(lane.series, at(from), at(until), pixels).unwrap().bins;
        let mut count = 0;
        for bin in &bins {
            let inside = values.iter().filter(|(at, _)| (bin.from_us..bin.until_us).contains(at));
            let inside: Vec<i32> = inside.map(|(_, value)| *value).collect();
            count += inside.len();
            let exact = |thousandths: i32| f64::from(thousandths) / 1_000.0;
            assert_eq!(
                (bin.low, bin.high),
                (
                    exact(*inside.iter().min().unwrap()),
                    exact(*inside.iter().max().unwrap())
                )
            );
            let mean = inside.iter().map(|v| f64::from(*v)).sum::<f64>()
                / 1_000.0
                / f64::from(u32::try_from(inside.len()).unwrap());
            assert!((bin.mean.unwrap() - mean).abs() < 1e-9);
            assert!(
                bin.until_us <= START + 2_000_000_000 || bin.from_us >= START + 2_420_000_000,
                "over the gap"
            );
        }
        assert_eq!(
            count,
            values.iter().filter(|(at, _)| (from..until).contains(at)).count()
        );
        let gaps: Vec<_> = bins
            .iter()
            .filter(|bin| bin.gap_before)
            .map(|bin| bin.from_us)
            .collect();
        let expected = if until > START + 2_420_000_000 {
            vec![START + 2_420_000_000]
        } else {
            Vec::new()
        };
        assert_eq!(gaps, expected, "{pixels} pixels");
    }
    writer.close().unwrap();
}
