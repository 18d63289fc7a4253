//! WFDB headers: no panic, and what was read is written and read again as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::recording::RecordingError;
use wire::wfdb::{header, open};

fuzz_target!(|bytes: &[u8]| {
    let Ok(read) = header(bytes) else { return };
    let text = read.to_text();
    let again = header(text.as_bytes()).expect("what was written can be read");
    assert_eq!(again.to_text(), text);
    // The header's own bytes in place of every file: any length must be refused or read.
    drop(open("r.hea", &mut |name| match name {
        "r.hea" => Ok(bytes.to_vec()),
        other if other.ends_with(".hea") => Err(RecordingError::new(other, "is not there")),
        _ => Ok(bytes.to_vec()),
    }));
});
