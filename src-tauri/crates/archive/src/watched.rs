//! Long work that says how far it is and can be stopped.

use std::cell::{Cell, RefCell};
use std::ops::{ControlFlow, Range};

use wire::recording::{Head, RecordingError, Samples};

/// Told how much is done, 0 to 1; says whether to go on.
pub type Progress<'p> = &'p mut dyn FnMut(f64) -> ControlFlow<()>;

/// What a stopped piece of work ends with.
pub(crate) const STOPPED: &str = "stopped before it was whole; nothing of it was kept";

/// Samples that tell of each range they give.
pub(crate) struct Watched<'s, 'p> {
    inner: &'s dyn Samples,
    total: u64,
    given: Cell<u64>,
    progress: RefCell<Progress<'p>>,
}

impl<'s, 'p> Watched<'s, 'p> {
    pub(crate) fn new(inner: &'s dyn Samples, progress: Progress<'p>) -> Self {
        let count = |runs: &[wire::recording::Run]| runs.last().map_or(0, |run| run.first + run.count);
        Self {
            total: inner.head().channels.iter().map(|c| count(&c.runs)).sum(),
            inner,
            given: Cell::new(0),
            progress: RefCell::new(progress),
        }
    }
}

impl Samples for Watched<'_, '_> {
    fn head(&self) -> &Head {
        self.inner.head()
    }

    fn samples(&self, channel: usize, range: Range<u64>, into: &mut Vec<i32>) -> Result<(), RecordingError> {
        let given = self.given.get().saturating_add(range.end.saturating_sub(range.start));
        self.given.set(given);
        #[expect(clippy::cast_precision_loss, reason = "a part of a whole, shown to a person")]
        let part = (given as f64 / self.total.max(1) as f64).min(1.0);
        if let Ok(mut progress) = self.progress.try_borrow_mut()
            && progress(part).is_break()
        {
            return Err(RecordingError::new(self.head().name.clone(), STOPPED));
        }
        self.inner.samples(channel, range, into)
    }
}
