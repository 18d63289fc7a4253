//! A recording as a table that pandas reads without options.

use std::collections::VecDeque;
use std::io::Write;

use crate::civil::Civil;
use crate::decimal::Decimal;
use crate::recording::{Channel, NO_SAMPLE_WIDE, RecordingError, Samples};

/// Samples decoded ahead of the row that is written.
const BLOCK: u64 = 4_096;

/// Beyond so many digits a number is printed as the shortest that is read back as the same.
const PLACES_MAX: u32 = 15;

/// Writes a recording: the time first (`time` in RFC 3339 where the date is known, otherwise `time_s`), then one column
/// a channel and a track of numbers as `label [unit]`, then `mark` where there are any. A row stands for a moment at
/// which something was measured; cells of what was not are empty. Decimals are exact.
///
/// The answer is what the table does not say as the recording did, one line each.
///
/// # Errors
/// Samples that cannot be read, a writer that fails.
///
/// ```
/// use wire::csv;
///
/// let file = csv::open("bed-7", b"Time [s], PLETH [NU]\n0,0.5\n0.008,\n0.016,0.25\n0.024,0.1\n")?;
/// let mut table = Vec::new();
/// csv::write(&file, &mut table)?;
/// assert_eq!(String::from_utf8(table)?, "time_s,PLETH [NU]\n0.000000,0.5\n0.008000,\n0.016000,0.25\n0.024000,0.1\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write(samples: &dyn Samples, out: &mut dyn Write) -> Result<Vec<String>, RecordingError> {
    let head = samples.head();
    let failed = |error: std::io::Error| RecordingError::new(format!("{}, writing CSV", head.name), error.to_string());
    let mut lanes = Vec::new();
    let mut header = vec![if head.start_us.is_some() { "time" } else { "time_s" }.to_owned()];
    for (i, channel) in head.channels.iter().enumerate() {
        header.push(named(&channel.label, &channel.unit));
        lanes.push(Lane::channel(i, channel));
    }
    for (i, track) in head.numerics.iter().enumerate() {
        header.push(named(&track.label, &track.unit));
        lanes.push(Lane::numbers(i));
    }
    if !head.marks.is_empty() {
        header.push("mark".to_owned());
    }
    put_row(&header, out).map_err(failed)?;
    let mut marks = head.marks.iter().peekable();
    let mut cells: Vec<String> = Vec::with_capacity(header.len());
    loop {
        let mut at = marks.peek().map(|mark| mark.at_us);
        for lane in &mut lanes {
            let next = lane.next_us(samples)?;
            at = [at, next].into_iter().flatten().min();
        }
        let Some(at) = at else { break };
        cells.clear();
        cells.push(moment(head.start_us, at));
        for lane in &mut lanes {
            cells.push(lane.take(at));
        }
        if !head.marks.is_empty() {
            let mut said = Vec::new();
            while let Some(mark) = marks.next_if(|mark| mark.at_us == at) {
                said.push(words(&mark.code, &mark.text));
            }
            cells.push(said.join("; "));
        }
        put_row(&cells, out).map_err(failed)?;
    }
    let mut remarks = Vec::new();
    for (count, what) in [
        (head.notes.len(), "notes are left out: a table has no place for them"),
        (
            head.marks.iter().filter(|mark| mark.duration_us.is_some()).count(),
            "marks are written without how long they last",
        ),
        (
            usize::from(!head.subject.is_empty()),
            "subject is left out: a table has no place for it",
        ),
    ] {
        if count > 0 {
            remarks.push(format!("{count} {what}"));
        }
    }
    Ok(remarks)
}

fn named(label: &str, unit: &str) -> String {
    if unit.is_empty() {
        label.to_owned()
    } else {
        format!("{label} [{unit}]")
    }
}

fn words(code: &str, text: &str) -> String {
    let both = format!("{code} {text}").replace(char::is_control, " ");
    both.trim().to_owned()
}

fn put_row(cells: &[String], out: &mut dyn Write) -> std::io::Result<()> {
    let mut line = String::new();
    for (i, cell) in cells.iter().enumerate() {
        if i > 0 {
            line.push(',');
        }
        if cell.contains(['"', ',', '\n', '\r']) {
            line.push('"');
            line.push_str(&cell.replace('"', "\"\"").replace(['\n', '\r'], " "));
            line.push('"');
        } else {
            line.push_str(cell);
        }
    }
    line.push('\n');
    out.write_all(line.as_bytes())
}

/// Seconds with six decimals, or a moment of the calendar.
fn moment(start_us: Option<i64>, at_us: i64) -> String {
    let Some(start) = start_us else {
        let sign = if at_us < 0 { "-" } else { "" };
        let (whole, rest) = (at_us.unsigned_abs() / 1_000_000, at_us.unsigned_abs() % 1_000_000);
        return format!("{sign}{whole}.{rest:06}");
    };
    let c = Civil::of_micros(start.saturating_add(at_us));
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z",
        c.year, c.month, c.day, c.hour, c.minute, c.second, c.micros
    )
}

/// A column on its way: what comes next in it.
struct Lane {
    source: Source,
    ahead: VecDeque<(i64, String)>,
}

enum Source {
    Channel {
        index: usize,
        run: usize,
        /// Samples of the run that were taken.
        taken: u64,
        scale: Option<(i128, i128, u32)>,
    },
    Numbers {
        index: usize,
        taken: usize,
    },
}

impl Lane {
    fn channel(index: usize, channel: &Channel) -> Self {
        Self {
            source: Source::Channel {
                index,
                run: 0,
                taken: 0,
                scale: exact(channel),
            },
            ahead: VecDeque::new(),
        }
    }

    const fn numbers(index: usize) -> Self {
        Self {
            source: Source::Numbers { index, taken: 0 },
            ahead: VecDeque::new(),
        }
    }

    /// When the next cell is; `None` at the end.
    fn next_us(&mut self, samples: &dyn Samples) -> Result<Option<i64>, RecordingError> {
        if self.ahead.is_empty() {
            self.refill(samples)?;
        }
        Ok(self.ahead.front().map(|(at, _)| *at))
    }

    /// The cell of a moment; empty where there is none.
    fn take(&mut self, at: i64) -> String {
        self.ahead
            .pop_front_if(|(next, _)| *next == at)
            .map_or_else(String::new, |(_, cell)| cell)
    }

    fn refill(&mut self, samples: &dyn Samples) -> Result<(), RecordingError> {
        let head = samples.head();
        match &mut self.source {
            Source::Numbers { index, taken } => {
                let points = head
                    .numerics
                    .get(*index)
                    .map(|track| track.points.as_slice())
                    .unwrap_or_default();
                let block = usize::try_from(BLOCK).unwrap_or(1);
                let next = points.iter().skip(*taken).take(block);
                self.ahead.extend(next.map(|(at, value)| (*at, value.to_string())));
                *taken += self.ahead.len();
            }
            Source::Channel {
                index,
                run,
                taken,
                scale,
            } => {
                let Some(channel) = head.channels.get(*index) else {
                    return Ok(());
                };
                let Some(spec) = channel.runs.get(*run) else {
                    return Ok(());
                };
                let count = BLOCK.min(spec.count - *taken);
                let first = spec.first + *taken;
                let mut block = Vec::new();
                samples.samples(*index, first..first + count, &mut block)?;
                for (i, sample) in (*taken..).zip(block) {
                    let at = spec.start_us.saturating_add(channel.rate.micros_of(i));
                    self.ahead.push_back((at, printed(channel, *scale, sample)));
                }
                *taken += count;
                if *taken == spec.count {
                    (*run, *taken) = (*run + 1, 0);
                }
            }
        }
        Ok(())
    }
}

/// Resolution and zero as whole steps of one power of ten.
fn exact(channel: &Channel) -> Option<(i128, i128, u32)> {
    let (step, zero) = (Decimal::of(channel.resolution)?, Decimal::of(channel.zero)?);
    let places = step.places().max(zero.places());
    (places <= PLACES_MAX).then_some((step.mantissa_at(places)?, zero.mantissa_at(places)?, places))
}

fn printed(channel: &Channel, scale: Option<(i128, i128, u32)>, sample: i32) -> String {
    if sample == NO_SAMPLE_WIDE {
        return String::new();
    }
    let exact = scale.and_then(|(step, zero, places)| {
        let value = step.checked_mul(sample.into())?.checked_add(zero)?;
        Some(Decimal::new(value, places)?.to_string())
    });
    exact.unwrap_or_else(|| {
        channel
            .value(sample)
            .map_or_else(String::new, |value| value.to_string())
    })
}
