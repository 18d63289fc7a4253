//! WFDB headers: no panic, and what was read is written and read again as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::wfdb::{header, signals};

fuzz_target!(|bytes: &[u8]| {
    let Ok(read) = header(bytes) else { return };
    let text = read.to_text();
    let again = header(text.as_bytes()).expect("what was written can be read");
    assert_eq!(again.to_text(), text);
    // The header's own bytes in place of samples: any length must be refused or read.
    for file in read.files() {
        drop(signals(&read, file, bytes));
    }
});
