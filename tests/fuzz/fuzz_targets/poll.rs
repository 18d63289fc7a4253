//! Pages of a polled device, one a line, one after the other. No panic, and the cursor is one that may stand in an address.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::ReceiptTime;
use wire::poll::Session;

fuzz_target!(|bytes: &[u8]| {
    let mut session = Session::new();
    for (i, page) in (0_i64..).zip(bytes.split(|b| *b == b'\n')) {
        session.body(ReceiptTime::from_millis(1_800_000_000_000 + i * 5_000), page);
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '=' | '-' | '_' | '.' | '&');
        assert!(session.query().is_none_or(|q| q.len() <= 134 + "&limit=512".len() && q.chars().all(plain)));
    }
});
