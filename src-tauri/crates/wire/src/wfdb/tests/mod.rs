//! The codec against what the reference tools read, laws for all inputs, and what is said of broken files.

mod broken;
mod compressed;
mod kit;
mod laws;
mod shared;
mod written;
