//! Journey g: a device goes quiet.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_goes_quiet_and_is_shown_so_until_it_comes_back() -> Result<(), Trouble> {
    let device = Device::start(&[("HR", 72.0, "/min")]).await?;
    let desk = Desk::of(&[&device])?;
    let window = desk.open().await?;
    let number = "numeric-bed-01-HR";
    window.wait_text(number, PATIENCE, |text| text.contains("72")).await?;
    device.fall_silent();
    wait_state(&window, number, "ageing").await?;
    window
        .wait_text("cause-bed-01", PATIENCE, |text| text.contains("No data"))
        .await?;
    window
        .wait_text(number, PATIENCE, |text| text.contains("--") && !text.contains("72"))
        .await?;
    window.wait_names("alert-", PATIENCE, |names| !names.is_empty()).await?;
    device.come_back();
    wait_state(&window, number, "fresh").await?;
    window
        .wait_names("cause-bed-01", PATIENCE, <[String]>::is_empty)
        .await?;
    window.wait_text("feeds-live", PATIENCE, |text| text == "1/1").await?;
    window.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_that_was_switched_off_says_why_and_is_found_again_by_itself() -> Result<(), Trouble> {
    let device = Device::start(&[("HR", 72.0, "/min")]).await?;
    let desk = Desk::of(&[&device])?;
    let window = desk.open().await?;
    window.wait_text("feeds-live", PATIENCE, |text| text == "1/1").await?;
    device.go();
    window.wait_text("feeds-live", PATIENCE, |text| text == "0/1").await?;
    window
        .wait_text("cause-bed-01", PATIENCE, |text| text.lines().count() >= 2)
        .await?;
    device.come_back();
    window.wait_text("feeds-live", PATIENCE, |text| text == "1/1").await?;
    window.close().await
}

async fn wait_state(window: &Window, name: &str, state: &str) -> Result<(), Trouble> {
    let reached = async {
        while window.attribute(name, "data-state").await?.as_deref() != Some(state) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok::<(), Trouble>(())
    };
    tokio::time::timeout(PATIENCE, reached)
        .await
        .map_err(|_| format!("`{name}` did not become {state}"))?
}
