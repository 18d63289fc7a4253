//! Limits, delay, hysteresis, values that go missing, changed rules. SpO2 90-100, 10 s, hysteresis 1, high.

use alert::{Event, Settings};
use insta::assert_snapshot;
use model::{LimitRule, Limits, MetricCode, Priority};

use crate::adult;
use crate::story::{Story, Ticking, bed, play, play_by, quantity, seconds};

#[test]
fn a_value_at_the_limit_is_inside_and_one_step_beyond_is_not() {
    assert_snapshot!(play("0 90 · 600 tick"), @"");
    assert_snapshot!(play("0 89.999 · 600 tick"), @r"
     10 raised #1v1 *** SpO₂ 89.999 < 90 [active, on]
     40 escalated #1v2 *** SpO₂ 89.999 < 90 [active, on, louder]
     70 escalated #1v3 *** SpO₂ 89.999 < 90 [active, on, to second]
    130 escalated #1v4 *** SpO₂ 89.999 < 90 [active, on, to charge]
    ");
    assert_snapshot!(play("0 HR=120 · 600 tick"), @"");
    assert_snapshot!(play("0 HR=120.001 · 600 tick"), @r"
      5 raised #1v1 ** HR 120.001 > 120 [active, on]
     35 escalated #1v2 ** HR 120.001 > 120 [active, on, louder]
     65 escalated #1v3 ** HR 120.001 > 120 [active, on, to second]
    125 escalated #1v4 ** HR 120.001 > 120 [active, on, to charge]
    ");
    assert_snapshot!(play("0 HR=50 · 600 tick"), @"");
    assert_snapshot!(play("0 100 · 600 tick"), @"");
}

#[test]
fn a_crossing_must_last_its_delay_to_the_millisecond() {
    assert_snapshot!(play("0 88 · 9.999 90 · 600 tick"), @"");
    assert_snapshot!(play("0 88 · 10 90"), @r"10 raised #1v1 *** SpO₂ 88 < 90 [active, on]");
    assert_snapshot!(play("0 88 · 5 90 · 6 88 · 15.999 tick"), @"");
    assert_snapshot!(play("0 88 · 5 90 · 6 88 · 16 tick"), @r"16 raised #1v1 *** SpO₂ 88 < 90 [active, on]");
}

#[test]
fn a_metric_without_delay_is_raised_at_once() {
    assert_snapshot!(play("0 cuff · 7 NIBP_SYS=79"), @r"7 raised #1v1 ** NIBP sys 79 < 80 [active, on]");
}

#[test]
fn the_message_carries_the_worst_value_of_the_delay_too() {
    assert_snapshot!(play("0 88 · 3 84 · 6 87 · 10 tick"), @r"10 raised #1v1 *** SpO₂ 84 < 90 [active, on]");
}

#[test]
fn an_alert_clears_only_when_back_by_the_hysteresis() {
    assert_snapshot!(play("0 88 · 10 ack · 20 90 · 30 90.999"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    10 acknowledged #1v2 *** SpO₂ 88 < 90 [active, acknowledged by Kim until 130]
    ");
    assert_snapshot!(play("0 88 · 10 ack · 20 91"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    10 acknowledged #1v2 *** SpO₂ 88 < 90 [active, acknowledged by Kim until 130]
    20 cleared #1v3 *** SpO₂ 88 < 90 [cleared, off by Kim]
    ");
    assert_snapshot!(play("0 HR=130 · 5 ack · 20 HR=118.001 · 30 HR=118"), @r"
     5 raised #1v1 ** HR 130 > 120 [active, on]
     5 acknowledged #1v2 ** HR 130 > 120 [active, acknowledged by Kim until 125]
    30 cleared #1v3 ** HR 130 > 120 [cleared, off by Kim]
    ");
}

#[test]
fn low_and_high_are_two_conditions() {
    assert_snapshot!(play("0 HR=45 · 5 ack · 10 HR=130 · 15 tick"), @r"
     5 raised #1v1 *** HR 45 < 50 [active, on]
     5 acknowledged #1v2 *** HR 45 < 50 [active, acknowledged by Kim until 125]
    10 cleared #1v3 *** HR 45 < 50 [cleared, off by Kim]
    15 raised #2v1 ** HR 130 > 120 [active, on]
    ");
}

#[test]
fn a_low_heart_rate_is_lifted_to_high_priority_and_a_high_one_is_not() {
    assert_snapshot!(play("0 HR=49 · 5 tick"), @r"5 raised #1v1 *** HR 49 < 50 [active, on]");
    assert_snapshot!(play("0 HR=121 · 5 tick"), @r"5 raised #1v1 ** HR 121 > 120 [active, on]");
}

#[test]
fn a_slow_fall_moves_the_alert_by_the_step_and_shows_what_lies_between() {
    assert_snapshot!(play("0 89 · 10 88 · 11 87 · 12 86 · 13 88 · 14 85"), @r"
    10 raised #1v1 *** SpO₂ 89 < 90 [active, on]
    10 shown #1v1 *** SpO₂ 88 < 90
    11 shown #1v1 *** SpO₂ 87 < 90
    12 worsened #1v2 *** SpO₂ 86 < 90 [active, on]
    14 shown #1v2 *** SpO₂ 85 < 90
    ");
}

#[test]
fn a_pending_crossing_that_loses_its_value_does_not_vanish() {
    assert_snapshot!(play("0 88 · 4 none · 10 tick"), @r"10 raised #1v1 *** SpO₂ 88 < 90 · no value now: the monitor cannot measure [active, on]");
    assert_snapshot!(play("0 88 · 4 off · 10 tick"), @r"10 raised #1v1 *** SpO₂ 88 < 90 · no value now: the sensor is off [active, on]");
    assert_snapshot!(play("0 live · 0 88 · 4 lost · 10 tick"), @r"
     4 raised #1v1 !! No data from the monitor: the device closed the connection [active, on]
    10 raised #2v1 *** SpO₂ 88 < 90 · no value now: no data from the monitor [active, on]
    ");
    assert_snapshot!(play("0 live · 0 every=1 · 0 88 · 10 tick"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 · no value now: no new ones come [active, on]
    10 raised #2v1 !! SpO₂: no new values [active, on]
    ");
    assert_snapshot!(play("0 88 · 4 none · 9.999 90 · 20 tick"), @"");
}

#[test]
fn an_active_alert_whose_value_is_gone_stays_marked_until_a_value_speaks() {
    assert_snapshot!(play("0 every=30 · 0 88 · 10 tick · 12 none · 50 89 · 60 95 · 61 ack"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    12 shown #1v1 *** SpO₂ 88 < 90 · no value now: the monitor cannot measure
    40 escalated #1v2 *** SpO₂ 88 < 90 · no value now: the monitor cannot measure [active, on, louder]
    42 raised #2v1 ! SpO₂: no valid value, the monitor has none [active, on]
    50 cleared #2v2 ! SpO₂: no valid value, the monitor has none [cleared, off]
    50 shown #1v2 *** SpO₂ 88 < 90
    60 cleared #1v3 *** SpO₂ 88 < 90 · over, nobody has acknowledged it [cleared, latched, louder]
    61 acknowledged #1v4 *** SpO₂ 88 < 90 [cleared, off by Kim, louder]
    ");
}

#[test]
fn a_doubtful_value_alerts_and_a_late_one_does_not() {
    assert_snapshot!(play("0 ~88 · 10 tick"), @r"10 raised #1v1 *** SpO₂ 88 < 90 [active, on]");
    assert_snapshot!(play("0 late70 · 600 tick"), @"");
    assert_snapshot!(play("0 88 · 5 late95 · 10 tick"), @r"10 raised #1v1 *** SpO₂ 88 < 90 [active, on]");
}

#[test]
fn the_delay_counts_from_receipt_and_not_from_the_turn_of_the_loop() {
    assert_snapshot!(play("4 88@3 · 13 tick"), @r"13 raised #1v1 *** SpO₂ 88 < 90 [active, on]");
    assert_snapshot!(play("20 88@3"), @r"13 raised #1v1 *** SpO₂ 88 < 90 [active, on]");
}

#[test]
fn a_changed_limit_judges_the_known_value_at_once() {
    assert_snapshot!(play("0 88 · 10 tick · 20 rule=85-100"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    20 cleared #1v2 *** SpO₂ 88 < 90 · the limit was changed · over, nobody has acknowledged it [cleared, latched]
    ");
    assert_snapshot!(play("0 88 · 10 tick · 20 rule=89-100"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    20 shown #1v1 *** SpO₂ 88 < 89
    ");
    assert_snapshot!(play("0 92 · 20 rule=94-100 · 30 tick"), @r"30 raised #1v1 *** SpO₂ 92 < 94 [active, on]");
    assert_snapshot!(play("0 88 · 5 rule=85-100 · 60 tick"), @"");
}

#[test]
fn a_limit_taken_off_ends_its_alert_and_says_so() {
    assert_snapshot!(play("0 88 · 10 ack · 20 rule= · 60 70 · 600 tick"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    10 acknowledged #1v2 *** SpO₂ 88 < 90 [active, acknowledged by Kim until 130]
    20 cleared #1v3 *** SpO₂ 88 < 90 · the limit was taken off [cleared, off by Kim]
    ");
}

#[test]
fn a_hysteresis_wider_than_the_limits_can_still_clear() {
    assert_snapshot!(play("0 rule=99.5-100 · 0 99 · 10 ack · 20 99.9 · 30 100"), @r"
    10 raised #1v1 *** SpO₂ 99 < 99.5 [active, on]
    10 acknowledged #1v2 *** SpO₂ 99 < 99.5 [active, acknowledged by Kim until 130]
    30 cleared #1v3 *** SpO₂ 99 < 99.5 [cleared, off by Kim]
    ");
}

#[test]
fn a_value_that_lifts_the_priority_does_so_while_pending_and_while_sounding() {
    let hr = adult::rule(MetricCode::HeartRate);
    let limits = Limits::new(Some(quantity("60")), None).unwrap();
    let event = Event::Rule {
        bed: bed(),
        metric: hr.metric,
        rule: Some(LimitRule { limits, ..hr }),
    };
    let lifted = |script: &str| {
        let mut story = Story::new(Settings::default(), Ticking::Exact);
        story.step(seconds("0"), &event);
        let newest = story.told(script).newest();
        (newest.priority, newest.version)
    };
    assert_eq!(lifted("1 HR=55 · 6 tick"), (Priority::Medium, 1));
    assert_eq!(lifted("1 HR=55 · 3 HR=49 · 4 HR=55 · 6 tick"), (Priority::High, 1));
    assert_eq!(lifted("1 HR=55 · 6 tick · 7 HR=50"), (Priority::Medium, 1));
    assert_eq!(lifted("1 HR=55 · 6 ack · 7 HR=49.999"), (Priority::High, 3));
}

#[test]
fn a_value_inside_is_never_worse_however_small_the_step() {
    let mut profile = adult::profile();
    for limits in &mut profile.limits {
        limits.worse_by = quantity("0.1");
    }
    assert_snapshot!(play_by(&Settings::default(), &profile, "0 88 · 15 90.9 · 20 ack · 30 90.1 · 40 89.9"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    20 acknowledged #1v2 *** SpO₂ 88 < 90 [active, acknowledged by Kim until 140]
    40 worsened #1v3 *** SpO₂ 88 < 90 [active, on]
    ");
}
