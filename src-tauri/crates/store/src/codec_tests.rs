//! What is compressed comes back.

use super::*;

fn decode_samples(codec: i64, count: usize, bytes: &[u8]) -> Samples {
    decode_part(codec, count, bytes, &(0..count)).unwrap().1
}

#[test]
fn samples_of_every_length_come_back_in_every_way() {
    let trace = |n: i32| i16::try_from(n * n % 601 - n * 7 % 13).unwrap_or(0);
    let samples: Vec<i16> = (0..1_100).map(trace).collect();
    let value = |n: i64| Value {
        received: n * 1_000_003,
        measured: n * 1_000_000,
        reading: reading_of(u8::try_from(n % 6).unwrap(), 0).unwrap(),
    };
    let values: Vec<_> = (0..1_100).map(value).collect();
    for length in 1..samples.len() {
        let samples = &samples[..length];
        for way in SAMPLE_DELTAS.iter().map(Way::Pco).chain([Way::Rice]) {
            let (codec, bytes) = compress(samples, way).unwrap();
            let found = decode_samples(codec, length, &bytes);
            assert_eq!(found, Samples::Narrow(samples.to_vec()), "{way:?} of {length}");
        }
        let bytes = encode_values(&values[..length]).unwrap();
        assert_eq!(
            decode_values(length, &bytes).unwrap(),
            &values[..length],
            "{length} values"
        );
    }
}

#[test]
fn a_part_of_a_long_chunk_is_the_same_part_of_it() {
    let trace = |n: i32| n * n % 40_013 - 20_000 + (n % 7) * 1_000;
    let wide: Vec<i32> = (0..30_011).map(trace).collect();
    let narrow: Vec<i16> = wide.iter().map(|s| i16::try_from(s / 4).unwrap()).collect();
    for way in SAMPLE_DELTAS.iter().map(Way::Pco).chain([Way::Rice]) {
        let (narrow_codec, narrow_bytes) = compress(&narrow, way).unwrap();
        let (wide_codec, wide_bytes) = compress(&wide, way).unwrap();
        for part in [0..1, 5..2_048, 2_047..2_049, 10_000..20_000, 30_010..30_011, 0..30_011] {
            let (first, mut samples) = decode_part(narrow_codec, 30_011, &narrow_bytes, &part).unwrap();
            assert!(samples.len() <= part.len() + 2 * pages::PAGE, "{part:?}");
            samples.cut(part.start - first, part.end - first);
            assert_eq!(
                samples,
                Samples::Narrow(narrow[part.clone()].to_vec()),
                "{way:?} {part:?}"
            );
            let (first, mut samples) = decode_part(wide_codec + WIDE, 30_011, &wide_bytes, &part).unwrap();
            samples.cut(part.start - first, part.end - first);
            assert_eq!(samples, Samples::Wide(wide[part.clone()].to_vec()), "{way:?} {part:?}");
        }
    }
}

#[test]
fn a_series_is_compressed_as_its_first_chunk_fits_until_the_next_trial() {
    let smooth: Vec<i16> = (0..2_500_i16).map(|n| (n % 50) * (n % 50)).collect();
    let mut fit = Fit::default();
    let samples = Samples::Narrow(smooth.clone());
    let first = encode_samples(&samples, &mut fit);
    for way in SAMPLE_DELTAS.iter().map(Way::Pco).chain([Way::Rice]) {
        assert!(first.1.len() <= compress(&smooth, way).unwrap().1.len());
    }
    assert_eq!(fit.left, CHUNKS_PER_TRIAL);
    assert_eq!(encode_samples(&samples, &mut fit), first);
    assert_eq!(fit.left, CHUNKS_PER_TRIAL - 1);
}
