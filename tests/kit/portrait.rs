//! `portrait [--beds N] [--screen wall|bed] OUT.png`: a picture of the real window with its demo ward.
//!
//! `cargo xtask screenshot` builds everything, lends a display and calls this.

use std::time::{Duration, Instant};

use acceptance::Trouble;
use acceptance::window::Window;

/// Long enough for every trace to have swept once over its tile.
const SWEEP: Duration = Duration::from_secs(14);
/// The demo ward has a story: within this time a patient of it alerts. A wall without one shows half of what it is for.
const STORY: Duration = Duration::from_secs(200);

const SETTLE: Duration = Duration::from_secs(2);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Trouble> {
    let mut beds = "16".to_owned();
    let mut screen = "wall".to_owned();
    let mut out = None;
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--beds" => beds = words.next().ok_or("--beds needs a number")?,
            "--screen" => screen = words.next().ok_or("--screen needs `wall` or `bed`")?,
            _ => out = Some(word),
        }
    }
    let out = out.ok_or("say where the picture goes")?;
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let window = Window::open(folder.path(), &["--demo", &beds, "--data", &data.to_string_lossy()]).await?;
    window.resize(1920, 1080).await?;
    let tiles = window
        .wait_names("tile-", Duration::from_secs(30), |names| !names.is_empty())
        .await?;
    if !window.names("first-start-read").await?.is_empty() {
        window.click("first-start-read").await?;
    }
    if screen == "bed"
        && let Some(first) = tiles.first()
    {
        window.click(first).await?;
    }
    if screen == "wall" {
        wait_for_story(&window, &tiles).await?;
    }
    // A new alert scrolls and settles; the traces go on sweeping.
    tokio::time::sleep(if screen == "wall" { SETTLE } else { SWEEP }).await;
    std::fs::write(&out, window.picture().await?)?;
    window.close().await?;
    println!("{out}");
    Ok(())
}

/// Waits until a patient alerts. A small ward may stay calm: then the picture is of a calm ward.
async fn wait_for_story(window: &Window, tiles: &[String]) -> Result<(), Trouble> {
    tokio::time::sleep(SWEEP).await;
    let begun = Instant::now();
    while begun.elapsed() < STORY {
        for tile in tiles {
            let priority = window.attribute(tile, "data-priority").await?;
            if priority.is_some_and(|priority| priority != "none") {
                return Ok(());
            }
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    Ok(())
}
