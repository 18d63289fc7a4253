//! `wardlight report`: pages of a history or of a session file.

use std::io::Write;

use model::{BedId, Clock};
use report::{Asked, Format, PageKind, Print, ReportError};
use station::StationClock;
use station::history::Reader;

use crate::Failure;
use crate::cli::{self, ReportArguments};
use crate::export_command::history_of;
use crate::query::bed_id;

/// Prints the pages and says which files were written.
pub fn run(arguments: &ReportArguments) -> Result<(), Failure> {
    // Before anything is read: a wrong ending would be found after all the work.
    if Format::of(&arguments.out).is_none() {
        let path = arguments.out.clone();
        return Err(ReportError::Ending { path }.into());
    }
    let reader = open(arguments)?;
    let asked = Asked {
        bed: bed(&reader, arguments.bed.as_deref())?,
        from: arguments.from,
        until: arguments.to,
        print: Print::local(StationClock::start().now(), env!("CARGO_PKG_VERSION")),
    };
    let kind = match arguments.kind {
        cli::PageKind::Strip => PageKind::Strip,
        cli::PageKind::Trend => PageKind::Trend,
        cli::PageKind::Alerts => PageKind::Alerts,
        cli::PageKind::Stay => PageKind::Stay,
    };
    let pages = report::from_history(&reader, kind, &asked)?;
    let mut out = std::io::stdout().lock();
    for path in pages.write(&arguments.out)? {
        writeln!(out, "{}", path.display())?;
    }
    Ok(out.flush()?)
}

fn open(arguments: &ReportArguments) -> Result<Reader, Failure> {
    match (&arguments.session, &arguments.data) {
        (Some(file), _) => Ok(Reader::open_file(file)?),
        (None, Some(dir)) => match &arguments.bed {
            Some(bed) => history_of(dir, &bed_id(bed)?),
            None => Ok(Reader::open(dir)?),
        },
        (None, None) => Err("--data DIR or --session FILE says what to print".into()),
    }
}

/// The bed that was named, or the only one there is.
fn bed(reader: &Reader, named: Option<&str>) -> Result<BedId, Failure> {
    if let Some(named) = named {
        return BedId::new(named).map_err(|e| format!("--bed \"{named}\" {e}").into());
    }
    let beds = reader.beds()?;
    if let [only] = beds.as_slice() {
        return Ok(only.bed.id.clone());
    }
    let known: Vec<_> = beds.iter().map(|row| row.bed.id.as_str()).collect();
    let known = known.join(", ");
    Err(format!("there are {} beds; say which with --bed: {known}", beds.len()).into())
}
