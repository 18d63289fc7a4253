//! What is stored is what was sent, and what happened.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_number_that_was_sent_is_stored_in_order() -> Result<(), Trouble> {
    let device = Device::start(&[("HR", 72.0, "/min"), ("SPO2", 97.0, "%")]).await?;
    let ward = Ward::of(&[&device])?;
    let station = ward.serve()?;
    let heart_rates = ["numerics", "--bed", "bed-01", "--metric", "HR"];
    for (count, value) in (1_usize..).zip([73.0, 74.0, 75.0, 76.0]) {
        ward.wait(&heart_rates, |rows| rows.len() >= count).await?;
        device.set("HR", value);
    }
    ward.wait(&heart_rates, |rows| {
        rows.iter().any(|row| number(row, "value") == Some(76.0))
    })
    .await?;
    assert!(station.stop()?.success());
    let stored: Vec<Option<f64>> = ward
        .rows(&heart_rates)?
        .iter()
        .map(|row| number(row, "value"))
        .collect();
    let sent: Vec<Option<f64>> = device
        .sent()
        .into_iter()
        .filter(|sent| sent.metric == "HR")
        .map(|sent| Some(sent.value))
        .collect();
    // The last message may have been on its way when the station stopped.
    let sent = sent.get(..stored.len()).ok_or("more was stored than was sent")?;
    assert_eq!(stored, sent);
    assert!(
        ward.rows(&heart_rates)?
            .iter()
            .all(|row| word(row, "unit") == "/min" && word(row, "mode") == "test")
    );
    ward.verify()?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_samples_of_a_wave_are_stored_as_they_were_sent() -> Result<(), Trouble> {
    let device = Device::start(&[("HR", 60.0, "/min")]).await?;
    let ward = Ward::of(&[&device])?;
    let station = ward.serve()?;
    ward.wait(&["numerics", "--bed", "bed-01", "--metric", "HR"], |rows| {
        rows.len() >= 4
    })
    .await?;
    assert!(station.stop()?.success());
    let blocks = ward.rows(&["wave", "--bed", "bed-01", "--metric", "ECG_II"])?;
    let samples: Vec<i64> = blocks
        .iter()
        .filter_map(|row| row.get("samples")?.as_array())
        .flatten()
        .filter_map(Value::as_i64)
        .collect();
    // One beat is 248 samples of which five are 200 and five -60: whole beats keep that ratio.
    let beats = samples.chunks_exact(248);
    assert!(beats.len() >= 3, "{} samples stored", samples.len());
    for beat in beats {
        let (high, low) = (
            beat.iter().filter(|s| **s == 200).count(),
            beat.iter().filter(|s| **s == -60).count(),
        );
        assert_eq!((high, low), (5, 5), "a beat is not what was sent: {beat:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crossed_limit_is_raised_once_and_cleared_when_it_is_over() -> Result<(), Trouble> {
    let device = Device::start(&[("HR", 72.0, "/min")]).await?;
    let ward = Ward::of(&[&device])?;
    let station = ward.serve()?;
    ward.wait(&["beds"], |rows| rows.len() == 1).await?;
    device.set("HR", 30.0);
    let raised = ward
        .wait(&["alerts"], |rows| has(rows, "alert-raised", "limit"))
        .await?;
    let row = raised
        .iter()
        .find(|row| word(row, "cause") == "limit")
        .ok_or("no limit alert")?;
    assert_eq!(
        (word(row, "bed"), word(row, "metric"), word(row, "side")),
        ("bed-01", "HR", "low")
    );
    assert_eq!((number(row, "worst"), word(row, "unit")), (Some(30.0), "/min"));
    device.set("HR", 72.0);
    let all = ward
        .wait(&["alerts"], |rows| has(rows, "alert-cleared", "limit"))
        .await?;
    let times = all
        .iter()
        .filter(|row| word(row, "what") == "alert-raised" && word(row, "cause") == "limit")
        .count();
    assert_eq!(times, 1, "one crossing, one alert: {all:?}");
    assert!(station.stop()?.success());
    ward.verify()?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_that_falls_silent_is_missed_and_found_again_and_costs_no_other_bed() -> Result<(), Trouble> {
    let silent = Device::start(&[("HR", 72.0, "/min")]).await?;
    let steady = Device::start(&[("HR", 64.0, "/min")]).await?;
    let ward = Ward::of(&[&silent, &steady])?;
    let station = ward.serve()?;
    ward.wait(&["beds"], |rows| rows.len() == 2).await?;
    ward.wait(&["numerics", "--bed", "bed-01", "--metric", "HR"], |rows| {
        !rows.is_empty()
    })
    .await?;
    silent.fall_silent();
    let rows = ward
        .wait(&["alerts"], |rows| has(rows, "alert-raised", "feed-lost"))
        .await?;
    assert!(
        rows.iter().all(|row| word(row, "bed") != "bed-02"),
        "the other bed has an alert: {rows:?}"
    );
    silent.come_back();
    ward.wait(&["alerts"], |rows| has(rows, "alert-cleared", "feed-lost"))
        .await?;
    assert!(station.stop()?.success());
    let steady_rates = ward.rows(&["numerics", "--bed", "bed-02", "--metric", "HR"])?;
    // Silence is said after five seconds at the earliest: one number of each must be there.
    assert!(
        steady_rates.len() >= 5,
        "the other bed lost numbers: {}",
        steady_rates.len()
    );
    ward.verify()?;
    Ok(())
}
