//! A record of any shape, as [`Samples`].

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use model::SampleRate;

use super::files::{Ask, Files, beside};
use super::scale::{Common, Rescale, Steps};
use super::single::Single;
use super::{Annotations, Format, Header, SignalSpec, header};
use crate::recording::{Channel, Head, NO_SAMPLE_WIDE, RecordingError, Run, Samples};

/// How the comment begins that says who is recorded.
pub(super) const SUBJECT: &str = "subject: ";
/// Segments times signals: two months of segments of a minute, with eight signals, are fewer.
const PIECES_MAX: usize = 1 << 20;

/// A record that is open: its headers are read and its files are held, and a range decodes only what it needs.
#[derive(Debug)]
pub struct Record {
    head: Head,
    /// Frames a second: what annotations count in where they do not say otherwise.
    rate: f64,
    /// Of each channel.
    pieces: Vec<Vec<Piece>>,
    /// Each segment once.
    singles: Vec<Arc<Single>>,
}

/// Samples of one channel from one segment.
#[derive(Debug)]
struct Piece {
    /// Its first sample among those of the channel.
    first: u64,
    count: u64,
    single: Arc<Single>,
    signal: usize,
    way: Rescale,
}

/// A segment and where it begins.
struct Part {
    /// Frames before it.
    start: u64,
    single: Arc<Single>,
}

/// What the parts of a channel are found by.
struct Wanted<'a> {
    spec: &'a SignalSpec,
    rate: SampleRate,
    /// Which signal it is in each part; `None` where a part does not have it.
    found: Vec<Option<usize>>,
}

/// Opens a record by the name of its header, such as `100.hea` or `mitdb/100.hea`.
///
/// `files` is asked for the header, for each segment's header and for each signal file, by names beside the header's.
/// All are read here, each once; samples are decoded when a range is asked for (only format 8, which has no
/// other way, is decoded here). Checksums are compared by [`Samples::verify`].
///
/// # Errors
/// The file, line and field, or byte, that is wrong, and what was expected there.
pub fn open(header_name: &str, files: Ask<'_>) -> Result<Record, RecordingError> {
    let mut files = Files::new(files);
    let read = read_header(header_name, &mut files)?;
    if read.segments.is_some() {
        several(header_name, &read, &mut files)
    } else {
        let single = Arc::new(Single::load(header_name, read, &mut files)?);
        let header = &single.header;
        let wanted = all_signals(header_name, header, 1)?;
        let notes = Vec::new();
        let part = Part {
            start: 0,
            single: Arc::clone(&single),
        };
        Ok(Record::new(header, wanted, &[part], notes))
    }
}

fn read_header(name: &str, files: &mut Files<'_>) -> Result<Header, RecordingError> {
    let bytes = files.read(name)?;
    header(&bytes).map_err(|e| e.within(name))
}

/// The signals of a header that is all its parts' own.
fn all_signals<'a>(name: &str, header: &'a Header, parts: usize) -> Result<Vec<Wanted<'a>>, RecordingError> {
    let wanted = header.signals.iter().enumerate().map(|(at, spec)| {
        let rate = rate_of(name, header, spec)?;
        let found = vec![Some(at); parts];
        Ok(Wanted { spec, rate, found })
    });
    wanted.collect()
}

fn rate_of(name: &str, header: &Header, spec: &SignalSpec) -> Result<SampleRate, RecordingError> {
    SampleRate::from_hertz(header.rate_of(spec)).map_err(|e| {
        let place = format!("{name}, signal {:?}", spec.description);
        RecordingError::new(place, format!("{e}, not {}", header.rate_of(spec)))
    })
}

/// A record of segments. With a layout first, each channel is found by its name; without, all segments are alike.
fn several(name: &str, header: &Header, files: &mut Files<'_>) -> Result<Record, RecordingError> {
    let mut known: BTreeMap<&str, Arc<Single>> = BTreeMap::new();
    let mut parts: Vec<Part> = Vec::new();
    let mut layout = None;
    let mut frames = 0_u64;
    for (at, segment) in header.segments.iter().flat_map(|s| &s.list).enumerate() {
        if segment.is_gap() || segment.frames == 0 && at > 0 {
            frames = frames.saturating_add(segment.frames);
            continue;
        }
        let single = match known.get(segment.name.as_str()) {
            Some(single) => Arc::clone(single),
            None => Arc::new(load_segment(name, header, &segment.name, files)?),
        };
        known.insert(&segment.name, Arc::clone(&single));
        if segment.frames == 0 {
            layout = Some(single);
            continue;
        }
        if single.frames != segment.frames {
            let problem = format!(
                "it has {} frames; {name} says {} for this segment",
                single.frames, segment.frames
            );
            return Err(RecordingError::new(&single.name, problem));
        }
        let start = frames;
        parts.push(Part { start, single });
        frames = frames.saturating_add(segment.frames);
    }
    let mut notes = Vec::new();
    if let Some(said) = header.frames.filter(|said| *said != frames) {
        notes.push(format!("The header says {said} frames; its segments hold {frames}."));
    }
    let plan = layout.as_ref().or(parts.first().map(|part| &part.single)).cloned();
    let Some(plan) = plan else {
        return Ok(Record::new(header, Vec::new(), &parts, notes));
    };
    let signals = header.segments.as_ref().map_or(0, |s| s.signals);
    if plan.header.signals.len() != signals {
        let problem = format!("it has {} signals; {name} says {signals}", plan.header.signals.len());
        return Err(RecordingError::new(&plan.name, problem));
    }
    if signals.saturating_mul(parts.len()) > PIECES_MAX {
        let problem = format!("{} segments of {signals} signals are more than are read", parts.len());
        return Err(RecordingError::new(name, problem));
    }
    let mut wanted = all_signals(&plan.name, &plan.header, parts.len())?;
    place(&mut wanted, &parts, layout.is_some(), &mut notes)?;
    Ok(Record::new(header, wanted, &parts, notes))
}

fn load_segment(name: &str, whole: &Header, segment: &str, files: &mut Files<'_>) -> Result<Single, RecordingError> {
    let path = beside(name, &format!("{segment}.hea"))?;
    let read = read_header(&path, files)?;
    if read.segments.is_some() {
        let problem = "a segment of a record cannot be made of segments itself";
        return Err(RecordingError::new(path, problem));
    }
    #[expect(clippy::float_cmp, reason = "written twice by one program: the same digits")]
    if read.rate != whole.rate {
        let problem = format!("its rate is {}; {name} says {}", read.rate, whole.rate);
        return Err(RecordingError::new(path, problem));
    }
    Single::load(&path, read, files)
}

/// Finds each wanted signal in each part.
fn place(
    wanted: &mut [Wanted<'_>],
    parts: &[Part],
    by_name: bool,
    notes: &mut Vec<String>,
) -> Result<(), RecordingError> {
    for (number, part) in parts.iter().enumerate() {
        let signals = &part.single.header.signals;
        // The first of two that are named alike.
        let backwards = signals.iter().enumerate().rev();
        let names: BTreeMap<&str, usize> = backwards.map(|(at, s)| (s.description.as_str(), at)).collect();
        let mut taken = 0;
        for (at, signal) in wanted.iter_mut().enumerate() {
            let found = if by_name {
                names.get(signal.spec.description.as_str()).copied()
            } else {
                (at < signals.len()).then_some(at)
            };
            if let Some(other) = found.and_then(|at| signals.get(at)) {
                taken += 1;
                if other.samples_per_frame != signal.spec.samples_per_frame || other.units != signal.spec.units {
                    let place = format!("{}, signal {:?}", part.single.name, other.description);
                    let problem = "its unit or samples per frame are not those of the other segments";
                    return Err(RecordingError::new(place, problem));
                }
            }
            if let Some(slot) = signal.found.get_mut(number) {
                *slot = found;
            }
        }
        if !by_name && signals.len() != wanted.len() {
            let (count, expected) = (signals.len(), wanted.len());
            let problem = format!("it has {count} signals; the first segment has {expected}");
            return Err(RecordingError::new(&part.single.name, problem));
        }
        if taken < signals.len() {
            notes.push(format!(
                "{} has {} signals that the layout does not name; they are left out.",
                part.single.name,
                signals.len() - taken
            ));
        }
    }
    Ok(())
}

impl Record {
    fn new(header: &Header, wanted: Vec<Wanted<'_>>, parts: &[Part], mut notes: Vec<String>) -> Self {
        let mut channels = Vec::new();
        let mut pieces = Vec::new();
        for (at, signal) in wanted.into_iter().enumerate() {
            let (channel, list, exact) = channel(at, &signal, parts);
            if !exact {
                notes.push(format!(
                    "{}: its segments have gains without a common multiple; values are within {:e} {}.",
                    channel.label,
                    channel.resolution / 2.0,
                    channel.unit
                ));
            }
            channels.push(channel);
            pieces.push(list);
        }
        let mut singles: Vec<Arc<Single>> = Vec::new();
        let mut names = std::collections::BTreeSet::new();
        for part in parts {
            if names.insert(part.single.name.as_str()) {
                singles.push(Arc::clone(&part.single));
            }
        }
        if let (Some(us), None) = (header.start.time_of_day_us, header.start.date) {
            let (hours, minutes, seconds) = (us / 3_600_000_000, us / 60_000_000 % 60, us / 1_000_000 % 60);
            notes.push(format!(
                "Begins at {hours:02}:{minutes:02}:{seconds:02} of a day that the record does not say."
            ));
        }
        let mut comments = header.comments.clone();
        let about = comments.iter().position(|c| c.starts_with(SUBJECT));
        let subject = about.map_or(String::new(), |at| comments.remove(at).replacen(SUBJECT, "", 1));
        let head = Head {
            format: "WFDB".to_owned(),
            name: header.name.clone(),
            start_us: header.start.device_time().map(model::DeviceTime::as_micros),
            subject,
            notes: comments.into_iter().chain(notes).collect(),
            channels,
            numerics: Vec::new(),
            marks: Vec::new(),
        };
        Self {
            head,
            rate: header.rate,
            pieces,
            singles,
        }
    }

    /// Adds the annotations of a file (`100.atr`) to the head's marks.
    ///
    /// ```
    /// # use wire::{recording::{RecordingError, Samples}, wfdb};
    /// let mut files = |name: &str| match name {
    ///     "r.hea" => Ok(b"r 0 250\n".to_vec()),
    ///     _ => Err(RecordingError::new(name, "is not there")),
    /// };
    /// let mut record = wfdb::open("r.hea", &mut files)?;
    /// record.annotate(&wfdb::annotations(&[250, 4, 0, 0])?);
    /// assert_eq!((record.head().marks[0].at_us, record.head().marks[0].code.as_str()), (1_000_000, "N"));
    /// # Ok::<(), RecordingError>(())
    /// ```
    pub fn annotate(&mut self, annotations: &Annotations) {
        let marks = annotations.marks(self.rate, self.head.channels.len());
        self.head.marks.extend(marks);
        // A stable order: what stands at one time stays as the files have it.
        self.head.marks.sort_by_key(|mark| mark.at_us);
    }
}

/// One channel with its pieces, and whether its values are exact.
fn channel(at: usize, signal: &Wanted<'_>, parts: &[Part]) -> (Channel, Vec<Piece>, bool) {
    let spec = signal.spec;
    let found: Vec<(&Part, usize, &SignalSpec)> = parts
        .iter()
        .zip(&signal.found)
        .filter_map(|(part, found)| {
            let spec = part.single.header.signals.get((*found)?)?;
            (spec.format != Format::Nothing).then_some((part, (*found)?, spec))
        })
        .collect();
    let mut steps: Vec<Steps> = found.iter().map(|(_, _, spec)| Steps::from(*spec)).collect();
    if steps.is_empty() {
        steps.push(Steps::from(spec));
    }
    let common = Common::of(&steps);
    let (mut runs, mut pieces): (Vec<Run>, Vec<Piece>) = (Vec::new(), Vec::new());
    let (mut first, mut end) = (0_u64, None);
    for ((part, signal_at, _), way) in found.iter().zip(&common.ways) {
        let count = part.single.count(*signal_at);
        if count == 0 {
            continue;
        }
        let start = part.start.saturating_mul(u64::from(spec.samples_per_frame));
        match runs.last_mut().filter(|_| end == Some(start)) {
            Some(run) => run.count = run.count.saturating_add(count),
            None => runs.push(Run {
                start_us: signal.rate.micros_of(start),
                first,
                count,
            }),
        }
        pieces.push(Piece {
            first,
            count,
            single: Arc::clone(&part.single),
            signal: *signal_at,
            way: *way,
        });
        first = first.saturating_add(count);
        end = Some(start.saturating_add(count));
    }
    let label = if spec.description.is_empty() {
        format!("signal {at}")
    } else {
        spec.description.clone()
    };
    let channel = Channel {
        label,
        unit: spec.units.clone(),
        rate: signal.rate,
        resolution: common.resolution,
        zero: common.zero,
        bits: common.bits,
        runs,
    };
    (channel, pieces, common.exact)
}

impl Samples for Record {
    fn head(&self) -> &Head {
        &self.head
    }

    fn samples(&self, channel: usize, range: Range<u64>, into: &mut Vec<i32>) -> Result<(), RecordingError> {
        let place = || format!("record {:?}, channel {channel}", self.head.name);
        let Some(pieces) = self.pieces.get(channel) else {
            return Err(RecordingError::new(place(), "there is no such channel"));
        };
        let held = pieces.last().map_or(0, |p| p.first.saturating_add(p.count));
        if range.start > range.end || range.end > held {
            let problem = format!("samples {} to {} of {held} were asked for", range.start, range.end);
            return Err(RecordingError::new(place(), problem));
        }
        let from = pieces.partition_point(|p| p.first.saturating_add(p.count) <= range.start);
        for piece in pieces.iter().skip(from).take_while(|p| p.first < range.end) {
            let begin = into.len();
            let start = range.start.max(piece.first) - piece.first;
            let end = range.end.min(piece.first.saturating_add(piece.count)) - piece.first;
            piece.single.samples(piece.signal, start..end, into)?;
            if piece.way != Rescale::Same {
                for sample in into.iter_mut().skip(begin).filter(|s| **s != NO_SAMPLE_WIDE) {
                    *sample = piece.way.apply(*sample);
                }
            }
        }
        Ok(())
    }

    fn verify(&self) -> Result<(), RecordingError> {
        self.singles.iter().try_for_each(|single| single.verify())
    }
}
