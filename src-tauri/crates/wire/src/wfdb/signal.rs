//! Samples of formats 16 and 212.

use model::NO_SAMPLE;

use super::{Format, Header, SignalSpec, WfdbError};

/// The samples of one signal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signal {
    /// Which signal line of the header, from 0.
    pub index: usize,
    /// The samples in the header's steps; [`NO_SAMPLE`] where the record has none.
    pub samples: Vec<i16>,
}

/// The signals that are in one of the record's files.
///
/// Checks length, first samples' sum and checksum; takes out skew. A signal that lags is filled up with
/// [`NO_SAMPLE`] at its end, so that all signals have the record's length.
pub fn signals(header: &Header, file: &str, bytes: &[u8]) -> Result<Vec<Signal>, WfdbError> {
    let wrong = |problem: String| WfdbError::Signal {
        file: file.to_owned(),
        problem,
    };
    let specs: Vec<(usize, &SignalSpec)> = header
        .signals
        .iter()
        .enumerate()
        .filter(|(_, s)| s.file == file)
        .collect();
    let Some(&(_, first)) = specs.first() else {
        return Err(wrong(format!("record {:?} has no signal in it", header.name)));
    };
    if specs.iter().any(|(_, s)| s.format != first.format) {
        return Err(wrong("its signals are said to have different formats".to_owned()));
    }
    let offset = usize::try_from(first.byte_offset).unwrap_or(usize::MAX);
    let Some(bytes) = bytes.get(offset..) else {
        return Err(wrong(format!(
            "has {} bytes; the samples should begin at {offset}",
            bytes.len()
        )));
    };
    let stream = match first.format {
        Format::Bits16 => words_16(bytes),
        Format::Bits212 => words_212(bytes),
        Format::Other(number) => {
            return Err(wrong(format!("format {number} is not read; formats 16 and 212 are")));
        }
    };
    let frame: usize = specs.iter().map(|(_, s)| s.samples_per_frame as usize).sum();
    let frames = match header.frames {
        Some(frames) => usize::try_from(frames).unwrap_or(usize::MAX),
        None => stream.len() / frame,
    };
    let needed = frames.saturating_mul(frame);
    let Some(stream) = stream.get(..needed) else {
        return Err(wrong(format!(
            "holds {} samples; {frames} frames of {frame} need {needed}; was it cut?",
            stream.len()
        )));
    };
    let mut place = 0;
    let mut found = Vec::with_capacity(specs.len());
    for (index, spec) in specs {
        let width = spec.samples_per_frame as usize;
        let raw = stream
            .chunks_exact(frame)
            .filter_map(|f| f.get(place..place + width))
            .flatten();
        let samples: Vec<i16> = raw.copied().collect();
        place += width;
        check(index, spec, &samples)?;
        found.push(Signal {
            index,
            samples: aligned(spec, samples),
        });
    }
    Ok(found)
}

/// Packs signals of one sample a frame as format 16; the shortest signal ends the file.
///
/// ```
/// assert_eq!(wire::wfdb::format_16(&[&[1, 2], &[-1, 3]]), [1, 0, 255, 255, 2, 0, 3, 0]);
/// ```
pub fn format_16(signals: &[&[i16]]) -> Vec<u8> {
    let frames = signals.iter().map(|s| s.len()).min().unwrap_or(0);
    (0..frames)
        .flat_map(|i| signals.iter().filter_map(move |s| s.get(i)))
        .flat_map(|sample| sample.to_le_bytes())
        .collect()
}

fn check(index: usize, spec: &SignalSpec, samples: &[i16]) -> Result<(), WfdbError> {
    let found = samples.iter().fold(0_u16, |sum, s| sum.wrapping_add(s.cast_unsigned()));
    match spec.checksum {
        Some(expected) if expected != found => Err(WfdbError::Checksum {
            file: spec.file.clone(),
            signal: index,
            description: spec.description.clone(),
            expected,
            found,
        }),
        Some(_) | None => Ok(()),
    }
}

/// Takes out skew and gives missing samples their one mark.
fn aligned(spec: &SignalSpec, mut samples: Vec<i16>) -> Vec<i16> {
    if spec.format == Format::Bits212 {
        for sample in &mut samples {
            if *sample == MISSING_212 {
                *sample = NO_SAMPLE;
            }
        }
    }
    let lag = (spec.skew as usize)
        .saturating_mul(spec.samples_per_frame as usize)
        .min(samples.len());
    samples.rotate_left(lag);
    let kept = samples.len() - lag;
    for sample in samples.iter_mut().skip(kept) {
        *sample = NO_SAMPLE;
    }
    samples
}

/// The lowest 12-bit number says "no sample" in format 212.
const MISSING_212: i16 = -2_048;

fn words_16(bytes: &[u8]) -> Vec<i16> {
    bytes
        .as_chunks()
        .0
        .iter()
        .map(|pair| i16::from_le_bytes(*pair))
        .collect()
}

/// Two samples in three bytes: low byte of the first; its high nibble and, above, the second's; low byte of the second.
/// An odd count ends in two bytes.
fn words_212(bytes: &[u8]) -> Vec<i16> {
    let (triples, rest) = bytes.as_chunks();
    let mut samples = Vec::with_capacity(bytes.len() / 3 * 2 + 1);
    for &[low, middle, high] in triples {
        samples.push(signed_12(low, middle & 0x0f));
        samples.push(signed_12(high, middle >> 4));
    }
    if let &[low, middle] = rest {
        samples.push(signed_12(low, middle & 0x0f));
    }
    samples
}

fn signed_12(low: u8, high: u8) -> i16 {
    // Shifted up so that the 12th bit becomes the sign, then back with the sign kept.
    i16::from_le_bytes([low << 4, high << 4 | low >> 4]) >> 4
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
