//! A file that is made beside its place and moved there when it is whole: a person finds all of it or nothing.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::{StoreError, file};

/// A database in the making. Dropped before [`Beside::finish`], it leaves nothing behind.
#[derive(Debug)]
pub(crate) struct Beside {
    place: PathBuf,
    part: PathBuf,
    is_finished: bool,
}

impl Beside {
    /// Begins an empty file that only this user reads. An error where something is in the place already: nothing is
    /// overwritten.
    pub(crate) fn begin(place: &Path) -> Result<Self, StoreError> {
        let mut name = place.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        let part = place.with_file_name(name);
        let failed = |source| StoreError::File {
            file: place.to_owned(),
            source,
        };
        if place.try_exists().map_err(failed)? {
            return Err(failed(ErrorKind::AlreadyExists.into()));
        }
        // What a writer that was killed has left; `create_new` then says if it comes back.
        for old in files_of(&part) {
            remove(&old);
        }
        file::private()
            .create_new(true)
            .write(true)
            .open(&part)
            .map_err(failed)?;
        Ok(Self {
            place: place.to_owned(),
            part,
            is_finished: false,
        })
    }

    /// Where it is made.
    pub(crate) fn part(&self) -> &Path {
        &self.part
    }

    /// Makes it safe and gives it its name. The database must be closed, and without a log.
    pub(crate) fn finish(mut self) -> Result<(), StoreError> {
        let finish = || {
            let file = fs::OpenOptions::new().read(true).write(true).open(&self.part)?;
            file.sync_all()?;
            fs::rename(&self.part, &self.place)?;
            file::sync_directory_of(&self.place)
        };
        finish().map_err(|source| StoreError::File {
            file: self.place.clone(),
            source,
        })?;
        self.is_finished = true;
        Ok(())
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if !self.is_finished {
            for file in files_of(&self.part) {
                remove(&file);
            }
        }
    }
}

/// A database file and what SQLite keeps beside it.
fn files_of(part: &Path) -> impl Iterator<Item = PathBuf> {
    ["", "-journal", "-wal", "-shm"].into_iter().map(|end| {
        let mut name = part.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    })
}

fn remove(file: &Path) {
    match fs::remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            tracing::warn!(%error, file = %file.display(), "an unfinished file could not be removed");
        }
        Ok(()) | Err(_) => {}
    }
}
