//! The laws of a feed's queue, for any sequence of pushes and pops.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a test looks at the one observation it is about"
)]

use std::collections::BTreeMap;
use std::time::Duration;

use model::{
    AlertKind, DeviceAlert, DeviceTime, GenerationMode, MetricCode, Numeric, NumericTiming, Observation, Priority,
    Quantity, Reading, ReceiptTime, RejectReason, SampleArray, SampleRate, Scale, Timeliness,
};
use proptest::prelude::*;

use crate::queue::{NUMERICS_MAX, OTHERS_MAX, Queue, WAVE_BLOCKS_MAX, WAVE_SAMPLES_MAX, WhenFull};

const WAVES: [MetricCode; 3] = [MetricCode::EcgII, MetricCode::Pleth, MetricCode::Respiration];
const NUMBERS: [MetricCode; 3] = [MetricCode::HeartRate, MetricCode::SpO2, MetricCode::NibpMean];

/// What a test does to a queue. The number of a push is its place among all pushes, carried as the receipt time.
#[derive(Clone, Debug)]
enum Act {
    Wave { which: usize, samples: usize },
    Number { which: usize, late: bool },
    Alert,
    Alive,
    Pop,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (0..3_usize, prop_oneof![Just(1_usize), Just(125), Just(60_000)])
            .prop_map(|(which, samples)| Act::Wave { which, samples }),
        4 => (0..3_usize, prop::bool::weighted(0.1)).prop_map(|(which, late)| Act::Number { which, late }),
        1 => Just(Act::Alert),
        1 => Just(Act::Alive),
        2 => Just(Act::Pop),
    ]
}

pub(crate) fn wave(metric: MetricCode, number: i64, samples: usize) -> Observation {
    Observation::Wave(SampleArray {
        metric,
        measured_at: DeviceTime::from_micros(number),
        received_at: ReceiptTime::from_micros(number),
        start: ReceiptTime::from_micros(number),
        rate: SampleRate::new(250, 1).unwrap(),
        scale: Scale::new(0.005, 0.0).unwrap(),
        mode: GenerationMode::Test,
        samples: vec![0; samples],
        gap_before: false,
    })
}

pub(crate) fn number(metric: MetricCode, number: i64, timeliness: Timeliness) -> Observation {
    Observation::Numeric(Numeric {
        metric,
        reading: Reading::Value(Quantity::from_integer(70).unwrap()),
        measured_at: DeviceTime::from_micros(number),
        received_at: ReceiptTime::from_micros(number),
        timing: NumericTiming::Every(Duration::from_secs(1)),
        mode: GenerationMode::Test,
        timeliness,
    })
}

pub(crate) fn alert(number: i64) -> Observation {
    Observation::DeviceAlert(DeviceAlert {
        code: "lead-off".into(),
        text: "lead off".into(),
        metric: None,
        priority: Priority::Low,
        kind: AlertKind::Technical,
        present: true,
        received_at: ReceiptTime::from_micros(number),
    })
}

/// The metric and the number of a push, for those that have both.
fn place(observation: &Observation) -> Option<(Option<MetricCode>, i64)> {
    match observation {
        Observation::Wave(w) => Some((Some(w.metric), w.received_at.as_micros())),
        Observation::Numeric(n) => Some((Some(n.metric), n.received_at.as_micros())),
        Observation::DeviceAlert(a) => Some((None, a.received_at.as_micros())),
        Observation::Connectivity(_) | Observation::Device(_) | Observation::Rejects(_) | Observation::Alive => None,
    }
}

/// What went in and what came out, in order.
#[derive(Default)]
struct Story {
    queue: Queue,
    pushed: Vec<Observation>,
    popped: Vec<Observation>,
    refused: usize,
}

impl Story {
    fn act(&mut self, act: &Act) {
        let next = i64::try_from(self.pushed.len()).unwrap();
        let observation = match act {
            Act::Wave { which, samples } => wave(WAVES[*which], next, *samples),
            Act::Number { which, late: true } => number(NUMBERS[*which], next, Timeliness::Late),
            Act::Number { which, late: false } => number(NUMBERS[*which], next, Timeliness::Live),
            Act::Alert => alert(next),
            Act::Alive => Observation::Alive,
            Act::Pop => {
                self.popped.extend(self.queue.pop().map(|(o, _)| o));
                return;
            }
        };
        match self.queue.push(observation.clone(), 0.0) {
            Ok(()) => self.pushed.push(observation),
            Err(back) => {
                assert_eq!(back, observation);
                assert_eq!(WhenFull::of(&back), WhenFull::Wait);
                self.refused += 1;
            }
        }
    }

    fn drain(&mut self) {
        while let Some((observation, _)) = self.queue.pop() {
            self.popped.push(observation);
        }
        assert!(self.queue.is_empty());
    }
}

fn story(acts: &[Act]) -> Story {
    let mut story = Story::default();
    for act in acts {
        story.act(act);
        let (waves, samples, numerics, others) = story.queue.lengths();
        assert!(
            waves <= WAVE_BLOCKS_MAX && samples <= WAVE_SAMPLES_MAX,
            "{waves} {samples}"
        );
        assert!(numerics <= NUMERICS_MAX && others <= OTHERS_MAX, "{numerics} {others}");
    }
    story.drain();
    story
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bounds_hold_and_the_order_of_a_feed_is_kept(acts in prop::collection::vec(act(), 0..900)) {
        let story = story(&acts);
        let numbers: Vec<i64> = story.popped.iter().filter_map(place).map(|(_, n)| n).collect();
        prop_assert!(numbers.is_sorted());
    }

    #[test]
    fn nothing_is_lost_that_may_not_be_lost(acts in prop::collection::vec(act(), 0..900)) {
        let story = story(&acts);
        let waiting = |o: &&Observation| WhenFull::of(o) == WhenFull::Wait && place(o).is_some();
        prop_assert!(story.pushed.iter().filter(waiting).eq(story.popped.iter().filter(waiting)));
        let newest = |all: &[Observation]| -> BTreeMap<_, _> {
            all.iter().filter(|o| matches!(o, Observation::Numeric(_))).filter_map(place).collect()
        };
        prop_assert_eq!(newest(&story.pushed), newest(&story.popped));
    }

    #[test]
    fn what_is_dropped_is_counted_to_the_last(acts in prop::collection::vec(act(), 0..900)) {
        let story = story(&acts);
        let placed = |all: &[Observation]| all.iter().filter_map(place).count();
        let counted: u32 = story.popped.iter().map(|o| match o {
            Observation::Rejects(r) if r.reason == RejectReason::QueueFull => r.count,
            _ => 0,
        }).sum();
        prop_assert_eq!(placed(&story.pushed) - placed(&story.popped), usize::try_from(counted).unwrap());
    }

    #[test]
    fn a_wave_says_gap_exactly_where_blocks_are_missing(acts in prop::collection::vec(act(), 0..900)) {
        let story = story(&acts);
        for metric in WAVES {
            let of = |all: &[Observation]| -> Vec<(i64, bool)> {
                all.iter().filter_map(|o| match o {
                    Observation::Wave(w) if w.metric == metric => Some((w.received_at.as_micros(), w.gap_before)),
                    _ => None,
                }).collect()
            };
            let pushed: Vec<i64> = of(&story.pushed).into_iter().map(|(n, _)| n).collect();
            let mut before = None;
            for (number, gap) in of(&story.popped) {
                let at = pushed.iter().position(|n| *n == number).unwrap();
                prop_assert_eq!(gap, at > 0 && before != Some(pushed[at - 1]), "{} {}", metric, number);
                before = Some(number);
            }
        }
    }
}

#[test]
fn a_flood_of_waves_keeps_the_newest_four_seconds_and_marks_the_gap() {
    let mut story = Story::default();
    for _ in 0..WAVE_BLOCKS_MAX + 10 {
        story.act(&Act::Wave { which: 0, samples: 62 });
    }
    story.drain();
    assert!(matches!(&story.popped[0], Observation::Rejects(r) if r.count == 10));
    assert_eq!(story.popped.len(), 1 + WAVE_BLOCKS_MAX);
    assert!(matches!(&story.popped[1], Observation::Wave(w) if w.gap_before && w.received_at.as_micros() == 10));
    assert!(matches!(&story.popped[2], Observation::Wave(w) if !w.gap_before));
}

#[test]
fn a_block_larger_than_the_queue_is_refused_and_the_next_says_so() {
    let mut story = Story::default();
    story.act(&Act::Wave {
        which: 0,
        samples: WAVE_SAMPLES_MAX + 1,
    });
    story.act(&Act::Wave { which: 0, samples: 1 });
    story.drain();
    assert!(
        matches!(&story.popped[..], [Observation::Rejects(r), Observation::Wave(w)] if r.count == 1 && w.gap_before)
    );
}

#[test]
fn there_is_room_for_the_newest_of_every_metric() {
    assert!(NUMERICS_MAX > MetricCode::ALL.len());
}
