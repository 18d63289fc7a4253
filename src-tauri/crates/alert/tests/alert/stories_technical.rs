//! Feeds, stale numbers, sensors, clocks, the device's own alerts, the station itself.

use alert::{Event, Settings};
use insta::assert_snapshot;
use model::{AlertKind, DeviceAlert, Priority};

use crate::story::{Story, Ticking, bed, play, seconds};

#[test]
fn a_lost_feed_is_told_at_once_with_its_cause_and_clears_when_it_lives() {
    assert_snapshot!(play("0 live · 5 lost · 6 connecting · 30 live"), @r"
     5 raised #1v1 !! No data from the monitor: the device closed the connection [active, on]
    30 cleared #1v2 !! No data from the monitor: the device closed the connection [cleared, off]
    ");
}

#[test]
fn a_lost_feed_that_tries_again_is_one_alert_with_the_newest_cause() {
    assert_snapshot!(play("0 live · 5 silent · 6 connecting · 7 lost · 8 connecting · 9 lost · 60 tick"), @r"
     5 raised #1v1 !! No data from the monitor: connected, but the device sends nothing [active, on]
     7 shown #1v1 !! No data from the monitor: the device closed the connection
    35 escalated #1v2 !! No data from the monitor: the device closed the connection [active, on, louder]
    ");
}

#[test]
fn connecting_for_long_counts_as_lost() {
    assert_snapshot!(play("1 connecting · 4 connecting · 10.999 tick"), @"");
    assert_snapshot!(play("1 connecting · 4 connecting · 11 tick · 20 connecting · 40 live"), @r"
    11 raised #1v1 !! No data from the monitor: no connection yet; is the monitor on and the network up? [active, on]
    40 cleared #1v2 !! No data from the monitor: no connection yet; is the monitor on and the network up? [cleared, off]
    ");
    assert_snapshot!(play("1 connecting · 10.999 live · 60 tick"), @"");
}

#[test]
fn a_loss_began_when_the_feed_began_to_connect() {
    let story = Story::new(Settings::default(), Ticking::Exact).told("1 connecting · 5 lost");
    let lost = story.newest();
    assert_eq!((lost.since, lost.raised_at), (seconds("1"), seconds("5")));
}

#[test]
fn with_several_feeds_each_loss_is_told_and_the_last_one_weighs_more() {
    assert_snapshot!(play("0 live · 0 live:1 · 5 lost:1 · 6 lost · 7 live:1 · 8 live"), @r"
    5 raised #1v1 !! No data from the monitor: the device closed the connection [active, on]
    6 raised #2v1 !! No data from the monitor: the device closed the connection [active, on]
    7 cleared #1v2 !! No data from the monitor: the device closed the connection [cleared, off]
    8 cleared #2v2 !! No data from the monitor: the device closed the connection [cleared, off]
    ");
}

#[test]
fn when_a_feed_is_lost_its_numbers_are_not_told_one_by_one() {
    assert_snapshot!(play("0 live · 0 every=1 · 0 97 · 0 HR=80 · 0 RR=15 · 6 silent · 60 tick"), @r"
     6 raised #1v1 !! No data from the monitor: connected, but the device sends nothing [active, on]
    36 escalated #1v2 !! No data from the monitor: connected, but the device sends nothing [active, on, louder]
    ");
    assert_snapshot!(play("0 live · 0 every=1 · 0 97 · 0 HR=80 · 20 silent · 60 tick"), @r"
    10 raised #1v1 !! HR: no new values [active, on]
    10 raised #2v1 !! SpO₂: no new values [active, on]
    20 cleared #1v2 !! HR: no new values · the whole feed is lost [cleared, off]
    20 cleared #2v2 !! SpO₂: no new values · the whole feed is lost [cleared, off]
    20 raised #3v1 !! No data from the monitor: connected, but the device sends nothing [active, on]
    50 escalated #3v2 !! No data from the monitor: connected, but the device sends nothing [active, on, louder]
    ");
}

#[test]
fn a_number_that_stops_while_its_feed_lives_is_told_after_its_time() {
    assert_snapshot!(play("0 live · 0 every=1 · 0 97 · 9.999 tick"), @"");
    assert_snapshot!(play("0 live · 0 every=1 · 0 97 · 10 tick · 20 97"), @r"
    10 raised #1v1 !! SpO₂: no new values [active, on]
    20 cleared #1v2 !! SpO₂: no new values [cleared, off]
    ");
    assert_snapshot!(play("0 live · 0 every=1 · 0 97 · 9.999 97 · 19.998 tick"), @"");
    assert_snapshot!(play("0 live · 0 every=4 · 0 97 · 13 tick"), @r"13 raised #1v1 !! SpO₂: no new values [active, on]");
}

#[test]
fn a_number_without_limits_that_stops_is_a_low_one() {
    assert_snapshot!(play("0 live · 0 every=1 · 0 PI=2.5 · 10 tick"), @r"10 raised #1v1 ! PI: no new values [active, on]");
}

#[test]
fn a_number_that_does_not_come_back_with_its_feed_is_told() {
    assert_snapshot!(play("0 live · 0 every=1 · 0 97 · 3 lost · 20 live · 29.999 tick"), @r"
     3 raised #1v1 !! No data from the monitor: the device closed the connection [active, on]
    20 cleared #1v2 !! No data from the monitor: the device closed the connection [cleared, off]
    ");
    assert_snapshot!(play("0 live · 0 every=1 · 0 97 · 3 lost · 20 live · 30 tick"), @r"
     3 raised #1v1 !! No data from the monitor: the device closed the connection [active, on]
    20 cleared #1v2 !! No data from the monitor: the device closed the connection [cleared, off]
    30 raised #2v1 !! SpO₂: no new values [active, on]
    ");
}

#[test]
fn a_cuff_greys_and_raises_nothing() {
    assert_snapshot!(play("0 live · 0 cuff · 0 NIBP_SYS=120 · 100000 tick"), @"");
    assert_snapshot!(play("0 live · 0 cuff · 0 NIBP_SYS=120 · 10 NIBP_SYS=none · 100000 tick"), @"");
}

#[test]
fn a_sensor_off_is_told_after_its_own_delay() {
    assert_snapshot!(play("0 97 · 1 off · 10.999 97 · 60 tick"), @"");
    assert_snapshot!(play("0 97 · 1 off · 5 off · 11 tick · 20 97"), @r"
    11 raised #1v1 ! SpO₂: sensor off [active, on]
    20 cleared #1v2 ! SpO₂: sensor off [cleared, off]
    ");
    assert_snapshot!(play("0 every=30 · 0 97 · 1 off · 11 tick · 20 none · 50 tick"), @r"
    11 raised #1v1 ! SpO₂: sensor off [active, on]
    20 cleared #1v2 ! SpO₂: sensor off [cleared, off]
    50 raised #2v1 ! SpO₂: no valid value, the monitor has none [active, on]
    ");
}

#[test]
fn no_valid_number_is_told_after_its_own_delay_if_there_ever_was_one() {
    assert_snapshot!(play("0 every=30 · 0 97 · 1 none · 30.999 97 · 90 tick"), @"");
    assert_snapshot!(play("0 every=30 · 0 97 · 1 none · 20 cal · 31 tick · 40 97"), @r"
    31 raised #1v1 ! SpO₂: no valid value, the monitor calibrates [active, on]
    40 cleared #1v2 ! SpO₂: no valid value, the monitor calibrates [cleared, off]
    ");
    assert_snapshot!(play("0 none · 600 none"), @"");
    assert_snapshot!(play("0 range · 30 tick"), @r"30 raised #1v1 ! SpO₂: no valid value, out of the monitor's range [active, on]");
}

#[test]
fn an_impossible_device_clock_is_low_and_has_a_delay() {
    assert_snapshot!(play("0 clock! · 9.999 clock- · 60 tick"), @"");
    assert_snapshot!(play("0 clock! · 5 clock! · 10 tick · 20 clock-"), @r"
    10 raised #1v1 ! The monitor's clock cannot be right [active, on]
    20 cleared #1v2 ! The monitor's clock cannot be right [cleared, off]
    ");
}

#[test]
fn the_devices_own_alerts_enter_with_their_source() {
    assert_snapshot!(play("0 dev!lead-off:high · 5 dev!lead-off:high · 10 ack · 20 dev-lead-off"), @r"
     0 raised #1v1 !!! Monitor: lead-off high [active, on]
    10 acknowledged #1v2 !!! Monitor: lead-off high [active, acknowledged by Kim until 130]
    20 cleared #1v3 !!! Monitor: lead-off high [cleared, off by Kim]
    ");
    let story = Story::new(Settings::default(), Ticking::Exact).told("0 dev!lead-off:high");
    assert_eq!(story.newest().source, model::Source::Device);
}

#[test]
fn what_a_device_says_of_the_patient_is_of_the_patient() {
    let alert = DeviceAlert {
        code: "apnoea".to_owned(),
        text: "Apnoea".to_owned(),
        metric: None,
        priority: Priority::High,
        kind: AlertKind::Physiological,
        present: true,
        received_at: seconds("1"),
    };
    let bed = bed();
    let mut story = Story::new(Settings::default(), Ticking::Exact);
    story.step(seconds("1"), &Event::DeviceAlert { bed, feed: 0, alert });
    assert_eq!(alert::message(&story.newest()), "*** Monitor: Apnoea");
    story.go(seconds("2"), "ack by Eli (engineer)");
    assert!(story.engine.sounding().is_some());
}

#[test]
fn after_a_loss_the_device_must_say_its_alerts_again() {
    assert_snapshot!(play("0 live · 1 dev!a:low · 1 dev!b:low · 5 lost · 20 live · 25 dev!a:low · 49.999 tick · 50 tick"), @r"
     1 raised #1v1 ! Monitor: a low [active, on]
     1 raised #2v1 ! Monitor: b low [active, on]
     5 raised #3v1 !! No data from the monitor: the device closed the connection [active, on]
    20 cleared #3v2 !! No data from the monitor: the device closed the connection [cleared, off]
    50 cleared #2v2 ! Monitor: b low · not reported again since [cleared, off]
    ");
}

#[test]
fn a_device_gone_mad_fills_no_memory() {
    let flood: Vec<String> = (0..500).map(|n| format!("{n} dev!code{n}:low")).collect();
    let story = Story::new(Settings::default(), Ticking::Exact).told(&flood.join(" · "));
    assert_eq!(story.alerts().len(), 65);
    assert_snapshot!(alert::message(&story.newest()), @r"! Monitor: more alerts than can be listed here");
    // One of those that share a line is gone: which of them are left, nobody knows.
    let mut story = story;
    story.go(seconds("550"), "dev-code70");
    assert_eq!(story.alerts().len(), 65);
    let calm: Vec<String> = (0..64).map(|n| format!("600 dev-code{n}")).collect();
    assert_eq!(story.told(&calm.join(" · ")).alerts(), []);
}

#[test]
fn the_station_tells_of_itself() {
    assert_snapshot!(play("0 disk!no space left · 5 disk!no space left · 10 ack · 20 disk- · 30 page! · 32 page- · 40 sound!no card"), @r"
     0 raised #1v1 !! History is not being written: no space left [active, on]
    10 acknowledged #1v2 !! History is not being written: no space left [active, acknowledged by Kim until 130]
    20 cleared #1v3 !! History is not being written: no space left [cleared, off by Kim]
    30 raised #2v1 !!! The screen does not answer [active, on]
    32 cleared #2v2 !!! The screen does not answer · over, nobody has acknowledged it [cleared, latched]
    40 raised #3v1 !! Alerts cannot sound: no card [active, on]
    ");
}

#[test]
fn after_a_restart_the_station_must_say_its_own_again() {
    assert_snapshot!(play("0 disk!full · 10 restart · 39.999 tick"), @r"0 raised #1v1 !! History is not being written: full [active, on]");
    assert_snapshot!(play("0 disk!full · 10 restart · 20 disk!full · 600 tick"), @r"
      0 raised #1v1 !! History is not being written: full [active, on]
     40 escalated #1v2 !! History is not being written: full [active, on, louder]
     70 escalated #1v3 !! History is not being written: full [active, on, to second]
    130 escalated #1v4 !! History is not being written: full [active, on, to charge]
    ");
    assert_snapshot!(play("0 disk!full · 10 restart · 40 tick"), @r"
     0 raised #1v1 !! History is not being written: full [active, on]
    40 cleared #1v2 !! History is not being written: full · not reported again since [cleared, off]
    ");
}

#[test]
fn a_device_may_use_one_code_for_two_numbers_and_end_both_by_code() {
    assert_snapshot!(play("0 dev!low@HR · 1 dev!low@RR · 2 dev-low@HR · 3 dev!low · 4 dev-low"), @r"
    0 raised #1v1 !! Monitor: low HR medium [active, on]
    1 raised #2v1 !! Monitor: low RR medium [active, on]
    2 cleared #1v2 !! Monitor: low HR medium [cleared, off]
    3 shown #2v1 !! Monitor: low medium
    4 cleared #2v2 !! Monitor: low medium [cleared, off]
    ");
}

#[test]
fn a_clock_that_is_wrong_stays_wrong_over_a_loss() {
    assert_snapshot!(play("0 live · 0 clock! · 10 tick · 20 lost · 30 live · 600 tick"), @r"
    10 raised #1v1 ! The monitor's clock cannot be right [active, on]
    20 raised #2v1 !! No data from the monitor: the device closed the connection [active, on]
    30 cleared #2v2 !! No data from the monitor: the device closed the connection [cleared, off]
    ");
    assert_snapshot!(play("0 live · 0 clock! · 10 tick · 20 restart · 20 live · 600 tick"), @r"
    10 raised #1v1 ! The monitor's clock cannot be right [active, on]
    50 cleared #1v2 ! The monitor's clock cannot be right: not reported again since [cleared, off]
    ");
}

#[test]
fn two_lost_feeds_stay_two_over_a_restart() {
    assert_snapshot!(play("0 lost · 0 lost:1 · 10 ack#1 · 11 ack#2 · 20 restart · 140 tick · 150 lost:1 · 160 live · 170 live:1"), @r"
      0 raised #1v1 !! No data from the monitor: the device closed the connection [active, on]
      0 raised #2v1 !! No data from the monitor: the device closed the connection [active, on]
     10 acknowledged #1v2 !! No data from the monitor: the device closed the connection [active, acknowledged by Kim until 130]
     11 acknowledged #2v2 !! No data from the monitor: the device closed the connection [active, acknowledged by Kim until 131]
    130 realerted #1v3 !! No data from the monitor: the device closed the connection [active, on]
    131 realerted #2v3 !! No data from the monitor: the device closed the connection [active, on]
    160 escalated #1v4 !! No data from the monitor: the device closed the connection [active, on, louder]
    160 cleared #2v4 !! No data from the monitor: the device closed the connection [cleared, off]
    170 cleared #1v5 !! No data from the monitor: the device closed the connection [cleared, off, louder]
    ");
}

#[test]
fn one_device_does_not_end_what_another_left_latched() {
    assert_snapshot!(play("0 dev!a:high · 1 dev-a · 2 dev!a:low/1 · 3 dev-a · 4 dev-a/1 · 5 ack#1"), @r"
    0 raised #1v1 !!! Monitor: a high [active, on]
    1 cleared #1v2 !!! Monitor: a high · over, nobody has acknowledged it [cleared, latched]
    2 raised #2v1 ! Monitor: a low [active, on]
    4 cleared #2v2 ! Monitor: a low [cleared, off]
    5 acknowledged #1v3 !!! Monitor: a high [cleared, off by Kim]
    ");
}

#[test]
fn a_probe_that_searches_is_missing_since_it_began_to() {
    let told = play("0 every=1 · 0 97 · 1 off · 4 none · 7 off · 10 none · 13 off");
    assert!(told.contains("13 raised #1v1 ! SpO₂: sensor off"), "{told}");
}

#[test]
fn a_value_that_the_device_doubts_raises_and_ends_nothing() {
    let told = play("0 every=60 · 0 88 · 10 tick · 20 ~97 · 21 ~97");
    assert!(!told.contains("cleared"), "{told}");
    let told = play("0 every=60 · 0 ~88 · 10 tick · 20 97");
    assert!(
        told.contains("10 raised #1v1 *** SpO₂ 88 < 90") && told.contains("20 cleared"),
        "{told}"
    );
}
