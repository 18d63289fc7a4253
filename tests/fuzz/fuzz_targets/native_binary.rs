//! Binary wave blocks: no panic, and what was read is written as the same samples.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::native::{decode_binary, encode_binary};

fuzz_target!(|bytes: &[u8]| {
    let Ok(waves) = decode_binary(bytes) else { return };
    let written = encode_binary(&waves).expect("what was read can be written");
    let again = decode_binary(&written).expect("what was written can be read");
    assert_eq!((again.seq, again.t.to_bits()), (waves.seq, waves.t.to_bits()));
    assert_eq!(again.blocks, waves.blocks);
    assert_eq!(written.len(), bytes.len());
});
