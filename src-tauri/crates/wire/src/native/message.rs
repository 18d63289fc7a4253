//! What a device says.

use std::fmt;

use model::{Absence, Device, DeviceId, IdentityError};
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize as DeriveDeserialize, Serialize, Serializer};

use super::{Samples, Word};
use crate::step::cleaned;

/// A message of a device. `seq` counts the messages of a connection from 1, `t` is the device's clock in
/// milliseconds since the Unix epoch.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Message<'a> {
    /// Who the device is and what it measures.
    Hello(Hello<'a>),
    /// Numbers.
    Numerics(Numerics<'a>),
    /// Samples.
    Waves(Waves),
    /// An alert of the device itself.
    Alert(Alert<'a>),
    /// A sign of life.
    Clock(Clock),
}

impl Message<'_> {
    /// The place of the message in the connection.
    pub const fn seq(&self) -> u32 {
        match self {
            Self::Hello(m) => m.seq,
            Self::Numerics(m) => m.seq,
            Self::Waves(m) => m.seq,
            Self::Alert(m) => m.seq,
            Self::Clock(m) => m.seq,
        }
    }

    /// The device's clock, in milliseconds since the Unix epoch.
    pub const fn t(&self) -> f64 {
        match self {
            Self::Hello(m) => m.t,
            Self::Numerics(m) => m.t,
            Self::Waves(m) => m.t,
            Self::Alert(m) => m.t,
            Self::Clock(m) => m.t,
        }
    }
}

/// Who the device is and what it measures: the first message, and again whenever the set changes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hello<'a> {
    /// Place in the connection.
    pub seq: u32,
    /// Device clock, ms since the epoch.
    pub t: f64,
    /// Protocol version.
    pub version: u32,
    /// The device.
    pub device: DeviceInfo<'a>,
    /// `real`, `test` or `demo` ([`model::GenerationMode::as_str`]).
    pub mode: Word<'a>,
    /// Something comes at least this often, in milliseconds.
    pub heartbeat_ms: u32,
    /// The numbers it sends.
    pub numerics: Vec<NumericInfo<'a>>,
    /// The waves it sends.
    pub waves: Vec<WaveInfo<'a>>,
}

/// A device as it describes itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, DeriveDeserialize)]
pub struct DeviceInfo<'a> {
    /// Letters, digits, `-`, `_`, `.`; at most 64.
    #[serde(borrow)]
    pub id: Word<'a>,
    /// Who made it.
    #[serde(borrow, default)]
    pub manufacturer: Word<'a>,
    /// Its model.
    #[serde(borrow, default)]
    pub model: Word<'a>,
    /// Its software version.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Word<'a>>,
}

impl DeviceInfo<'_> {
    /// Longest manufacturer, model or version that is kept, in characters.
    const NAME_CHARS_MAX: usize = 64;

    /// The device, with its names cut to 64 characters. The error says what is wrong with the id.
    pub fn to_device(&self) -> Result<Device, IdentityError> {
        Ok(Device {
            id: DeviceId::new(&self.id)?,
            manufacturer: cleaned(&self.manufacturer, Self::NAME_CHARS_MAX),
            model: cleaned(&self.model, Self::NAME_CHARS_MAX),
            version: self.version.as_ref().map(|v| cleaned(v, Self::NAME_CHARS_MAX)),
        })
    }
}

/// A number the device sends. Exactly one of `period_ms` and `interval_ms` is set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, DeriveDeserialize)]
pub struct NumericInfo<'a> {
    /// Its name.
    #[serde(borrow)]
    pub metric: Word<'a>,
    /// The unit of its values.
    #[serde(borrow)]
    pub unit: Word<'a>,
    /// It comes continuously, every so many milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period_ms: Option<u32>,
    /// It is measured now and then, at most so many milliseconds apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval_ms: Option<u32>,
}

/// A wave the device sends: `value = offset + resolution * sample`, in `unit`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, DeriveDeserialize)]
pub struct WaveInfo<'a> {
    /// Its number in wave messages.
    pub channel: u8,
    /// Its name.
    #[serde(borrow)]
    pub metric: Word<'a>,
    /// The unit of `resolution` and `offset`.
    #[serde(borrow)]
    pub unit: Word<'a>,
    /// Samples a second.
    pub rate: f64,
    /// Units a step.
    pub resolution: f64,
    /// Units at sample 0.
    #[serde(default)]
    pub offset: f64,
}

/// Numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Numerics<'a> {
    /// Place in the connection.
    pub seq: u32,
    /// Device clock, ms since the epoch.
    pub t: f64,
    /// The values.
    pub values: Vec<Value<'a>>,
}

/// One value of one number.
#[derive(Clone, Debug, Default, PartialEq, Serialize, DeriveDeserialize)]
pub struct Value<'a> {
    /// Which number.
    #[serde(borrow)]
    pub metric: Word<'a>,
    /// The number; `null` when there is none.
    #[serde(default)]
    pub value: Figure,
    /// Its unit, where it is not the declared one.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Word<'a>>,
    /// A word of [`Validity`]; `valid` when left out.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub validity: Option<Word<'a>>,
    /// When it was measured, where that is not the `t` of the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub t: Option<f64>,
}

/// What stands where a number should.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Figure {
    /// A number.
    Number(f64),
    /// `null`, or nothing.
    #[default]
    Absent,
    /// Text, a truth value, an array or an object.
    Foreign,
}

impl From<f64> for Figure {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<Option<f64>> for Figure {
    fn from(number: Option<f64>) -> Self {
        number.map_or(Self::Absent, Self::Number)
    }
}

/// JSON knows no NaN and no infinity: they are written as `null`, and so is what is not a number.
impl Serialize for Figure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => serializer.serialize_f64(*number),
            Self::Absent | Self::Foreign => serializer.serialize_unit(),
        }
    }
}

impl<'de> Deserialize<'de> for Figure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Anything;

        impl<'de> Visitor<'de> for Anything {
            type Value = Figure;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number or null")
            }

            #[expect(
                clippy::cast_precision_loss,
                reason = "integers beyond 2^53 are impossible values either way"
            )]
            fn visit_i64<E: Error>(self, value: i64) -> Result<Figure, E> {
                Ok(Figure::Number(value as f64))
            }

            #[expect(
                clippy::cast_precision_loss,
                reason = "integers beyond 2^53 are impossible values either way"
            )]
            fn visit_u64<E: Error>(self, value: u64) -> Result<Figure, E> {
                Ok(Figure::Number(value as f64))
            }

            fn visit_f64<E: Error>(self, value: f64) -> Result<Figure, E> {
                Ok(Figure::Number(value))
            }

            fn visit_unit<E: Error>(self) -> Result<Figure, E> {
                Ok(Figure::Absent)
            }

            fn visit_bool<E: Error>(self, _: bool) -> Result<Figure, E> {
                Ok(Figure::Foreign)
            }

            fn visit_str<E: Error>(self, _: &str) -> Result<Figure, E> {
                Ok(Figure::Foreign)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Figure, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Figure::Foreign)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Figure, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Figure::Foreign)
            }
        }

        deserializer.deserialize_any(Anything)
    }
}

/// What a device thinks of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// Measured and valid.
    Valid,
    /// Measured, and the device doubts it.
    Questionable,
    /// There is no value.
    Absent(Absence),
}

impl Validity {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Questionable => "questionable",
            Self::Absent(absence) => absence.as_str(),
        }
    }

    /// The inverse of [`Validity::as_str`].
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "valid" => Some(Self::Valid),
            "questionable" => Some(Self::Questionable),
            _ => Absence::parse(word).map(Self::Absent),
        }
    }
}

impl From<Validity> for Word<'_> {
    fn from(validity: Validity) -> Self {
        Self::from(validity.as_str())
    }
}

/// Samples of one or more waves, which all begin at `t`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Waves {
    /// Place in the connection.
    pub seq: u32,
    /// Device clock at the first sample, ms since the epoch.
    pub t: f64,
    /// One block for each channel.
    pub blocks: Vec<Block>,
}

/// The samples of one channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveDeserialize)]
pub struct Block {
    /// The channel, as `hello` numbers it.
    pub channel: u8,
    /// The samples.
    pub samples: Samples,
}

/// An alert that the device itself raises or ends.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Alert<'a> {
    /// Place in the connection.
    pub seq: u32,
    /// Device clock, ms since the epoch.
    pub t: f64,
    /// The device's own code; names the alert until it is over.
    pub code: Word<'a>,
    /// What a person reads.
    pub text: Word<'a>,
    /// The metric it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metric: Option<Word<'a>>,
    /// `high`, `medium` or `low` ([`model::Priority::as_str`]).
    pub priority: Word<'a>,
    /// `physiological` or `technical` ([`model::AlertKind::as_str`]).
    pub kind: Word<'a>,
    /// Whether it is there or over.
    pub present: bool,
}

/// A sign of life, and what the device's clock shows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Clock {
    /// Place in the connection.
    pub seq: u32,
    /// Device clock, ms since the epoch.
    pub t: f64,
}
