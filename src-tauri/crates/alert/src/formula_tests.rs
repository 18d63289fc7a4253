use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;

fn read(text: &str) -> Formula {
    text.parse().unwrap()
}

fn told(text: &str) -> String {
    match text.parse::<Formula>() {
        Ok(formula) => format!("fine: {formula}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn the_two_terms_are_read() {
    let q = |n| Quantity::from_integer(n).unwrap();
    let formula = read("SPO2 < 90 and RR rose by 8 in 30 min for 20 s");
    assert_eq!(
        formula.terms(),
        [
            Term::Beyond {
                metric: MetricCode::SpO2,
                side: Side::Low,
                bound: q(90),
            },
            Term::Moved {
                metric: MetricCode::RespirationRate,
                side: Side::High,
                by: q(8),
                within: Duration::from_mins(30),
            },
        ]
    );
    assert_eq!(formula.lasts(), Duration::from_secs(20));
    assert_eq!(read("HR > 50").lasts(), Duration::ZERO);
    assert_eq!(formula.terms()[1].metric(), MetricCode::RespirationRate);
}

#[test]
fn spaces_case_and_units_are_free_and_printed_one_way() {
    assert_snapshot!(told("spo2<90 AND\tHr>50  for  60s"), @"fine: SPO2 < 90 and HR > 50 for 1 min");
    assert_snapshot!(told(" temp > 38.50 for 0 s "), @"fine: TEMP > 38.5");
    assert_snapshot!(told("ART_DIA < -5 for 90 s"), @"fine: ART_DIA < -5 for 90 s");
    assert_snapshot!(told("news2 Rose By 3 In 120min"), @"fine: NEWS2 rose by 3 in 2 h");
    assert_snapshot!(told("NIBP_SYS fell by 0.125 in 5400 s"), @"fine: NIBP_SYS fell by 0.125 in 90 min");
    assert_snapshot!(told("HR > 50 and HR < 120"), @"fine: HR > 50 and HR < 120");
}

#[test]
fn every_error_points_at_its_word_and_says_what_to_write() {
    let wrong = [
        "",
        "SPO2",
        "90 > SPO2",
        "BP < 90",
        "SpO₂ < 90",
        "HR < 50 and ECG < 3",
        "HR <= 50",
        "HR = 50",
        "HR ≤ 50",
        "HR below 50",
        "TEMP > 38,5",
        "TEMP > 38.5001",
        "HR > 99999999999999999999",
        "SPO2 > 100",
        "RR rose 8 in 30 min",
        "RR rose by 8",
        "RR rose by 0 in 30 min",
        "RR rose by 8 in 30.5 min",
        "RR rose by 8 in 30 days",
        "RR rose by 8 in 13 h",
        "HR < 50 for 1 h",
        "HR < 50 for 61 min",
        "HR < 50 for 20 s and SPO2 < 90",
        "HR < 50 or SPO2 < 90",
        "HR < 50, SPO2 < 90",
        "HR < 50 and HR > 49.999",
    ];
    let lines: Vec<String> = wrong.iter().map(|text| format!("{text:?} {}", told(text))).collect();
    assert_snapshot!(lines.join("\n"), @r#"
    "" column 1: the end stands where a metric belongs; write for example "SPO2 < 90"
    "SPO2" column 5: the end cannot follow SPO2; write "<" or ">" and a bound, or for example "rose by 8 in 30 min"
    "90 > SPO2" column 1: "90" stands where a metric belongs; write for example "SPO2 < 90"
    "BP < 90" column 1: no metric is called "BP"; known are HR, PVC, SPO2, PR, PI, RR, AWRR, ETCO2, NIBP_SYS, NIBP_DIA, NIBP_MEAN, ART_SYS, ART_DIA, ART_MEAN, CVP, TEMP, GLU, ECG, ECG_I, ECG_II, ECG_III, ECG_V1, ECG_V2, ECG_V3, ECG_V4, ECG_V5, ECG_V6, PLETH, RESP, CO2, ART, CVP_WAVE
    "SpO₂ < 90" column 1: no metric is called "SpO₂"; known are HR, PVC, SPO2, PR, PI, RR, AWRR, ETCO2, NIBP_SYS, NIBP_DIA, NIBP_MEAN, ART_SYS, ART_DIA, ART_MEAN, CVP, TEMP, GLU, ECG, ECG_I, ECG_II, ECG_III, ECG_V1, ECG_V2, ECG_V3, ECG_V4, ECG_V5, ECG_V6, PLETH, RESP, CO2, ART, CVP_WAVE
    "HR < 50 and ECG < 3" column 13: ECG is a wave; write a number such as HR or SPO2
    "HR <= 50" column 5: bounds are exclusive: write < or > without =, and the next value
    "HR = 50" column 4: "=" is not known; bounds are exclusive: write < or >
    "HR ≤ 50" column 4: "≤" is not known; bounds are exclusive: write < or >
    "HR below 50" column 4: "below" cannot follow HR; write "<" or ">" and a bound, or for example "rose by 8 in 30 min"
    "TEMP > 38,5" column 8: "38,5" is no number; write for example 90 or 38.5 (a point, three decimals at most)
    "TEMP > 38.5001" column 8: "38.5001" is no number; write for example 90 or 38.5 (a point, three decimals at most)
    "HR > 99999999999999999999" column 6: "99999999999999999999" is no number; write for example 90 or 38.5 (a point, three decimals at most)
    "SPO2 > 100" column 8: SPO2 is from 0 to 100; write a bound that it can be beyond
    "RR rose 8 in 30 min" column 9: "8" stands where "by" belongs; write for example "RR rose by 8 in 30 min"
    "RR rose by 8" column 13: the end stands where "in" belongs; write for example "RR rose by 8 in 30 min"
    "RR rose by 0 in 30 min" column 12: RR cannot move by 0; write more than 0 and not more than 200
    "RR rose by 8 in 30.5 min" column 17: "30.5" is no time; write for example "20 s"
    "RR rose by 8 in 30 days" column 20: "days" is no unit of this time; write one of s, min, h
    "RR rose by 8 in 13 h" column 17: this time is from 10 s to 720 min; write one in between
    "HR < 50 for 1 h" column 15: "h" is no unit of this time; write one of s, min
    "HR < 50 for 61 min" column 13: this time is from 0 s to 60 min; write one in between
    "HR < 50 for 20 s and SPO2 < 90" column 18: "and" comes after the end; write nothing after the time
    "HR < 50 or SPO2 < 90" column 9: there is no "or"; write two rules
    "HR < 50, SPO2 < 90" column 6: "50," is no number; write for example 90 or 38.5 (a point, three decimals at most)
    "HR < 50 and HR > 49.999" column 13: this and "HR < 50" can never hold at once; change a bound
    "#);
    assert_snapshot!(told(&["HR < 50"; 9].join(" and ")), @"column 97: a formula has 8 terms at most; write two rules");
}

#[test]
fn the_times_and_bounds_at_their_edges_are_taken() {
    for good in [
        "HR < 50 for 3600 s",
        "HR < 50 for 60 min",
        "RR rose by 8 in 10 s",
        "RR rose by 8 in 12 h",
        "RR rose by 200 in 12 h",
        "SPO2 < 100",
        "SPO2 > 0",
        "SPO2 < 0.001",
        "SPO2 > 99.999",
        "HR < 50.001 and HR > 49.999",
    ] {
        assert!(good.parse::<Formula>().is_ok(), "{good}: {}", told(good));
    }
    for bad in [
        "HR < 50 for 3601 s",
        "RR rose by 8 in 9 s",
        "RR rose by 8 in 43201 s",
        "RR rose by 200.001 in 12 h",
        "RR rose by -8 in 12 h",
        "SPO2 < 0",
        "SPO2 < 100.001",
        "SPO2 > 100",
        "HR < 50 and HR > 50",
        "HR < 50 for 18446744073709551615 min",
        "HR < 50 for +5 s",
        "HR < 5. for 5 s",
        "HR < .5",
        "HR < -",
    ] {
        assert!(bad.parse::<Formula>().is_err(), "{bad}");
    }
    assert!(["HR < 50"; TERMS_MAX].join(" and ").parse::<Formula>().is_ok());
}

fn a_metric() -> impl Strategy<Value = MetricCode> {
    let numbers: Vec<_> = MetricCode::ALL
        .iter()
        .copied()
        .filter(|m| m.kind() == Kind::Numeric)
        .collect();
    prop::sample::select(numbers)
}

fn a_side() -> impl Strategy<Value = Side> {
    prop::sample::select(vec![Side::Low, Side::High])
}

fn a_term() -> impl Strategy<Value = Term> {
    let beyond = (a_metric(), a_side()).prop_flat_map(|(metric, side)| {
        let (least, most) = metric.plausible_thousandths();
        let bounds = match side {
            Side::Low => least + 1..=most,
            Side::High => least..=most - 1,
        };
        bounds.prop_map(move |n| Term::Beyond {
            metric,
            side,
            bound: Quantity::from_thousandths(n),
        })
    });
    let moved = (a_metric(), a_side(), 10..=43_200_u64).prop_flat_map(|(metric, side, within)| {
        let (least, most) = metric.plausible_thousandths();
        (1..=most - least).prop_map(move |by| Term::Moved {
            metric,
            side,
            by: Quantity::from_thousandths(by),
            within: Duration::from_secs(within),
        })
    });
    prop_oneof![beyond, moved]
}

fn a_formula() -> impl Strategy<Value = Formula> {
    (prop::collection::vec(a_term(), 1..=TERMS_MAX), 0..=3_600_u64)
        .prop_map(|(terms, lasts)| Formula {
            terms,
            lasts: Duration::from_secs(lasts),
        })
        .prop_filter("terms that can hold at once", |f| {
            let pairs = |a: &Term| f.terms.iter().any(|b| exclude_each_other(a, b));
            !f.terms.iter().any(pairs)
        })
}

/// Words of the form in any order, with what is nearly one of them.
fn nearly() -> impl Strategy<Value = String> {
    let words = [
        "SPO2",
        "hr",
        "ECG",
        "NEWS2",
        "<",
        ">",
        "=",
        "rose",
        "fell",
        "by",
        "in",
        "and",
        "or",
        "for",
        "8",
        "90",
        "38.5",
        "-1",
        "1e9",
        "30",
        "s",
        "min",
        "h",
        "₂",
        "",
        "\u{a0}",
        "99999999999",
    ];
    let spaced = (
        prop::sample::select(words.to_vec()),
        prop::sample::select(vec![" ", ""]),
    );
    prop::collection::vec(spaced, 0..14).prop_map(|words| words.into_iter().flat_map(|(w, s)| [w, s]).collect())
}

proptest! {
    #[test]
    fn what_is_printed_is_read_as_the_same(formula in a_formula()) {
        let text = formula.to_string();
        prop_assert_eq!(text.parse::<Formula>(), Ok(formula.clone()));
        prop_assert_eq!(text.to_lowercase().parse::<Formula>(), Ok(formula));
    }

    #[test]
    fn no_text_is_too_strange(text in any::<String>(), nearly in nearly()) {
        for text in [text, nearly] {
            match text.parse::<Formula>() {
                Ok(formula) => prop_assert_eq!(formula.to_string().parse::<Formula>(), Ok(formula)),
                Err(error) => {
                    prop_assert!(text.get(..error.at).is_some_and(str::is_ascii), "{:?} at {}", text, error.at);
                    prop_assert!(error.what.len() < 500, "{}", error.what);
                }
            }
        }
    }
}
