//! What a ward is started with, and what can go wrong.

use std::path::PathBuf;

use model::GenerationMode;
use thiserror::Error;
use wire::recording::RecordingError;

use crate::Script;

/// Most beds of one process: each has a listening port, and a ward has tens.
pub(crate) const BEDS_MAX: u16 = 2_000;

/// What the beds send.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LoadProfile {
    /// Beds that differ, as on a ward: one to five waves, four to twelve numbers, a few scripted events.
    #[default]
    Demo,
    /// Every bed the same load: two ECG leads at 250 Hz, pleth at 125, resp at 62.5, eight numbers a second; four
    /// wave messages and one of numbers a second. Played from loops made once, so that a thousand beds are cheap.
    Full,
}

/// How a ward is started. `WardOptions::default()` is a demo ward of 16 beds on free ports.
#[derive(Clone, Debug)]
pub struct WardOptions {
    /// How many beds, 1 to 2,000.
    pub beds: u16,
    /// Port of the first bed; the others follow. 0: any free port for each.
    pub port: u16,
    /// A WFDB header (`.hea`) whose signals every bed replays in a loop, in place of the profile's waves.
    pub record: Option<PathBuf>,
    /// The ward ends after so many seconds; `None`: when it is stopped.
    pub seconds: Option<u64>,
    /// What goes wrong, and when.
    pub faults: Script,
    /// What the beds send.
    pub profile: LoadProfile,
    /// What the devices say their data are. `Demo` or `Test`; `Real` is refused, for virtual beds
    /// have no patients.
    pub mode: GenerationMode,
    /// Waves as JSON text instead of binary blocks.
    pub json_waves: bool,
    /// Speed of the ward's time: 1 is true speed. Tests run it faster; device times run along.
    pub speed: f64,
    /// Whether the demo profile's own events (a desaturation, a lead off …) happen.
    pub events: bool,
}

impl Default for WardOptions {
    fn default() -> Self {
        Self {
            beds: 16,
            port: 0,
            record: None,
            seconds: None,
            faults: Script::default(),
            profile: LoadProfile::Demo,
            mode: GenerationMode::Demo,
            json_waves: false,
            speed: 1.0,
            events: true,
        }
    }
}

/// Where a bed listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedAddress {
    /// The bed: `bed-01`.
    pub bed: String,
    /// Its feed: `ws://127.0.0.1:9101/feed`.
    pub url: String,
}

/// Why a ward does not start.
#[derive(Debug, Error)]
pub enum BedsideError {
    /// No beds, or too many.
    #[error("a ward of virtual beds has 1 to {BEDS_MAX} beds, not {0}")]
    Beds(u16),
    /// A speed that is no speed.
    #[error("the speed of a ward is between 0.01 and 10000, not {0}")]
    Speed(f64),
    /// A virtual bed that calls its data a patient's.
    #[error("virtual beds have no patients: their mode is demo or test, never real")]
    Real,
    /// Ports would run over 65,535.
    #[error("{beds} beds from port {port} on would need ports above 65535; take a lower first port")]
    Ports {
        /// First port.
        port: u16,
        /// Beds.
        beds: u16,
    },
    /// A port cannot be listened on.
    #[error("cannot listen on 127.0.0.1:{port}: {source}; is another ward running there? Port 0 takes any free one")]
    Listen {
        /// Which port.
        port: u16,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file of the record cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The record is not one that can be read.
    #[error("record {}: {source}", path.display())]
    Record {
        /// Which header.
        path: PathBuf,
        /// What is wrong with it.
        source: RecordingError,
    },
    /// None of the record's signals is one that the protocol has a name for.
    #[error("record {} has no signal to replay: {}", path.display(), left_out.join("; "))]
    NoSignals {
        /// Which header.
        path: PathBuf,
        /// Each signal and why it is left out.
        left_out: Vec<String>,
    },
    /// The script names a bed that is not there.
    #[error("the fault script names bed {bed}, the ward has {beds}")]
    NoSuchBed {
        /// The bed it names.
        bed: u16,
        /// Beds in the ward.
        beds: u16,
    },
}
