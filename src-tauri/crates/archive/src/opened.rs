//! A foreign file, opened: its lanes, and what a screen draws of them.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use model::{Kind, MetricCode, ReceiptTime, SampleRate};
use store::{Bin, Envelope};
use wire::label;
use wire::recording::{Channel, Head, NumericTrack, RecordingError, Run, Samples};

use crate::overview::{Extremes, Overview};
use crate::{ArchiveError, detect};

/// Where a recording without a date is put: it must stand somewhere, and says so.
const UNDATED_START_US: i64 = 946_684_800_000_000;

/// One line of a recording's drawing.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenedLane {
    /// The label as the file writes it.
    pub label: String,
    /// The unit as the file writes it.
    pub unit: String,
    /// What it is, where that is certain.
    pub metric: Option<MetricCode>,
    /// Samples at a rate, or numbers with a time each.
    pub kind: Kind,
    /// Samples a second; `None` for numbers with a time each.
    pub rate: Option<SampleRate>,
    /// Its first sample.
    pub from: ReceiptTime,
    /// Its end, exclusive.
    pub until: ReceiptTime,
}

/// A foreign file, opened. Nothing of it is altered, and little of it is decoded before it is looked at.
pub struct Opened {
    path: PathBuf,
    source: Box<dyn Samples + Send + Sync>,
    overviews: Vec<OnceLock<Result<Overview, RecordingError>>>,
    start_us: i64,
}

impl Opened {
    /// Opens a file of any format that is known: WFDB (the header), EDF, BDF, CSV, VitalDB.
    pub fn open(path: &Path) -> Result<Self, ArchiveError> {
        let source = detect::open(path)?;
        Ok(Self::of(path, source))
    }

    fn of(path: &Path, source: Box<dyn Samples + Send + Sync>) -> Self {
        let head = source.head();
        Self {
            path: path.to_owned(),
            overviews: head.channels.iter().map(|_| OnceLock::new()).collect(),
            start_us: head.start_us.unwrap_or(UNDATED_START_US),
            source,
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it says of itself.
    pub fn head(&self) -> &Head {
        self.source.head()
    }

    /// Its samples by range.
    pub fn samples(&self) -> &dyn Samples {
        &*self.source
    }

    /// Whether its times are those of a calendar; otherwise they count from 2000-01-01.
    pub fn is_dated(&self) -> bool {
        self.head().start_us.is_some()
    }

    /// Where the recording begins on the time line.
    pub fn start(&self) -> ReceiptTime {
        ReceiptTime::from_micros(self.start_us)
    }

    /// Its channels, then its tracks of numbers.
    pub fn lanes(&self) -> Vec<OpenedLane> {
        let head = self.head();
        let channels = head.channels.iter().map(|channel| self.channel_lane(channel));
        let tracks = head.numerics.iter().map(|track| self.track_lane(track));
        channels.chain(tracks).collect()
    }

    fn channel_lane(&self, channel: &Channel) -> OpenedLane {
        let first = channel.runs.first().map_or(0, |run| run.start_us);
        let last = channel.runs.last().map_or(0, |run| end_us(channel.rate, run));
        let kind = kind_of(channel.rate);
        OpenedLane {
            label: channel.label.clone(),
            unit: channel.unit.clone(),
            metric: label::metric(&channel.label, &channel.unit, kind).map(|(metric, _)| metric),
            kind,
            rate: Some(channel.rate),
            from: self.at(first),
            until: self.at(last),
        }
    }

    fn track_lane(&self, track: &NumericTrack) -> OpenedLane {
        let first = track.points.first().map_or(0, |(at, _)| *at);
        let last = track.points.last().map_or(0, |(at, _)| at.saturating_add(1));
        OpenedLane {
            label: track.label.clone(),
            unit: track.unit.clone(),
            metric: label::metric(&track.label, &track.unit, Kind::Numeric).map(|(metric, _)| metric),
            kind: Kind::Numeric,
            rate: None,
            from: self.at(first),
            until: self.at(last),
        }
    }

    /// A time of the recording (microseconds from its start) on the time line.
    pub fn at(&self, offset_us: i64) -> ReceiptTime {
        ReceiptTime::from_micros(self.start_us.saturating_add(offset_us))
    }

    /// Makes the overviews of all channels, on as many threads as there are processors; a screen calls it behind its first
    /// picture.
    pub fn look_through(&self) {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let next = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..threads.min(self.overviews.len()) {
                scope.spawn(|| {
                    loop {
                        let channel = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                        if channel >= self.overviews.len() {
                            return;
                        }
                        // What does not decode is told to whoever asks for it.
                        drop(self.overview(channel));
                    }
                });
            }
        });
    }

    fn overview(&self, channel: usize) -> Result<&Overview, RecordingError> {
        let (cell, described) = self
            .overviews
            .get(channel)
            .zip(self.head().channels.get(channel))
            .ok_or_else(|| RecordingError::new(self.path.display().to_string(), format!("has no channel {channel}")))?;
        let count = described.runs.last().map_or(0, |run| run.first + run.count);
        let made = cell.get_or_init(|| Overview::of(&*self.source, channel, count));
        made.as_ref().map_err(Clone::clone)
    }

    /// What `pixels` equal parts of `from..until` hold; parts without a sample are left out. Exact: the least and greatest
    /// of the samples that lie in each part; where a part holds less than one, the samples themselves.
    pub fn envelope(
        &self,
        lane: usize,
        from: ReceiptTime,
        until: ReceiptTime,
        pixels: u32,
    ) -> Result<Envelope, RecordingError> {
        let window = Parts {
            from_us: from.as_micros().saturating_sub(self.start_us),
            until_us: until.as_micros().saturating_sub(self.start_us),
            count: i64::from(pixels.max(1)),
        };
        let head = self.head();
        if let Some(channel) = head.channels.get(lane) {
            return self.of_channel(lane, channel, &window);
        }
        let track = lane
            .checked_sub(head.channels.len())
            .and_then(|at| head.numerics.get(at));
        let track =
            track.ok_or_else(|| RecordingError::new(self.path.display().to_string(), format!("has no lane {lane}")))?;
        Ok(Envelope {
            bins: self.of_track(track, &window),
        })
    }

    fn of_channel(&self, number: usize, channel: &Channel, window: &Parts) -> Result<Envelope, RecordingError> {
        let overview = self.overview(number)?;
        let mut bins = Vec::new();
        for run in &channel.runs {
            let mut gap_before = true;
            for (from_us, until_us) in window.over(run.start_us, end_us(channel.rate, run)) {
                let first = index_at(channel.rate, run, from_us);
                let last = index_at(channel.rate, run, until_us);
                if first == last {
                    continue;
                }
                let range = run.first + first..run.first + last;
                let Some(Extremes { low, high }) = overview.extremes(&*self.source, number, range)? else {
                    gap_before = true;
                    continue;
                };
                let (a, b) = (value(channel, low), value(channel, high));
                let at = |index| {
                    self.at(run.start_us.saturating_add(channel.rate.micros_of(index)))
                        .as_micros()
                };
                bins.push(Bin {
                    from_us: at(first),
                    until_us: at(last),
                    low: a.min(b),
                    high: a.max(b),
                    mean: None,
                    gap_before: gap_before && !bins.is_empty(),
                });
                gap_before = false;
            }
        }
        Ok(Envelope { bins })
    }

    fn of_track(&self, track: &NumericTrack, window: &Parts) -> Vec<Bin> {
        let first = track.points.partition_point(|(at, _)| *at < window.from_us);
        let mut parts: Vec<Bin> = Vec::new();
        let mut current = None;
        let (mut sum, mut count) = (0.0, 0.0);
        for (at, value) in track
            .points
            .iter()
            .skip(first)
            .take_while(|(at, _)| *at < window.until_us)
        {
            let place = window.part_of(*at);
            let at = self.at(*at).as_micros();
            if let Some(part) = parts.last_mut().filter(|_| current == Some(place)) {
                part.low = part.low.min(*value);
                part.high = part.high.max(*value);
                part.until_us = at.saturating_add(1);
                (sum, count) = (sum + value, count + 1.0);
                part.mean = Some(sum / count);
            } else {
                (sum, count) = (*value, 1.0);
                parts.push(Bin {
                    from_us: at,
                    until_us: at.saturating_add(1),
                    low: *value,
                    high: *value,
                    mean: Some(*value),
                    gap_before: false,
                });
            }
            current = Some(place);
        }
        parts
    }
}

/// A channel of less than two samples a second is drawn as numbers: trends, not traces.
pub fn kind_of(rate: SampleRate) -> Kind {
    let (samples, seconds) = rate.fraction();
    if u64::from(samples) > u64::from(seconds) * 2 {
        Kind::Wave
    } else {
        Kind::Numeric
    }
}

fn value(channel: &Channel, sample: i32) -> f64 {
    f64::from(sample) * channel.resolution + channel.zero
}

fn end_us(rate: SampleRate, run: &Run) -> i64 {
    run.start_us.saturating_add(rate.micros_of(run.count))
}

/// The first sample of a run that does not lie before `at_us`; its count where none does.
fn index_at(rate: SampleRate, run: &Run, at_us: i64) -> u64 {
    let (samples, seconds) = rate.fraction();
    let since = u128::try_from(at_us.saturating_sub(run.start_us)).unwrap_or(0);
    let index = (since * u128::from(samples)).div_ceil(u128::from(seconds) * 1_000_000);
    u64::try_from(index).unwrap_or(u64::MAX).min(run.count)
}

/// A window in equal parts, in µs from the start of the recording.
struct Parts {
    from_us: i64,
    until_us: i64,
    count: i64,
}

impl Parts {
    fn edge(&self, number: i64) -> i64 {
        let span = i128::from(self.until_us) - i128::from(self.from_us);
        let edge = i128::from(self.from_us) + span * i128::from(number) / i128::from(self.count);
        i64::try_from(edge).unwrap_or(self.until_us)
    }

    fn part_of(&self, at_us: i64) -> i64 {
        let span = (i128::from(self.until_us) - i128::from(self.from_us)).max(1);
        let part = (i128::from(at_us) - i128::from(self.from_us)) * i128::from(self.count) / span;
        i64::try_from(part).unwrap_or(0).clamp(0, self.count - 1)
    }

    /// The parts that touch `from..until`, cut to it.
    fn over(&self, from: i64, until: i64) -> impl Iterator<Item = (i64, i64)> + use<'_> {
        let (from, until) = (from.max(self.from_us), until.min(self.until_us));
        let numbers = if from < until {
            self.part_of(from)..self.part_of(until - 1) + 1
        } else {
            0..0
        };
        numbers.map(move |n| (self.edge(n).max(from), self.edge(n + 1).min(until)))
    }
}
