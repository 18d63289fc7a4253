//! The program without its window: what its command line promises.

use std::path::{Path, PathBuf};
use std::time::Duration;

use acceptance::Trouble;
use acceptance::device::{Device, station_toml};
use acceptance::program::{self, Running};
use acceptance::waiting::{self, number, word};
use serde_json::Value;
use tempfile::TempDir;

mod command_line;
mod ends;
mod killed;
mod recording;

/// Long enough for a machine that is busy with everything else.
const PATIENCE: Duration = Duration::from_secs(30);

/// A ward of devices under the test's control, and a folder for its history.
struct Ward {
    folder: TempDir,
    config: PathBuf,
}

impl Ward {
    fn of(devices: &[&Device]) -> Result<Self, Trouble> {
        let folder = tempfile::tempdir()?;
        let config = folder.path().join("station.toml");
        std::fs::write(&config, station_toml(devices))?;
        Ok(Self { folder, config })
    }

    fn data(&self) -> &Path {
        self.folder.path()
    }

    fn serve(&self) -> Result<Running, Trouble> {
        Running::serve(self.data(), &["--config", &self.config.to_string_lossy()])
    }

    fn rows(&self, arguments: &[&str]) -> Result<Vec<Value>, Trouble> {
        program::rows(self.data(), arguments)
    }

    async fn wait(&self, arguments: &[&str], wanted: impl Fn(&[Value]) -> bool) -> Result<Vec<Value>, Trouble> {
        waiting::rows(self.data(), arguments, PATIENCE, wanted).await
    }

    fn verify(&self) -> Result<Value, Trouble> {
        let output = program::run(
            self.data(),
            &["verify", "--json", "--data", &self.data().to_string_lossy()],
        )?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            return Err(format!(
                "verify: {}{said}{}",
                output.status,
                String::from_utf8_lossy(&output.stderr)
            )
            .into());
        }
        Ok(serde_json::from_str(said.trim())?)
    }
}

fn has(rows: &[Value], what: &str, cause: &str) -> bool {
    rows.iter()
        .any(|row| word(row, "what") == what && word(row, "cause") == cause)
}
