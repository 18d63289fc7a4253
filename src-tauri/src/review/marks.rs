//! Marks on recorded data: a log of changes that only grows. Taking back is a change too, so it goes back to the first
//! mark, also after years, and what was marked and taken away can still be read.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use contract::{ReviewMark, ReviewMarks};
use model::JournalEntry;
use serde::{Deserialize, Serialize};

/// One change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Puts a mark; with the id of one that is there, in its place.
    Put(ReviewMark),
    /// Takes a mark away.
    Erase(u32),
    /// Takes back the last change that stands.
    Undo,
    /// Does again what was taken back last.
    Redo,
}

impl Act {
    /// The change as one line of text.
    pub fn line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What a person reads of it in the journal.
    pub fn says(&self) -> String {
        match self {
            Self::Put(mark) if mark.text.is_empty() => format!("mark {}", mark.palette),
            Self::Put(mark) => mark.text.clone(),
            Self::Erase(_) => "a mark was taken away".to_owned(),
            Self::Undo => "the last change of the marks was taken back".to_owned(),
            Self::Redo => "what was taken back was done again".to_owned(),
        }
    }
}

/// One change with its author.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Write {
    /// When, ms.
    pub at_ms: f64,
    /// Who.
    pub by: String,
    /// What.
    pub act: Act,
}

/// Every change of the marks of a review.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MarkLog {
    writes: Vec<Write>,
}

/// Acts, each with how many marks had been put by then.
type Numbered<'l> = Vec<(u32, &'l Write)>;

impl MarkLog {
    /// The changes in a journal. A line of another version that cannot be read changes nothing.
    pub fn of_journal(entries: Vec<JournalEntry>) -> Self {
        let writes = entries.into_iter().filter_map(|entry| {
            let act = serde_json::from_str(entry.detail.as_deref()?).ok()?;
            Some(Write {
                at_ms: contract::frame::millis(entry.at.as_micros()),
                by: entry.person.map(|p| p.to_string()).unwrap_or_default(),
                act,
            })
        });
        Self {
            writes: writes.collect(),
        }
    }

    /// The changes in a file of one line each; none when it is not there. A last line that a power cut tore is left out.
    pub fn of_file(path: &Path) -> std::io::Result<Self> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(error),
        };
        let whole = text.ends_with('\n');
        let count = text.lines().count();
        let mut writes = Vec::new();
        for (at, line) in text.lines().enumerate() {
            match serde_json::from_str(line) {
                Ok(write) => writes.push(write),
                Err(_) if !whole && at + 1 == count => {}
                Err(error) => {
                    return Err(std::io::Error::new(
                        ErrorKind::InvalidData,
                        format!("line {}: {error}", at + 1),
                    ));
                }
            }
        }
        Ok(Self { writes })
    }

    /// Writes one change down, on disk before it counts.
    pub fn append(&mut self, path: &Path, write: Write) -> std::io::Result<()> {
        let write = Write {
            act: self.numbered(write.act),
            ..write
        };
        let mut line = serde_json::to_string(&write).map_err(std::io::Error::other)?;
        line.push('\n');
        let torn = std::fs::read(path).is_ok_and(|bytes| bytes.last().is_some_and(|last| *last != b'\n'));
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        if torn {
            let kept: u64 = std::fs::read(path)?
                .iter()
                .rposition(|byte| *byte == b'\n')
                .map_or(0, |at| u64::try_from(at).unwrap_or(0) + 1);
            file.set_len(kept)?;
        }
        file.write_all(line.as_bytes())?;
        file.sync_all()?;
        self.writes.push(write);
        Ok(())
    }

    /// A new mark gets the next number.
    fn numbered(&self, act: Act) -> Act {
        match act {
            Act::Put(mark) if mark.id == 0 => Act::Put(ReviewMark {
                id: self.puts() + 1,
                ..mark
            }),
            Act::Put(_) | Act::Erase(_) | Act::Undo | Act::Redo => act,
        }
    }

    fn puts(&self) -> u32 {
        let puts = self.writes.iter().filter(|w| matches!(w.act, Act::Put(_))).count();
        u32::try_from(puts).unwrap_or(u32::MAX)
    }

    /// Whether a change would change nothing, and need not be written.
    pub fn does_nothing(&self, act: &Act) -> bool {
        let (done, undone) = self.folded();
        match act {
            Act::Undo => done.is_empty(),
            Act::Redo => undone.is_empty(),
            Act::Put(_) | Act::Erase(_) => false,
        }
    }

    /// What stands, and what was taken back and can be done again.
    fn folded(&self) -> (Numbered<'_>, Numbered<'_>) {
        let (mut done, mut undone) = (Vec::new(), Vec::new());
        let mut puts = 0;
        for write in &self.writes {
            match &write.act {
                Act::Put(_) | Act::Erase(_) => {
                    puts += u32::from(matches!(write.act, Act::Put(_)));
                    done.push((puts, write));
                    undone.clear();
                }
                Act::Undo => undone.extend(done.pop()),
                Act::Redo => done.extend(undone.pop()),
            }
        }
        (done, undone)
    }

    /// The marks that stand.
    pub fn marks(&self, kept: String) -> ReviewMarks {
        let (done, undone) = self.folded();
        let mut marks: Vec<ReviewMark> = Vec::new();
        for (number, write) in &done {
            match &write.act {
                Act::Put(mark) => {
                    // In a journal a new mark has no number of its own: it is the n-th that was put.
                    let id = if mark.id == 0 { *number } else { mark.id };
                    marks.retain(|m| m.id != id);
                    marks.push(ReviewMark {
                        id,
                        by: write.by.clone(),
                        at_ms: write.at_ms,
                        ..mark.clone()
                    });
                }
                Act::Erase(id) => marks.retain(|m| m.id != *id),
                Act::Undo | Act::Redo => {}
            }
        }
        marks.sort_by(|a, b| a.from_ms.total_cmp(&b.from_ms).then(a.id.cmp(&b.id)));
        ReviewMarks {
            marks,
            undoable: u32::try_from(done.len()).unwrap_or(u32::MAX),
            redoable: u32::try_from(undone.len()).unwrap_or(u32::MAX),
            kept,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(id: u32, text: &str) -> Act {
        Act::Put(ReviewMark {
            id,
            palette: 3,
            from_ms: 10.0,
            until_ms: 20.0,
            lane: None,
            text: text.to_owned(),
            by: String::new(),
            at_ms: 0.0,
        })
    }

    fn texts(log: &MarkLog) -> Vec<String> {
        let marks = log.marks(String::new()).marks;
        marks
            .into_iter()
            .map(|m| format!("{} {} {}", m.id, m.text, m.by))
            .collect()
    }

    #[test]
    fn undo_goes_back_to_the_first_mark_and_outlives_the_program() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.wardlight.marks.jsonl");
        let mut log = MarkLog::of_file(&path).unwrap();
        let act = |log: &mut MarkLog, act: Act| {
            let by = "TEST Nurse".to_owned();
            log.append(&path, Write { at_ms: 1.0, by, act }).unwrap();
        };
        act(&mut log, put(0, "first"));
        act(&mut log, put(0, "second"));
        act(&mut log, put(1, "first, better"));
        act(&mut log, Act::Erase(2));
        assert_eq!(texts(&log), ["1 first, better TEST Nurse"]);
        let mut log = MarkLog::of_file(&path).unwrap();
        act(&mut log, Act::Undo);
        act(&mut log, Act::Undo);
        assert_eq!(texts(&log), ["1 first TEST Nurse", "2 second TEST Nurse"]);
        act(&mut log, Act::Undo);
        act(&mut log, Act::Undo);
        assert!(texts(&log).is_empty() && log.does_nothing(&Act::Undo));
        act(&mut log, Act::Redo);
        assert_eq!(texts(&log), ["1 first TEST Nurse"]);
        act(&mut log, put(0, "third"));
        assert!(log.does_nothing(&Act::Redo), "a new mark ends what could be done again");
        assert_eq!(MarkLog::of_file(&path).unwrap(), log);
    }

    #[test]
    fn a_line_torn_by_a_power_cut_costs_that_line_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("marks.jsonl");
        let mut log = MarkLog::default();
        let by = || "A".to_owned();
        log.append(
            &path,
            Write {
                at_ms: 1.0,
                by: by(),
                act: put(0, "kept"),
            },
        )
        .unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend(b"{\"atMs\":2.0,\"by");
        std::fs::write(&path, bytes).unwrap();
        let mut log = MarkLog::of_file(&path).unwrap();
        log.append(
            &path,
            Write {
                at_ms: 3.0,
                by: by(),
                act: put(0, "after"),
            },
        )
        .unwrap();
        assert_eq!(texts(&MarkLog::of_file(&path).unwrap()), ["1 kept A", "2 after A"]);
    }
}
