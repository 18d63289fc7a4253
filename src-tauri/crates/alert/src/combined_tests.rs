use model::Side;
use proptest::prelude::*;

use super::*;

/// Every value that ever came: time in ms, thousandths or none.
type Series = Vec<(MetricCode, i64, Option<i32>)>;

fn ms(n: i64) -> ReceiptTime {
    ReceiptTime::from_millis(n)
}

/// Told a second time, by looking at the whole series at each question. `slack` widens the time of moving terms.
fn naive(formula: &Formula, series: &Series, now: i64, slack: i64) -> bool {
    formula.terms().iter().all(|term| {
        let of: Vec<_> = series
            .iter()
            .filter(|(metric, t, _)| *metric == term.metric() && *t <= now)
            .collect();
        let Some((_, _, Some(value))) = of.last() else {
            return false;
        };
        match *term {
            Term::Beyond {
                side: Side::Low, bound, ..
            } => *value < bound.thousandths(),
            Term::Beyond {
                side: Side::High,
                bound,
                ..
            } => *value > bound.thousandths(),
            Term::Moved { side, by, within, .. } => {
                let from = now - i64::try_from(within.as_millis()).unwrap() - slack;
                of.iter()
                    .filter(|(_, t, _)| *t >= from)
                    .filter_map(|(_, _, v)| *v)
                    .any(|v| {
                        let moved = if side == Side::High { value - v } else { v - value };
                        moved >= by.thousandths()
                    })
            }
        }
    })
}

fn told(formula: &Formula, series: &Series) -> Combined {
    let mut combined = Combined::new(formula);
    for (metric, t, value) in series {
        combined.numeric(ms(*t), *metric, value.map(Quantity::from_thousandths));
    }
    combined
}

fn read(text: &str) -> Formula {
    text.parse().unwrap()
}

const HR: MetricCode = MetricCode::HeartRate;
const SPO2: MetricCode = MetricCode::SpO2;

#[test]
fn both_numbers_must_be_there_and_beyond() {
    let formula = read("SPO2 < 90 and HR < 50");
    let holds = |series: &[(MetricCode, i64, Option<i32>)]| told(&formula, &series.to_vec()).holds(ms(10_000));
    assert!(!holds(&[]));
    assert!(!holds(&[(SPO2, 0, Some(89_000))]));
    assert!(holds(&[(SPO2, 0, Some(89_000)), (HR, 1, Some(49_999))]));
    assert!(!holds(&[(SPO2, 0, Some(89_000)), (HR, 1, Some(50_000))]));
    assert!(!holds(&[
        (SPO2, 0, Some(89_000)),
        (HR, 1, Some(40_000)),
        (SPO2, 2, None)
    ]));
    let combined = told(&formula, &vec![(SPO2, 0, Some(89_000)), (HR, 1, Some(40_000))]);
    assert_eq!(combined.next_change(ms(10_000)), None, "no time ends it");
}

#[test]
fn a_missing_number_proves_nothing_and_one_that_is_inside_does() {
    let formula = read("SPO2 < 90 and HR < 50");
    let said = |series: &[(MetricCode, i64, Option<i32>)]| {
        let combined = told(&formula, &series.to_vec());
        (combined.holds(ms(9)), combined.is_over(ms(9)))
    };
    assert_eq!(said(&[]), (false, false));
    assert_eq!(said(&[(SPO2, 0, Some(89_000))]), (false, false));
    assert_eq!(said(&[(SPO2, 0, Some(90_000))]), (false, true));
    assert_eq!(said(&[(SPO2, 0, Some(89_000)), (HR, 1, Some(40_000))]), (true, false));
    assert_eq!(
        said(&[(SPO2, 0, Some(89_000)), (HR, 1, Some(40_000)), (HR, 2, None)]),
        (false, false)
    );
    assert_eq!(
        said(&[(SPO2, 0, Some(89_000)), (HR, 1, Some(60_000)), (HR, 2, None)]),
        (false, false)
    );
}

#[test]
fn a_rise_is_counted_from_the_least_value_of_its_time_both_ends_included() {
    let formula = read("HR rose by 8 in 10 s");
    let combined = told(&formula, &vec![(HR, 0, Some(60_000)), (HR, 10_000, Some(68_000))]);
    assert!(combined.holds(ms(10_000)));
    let ends = combined.next_change(ms(10_000)).unwrap();
    assert_eq!(ends, ms(10_000).plus(Duration::from_micros(1)));
    assert!(!combined.holds(ends));
    assert_eq!(combined.next_change(ends), None);
    let slower = told(&formula, &vec![(HR, 0, Some(60_000)), (HR, 9_999, Some(67_999))]);
    assert!(!slower.holds(ms(9_999)));
}

#[test]
fn a_gap_hides_the_condition_and_not_what_was_before_it() {
    let formula = read("HR fell by 20 in 1 min");
    let mut combined = told(&formula, &vec![(HR, 0, Some(90_000)), (HR, 1_000, None)]);
    assert!(!combined.holds(ms(1_000)));
    combined.numeric(ms(50_000), HR, Some(Quantity::from_thousandths(70_000)));
    assert!(combined.holds(ms(50_000)));
    combined.numeric(ms(51_000), HR, None);
    assert!(!combined.holds(ms(51_000)));
}

#[test]
fn a_time_that_goes_back_counts_as_the_newest() {
    let formula = read("HR rose by 8 in 10 s");
    let mut combined = told(&formula, &vec![(HR, 20_000, Some(60_000)), (HR, 5_000, Some(68_000))]);
    assert!(combined.holds(ms(0)));
    combined.numeric(ms(19_000), HR, Some(Quantity::from_thousandths(67_999)));
    assert!(!combined.holds(ms(0)));
}

#[test]
fn an_endless_slow_rise_fills_no_memory_and_still_alerts() {
    let formula = read("CVP rose by 20 in 12 h");
    let mut combined = Combined::new(&formula);
    let within = 12 * 3_600_000_i64;
    let slack = within / 255 + 1;
    // A thousandth every 2.5 s: 17.28 mmHg in 12 h, 20 in 50,000 s.
    let cvp = MetricCode::CentralVenousMean;
    let mut most = 0;
    for i in 0..40_000_i64 {
        let value = Quantity::from_thousandths(i32::try_from(i).unwrap());
        combined.numeric(ms(i * 2_500), cvp, Some(value));
        most = most.max(combined.terms[0].points.len());
        assert!(!combined.holds(ms(i * 2_500)), "at {i}");
    }
    assert_eq!(most, POINTS_MAX);
    // 20 above what was there within the time: found whatever was thrown together; and not much further back.
    let now = 40_000 * 2_500_i64;
    let least_within = (now - within) / 2_500;
    let least_kept = (now - within - slack) / 2_500;
    let at = |v: i64| Some(Quantity::from_thousandths(i32::try_from(v).unwrap()));
    let mut high = combined.clone();
    high.numeric(ms(now), cvp, at(least_within + 1 + 20_000));
    assert!(high.holds(ms(now)));
    combined.numeric(ms(now), cvp, at(least_kept - 1 + 20_000));
    assert!(!combined.holds(ms(now)));
}

fn a_formula() -> impl Strategy<Value = Formula> {
    let texts = [
        "HR rose by 5 in 10 s",
        "HR fell by 5 in 20 s",
        "SPO2 < 90 and HR < 62",
        "HR rose by 3 in 1 min and HR rose by 2 in 10 s",
        "HR fell by 2 in 15 s and SPO2 fell by 1 in 1 min and HR > 58",
        "SPO2 > 89 and SPO2 fell by 4 in 30 s",
    ];
    prop::sample::select(texts.to_vec()).prop_map(read)
}

fn a_series() -> impl Strategy<Value = Series> {
    let gap = prop_oneof![6 => 0..1_500_i64, 3 => 1_500..12_000_i64, 1 => 12_000..90_000_i64, 1 => Just(10_000_i64)];
    let value = prop_oneof![
        8 => (55..70_i32).prop_map(|n| Some(n * 1_000)),
        4 => (85..95_i32).prop_map(|n| Some(n * 1_000)),
        1 => Just(None),
    ];
    prop::collection::vec((prop::sample::select(vec![HR, HR, SPO2]), gap, value), 1..80).prop_map(|steps| {
        let mut now = 0;
        let step = |(metric, gap, value)| {
            now += gap;
            (metric, now, value)
        };
        steps.into_iter().map(step).collect()
    })
}

proptest! {
    #[test]
    fn it_holds_when_a_search_through_everything_says_so(formula in a_formula(), series in a_series()) {
        let mut combined = Combined::new(&formula);
        for (i, (metric, t, value)) in series.iter().enumerate() {
            combined.numeric(ms(*t), *metric, value.map(Quantity::from_thousandths));
            let until = series.get(i + 1).map_or(t + 100_000, |(_, t, _)| *t);
            let known = series[..=i].to_vec();
            for now in [*t, t + (until - t) / 3, until] {
                let holds = combined.holds(ms(now));
                prop_assert_eq!(holds, naive(&formula, &known, now, 0), "at {}", now);
                prop_assert!(!(holds && combined.is_over(ms(now))));
            }
        }
    }

    #[test]
    fn it_ends_by_time_alone_exactly_when_it_says(formula in a_formula(), series in a_series()) {
        let combined = told(&formula, &series);
        let now = series.last().unwrap().1;
        if let Some(end) = combined.next_change(ms(now)) {
            let before = end.minus(Duration::from_micros(1));
            prop_assert!(combined.holds(ms(now)) && combined.holds(before) && !combined.holds(end));
            prop_assert!(naive(&formula, &series, before.as_millis(), 0));
            prop_assert!(!naive(&formula, &series, before.as_millis() + 1, 0));
        } else {
            prop_assert_eq!(combined.holds(ms(now)), combined.holds(ms(now + 100_000_000)));
        }
    }

    /// Far more points than are kept: never less likely to alert, and looking back too far by a part at most.
    #[test]
    fn a_flood_makes_an_alert_more_likely_and_never_less(
        seeds in prop::collection::vec((1..40_i64, -3..40_i32), 600..1_500),
        last in 0..60_000_i32,
    ) {
        let formula = read("HR rose by 5 in 10 s");
        let (mut now, mut value) = (0, 40_000);
        let mut series: Series = Vec::new();
        for (gap, by) in seeds {
            now += gap;
            value += by;
            series.push((HR, now, Some(value)));
        }
        series.push((HR, now + 1, Some(40_000 + last)));
        let combined = told(&formula, &series);
        prop_assert!(combined.terms[0].points.len() <= POINTS_MAX);
        let slack = 10_000 / 255 + 1;
        for now in (now + 1..now + 10_100).step_by(97) {
            let holds = combined.holds(ms(now));
            prop_assert!(holds || !naive(&formula, &series, now, 0), "missed at {}", now);
            prop_assert!(!holds || naive(&formula, &series, now, slack), "too far back at {}", now);
        }
    }
}
