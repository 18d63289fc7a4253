//! `portrait [--beds N] [--screen wall|bed] OUT.png`: a picture of the real window with its demo ward.
//!
//! `cargo xtask screenshot` builds everything, lends a display and calls this.

use std::time::Duration;

use acceptance::Trouble;
use acceptance::window::Window;

/// Long enough for every trace to have swept once over its tile.
const SWEEP: Duration = Duration::from_secs(14);

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
    tokio::time::sleep(SWEEP).await;
    std::fs::write(&out, window.picture().await?)?;
    window.close().await?;
    println!("{out}");
    Ok(())
}
