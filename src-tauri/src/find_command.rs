//! `wardlight find`: when it was like this, over all beds and stays.

use std::io::Write;
use std::path::Path;

use serde::Serialize;
use station::Formula;
use station::find::{self, Match};
use station::history::{Reader, StoreError};

use crate::Failure;
use crate::cli::FindArguments;

#[derive(Serialize)]
struct Line<'a> {
    bed: &'a str,
    encounter: Option<&'a str>,
    session: Option<String>,
    from: String,
    until: String,
    lasts_s: f64,
    worst: serde_json::Map<String, serde_json::Value>,
}

/// Prints every stretch. A history that cannot be read is said at the end, and costs the others nothing.
pub fn run(arguments: &FindArguments) -> Result<(), Failure> {
    let asked = Formula::several(&arguments.asked).map_err(|error| {
        let pointer = " ".repeat(error.at);
        format!("{error}\n  {}\n  {pointer}^", arguments.asked)
    })?;
    let data = &arguments.history.data;
    let sessions = find::sessions(data).map_err(|e| format!("the sessions of {}: {e}", data.display()))?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut unread: Vec<String> = Vec::new();
    match Reader::open(data) {
        // A folder of recorded sessions alone has no history of a station.
        Err(StoreError::Nothing { .. }) if !sessions.is_empty() => {}
        live => print(&mut out, arguments.history.json, &live?, None, &asked, &mut unread)?,
    }
    for session in sessions {
        match Reader::open_file(&session) {
            Ok(reader) => print(
                &mut out,
                arguments.history.json,
                &reader,
                Some(&session),
                &asked,
                &mut unread,
            )?,
            Err(error) => unread.push(error.to_string()),
        }
    }
    out.flush()?;
    if unread.is_empty() {
        return Ok(());
    }
    Err(format!("not everything could be read:\n{}", unread.join("\n")).into())
}

fn print(
    out: &mut impl Write,
    is_json: bool,
    reader: &Reader,
    session: Option<&Path>,
    asked: &[Formula],
    unread: &mut Vec<String>,
) -> Result<(), Failure> {
    let found = find::search(reader, asked)?;
    unread.extend(
        found
            .unread
            .iter()
            .map(|error| format!("{}: {error}", reader.file().display())),
    );
    for one in &found.matches {
        let line = line(one, session);
        if is_json {
            serde_json::to_writer(&mut *out, &line)?;
            writeln!(out)?;
        } else {
            let worst: Vec<String> = line
                .worst
                .iter()
                .map(|(metric, value)| format!("{metric} {value}"))
                .collect();
            let stay = line.encounter.unwrap_or("-");
            let (bed, from, lasts, worst) = (line.bed, &line.from, line.lasts_s, worst.join(" "));
            writeln!(out, "{bed}\t{stay}\t{from}\t{lasts:.0} s\t{worst}")?;
        }
    }
    Ok(())
}

fn line<'a>(one: &'a Match, session: Option<&Path>) -> Line<'a> {
    let worst = one
        .worst
        .iter()
        .map(|(metric, value)| (metric.name().to_owned(), value.to_f64().into()));
    Line {
        bed: one.bed.as_str(),
        encounter: one.encounter.as_ref().map(model::EncounterId::as_str),
        session: session.map(|path| path.display().to_string()),
        from: one.from.to_string(),
        until: one.until.to_string(),
        lasts_s: one.until.since(one.from).as_secs_f64(),
        worst: worst.collect(),
    }
}
