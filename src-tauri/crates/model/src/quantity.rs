//! Numbers as scaled integers: a sample and a limit that read the same are the same.

use std::fmt;

use thiserror::Error;

/// A finite value in thousandths of its metric's canonical unit.
///
/// Floats are compared nowhere in Wardlight: with 32-bit samples against 64-bit limits, 4 episodes in 851 were
/// once missed. The range is about two million units either way.
///
/// ```
/// use model::Quantity;
/// let spo2 = Quantity::from_f64(87.9996)?;
/// assert_eq!(spo2, Quantity::from_integer(88)?);
/// assert!(Quantity::from_f64(f64::NAN).is_err());
/// # Ok::<(), model::QuantityError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(i32);

/// Why a number is not a [`Quantity`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum QuantityError {
    /// NaN or infinite.
    #[error("not a finite number")]
    NotFinite,
    /// Beyond two million units.
    #[error("number is outside ±2,147,483 units")]
    TooLarge,
}

impl Quantity {
    /// Parts of one unit.
    pub const PER_UNIT: i32 = 1_000;

    /// From thousandths of a unit.
    pub const fn from_thousandths(thousandths: i32) -> Self {
        Self(thousandths)
    }

    /// Thousandths of a unit.
    pub const fn thousandths(self) -> i32 {
        self.0
    }

    /// From whole units.
    pub fn from_integer(units: i32) -> Result<Self, QuantityError> {
        units
            .checked_mul(Self::PER_UNIT)
            .map(Self)
            .ok_or(QuantityError::TooLarge)
    }

    /// From units, rounded to the nearest thousandth, halves away from zero.
    pub fn from_f64(units: f64) -> Result<Self, QuantityError> {
        if !units.is_finite() {
            return Err(QuantityError::NotFinite);
        }
        let scaled = (units * f64::from(Self::PER_UNIT)).round();
        if scaled < f64::from(i32::MIN) || scaled > f64::from(i32::MAX) {
            return Err(QuantityError::TooLarge);
        }
        #[expect(clippy::cast_possible_truncation, reason = "range checked on the line above")]
        Ok(Self(scaled as i32))
    }

    /// In units, exact for every quantity that has three decimals or fewer.
    pub fn to_f64(self) -> f64 {
        f64::from(self.0) / f64::from(Self::PER_UNIT)
    }
}

/// As many decimals as the value has, at least those asked for (`{:.1}`).
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match f.precision() {
            Some(places) => write!(f, "{:.*}", places, self.to_f64()),
            None => write!(f, "{}", self.to_f64()),
        }
    }
}

/// Why there is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Absence {
    /// The device said that it has no value now (null, a sentinel such as -999, validity NA).
    NotAvailable,
    /// The sensor or lead is off the patient.
    SensorOff,
    /// Calibrating or warming up.
    Calibrating,
    /// Over or under the device's range.
    OutOfRange,
}

impl Absence {
    /// The word in files and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotAvailable => "not-available",
            Self::SensorOff => "sensor-off",
            Self::Calibrating => "calibrating",
            Self::OutOfRange => "out-of-range",
        }
    }

    /// The inverse of [`Absence::as_str`].
    pub fn parse(word: &str) -> Option<Self> {
        [Self::NotAvailable, Self::SensorOff, Self::Calibrating, Self::OutOfRange]
            .into_iter()
            .find(|a| a.as_str() == word)
    }
}

/// A number, a doubtful number, or none: three things, never a silent zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Measured and valid.
    Value(Quantity),
    /// Measured, and the device doubts it. Shown with a mark; alerts as a value does.
    Questionable(Quantity),
    /// No number.
    Invalid(Absence),
}

impl Reading {
    /// The number, valid or doubtful.
    pub const fn quantity(self) -> Option<Quantity> {
        match self {
            Self::Value(q) | Self::Questionable(q) => Some(q),
            Self::Invalid(_) => None,
        }
    }
}
