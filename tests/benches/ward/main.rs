//! A ward under full load, measured: what a sample costs, what memory the station takes, and how late a viewer is.
//!
//! `cargo xtask bench ward [BEDS …]`. Each bed sends 2 x 250 + 125 + 62.5 samples a second in four wave messages and one
//! message of eight numbers, as JSON. The devices run in a process of their own and stamp each message at the moment they
//! send it; the station and the viewer run in this one, with history on disk, chunk closes and the durable tail included.

mod load;
mod usage;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use acceptance::Trouble;
use station::screen::{Screen, WaveWish};
use usage::Usage;

/// Wards that are measured where nobody says otherwise.
const WARDS: [u16; 3] = [64, 300, 1_000];
/// Chunks are ten seconds long: thirty seconds see each series close three.
const SECONDS: u64 = 30;
/// Connecting a thousand feeds and the first chunks are not what is measured.
const WARM_UP: Duration = Duration::from_secs(5);

fn main() -> Result<(), Trouble> {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"))
        .collect();
    if let [verb, beds] = words.as_slice()
        && verb == "devices"
    {
        return runtime()?.block_on(load::devices(beds.parse()?));
    }
    let mut sizes: Vec<u16> = words.iter().filter_map(|word| word.parse().ok()).collect();
    if sizes.is_empty() {
        sizes.extend(WARDS);
    }
    println!(
        "{:>5} {:>9} {:>12} {:>12} {:>8} {:>8} {:>8} {:>8} {:>9} {:>9}",
        "beds", "samples", "CPU s/M", "CPU cores", "p50 ms", "p99 ms", "p99.9 ms", "max ms", "RSS MB", "disk B/s*"
    );
    for beds in sizes {
        runtime()?.block_on(measure(beds))?;
    }
    println!("* bytes on disk a sample, tail and journal included");
    Ok(())
}

fn runtime() -> Result<tokio::runtime::Runtime, Trouble> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?)
}

/// The devices' process; it ends when this value goes.
struct Devices(Child);

impl Drop for Devices {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

async fn measure(beds: u16) -> Result<(), Trouble> {
    let mut devices = Devices(
        Command::new(std::env::current_exe()?)
            .args(["devices", &beds.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?,
    );
    let pipe = devices.0.stdout.take().ok_or("the devices have no output")?;
    let mut config = String::new();
    for line in BufReader::new(pipe).lines() {
        let line = line?;
        if line == load::READY {
            break;
        }
        config.push_str(&line);
        config.push('\n');
    }
    let folder = tempfile::tempdir()?;
    let running = station::start(folder.path(), station::Config::parse(&config)?, None)?;
    let screen = running.station().open_screen().await.ok_or("the station is gone")?;
    screen.watch(WaveWish::Everything);
    let warm = tokio::time::Instant::now() + WARM_UP;
    view(&screen, warm).await;
    let before = Usage::now()?;
    let begun = std::time::Instant::now();
    let seen = view(&screen, tokio::time::Instant::now() + Duration::from_secs(SECONDS)).await;
    let took = begun.elapsed().as_secs_f64();
    let after = Usage::now()?;
    running.stop().await?;
    let disk = usage::folder_bytes(folder.path())?;
    report(beds, seen, after.cpu_s - before.cpu_s, took, after.resident_mb, disk);
    Ok(())
}

#[derive(Default)]
struct Seen {
    samples: u64,
    delays_ms: Vec<f64>,
    dropped: u64,
}

async fn view(screen: &Screen, until: tokio::time::Instant) -> Seen {
    let mut seen = Seen::default();
    while tokio::time::timeout_at(until, screen.any()).await.is_ok() {
        let news = screen.take();
        let now_us = now_us();
        seen.dropped = news.waves_dropped;
        for (_, block, _) in &news.waves {
            seen.samples += block.samples.len() as u64;
            // The load stamps each message with the moment of sending.
            let sent_us = block.measured_at.as_micros();
            seen.delays_ms.push(as_f64(now_us - sent_us) / 1_000.0);
        }
    }
    seen
}

#[expect(
    clippy::disallowed_methods,
    reason = "the devices' process stamps by the same wall clock; nothing is alerted here"
)]
fn now_us() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of a bench are far below 2^53")]
fn as_f64(value: i64) -> f64 {
    value as f64
}

fn report(beds: u16, mut seen: Seen, cpu_s: f64, took_s: f64, resident_mb: f64, disk_bytes: u64) {
    seen.delays_ms.sort_by(f64::total_cmp);
    let millions = as_f64(i64::try_from(seen.samples).unwrap_or(i64::MAX)) / 1e6;
    let at = |permille: usize| {
        let index = (seen.delays_ms.len().saturating_sub(1)) * permille / 1_000;
        seen.delays_ms.get(index).copied().unwrap_or(f64::NAN)
    };
    // What was written before and after the measured span is on disk as well.
    let all_millions = millions * (took_s + WARM_UP.as_secs_f64()) / took_s;
    let disk = as_f64(i64::try_from(disk_bytes).unwrap_or(i64::MAX)) / 1e6 / all_millions;
    println!(
        "{beds:>5} {millions:>8.2}M {:>12.3} {:>12.2} {:>8.2} {:>8.2} {:>8.2} {:>8.2} {resident_mb:>9.1} {disk:>9.2}",
        cpu_s / millions,
        cpu_s / took_s,
        at(500),
        at(990),
        at(999),
        at(1_000),
    );
    if seen.dropped > 0 {
        println!(
            "      {} wave blocks were dropped on the way to the viewer",
            seen.dropped
        );
    }
}
