use proptest::prelude::*;

use super::*;

fn q(units: i32) -> Quantity {
    Quantity::from_integer(units).unwrap()
}

fn limits(low: Option<i32>, high: Option<i32>) -> Limits {
    Limits::new(low.map(q), high.map(q)).unwrap()
}

fn row(
    metric: MetricCode,
    (low, high): (Option<i32>, Option<i32>),
    (floor, ceiling): (Option<i32>, Option<i32>),
) -> ProfileLimits {
    ProfileLimits {
        rule: LimitRule {
            metric,
            limits: limits(low, high),
            priority: Priority::Medium,
            delay: Duration::from_secs(5),
            hysteresis: q(2),
        },
        worse_by: q(10),
        lifts: Vec::new(),
        low_floor: floor.map(q),
        high_ceiling: ceiling.map(q),
        auto: None,
        source: "made up for a test".to_owned(),
    }
}

fn heart_rate(auto: AutoLimits) -> ProfileLimits {
    ProfileLimits {
        auto: Some(auto),
        ..row(MetricCode::HeartRate, (Some(50), Some(120)), (Some(30), Some(200)))
    }
}

fn adult() -> ProfileLimits {
    heart_rate(AutoLimits {
        low: Around::Times(800),
        high: Around::Times(1_250),
        least: q(40),
        most: q(240),
    })
}

#[test]
fn auto_limits_lie_around_the_value_and_are_rounded_towards_it() {
    assert_eq!(adult().auto(q(80)), Some(limits(Some(64), Some(100))));
    assert_eq!(adult().auto(q(73)), Some(limits(Some(59), Some(91))), "58.4 and 91.25");
    let hair_more = Quantity::from_thousandths(80_001);
    assert_eq!(
        adult().auto(hair_more),
        Some(limits(Some(65), Some(100))),
        "64.0008 and 100.00125"
    );
    assert_eq!(
        adult().auto(q(49)),
        Some(limits(Some(40), Some(61))),
        "39.2 is below the least"
    );
    assert_eq!(
        adult().auto(q(170)),
        Some(limits(Some(136), Some(200))),
        "the ceiling is below the most"
    );
    let neonate = heart_rate(AutoLimits {
        low: Around::Plus(q(-30)),
        high: Around::Plus(q(40)),
        least: q(90),
        most: q(200),
    });
    assert_eq!(neonate.auto(q(140)), Some(limits(Some(110), Some(180))));
    assert_eq!(neonate.auto(q(110)), Some(limits(Some(90), Some(150))));
    assert_eq!(neonate.auto(q(170)), Some(limits(Some(140), Some(200))));
}

#[test]
fn auto_limits_round_to_what_the_screen_shows() {
    let temperature = ProfileLimits {
        auto: Some(AutoLimits {
            low: Around::Times(950),
            high: Around::Plus(q(1)),
            least: q(30),
            most: q(42),
        }),
        ..row(MetricCode::Temperature, (Some(35), Some(39)), (Some(33), Some(41)))
    };
    let got = temperature.auto(Quantity::from_thousandths(37_250)).unwrap();
    assert_eq!(got.low(), Some(Quantity::from_thousandths(35_400)), "35.3875");
    assert_eq!(got.high(), Some(Quantity::from_thousandths(38_200)), "38.25");
}

#[test]
fn there_are_no_auto_limits_around_a_value_that_would_be_outside_of_them() {
    assert_eq!(adult().auto(q(39)), None);
    assert_eq!(adult().auto(q(0)), None);
    assert_eq!(adult().auto(q(201)), None);
    assert_eq!(adult().auto(q(40)), Some(limits(Some(40), Some(50))));
    assert_eq!(
        row(MetricCode::SpO2, (Some(90), None), (Some(80), None)).auto(q(95)),
        None
    );
}

#[test]
fn a_bed_may_not_go_below_the_floor_above_the_ceiling_or_without() {
    let spo2 = row(MetricCode::SpO2, (Some(90), None), (Some(80), None));
    let told = |row: &ProfileLimits, low, high| {
        row.within_floors(limits(low, high))
            .map_or_else(|bound| bound.to_string(), |()| "fine".to_owned())
    };
    assert_eq!(told(&spo2, Some(80), None), "fine");
    assert_eq!(told(&spo2, Some(93), Some(98)), "fine", "a limit may be added");
    assert_eq!(
        told(&spo2, Some(79), None),
        "SpO₂ low can be set to 80 at the lowest on this profile"
    );
    assert_eq!(
        told(&spo2, None, Some(98)),
        "SpO₂ low cannot be taken off on this profile; it can be set to 80 at the lowest"
    );
    assert_eq!(told(&adult(), Some(30), Some(200)), "fine");
    assert_eq!(
        told(&adult(), Some(30), Some(201)),
        "HR high can be set to 200 at the highest on this profile"
    );
    assert_eq!(
        told(&adult(), Some(30), None),
        "HR high cannot be taken off on this profile; it can be set to 200 at the highest"
    );
    let bare = row(MetricCode::HeartRate, (Some(50), None), (None, None));
    assert_eq!(
        told(&bare, Some(49), None),
        "HR low can be set to 50 at the lowest on this profile",
        "without a floor the limit itself is one"
    );
}

proptest! {
    /// Whatever the profile says: what "auto" gives, a bed may have, and the value is inside.
    #[test]
    fn auto_limits_are_never_looser_than_a_bed_may_set(
        value in any::<i32>(),
        times in (-2_000..2_000_i32, -2_000..3_000_i32),
        plus in (any::<i32>(), any::<i32>()),
        by_times in any::<(bool, bool)>(),
        least_most in (0..100_000_i32, 0..300_000_i32),
    ) {
        let around = |by_times, times, plus| {
            if by_times { Around::Times(times) } else { Around::Plus(Quantity::from_thousandths(plus)) }
        };
        let row = heart_rate(AutoLimits {
            low: around(by_times.0, times.0, plus.0),
            high: around(by_times.1, times.1, plus.1),
            least: Quantity::from_thousandths(least_most.0),
            most: Quantity::from_thousandths(least_most.1),
        });
        for value in [value, value.rem_euclid(250_000)] {
            let value = Quantity::from_thousandths(value);
            if let Some(limits) = row.auto(value) {
                prop_assert_eq!(limits.crossed_by(value), None);
                prop_assert_eq!(row.within_floors(limits), Ok(()));
                prop_assert!(limits.low().unwrap().thousandths() >= least_most.0);
                prop_assert!(limits.high().unwrap().thousandths() <= least_most.1);
            }
        }
    }
}
