//! placeholder until the reader of profiles is there
use alert::profile::{Profile, ProfileLimits};
use model::{LimitRule, Limits, MetricCode, Priority, Quantity};
use std::time::Duration;
pub fn built_in(name: &str) -> Option<Profile> {
    let q = |n| Quantity::from_integer(n).ok();
    let row = |metric, low, high, priority, delay, h| ProfileLimits {
        rule: LimitRule {
            metric,
            limits: Limits::new(q(low), high).unwrap(),
            priority,
            delay: Duration::from_secs(delay),
            hysteresis: q(h).unwrap(),
        },
        worse_by: q(3).unwrap(),
        lifts: vec![],
        low_floor: q(30),
        high_ceiling: q(250),
        auto: None,
        source: String::new(),
    };
    ["adult"].contains(&name).then(|| Profile {
        name: name.into(),
        title: "Adult".into(),
        limits: vec![
            row(MetricCode::HeartRate, 50, q(120), Priority::Medium, 5, 2),
            row(MetricCode::SpO2, 90, None, Priority::High, 10, 1),
            row(MetricCode::RespirationRate, 8, q(30), Priority::Medium, 10, 1),
        ],
        rules: vec![],
        early_warning: None,
    })
}

pub fn parse(_: &str) -> Result<Profile, String> {
    Err("not yet".into())
}
