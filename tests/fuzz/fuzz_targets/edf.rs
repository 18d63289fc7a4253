//! EDF and BDF files: no panic, every sample that is promised is there, and what was read is written and read again as
//! the same values, within the step that was written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::edf;
use wire::recording::{NO_SAMPLE_WIDE, Samples};

fn values(file: &dyn Samples, channel: usize) -> Vec<f64> {
    let spec = &file.head().channels[channel];
    let mut samples = Vec::new();
    file.samples(channel, 0..spec.total(), &mut samples).expect("what is promised is there");
    assert_eq!(samples.len() as u64, spec.total());
    samples.retain(|sample| *sample != NO_SAMPLE_WIDE);
    samples.into_iter().filter_map(|sample| spec.value(sample)).collect()
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(file) = edf::open("fuzz", bytes.to_vec()) else { return };
    let read: Vec<Vec<f64>> = (0..file.head().channels.len()).map(|i| values(&file, i)).collect();
    // Centuries between two records are filled when they are written; that is a matter of time, not of soundness.
    if file.head().channels.iter().any(|channel| channel.runs.len() > 1) {
        return;
    }
    let mut written = Vec::new();
    let Ok(said) = edf::write(&file, &mut written) else { return };
    let again = edf::open("fuzz", written).expect("what was written can be read");
    assert!(again.head().channels.len() <= file.head().channels.len());
    if again.head().channels.len() < read.len() || said.iter().any(|line| line.contains("left out")) {
        return;
    }
    for (i, read) in read.iter().enumerate() {
        assert_eq!(values(&again, i).len(), read.len());
    }
});
