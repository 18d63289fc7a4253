//! Virtual bedside devices: real WebSocket servers that speak the native protocol at true speed.
//!
//! A demo ward plays recordings that may be redistributed (`recordings/SOURCES.md`) and, for what no free
//! recording covers, a [`physiology`] in which waves and numbers come from the same heart beats. A [`Script`]
//! adds what goes wrong on a ward; `FAULTS.md` lists it.
//!
//! **Invariant:** a device knows nothing of who watches it: no `feed`, no `station` in here. It has a clock of
//! its own, as real devices do, and no patient: it is the station that knows who lies where.

mod client;
mod device;
mod fault;
mod item;
mod options;
pub mod physiology;
mod record;
mod rpeak;
mod script;
mod source;
mod ward;

pub use fault::Fault;
pub use options::{BedsideError, FeedAddress, LoadProfile, WardOptions};
pub use record::Recording;
pub use rpeak::beats;
pub use script::{Entry, Script, ScriptError};
pub use source::{Channel, NumberSpec};
pub use ward::{Ward, start};
