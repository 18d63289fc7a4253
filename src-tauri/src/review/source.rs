//! What is reviewed, behind one set of questions: a stay in history, a session file.

use std::path::Path;

use contract::envelope::EnvelopeBin;
use contract::{ContractError, ErrorCode, ReviewLane};
use model::{BedId, EncounterId, GenerationMode, JournalEntry, JournalKind, Kind, MetricCode, NO_SAMPLE, ReceiptTime};
use station::Refused;
use station::history::{BedRow, JournalQuery, Order, Reader, StoreError, Window};

use super::bins::Binner;

/// What is read.
pub enum Source {
    /// A stay in the history that is recorded into.
    History(Recorded),
    /// A session file: the same tables in a file of its own.
    Session(Recorded),
}

/// One stay of one bed.
pub struct Recorded {
    pub reader: Reader,
    pub bed: BedId,
    pub stay: Option<EncounterId>,
    about: About,
    lanes: Vec<(MetricCode, ReviewLane)>,
}

/// Whose it is.
#[derive(Clone, Debug)]
pub struct About {
    pub bed: Option<String>,
    pub title: String,
    pub patient_name: Option<String>,
    pub patient_id: Option<String>,
    pub demo: bool,
}

impl Source {
    /// The stay that is in a bed now.
    pub fn history(reader: &Reader, bed: &BedId, now: ReceiptTime) -> Result<Self, StoreError> {
        let own = Reader::open_file(reader.file())?;
        let row = own.beds()?.into_iter().find(|b| b.bed.id == *bed);
        let row = row.unwrap_or_else(|| unrecorded(bed));
        Ok(Self::History(Recorded::of(own, row, Some(now))?))
    }

    /// A recorded file.
    pub fn file(path: &Path) -> Result<Self, ContractError> {
        let reader = Reader::open_file(path).map_err(|error| store(error))?;
        let row = reader.beds().map_err(store)?.into_iter().next();
        let row = row.ok_or_else(|| ContractError {
            code: ErrorCode::NotFound,
            text: format!("{} holds no recorded bed; choose another file", path.display()),
        })?;
        Ok(Self::Session(Recorded::of(reader, row, None).map_err(store)?))
    }

    /// The stay behind it.
    pub const fn recorded(&self) -> &Recorded {
        match self {
            Self::History(recorded) | Self::Session(recorded) => recorded,
        }
    }

    /// Whose it is.
    pub fn about(&self) -> About {
        self.recorded().about.clone()
    }

    /// Its lanes, waves first.
    pub fn lanes(&self) -> Vec<ReviewLane> {
        self.recorded().lanes.iter().map(|(_, lane)| lane.clone()).collect()
    }

    /// A lane in pixels, and whether each is one value.
    pub fn envelope(
        &self,
        lane: u32,
        span: (ReceiptTime, ReceiptTime),
        pixels: u32,
    ) -> Result<(bool, Vec<EnvelopeBin>), ContractError> {
        self.recorded().envelope(lane, span, pixels)
    }

    /// The journal of the stay, oldest first.
    pub fn journal(&self) -> Result<Vec<JournalEntry>, ContractError> {
        let recorded = self.recorded();
        let query = JournalQuery {
            bed: Some(recorded.bed.clone()),
            encounter: recorded.stay.clone(),
            order: Order::OldestFirst,
            ..JournalQuery::default()
        };
        let rows = recorded.reader.journal(&query).map_err(store)?;
        Ok(rows.into_iter().map(|row| row.entry).collect())
    }

    /// The changes of marks in the journal, oldest first.
    pub fn mark_entries(&self) -> Result<Vec<JournalEntry>, ContractError> {
        let entries = self.journal()?.into_iter();
        Ok(entries.filter(|e| e.kind == JournalKind::Annotated).collect())
    }
}

/// A history that cannot be read, in words.
pub fn store(error: StoreError) -> ContractError {
    contract::refusal(&Refused::Store(error))
}

/// A bed of which nothing was recorded yet.
fn unrecorded(bed: &BedId) -> BedRow {
    BedRow {
        bed: model::Bed {
            id: bed.clone(),
            label: bed.to_string(),
            location: model::Location {
                unit: String::new(),
                room: None,
            },
        },
        encounter: None,
        since: None,
    }
}

impl Recorded {
    fn of(reader: Reader, row: BedRow, now: Option<ReceiptTime>) -> Result<Self, StoreError> {
        let patient = row.encounter.as_ref().and_then(|e| e.patient.as_ref());
        let about = About {
            bed: Some(row.bed.id.to_string()),
            title: row.bed.label.clone(),
            patient_name: patient.map(|p| p.name.0.clone()),
            patient_id: patient.map(|p| p.id.0.to_string()),
            demo: false,
        };
        let mut recorded = Self {
            reader,
            bed: row.bed.id,
            stay: row.encounter.map(|e| e.id),
            about,
            lanes: Vec::new(),
        };
        recorded.look_over(now)?;
        Ok(recorded)
    }

    fn window(&self, metric: MetricCode) -> Window {
        let window = Window::all(self.bed.clone(), metric);
        match &self.stay {
            Some(stay) => window.of(stay.clone()),
            None => window,
        }
    }

    /// Which lanes there are and when they begin.
    fn look_over(&mut self, now: Option<ReceiptTime>) -> Result<(), StoreError> {
        let mut metrics: Vec<MetricCode> = self
            .reader
            .series()?
            .into_iter()
            .filter(|s| s.bed == self.bed && s.encounter == self.stay)
            .map(|s| s.metric)
            .collect();
        metrics.sort_unstable_by_key(|m| (m.kind() != Kind::Wave, *m));
        metrics.dedup();
        for metric in metrics {
            let window = self.window(metric);
            let (first, mode, hertz) = if metric.kind() == Kind::Wave {
                let Some(block) = self.reader.wave(&window).next().transpose()? else {
                    continue;
                };
                (block.start, block.mode, Some(block.rate.hertz()))
            } else {
                let Some((at, numeric)) = self.reader.numerics(&window).next().transpose()? else {
                    continue;
                };
                (at, numeric.mode, None)
            };
            self.about.demo |= mode == GenerationMode::Demo;
            let until = match now {
                Some(now) => now,
                None => self.end_of(metric, first)?,
            };
            let lane = ReviewLane {
                metric: Some(metric.name().to_owned()),
                label: metric.label().to_owned(),
                unit: metric.unit().label().to_owned(),
                wave: metric.kind() == Kind::Wave,
                hertz,
                decimals: metric.decimals(),
                from_ms: contract::frame::millis(first.as_micros()),
                until_ms: contract::frame::millis(until.as_micros()),
            };
            self.lanes.push((metric, lane));
        }
        Ok(())
    }

    fn end_of(&self, metric: MetricCode, first: ReceiptTime) -> Result<ReceiptTime, StoreError> {
        let window = self.window(metric);
        let mut end = first;
        if metric.kind() == Kind::Wave {
            for block in self.reader.wave(&window) {
                end = block?.end();
            }
        } else {
            for item in self.reader.numerics(&window) {
                end = item?.0;
            }
        }
        Ok(end)
    }

    fn envelope(
        &self,
        lane: u32,
        (from, until): (ReceiptTime, ReceiptTime),
        pixels: u32,
    ) -> Result<(bool, Vec<EnvelopeBin>), ContractError> {
        let (metric, lane) = usize::try_from(lane)
            .ok()
            .and_then(|at| self.lanes.get(at))
            .ok_or_else(|| crate::asked::invalid("there is no such lane; open the review again"))?;
        let window = self.window(*metric).between(from, until);
        let mut binner = Binner::new((from.as_micros(), until.as_micros()), pixels, lane.wave);
        if lane.wave {
            self.wave(&window, &mut binner).map_err(store)?;
        } else {
            self.numbers(&window, &mut binner).map_err(store)?;
        }
        Ok(binner.finish())
    }

    fn wave(&self, window: &Window, binner: &mut Binner) -> Result<(), StoreError> {
        let mut end = None;
        for block in self.reader.wave(window) {
            let block = block?;
            let start = block.start.as_micros();
            let step = block.rate.micros_of(1);
            let mut gap = block.gap_before || end.is_some_and(|end: i64| start.saturating_sub(end) > step);
            for (at, sample) in (0_u64..).zip(&block.samples) {
                if *sample == NO_SAMPLE {
                    gap = true;
                    continue;
                }
                let from = start.saturating_add(block.rate.micros_of(at));
                let until = start.saturating_add(block.rate.micros_of(at + 1));
                binner.push((from, until), block.scale.value(*sample), gap);
                gap = false;
            }
            end = Some(block.end().as_micros());
        }
        Ok(())
    }

    fn numbers(&self, window: &Window, binner: &mut Binner) -> Result<(), StoreError> {
        let mut stale_at: Option<i64> = None;
        for item in self.reader.numerics(window) {
            let (at, numeric) = item?;
            let at = at.as_micros();
            let Some(value) = numeric.reading.quantity() else {
                continue;
            };
            let lasts = i64::try_from(numeric.timing.stale_after().as_micros()).unwrap_or(i64::MAX);
            let gap = stale_at.is_some_and(|stale| at > stale);
            binner.push((at, at.saturating_add(1)), value.to_f64(), gap);
            stale_at = Some(at.saturating_add(lasts));
        }
        Ok(())
    }
}
