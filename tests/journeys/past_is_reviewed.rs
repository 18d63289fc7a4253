//! Journeys d and e: what was recorded is looked at, from all of it to one beat.

use super::*;

/// One sample of the device's ECG, ms.
const SAMPLE_MS: f64 = 1_000.0 / 248.0;
const BOARD: &str = "review-board-0";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_opens_with_one_key_and_a_beat_is_measured_to_the_sample() -> Result<(), Trouble> {
    let device = Device::start(&[("HR", 72.0, "/min")]).await?;
    let desk = Desk::of(&[&device])?;
    let window = desk.open().await?;
    window.wait_text("feeds-live", PATIENCE, |text| text == "1/1").await?;
    device.set("HR", 30.0);
    alert_fires::worst_alert(&window, "30").await?;
    device.set("HR", 72.0);
    // Fifteen seconds of waves, so that there is something to come closer in.
    tokio::time::sleep(Duration::from_secs(15)).await;
    window.click("tile-bed-01").await?;
    window.press('h').await?;
    window
        .wait_text("review-who", PATIENCE, |text| text.contains("Bed 1"))
        .await?;
    window
        .wait_text("review-events", PATIENCE, |text| text.contains("HR 30 < 50"))
        .await?;

    let before = seen(&window).await?;
    window.press('.').await?;
    for _ in 0..12 {
        window.wheel(BOARD, 0.5, 0.5, -200.0).await?;
    }
    let after = seen(&window).await?;
    assert!(after.1 - after.0 < (before.1 - before.0) / 4.0, "{before:?} {after:?}");

    // The number first, then the wave under it: the ECG is at three quarters of the board.
    for x in [0.4, 0.6] {
        window.point(BOARD, x, 0.75).await?;
        window.press('c').await?;
        window.wait_text("caliper", PATIENCE, |text| !text.is_empty()).await?;
    }
    let read = window
        .wait_text("caliper", PATIENCE, |text| text.contains("ms"))
        .await?;
    let ms: f64 = read.split_whitespace().next().unwrap_or_default().parse()?;
    let meant = (after.1 - after.0) * 0.2;
    assert!(
        (ms - meant).abs() <= SAMPLE_MS + 1.0,
        "two points {meant} ms from each other read {read}"
    );
    assert!(read.contains("mV"), "{read}");
    window.close().await
}

/// From when until when the board shows, ms.
async fn seen(window: &Window) -> Result<(f64, f64), Trouble> {
    let mut ends = [0.0; 2];
    for (end, name) in ends.iter_mut().zip(["data-from", "data-to"]) {
        *end = window
            .attribute(BOARD, name)
            .await?
            .ok_or("the board is not there")?
            .parse()?;
    }
    Ok(ends.into())
}
