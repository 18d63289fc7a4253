//! WFDB signal files: the first bytes say the format and the shape of a frame, the rest is the file. Any bytes are read or
//! refused, as many samples come as were promised, and a part of them is what it is in the whole.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::recording::Samples;
use wire::wfdb::open;

const FORMATS: [u16; 13] = [8, 16, 24, 32, 61, 80, 160, 212, 310, 311, 508, 516, 524];

fuzz_target!(|bytes: &[u8]| {
    let Some((&[format, first, second, skew, offset, frames], data)) = bytes.split_first_chunk() else {
        return;
    };
    let format = FORMATS[usize::from(format) % FORMATS.len()];
    let (first, second) = (first % 8 + 1, second % 8);
    let frames = if frames == 0 { String::new() } else { (frames - 1).to_string() };
    let mut header = format!("r {} 250 {frames}\nr.dat {format}x{first}:{skew}+{offset}\n", 1 + u8::from(second > 0));
    if second > 0 {
        header += &format!("r.dat {format}x{second}+{offset}\n");
    }
    let opened = open("r.hea", &mut |name| {
        Ok(if name == "r.hea" { header.clone().into_bytes() } else { data.to_vec() })
    });
    let Ok(record) = opened else { return };
    drop(record.verify());
    for (at, channel) in record.head().channels.iter().enumerate() {
        let count: u64 = channel.runs.iter().map(|r| r.count).sum();
        if count > 1 << 20 {
            continue;
        }
        let (mut whole, mut part) = (Vec::new(), Vec::new());
        if record.samples(at, 0..count, &mut whole).is_err() {
            continue;
        }
        assert_eq!(whole.len() as u64, count);
        record.samples(at, count / 3..count / 2, &mut part).expect("a part of what was read");
        let range = usize::try_from(count / 3).expect("small")..usize::try_from(count / 2).expect("small");
        assert_eq!(part, whole[range]);
    }
});
