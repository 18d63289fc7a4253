//! The page dies; the ward does not.

use super::*;

/// From the death of the page to every bed being seen again.
const BACK_WITHIN: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_dies_and_comes_back_by_itself_with_nothing_twice() -> Result<(), Trouble> {
    let device = Device::start(&[("HR", 30.0, "/min")]).await?;
    let desk = Desk::of(&[&device])?;
    let window = desk.open().await?;
    let before = window.wait_names("alert-", PATIENCE, |names| !names.is_empty()).await?;
    let program = window.program_id()?;
    let pages = children_called(program, "WebKitWebProces");
    assert!(!pages.is_empty(), "no page under process {program}");
    for page in &pages {
        program::signal("KILL", *page)?;
    }
    window
        .wait_names("tile-", BACK_WITHIN, |names| names == ["tile-bed-01"])
        .await?;
    window
        .wait_names("alert-", PATIENCE, |names| names == before.as_slice())
        .await?;
    assert_ne!(
        children_called(program, "WebKitWebProces"),
        pages,
        "a new page took over"
    );
    window.close().await?;
    let raised = desk
        .journal()?
        .iter()
        .filter(|row| word(row, "what") == "alert-raised" && word(row, "cause") == "limit")
        .count();
    assert_eq!(raised, 1, "one condition, one alert, whatever happened to the page");
    Ok(())
}
