//! How long a question to history takes: `SpO2 < 88 for 20 s and HR < 50` over a ward, eight numbers a bed, one a second.
//!
//! `cargo bench -p station --bench find -- BEDS DAYS` (8 x 2 unless said). The same values go through a plain loop, second by
//! second, which must find as many stretches. A ward of 64 beds x 30 days is 1.3 billion values and takes some time
//! to record; with a directory as third argument the ward is kept there, and searched there again the next time.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use model::{
    Bed, BedId, DeviceTime, Encounter, EncounterId, GenerationMode, Location, MetricCode, Numeric, NumericTiming,
    Quantity, Reading, ReceiptTime, Timeliness,
};
use station::Formula;
use station::find;
use station::history::Reader;
use store::{StoreHealth, StoreOptions, Taken, Writer};

const ASKED: &str = "SpO2 < 88 for 20 s and HR < 50";
const START: i64 = 1_800_000_000_000_000;
/// What is usual, how far an excursion goes, and how many begin a day.
const NUMBERS: [(MetricCode, i32, i32, u64); 8] = [
    (MetricCode::HeartRate, 80, -38, 6),
    (MetricCode::SpO2, 96, -13, 24),
    (MetricCode::PulseRate, 80, 40, 6),
    (MetricCode::RespirationRate, 16, 14, 24),
    (MetricCode::ArterialSystolic, 120, 50, 12),
    (MetricCode::ArterialDiastolic, 70, 30, 12),
    (MetricCode::EndTidalCo2, 38, 20, 12),
    (MetricCode::Temperature, 37, 2, 1),
];
/// Excursions begin in the same hour of a day in a part of the beds, so that some fall together.
const TOGETHER_S: u64 = 3_600;
/// Seconds of a bed that are recorded before they are written down.
const FLUSH_EVERY_S: i64 = 1_800;
const ROUNDS: usize = 5;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let words: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let number = |at: usize, else_: u32| words.get(at).map_or(Ok(else_), |w| w.parse());
    let (beds, days) = (number(0, 8)?, number(1, 2)?);
    let temporary = tempfile::tempdir()?;
    let dir = words.get(2).map_or_else(|| temporary.path().to_owned(), PathBuf::from);
    if !dir.join("wardlight.db").exists() {
        let began = Instant::now();
        record(&dir, beds, days)?;
        println!("recorded in {:.0} s", began.elapsed().as_secs_f64());
    }
    let asked = Formula::several(ASKED)?;
    let mut took = Vec::new();
    let mut last = find::Found::default();
    for _ in 0..ROUNDS {
        let began = Instant::now();
        last = find::search(&Reader::open(&dir)?, &asked)?;
        took.push(began.elapsed());
    }
    let all = u64::from(beds) * u64::from(days) * 86_400 * 8;
    println!("{ASKED}: {beds} beds x {days} days, {all} numerics");
    println!(
        "  wardlight   first {:.1} ms, then {:.1} ms   {} stretches; {} numerics had to be read",
        millis(took.first()),
        millis(took.iter().min()),
        last.matches.len(),
        last.numerics_read
    );
    println!(
        "  plain loop  {} stretches",
        (0..beds).map(|bed| looped(bed, days)).sum::<usize>()
    );
    Ok(())
}

fn millis(took: Option<&Duration>) -> f64 {
    took.map_or(0.0, |t| t.as_secs_f64() * 1_000.0)
}

/// A number that wanders a little about what is usual, with excursions of up to a minute and a half.
struct Wander {
    state: u64,
    usual: i32,
    far: i32,
    one_in: u64,
    left: u64,
}

impl Wander {
    fn new(bed: u32, place: usize) -> Option<Self> {
        let (_, usual, far, a_day) = *NUMBERS.get(place)?;
        Some(Self {
            state: (u64::from(bed) * 97 + u64::try_from(place).ok()? + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1,
            usual,
            far,
            one_in: TOGETHER_S / a_day.min(TOGETHER_S),
            left: 0,
        })
    }

    fn next(&mut self, second: u64) -> i32 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        // All excursions of a day begin in its fifth hour.
        let may_begin = second % 86_400 / TOGETHER_S == 4;
        if self.left == 0 && may_begin && self.state.is_multiple_of(self.one_in) {
            self.left = 5 + (self.state >> 20) % 90;
        }
        self.left = self.left.saturating_sub(1);
        let noise = i32::try_from((self.state >> 40) % 5).unwrap_or(0) - 2;
        self.usual + noise + if self.left > 0 { self.far } else { 0 }
    }
}

fn looped(bed: u32, days: u32) -> usize {
    let (Some(mut hr), Some(mut spo2)) = (Wander::new(bed, 0), Wander::new(bed, 1)) else {
        return 0;
    };
    let seconds = u64::from(days) * 86_400;
    let values: Vec<(bool, bool)> = (0..seconds).map(|s| (hr.next(s) < 50, spo2.next(s) < 88)).collect();
    let mut found = 0;
    for low in values
        .chunk_by(|a, b| a.1 == b.1)
        .filter(|part| part.len() >= 20 && part.iter().all(|v| v.1))
    {
        found += low
            .chunk_by(|a, b| a.0 == b.0)
            .filter(|part| part.iter().all(|v| v.0))
            .count();
    }
    found
}

fn record(dir: &Path, beds: u32, days: u32) -> Result<(), Failure> {
    std::fs::create_dir_all(dir)?;
    let (writer, _) = store::open(dir, StoreOptions::default(), Box::new(complain), Box::new(|_| {}))?;
    let known: Result<Vec<_>, Failure> = (0..beds).map(place).collect();
    let known = known?;
    writer.beds(ReceiptTime::from_micros(START), known.clone());
    for (number, (bed, _)) in (0..beds).zip(&known) {
        let mut values: Vec<Wander> = (0..NUMBERS.len())
            .filter_map(|place| Wander::new(number, place))
            .collect();
        for second in 0..i64::from(days) * 86_400 {
            for ((metric, ..), wander) in NUMBERS.iter().zip(&mut values) {
                let value = wander.next(second.cast_unsigned());
                put(&writer, &bed.id, *metric, START + second * 1_000_000, value)?;
            }
            // Faster than any ward: without this more would wait for the disk than the recorder may keep.
            if second % FLUSH_EVERY_S == 0 {
                writer.flush()?;
            }
        }
    }
    writer.flush()?;
    Ok(writer.close()?)
}

fn place(number: u32) -> Result<(Bed, Encounter), Failure> {
    let id = BedId::new(&format!("bed-{number}"))?;
    let encounter = Encounter {
        id: EncounterId::new(&format!("stay-{number}"))?,
        patient: None,
    };
    let label = id.to_string();
    let location = Location {
        unit: String::new(),
        room: None,
    };
    Ok((Bed { id, label, location }, encounter))
}

/// A recording with holes would be searched as if it were whole.
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
        timing: NumericTiming::Every(Duration::from_secs(1)),
        mode: GenerationMode::Test,
        timeliness: Timeliness::Live,
    };
    while writer.numeric(bed, &numeric) == Taken::Full {
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}
