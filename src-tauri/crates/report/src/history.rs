//! From stored history to what is printed.

use std::time::Duration;

use model::{BedId, EncounterId, GenerationMode, JournalEntry, Kind, MetricCode, ReceiptTime};
use store::{BedRow, JournalQuery, Order, Reader, Window};

use crate::heading::{Heading, Print};
use crate::output::{Pages, ReportError};
use crate::tally::{occurrences, silences};
use crate::{Alerts, Stay, Strip, Trend, chronicle, gather};

/// A strip, where nothing else is said: two rows.
const STRIP: Duration = Duration::from_secs(20);
/// A trend and a summary of alerts: a day.
const DAY: Duration = Duration::from_hours(24);
/// How exactly the end of a recording is looked for.
const END_WITHIN_US: i64 = 100_000;

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
    /// Of which bed: the last stay in it.
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
/// Only what belongs to the last stay in the bed is printed: one patient's numbers never stand under another's name.
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
    pub metrics: Vec<MetricCode>,
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
        let stay = row.encounter.as_ref().map(|e| e.id.clone());
        let mut metrics: Vec<_> = reader
            .series()?
            .into_iter()
            .filter(|s| s.bed == asked.bed && s.encounter == stay)
            .map(|s| s.metric)
            .collect();
        metrics.sort_unstable();
        metrics.dedup();
        let mut source = Self {
            reader,
            heading: heading(row, asked),
            bed: asked.bed.clone(),
            stay,
            metrics,
        };
        source.settle_span(asked, kind, length, row.since)?;
        Ok(source)
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
        let metrics: Vec<_> = self
            .metrics
            .iter()
            .copied()
            .filter(|m| is_whole || m.kind() == kind)
            .collect();
        let until = match (asked.until, asked.from) {
            (Some(until), _) => until,
            (None, Some(from)) if kind == Kind::Wave => from.plus(length),
            // At a whole second or minute: a page whose marks stand crooked is hard to read.
            (None, _) if kind == Kind::Wave => whole(self.end(&metrics, asked.print.at)?, 1_000_000, 0),
            (None, _) => whole(self.end(&metrics, asked.print.at)?, 60_000_000, 59_999_999),
        };
        let from = match asked.from {
            Some(from) => from,
            None if is_whole => match since {
                Some(since) => since,
                None => self.beginning(&metrics)?.unwrap_or(until),
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

    fn beginning(&self, metrics: &[MetricCode]) -> Result<Option<ReceiptTime>, ReportError> {
        let mut first = None;
        for metric in metrics {
            let at = self.first_in(&self.all_of(*metric))?;
            first = [first, at].into_iter().flatten().min();
        }
        Ok(first)
    }

    /// Just after the last sample, value or journal entry; `now` where there is none.
    fn end(&self, metrics: &[MetricCode], now: ReceiptTime) -> Result<ReceiptTime, ReportError> {
        let mut last = None;
        for metric in metrics {
            let found = self.last_of(&self.all_of(*metric))?;
            last = last.max(found);
        }
        let newest = self.reader.journal(&JournalQuery {
            rows_max: Some(1),
            ..self.query(Order::NewestFirst)
        })?;
        if metrics.iter().any(|m| m.kind() == Kind::Numeric) || last.is_none() {
            last = last.max(newest.first().map(|row| row.entry.at.plus(Duration::from_micros(1))));
        }
        Ok(last.unwrap_or(now))
    }

    /// Found by halving: whether there is something after a time costs the reading of one chunk.
    fn last_of(&self, all: &Window) -> Result<Option<ReceiptTime>, ReportError> {
        let Some(first) = self.first_in(all)? else {
            return Ok(None);
        };
        let (mut low, mut high) = (first.as_micros(), i64::MAX / 2);
        while high - low > END_WITHIN_US {
            let middle = i64::midpoint(low, high);
            let rest = all.clone().between(ReceiptTime::from_micros(middle), all.until);
            // What begins there may be far behind it: that is a step ahead, too.
            match self.first_in(&rest)? {
                Some(at) => low = at.as_micros().max(middle),
                None => high = middle,
            }
        }
        Ok(Some(ReceiptTime::from_micros(high)))
    }

    fn first_in(&self, window: &Window) -> Result<Option<ReceiptTime>, ReportError> {
        Ok(match window.metric.kind() {
            Kind::Wave => self.reader.wave(window).next().transpose()?.map(|block| block.start),
            Kind::Numeric => self.reader.numerics(window).next().transpose()?.map(|(at, _)| at),
        })
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
        for metric in self.metrics.clone() {
            let window = self.window(metric);
            match metric.kind() {
                Kind::Wave => {
                    if let Some(block) = reader.wave(&window).next() {
                        self.note(block?.mode);
                    }
                }
                Kind::Numeric => {
                    for item in reader.numerics(&window) {
                        self.note(item?.1.mode);
                    }
                }
            }
        }
        Ok(())
    }
}

/// `at` and `more` microseconds, down to the next multiple of `step`.
fn whole(at: ReceiptTime, step: i64, more: i64) -> ReceiptTime {
    let at = at.as_micros().saturating_add(more);
    ReceiptTime::from_micros(at - at.rem_euclid(step))
}

fn heading(row: &BedRow, asked: &Asked) -> Heading {
    let location = &row.bed.location;
    let parts = [
        Some(row.bed.label.as_str()),
        Some(location.unit.as_str()),
        location.room.as_deref(),
    ];
    let place: Vec<&str> = parts.into_iter().flatten().filter(|p| !p.is_empty()).collect();
    Heading {
        patient: row.encounter.as_ref().and_then(|e| e.patient.clone()),
        place: place.join(", "),
        stay: row.encounter.as_ref().map(|e| e.id.clone()),
        from: asked.print.at,
        until: asked.print.at,
        mode: GenerationMode::Real,
        print: asked.print.clone(),
    }
}
