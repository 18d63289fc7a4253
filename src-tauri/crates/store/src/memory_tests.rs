//! What is kept in memory for a disk that does not take it is bounded, whatever its shape.

use std::sync::Arc;

use model::{
    BedId, DeviceTime, GenerationMode, MetricCode, Numeric, NumericTiming, Quantity, Reading, ReceiptTime, SampleArray,
    SampleRate, Scale, Timeliness,
};
use rusqlite::Connection;

use crate::identity::Identity;
use crate::journal::{CHAIN_START, Head};
use crate::open::{OpenNumbers, OpenWave};
use crate::queue::{Item, Queue};
use crate::recorder::Recorder;
use crate::{Taken, recorder};

fn block(number: i64) -> SampleArray {
    let at = 1_800_000_000_000_000 + number * 60_000_000;
    SampleArray {
        metric: MetricCode::EcgII,
        measured_at: DeviceTime::from_micros(at),
        received_at: ReceiptTime::from_micros(at),
        start: ReceiptTime::from_micros(at),
        rate: SampleRate::new(250, 1).unwrap(),
        scale: Scale::new(0.005, 0.0).unwrap(),
        mode: GenerationMode::Test,
        samples: vec![7],
        gap_before: true,
    }
}

fn numeric(number: i64) -> Numeric {
    let at = 1_800_000_000_000_000 + number * 600_000_000;
    Numeric {
        metric: MetricCode::HeartRate,
        reading: Reading::Value(Quantity::from_thousandths(60_000)),
        measured_at: DeviceTime::from_micros(at),
        received_at: ReceiptTime::from_micros(at),
        timing: NumericTiming::Every(std::time::Duration::from_secs(1)),
        mode: GenerationMode::Test,
        timeliness: Timeliness::Live,
    }
}

fn recorder() -> Recorder {
    let head = Head {
        id: 0,
        chain: CHAIN_START,
    };
    let connection = Connection::open_in_memory().unwrap();
    Recorder::new(connection, "nowhere".as_ref(), Identity::default(), head)
}

#[test]
fn chunks_of_one_sample_are_counted_as_what_they_are() {
    let mut recorder = recorder();
    let bed = BedId::new("bed-01").unwrap();
    let (mut handed, mut held) = (0, 0);
    while handed < 700_000 {
        recorder.wave(&bed, &block(handed));
        recorder.numeric(&bed, &numeric(handed));
        handed += 1;
        if handed % 50_000 == 0 {
            let waves = recorder.closed_waves.len() * size_of::<OpenWave>();
            held = waves + recorder.closed_numbers.len() * size_of::<OpenNumbers>();
            assert!(held <= recorder::KEPT_BYTES_MAX, "{held} bytes after {handed} blocks");
        }
    }
    assert!(
        held > recorder::KEPT_BYTES_MAX / 2,
        "it is kept as long as there is room: {held}"
    );
    let kept = recorder.closed_waves.len() + recorder.closed_numbers.len() + 2;
    let handed = u64::try_from(2 * handed).unwrap();
    assert_eq!(
        u64::try_from(kept).unwrap() + recorder.dropped,
        handed,
        "every drop is counted"
    );
}

#[test]
fn the_queue_counts_what_a_block_holds_beside_its_samples() {
    let queue = Queue::default();
    let bed = BedId::new("bed-01").unwrap();
    let mut samples = Vec::with_capacity(1 << 20);
    samples.push(1);
    let large = Arc::new(SampleArray { samples, ..block(0) });
    let taken = (0..1_000)
        .take_while(|_| queue.put(Item::Wave(bed.clone(), Arc::clone(&large))) == Taken::Yes)
        .count();
    assert!((16..=64).contains(&taken), "{taken} blocks of 2 MB");
}
