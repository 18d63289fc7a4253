//! How much one CPU second stores, everything included: queue, chunks, tail, transactions, fsync, checkpoints.
//!
//! A ward of 64 beds with two ECG at 250 Hz, pleth 125, resp 62.5, in four messages a second, and eight numerics
//! a second each, for two minutes, as fast as it goes. Every bed's trace is another one and none repeats.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use model::{
    BedId, DeviceTime, GenerationMode, MetricCode, Numeric, NumericTiming, Quantity, Reading, ReceiptTime, SampleArray,
    SampleRate, Scale, Timeliness,
};
use store::{StoreOptions, Taken, Writer};

const BEDS: u32 = 64;
const SECONDS: u32 = 120;
const START: i64 = 1_800_000_000_000_000;
const WAVES: [(MetricCode, u32, u32); 4] = [
    (MetricCode::EcgII, 250, 1),
    (MetricCode::EcgV1, 250, 1),
    (MetricCode::Pleth, 125, 1),
    (MetricCode::Respiration, 125, 2),
];

fn main() {
    report();
    divan::main();
}

/// A beat, breathing, and noise of about two bits.
fn sample(bed: u32, hertz: f64, n: u64, wave: usize) -> i16 {
    #[expect(clippy::cast_precision_loss, reason = "a made-up trace")]
    let seconds = n as f64 / hertz;
    let rate = 1.0 + f64::from(bed % 17) / 20.0;
    let beat = (seconds * rate + 0.01 * (seconds * 0.7).sin()).fract();
    let spike = if wave < 2 && beat < 0.06 {
        180.0 * (beat / 0.06 * std::f64::consts::PI).sin()
    } else {
        40.0 * (beat * std::f64::consts::TAU).sin()
    };
    let mut noise = n ^ (u64::from(bed) << 40) ^ (u64::try_from(wave).unwrap_or(0) << 50);
    noise = (noise ^ (noise >> 31)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    noise = (noise ^ (noise >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    #[expect(clippy::cast_possible_truncation, reason = "a made-up trace")]
    let value = (spike + 30.0 * (seconds * 0.25).sin()) as i16;
    value + i16::try_from(noise >> 62).unwrap_or(0)
}

fn blocks() -> Vec<(u32, Arc<SampleArray>)> {
    let mut all = Vec::new();
    for quarter in 0..SECONDS * 4 {
        for bed in 0..BEDS {
            for (wave, (metric, samples, seconds)) in WAVES.into_iter().enumerate() {
                let (Ok(rate), Ok(scale)) = (SampleRate::new(samples, seconds), Scale::new(0.005, 0.0)) else {
                    continue;
                };
                let number = |quarter: u32| u64::from(quarter) * u64::from(samples) / u64::from(seconds * 4);
                let (from, until) = (number(quarter), number(quarter + 1));
                let start = START + rate.micros_of(from);
                all.push((
                    bed,
                    Arc::new(SampleArray {
                        metric,
                        measured_at: DeviceTime::from_micros(start),
                        received_at: ReceiptTime::from_micros(start + 250_000),
                        start: ReceiptTime::from_micros(start),
                        rate,
                        scale,
                        mode: GenerationMode::Test,
                        samples: (from..until).map(|n| sample(bed, rate.hertz(), n, wave)).collect(),
                        gap_before: false,
                    }),
                ));
            }
        }
    }
    all
}

fn numeric(metric: MetricCode, second: u32, bed: u32) -> Numeric {
    let at = START + i64::from(second) * 1_000_000 + i64::from((second * 7919 + bed * 104_729) % 4_000);
    Numeric {
        metric,
        reading: Reading::Value(Quantity::from_thousandths(
            60_000 + 1_000 * i32::try_from(second % 7).unwrap_or(0),
        )),
        measured_at: DeviceTime::from_micros(START + i64::from(second) * 1_000_000),
        received_at: ReceiptTime::from_micros(at),
        timing: NumericTiming::Every(Duration::from_secs(1)),
        mode: GenerationMode::Test,
        timeliness: Timeliness::Live,
    }
}

fn record(writer: &Writer, beds: &[BedId], blocks: &[(u32, Arc<SampleArray>)]) -> u32 {
    let per_second = blocks.len() / usize::try_from(SECONDS).unwrap_or(1);
    let mut refused = 0;
    for (second, blocks) in (0_u32..).zip(blocks.chunks(per_second)) {
        for (bed, block) in blocks {
            if let Some(name) = usize::try_from(*bed).ok().and_then(|b| beds.get(b)) {
                refused += u32::from(writer.waves(name, Arc::clone(block)) != Taken::Yes);
            }
        }
        for (bed, name) in (0_u32..).zip(beds) {
            for metric in MetricCode::ALL.iter().take(8) {
                refused += u32::from(writer.numeric(name, &numeric(*metric, second, bed)) != Taken::Yes);
            }
        }
        // What a second of the ward brings is one transaction, as in life.
        refused += u32::from(writer.flush().is_err());
    }
    refused
}

fn ward() -> Vec<BedId> {
    (0..BEDS)
        .filter_map(|n| BedId::new(&format!("bed-{n:02}")).ok())
        .collect()
}

fn record_into(dir: &Path, blocks: &[(u32, Arc<SampleArray>)]) -> u32 {
    let options = StoreOptions {
        lower_priority: false,
        ..StoreOptions::default()
    };
    match store::open(dir, options, Box::new(|_| ()), Box::new(|_| ())) {
        Ok((writer, _)) => record(&writer, &ward(), blocks) + u32::from(writer.close().is_err()),
        Err(error) => {
            println!("{error}");
            1
        }
    }
}

/// Bytes of compressed data a sample, in the chunks that have closed.
fn chunk_bytes(dir: &Path) -> rusqlite::Result<f64> {
    let connection = rusqlite::Connection::open(dir.join("wardlight.db"))?;
    let sql = "SELECT 1.0 * sum(length(data)) / sum(count) FROM wave_chunk";
    connection.query_row(sql, [], |row| row.get(0))
}

/// User and system time of this process, in seconds; nothing where the system does not say.
fn cpu_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    let mut fields = text.rsplit(')').next()?.split_whitespace().skip(11);
    let ticks: f64 = fields.next()?.parse::<f64>().ok()? + fields.next()?.parse::<f64>().ok()?;
    Some(ticks / 100.0)
}

fn report() {
    let blocks = blocks();
    let samples: usize = blocks.iter().map(|(_, block)| block.samples.len()).sum();
    let Ok(dir) = tempfile::tempdir() else {
        return;
    };
    let (cpu, wall) = (cpu_seconds(), Instant::now());
    let refused = record_into(dir.path(), &blocks);
    let (wall, cpu) = (
        wall.elapsed().as_secs_f64(),
        cpu_seconds().zip(cpu).map(|(after, before)| after - before),
    );
    let bytes = std::fs::metadata(dir.path().join("wardlight.db")).map_or(0, |m| m.len());
    #[expect(clippy::cast_precision_loss, reason = "a ratio to print")]
    let (samples, bytes) = (samples as f64, bytes as f64);
    println!("{samples:.0} samples of {BEDS} beds in {SECONDS} s of ward time, {refused} refused");
    if let Some(cpu) = cpu {
        println!("  {:.1} M samples per CPU second", samples / 1e6 / cpu);
        println!(
            "  {:.2} % of a core for the ward in real time",
            100.0 * cpu / f64::from(SECONDS)
        );
    }
    println!("  {:.1} M samples per second of wall time", samples / 1e6 / wall);
    println!(
        "  {:.3} bytes a sample in the wave chunks",
        chunk_bytes(dir.path()).unwrap_or(f64::NAN)
    );
    println!(
        "  {:.3} bytes a sample in the whole file; most of it is the tail, which does not grow",
        bytes / samples
    );
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn two_minutes_of_a_ward(bencher: divan::Bencher) {
    let blocks = blocks();
    bencher
        .with_inputs(tempfile::tempdir)
        .bench_values(|dir| dir.map(|dir| record_into(dir.path(), &blocks)).ok());
}
