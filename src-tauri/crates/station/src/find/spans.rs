//! Stretches of time: in order, none touching another. From (inclusive) until (exclusive), in microseconds.

/// One stretch.
pub(super) type Span = (i64, i64);

/// In order, with those that overlap or touch as one.
pub(super) fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut all: Vec<Span> = Vec::with_capacity(spans.len());
    for (from, until) in spans {
        match all.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(until),
            _ => all.push((from, until)),
        }
    }
    all
}

/// What is in both.
pub(super) fn intersection(a: &[Span], b: &[Span]) -> Vec<Span> {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    let mut both = Vec::new();
    while let (Some(&&(a_from, a_until)), Some(&&(b_from, b_until))) = (a.peek(), b.peek()) {
        let (from, until) = (a_from.max(b_from), a_until.min(b_until));
        if from < until {
            both.push((from, until));
        }
        if a_until <= b_until {
            a.next();
        } else {
            b.next();
        }
    }
    both
}

/// With those that are no further apart than `gap` as one.
pub(super) fn near(spans: &[Span], gap: i64) -> Vec<Span> {
    let mut all: Vec<Span> = Vec::with_capacity(spans.len());
    for &(from, until) in spans {
        match all.last_mut() {
            Some(last) if from.saturating_sub(last.1) <= gap => last.1 = until,
            _ => all.push((from, until)),
        }
    }
    all
}
