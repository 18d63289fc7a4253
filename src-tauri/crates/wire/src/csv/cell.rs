//! What stands in one cell: nothing, a number, a moment, words.

use crate::decimal::Decimal;
use crate::wfdb::Date;

/// A number, and how many digits after the point it was written with (trailing zeros are none).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Number {
    pub value: f64,
    pub places: u8,
}

/// A moment as a clock or a calendar writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    /// Microseconds since 1970, or since midnight where there is no day; as written.
    pub civil_us: i64,
    pub has_day: bool,
    /// Microseconds from UTC to what is written, 0 where it does not say.
    pub offset_us: i64,
}

/// Nothing was measured: the words that exports have for it.
pub(super) fn is_missing(text: &str) -> bool {
    text.is_empty()
        || matches!(text, "-" | "--" | "---" | "?" | "." | "*")
        || ["nan", "na", "n/a", "#n/a", "null", "none", "inf", "-inf", "-nan"]
            .iter()
            .any(|word| text.eq_ignore_ascii_case(word))
}

/// A number with a point or a comma.
pub(super) fn number(text: &str) -> Option<Number> {
    plain(text).or_else(|| {
        let pointed = text.replace(',', ".");
        let is_number = pointed
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'));
        let value: f64 = if is_number { pointed.parse().ok()? } else { return None };
        let places = value
            .is_finite()
            .then(|| Decimal::of(value).map_or(u32::MAX, Decimal::places))?;
        Some(Number {
            value,
            places: u8::try_from(places).unwrap_or(u8::MAX),
        })
    })
}

/// Digits and one point or comma, as nearly all cells are: no detour through the general parser.
fn plain(text: &str) -> Option<Number> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || digits.len() > 16 {
        return None;
    }
    let (mut mantissa, mut places, mut kept, mut kept_places, mut is_behind) = (0_i64, 0_u8, 0_i64, 0_u8, false);
    let mut count = 0;
    for byte in digits.bytes() {
        match byte {
            b'0'..=b'9' => {
                mantissa = mantissa * 10 + i64::from(byte - b'0');
                count += 1;
                places += u8::from(is_behind);
                if !is_behind || byte != b'0' {
                    (kept, kept_places) = (mantissa, places);
                }
            }
            b'.' | b',' if !is_behind => is_behind = true,
            _ => return None,
        }
    }
    if count == 0 {
        return None;
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "16 digits; the quotient is the nearest number below 2^53"
    )]
    let size = kept as f64 / 10_f64.powi(kept_places.into());
    Some(Number {
        value: if text.starts_with('-') { -size } else { size },
        places: kept_places,
    })
}

/// `2020-01-24T04:05:56.039Z`, `24.01.2020 04:05`, `04:05:56`, `0:00.008`.
pub(super) fn stamp(text: &str) -> Option<Stamp> {
    if !text.contains(':') && !text.contains('-') && !text.contains('/') && text.matches('.').count() < 2 {
        return None;
    }
    let (day, clock) = match text.split_once(['T', ' ']) {
        Some((day, clock)) => (Some(day), clock.trim()),
        None if text.contains(':') => (None, text),
        None => (Some(text), ""),
    };
    let (clock, offset_us) = offset(clock);
    let time = if clock.is_empty() { 0 } else { time(clock)? };
    let days = match day {
        Some(day) => date(day)?.days_since_1970(),
        None => 0,
    };
    Some(Stamp {
        civil_us: days * 86_400_000_000 + time,
        has_day: day.is_some(),
        offset_us,
    })
}

/// The clock without its zone, and the zone.
fn offset(clock: &str) -> (&str, i64) {
    if let Some(rest) = clock.strip_suffix(['Z', 'z']) {
        return (rest.trim_end(), 0);
    }
    let Some(at) = clock.rfind(['+', '-']) else {
        return (clock, 0);
    };
    let (rest, zone) = clock.split_at(at);
    let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
    match (digits.len(), digits.parse::<i64>()) {
        (4, Ok(value)) => {
            let us = (value / 100 * 60 + value % 100) * 60_000_000;
            (rest.trim_end(), if zone.starts_with('-') { -us } else { us })
        }
        _ => (clock, 0),
    }
}

/// `HH:MM:SS.fff`, `HH:MM`, and `MM:SS.fff` of the WFDB tools; hours may go beyond a day.
fn time(clock: &str) -> Option<i64> {
    let (whole, fraction) = clock.split_once(['.', ',']).unwrap_or((clock, ""));
    if fraction.len() > 12 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let mut parts = Vec::with_capacity(3);
    for part in whole.split(':') {
        let is_short = (1..=5).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        parts.push(part.parse::<i64>().ok().filter(|_| is_short)?);
    }
    let micros: i64 = fraction
        .chars()
        .chain("000000".chars())
        .take(6)
        .collect::<String>()
        .parse()
        .ok()?;
    let seconds = match (parts.as_slice(), fraction) {
        ([h, m, s], _) if *m < 60 && *s < 60 => (h * 60 + m) * 60 + s,
        ([h, m], "") if *m < 60 => (h * 60 + m) * 60,
        ([m, s], _) if *s < 60 => m * 60 + s,
        _ => return None,
    };
    Some(seconds * 1_000_000 + micros)
}

/// `2020-01-24`, `2020/01/24`, `24.01.2020`. Day and month with a stroke between them are not guessed.
fn date(text: &str) -> Option<Date> {
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    let [a, b, c] = *parts.as_slice() else { return None };
    let (year, month, day) = match (a.len(), c.len()) {
        (4, _) => (a, b, c),
        (_, 4) if text.contains('.') => (c, b, a),
        _ => return None,
    };
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cells_are_what_they_look_like() {
        let of = |text| number(text).map(|n| (n.value, n.places));
        assert_eq!(of("0.35386"), Some((0.353_86, 5)));
        assert_eq!(of("2044.0"), Some((2_044.0, 0)));
        assert_eq!(of("-1,50"), Some((-1.5, 1)));
        assert_eq!(of("1.5e-3"), Some((0.001_5, 4)));
        assert_eq!(of("HR"), None);
        assert_eq!(of("-"), None);
        assert_eq!(of("."), None);
        assert!(is_missing("NaN") && is_missing("--") && !is_missing("0"));
    }

    #[test]
    fn moments_are_read_as_they_are_written() {
        let us = |text| stamp(text).map(|s| s.civil_us - s.offset_us);
        assert_eq!(us("1970-01-02T00:00:01.5Z"), Some(86_401_500_000));
        assert_eq!(us("02.01.1970 00:00:01,5"), Some(86_401_500_000));
        assert_eq!(us("1970-01-02T01:00:00+01:00"), Some(86_400_000_000));
        assert_eq!(us("0:00.008"), Some(8_000));
        assert_eq!(us("26:00:00"), Some(93_600_000_000));
        assert_eq!(us("03/04/2020 10:00"), None, "March or April is not guessed");
        assert_eq!(us("2021-02-29"), None);
        assert_eq!(us("10:61:00"), None);
    }

    proptest! {
        #[test]
        fn the_short_way_and_the_general_one_agree(value in -1e7_f64..1e7, places in 0_usize..8) {
            let text = format!("{value:.places$}");
            let found = number(&text).unwrap();
            prop_assert_eq!(found.value.to_bits() << 1, text.parse::<f64>().unwrap().to_bits() << 1, "{}", text);
            prop_assert_eq!(u32::from(found.places), Decimal::of(found.value).unwrap().places());
        }
    }
}
