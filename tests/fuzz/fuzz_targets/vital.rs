//! VitalDB files, packed and not: no panic, bounded memory, and every sample that is promised is there.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::recording::Samples;
use wire::vital;

fuzz_target!(|bytes: &[u8]| {
    let Ok(file) = vital::open("fuzz", bytes) else { return };
    for (i, channel) in file.head().channels.iter().enumerate() {
        let mut samples = Vec::new();
        file.samples(i, 0..channel.total(), &mut samples).expect("what is promised is there");
        assert_eq!(samples.len() as u64, channel.total());
        assert!(channel.runs.windows(2).all(|two| two[0].first + two[0].count == two[1].first));
    }
});
