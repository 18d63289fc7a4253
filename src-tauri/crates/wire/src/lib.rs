//! Pure codecs: bytes in, the words of [`model`] out, and the other way round.
//!
//! **Invariant:** no sockets, no clock and no async in here. When something arrived is an argument, and what a
//! peer sends, whatever it is, is answered with observations and counted rejects, never with a panic.

mod bracket;
mod civil;
pub mod csv;
mod decimal;
pub mod edf;
pub mod label;
mod late;
pub mod native;
pub mod nightscout;
pub mod nomenclature;
pub mod poll;
mod reading;
pub mod recording;
mod step;
pub mod vital;
pub mod wfdb;

pub use step::Step;
