//! Scales that people can read: steps of 1, 2 and 5, times at whole hours.

/// A linear scale from values to millimetres of the sheet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    from: f64,
    until: f64,
    start: f64,
    end: f64,
}

impl Scale {
    /// `from` is at `start`, `until` at `end`.
    pub(crate) fn new((from, until): (f64, f64), (start, end): (f64, f64)) -> Self {
        let until = if until > from { until } else { from + 1.0 };
        Self {
            from,
            until,
            start,
            end,
        }
    }

    /// Where `value` is.
    pub(crate) fn at(self, value: f64) -> f64 {
        self.start + (value - self.from) / (self.until - self.from) * (self.end - self.start)
    }

    /// Where `value` is, or the nearer end.
    pub(crate) fn within(self, value: f64) -> f64 {
        self.at(value.clamp(self.from, self.until))
    }

    /// Whether `value` is on the scale at all.
    pub(crate) fn holds(self, value: f64) -> bool {
        (self.from..=self.until).contains(&value)
    }

    pub(crate) fn end(self) -> f64 {
        self.end
    }
}

/// The least step of 1, 2 or 5 times a power of ten that is no less than `least`.
pub(crate) fn step(least: f64) -> f64 {
    if !least.is_finite() || least <= 0.0 {
        return 1.0;
    }
    let power = 10.0_f64.powf(least.log10().floor());
    let fits = |n: &f64| *n * power >= least * (1.0 - 1e-9);
    [1.0, 2.0, 5.0, 10.0].into_iter().find(fits).unwrap_or(10.0) * power
}

/// A range around `low` to `high` that begins and ends at a step, and its steps: at most about `count` of them.
pub(crate) fn range(low: f64, high: f64, count: f64) -> ((f64, f64), Vec<f64>) {
    let high = if high > low { high } else { low + 1.0 };
    let step = step((high - low) / count.max(1.0));
    let (first, last) = ((low / step).floor() * step, (high / step).ceil() * step);
    let mut ticks = Vec::new();
    let mut tick = first;
    while tick <= last + step * 0.01 {
        // Without this zero would print as -0.
        ticks.push(if tick.abs() < step * 1e-6 { 0.0 } else { tick });
        tick += step;
    }
    ((first, last), ticks)
}

/// How many decimals a step needs.
pub(crate) fn decimals(ticks: &[f64]) -> usize {
    let step = ticks.windows(2).find_map(|w| match w {
        [a, b] => Some(b - a),
        _ => None,
    });
    match step {
        Some(step) if step < 0.0099 => 3,
        Some(step) if step < 0.099 => 2,
        Some(step) if step < 0.99 => 1,
        _ => 0,
    }
}

/// Seconds between two marks on a time axis of `span` seconds with room for about `count` of them.
pub(crate) fn time_step(span: f64, count: f64) -> i64 {
    const STEPS: [i64; 19] = [
        1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800,
    ];
    let least = span / count.max(1.0);
    let fits = |step: &i64| i32::try_from(*step).is_ok_and(|s| f64::from(s) >= least);
    STEPS
        .into_iter()
        .find(fits)
        .or_else(|| (1..400).map(|weeks| weeks * 604_800).find(fits))
        .unwrap_or(604_800 * 400)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_one_two_or_five() {
        assert!((step(0.3) - 0.5).abs() < 1e-12);
        assert!((step(20.0) - 20.0).abs() < 1e-12);
        assert!((step(21.0) - 50.0).abs() < 1e-12);
        let ((from, until), ticks) = range(47.0, 131.0, 4.0);
        assert!(
            (from, until) == (0.0, 150.0) && ticks == [0.0, 50.0, 100.0, 150.0],
            "{ticks:?}"
        );
    }

    #[test]
    fn a_day_is_marked_at_whole_hours() {
        assert_eq!(time_step(86_400.0, 9.0), 10_800);
        assert_eq!(time_step(86_400.0, 24.0), 3_600);
        assert_eq!(time_step(60.0, 6.0), 10);
    }
}
