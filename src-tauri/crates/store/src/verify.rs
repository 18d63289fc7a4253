//! Is the history whole?

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::anchor::{self, Anchor};
use crate::chunk::{NUMBERS_COLUMNS, NumbersRow, WAVE_COLUMNS, WaveRow};
use crate::found::Tail;
use crate::journal::{self, CHAIN_START, COLUMNS, Head};
use crate::{Finding, StoreError, VerifyReport, bins, choice, file, identity, restore, seal};

/// Findings of one table after which only their number is told: a destroyed disk must not fill the next one.
const FINDINGS_PER_TABLE_MAX: usize = 100;

const COPY_FIRST: &str = "copy the data directory to a safe place before anything else";
const LOST_ENTRIES: &str = "look for the entries in a backup; when that is done, move the old anchor away";
const WRONG_PERSON: &str = "what is filed under it may be another patient's; compare it with a backup";
const LOST_BINS: &str = "the samples are whole and are drawn in their place, but slowly; check the disk";
const LOST_CHUNK: &str = "that stretch of this series cannot be shown; everything else can; copy the data \
    directory to a safe place and check the disk";

/// Checks everything that can be checked, in every history file of `dir`; reads only, and may run while the
/// station records.
///
/// SQLite's own check, the application id and format, the chain over the whole journal, the anchor and those that
/// were kept, the hash of every bed, stay, series, chunk and tail row, and that each chunk decodes to as many items as
/// it says. What it proves of the newest
/// second is said at the anchor: an entry committed after the anchor was last written is covered by SQLite alone.
///
/// Errors only when there is no history at all; what is wrong with one is in [`VerifyReport::findings`].
pub fn verify(dir: &Path) -> Result<VerifyReport, StoreError> {
    let numbers = choice::existing(dir)?;
    let files: Vec<_> = numbers.into_iter().map(|n| choice::path(dir, n)).collect();
    if files.is_empty() {
        return Err(StoreError::Nothing { dir: dir.to_owned() });
    }
    let mut report = VerifyReport::default();
    for file in files {
        check_file(&mut report, file);
    }
    Ok(report)
}

/// The same of one file: a history, a copy of one, a recorded session.
pub fn verify_file(file: &Path) -> Result<VerifyReport, StoreError> {
    let is_there = file.try_exists().map_err(|source| StoreError::File {
        file: file.to_owned(),
        source,
    })?;
    if !is_there {
        return Err(StoreError::File {
            file: file.to_owned(),
            source: std::io::ErrorKind::NotFound.into(),
        });
    }
    let mut report = VerifyReport::default();
    check_file(&mut report, file.to_owned());
    Ok(report)
}

fn check_file(report: &mut VerifyReport, file: PathBuf) {
    let mut check = Check { report, file: &file };
    if let Err(error) = check.file() {
        check.find("file", None, error.to_string(), COPY_FIRST);
    }
    report.files.push(file);
}

struct Check<'a> {
    report: &'a mut VerifyReport,
    file: &'a Path,
}

/// A part of the check: reads a table and notes what it finds.
type Part<'a> = fn(&mut Check<'a>, &Connection) -> Result<(), StoreError>;

impl<'a> Check<'a> {
    /// What is checked of every file, a history or a session.
    const PARTS: [(&'static str, Part<'a>); 6] = [
        ("file", Self::integrity),
        ("identity", Self::identity),
        ("identity", Self::references),
        ("journal", Self::journal),
        ("wave_chunk", Self::waves),
        ("numeric_chunk", Self::numerics),
    ];

    fn find(&mut self, table: &str, row: Option<i64>, what: String, remedy: &str) {
        let name = self
            .file
            .file_name()
            .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let table = format!("{name} {table}");
        let so_far = self.report.findings.iter().filter(|f| f.table == table).count();
        if so_far > FINDINGS_PER_TABLE_MAX {
            return;
        }
        let what = if so_far == FINDINGS_PER_TABLE_MAX {
            "more rows are damaged; they are not listed".to_owned()
        } else {
            what
        };
        self.report.findings.push(Finding {
            table,
            row,
            what,
            remedy: remedy.to_owned(),
        });
    }

    fn file(&mut self) -> Result<(), StoreError> {
        let connection = file::open_for_reading(self.file)?;
        if file::is_session(&connection)? {
            return self.session(&connection);
        }
        // One snapshot for all checks: the station may go on writing. The anchor is read before it, so that it
        // can only be behind.
        let anchor = anchor::read(self.file);
        let snapshot = connection.unchecked_transaction()?;
        self.parts(&snapshot, &Self::PARTS);
        self.parts(&snapshot, &[("anchor", Self::kept_anchors), ("tail", Self::tail)]);
        match anchor {
            Ok(anchor) => self.anchor(&snapshot, anchor),
            Err(error) => Err(error),
        }
    }

    /// A recorded session: what is sealed in it needs no anchor.
    fn session(&mut self, connection: &Connection) -> Result<(), StoreError> {
        self.parts(connection, &Self::PARTS);
        if let Some((table, row, what)) = seal::check(connection)? {
            self.find(
                &table,
                row,
                what,
                "do not rely on it; export it again, or take another copy",
            );
        }
        Ok(())
    }

    fn parts(&mut self, connection: &Connection, parts: &[(&str, Part<'a>)]) {
        for (table, part) in parts {
            // A table that cannot be read to its end is a finding; the others are still looked at.
            if let Err(error) = part(self, connection) {
                self.find(table, None, error.to_string(), COPY_FIRST);
            }
        }
    }

    fn integrity(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let mut statement = connection.prepare("PRAGMA integrity_check")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let says: String = row.get(0)?;
            if says != "ok" {
                self.find("file", None, says, COPY_FIRST);
            }
        }
        Ok(())
    }

    /// Who lay where: the hash of every row, and that none is gone from their numbers.
    fn identity(&mut self, connection: &Connection) -> Result<(), StoreError> {
        for (table, columns) in identity::HASHED {
            let mut statement = connection.prepare(&format!("SELECT {columns}, hash FROM {table} ORDER BY id"))?;
            let count = statement.column_count() - 1;
            let mut rows = statement.query([])?;
            let mut before = 0;
            while let Some(row) = rows.next()? {
                let id: i64 = row.get(0)?;
                let values: Vec<_> = (0..count).map(|i| row.get(i)).collect::<Result<_, _>>()?;
                if row.get::<_, i64>(count)? != identity::hash(&values) {
                    let what = "its hash does not agree: it was changed or damaged".to_owned();
                    self.find(table, Some(id), what, WRONG_PERSON);
                }
                if id != before + 1 {
                    let what = format!("rows {} to {} are gone", before + 1, id - 1);
                    self.find(table, Some(id), what, WRONG_PERSON);
                }
                before = id;
            }
        }
        Ok(())
    }

    /// That every row another one names is there.
    fn references(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let mut statement = connection.prepare("SELECT \"table\", rowid, parent FROM pragma_foreign_key_check")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
            let what = format!("the {parent} it names is gone");
            self.find(&table, row.get(1)?, what, WRONG_PERSON);
        }
        for table in ["wave_chunk", "numeric_chunk"] {
            let sql = format!("SELECT DISTINCT series FROM {table} WHERE series NOT IN (SELECT id FROM series)");
            let mut statement = connection.prepare(&sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let what = format!("it is gone, and {table} holds chunks of it that nothing shows any more");
                self.find("series", row.get(0)?, what, COPY_FIRST);
            }
        }
        Ok(())
    }

    /// Anchors that named what the journal did not hold: they say so until somebody has seen it.
    fn kept_anchors(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let head = Head::read(connection)?;
        for path in anchor::kept_paths(self.file) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let what = match anchor::read_file(path) {
                Ok(None) => continue,
                Ok(Some(anchor)) => restore::anchor_problem(connection, anchor, head)?,
                Err(error) => Some(error.to_string()),
            };
            if let Some(what) = what {
                let what = format!("by the old anchor {name}, {what}");
                self.find("anchor", None, what, LOST_ENTRIES);
            }
        }
        Ok(())
    }

    fn journal(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let mut statement = connection.prepare(&format!("SELECT {COLUMNS}, chain FROM journal ORDER BY id"))?;
        let mut rows = statement.query([])?;
        let mut head = Head {
            id: 0,
            chain: CHAIN_START,
        };
        while let Some(row) = rows.next()? {
            self.report.journal_entries += 1;
            let id: i64 = row.get(0)?;
            if id != head.id + 1 {
                let what = format!("entries {} to {} are gone", head.id + 1, id - 1);
                self.find("journal", Some(id), what, COPY_FIRST);
            }
            let chain: Vec<u8> = row.get("chain")?;
            if journal::link(&head.chain, &journal::raw_values(row)?).as_slice() != chain {
                let what = "its chain hash does not agree: it, or the one before it, was changed".to_owned();
                self.find("journal", Some(id), what, "compare it with a backup; do not rely on it");
            }
            if let Err(error) = journal::from_row(row) {
                self.find("journal", Some(id), error.to_string(), COPY_FIRST);
            }
            // Goes on from what is stored, so that one changed row is one or two findings, not all that follow.
            head = Head {
                id,
                chain: chain.try_into().unwrap_or(CHAIN_START),
            };
        }
        Ok(())
    }

    fn waves(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let mut statement = connection.prepare(&format!("SELECT {WAVE_COLUMNS} FROM wave_chunk ORDER BY id"))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            self.report.wave_chunks += 1;
            let read = WaveRow::read(row).and_then(|chunk| Ok((chunk.decode()?, chunk)));
            match read {
                Ok((samples, chunk)) => {
                    self.report.samples += count(samples.len());
                    if let Some(what) = bins::problem(connection, &chunk, &samples)? {
                        self.find("wave_bins", Some(chunk.id), what, LOST_BINS);
                    }
                }
                Err(error) => self.find_row("wave_chunk", row, &error)?,
            }
        }
        Ok(())
    }

    fn numerics(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let mut statement = connection.prepare(&format!("SELECT {NUMBERS_COLUMNS} FROM numeric_chunk ORDER BY id"))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            self.report.numeric_chunks += 1;
            match NumbersRow::read(row).and_then(|chunk| chunk.decode()) {
                Ok(values) => self.report.numerics += count(values.len()),
                Err(error) => self.find_row("numeric_chunk", row, &error)?,
            }
        }
        Ok(())
    }

    fn find_row(&mut self, table: &'static str, row: &rusqlite::Row, error: &StoreError) -> Result<(), StoreError> {
        let id = row.get(0)?;
        let what = if let StoreError::Row { why, .. } = error {
            why.clone()
        } else {
            error.to_string()
        };
        self.find(table, Some(id), what, LOST_CHUNK);
        Ok(())
    }

    fn tail(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let tail = Tail::read(connection)?;
        self.report.tail_rows += count(tail.rows.len());
        let samples = tail.waves.values().flatten().map(|run| count(run.open.items.len()));
        self.report.samples += samples.sum::<u64>();
        let numerics = tail.numbers.values().flatten().map(|run| count(run.open.items.len()));
        self.report.numerics += numerics.sum::<u64>();
        for (row, why) in tail.problems() {
            self.find(
                "tail",
                Some(*row),
                why.clone(),
                "nothing can bring it back; check the disk",
            );
        }
        Ok(())
    }

    fn anchor(&mut self, connection: &Connection, anchor: Option<Anchor>) -> Result<(), StoreError> {
        let head = Head::read(connection)?;
        match anchor {
            Some(anchor) => {
                if let Some(problem) = restore::anchor_problem(connection, anchor, head)? {
                    let row = Some(anchor.head.id);
                    self.find(
                        "anchor",
                        row,
                        problem,
                        "look for the entries in a backup; do not rely on this journal",
                    );
                }
            }
            // The first entries may be younger than the first anchor while the station runs.
            None if head.id == 0 => {}
            None => {
                let what = "it is missing, so a shortened journal would go unseen".to_owned();
                self.find("anchor", None, what, "restart the station: it writes a new one");
            }
        }
        Ok(())
    }
}

fn count(items: usize) -> u64 {
    u64::try_from(items).unwrap_or(u64::MAX)
}
