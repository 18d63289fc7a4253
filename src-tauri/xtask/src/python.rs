//! A Python with the readers that research uses: what we write must be read by them as the same.

use std::path::PathBuf;
use std::process::Command;

use crate::{Outcome, house, machine};

/// The versions that the expected values were made with; numpy and pandas are whatever fits them.
const READERS: &[&str] = &["wfdb==4.3.1", "pyEDFlib==0.1.42", "numpy", "pandas"];

/// The tests look for the interpreter here.
pub const VARIABLE: &str = "WARDLIGHT_PYTHON";

/// Sees to the readers: an environment of our own under the target folder, made once.
pub fn ensure() -> Outcome {
    let (folder, stamp) = (folder()?, folder()?.join("readers.txt"));
    let wanted = READERS.join("\n");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        println!("    {} has the readers: nothing to install", folder.display());
        return Ok(());
    }
    machine::ready_for_python()?;
    println!(
        "    fetching {} from the Python package index into {}: files we write are read back by them",
        READERS.join(", "),
        folder.display()
    );
    machine::done(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    machine::done(
        Command::new(interpreter()?)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(READERS),
    )
    .map_err(|text| {
        format!("{text}\nWithout them it is not known whether others can read what we write; `test --fast` leaves those tests out")
    })?;
    std::fs::write(&stamp, wanted).map_err(|error| format!("{}: {error}", stamp.display()))
}

/// The interpreter, where [`ensure`] has been through.
pub fn ready() -> Option<PathBuf> {
    let is_ready = folder().is_ok_and(|folder| folder.join("readers.txt").exists());
    interpreter().ok().filter(|_| is_ready)
}

fn folder() -> Result<PathBuf, String> {
    Ok(house::target()?.join("tools/python"))
}

fn interpreter() -> Result<PathBuf, String> {
    Ok(folder()?.join("bin/python"))
}
