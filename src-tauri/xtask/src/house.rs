//! Where things lie in this checkout.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the checkout: two levels above this package.
pub fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().nth(2).unwrap_or(package).to_path_buf()
}

/// The folder of the UI.
pub fn ui() -> PathBuf {
    root().join("ui")
}

/// The cargo that started us, so that a toolchain chosen with `+` stays chosen.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// Where cargo puts what it builds: `CARGO_TARGET_DIR`, a configuration file or `target`, as cargo itself says.
pub fn target() -> Result<PathBuf, String> {
    let output = cargo()
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .output()
        .map_err(|error| format!("cargo metadata did not start: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    // One field of a document of some kilobytes: not worth a JSON parser. Cargo escapes nothing in an ordinary path.
    text.split_once("\"target_directory\":\"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .map(|(path, _)| PathBuf::from(path))
        .ok_or_else(|| {
            format!(
                "cargo metadata said no target directory; it said: {}",
                String::from_utf8_lossy(&output.stderr)
            )
        })
}
