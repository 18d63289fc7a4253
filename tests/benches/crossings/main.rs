//! From a value beyond its limit to the alert on the wall, measured in the real window.
//!
//! `cargo xtask bench crossings [BEDS [ROUNDS]]`, 64 and 32 where nobody says otherwise. Each bed's heart rate goes below its
//! limit and back once a round, to another value each time, at a moment of its own. A device stamps the message that
//! carries the value as it sends it; the page looks at every tile's alert line in each of its frames and notes when a new one
//! stands there. Devices and page are on one machine and read one clock. What the screen shows is on disk already (durable
//! before visible), which the journal is asked about at the end: every crossing must stand in it.

use std::collections::BTreeMap;
use std::time::Duration;

use acceptance::Trouble;
use acceptance::device::{Device, station_toml};
use acceptance::program;
use acceptance::waiting::word;
use acceptance::window::Window;
use serde_json::Value;

const BEDS: u32 = 64;
const ROUNDS: u32 = 32;
/// From one crossing of a bed to its next.
const ROUND: Duration = Duration::from_secs(3);
/// So long a value stays beyond its limit: it goes out once or twice.
const BEYOND: Duration = Duration::from_millis(1_500);
/// Inside the limits of the profile below.
const INSIDE: f64 = 72.0;
/// The first value beyond; each round takes the next.
const BEYOND_FROM: f64 = 20.0;
/// Windows, feeds and first chunks are not what is measured.
const WARM_UP: Duration = Duration::from_secs(20);
/// The clock runs from the first value beyond, so there is no condition delay.
const PROFILE: &str = "name = \"crossings\"\ntitle = \"Crossings\"\n\n[limits.HR]\nlow = 60\nhigh = 120\nlow_floor = 30\n\
     high_ceiling = 200\npriority = \"high\"\ndelay_s = 0\nhysteresis = 2\nworse_by = 10\nsource = \"for this bench\"\n";
/// Looks at the alert line of every tile in each frame; what changed is noted with its time.
const WATCH: &str = "
    window.crossings = [];
    const last = new Map();
    const look = () => {
        const now = performance.timeOrigin + performance.now();
        for (const tile of document.querySelectorAll(\"[data-testid^='tile-']\")) {
            const bed = tile.dataset.testid.slice(5);
            const text = tile.querySelector('.banner:not(.calm) .message')?.textContent ?? '';
            if (text !== last.get(bed)) { last.set(bed, text); window.crossings.push([bed, now, text]); }
        }
        requestAnimationFrame(look);
    };
    requestAnimationFrame(look);";

#[tokio::main(flavor = "multi_thread", worker_threads = 1)]
async fn main() -> Result<(), Trouble> {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let number = |at: usize, usual: u32| words.get(at).map_or(Ok(usual), |word| word.parse());
    let (beds, rounds) = (number(0, BEDS)?, number(1, ROUNDS)?);
    let mut devices = Vec::new();
    for _ in 0..beds {
        devices.push(Device::start(&[("HR", INSIDE, "/min"), ("SPO2", 97.0, "%")]).await?);
    }
    let folder = tempfile::tempdir()?;
    let config = station_toml(&devices.iter().collect::<Vec<_>>());
    let config = config.replacen("[station]\n", "[station]\nprofile = \"crossings.toml\"\n", 1);
    std::fs::write(folder.path().join("crossings.toml"), PROFILE)?;
    std::fs::write(folder.path().join("station.toml"), config)?;
    let (file, data) = (folder.path().join("station.toml"), folder.path().join("data"));
    let arguments = ["--data", &data.to_string_lossy(), "--config", &file.to_string_lossy()];
    let window = Window::open(folder.path(), &arguments).await?;
    let all = format!("{beds}/{beds}");
    window
        .wait_text("feeds-live", Duration::from_mins(1), |text| text == all)
        .await?;
    tokio::time::sleep(WARM_UP).await;
    window.execute(WATCH, Vec::new()).await?;
    for round in 0..rounds {
        cross(&devices, BEYOND_FROM + f64::from(round)).await;
    }
    tokio::time::sleep(ROUND).await;
    let seen = window.execute("return window.crossings;", Vec::new()).await?;
    window.close().await?;
    report(&devices, rounds, &seen, &program::rows(&data, &["alerts"])?)
}

/// One round: each bed goes beyond and back, spread over half of it.
async fn cross(devices: &[Device], beyond: f64) {
    let begun = tokio::time::Instant::now();
    let spread = ROUND.saturating_sub(BEYOND) / u32::try_from(devices.len()).unwrap_or(1);
    for (device, at) in devices.iter().zip(0_u32..) {
        tokio::time::sleep_until(begun + spread * at).await;
        device.set("HR", beyond);
    }
    for (device, at) in devices.iter().zip(0_u32..) {
        tokio::time::sleep_until(begun + BEYOND + spread * at).await;
        device.set("HR", INSIDE);
    }
    tokio::time::sleep_until(begun + ROUND).await;
}

/// Prints how late each crossing was seen, and fails when one was missed on the screen or in the journal.
fn report(devices: &[Device], rounds: u32, seen: &Value, journal: &[Value]) -> Result<(), Trouble> {
    let mut delays: Vec<f64> = Vec::new();
    let (mut missed, mut unwritten) = (Vec::new(), Vec::new());
    let seen = lines(seen);
    for (device, number) in devices.iter().zip(1..) {
        let bed = format!("bed-{number:02}");
        let written = journal
            .iter()
            .filter(|row| word(row, "bed") == bed && word(row, "what") == "alert-raised")
            .count();
        if written != usize::try_from(rounds)? {
            unwritten.push(format!("{bed}: {written} of {rounds}"));
        }
        let sent = device.sent();
        for round in 0..rounds {
            let value = BEYOND_FROM + f64::from(round);
            let first = sent.iter().find(|s| s.metric == "HR" && (s.value - value).abs() < 0.5);
            let sent_at = first.ok_or("a value was never sent")?.at_ms;
            let wanted = format!("{value}");
            let shown = seen.get(&bed).into_iter().flatten().find(|(at, text)| {
                *at >= sent_at && text.split(|c: char| !c.is_ascii_digit()).any(|part| part == wanted)
            });
            match shown {
                Some((at, _)) => delays.push(at - sent_at),
                None => missed.push(format!("{bed} {wanted}")),
            }
        }
    }
    delays.sort_by(f64::total_cmp);
    let part =
        |of_thousand: usize| delays.get((delays.len() * of_thousand / 1_000).min(delays.len().saturating_sub(1)));
    println!(
        "{} crossings on {} beds: p50 {:.0} ms, p99 {:.0} ms, greatest {:.0} ms; {} not seen, {} beds with another count in the journal",
        delays.len() + missed.len(),
        devices.len(),
        part(500).unwrap_or(&f64::NAN),
        part(990).unwrap_or(&f64::NAN),
        part(1_000).unwrap_or(&f64::NAN),
        missed.len(),
        unwritten.len()
    );
    if missed.is_empty() && unwritten.is_empty() {
        Ok(())
    } else {
        Err(format!("not on the screen: {missed:?}; in the journal: {unwritten:?}").into())
    }
}

/// What the page noted, by bed: when (ms since 1970), and the text that stood there from then on.
fn lines(seen: &Value) -> BTreeMap<String, Vec<(f64, String)>> {
    let mut lines: BTreeMap<String, Vec<(f64, String)>> = BTreeMap::new();
    for line in seen.as_array().into_iter().flatten() {
        let (bed, at, text) = (line.get(0), line.get(1), line.get(2));
        let known = bed.and_then(Value::as_str).zip(at.and_then(Value::as_f64));
        if let Some((bed, at)) = known {
            let text = text.and_then(Value::as_str).unwrap_or_default();
            lines.entry(bed.to_owned()).or_default().push((at, text.to_owned()));
        }
    }
    lines
}
