//! `wardlight whatif`: recorded numbers through the real engine with another profile.

use std::io::Write;
use std::sync::Arc;

use model::{BedId, LimitRule, Quantity, ReceiptTime};
use serde::Serialize;
use station::Profile;
use station::history::Reader;
use station::whatif::{self, Difference};

use crate::Failure;
use crate::cli::WhatIfArguments;

#[derive(Serialize)]
struct Line {
    what: &'static str,
    metric: &'static str,
    side: &'static str,
    before: Option<String>,
    after: Option<String>,
    lasts_s: Option<f64>,
    worst: Option<f64>,
}

#[derive(Serialize)]
struct Sum {
    before: u32,
    after: u32,
    numerics_read: u64,
}

/// Prints the differences, then the sums.
pub fn run(arguments: &WhatIfArguments) -> Result<(), Failure> {
    let reader = Reader::open(&arguments.history.data)?;
    let bed = BedId::new(&arguments.bed).map_err(|e| format!("the bed {e}"))?;
    let (against, wanted) = (profile(&arguments.against)?, profile(&arguments.profile)?);
    let in_force = limits_in_force(&reader, &bed, &against)?;
    let span = (
        arguments.from.unwrap_or(ReceiptTime::from_micros(i64::MIN)),
        arguments.to.unwrap_or(ReceiptTime::from_micros(i64::MAX)),
    );
    let found = whatif::compare(&reader, &bed, span, &wanted, &in_force, &wanted.limit_rules())?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let (before, after, numerics_read) = (found.before, found.after, found.numerics_read);
    for difference in &found.differences {
        let line = line(difference);
        if arguments.history.json {
            serde_json::to_writer(&mut out, &line)?;
            writeln!(out)?;
        } else {
            writeln!(out, "{}", plain(&line))?;
        }
    }
    if arguments.history.json {
        let sum = Sum {
            before,
            after,
            numerics_read,
        };
        serde_json::to_writer(&mut out, &sum)?;
        writeln!(out)?;
    } else {
        writeln!(out, "{after} alerts instead of {before}")?;
    }
    Ok(out.flush()?)
}

fn profile(name: &str) -> Result<Arc<Profile>, Failure> {
    if let Some(profile) = station::profile::built_in(name) {
        return Ok(Arc::new(profile));
    }
    let text = std::fs::read_to_string(name)
        .map_err(|e| format!("the profile {name} cannot be read: {e}; give a file, or adult, paediatric or neonate"))?;
    let profile = station::profile::parse(&text).map_err(|e| format!("the profile {name}, {e}"))?;
    Ok(Arc::new(profile))
}

/// The limits of `profile` with those put over it that a person changed last in the bed's present stay.
fn limits_in_force(reader: &Reader, bed: &BedId, profile: &Profile) -> Result<Vec<LimitRule>, Failure> {
    let stay = crate::asked::stay_of(reader, bed)?;
    let mut rules = profile.limit_rules();
    for entry in reader.standing()? {
        let is_here = entry.bed.as_ref() == Some(bed) && entry.encounter == stay;
        if let Some(change) = entry.limits.filter(|_| is_here) {
            rules.retain(|r| r.metric != change.metric);
            rules.extend(change.after);
        }
    }
    Ok(rules)
}

fn line(difference: &Difference) -> Line {
    Line {
        what: difference.what.as_str(),
        metric: difference.metric.name(),
        side: difference.side.as_str(),
        before: difference.before.map(|t| t.to_string()),
        after: difference.after.map(|t| t.to_string()),
        lasts_s: difference.lasts.map(|d| d.as_secs_f64()),
        worst: difference.worst.map(Quantity::to_f64),
    }
}

fn plain(line: &Line) -> String {
    let time = |t: &Option<String>| t.clone().unwrap_or_else(|| "-".to_owned());
    let lasts = line
        .lasts_s
        .map_or_else(|| "goes on".to_owned(), |s| format!("{s:.0} s"));
    let worst = line.worst.map_or_else(|| "-".to_owned(), |w| w.to_string());
    format!(
        "{}\t{} {}\t{}\t{}\t{lasts}\tworst {worst}",
        line.what,
        line.metric,
        line.side,
        time(&line.before),
        time(&line.after),
    )
}
