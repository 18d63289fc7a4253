//! Faults on purpose: what the store does about a failing disk is tried with them.

use rusqlite::ffi;

/// Lets a part of the operations of the recording thread on its disk fail, in a fixed sequence. For trials only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Faults {
    /// How many of a thousand operations fail.
    pub per_mille: u16,
    /// Where the sequence begins.
    pub seed: u64,
}

/// The sequence.
#[derive(Debug)]
pub(crate) struct Fate {
    faults: Option<Faults>,
    state: u64,
}

impl Fate {
    pub(crate) fn of(faults: Option<Faults>) -> Self {
        let state = faults.map_or(0, |faults| faults.seed);
        Self { faults, state }
    }

    /// Called where the disk may fail: before a transaction, before its commit, and after it, when the error hides that
    /// everything is there.
    pub(crate) fn strike(&mut self) -> rusqlite::Result<()> {
        let Some(faults) = self.faults else { return Ok(()) };
        // A linear congruence (Knuth, MMIX): enough to spread faults.
        self.state = self
            .state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        if (self.state >> 33) % 1_000 >= u64::from(faults.per_mille) {
            return Ok(());
        }
        let why = "a fault on purpose".to_owned();
        Err(rusqlite::Error::SqliteFailure(
            ffi::Error::new(ffi::SQLITE_IOERR),
            Some(why),
        ))
    }
}
