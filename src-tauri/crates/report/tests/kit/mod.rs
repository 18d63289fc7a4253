//! What the tests print.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test file uses its part, and a test may unwrap"
)]
#![allow(clippy::cast_precision_loss, clippy::indexing_slicing, reason = "a made-up stay")]

pub mod ward;

use jiff::tz::TimeZone;
use model::{EncounterId, GenerationMode, Patient, PatientId, ReceiptTime, Redacted, SampleRate};
use report::{Heading, Piece, Print, Wave};

/// 2026-03-01 04:00:00 UTC.
pub fn start() -> ReceiptTime {
    ReceiptTime::from_rfc3339("2026-03-01T04:00:00Z").unwrap()
}

pub fn after(seconds: f64) -> ReceiptTime {
    start().plus(std::time::Duration::from_secs_f64(seconds))
}

pub fn heading(seconds: f64, mode: GenerationMode) -> Heading {
    Heading {
        patient: Some(Patient {
            id: Redacted(PatientId::new("DEMO-0007").unwrap()),
            name: Redacted("DEMO, Bed 07".to_owned()),
        }),
        place: "Bed 07, Demo ward".to_owned(),
        stay: Some(EncounterId::new("stay-7").unwrap()),
        from: start(),
        until: after(seconds),
        mode,
        print: print(),
    }
}

pub fn print() -> Print {
    Print {
        at: after(86_400.0),
        zone: TimeZone::UTC,
        version: "0.1.0".to_owned(),
    }
}

pub fn wave(label: &str, unit: &str, hertz: f64, values: Vec<Option<f32>>) -> Wave {
    Wave {
        label: label.to_owned(),
        unit: unit.to_owned(),
        pieces: vec![Piece {
            from: start(),
            rate: SampleRate::from_hertz(hertz).unwrap(),
            values,
        }],
    }
}

/// Samples of a recording that comes with the demo ward: format 16.
pub fn recording(bytes: &[u8], zero: f32, per_unit: f32) -> Vec<Option<f32>> {
    let sample = |pair: &[u8]| Some((f32::from(i16::from_le_bytes([pair[0], pair[1]])) - zero) / per_unit);
    bytes.chunks_exact(2).map(sample).collect()
}

pub const ECG: &[u8] = include_bytes!("../../../bedside/recordings/ecg208.dat");
pub const PLETH: &[u8] = include_bytes!("../../../bedside/recordings/ppg2.dat");
