//! `wardlight export`: a stay, or a span of one, as a file that is read without the station; and a recording of one format as
//! another.

use std::path::{Path, PathBuf};

use archive::{Format, Opened, SESSIONS, Stay};
use model::{BedId, ReceiptTime};
use station::history::{Deidentify, Reader, Span, export_stay};

use crate::Failure;
use crate::cli::{ExportArguments, ExportFormat};
use crate::import_command::told;
use crate::query::bed_id;

/// Writes the file and says what is in it.
pub fn run(arguments: &ExportArguments) -> Result<(), Failure> {
    match format(arguments.format) {
        None => session(arguments),
        Some(format) => foreign(arguments, format),
    }
}

const fn format(wanted: ExportFormat) -> Option<Format> {
    match wanted {
        ExportFormat::Session => None,
        ExportFormat::Wfdb => Some(Format::Wfdb),
        ExportFormat::Edf => Some(Format::Edf),
        ExportFormat::Csv => Some(Format::Csv),
    }
}

fn session(arguments: &ExportArguments) -> Result<(), Failure> {
    let keep_text = arguments.keep_text;
    let deidentify = if arguments.deidentify {
        Deidentify::Yes { keep_text }
    } else {
        Deidentify::No
    };
    let reader = recorded(arguments)?
        .ok_or("a session is written from history or from a session; import the recording first")?;
    let span = span(arguments, &reader)?;
    let mut progress = told(&arguments.out, false);
    let done = export_stay(&reader, &span, &arguments.out, deidentify, &mut |part| {
        progress(f64::from(part))
    })?;
    println!(
        "{}: {} chunks of waves and numbers, {} entries of the journal",
        arguments.out.display(),
        done.chunks,
        done.entries
    );
    Ok(())
}

fn foreign(arguments: &ExportArguments, format: Format) -> Result<(), Failure> {
    // Dates and free text would stay in these formats: the one place that takes them out is the session.
    if arguments.deidentify {
        return Err(
            "only a session is written without who it was; export that first, then write it with --session FILE".into(),
        );
    }
    let mut progress = told(&arguments.out, false);
    let written = if let Some(reader) = recorded(arguments)? {
        let stay = Stay::read(&reader, span(arguments, &reader)?)?;
        archive::write(&stay, format, &arguments.out, &mut progress)?
    } else {
        let file = arguments.session.as_deref().unwrap_or(Path::new(""));
        if arguments.from.is_some() || arguments.to.is_some() {
            return Err("a span is written from history or a session; import the recording first".into());
        }
        archive::write(Opened::open(file)?.samples(), format, &arguments.out, &mut progress)?
    };
    for file in &written.files {
        println!("{}", file.display());
    }
    for note in &written.notes {
        eprintln!("{note}");
    }
    Ok(())
}

/// The history or session to read; `None` for a recording of another format.
fn recorded(arguments: &ExportArguments) -> Result<Option<Reader>, Failure> {
    if let Some(file) = &arguments.session {
        let ours = file
            .extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case("wardlight"));
        return Ok(if ours { Some(Reader::open_file(file)?) } else { None });
    }
    let data = arguments.data.as_deref().unwrap_or(Path::new(""));
    let bed = bed_id(arguments.bed.as_deref().unwrap_or_default())?;
    history_of(data, &bed).map(Some)
}

/// The file that has a bed: an imported session of that name, or the history itself.
pub fn history_of(data: &Path, bed: &BedId) -> Result<Reader, Failure> {
    let imported: PathBuf = data.join(SESSIONS).join(format!("{bed}.wardlight"));
    Ok(if imported.is_file() {
        Reader::open_file(&imported)?
    } else {
        Reader::open(data)?
    })
}

/// The span that is asked for, of the bed that is named or the only one there is.
fn span(arguments: &ExportArguments, reader: &Reader) -> Result<Span, Failure> {
    let bed = if let Some(bed) = &arguments.bed {
        bed_id(bed)?
    } else {
        let beds = reader.beds()?;
        beds.into_iter().next().ok_or("the session holds no bed")?.bed.id
    };
    Ok(Span {
        bed,
        encounter: None,
        from: arguments.from.unwrap_or(ReceiptTime::from_micros(i64::MIN)),
        until: arguments.to.unwrap_or(ReceiptTime::from_micros(i64::MAX)),
    })
}
