//! The page dies; the ward does not.
//!
//! Without `WebKitWebDriver`: its session dies with the page. What the program and its journal say is looked at instead.

use std::fs::File;
use std::process::Child;

use super::*;

/// What the program logs when a page has connected.
const CONNECTED: &str = "a page is connected";

/// Ended when this value goes.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Waits until `look` says so.
async fn until(what: &str, mut look: impl FnMut() -> Result<bool, Trouble>) -> Result<(), Trouble> {
    let begun = std::time::Instant::now();
    while !look()? {
        if begun.elapsed() > PATIENCE {
            return Err(format!("{what} did not happen within {PATIENCE:?}").into());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_dies_and_comes_back_by_itself_with_nothing_twice() -> Result<(), Trouble> {
    let device = Device::start(&[("HR", 30.0, "/min")]).await?;
    let desk = Desk::of(&[&device])?;
    let log = desk.folder.path().join("program.log");
    let program = Program(
        program::command(desk.folder.path())?
            .arg("--data")
            .arg(desk.data())
            .arg("--config")
            .arg(desk.folder.path().join("station.toml"))
            .env("LANG", "en_US.UTF-8")
            .stderr(File::create(&log)?)
            .spawn()?,
    );
    let connected = || Ok::<_, Trouble>(std::fs::read_to_string(&log)?.matches(CONNECTED).count());
    let journalled = |what: &str, cause: &str| {
        let rows = desk.journal()?;
        let count = rows
            .iter()
            .filter(|row| word(row, "what") == what && word(row, "cause") == cause)
            .count();
        Ok::<_, Trouble>(count)
    };
    until("the first page", || Ok(connected()? == 1)).await?;
    until("the alert", || Ok(journalled("alert-raised", "limit")? == 1)).await?;

    let pages = children_called(program.0.id(), "WebKitWebProces");
    assert!(!pages.is_empty(), "no page under process {}", program.0.id());
    for page in &pages {
        program::signal("KILL", *page)?;
    }

    until("the alert that says so", || {
        Ok(journalled("alert-raised", "page-dead")? == 1)
    })
    .await?;
    until("a new page", || Ok(connected()? == 2)).await?;
    until("the end of that alert", || {
        Ok(journalled("alert-cleared", "page-dead")? == 1)
    })
    .await?;
    assert_ne!(
        children_called(program.0.id(), "WebKitWebProces"),
        pages,
        "a new page took over"
    );
    assert_eq!(
        journalled("alert-raised", "limit")?,
        1,
        "one condition, one alert, whatever happened to the page"
    );
    Ok(())
}
