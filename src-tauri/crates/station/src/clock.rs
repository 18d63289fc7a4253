//! The one clock.

use std::time::{Instant, SystemTime};

use model::{Clock, ReceiptTime};

/// Reads the wall clock once, at start, and counts on the monotonic clock from there.
///
/// A wall clock that is stepped by an hour, a day or to 1970 while the station runs moves no alert and no age.
#[derive(Debug)]
pub struct StationClock {
    wall_at_start: ReceiptTime,
    started: Instant,
}

impl StationClock {
    /// Starts the clock.
    pub fn start() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the one place where the wall clock is read")]
        let wall = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        Self {
            wall_at_start: ReceiptTime::from_micros(i64::try_from(wall.as_micros()).unwrap_or(0)),
            started: Instant::now(),
        }
    }
}

impl Clock for StationClock {
    fn now(&self) -> ReceiptTime {
        self.wall_at_start.plus(self.started.elapsed())
    }
}
