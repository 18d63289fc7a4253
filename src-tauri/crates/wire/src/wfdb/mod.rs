//! WFDB records: every format of signal(5), records of several segments, and MIT annotations, read and written.
//!
//! Pure: the caller reads and makes files by name ([`open`], [`write()`]). A record is one text header (`100.hea`) that
//! names its signal files (`100.dat`) or its segments, which are records again.
//!
//! Source: the WFDB Applications Guide, header(5), signal(5) and annot(5), and files that the reference tools
//! made.
//!
//! ```
//! use wire::recording::{RecordingError, Samples};
//! let mut files = |name: &str| match name {
//!     "demo.hea" => Ok(b"demo 1 250 2\ndemo.dat 16 200(1024)/mV 11 1024 1 3 0 MLII\n".to_vec()),
//!     "demo.dat" => Ok(vec![1, 0, 2, 0]),
//!     _ => Err(RecordingError::new(name, "is not there")),
//! };
//! let record = wire::wfdb::open("demo.hea", &mut files)?;
//! record.verify()?;
//! let mut samples = Vec::new();
//! record.samples(0, 0..2, &mut samples)?;
//! assert_eq!(samples, [1, 2]);
//! assert_eq!(record.head().channels[0].zero, -5.12);
//! # Ok::<(), RecordingError>(())
//! ```

mod annotation;
mod bits;
mod codes;
mod files;
mod flac;
mod flac_frame;
mod format;
mod gain;
mod group;
mod header;
mod lasting;
mod packed;
mod parse;
mod record;
mod remarks;
mod scale;
mod single;
mod start;
mod write;

pub use annotation::{Annotation, Annotations, Definition, annotations};
pub use files::Ask;
pub use format::Format;
pub use header::{Header, Segment, Segments, SignalSpec};
pub use parse::header;
pub use record::{Record, open};
pub use start::{Date, Start};
pub use write::{Make, Written, write};

#[cfg(test)]
mod tests;
