//! What can go wrong with a bed.

use model::MetricCode;

/// What goes wrong while an [`crate::Entry`] lasts. `FAULTS.md` says what a station should make of each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// Connections are cut, and new ones are closed at once.
    Drop,
    /// Connections stay open and nothing comes; what was measured meanwhile is lost.
    Silence,
    /// Beside its messages the device sends text that is no JSON and a block that is no block.
    Garbage,
    /// The ECG electrodes are off: no samples, HR without a number, a device alert `lead-off`.
    LeadOff,
    /// The oximeter is off the finger: no pleth, `SpO2` without a number, a device alert `sensor-off`.
    ProbeOff,
    /// Messages come in bursts, all two seconds.
    Slow,
    /// Every message comes five seconds late.
    Late,
    /// Numbers say that they were measured ten minutes ago.
    Backfill,
    /// Every message comes twice.
    Duplicate,
    /// One wave message a second is lost on the way: its sequence number never comes.
    SeqGap,
    /// Numbers come in a unit that does not belong to them.
    WrongUnit,
    /// A number is the text `NaN`.
    NotANumber,
    /// Numbers are -999, which some devices send for "no value".
    Sentinel,
    /// Numbers are 9999.
    Impossible,
    /// A number with a name that nobody knows.
    UnknownMetric,
    /// A message longer than the protocol allows, once a second.
    Oversized,
    /// The device's clock begins at 1970.
    Clock1970,
    /// The device's clock shows the year 2704.
    Clock2704,
    /// Numbers are `null`.
    NotAvailable,
    /// Numbers are marked as doubtful.
    Questionable,
    /// The device says that it speaks version 99.
    WrongVersion,
    /// A device alert `low-battery`, technical, medium.
    Alert,
    /// A number is held at a value. A patient of the model follows: at HR 140 the heart beats at 140.
    Set(MetricCode, f64),
}

impl Fault {
    /// Every fault that is one word.
    pub const WORDS: [(&'static str, Self); 22] = [
        ("drop", Self::Drop),
        ("silence", Self::Silence),
        ("garbage", Self::Garbage),
        ("lead-off", Self::LeadOff),
        ("probe-off", Self::ProbeOff),
        ("slow", Self::Slow),
        ("late", Self::Late),
        ("backfill", Self::Backfill),
        ("duplicate", Self::Duplicate),
        ("seq-gap", Self::SeqGap),
        ("wrong-unit", Self::WrongUnit),
        ("nan", Self::NotANumber),
        ("sentinel", Self::Sentinel),
        ("impossible", Self::Impossible),
        ("unknown-metric", Self::UnknownMetric),
        ("oversized", Self::Oversized),
        ("clock-1970", Self::Clock1970),
        ("clock-2704", Self::Clock2704),
        ("not-available", Self::NotAvailable),
        ("questionable", Self::Questionable),
        ("wrong-version", Self::WrongVersion),
        ("alert", Self::Alert),
    ];
}
