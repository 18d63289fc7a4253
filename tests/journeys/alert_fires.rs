//! Journey b: an alert fires.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alert_fires_and_is_acknowledged_by_one_key_and_the_journal_says_who() -> Result<(), Trouble> {
    let device = Device::start(&[("HR", 72.0, "/min")]).await?;
    let desk = Desk::of(&[&device])?;
    let window = desk.open().await?;
    window.wait_text("feeds-live", PATIENCE, |text| text == "1/1").await?;
    sign_on(&window, "Nurse Test").await?;
    device.set("HR", 30.0);
    let alert = &worst_alert(&window, "30").await?;
    // A fresh alert takes no key for a moment, so that a finger already on its way does not acknowledge it.
    let acknowledged = async {
        loop {
            window.press('k').await?;
            let seen = window
                .wait_text(alert, Duration::from_millis(700), |text| text.contains("Nurse Test"))
                .await;
            if seen.is_ok() {
                return Ok::<(), Trouble>(());
            }
        }
    };
    tokio::time::timeout(PATIENCE, acknowledged).await??;
    // Durable before visible: what the screen shows is already in the journal.
    let journal = desk.journal()?;
    let row = journal
        .iter()
        .find(|row| word(row, "what") == "alert-acknowledged")
        .ok_or_else(|| format!("not journalled: {journal:?}"))?;
    assert_eq!(word(row, "person"), "Nurse Test");
    assert_eq!(
        (word(row, "bed"), word(row, "metric"), word(row, "signal")),
        ("bed-01", "HR", "acknowledged")
    );
    window.close().await
}

/// Waits until the alert at the head of the rail carries this value; others, such as a missing sound card, stand below.
async fn worst_alert(window: &Window, value: &str) -> Result<String, Trouble> {
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
    let asked = async {
        loop {
            window.press('k').await?;
            if window
                .wait_names("dialog-sign-on", Duration::from_millis(700), |names| !names.is_empty())
                .await
                .is_ok()
            {
                return Ok::<(), Trouble>(());
            }
        }
    };
    tokio::time::timeout(PATIENCE, asked).await??;
    assert!(
        desk.journal()?
            .iter()
            .all(|row| word(row, "what") != "alert-acknowledged")
    );
    window.close().await
}
