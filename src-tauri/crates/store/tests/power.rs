//! A thousand power cuts: at each, any of the writes that nobody had waited for are missing or torn.
//!
//! What the store writes is looked at after each commit. Between two such moments it writes in steps, each ended by an
//! fsync: the log; then the anchor beside it and the rename; then, at a checkpoint, the database. A cut falls into one of
//! them. What was waited for before it is there whole; of the step itself any sectors may be.

#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod kit;

use std::path::Path;
use std::sync::Arc;

use kit::disk::{ANCHOR, DATABASE, Dice, Disk, LOG, NEW_ANCHOR, at_rest, scratch, torn};
use kit::{START, bed, entry, journal, numeric, open, trace, wave};
use model::MetricCode;
use store::{JournalQuery, Order, Reader, Window, verify};

/// Bytes of the head of a log (SQLite file format, section 4.1).
const LOG_HEAD: usize = 32;
const STATES: usize = 1_000;
/// Recorded anew so often: a young history is small, and quick to lay.
const HISTORIES: usize = 5;
/// Cuts between two looks.
const CUTS: usize = 5;
const BEDS: [&str; 2] = ["bed-01", "bed-02"];
const RATE: usize = 50;

/// What was handed over, and what the store has said is on disk.
#[derive(Clone, Copy, Default, Debug)]
struct Told {
    entries: usize,
    seconds: usize,
}

/// What was tried.
#[derive(Debug, Default)]
struct Count {
    states: usize,
    /// Into a write of the log; the others hit the anchor or the database.
    in_the_log: usize,
    /// Moments that could not be told apart, and were passed over.
    unclear: usize,
}

/// How a cut may leave the disk between `before` and `after`; the second half says whether the log was safe by then.
fn cut(before: &Disk, after: &Disk, dice: &mut Dice) -> (Disk, bool) {
    let differs = |name| before.get(name) != after.get(name);
    let steps: Vec<_> = [LOG, ANCHOR, DATABASE]
        .into_iter()
        .filter(|name| differs(name))
        .collect();
    let step = steps.get(dice.roll(steps.len())).copied().unwrap_or(LOG);
    let mut disk = before.clone();
    if step == LOG {
        disk.0.insert(LOG, cut_log(before.get(LOG), after.get(LOG), dice));
        return (disk, false);
    }
    disk.0.insert(LOG, after.get(LOG).to_vec());
    if step == ANCHOR {
        disk.0.insert(NEW_ANCHOR, torn(&[], after.get(ANCHOR), dice));
        return (disk, true);
    }
    // The rename is not waited for: either anchor may stand.
    if dice.one_in(2) {
        disk.0.insert(ANCHOR, after.get(ANCHOR).to_vec());
    }
    disk.0
        .insert(DATABASE, torn(before.get(DATABASE), after.get(DATABASE), dice));
    (disk, true)
}

/// A log that is begun anew gets its new head first, and that is waited for: without it the old frames would count.
fn cut_log(before: &[u8], after: &[u8], dice: &mut Dice) -> Vec<u8> {
    let (Some(old), Some(new)) = (before.get(..LOG_HEAD), after.get(..LOG_HEAD)) else {
        return torn(before, after, dice);
    };
    let mut log = before.to_vec();
    if old == new {
        return torn(before, after, dice);
    }
    let written = dice.roll(LOG_HEAD * 2).min(LOG_HEAD);
    log[..written].copy_from_slice(&new[..written]);
    if written < LOG_HEAD || dice.one_in(4) {
        log
    } else {
        torn(&log, after, dice)
    }
}

/// Whether the log was begun anew and moved into the database between two looks: what came first cannot be told then.
fn is_unclear(before: &Disk, after: &Disk) -> bool {
    let head = |disk: &Disk| disk.get(LOG).get(..LOG_HEAD).map(<[u8]>::to_vec);
    head(before) != head(after) && before.get(DATABASE) != after.get(DATABASE)
}

fn check(dir: &Path, least: Told, most: Told) {
    let reader = Reader::open(dir).unwrap();
    let query = JournalQuery {
        order: Order::OldestFirst,
        ..JournalQuery::default()
    };
    let rows = reader.journal(&query).unwrap();
    assert!(
        (least.entries..=most.entries).contains(&rows.len()),
        "{} entries, {least:?} to {most:?}",
        rows.len()
    );
    for (row, number) in rows.iter().zip(0..) {
        assert_eq!(row.entry, entry(number));
    }
    for name in BEDS {
        let window = Window::all(bed(name), MetricCode::EcgII);
        let samples: Vec<i16> = reader.wave(&window).flat_map(|b| b.unwrap().samples).collect();
        assert!(
            (least.seconds * RATE..=most.seconds * RATE).contains(&samples.len()),
            "{} samples of {name}, {least:?} to {most:?}",
            samples.len()
        );
        assert_eq!(samples, trace(0, samples.len(), 50.0));
        let numbers = Window::all(bed(name), MetricCode::HeartRate);
        let numbers = reader.numerics(&numbers).map(Result::unwrap).count();
        assert!((least.seconds..=most.seconds).contains(&numbers), "{numbers} numbers");
    }
}

/// Everything of one second but the flush.
fn hand_over(writer: &store::Writer, second: usize) {
    for name in BEDS {
        let start = START + i64::try_from(second).unwrap() * 1_000_000;
        let samples = trace(second * RATE, RATE, 50.0);
        writer.waves(&bed(name), Arc::new(wave(start, (50, 1), samples)));
        writer.numeric(&bed(name), &numeric(start, 60_000));
    }
}

#[test]
fn a_thousand_power_cuts_lose_no_entry_and_at_most_a_second_of_waves() {
    let mut dice = Dice(4);
    let mut count = Count::default();
    while count.states < STATES {
        record_and_cut(count.states + STATES / HISTORIES, &mut dice, &mut count);
    }
    println!("{count:?}");
    assert!(count.in_the_log > STATES / 4 && count.states - count.in_the_log > STATES / 4);
    assert!(count.unclear < 20);
}

/// Records one history, and cuts the power until so many cuts were judged.
fn record_and_cut(enough: usize, dice: &mut Dice, count: &mut Count) {
    let dir = scratch();
    let (writer, _) = open(dir.path());
    let mut told = Told::default();
    let mut before = at_rest(&writer, dir.path());
    while count.states < enough {
        let was = told;
        if dice.one_in(3) {
            let entries = told.entries..told.entries + 1 + dice.roll(4);
            told.entries = entries.end;
            journal(&writer, entries.map(|n| entry(i64::try_from(n).unwrap())).collect()).unwrap();
        } else {
            hand_over(&writer, told.seconds);
            writer.flush().unwrap();
            told.seconds += 1;
        }
        let after = at_rest(&writer, dir.path());
        if is_unclear(&before, &after) {
            count.unclear += 1;
        } else {
            for _ in 0..CUTS {
                let (disk, is_safe) = cut(&before, &after, dice);
                judge(
                    &disk,
                    if is_safe { told } else { was },
                    told,
                    count.states.is_multiple_of(5),
                );
                count.states += 1;
                count.in_the_log += usize::from(!is_safe);
            }
        }
        before = after;
    }
    writer.close().unwrap();
}

/// The history opens, is whole, holds what it must, and is whole after it `goes_on`.
fn judge(disk: &Disk, least: Told, most: Told, goes_on: bool) {
    let cut = scratch();
    disk.lay(cut.path());
    assert_eq!(verify(cut.path()).unwrap().findings, []);
    let (writer, opened) = open(cut.path());
    assert_eq!(opened.notices, [] as [String; 0]);
    writer.close().unwrap();
    check(cut.path(), least, most);
    if goes_on {
        assert_eq!(verify(cut.path()).unwrap().findings, []);
    }
}
