//! Pauses of one direction of one number, and episodes.

use alert::{Event, Settings};
use insta::assert_snapshot;
use model::{LimitRule, Limits, MetricCode, Priority};

use crate::adult;
use crate::story::{Story, Ticking, bed, play, play_with, quantity, seconds};

#[test]
fn a_pause_of_spo2_low_leaves_everything_else_as_it_is() {
    let script =
        "0 rule=90-98 · 0 pause SPO2 low 120 suctioning · 1 99 · 1 HR=130 · 11 tick · 12 88 · 22 tick · 40 tick";
    assert_snapshot!(play(script), @r"
     0 paused SPO2 low until 120: suctioning [by Kim]
     6 raised #1v1 ** HR 130 > 120 [active, on]
    11 raised #2v1 *** SpO₂ 99 > 98 [active, on]
    12 cleared #2v2 *** SpO₂ 99 > 98 · over, nobody has acknowledged it [cleared, latched]
    22 raised #3v1 *** SpO₂ 88 < 90 [active, paused by Kim until 120]
    36 escalated #1v2 ** HR 130 > 120 [active, on, louder]
    ");
}

#[test]
fn a_crossing_during_a_pause_is_shown_and_silent_until_its_end_and_then_sounds() {
    assert_snapshot!(play("0 pause SPO2 low 60 suctioning · 5 88 · 59.999 tick"), @r"
     0 paused SPO2 low until 60: suctioning [by Kim]
    15 raised #1v1 *** SpO₂ 88 < 90 [active, paused by Kim until 60]
    ");
    assert_snapshot!(play("0 pause SPO2 low 60 suctioning · 5 88 · 60 tick · 90 tick"), @r"
     0 paused SPO2 low until 60: suctioning [by Kim]
    15 raised #1v1 *** SpO₂ 88 < 90 [active, paused by Kim until 60]
    60 pause-ended SPO2 low
    60 realerted #1v2 *** SpO₂ 88 < 90 [active, on]
    90 escalated #1v3 *** SpO₂ 88 < 90 [active, on, louder]
    ");
    let mut story =
        Story::new(Settings::default(), Ticking::Exact).told("0 pause SPO2 low 60 turning · 5 88 · 59.999 tick");
    assert_eq!(story.engine.sounding(), None);
    assert_eq!(story.engine.pauses().count(), 1);
    story.go(seconds("60"), "tick");
    assert_eq!(story.engine.sounding().map(|s| s.priority), Some(Priority::High));
    assert_eq!(story.engine.pauses().count(), 0);
}

#[test]
fn a_pause_hushes_what_sounds_and_what_was_acknowledged() {
    assert_snapshot!(play("0 88 · 10 tick · 20 pause SPO2 low 60 suctioning · 80 tick · 110 tick"), @r"
     10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
     20 paused SPO2 low until 80: suctioning [by Kim]
     20 paused #1v2 *** SpO₂ 88 < 90 [active, paused by Kim until 80]
     80 pause-ended SPO2 low
     80 realerted #1v3 *** SpO₂ 88 < 90 [active, on]
    110 escalated #1v4 *** SpO₂ 88 < 90 [active, on, louder]
    ");
    assert_snapshot!(play("0 88 · 10 ack · 20 pause SPO2 low 180 suctioning by Sam · 200 tick"), @r"
     10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
     10 acknowledged #1v2 *** SpO₂ 88 < 90 [active, acknowledged by Kim until 130]
     20 paused SPO2 low until 200: suctioning [by Sam]
     20 paused #1v3 *** SpO₂ 88 < 90 [active, paused by Sam until 200]
    200 pause-ended SPO2 low
    200 realerted #1v4 *** SpO₂ 88 < 90 [active, on]
    ");
}

#[test]
fn a_pause_ends_by_itself_and_what_went_away_meanwhile_does_not_sound() {
    assert_snapshot!(play("0 HR=80 · 0 pause HR high 60 turning · 5 HR=130 · 30 HR=80 · 60 tick"), @r"
     0 paused HR high until 60: turning [by Kim]
    10 raised #1v1 ** HR 130 > 120 [active, paused by Kim until 60]
    30 cleared #1v2 ** HR 130 > 120 [cleared, off]
    60 pause-ended HR high
    ");
}

#[test]
fn what_comes_and_goes_in_a_pause_latches_without_a_name() {
    assert_snapshot!(play("0 pause SPO2 low 60 suctioning · 5 88 · 30 95 · 70 ack"), @r"
     0 paused SPO2 low until 60: suctioning [by Kim]
    15 raised #1v1 *** SpO₂ 88 < 90 [active, paused by Kim until 60]
    30 cleared #1v2 *** SpO₂ 88 < 90 · over, nobody has acknowledged it [cleared, latched]
    60 pause-ended SPO2 low
    70 acknowledged #1v3 *** SpO₂ 88 < 90 [cleared, off by Kim]
    ");
}

#[test]
fn a_person_may_end_a_pause_and_what_is_still_there_sounds_at_once() {
    assert_snapshot!(play("0 pause SPO2 low 60 suctioning · 5 88 · 30 unpause SPO2 low by Sam · 61 tick"), @r"
     0 paused SPO2 low until 60: suctioning [by Kim]
    15 raised #1v1 *** SpO₂ 88 < 90 [active, paused by Kim until 60]
    30 pause-ended SPO2 low [by Sam]
    30 realerted #1v2 *** SpO₂ 88 < 90 [active, on]
    60 escalated #1v3 *** SpO₂ 88 < 90 [active, on, louder]
    ");
    assert_snapshot!(play("0 unpause SPO2 low · 1 pause SPO2 low 60 a · 2 unpause SPO2 high · 3 unpause HR low"), @r"
    0 refused: NotPaused
    1 paused SPO2 low until 61: a [by Kim]
    2 refused: NotPaused
    3 refused: NotPaused
    ");
}

#[test]
fn a_higher_priority_breaks_through_a_pause() {
    let script = "0 HR=80 · 0 pause HR low 180 turning · 10 HR=49 · 15 tick";
    assert_snapshot!(play(script), @r"
     0 paused HR low until 180: turning [by Kim]
    15 raised #1v1 *** HR 49 < 50 [active, on]
    ");
    let hr = adult::rule(MetricCode::HeartRate);
    let limits = Limits::new(Some(quantity("60")), None).unwrap();
    let metric = hr.metric;
    let rule = Some(LimitRule { limits, ..hr });
    let bed = bed();
    let mut story = Story::new(Settings::default(), Ticking::Exact);
    story.step(seconds("0"), &Event::Rule { bed, metric, rule });
    let mut story = story.told("0 pause HR low 180 turning · 1 HR=55 · 6 tick");
    assert_eq!(story.engine.sounding(), None);
    story.go(seconds("20"), "HR=49");
    assert_eq!(story.engine.sounding().map(|s| s.priority), Some(Priority::High));
    assert_eq!(story.newest().owner, None);
    // The pause lasts on for what is of its priority, and what broke through is not hushed again by itself.
    let mut story = story.told("21 ack · 22 HR=70 · 30 HR=55 · 35 tick");
    assert_eq!(story.engine.sounding(), None);
    story.go(seconds("180"), "tick");
    assert_eq!(story.engine.sounding().map(|s| s.priority), Some(Priority::Medium));
}

#[test]
fn what_a_person_hears_they_may_pause_whatever_its_priority() {
    assert_snapshot!(play("0 HR=49 · 5 tick · 10 pause HR low 60 turning · 20 HR=39 · 70 tick"), @r"
     5 raised #1v1 *** HR 49 < 50 [active, on]
    10 paused HR low until 70: turning [by Kim]
    10 paused #1v2 *** HR 49 < 50 [active, paused by Kim until 70]
    20 worsened #1v3 *** HR 39 < 50 [active, paused by Kim until 70]
    70 pause-ended HR low
    70 realerted #1v4 *** HR 39 < 50 [active, on]
    ");
}

#[test]
fn worse_at_the_same_priority_stays_silent_in_a_pause_and_is_told() {
    assert_snapshot!(play("0 88 · 10 pause SPO2 low 60 suctioning · 20 85 · 30 80 · 70 tick"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    10 paused SPO2 low until 70: suctioning [by Kim]
    10 paused #1v2 *** SpO₂ 88 < 90 [active, paused by Kim until 70]
    20 worsened #1v3 *** SpO₂ 85 < 90 [active, paused by Kim until 70]
    30 worsened #1v4 *** SpO₂ 80 < 90 [active, paused by Kim until 70]
    70 pause-ended SPO2 low
    70 realerted #1v5 *** SpO₂ 80 < 90 [active, on]
    ");
}

#[test]
fn a_second_pause_takes_the_place_of_the_first() {
    assert_snapshot!(play("0 88 · 10 pause SPO2 low 60 suctioning · 50 pause SPO2 low 120 again by Sam · 70 tick · 170 tick"), @r"
     10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
     10 paused SPO2 low until 70: suctioning [by Kim]
     10 paused #1v2 *** SpO₂ 88 < 90 [active, paused by Kim until 70]
     50 paused SPO2 low until 170: again [by Sam]
     50 paused #1v3 *** SpO₂ 88 < 90 [active, paused by Sam until 170]
    170 pause-ended SPO2 low
    170 realerted #1v4 *** SpO₂ 88 < 90 [active, on]
    ");
    assert_snapshot!(play("0 88 · 10 pause SPO2 low 180 suctioning · 50 pause SPO2 low 10 shorter · 60 tick"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    10 paused SPO2 low until 190: suctioning [by Kim]
    10 paused #1v2 *** SpO₂ 88 < 90 [active, paused by Kim until 190]
    50 paused SPO2 low until 60: shorter [by Kim]
    50 paused #1v3 *** SpO₂ 88 < 90 [active, paused by Kim until 60]
    60 pause-ended SPO2 low
    60 realerted #1v4 *** SpO₂ 88 < 90 [active, on]
    ");
}

#[test]
fn a_pause_has_a_reason_a_length_and_something_to_pause() {
    assert_snapshot!(play("0 pause SPO2 low 60 · 1 pause SPO2 low 60    · 2 pause SPO2 low 0 a · 3 pause SPO2 low 181 a · 4 pause SPO2 high 60 a · 5 pause PI low 60 a · 6 pause SPO2 low 180 a"), @r"
    0 refused: NoReason
    1 refused: NoReason
    2 refused: PauseLength { max: 180s }
    3 refused: PauseLength { max: 180s }
    4 refused: NothingToPause
    5 refused: NothingToPause
    6 paused SPO2 low until 186: a [by Kim]
    ");
}

#[test]
fn an_answer_in_a_pause_leaves_it_silent_and_an_acknowledgement_has_its_own_time() {
    assert_snapshot!(play("0 pause SPO2 low 180 suctioning · 5 88 · 20 accept · 25 decline · 180 tick"), @r"
      0 paused SPO2 low until 180: suctioning [by Kim]
     15 raised #1v1 *** SpO₂ 88 < 90 [active, paused by Kim until 180]
     20 accepted #1v2 *** SpO₂ 88 < 90 [active, paused by Kim until 180, Kim goes]
     25 declined #1v3 *** SpO₂ 88 < 90 [active, paused by Kim until 180, Kim cannot go]
     25 escalated #1v4 *** SpO₂ 88 < 90 [active, paused by Kim until 180, Kim cannot go, to second]
    180 pause-ended SPO2 low
    180 realerted #1v5 *** SpO₂ 88 < 90 [active, on]
    ");
    assert_snapshot!(play("0 pause SPO2 low 60 suctioning · 5 88 · 20 ack by Sam · 60 tick · 140 tick"), @r"
      0 paused SPO2 low until 60: suctioning [by Kim]
     15 raised #1v1 *** SpO₂ 88 < 90 [active, paused by Kim until 60]
     20 acknowledged #1v2 *** SpO₂ 88 < 90 [active, acknowledged by Sam until 140]
     60 pause-ended SPO2 low
    140 realerted #1v3 *** SpO₂ 88 < 90 [active, on]
    ");
}

#[test]
fn a_pause_and_what_it_hushed_outlive_a_restart() {
    let story = Story::new(Settings::default(), Ticking::Exact)
        .told("0 pause SPO2 low 60 suctioning · 5 88 · 20 restart · 59.999 tick");
    assert_eq!(story.engine.sounding(), None);
    let story = story.told("60 tick");
    assert_eq!(story.engine.sounding().map(|s| s.priority), Some(Priority::High));
}

#[test]
fn repeated_desaturations_are_one_episode_with_a_count() {
    assert_snapshot!(play("0 88 · 10 ack · 30 95 · 40 88 · 50 tick · 60 95 · 70 88 · 80 tick"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    10 acknowledged #1v2 *** SpO₂ 88 < 90 [active, acknowledged by Kim until 130]
    30 cleared #1v3 *** SpO₂ 88 < 90 [cleared, off by Kim]
    50 raised #2v1 *** SpO₂ 88 < 90 [active, acknowledged by Kim until 130, 2 times since 0]
    60 cleared #2v2 *** SpO₂ 88 < 90 [cleared, off by Kim, 2 times since 0]
    80 raised #3v1 *** SpO₂ 88 < 90 [active, acknowledged by Kim until 130, 3 times since 0]
    ");
}

#[test]
fn an_acknowledgement_holds_for_the_next_of_its_episode_until_its_own_time_only() {
    assert_snapshot!(play("0 88 · 10 ack · 30 95 · 40 88 · 130 tick"), @r"
     10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
     10 acknowledged #1v2 *** SpO₂ 88 < 90 [active, acknowledged by Kim until 130]
     30 cleared #1v3 *** SpO₂ 88 < 90 [cleared, off by Kim]
     50 raised #2v1 *** SpO₂ 88 < 90 [active, acknowledged by Kim until 130, 2 times since 0]
    130 realerted #2v2 *** SpO₂ 88 < 90 [active, on, 2 times since 0]
    ");
    assert_snapshot!(play("0 88 · 10 ack · 30 95 · 120 88 · 130 tick"), @r"
     10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
     10 acknowledged #1v2 *** SpO₂ 88 < 90 [active, acknowledged by Kim until 130]
     30 cleared #1v3 *** SpO₂ 88 < 90 [cleared, off by Kim]
    130 raised #2v1 *** SpO₂ 88 < 90 [active, on, 2 times since 0]
    ");
}

#[test]
fn an_acknowledgement_holds_only_for_what_is_no_worse_than_what_was_seen() {
    assert_snapshot!(play("0 88 · 10 ack · 30 95 · 40 87.999 · 50 tick"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    10 acknowledged #1v2 *** SpO₂ 88 < 90 [active, acknowledged by Kim until 130]
    30 cleared #1v3 *** SpO₂ 88 < 90 [cleared, off by Kim]
    50 raised #2v1 *** SpO₂ 87.999 < 90 [active, on, 2 times since 0]
    ");
    assert_snapshot!(play("0 88 · 10 ack · 30 95 · 40 88 · 50 tick · 55 85"), @r"
    10 raised #1v1 *** SpO₂ 88 < 90 [active, on]
    10 acknowledged #1v2 *** SpO₂ 88 < 90 [active, acknowledged by Kim until 130]
    30 cleared #1v3 *** SpO₂ 88 < 90 [cleared, off by Kim]
    50 raised #2v1 *** SpO₂ 88 < 90 [active, acknowledged by Kim until 130, 2 times since 0]
    55 worsened #2v2 *** SpO₂ 85 < 90 [active, on, 2 times since 0]
    ");
    assert_snapshot!(play("0 dev!a:low · 1 ack · 2 dev-a · 3 dev!a:low · 4 dev-a · 5 dev!a:medium"), @r"
    0 raised #1v1 ! Monitor: a low [active, on]
    1 acknowledged #1v2 ! Monitor: a low [active, acknowledged by Kim until 121]
    2 cleared #1v3 ! Monitor: a low [cleared, off by Kim]
    3 raised #2v1 ! Monitor: a low [active, acknowledged by Kim until 121, 2 times since 0]
    4 cleared #2v2 ! Monitor: a low [cleared, off by Kim, 2 times since 0]
    5 raised #3v1 !! Monitor: a medium [active, on, 3 times since 0]
    ");
}

#[test]
fn after_the_window_of_an_episode_it_is_a_new_story() {
    assert_snapshot!(play("0 HR=130 · 5 tick · 10 HR=80 · 305 HR=130 · 310 tick"), @r"
      5 raised #1v1 ** HR 130 > 120 [active, on]
     10 cleared #1v2 ** HR 130 > 120 [cleared, off]
    310 raised #2v1 ** HR 130 > 120 [active, on, 2 times since 0]
    ");
    assert_snapshot!(play("0 HR=130 · 5 tick · 10 HR=80 · 305.001 HR=130 · 310.001 tick"), @r"
          5 raised #1v1 ** HR 130 > 120 [active, on]
         10 cleared #1v2 ** HR 130 > 120 [cleared, off]
    310.001 raised #2v1 ** HR 130 > 120 [active, on]
    ");
    let settings = Settings {
        episode_window: std::time::Duration::from_secs(20),
        ..Settings::default()
    };
    assert_snapshot!(play_with(&settings, "0 HR=130 · 5 ack · 10 HR=80 · 26 HR=130 · 31 tick"), @r"
     5 raised #1v1 ** HR 130 > 120 [active, on]
     5 acknowledged #1v2 ** HR 130 > 120 [active, acknowledged by Kim until 125]
    10 cleared #1v3 ** HR 130 > 120 [cleared, off by Kim]
    31 raised #2v1 ** HR 130 > 120 [active, on]
    ");
}

#[test]
fn what_was_not_said_again_after_a_loss_and_comes_is_the_same_episode() {
    assert_snapshot!(play("0 live · 1 dev!a:low · 2 ack · 5 lost · 6 live · 36 tick · 40 dev!a:low"), @r"
     1 raised #1v1 ! Monitor: a low [active, on]
     2 acknowledged #1v2 ! Monitor: a low [active, acknowledged by Kim until 122]
     5 raised #2v1 !! No data from the monitor: the device closed the connection [active, on]
     6 cleared #2v2 !! No data from the monitor: the device closed the connection [cleared, off]
    36 cleared #1v3 ! Monitor: a low · not reported again since [cleared, off by Kim]
    40 raised #3v1 ! Monitor: a low [active, acknowledged by Kim until 122, 2 times since 1]
    ");
}

#[test]
fn low_and_high_and_each_feed_have_episodes_of_their_own() {
    assert_snapshot!(play("0 HR=45 · 5 ack · 10 HR=80 · 20 HR=130 · 25 tick"), @r"
     5 raised #1v1 *** HR 45 < 50 [active, on]
     5 acknowledged #1v2 *** HR 45 < 50 [active, acknowledged by Kim until 125]
    10 cleared #1v3 *** HR 45 < 50 [cleared, off by Kim]
    25 raised #2v1 ** HR 130 > 120 [active, on]
    ");
    assert_snapshot!(play("0 dev!a:low · 1 ack · 2 dev-a · 3 dev!a:low/1 · 4 dev-a/1 · 5 dev!a:low/1"), @r"
    0 raised #1v1 ! Monitor: a low [active, on]
    1 acknowledged #1v2 ! Monitor: a low [active, acknowledged by Kim until 121]
    2 cleared #1v3 ! Monitor: a low [cleared, off by Kim]
    3 raised #2v1 ! Monitor: a low [active, on]
    4 cleared #2v2 ! Monitor: a low [cleared, off]
    5 raised #3v1 ! Monitor: a low [active, on, 2 times since 3]
    ");
}
