//! What a station has stored, printed: one JSON object a line, or a table.
//!
//! Times are RFC 3339 in UTC, units are UCUM.

use std::io::{self, BufWriter, Write};

use model::{AlertState, BedId, JournalEntry, NO_SAMPLE, Numeric, Quantity, Reading, ReceiptTime, SampleArray};
use serde::Serialize;
use station::history::{self, BedRow, JournalQuery, Lane, Order, Reader, Window};

use crate::Failure;
use crate::cli::{AlertsArguments, HistoryArguments, SeriesArguments, VerifyArguments};
use crate::export_command::history_of;

/// Prints lines to a pipe that may be closed early (`| head`): that is no error.
struct Lines {
    out: BufWriter<io::StdoutLock<'static>>,
    json: bool,
}

impl Lines {
    fn new(json: bool) -> Self {
        Self {
            out: BufWriter::new(io::stdout().lock()),
            json,
        }
    }

    fn print(&mut self, line: &impl Serialize, table: impl FnOnce() -> String) -> io::Result<()> {
        if self.json {
            serde_json::to_writer(&mut self.out, line)?;
        } else {
            self.out.write_all(table().as_bytes())?;
        }
        self.out.write_all(b"\n")
    }
}

fn done(result: Result<(), Failure>) -> Result<(), Failure> {
    match result {
        Err(error)
            if error
                .downcast_ref::<io::Error>()
                .is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe) =>
        {
            Ok(())
        }
        other => other,
    }
}

#[derive(Serialize)]
struct BedLine {
    bed: String,
    label: String,
    unit: String,
    room: Option<String>,
    patient_id: Option<String>,
    patient_name: Option<String>,
    encounter: Option<String>,
    since: Option<String>,
    metrics: Vec<String>,
}

/// `wardlight beds`
pub fn beds(arguments: &HistoryArguments) -> Result<(), Failure> {
    let sessions = station::find::sessions(&arguments.data)
        .map_err(|e| format!("the sessions of {}: {e}", arguments.data.display()))?;
    let mut readers = Vec::new();
    match Reader::open(&arguments.data) {
        // A folder of imported recordings alone has no history of a station.
        Err(history::StoreError::Nothing { .. }) if !sessions.is_empty() => {}
        live => readers.push(live?),
    }
    for session in sessions {
        readers.push(Reader::open_file(&session)?);
    }
    let mut lines = Lines::new(arguments.json);
    done((|| {
        for reader in readers {
            let recorded = reader.lanes()?;
            for row in reader.beds()? {
                let line = bed_line(&row, &recorded);
                lines.print(&line, || {
                    let patient = line.patient_name.as_deref().unwrap_or("nobody admitted");
                    format!("{}\t{}\t{}\t{}", line.bed, line.label, patient, line.metrics.join(" "))
                })?;
            }
        }
        Ok(lines.out.flush()?)
    })())
}

fn bed_line(row: &BedRow, lanes: &[Lane]) -> BedLine {
    let patient = row.encounter.as_ref().and_then(|e| e.patient.as_ref());
    // What is none of our metrics goes by the recording's own label.
    let mut metrics: Vec<String> = lanes
        .iter()
        .filter(|lane| lane.bed == row.bed.id)
        .map(|lane| lane.metric.map_or_else(|| lane.label.clone(), |m| m.name().to_owned()))
        .collect();
    metrics.sort_unstable();
    metrics.dedup();
    BedLine {
        bed: row.bed.id.to_string(),
        label: row.bed.label.clone(),
        unit: row.bed.location.unit.clone(),
        room: row.bed.location.room.clone(),
        patient_id: patient.map(|p| p.id.0.to_string()),
        patient_name: patient.map(|p| p.name.0.clone()),
        encounter: row.encounter.as_ref().map(|e| e.id.to_string()),
        since: row.since.map(|t| t.to_string()),
        metrics,
    }
}

#[derive(Serialize)]
struct AlertLine<'a> {
    entry: u64,
    at: String,
    what: &'static str,
    alert: u64,
    version: u32,
    bed: Option<&'a str>,
    cause: &'static str,
    metric: Option<&'static str>,
    side: Option<&'static str>,
    kind: &'static str,
    priority: &'static str,
    source: &'static str,
    presence: &'static str,
    signal: &'static str,
    since: String,
    raised_at: String,
    worst: Option<f64>,
    limit: Option<f64>,
    unit: Option<&'static str>,
    person: Option<&'a str>,
    owner: Option<&'a str>,
    realert_at: Option<String>,
    response: &'static str,
    responder: Option<&'a str>,
    rung: &'static str,
    occurrence: u32,
    reason: Option<&'a str>,
    text: Option<&'a str>,
}

/// `wardlight alerts`
pub fn alerts(arguments: &AlertsArguments) -> Result<(), Failure> {
    let reader = Reader::open(&arguments.history.data)?;
    let bed = arguments.bed.as_deref().map(bed_id).transpose()?;
    let query = JournalQuery {
        bed,
        alerts_only: true,
        order: Order::OldestFirst,
        ..JournalQuery::default()
    };
    let mut lines = Lines::new(arguments.history.json);
    done((|| {
        for row in reader.journal(&query)? {
            if let Some(alert) = &row.entry.alert {
                let line = alert_line(row.id, &row.entry, alert);
                lines.print(&line, || {
                    let what = line.metric.unwrap_or(line.cause);
                    let person = line.person.unwrap_or("-");
                    let bed = line.bed.unwrap_or("station");
                    format!("{}\t{bed}\t{}\t{}\t{what}\t{person}", line.at, line.what, line.priority)
                })?;
            }
        }
        Ok(lines.out.flush()?)
    })())
}

fn alert_line<'a>(entry: u64, row: &'a JournalEntry, alert: &'a AlertState) -> AlertLine<'a> {
    let metric = alert.cause.metric();
    AlertLine {
        entry,
        at: row.at.to_string(),
        what: row.kind.as_str(),
        alert: alert.id.0,
        version: alert.version,
        bed: alert.bed.as_ref().map(BedId::as_str),
        cause: alert.cause.as_str(),
        metric: metric.map(model::MetricCode::name),
        side: alert.cause.side().map(model::Side::as_str),
        kind: alert.kind.as_str(),
        priority: alert.priority.as_str(),
        source: alert.source.as_str(),
        presence: alert.presence.as_str(),
        signal: alert.signal.as_str(),
        since: alert.since.to_string(),
        raised_at: alert.raised_at.to_string(),
        worst: alert.worst.map(Quantity::to_f64),
        limit: alert.limit.map(Quantity::to_f64),
        unit: metric.filter(|_| alert.limit.is_some()).map(|m| m.unit().ucum()),
        person: row.person.as_ref().map(model::Person::as_str),
        owner: alert.owner.as_ref().map(model::Person::as_str),
        realert_at: alert.realert_at.map(|t| t.to_string()),
        response: alert.response.as_str(),
        responder: alert.responder.as_ref().map(model::Person::as_str),
        rung: alert.rung.as_str(),
        occurrence: alert.occurrence,
        reason: row.reason.as_deref(),
        text: alert.text.as_deref(),
    }
}

#[derive(Serialize)]
struct NumericLine {
    at: String,
    received_at: String,
    device_time: String,
    metric: &'static str,
    value: Option<f64>,
    unit: &'static str,
    validity: &'static str,
    late: bool,
    mode: &'static str,
}

/// `wardlight numerics`
pub fn numerics(arguments: &SeriesArguments) -> Result<(), Failure> {
    let window = window(arguments)?;
    let reader = history_of(&arguments.history.data, &window.bed)?;
    let mut lines = Lines::new(arguments.history.json);
    done((|| {
        for row in reader.numerics(&window) {
            let (at, numeric) = row?;
            let line = numeric_line(at, &numeric);
            lines.print(&line, || {
                let value = line.value.map_or_else(|| "--".to_owned(), |v| v.to_string());
                format!(
                    "{}\t{}\t{value}\t{}\t{}",
                    line.at, line.metric, line.unit, line.validity
                )
            })?;
        }
        Ok(lines.out.flush()?)
    })())
}

fn numeric_line(at: ReceiptTime, numeric: &Numeric) -> NumericLine {
    let (value, validity) = match numeric.reading {
        Reading::Value(q) => (Some(q.to_f64()), "valid"),
        Reading::Questionable(q) => (Some(q.to_f64()), "questionable"),
        Reading::Invalid(absence) => (None, absence.as_str()),
    };
    NumericLine {
        at: at.to_string(),
        received_at: numeric.received_at.to_string(),
        device_time: numeric.measured_at.to_string(),
        metric: numeric.metric.name(),
        value,
        unit: numeric.metric.unit().ucum(),
        validity,
        late: numeric.timeliness == model::Timeliness::Late,
        mode: numeric.mode.as_str(),
    }
}

#[derive(Serialize)]
struct WaveLine {
    at: String,
    metric: &'static str,
    hertz: f64,
    unit: &'static str,
    resolution: f64,
    offset: f64,
    mode: &'static str,
    gap_before: bool,
    samples: Vec<Option<i16>>,
}

/// `wardlight wave`
pub fn wave(arguments: &SeriesArguments) -> Result<(), Failure> {
    let window = window(arguments)?;
    let reader = history_of(&arguments.history.data, &window.bed)?;
    let mut lines = Lines::new(arguments.history.json);
    done((|| {
        for block in reader.wave(&window) {
            let line = wave_line(&block?);
            lines.print(&line, || {
                format!(
                    "{}\t{}\t{} samples at {} Hz",
                    line.at,
                    line.metric,
                    line.samples.len(),
                    line.hertz
                )
            })?;
        }
        Ok(lines.out.flush()?)
    })())
}

fn wave_line(block: &SampleArray) -> WaveLine {
    WaveLine {
        at: block.start.to_string(),
        metric: block.metric.name(),
        hertz: block.rate.hertz(),
        unit: block.metric.unit().ucum(),
        resolution: block.scale.resolution(),
        offset: block.scale.offset(),
        mode: block.mode.as_str(),
        gap_before: block.gap_before,
        samples: block.samples.iter().map(|s| (*s != NO_SAMPLE).then_some(*s)).collect(),
    }
}

fn window(arguments: &SeriesArguments) -> Result<Window, Failure> {
    let all = Window::all(bed_id(&arguments.bed)?, arguments.metric);
    let (from, until) = (arguments.from.unwrap_or(all.from), arguments.to.unwrap_or(all.until));
    Ok(all.between(from, until))
}

pub fn bed_id(text: &str) -> Result<BedId, Failure> {
    BedId::new(text).map_err(|e| format!("--bed \"{text}\" {e}").into())
}

#[derive(Serialize)]
struct VerifyLine {
    ok: bool,
    files: Vec<String>,
    journal_entries: u64,
    wave_chunks: u64,
    samples: u64,
    numeric_chunks: u64,
    numerics: u64,
    tail_rows: u64,
    findings: Vec<String>,
}

/// `wardlight verify`
pub fn verify(arguments: &VerifyArguments) -> Result<(), Failure> {
    let report = match (&arguments.file, &arguments.data) {
        (Some(file), _) => history::verify_file(file)?,
        (None, Some(dir)) => history::verify(dir)?,
        (None, None) => return Err("name a file, or a data directory with --data".into()),
    };
    let line = VerifyLine {
        ok: report.findings.is_empty(),
        files: report.files.iter().map(|f| f.display().to_string()).collect(),
        journal_entries: report.journal_entries,
        wave_chunks: report.wave_chunks,
        samples: report.samples,
        numeric_chunks: report.numeric_chunks,
        numerics: report.numerics,
        tail_rows: report.tail_rows,
        findings: report.findings.iter().map(ToString::to_string).collect(),
    };
    let mut lines = Lines::new(arguments.json);
    lines.print(&line, || {
        let counts = format!(
            "{} journal entries, {} samples in {} chunks, {} numbers in {} chunks, {} rows not yet closed",
            line.journal_entries, line.samples, line.wave_chunks, line.numerics, line.numeric_chunks, line.tail_rows
        );
        match line.findings.len() {
            0 => format!("All is well: {counts}."),
            n => format!("{n} findings in {counts}:\n  {}", line.findings.join("\n  ")),
        }
    })?;
    lines.out.flush()?;
    if line.ok {
        Ok(())
    } else {
        Err("what is stored is not whole; see the findings".into())
    }
}
