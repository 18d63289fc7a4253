//! Virtual bedside devices from the command line.

use bedside::{LoadProfile, Script, WardOptions};
use serde::Serialize;
use tokio::signal::unix::{SignalKind, signal};

use crate::Failure;
use crate::cli::BedsideArguments;
use crate::serve::say;
use crate::setup;

#[derive(Serialize)]
struct Feed<'a> {
    bed: &'a str,
    url: &'a str,
}

/// Runs the devices until their time is over, or until Ctrl-C or SIGTERM.
pub fn run(arguments: BedsideArguments) -> Result<(), Failure> {
    let faults = match &arguments.faults {
        None => Script::default(),
        // A script is a file where one is there; otherwise it is the text itself.
        Some(script) => match std::fs::read_to_string(script) {
            Ok(text) => text.parse()?,
            Err(_) => script.parse()?,
        },
    };
    let options = WardOptions {
        beds: arguments.beds,
        port: arguments.port,
        record: arguments.record,
        seconds: arguments.seconds,
        faults,
        profile: if arguments.full {
            LoadProfile::Full
        } else {
            LoadProfile::Demo
        },
        json_waves: arguments.json_waves,
        ..WardOptions::default()
    };
    setup::runtime()?.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut ward = bedside::start(options).await?;
        if let Some(path) = &arguments.config_out {
            std::fs::write(path, ward.station_toml())
                .map_err(|e| format!("cannot write the configuration to {}: {e}", path.display()))?;
        }
        for feed in ward.feeds() {
            say(&Feed {
                bed: &feed.bed,
                url: &feed.url,
            })?;
        }
        tokio::select! {
            () = ward.finished() => {}
            _ = terminate.recv() => {}
            pressed = tokio::signal::ctrl_c() => pressed?,
        }
        ward.stop().await;
        Ok(())
    })
}
