//! `wardlight export`: a stay, or a span of one, as a file that is reviewed without the station.

use std::ops::ControlFlow;

use model::ReceiptTime;
use station::history::{Deidentify, Reader, Span, export_stay};

use crate::Failure;
use crate::cli::{ExportArguments, ExportFormat};
use crate::query::bed_id;

/// Writes the file and says what is in it.
pub fn run(arguments: &ExportArguments) -> Result<(), Failure> {
    let span = Span {
        bed: bed_id(&arguments.bed)?,
        encounter: None,
        from: arguments.from.unwrap_or(ReceiptTime::from_micros(i64::MIN)),
        until: arguments.to.unwrap_or(ReceiptTime::from_micros(i64::MAX)),
    };
    match arguments.format {
        ExportFormat::Session => session(arguments, &span),
    }
}

fn session(arguments: &ExportArguments, span: &Span) -> Result<(), Failure> {
    let keep_text = arguments.keep_text;
    let deidentify = if arguments.deidentify {
        Deidentify::Yes { keep_text }
    } else {
        Deidentify::No
    };
    let reader = Reader::open(&arguments.data)?;
    let go_on = &mut |_| ControlFlow::Continue(());
    let done = export_stay(&reader, span, &arguments.out, deidentify, go_on)?;
    println!(
        "{}: {} chunks of waves and numbers, {} entries of the journal",
        arguments.out.display(),
        done.chunks,
        done.entries
    );
    Ok(())
}
