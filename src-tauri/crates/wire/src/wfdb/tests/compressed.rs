//! FLAC streams of our own, made by the reference encoder (libFLAC 1.4) from series that can be made again here.

use super::kit::{all, folder, opened};
use crate::recording::Samples;

const STEREO_16: &[u8] = include_bytes!("../../../../../../tests/fuzz/seeds/wfdb_flac/stereo16.flac");
const STEREO_24: &[u8] = include_bytes!("../../../../../../tests/fuzz/seeds/wfdb_flac/stereo24.flac");
const THREE_16: &[u8] = include_bytes!("../../../../../../tests/fuzz/seeds/wfdb_flac/three16.flac");
const ONE_8: &[u8] = include_bytes!("../../../../../../tests/fuzz/seeds/wfdb_flac/one8.flac");

fn series(value: impl Fn(i32) -> i32) -> Vec<i32> {
    (0..600).map(value).collect()
}

fn triangle(at: i32, period: i32, height: i32) -> i32 {
    let place = at % period;
    let rising = if place < period / 2 { place } else { period - place };
    rising * height - (period * height).div_euclid(4)
}

fn noise(at: i32) -> i32 {
    (at * at * 37 + at * 11) % 1_001
}

fn smooth(at: i32) -> i32 {
    triangle(at, 97, 30) + noise(at) % 13
}

fn beside(at: i32) -> i32 {
    smooth(at) + noise(at) % 5 - 2
}

#[test]
fn every_way_of_coding_reads_as_what_was_coded() {
    let alike = |times: i32| vec![series(move |i| smooth(i) * times), series(move |i| beside(i) * times)];
    let apart = vec![
        series(|_| -7),
        series(|i| triangle(i, 50, 3) * 64),
        series(|i| (noise(i) - 500) * 60),
    ];
    for (format, stream, expected) in [
        (516, STEREO_16, alike(1)),
        (524, STEREO_24, alike(1_000)),
        (516, THREE_16, apart),
        (508, ONE_8, vec![series(|i| smooth(i).rem_euclid(100) - 50)]),
    ] {
        let count = expected.len();
        let header = format!("r {count} 250\n{}", format!("r.dat {format}\n").repeat(count));
        let record = opened(&folder(&[("r.hea", header.as_bytes()), ("r.dat", stream)]), "r.hea").unwrap();
        for (at, wanted) in expected.iter().enumerate() {
            assert_eq!(&all(&record, at), wanted, "{format}, channel {at}");
            let mut part = Vec::new();
            record.samples(at, 100..103, &mut part).unwrap();
            assert_eq!(part, wanted[100..103]);
        }
    }
}

#[test]
fn a_damaged_stream_is_refused_at_its_frame() {
    let header = b"r 2 250\nr.dat 516\nr.dat 516\n";
    let frame = 42;
    for cut in [frame + 1, frame + 9, STEREO_16.len() / 2, STEREO_16.len() - 1] {
        let said = opened(&folder(&[("r.hea", header), ("r.dat", &STEREO_16[..cut])]), "r.hea").unwrap_err();
        assert!(
            said.to_string().starts_with("r.dat, FLAC frame at byte 42"),
            "{cut}: {said}"
        );
    }
    for at in (frame..STEREO_16.len()).step_by(7) {
        let mut broken = STEREO_16.to_vec();
        broken[at] ^= 0x10;
        assert!(
            opened(&folder(&[("r.hea", header), ("r.dat", &broken)]), "r.hea").is_err(),
            "{at}"
        );
    }
    let wide = opened(
        &folder(&[("r.hea", b"r 2 250\nr.dat 508\nr.dat 508\n"), ("r.dat", STEREO_16)]),
        "r.hea",
    );
    let wide = wide.unwrap_err().to_string();
    assert_eq!(
        wide,
        "r.dat: has 2 channels of 16 bits; the header says 2 of format 508"
    );
}
