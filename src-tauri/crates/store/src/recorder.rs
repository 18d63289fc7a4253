//! What the recording thread holds: the connection, open chunks, and how they reach the disk.

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};

use model::{Bed, BedId, Encounter, JournalEntry, MetricCode, Numeric, ReceiptTime, SampleArray, Timeliness};
use rusqlite::{Connection, TransactionBehavior};

use crate::bins::{self, BinsRow};
use crate::bytes::Pack;
use crate::chunk::{NumbersRow, WaveRow};
use crate::codec::{Fit, NumbersHead, Value, WaveHead};
use crate::compact::Progress;
use crate::faults::Fate;
use crate::identity::Identity;
use crate::journal::{self, Head};
use crate::open::{Open, OpenNumbers, OpenWave, drop_oldest};
use crate::samples::Samples;
use crate::tail::{self, ChunkKey};
use crate::{StoreError, file};

/// What is kept in memory for a disk that does not take it: a ward of 64 beds brings 0.1 MB a second, so ten
/// minutes. Then the oldest goes, and is counted.
pub(crate) const KEPT_BYTES_MAX: usize = 64 << 20;
/// Raw bytes of one data transaction: about 3 ms of compression and writing, which is what a journal entry may
/// have to wait beside one fsync.
const BATCH_BYTES: usize = 256 << 10;
/// Ticks (seconds) without data after which an open chunk closes, so that its tail rows can go.
const WAVE_IDLE_TICKS: u32 = 15;
const NUMBERS_IDLE_TICKS: u32 = 120;
/// Data transactions between checkpoints: about 4 MB of log at 64 beds.
const BATCHES_PER_CHECKPOINT: u32 = 8;

/// Statements that are used again and again: a few more than there are.
const STATEMENTS: usize = 64;

/// The open chunks of one series.
#[derive(Default)]
pub(crate) struct Slot {
    pub series: u32,
    pub wave: Option<OpenWave>,
    pub live: Option<OpenNumbers>,
    pub late: Option<OpenNumbers>,
}

/// What one transaction takes from a chunk that stays open.
#[derive(Clone, Copy)]
enum Part {
    Wave,
    Live,
    Late,
}

/// What one data transaction writes. It is compressed before the transaction begins.
#[derive(Default)]
struct Batch {
    waves: Vec<(OpenWave, WaveRow)>,
    bins: Vec<BinsRow>,
    numbers: Vec<(OpenNumbers, NumbersRow)>,
    wave_tail: Pack,
    numbers_tail: Pack,
    parts: Vec<(usize, Part)>,
    /// It did not have room for everything.
    has_more: bool,
}

/// The recording thread's state.
pub(crate) struct Recorder {
    pub(crate) connection: Connection,
    pub(crate) file: PathBuf,
    /// Which of the numbered files it is.
    pub(crate) number: u32,
    /// Which file the name stood for when it was opened.
    pub(crate) place: Option<(u64, u64)>,
    /// A commit failed before the file was opened anew: what it wrote may be there.
    pub(crate) is_in_doubt: bool,
    pub(crate) identity: Identity,
    pub(crate) slots: Vec<Slot>,
    slot_of: HashMap<(BedId, MetricCode), usize>,
    pub(crate) closed_waves: VecDeque<OpenWave>,
    pub(crate) closed_numbers: VecDeque<OpenNumbers>,
    /// How each series is compressed.
    fits: HashMap<u32, Fit>,
    /// How many chunks that are not stored need a tail row.
    pub(crate) row_uses: HashMap<i64, u32>,
    pub(crate) spent_rows: Vec<i64>,
    pub(crate) next_row: i64,
    pub(crate) next_ordinal: i64,
    pub(crate) head: Head,
    /// The journal entry and the tail row up to which the anchor is good.
    pub(crate) anchored: (i64, i64),
    /// Bytes that are in no transaction yet.
    pub(crate) unsaved_bytes: usize,
    /// Blocks and numerics that were dropped.
    pub(crate) dropped: u64,
    pub(crate) fate: Fate,
    pub(crate) progress: Progress,
    cursor: usize,
    pub(crate) batches: u32,
}

impl Recorder {
    pub(crate) fn new(connection: Connection, file: &Path, identity: Identity, head: Head) -> Self {
        let recorder = Self {
            connection,
            file: file.to_owned(),
            number: 1,
            place: file::identity(file).unwrap_or(None),
            is_in_doubt: false,
            identity,
            slots: Vec::new(),
            slot_of: HashMap::new(),
            closed_waves: VecDeque::new(),
            closed_numbers: VecDeque::new(),
            fits: HashMap::new(),
            row_uses: HashMap::new(),
            spent_rows: Vec::new(),
            next_row: 1,
            next_ordinal: 0,
            head,
            anchored: (0, 0),
            unsaved_bytes: 0,
            dropped: 0,
            fate: Fate::of(None),
            progress: Progress::default(),
            cursor: 0,
            batches: 0,
        };
        recorder.prepare_connection();
        recorder
    }

    pub(crate) fn prepare_connection(&self) {
        self.connection.set_prepared_statement_cache_capacity(STATEMENTS);
    }

    pub(crate) fn place(&mut self, at: ReceiptTime, beds: Vec<(Bed, Encounter)>) {
        for (bed, encounter) in beds {
            let name = bed.id.clone();
            let ended = self.identity.place(at, bed, encounter);
            if !ended.is_empty() {
                self.slot_of.retain(|(b, _), _| *b != name);
                self.close(&ended);
            }
        }
    }

    fn slot(&mut self, bed: &BedId, metric: MetricCode) -> usize {
        let key = (bed.clone(), metric);
        if let Some(slot) = self.slot_of.get(&key) {
            return *slot;
        }
        let series = self.identity.series(bed, metric);
        let slot = self.slots.iter().position(|s| s.series == series).unwrap_or_else(|| {
            self.slots.push(Slot {
                series,
                ..Slot::default()
            });
            self.slots.len() - 1
        });
        self.slot_of.insert(key, slot);
        slot
    }

    pub(crate) fn wave(&mut self, bed: &BedId, block: &SampleArray) {
        let bytes = size_of::<OpenWave>() + size_of_val(block.samples.as_slice());
        if block.samples.is_empty() || !self.has_room(bytes) {
            self.dropped += u64::from(!block.samples.is_empty());
            return;
        }
        let index = self.slot(bed, block.metric);
        let Some(slot) = self.slots.get_mut(index) else {
            return;
        };
        if let Some(open) = slot.wave.as_mut().filter(|open| open.takes(block)) {
            self.unsaved_bytes += open.extend(&block.samples);
            return;
        }
        let key = ChunkKey {
            series: slot.series,
            ordinal: self.next_ordinal,
        };
        self.next_ordinal += 1;
        let next = Open::new(key, WaveHead::of(block), block.samples.clone());
        self.unsaved_bytes += next.unsaved_bytes();
        self.closed_waves.extend(slot.wave.replace(next));
    }

    pub(crate) fn numeric(&mut self, bed: &BedId, numeric: &Numeric) {
        if !self.has_room(size_of::<OpenNumbers>() + size_of::<Value>()) {
            self.dropped += 1;
            return;
        }
        let index = self.slot(bed, numeric.metric);
        let Some(slot) = self.slots.get_mut(index) else {
            return;
        };
        let place = match numeric.timeliness {
            Timeliness::Live => &mut slot.live,
            Timeliness::Late => &mut slot.late,
        };
        if let Some(open) = place.as_mut().filter(|open| open.takes(numeric)) {
            self.unsaved_bytes += open.extend(&[Value::of(numeric)]);
            return;
        }
        let key = ChunkKey {
            series: slot.series,
            ordinal: self.next_ordinal,
        };
        self.next_ordinal += 1;
        let next = Open::new(key, NumbersHead::of(numeric), vec![Value::of(numeric)]);
        self.unsaved_bytes += next.unsaved_bytes();
        self.closed_numbers.extend(place.replace(next));
    }

    /// Makes room for `bytes` by forgetting the oldest that no disk has taken. False when there is none to forget.
    fn has_room(&mut self, bytes: usize) -> bool {
        while self.unsaved_bytes + bytes > KEPT_BYTES_MAX {
            let (freed, dropped) = match drop_oldest(&mut self.closed_waves) {
                (0, _) => drop_oldest(&mut self.closed_numbers),
                some => some,
            };
            if freed == 0 {
                return false;
            }
            self.unsaved_bytes = self.unsaved_bytes.saturating_sub(freed);
            self.dropped += dropped;
        }
        true
    }

    /// Closes what is open of these series.
    fn close(&mut self, series: &[u32]) {
        for slot in self.slots.iter_mut().filter(|slot| series.contains(&slot.series)) {
            self.closed_waves.extend(slot.wave.take());
            self.closed_numbers.extend(slot.live.take());
            self.closed_numbers.extend(slot.late.take());
        }
    }

    /// Once a second: what has brought nothing for long closes.
    pub(crate) fn tick(&mut self) {
        fn is_idle<H, T>(open: &mut Open<H, T>, ticks: u32) -> bool {
            open.idle += 1;
            open.idle > ticks
        }
        for slot in &mut self.slots {
            self.closed_waves
                .extend(slot.wave.take_if(|o| is_idle(o, WAVE_IDLE_TICKS)));
            self.closed_numbers
                .extend(slot.live.take_if(|o| is_idle(o, NUMBERS_IDLE_TICKS)));
            self.closed_numbers
                .extend(slot.late.take_if(|o| is_idle(o, NUMBERS_IDLE_TICKS)));
        }
    }

    /// Writes one part of what is not on disk. True when there is more; on an error nothing is lost or changed.
    pub(crate) fn write_batch(&mut self) -> Result<bool, StoreError> {
        let batch = self.prepare();
        let has_spent = self.spent_rows.iter().any(|row| *row < self.last_row());
        if batch.is_empty() && !has_spent && !self.identity.has_notes() {
            return Ok(false);
        }
        match self.commit(&batch) {
            Ok(rows) => {
                let has_more = batch.has_more;
                self.settle(batch, &rows);
                Ok(has_more)
            }
            Err(error) => {
                self.cursor = 0;
                self.put_back(batch);
                Err(error)
            }
        }
    }

    fn prepare(&mut self) -> Batch {
        let mut batch = Batch::default();
        let mut bytes = 0;
        while bytes < BATCH_BYTES
            && let Some(open) = self.closed_waves.pop_front()
        {
            bytes += size_of_val(open.items.as_slice());
            let row = WaveRow::of(&open, self.fits.entry(open.key.series).or_default());
            self.identity
                .lasts(open.key.series, row.end.saturating_sub(row.head.start));
            batch
                .bins
                .extend(bins::of(open.key, &open.head, &Samples::Narrow(open.items.clone())));
            batch.waves.push((open, row));
        }
        while bytes < BATCH_BYTES
            && let Some(open) = self.closed_numbers.pop_front()
        {
            bytes += size_of_val(open.items.as_slice());
            match NumbersRow::of(&open) {
                Ok(row) => {
                    self.identity.lasts(open.key.series, row.end.saturating_sub(row.start));
                    batch.numbers.push((open, row));
                }
                Err(why) => {
                    tracing::error!(why, "a chunk of numerics cannot be compressed and is dropped");
                    self.unsaved_bytes = self.unsaved_bytes.saturating_sub(open.unsaved_bytes());
                    self.dropped += open.unsaved_parts;
                }
            }
        }
        // Tails only when every closed chunk is on its way: the tail of a chunk never comes before its elder.
        if !self.closed_waves.is_empty() || !self.closed_numbers.is_empty() {
            batch.has_more = true;
            return batch;
        }
        while bytes < BATCH_BYTES
            && let Some(slot) = self.slots.get(self.cursor)
        {
            bytes += batch.take_tail(self.cursor, slot);
            self.cursor += 1;
        }
        batch.has_more = self.cursor < self.slots.len();
        if !batch.has_more {
            self.cursor = 0;
        }
        batch
    }

    fn commit(&mut self, batch: &Batch) -> Result<Vec<(i64, i64)>, StoreError> {
        self.fate.strike()?;
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        self.identity.write(&transaction)?;
        for (_, row) in &batch.waves {
            if !(self.is_in_doubt && row.is_stored(&transaction)?) {
                row.insert(&transaction)?;
            }
        }
        for bins in &batch.bins {
            bins.insert(&transaction)?;
        }
        for (_, row) in &batch.numbers {
            if !(self.is_in_doubt && row.is_stored(&transaction)?) {
                row.insert(&transaction)?;
            }
        }
        let mut rows = Vec::new();
        for (kind, data) in [
            (tail::KIND_WAVES, &batch.wave_tail.0),
            (tail::KIND_NUMBERS, &batch.numbers_tail.0),
        ] {
            if !data.is_empty() {
                let id = self.next_row + i64::from(!rows.is_empty());
                tail::insert(&transaction, id, kind, data)?;
                rows.push((kind, id));
            }
        }
        if rows.is_empty() && (!batch.is_empty() || self.identity.has_notes()) {
            tail::insert(&transaction, self.next_row, tail::KIND_WAVES, &[])?;
            rows.push((tail::KIND_WAVES, self.next_row));
        }
        let last = rows.last().map_or(self.next_row - 1, |(_, id)| *id);
        let mut delete = transaction.prepare_cached("DELETE FROM tail WHERE id = ?1")?;
        for id in self.spent_rows.iter().filter(|id| **id < last) {
            delete.execute([id])?;
        }
        drop(delete);
        self.fate.strike()?;
        transaction.commit()?;
        self.fate.strike()?;
        Ok(rows)
    }

    /// Keeps account of a batch that is on disk.
    fn settle(&mut self, batch: Batch, rows: &[(i64, i64)]) {
        self.is_in_doubt = false;
        self.identity.noted();
        self.next_row += i64::try_from(rows.len()).unwrap_or(0);
        let last = self.last_row();
        self.spent_rows.retain(|row| *row >= last);
        for (open, _) in batch.waves {
            self.unsaved_bytes = self.unsaved_bytes.saturating_sub(open.unsaved_bytes());
            self.spend(&open.rows);
        }
        for (open, _) in batch.numbers {
            self.unsaved_bytes = self.unsaved_bytes.saturating_sub(open.unsaved_bytes());
            self.spend(&open.rows);
        }
        let row_of = |kind| rows.iter().find(|(k, _)| *k == kind).map(|(_, id)| *id);
        let (waves, numbers) = (row_of(tail::KIND_WAVES), row_of(tail::KIND_NUMBERS));
        for (index, part) in batch.parts {
            let Some(slot) = self.slots.get_mut(index) else {
                continue;
            };
            let saved = match part {
                Part::Wave => slot.wave.as_mut().zip(waves).map(|(open, row)| (open.save(row), row)),
                Part::Live => slot.live.as_mut().zip(numbers).map(|(open, row)| (open.save(row), row)),
                Part::Late => slot.late.as_mut().zip(numbers).map(|(open, row)| (open.save(row), row)),
            };
            if let Some((bytes, row)) = saved {
                self.unsaved_bytes = self.unsaved_bytes.saturating_sub(bytes);
                *self.row_uses.entry(row).or_insert(0) += 1;
            }
        }
        let unused = rows.iter().filter(|(_, id)| !self.row_uses.contains_key(id));
        self.spent_rows.extend(unused.map(|(_, id)| *id));
        self.batches += 1;
    }

    /// The newest row of the tail. It stays when it is spent, until there is a newer one: each transaction that brings
    /// something has a row, so its number shows whether one is missing.
    pub(crate) fn last_row(&self) -> i64 {
        self.next_row - 1
    }

    /// One chunk more needs these tail rows.
    pub(crate) fn use_rows(&mut self, rows: &[i64]) {
        for row in rows {
            *self.row_uses.entry(*row).or_insert(0) += 1;
        }
    }

    /// One chunk less needs these tail rows.
    fn spend(&mut self, rows: &[i64]) {
        for row in rows {
            if let Some(uses) = self.row_uses.get_mut(row) {
                *uses -= 1;
                if *uses == 0 {
                    self.row_uses.remove(row);
                    self.spent_rows.push(*row);
                }
            }
        }
    }

    fn put_back(&mut self, batch: Batch) {
        for (open, _) in batch.waves.into_iter().rev() {
            self.closed_waves.push_front(open);
        }
        for (open, _) in batch.numbers.into_iter().rev() {
            self.closed_numbers.push_front(open);
        }
    }

    /// Commits journal entries in a transaction of their own.
    pub(crate) fn append(&mut self, entries: &[JournalEntry]) -> Result<(), StoreError> {
        self.fate.strike()?;
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let head = journal::append(&transaction, self.head, entries)?;
        self.fate.strike()?;
        transaction.commit()?;
        self.fate.strike()?;
        self.head = head;
        Ok(())
    }

    /// Moves the log into the file now and then.
    pub(crate) fn checkpoint(&mut self, now: bool) -> Result<(), StoreError> {
        if now || self.batches >= BATCHES_PER_CHECKPOINT {
            self.batches = 0;
            self.fate.strike()?;
            file::checkpoint(&self.connection, "PASSIVE")?;
        }
        Ok(())
    }
}

impl Batch {
    fn is_empty(&self) -> bool {
        self.waves.is_empty() && self.numbers.is_empty() && self.parts.is_empty()
    }

    /// Takes what a slot's open chunks have not on disk; says how many bytes.
    fn take_tail(&mut self, index: usize, slot: &Slot) -> usize {
        let before = self.wave_tail.0.len() + self.numbers_tail.0.len();
        if let Some(open) = slot.wave.as_ref().filter(|o| !o.unsaved().is_empty()) {
            tail::pack_wave(&mut self.wave_tail, open.key, &open.head, open.saved, open.unsaved());
            self.parts.push((index, Part::Wave));
        }
        for (open, part) in [(&slot.live, Part::Live), (&slot.late, Part::Late)] {
            if let Some(open) = open.as_ref().filter(|o| !o.unsaved().is_empty()) {
                tail::pack_numbers(&mut self.numbers_tail, open.key, &open.head, open.saved, open.unsaved());
                self.parts.push((index, part));
            }
        }
        self.wave_tail.0.len() + self.numbers_tail.0.len() - before
    }
}

#[cfg(test)]
#[path = "recorder_tests.rs"]
mod tests;
