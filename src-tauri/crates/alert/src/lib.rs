//! The alert engine: a pure state machine. Events and times go in, transitions come out.
//!
//! **Invariant:** no clock, no socket, no async, no random number and no hidden state in here. The same events at
//! the same times give the same alerts, whatever else is asked in between: a replay is exact, and a tick more or
//! less changes nothing.
//!
//! The states are in `STATES.md` beside this crate, and a test holds that table against the code.
//!
//! ```
//! use alert::{Engine, Event, Settings};
//! use model::{AlertId, BedId, Connectivity, LostBecause, Priority, ReceiptTime};
//! let mut engine = Engine::new(Settings::default(), AlertId(1));
//! let bed = BedId::new("bed-07")?;
//! let lost = Event::Connectivity { bed, feed: 0, state: Connectivity::Lost(LostBecause::Closed) };
//! let effects = engine.step(ReceiptTime::from_millis(5_000), &lost);
//! let raised = effects.transitions.first().map(|t| alert::message(&t.state));
//! assert_eq!(raised.as_deref(), Some("!! No data from the monitor: the device closed the connection"));
//! assert_eq!(engine.sounding().map(|s| s.priority), Some(Priority::Medium));
//! # Ok::<(), model::IdentityError>(())
//! ```

mod answers;
pub mod combined;
mod deadlines;
mod engine;
mod episode;
mod event;
mod feeds;
pub mod formula;
mod limits;
mod message;
pub mod news2;
mod pauses;
mod phase;
mod place;
pub mod profile;
pub mod rights;
mod rules;
mod score;
mod settings;
mod stay;

pub use engine::Engine;
pub use event::{Answer, Effects, Event, Loudness, PauseChange, Refusal, Transition};
pub use message::{message, remedy};
pub use settings::{Ladder, Settings, TechnicalRule};
