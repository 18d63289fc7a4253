//! What a day of one bed takes on disk, how quickly it is stored, and how quickly a screen's worth of it is drawn,
//! beside gzip'd EDF, `AtriumDB` and rows of SQLite.
//!
//! `cargo xtask bench history [HOURS]`. The signals are those of the demonstration beds (`bedside/recordings`), stretched
//! and scaled anew in every part of every hour and with noise of a step or two, so that no codec finds a repeat.
//! `AtriumDB` comes from `PyPI` into a virtual environment of its own; where that cannot be had a sentence says so.

use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use model::{BedId, DeviceTime, GenerationMode, MetricCode, ReceiptTime, SampleArray, SampleRate, Scale};
use store::{Reader, SeriesId, StoreOptions};

const START_S: i64 = 1_800_000_000;
const PIXELS: u32 = 1_500;
const WINDOWS: [(&str, i64); 4] = [("10 s", 10), ("1 min", 60), ("1 h", 3_600), ("24 h", 86_400)];
/// Metric, rate, the recording and its rate, and how much it is stretched.
type Made = (MetricCode, (u32, u32), &'static str, f64, f64);
const WAVES: [Made; 4] = [
    (MetricCode::EcgII, (250, 1), "ecg208.dat", 360.0, 1.0),
    (MetricCode::EcgV1, (250, 1), "ecg208.dat", 360.0, 1.1),
    (MetricCode::Pleth, (125, 1), "ppg2.dat", 117.0, 1.0),
    (MetricCode::Respiration, (125, 2), "ppg2.dat", 117.0, 4.5),
];

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let hours = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(24_u32);
    let folder = tempfile::tempdir()?;
    let mut waves = Vec::new();
    for (number, wave) in (1_u64..).zip(WAVES) {
        waves.push(signal(number, wave, hours)?);
    }
    let count: usize = waves.iter().map(Vec::len).sum();
    println!("{count} samples: {hours} h of one bed in four waves");
    let edf = edf(folder.path(), &waves)?;
    let rows = rows(folder.path(), &waves)?;
    let here = here(folder.path(), &waves, count)?;
    println!("  gzip'd EDF       {:.3} bytes a sample", edf / ratio(count));
    println!("  rows of SQLite   {rows:.3}");
    println!(
        "  ours, everything {here:.3}: {:.2} of EDF.gz, 1/{:.1} of rows",
        here * ratio(count) / edf,
        rows / here
    );
    draw(folder.path(), hours)?;
    if let Err(why) = atrium(folder.path(), &waves) {
        println!("AtriumDB is left out: {why}");
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a ratio to print")]
const fn ratio(count: usize) -> f64 {
    count as f64
}

/// A recording without end that never repeats.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "places within a recording"
)]
fn signal(number: u64, wave: (MetricCode, (u32, u32), &str, f64, f64), hours: u32) -> Outcome<Vec<i16>> {
    let (_, (samples, seconds), file, hertz, stretch) = wave;
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../bedside/recordings")
        .join(file);
    let bytes = std::fs::read(path)?;
    let known: Vec<f64> = bytes
        .chunks_exact(2)
        .filter_map(|b| Some(f64::from(i16::from_le_bytes(b.try_into().ok()?))))
        .collect();
    let middle = known.iter().sum::<f64>() / ratio(known.len());
    let step = hertz * f64::from(seconds) / f64::from(samples) / stretch;
    let mut state = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        f64::from(u32::try_from(state >> 32).unwrap_or(0)) / f64::from(u32::MAX)
    };
    let total = usize::try_from(hours)? * 3_600 * usize::try_from(samples)? / usize::try_from(seconds)?;
    let mut made = Vec::with_capacity(total);
    let (mut place, mut speed, mut size, mut target) = (random() * 1_000.0, 1.0, 1.0, (1.0, 1.0));
    for n in 0..total {
        if n % 1_000 == 0 {
            target = (0.8 + 0.45 * random(), 0.75 + 0.5 * random());
        }
        speed += (target.0 - speed) * 0.002;
        size += (target.1 - size) * 0.002;
        place += step * speed;
        if place >= ratio(known.len() - 1) {
            place = random() * 1_000.0;
        }
        let index = place as usize;
        let near = |at: usize| known.get(at).copied().unwrap_or(middle);
        let between = near(index) + (near(index + 1) - near(index)) * place.fract();
        let noise = (random() + random() - 1.0) * 2.0;
        made.push(((between - middle) * size + noise).round() as i16);
    }
    Ok(made)
}

fn gzip(path: &Path) -> Outcome<f64> {
    let done = Command::new("gzip").arg("-k").arg("-f").arg(path).status()?;
    if !done.success() {
        return Err("gzip failed".into());
    }
    let mut name = path.as_os_str().to_owned();
    name.push(".gz");
    Ok(ratio(usize::try_from(std::fs::metadata(PathBuf::from(name))?.len())?))
}

/// The bytes of an EDF file, compressed: a header, then records of two seconds.
fn edf(folder: &Path, waves: &[Vec<i16>]) -> Outcome<f64> {
    let path = folder.join("bed.edf");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path)?);
    file.write_all(&vec![b' '; 256 * (1 + waves.len())])?;
    let each = |rate: (u32, u32)| usize::try_from(rate.0 * 2 / rate.1).unwrap_or(1);
    let records = waves.first().map_or(0, |wave| wave.len() / each(WAVES[0].1));
    for record in 0..records {
        for (wave, (_, rate, ..)) in waves.iter().zip(WAVES) {
            let each = each(rate);
            for sample in wave.get(record * each..(record + 1) * each).unwrap_or(&[]) {
                file.write_all(&sample.to_le_bytes())?;
            }
        }
    }
    file.into_inner()?.sync_all()?;
    gzip(&path)
}

/// Bytes a sample of a row each (series, time, value), of the first ten minutes.
fn rows(folder: &Path, waves: &[Vec<i16>]) -> Outcome<f64> {
    let path = folder.join("rows.db");
    let connection = rusqlite::Connection::open(&path)?;
    connection.execute_batch("CREATE TABLE sample (series INTEGER, at_us INTEGER, value REAL); BEGIN")?;
    let mut count = 0;
    for (series, (wave, (_, (samples, seconds), ..))) in (1_i64..).zip(waves.iter().zip(WAVES)) {
        let mut insert = connection.prepare("INSERT INTO sample VALUES (?1, ?2, ?3)")?;
        let rate = SampleRate::new(samples, seconds)?;
        let ten_minutes = usize::try_from(samples * 600 / seconds)?;
        for (n, sample) in (0_u64..).zip(wave.iter().take(ten_minutes)) {
            insert.execute((
                series,
                START_S * 1_000_000 + rate.micros_of(n),
                f64::from(*sample) * 0.005,
            ))?;
            count += 1;
        }
    }
    connection.execute_batch("COMMIT")?;
    drop(connection);
    Ok(ratio(usize::try_from(std::fs::metadata(&path)?.len())?) / ratio(count))
}

/// User and system time of this process, in seconds.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = text
        .rsplit(')')
        .next()
        .unwrap_or("")
        .split_whitespace()
        .skip(11)
        .take(2);
    fields.filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Records everything as the station would, a minute at a time; the bytes a sample of the whole directory.
fn here(folder: &Path, waves: &[Vec<i16>], count: usize) -> Outcome<f64> {
    let dir = folder.join("ours");
    let options = StoreOptions {
        lower_priority: false,
        ..StoreOptions::default()
    };
    let bed = BedId::new("bed-01")?;
    let cpu = cpu_seconds();
    let (writer, _) = store::open(&dir, options, Box::new(|_| ()), Box::new(|_| ()))?;
    let minutes = waves.first().map_or(0, |wave| wave.len() / (250 * 60));
    for minute in 0..minutes {
        for (wave, (metric, (samples, seconds), ..)) in waves.iter().zip(WAVES) {
            let each = usize::try_from(samples * 60 / seconds)?;
            let rate = SampleRate::new(samples, seconds)?;
            let part = usize::try_from(samples * 2 / seconds)?;
            let from = minute * each;
            let here = wave.get(from..from + each).unwrap_or(&[]);
            for (n, block) in here.chunks(part).enumerate() {
                let start = START_S * 1_000_000 + rate.micros_of(u64::try_from(from + n * part)?);
                let block = SampleArray {
                    metric,
                    measured_at: DeviceTime::from_micros(start),
                    received_at: ReceiptTime::from_micros(start),
                    start: ReceiptTime::from_micros(start),
                    rate,
                    scale: Scale::new(0.005, 0.0)?,
                    mode: GenerationMode::Test,
                    samples: block.to_vec(),
                    gap_before: false,
                };
                writer.waves(&bed, Arc::new(block));
            }
        }
        writer.flush()?;
    }
    let stored = cpu_seconds() - cpu;
    let before = bytes_of(&dir)?;
    writer.compact()?;
    let compacted = cpu_seconds() - cpu - stored;
    // Another stay would close what is open; here that is a second of waves.
    writer.close()?;
    let connection = rusqlite::Connection::open(dir.join("wardlight.db"))?;
    let sum = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, f64>(0));
    let chunks = sum("SELECT total(length(data)) FROM wave_chunk")?;
    let bins = sum("SELECT total(length(data)) FROM wave_bins")?;
    let used = sum(
        "SELECT (page_count - freelist_count) * page_size * 1.0 FROM pragma_page_count, pragma_freelist_count, pragma_page_size",
    )?;
    let mut codecs = connection
        .prepare("SELECT s.metric, codec, count(*) FROM wave_chunk c JOIN series s ON s.id = c.series GROUP BY 1, 2")?;
    let codecs = codecs.query_map([], |row| {
        Ok((row.get::<_, u8>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
    })?;
    println!(
        "  ours: {:.1} M samples a CPU second stored, {:.1} with ten-minute chunks made",
        ratio(count) / stored / 1e6,
        ratio(count) / (stored + compacted) / 1e6
    );
    println!(
        "  ours: chunks {:.3}, pyramid {:.4}, pages in use {:.3}, before chunks were put together {:.3}",
        chunks / ratio(count),
        bins / ratio(count),
        used / ratio(count),
        before / ratio(count)
    );
    println!(
        "  ours: metric, codec, chunks: {:?}",
        codecs.collect::<Result<Vec<_>, _>>()?
    );
    Ok(used / ratio(count))
}

fn bytes_of(dir: &Path) -> Outcome<f64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(dir)? {
        bytes += entry?.metadata()?.len();
    }
    Ok(ratio(usize::try_from(bytes)?))
}

/// Draws the last part of the day.
fn draw(folder: &Path, hours: u32) -> Outcome<()> {
    let dir = folder.join("ours");
    let end = START_S + i64::from(hours) * 3_600 - 60;
    for (label, seconds) in WINDOWS {
        let from = (end - seconds).max(START_S);
        let screen = |reader: &Reader, series: SeriesId| {
            let at = |second: i64| ReceiptTime::from_millis(second * 1_000);
            reader.envelope(series, at(from), at(end), PIXELS)
        };
        let mut cold = Vec::new();
        let mut warm = Vec::new();
        for _ in 0..5 {
            forget(&dir.join("wardlight.db"));
            let reader = Reader::open(&dir)?;
            let began = Instant::now();
            screen(&reader, SeriesId(1))?;
            cold.push(began.elapsed().as_secs_f64());
            for _ in 0..40 {
                let began = Instant::now();
                screen(&reader, SeriesId(1))?;
                warm.push(began.elapsed().as_secs_f64());
            }
        }
        warm.sort_by(f64::total_cmp);
        cold.sort_by(f64::total_cmp);
        let middle = |times: &[f64]| times.get(times.len() / 2).copied().unwrap_or(f64::NAN) * 1e3;
        println!(
            "  envelope of {label}: {:.3} ms warm, {:.3} ms cold",
            middle(&warm),
            middle(&cold)
        );
    }
    Ok(())
}

/// Asks the system to drop what it keeps of a file.
fn forget(file: &Path) {
    let input = format!("if={}", file.display());
    let quiet = Command::new("dd")
        .args([&input, "iflag=nocache", "count=0"])
        .stderr(Stdio::null())
        .status();
    if quiet.is_err() {
        println!("  (the file could not be dropped from memory: cold is warm)");
    }
}

fn atrium(folder: &Path, waves: &[Vec<i16>]) -> Outcome<()> {
    let python = if let Some(known) = std::env::var_os("WARDLIGHT_ATRIUM_PYTHON") {
        PathBuf::from(known)
    } else {
        let place = folder.join("venv");
        Command::new("python3").args(["-m", "venv"]).arg(&place).status()?;
        let pip = Command::new(place.join("bin/pip"))
            .args(["install", "--quiet", "atriumdb==2.6.*"])
            .status()?;
        if !pip.success() {
            return Err("pip could not install it".into());
        }
        place.join("bin/python")
    };
    let mut words = Vec::new();
    for (wave, (metric, (samples, seconds), ..)) in waves.iter().zip(WAVES) {
        let bytes: Vec<u8> = wave.iter().flat_map(|s| s.to_le_bytes()).collect();
        std::fs::write(folder.join(format!("{}.i16", metric.name())), bytes)?;
        words.push(format!("{}:{}", metric.name(), f64::from(samples) / f64::from(seconds)));
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/history_atrium.py");
    let said = Command::new(python)
        .arg(script)
        .arg(folder)
        .arg(START_S.to_string())
        .args(words)
        .output()?;
    let text = String::from_utf8_lossy(&said.stdout);
    for line in text.lines() {
        println!("  AtriumDB: {line}");
    }
    if said.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&said.stderr)
        .lines()
        .last()
        .unwrap_or("it said nothing")
        .to_owned()
        .into())
}
