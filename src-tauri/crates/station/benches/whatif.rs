//! What a trial of other limits costs, beside the plainest loop there is: the same limits, delays and hysteresis over
//! typed arrays in Node, on the same numbers in the same run.
//!
//! `cargo xtask bench whatif [BEDS DAYS]`: first one bed of 24 h, then a ward of BEDS x DAYS (4 x 7 unless said).

use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use model::{
    Bed, BedId, DeviceTime, Encounter, EncounterId, GenerationMode, LimitRule, Limits, Location, MetricCode, Numeric,
    NumericTiming, Quantity, Reading, ReceiptTime, Timeliness,
};
use station::history::Reader;
use station::whatif::{self, Found, Trial};
use store::{StoreHealth, StoreOptions, Taken, Writer};

const START: i64 = 1_800_000_000_000_000;
/// Least, usual, greatest, and how often an excursion begins (one in so many seconds).
const NUMBERS: [(MetricCode, i32, u64); 8] = [
    (MetricCode::HeartRate, 80, 2_400),
    (MetricCode::SpO2, 96, 900),
    (MetricCode::PulseRate, 80, 2_400),
    (MetricCode::RespirationRate, 16, 3_600),
    (MetricCode::ArterialSystolic, 120, 7_200),
    (MetricCode::ArterialDiastolic, 70, 7_200),
    (MetricCode::EndTidalCo2, 38, 7_200),
    (MetricCode::Temperature, 37, 86_400),
];

/// Seconds of a bed that are recorded before they are written down.
const FLUSH_EVERY_S: i64 = 1_800;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<u32> = std::env::args().filter_map(|a| a.parse().ok()).collect();
    let (beds, days) = match arguments.as_slice() {
        [beds, days, ..] => (*beds, *days),
        _ => (4, 7),
    };
    println!("numbers: 8 a bed, one a second each; limits in force against SpO2 low 88, HR high 130, delays doubled");
    round(1, 1)?;
    round(beds, days)
}

/// One ward: recorded, tried, and tried by the plain loop.
fn round(beds: u32, days: u32) -> Result<(), Failure> {
    let dir = tempfile::tempdir()?;
    record(dir.path(), beds, days)?;
    let reader = Reader::open(dir.path())?;
    let profile = Arc::new(station::profile::built_in("adult").ok_or("no adult profile")?);
    let before = profile.limit_rules();
    let after = tried(&before)?;
    let span = (ReceiptTime::from_micros(START), ReceiptTime::from_micros(i64::MAX));
    // Once unmeasured: the file's pages are in memory then, as for the loop its arrays are.
    whatif::compare(&reader, &bed(0)?, span, &profile, &before, &after)?;
    let began = Instant::now();
    let mut sum = Found::default();
    for number in 0..beds {
        let found = whatif::compare(&reader, &bed(number)?, span, &profile, &before, &after)?;
        sum.before += found.before;
        sum.after += found.after;
        sum.numerics_read += found.numerics_read;
        sum.differences.extend(found.differences);
    }
    let ours = began.elapsed();
    let total = u64::from(beds) * u64::from(days) * 86_400 * 8;
    println!("\n{beds} beds x {days} days: {total} numerics");
    println!(
        "  wardlight   {:>9.1} ms   {} alerts instead of {}, {} differ; {:.1} % of the numerics had to be read",
        ours.as_secs_f64() * 1_000.0,
        sum.after,
        sum.before,
        sum.differences.len(),
        100.0 * part(sum.numerics_read, total)
    );
    match node(dir.path(), beds, days, &before, &after)? {
        Some((ms, text)) => println!(
            "  node loop   {ms:>9.1} ms   {text} (arrays in memory, reading not counted); wardlight takes 1/{:.1} of it",
            ms / (ours.as_secs_f64() * 1_000.0)
        ),
        None => println!("  node loop   left out: there is no `node` here"),
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a percentage for people")]
fn part(some: u64, all: u64) -> f64 {
    some as f64 / all as f64
}

fn tried(before: &[LimitRule]) -> Result<Vec<LimitRule>, Failure> {
    let mut after = before.to_vec();
    let delays: Vec<_> = before.iter().map(|r| (r.metric, r.delay * 2)).collect();
    for (metric, delay) in delays {
        let rule = before.iter().find(|r| r.metric == metric).ok_or("a rule")?;
        let low = if metric == MetricCode::SpO2 {
            Quantity::from_integer(88).ok()
        } else {
            rule.limits.low()
        };
        let high = if metric == MetricCode::HeartRate {
            Quantity::from_integer(130).ok()
        } else {
            rule.limits.high()
        };
        let limits = Some(Limits::new(low, high)?);
        let delay = Some(delay);
        Trial { metric, limits, delay }.change(&mut after);
    }
    Ok(after)
}

fn bed(number: u32) -> Result<BedId, Failure> {
    Ok(BedId::new(&format!("bed-{number}"))?)
}

/// A value that wanders about its usual one, with excursions of half a minute now and then.
struct Wander {
    usual: i32,
    rare: u64,
    state: u64,
    away: i32,
    left: u32,
}

impl Wander {
    fn new(usual: i32, rare: u64, seed: u64) -> Self {
        Self {
            usual,
            rare,
            state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1,
            away: 0,
            left: 0,
        }
    }

    fn next(&mut self) -> i32 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        if self.left == 0 && self.state.is_multiple_of(self.rare) {
            self.left = 10 + u32::try_from((self.state >> 20) % 60).unwrap_or(0);
            self.away = if self.usual == 96 {
                -8 - i32::try_from((self.state >> 30) % 8).unwrap_or(0)
            } else {
                self.usual * 3 / 4
            };
        }
        self.left = self.left.saturating_sub(1);
        let noise = i32::try_from((self.state >> 40) % 5).unwrap_or(0) - 2;
        let value = self.usual + noise + if self.left > 0 { self.away } else { 0 };
        value.min(if self.usual == 96 { 100 } else { 300 })
    }
}

fn wanders(bed: u32) -> Vec<Wander> {
    let numbered = NUMBERS.iter().zip(1_u64..);
    let each = numbered.map(|((_, usual, rare), n)| Wander::new(*usual, *rare, u64::from(bed) * 97 + n));
    each.collect()
}

fn record(dir: &Path, beds: u32, days: u32) -> Result<(), Failure> {
    let (writer, _) = store::open(dir, StoreOptions::default(), Box::new(complain), Box::new(|_| {}))?;
    let at = ReceiptTime::from_micros(START);
    let known: Result<Vec<_>, Failure> = (0..beds)
        .map(|n| {
            let id = bed(n)?;
            let encounter = Encounter {
                id: EncounterId::new(&format!("stay-{n}"))?,
                patient: None,
            };
            let label = id.to_string();
            let location = Location {
                unit: String::new(),
                room: None,
            };
            Ok((Bed { id, label, location }, encounter))
        })
        .collect();
    writer.beds(at, known?);
    for number in 0..beds {
        let id = bed(number)?;
        let mut values = wanders(number);
        for second in 0..i64::from(days) * 86_400 {
            for ((metric, _, _), wander) in NUMBERS.iter().zip(&mut values) {
                put(&writer, &id, *metric, START + second * 1_000_000, wander.next())?;
            }
            // Faster than any ward: without this more would wait for the disk than the recorder may keep.
            if second % FLUSH_EVERY_S == 0 {
                writer.flush()?;
            }
        }
    }
    writer.flush()?;
    writer.close()?;
    Ok(())
}

/// A recording with holes would be tried as if it were whole.
fn complain(health: StoreHealth) {
    if let StoreHealth::Faulty { text, .. } = health {
        eprintln!("the recording is not whole: {text}");
    }
}

fn put(writer: &Writer, bed: &BedId, metric: MetricCode, at: i64, value: i32) -> Result<(), Failure> {
    let numeric = Numeric {
        metric,
        reading: Reading::Value(Quantity::from_integer(value)?),
        measured_at: DeviceTime::from_micros(at),
        received_at: ReceiptTime::from_micros(at),
        timing: NumericTiming::Every(std::time::Duration::from_secs(1)),
        mode: GenerationMode::Test,
        timeliness: Timeliness::Live,
    };
    while writer.numeric(bed, &numeric) == Taken::Full {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    Ok(())
}

/// The plain loop over the same numbers; `None` without Node.
fn node(
    dir: &Path,
    beds: u32,
    days: u32,
    before: &[LimitRule],
    after: &[LimitRule],
) -> Result<Option<(f64, String)>, Failure> {
    let data = dir.join("numbers.bin");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&data)?);
    for number in 0..beds {
        for (index, mut wander) in wanders(number).into_iter().enumerate() {
            let (metric, _, _) = NUMBERS.get(index).ok_or("a number")?;
            let rules = [before, after].map(|rules| rules.iter().find(|r| r.metric == *metric));
            if rules.iter().all(Option::is_none) {
                continue;
            }
            for rule in rules {
                let bound = |q: Option<Quantity>, none: i32| q.map_or(none, Quantity::thousandths);
                let words = [
                    bound(rule.and_then(|r| r.limits.low()), i32::MIN),
                    bound(rule.and_then(|r| r.limits.high()), i32::MAX),
                    rule.map_or(0, |r| i32::try_from(r.delay.as_secs()).unwrap_or(0)),
                    rule.map_or(0, |r| r.hysteresis.thousandths()),
                ];
                for word in words {
                    file.write_all(&word.to_le_bytes())?;
                }
            }
            for _ in 0..days * 86_400 {
                file.write_all(&(wander.next() * 1_000).to_le_bytes())?;
            }
        }
    }
    file.flush()?;
    drop(file);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/whatif.mjs");
    let Ok(done) = Command::new("node")
        .arg(script)
        .arg(&data)
        .arg((days * 86_400).to_string())
        .output()
    else {
        return Ok(None);
    };
    let text = String::from_utf8_lossy(&done.stdout).trim().to_owned();
    let (ms, rest) = text
        .split_once(' ')
        .ok_or_else(|| format!("the loop said {text:?} {}", String::from_utf8_lossy(&done.stderr)))?;
    Ok(Some((ms.parse()?, rest.to_owned())))
}
