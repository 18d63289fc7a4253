//! Who goes, who cannot, to whom it is passed, and who may.

use alert::{Loudness, Settings};
use insta::assert_snapshot;
use model::Priority;

use crate::story::{Story, Ticking, play, play_with, seconds};

#[test]
fn what_nobody_answers_gets_louder_then_goes_to_the_second_name_then_to_charge_and_stays_there() {
    assert_snapshot!(play("0 88 · 39.999 tick"), @r"10 raised #1v1 *** SpO₂ 88 < 90 [active, on]");
    assert_snapshot!(play("0 88 · 3600 tick"), @r"
     10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
     40 escalated #1v2 *** SpO₂ 88 < 90 [active, on, louder]
     70 escalated #1v3 *** SpO₂ 88 < 90 [active, on, to second]
    130 escalated #1v4 *** SpO₂ 88 < 90 [active, on, to charge]
    ");
    let mut story = Story::new(Settings::default(), Ticking::Exact).told("0 88 · 39.999 tick");
    let loud = |priority, louder| Some(Loudness { priority, louder });
    assert_eq!(story.engine.sounding(), loud(Priority::High, false));
    story.go(seconds("40"), "tick");
    assert_eq!(story.engine.sounding(), loud(Priority::High, true));
}

#[test]
fn an_unanswered_alert_that_comes_again_goes_on_up_the_ladder_until_somebody_answers() {
    assert_snapshot!(play("0 88 · 75 95 · 80 88 · 200 tick"), @r"
     10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
     40 escalated #1v2 *** SpO₂ 88 < 90 [active, on, louder]
     70 escalated #1v3 *** SpO₂ 88 < 90 [active, on, to second]
     75 cleared #1v4 *** SpO₂ 88 < 90 · over, nobody has acknowledged it [cleared, latched, to second]
     90 cleared #1v5 *** SpO₂ 88 < 90 · it came again and is a new alert [cleared, off, to second]
     90 raised #2v1 *** SpO₂ 88 < 90 [active, on, to second, 2 times since 0]
    150 escalated #2v2 *** SpO₂ 88 < 90 [active, on, to charge, 2 times since 0]
    ");
    assert_snapshot!(play("0 88 · 75 95 · 80 ack · 85 88 · 126 tick"), @r"
     10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
     40 escalated #1v2 *** SpO₂ 88 < 90 [active, on, louder]
     70 escalated #1v3 *** SpO₂ 88 < 90 [active, on, to second]
     75 cleared #1v4 *** SpO₂ 88 < 90 · over, nobody has acknowledged it [cleared, latched, to second]
     80 acknowledged #1v5 *** SpO₂ 88 < 90 [cleared, off by Kim, to second]
     95 raised #2v1 *** SpO₂ 88 < 90 [active, on, 2 times since 0]
    125 escalated #2v2 *** SpO₂ 88 < 90 [active, on, louder, 2 times since 0]
    ");
    assert_snapshot!(play("0 88 · 75 accept · 76 95 · 80 88 · 121 tick"), @r"
     10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
     40 escalated #1v2 *** SpO₂ 88 < 90 [active, on, louder]
     70 escalated #1v3 *** SpO₂ 88 < 90 [active, on, to second]
     75 accepted #1v4 *** SpO₂ 88 < 90 [active, on, Kim goes, to second]
     76 cleared #1v5 *** SpO₂ 88 < 90 · over, nobody has acknowledged it [cleared, latched, Kim goes, to second]
     90 cleared #1v6 *** SpO₂ 88 < 90 · it came again and is a new alert [cleared, off, Kim goes, to second]
     90 raised #2v1 *** SpO₂ 88 < 90 [active, on, 2 times since 0]
    120 escalated #2v2 *** SpO₂ 88 < 90 [active, on, louder, 2 times since 0]
    ");
}

#[test]
fn low_priority_is_passed_on_by_a_person_only() {
    assert_snapshot!(play("0 dev!a:low · 600 tick · 601 decline · 3600 tick"), @r"
      0 raised #1v1 ! Monitor: a low [active, on]
    601 declined #1v2 ! Monitor: a low [active, on, Kim cannot go]
    601 escalated #1v3 ! Monitor: a low [active, on, Kim cannot go, to second]
    ");
}

#[test]
fn an_alert_that_becomes_medium_begins_its_ladder_then() {
    assert_snapshot!(play("0 dev!a:low · 100 dev!a:medium · 131 tick"), @r"
      0 raised #1v1 ! Monitor: a low [active, on]
    100 worsened #1v2 !! Monitor: a medium [active, on]
    130 escalated #1v3 !! Monitor: a medium [active, on, louder]
    ");
}

#[test]
fn worse_begins_no_ladder_anew() {
    assert_snapshot!(play("0 88 · 35 84 · 65 80 · 70 tick"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    35 worsened #1v2 *** SpO₂ 84 < 90 [active, on]
    40 escalated #1v3 *** SpO₂ 84 < 90 [active, on, louder]
    65 worsened #1v4 *** SpO₂ 80 < 90 [active, on, louder]
    70 escalated #1v5 *** SpO₂ 80 < 90 [active, on, to second]
    ");
}

#[test]
fn a_declined_alert_goes_to_the_second_name_at_once_and_to_charge_after_a_minute() {
    assert_snapshot!(play("0 88 · 20 decline · 79.999 tick"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    20 declined #1v2 *** SpO₂ 88 < 90 [active, on, Kim cannot go]
    20 escalated #1v3 *** SpO₂ 88 < 90 [active, on, Kim cannot go, to second]
    ");
    assert_snapshot!(play("0 88 · 20 decline · 80 tick"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    20 declined #1v2 *** SpO₂ 88 < 90 [active, on, Kim cannot go]
    20 escalated #1v3 *** SpO₂ 88 < 90 [active, on, Kim cannot go, to second]
    80 escalated #1v4 *** SpO₂ 88 < 90 [active, on, Kim cannot go, to charge]
    ");
    assert_snapshot!(play("0 88 · 45 decline · 105 tick"), @r"
     10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
     40 escalated #1v2 *** SpO₂ 88 < 90 [active, on, louder]
     45 declined #1v3 *** SpO₂ 88 < 90 [active, on, Kim cannot go, louder]
     45 escalated #1v4 *** SpO₂ 88 < 90 [active, on, Kim cannot go, to second]
    105 escalated #1v5 *** SpO₂ 88 < 90 [active, on, Kim cannot go, to charge]
    ");
}

#[test]
fn the_second_name_may_decline_too_and_charge_has_nobody_above() {
    assert_snapshot!(play("0 88 · 20 decline · 25 decline by Sam · 30 decline by Cho (charge) · 31 escalate by Cho (charge) · 600 tick"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    20 declined #1v2 *** SpO₂ 88 < 90 [active, on, Kim cannot go]
    20 escalated #1v3 *** SpO₂ 88 < 90 [active, on, Kim cannot go, to second]
    25 declined #1v4 *** SpO₂ 88 < 90 [active, on, Sam cannot go, to second]
    25 escalated #1v5 *** SpO₂ 88 < 90 [active, on, Sam cannot go, to charge]
    30 declined #1v6 *** SpO₂ 88 < 90 [active, on, Cho cannot go, to charge]
    31 refused: AtTop
    ");
}

#[test]
fn an_accepted_alert_sounds_on_and_climbs_no_further() {
    assert_snapshot!(play("0 88 · 20 accept · 3600 tick"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    20 accepted #1v2 *** SpO₂ 88 < 90 [active, on, Kim goes]
    ");
    let story = Story::new(Settings::default(), Ticking::Exact).told("0 88 · 20 accept · 600 tick");
    assert_eq!(story.engine.sounding().map(|s| s.priority), Some(Priority::High));
}

#[test]
fn an_accepted_alert_that_gets_worse_is_heard_and_still_climbs_no_further() {
    assert_snapshot!(play("0 88 · 20 accept · 30 84 · 600 tick"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    20 accepted #1v2 *** SpO₂ 88 < 90 [active, on, Kim goes]
    30 worsened #1v3 *** SpO₂ 84 < 90 [active, on, Kim goes]
    ");
}

#[test]
fn an_undone_accept_starts_the_ladder_again_from_where_it_was() {
    assert_snapshot!(play("0 88 · 20 accept · 300 undo · 330 tick"), @r"
     10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
     20 accepted #1v2 *** SpO₂ 88 < 90 [active, on, Kim goes]
    300 accept-undone #1v3 *** SpO₂ 88 < 90 [active, on]
    330 escalated #1v4 *** SpO₂ 88 < 90 [active, on, louder]
    ");
    assert_snapshot!(play("0 88 · 75 accept · 300 undo · 360 tick"), @r"
     10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
     40 escalated #1v2 *** SpO₂ 88 < 90 [active, on, louder]
     70 escalated #1v3 *** SpO₂ 88 < 90 [active, on, to second]
     75 accepted #1v4 *** SpO₂ 88 < 90 [active, on, Kim goes, to second]
    300 accept-undone #1v5 *** SpO₂ 88 < 90 [active, on, to second]
    360 escalated #1v6 *** SpO₂ 88 < 90 [active, on, to charge]
    ");
    assert_snapshot!(play("0 88 · 20 undo · 21 decline · 22 undo"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    20 refused: NotAccepted
    21 declined #1v2 *** SpO₂ 88 < 90 [active, on, Kim cannot go]
    21 escalated #1v3 *** SpO₂ 88 < 90 [active, on, Kim cannot go, to second]
    22 refused: NotAccepted
    ");
}

#[test]
fn who_goes_after_all_may_accept_what_was_declined() {
    assert_snapshot!(play("0 88 · 20 decline · 30 accept by Sam · 600 tick"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    20 declined #1v2 *** SpO₂ 88 < 90 [active, on, Kim cannot go]
    20 escalated #1v3 *** SpO₂ 88 < 90 [active, on, Kim cannot go, to second]
    30 accepted #1v4 *** SpO₂ 88 < 90 [active, on, Sam goes, to second]
    ");
}

#[test]
fn a_person_may_call_for_the_next_name_and_louder_is_no_name() {
    assert_snapshot!(play("0 88 · 15 escalate · 16 escalate · 17 escalate · 600 tick"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    15 escalated #1v2 *** SpO₂ 88 < 90 [active, on, to second]
    16 escalated #1v3 *** SpO₂ 88 < 90 [active, on, to charge]
    17 refused: AtTop
    ");
}

#[test]
fn accepting_an_acknowledged_alert_leaves_it_silent_and_acknowledging_keeps_who_goes() {
    assert_snapshot!(play("0 88 · 20 ack · 25 accept by Sam · 140 tick · 170 tick"), @r"
     10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
     20 acknowledged #1v2 *** SpO₂ 88 < 90 [active, acknowledged by Kim until 140]
     25 accepted #1v3 *** SpO₂ 88 < 90 [active, acknowledged by Kim until 140, Sam goes]
    140 realerted #1v4 *** SpO₂ 88 < 90 [active, on]
    170 escalated #1v5 *** SpO₂ 88 < 90 [active, on, louder]
    ");
    assert_snapshot!(play("0 88 · 20 accept by Sam · 25 ack · 30 84 · 600 tick"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    20 accepted #1v2 *** SpO₂ 88 < 90 [active, on, Sam goes]
    25 acknowledged #1v3 *** SpO₂ 88 < 90 [active, acknowledged by Kim until 145, Sam goes]
    30 worsened #1v4 *** SpO₂ 84 < 90 [active, on, Sam goes]
    ");
}

#[test]
fn an_answer_to_what_is_over_or_has_changed_is_refused() {
    assert_snapshot!(play("0 88 · 10 tick · 20 84 · 21 accept#1v1 · 22 decline#1v1 · 23 escalate#1v1"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    20 worsened #1v2 *** SpO₂ 84 < 90 [active, on]
    21 refused: changed, now v2
    22 refused: changed, now v2
    23 refused: changed, now v2
    ");
    assert_snapshot!(play("0 88 · 10 tick · 20 95 · 21 accept · 22 decline · 23 escalate · 24 retire · 25 undo · 26 ack · 27 accept#1v3"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    20 cleared #1v2 *** SpO₂ 88 < 90 · over, nobody has acknowledged it [cleared, latched]
    21 refused: Over
    22 refused: Over
    23 refused: Over
    24 refused: Over
    25 refused: Over
    26 acknowledged #1v3 *** SpO₂ 88 < 90 [cleared, off by Kim]
    27 refused: Over
    ");
}

#[test]
fn an_engineer_answers_for_the_equipment_and_not_for_the_patient() {
    assert_snapshot!(play("0 88 · 10 ack by Eli (engineer) · 11 accept by Eli (engineer) · 12 decline by Eli (engineer) · 13 escalate by Eli (engineer) · 14 undo by Eli (engineer)"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    10 refused: engineer may not answer an alert about a patient
    11 refused: engineer may not answer an alert about a patient
    12 refused: engineer may not answer an alert about a patient
    13 refused: engineer may not answer an alert about a patient
    14 refused: engineer may not answer an alert about a patient
    ");
    assert_snapshot!(play("0 dev!lead-off:high · 5 ack by Eli (engineer)"), @r"
    0 raised #1v1 !!! Monitor: lead-off high [active, on]
    5 acknowledged #1v2 !!! Monitor: lead-off high [active, acknowledged by Eli until 125]
    ");
    assert_snapshot!(play("0 pause SPO2 low 60 tests by Eli (engineer) · 1 pause SPO2 low 60 turning · 2 unpause SPO2 low by Eli (engineer)"), @r"
    0 refused: engineer may not pause an alert
    1 paused SPO2 low until 61: turning [by Kim]
    2 refused: engineer may not pause an alert
    ");
}

#[test]
fn an_engineer_takes_a_sensor_off_and_no_crossing_ends_with_it() {
    assert_snapshot!(play("0 every=30 · 0 88 · 10 none · 11 retire by Eli (engineer) · 40 tick · 41 retire#2 by Eli (engineer) · 42 retire#2"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    10 shown #1v1 *** SpO₂ 88 < 90 · no value now: the monitor cannot measure
    11 refused: engineer may not answer an alert about a patient
    40 escalated #1v2 *** SpO₂ 88 < 90 · no value now: the monitor cannot measure [active, on, louder]
    40 raised #2v1 ! SpO₂: no valid value, the monitor has none [active, on]
    41 cleared #2v2 ! SpO₂: no valid value, taken off on purpose [cleared, off by Eli]
    42 refused: Over
    ");
    assert_snapshot!(play("0 97 · 1 off · 11 retire by Eli (engineer)"), @r"
    11 raised #1v1 ! SpO₂: sensor off [active, on]
    11 cleared #1v2 ! SpO₂: sensor off · taken off on purpose [cleared, off by Eli]
    ");
    assert_snapshot!(play("0 88 · 10 tick · 20 95 · 21 off · 31 retire#2 by Eli (engineer)"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    20 cleared #1v2 *** SpO₂ 88 < 90 · over, nobody has acknowledged it [cleared, latched]
    31 raised #2v1 ! SpO₂: sensor off [active, on]
    31 cleared #2v2 ! SpO₂: sensor off · taken off on purpose [cleared, off by Eli]
    ");
}

#[test]
fn clinicians_and_charge_answer_as_nurses_do() {
    assert_snapshot!(play("0 88 · 10 ack by Ada (clinician) · 20 ack by Cho (charge)"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    10 acknowledged #1v2 *** SpO₂ 88 < 90 [active, acknowledged by Ada until 130]
    20 acknowledged #1v3 *** SpO₂ 88 < 90 [active, acknowledged by Cho until 140]
    ");
}

#[test]
fn a_sensor_taken_off_on_purpose_is_missed_again_as_soon_as_it_is_measured() {
    assert_snapshot!(play("0 live · 0 every=1 · 0 97 · 1 off · 11 tick · 20 retire · 21 off · 600 off · 700 none · 800 tick"), @r"
    11 raised #1v1 ! SpO₂: sensor off [active, on]
    11 raised #2v1 !! SpO₂: no new values [active, on]
    20 cleared #1v2 ! SpO₂: sensor off · taken off on purpose [cleared, off by Kim]
    20 cleared #2v2 !! SpO₂: no new values · taken off on purpose [cleared, off by Kim]
    ");
    assert_snapshot!(play("0 live · 0 every=1 · 0 97 · 10 tick · 20 retire · 600 tick · 700 96 · 710 tick"), @r"
     10 raised #1v1 !! SpO₂: no new values [active, on]
     20 cleared #1v2 !! SpO₂: no new values · taken off on purpose [cleared, off by Kim]
    710 raised #2v1 !! SpO₂: no new values [active, on]
    ");
    assert_snapshot!(play("0 live · 0 every=1 · 0 97 · 1 off · 11 retire · 20 lost · 30 live · 90 tick"), @r"
    11 raised #1v1 ! SpO₂: sensor off [active, on]
    11 raised #2v1 !! SpO₂: no new values [active, on]
    11 cleared #1v2 ! SpO₂: sensor off · taken off on purpose [cleared, off by Kim]
    11 cleared #2v2 !! SpO₂: no new values · taken off on purpose [cleared, off by Kim]
    20 raised #3v1 !! No data from the monitor: the device closed the connection [active, on]
    30 cleared #3v2 !! No data from the monitor: the device closed the connection [cleared, off]
    ");
}

#[test]
fn taking_a_sensor_off_ends_a_crossing_only_where_the_crossing_itself_is_answered() {
    assert_snapshot!(play("0 HR=130 · 0 88 · 10 off · 21 tick · 22 retire#3"), @r"
     5 raised #1v1 ** HR 130 > 120 [active, on]
    10 raised #2v1 *** SpO₂ 88 < 90 [active, on]
    10 shown #2v1 *** SpO₂ 88 < 90 · no value now: the sensor is off
    20 raised #3v1 ! SpO₂: sensor off [active, on]
    22 cleared #3v2 ! SpO₂: sensor off · taken off on purpose [cleared, off by Kim]
    ");
    assert_snapshot!(play("0 88 · 5 off · 6 HR=none · 15 tick · 16 retire#1 · 60 tick"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 · no value now: the sensor is off [active, on]
    15 raised #2v1 ! SpO₂: sensor off [active, on]
    16 cleared #1v2 *** SpO₂ 88 < 90 · taken off on purpose [cleared, off by Kim]
    16 cleared #2v2 ! SpO₂: sensor off · taken off on purpose [cleared, off by Kim]
    ");
}

#[test]
fn what_was_latched_stays_when_the_sensor_is_taken_off() {
    assert_snapshot!(play("0 live · 0 every=1 · 0 88 · 5 88 · 10 88 · 12 95 · 13 off · 23 retire#2 · 24 ack#1"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 · no value now: no new ones come [active, on]
    10 shown #1v1 *** SpO₂ 88 < 90
    12 cleared #1v2 *** SpO₂ 88 < 90 · over, nobody has acknowledged it [cleared, latched]
    23 raised #2v1 ! SpO₂: sensor off [active, on]
    23 raised #3v1 !! SpO₂: no new values [active, on]
    23 cleared #2v2 ! SpO₂: sensor off · taken off on purpose [cleared, off by Kim]
    23 cleared #3v2 !! SpO₂: no new values · taken off on purpose [cleared, off by Kim]
    24 acknowledged #1v3 *** SpO₂ 88 < 90 [cleared, off by Kim]
    ");
}

#[test]
fn what_is_measured_or_is_no_number_cannot_be_taken_off() {
    assert_snapshot!(play("0 88 · 10 retire · 11 lost · 12 retire#2"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    10 refused: StillMeasured
    11 raised #2v1 !! No data from the monitor: the device closed the connection [active, on]
    11 shown #1v1 *** SpO₂ 88 < 90 · no value now: no data from the monitor
    12 refused: NotAboutASensor
    ");
}

#[test]
fn a_site_may_set_its_own_ladder() {
    let mut settings = Settings::default();
    settings.ladder.louder = std::time::Duration::from_secs(10);
    settings.ladder.second = std::time::Duration::from_secs(10);
    settings.ladder.from = Priority::High;
    assert_snapshot!(play_with(&settings, "0 88 · 0 HR=130 · 600 tick"), @r"
      5 raised #1v1 ** HR 130 > 120 [active, on]
     10 raised #2v1 *** SpO₂ 88 < 90 [active, on]
     20 escalated #2v2 *** SpO₂ 88 < 90 [active, on, louder]
     20 escalated #2v3 *** SpO₂ 88 < 90 [active, on, to second]
    130 escalated #2v4 *** SpO₂ 88 < 90 [active, on, to charge]
    ");
}
