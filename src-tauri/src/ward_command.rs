//! `wardlight ward --at TIME`: the wall as it was at a past second.

use std::io::Write;

use model::AlertState;
use serde::Serialize;
use station::history::Reader;
use station::past::{BedAt, NumberAt, ward_at};

use crate::Failure;
use crate::cli::WardArguments;

#[derive(Serialize)]
struct BedLine<'a> {
    bed: &'a str,
    label: &'a str,
    patient_id: Option<String>,
    patient_name: Option<String>,
    encounter: Option<String>,
    connectivity: Option<&'a str>,
    numbers: Vec<NumberLine>,
    alerts: Vec<AlertLine>,
    pauses: Vec<PauseLine>,
    limits: Vec<LimitsLine>,
}

#[derive(Serialize)]
struct NumberLine {
    metric: &'static str,
    value: Option<f64>,
    unit: &'static str,
    age_s: f64,
    fresh: bool,
}

#[derive(Serialize)]
struct AlertLine {
    alert: u64,
    message: String,
    priority: &'static str,
    kind: &'static str,
    signal: &'static str,
    since: String,
    raised_at: String,
    owner: Option<String>,
    responder: Option<String>,
    rung: &'static str,
}

#[derive(Serialize)]
struct PauseLine {
    metric: &'static str,
    side: &'static str,
    by: String,
    reason: String,
    until: String,
}

#[derive(Serialize)]
struct LimitsLine {
    metric: &'static str,
    low: Option<f64>,
    high: Option<f64>,
    by: Option<String>,
    reason: Option<String>,
}

#[derive(Serialize)]
struct StationLine {
    at: String,
    running: bool,
    alerts: Vec<AlertLine>,
}

/// Prints the station, then each bed.
pub fn run(arguments: &WardArguments) -> Result<(), Failure> {
    let reader = Reader::open(&arguments.history.data)?;
    let ward = ward_at(&reader, arguments.at)?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let station = StationLine {
        at: ward.at.to_string(),
        running: ward.running,
        alerts: ward.alerts.iter().map(alert_line).collect(),
    };
    if arguments.history.json {
        serde_json::to_writer(&mut out, &station)?;
        writeln!(out)?;
    } else if !ward.running {
        writeln!(out, "the station did not run at {}", station.at)?;
    }
    for bed in &ward.beds {
        let line = bed_line(bed);
        if arguments.history.json {
            serde_json::to_writer(&mut out, &line)?;
            writeln!(out)?;
        } else {
            writeln!(out, "{}", table(bed, &line))?;
        }
    }
    Ok(out.flush()?)
}

fn bed_line(bed: &BedAt) -> BedLine<'_> {
    let patient = bed.encounter.as_ref().and_then(|e| e.patient.as_ref());
    BedLine {
        bed: bed.bed.id.as_str(),
        label: &bed.bed.label,
        patient_id: patient.map(|p| p.id.0.to_string()),
        patient_name: patient.map(|p| p.name.0.clone()),
        encounter: bed.encounter.as_ref().map(|e| e.id.to_string()),
        connectivity: bed.connectivity.as_deref(),
        numbers: bed.numbers.iter().map(number_line).collect(),
        alerts: bed.alerts.iter().map(alert_line).collect(),
        pauses: bed
            .pauses
            .iter()
            .map(|pause| PauseLine {
                metric: pause.metric.name(),
                side: pause.side.as_str(),
                by: pause.by.to_string(),
                reason: pause.reason.clone(),
                until: pause.until.to_string(),
            })
            .collect(),
        limits: bed
            .limits
            .iter()
            .map(|(change, by, reason)| LimitsLine {
                metric: change.metric.name(),
                low: change.after.and_then(|rule| rule.limits.low()).map(units),
                high: change.after.and_then(|rule| rule.limits.high()).map(units),
                by: by.as_ref().map(ToString::to_string),
                reason: reason.clone(),
            })
            .collect(),
    }
}

fn units(quantity: model::Quantity) -> f64 {
    f64::from(quantity.thousandths()) / 1_000.0
}

fn number_line(number: &NumberAt) -> NumberLine {
    let metric = number.numeric.metric;
    NumberLine {
        metric: metric.name(),
        value: number.numeric.reading.quantity().map(units),
        unit: metric.unit().ucum(),
        age_s: number.age.as_secs_f64(),
        fresh: number.fresh,
    }
}

fn alert_line(alert: &AlertState) -> AlertLine {
    AlertLine {
        alert: alert.id.0,
        message: station::message(alert),
        priority: alert.priority.as_str(),
        kind: alert.kind.as_str(),
        signal: alert.signal.as_str(),
        since: alert.since.to_string(),
        raised_at: alert.raised_at.to_string(),
        owner: alert.owner.as_ref().map(ToString::to_string),
        responder: alert.responder.as_ref().map(ToString::to_string),
        rung: alert.rung.as_str(),
    }
}

/// One line a bed, for reading: who, what was live, what stood open and with whom.
fn table(bed: &BedAt, line: &BedLine<'_>) -> String {
    let patient = line.patient_name.as_deref().unwrap_or("nobody admitted");
    let numbers = line.numbers.iter().map(|number| match number.value {
        Some(value) if number.fresh => format!("{} {value}", number.metric),
        Some(value) => format!("{} ({value}, {:.0} s old)", number.metric, number.age_s),
        None => format!("{} --", number.metric),
    });
    let alerts = bed.alerts.iter().map(|alert| {
        let owner = alert
            .owner
            .as_ref()
            .map_or(String::new(), |owner| format!(" by {owner}"));
        format!("[{} {}{owner}]", station::message(alert), alert.signal.as_str())
    });
    let words: Vec<String> = numbers.chain(alerts).collect();
    format!("{}\t{}\t{patient}\t{}", line.bed, line.label, words.join("  "))
}
