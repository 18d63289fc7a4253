//! The words of Wardlight: one vocabulary in the terms of IEEE 11073, FHIR and IEC 60601-1-8.
//!
//! Everything else speaks it. The types hold their own invariants: what a constructor has accepted, nobody
//! checks again.
//!
//! **Invariant:** no serialisation, no async, no clock and no sibling crate in here. Codecs live in `wire`
//! and `contract`, the clock in `station`.

mod alert;
mod assessment;
mod connectivity;
mod identity;
mod journal;
mod limits;
mod metric;
mod observation;
mod people;
mod quantity;
mod response;
mod time;
mod wave;

pub use alert::{AlertId, AlertKind, AlertState, Cause, ConditionPresence, Priority, Side, SignalPresence, Source};
pub use assessment::{
    Assessment, Breathing, Consciousness, EarlyWarningScore, ScorePart, ScoreTrigger, ScoredPart, SpO2Scale,
};
pub use connectivity::{Connectivity, LostBecause};
pub use identity::{
    Association, Bed, BedId, Device, DeviceId, Encounter, EncounterId, IdentityError, Location, Patient, PatientId,
    Person, Redacted,
};
pub use journal::{JournalEntry, JournalKind, LimitsChange};
pub use limits::{LimitRule, Limits, LimitsError};
pub use metric::{Kind, MetricCode, Unit, UnknownMetric};
pub use observation::{
    DeviceAlert, GenerationMode, Numeric, NumericTiming, Observation, RejectReason, Rejects, Timeliness,
};
pub use people::{Actor, Role};
pub use quantity::{Absence, Quantity, QuantityError, Reading};
pub use response::{Pause, Response, Rung};
pub use time::{Clock, DeviceClock, DeviceTime, ReceiptTime};
pub use wave::{NO_SAMPLE, SampleArray, SampleRate, Scale, WaveError};
