//! FLAC signal files: whole streams, and single frames whose checksums are made here, so that the bits inside are reached.
//! A frame's first bytes are its channels, its bits and its samples less one.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::recording::Samples;
use wire::wfdb::open;

fn crc(bytes: &[u8], polynomial: u16, bits: u32) -> u16 {
    let top = 1_u16 << (bits - 1);
    bytes.iter().fold(0, |sum, byte| {
        let sum = sum ^ u16::from(*byte) << (bits - 8);
        (0..8).fold(sum, |sum: u16, _| sum << 1 ^ if sum & top == 0 { 0 } else { polynomial })
    })
}

fn stream(channels: u8, bits: u8) -> Vec<u8> {
    let mut bytes = b"fLaC\x80\x00\x00\x22".to_vec();
    let mut info = [0_u8; 34];
    // 20 bits of rate, 3 of channels less one, 5 of bits less one.
    let word = 250_u32 << 12 | u32::from(channels - 1) << 9 | u32::from(bits - 1) << 4;
    info[10..14].copy_from_slice(&word.to_be_bytes());
    bytes.extend(info);
    bytes
}

fn frame(bytes: &[u8]) -> Option<(u8, Vec<u8>)> {
    let (&[shape, bits, high, low], body) = bytes.split_first_chunk()?;
    let shape = shape % 11;
    let (code, bits) = [(1, 8), (2, 12), (4, 16), (5, 20), (6, 24)][usize::from(bits) % 5];
    let channels = if shape < 8 { shape + 1 } else { 2 };
    let mut made = vec![0xff, 0xf8, 0x70, shape << 4 | code << 1, 0, high, low];
    made.push(crc(&made, 0x07, 8) as u8);
    made.extend(body);
    made.extend(crc(&made, 0x8005, 16).to_be_bytes());
    let mut whole = stream(channels, bits);
    whole.extend(made);
    Some((channels, whole))
}

fuzz_target!(|bytes: &[u8]| {
    let found = if bytes.starts_with(b"fLaC") {
        let channels = bytes.get(20).map_or(1, |b| (b >> 1 & 7) + 1);
        Some((channels, bytes.to_vec()))
    } else {
        frame(bytes)
    };
    let Some((channels, data)) = found else { return };
    let header = format!("r {channels} 250\n{}", "r.dat 524\n".repeat(usize::from(channels)));
    let opened = open("r.hea", &mut |name| {
        Ok(if name == "r.hea" { header.clone().into_bytes() } else { data.clone() })
    });
    let Ok(record) = opened else { return };
    for (at, channel) in record.head().channels.iter().enumerate() {
        let count: u64 = channel.runs.iter().map(|r| r.count).sum();
        let mut samples = Vec::new();
        if count < 1 << 20 && record.samples(at, 0..count, &mut samples).is_ok() {
            assert_eq!(samples.len() as u64, count);
        }
    }
});
