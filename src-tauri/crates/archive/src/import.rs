//! A foreign recording becomes a stay of its own: a session file in the data directory, under a bed id of its own.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use model::{
    Bed, BedId, Encounter, EncounterId, GenerationMode, JournalEntry, JournalKind, Kind, Location, MetricCode, Patient,
    PatientId, Quantity, ReceiptTime, Redacted, Scale,
};
use store::{LaneSpec, Reader, SeriesId, SessionHead, SessionWriter, StoreError};
use wire::label;
use wire::nomenclature::{self, Conversion, Read};
use wire::recording::{Channel, Head, Mark, NO_SAMPLE_WIDE, NumericTrack, RecordingError};

use crate::watched::{Progress, STOPPED};
use crate::{ArchiveError, Opened, kind_of};

/// Where imported sessions lie in a data directory.
pub const SESSIONS: &str = "sessions";
/// Samples that are read and written at once.
const PIECE: u64 = 1 << 16;
/// What a name may be long.
const NAME_CHARS: usize = 64;

/// What became of a recording.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The bed id it has from now on.
    pub bed: BedId,
    /// The stay.
    pub stay: EncounterId,
    /// The session file.
    pub file: PathBuf,
    /// Its first sample.
    pub from: ReceiptTime,
    /// Its end, exclusive.
    pub until: ReceiptTime,
    /// Channels, tracks of numbers, marks and samples that were taken.
    pub channels: usize,
    /// Tracks of numbers.
    pub numerics: usize,
    /// Beats, events and remarks.
    pub marks: usize,
    /// Samples of all channels.
    pub samples: u64,
    /// What is not as it was in the file, one sentence each.
    pub notes: Vec<String>,
}

/// Imports one recording into the data directory `dir`.
///
/// # Errors
/// As [`Opened::open`]; a disk that does not take it. Nothing is left behind then, nor when `progress` stops it.
pub fn import(path: &Path, dir: &Path, progress: Progress<'_>) -> Result<Imported, ArchiveError> {
    let opened = Opened::open(path)?;
    let refused = |source| ArchiveError::Recording {
        file: path.to_owned(),
        source,
    };
    opened.samples().verify().map_err(refused)?;
    let bed = free_id(&opened.head().name, dir)?;
    let folder = dir.join(SESSIONS);
    fs::create_dir_all(&folder)
        .map_err(|e| refused(RecordingError::new(folder.display().to_string(), e.to_string())))?;
    let file = folder.join(format!("{bed}.wardlight"));
    take(&opened, bed, file, progress)
}

fn take(opened: &Opened, bed: BedId, file: PathBuf, progress: Progress<'_>) -> Result<Imported, ArchiveError> {
    let head = opened.head();
    let stay = EncounterId::new(bed.as_str()).map_err(|error| failed(opened, error.to_string()))?;
    let (from, until) = span(opened);
    let mut imported = Imported {
        bed: bed.clone(),
        stay: stay.clone(),
        file,
        from,
        until,
        channels: head.channels.len(),
        numerics: head.numerics.len(),
        marks: head.marks.len(),
        samples: 0,
        notes: Vec::new(),
    };
    if !opened.is_dated() {
        let note = "the recording has no date: its times count from 2000-01-01";
        imported.notes.push(note.to_owned());
    }
    let mut writer = SessionWriter::create(&imported.file, session_head(head, bed, stay, (from, until)))?;
    for number in 0..head.channels.len() {
        channel(opened, number, &mut writer, &mut imported, progress)?;
    }
    for track in &head.numerics {
        numbers(opened, track, &mut writer, &mut imported)?;
    }
    for mark in &head.marks {
        writer.entry(&entry(opened, mark, &imported))?;
    }
    writer.finish()?;
    Ok(imported)
}

fn failed(opened: &Opened, problem: String) -> ArchiveError {
    ArchiveError::Recording {
        file: opened.path().to_owned(),
        source: RecordingError::new(opened.head().name.clone(), problem),
    }
}

/// From the first sample, number or mark to the end of the last.
fn span(opened: &Opened) -> (ReceiptTime, ReceiptTime) {
    let lanes = opened.lanes();
    let from = lanes
        .iter()
        .map(|lane| lane.from)
        .min()
        .unwrap_or_else(|| opened.start());
    let until = lanes
        .iter()
        .map(|lane| lane.until)
        .max()
        .unwrap_or_else(|| opened.start());
    let last = opened.head().marks.last().map_or(until, |mark| opened.at(mark.at_us));
    (from.min(opened.start()), until.max(last))
}

fn session_head(head: &Head, bed: BedId, stay: EncounterId, (from, until): (ReceiptTime, ReceiptTime)) -> SessionHead {
    let mut about = vec![
        ("format".to_owned(), head.format.clone()),
        ("recording".to_owned(), head.name.clone()),
    ];
    about.extend(head.notes.iter().map(|note| ("note".to_owned(), note.clone())));
    SessionHead {
        bed: Bed {
            id: bed,
            label: head.name.clone(),
            location: Location {
                unit: "Recordings".to_owned(),
                room: None,
            },
        },
        encounter: Some(Encounter {
            patient: patient(&head.subject, &stay),
            id: stay,
        }),
        from,
        // The stay holds its last sample.
        until: Some(ReceiptTime::from_micros(until.as_micros().saturating_add(1))),
        mode: GenerationMode::Real,
        about,
    }
}

/// Who is recorded, in the file's own words. They have no number of ours, so the recording stands for it.
fn patient(subject: &str, stay: &EncounterId) -> Option<Patient> {
    let name: String = subject.trim().chars().take(NAME_CHARS).collect();
    if name.is_empty() {
        return None;
    }
    let id = PatientId::new(stay.as_str()).ok()?;
    Some(Patient {
        id: Redacted(id),
        name: Redacted(name),
    })
}

/// A channel as a wave lane: exact samples. Where it is one of our numbers, also as numbers, so that it can be searched,
/// judged and tried like any other.
fn channel(
    opened: &Opened,
    number: usize,
    writer: &mut SessionWriter,
    imported: &mut Imported,
    progress: Progress<'_>,
) -> Result<(), ArchiveError> {
    let Some(described) = opened.head().channels.get(number) else {
        return Ok(());
    };
    let named = label::metric(&described.label, &described.unit, kind_of(described.rate));
    let wave_metric = named
        .filter(|(metric, _)| metric.kind() == Kind::Wave)
        .map(|(metric, _)| metric);
    let lane = writer.lane(LaneSpec {
        label: described.label.clone(),
        unit: described.unit.clone(),
        metric: wave_metric,
        rate: Some(described.rate),
    })?;
    let mut points = Vec::new();
    let number_metric = named.filter(|(metric, _)| metric.kind() == Kind::Numeric);
    // A negative step is an inverted channel: its samples are turned over, its values stay what they are.
    let turned = described.resolution < 0.0;
    let scale = Scale::new(described.resolution.abs(), described.zero)
        .map_err(|error| failed(opened, format!("channel {}: {error}", described.label)))?;
    let total: u64 = opened.head().channels.iter().map(Channel::total).sum();
    let mut piece = Vec::new();
    for run in &described.runs {
        let mut at = 0;
        while at < run.count {
            let next = run.count.min(at + PIECE);
            piece.clear();
            let range = run.first + at..run.first + next;
            let read = opened.samples().samples(number, range, &mut piece);
            read.map_err(|source| ArchiveError::Recording {
                file: opened.path().to_owned(),
                source,
            })?;
            if turned {
                // The one value that has no opposite is "no sample" itself.
                for sample in &mut piece {
                    *sample = sample.wrapping_neg();
                }
            }
            let time = |index: u64| opened.at(run.start_us.saturating_add(described.rate.micros_of(index)));
            writer.samples(lane, time(at), scale, &piece)?;
            if let Some((metric, conversion)) = number_metric {
                for (sample, index) in piece.iter().zip(at..) {
                    let value =
                        (*sample != NO_SAMPLE_WIDE).then(|| scale.offset() + scale.resolution() * f64::from(*sample));
                    points.extend(value.map(|value| (time(index), metric, conversion, value)));
                }
            }
            imported.samples += next - at;
            at = next;
            #[expect(clippy::cast_precision_loss, reason = "a part of a whole, shown to a person")]
            let part = imported.samples as f64 / total.max(1) as f64;
            if progress(part).is_break() {
                return Err(failed(opened, STOPPED.to_owned()));
            }
        }
    }
    if let Some((metric, conversion)) = number_metric {
        let lane = writer.lane(LaneSpec {
            label: String::new(),
            unit: String::new(),
            metric: Some(metric),
            rate: Some(described.rate),
        })?;
        let values = points.into_iter().map(|(at, _, _, value)| (at, value));
        put(writer, lane, (metric, conversion), values, &described.label, imported)?;
    }
    Ok(())
}

/// Writes numbers in our unit; what cannot be one is counted and said.
fn put(
    writer: &mut SessionWriter,
    lane: SeriesId,
    (metric, conversion): (MetricCode, Conversion),
    values: impl Iterator<Item = (ReceiptTime, f64)>,
    label: &str,
    imported: &mut Imported,
) -> Result<(), ArchiveError> {
    let mut refused = 0_u64;
    for (at, value) in values {
        match nomenclature::read(metric, conversion, value) {
            Read::Value(quantity) => writer.numeric(lane, at, quantity)?,
            Read::Sentinel | Read::Impossible => refused += 1,
        }
    }
    if refused > 0 {
        imported.notes.push(format!(
            "{label}: {refused} values cannot be a {metric} and are not searched or judged"
        ));
    }
    Ok(())
}

fn numbers(
    opened: &Opened,
    track: &NumericTrack,
    writer: &mut SessionWriter,
    imported: &mut Imported,
) -> Result<(), ArchiveError> {
    let named = label::metric(&track.label, &track.unit, Kind::Numeric);
    let lane = writer.lane(LaneSpec {
        label: track.label.clone(),
        // What is one of ours is held in our unit.
        unit: named.map_or_else(|| track.unit.clone(), |_| String::new()),
        metric: named.map(|(metric, _)| metric),
        rate: None,
    })?;
    let values = track.points.iter().map(|(at, value)| (opened.at(*at), *value));
    if let Some(named) = named {
        return put(writer, lane, named, values, &track.label, imported);
    }
    let mut refused = 0_u64;
    for (at, value) in values {
        match Quantity::from_f64(value) {
            Ok(quantity) => writer.numeric(lane, at, quantity)?,
            Err(_) => refused += 1,
        }
    }
    if refused > 0 {
        let note = format!(
            "{}: {refused} values are beyond two million and are left out",
            track.label
        );
        imported.notes.push(note);
    }
    Ok(())
}

/// A mark as a note of nobody: `[N]` is a beat's code.
fn entry(opened: &Opened, mark: &Mark, imported: &Imported) -> JournalEntry {
    let code = (!mark.code.is_empty()).then(|| format!("[{}]", mark.code));
    let lasts = mark.duration_us.map(|us| format!("(lasts {} s)", seconds(us)));
    let text = (!mark.text.is_empty()).then(|| mark.text.clone());
    let words = [code, text, lasts];
    JournalEntry {
        bed: Some(imported.bed.clone()),
        encounter: Some(imported.stay.clone()),
        detail: Some(words.into_iter().flatten().collect::<Vec<_>>().join(" ")),
        ..JournalEntry::new(opened.at(mark.at_us), JournalKind::Noted)
    }
}

/// Seconds with as many decimals as they need.
fn seconds(us: i64) -> String {
    let text = format!("{}.{:06}", us / 1_000_000, (us % 1_000_000).abs());
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A bed id that neither history nor an imported session has: the recording's name, with a number where it is taken.
fn free_id(name: &str, dir: &Path) -> Result<BedId, ArchiveError> {
    let plain: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') {
                c
            } else {
                '-'
            }
        })
        .take(NAME_CHARS - 16)
        .collect();
    let plain = plain.trim_matches('-');
    let name = if plain.is_empty() { "recording" } else { plain };
    let known: HashSet<String> = match Reader::open(dir) {
        Ok(reader) => reader.beds()?.into_iter().map(|row| row.bed.id.to_string()).collect(),
        Err(StoreError::Nothing { .. }) => HashSet::new(),
        Err(error) => return Err(error.into()),
    };
    let taken = |id: &str| known.contains(id) || dir.join(SESSIONS).join(format!("{id}.wardlight")).exists();
    let ids = std::iter::once(name.to_owned()).chain((2..).map(|number| format!("{name}-{number}")));
    let mut free = ids.filter(|id| !taken(id)).filter_map(|id| BedId::new(&id).ok());
    free.next()
        .ok_or_else(|| ArchiveError::Unknown { file: dir.to_owned() })
}
