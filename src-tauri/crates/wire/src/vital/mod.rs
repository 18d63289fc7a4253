//! VitalDB recordings: a gzip stream of packets that describe devices and tracks and carry their records.
//!
//! The stream can only be read from its beginning, so everything is decoded at opening. A file that breaks off is
//! read as far as it goes and says so; one that is damaged is refused.
//!
//! Source: the format as VitalDB publishes it ("Vital File Format"), and files that its own tools wrote.
//!
//! ```
//! let error = wire::vital::open("case", b"PK\x03\x04").unwrap_err();
//! assert!(error.to_string().contains("gzip"));
//! ```

mod assemble;
mod packet;
#[cfg(test)]
mod tests;

use std::io::{ErrorKind, Read};

use flate2::read::GzDecoder;
use packet::Body;

use crate::recording::{Recording, RecordingError};

/// A stream may unpack to so many times its size: real ones reach 20.
pub const UNPACKED_TIMES_MAX: u64 = 256;

/// What even the smallest file may unpack to.
pub const UNPACKED_FREE: u64 = 16 << 20;

/// Reads a file that was read into memory. `name` is the recording's name and stands in errors.
///
/// # Errors
/// Bytes that are no VitalDB file, a damaged stream, a stream that unpacks to more than 256 times its size, a
/// track that is described in a way that cannot be right.
pub fn open(name: &str, bytes: &[u8]) -> Result<Recording, RecordingError> {
    let most = (bytes.len() as u64)
        .saturating_mul(UNPACKED_TIMES_MAX)
        .max(UNPACKED_FREE);
    match bytes {
        [0x1F, 0x8B, ..] => read(name, GzDecoder::new(bytes), most),
        [b'V', b'I', b'T', b'A', ..] => read(name, bytes, most),
        _ => Err(RecordingError::new(
            format!("{name}, byte 0"),
            "a VitalDB file is a gzip stream and begins with 1F 8B",
        )),
    }
}

/// The stream, and how much of it was taken.
struct Stream<R> {
    inner: R,
    taken: u64,
    most: u64,
}

/// What came instead of the bytes that were asked for.
enum Short {
    /// The stream is over, after some of them or none.
    Ended(usize),
    /// The stream is damaged, or too long.
    Broken(String),
}

impl<R: Read> Stream<R> {
    /// Exactly `len` bytes. Memory is taken as they come, never on the word of a length.
    fn take(&mut self, len: u64, into: &mut Vec<u8>) -> Result<(), Short> {
        into.clear();
        if self.taken + len > self.most {
            return Err(Short::Broken(format!(
                "it unpacks to more than {} bytes, {UNPACKED_TIMES_MAX} times its size",
                self.most
            )));
        }
        let got = match self.inner.by_ref().take(len).read_to_end(into) {
            Ok(got) => got as u64,
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Err(Short::Ended(into.len())),
            Err(error) => return Err(Short::Broken(format!("the gzip stream is damaged ({error})"))),
        };
        self.taken += got;
        if got < len {
            Err(Short::Ended(into.len()))
        } else {
            Ok(())
        }
    }
}

fn read(name: &str, inner: impl Read, most: u64) -> Result<Recording, RecordingError> {
    let mut stream = Stream { inner, taken: 0, most };
    let mut buffer = Vec::new();
    let at = |taken: u64, problem: String| RecordingError::new(format!("{name}, byte {taken} (unpacked)"), problem);
    let short = |taken: u64, short: Short| match short {
        Short::Ended(_) => at(taken, "the file ends within its header".to_owned()),
        Short::Broken(problem) => at(taken, problem),
    };
    stream.take(10, &mut buffer).map_err(|error| short(0, error))?;
    if !buffer.starts_with(b"VITA") {
        return Err(at(0, "the unpacked stream does not begin with VITA".to_owned()));
    }
    let length = Body::new(buffer.get(8..).unwrap_or_default()).u16().unwrap_or(0);
    stream
        .take(length.into(), &mut buffer)
        .map_err(|error| short(10, error))?;
    let mut file = assemble::File::new(packet::head(&buffer));
    loop {
        let begun = stream.taken;
        match stream.take(5, &mut buffer) {
            Ok(()) => {}
            Err(Short::Ended(0)) => break,
            Err(Short::Ended(_)) => {
                file.notes
                    .push(format!("the file breaks off at byte {begun} (unpacked)"));
                break;
            }
            Err(Short::Broken(problem)) => return Err(at(begun, problem)),
        }
        let mut prefix = Body::new(&buffer);
        let (Some(kind), Some(len)) = (prefix.u8(), prefix.u32()) else {
            break;
        };
        match stream.take(len.into(), &mut buffer) {
            Ok(()) => {}
            Err(Short::Ended(_)) => {
                file.notes.push(format!(
                    "the file breaks off within a packet that begins at byte {begun} (unpacked)"
                ));
                break;
            }
            Err(Short::Broken(problem)) => return Err(at(begun, problem)),
        }
        match packet::read(kind, &buffer) {
            Some(packet) => file.take(packet, &buffer),
            None => file.unread += 1,
        }
    }
    file.finish(name)
}
