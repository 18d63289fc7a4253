//! Feeds: one file per protocol adapter. A feed owns its connection, reconnects for ever, stamps the receipt time once,
//! at arrival, and reports its connectivity as data.
//!
//! **Invariant:** no feed can touch another. Each runs in a task of its own, into a queue of its own, and a panic in
//! one is an end of its connection.
//!
//! **Invariant:** nothing waits without a timeout and nothing grows without a bound; every one of them is a named
//! constant ([`Timing`], [`WAVE_BLOCKS_MAX`] …).
//!
//! **Invariant:** no patient data and no secret in logs or in errors.

mod backoff;
mod connect;
mod http;
mod inbox;
#[cfg(test)]
mod inbox_tests;
mod link;
mod names;
mod poll;
mod queue;
#[cfg(test)]
mod queue_laws;
mod run;
mod setup;
mod socket;
mod timing;
mod tls;

pub use http::ANSWER_BYTES_MAX;
pub use inbox::{Delivery, Inbox, InboxGone, Outbox, TURN_MAX, inbox};
pub use queue::{NUMERICS_MAX, OTHERS_MAX, WAVE_BLOCKS_MAX, WAVE_SAMPLES_MAX, WhenFull};
pub use run::{run, run_with};
pub use setup::{FeedSetup, FeedSource, PollShape};
pub use timing::Timing;
