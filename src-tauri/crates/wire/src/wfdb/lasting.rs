//! How long an event lasts. MIT annotations are points in time; the duration is written at the end of the text.

const BEFORE: &str = " [lasts ";
const AFTER: &str = " s]";

/// The text of an annotation with a duration in seconds: `Sleep stage W [lasts 30630 s]`.
pub(super) fn join(text: &str, duration_us: Option<i64>) -> String {
    match duration_us.filter(|us| *us >= 0) {
        None => text.to_owned(),
        Some(us) => {
            let fraction = format!(".{:06}", us % 1_000_000);
            let fraction = fraction.trim_end_matches('0').trim_end_matches('.');
            format!("{text}{BEFORE}{}{fraction}{AFTER}", us / 1_000_000)
        }
    }
}

/// The text without it, and the duration in microseconds.
pub(super) fn split(text: &str) -> (&str, Option<i64>) {
    let found = text.strip_suffix(AFTER).and_then(|t| t.rsplit_once(BEFORE));
    let Some((before, seconds)) = found else {
        return (text, None);
    };
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > 6 {
        return (text, None);
    }
    let micros = whole
        .parse::<i64>()
        .ok()
        .and_then(|s| s.checked_mul(1_000_000))
        .and_then(|s| s.checked_add(format!("{fraction:0<6}").parse().ok()?));
    match micros {
        Some(micros) => (before, Some(micros)),
        None => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_comes_back_and_other_brackets_stay_text() {
        for us in [0, 1, 500_000, 30_630_000_000, i64::MAX] {
            assert_eq!(split(&join("Sleep stage W", Some(us))), ("Sleep stage W", Some(us)));
        }
        assert_eq!(split(&join("(N", None)), ("(N", None));
        for text in [
            "x [lasts  s]",
            "x [lasts 1e3 s]",
            "x [lasts 99999999999999999999 s]",
            " s]",
        ] {
            assert_eq!(split(text), (text, None));
        }
    }
}
