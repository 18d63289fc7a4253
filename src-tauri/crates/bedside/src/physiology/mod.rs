//! A patient for every bed that no free recording covers: waves and numbers from the same heart beats.
//!
//! The heart keeps a list of beats ([`Beat`]); the ECG, the pulse at the finger, the arterial pressure and the
//! number "HR" are all read off that list, so that a heart rate of 72 shows 72 beats. Breaths are a second list,
//! for resp, carbon dioxide and their numbers. Everything follows from a seed: the same bed, the same trace.
//!
//! ```
//! use bedside::physiology::Patient;
//! let mut patient = Patient::calm(1);
//! let mut ecg = Vec::new();
//! patient.samples(0, 250, &mut ecg); // one second of lead II
//! assert_eq!(ecg.len(), 250);
//! ```

mod course;
mod heart;
mod patient;
mod random;
mod shape;
#[cfg(test)]
mod tests;

pub use heart::Beat;
pub(crate) use heart::Rhythm;
pub use patient::Patient;
pub(crate) use patient::rounded;
pub(crate) use shape::{FINGER_DELAY_S, PULSE_RISE_S};
