//! What the tests of the store share.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "each test file uses its part, and a test may unwrap"
)]
#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a made-up trace"
)]

pub mod disk;

use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use model::{
    AlertId, AlertKind, AlertState, BedId, Cause, ConditionPresence, DeviceTime, GenerationMode, JournalEntry,
    JournalKind, LimitRule, Limits, LimitsChange, MetricCode, Numeric, NumericTiming, Person, Priority, Quantity,
    Reading, ReceiptTime, SampleArray, SampleRate, Scale, Side, SignalPresence, Source, Timeliness,
};
use store::{Opened, StoreHealth, StoreOptions, Writer};

/// 2027-01-15, in microseconds.
pub const START: i64 = 1_800_000_000_000_000;

pub fn bed(name: &str) -> BedId {
    BedId::new(name).unwrap()
}

/// A writer that says nothing, and what it found.
pub fn open(dir: &Path) -> (Writer, Opened) {
    store::open(dir, StoreOptions::default(), Box::new(|_| ()), Box::new(|_| ())).unwrap()
}

/// Everything a writer said about its health.
pub type Said = Arc<Mutex<Vec<StoreHealth>>>;

pub fn open_and_listen(dir: &Path, options: StoreOptions) -> (Writer, Opened, Said) {
    let said = Said::default();
    let ear = Arc::clone(&said);
    let on_health = Box::new(move |health| ear.lock().unwrap().push(health));
    let (writer, opened) = store::open(dir, options, on_health, Box::new(|_| ())).unwrap();
    (writer, opened, said)
}

/// Everything that was found in histories that were opened late.
pub type Late = Arc<Mutex<Vec<Opened>>>;

pub fn open_and_wait(dir: &Path) -> (Writer, Opened, Said, Late) {
    let (said, late) = (Said::default(), Late::default());
    let (ear, hand) = (Arc::clone(&said), Arc::clone(&late));
    let on_health = Box::new(move |health| ear.lock().unwrap().push(health));
    let on_opened = Box::new(move |opened| hand.lock().unwrap().push(opened));
    let (writer, opened) = store::open(dir, StoreOptions::default(), on_health, on_opened).unwrap();
    (writer, opened, said, late)
}

/// Journals and waits for the answer.
pub fn journal(writer: &Writer, entries: Vec<JournalEntry>) -> Result<(), store::StoreError> {
    let (say, hear) = mpsc::sync_channel(1);
    writer.journal(entries, Box::new(move |result| say.send(result).unwrap()));
    hear.recv().unwrap()
}

pub fn entry(number: i64) -> JournalEntry {
    JournalEntry {
        detail: Some(format!("entry {number}")),
        ..JournalEntry::new(ReceiptTime::from_micros(START + number), JournalKind::Connectivity)
    }
}

pub fn wave(start: i64, rate: (u32, u32), samples: Vec<i16>) -> SampleArray {
    SampleArray {
        metric: MetricCode::EcgII,
        measured_at: DeviceTime::from_micros(start - 5_000),
        received_at: ReceiptTime::from_micros(start + 250_000),
        start: ReceiptTime::from_micros(start),
        rate: SampleRate::new(rate.0, rate.1).unwrap(),
        scale: Scale::new(0.005, 0.0).unwrap(),
        mode: GenerationMode::Demo,
        samples,
        gap_before: false,
    }
}

pub fn numeric(at: i64, thousandths: i32) -> Numeric {
    Numeric {
        metric: MetricCode::HeartRate,
        reading: Reading::Value(Quantity::from_thousandths(thousandths)),
        measured_at: DeviceTime::from_micros(at - 40_000),
        received_at: ReceiptTime::from_micros(at),
        timing: NumericTiming::Every(Duration::from_secs(1)),
        mode: GenerationMode::Demo,
        timeliness: Timeliness::Live,
    }
}

/// A trace with a beat, a wander and noise, never the same twice.
pub fn trace(from: usize, count: usize, rate: f64) -> Vec<i16> {
    (from..from + count)
        .map(|n| {
            let seconds = n as f64 / rate;
            let beat = (seconds * 1.2).fract();
            let spike = if beat < 0.06 {
                180.0 * (beat / 0.06 * std::f64::consts::PI).sin()
            } else {
                0.0
            };
            let noise = (u64::try_from(n).unwrap().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 61) as f64;
            (spike + 20.0 * (seconds * 0.3).sin() + noise) as i16
        })
        .collect()
}

/// A rule for SpO2 with this lower limit, in thousandths.
pub fn rule(low: i32) -> LimitRule {
    LimitRule {
        metric: MetricCode::SpO2,
        limits: Limits::new(Some(Quantity::from_thousandths(low)), None).unwrap(),
        priority: Priority::Medium,
        delay: Duration::from_secs(10),
        hysteresis: Quantity::from_thousandths(1_000),
    }
}

fn at(second: i64) -> ReceiptTime {
    ReceiptTime::from_micros(START + second * 1_000_000)
}

/// Somebody sets the lower limit of bed 7.
pub fn change(second: i64, low: i32) -> JournalEntry {
    JournalEntry {
        bed: Some(bed("bed-07")),
        person: Some(Person::new("Dr. Example").unwrap()),
        limits: Some(LimitsChange {
            metric: MetricCode::SpO2,
            before: None,
            after: Some(rule(low)),
            until: None,
        }),
        ..JournalEntry::new(at(second), JournalKind::LimitsChanged)
    }
}

/// An alert of bed 7 is raised.
pub fn raised(second: i64, id: u64) -> JournalEntry {
    JournalEntry {
        bed: Some(bed("bed-07")),
        alert: Some(AlertState {
            id: AlertId(id),
            version: 1,
            bed: Some(bed("bed-07")),
            cause: Cause::Limit {
                metric: MetricCode::SpO2,
                side: Side::Low,
            },
            kind: AlertKind::Physiological,
            priority: Priority::High,
            source: Source::Station,
            presence: ConditionPresence::Active,
            signal: SignalPresence::On,
            since: at(second),
            raised_at: at(second),
            worst: None,
            limit: None,
            owner: None,
            realert_at: None,
            text: None,
            response: model::Response::Accepted,
            responder: None,
            rung: model::Rung::First,
            occurrence: 1,
            episode_since: at(second),
        }),
        ..JournalEntry::new(at(second), JournalKind::AlertRaised)
    }
}

/// The limits that stand, by bed.
pub fn limits(standing: &[JournalEntry]) -> Vec<(BedId, Option<LimitRule>)> {
    let limits = |entry: &JournalEntry| Some((entry.bed.clone()?, entry.limits.as_ref()?.after));
    standing.iter().filter_map(limits).collect()
}

/// The ids of the alerts that stand.
pub fn alerts(standing: &[JournalEntry]) -> Vec<u64> {
    standing
        .iter()
        .filter_map(|entry| Some(entry.alert.as_ref()?.id.0))
        .collect()
}
