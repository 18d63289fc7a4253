//! `wardlight backup`: a copy of the history, also while a station records.

use std::ops::ControlFlow;

use station::history;

use crate::Failure;
use crate::cli::BackupArguments;

/// Writes the copy and its anchor.
pub fn run(arguments: &BackupArguments) -> Result<(), Failure> {
    history::backup(&arguments.data, &arguments.out, &mut |_| ControlFlow::Continue(()))?;
    println!("{}: copied; `wardlight verify` checks it", arguments.out.display());
    Ok(())
}
