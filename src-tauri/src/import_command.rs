//! `wardlight import`: recordings of others become stays.

use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;

use archive::Imported;
use serde::Serialize;

use crate::Failure;
use crate::cli::ImportArguments;

#[derive(Serialize)]
struct ImportLine<'a> {
    file: String,
    bed: &'a str,
    encounter: &'a str,
    session: String,
    from: String,
    to: String,
    channels: usize,
    numerics: usize,
    marks: usize,
    samples: u64,
    notes: &'a [String],
}

/// Imports each file, one JSON line each. One that cannot be read costs only itself.
pub fn run(arguments: &ImportArguments) -> Result<(), Failure> {
    let mut refused = 0;
    for file in &arguments.files {
        match archive::import(file, &arguments.data, &mut told(file, arguments.quiet)) {
            Ok(imported) => print_imported(file, &imported)?,
            Err(error) => {
                refused += 1;
                eprintln!("wardlight: {error}");
            }
        }
    }
    match refused {
        0 => Ok(()),
        n => Err(format!("{n} of {} files were not imported", arguments.files.len()).into()),
    }
}

fn print_imported(file: &Path, imported: &Imported) -> Result<(), Failure> {
    let line = ImportLine {
        file: file.display().to_string(),
        bed: imported.bed.as_str(),
        encounter: imported.stay.as_str(),
        session: imported.file.display().to_string(),
        from: imported.from.to_string(),
        to: imported.until.to_string(),
        channels: imported.channels,
        numerics: imported.numerics,
        marks: imported.marks,
        samples: imported.samples,
        notes: &imported.notes,
    };
    let mut out = std::io::stdout().lock();
    serde_json::to_writer(&mut out, &line)?;
    writeln!(out)?;
    Ok(())
}

/// Says every tenth how far it is, on standard error.
pub fn told(file: &Path, quiet: bool) -> impl FnMut(f64) -> ControlFlow<()> {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut tenth = 0;
    move |part| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 10")]
        let now = (part * 10.0) as u32;
        if now > tenth && now < 10 && !quiet {
            tenth = now;
            eprintln!("{name}: {} %", now * 10);
        }
        ControlFlow::Continue(())
    }
}
