//! When the records begin, and the marks that stand in them.

use super::header::Header;
use super::{Extent, MARKS_MAX, Mark, tal};

/// Records that follow each other without a gap.
pub(super) struct Segment {
    /// Microseconds from the first record.
    pub start_us: i64,
    /// The first record's number.
    pub first: u64,
    /// Whole records.
    pub count: u64,
    /// Whether the record that was cut off follows.
    pub has_cut: bool,
}

/// What the annotations signals say.
pub(super) struct Stamps {
    /// Microseconds from the start in the header to the first record: below a second in a correct file.
    pub first_us: i64,
    pub segments: Vec<Segment>,
    pub marks: Vec<Mark>,
}

/// Reads the annotations of all records. Without any the records follow each other.
pub(super) fn read(header: &Header, extent: &Extent, bytes: &[u8], notes: &mut Vec<String>) -> Stamps {
    let signals: Vec<(u64, u64)> = header
        .signals
        .iter()
        .filter(|signal| signal.is_annotations && signal.samples > 0)
        .map(|signal| (signal.offset, signal.samples * header.width as u64))
        .collect();
    let slice = |record: u64, (offset, len): (u64, u64)| {
        let from = header.data_at as u64 + record * header.record_bytes() + offset;
        let from = usize::try_from(from).ok()?;
        bytes.get(from..from + usize::try_from(len).ok()?)
    };
    let first_us = signals
        .first()
        .filter(|_| extent.whole > 0)
        .and_then(|signal| tal::onset(slice(0, *signal)?))
        .unwrap_or(0);
    let mut marks = Marks::default();
    let mut joined = Joined::new(record_us(header));
    let is_gappy = header.format.ends_with("+D") && !signals.is_empty();
    for record in 0..if signals.is_empty() { 0 } else { extent.whole } {
        for (i, signal) in signals.iter().enumerate() {
            let Some(text) = slice(record, *signal) else { continue };
            if i == 0 && is_gappy {
                joined.add(record, tal::onset(text).map(|us| us - first_us));
            }
            if tal::has_more(text) {
                marks.take(text, first_us);
            }
        }
    }
    let mut segments = joined.segments;
    if !is_gappy {
        segments = vec![Segment {
            start_us: 0,
            first: 0,
            count: extent.whole,
            has_cut: false,
        }];
    }
    if let Some(last) = segments.last_mut() {
        last.has_cut = extent.cut > 0;
    }
    if joined.unknown > 0 {
        notes.push(format!(
            "{} records do not say when they begin, or begin before the one before them has ended; they are taken to follow it",
            joined.unknown
        ));
    }
    marks.finish(notes, first_us, segments)
}

/// Seconds a record, in microseconds with their fraction.
fn record_us(header: &Header) -> f64 {
    header.duration.value() * 1e6
}

/// Records put together into segments.
struct Joined {
    record_us: f64,
    segments: Vec<Segment>,
    unknown: u64,
}

impl Joined {
    const fn new(record_us: f64) -> Self {
        Self {
            record_us,
            segments: Vec::new(),
            unknown: 0,
        }
    }

    fn add(&mut self, record: u64, onset_us: Option<i64>) {
        let Some(last) = self.segments.last_mut() else {
            self.segments.push(segment(onset_us.unwrap_or(0), record));
            return;
        };
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            reason = "centuries in microseconds"
        )]
        let expected = last.start_us + (last.count as f64 * self.record_us).round() as i64;
        // A writer that prints milliseconds is off by half of one; a gap is a sample at least.
        match onset_us {
            Some(onset) if onset > expected + JITTER_US => self.segments.push(segment(onset, record)),
            Some(onset) if onset >= expected - JITTER_US => last.count += 1,
            Some(_) | None => {
                last.count += 1;
                self.unknown += 1;
            }
        }
    }
}

/// Records nearer to each other follow each other.
const JITTER_US: i64 = 600;

const fn segment(start_us: i64, first: u64) -> Segment {
    Segment {
        start_us,
        first,
        count: 1,
        has_cut: false,
    }
}

#[derive(Default)]
struct Marks {
    found: Vec<Mark>,
    unread: usize,
    left_out: usize,
}

impl Marks {
    fn take(&mut self, text: &[u8], first_us: i64) {
        let (lists, unread) = tal::lists(text);
        self.unread += unread;
        for list in lists {
            for text in list.texts.into_iter().filter(|text| !text.is_empty()) {
                if self.found.len() == MARKS_MAX {
                    self.left_out += 1;
                    continue;
                }
                self.found.push(Mark {
                    at_us: list.onset_us - first_us,
                    duration_us: list.duration_us,
                    channel: None,
                    code: String::new(),
                    text,
                });
            }
        }
    }

    fn finish(mut self, notes: &mut Vec<String>, first_us: i64, segments: Vec<Segment>) -> Stamps {
        self.found.sort_by_key(|mark| mark.at_us);
        for (count, what) in [
            (self.unread, "annotations could not be read"),
            (self.left_out, "annotations beyond a million are left out"),
        ] {
            if count > 0 {
                notes.push(format!("{count} {what}"));
            }
        }
        Stamps {
            first_us,
            segments,
            marks: self.found,
        }
    }
}
