//! The kit of the whole-program tests: a device under exact control, the program with and without its window, and a
//! reader of source text for the house rules.
//!
//! The kit knows the program only from outside: its command line, its screen and the feed protocol as `FEED.md` has it.
//! It imports none of the program's crates, so that a mistake in them cannot hide in the test as well.

pub mod device;
pub mod driver;
pub mod program;
pub mod source;
pub mod waiting;
pub mod window;

/// What goes wrong in a test's surroundings; the text says what and where.
pub type Trouble = Box<dyn std::error::Error + Send + Sync>;
