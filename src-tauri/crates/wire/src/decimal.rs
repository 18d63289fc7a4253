//! Exact decimal numbers: what a file prints is what was meant, digit for digit.

use std::fmt;

/// Most digits after the point; more are not what a person or a device wrote.
const PLACES_MAX: u32 = 30;

/// `mantissa / 10^places`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    mantissa: i128,
    places: u32,
}

impl Decimal {
    /// A whole number.
    pub const fn whole(value: i128) -> Self {
        Self {
            mantissa: value,
            places: 0,
        }
    }

    /// `mantissa / 10^places`; `None` beyond 30 places.
    pub fn new(mantissa: i128, places: u32) -> Option<Self> {
        (places <= PLACES_MAX).then_some(Self { mantissa, places }.shortened())
    }

    /// The shortest decimal that is read back as this number; `None` where it is not finite or too fine.
    pub fn of(value: f64) -> Option<Self> {
        value.is_finite().then(|| format!("{value:e}")).and_then(|text| {
            let (digits, exponent) = text.split_once('e')?;
            let exponent: i32 = exponent.parse().ok()?;
            Self::parse(digits)?.shifted(exponent)
        })
    }

    /// Digits with an optional sign and one point; no exponent, no spaces.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let count = whole.len() + fraction.len();
        if count == 0 || count > 36 || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
            return None;
        }
        let mantissa = whole
            .bytes()
            .chain(fraction.bytes())
            .fold(0_i128, |sum, digit| sum * 10 + i128::from(digit - b'0'));
        Self::new(
            if negative { -mantissa } else { mantissa },
            u32::try_from(fraction.len()).ok()?,
        )
    }

    /// Times ten to the power of `exponent`.
    pub fn shifted(self, exponent: i32) -> Option<Self> {
        let places = i32::try_from(self.places).ok()? - exponent;
        if let Ok(places) = u32::try_from(places) {
            return Self::new(self.mantissa, places);
        }
        let factor = 10_i128.checked_pow(places.unsigned_abs())?;
        Some(Self::whole(self.mantissa.checked_mul(factor)?))
    }

    /// The product with a whole number.
    pub fn times(self, factor: i64) -> Option<Self> {
        Some(
            Self {
                mantissa: self.mantissa.checked_mul(i128::from(factor))?,
                places: self.places,
            }
            .shortened(),
        )
    }

    /// The sum.
    pub fn plus(self, other: Self) -> Option<Self> {
        let places = self.places.max(other.places);
        let sum = self.mantissa_at(places)?.checked_add(other.mantissa_at(places)?)?;
        Some(Self { mantissa: sum, places }.shortened())
    }

    /// The number as steps of `10^-places`; `None` where that is not whole or too large.
    pub fn mantissa_at(self, places: u32) -> Option<i128> {
        let more = places.checked_sub(self.places)?;
        self.mantissa.checked_mul(10_i128.checked_pow(more)?)
    }

    /// Digits after the point, without trailing zeros.
    pub const fn places(self) -> u32 {
        self.places
    }

    /// Numerator and power of ten below it.
    pub const fn parts(self) -> (i128, u32) {
        (self.mantissa, self.places)
    }

    /// The nearest floating number.
    pub fn value(self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    fn shortened(mut self) -> Self {
        while self.places > 0 && self.mantissa % 10 == 0 {
            self.mantissa /= 10;
            self.places -= 1;
        }
        self
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let digits = self.mantissa.unsigned_abs().to_string();
        let places = usize::try_from(self.places).unwrap_or_default();
        if places == 0 {
            return write!(out, "{sign}{digits}");
        }
        let padded = format!("{digits:0>width$}", width = places + 1);
        let (whole, fraction) = padded.split_at(padded.len() - places);
        write!(out, "{sign}{whole}.{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_is_printed_as_it_was_meant() {
        for (value, text) in [
            (0.005, "0.005"),
            (-5.12, "-5.12"),
            (1e-7, "0.0000001"),
            (2e6, "2000000"),
            (0.0, "0"),
        ] {
            assert_eq!(Decimal::of(value).unwrap().to_string(), text);
        }
        let step = Decimal::of(0.000_01).unwrap();
        assert_eq!(step.times(35_386).unwrap().to_string(), "0.35386");
        assert_eq!(
            step.plus(Decimal::parse("-1").unwrap()).unwrap().to_string(),
            "-0.99999"
        );
        assert_eq!(Decimal::of(f64::NAN), None);
        assert_eq!(Decimal::parse("1e5"), None);
        assert_eq!(Decimal::parse(""), None);
    }

    proptest! {
        #[test]
        fn print_and_parse_are_inverse(mantissa in any::<i64>(), places in 0_u32..=24) {
            let number = Decimal::new(i128::from(mantissa), places).unwrap();
            prop_assert_eq!(Decimal::parse(&number.to_string()), Some(number));
        }

        #[test]
        fn floats_come_back(value in -1e9_f64..1e9) {
            if let Some(number) = Decimal::of(value) {
                prop_assert_eq!(number.value().to_bits(), value.to_bits());
            }
        }
    }
}
