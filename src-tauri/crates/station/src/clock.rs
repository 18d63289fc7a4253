//! The one clock.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use model::{Clock, ReceiptTime};
use rustix::time::{ClockId, Timespec, clock_gettime};

/// A jump this long between two readings is told in the log: numbers and alerts are older than the log looks.
const JUMP_TOLD_FROM: Duration = Duration::from_secs(2);

/// Reads the wall clock once, at start, and counts on from there on a clock that nobody sets and that goes on while
/// the computer is suspended.
///
/// A wall clock that is stepped by an hour, a day or to 1970 while the station runs moves no alert and no age. After a
/// lid was closed for an hour every number is an hour old.
#[derive(Debug)]
pub struct StationClock {
    wall_at_start: ReceiptTime,
    started: Machine,
    /// What the computer had slept at the last reading, in microseconds since boot.
    slept_us: AtomicI64,
}

/// The machine's two clocks that only ever go forward, since boot.
#[derive(Clone, Copy, Debug)]
struct Machine {
    /// With the time the computer was suspended.
    boot: Duration,
    /// Without it.
    awake: Duration,
}

impl Machine {
    fn read() -> Self {
        Self {
            boot: span(clock_gettime(ClockId::Boottime)),
            awake: span(clock_gettime(ClockId::Monotonic)),
        }
    }

    fn slept_us(self) -> i64 {
        i64::try_from(self.boot.saturating_sub(self.awake).as_micros()).unwrap_or(i64::MAX)
    }
}

fn span(time: Timespec) -> Duration {
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or(0),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}

impl StationClock {
    /// Starts the clock.
    pub fn start() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the one place where the wall clock is read")]
        let wall = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        Self::started(
            ReceiptTime::from_micros(i64::try_from(wall.as_micros()).unwrap_or(0)),
            Machine::read(),
        )
    }

    fn started(wall_at_start: ReceiptTime, machine: Machine) -> Self {
        Self {
            wall_at_start,
            started: machine,
            slept_us: AtomicI64::new(machine.slept_us()),
        }
    }

    fn at(&self, machine: Machine) -> ReceiptTime {
        self.wall_at_start.plus(machine.boot.saturating_sub(self.started.boot))
    }

    /// How long the computer was suspended since the last reading, once, where that is worth telling.
    fn woken_after(&self, machine: Machine) -> Option<Duration> {
        let slept = machine.slept_us();
        let before = self.slept_us.fetch_max(slept, Ordering::Relaxed);
        let jump = Duration::from_micros(u64::try_from(slept.saturating_sub(before)).unwrap_or(0));
        (jump > JUMP_TOLD_FROM).then_some(jump)
    }
}

impl Clock for StationClock {
    fn now(&self) -> ReceiptTime {
        let machine = Machine::read();
        if let Some(jump) = self.woken_after(machine) {
            tracing::error!(
                seconds = jump.as_secs(),
                "the computer was suspended; nobody watched the ward meanwhile. Switch suspending off on this computer"
            );
        }
        self.at(machine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(boot_s: u64, awake_s: u64) -> Machine {
        Machine {
            boot: Duration::from_secs(boot_s),
            awake: Duration::from_secs(awake_s),
        }
    }

    #[test]
    fn an_hour_of_sleep_is_an_hour_and_is_told_once() {
        let clock = StationClock::started(ReceiptTime::from_millis(1_000_000), machine(50, 40));
        assert_eq!(clock.at(machine(60, 50)), ReceiptTime::from_millis(1_010_000));
        assert_eq!(
            clock.woken_after(machine(60, 50)),
            None,
            "the sleep before the start is not ours"
        );
        let woken = machine(3_661, 51);
        assert_eq!(clock.at(woken), ReceiptTime::from_millis(4_611_000));
        assert_eq!(clock.woken_after(woken), Some(Duration::from_hours(1)));
        assert_eq!(clock.woken_after(machine(3_662, 52)), None);
    }

    #[test]
    fn the_machine_counts_the_time_it_was_suspended() {
        let one = Machine::read();
        let other = Machine::read();
        // The two are read one after the other, and a machine that never slept has them alike.
        let apart = Duration::from_mins(1);
        assert!(one.boot + apart >= one.awake, "{one:?}");
        assert!(other.boot >= one.boot);
    }
}
