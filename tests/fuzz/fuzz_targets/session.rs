//! A connection: one message a line, binary where a line begins with `#`. No panic, bounded answers, and after all of
//! it a device that greets anew is taken.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::{Observation, ReceiptTime};
use wire::native::Session;

const HELLO: &[u8] = br#"{"type":"hello","seq":1,"t":1800000000000,"version":1,"device":{"id":"mon-7"},"mode":"test","heartbeat_ms":1000}"#;

fuzz_target!(|bytes: &[u8]| {
    let mut session = Session::new("Ward 3");
    let mut now_ms = 1_800_000_000_000;
    for line in bytes.split(|b| *b == b'\n') {
        // The length of a line stands for the time until the next.
        now_ms += i64::try_from(line.len()).expect("a line is short") * 7;
        let now = ReceiptTime::from_millis(now_ms);
        let step = match line.split_first() {
            Some((b'#', block)) => session.binary(now, block),
            _ => session.text(now, line),
        };
        assert!(step.transit_ms >= 0.0);
        assert!(step.answer.is_none_or(|a| a.len() < 1_000));
        for observation in &step.observations {
            if let Observation::Wave(wave) = observation {
                assert!(!wave.samples.is_empty() && wave.end() >= wave.start);
            }
        }
    }
    session.reconnected();
    let step = session.text(ReceiptTime::from_millis(now_ms), HELLO);
    assert!(matches!(step.observations.first(), Some(Observation::Device(_))));
});
