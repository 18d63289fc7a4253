//! Journey c: change a limit.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_is_changed_with_a_reason_and_survives_a_restart() -> Result<(), Trouble> {
    let device = Device::start(&[("HR", 72.0, "/min")]).await?;
    let desk = Desk::of(&[&device])?;
    let window = desk.open().await?;
    window
        .wait_text("numeric-bed-01-HR", PATIENCE, |text| text.contains("72"))
        .await?;
    sign_in(&window).await?;
    window.click("tile-bed-01").await?;
    window.click("limits-HR").await?;
    window.fill("limit-high", "97").await?;
    window.fill("limit-reason", "after surgery").await?;
    // Whatever the time of day: a change until the end of the shift might end within this test.
    window.click("until-stay").await?;
    window.click("limit-save").await?;
    window
        .wait_text("limits-HR", PATIENCE, |text| text.contains("97"))
        .await?;
    window.close().await?;

    let window = desk.open().await?;
    window
        .wait_text("numeric-bed-01-HR", PATIENCE, |text| text.contains("97"))
        .await?;
    window
        .wait_text("unusual", PATIENCE, |text| text.contains("Bed 1"))
        .await?;
    window.close().await
}
