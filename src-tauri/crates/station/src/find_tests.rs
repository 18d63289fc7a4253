//! Stories of recorded beds, and a law: what is found is what somebody finds who goes through it second by second.

use std::time::Duration;

use model::{
    Bed, BedId, DeviceTime, Encounter, EncounterId, GenerationMode, Location, MetricCode, Numeric, NumericTiming,
    Quantity, Reading, ReceiptTime, Timeliness,
};
use proptest::prelude::*;
use store::{Reader, StoreOptions, Writer};

use super::*;

const START_S: i64 = 1_800_000_000;

struct Ward {
    dir: tempfile::TempDir,
    writer: Writer,
}

fn place(bed: &str, stay: &str) -> (Bed, Encounter) {
    let id = BedId::new(bed).unwrap();
    let bed = Bed {
        label: id.to_string(),
        id,
        location: Location {
            unit: String::new(),
            room: None,
        },
    };
    let encounter = Encounter {
        id: EncounterId::new(stay).unwrap(),
        patient: None,
    };
    (bed, encounter)
}

fn second(second: i64) -> ReceiptTime {
    ReceiptTime::from_micros((START_S + second) * 1_000_000)
}

impl Ward {
    fn new(places: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (writer, _) = store::open(dir.path(), StoreOptions::default(), Box::new(|_| ()), Box::new(|_| ())).unwrap();
        writer.beds(second(0), places.iter().map(|(bed, stay)| place(bed, stay)).collect());
        Self { dir, writer }
    }

    /// Values of `metric` in `bed`, one a second from `from` on; `None` is a value that is missing.
    fn put(&self, bed: &str, metric: MetricCode, from: i64, values: impl IntoIterator<Item = Option<i32>>) {
        for (at, value) in (from..).zip(values) {
            let Some(value) = value else { continue };
            let numeric = Numeric {
                metric,
                reading: Reading::Value(Quantity::from_integer(value).unwrap()),
                measured_at: DeviceTime::from_micros(second(at).as_micros()),
                received_at: second(at),
                timing: NumericTiming::Every(Duration::from_secs(1)),
                mode: GenerationMode::Test,
                timeliness: Timeliness::Live,
            };
            self.writer.numeric(&BedId::new(bed).unwrap(), &numeric);
        }
        self.writer.flush().unwrap();
    }

    /// What is found, as `bed stay from..until worst`.
    fn told(self, asked: &str) -> Vec<String> {
        let asked = Formula::several(asked).unwrap();
        // While the last chunks are still open, and after they have closed.
        let open = search(&Reader::open(self.dir.path()).unwrap(), &asked).unwrap();
        self.writer.close().unwrap();
        let closed = search(&Reader::open(self.dir.path()).unwrap(), &asked).unwrap();
        assert!(open.unread.is_empty() && closed.unread.is_empty());
        assert_eq!(open.matches, closed.matches);
        closed.matches.iter().map(line).collect()
    }
}

fn line(one: &Match) -> String {
    let seconds = |time: ReceiptTime| time.as_micros() / 1_000_000 - START_S;
    let worst: Vec<String> = one
        .worst
        .iter()
        .map(|(metric, value)| format!("{metric} {value}"))
        .collect();
    format!(
        "{} {} {}..{} {}",
        one.bed,
        one.encounter.as_ref().map_or("-", EncounterId::as_str),
        seconds(one.from),
        seconds(one.until),
        worst.join(" ")
    )
}

fn steady(value: i32, seconds: usize) -> Vec<Option<i32>> {
    vec![Some(value); seconds]
}

fn with_dip(usual: i32, dip: i32, (from, until): (usize, usize), seconds: usize) -> Vec<Option<i32>> {
    (0..seconds)
        .map(|n| Some(if (from..until).contains(&n) { dip } else { usual }))
        .collect()
}

#[test]
fn low_saturation_for_long_enough_while_the_heart_is_slow() {
    let ward = Ward::new(&[("bed-1", "stay-1"), ("bed-2", "stay-2")]);
    ward.put("bed-1", MetricCode::SpO2, 0, with_dip(97, 85, (400, 460), 1_000));
    ward.put("bed-1", MetricCode::HeartRate, 0, with_dip(80, 44, (430, 500), 1_000));
    // Too short.
    ward.put("bed-2", MetricCode::SpO2, 0, with_dip(97, 85, (400, 415), 1_000));
    ward.put("bed-2", MetricCode::HeartRate, 0, steady(44, 1_000));
    assert_eq!(
        ward.told("SpO2 < 88 for 20 s and HR < 50"),
        ["bed-1 stay-1 430..460 SPO2 85 HR 44"]
    );
}

#[test]
fn a_time_is_that_of_the_terms_before_it() {
    let ward = || {
        let ward = Ward::new(&[("bed-1", "stay-1")]);
        ward.put("bed-1", MetricCode::SpO2, 0, with_dip(97, 85, (400, 460), 1_000));
        ward.put("bed-1", MetricCode::HeartRate, 0, with_dip(80, 44, (450, 500), 1_000));
        ward
    };
    assert_eq!(ward().told("SpO2 < 88 and HR < 50 for 20 s"), [""; 0]);
    assert_eq!(
        ward().told("SpO2 < 88 for 20 s and HR < 50"),
        ["bed-1 stay-1 450..460 SPO2 85 HR 44"]
    );
}

#[test]
fn a_value_counts_no_longer_than_it_would_have_been_shown() {
    let ward = Ward::new(&[("bed-1", "stay-1")]);
    ward.put("bed-1", MetricCode::SpO2, 0, steady(85, 30));
    ward.put("bed-1", MetricCode::SpO2, 600, steady(97, 30));
    assert_eq!(ward.told("SPO2 < 88"), ["bed-1 stay-1 0..34 SPO2 85"]);
}

#[test]
fn a_stretch_over_many_chunks_is_one() {
    let ward = Ward::new(&[("bed-1", "stay-1")]);
    ward.put("bed-1", MetricCode::SpO2, 0, with_dip(97, 85, (300, 4_000), 5_000));
    assert_eq!(ward.told("SPO2 < 88 for 60 min"), ["bed-1 stay-1 300..4000 SPO2 85"]);
}

#[test]
fn a_fall_is_found_where_it_is_big_enough() {
    let ward = Ward::new(&[("bed-1", "stay-1")]);
    let falling = (0..2_000).map(|n| Some(if n < 1_000 { 120 } else { 118 - (n - 1_000).min(40) }));
    ward.put("bed-1", MetricCode::ArterialSystolic, 0, falling);
    // 30 lower than 120 from second 1028 on. It ends at 78; 108 was last a value at second 1010, ten minutes before 1610.
    assert_eq!(
        ward.told("ART_SYS fell by 30 in 10 min"),
        ["bed-1 stay-1 1028..1610 ART_SYS 78"]
    );
}

#[test]
fn each_stay_of_a_bed_is_its_own() {
    let ward = Ward::new(&[("bed-1", "stay-1")]);
    ward.put("bed-1", MetricCode::SpO2, 0, steady(85, 100));
    ward.writer.beds(second(100), vec![place("bed-1", "stay-2")]);
    ward.put("bed-1", MetricCode::SpO2, 100, steady(84, 100));
    assert_eq!(
        ward.told("SPO2 < 88 for 10 s"),
        ["bed-1 stay-1 0..104 SPO2 85", "bed-1 stay-2 100..204 SPO2 84"]
    );
}

#[test]
fn what_cannot_matter_is_not_read() {
    let ward = Ward::new(&[("bed-1", "stay-1")]);
    ward.put("bed-1", MetricCode::SpO2, 0, with_dip(97, 85, (20_000, 20_060), 40_000));
    ward.put("bed-1", MetricCode::HeartRate, 0, steady(44, 40_000));
    ward.writer.close().unwrap();
    let asked = Formula::several("SPO2 < 88 and HR < 50").unwrap();
    let found = search(&Reader::open(ward.dir.path()).unwrap(), &asked).unwrap();
    assert_eq!(found.matches.len(), 1);
    assert!(found.numerics_read < 1_500, "{} of 80,000", found.numerics_read);
}

#[test]
fn sessions_are_listed_by_name_and_none_is_no_error() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(sessions(dir.path()).unwrap(), Vec::<PathBuf>::new());
    let folder = dir.path().join("sessions");
    std::fs::create_dir(&folder).unwrap();
    for name in ["b.wardlight", "a.wardlight", "a.wardlight-wal", "c.part"] {
        std::fs::write(folder.join(name), b"").unwrap();
    }
    assert_eq!(
        sessions(dir.path()).unwrap(),
        [folder.join("a.wardlight"), folder.join("b.wardlight")]
    );
}

/// Second by second: the last value of five seconds, or none.
fn naive(values: &[Option<i32>], second: usize) -> Option<i32> {
    (second.saturating_sub(4)..=second)
        .rev()
        .find_map(|n| values.get(n).copied().flatten())
}

fn some_values(low: i32, high: i32) -> impl Strategy<Value = Vec<Option<i32>>> {
    let piece = (
        prop_oneof![4 => (low..high).prop_map(Some), 1 => Just(None)],
        1_usize..60,
    );
    prop::collection::vec(piece, 1..40).prop_map(|pieces| {
        pieces
            .into_iter()
            .flat_map(|(value, seconds)| vec![value; seconds])
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_is_found_is_what_is_there(
        spo2 in some_values(84, 93), hr in some_values(44, 56), lasts in 0_usize..40
    ) {
        let ward = Ward::new(&[("bed-1", "stay-1")]);
        ward.put("bed-1", MetricCode::SpO2, 0, spo2.iter().copied());
        ward.put("bed-1", MetricCode::HeartRate, 0, hr.iter().copied());
        let found = ward.told(&format!("SPO2 < 88 for {lasts} s and HR < 50"));
        let seconds = spo2.len().max(hr.len()) + 10;
        let mut low: Vec<bool> = (0..seconds).map(|n| naive(&spo2, n).is_some_and(|v| v < 88)).collect();
        let mut from = 0;
        while from < seconds {
            let until = (from..seconds).find(|n| !low[*n]).unwrap_or(seconds);
            if until - from < lasts {
                low[from..until].fill(false);
            }
            from = until + 1;
        }
        let both: Vec<bool> = (0..seconds).map(|n| low[n] && naive(&hr, n).is_some_and(|v| v < 50)).collect();
        let mut wanted = Vec::new();
        for n in 0..seconds {
            if both[n] && (n == 0 || !both[n - 1]) {
                let until = (n..seconds).find(|m| !both[*m]).unwrap_or(seconds);
                wanted.push(format!("{n}..{until}"));
            }
        }
        let found: Vec<&str> = found.iter().filter_map(|line| line.split(' ').nth(2)).collect();
        prop_assert_eq!(found, wanted);
    }
}
