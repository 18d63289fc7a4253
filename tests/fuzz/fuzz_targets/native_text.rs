//! Text messages: no panic, and what was read is written and read again as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::native::{Answer, decode_text, encode_answer, encode_text};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(message) = decode_text(bytes)
        && let Ok(text) = encode_text(&message)
    {
        let again = decode_text(text.as_bytes()).expect("what was written can be read");
        // Numbers may move by their last bit on the first way through, and by none after that.
        let settled = encode_text(&again).expect("what was read can be written");
        let once_more = decode_text(settled.as_bytes()).expect("what was written can be read");
        assert_eq!(message.seq(), again.seq());
        assert_eq!(std::mem::discriminant(&message), std::mem::discriminant(&once_more));
    }
    if let Ok(answer) = Answer::decode(bytes) {
        let text = encode_answer(&answer).expect("an answer can be written");
        assert_eq!(
            Answer::decode(text.as_bytes()).expect("what was written can be read"),
            answer
        );
    }
});
