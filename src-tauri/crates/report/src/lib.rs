//! Printed pages: strips, trends and alert summaries.
//!
//! **Invariant:** a page says whose data it shows, which span, which software, and that Wardlight is a supplementary
//! display; demo data carry their watermark on paper too.

mod alerts;
mod axis;
mod chronicle;
mod face;
mod figures;
mod gather;
mod heading;
mod history;
#[cfg(test)]
#[path = "../tests/kit/mod.rs"]
mod kit;
mod lane;
#[cfg(test)]
mod laws;
mod output;
mod plot;
mod sheet;
mod stay;
mod strip;
mod table;
mod tally;
mod trend;

#[cfg(test)]
extern crate self as report;

pub use alerts::Alerts;
pub use heading::{Heading, Print};
pub use history::{Asked, PageKind, alerts, from_history, stay, strip, trend};
pub use output::{Format, Pages, ReportError};
pub use stay::{Event, Recorded, Stay};
pub use strip::{Mark, Piece, STRIP_SECONDS_MAX, Strip, Wave};
pub use tally::{Answer, Occurrence, Silence, cause, crossing, occurrences, silences};
pub use trend::{AlertSpan, Bin, LimitsSpan, Panel, Series, Summary, Trend};
