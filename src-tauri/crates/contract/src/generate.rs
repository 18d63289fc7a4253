//! The TypeScript side of the border, generated.

use ts_rs::{Config, TS};

/// The whole of `ui/src/contract/index.ts`.
pub fn typescript() -> String {
    let config = Config::default();
    let mut text =
        String::from("// Generated from src-tauri/crates/contract by `cargo xtask contract`. Never edited by hand.\n");
    for declaration in [
        crate::WaveScope::decl(&config),
        crate::AnswerWord::decl(&config),
        crate::LimitsTrial::decl(&config),
        crate::ReviewWhat::decl(&config),
        crate::ReviewMark::decl(&config),
        crate::ReviewCommand::decl(&config),
        crate::Command::decl(&config),
        crate::ScreenReport::decl(&config),
        crate::TrendPoint::decl(&config),
        crate::TrendSeries::decl(&config),
        crate::AlertFact::decl(&config),
        crate::AlertRow::decl(&config),
        crate::WhatIfRow::decl(&config),
        crate::WhatIfReply::decl(&config),
        crate::WaveRun::decl(&config),
        crate::WaveSpan::decl(&config),
        crate::EnvelopeAsk::decl(&config),
        crate::ReviewLane::decl(&config),
        crate::ReviewMarks::decl(&config),
        crate::ReviewOpened::decl(&config),
        crate::ReviewStep::decl(&config),
        crate::ReviewAlert::decl(&config),
        crate::ReviewLimits::decl(&config),
        crate::ReviewPause::decl(&config),
        crate::ReviewNote::decl(&config),
        crate::ReviewEvents::decl(&config),
        crate::ReplayedAlert::decl(&config),
        crate::ReplayDifference::decl(&config),
        crate::ReviewReplay::decl(&config),
        crate::Reply::decl(&config),
        crate::ErrorCode::decl(&config),
        crate::ContractError::decl(&config),
        crate::Trouble::decl(&config),
        crate::PersonFact::decl(&config),
        crate::StationFact::decl(&config),
        crate::PauseFact::decl(&config),
        crate::ScorePartFact::decl(&config),
        crate::ScoreFact::decl(&config),
        crate::WaveFact::decl(&config),
        crate::BedFact::decl(&config),
        crate::NumericFact::decl(&config),
        crate::LimitsFact::decl(&config),
        crate::RejectCount::decl(&config),
        crate::FeedFact::decl(&config),
        crate::PulseFact::decl(&config),
        crate::ScreenFact::decl(&config),
        crate::CloseFact::decl(&config),
        crate::ReviewAsked::decl(&config),
        crate::Fact::decl(&config),
    ] {
        text.push_str("\nexport ");
        text.push_str(&declaration);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_typescript_is_what_rust_says() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../ui/src/contract/index.ts");
        if std::env::var_os("WARDLIGHT_WRITE_CONTRACT").is_some() {
            std::fs::write(path, super::typescript()).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            committed == super::typescript(),
            "ui/src/contract/index.ts is stale: run `cargo xtask contract`"
        );
    }
}
