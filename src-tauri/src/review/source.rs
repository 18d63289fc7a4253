//! What is reviewed, behind one set of questions: a stay in history, a session file, a recording of another format.

use std::path::Path;

use archive::{Opened, OpenedLane};
use contract::envelope::EnvelopeBin;
use contract::{ContractError, ErrorCode, ReviewLane};
use model::{BedId, EncounterId, GenerationMode, JournalEntry, JournalKind, Kind, ReceiptTime};
use station::Refused;
use station::history::{BedRow, Bin, JournalQuery, Lane, Order, Reader, SeriesId, StoreError, Window};

/// What is read.
pub enum Source {
    /// A stay in the history that is recorded into.
    History(Recorded),
    /// A session file: the same tables in a file of its own.
    Session(Recorded),
    /// A recording of another format, opened as it is.
    File(Box<Foreign>),
}

/// A recording of another format.
pub struct Foreign {
    opened: Opened,
    lanes: Vec<ReviewLane>,
}

/// One stay of one bed.
pub struct Recorded {
    pub reader: Reader,
    pub bed: BedId,
    pub stay: Option<EncounterId>,
    about: About,
    lanes: Vec<(Vec<SeriesId>, ReviewLane)>,
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
    pub fn history(reader: &Reader, bed: &BedId) -> Result<Self, StoreError> {
        let own = Reader::open_file(reader.file())?;
        let row = own.beds()?.into_iter().find(|b| b.bed.id == *bed);
        let row = row.unwrap_or_else(|| unrecorded(bed));
        Ok(Self::History(Recorded::of(own, row)?))
    }

    /// A recorded file: a session, or whatever other format is known.
    pub fn file(path: &Path) -> Result<Self, ContractError> {
        if path
            .extension()
            .is_none_or(|ending| !ending.eq_ignore_ascii_case("wardlight"))
        {
            return Foreign::open(path).map(|foreign| Self::File(Box::new(foreign)));
        }
        let reader = Reader::open_file(path).map_err(store)?;
        let row = reader.beds().map_err(store)?.into_iter().next();
        let row = row.ok_or_else(|| ContractError {
            code: ErrorCode::NotFound,
            text: format!("{} holds no recorded bed; choose another file", path.display()),
        })?;
        Ok(Self::Session(Recorded::of(reader, row).map_err(store)?))
    }

    /// The stay behind it; a recording of another format has none.
    pub const fn recorded(&self) -> Option<&Recorded> {
        match self {
            Self::History(recorded) | Self::Session(recorded) => Some(recorded),
            Self::File(_) => None,
        }
    }

    /// Whose it is.
    pub fn about(&self) -> About {
        match self {
            Self::History(recorded) | Self::Session(recorded) => recorded.about.clone(),
            Self::File(foreign) => foreign.about(),
        }
    }

    /// Its lanes, waves first.
    pub fn lanes(&self) -> Vec<ReviewLane> {
        match self {
            Self::History(recorded) | Self::Session(recorded) => {
                recorded.lanes.iter().map(|(_, l)| l.clone()).collect()
            }
            Self::File(foreign) => foreign.lanes.clone(),
        }
    }

    /// A lane in pixels, and whether each is one value.
    pub fn envelope(
        &self,
        lane: u32,
        span: (ReceiptTime, ReceiptTime),
        pixels: u32,
    ) -> Result<(bool, Vec<EnvelopeBin>), ContractError> {
        match self {
            Self::History(recorded) | Self::Session(recorded) => recorded.envelope(lane, span, pixels),
            Self::File(foreign) => foreign.envelope(lane, span, pixels),
        }
    }

    /// The journal of the stay, oldest first.
    pub fn journal(&self) -> Result<Vec<JournalEntry>, ContractError> {
        let recorded = match self {
            Self::History(recorded) | Self::Session(recorded) => recorded,
            Self::File(foreign) => return Ok(foreign.journal()),
        };
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
    fn of(reader: Reader, row: BedRow) -> Result<Self, StoreError> {
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
        recorded.look_over()?;
        Ok(recorded)
    }

    /// Which lanes there are. A lane that went on in another series is one lane.
    fn look_over(&mut self) -> Result<(), StoreError> {
        for lane in self.reader.lanes()? {
            if lane.bed != self.bed || lane.encounter != self.stay {
                continue;
            }
            self.about.demo |= self.is_demo(&lane)?;
            let described = described(&lane);
            let same = |known: &ReviewLane| {
                (&known.metric, &known.label, known.wave) == (&described.metric, &described.label, described.wave)
            };
            match self.lanes.iter_mut().find(|(_, known)| same(known)) {
                Some((series, known)) => {
                    series.push(lane.series);
                    known.from_ms = known.from_ms.min(described.from_ms);
                    known.until_ms = known.until_ms.max(described.until_ms);
                }
                None => self.lanes.push((vec![lane.series], described)),
            }
        }
        Ok(())
    }

    /// By its first value: a device does not change from a demonstration to a patient.
    fn is_demo(&self, lane: &Lane) -> Result<bool, StoreError> {
        if self.about.demo {
            return Ok(true);
        }
        let mode = match (lane.kind, lane.metric) {
            (Kind::Wave, _) => {
                let first = self
                    .reader
                    .blocks(lane.series, lane.from, lane.until)
                    .next()
                    .transpose()?;
                first.map(|block| block.mode)
            }
            (Kind::Numeric, Some(metric)) => {
                let window = Window {
                    encounter: self.stay.clone(),
                    ..Window::all(self.bed.clone(), metric)
                };
                let first = self.reader.numerics(&window).next().transpose()?;
                first.map(|(_, numeric)| numeric.mode)
            }
            (Kind::Numeric, None) => None,
        };
        Ok(mode == Some(GenerationMode::Demo))
    }

    fn envelope(
        &self,
        lane: u32,
        (from, until): (ReceiptTime, ReceiptTime),
        pixels: u32,
    ) -> Result<(bool, Vec<EnvelopeBin>), ContractError> {
        let (series, lane) = usize::try_from(lane)
            .ok()
            .and_then(|at| self.lanes.get(at))
            .ok_or_else(|| crate::asked::invalid("there is no such lane; open the review again"))?;
        let mut bins = Vec::new();
        for series in series {
            bins.extend(self.reader.envelope(*series, from, until, pixels).map_err(store)?.bins);
        }
        bins.sort_by_key(|bin| bin.from_us);
        Ok(drawn(lane, &bins))
    }
}

/// Bins for the page, and whether each is one value.
fn drawn(lane: &ReviewLane, bins: &[Bin]) -> (bool, Vec<EnvelopeBin>) {
    // A sample lasts until the next; a number is there for a moment.
    let longest_us = lane.hertz.map_or(1.0, |hertz| 1_500_000.0 / hertz);
    #[expect(clippy::cast_precision_loss, reason = "the width of a pixel")]
    let exact = bins.iter().all(|b| (b.until_us - b.from_us) as f64 <= longest_us);
    (exact, bins.iter().map(bin).collect())
}

impl Foreign {
    fn open(path: &Path) -> Result<Self, ContractError> {
        let opened = Opened::open(path).map_err(|error| ContractError {
            code: ErrorCode::NotFound,
            text: error.to_string(),
        })?;
        let lanes = opened.lanes().iter().map(lane_of_file).collect();
        Ok(Self { opened, lanes })
    }

    fn about(&self) -> About {
        let head = self.opened.head();
        let named = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let dated = if self.opened.is_dated() { "" } else { ", without a date" };
        About {
            bed: None,
            title: format!("{} ({}{dated})", head.name, head.format),
            patient_name: named(&head.subject),
            patient_id: None,
            demo: false,
        }
    }

    fn envelope(
        &self,
        lane: u32,
        (from, until): (ReceiptTime, ReceiptTime),
        pixels: u32,
    ) -> Result<(bool, Vec<EnvelopeBin>), ContractError> {
        let at = usize::try_from(lane).unwrap_or(usize::MAX);
        let lane = self
            .lanes
            .get(at)
            .ok_or_else(|| crate::asked::invalid("there is no such lane; open the recording again"))?;
        let envelope = self.opened.envelope(at, from, until, pixels);
        let envelope = envelope.map_err(|error| ContractError {
            code: ErrorCode::NotFound,
            text: error.to_string(),
        })?;
        Ok(drawn(lane, &envelope.bins))
    }

    /// The recording's own marks as notes of nobody.
    fn journal(&self) -> Vec<JournalEntry> {
        let entry = |mark: &archive::Mark| {
            let words = [mark.code.as_str(), mark.text.as_str()];
            JournalEntry {
                detail: Some(words.join(" ").trim().to_owned()),
                ..JournalEntry::new(self.opened.at(mark.at_us), JournalKind::Noted)
            }
        };
        self.opened.head().marks.iter().map(entry).collect()
    }
}

fn lane_of_file(lane: &OpenedLane) -> ReviewLane {
    ReviewLane {
        metric: lane.metric.map(|m| m.name().to_owned()),
        label: lane.label.clone(),
        unit: lane.unit.clone(),
        wave: lane.kind == Kind::Wave,
        hertz: lane.rate.map(model::SampleRate::hertz),
        decimals: lane.metric.map_or(2, model::MetricCode::decimals),
        from_ms: contract::frame::millis(lane.from.as_micros()),
        until_ms: contract::frame::millis(lane.until.as_micros()),
    }
}

fn described(lane: &Lane) -> ReviewLane {
    ReviewLane {
        metric: lane.metric.map(|m| m.name().to_owned()),
        label: lane.label.clone(),
        unit: lane.unit.clone(),
        wave: lane.kind == Kind::Wave,
        hertz: lane.rate.map(model::SampleRate::hertz),
        decimals: lane.metric.map_or(2, model::MetricCode::decimals),
        from_ms: contract::frame::millis(lane.from.as_micros()),
        until_ms: contract::frame::millis(lane.until.as_micros()),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "seven digits are more than a pixel shows"
)]
fn bin(bin: &Bin) -> EnvelopeBin {
    EnvelopeBin {
        at_ms: contract::frame::millis(bin.from_us),
        width_ms: ((bin.until_us - bin.from_us) as f64 / 1_000.0) as f32,
        low: bin.low as f32,
        high: bin.high as f32,
        middle: bin.mean.unwrap_or(f64::midpoint(bin.low, bin.high)) as f32,
        gap_before: bin.gap_before,
    }
}
