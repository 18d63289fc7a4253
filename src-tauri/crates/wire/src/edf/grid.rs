//! The channels of a recording as EDF needs them: one sample for every moment of its rate, or none.

use std::ops::Range;

use model::SampleRate;

use super::fit::{Fit, fit};
use crate::decimal::Decimal;
use crate::recording::{Channel, NO_SAMPLE_WIDE, NumericTrack, RecordingError, Run, Samples};

/// Samples looked at in one go.
const BLOCK: u64 = 65_536;

/// Slots of one track of numbers: 46 days at one a second.
const SLOTS_MAX: i64 = 4_000_000;

/// Decimals of numbers that are kept exactly.
const PLACES_MAX: u32 = 6;

/// One channel to be written.
pub(super) struct Lane {
    pub label: String,
    pub fit: Fit,
    has_missing: bool,
    source: Source,
    places: Vec<Place>,
}

enum Source {
    Channel(usize),
    /// Samples made from numbers.
    Made(Vec<i32>),
}

/// Samples that follow each other, and where the first stands among all moments since the start.
#[derive(Clone, Copy)]
struct Place {
    at: u64,
    first: u64,
    count: u64,
}

/// A channel before it is known how it is fitted.
pub(super) struct Raw {
    pub label: String,
    pub rate: SampleRate,
    channel: Channel,
    source: Source,
    places: Vec<Place>,
}

impl Raw {
    /// A channel of the recording at a rate that is its own or near it.
    pub fn wave(index: usize, channel: &Channel, rate: SampleRate, remarks: &mut Vec<String>) -> Self {
        let mut places = Vec::with_capacity(channel.runs.len());
        let mut free = 0;
        let mut moved_us = 0;
        for run in &channel.runs {
            let at = moment(run.start_us, rate).max(free);
            moved_us = moved_us.max(rate.micros_of(at).saturating_sub(run.start_us).abs());
            free = at + run.count;
            places.push(Place {
                at,
                first: run.first,
                count: run.count,
            });
        }
        if moved_us > 1 {
            remarks.push(format!(
                "{}: parts begin up to {moved_us} us from where they were recorded, at the nearest sample",
                channel.label
            ));
        }
        if rate != channel.rate {
            remarks.push(format!(
                "{}: written at {} samples a second in place of {}, to have records in common with the other channels",
                channel.label,
                rate.hertz(),
                channel.rate.hertz()
            ));
        }
        Self {
            label: channel.label.clone(),
            rate,
            channel: channel.clone(),
            source: Source::Channel(index),
            places,
        }
    }

    /// A track of numbers as a channel of one a second, or slower where the track is long.
    pub fn numbers(track: &NumericTrack, remarks: &mut Vec<String>) -> Option<Self> {
        let end_us = track.points.iter().map(|(at, _)| *at).max()?;
        let Some((period, rate)) = [1_u32, 60, 3_600]
            .into_iter()
            .filter(|seconds| end_us / (i64::from(*seconds) * 1_000_000) < SLOTS_MAX)
            .find_map(|seconds| Some((i64::from(seconds) * 1_000_000, SampleRate::new(1, seconds).ok()?)))
        else {
            remarks.push(format!("{}: left out, its numbers span too long a time", track.label));
            return None;
        };
        let (step, samples) = steps(track);
        let mut made = vec![NO_SAMPLE_WIDE; usize::try_from(end_us / period).unwrap_or_default() + 1];
        let mut lost = 0;
        for ((at_us, _), sample) in track.points.iter().zip(samples) {
            let slot = usize::try_from(at_us.div_euclid(period))
                .ok()
                .and_then(|slot| made.get_mut(slot));
            match slot {
                Some(slot) => {
                    lost += usize::from(*slot != NO_SAMPLE_WIDE);
                    *slot = sample;
                }
                None => lost += 1,
            }
        }
        remarks.push(format!(
            "{}: numbers stand in the slot of {} s they fall into{}",
            track.label,
            period / 1_000_000,
            if lost > 0 {
                format!("; {lost} are left out, a later one fell into theirs")
            } else {
                String::new()
            }
        ));
        let count = made.len() as u64;
        let run = Run {
            start_us: 0,
            first: 0,
            count,
        };
        Some(Self {
            label: track.label.clone(),
            rate,
            channel: Channel {
                label: track.label.clone(),
                unit: track.unit.clone(),
                rate,
                resolution: step,
                zero: 0.0,
                bits: 32,
                runs: vec![run],
            },
            source: Source::Made(made),
            places: vec![Place { at: 0, first: 0, count }],
        })
    }

    /// One past the last moment with a sample.
    pub fn end(&self) -> u64 {
        self.places.last().map_or(0, |place| place.at + place.count)
    }

    /// Moments with samples.
    pub fn spans(&self) -> impl Iterator<Item = Range<u64>> {
        self.places.iter().map(|place| place.at..place.at + place.count)
    }

    /// Looks at all samples and fits them; `total` moments are to be filled.
    pub fn fitted(
        self,
        from: &dyn Samples,
        total: u64,
        remarks: &mut Vec<String>,
    ) -> Result<Option<Lane>, RecordingError> {
        let (mut low, mut high, mut held) = (i32::MAX, i32::MIN, 0);
        let mut block = Vec::new();
        for place in &self.places {
            let mut at = place.first;
            while at < place.first + place.count {
                let end = (at + BLOCK).min(place.first + place.count);
                read(&self.source, from, at..end, &mut block)?;
                for sample in block.iter().filter(|sample| **sample != NO_SAMPLE_WIDE) {
                    low = low.min(*sample);
                    high = high.max(*sample);
                    held += 1;
                }
                at = end;
            }
        }
        if held == 0 {
            (low, high) = (0, 0);
        }
        let Channel {
            unit, resolution, zero, ..
        } = &self.channel;
        let unit = super::print::ascii(unit);
        let Some(fit) = fit(&unit, *resolution, *zero, low, high, held < total) else {
            remarks.push(format!(
                "{}: left out, eight characters cannot say its values",
                self.label
            ));
            return Ok(None);
        };
        remarks.push(said(&self.label, &fit, held < total));
        Ok(Some(Lane {
            label: self.label,
            fit,
            has_missing: held < total,
            source: self.source,
            places: self.places,
        }))
    }
}

/// The step of a channel, and everything about it that is not as it was.
fn said(label: &str, fit: &Fit, has_missing: bool) -> String {
    let mut parts = vec![format!("{label}: step {} {}", fit.step, fit.unit).trim_end().to_owned()];
    if fit.coarser() > 1 {
        let times = fit.coarser();
        parts.push(format!(
            "{times} times that of the recording, which needs more than 16 bits"
        ));
    }
    if fit.off > 0.0 {
        parts.push(format!("read back within {:.1e}", fit.off));
    }
    if has_missing {
        parts.push(format!("digital {} is no sample", fit.missing()));
    }
    parts.join(", ")
}

impl Lane {
    /// Whether moments without a sample are to be written.
    pub const fn has_missing(&self) -> bool {
        self.has_missing
    }

    /// Appends the digital values of the moments in `range`, two bytes each.
    pub fn digital(&self, from: &dyn Samples, range: Range<u64>, into: &mut Vec<u8>) -> Result<(), RecordingError> {
        let mut at = range.start;
        let mut block = Vec::new();
        let after = self
            .places
            .partition_point(|place| place.at + place.count <= range.start);
        for place in self.places.iter().skip(after).take_while(|place| place.at < range.end) {
            let begins = place.at.max(range.start);
            self.missing(begins - at, into);
            let ends = (place.at + place.count).min(range.end);
            let first = place.first + (begins - place.at);
            read(&self.source, from, first..first + (ends - begins), &mut block)?;
            for sample in &block {
                let stored = match *sample {
                    NO_SAMPLE_WIDE => self.fit.missing(),
                    sample => self.fit.stored(sample),
                };
                into.extend_from_slice(&stored.to_le_bytes());
            }
            at = ends;
        }
        self.missing(range.end - at, into);
        Ok(())
    }

    fn missing(&self, count: u64, into: &mut Vec<u8>) {
        for _ in 0..count {
            into.extend_from_slice(&self.fit.missing().to_le_bytes());
        }
    }
}

fn read(source: &Source, from: &dyn Samples, range: Range<u64>, block: &mut Vec<i32>) -> Result<(), RecordingError> {
    block.clear();
    match source {
        Source::Channel(index) => from.samples(*index, range, block),
        Source::Made(made) => {
            let index = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
            block.extend_from_slice(made.get(index(range.start)..index(range.end)).unwrap_or_default());
            Ok(())
        }
    }
}

/// The moment nearest to a time; a time before the start is the start.
fn moment(us: i64, rate: SampleRate) -> u64 {
    let (samples, seconds) = rate.fraction();
    let below = u128::from(seconds) * 1_000_000;
    let above = u128::from(us.max(0).unsigned_abs()) * u128::from(samples);
    u64::try_from((above + below / 2) / below).unwrap_or(u64::MAX / 4)
}

/// Numbers as whole steps: of their own decimals where those are few, otherwise of the finest that 32 bits hold.
fn steps(track: &NumericTrack) -> (f64, Vec<i32>) {
    let largest = track.points.iter().map(|(_, value)| value.abs()).fold(0.0, f64::max);
    let wanted = track
        .points
        .iter()
        .map(|(_, value)| Decimal::of(*value).map_or(PLACES_MAX, Decimal::places).min(PLACES_MAX))
        .max()
        .unwrap_or(0);
    // At most a billion steps, so that the sum stays within 32 bits.
    let mut step = 10_f64.powi(-i32::try_from(wanted).unwrap_or_default());
    while largest / step > 1e9 {
        step *= 10.0;
    }
    #[expect(clippy::cast_possible_truncation, reason = "at most a billion")]
    let sample = |value: f64| (value / step).round() as i32;
    (
        Decimal::of(step).map_or(step, Decimal::value),
        track.points.iter().map(|(_, value)| sample(*value)).collect(),
    )
}
