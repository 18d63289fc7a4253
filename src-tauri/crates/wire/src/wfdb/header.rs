//! The text header.

use std::fmt::Write as _;

use super::{Format, Start};

/// One signal line.
#[derive(Clone, Debug, PartialEq)]
pub struct SignalSpec {
    /// The file its samples are in.
    pub file: String,
    /// How they are packed.
    pub format: Format,
    /// Samples of this signal in each frame; its rate is the record's times this.
    pub samples_per_frame: u32,
    /// Frames by which this signal lags in the file; reading takes it out.
    pub skew: u32,
    /// Where the samples begin in the file.
    pub byte_offset: u64,
    /// Steps per unit; never 0.
    pub gain: f64,
    /// The sample value that means 0 units.
    pub baseline: i32,
    /// Unit as written: `mV`, `mmHg`, `NU`.
    pub units: String,
    /// Bits of the converter; 0 where not said.
    pub adc_resolution: u32,
    /// The sample value at the middle of the converter's range.
    pub adc_zero: i32,
    /// The first sample; `None` where not said.
    pub initial: Option<i32>,
    /// Sum of all samples modulo 65,536; `None` where not said.
    pub checksum: Option<u16>,
    /// Block size of special files; 0 for ordinary ones.
    pub block_size: u32,
    /// What the signal is: `MLII`, `ABP`, `PLETH`.
    pub description: String,
}

/// What a record of several segments is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segments {
    /// How many signals the record line says.
    pub signals: usize,
    /// The segments in order of time. A first one of no frames is the layout: it names the signals, and each later
    /// segment has some of them.
    pub list: Vec<Segment>,
}

/// One segment line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The record of the segment; `~` for a time without any.
    pub name: String,
    /// Its length in frames.
    pub frames: u64,
}

impl Segment {
    /// Whether nothing was recorded in it.
    pub fn is_gap(&self) -> bool {
        self.name == "~"
    }
}

/// A record's header.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// The record's name.
    pub name: String,
    /// Frames a second.
    pub rate: f64,
    /// The counter's rate and its value at the first sample, where the header has them.
    pub counter: Option<(f64, f64)>,
    /// Frames in the record; `None` where not said (as many as the file holds).
    pub frames: Option<u64>,
    /// When it begins.
    pub start: Start,
    /// Its signals, in the order of the header; none of its own where it is made of segments.
    pub signals: Vec<SignalSpec>,
    /// The records one after the other that this one is made of; `None` where it has signals of its own.
    pub segments: Option<Segments>,
    /// The comment lines after the record line, without `#`.
    pub comments: Vec<String>,
}

impl Header {
    /// The signal files that this record needs, each once, in order.
    pub fn files(&self) -> Vec<&str> {
        let mut files: Vec<&str> = Vec::new();
        for signal in self.signals.iter().filter(|s| s.format != Format::Nothing) {
            if !files.contains(&signal.file.as_str()) {
                files.push(&signal.file);
            }
        }
        files
    }

    /// Samples a second of one signal.
    pub fn rate_of(&self, signal: &SignalSpec) -> f64 {
        self.rate * f64::from(signal.samples_per_frame)
    }

    /// The header as text: [`header`] reads it back as the same.
    pub fn to_text(&self) -> String {
        let mut text = match &self.segments {
            Some(parts) => format!("{}/{} {} {}", self.name, parts.list.len(), parts.signals, self.rate),
            None => format!("{} {} {}", self.name, self.signals.len(), self.rate),
        };
        let mut put = |part: std::fmt::Arguments<'_>| {
            // Writing to a string cannot fail.
            text.write_fmt(part).unwrap_or_default();
        };
        if let Some((rate, base)) = self.counter {
            put(format_args!("/{rate}({base})"));
        }
        // A start needs the number of frames before it; 0 is "not said".
        if self.frames.is_some() || self.start.time_of_day_us.is_some() {
            put(format_args!(" {}", self.frames.unwrap_or(0)));
            if let Some(us) = self.start.time_of_day_us {
                let (h, m, s) = (us / 3_600_000_000, us / 60_000_000 % 60, us / 1_000_000 % 60);
                put(format_args!(" {h:02}:{m:02}:{s:02}.{:06}", us % 1_000_000));
                if let Some((year, month, day)) = self.start.date.map(super::Date::parts) {
                    put(format_args!(" {day:02}/{month:02}/{year:04}"));
                }
            }
        }
        put(format_args!("\n"));
        for segment in self.segments.iter().flat_map(|parts| &parts.list) {
            put(format_args!("{} {}\n", segment.name, segment.frames));
        }
        for s in &self.signals {
            put(format_args!("{} {}", s.file, s.format.number()));
            if s.samples_per_frame != 1 {
                put(format_args!("x{}", s.samples_per_frame));
            }
            if s.skew != 0 {
                put(format_args!(":{}", s.skew));
            }
            if s.byte_offset != 0 {
                put(format_args!("+{}", s.byte_offset));
            }
            put(format_args!(" {}({})/{}", s.gain, s.baseline, s.units));
            put(format_args!(" {} {}", s.adc_resolution, s.adc_zero));
            if let (Some(initial), Some(checksum)) = (s.initial, s.checksum) {
                put(format_args!(" {initial} {checksum} {} {}", s.block_size, s.description));
            }
            put(format_args!("\n"));
        }
        for comment in &self.comments {
            put(format_args!("# {comment}\n"));
        }
        text
    }
}
