//! The program `wardlight`: a window on the station, and the same station without one.
//!
//! What the words on the command line are is in [`cli`]. Everything that monitors is in the crate `station`.

mod asked;
mod autostart;
mod backup_command;
mod beats_command;
mod bedside_command;
mod cli;
mod delays;
mod desktop;
mod environment;
mod export_command;
mod find_command;
mod import_command;
mod instance;
mod liveness;
mod page;
mod people_command;
mod query;
mod report_command;
mod review;
mod screen;
mod serve;
mod setup;
mod shell;
mod sound;
mod sounder;
mod speaker;
mod stopping;
mod strips;
mod tone;
mod trial;
mod ward_command;
mod whatif_command;
mod window;

use std::process::ExitCode;

use clap::Parser;
use cli::{Arguments, Verb};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    start_log();
    let done = match arguments.verb {
        None => environment::prepared_for_a_window()
            .and_then(|()| shell::run(&arguments.station, arguments.file.as_deref())),
        Some(Verb::Serve(station)) => serve::run(&station),
        Some(Verb::Autostart(wish)) => autostart::run(&wish),
        Some(Verb::Bedside(bedside)) => bedside_command::run(bedside),
        Some(Verb::Beds(history)) => query::beds(&history),
        Some(Verb::Alerts(query)) => query::alerts(&query),
        Some(Verb::Numerics(query)) => query::numerics(&query),
        Some(Verb::Wave(query)) => query::wave(&query),
        Some(Verb::Verify(verify)) => query::verify(&verify),
        Some(Verb::Export(export)) => export_command::run(&export),
        Some(Verb::Backup(backup)) => backup_command::run(&backup),
        Some(Verb::Whatif(trial)) => whatif_command::run(&trial),
        Some(Verb::Beats(beats)) => beats_command::run(&beats),
        Some(Verb::Find(question)) => find_command::run(&question),
        Some(Verb::Import(files)) => import_command::run(&files),
        Some(Verb::Ward(ward)) => ward_command::run(&ward),
        Some(Verb::Report(report)) => report_command::run(&report),
        Some(Verb::People(people)) => people_command::run(&people),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("wardlight: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What went wrong, in words for the person at the keyboard.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The log goes to standard error: standard output belongs to the answers. `RUST_LOG` changes what is said.
fn start_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| {
        tracing_subscriber::EnvFilter::new("warn,wardlight=info,station=info,store=info,feed=info")
    });
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}
