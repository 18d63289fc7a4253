//! Starting profiles: limits as data, each with its source. A site reviews them; a bed may differ.

use std::time::Duration;

use model::{LimitRule, Limits, MetricCode, Priority, Quantity};

/// One row: metric, low, high, priority, delay in seconds, hysteresis in units.
type Row = (MetricCode, i32, Option<i32>, Priority, u64, i32);

/// Sources. HR 50-120: bedside manuals of Contec CMS8000 and Mindray TMS60. SpO2 90: Contec, whose upper limit
/// of 100 % no value can exceed, so there is none here. NIBP systolic
/// 80-200 and diastolic 30-120: GE V100. RR 8-30: seen, source not verified. Pulse rate takes the limits of heart
/// rate, for beds with an oximeter and no ECG. Delays: typical SpO2 10-15 s and HR 3-5 s; RR and pulse as SpO2; a
/// cuff value stands until the next, so it has none. Priorities and hysteresis are the project's own choice.
const ADULT: [Row; 6] = [
    (MetricCode::HeartRate, 50, Some(120), Priority::Medium, 5, 2),
    (MetricCode::SpO2, 90, None, Priority::High, 10, 1),
    (MetricCode::PulseRate, 50, Some(120), Priority::Medium, 10, 2),
    (MetricCode::RespirationRate, 8, Some(30), Priority::Medium, 10, 1),
    (MetricCode::NibpSystolic, 80, Some(200), Priority::Medium, 0, 0),
    (MetricCode::NibpDiastolic, 30, Some(120), Priority::Medium, 0, 0),
];

/// The starting limits of an adult.
///
/// A heart rate that is too low is lifted to high priority by [`crate::Settings::lifts`]; one that is too high
/// stays medium.
///
/// ```
/// use model::{MetricCode, Quantity};
/// let rules = alert::profile::adult();
/// let hr = rules.iter().find(|r| r.metric == MetricCode::HeartRate).unwrap();
/// assert_eq!(hr.limits.low(), Quantity::from_integer(50).ok());
/// ```
pub fn adult() -> Vec<LimitRule> {
    ADULT.iter().filter_map(rule).collect()
}

fn rule(&(metric, low, high, priority, delay_s, hysteresis): &Row) -> Option<LimitRule> {
    let quantity = |units| Quantity::from_integer(units).ok();
    let limits = Limits::new(quantity(low), high.and_then(quantity)).ok()?;
    let rule = LimitRule {
        metric,
        limits,
        priority,
        delay: Duration::from_secs(delay_s),
        hysteresis: quantity(hysteresis)?,
    };
    rule.checked().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_is_a_rule() {
        assert_eq!(adult().len(), ADULT.len());
    }
}
