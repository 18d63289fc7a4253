//! From stored history to what is printed.

use std::time::Duration;

use model::{BedId, Encounter, EncounterId, GenerationMode, JournalEntry, Kind, MetricCode, ReceiptTime};
use store::{BedRow, JournalQuery, Lane, Order, Reader, Window};

use crate::heading::{Heading, Print};
use crate::output::{Pages, ReportError};
use crate::tally::{occurrences, silences};
use crate::{Alerts, Stay, Strip, Trend, chronicle, gather};

/// A strip, where nothing else is said: two rows.
const STRIP: Duration = Duration::from_secs(20);
/// A trend and a summary of alerts: a day.
const DAY: Duration = Duration::from_hours(24);

/// Which page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageKind {
    /// Waves at true size.
    Strip,
    /// Numbers over hours.
    Trend,
    /// What was alerted and how it was answered.
    Alerts,
    /// A whole stay.
    Stay,
}

/// What is to be printed.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Of which bed: the stay at `from`, or before `until`; the last one where neither is named.
    pub bed: BedId,
    /// From then on. Left out: so long before the end as the page is made for, a stay from its beginning.
    pub from: Option<ReceiptTime>,
    /// Until then. Left out: until the end of what was recorded.
    pub until: Option<ReceiptTime>,
    /// Who prints.
    pub print: Print,
}

/// Reads what `asked` needs and lays it out.
///
/// Only what belongs to one stay is printed: one patient's numbers never stand under another's name.
pub fn from_history(reader: &Reader, kind: PageKind, asked: &Asked) -> Result<Pages, ReportError> {
    match kind {
        PageKind::Strip => strip(reader, asked)?.pages(),
        PageKind::Trend => trend(reader, asked)?.pages(),
        PageKind::Alerts => Ok(alerts(reader, asked)?.pages()),
        PageKind::Stay => Ok(stay(reader, asked)?.pages()),
    }
}

/// The strip of [`from_history`] before it is laid out.
pub fn strip(reader: &Reader, asked: &Asked) -> Result<Strip, ReportError> {
    let mut source = Source::open(reader, asked, Kind::Wave, STRIP)?;
    let waves = gather::waves(&mut source)?;
    let marks = gather::marks(&source, &occurrences(&source.journal()?));
    Ok(Strip {
        heading: source.heading,
        waves,
        marks,
    })
}

/// The trend of [`from_history`] before it is laid out.
pub fn trend(reader: &Reader, asked: &Asked) -> Result<Trend, ReportError> {
    let mut source = Source::open(reader, asked, Kind::Numeric, DAY)?;
    let journal = source.journal()?;
    let bin_s = gather::bin_s(&source.heading);
    let panels = gather::panels(&mut source, &journal, bin_s)?;
    Ok(Trend {
        heading: source.heading,
        bin_s,
        panels,
    })
}

/// The summary of alerts of [`from_history`] before it is laid out.
pub fn alerts(reader: &Reader, asked: &Asked) -> Result<Alerts, ReportError> {
    let mut source = Source::open(reader, asked, Kind::Numeric, DAY)?;
    source.look_for_mode()?;
    let journal = source.journal()?;
    Ok(Alerts {
        alerts: source.alerts(&journal),
        silences: source.silences(&journal),
        heading: source.heading,
    })
}

/// The summary of a stay of [`from_history`] before it is laid out.
pub fn stay(reader: &Reader, asked: &Asked) -> Result<Stay, ReportError> {
    let mut source = Source::open(reader, asked, Kind::Numeric, Duration::MAX)?;
    let journal = source.journal()?;
    let recorded = chronicle::recorded(&mut source)?;
    let within: Vec<&JournalEntry> = journal.iter().filter(|e| source.holds(e.at)).collect();
    Ok(Stay {
        recorded,
        limits: chronicle::limits(&source.heading, &within),
        notes: chronicle::notes(&within),
        technical: chronicle::technical(&within),
        alerts: source.alerts(&journal),
        silences: source.silences(&journal),
        heading: source.heading,
    })
}

/// One stay of one bed in an open history.
pub(crate) struct Source<'r> {
    pub reader: &'r Reader,
    pub heading: Heading,
    bed: BedId,
    stay: Option<EncounterId>,
    /// What was recorded of the stay.
    pub lanes: Vec<Lane>,
}

impl<'r> Source<'r> {
    fn open(reader: &'r Reader, asked: &Asked, kind: Kind, length: Duration) -> Result<Self, ReportError> {
        let beds = reader.beds()?;
        let Some(row) = beds.iter().find(|row| row.bed.id == asked.bed) else {
            let known: Vec<_> = beds.iter().map(|row| row.bed.id.as_str()).collect();
            return Err(ReportError::Nothing(format!(
                "no bed is called \"{}\" in {}; it knows {}",
                asked.bed,
                reader.file().display(),
                if known.is_empty() {
                    "none".to_owned()
                } else {
                    known.join(", ")
                }
            )));
        };
        let (encounter, since) = stay_of(reader, row, asked)?;
        let stay = encounter.as_ref().map(|e| e.id.clone());
        let mut lanes = reader.lanes()?;
        lanes.retain(|lane| lane.bed == asked.bed);
        // A question without a stay is answered with whoever lay there: that must not be others.
        if stay.is_none() && lanes.iter().any(|lane| lane.encounter.is_some()) {
            return Err(ReportError::Nothing(format!(
                "nobody is known to have been in bed \"{}\" at that time; name a time of a stay with --from",
                asked.bed
            )));
        }
        lanes.retain(|lane| lane.encounter == stay);
        let mut source = Self {
            reader,
            heading: heading(row, encounter, asked),
            bed: asked.bed.clone(),
            stay,
            lanes,
        };
        source.settle_span(asked, kind, length, since)?;
        Ok(source)
    }

    /// Whether the stay has numbers of `metric`.
    pub(crate) fn has(&self, metric: MetricCode) -> bool {
        self.lanes.iter().any(|lane| lane.metric == Some(metric))
    }

    /// The bed, the stay and the span of `metric`.
    pub(crate) fn window(&self, metric: MetricCode) -> Window {
        self.all_of(metric).between(self.heading.from, self.heading.until)
    }

    fn all_of(&self, metric: MetricCode) -> Window {
        let window = Window::all(self.bed.clone(), metric);
        match &self.stay {
            Some(stay) => window.of(stay.clone()),
            None => window,
        }
    }

    /// Works out from when to when.
    fn settle_span(
        &mut self,
        asked: &Asked,
        kind: Kind,
        length: Duration,
        since: Option<ReceiptTime>,
    ) -> Result<(), ReportError> {
        let is_whole = length == Duration::MAX;
        let ends = |lane: &&Lane| is_whole || lane.kind == kind;
        let last = self.lanes.iter().filter(ends).map(|lane| lane.until).max();
        let until = match (asked.until, asked.from) {
            (Some(until), _) => until,
            (None, Some(from)) if kind == Kind::Wave => from.plus(length),
            // At a whole second or minute: a page whose marks stand crooked is hard to read.
            (None, _) if kind == Kind::Wave => whole(self.end(kind, last, asked.print.at)?, 1_000_000, 0),
            (None, _) => whole(self.end(kind, last, asked.print.at)?, 60_000_000, 59_999_999),
        };
        let from = match asked.from {
            Some(from) => from,
            None if is_whole => match since {
                Some(since) => since,
                None => self.lanes.iter().map(|lane| lane.from).min().unwrap_or(until),
            },
            None => until.minus(length),
        };
        if from >= until {
            return Err(ReportError::Nothing(format!(
                "the span from {from} to {until} is empty; --from must be before --to, and within what was recorded"
            )));
        }
        (self.heading.from, self.heading.until) = (from, until);
        Ok(())
    }

    /// After the last sample, value or journal entry; `now` where there is none.
    fn end(&self, kind: Kind, last: Option<ReceiptTime>, now: ReceiptTime) -> Result<ReceiptTime, ReportError> {
        if let Some(last) = last.filter(|_| kind == Kind::Wave) {
            return Ok(last);
        }
        let newest = self.reader.journal(&JournalQuery {
            rows_max: Some(1),
            ..self.query(Order::NewestFirst)
        })?;
        let entry = newest.first().map(|row| row.entry.at.plus(Duration::from_micros(1)));
        Ok(last.max(entry).unwrap_or(now))
    }

    fn query(&self, order: Order) -> JournalQuery {
        JournalQuery {
            bed: Some(self.bed.clone()),
            encounter: self.stay.clone(),
            order,
            ..JournalQuery::default()
        }
    }

    /// The journal of the stay up to the end of the span, oldest first.
    fn journal(&self) -> Result<Vec<JournalEntry>, ReportError> {
        let rows = self.reader.journal(&self.query(Order::OldestFirst))?;
        let entries = rows.into_iter().map(|row| row.entry);
        Ok(entries.filter(|entry| entry.at < self.heading.until).collect())
    }

    pub(crate) fn holds(&self, at: ReceiptTime) -> bool {
        (self.heading.from..self.heading.until).contains(&at)
    }

    /// Alerts raised in the span.
    fn alerts(&self, journal: &[JournalEntry]) -> Vec<crate::Occurrence> {
        let mut found = occurrences(journal);
        found.retain(|one| self.holds(one.state.raised_at));
        found
    }

    /// What was silent in the span.
    fn silences(&self, journal: &[JournalEntry]) -> Vec<crate::Silence> {
        let mut found = silences(journal, self.heading.until);
        found.retain(|one| one.until > self.heading.from);
        found
    }

    /// Takes note of what data are: one block of a demonstration makes a demo page.
    pub(crate) fn note(&mut self, mode: GenerationMode) {
        self.heading.mode = self.heading.mode.max(mode);
    }

    /// The journal does not say what data were, so the numbers and the first block of each wave are asked.
    fn look_for_mode(&mut self) -> Result<(), ReportError> {
        let reader = self.reader;
        for lane in self.lanes.clone() {
            match (lane.kind, lane.metric) {
                (Kind::Numeric, Some(metric)) => {
                    for item in reader.numerics(&self.window(metric)) {
                        self.note(item?.1.mode);
                    }
                }
                // Numbers of a foreign recording have no mode of their own: they are a patient's.
                (Kind::Numeric, None) => {}
                (Kind::Wave, _) => {
                    let first = reader.blocks(lane.series, self.heading.from, self.heading.until).next();
                    if let Some(block) = first {
                        self.note(block?.mode);
                    }
                }
            }
        }
        Ok(())
    }
}

/// The stay that is asked for, and when it began: the last in the bed, or, where a time is named, that of the time.
fn stay_of(
    reader: &Reader,
    row: &BedRow,
    asked: &Asked,
) -> Result<(Option<Encounter>, Option<ReceiptTime>), ReportError> {
    let Some(at) = asked.from.or(asked.until.map(|t| t.minus(Duration::from_micros(1)))) else {
        return Ok((row.encounter.clone(), row.since));
    };
    // A time before the first stay names the first that the span reaches: its end is tried as well.
    let mut stay = reader.stay_at(&row.bed.id, at)?;
    if let (None, Some(until)) = (&stay, asked.until) {
        stay = reader.stay_at(&row.bed.id, until.minus(Duration::from_micros(1)))?;
    }
    let id = |stay: &Option<Encounter>| stay.as_ref().map(|e| e.id.clone());
    let since = row.since.filter(|_| id(&stay) == id(&row.encounter));
    Ok((stay, since))
}

/// `at` and `more` microseconds, down to the next multiple of `step`.
fn whole(at: ReceiptTime, step: i64, more: i64) -> ReceiptTime {
    let at = at.as_micros().saturating_add(more);
    ReceiptTime::from_micros(at - at.rem_euclid(step))
}

fn heading(row: &BedRow, stay: Option<Encounter>, asked: &Asked) -> Heading {
    let location = &row.bed.location;
    let parts = [
        Some(row.bed.label.as_str()),
        Some(location.unit.as_str()),
        location.room.as_deref(),
    ];
    let place: Vec<&str> = parts.into_iter().flatten().filter(|p| !p.is_empty()).collect();
    Heading {
        patient: stay.as_ref().and_then(|e| e.patient.clone()),
        place: place.join(", "),
        stay: stay.map(|e| e.id),
        from: asked.print.at,
        until: asked.print.at,
        mode: GenerationMode::Real,
        print: asked.print.clone(),
    }
}
