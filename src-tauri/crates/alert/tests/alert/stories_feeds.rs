//! Two feeds of one bed, losses, restarts.

use std::sync::Arc;
use std::time::Duration;

use alert::profile::{EarlyWarningRule, Profile};
use alert::{Event, Settings};
use insta::assert_snapshot;
use model::{
    AlertId, AlertState, Cause, ConditionPresence, MetricCode, Priority, ReceiptTime, ScoreTrigger, SignalPresence,
};

use crate::adult;
use crate::story::{Story, Ticking, bed, person, play, seconds};

#[test]
fn of_two_feeds_with_one_number_the_first_that_lives_has_it() {
    assert_snapshot!(play("0 live · 0 live:1 · 0 every=1 · 0 HR=80 · 1 HR=130:1 · 2 HR=80 · 3 HR=130:1 · 4 HR=80 · 8 tick"), @r"
    1 not taken: another feed brings it
    3 not taken: another feed brings it
    ");
}

#[test]
fn a_second_feed_takes_a_number_over_when_the_first_is_silent_about_it() {
    assert_snapshot!(play("0 live · 0 live:1 · 0 every=1 · 0 HR=80 · 4.999 HR=81:1 · 5 HR=82:1 · 6 HR=83 · 7 HR=130:1 · 12 tick"), @r"
    4.999 not taken: another feed brings it
        6 not taken: another feed brings it
       12 raised #1v1 ** HR 130 > 120 · no value now: no new ones come [active, on]
    ");
    assert_snapshot!(play("0 live · 0 live:1 · 0 every=1 · 0 HR=80 · 10 tick · 11 HR=80:1 · 12 HR=80"), @r"
    10 raised #1v1 !! HR: no new values [active, on]
    11 cleared #1v2 !! HR: no new values [cleared, off]
    12 not taken: another feed brings it
    ");
}

#[test]
fn a_second_feed_takes_a_number_over_when_the_first_is_lost_or_tries_again() {
    assert_snapshot!(play("0 live · 0 live:1 · 0 every=1 · 0 HR=80 · 1 lost · 2 HR=80:1 · 3 live · 4 HR=90 · 5 HR=80:1"), @r"
    1 raised #1v1 !! No data from the monitor: the device closed the connection [active, on]
    3 cleared #1v2 !! No data from the monitor: the device closed the connection [cleared, off]
    4 not taken: another feed brings it
    ");
    assert_snapshot!(play("0 live · 0 live:1 · 0 every=1 · 0 HR=80 · 1 connecting · 2 HR=80:1 · 3 live · 4 HR=90"), @r"4 not taken: another feed brings it");
}

#[test]
fn a_cuff_has_its_number_until_its_interval_is_over() {
    assert_snapshot!(play("0 live · 0 live:1 · 0 cuff · 0 NIBP_SYS=120 · 899.999 NIBP_SYS=70:1 · 900 NIBP_SYS=70:1 · 901 NIBP_SYS=120"), @r"
    899.999 not taken: another feed brings it
        900 raised #1v1 ** NIBP sys 70 < 80 [active, on]
        901 not taken: another feed brings it
    ");
    assert_snapshot!(play("0 live · 0 live:1 · 0 cuff · 0 NIBP_SYS=none · 1 NIBP_SYS=120:1"), @"");
}

#[test]
fn a_dead_monitor_beside_a_living_glucose_poll_is_medium() {
    assert_snapshot!(play("0 live · 0 live:1 · 0 every=1 · 0 HR=80 · 0 GLU=100:1 · 1 lost"), @r"1 raised #1v1 !! No data from the monitor: the device closed the connection [active, on]");
}

#[test]
fn a_dead_glucose_poll_beside_a_living_monitor_is_low_and_medium_when_nobody_watches() {
    assert_snapshot!(play("0 live · 0 live:1 · 0 every=1 · 0 HR=80 · 0 GLU=100:1 · 1 lost:1"), @r"1 raised #1v1 ! No data from the monitor: the device closed the connection [active, on]");
    assert_snapshot!(play("0 live · 0 live:1 · 0 every=1 · 0 GLU=100:1 · 1 lost:1"), @r"1 raised #1v1 !! No data from the monitor: the device closed the connection [active, on]");
    assert_snapshot!(play("0 live · 0 live:1 · 0 every=1 · 0 HR=80 · 0 GLU=100:1 · 1 lost · 1 lost:1"), @r"
    1 raised #1v1 !! No data from the monitor: the device closed the connection [active, on]
    1 raised #2v1 !! No data from the monitor: the device closed the connection [active, on]
    ");
    assert_snapshot!(play("0 live · 0 live:1 · 0 cuff · 0 NIBP_SYS=120 · 0 every=1 · 0 GLU=100:1 · 1 lost:1"), @r"1 raised #1v1 !! No data from the monitor: the device closed the connection [active, on]");
}

#[test]
fn a_feed_that_is_lost_and_tries_again_is_still_lost_until_data_come() {
    assert_snapshot!(play("0 live · 0 every=1 · 0 97 · 3 lost · 5 connecting · 20 connecting · 33 tick · 40 live · 41 97"), @r"
     3 raised #1v1 !! No data from the monitor: the device closed the connection [active, on]
    33 escalated #1v2 !! No data from the monitor: the device closed the connection [active, on, louder]
    40 cleared #1v3 !! No data from the monitor: the device closed the connection [cleared, off, louder]
    ");
}

#[test]
fn a_live_feed_that_tries_again_is_lost_only_after_its_time_and_its_values_are_not_of_now() {
    assert_snapshot!(play("0 live · 0 every=1 · 0 97 · 1 connecting · 10.999 live · 11 97 · 12 tick"), @"");
    assert_snapshot!(play("0 live · 0 every=1 · 0 97 · 1 connecting · 11 tick"), @r"11 raised #1v1 !! No data from the monitor: no connection yet; is the monitor on and the network up? [active, on]");
    assert_snapshot!(play("0 live · 0 every=1 · 0 88 · 10 88 · 11 connecting · 12 live · 13 95"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 · no value now: no new ones come [active, on]
    10 raised #2v1 !! SpO₂: no new values [active, on]
    10 cleared #2v2 !! SpO₂: no new values [cleared, off]
    10 shown #1v1 *** SpO₂ 88 < 90
    11 shown #1v1 *** SpO₂ 88 < 90 · no value now: no data from the monitor
    13 cleared #1v2 *** SpO₂ 88 < 90 · over, nobody has acknowledged it [cleared, latched]
    ");
}

#[test]
fn a_loss_ends_what_waits_to_be_told_of_its_own_numbers_only() {
    assert_snapshot!(play("0 live · 0 live:1 · 0 every=1 · 0 97 · 0 HR=80:1 · 1 off · 1 HR=off:1 · 5 lost · 11 tick"), @r"
     5 raised #1v1 !! No data from the monitor: the device closed the connection [active, on]
    11 raised #2v1 ! HR: sensor off [active, on]
    11 raised #3v1 !! HR: no new values [active, on]
    ");
}

#[test]
fn numbers_that_were_measured_before_a_restart_and_do_not_come_are_told() {
    assert_snapshot!(play("0 expect=SPO2,HR · 10 restart · 11 live · 12 every=1 · 12 97 · 15 97 · 20 97 · 25 97 · 30 97 · 35 97 · 40 97 · 45 97 · 46 tick"), @r"46 raised #1v1 !! HR: no new values [active, on]");
    assert_snapshot!(play("0 expect=HR · 10 restart · 11 connecting · 30 tick"), @r"21 raised #1v1 !! No data from the monitor: no connection yet; is the monitor on and the network up? [active, on]");
    assert_snapshot!(play("0 expect=HR · 10 live · 10 restart · 600 tick"), @"");
}

#[test]
fn numbers_expected_by_a_bed_that_is_set_up_after_its_feed_lives_are_missed_too() {
    let mut story = Story::new(Settings::default(), Ticking::Exact).told("10 live");
    story.step(
        seconds("20"),
        &adult::set_up(bed(), adult::profile(), &[MetricCode::HeartRate]),
    );
    let story = story.told("55 tick");
    assert_eq!(story.newest().raised_at, seconds("55"));
    assert_eq!(
        story.newest().cause,
        Cause::Stale {
            metric: MetricCode::HeartRate
        }
    );
}

#[test]
fn a_restart_keeps_who_goes_the_rung_and_the_pause() {
    assert_snapshot!(play("0 88 · 20 accept · 30 restart · 600 tick"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    20 accepted #1v2 *** SpO₂ 88 < 90 [active, on, Kim goes]
    ");
    assert_snapshot!(play("0 88 · 75 tick · 80 restart · 139.999 tick · 140 tick"), @r"
     10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
     40 escalated #1v2 *** SpO₂ 88 < 90 [active, on, louder]
     70 escalated #1v3 *** SpO₂ 88 < 90 [active, on, to second]
    140 escalated #1v4 *** SpO₂ 88 < 90 · no value since the station started [active, on, to charge]
    ");
    assert_snapshot!(play("0 pause SPO2 low 60 suctioning · 5 88 · 30 restart · 60 tick"), @r"
     0 paused SPO2 low until 60: suctioning [by Kim]
    15 raised #1v1 *** SpO₂ 88 < 90 [active, paused by Kim until 60]
    60 pause-ended SPO2 low
    60 realerted #1v2 *** SpO₂ 88 < 90 · no value since the station started [active, on]
    ");
    assert_snapshot!(play("0 pause SPO2 low 60 suctioning · 5 restart · 6 88 · 60 tick"), @r"
     0 paused SPO2 low until 60: suctioning [by Kim]
    16 raised #1v1 *** SpO₂ 88 < 90 [active, paused by Kim until 60]
    60 pause-ended SPO2 low
    60 realerted #1v2 *** SpO₂ 88 < 90 [active, on]
    ");
    assert_snapshot!(play("0 88 · 10 decline · 30 restart · 89 tick · 90 tick"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    10 declined #1v2 *** SpO₂ 88 < 90 [active, on, Kim cannot go]
    10 escalated #1v3 *** SpO₂ 88 < 90 [active, on, Kim cannot go, to second]
    90 escalated #1v4 *** SpO₂ 88 < 90 · no value since the station started [active, on, Kim cannot go, to charge]
    ");
}

#[test]
fn a_loss_that_no_feed_says_again_after_a_restart_is_over() {
    assert_snapshot!(play("0 lost · 0 lost:1 · 10 restart · 11 live · 40.999 tick · 41 tick"), @r"
     0 raised #1v1 !! No data from the monitor: the device closed the connection [active, on]
     0 raised #2v1 !! No data from the monitor: the device closed the connection [active, on]
    11 cleared #1v2 !! No data from the monitor: the device closed the connection [cleared, off]
    40 escalated #2v2 !! No data from the monitor: the device closed the connection [active, on, louder]
    41 cleared #2v3 !! No data from the monitor: the device closed the connection · not reported again since [cleared, off, louder]
    ");
    assert_snapshot!(play("0 lost · 0 lost:1 · 10 restart · 11 live · 11 connecting:1 · 60 tick"), @r"
     0 raised #1v1 !! No data from the monitor: the device closed the connection [active, on]
     0 raised #2v1 !! No data from the monitor: the device closed the connection [active, on]
    11 cleared #1v2 !! No data from the monitor: the device closed the connection [cleared, off]
    21 shown #2v1 !! No data from the monitor: no connection yet; is the monitor on and the network up?
    40 escalated #2v2 !! No data from the monitor: no connection yet; is the monitor on and the network up? [active, on, louder]
    ");
}

fn restored(change: impl FnOnce(&mut AlertState), now: &str) -> Story {
    let mut told = Story::new(Settings::default(), Ticking::Exact).told("0 88 · 10 ack");
    let mut alert = told.newest();
    change(&mut alert);
    let mut engine = alert::Engine::new(Settings::default(), AlertId(1));
    engine.restore(seconds(now), vec![alert], Vec::new());
    engine.step(seconds(now), &adult::set_up(bed(), adult::profile(), &[]));
    told.engine = engine;
    told
}

#[test]
fn an_acknowledgement_from_a_day_ahead_holds_no_longer_than_the_site_allows() {
    let a_day = Duration::from_hours(24);
    let ahead = |a: &mut AlertState| a.realert_at = Some(seconds("130").plus(a_day));
    let mut story = restored(ahead, "30");
    assert_eq!(story.newest().realert_at, Some(seconds("150")));
    story.go(seconds("149.999"), "tick");
    assert_eq!(story.engine.sounding(), None);
    story.go(seconds("150"), "tick");
    assert_eq!(story.engine.sounding().map(|s| s.priority), Some(Priority::High));
}

#[test]
fn an_acknowledgement_that_ran_out_while_the_station_was_down_sounds_at_once() {
    let story = restored(|_| {}, "500");
    assert_eq!(story.engine.sounding().map(|s| s.priority), Some(Priority::High));
}

#[test]
fn silent_without_a_time_or_a_pause_is_no_state_and_sounds_after_a_restart() {
    let story = restored(|a| a.realert_at = None, "30");
    assert!(story.engine.sounding().is_some());
    let story = restored(|a| a.signal = SignalPresence::Paused, "30");
    assert!(story.engine.sounding().is_some());
    assert_eq!(story.newest().owner, None);
    let story = restored(|a| a.signal = SignalPresence::Off, "30");
    assert!(story.engine.sounding().is_some());
}

#[test]
fn a_pause_from_a_day_ahead_holds_no_longer_than_the_site_allows() {
    let told = Story::new(Settings::default(), Ticking::Exact).told("0 pause SPO2 low 60 suctioning · 5 88 · 20 tick");
    let mut pauses: Vec<_> = told.engine.pauses().cloned().collect();
    pauses[0].until = seconds("100000");
    let mut engine = alert::Engine::new(Settings::default(), AlertId(1));
    engine.restore(seconds("30"), told.alerts(), pauses);
    let alert = engine.alerts().next().unwrap().clone();
    assert_eq!(
        (alert.signal, alert.realert_at),
        (SignalPresence::Paused, Some(seconds("210")))
    );
    assert_eq!(engine.next_deadline(), Some(seconds("210")));
    engine.step(seconds("210"), &Event::Tick);
    assert!(engine.sounding().is_some());
}

#[test]
fn alerts_that_are_over_are_not_restored_and_their_ids_are_not_given_again() {
    let story = restored(
        |a| {
            a.id = AlertId(41);
            (a.presence, a.signal) = (ConditionPresence::Cleared, SignalPresence::Off);
        },
        "30",
    );
    assert_eq!(
        (story.engine.alerts().count(), story.engine.next_id()),
        (0, AlertId(42))
    );
}

#[test]
fn a_score_that_the_profile_does_not_ask_for_any_more_is_over() {
    let early_warning = Some(EarlyWarningRule {
        urgent: 5,
        emergency: 7,
        single_three: true,
        delay: Duration::ZERO,
        assessment_lasts: Duration::from_hours(4),
    });
    let alert = |id, trigger| AlertState {
        id: AlertId(id),
        version: 1,
        bed: Some(bed()),
        cause: Cause::EarlyWarning { trigger },
        kind: model::AlertKind::Physiological,
        priority: Priority::Medium,
        source: model::Source::Station,
        presence: ConditionPresence::Active,
        signal: SignalPresence::On,
        since: ReceiptTime::from_micros(0),
        raised_at: ReceiptTime::from_micros(0),
        worst: None,
        limit: None,
        owner: Some(person("Kim")),
        realert_at: None,
        response: model::Response::None,
        responder: None,
        rung: model::Rung::First,
        occurrence: 1,
        episode_since: ReceiptTime::from_micros(0),
        text: None,
    };
    let mut engine = alert::Engine::new(Settings::default(), AlertId(1));
    let open = vec![alert(1, ScoreTrigger::Total), alert(2, ScoreTrigger::Single)];
    engine.restore(seconds("1"), open, Vec::new());
    let mut set_up = |at, profile: &Profile| {
        let rules = profile.limit_rules();
        let profile = Arc::new(profile.clone());
        let event = Event::Bed {
            bed: bed(),
            profile,
            rules,
            expected: Vec::new(),
        };
        let effects = engine.step(seconds(at), &event);
        effects.transitions.iter().map(|t| t.state.id.0).collect::<Vec<_>>()
    };
    let no_single = early_warning.map(|r| EarlyWarningRule {
        single_three: false,
        ..r
    });
    let scored = Profile {
        early_warning: no_single,
        ..adult::profile()
    };
    assert_eq!(set_up("2", &scored), [2]);
    assert_eq!(set_up("3", &scored), Vec::<u64>::new());
    assert_eq!(set_up("4", &adult::profile()), [1]);
}

#[test]
fn a_feed_that_lists_a_number_and_has_no_value_of_it_does_not_keep_it_from_the_other() {
    let told = play("0 live · 0 live:1 · 0 every=1 · 0 none · 1 70:1 · 2 none · 3 70:1 · 4 none · 5 70:1 · 11 70:1");
    assert!(told.contains("11 raised #1v1 *** SpO₂ 70 < 90"), "{told}");
}
