//! Recorded files of others are read with the values that the reference tools read, and what is written is read back
//! by those tools as the same.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "tests: what does not fit ends them"
)]

mod csv;
mod edf;
mod kit;
mod readers;
mod vital;
mod wfdb;
