use insta::assert_snapshot;
use proptest::prelude::*;

use alert::profile::Lift;
use model::{Quantity, Side};

use super::*;

fn q(units: i32) -> Quantity {
    Quantity::from_integer(units).unwrap()
}

const GOOD: &str = r#"name = "x"
title = "Made up"

[limits.HR]
low = 50
high = 120
low_floor = 30
high_ceiling = 200
priority = "medium"
delay_s = 5
hysteresis = 2
worse_by = 10
lifts = [{ below = 50, to = "high" }]
auto = { low_times = 0.8, least = 40, high_times = 1.25, most = 240 }
source = "made up"

[[rule]]
id = "fast"
when = "RR rose by 8 in 30 min"
priority = "low"
source = "made up"

[news2]
urgent = 5
emergency = 7
single_three = true
delay_s = 60
assessment_lasts_h = 12
source = "made up"
"#;

/// The good profile with one thing changed.
fn with(good: &str, changed: &str) -> String {
    assert!(GOOD.contains(good), "{good}");
    GOOD.replacen(good, changed, 1)
}

fn told(text: &str) -> String {
    parse(text).map_or_else(|e| e.to_string(), |_| "fine".to_owned())
}

#[test]
fn every_built_in_profile_is_read_under_its_own_name() {
    let titles: Vec<_> = built_in_names()
        .map(|name| {
            let profile = built_in(name).unwrap();
            assert_eq!(profile.name, name);
            profile.title
        })
        .collect();
    assert_eq!(titles, ["Adult", "Paediatric", "Neonate"]);
}

/// Low and high limit of every number.
fn limits_of(name: &str) -> Vec<String> {
    let of = |row: &ProfileLimits| {
        let bound = |q: Option<Quantity>| q.map_or("-".to_owned(), |q| q.to_string());
        let limits = row.rule.limits;
        format!("{} {} {}", row.rule.metric, bound(limits.low()), bound(limits.high()))
    };
    built_in(name).unwrap().limits.iter().map(of).collect()
}

#[test]
fn the_built_in_limits_are_those_of_their_sources() {
    assert_eq!(
        limits_of("adult"),
        [
            "HR 50 120",
            "SPO2 90 -",
            "PR 50 120",
            "RR 8 30",
            "NIBP_SYS 80 200",
            "NIBP_DIA 30 120"
        ]
    );
    assert_eq!(
        limits_of("paediatric"),
        ["HR 75 160", "SPO2 90 -", "PR 75 160", "RR 8 30"]
    );
    assert_eq!(
        limits_of("neonate"),
        [
            "HR 100 200",
            "SPO2 85 95",
            "PR 100 200",
            "RR 30 100",
            "NIBP_SYS 40 100",
            "NIBP_DIA 20 60"
        ]
    );
}

#[test]
fn desaturation_is_high_priority_in_every_built_in_profile() {
    for (name, below) in [("adult", 80), ("paediatric", 80), ("neonate", 85)] {
        let profile = built_in(name).unwrap();
        let spo2 = profile.of(MetricCode::SpO2).unwrap();
        let lift = Lift {
            side: Side::Low,
            beyond: q(below),
            to: Priority::High,
        };
        assert_eq!(spo2.lifts, [lift], "{name}");
        assert_eq!(spo2.auto, None, "{name}: saturation is never loosened");
    }
}

#[test]
fn the_built_in_auto_limits_are_those_of_their_source() {
    let auto = |name, value| {
        let profile = built_in(name).unwrap();
        let limits = profile.of(MetricCode::HeartRate).unwrap().auto(q(value)).unwrap();
        (limits.low().unwrap(), limits.high().unwrap())
    };
    assert_eq!(auto("adult", 80), (q(64), q(100)));
    assert_eq!(auto("adult", 45), (q(40), q(56)));
    assert_eq!(auto("paediatric", 120), (q(96), q(150)));
    assert_eq!(auto("neonate", 140), (q(110), q(180)));
    assert_eq!(auto("neonate", 110), (q(90), q(150)));
}

#[test]
fn only_the_adult_has_an_early_warning_score() {
    let score = EarlyWarningRule {
        urgent: 5,
        emergency: 7,
        single_three: true,
        delay: Duration::from_mins(1),
        assessment_lasts: Duration::from_hours(12),
    };
    assert_eq!(built_in("adult").unwrap().early_warning, Some(score));
    assert_eq!(built_in("paediatric").unwrap().early_warning, None);
    assert_eq!(built_in("neonate").unwrap().early_warning, None);
}

#[test]
fn a_whole_profile_is_read() {
    let profile = parse(GOOD).unwrap();
    assert_eq!((profile.name.as_str(), profile.title.as_str()), ("x", "Made up"));
    let hr = &profile.limits[0];
    assert_eq!(hr.rule.delay, Duration::from_secs(5));
    assert_eq!(hr.rule.hysteresis, q(2));
    assert_eq!(
        (hr.low_floor, hr.high_ceiling, hr.worse_by),
        (Some(q(30)), Some(q(200)), q(10))
    );
    assert_eq!(hr.source, "made up");
    let rule = &profile.rules[0];
    assert_eq!((rule.id.as_str(), rule.priority), ("fast", Priority::Low));
    assert_eq!(rule.when.to_string(), "RR rose by 8 in 30 min");
}

/// What can be wrong in one place.
fn broken() -> Vec<String> {
    vec![
        with("name = \"x\"", "name = \"a b\""),
        with("title = \"Made up\"", "title = \" \""),
        with("[limits.HR]", "[limits.BP]"),
        with("[limits.HR]", "[limits.ECG]"),
        with("[limits.HR]", "[limits.NEWS2]"),
        with("low = 50\n", "low = 400\n"),
        with("low = 50\n", "low = nan\n"),
        with("low = 50\n", "low = 130\n"),
        with("low = 50\nhigh = 120\n", ""),
        with("low_floor = 30\n", ""),
        with("low_floor = 30\n", "low_floor = 51\n"),
        with("high_ceiling = 200\n", "high_ceiling = 119.9\n"),
        with("high = 120\n", ""),
        with("priority = \"medium\"", "priority = \"urgent\""),
        with("delay_s = 5", "delay_s = 61"),
        with("hysteresis = 2", "hysteresis = -1"),
        with("worse_by = 10", "worse_by = 0"),
        with("below = 50, to", "below = 51, to"),
        with("below = 50, to", "to"),
        with("{ below = 50, to = \"high\" }", "{ below = 50, to = \"low\" }"),
        with("low_times = 0.8", "low_times = 1"),
        with("high_times = 1.25", "high_plus = -5"),
        with("low_times = 0.8, ", ""),
        with("least = 40", "least = 240"),
        with("source = \"made up\"", "source = \"\""),
        with("id = \"fast\"", "id = \"so fast\""),
        with(
            "when = \"RR rose by 8 in 30 min\"",
            "when = \"RR rose by 8 in 30 min or HR > 5\"",
        ),
        with("[news2]", "[early]"),
        with("urgent = 5", "urgent = 7"),
        with("emergency = 7", "emergency = 21"),
        with("assessment_lasts_h = 12", "assessment_lasts_h = 48"),
        with("worse_by = 10\n", ""),
        with("[[rule]]", "[[rule]]\ncolour = \"red\""),
        "name = \"x\"\ntitle = \"Empty\"\n".to_owned(),
        "name = ".to_owned(),
    ]
}

#[test]
fn every_complaint_names_the_line_and_what_to_write() {
    let complaints: Vec<String> = broken().iter().map(|text| told(text)).collect();
    assert_snapshot!(complaints.join("\n"), @r#"
    line 1: name is 1 to 64 letters, digits and "-"; write for example name = "adult"
    line 2: title is empty; write what a person reads
    line 4: no metric is called "BP"; known are HR, PVC, SPO2, PR, PI, RR, AWRR, ETCO2, NIBP_SYS, NIBP_DIA, NIBP_MEAN, ART_SYS, ART_DIA, ART_MEAN, CVP, TEMP, GLU, ECG, ECG_I, ECG_II, ECG_III, ECG_V1, ECG_V2, ECG_V3, ECG_V4, ECG_V5, ECG_V6, PLETH, RESP, CO2, ART, CVP_WAVE
    line 4: ECG: limits belong to numbers, not to waves
    line 4: NEWS2: the score has a table of its own; write [news2]
    line 5: HR: a value is from 0 to 350; write one in between
    line 5: HR: not a finite number
    line 4: HR: the low limit must be below the high limit; write for example low = 50 and high = 120
    line 4: HR: limits need at least one bound; to take them off altogether, remove them with a person and a reason; write for example low = 50 and high = 120
    line 4: HR: low_floor is missing; write the lowest that a bed may set its low limit to
    line 7: HR: low_floor is inside the low limit; write 50 or less
    line 8: HR: high_ceiling is inside the high limit; write 120 or more
    line 7: HR: high_ceiling without a high limit; write high = … as well, or leave it out
    line 9: "urgent" is no priority; write "low", "medium" or "high"
    line 10: HR: delay_s is from 0 to 60; write a number in between
    line 11: HR: hysteresis is a width; write 0 or more
    line 12: HR: worse_by is a width; write more than 0
    line 13: HR: a lift is at the limit or beyond it; write 50 or less
    line 13: HR: a lift has one bound; write below = … or above = …
    line 13: HR: a lift makes more urgent; the limit is "medium" already
    line 14: HR: the low limit must be below the value; write for example low_times = 0.8 or low_plus = -30
    line 14: HR: the high limit must be above the value; write for example high_times = 1.25 or high_plus = 40
    line 14: HR: write low_times = 0.8 or low_plus = -30
    line 14: HR: least must be below most; write for example least = 40, most = 240
    line 15: source is empty; write where the values come from
    line 18: id is 1 to 64 letters, digits and "-"; write for example id = "adult"
    line 19: rule "fast", column 24: there is no "or"; write two rules
    line 23: unknown field `early`, expected one of `name`, `title`, `limits`, `rule`, `news2`. The built-in profile adult.toml is a complete example
    line 25: news2: urgent is 1 or more, emergency is more than urgent and 20 at most; write for example 5 and 7
    line 25: news2: urgent is 1 or more, emergency is more than urgent and 20 at most; write for example 5 and 7
    line 28: news2: assessment_lasts_h is from 1 to 24; write a number in between
    line 4: missing field `worse_by`. The built-in profile adult.toml is a complete example
    line 18: unknown field `colour`, expected one of `id`, `when`, `priority`, `source`. The built-in profile adult.toml is a complete example
    line 1: the profile watches nothing; write [limits.HR] and so on
    line 1: string values must be quoted, expected literal string. The built-in profile adult.toml is a complete example
    "#);
}

#[test]
fn what_depends_on_more_than_one_place_is_refused_where_it_is_written() {
    let (head, rest) = GOOD.split_once("[[rule]]").unwrap();
    let (rule, news2) = rest.split_once("[news2]").unwrap();
    let spo2 = head
        .replace("limits.HR", "limits.SPO2")
        .replace("= 120", "= 95")
        .replace("= 200", "= 100");
    let twice = head.split_once("[limits").unwrap().1.replace(".HR]", "[limits.hr]");
    let scored = rule.replace("RR rose by 8 in 30 min", "NEWS2 > 4");
    let texts = [
        spo2,
        format!("{head}{twice}"),
        format!("{head}[[rule]]{rule}[[rule]]{rule}"),
        format!("{head}[[rule]]{scored}"),
        format!("{head}[[rule]]{scored}[news2]{news2}"),
        (0..=RULES_MAX).fold(head.to_owned(), |text, i| {
            text + "[[rule]]" + &rule.replace("fast", &format!("fast-{i}"))
        }),
    ];
    let complaints: Vec<String> = texts.iter().map(|text| told(text)).collect();
    assert_snapshot!(complaints.join("\n"), @r#"
    line 14: SPO2: auto limits must never loosen it; leave auto out
    line 17: limits of HR stand twice; write one table
    line 24: rule "fast" stands twice; give each an id of its own
    line 19: rule "fast" looks at NEWS2, and the profile has no [news2]; write one, or another rule
    fine
    line 210: a profile has 32 rules at most; leave some out
    "#);
}

proptest! {
    #[test]
    fn no_text_is_too_strange(text in any::<String>(), at in 0..GOOD.len(), cut in 0..40_usize) {
        let told = |text: &str| parse(text).map_err(|e| e.line);
        let lines = |text: &str| text.split('\n').count();
        let broken = format!("{}{text}{}", &GOOD[..at], GOOD.get(at + cut..).unwrap_or_default());
        for text in [&text, &broken] {
            if let Err(line) = told(text) {
                prop_assert!((1..=lines(text)).contains(&line));
            }
        }
    }

    /// Any number in any field is read or refused.
    #[test]
    fn no_number_is_too_strange(number in any::<f64>(), small in -400..400_i32, which in 0..40_usize) {
        for number in [format!("{number:?}"), small.to_string()] {
            let digits = GOOD.match_indices(|c: char| c.is_ascii_digit());
            let starts: Vec<usize> = digits.map(|(i, _)| i).filter(|i| GOOD[..*i].ends_with("= ")).collect();
            let start = starts[which % starts.len()];
            let rest = &GOOD[start..];
            let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
            let text = format!("{}{number}{}", &GOOD[..start], &rest[end..]);
            if let Ok(profile) = parse(&text) {
                for row in &profile.limits {
                    prop_assert_eq!(row.within_floors(row.rule.limits), Ok(()));
                }
            }
        }
    }
}
