//! What a nurse does, one sentence a test, through the real window.

use std::path::Path;
use std::time::Duration;

use acceptance::Trouble;
use acceptance::device::{Device, station_toml};
use acceptance::program;
use acceptance::waiting::word;
use acceptance::window::Window;
use serde_json::Value;
use tempfile::TempDir;

mod alert_fires;
mod device_goes_quiet;
mod limit_changes;
mod page_dies;
mod past_is_reviewed;
mod start_of_shift;

/// Long enough for a machine that is busy with everything else.
const PATIENCE: Duration = Duration::from_secs(30);

/// A desk with the window open on devices the test controls.
struct Desk {
    folder: TempDir,
}

impl Desk {
    fn of(devices: &[&Device]) -> Result<Self, Trouble> {
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("station.toml"), station_toml(devices))?;
        Ok(Self { folder })
    }

    fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    async fn open(&self) -> Result<Window, Trouble> {
        let config = self.folder.path().join("station.toml");
        Window::open(
            self.folder.path(),
            &[
                "--data",
                &self.data().to_string_lossy(),
                "--config",
                &config.to_string_lossy(),
            ],
        )
        .await
    }

    /// What the journal has of alerts at this moment.
    fn journal(&self) -> Result<Vec<Value>, Trouble> {
        program::rows(&self.data(), &["alerts"])
    }
}

/// Signs in as the dialog asks: where nobody can sign in yet, as the first person; else as the nurse of the demo ward.
/// The name that stands beside everything done from then on.
async fn sign_in(window: &Window) -> Result<&'static str, Trouble> {
    window.click("person").await?;
    let first = !window.names("first-name").await?.is_empty();
    let (name, pin) = if first {
        window.fill("first-name", "TEST Nurse").await?;
        ("TEST Nurse", "2468")
    } else {
        window.click("who-DEMO Nurse").await?;
        ("DEMO Nurse", "0000")
    };
    window.fill("pin", pin).await?;
    window.click("sign-in").await?;
    window.wait_text("person", PATIENCE, |text| text.contains(name)).await?;
    Ok(name)
}

/// Presses a key until the thing called so reads as wanted. A fresh alert takes no key for a moment, so that a finger already
/// on its way does not answer it.
async fn press_until(window: &Window, key: char, name: &str, wanted: impl Fn(&str) -> bool) -> Result<(), Trouble> {
    let pressed = async {
        loop {
            window.press(key).await?;
            if window
                .wait_text(name, Duration::from_millis(700), &wanted)
                .await
                .is_ok()
            {
                return Ok::<(), Trouble>(());
            }
        }
    };
    tokio::time::timeout(PATIENCE, pressed)
        .await
        .map_err(|_| format!("`{key}` did not bring `{name}` to what was wanted"))?
}

/// The processes a program started, by name.
fn children_called(parent: u32, name: &str) -> Vec<u32> {
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| {
            let id: u32 = entry.file_name().to_string_lossy().parse().ok()?;
            let stat = std::fs::read_to_string(Path::new("/proc").join(id.to_string()).join("stat")).ok()?;
            // pid (name) state ppid …; a name may hold spaces and brackets, so the last bracket ends it.
            let (head, tail) = stat.rsplit_once(')')?;
            let called = head.split_once('(')?.1;
            let ppid: u32 = tail.split_whitespace().nth(1)?.parse().ok()?;
            (ppid == parent && called.starts_with(name)).then_some(id)
        })
        .collect()
}
