//! The engine by stories, by laws, against an oracle, and against its table of states.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "in tests a panic is the report; the leave for tests does not reach the functions they share"
)]
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a test names the events that it is about, and no others"
)]

mod adult;
mod against_oracle;
mod chance;
mod flood;
mod history;
mod laws;
mod life;
mod oracle;
mod oracle_limits;
mod states;
mod stories_acknowledge;
mod stories_feeds;
mod stories_limits;
mod stories_pauses;
mod stories_people;
mod stories_score;
mod stories_stays;
mod stories_technical;
mod story;
mod telling;
mod time;
mod ward;
