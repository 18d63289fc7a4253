//! Text in headers, as it should be and as it is.

use crate::decimal::Decimal;

/// Text of a field: UTF-8 where it is that, Latin-1 otherwise; control characters are spaces; trimmed.
pub(super) fn words(bytes: &[u8]) -> String {
    let text = match str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    };
    text.replace(char::is_control, " ").trim().to_owned()
}

/// A number of a header. Some writers use a decimal comma, put spaces inside or use an exponent.
pub(super) fn number(text: &str) -> Option<Decimal> {
    let plain = text.replace(' ', "").replace(',', ".");
    Decimal::parse(&plain).or_else(|| plain.parse().ok().and_then(Decimal::of))
}

/// The columns of the signal header: each width once, for all `count` signals.
pub(super) fn fields<const N: usize>(header: &[u8], count: usize, widths: [usize; N]) -> [Vec<String>; N] {
    let mut rest = header;
    widths.map(|width| {
        let (these, others) = rest.split_at_checked(width * count).unwrap_or((rest, &[]));
        rest = others;
        these.chunks(width).map(words).collect()
    })
}
