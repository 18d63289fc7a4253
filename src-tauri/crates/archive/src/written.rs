//! A recording written in the formats of others: whole, or not at all.

use std::cell::RefCell;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use wire::recording::{RecordingError, Samples};

use crate::ArchiveError;
use crate::watched::{Progress, Watched};

/// The formats that others read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// WFDB: header, signal file, annotations. `out` names the record, with or without `.hea`.
    Wfdb,
    /// EDF+.
    Edf,
    /// CSV: one column a channel.
    Csv,
}

/// Files under a name of their own until all are whole; what is not kept is removed.
struct Pending {
    files: RefCell<Vec<(PathBuf, PathBuf)>>,
}

impl Pending {
    fn make(&self, path: &Path) -> Result<BufWriter<File>, RecordingError> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let beside = path.with_file_name(format!(".{name}.part"));
        let file = File::create(&beside).map_err(|error| failed(&beside, &error))?;
        self.files.borrow_mut().push((beside, path.to_owned()));
        Ok(BufWriter::new(file))
    }

    /// All files take their names, in the order in which they were made.
    fn keep(&self) -> Result<Vec<PathBuf>, RecordingError> {
        let files = std::mem::take(&mut *self.files.borrow_mut());
        let mut kept = Vec::with_capacity(files.len());
        for (beside, path) in files {
            let renamed = File::open(&beside)
                .and_then(|file| file.sync_all())
                .and_then(|()| fs::rename(&beside, &path));
            if let Err(error) = renamed {
                self.files.borrow_mut().push((beside, path.clone()));
                return Err(failed(&path, &error));
            }
            kept.push(path);
        }
        Ok(kept)
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        for (beside, _) in self.files.borrow().iter() {
            drop(fs::remove_file(beside));
        }
    }
}

fn failed(path: &Path, error: &std::io::Error) -> RecordingError {
    RecordingError::new(path.display().to_string(), format!("cannot be written: {error}"))
}

/// What was written, and what of the recording is not as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// The files.
    pub files: Vec<PathBuf>,
    /// One sentence each: the step of each channel, what was left out and where it can be kept.
    pub notes: Vec<String>,
}

/// Writes a recording to `out`. `progress` is told how far it is, and may stop it: then nothing is left behind.
///
/// # Errors
/// A recording that the format cannot hold, a disk that does not take it, samples that do not decode.
pub fn write(
    samples: &dyn Samples,
    format: Format,
    out: &Path,
    progress: Progress<'_>,
) -> Result<Written, ArchiveError> {
    let watched = Watched::new(samples, progress);
    let pending = Rc::new(Pending {
        files: RefCell::new(Vec::new()),
    });
    let written = put(&watched, format, out, &pending).and_then(|notes| {
        Ok(Written {
            files: pending.keep()?,
            notes,
        })
    });
    written.map_err(|source| ArchiveError::Recording {
        file: out.to_owned(),
        source,
    })
}

fn put(
    samples: &dyn Samples,
    format: Format,
    out: &Path,
    pending: &Rc<Pending>,
) -> Result<Vec<String>, RecordingError> {
    if format == Format::Wfdb {
        let folder = out.parent().unwrap_or(Path::new("")).to_owned();
        let record = out.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let mut make = |name: &str| Ok(Box::new(pending.make(&folder.join(name))?) as Box<dyn Write>);
        let written = wire::wfdb::write(samples, &record, &mut make)?;
        return Ok(written.notes);
    }
    let mut file = pending.make(out)?;
    let notes = match format {
        Format::Csv => wire::csv::write(samples, &mut file)?,
        Format::Edf | Format::Wfdb => wire::edf::write(samples, &mut file)?,
    };
    file.flush().map_err(|error| failed(out, &error))?;
    Ok(notes)
}
