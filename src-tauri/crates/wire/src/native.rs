//! The native feed protocol, version 1. `FEED.md` beside this crate describes it for people who build devices.
//!
//! The device is the WebSocket server, the station the client. Text messages are JSON ([`decode_text`],
//! [`encode_text`]), binary messages are wave blocks ([`decode_binary`], [`encode_binary`]); a [`Session`] turns
//! the messages of one connection into [`model::Observation`]s.

mod alerts;
mod answer;
mod budget;
mod decode;
mod encode;
mod greeting;
mod message;
mod numerics;
mod samples;
mod session;
mod timeline;
mod transit;
mod word;

pub use crate::Step;
pub use answer::Answer;
pub use decode::{DecodeError, decode_binary, decode_text};
pub(crate) use decode::{few, unreadable};
pub use encode::{EncodeError, encode_answer, encode_binary, encode_text};
pub(crate) use greeting::timing;
pub use message::{
    Alert, Block, Clock, DeviceInfo, Figure, Hello, Message, NumericInfo, Numerics, Validity, Value, WaveInfo, Waves,
};
pub use samples::Samples;
pub use session::Session;
pub(crate) use session::device_time;
pub use word::Word;

/// The version this station speaks.
pub const VERSION: u32 = 1;

/// The WebSocket subprotocol.
pub const SUBPROTOCOL: &str = "wardlight.v1";

/// The path of the feed on the device.
pub const PATH: &str = "/feed";

/// Longest message, text or binary, in bytes: 32 channels of 1,000 samples each take 64 KiB binary and 190 KiB as text.
pub const MESSAGE_BYTES_MAX: usize = 256 * 1024;

/// Most waves a device may describe: 12 leads and 4 pressures twice over.
pub const CHANNELS_MAX: usize = 32;

/// Most numbers a device may describe: three times what the vocabulary holds.
pub const NUMERICS_MAX: usize = 64;

/// Most values in one `numerics` message: 64 numbers of now, and 15 older readings of each.
pub const VALUES_MAX: usize = 1_024;

/// Most samples in one block: 32 KiB once decoded, 32 s at 500 Hz.
pub const BLOCK_SAMPLES_MAX: usize = 16_384;
