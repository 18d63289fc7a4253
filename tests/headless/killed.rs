//! kill -9 under load, again and again.

use super::*;

/// Rounds where nobody says otherwise; `cargo xtask bench kill` says fifty.
const ROUNDS: u32 = 5;
/// Between these, in milliseconds, the station lives; which moment is a sequence that is the same in every run.
const LIFE_MS: std::ops::Range<u64> = 400..2_400;

/// What the journal said of an alert: its entry, what happened, who did it.
fn told(rows: &[Value]) -> Vec<(u64, String, String)> {
    rows.iter()
        .map(|row| {
            let entry = row.get("entry").and_then(Value::as_u64).unwrap_or_default();
            (entry, word(row, "what").to_owned(), word(row, "person").to_owned())
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_again_and_again_the_station_reopens_and_nothing_it_told_is_gone() -> Result<(), Trouble> {
    let rounds = std::env::var("WARDLIGHT_KILL_ROUNDS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(ROUNDS);
    let low = Device::start(&[("HR", 30.0, "/min"), ("SPO2", 80.0, "%")]).await?;
    let high = Device::start(&[("HR", 180.0, "/min"), ("SPO2", 97.0, "%")]).await?;
    // Limits have delays longer than most lives: the entries that a kill may tear come from the device's own alert.
    low.be_restless();
    let ward = Ward::of(&[&low, &high])?;
    let mut known: Vec<(u64, String, String)> = Vec::new();
    let mut numbers_before = 0;
    let mut dice = 0x5DEE_CE66_u64;
    for round in 0..rounds {
        let station = ward.serve().map_err(|error| format!("round {round}: {error}"))?;
        dice = dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let span = LIFE_MS.end - LIFE_MS.start;
        tokio::time::sleep(Duration::from_millis(LIFE_MS.start + (dice >> 33) % span)).await;
        // Whatever a reader was told is on disk: it must be there after the kill.
        let seen = told(&ward.rows(&["alerts"])?);
        station.kill();
        let after = told(
            &ward
                .rows(&["alerts"])
                .map_err(|error| format!("round {round}: {error}"))?,
        );
        assert!(
            after.starts_with(&seen),
            "round {round}: entries are gone\nseen {seen:?}\nafter {after:?}"
        );
        assert!(after.starts_with(&known), "round {round}: older entries are gone");
        known = after;
        let numbers = ward.rows(&["numerics", "--bed", "bed-01", "--metric", "HR"])?.len();
        assert!(numbers >= numbers_before, "round {round}: stored numbers are gone");
        numbers_before = numbers;
        ward.verify().map_err(|error| format!("round {round}: {error}"))?;
    }
    assert!(
        known.len() >= usize::try_from(rounds)?,
        "no alert was journalled, so nothing was proved"
    );
    // A last life, long enough for the alerts that hang over every round.
    let station = ward.serve()?;
    ward.wait(&["alerts"], |rows| has(rows, "alert-raised", "limit"))
        .await?;
    assert!(station.stop()?.success());
    ward.verify()?;
    println!(
        "killed {rounds} times: {} journal rows of alerts and {numbers_before} numbers kept",
        known.len()
    );
    Ok(())
}
