//! The early warning score as an alert, and rules over several numbers.

use std::time::Duration;

use alert::Settings;
use alert::profile::{CombinedRule, EarlyWarningRule, Profile};
use insta::assert_snapshot;
use model::Priority;

use crate::adult;
use crate::story::{Story, Ticking, bed, play_by, seconds};

const SCORED: EarlyWarningRule = EarlyWarningRule {
    urgent: 5,
    emergency: 7,
    single_three: true,
    delay: Duration::from_mins(1),
    assessment_lasts: Duration::from_mins(10),
};

/// All that is scored, and everything as it should be.
const WELL: &str = "0 assess alert air · 0 RR=16 · 0 97 · 0 NIBP_SYS=120 · 0 HR=70 · 0 TEMP=37";

fn profile(early_warning: Option<EarlyWarningRule>, rule: &str) -> Profile {
    let rules = (!rule.is_empty()).then(|| CombinedRule {
        id: "both".to_owned(),
        when: rule.parse().unwrap(),
        priority: Priority::High,
    });
    Profile {
        limits: Vec::new(),
        rules: rules.into_iter().collect(),
        early_warning,
        ..adult::profile()
    }
}

fn play(script: &str) -> String {
    play_by(
        &Settings::default(),
        &profile(Some(SCORED), ""),
        &format!("{WELL} · {script}"),
    )
}

fn play_rule(rule: &str, script: &str) -> String {
    play_by(&Settings::default(), &profile(None, rule), script)
}

#[test]
fn a_score_is_told_when_it_is_whole_and_when_it_changes() {
    assert_snapshot!(play("10 RR=17 · 20 RR=21 · 30 RR=22 · 40 PI=3 · 50 RR=none"), @r"
     0 score without RR, SpO₂, Systolic, Pulse, Temp
     0 score without SpO₂, Systolic, Pulse, Temp
     0 score without Systolic, Pulse, Temp
     0 score without Pulse, Temp
     0 score without Temp
     0 score 0
    20 score 2
    50 score without RR
    ");
}

#[test]
fn five_is_urgent_after_its_delay_and_four_is_not() {
    assert_snapshot!(play("10 RR=22 · 11 HR=115 · 12 TEMP=37.5 · 300 tick"), @r"
     0 score without RR, SpO₂, Systolic, Pulse, Temp
     0 score without SpO₂, Systolic, Pulse, Temp
     0 score without Systolic, Pulse, Temp
     0 score without Pulse, Temp
     0 score without Temp
     0 score 0
    10 score 2
    11 score 4
    ");
    assert_snapshot!(play("10 RR=22 · 11 HR=115 · 12 TEMP=38.5 · 71.999 tick"), @r"
     0 score without RR, SpO₂, Systolic, Pulse, Temp
     0 score without SpO₂, Systolic, Pulse, Temp
     0 score without Systolic, Pulse, Temp
     0 score without Pulse, Temp
     0 score without Temp
     0 score 0
    10 score 2
    11 score 4
    12 score 5
    ");
    assert_snapshot!(play("10 RR=22 · 11 HR=115 · 12 TEMP=38.5 · 72 tick · 80 TEMP=37"), @r"
     0 score without RR, SpO₂, Systolic, Pulse, Temp
     0 score without SpO₂, Systolic, Pulse, Temp
     0 score without Systolic, Pulse, Temp
     0 score without Pulse, Temp
     0 score without Temp
     0 score 0
    10 score 2
    11 score 4
    12 score 5
    72 raised #1v1 ** NEWS2 5 ≥ 5 [active, on]
    80 cleared #1v2 ** NEWS2 5 ≥ 5 [cleared, off]
    80 score 4
    ");
}

#[test]
fn seven_is_an_emergency_and_stays_one_until_it_is_below_five() {
    assert_snapshot!(play("10 RR=22 · 10 HR=115 · 10 TEMP=38.5 · 70 ack · 80 93 · 90 97 · 100 RR=16"), @r"
      0 score without RR, SpO₂, Systolic, Pulse, Temp
      0 score without SpO₂, Systolic, Pulse, Temp
      0 score without Systolic, Pulse, Temp
      0 score without Pulse, Temp
      0 score without Temp
      0 score 0
     10 score 2
     10 score 4
     10 score 5
     70 raised #1v1 ** NEWS2 5 ≥ 5 [active, on]
     70 acknowledged #1v2 ** NEWS2 5 ≥ 5 [active, acknowledged by Kim until 190]
     80 worsened #1v3 *** NEWS2 7 ≥ 7 [active, on]
     80 score 7
     90 score 5
     90 shown #1v3 *** NEWS2 7 ≥ 5
    100 cleared #1v4 *** NEWS2 7 ≥ 5 · over, nobody has acknowledged it [cleared, latched]
    100 score 3
    ");
}

#[test]
fn what_the_score_was_while_it_waited_is_told_with_the_limit_of_its_priority() {
    assert_snapshot!(play("10 RR=22 · 10 HR=115 · 10 TEMP=38.5 · 20 93 · 70 tick"), @r"
     0 score without RR, SpO₂, Systolic, Pulse, Temp
     0 score without SpO₂, Systolic, Pulse, Temp
     0 score without Systolic, Pulse, Temp
     0 score without Pulse, Temp
     0 score without Temp
     0 score 0
    10 score 2
    10 score 4
    10 score 5
    20 score 7
    70 raised #1v1 *** NEWS2 7 ≥ 7 [active, on]
    ");
    assert_snapshot!(play("10 RR=22 · 10 HR=115 · 10 93 · 11 TEMP=38.5 · 20 95 · 70 tick"), @r"
     0 score without RR, SpO₂, Systolic, Pulse, Temp
     0 score without SpO₂, Systolic, Pulse, Temp
     0 score without Systolic, Pulse, Temp
     0 score without Pulse, Temp
     0 score without Temp
     0 score 0
    10 score 2
    10 score 4
    10 score 6
    11 score 7
    20 score 6
    70 raised #1v1 *** NEWS2 7 ≥ 7 [active, on]
    ");
    assert_snapshot!(play("10 RR=22 · 10 HR=115 · 10 TEMP=38.5 · 20 95 · 70 tick · 80 93 · 81 97"), @r"
     0 score without RR, SpO₂, Systolic, Pulse, Temp
     0 score without SpO₂, Systolic, Pulse, Temp
     0 score without Systolic, Pulse, Temp
     0 score without Pulse, Temp
     0 score without Temp
     0 score 0
    10 score 2
    10 score 4
    10 score 5
    20 score 6
    70 raised #1v1 ** NEWS2 6 ≥ 5 [active, on]
    80 worsened #1v2 *** NEWS2 7 ≥ 7 [active, on]
    80 score 7
    81 score 5
    81 shown #1v2 *** NEWS2 7 ≥ 5
    ");
}

#[test]
fn one_part_of_three_is_urgent_and_named() {
    assert_snapshot!(play("10 RR=25 · 70 tick · 80 HR=40 · 90 RR=16 · 100 HR=70"), @r"
      0 score without RR, SpO₂, Systolic, Pulse, Temp
      0 score without SpO₂, Systolic, Pulse, Temp
      0 score without Systolic, Pulse, Temp
      0 score without Pulse, Temp
      0 score without Temp
      0 score 0
     10 score 3
     70 raised #1v1 ** NEWS2: RR alone scores 3 [active, on]
     80 worsened #1v2 ** NEWS2: RR, Pulse score 3 each [active, on]
     80 score 6
     90 score 3
     90 shown #1v2 ** NEWS2: Pulse alone scores 3
    100 escalated #1v3 ** NEWS2: Pulse alone scores 3 [active, on, louder]
    100 cleared #1v4 ** NEWS2: Pulse alone scores 3 [cleared, off, louder]
    100 score 0
    ");
    let rule = Some(EarlyWarningRule {
        single_three: false,
        ..SCORED
    });
    let script = format!("{WELL} · 10 RR=25 · 300 tick");
    assert_snapshot!(play_by(&Settings::default(), &profile(rule, ""), &script), @r"
     0 score without RR, SpO₂, Systolic, Pulse, Temp
     0 score without SpO₂, Systolic, Pulse, Temp
     0 score without Systolic, Pulse, Temp
     0 score without Pulse, Temp
     0 score without Temp
     0 score 0
    10 score 3
    ");
}

#[test]
fn a_part_that_scored_three_and_has_no_value_is_not_seen_to_be_better() {
    assert_snapshot!(play("10 RR=25 · 70 tick · 80 RR=none · 200 RR=16"), @r"
      0 score without RR, SpO₂, Systolic, Pulse, Temp
      0 score without SpO₂, Systolic, Pulse, Temp
      0 score without Systolic, Pulse, Temp
      0 score without Pulse, Temp
      0 score without Temp
      0 score 0
     10 score 3
     70 raised #1v1 ** NEWS2: RR alone scores 3 [active, on]
     80 score without RR
    100 escalated #1v2 ** NEWS2: RR alone scores 3 [active, on, louder]
    130 escalated #1v3 ** NEWS2: RR alone scores 3 [active, on, to second]
    190 escalated #1v4 ** NEWS2: RR alone scores 3 [active, on, to charge]
    200 cleared #1v5 ** NEWS2: RR alone scores 3 [cleared, off, to charge]
    200 score 0
    ");
}

#[test]
fn an_incomplete_score_proves_nothing_and_its_alert_stays() {
    assert_snapshot!(play("10 RR=22 · 10 HR=115 · 10 TEMP=38.5 · 70 tick · 80 RR=none · 81 HR=70 · 90 RR=16"), @r"
     0 score without RR, SpO₂, Systolic, Pulse, Temp
     0 score without SpO₂, Systolic, Pulse, Temp
     0 score without Systolic, Pulse, Temp
     0 score without Pulse, Temp
     0 score without Temp
     0 score 0
    10 score 2
    10 score 4
    10 score 5
    70 raised #1v1 ** NEWS2 5 ≥ 5 [active, on]
    80 score without RR
    80 shown #1v1 ** NEWS2 5 ≥ 5 · the score is incomplete now
    81 score without RR
    90 cleared #1v2 ** NEWS2 5 ≥ 5 · the score is incomplete now [cleared, off]
    90 score 1
    ");
}

#[test]
fn what_was_found_at_the_bedside_counts_for_its_time() {
    assert_snapshot!(play("599.999 tick"), @r"
    0 score without RR, SpO₂, Systolic, Pulse, Temp
    0 score without SpO₂, Systolic, Pulse, Temp
    0 score without Systolic, Pulse, Temp
    0 score without Pulse, Temp
    0 score without Temp
    0 score 0
    ");
    assert_snapshot!(play("600 tick · 700 assess voice oxygen · 760 tick"), @r"
      0 score without RR, SpO₂, Systolic, Pulse, Temp
      0 score without SpO₂, Systolic, Pulse, Temp
      0 score without Systolic, Pulse, Temp
      0 score without Pulse, Temp
      0 score without Temp
      0 score 0
    600 score without Air or oxygen, Consciousness
    700 score 5
    760 raised #1v1 ** NEWS2 5 ≥ 5 [active, on]
    760 raised #2v1 ** NEWS2: Consciousness alone scores 3 [active, on]
    ");
    assert_snapshot!(play("10 assess alert air@-595 · 15 assess alert air@-585 · 20 assess alert air@-589.999 · 30 assess- · 40 assess alert air@900 · 639.999 tick · 640 tick"), @r"
      0 score without RR, SpO₂, Systolic, Pulse, Temp
      0 score without SpO₂, Systolic, Pulse, Temp
      0 score without Systolic, Pulse, Temp
      0 score without Pulse, Temp
      0 score without Temp
      0 score 0
     10 score without Air or oxygen, Consciousness
     40 score 0
    640 score without Air or oxygen, Consciousness
    ");
}

#[test]
fn a_cuffs_value_is_scored_until_its_interval_is_over() {
    assert_snapshot!(play("1 cuff · 10 NIBP_SYS=120 · 590 assess alert air · 909.999 tick · 910 tick"), @r"
      0 score without RR, SpO₂, Systolic, Pulse, Temp
      0 score without SpO₂, Systolic, Pulse, Temp
      0 score without Systolic, Pulse, Temp
      0 score without Pulse, Temp
      0 score without Temp
      0 score 0
    910 score without Systolic
    ");
}

#[test]
fn a_stale_value_is_not_scored() {
    assert_snapshot!(play("1 live · 1 every=1 · 10 RR=16 · 15 tick · 20 RR=16 · 21 lost · 22 live · 22 RR=16"), @r"
     0 score without RR, SpO₂, Systolic, Pulse, Temp
     0 score without SpO₂, Systolic, Pulse, Temp
     0 score without Systolic, Pulse, Temp
     0 score without Pulse, Temp
     0 score without Temp
     0 score 0
    15 score without RR
    20 raised #1v1 ! RR: no new values [active, on]
    20 cleared #1v2 ! RR: no new values [cleared, off]
    20 score 0
    21 raised #2v1 !! No data from the monitor: the device closed the connection [active, on]
    21 score without RR
    21 score without RR, SpO₂
    21 score without RR, SpO₂, Systolic
    21 score without RR, SpO₂, Systolic, Pulse
    21 score without RR, SpO₂, Systolic, Pulse, Temp
    22 cleared #2v2 !! No data from the monitor: the device closed the connection [cleared, off]
    22 score without SpO₂, Systolic, Pulse, Temp
    ");
}

#[test]
fn the_line_comes_before_the_cuff_and_the_ecg_before_the_oximeter() {
    assert_snapshot!(play("10 PR=140 · 20 NIBP_SYS=85 · 30 ART_SYS=120 · 40 HR=none"), @r"
     0 score without RR, SpO₂, Systolic, Pulse, Temp
     0 score without SpO₂, Systolic, Pulse, Temp
     0 score without Systolic, Pulse, Temp
     0 score without Pulse, Temp
     0 score without Temp
     0 score 0
    20 score 3
    30 score 0
    40 score 3
    ");
}

#[test]
fn the_second_scale_is_that_of_the_assessment() {
    assert_snapshot!(play("10 90 · 20 assess alert air two"), @r"
     0 score without RR, SpO₂, Systolic, Pulse, Temp
     0 score without SpO₂, Systolic, Pulse, Temp
     0 score without Systolic, Pulse, Temp
     0 score without Pulse, Temp
     0 score without Temp
     0 score 0
    10 score 3
    20 score 0
    ");
}

#[test]
fn a_restart_keeps_what_was_scored_until_values_say_otherwise() {
    assert_snapshot!(play("10 RR=25 · 70 ack · 80 restart · 81 HR=70 · 82 RR=16"), @r"
     0 score without RR, SpO₂, Systolic, Pulse, Temp
     0 score without SpO₂, Systolic, Pulse, Temp
     0 score without Systolic, Pulse, Temp
     0 score without Pulse, Temp
     0 score without Temp
     0 score 0
    10 score 3
    70 raised #1v1 ** NEWS2: RR alone scores 3 [active, on]
    70 acknowledged #1v2 ** NEWS2: RR alone scores 3 [active, acknowledged by Kim until 190]
    80 score without RR, SpO₂, Air or oxygen, Systolic, Pulse, Consciousness, Temp
    81 score without RR, SpO₂, Air or oxygen, Systolic, Consciousness, Temp
    82 cleared #1v3 ** NEWS2: RR alone scores 3 [cleared, off by Kim]
    82 score without SpO₂, Air or oxygen, Systolic, Consciousness, Temp
    ");
    assert_snapshot!(play("10 RR=22 · 10 HR=115 · 10 TEMP=38.5 · 70 ack · 80 restart · 81 HR=70"), @r"
     0 score without RR, SpO₂, Systolic, Pulse, Temp
     0 score without SpO₂, Systolic, Pulse, Temp
     0 score without Systolic, Pulse, Temp
     0 score without Pulse, Temp
     0 score without Temp
     0 score 0
    10 score 2
    10 score 4
    10 score 5
    70 raised #1v1 ** NEWS2 5 ≥ 5 [active, on]
    70 acknowledged #1v2 ** NEWS2 5 ≥ 5 [active, acknowledged by Kim until 190]
    80 score without RR, SpO₂, Air or oxygen, Systolic, Pulse, Consciousness, Temp
    80 shown #1v2 ** NEWS2 5 ≥ 5 · the score is incomplete now
    81 score without RR, SpO₂, Air or oxygen, Systolic, Consciousness, Temp
    ");
}

#[test]
fn a_profile_that_scores_otherwise_judges_at_once() {
    let scored = |urgent| {
        profile(
            Some(EarlyWarningRule {
                urgent,
                delay: Duration::ZERO,
                ..SCORED
            }),
            "",
        )
    };
    let mut story = Story::of(Settings::default(), scored(5), Ticking::Exact).told(&format!("{WELL} · 10 RR=22"));
    assert_eq!(story.alerts(), []);
    story.step(seconds("20"), &adult::set_up(bed(), scored(2), &[]));
    assert_eq!(story.alerts().len(), 1);
    story.step(seconds("30"), &adult::set_up(bed(), scored(5), &[]));
    assert_eq!(story.alerts(), []);
}

#[test]
fn a_rule_over_two_numbers_holds_for_its_time() {
    let rule = "SPO2 < 90 and HR < 50 for 20 s";
    assert_snapshot!(play_rule(rule, "0 88 · 5 HR=45 · 24.999 tick"), @"");
    assert_snapshot!(play_rule(rule, "0 88 · 5 HR=45 · 25 tick · 30 HR=55 · 40 ack"), @r"
    25 raised #1v1 *** SPO2 < 90 and HR < 50 for 20 s [active, on]
    30 cleared #1v2 *** SPO2 < 90 and HR < 50 for 20 s · over, nobody has acknowledged it [cleared, latched]
    40 acknowledged #1v3 *** SPO2 < 90 and HR < 50 for 20 s [cleared, off by Kim]
    ");
    assert_snapshot!(play_rule(rule, "0 88 · 5 HR=45 · 15 HR=55 · 60 tick"), @"");
}

#[test]
fn a_rule_holds_nothing_by_a_value_that_is_stale_or_gone() {
    let rule = "SPO2 < 90 and HR < 50";
    assert_snapshot!(play_rule(rule, "0 every=1 · 0 88 · 4.999 HR=45"), @r"4.999 raised #1v1 *** SPO2 < 90 and HR < 50 [active, on]");
    assert_snapshot!(play_rule(rule, "0 every=1 · 0 88 · 5 HR=45 · 6 HR=45"), @"");
    assert_snapshot!(play_rule(rule, "0 88 · 1 none · 2 HR=45"), @"");
    assert_snapshot!(play_rule(rule, "0 live · 0 88 · 1 lost · 1 live · 2 HR=45"), @r"
    1 raised #1v1 !! No data from the monitor: the device closed the connection [active, on]
    1 cleared #1v2 !! No data from the monitor: the device closed the connection [cleared, off]
    ");
}

#[test]
fn a_rule_may_look_at_the_score() {
    let profile = profile(
        Some(EarlyWarningRule {
            single_three: false,
            ..SCORED
        }),
        "NEWS2 > 3 and HR > 110",
    );
    let script = format!("{WELL} · 10 RR=22 · 20 HR=115 · 30 RR=none · 31 HR=120 · 40 RR=16 · 50 ack");
    assert_snapshot!(play_by(&Settings::default(), &profile, &script), @r"
     0 score without RR, SpO₂, Systolic, Pulse, Temp
     0 score without SpO₂, Systolic, Pulse, Temp
     0 score without Systolic, Pulse, Temp
     0 score without Pulse, Temp
     0 score without Temp
     0 score 0
    10 score 2
    20 raised #1v1 *** NEWS2 > 3 and HR > 110 [active, on]
    20 score 4
    30 score without RR
    40 cleared #1v2 *** NEWS2 > 3 and HR > 110 · over, nobody has acknowledged it [cleared, latched]
    40 score 2
    50 acknowledged #1v3 *** NEWS2 > 3 and HR > 110 [cleared, off by Kim]
    ");
}

#[test]
fn a_rule_that_the_profile_has_no_more_is_over() {
    let rule = "SPO2 < 90 and HR < 50";
    let told = Story::of(Settings::default(), profile(None, rule), Ticking::Exact);
    let mut story = told.told("0 88 · 5 HR=45 · 6 ack");
    story.step(seconds("7"), &adult::set_up(bed(), profile(None, rule), &[]));
    assert_eq!(story.alerts().len(), 1);
    story.step(seconds("8"), &adult::set_up(bed(), profile(None, ""), &[]));
    assert_eq!(story.alerts(), []);
}
