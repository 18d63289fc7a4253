//! The anchor: a small file outside the database that names the last journal entry, its chain hash, and the last row
//! of the tail, which counts the transactions that brought waves and numbers.
//!
//! A damaged write-ahead log silently drops its end, and a copy of an old file looks whole: the anchor shows
//! both. It is written and fsynced within about a second after a commit, not inside it (that would double the
//! time an alert waits). So what `verify` proves is: everything that was there when the anchor was last
//! written is still there, unchanged. What came in the last second before a power cut has only SQLite's word.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::StoreError;
use crate::file;
use crate::journal::{Chain, Head};
use crate::recorder::Recorder;

/// Old anchors kept as evidence, each in a place of its own.
const KEPT_MAX: u32 = 99;
const FIRST_WORD: &str = "wardlight-anchor-2";

/// What was on disk when the anchor was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Anchor {
    /// The last journal entry.
    pub head: Head,
    /// The last row of the tail; 0 where there never was one.
    pub tail: i64,
}

/// The anchor that belongs to a history file: `wardlight.db` has `wardlight.anchor`.
pub(crate) fn path(database: &Path) -> PathBuf {
    database.with_extension("anchor")
}

/// Writes the anchor anew. The old one stands until the new one is whole, and may stand again after a power cut: it
/// proves less then, and nothing wrong.
pub(crate) fn write(database: &Path, now: Anchor) -> Result<(), StoreError> {
    let anchor = path(database);
    let is_new = !anchor.exists();
    let new = database.with_extension("anchor-new");
    let write = || -> std::io::Result<()> {
        let mut handle = file::private().create(true).truncate(true).write(true).open(&new)?;
        let (head, tail) = (now.head, now.tail);
        handle.write_all(format!("{FIRST_WORD} {} {} {tail}\n", head.id, hex(&head.chain)).as_bytes())?;
        handle.sync_all()?;
        fs::rename(&new, &anchor)?;
        if is_new {
            file::sync_directory_of(&anchor)
        } else {
            Ok(())
        }
    };
    write().map_err(|source| StoreError::File {
        file: anchor.clone(),
        source,
    })
}

impl Recorder {
    /// Writes the anchor when something was committed since.
    pub(crate) fn anchor(&mut self) -> Result<(), StoreError> {
        let (head, tail) = (self.head, self.last_row());
        if self.anchored != (head.id, tail) {
            self.fate.strike()?;
            write(&self.file, Anchor { head, tail })?;
            self.anchored = (head.id, tail);
        }
        Ok(())
    }
}

/// Reads the anchor; `None` where there is none.
pub(crate) fn read(database: &Path) -> Result<Option<Anchor>, StoreError> {
    read_file(path(database))
}

/// Where old anchors are kept that named what the journal did not hold, oldest first; the last place is written over.
pub(crate) fn kept_paths(database: &Path) -> impl Iterator<Item = PathBuf> {
    let numbered = (1..=KEPT_MAX).map(|n| database.with_extension(format!("anchor-kept-{n}")));
    numbered.chain([database.with_extension("anchor-kept")])
}

/// Reads one anchor; `None` where there is none.
pub(crate) fn read_file(anchor: PathBuf) -> Result<Option<Anchor>, StoreError> {
    let text = match fs::read_to_string(&anchor) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(StoreError::File { file: anchor, source }),
    };
    let mut words = text.split_whitespace();
    let mut parse = || {
        let is_anchor = words.next()? == FIRST_WORD;
        let (id, chain) = (words.next()?.parse().ok()?, unhex(words.next()?)?);
        let tail = words.next()?.parse().ok()?;
        let head = Head { id, chain };
        (is_anchor && words.next().is_none()).then_some(Anchor { head, tail })
    };
    match parse() {
        Some(anchor) => Ok(Some(anchor)),
        None => Err(StoreError::Unusable {
            file: anchor,
            why: "it does not read as an anchor".to_owned(),
        }),
    }
}

/// A chain hash as text.
pub(crate) fn hex(chain: &Chain) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or('0');
    chain.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}

fn unhex(text: &str) -> Option<Chain> {
    let mut chain = Chain::default();
    if text.len() != chain.len() * 2 || !text.is_ascii() {
        return None;
    }
    for (byte, pair) in chain.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(chain)
}
