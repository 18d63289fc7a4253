//! Who may record where, and how the program ends.

use acceptance::Trouble;
use acceptance::program::{self, Running};

#[tokio::test]
async fn every_way_to_be_told_to_stop_is_a_clean_stop() -> Result<(), Trouble> {
    for name in ["INT", "HUP", "TERM"] {
        let folder = tempfile::tempdir()?;
        let station = Running::serve(folder.path(), &["--demo", "1"])?;
        let status = station.stop_by(name)?;
        assert!(status.success(), "SIG{name} ended it with {status}");
        let rows = program::run(folder.path(), &["verify", "--data", &folder.path().to_string_lossy()])?;
        assert!(
            rows.status.success(),
            "after SIG{name}: {}",
            String::from_utf8_lossy(&rows.stdout)
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_second_station_on_one_history_is_refused_in_words() -> Result<(), Trouble> {
    let folder = tempfile::tempdir()?;
    let first = Running::serve(folder.path(), &["--demo", "1"])?;
    let data = folder.path().to_string_lossy().into_owned();
    let second = program::run(folder.path(), &["serve", "--data", &data, "--demo", "1"])?;
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(!second.status.success());
    assert!(
        said.contains("another Wardlight records in") && said.contains("--data"),
        "{said}"
    );
    assert!(first.stop()?.success(), "the first one goes on and stops cleanly");
    Ok(())
}

#[test]
fn the_window_opens_by_itself_when_its_user_wants_it_and_no_longer() -> Result<(), Trouble> {
    let home = tempfile::tempdir()?;
    let file = home.path().join(".config/autostart/org.wardlight.desktop.desktop");
    let config = home.path().join("ward.toml");
    let on = program::run(home.path(), &["autostart", "on", "--config", &config.to_string_lossy()])?;
    assert!(on.status.success(), "{}", String::from_utf8_lossy(&on.stderr));
    let entry = std::fs::read_to_string(&file)?;
    assert!(
        entry.contains("\nExec=\"/") && entry.contains("/ward.toml\"\n"),
        "{entry}"
    );
    assert!(program::run(home.path(), &["autostart", "off"])?.status.success());
    assert!(!file.exists());
    assert!(
        program::run(home.path(), &["autostart", "off"])?.status.success(),
        "off twice is off"
    );
    Ok(())
}
