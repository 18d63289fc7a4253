//! Where samples stand on the station's time line.

use crate::kit::{START_MS, at};
use model::{Observation, ReceiptTime, SampleArray};
use wire::native::{Block, Message, Session, Waves};

/// A device with one wave of this many samples a second, and the connection to it.
struct Device {
    session: Session,
    seq: u32,
}

impl Device {
    fn new(rate: f64) -> Self {
        let mut device = Self {
            session: Session::new("Ward 3"),
            seq: 0,
        };
        device.greet(at(0), rate);
        device
    }

    fn greet(&mut self, now: ReceiptTime, rate: f64) {
        self.seq += 1;
        let text = format!(
            r#"{{"type":"hello","seq":{},"t":{START_MS},"version":1,"device":{{"id":"mon-7"}},"mode":"test","heartbeat_ms":1000,
            "waves":[{{"channel":0,"metric":"ECG_II","unit":"mV","rate":{rate},"resolution":0.005}}]}}"#,
            self.seq
        );
        assert_eq!(self.session.text(now, text.as_bytes()).fatal, None);
    }

    fn block(&mut self, received_us: i64, device_ms: f64, samples: usize) -> SampleArray {
        self.seq += 1;
        let message = Message::Waves(Waves {
            seq: self.seq,
            t: device_ms,
            blocks: vec![Block {
                channel: 0,
                samples: vec![0; samples].into(),
            }],
        });
        let now = ReceiptTime::from_micros(START_MS * 1_000 + received_us);
        let mut observations = self.session.message(now, message).observations;
        observations.retain(|o| !matches!(o, Observation::Rejects(_)));
        match observations.pop() {
            Some(Observation::Wave(wave)) => wave,
            other => panic!("expected a wave, got {other:?}"),
        }
    }
}

const START: f64 = 1_800_000_000_000.0;

/// Microseconds after the story's start at which a block begins.
fn start_us(wave: &SampleArray) -> i64 {
    wave.start.as_micros() - START_MS * 1_000
}

#[test]
fn a_day_at_360_hz_does_not_drift_and_blocks_join_without_a_seam() {
    let mut device = Device::new(360.0);
    let mut end = None;
    for block in 0..24 * 3_600 * 4_i64 {
        // 90 samples every 250 ms, up to 40 ms late by turns.
        let received = (block + 1) * 250_000 + (block * 7_919) % 40_000;
        let wave = device.block(received, START, 90);
        assert_eq!(wave.gap_before, block == 0);
        assert!(end.is_none_or(|e| e == wave.start), "a seam at block {block}");
        end = Some(wave.end());
        assert_eq!(
            start_us(&wave),
            block * 250_000,
            "the first block came at 250 ms with no delay"
        );
    }
}

#[test]
fn jitter_and_a_stalled_network_move_nothing() {
    let mut device = Device::new(100.0);
    for block in 0..40_i64 {
        let measured_ms = block * 1_000;
        // From 10 s to 14 s nothing comes through; then everything at once.
        let received_ms = measured_ms + 1_000;
        let received_ms = if (10_000..14_000).contains(&received_ms) {
            14_000
        } else {
            received_ms
        };
        #[expect(clippy::cast_precision_loss, reason = "small")]
        let wave = device.block(received_ms * 1_000, START + measured_ms as f64, 100);
        assert_eq!((start_us(&wave), wave.gap_before), (measured_ms * 1_000, block == 0));
    }
}

#[test]
fn a_device_clock_that_steps_moves_nothing() {
    let mut device = Device::new(100.0);
    for block in 0..20_i64 {
        let step = [0.0, 3_600_000.0, -86_400_000.0, f64::NAN, 1e300][usize::try_from(block / 4).unwrap()];
        let wave = device.block((block + 1) * 1_000_000, START + step, 100);
        assert_eq!(
            (start_us(&wave), wave.gap_before),
            (block * 1_000_000, block == 0),
            "block {block}"
        );
    }
}

#[test]
fn a_wave_that_was_off_for_a_minute_begins_anew() {
    let mut device = Device::new(100.0);
    device.block(1_000_000, START, 100);
    let wave = device.block(61_000_000, START + 60_000.0, 100);
    assert_eq!((start_us(&wave), wave.gap_before), (60_000_000, true));
    let wave = device.block(62_000_000, START + 61_000.0, 100);
    assert_eq!((start_us(&wave), wave.gap_before), (61_000_000, false));
}

#[test]
fn a_lost_message_makes_a_gap_and_never_an_overlap() {
    let mut device = Device::new(100.0);
    device.block(1_000_000, START, 100);
    device.seq += 1;
    let wave = device.block(3_000_000, START, 100);
    assert_eq!((start_us(&wave), wave.gap_before), (2_000_000, true));
    // The next loss is of a message of another kind, and the block comes 100 ms early.
    device.seq += 1;
    let wave = device.block(3_900_000, START, 100);
    assert_eq!((start_us(&wave), wave.gap_before), (3_000_000, true));
}

#[test]
fn a_connection_made_anew_goes_on_after_a_gap_without_overlap() {
    let mut device = Device::new(100.0);
    device.block(1_000_000, START, 100);
    device.session.reconnected();
    device.seq = 0;
    device.greet(at(1_200), 100.0);
    let wave = device.block(1_300_000, START, 100);
    assert_eq!((start_us(&wave), wave.gap_before), (1_000_000, true));
    let wave = device.block(2_300_000, START, 100);
    assert_eq!((start_us(&wave), wave.gap_before), (2_000_000, false));
}

/// 1.1 s too much or too little in a thousand: the line stays within a second and a block of the receipt times.
#[test]
fn a_sampling_clock_that_runs_off_is_followed_within_a_second() {
    for samples_a_second in [99_usize, 101] {
        let mut device = Device::new(100.0);
        let mut gaps = 0;
        for block in 0..3_600_i64 {
            let received = (block + 1) * 1_000_000;
            let wave = device.block(received, START, samples_a_second);
            let off = received - (wave.end().as_micros() - START_MS * 1_000);
            assert!(off.abs() <= 1_200_000, "{off} us off at block {block}");
            gaps += u32::from(wave.gap_before);
        }
        assert!(
            (30..=40).contains(&gaps),
            "{gaps} gaps at {samples_a_second} samples a second"
        );
    }
}

#[test]
fn another_rate_in_a_new_greeting_begins_a_new_line() {
    let mut device = Device::new(100.0);
    device.block(1_000_000, START, 100);
    device.greet(at(1_500), 200.0);
    let wave = device.block(2_000_000, START, 100);
    assert_eq!((start_us(&wave), wave.gap_before), (1_500_000, true));
    device.greet(at(2_100), 200.0);
    let wave = device.block(2_500_000, START, 100);
    assert_eq!((start_us(&wave), wave.gap_before), (2_000_000, false));
}
