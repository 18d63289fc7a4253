//! The rules of the house, kept by tests: who may import whom, how long a file may be, which words are ours, what must
//! never be in the repository, which licences may come in.

#![expect(clippy::expect_used, reason = "a house that cannot be read fails its rules")]

mod imports;
mod lengths;
mod licences;
mod page;
mod papers;
mod secrets;
mod words;
