//! What the protocol's own reading (`wire::native::Session`) makes of the devices.

use std::collections::BTreeMap;

use model::{Observation, ReceiptTime, RejectReason};
use wire::native::Session;

use super::*;
use crate::Script;
use crate::item::{Frame, Numbering};
use crate::physiology::Patient;

const STARTED_MS: i64 = 1_800_000_000_000;

/// What a station counted.
#[derive(Debug, Default)]
struct Taken {
    numbers: usize,
    samples: usize,
    gaps: usize,
    alerts: usize,
    rejects: BTreeMap<RejectReason, u32>,
    /// The first turn after which the station gave the connection up.
    given_up: Option<u64>,
}

fn listen(bed: u16, script: &str, seconds: u64) -> Taken {
    let script: Script = script.parse().unwrap();
    let source = Source::Patient(Box::new(Patient::demo(bed, true)));
    let started = f64::from(u32::try_from(STARTED_MS / 1_000).unwrap()) * 1_000.0;
    let mut device = Device::new(
        "virtual".to_owned(),
        source,
        script.of_bed(bed + 1),
        GenerationMode::Demo,
        started,
    );
    let (mut session, mut numbering, mut taken) = (Session::new("test"), Numbering::default(), Taken::default());
    let hello = Item::Text(Message::Hello(device.greeting(0).hello));
    for turn in 0..=seconds * 4 {
        let items = if turn == 0 {
            vec![hello.clone()]
        } else {
            device.turn(turn).items
        };
        let now = ReceiptTime::from_millis(STARTED_MS + i64::try_from(turn * TURN_MS).unwrap() + 3);
        for item in items {
            let step = match numbering.frame(&item) {
                Some(Frame::Text(text)) => session.text(now, text.as_bytes()),
                Some(Frame::Binary(bytes)) => session.binary(now, &bytes),
                None => continue,
            };
            if step.fatal.is_some() {
                taken.given_up.get_or_insert(turn);
            }
            for observation in step.observations {
                taken.count(observation);
            }
        }
    }
    taken
}

impl Taken {
    fn count(&mut self, observation: Observation) {
        match observation {
            Observation::Numeric(_) => self.numbers += 1,
            Observation::Wave(wave) => {
                self.samples += wave.samples.len();
                self.gaps += usize::from(wave.gap_before);
            }
            Observation::DeviceAlert(_) => self.alerts += 1,
            Observation::Rejects(rejects) => *self.rejects.entry(rejects.reason).or_default() += rejects.count,
            Observation::Connectivity(_) | Observation::Device(_) | Observation::Alive => {}
        }
    }
}

#[test]
fn nothing_that_a_demo_bed_sends_is_refused() {
    for bed in 0..16 {
        // Those to whom something happens are heard until it is over.
        let seconds = if [2, 9, 12].contains(&bed) { 206 } else { 30 };
        let taken = listen(bed, crate::ward::DEMO_EVENTS, seconds);
        assert!(
            taken.rejects.is_empty() && taken.given_up.is_none(),
            "bed {bed}: {taken:?}"
        );
        let heard = usize::try_from(seconds - 15).unwrap();
        assert!(
            taken.numbers > heard * 3 && taken.samples > heard * 99,
            "bed {bed}: {taken:?}"
        );
    }
}

#[test]
fn every_fault_is_refused_for_its_own_reason() {
    use RejectReason as R;
    for (word, reason) in [
        ("garbage", R::Malformed),
        ("oversized", R::Oversized),
        ("wrong-version", R::Version),
        ("unknown-metric", R::UnknownMetric),
        ("wrong-unit", R::WrongUnit),
        ("impossible", R::ImpossibleValue),
        ("nan", R::Malformed),
        ("sentinel", R::Sentinel),
        ("seq-gap", R::SequenceGap),
        ("duplicate", R::Duplicate),
        ("clock-1970", R::AbsurdClock),
        ("clock-2704", R::AbsurdClock),
        ("backfill", R::Late),
    ] {
        let taken = listen(0, &format!("at 5s bed 1 {word} for 5s"), 20);
        assert_eq!(taken.rejects.keys().collect::<Vec<_>>(), [&reason], "{word}: {taken:?}");
    }
    for word in [
        "silence",
        "slow",
        "late",
        "lead-off",
        "probe-off",
        "alert",
        "not-available",
        "questionable",
        "set HR 190",
    ] {
        let taken = listen(0, &format!("at 5s bed 1 {word} for 5s"), 20);
        assert!(
            taken.rejects.is_empty() && taken.given_up.is_none(),
            "{word}: {taken:?}"
        );
    }
    assert_eq!(listen(0, "at 5s bed 1 lead-off for 5s", 20).alerts, 2);
}
