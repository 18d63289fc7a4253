//! A copy of a history while it is recorded.

use std::ops::ControlFlow;
use std::path::Path;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use crate::anchor::{self, Anchor};
use crate::beside::Beside;
use crate::journal::Head;
use crate::{Reader, StoreError, file, tail};

/// Pages (16 KiB) between two words about the progress: 16 MiB, a tenth of a second on a usual disk.
const PAGES_A_STEP: i32 = 1_024;

/// Copies the history that `dir` records into to `out`, as it stands at one moment, and its anchor beside it
/// (`NAME.anchor`). Recording goes on meanwhile, and its log grows until the copy is whole.
///
/// `out` is a history like any other: as `wardlight.db` with its anchor in a directory of its own it can be read,
/// verified and recorded into. It is made beside its place and moved there when it is whole and fsynced. `progress` is
/// told the part that is done (0 to 1), and may end it: then nothing is left behind.
///
/// Errors where there is no history, where `out` is there already (nothing is overwritten), and where a disk fails.
pub fn backup(dir: &Path, out: &Path, progress: &mut dyn FnMut(f32) -> ControlFlow<()>) -> Result<(), StoreError> {
    let from = file::open_for_reading(Reader::open(dir)?.file())?;
    let beside = Beside::begin(out)?;
    // One snapshot: without it each transaction of the station would begin the copy anew.
    let snapshot = from.unchecked_transaction()?;
    let now = Anchor {
        head: Head::read(&snapshot)?,
        tail: tail::last(&snapshot)?,
    };
    let mut to = Connection::open(beside.part())?;
    copy(&snapshot, &mut to, progress)?;
    drop(snapshot);
    // The copy says that it has a log; what closes it last takes the log away.
    to.close().map_err(|(_, error)| error)?;
    beside.finish()?;
    anchor::write(out, now)
}

fn copy(
    from: &Connection,
    to: &mut Connection,
    progress: &mut dyn FnMut(f32) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    let backup = Backup::new(from, to)?;
    loop {
        let step = backup.step(PAGES_A_STEP)?;
        let pages = backup.progress();
        let done = pages.pagecount.saturating_sub(pages.remaining);
        if progress(part(done.into(), pages.pagecount.into())).is_break() {
            return Err(StoreError::Cancelled);
        }
        if step == StepResult::Done {
            return Ok(());
        }
        if step != StepResult::More {
            return Err(StoreError::Failed(format!(
                "the copy cannot go on ({step:?}); try again"
            )));
        }
    }
}

/// How much is done, for a person to look at.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a bar on a screen"
)]
pub(crate) fn part(done: i64, all: i64) -> f32 {
    (done as f64 / all.max(1) as f64) as f32
}
