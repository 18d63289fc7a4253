//! Help, readiness, refusals.

use acceptance::Trouble;
use acceptance::program::{self, Running};
use acceptance::waiting;
use serde_json::Value;

use crate::PATIENCE;

#[test]
fn the_help_names_every_verb_and_says_what_this_is_not() -> Result<(), Trouble> {
    let folder = tempfile::tempdir()?;
    let output = program::run(folder.path(), &["--help"])?;
    let text = String::from_utf8(output.stdout)?;
    assert!(output.status.success());
    for verb in [
        "serve",
        "bedside",
        "beds",
        "alerts",
        "numerics",
        "wave",
        "verify",
        "supplements",
    ] {
        assert!(text.contains(verb), "--help says nothing of {verb}:\n{text}");
    }
    Ok(())
}

#[tokio::test]
async fn a_demo_ward_says_when_it_is_ready_records_and_stops_cleanly() -> Result<(), Trouble> {
    let folder = tempfile::tempdir()?;
    let data = folder.path();
    let station = Running::serve(data, &["--demo", "2"])?;
    assert_eq!(
        station.first_line.get("ready"),
        Some(&Value::Bool(true)),
        "{}",
        station.first_line
    );
    let beds = waiting::rows(data, &["beds"], PATIENCE, |rows| rows.len() == 2).await?;
    for bed in &beds {
        let id = waiting::word(bed, "bed");
        let heart_rates = waiting::rows(data, &["numerics", "--bed", id, "--metric", "HR"], PATIENCE, |rows| {
            rows.len() >= 2
        })
        .await?;
        assert!(
            heart_rates.iter().all(|row| waiting::word(row, "mode") == "demo"),
            "demo data must say so: {heart_rates:?}"
        );
    }
    assert!(station.stop()?.success(), "the station did not stop cleanly");
    let verified = program::run(data, &["verify", "--data", &data.to_string_lossy()])?;
    assert!(
        verified.status.success(),
        "{}",
        String::from_utf8_lossy(&verified.stdout)
    );
    Ok(())
}

#[test]
fn a_mistake_in_the_configuration_names_its_line() -> Result<(), Trouble> {
    let folder = tempfile::tempdir()?;
    let config = folder.path().join("station.toml");
    std::fs::write(
        &config,
        "[station]\nname = \"Ward T\"\n\n[[bed]]\nid = \"bed-01\"\nlabel = \"Bed 1\"\nunit = \"Ward T\"\nrum = \"301\"\n",
    )?;
    let data = folder.path().join("data");
    let output = program::run(
        folder.path(),
        &[
            "serve",
            "--data",
            &data.to_string_lossy(),
            "--config",
            &config.to_string_lossy(),
        ],
    )?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        !output.status.success(),
        "a configuration with an unknown key was taken"
    );
    assert!(
        said.contains("line 8") || said.contains(":8"),
        "the line is not named: {said}"
    );
    assert!(said.contains("rum"), "the word is not named: {said}");
    Ok(())
}

#[test]
fn there_is_nothing_to_read_where_nothing_was_recorded() -> Result<(), Trouble> {
    let folder = tempfile::tempdir()?;
    let nowhere = folder.path().join("nowhere");
    let output = program::run(folder.path(), &["beds", "--json", "--data", &nowhere.to_string_lossy()])?;
    assert!(
        !output.status.success() && !output.stderr.is_empty(),
        "reading nothing must be an error that says so"
    );
    assert!(!nowhere.exists(), "a reading command made {}", nowhere.display());
    Ok(())
}
