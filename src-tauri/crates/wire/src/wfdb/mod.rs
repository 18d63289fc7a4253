//! WFDB records: the header and the signal files of formats 16 and 212, and MIT annotations.
//!
//! Pure: bytes in, samples out. A record is one text header (`100.hea`) that names its signal files
//! (`100.dat`); the caller reads those and hands the bytes over. Multi-segment records are named as such
//! and refused: each segment is a record of its own.
//!
//! Source: the WFDB Applications Guide, header(5), signal(5) and annot(5), and files that the reference tools
//! made.
//!
//! ```
//! let head = wire::wfdb::header(b"demo 1 250 2\ndemo.dat 16 200(1024)/mV 11 1024 1 3 0 MLII\n")?;
//! let signals = wire::wfdb::signals(&head, "demo.dat", &[1, 0, 2, 0])?;
//! assert_eq!(signals[0].samples, [1, 2]);
//! assert_eq!(head.signals[0].scale()?.offset(), -5.12);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod annotation;
mod header;
mod signal;
mod start;

pub use annotation::{Annotation, annotations};
pub use header::{Format, Header, SignalSpec, header};
pub use signal::{Signal, format_16, signals};
pub use start::{Date, Start};

use thiserror::Error;

/// Why a record is not read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WfdbError {
    /// The header is wrong at a line and field.
    #[error("header line {line}, {field}: {problem}")]
    Header {
        /// Line, counted from 1, comments included.
        line: usize,
        /// The field's name in header(5).
        field: &'static str,
        /// What is there, and what should be.
        problem: String,
    },
    /// A signal file does not hold what the header promises.
    #[error("signal file {file:?}: {problem}")]
    Signal {
        /// The file's name in the header.
        file: String,
        /// What is there, and what should be.
        problem: String,
    },
    /// The samples are not those that the header's checksum was made from.
    #[error(
        "signal {signal} ({description:?}) of {file:?}: checksum is {found}, the header says {expected}; the file is damaged or belongs to another record"
    )]
    Checksum {
        /// The file's name in the header.
        file: String,
        /// Which signal of the record, from 0.
        signal: usize,
        /// The signal's name.
        description: String,
        /// The checksum in the header, modulo 65,536.
        expected: u16,
        /// The checksum of the samples.
        found: u16,
    },
    /// An annotation file ends in the middle of an annotation.
    #[error("annotation file, byte {at}: {problem}")]
    Annotation {
        /// Where, in bytes from 0.
        at: usize,
        /// What is missing.
        problem: &'static str,
    },
}
