//! Bytes to messages.

use std::fmt;
use std::marker::PhantomData;

use model::RejectReason;
use serde::Deserialize;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use thiserror::Error;

use super::{
    Alert, BLOCK_SAMPLES_MAX, Block, CHANNELS_MAX, Clock, DeviceInfo, Hello, MESSAGE_BYTES_MAX, Message, NUMERICS_MAX,
    NumericInfo, Numerics, VALUES_MAX, VERSION, Value, WaveInfo, Waves, Word,
};
use crate::step::shown;

/// How the error text of an array that is too long begins. serde carries errors as text only.
pub(super) const TOO_MANY: &str = "too many elements";

/// Bytes before the first channel of a binary block.
pub(super) const HEADER_BYTES: usize = 16;

/// Bytes before the samples of each channel.
pub(super) const CHANNEL_BYTES: usize = 4;

/// Why a message is refused as a whole. The text never repeats what stood in the message.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{detail}")]
pub struct DecodeError {
    /// The drawer.
    pub reason: RejectReason,
    /// The message's own number, where it could be read.
    pub seq: Option<u32>,
    /// What was expected, what came, and what to do.
    pub detail: String,
}

impl DecodeError {
    pub(super) fn new(reason: RejectReason, seq: Option<u32>, detail: impl Into<String>) -> Self {
        Self {
            reason,
            seq,
            detail: detail.into(),
        }
    }
}

/// All fields of all messages at once: one pass in any order of fields, without the copy that serde's tagged
/// enums make. Fields that nobody knows are skipped, so that later versions may add some.
#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow, default, rename = "type")]
    kind_of_message: Option<Word<'a>>,
    seq: Option<u32>,
    t: Option<f64>,
    version: Option<u32>,
    #[serde(borrow)]
    device: Option<DeviceInfo<'a>>,
    #[serde(borrow, default)]
    mode: Option<Word<'a>>,
    heartbeat_ms: Option<u32>,
    #[serde(borrow, default, deserialize_with = "few::<_, _, NUMERICS_MAX>")]
    numerics: Vec<NumericInfo<'a>>,
    #[serde(borrow, default, deserialize_with = "few::<_, _, CHANNELS_MAX>")]
    waves: Vec<WaveInfo<'a>>,
    #[serde(borrow, default, deserialize_with = "some_few::<_, _, VALUES_MAX>")]
    values: Option<Vec<Value<'a>>>,
    #[serde(default, deserialize_with = "some_few::<_, _, CHANNELS_MAX>")]
    blocks: Option<Vec<Block>>,
    #[serde(borrow, default)]
    code: Option<Word<'a>>,
    #[serde(borrow, default)]
    text: Option<Word<'a>>,
    #[serde(borrow, default)]
    metric: Option<Word<'a>>,
    #[serde(borrow, default)]
    priority: Option<Word<'a>>,
    #[serde(borrow, default)]
    kind: Option<Word<'a>>,
    present: Option<bool>,
}

/// An array of at most `MAX` elements; a longer one is an error before it takes memory.
pub(crate) fn few<'de, D, T, const MAX: usize>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct Few<T, const MAX: usize>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for Few<T, MAX> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "an array of at most {MAX} elements")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
            let mut elements = Vec::new();
            while let Some(element) = seq.next_element()? {
                if elements.len() == MAX {
                    return Err(A::Error::custom(TOO_MANY));
                }
                elements.push(element);
            }
            Ok(elements)
        }
    }

    deserializer.deserialize_seq(Few::<T, MAX>(PhantomData))
}

/// [`few`], for a field whose absence is known from its emptiness.
fn some_few<'de, D, T, const MAX: usize>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    few::<D, T, MAX>(deserializer).map(Some)
}

/// Reads a text message.
///
/// ```
/// use model::RejectReason;
/// use wire::native::{Clock, Message, decode_text};
/// let clock = decode_text(br#"{"type":"clock","seq":7,"t":1800000000000}"#)?;
/// assert_eq!(clock, Message::Clock(Clock { seq: 7, t: 1_800_000_000_000.0 }));
/// let error = decode_text(br#"{"type":"clock","seq":8}"#).unwrap_err();
/// assert_eq!((error.reason, error.seq), (RejectReason::Malformed, Some(8)));
/// assert_eq!(error.to_string(), "expected the field `t` in a clock message, got none; add it");
/// # Ok::<(), wire::native::DecodeError>(())
/// ```
pub fn decode_text(bytes: &[u8]) -> Result<Message<'_>, DecodeError> {
    within_size(bytes)?;
    serde_json::from_slice(bytes)
        .map_err(|e| unreadable(&e))
        .and_then(sorted)
}

fn within_size(bytes: &[u8]) -> Result<(), DecodeError> {
    if bytes.len() <= MESSAGE_BYTES_MAX {
        return Ok(());
    }
    let detail = format!(
        "expected at most {MESSAGE_BYTES_MAX} bytes, got {}; send shorter blocks more often",
        bytes.len()
    );
    Err(DecodeError::new(RejectReason::Oversized, None, detail))
}

/// serde's own text may repeat what stood in the message, so only the kind of fault and its place are taken.
pub(crate) fn unreadable(error: &serde_json::Error) -> DecodeError {
    let place = format!("line {} column {}", error.line(), error.column());
    if error.is_data() && error.to_string().starts_with(TOO_MANY) {
        let detail = format!("expected fewer elements in the array that ends at {place}; see the limits in FEED.md");
        return DecodeError::new(RejectReason::Oversized, None, detail);
    }
    let detail = if error.is_eof() {
        format!("expected a whole JSON object, got one that breaks off at {place}; send a message in one frame")
    } else if error.is_data() {
        format!("expected the fields of FEED.md, got a missing one or another type at {place}; check that field")
    } else {
        format!("expected JSON, got something else at {place}; numbers must be finite and text in UTF-8")
    };
    DecodeError::new(RejectReason::Malformed, None, detail)
}

/// The types of message, commonest first.
const TYPES: [&str; 5] = ["waves", "numerics", "clock", "alert", "hello"];

fn sorted(fields: Fields<'_>) -> Result<Message<'_>, DecodeError> {
    let seq = fields.seq;
    let missing = |message: &str, field: &str| {
        let detail = format!("expected the field `{field}` in a {message} message, got none; add it");
        DecodeError::new(RejectReason::Malformed, seq, detail)
    };
    let kind = fields.kind_of_message.ok_or_else(|| missing("feed", "type"))?;
    let Some(name) = TYPES.into_iter().find(|known| **known == *kind) else {
        let detail = format!(
            "expected the type hello, numerics, waves, alert or clock, got {}; leave such messages out",
            shown(&kind)
        );
        return Err(DecodeError::new(RejectReason::Malformed, seq, detail));
    };
    let missing = |field: &str| missing(name, field);
    let seq = seq.ok_or_else(|| missing("seq"))?;
    let t = fields.t.ok_or_else(|| missing("t"))?;
    Ok(match name {
        "hello" => Message::Hello(Hello {
            seq,
            t,
            version: fields.version.ok_or_else(|| missing("version"))?,
            device: fields.device.ok_or_else(|| missing("device"))?,
            mode: fields.mode.ok_or_else(|| missing("mode"))?,
            heartbeat_ms: fields.heartbeat_ms.ok_or_else(|| missing("heartbeat_ms"))?,
            numerics: fields.numerics,
            waves: fields.waves,
        }),
        "numerics" => Message::Numerics(Numerics {
            seq,
            t,
            values: fields.values.ok_or_else(|| missing("values"))?,
        }),
        "waves" => Message::Waves(Waves {
            seq,
            t,
            blocks: fields.blocks.ok_or_else(|| missing("blocks"))?,
        }),
        "alert" => Message::Alert(Alert {
            seq,
            t,
            code: fields.code.ok_or_else(|| missing("code"))?,
            text: fields.text.unwrap_or_default(),
            metric: fields.metric,
            priority: fields.priority.ok_or_else(|| missing("priority"))?,
            kind: fields.kind.ok_or_else(|| missing("kind"))?,
            present: fields.present.ok_or_else(|| missing("present"))?,
        }),
        _ => Message::Clock(Clock { seq, t }),
    })
}

/// Reads a binary wave block.
///
/// ```
/// use wire::native::decode_binary;
/// let waves = decode_binary(&[1, 1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 2, 0, 0xff, 0xff, 0, 1])?;
/// assert_eq!((waves.seq, waves.blocks[0].channel, &*waves.blocks[0].samples), (2, 3, &[-1, 256][..]));
/// assert!(decode_binary(&[1, 1, 0, 0]).is_err());
/// # Ok::<(), wire::native::DecodeError>(())
/// ```
pub fn decode_binary(bytes: &[u8]) -> Result<Waves, DecodeError> {
    within_size(bytes)?;
    let mut rest = Cursor { bytes, seq: None };
    let [version, channels, reserved @ ..] = rest.take::<4>()?;
    if u32::from(version) != VERSION || reserved != [0, 0] {
        let detail = format!(
            "expected a block that begins 0x01, channel count, 0x00, 0x00, got 0x{version:02x} first; see FEED.md"
        );
        return Err(DecodeError::new(RejectReason::Malformed, None, detail));
    }
    let seq = u32::from_le_bytes(rest.take()?);
    rest.seq = Some(seq);
    let t = f64::from_le_bytes(rest.take()?);
    let channels = usize::from(channels);
    if channels > CHANNELS_MAX {
        let detail = format!("expected at most {CHANNELS_MAX} channels in a block, got {channels}; send two blocks");
        return Err(DecodeError::new(RejectReason::Oversized, Some(seq), detail));
    }
    let mut blocks = Vec::with_capacity(channels);
    for _ in 0..channels {
        let [channel, _, low, high] = rest.take()?;
        let count = usize::from(u16::from_le_bytes([low, high]));
        if count > BLOCK_SAMPLES_MAX {
            let detail =
                format!("expected at most {BLOCK_SAMPLES_MAX} samples a channel, got {count}; send shorter blocks");
            return Err(DecodeError::new(RejectReason::Oversized, Some(seq), detail));
        }
        let (pairs, _) = rest.slice(count * 2)?.as_chunks::<2>();
        let samples: Vec<i16> = pairs.iter().map(|p| i16::from_le_bytes(*p)).collect();
        blocks.push(Block {
            channel,
            samples: samples.into(),
        });
    }
    if rest.bytes.is_empty() {
        Ok(Waves { seq, t, blocks })
    } else {
        let detail = format!(
            "expected the block to end after its last sample, got {} bytes more; check the counts",
            rest.bytes.len()
        );
        Err(DecodeError::new(RejectReason::Malformed, Some(seq), detail))
    }
}

/// What is left of a block.
struct Cursor<'a> {
    bytes: &'a [u8],
    seq: Option<u32>,
}

impl<'a> Cursor<'a> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (head, tail) = self.bytes.split_first_chunk().ok_or_else(|| self.short(N))?;
        self.bytes = tail;
        Ok(*head)
    }

    fn slice(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        let (head, tail) = self.bytes.split_at_checked(length).ok_or_else(|| self.short(length))?;
        self.bytes = tail;
        Ok(head)
    }

    fn short(&self, wanted: usize) -> DecodeError {
        let detail = format!(
            "expected {wanted} bytes more in the block, got {}; check the counts",
            self.bytes.len()
        );
        DecodeError::new(RejectReason::Malformed, self.seq, detail)
    }
}
