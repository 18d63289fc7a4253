//! The profile of the stories: an adult, as the bedside manuals have it.

use std::sync::Arc;
use std::time::Duration;

use alert::Event;
use alert::profile::{Lift, Profile, ProfileLimits};
use model::{BedId, LimitRule, Limits, MetricCode, Priority, Quantity, Side};

/// One row: metric, low, high, priority, delay in seconds, hysteresis and step of worsening in units.
type Row = (MetricCode, i32, Option<i32>, Priority, u64, i32, i32);

const ROWS: [Row; 6] = [
    (MetricCode::HeartRate, 50, Some(120), Priority::Medium, 5, 2, 10),
    (MetricCode::SpO2, 90, None, Priority::High, 10, 1, 3),
    (MetricCode::PulseRate, 50, Some(120), Priority::Medium, 10, 2, 10),
    (MetricCode::RespirationRate, 8, Some(30), Priority::Medium, 10, 1, 4),
    (MetricCode::NibpSystolic, 80, Some(200), Priority::Medium, 0, 0, 10),
    (MetricCode::NibpDiastolic, 30, Some(120), Priority::Medium, 0, 0, 10),
];

fn units(n: i32) -> Quantity {
    Quantity::from_integer(n).unwrap()
}

/// Limits, steps of worsening; a heart or pulse rate that is too low is of high priority.
pub fn profile() -> Profile {
    let limits = ROWS.map(|(metric, low, high, priority, delay, hysteresis, worse_by)| {
        let is_rate = matches!(metric, MetricCode::HeartRate | MetricCode::PulseRate);
        let lift = Lift {
            side: Side::Low,
            beyond: units(50),
            to: Priority::High,
        };
        ProfileLimits {
            rule: LimitRule {
                metric,
                limits: Limits::new(Some(units(low)), high.map(units)).unwrap(),
                priority,
                delay: Duration::from_secs(delay),
                hysteresis: units(hysteresis),
            },
            worse_by: units(worse_by),
            lifts: if is_rate { vec![lift] } else { Vec::new() },
            low_floor: None,
            high_ceiling: None,
            auto: None,
            source: "bedside manuals".to_owned(),
        }
    });
    Profile {
        name: "adult".to_owned(),
        title: "Adult".to_owned(),
        limits: limits.into(),
        rules: Vec::new(),
        early_warning: None,
    }
}

/// Its rule for one number.
pub fn rule(metric: MetricCode) -> LimitRule {
    profile().of(metric).unwrap().rule
}

/// A bed is set up with this profile.
pub fn set_up(bed: BedId, profile: Profile, expected: &[MetricCode]) -> Event {
    Event::Bed {
        bed,
        rules: profile.limit_rules(),
        profile: Arc::new(profile),
        expected: expected.to_vec(),
    }
}
