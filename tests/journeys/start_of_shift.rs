//! Journey a: open the wall.

use super::*;

/// From the window being there to every bed being seen.
const SEEN_WITHIN: Duration = Duration::from_secs(3);

#[tokio::test]
async fn a_nurse_sees_every_bed_at_its_place_within_three_seconds() -> Result<(), Trouble> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let window = Window::open(folder.path(), &["--demo", "16", "--data", &data.to_string_lossy()]).await?;
    let tiles = window
        .wait_names("tile-", SEEN_WITHIN, |names| names.len() == 16)
        .await?;
    let mut sorted = tiles.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(sorted, tiles, "beds stand in their order, each once");
    window
        .wait_names("numeric-", PATIENCE, |names| {
            // Two of the demo beds have no ECG: their pulse stands big instead.
            let big =
                |name: &&String| name.ends_with("-HR") || ["15-PR", "16-PR"].iter().any(|bed| name.ends_with(bed));
            names.iter().filter(big).count() == 16
        })
        .await?;
    assert_eq!(window.names("tile-").await?, tiles, "beds never move");
    window.close().await
}

#[tokio::test]
async fn demo_beds_are_watermarked_on_every_tile_and_in_the_header() -> Result<(), Trouble> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let window = Window::open(folder.path(), &["--demo", "4", "--data", &data.to_string_lossy()]).await?;
    window
        .wait_names("watermark", PATIENCE, |names| {
            names.iter().filter(|name| *name == "watermark").count() == 4
        })
        .await?;
    window
        .wait_text("watermark-label", PATIENCE, |text| text.contains("DEMO"))
        .await?;
    window.close().await
}

#[tokio::test]
async fn numbers_on_the_wall_are_those_the_device_sent() -> Result<(), Trouble> {
    let device = Device::start(&[("HR", 72.0, "/min"), ("SPO2", 97.0, "%")]).await?;
    let desk = Desk::of(&[&device])?;
    let window = desk.open().await?;
    window
        .wait_text("numeric-bed-01-HR", PATIENCE, |text| {
            text.lines().any(|line| line.trim() == "72")
        })
        .await?;
    device.set("HR", 81.0);
    window
        .wait_text("numeric-bed-01-HR", PATIENCE, |text| {
            text.lines().any(|line| line.trim() == "81")
        })
        .await?;
    window.wait_text("feeds-live", PATIENCE, |text| text == "1/1").await?;
    assert!(
        window.names("watermark").await?.is_empty(),
        "test data are not demo data"
    );
    window.close().await
}
