//! Channels that can be one record: their rates are multiples of the slowest.

use std::ops::Range;

use model::SampleRate;

use crate::recording::{Channel, Head, NO_SAMPLE_WIDE, RecordingError, Samples};

/// Samples of one signal in a frame. Readers average a frame by default: an ECG beside one number a second would be lost in
/// it, so that those become two records.
const PER_FRAME_MAX: u64 = 50;

/// The channels of one record.
#[derive(Debug)]
pub(super) struct Group {
    /// Frames a second.
    pub(super) rate: SampleRate,
    pub(super) members: Vec<Member>,
}

/// One channel.
#[derive(Debug)]
pub(super) struct Member {
    /// Which of the recording.
    pub(super) channel: usize,
    pub(super) per_frame: u64,
    /// Samples that it has.
    pub(super) held: u64,
    /// How many runs had to be moved.
    pub(super) shifted: usize,
    /// In order, not overlapping.
    stretches: Vec<Stretch>,
}

/// A run at its place in the file.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    /// Sample of the file.
    at: u64,
    /// Sample of the channel.
    first: u64,
    count: u64,
}

/// Groups all channels that have samples: the first group holds the first channel.
pub(super) fn groups(channels: &[Channel]) -> Vec<Group> {
    let mut left: Vec<(usize, &Channel)> = channels
        .iter()
        .enumerate()
        .filter(|(_, c)| c.runs.iter().any(|r| r.count > 0))
        .collect();
    let mut found = Vec::new();
    while let Some((_, first)) = left.first() {
        // The slowest that the first one is a multiple of takes the most others along.
        let bases = left
            .iter()
            .map(|(_, c)| c.rate)
            .filter(|rate| multiple(first.rate, *rate).is_some());
        let Some(rate) = bases.min_by(|a, b| a.hertz().total_cmp(&b.hertz())) else {
            break;
        };
        let mut members = Vec::new();
        left.retain(|(at, channel)| match multiple(channel.rate, rate) {
            Some(per_frame) => {
                members.push(Member::new(*at, channel, per_frame));
                false
            }
            None => true,
        });
        found.push(Group { rate, members });
    }
    found
}

/// How many times a rate is another one, where that is a whole number and few enough.
fn multiple(rate: SampleRate, base: SampleRate) -> Option<u64> {
    let ((a, b), (c, d)) = (rate.fraction(), base.fraction());
    let (up, down) = (u64::from(a) * u64::from(d), u64::from(b) * u64::from(c));
    (up.is_multiple_of(down) && (1..=PER_FRAME_MAX).contains(&(up / down))).then_some(up / down)
}

/// The sample nearest to a time; what is before the recording's start is at it.
fn nearest(micros: i64, rate: SampleRate) -> u64 {
    let (samples, seconds) = rate.fraction();
    let micros = u128::from(u64::try_from(micros).unwrap_or(0));
    let unit = u128::from(seconds) * 1_000_000;
    u64::try_from((micros * u128::from(samples) + unit / 2) / unit).unwrap_or(u64::MAX)
}

impl Group {
    pub(super) fn channels<'a>(&'a self, head: &'a Head) -> impl Iterator<Item = &'a Channel> {
        self.members.iter().filter_map(|m| head.channels.get(m.channel))
    }

    /// Frames until the last sample of the longest channel.
    pub(super) fn frames(&self) -> u64 {
        self.members
            .iter()
            .map(|m| m.end().div_ceil(m.per_frame))
            .max()
            .unwrap_or(0)
    }

    /// Samples in a frame.
    pub(super) fn width(&self) -> u64 {
        self.members.iter().map(|m| m.per_frame).sum()
    }
}

impl Member {
    fn new(at: usize, channel: &Channel, per_frame: u64) -> Self {
        let mut stretches: Vec<Stretch> = Vec::with_capacity(channel.runs.len());
        let (mut end, mut held, mut shifted) = (0_u64, 0_u64, 0);
        for run in channel.runs.iter().filter(|r| r.count > 0) {
            let wanted = nearest(run.start_us, channel.rate);
            // One sample earlier is the rounding of two times, not an overlap.
            shifted += usize::from(wanted.saturating_add(1) < end);
            let at = wanted.max(end);
            stretches.push(Stretch {
                at,
                first: run.first,
                count: run.count,
            });
            end = at.saturating_add(run.count);
            held = held.saturating_add(run.count);
        }
        Self {
            channel: at,
            per_frame,
            held,
            shifted,
            stretches,
        }
    }

    fn end(&self) -> u64 {
        self.stretches.last().map_or(0, |s| s.at.saturating_add(s.count))
    }

    /// Appends what stands in a range of the file, [`NO_SAMPLE_WIDE`] in gaps and after the end.
    pub(super) fn read(
        &self,
        samples: &dyn Samples,
        range: Range<u64>,
        into: &mut Vec<i32>,
    ) -> Result<(), RecordingError> {
        let begin = into.len();
        let reach = |at: u64| begin + usize::try_from(at - range.start).unwrap_or_default();
        let from = self
            .stretches
            .partition_point(|s| s.at.saturating_add(s.count) <= range.start);
        for stretch in self.stretches.iter().skip(from).take_while(|s| s.at < range.end) {
            let start = range.start.max(stretch.at);
            let end = range.end.min(stretch.at.saturating_add(stretch.count));
            into.resize(reach(start), NO_SAMPLE_WIDE);
            let first = stretch.first + (start - stretch.at);
            samples.samples(self.channel, first..first + (end - start), into)?;
            if into.len() != reach(end) {
                let place = format!("channel {}", self.channel);
                return Err(RecordingError::new(
                    place,
                    "gave another number of samples than it was asked for",
                ));
            }
        }
        into.resize(reach(range.end), NO_SAMPLE_WIDE);
        Ok(())
    }
}
