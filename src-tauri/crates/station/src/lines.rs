//! Where in a text something stands, for errors that name the line.

use std::ops::Range;

/// The text of a file.
pub(crate) struct Lines<'a>(pub(crate) &'a str);

impl Lines<'_> {
    /// The line, from 1, on which a span of bytes begins.
    pub(crate) fn line(&self, at: &Range<usize>) -> usize {
        let before = self.0.as_bytes().get(..at.start).unwrap_or_default();
        before.split(|b| *b == b'\n').count()
    }
}
