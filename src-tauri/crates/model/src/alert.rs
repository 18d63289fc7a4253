//! The words of alerting. The engine that moves them is the crate `alert`.

use std::fmt;

use crate::{BedId, MetricCode, Person, Quantity, ReceiptTime, Response, Rung, ScoreTrigger};

/// How urgent. Ordered: `High` is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Awareness.
    Low,
    /// Prompt response.
    Medium,
    /// Immediate response.
    High,
}

impl Priority {
    /// The word in files and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// The inverse of [`Priority::as_str`].
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Low, Self::Medium, Self::High]
            .into_iter()
            .find(|p| p.as_str() == word)
    }
}

/// About the patient or about the equipment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlertKind {
    /// About the patient.
    Physiological,
    /// About the equipment.
    Technical,
}

impl AlertKind {
    /// The word in files and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Physiological => "physiological",
            Self::Technical => "technical",
        }
    }

    /// The inverse of [`AlertKind::as_str`].
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Physiological, Self::Technical]
            .into_iter()
            .find(|k| k.as_str() == word)
    }
}

/// Which bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Below the low limit.
    Low,
    /// Above the high limit.
    High,
}

impl Side {
    /// The word in files and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::High => "high",
        }
    }

    /// The inverse of [`Side::as_str`].
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Low, Self::High].into_iter().find(|s| s.as_str() == word)
    }
}

/// What is wrong. A condition and its mirror are two: silencing low never silences high.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// A number is beyond a limit.
    Limit {
        /// Which number.
        metric: MetricCode,
        /// Which bound.
        side: Side,
    },
    /// A feed brings nothing.
    FeedLost,
    /// A number that used to come does not.
    Stale {
        /// Which number.
        metric: MetricCode,
    },
    /// A sensor or lead is off the patient.
    SensorOff {
        /// Which number or wave.
        metric: MetricCode,
    },
    /// The device says it has no valid number.
    InvalidValue {
        /// Which number.
        metric: MetricCode,
    },
    /// The device's clock cannot be.
    DeviceClock,
    /// The device raises an alert of its own.
    Device {
        /// The device's code.
        code: String,
    },
    /// A rule of the profile that looks at several numbers, or at how one moves.
    Rule {
        /// The rule's id in the profile.
        id: String,
    },
    /// The early warning score.
    EarlyWarning {
        /// Its sum, or one part alone.
        trigger: ScoreTrigger,
    },
    /// History cannot be written.
    Disk,
    /// Alerts cannot sound.
    Sound,
    /// The screen does not answer.
    PageDead,
}

impl Cause {
    /// The word of the cause, without its metric.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Limit { .. } => "limit",
            Self::FeedLost => "feed-lost",
            Self::Stale { .. } => "stale",
            Self::SensorOff { .. } => "sensor-off",
            Self::InvalidValue { .. } => "invalid-value",
            Self::DeviceClock => "device-clock",
            Self::Device { .. } => "device",
            Self::Rule { .. } => "rule",
            Self::EarlyWarning { .. } => "early-warning",
            Self::Disk => "disk",
            Self::Sound => "sound",
            Self::PageDead => "page-dead",
        }
    }

    /// The metric it is about.
    pub const fn metric(&self) -> Option<MetricCode> {
        match self {
            Self::Limit { metric, .. }
            | Self::Stale { metric }
            | Self::SensorOff { metric }
            | Self::InvalidValue { metric } => Some(*metric),
            Self::FeedLost
            | Self::DeviceClock
            | Self::Device { .. }
            | Self::Rule { .. }
            | Self::EarlyWarning { .. }
            | Self::Disk
            | Self::Sound
            | Self::PageDead => None,
        }
    }

    /// The side, for a limit.
    pub const fn side(&self) -> Option<Side> {
        match self {
            Self::Limit { side, .. } => Some(*side),
            Self::FeedLost
            | Self::Stale { .. }
            | Self::SensorOff { .. }
            | Self::InvalidValue { .. }
            | Self::DeviceClock
            | Self::Device { .. }
            | Self::Rule { .. }
            | Self::EarlyWarning { .. }
            | Self::Disk
            | Self::Sound
            | Self::PageDead => None,
        }
    }

    /// What tells causes of one word apart that are about no metric: the device's code, the rule's id, what of the
    /// score.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Device { code } => Some(code),
            Self::Rule { id } => Some(id),
            Self::EarlyWarning { trigger } => Some(trigger.as_str()),
            Self::Limit { .. }
            | Self::FeedLost
            | Self::Stale { .. }
            | Self::SensorOff { .. }
            | Self::InvalidValue { .. }
            | Self::DeviceClock
            | Self::Disk
            | Self::Sound
            | Self::PageDead => None,
        }
    }

    /// Puts a cause together again from its parts, as a file holds them. `None` when they do not fit.
    pub fn from_parts(word: &str, metric: Option<MetricCode>, side: Option<Side>, code: Option<&str>) -> Option<Self> {
        Some(match word {
            "limit" => Self::Limit {
                metric: metric?,
                side: side?,
            },
            "feed-lost" => Self::FeedLost,
            "stale" => Self::Stale { metric: metric? },
            "sensor-off" => Self::SensorOff { metric: metric? },
            "invalid-value" => Self::InvalidValue { metric: metric? },
            "device-clock" => Self::DeviceClock,
            "device" => Self::Device { code: code?.to_owned() },
            "rule" => Self::Rule { id: code?.to_owned() },
            "early-warning" => Self::EarlyWarning {
                trigger: ScoreTrigger::parse(code?)?,
            },
            "disk" => Self::Disk,
            "sound" => Self::Sound,
            "page-dead" => Self::PageDead,
            _ => return None,
        })
    }
}

/// Who says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// This station's engine.
    Station,
    /// The bedside device.
    Device,
}

impl Source {
    /// The word in files and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Station => "station",
            Self::Device => "device",
        }
    }

    /// The inverse of [`Source::as_str`].
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Station, Self::Device].into_iter().find(|s| s.as_str() == word)
    }
}

/// Whether the condition is there. A pending one (delay running) is not an alert yet and is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConditionPresence {
    /// There.
    Active,
    /// Over.
    Cleared,
}

impl ConditionPresence {
    /// The word in files and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Cleared => "cleared",
        }
    }

    /// The inverse of [`ConditionPresence::as_str`].
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Active, Self::Cleared].into_iter().find(|p| p.as_str() == word)
    }
}

/// Whether it sounds and flashes (IEEE 11073-10207 signal presence).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SignalPresence {
    /// Sounds and flashes.
    On,
    /// Nothing: the condition is over.
    Off,
    /// The condition is over; what it said stays on screen, silent, until a person has acknowledged it.
    Latched,
    /// A named person has seen it: colour stays, sound and flashing stop until the re-alert time.
    Acknowledged,
    /// It came while its direction is paused: shown, with the countdown of the pause, and silent until then.
    Paused,
}

impl SignalPresence {
    /// The word in files and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
            Self::Latched => "latched",
            Self::Acknowledged => "acknowledged",
            Self::Paused => "paused",
        }
    }

    /// The inverse of [`SignalPresence::as_str`].
    pub fn parse(word: &str) -> Option<Self> {
        [Self::On, Self::Off, Self::Latched, Self::Acknowledged, Self::Paused]
            .into_iter()
            .find(|p| p.as_str() == word)
    }
}

/// One alert: one occurrence of one condition. Ids count up and are never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AlertId(pub u64);

impl fmt::Display for AlertId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// An alert as it stands: what a screen shows and the journal keeps after each transition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertState {
    /// Which occurrence.
    pub id: AlertId,
    /// Counts transitions of this alert, from 1. An acknowledgement names the version it saw.
    pub version: u32,
    /// Which bed; `None` for the station itself.
    pub bed: Option<BedId>,
    /// What is wrong.
    pub cause: Cause,
    /// About the patient or the equipment.
    pub kind: AlertKind,
    /// How urgent.
    pub priority: Priority,
    /// Who says so.
    pub source: Source,
    /// Whether the condition is there.
    pub presence: ConditionPresence,
    /// Whether it sounds.
    pub signal: SignalPresence,
    /// When the condition began (the crossing, before its delay).
    pub since: ReceiptTime,
    /// When it was raised (after its delay).
    pub raised_at: ReceiptTime,
    /// The worst value so far, for a limit.
    pub worst: Option<Quantity>,
    /// The limit it crossed.
    pub limit: Option<Quantity>,
    /// Who acknowledged it, or paused its direction: who answers for the silence.
    pub owner: Option<Person>,
    /// When an acknowledged or paused alert that is still there sounds again.
    pub realert_at: Option<ReceiptTime>,
    /// Whether somebody goes.
    pub response: Response,
    /// Who goes, or who could not.
    pub responder: Option<Person>,
    /// How far it has been passed on.
    pub rung: Rung,
    /// Which occurrence of its episode this is, from 1: the same cause came back within the site's window.
    pub occurrence: u32,
    /// When the first occurrence of the episode began.
    pub episode_since: ReceiptTime,
    /// What the device or the station adds, for people.
    pub text: Option<String>,
}

impl AlertState {
    /// Over and done with: nothing to show or sound any more.
    pub fn is_over(&self) -> bool {
        self.presence == ConditionPresence::Cleared && self.signal == SignalPresence::Off
    }

    /// Whether it sounds now.
    pub fn sounds(&self) -> bool {
        matches!(self.signal, SignalPresence::On)
    }
}
