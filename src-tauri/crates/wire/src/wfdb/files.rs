//! The files of a record, asked for by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::recording::RecordingError;

/// Reads a file by its name, beside the header or in a folder below it.
pub type Ask<'a> = &'a mut dyn FnMut(&str) -> Result<Vec<u8>, RecordingError>;

/// Files, each read once however often a header names it.
pub(super) struct Files<'a> {
    ask: Ask<'a>,
    known: BTreeMap<String, Arc<Vec<u8>>>,
}

impl<'a> Files<'a> {
    pub(super) const fn new(ask: Ask<'a>) -> Self {
        Self {
            ask,
            known: BTreeMap::new(),
        }
    }

    pub(super) fn read(&mut self, name: &str) -> Result<Arc<Vec<u8>>, RecordingError> {
        if let Some(bytes) = self.known.get(name) {
            return Ok(Arc::clone(bytes));
        }
        let bytes = Arc::new((self.ask)(name)?);
        self.known.insert(name.to_owned(), Arc::clone(&bytes));
        Ok(bytes)
    }
}

/// The name of a file that a header names, as seen from where the header's own name is.
///
/// # Errors
/// A name that leads out of the header's folder.
pub(super) fn beside(header: &str, file: &str) -> Result<String, RecordingError> {
    let outside = file.is_empty()
        || file.starts_with('/')
        || file.contains(['\\', ':', '\0'])
        || file.split('/').any(|part| part == "..");
    if outside {
        let problem = "it names a file outside its folder, which is not read";
        return Err(RecordingError::new(header, problem));
    }
    Ok(match header.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/{file}"),
        None => file.to_owned(),
    })
}
