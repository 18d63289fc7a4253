//! Packets put together: waves as channels, numbers as tracks, words as marks.

use std::collections::{BTreeMap, HashMap};

use model::SampleRate;

use super::packet::{Body, Header, Packet, Record, Track};
use crate::recording::{Channel, Head, Mark, NO_SAMPLE_WIDE, NumericTrack, Recording, RecordingError, Run};

/// Records nearer to where the last one ended follow it: they are stamped when they arrive, not when they were
/// measured.
const JITTER_US: i64 = 100_000;

/// Values, words and wave records of one file: each takes some bytes on disk and sixty in memory.
const RECORDS_MAX: usize = 16_000_000;

/// Seconds since 1970: to the year 2999.
const SECONDS_MAX: f64 = 32_503_680_000.0;

/// A file while it is read.
pub(super) struct File {
    header: Header,
    pub notes: Vec<String>,
    /// Packets that could not be read.
    pub unread: u64,
    devices: HashMap<u32, String>,
    tracks: BTreeMap<u16, Content>,
    records: usize,
    left_out: u64,
}

struct Content {
    track: Track,
    label: String,
    waves: Vec<(i64, Vec<u8>)>,
    numbers: Vec<(i64, f64)>,
    words: Vec<(i64, String)>,
}

impl File {
    pub fn new(header: Header) -> Self {
        Self {
            header,
            notes: Vec::new(),
            unread: 0,
            devices: HashMap::new(),
            tracks: BTreeMap::new(),
            records: 0,
            left_out: 0,
        }
    }

    pub fn take(&mut self, packet: Packet, bytes: &[u8]) {
        match packet {
            Packet::Device(id, name) => {
                self.devices.insert(id, name);
            }
            Packet::Track(track) => {
                let label = match self.devices.get(&track.device) {
                    Some(device) if track.device > 0 => format!("{device}/{}", track.name),
                    _ => track.name.clone(),
                };
                self.tracks.entry(track.id).or_insert_with(|| Content {
                    track,
                    label,
                    waves: Vec::new(),
                    numbers: Vec::new(),
                    words: Vec::new(),
                });
            }
            Packet::Record(record) => {
                let content = bytes.get(record.content..).unwrap_or_default();
                if self.records == RECORDS_MAX {
                    self.left_out += 1;
                } else if self.record(&record, content).is_none() {
                    self.unread += 1;
                } else {
                    self.records += 1;
                }
            }
            Packet::Other => {}
        }
    }

    fn record(&mut self, record: &Record, bytes: &[u8]) -> Option<()> {
        let content = self.tracks.get_mut(&record.track)?;
        if !(0.0..SECONDS_MAX).contains(&record.at) {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "below the year 3000")]
        let at_us = (record.at * 1e6).round() as i64;
        let mut body = Body::new(bytes);
        match content.track.kind {
            1 => {
                let count = usize::try_from(body.u32()?).ok()?;
                let len = count.checked_mul(content.track.format.width())?;
                content
                    .waves
                    .push((at_us, bytes.get(4..4_usize.checked_add(len)?)?.to_vec()));
            }
            2 => {
                // A number that was not measured is no number.
                let value = content.track.format.read(bytes)?;
                if value.is_finite() {
                    content.numbers.push((at_us, value));
                }
            }
            5 => {
                body.u32()?;
                content.words.push((at_us, body.text()?));
            }
            _ => return None,
        }
        Some(())
    }

    /// The recording; its time is local, as the clock on the wall showed it.
    pub fn finish(mut self, name: &str) -> Result<Recording, RecordingError> {
        if self.tracks.is_empty() {
            return Err(RecordingError::new(name, "there is no track in it"));
        }
        let begun_us = self.begun_us();
        let offset_us = i64::from(self.header.offset_min) * 60_000_000;
        if offset_us != 0 && begun_us.is_some() {
            let minutes = self.header.offset_min;
            self.notes.push(format!("times are local: UTC less {minutes} minutes"));
        }
        let mut head = Head {
            format: "VitalDB".to_owned(),
            name: name.to_owned(),
            start_us: begun_us.map(|us| us - offset_us),
            ..Head::default()
        };
        let begun_us = begun_us.unwrap_or(0);
        let mut samples = Vec::new();
        for content in std::mem::take(&mut self.tracks).into_values() {
            match content.track.kind {
                1 => match wave(&content, begun_us, &mut self.notes) {
                    Ok((channel, values)) => {
                        head.channels.push(channel);
                        samples.push(values);
                    }
                    Err(problem) => self.notes.push(format!("{} is left out: {problem}", content.label)),
                },
                2 => head.numerics.push(numbers(content, begun_us)),
                5 => head.marks.extend(words(content, begun_us)),
                kind => self.notes.push(format!(
                    "{} is left out: tracks of kind {kind} are not known",
                    content.label
                )),
            }
        }
        head.marks.sort_by_key(|mark| mark.at_us);
        for (count, what) in [
            (self.unread, "packets could not be read"),
            (self.left_out, "records beyond 16 million are left out"),
        ] {
            if count > 0 {
                self.notes.push(format!("{count} {what}"));
            }
        }
        head.notes = self.notes;
        Recording::new(head, samples)
    }

    /// The first moment: as the head says, unless a record is before it.
    fn begun_us(&self) -> Option<i64> {
        let of = |content: &Content| {
            let waves = content.waves.iter().map(|(at, _)| *at).min();
            let numbers = content.numbers.iter().map(|(at, _)| *at).min();
            let words = content.words.iter().map(|(at, _)| *at).min();
            [waves, numbers, words].into_iter().flatten().min()
        };
        let first = self.tracks.values().filter_map(of).min()?;
        #[expect(clippy::cast_possible_truncation, reason = "below the year 3000")]
        let said = (1.0..SECONDS_MAX)
            .contains(&self.header.start)
            .then(|| (self.header.start * 1e6).round() as i64);
        Some(said.map_or(first, |said| said.min(first)))
    }
}

fn numbers(mut content: Content, begun_us: i64) -> NumericTrack {
    content.numbers.sort_by_key(|(at, _)| *at);
    NumericTrack {
        label: content.label,
        unit: content.track.unit,
        points: content
            .numbers
            .into_iter()
            .map(|(at, value)| (at - begun_us, value))
            .collect(),
    }
}

/// Words of a track; those of `EVENT` stand by themselves.
fn words(content: Content, begun_us: i64) -> impl Iterator<Item = Mark> {
    let label = content.label;
    content.words.into_iter().map(move |(at, text)| Mark {
        at_us: at - begun_us,
        duration_us: None,
        channel: None,
        code: String::new(),
        text: if label == "EVENT" {
            text
        } else {
            format!("{label}: {text}")
        },
    })
}

/// A wave: records in order of time, those that follow each other as one run.
fn wave(content: &Content, begun_us: i64, notes: &mut Vec<String>) -> Result<(Channel, Vec<i32>), String> {
    let track = &content.track;
    let rate = SampleRate::from_hertz(track.rate)
        .map_err(|_| format!("its rate is {} samples a second; 1/3600 to 100000 are read", track.rate))?;
    let (resolution, zero) = if track.format.is_whole() {
        (track.gain, track.offset)
    } else {
        let step = step(content);
        notes.push(
            format!("{}: decimals are kept to {step} {}", content.label, track.unit)
                .trim_end()
                .to_owned(),
        );
        (step, 0.0)
    };
    let mut order: Vec<&(i64, Vec<u8>)> = content.waves.iter().collect();
    order.sort_by_key(|(at, _)| *at);
    let mut runs: Vec<Run> = Vec::new();
    let mut samples = Vec::new();
    let jitter_us = JITTER_US.max(rate.micros_of(3) / 2);
    let mut ahead_us = 0;
    for (at, bytes) in order {
        let first = samples.len() as u64;
        let start_us = at - begun_us;
        samples.extend(
            bytes
                .chunks_exact(track.format.width())
                .map(|number| sample(track, number, resolution)),
        );
        let count = samples.len() as u64 - first;
        let ended = runs
            .last()
            .map(|run| run.start_us.saturating_add(rate.micros_of(run.count)));
        ahead_us = ahead_us.max(ended.map_or(0, |ended| ended.saturating_sub(start_us)));
        match (runs.last_mut(), ended) {
            _ if count == 0 => {}
            (Some(last), Some(ended)) if start_us <= ended + jitter_us => last.count += count,
            _ => runs.push(Run { start_us, first, count }),
        }
    }
    if ahead_us > jitter_us {
        notes.push(format!(
            "{}: there are more samples than its rate allows; they run up to {} ms ahead of their stamps",
            content.label,
            ahead_us / 1_000
        ));
    }
    let channel = Channel {
        label: content.label.clone(),
        unit: track.unit.clone(),
        rate,
        resolution,
        zero,
        bits: if track.format.is_whole() {
            u8::try_from(track.format.width() * 8).unwrap_or(32)
        } else {
            32
        },
        runs,
    };
    Ok((channel, samples))
}

/// One number as a whole step; what was not measured, or does not fit, is no sample.
#[expect(clippy::cast_possible_truncation, reason = "checked before")]
fn sample(track: &Track, number: &[u8], resolution: f64) -> i32 {
    let Some(value) = track.format.read(number).filter(|value| value.is_finite()) else {
        return NO_SAMPLE_WIDE;
    };
    let steps = if track.format.is_whole() {
        value
    } else {
        (value / resolution).round()
    };
    if steps.abs() <= f64::from(i32::MAX) {
        steps as i32
    } else {
        NO_SAMPLE_WIDE
    }
}

/// The finest power of ten in which the largest value fits 31 bits: far finer than a short float is.
fn step(content: &Content) -> f64 {
    let format = content.track.format;
    let largest = content
        .waves
        .iter()
        .flat_map(|(_, bytes)| bytes.chunks_exact(format.width()))
        .filter_map(|number| format.read(number).filter(|value| value.is_finite()))
        .map(f64::abs)
        .fold(0.0, f64::max);
    let places = (-12..=12)
        .rev()
        .find(|places| largest * 10_f64.powi(*places) <= 2e9)
        .unwrap_or(-12);
    let power = 10_f64.powi(places.abs());
    if places < 0 { power } else { 1.0 / power }
}
