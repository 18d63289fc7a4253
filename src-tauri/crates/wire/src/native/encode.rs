//! Messages to bytes.

use thiserror::Error;

use super::{Answer, BLOCK_SAMPLES_MAX, CHANNELS_MAX, MESSAGE_BYTES_MAX, Message, VERSION, Waves};

/// Why a message cannot be sent.
#[derive(Debug, Error)]
pub enum EncodeError {
    /// Longer than [`MESSAGE_BYTES_MAX`].
    #[error("a message may have {MESSAGE_BYTES_MAX} bytes, this one has {0}; send shorter blocks more often")]
    TooLong(usize),
    /// More channels or samples than a block may have.
    #[error("a wave message may have {CHANNELS_MAX} channels of {BLOCK_SAMPLES_MAX} samples; send shorter blocks")]
    TooMany,
    /// JSON cannot hold it.
    #[error("the message cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// A message as JSON text.
///
/// ```
/// use wire::native::{Clock, Message, encode_text};
/// let text = encode_text(&Message::Clock(Clock { seq: 7, t: 1_800_000_000_000.5 }))?;
/// assert_eq!(text, r#"{"type":"clock","seq":7,"t":1800000000000.5}"#);
/// # Ok::<(), wire::native::EncodeError>(())
/// ```
pub fn encode_text(message: &Message<'_>) -> Result<String, EncodeError> {
    let text = serde_json::to_string(message)?;
    if text.len() > MESSAGE_BYTES_MAX {
        return Err(EncodeError::TooLong(text.len()));
    }
    Ok(text)
}

/// What the station says, as JSON text.
pub fn encode_answer(answer: &Answer<'_>) -> Result<String, EncodeError> {
    Ok(serde_json::to_string(answer)?)
}

/// Waves as a binary block.
///
/// ```
/// use wire::native::{Block, Waves, encode_binary};
/// let bytes = encode_binary(&Waves { seq: 2, t: 0.0, blocks: vec![Block { channel: 3, samples: vec![-1, 256].into() }] })?;
/// assert_eq!(bytes, [1, 1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 2, 0, 0xff, 0xff, 0, 1]);
/// # Ok::<(), wire::native::EncodeError>(())
/// ```
pub fn encode_binary(waves: &Waves) -> Result<Vec<u8>, EncodeError> {
    let fits = waves.blocks.iter().all(|b| b.samples.len() <= BLOCK_SAMPLES_MAX);
    if waves.blocks.len() > CHANNELS_MAX || !fits {
        return Err(EncodeError::TooMany);
    }
    let samples: usize = waves.blocks.iter().map(|b| b.samples.len()).sum();
    let length = super::decode::HEADER_BYTES + waves.blocks.len() * super::decode::CHANNEL_BYTES + samples * 2;
    if length > MESSAGE_BYTES_MAX {
        return Err(EncodeError::TooLong(length));
    }
    let mut bytes = Vec::with_capacity(length);
    bytes.push(u8::try_from(VERSION).map_err(|_| EncodeError::TooMany)?);
    bytes.push(u8::try_from(waves.blocks.len()).map_err(|_| EncodeError::TooMany)?);
    bytes.extend_from_slice(&[0, 0]);
    bytes.extend_from_slice(&waves.seq.to_le_bytes());
    bytes.extend_from_slice(&waves.t.to_le_bytes());
    for block in &waves.blocks {
        let count = u16::try_from(block.samples.len()).map_err(|_| EncodeError::TooMany)?;
        bytes.extend_from_slice(&[block.channel, 0]);
        bytes.extend_from_slice(&count.to_le_bytes());
        for sample in block.samples.iter() {
            bytes.extend_from_slice(&sample.to_le_bytes());
        }
    }
    Ok(bytes)
}
