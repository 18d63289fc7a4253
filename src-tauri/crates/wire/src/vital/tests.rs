//! Files made here, packet by packet.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::*;
use crate::recording::{NO_SAMPLE_WIDE, Run, Samples as _};

fn text(words: &str) -> Vec<u8> {
    let mut out = u32::try_from(words.len()).unwrap().to_le_bytes().to_vec();
    out.extend_from_slice(words.as_bytes());
    out
}

fn packet(kind: u8, parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let mut out = vec![kind];
    out.extend_from_slice(&u32::try_from(body.len()).unwrap().to_le_bytes());
    out.extend_from_slice(&body);
    out
}

fn device(id: u32, name: &str) -> Vec<u8> {
    packet(9, &[&id.to_le_bytes(), &text("Bx50"), &text(name), &text("COM1")])
}

/// Identifier, kind and format, then name, unit, rate, gain and device.
fn track(head: (u16, u8, u8), name: &str, unit: &str, rate: f32, gain: f64, device: u32) -> Vec<u8> {
    packet(
        0,
        &[
            &head.0.to_le_bytes(),
            &[head.1, head.2],
            &text(name),
            &text(unit),
            &0_f32.to_le_bytes(),
            &0_f32.to_le_bytes(),
            &0_u32.to_le_bytes(),
            &rate.to_le_bytes(),
            &gain.to_le_bytes(),
            &(-1.0_f64).to_le_bytes(),
            &[0],
            &device.to_le_bytes(),
        ],
    )
}

fn record(track: u16, at: f64, content: &[u8]) -> Vec<u8> {
    packet(
        1,
        &[&10_u16.to_le_bytes(), &at.to_le_bytes(), &track.to_le_bytes(), content],
    )
}

fn wave(track: u16, at: f64, samples: &[i16]) -> Vec<u8> {
    let count = u32::try_from(samples.len()).unwrap().to_le_bytes();
    let bytes: Vec<u8> = samples.iter().flat_map(|s| s.to_le_bytes()).collect();
    record(track, at, &[&count[..], &bytes].concat())
}

const START: f64 = 1_700_000_000.0;

/// Two devices: a wave with a gap, decimals with a hole, a number, words.
fn plain() -> Vec<u8> {
    let mut file = b"VITA\x03\0\0\0\x1b\0".to_vec();
    file.extend_from_slice(&(-540_i16).to_le_bytes());
    file.extend_from_slice(&[0; 8]);
    file.extend_from_slice(&START.to_le_bytes());
    file.extend_from_slice(&[0; 9]);
    let decimals = [0.25_f32, f32::NAN, -1.5].map(f32::to_le_bytes).concat();
    for part in [
        device(1, "Solar8000"),
        device(2, "BIS"),
        track((1, 1, 5), "ECG_II", "mV", 250.0, 0.01, 1),
        track((2, 2, 1), "HR", "/min", 0.0, 1.0, 1),
        track((3, 1, 1), "EEG1_WAV", "uV", 62.4725, 1.0, 2),
        track((4, 5, 0), "EVENT", "", 0.0, 1.0, 0),
        wave(1, START + 1.0, &[1, 2, 3, 4, 5]),
        wave(1, START + 1.05, &[6, 7]),
        wave(1, START + 9.0, &[-8]),
        record(2, START + 2.0, &71.5_f32.to_le_bytes()),
        record(2, START + 1.0, &f32::NAN.to_le_bytes()),
        record(3, START + 0.5, &[&3_u32.to_le_bytes()[..], &decimals].concat()),
        record(4, START + 3.0, &[&[0; 4][..], &text("Einleitung")].concat()),
        record(9, START, &[]),
        packet(77, &[b"later versions"]),
    ] {
        file.extend_from_slice(&part);
    }
    file
}

fn packed(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn waves_numbers_and_words_of_several_devices_are_read() {
    let file = open("case", &packed(&plain())).unwrap();
    let head = file.head();
    assert_eq!(head.start_us, Some(1_700_000_000_000_000 + 540 * 60_000_000));
    let ecg = &head.channels[0];
    assert_eq!(
        (ecg.label.as_str(), ecg.unit.as_str(), ecg.bits),
        ("Solar8000/ECG_II", "mV", 16)
    );
    assert!((ecg.value(100).unwrap() - 0.0).abs() < 1e-9, "the offset is -1");
    let runs = [
        Run {
            start_us: 1_000_000,
            first: 0,
            count: 7,
        },
        Run {
            start_us: 9_000_000,
            first: 7,
            count: 1,
        },
    ];
    assert_eq!(ecg.runs, runs, "50 ms is a stamp of arrival, 8 s is a gap");
    let mut samples = Vec::new();
    file.samples(0, 0..8, &mut samples).unwrap();
    assert_eq!(samples, [1, 2, 3, 4, 5, 6, 7, -8]);

    let eeg = &head.channels[1];
    assert_eq!(
        (eeg.label.as_str(), eeg.rate.fraction()),
        ("BIS/EEG1_WAV", (24_989, 400))
    );
    samples.clear();
    file.samples(1, 0..3, &mut samples).unwrap();
    assert_eq!(samples[1], NO_SAMPLE_WIDE);
    assert!((eeg.value(samples[2]).unwrap() + 1.5).abs() < 1e-9);

    assert_eq!(head.numerics[0].points, [(2_000_000, 71.5)]);
    assert_eq!(
        (head.marks[0].at_us, head.marks[0].text.as_str()),
        (3_000_000, "Einleitung")
    );
    assert!(
        head.notes.contains(&"1 packets could not be read".to_owned()),
        "{:?}",
        head.notes
    );
}

#[test]
fn a_file_that_breaks_off_is_read_so_far_and_a_damaged_one_is_refused() {
    let whole = packed(&plain());
    let cut = open("case", &plain()[..plain().len() - 30]).unwrap();
    assert!(
        cut.head().notes.iter().any(|note| note.contains("breaks off")),
        "{:?}",
        cut.head().notes
    );
    let mut damaged = whole.clone();
    let middle = damaged.len() / 2;
    for byte in &mut damaged[middle..middle + 40] {
        *byte = 0xFF;
    }
    assert!(
        open("case", &damaged)
            .unwrap_err()
            .to_string()
            .starts_with("case, byte ")
    );
    insta::assert_snapshot!(open("case", &packed(b"VITA")).unwrap_err(), @"case, byte 0 (unpacked): the file ends within its header");
    insta::assert_snapshot!(open("case", &packed(b"RIFF\0\0\0\0\0\0")).unwrap_err(), @"case, byte 0 (unpacked): the unpacked stream does not begin with VITA");
}

#[test]
fn a_small_file_does_not_unpack_to_a_large_one() {
    let mut bomb = plain();
    bomb.extend_from_slice(&[1, 0xFF, 0xFF, 0xFF, 0x7F]);
    bomb.resize(40 << 20, 0);
    let error = open("case", &packed(&bomb)).unwrap_err().to_string();
    assert!(error.contains("unpacks to more than"), "{error}");
}

proptest! {
    #[test]
    fn no_bytes_are_too_strange(at in 10_usize..600, byte in any::<u8>(), cut in 0_usize..600) {
        let mut file = plain();
        if let Some(place) = file.get_mut(at) { *place = byte; }
        file.truncate(file.len().saturating_sub(cut).max(10));
        if let Ok(read) = open("case", &file) {
            for (i, channel) in read.head().channels.iter().enumerate() {
                let mut samples = Vec::new();
                read.samples(i, 0..channel.total(), &mut samples).unwrap();
                prop_assert_eq!(samples.len() as u64, channel.total());
            }
        }
    }
}
