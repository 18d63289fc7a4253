//! How a channel's steps become a gain and a whole baseline.

use super::Format;
use crate::recording::{Channel, NO_SAMPLE_WIDE, RecordingError, Samples};

/// Samples read at once.
const CHUNK: u64 = 1 << 16;
/// The finest steps that are tried to bring zero onto a whole number.
const TIMES_MAX: i64 = 20_000;
/// How far from a whole step zero may be, as a part of the step: the rounding of a few calculations.
const NEAR: f64 = 1e-9;

/// What a channel is written as: sample times [`Plan::times`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Plan {
    times: i64,
    /// Steps a unit.
    pub(super) gain: f64,
    /// The sample that means 0 units.
    pub(super) baseline: i32,
    /// By how much every value is off, in units: 0 unless no whole baseline is near enough.
    pub(super) off: f64,
    /// The largest of all samples, without sign, after multiplication.
    reach: i64,
}

/// The lowest and highest sample of a channel; 0 and 0 where there is none.
pub(super) fn ranges(samples: &dyn Samples, at: usize, channel: &Channel) -> Result<(i32, i32), RecordingError> {
    let (mut part, mut found) = (Vec::new(), None);
    for run in &channel.runs {
        let (mut from, end) = (run.first, run.first.saturating_add(run.count));
        while from < end {
            let to = from.saturating_add(CHUNK).min(end);
            part.clear();
            samples.samples(at, from..to, &mut part)?;
            for sample in part.iter().copied().filter(|s| *s != NO_SAMPLE_WIDE) {
                let (low, high) = found.unwrap_or((sample, sample));
                found = Some((sample.min(low), sample.max(high)));
            }
            from = to;
        }
    }
    Ok(found.unwrap_or((0, 0)))
}

impl Plan {
    pub(super) fn new(channel: &Channel, (low, high): (i32, i32)) -> Self {
        let reach = i64::from(low).abs().max(i64::from(high).abs());
        let zero = channel.zero / channel.resolution;
        let most = (i64::from(i32::MAX) / reach.max(1)).min(TIMES_MAX);
        let apart = |times: i64| {
            let place = float(times) * zero;
            (place - place.round()).abs()
        };
        let near = |times: &i64| apart(*times) <= NEAR * (float(*times) * zero).abs().max(1.0);
        let exact = (1..=most).find(near);
        let part = |times: i64| apart(times) / float(times);
        let times = exact
            .or_else(|| (1..=most).min_by(|a, b| part(*a).total_cmp(&part(*b))))
            .unwrap_or(1);
        let off = exact.map_or(part(times) * channel.resolution.abs(), |_| 0.0);
        #[expect(clippy::cast_possible_truncation, reason = "saturates; such a zero has no baseline")]
        let baseline = -(float(times) * zero).round() as i32;
        Self {
            times,
            gain: gain(channel.resolution, times),
            baseline,
            off,
            reach: reach * times,
        }
    }

    pub(super) fn apply(&self, sample: i32) -> i32 {
        i32::try_from(i64::from(sample) * self.times).unwrap_or(NO_SAMPLE_WIDE)
    }

    /// The narrowest that holds every sample beside its "no sample".
    pub(super) fn format(&self) -> Format {
        [Format::Bits16, Format::Bits24]
            .into_iter()
            .find(|f| self.reach < 1 << (f.bits() - 1))
            .unwrap_or(Format::Bits32)
    }
}

/// The shortest decimal number whose reciprocal is the resolution to the last bit; where none is, the nearest.
fn gain(resolution: f64, times: i64) -> f64 {
    let exact = float(times) / resolution;
    let wanted = (resolution / float(times)).to_bits();
    (0..17)
        .filter_map(|digits| format!("{exact:.digits$e}").parse::<f64>().ok())
        .find(|gain| gain.recip().to_bits() == wanted)
        .unwrap_or(exact)
}

fn float(value: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "at most 31 bits")]
    let value = value as f64;
    value
}
