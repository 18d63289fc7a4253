//! Acknowledging, sounding again, latching, restarting.

use alert::Settings;
use insta::assert_snapshot;
use model::{JournalKind, Priority};

use crate::story::{Story, Ticking, play, play_with, seconds};

#[test]
fn one_alert_by_one_named_person_until_it_clears() {
    assert_snapshot!(play("0 88 · 5 87 · 60 ack · 90 95"), @r"
    10 raised #1v1 *** SpO₂ 87 < 90 [active, on]
    40 escalated #1v2 *** SpO₂ 87 < 90 [active, on, louder]
    60 acknowledged #1v3 *** SpO₂ 87 < 90 [active, acknowledged by Kim until 180, louder]
    90 cleared #1v4 *** SpO₂ 87 < 90 [cleared, off by Kim, louder]
    ");
}

#[test]
fn still_there_after_the_interval_it_sounds_again() {
    assert_snapshot!(play("0 88 · 20 ack · 139.999 tick"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    20 acknowledged #1v2 *** SpO₂ 88 < 90 [active, acknowledged by Kim until 140]
    ");
    assert_snapshot!(play("0 88 · 20 ack · 140 tick · 150 ack · 270 tick"), @r"
     10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
     20 acknowledged #1v2 *** SpO₂ 88 < 90 [active, acknowledged by Kim until 140]
    140 realerted #1v3 *** SpO₂ 88 < 90 [active, on]
    150 acknowledged #1v4 *** SpO₂ 88 < 90 [active, acknowledged by Kim until 270]
    270 realerted #1v5 *** SpO₂ 88 < 90 [active, on]
    ");
    assert_snapshot!(play("0 88 · 20 ack · 140 95"), @r"
     10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
     20 acknowledged #1v2 *** SpO₂ 88 < 90 [active, acknowledged by Kim until 140]
    140 realerted #1v3 *** SpO₂ 88 < 90 [active, on]
    140 cleared #1v4 *** SpO₂ 88 < 90 · over, nobody has acknowledged it [cleared, latched]
    ");
}

#[test]
fn worse_by_the_step_than_at_acknowledgement_sounds_at_once() {
    assert_snapshot!(play("0 88 · 20 ack · 30 85.001"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    20 acknowledged #1v2 *** SpO₂ 88 < 90 [active, acknowledged by Kim until 140]
    30 shown #1v2 *** SpO₂ 85.001 < 90
    ");
    assert_snapshot!(play("0 88 · 20 ack · 30 85"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    20 acknowledged #1v2 *** SpO₂ 88 < 90 [active, acknowledged by Kim until 140]
    30 worsened #1v3 *** SpO₂ 85 < 90 [active, on]
    ");
    assert_snapshot!(play("0 80 · 15 89 · 20 ack · 30 86"), @r"
    10 raised #1v1 *** SpO₂ 80 < 90 [active, on]
    20 acknowledged #1v2 *** SpO₂ 80 < 90 [active, acknowledged by Kim until 140]
    30 worsened #1v3 *** SpO₂ 80 < 90 [active, on]
    ");
}

#[test]
fn a_higher_priority_sounds_at_once() {
    assert_snapshot!(play("0 dev!lead-off:low · 5 ack · 10 dev!lead-off:low · 20 dev!lead-off:high"), @r"
     0 raised #1v1 ! Monitor: lead-off low [active, on]
     5 acknowledged #1v2 ! Monitor: lead-off low [active, acknowledged by Kim until 125]
    20 worsened #1v3 !!! Monitor: lead-off high [active, on]
    ");
}

#[test]
fn an_acknowledgement_needs_the_version_that_was_seen() {
    assert_snapshot!(play("0 88 · 10 tick · 20 84 · 21 ack#1v1 · 22 ack#1v2 · 23 ack#1v2"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    20 worsened #1v2 *** SpO₂ 84 < 90 [active, on]
    21 refused: changed, now v2
    22 acknowledged #1v3 *** SpO₂ 84 < 90 [active, acknowledged by Kim until 142]
    23 refused: changed, now v3
    ");
}

#[test]
fn an_alert_that_is_over_or_never_was_is_refused() {
    assert_snapshot!(play("0 HR=130 · 5 tick · 10 HR=80 · 11 ack#1v1 · 12 ack#2v1 · 13 ack#0v1"), @r"
     5 raised #1v1 ** HR 130 > 120 [active, on]
    10 cleared #1v2 ** HR 130 > 120 [cleared, off]
    11 refused: Over
    12 refused: NoSuchAlert
    13 refused: NoSuchAlert
    ");
}

#[test]
fn a_second_person_may_take_it_over() {
    assert_snapshot!(play("0 88 · 10 ack · 20 ack#1 by Sam"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    10 acknowledged #1v2 *** SpO₂ 88 < 90 [active, acknowledged by Kim until 130]
    20 acknowledged #1v3 *** SpO₂ 88 < 90 [active, acknowledged by Sam until 140]
    ");
}

#[test]
fn acknowledging_one_leaves_the_other_sounding() {
    let mut story = Story::new(Settings::default(), Ticking::Exact).told("0 88 · 0 HR=130 · 10 ack#1");
    assert_eq!(story.engine.sounding().map(|s| s.priority), Some(Priority::High));
    story.go(seconds("11"), "ack#2");
    assert_eq!(story.engine.sounding(), None);
    story.go(seconds("125"), "tick");
    assert_eq!(story.engine.sounding(), None);
    story.go(seconds("130"), "tick");
    assert_eq!(story.engine.sounding().map(|s| s.priority), Some(Priority::Medium));
    story.go(seconds("131"), "tick");
    assert_eq!(story.engine.sounding().map(|s| s.priority), Some(Priority::High));
}

#[test]
fn high_priority_that_clears_unseen_is_latched_until_somebody_has_seen_it() {
    assert_snapshot!(play("0 88 · 10 tick · 20 95 · 30 ack"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    20 cleared #1v2 *** SpO₂ 88 < 90 · over, nobody has acknowledged it [cleared, latched]
    30 acknowledged #1v3 *** SpO₂ 88 < 90 [cleared, off by Kim]
    ");
    let mut story = Story::new(Settings::default(), Ticking::Exact).told("0 88 · 10 tick · 20 95");
    assert_eq!(story.engine.sounding(), None);
    story.go(seconds("30"), "ack");
    assert_eq!(story.alerts(), []);
}

#[test]
fn medium_priority_that_clears_unseen_is_over() {
    assert_snapshot!(play("0 HR=130 · 5 tick · 20 HR=80"), @r"
     5 raised #1v1 ** HR 130 > 120 [active, on]
    20 cleared #1v2 ** HR 130 > 120 [cleared, off]
    ");
}

#[test]
fn a_site_may_do_without_latching() {
    let settings = Settings {
        latch_high: false,
        ..Settings::default()
    };
    assert_snapshot!(play_with(&settings, "0 88 · 10 tick · 20 95"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    20 cleared #1v2 *** SpO₂ 88 < 90 [cleared, off]
    ");
}

#[test]
fn a_latched_alert_gives_way_to_a_new_one_of_its_cause() {
    assert_snapshot!(play("0 88 · 10 tick · 20 95 · 30 86 · 40 tick"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    20 cleared #1v2 *** SpO₂ 88 < 90 · over, nobody has acknowledged it [cleared, latched]
    40 cleared #1v3 *** SpO₂ 88 < 90 · it came again and is a new alert [cleared, off]
    40 raised #2v1 *** SpO₂ 86 < 90 [active, on, 2 times since 0]
    ");
}

#[test]
fn a_restart_goes_on_where_it_was() {
    assert_snapshot!(play("0 88 · 10 ack · 30 restart · 129.999 tick"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    10 acknowledged #1v2 *** SpO₂ 88 < 90 [active, acknowledged by Kim until 130]
    ");
    assert_snapshot!(play("0 88 · 10 ack · 30 restart · 130 tick"), @r"
     10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
     10 acknowledged #1v2 *** SpO₂ 88 < 90 [active, acknowledged by Kim until 130]
    130 realerted #1v3 *** SpO₂ 88 < 90 · no value since the station started [active, on]
    ");
    assert_snapshot!(play("0 88 · 10 ack · 30 restart · 500 tick"), @r"
     10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
     10 acknowledged #1v2 *** SpO₂ 88 < 90 [active, acknowledged by Kim until 130]
    130 realerted #1v3 *** SpO₂ 88 < 90 · no value since the station started [active, on]
    160 escalated #1v4 *** SpO₂ 88 < 90 · no value since the station started [active, on, louder]
    190 escalated #1v5 *** SpO₂ 88 < 90 · no value since the station started [active, on, to second]
    250 escalated #1v6 *** SpO₂ 88 < 90 · no value since the station started [active, on, to charge]
    ");
    assert_snapshot!(play("0 88 · 10 ack · 30 restart · 40 95 · 50 88 · 60 tick"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    10 acknowledged #1v2 *** SpO₂ 88 < 90 [active, acknowledged by Kim until 130]
    40 cleared #1v3 *** SpO₂ 88 < 90 [cleared, off by Kim]
    60 raised #2v1 *** SpO₂ 88 < 90 [active, acknowledged by Kim until 130, 2 times since 0]
    ");
    assert_snapshot!(play("0 88 · 10 tick · 20 95 · 30 restart · 40 ack"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    20 cleared #1v2 *** SpO₂ 88 < 90 · over, nobody has acknowledged it [cleared, latched]
    40 acknowledged #1v3 *** SpO₂ 88 < 90 [cleared, off by Kim]
    ");
    assert_snapshot!(play("0 88 · 10 ack · 30 restart · 40 85"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    10 acknowledged #1v2 *** SpO₂ 88 < 90 [active, acknowledged by Kim until 130]
    40 worsened #1v3 *** SpO₂ 85 < 90 [active, on]
    ");
}

#[test]
fn after_a_restart_a_silent_bed_is_told_by_its_feed() {
    assert_snapshot!(play("0 live · 0 88 · 10 ack · 30 restart · 30 connecting · 40 tick"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    10 acknowledged #1v2 *** SpO₂ 88 < 90 [active, acknowledged by Kim until 130]
    40 raised #2v1 !! No data from the monitor: no connection yet; is the monitor on and the network up? [active, on]
    ");
    assert_snapshot!(play("0 live · 1 lost · 30 restart · 30 connecting · 40 tick · 50 live"), @r"
     1 raised #1v1 !! No data from the monitor: the device closed the connection [active, on]
    40 shown #1v1 !! No data from the monitor: no connection yet; is the monitor on and the network up?
    50 cleared #1v2 !! No data from the monitor: no connection yet; is the monitor on and the network up? [cleared, off]
    ");
}

#[test]
fn no_transition_is_journalled_twice_over_a_restart() {
    let story = Story::new(Settings::default(), Ticking::Exact).told("0 88 · 10 ack · 30 restart · 130 tick");
    let raised = story.effects.iter().flat_map(|e| &e.transitions);
    assert_eq!(raised.filter(|t| t.kind == JournalKind::AlertRaised).count(), 1);
    assert_eq!(story.newest().version, 3);
}

#[test]
fn after_a_restart_a_bed_without_that_limit_ends_its_alert_with_the_next_value() {
    assert_snapshot!(play("0 rule=97-99 · 0 99.5 · 10 ack · 20 restart · 30 99.5"), @r"
    10 raised #1v1 *** SpO₂ 99.5 > 99 [active, on]
    10 acknowledged #1v2 *** SpO₂ 99.5 > 99 [active, acknowledged by Kim until 130]
    20 cleared #1v3 *** SpO₂ 99.5 > 99 · no value since the station started · the limit was taken off [cleared, off by Kim]
    ");
}
