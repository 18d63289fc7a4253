//! What a greeting comes to: the numbers and channels that may follow, each checked once.

use std::time::Duration;

use model::{Device, GenerationMode, Kind, MetricCode, NumericTiming, RejectReason, SampleRate, Scale};

use super::{Hello, NumericInfo, WaveInfo};
use crate::nomenclature::{self, Conversion};
use crate::step::{Tally, cleaned, shown};

/// Shortest and longest period of a number that comes continuously, in milliseconds: 100 a second, and half of the
/// minute after which none is drawn any more ([`NumericTiming::stale_after`]).
const PERIOD_MS: std::ops::RangeInclusive<u32> = 10..=30_000;

/// Shortest and longest interval of a number that is measured now and then, in milliseconds: the longest is a day.
const INTERVAL_MS: std::ops::RangeInclusive<u32> = 10..=86_400_000;

/// Shortest and longest heartbeat, in milliseconds. The longest is what staleness allows: a lost feed is said
/// within 10 s.
const HEARTBEAT_MS: std::ops::RangeInclusive<u32> = 100..=5_000;

/// Longest metric name that is looked up, in characters.
const NAME_CHARS_MAX: usize = 64;

/// A greeting that was understood.
#[derive(Debug)]
pub(super) struct Greeting {
    pub(super) mode: GenerationMode,
    pub(super) heartbeat: Duration,
    numerics: Vec<(String, Result<Known, RejectReason>)>,
    channels: Vec<(u8, Result<Channel, RejectReason>)>,
}

/// A number that may come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) metric: MetricCode,
    pub(super) conversion: Conversion,
    pub(super) timing: NumericTiming,
}

/// A wave that may come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Channel {
    pub(super) metric: MetricCode,
    pub(super) rate: SampleRate,
    pub(super) scale: Scale,
}

impl Greeting {
    /// Reads a greeting. What is wrong with one metric costs that metric; `None` when the device or its mode
    /// cannot be told.
    pub(super) fn read(hello: &Hello<'_>, tally: &mut Tally) -> Option<(Self, Device)> {
        let device = match hello.device.to_device() {
            Ok(device) => device,
            Err(error) => {
                tally.add(RejectReason::Malformed, 1, || {
                    format!("the device's id {error}; correct it in hello")
                });
                return None;
            }
        };
        let Some(mode) = GenerationMode::parse(&hello.mode) else {
            tally.add(RejectReason::Malformed, 1, || {
                format!(
                    "expected the mode real, test or demo, got {}; say which it is",
                    shown(&hello.mode)
                )
            });
            return None;
        };
        let heartbeat_ms = hello.heartbeat_ms.clamp(*HEARTBEAT_MS.start(), *HEARTBEAT_MS.end());
        tally.add(
            RejectReason::Malformed,
            u32::from(heartbeat_ms != hello.heartbeat_ms),
            || {
                format!(
                    "expected heartbeat_ms from {} to {}, got {}; taken as {heartbeat_ms}",
                    HEARTBEAT_MS.start(),
                    HEARTBEAT_MS.end(),
                    hello.heartbeat_ms
                )
            },
        );
        let mut greeting = Self {
            mode,
            heartbeat: Duration::from_millis(u64::from(heartbeat_ms)),
            numerics: Vec::with_capacity(hello.numerics.len()),
            channels: Vec::with_capacity(hello.waves.len()),
        };
        for info in &hello.numerics {
            let known = greeting.numeric_of(info).map_err(|(reason, detail)| {
                tally.add(reason, 1, || detail);
                reason
            });
            greeting.numerics.push((cleaned(&info.metric, NAME_CHARS_MAX), known));
        }
        for info in &hello.waves {
            let channel = greeting.channel_of(info).map_err(|(reason, detail)| {
                tally.add(reason, 1, || detail);
                reason
            });
            greeting.channels.push((info.channel, channel));
        }
        Some((greeting, device))
    }

    /// The channel with this number, or why there is none.
    pub(super) fn channel(&self, number: u8) -> Result<Channel, RejectReason> {
        let found = self.channels.iter().find(|(n, _)| *n == number);
        found.map_or(Err(RejectReason::OutOfPlace), |(_, channel)| *channel)
    }

    /// All channels that may be used.
    pub(super) fn channels(&self) -> impl Iterator<Item = Channel> {
        self.channels.iter().filter_map(|(_, c)| c.ok())
    }

    /// All numbers that may be used.
    pub(super) fn numerics(&self) -> impl Iterator<Item = Known> {
        self.numerics.iter().filter_map(|(_, k)| k.ok())
    }

    /// The number with this name, or why there is none.
    pub(super) fn numeric(&self, name: &str) -> Result<Known, RejectReason> {
        if let Some((_, known)) = self.numerics.iter().find(|(n, _)| n == name) {
            return *known;
        }
        // Another spelling of a number that was described is the same number.
        let metric = nomenclature::metric(name).ok_or(RejectReason::UnknownMetric)?;
        let mut known = self.numerics.iter().filter_map(|(_, k)| k.ok());
        known.find(|k| k.metric == metric).ok_or(RejectReason::OutOfPlace)
    }

    fn numeric_of(&self, info: &NumericInfo<'_>) -> Result<Known, (RejectReason, String)> {
        let metric = metric_of(&info.metric, Kind::Numeric)?;
        if self.numerics.iter().any(|(_, k)| k.is_ok_and(|k| k.metric == metric)) {
            let detail = format!("expected each number once in hello, got {metric} twice; leave one out");
            return Err((RejectReason::Duplicate, detail));
        }
        let conversion = conversion_of(metric, &info.unit)?;
        Ok(Known {
            metric,
            conversion,
            timing: timing(metric, info.period_ms, info.interval_ms)?,
        })
    }

    fn channel_of(&self, info: &WaveInfo<'_>) -> Result<Channel, (RejectReason, String)> {
        let metric = metric_of(&info.metric, Kind::Wave)?;
        let taken = |(n, c): &(u8, Result<Channel, _>)| *n == info.channel || c.is_ok_and(|c| c.metric == metric);
        if self.channels.iter().any(taken) {
            let detail = format!("expected each channel and wave once in hello, got {metric} twice; leave one out");
            return Err((RejectReason::Duplicate, detail));
        }
        let conversion = conversion_of(metric, &info.unit)?;
        let malformed = |e: model::WaveError| (RejectReason::Malformed, format!("{metric}: {e}; correct it in hello"));
        let resolution = info.resolution * conversion.factor();
        Ok(Channel {
            metric,
            rate: SampleRate::from_hertz(info.rate).map_err(malformed)?,
            scale: Scale::new(resolution, conversion.apply(info.offset)).map_err(malformed)?,
        })
    }
}

/// How often a number comes, from the one of the two that is said; the same rule for a stream and for a page.
pub(crate) fn timing(
    metric: MetricCode,
    period_ms: Option<u32>,
    interval_ms: Option<u32>,
) -> Result<NumericTiming, (RejectReason, String)> {
    let span = |ms: u32| Duration::from_millis(u64::from(ms));
    let detail = match (period_ms, interval_ms) {
        (Some(ms), None) if PERIOD_MS.contains(&ms) => return Ok(NumericTiming::Every(span(ms))),
        (None, Some(ms)) if INTERVAL_MS.contains(&ms) => return Ok(NumericTiming::Intermittent(span(ms))),
        (Some(ms), None) if ms > *PERIOD_MS.end() => format!(
            "expected period_ms of at most {} for {metric}, got {ms}; what is measured less often is declared with \
             interval_ms",
            PERIOD_MS.end()
        ),
        (Some(ms), None) => format!(
            "expected period_ms from {} to {} for {metric}, got {ms}; correct it",
            PERIOD_MS.start(),
            PERIOD_MS.end()
        ),
        (None, Some(ms)) => format!(
            "expected interval_ms from {} to {} for {metric}, got {ms}; correct it",
            INTERVAL_MS.start(),
            INTERVAL_MS.end()
        ),
        (Some(_), Some(_)) => {
            format!("expected either period_ms or interval_ms for {metric}, got both; leave one out")
        }
        (None, None) => format!("expected either period_ms or interval_ms for {metric}, got none; say one"),
    };
    Err((RejectReason::Malformed, detail))
}

fn metric_of(word: &str, kind: Kind) -> Result<MetricCode, (RejectReason, String)> {
    match nomenclature::metric(word) {
        Some(metric) if metric.kind() == kind => Ok(metric),
        Some(metric) => {
            let place = match kind {
                Kind::Numeric => "waves",
                Kind::Wave => "numerics",
            };
            let detail = format!("expected {metric} under `{place}` of hello, got it under the other; move it");
            Err((RejectReason::OutOfPlace, detail))
        }
        None => {
            let detail = format!(
                "expected a metric of FEED.md, got {}; it alone is left out, write it as the table does",
                shown(word)
            );
            Err((RejectReason::UnknownMetric, detail))
        }
    }
}

fn conversion_of(metric: MetricCode, unit: &str) -> Result<Conversion, (RejectReason, String)> {
    nomenclature::conversion(metric, unit).ok_or_else(|| {
        let detail = format!(
            "expected {} for {metric}, got {}; convert it",
            metric.unit().ucum(),
            shown(unit)
        );
        (RejectReason::WrongUnit, detail)
    })
}
