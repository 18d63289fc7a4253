//! A stay of our own history as a recording, so that every format can be written from it.

use std::ops::Range;

use model::{AlertState, JournalEntry, JournalKind, Kind, MetricCode, Quantity, ReceiptTime, SampleRate, Scale, Side};
use store::{JournalQuery, Lane, Order, Reader, SeriesId, Span, StoreError, WideBlock};
use wire::recording::{Channel, Head, Mark, NO_SAMPLE_WIDE, NumericTrack, RecordingError, Run, Samples};

/// A bed's stay, or a part of it.
pub struct Stay<'r> {
    reader: &'r Reader,
    head: Head,
    /// What each channel of the head is made of.
    origins: Vec<Origin>,
    start_us: i64,
    span: Span,
}

/// A lane at one rate and scale: a device that changes either begins another channel.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Origin {
    series: SeriesId,
    rate: SampleRate,
    scale: Scale,
}

impl Origin {
    const fn of(series: SeriesId, block: &WideBlock) -> Self {
        Self {
            series,
            rate: block.rate,
            scale: block.scale,
        }
    }
}

impl<'r> Stay<'r> {
    /// Reads what is there; samples are read again when they are asked for.
    pub fn read(reader: &'r Reader, span: Span) -> Result<Self, StoreError> {
        let mut stay = Self {
            reader,
            head: Head {
                format: "Wardlight".to_owned(),
                name: span.bed.to_string(),
                ..Head::default()
            },
            origins: Vec::new(),
            start_us: 0,
            span,
        };
        let mut numerics = Vec::new();
        let lanes = reader.lanes()?;
        // A number that was imported from a channel is in that channel already.
        let channels: Vec<String> = lanes
            .iter()
            .filter(|l| l.kind == Kind::Wave)
            .map(|l| l.label.clone())
            .collect();
        for lane in lanes {
            if !stay.is_wanted(&lane) {
                continue;
            }
            match lane.kind {
                Kind::Wave => stay.look_at_wave(&lane)?,
                Kind::Numeric if channels.contains(&lane.label) => {}
                Kind::Numeric => {
                    let points = stay.points(&lane)?;
                    numerics.push(NumericTrack {
                        label: lane.label,
                        unit: lane.unit,
                        points,
                    });
                }
            }
        }
        numerics.retain(|track| !track.points.is_empty());
        let mut marks = stay.events()?;
        let waves = stay.head.channels.iter().filter_map(|c| Some(c.runs.first()?.start_us));
        let numbers = numerics.iter().filter_map(|track| Some(track.points.first()?.0));
        let start = waves.chain(numbers).min().unwrap_or(stay.span.from.as_micros());
        stay.start_us = start;
        marks.retain(|mark| mark.at_us >= start);
        for run in stay.head.channels.iter_mut().flat_map(|c| &mut c.runs) {
            run.start_us -= start;
        }
        numerics
            .iter_mut()
            .flat_map(|track| &mut track.points)
            .for_each(|(at, _)| *at -= start);
        for mark in &mut marks {
            mark.at_us -= start;
        }
        stay.head.numerics = numerics;
        stay.head.marks = marks;
        stay.head.start_us = Some(start);
        stay.head.subject = stay.patient()?;
        Ok(stay)
    }

    fn is_wanted(&self, lane: &Lane) -> bool {
        let of_stay = self.span.encounter.is_none() || lane.encounter == self.span.encounter;
        lane.bed == self.span.bed && of_stay
    }

    fn patient(&self) -> Result<String, StoreError> {
        let beds = self.reader.beds()?;
        let here = beds.iter().find(|row| row.bed.id == self.span.bed);
        let patient = here
            .and_then(|row| row.encounter.as_ref())
            .filter(|encounter| Some(&encounter.id) == self.span.encounter.as_ref())
            .and_then(|encounter| encounter.patient.as_ref());
        Ok(patient.map_or_else(String::new, |p| format!("{} {}", p.id.0, p.name.0)))
    }

    /// Runs with absolute times; [`Stay::read`] moves them to the start.
    fn look_at_wave(&mut self, lane: &Lane) -> Result<(), StoreError> {
        for block in self.reader.blocks(lane.series, self.span.from, self.span.until) {
            let block = block?;
            let origin = Origin::of(lane.series, &block);
            let at = self.origins.iter().position(|o| *o == origin).unwrap_or_else(|| {
                let others = self.origins.iter().filter(|o| o.series == lane.series).count();
                self.origins.push(origin);
                self.head.channels.push(channel(lane, &origin, others));
                self.origins.len() - 1
            });
            let Some(channel) = self.head.channels.get_mut(at) else {
                continue;
            };
            channel.bits = channel.bits.max(bits(&block.samples));
            let count = u64::try_from(block.samples.len()).unwrap_or(0);
            let start_us = block.start.as_micros();
            let half = block.rate.micros_of(1) / 2;
            let goes_on = |run: &&mut Run| {
                let end = run.start_us.saturating_add(block.rate.micros_of(run.count));
                !block.gap_before && (start_us - end).abs() <= half
            };
            if let Some(run) = channel.runs.last_mut().filter(goes_on) {
                run.count += count;
            } else {
                let first = channel.runs.last().map_or(0, |run| run.first + run.count);
                channel.runs.push(Run { start_us, first, count });
            }
        }
        Ok(())
    }

    /// Numbers with absolute times.
    fn points(&self, lane: &Lane) -> Result<Vec<(i64, f64)>, StoreError> {
        let values = self.reader.values(lane.series, self.span.from, self.span.until)?;
        let point = |(at, quantity): (ReceiptTime, Quantity)| (at.as_micros(), quantity.to_f64());
        Ok(values.into_iter().map(point).collect())
    }

    /// Alerts, answers and notes, with absolute times.
    fn events(&self) -> Result<Vec<Mark>, StoreError> {
        let rows = self.reader.journal(&JournalQuery {
            bed: Some(self.span.bed.clone()),
            encounter: self.span.encounter.clone(),
            about_alerts: true,
            order: Order::OldestFirst,
            ..JournalQuery::default()
        })?;
        let inside = |at: ReceiptTime| at >= self.span.from && at < self.span.until;
        let marks = rows.into_iter().filter(|row| inside(row.entry.at)).map(|row| {
            if let Some((code, text)) = imported(&row.entry) {
                return Mark {
                    at_us: row.entry.at.as_micros(),
                    duration_us: None,
                    channel: None,
                    code,
                    text,
                };
            }
            let what = row.entry.kind.as_str();
            let about = row.entry.alert.as_ref().map(about);
            let words = [Some(what.to_owned()), about, row.entry.detail.clone()];
            Mark {
                at_us: row.entry.at.as_micros(),
                duration_us: None,
                channel: None,
                code: String::new(),
                text: words.into_iter().flatten().collect::<Vec<_>>().join(" "),
            }
        });
        Ok(marks.collect())
    }

    fn fill(&self, origin: &Origin, run: &Run, range: Range<u64>, into: &mut Vec<i32>) -> Result<(), StoreError> {
        let begin = into.len();
        let wanted = usize::try_from(range.end.saturating_sub(range.start)).unwrap_or(0);
        into.resize(begin + wanted, NO_SAMPLE_WIDE);
        let start = self.start_us.saturating_add(run.start_us);
        let half = origin.rate.micros_of(1) / 2;
        let at = |index: u64| start.saturating_add(origin.rate.micros_of(index));
        let (from, until) = (at(range.start) - half, at(range.end) - half);
        let (from, until) = (ReceiptTime::from_micros(from), ReceiptTime::from_micros(until));
        for block in self.reader.blocks(origin.series, from, until) {
            let block = block?;
            if Origin::of(origin.series, &block) != *origin {
                continue;
            }
            let first = index_at(origin.rate, block.start.as_micros().saturating_sub(start));
            for (sample, index) in block.samples.iter().zip(first..) {
                let place = index.checked_sub(range.start).and_then(|n| usize::try_from(n).ok());
                let cell = place.filter(|n| *n < wanted).and_then(|n| into.get_mut(begin + n));
                if let Some(cell) = cell {
                    *cell = *sample;
                }
            }
        }
        Ok(())
    }
}

/// Code and text of a mark that was imported: a note of nobody, with its code in brackets.
fn imported(entry: &JournalEntry) -> Option<(String, String)> {
    if entry.kind != JournalKind::Noted || entry.person.is_some() || entry.alert.is_some() {
        return None;
    }
    let words = entry.detail.as_deref().unwrap_or_default();
    let coded = words.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let (code, text) = coded.unwrap_or(("", words));
    Some((code.to_owned(), text.trim_start().to_owned()))
}

/// `HR low 38`, `feed-lost`: what an alert is about, in a few words for a mark of another format.
fn about(alert: &AlertState) -> String {
    let metric = alert.cause.metric().map(MetricCode::name);
    let side = alert.cause.side().map(Side::as_str);
    let word = side.is_none().then(|| alert.cause.as_str());
    let code = alert.cause.code();
    let worst = alert.worst.map(|w| w.to_string());
    let words = [metric, side, word, code, worst.as_deref()];
    words.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// The sample that is nearest to a time.
fn index_at(rate: SampleRate, since_us: i64) -> u64 {
    let (samples, seconds) = rate.fraction();
    let scaled = u128::try_from(since_us).unwrap_or(0) * u128::from(samples);
    let unit = u128::from(seconds) * 1_000_000;
    u64::try_from((scaled + unit / 2) / unit).unwrap_or(u64::MAX)
}

fn channel(lane: &Lane, origin: &Origin, others: usize) -> Channel {
    let name = if lane.label.is_empty() {
        lane.metric.map_or("", MetricCode::name)
    } else {
        &lane.label
    };
    Channel {
        label: if others == 0 {
            name.to_owned()
        } else {
            format!("{name} ({})", others + 1)
        },
        unit: lane.unit.clone(),
        rate: origin.rate,
        resolution: origin.scale.resolution(),
        zero: origin.scale.offset(),
        bits: 16,
        runs: Vec::new(),
    }
}

/// Bits that the samples need, at least 16.
fn bits(samples: &[i32]) -> u8 {
    let fits = |bits: u8| {
        let most = (1_i32 << (bits - 1)) - 1;
        samples
            .iter()
            .all(|s| *s == NO_SAMPLE_WIDE || (-most..=most).contains(s))
    };
    [16, 24].into_iter().find(|bits| fits(*bits)).unwrap_or(32)
}

impl Samples for Stay<'_> {
    fn head(&self) -> &Head {
        &self.head
    }

    fn samples(&self, channel: usize, range: Range<u64>, into: &mut Vec<i32>) -> Result<(), RecordingError> {
        let described = self.head.channel_with(channel, &range)?;
        let Some(origin) = self.origins.get(channel) else {
            return Ok(());
        };
        for run in &described.runs {
            let (from, until) = (range.start.max(run.first), range.end.min(run.first + run.count));
            if from < until {
                let read = self.fill(origin, run, from - run.first..until - run.first, into);
                read.map_err(|error| RecordingError::new(described.label.clone(), error.to_string()))?;
            }
        }
        Ok(())
    }
}
