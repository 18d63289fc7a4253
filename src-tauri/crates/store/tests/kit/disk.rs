//! A disk as a power cut or a bad cell leaves it: the bytes of the files of a history, and what becomes of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use store::Writer;
use tempfile::TempDir;

/// Small, seeded, and the same everywhere.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, below: usize) -> usize {
        // SplitMix64 (Steele, Lea, Flood 2014).
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) >> 16).unwrap() % below.max(1)
    }

    pub fn one_in(&mut self, n: usize) -> bool {
        self.roll(n) == 0
    }
}

/// A directory in memory where the system has one: a thousand disks are laid there one after another.
pub fn scratch() -> TempDir {
    tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| tempfile::tempdir().unwrap())
}

pub const DATABASE: &str = "wardlight.db";
pub const LOG: &str = "wardlight.db-wal";
pub const ANCHOR: &str = "wardlight.anchor";
pub const NEW_ANCHOR: &str = "wardlight.anchor-new";

/// The files of a history. The memory that programs share about the log is none of them: it does not outlive them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Disk(pub BTreeMap<&'static str, Vec<u8>>);

impl Disk {
    pub fn read(dir: &Path) -> Self {
        let files = [DATABASE, LOG, ANCHOR];
        let read = files.into_iter().filter_map(|n| Some((n, fs::read(dir.join(n)).ok()?)));
        Self(read.collect())
    }

    pub fn get(&self, name: &str) -> &[u8] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    pub fn lay(&self, dir: &Path) {
        for (name, bytes) in &self.0 {
            fs::write(dir.join(name), bytes).unwrap();
        }
    }
}

/// What is on the disk between two things the recording thread does: read on that thread, so that it does nothing else.
pub fn at_rest(writer: &Writer, dir: &Path) -> Disk {
    let dir = dir.to_owned();
    let (say, hear) = std::sync::mpsc::sync_channel(1);
    let done = move |_| say.send(Disk::read(&dir)).unwrap();
    writer.journal(Vec::new(), Box::new(done));
    hear.recv().unwrap()
}

fn piece(bytes: &[u8], at: usize, unit: usize) -> &[u8] {
    bytes.get(at..bytes.len().min(at + unit)).unwrap_or(&[])
}

/// What of the writes from `before` to `after` reached the disk when nobody had waited for it: any sectors, in any
/// order; beyond the old end the others hold nothing, or what was there of other files.
pub fn torn(before: &[u8], after: &[u8], dice: &mut Dice) -> Vec<u8> {
    let unit = [512, 4_096][dice.roll(2)];
    let written_in_eight = dice.roll(9);
    let is_stale = dice.one_in(3);
    let mut disk = before.to_vec();
    let longest = before.len().max(after.len());
    for at in (0..longest).step_by(unit) {
        let (old, new) = (piece(before, at, unit), piece(after, at, unit));
        if old == new || new.is_empty() {
            continue;
        }
        disk.resize(disk.len().max(at + new.len()), 0);
        if dice.roll(8) < written_in_eight {
            disk[at..at + new.len()].copy_from_slice(new);
        } else if old.is_empty() && is_stale {
            disk[at..at + new.len()].fill(u8::try_from(dice.roll(256)).unwrap());
        }
    }
    if after.len() < before.len() && dice.one_in(2) {
        disk.truncate(after.len());
    }
    if after.len() > before.len() && dice.one_in(2) {
        let cut = before.len() + dice.roll((after.len() - before.len()) / unit + 1) * unit;
        disk.truncate(cut);
    }
    disk
}
