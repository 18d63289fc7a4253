//! MIT annotation files: no panic, and what was read is written and read again as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::wfdb::annotations;

fuzz_target!(|bytes: &[u8]| {
    let Ok(read) = annotations(bytes) else { return };
    // An old text of 255 bytes can be longer in UTF-8: then it is refused.
    let Ok(written) = read.to_bytes() else { return };
    assert_eq!(annotations(&written).expect("what was written can be read"), read);
});
