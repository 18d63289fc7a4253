//! Whoever hands over journal entries or waits for the disk is answered: once, whatever happens.

#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "a test")]

mod kit;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use kit::{START, bed, entry, open};
use proptest::collection::vec;
use proptest::prelude::*;
use store::{StoreError, StoreOptions, Writer};

#[derive(Clone, Debug)]
enum Step {
    Journal(usize),
    /// More than the queue may ever hold.
    Flood,
    Numeric,
    Flush,
    Room,
    Close,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0_usize..40).prop_map(Step::Journal),
        1 => Just(Step::Flood),
        3 => Just(Step::Numeric),
        2 => Just(Step::Flush),
        1 => Just(Step::Room),
        1 => Just(Step::Close),
    ];
    vec(step, 1..24)
}

/// How often each ticket was answered.
#[derive(Default)]
struct Tickets(Vec<Arc<AtomicU32>>);

impl Tickets {
    fn hand_over(&mut self, writer: &Writer, entries: usize) {
        let answers = Arc::new(AtomicU32::new(0));
        self.0.push(Arc::clone(&answers));
        let entries = vec![entry(1); entries];
        let done = move |_: Result<(), StoreError>| {
            answers.fetch_add(1, Ordering::SeqCst);
        };
        writer.journal(entries, Box::new(done));
    }

    fn answers(&self) -> Vec<u32> {
        self.0.iter().map(|answers| answers.load(Ordering::SeqCst)).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_ticket_is_answered_once(steps in steps(), is_full in any::<bool>(), dies in any::<bool>()) {
        let dir = tempfile::tempdir().unwrap();
        open(dir.path()).0.close().unwrap();
        let options = StoreOptions { pages_max: is_full.then_some(1), ..StoreOptions::default() };
        // A listener that fails takes the thread with it, in the middle of its work.
        let on_health = Box::new(move |_| assert!(!dies, "the listener fails"));
        let (writer, _) = store::open(dir.path(), options, on_health, Box::new(|_| ())).unwrap();
        let mut tickets = Tickets::default();
        for (number, step) in (0_i64..).zip(steps) {
            match step {
                Step::Journal(entries) => tickets.hand_over(&writer, entries),
                Step::Flood => tickets.hand_over(&writer, 70_000),
                Step::Numeric => drop(writer.numeric(&bed("bed-01"), &kit::numeric(START + number, 60_000))),
                Step::Flush => drop(writer.flush()),
                Step::Room => writer.make_room(1 << 20),
                Step::Close => drop(writer.close()),
            }
        }
        drop(writer.close());
        tickets.hand_over(&writer, 1);
        prop_assert_eq!(tickets.answers(), vec![1; tickets.0.len()]);
    }
}

#[test]
fn a_thread_that_dies_answers_who_waits() {
    let dir = tempfile::tempdir().unwrap();
    open(dir.path()).0.close().unwrap();
    let options = StoreOptions {
        pages_max: Some(1),
        ..StoreOptions::default()
    };
    let on_health = Box::new(|_| panic!("the listener fails"));
    let (writer, _) = store::open(dir.path(), options, on_health, Box::new(|_| ())).unwrap();
    let mut tickets = Tickets::default();
    // It is full after a few of these, and says so.
    for _ in 0..100 {
        tickets.hand_over(&writer, 50);
    }
    assert!(writer.close().is_err());
    assert_eq!(tickets.answers(), vec![1; 100]);
}
