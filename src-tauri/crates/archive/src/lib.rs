//! Recorded sessions: any file that research or a ward wrote is opened, imported and written again.
//!
//! **Invariant:** a source is never altered, and nothing is half imported: an imported recording is a session file of its
//! own, written beside and renamed into its place.
