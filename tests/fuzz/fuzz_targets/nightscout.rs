//! Arrays of a Nightscout server, one a line, one after the other; each is a `Date` header, too. No panic, and the query grows no longer.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::ReceiptTime;
use wire::nightscout::{Session, http_date};

fuzz_target!(|bytes: &[u8]| {
    let mut session = Session::new();
    for (i, body) in (0_i64..).zip(bytes.split(|b| *b == b'\n')) {
        let server = std::str::from_utf8(body).ok().and_then(http_date);
        session.body(ReceiptTime::from_millis(1_800_000_000_000 + i * 300_000), server, body);
        assert!(session.query().len() < 80);
    }
});
