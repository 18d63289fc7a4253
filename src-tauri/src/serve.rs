//! The station without a window.

use std::io::Write;

use serde::Serialize;

use crate::Failure;
use crate::cli::StationArguments;
use crate::setup::{self, OnBrokenConfig};
use crate::stopping::Signals;

#[derive(Serialize)]
struct FirstLine<'a> {
    ready: bool,
    version: &'a str,
    pid: u32,
    data: String,
    beds: usize,
    feeds: usize,
}

/// Runs until Ctrl-C, SIGTERM or SIGHUP.
pub fn run(arguments: &StationArguments) -> Result<(), Failure> {
    setup::runtime()?.block_on(async {
        let mut signals = Signals::listen()?;
        let setup = setup::start(arguments, OnBrokenConfig::Fail).await?;
        let first_line = FirstLine {
            ready: true,
            version: env!("CARGO_PKG_VERSION"),
            pid: std::process::id(),
            data: setup.data_dir.display().to_string(),
            beds: setup.beds,
            feeds: setup.feeds,
        };
        say(&first_line)?;
        let name = signals.received().await;
        tracing::info!(name, "told to stop");
        setup.stop().await
    })
}

/// One JSON line on standard output, at once.
pub fn say(line: &impl Serialize) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer(&mut out, line)?;
    writeln!(out)?;
    Ok(out.flush()?)
}
