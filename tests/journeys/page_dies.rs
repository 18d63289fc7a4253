//! The page dies; the ward does not.
//!
//! Without `WebKitWebDriver`: its session dies with the page. What the program and its journal say is looked at instead.

use std::fs::File;
use std::process::Child;

use super::*;

/// What the program logs when a page has connected.
const CONNECTED: &str = "a page is connected";

/// What it logs when that page has reported for the first time.
const UP: &str = "the page is up";

/// Ended when this value goes.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Program {
    /// The window on this desk, without a driver.
    fn on(desk: &Desk, log: &Path) -> Result<Self, Trouble> {
        Ok(Self(
            program::command(desk.folder.path())?
                .arg("--data")
                .arg(desk.data())
                .arg("--config")
                .arg(desk.folder.path().join("station.toml"))
                .env("LANG", "en_US.UTF-8")
                .stderr(File::create(log)?)
                .spawn()?,
        ))
    }
}

/// How often the journal has this of alerts of this cause.
fn journalled(desk: &Desk, what: &str, cause: &str) -> Result<usize, Trouble> {
    let rows = desk.journal()?;
    Ok(rows
        .iter()
        .filter(|row| word(row, "what") == what && word(row, "cause") == cause)
        .count())
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
    let program = Program::on(&desk, &log)?;
    let connected = || Ok::<_, Trouble>(std::fs::read_to_string(&log)?.matches(CONNECTED).count());
    let journalled = |what: &str, cause: &str| journalled(&desk, what, cause);
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

/// A frozen page is announced within 2 s; what the test adds is the time it takes to ask, on a machine that is busy.
const ANNOUNCED_WITHIN: Duration = Duration::from_millis(3_500);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_freezes_is_announced_and_lives_on_when_it_can() -> Result<(), Trouble> {
    let device = Device::start(&[("HR", 72.0, "/min")]).await?;
    let desk = Desk::of(&[&device])?;
    let log = desk.folder.path().join("program.log");
    let program = Program::on(&desk, &log)?;
    // Before its first report a page is still being loaded and has ten seconds.
    until("the first report", || Ok(std::fs::read_to_string(&log)?.contains(UP))).await?;
    let before = journalled(&desk, "alert-raised", "page-dead")?;

    let pages = children_called(program.0.id(), "WebKitWebProces");
    for page in &pages {
        program::signal("STOP", *page)?;
    }
    let frozen = std::time::Instant::now();
    until("the alert that says so", || {
        Ok(journalled(&desk, "alert-raised", "page-dead")? > before)
    })
    .await?;
    let after = frozen.elapsed();
    for page in &pages {
        program::signal("CONT", *page)?;
    }
    assert!(after < ANNOUNCED_WITHIN, "announced after {after:?}");
    until("the end of that alert", || {
        Ok(journalled(&desk, "alert-cleared", "page-dead")? > before)
    })
    .await?;
    Ok(())
}
