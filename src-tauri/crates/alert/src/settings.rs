//! What a site may set. Delays, steps and priorities are data; each default names its source.

use std::time::Duration;

use model::{Cause, MetricCode, Priority, Quantity, Rung, Side};

/// How a technical condition about one number is raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TechnicalRule {
    /// It must last this long.
    pub delay: Duration,
    /// Priority for a number that has limits: while it is away, they protect nobody.
    pub with_limits: Priority,
    /// Priority for a number that has none.
    pub without_limits: Priority,
}

/// How an alert that nobody answers is passed on: when it reaches each rung, counted from when it began to sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ladder {
    /// Louder, in the same place.
    pub louder: Duration,
    /// To the second name.
    pub second: Duration,
    /// To whoever is in charge.
    pub charge: Duration,
    /// Alerts below this priority are not passed on.
    pub from: Priority,
}

impl Ladder {
    /// When a rung is reached, counted from when the alert began to sound.
    pub const fn reached(&self, rung: Rung) -> Duration {
        match rung {
            Rung::First => Duration::ZERO,
            Rung::Louder => self.louder,
            Rung::Second => self.second,
            Rung::Charge => self.charge,
        }
    }

    /// How long an alert stays on `rung` before it climbs; `None` on the last.
    pub fn stays(&self, rung: Rung) -> Option<Duration> {
        let next = rung.next()?;
        Some(self.reached(next).saturating_sub(self.reached(rung)))
    }
}

/// Everything a site may set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// An acknowledged alert that is still there sounds again after this (published range 2-3 min).
    pub realert: Duration,
    /// How an alert that nobody answers is passed on.
    pub ladder: Ladder,
    /// The same cause within this time after it was over belongs to the same episode: it is counted, and an
    /// acknowledgement that has not run out holds for it as long as it is no worse.
    pub episode_window: Duration,
    /// The longest pause of one direction of one number.
    pub pause_max: Duration,
    /// A number that was measured when the station stopped must come within this time after its feed is live.
    pub expected_within: Duration,
    /// A high-priority alert that clears unacknowledged stays until a person has acknowledged it: it is shown and
    /// does not sound.
    pub latch_high: bool,
    /// From the feed's `Lost` to the alert. The feed has waited out the silence already.
    pub feed_lost_delay: Duration,
    /// A feed that tries to connect for this long counts as lost (no loss is told later than 10 s).
    pub connecting_is_lost_after: Duration,
    /// Priority of a lost feed when no other feed of the bed is live: nobody watches this patient from here.
    pub bed_lost: Priority,
    /// Priority of a lost feed while another feed of the bed is live.
    pub part_lost: Priority,
    /// A continuous number that stopped while its feed lives, counted from when it went stale (not drawn as a
    /// number any more). Longer than a feed needs to be found silent, so that one cause gives one alert.
    pub stale: TechnicalRule,
    /// The device says that a sensor is off.
    pub sensor_off: TechnicalRule,
    /// The device says that it has no valid number.
    pub invalid: TechnicalRule,
    /// A device clock must be absurd for this long.
    pub device_clock_delay: Duration,
    /// Priority of an absurd device clock: nothing is decided by it.
    pub device_clock: Priority,
    /// After a feed came back, its device has this long to say again which of its own alerts are present, and after
    /// a restart the station has this long for its own; what is not said again is over.
    pub restates_within: Duration,
    /// Priority of "history is not written".
    pub disk: Priority,
    /// Priority of "alerts cannot sound".
    pub sound: Priority,
    /// Priority of "the screen does not answer".
    pub page_dead: Priority,
    /// Steps of worsening of numbers of which the bed's profile says nothing, in the metric's unit.
    pub worse_by: Vec<(MetricCode, Quantity)>,
    /// The step of numbers that are not named there either.
    pub worse_by_default: Quantity,
}

impl Default for Settings {
    /// Sources: re-alert interval, feed-loss and staleness times are those of the clinical facts the project is
    /// built on (re-alert 2-3 min; a lost feed is told within max(3 x period, 5 s), never later than 10 s).
    /// The ladder's 30, 60 and 120 s and pauses of 1 to 3 min are from there too. Priorities of technical conditions,
    /// the window of an episode and the other delays are the project's own choice and not from a published table: site
    /// data.
    fn default() -> Self {
        Self {
            realert: Duration::from_mins(2),
            ladder: Ladder {
                louder: Duration::from_secs(30),
                second: Duration::from_mins(1),
                charge: Duration::from_mins(2),
                from: Priority::Medium,
            },
            episode_window: Duration::from_mins(5),
            pause_max: Duration::from_mins(3),
            expected_within: Duration::from_secs(30),
            latch_high: true,
            feed_lost_delay: Duration::ZERO,
            connecting_is_lost_after: Duration::from_secs(10),
            bed_lost: Priority::Medium,
            part_lost: Priority::Low,
            stale: TechnicalRule {
                delay: Duration::from_secs(5),
                with_limits: Priority::Medium,
                without_limits: Priority::Low,
            },
            sensor_off: TechnicalRule {
                delay: Duration::from_secs(10),
                with_limits: Priority::Low,
                without_limits: Priority::Low,
            },
            invalid: TechnicalRule {
                delay: Duration::from_secs(30),
                with_limits: Priority::Low,
                without_limits: Priority::Low,
            },
            device_clock_delay: Duration::from_secs(10),
            device_clock: Priority::Low,
            restates_within: Duration::from_secs(30),
            disk: Priority::Medium,
            sound: Priority::Medium,
            page_dead: Priority::High,
            worse_by: vec![
                (MetricCode::AirwayRespirationRate, units(4)),
                (MetricCode::EndTidalCo2, units(5)),
                (MetricCode::CentralVenousMean, units(3)),
                (MetricCode::Temperature, Quantity::from_thousandths(500)),
                (MetricCode::Glucose, units(20)),
            ],
            worse_by_default: Quantity::from_thousandths(10 * Quantity::PER_UNIT),
        }
    }
}

/// Whole units; only for the constants above, all far inside the range.
const fn units(n: i32) -> Quantity {
    Quantity::from_thousandths(n * Quantity::PER_UNIT)
}

impl Settings {
    /// The step of worsening of a number of which the profile says nothing.
    pub fn worse_step(&self, metric: MetricCode) -> Quantity {
        let named = self.worse_by.iter().find(|(m, _)| *m == metric);
        named.map_or(self.worse_by_default, |(_, step)| *step)
    }

    /// The priority of a condition of the station itself.
    pub(crate) const fn station_priority(&self, cause: &Cause) -> Priority {
        match cause {
            Cause::Disk => self.disk,
            Cause::Sound => self.sound,
            Cause::PageDead => self.page_dead,
            Cause::Limit { .. }
            | Cause::FeedLost
            | Cause::Stale { .. }
            | Cause::SensorOff { .. }
            | Cause::InvalidValue { .. }
            | Cause::DeviceClock
            | Cause::Device { .. }
            | Cause::Rule { .. }
            | Cause::EarlyWarning { .. } => Priority::Medium,
        }
    }
}

/// What a side means for numbers.
pub(crate) trait Beyond {
    /// `value` is beyond `bound`; a value equal to it is not.
    fn beyond(self, value: Quantity, bound: Quantity) -> bool;
    /// The worse of two values.
    fn worse(self, a: Quantity, b: Quantity) -> Quantity;
    /// `step` further out than `from`; saturates.
    fn out(self, from: Quantity, step: Quantity) -> Quantity;
    /// `step` further in than `from`; saturates.
    fn inward(self, from: Quantity, step: Quantity) -> Quantity;
}

impl Beyond for Side {
    fn beyond(self, value: Quantity, bound: Quantity) -> bool {
        match self {
            Self::Low => value < bound,
            Self::High => value > bound,
        }
    }

    fn worse(self, a: Quantity, b: Quantity) -> Quantity {
        match self {
            Self::Low => a.min(b),
            Self::High => a.max(b),
        }
    }

    fn out(self, from: Quantity, step: Quantity) -> Quantity {
        let (from, step) = (from.thousandths(), step.thousandths());
        Quantity::from_thousandths(match self {
            Self::Low => from.saturating_sub(step),
            Self::High => from.saturating_add(step),
        })
    }

    fn inward(self, from: Quantity, step: Quantity) -> Quantity {
        match self {
            Self::Low => Self::High.out(from, step),
            Self::High => Self::Low.out(from, step),
        }
    }
}
