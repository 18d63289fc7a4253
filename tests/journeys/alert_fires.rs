//! Journey b: an alert fires.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alert_fires_and_is_acknowledged_by_one_key_and_the_journal_says_who() -> Result<(), Trouble> {
    let device = Device::start(&[("HR", 72.0, "/min")]).await?;
    let desk = Desk::of(&[&device])?;
    let window = desk.open().await?;
    window.wait_text("feeds-live", PATIENCE, |text| text == "1/1").await?;
    let nurse = sign_in(&window).await?;
    device.set("HR", 30.0);
    let alert = &worst_alert(&window, "30").await?;
    press_until(&window, 'k', alert, |text| text.contains(&format!("Seen by {nurse}"))).await?;
    // Durable before visible: what the screen shows is already in the journal.
    let journal = desk.journal()?;
    let row = journal
        .iter()
        .find(|row| word(row, "what") == "alert-acknowledged")
        .ok_or_else(|| format!("not journalled: {journal:?}"))?;
    assert_eq!(word(row, "person"), nurse);
    assert_eq!(
        (word(row, "bed"), word(row, "metric"), word(row, "signal")),
        ("bed-01", "HR", "acknowledged")
    );
    window.close().await
}

/// Waits until the alert at the head of the rail carries this value; others, such as a missing sound card, stand below.
pub(super) async fn worst_alert(window: &Window, value: &str) -> Result<String, Trouble> {
    let begun = std::time::Instant::now();
    loop {
        let alerts = window.wait_names("alert-", PATIENCE, |names| !names.is_empty()).await?;
        let first = alerts.first().ok_or("no alert")?;
        let text = window.text(first).await?.unwrap_or_default();
        if text.contains(value) {
            return Ok(first.clone());
        }
        if begun.elapsed() > PATIENCE {
            return Err(format!("the worst alert does not carry the value {value}: {text}").into());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_acknowledges_without_a_name() -> Result<(), Trouble> {
    let device = Device::start(&[("HR", 180.0, "/min")]).await?;
    let desk = Desk::of(&[&device])?;
    let window = desk.open().await?;
    window.wait_names("alert-", PATIENCE, |names| !names.is_empty()).await?;
    press_until(&window, 'k', "dialog-sign-in", |_| true).await?;
    assert!(
        desk.journal()?
            .iter()
            .all(|row| word(row, "what") != "alert-acknowledged")
    );
    window.close().await
}

/// Enter, as `WebDriver` calls the key.
const ENTER: char = '\u{e007}';

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alert_is_accepted_and_paused_from_its_card_by_keys_alone() -> Result<(), Trouble> {
    let device = Device::start(&[("HR", 72.0, "/min")]).await?;
    let desk = Desk::of(&[&device])?;
    let window = desk.open().await?;
    window.wait_text("feeds-live", PATIENCE, |text| text == "1/1").await?;
    let nurse = sign_in(&window).await?;
    device.set("HR", 30.0);
    let alert = &worst_alert(&window, "30").await?;
    press_until(&window, ENTER, "card-message", |text| text.contains("30")).await?;
    window.wait_names("still-", PATIENCE, |names| !names.is_empty()).await?;
    window
        .wait_text("card-trend", PATIENCE, |text| text.contains("Last 6 hours"))
        .await?;
    window
        .wait_text("card", PATIENCE, |text| text.contains("Sounding"))
        .await?;
    // Each press that is taken changes the word: one press, one answer.
    let goes = format!("{nurse} goes");
    press_until(&window, 'a', alert, |text| text.contains(&goes)).await?;
    press_until(&window, 'p', "pause-form", |text| text.contains("Silence")).await?;
    window.write("14").await?;
    window
        .wait_text(alert, PATIENCE, |text| text.contains(&format!("Paused by {nurse}")))
        .await?;
    window
        .wait_text("unusual", PATIENCE, |text| {
            text.contains("silent") && text.contains("suction")
        })
        .await?;
    let journal = desk.journal()?;
    let accepted = journal.iter().find(|row| word(row, "what") == "alert-accepted");
    assert_eq!(accepted.map(|row| word(row, "person")), Some(nurse));
    window.close().await
}
