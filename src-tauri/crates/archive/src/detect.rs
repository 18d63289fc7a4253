//! Which codec reads a file: by its ending where that says so, otherwise by its first bytes.

use std::fs;
use std::path::Path;

use wire::recording::{RecordingError, Samples};

use crate::ArchiveError;

/// More than this is not read into memory: three days of twelve leads at 500 Hz in 16 bits.
const BYTES_MAX: u64 = 4 << 30;

/// Annotation files that belong to a record, the best first: those that people made, then those of detectors. One is read.
const ANNOTATORS: [&str; 4] = ["atr", "ann", "qrs", "sqrs"];

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Wfdb,
    Edf,
    Csv,
    Vital,
}

/// Opens a file of any known format.
pub(crate) fn open(path: &Path) -> Result<Box<dyn Samples + Send + Sync>, ArchiveError> {
    let (path, format) = known(path)?;
    let path = &*path;
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let opened: Result<Box<dyn Samples + Send + Sync>, RecordingError> = match format {
        Format::Wfdb => wfdb(path),
        Format::Edf => read(path).and_then(|bytes| Ok(Box::new(wire::edf::open(&name, bytes)?) as _)),
        Format::Csv => read(path).and_then(|bytes| Ok(Box::new(wire::csv::open(&name, &bytes)?) as _)),
        Format::Vital => read(path).and_then(|bytes| Ok(Box::new(wire::vital::open(&name, &bytes)?) as _)),
    };
    opened.map_err(|source| ArchiveError::Recording {
        file: path.to_owned(),
        source,
    })
}

/// The file to open (of a WFDB record its header, whichever of its files was named), and its format.
fn known(path: &Path) -> Result<(std::path::PathBuf, Format), ArchiveError> {
    let ending = path
        .extension()
        .map(|ending| ending.to_string_lossy().to_ascii_lowercase())
        .unwrap_or_default();
    let header = path.with_extension("hea");
    match ending.as_str() {
        "hea" => return Ok((path.to_owned(), Format::Wfdb)),
        "edf" | "bdf" | "rec" => return Ok((path.to_owned(), Format::Edf)),
        "csv" | "tsv" => return Ok((path.to_owned(), Format::Csv)),
        "vital" => return Ok((path.to_owned(), Format::Vital)),
        // A record is often named by the file with its samples or its beats.
        _ if header.is_file() => return Ok((header, Format::Wfdb)),
        _ => {}
    }
    let mut start = [0_u8; 8];
    let length = fs::File::open(path)
        .and_then(|mut file| std::io::Read::read(&mut file, &mut start))
        .map_err(|error| unreadable(path, &error))?;
    let start = start.get(..length).unwrap_or_default();
    let format = match start {
        [0x1f, 0x8b, ..] => Format::Vital,
        [0xff, b'B', b'I', b'O', ..] | [b'0', b' ', b' ', b' ', b' ', b' ', b' ', b' ', ..] => Format::Edf,
        text if !text.is_empty()
            && text
                .iter()
                .all(|b| matches!(b, b'\t' | b'\n' | b'\r' | 0x20..=0x7e | 0xef | 0xbb | 0xbf)) =>
        {
            Format::Csv
        }
        _ => {
            return Err(ArchiveError::Unknown { file: path.to_owned() });
        }
    };
    Ok((path.to_owned(), format))
}

fn unreadable(path: &Path, error: &std::io::Error) -> ArchiveError {
    ArchiveError::Recording {
        file: path.to_owned(),
        source: RecordingError::new(path.display().to_string(), format!("cannot be read: {error}")),
    }
}

/// A whole file. Its size is asked before memory is.
fn read(path: &Path) -> Result<Vec<u8>, RecordingError> {
    let failed =
        |error: std::io::Error| RecordingError::new(path.display().to_string(), format!("cannot be read: {error}"));
    let bytes = fs::metadata(path).map_err(failed)?.len();
    if bytes > BYTES_MAX {
        return Err(RecordingError::new(
            path.display().to_string(),
            format!("has {bytes} bytes; at most {BYTES_MAX} are opened: cut it into shorter records"),
        ));
    }
    fs::read(path).map_err(failed)
}

/// A record's files stand beside its header; a segment's name may hold a folder, but never leads out of it.
fn wfdb(header: &Path) -> Result<Box<dyn Samples + Send + Sync>, RecordingError> {
    let folder = header.parent().unwrap_or(Path::new("")).to_owned();
    let name = header.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut files = |name: &str| {
        let inside = Path::new(name)
            .components()
            .all(|part| matches!(part, std::path::Component::Normal(_) | std::path::Component::CurDir));
        if inside {
            read(&folder.join(name))
        } else {
            Err(RecordingError::new(
                name,
                "leads out of the record's folder; it is not opened",
            ))
        }
    };
    let mut record = wire::wfdb::open(&name, &mut files)?;
    for annotator in ANNOTATORS {
        let file = header.with_extension(annotator);
        if file.is_file() {
            let annotations = wire::wfdb::annotations(&read(&file)?);
            record.annotate(&annotations.map_err(|error| error.within(&file.display().to_string()))?);
            break;
        }
    }
    Ok(Box::new(record))
}
