//! The border between Rust and the UI: commands in, facts and frames out.
//!
//! Everything that crosses is in this crate: [`Command`] and [`Reply`] as JSON, [`Fact`]s as JSON, waves as the
//! binary [`frame`], a lane of a review as the binary [`mod@envelope`]. The TypeScript types are generated from here ([`typescript`]); a test says when they are stale.
//!
//! Times are milliseconds since the Unix epoch on the station's clock, as JSON numbers. Values are in the unit
//! of their metric.

mod command;
mod convert;
pub mod envelope;
mod fact;
pub mod frame;
mod generate;
mod review;

pub use command::{
    AlertRow, AnswerWord, Command, ContractError, ErrorCode, LimitsTrial, Reply, ScreenReport, TrendPoint, TrendSeries,
    WaveRun, WaveScope, WaveSpan, WhatIfReply, WhatIfRow,
};
pub use convert::{alert_row, facts, frame_of, refusal};
pub use fact::{
    AlertFact, BedFact, CloseFact, Fact, FeedFact, LimitsFact, NumericFact, PauseFact, PersonFact, PulseFact,
    RejectCount, ReviewAsked, ScoreFact, ScorePartFact, ScreenFact, StationFact, Trouble, WaveFact,
};
pub use generate::typescript;
pub use review::{
    EnvelopeAsk, ReplayDifference, ReplayedAlert, ReviewAlert, ReviewCommand, ReviewEvents, ReviewLane, ReviewLimits,
    ReviewMark, ReviewMarks, ReviewNote, ReviewOpened, ReviewPause, ReviewReplay, ReviewStep, ReviewWhat,
};
