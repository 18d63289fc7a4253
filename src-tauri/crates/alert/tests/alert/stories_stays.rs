//! Stays: what belongs to a patient ends with the stay or goes along, and what belongs to the bed stays there.

use alert::{Event, Settings};
use model::{BedId, JournalKind, SignalPresence};

use crate::story::{Story, Ticking, bed, person, seconds};

fn story(script: &str) -> Story {
    Story::new(Settings::default(), Ticking::Exact).told(script)
}

fn other() -> BedId {
    BedId::new("bed-08").unwrap()
}

#[test]
fn a_patient_who_leaves_leaves_no_alert_no_pause_and_no_acknowledgement_behind() {
    let mut story = story("0 live · 0 88 · 10 ack · 20 HR=130 · 30 pause HR high 120 turning · 40 dev!x:high");
    let leave = Event::Leave {
        bed: bed(),
        by: Some(person("Kim")),
        why: "discharged".to_owned(),
    };
    let effects = story.engine.step(seconds("50"), &leave);
    let over = effects
        .transitions
        .iter()
        .filter(|t| t.kind == JournalKind::AlertCleared);
    assert!(
        over.clone()
            .all(|t| t.state.is_over() && t.person == Some(person("Kim")))
    );
    assert_eq!(over.count(), 2);
    assert_eq!(effects.pauses.len(), 1);
    // What the device says goes on until the device says otherwise.
    assert_eq!(story.engine.alerts().count(), 1);
    assert_eq!(story.engine.pauses().count(), 0);
    // The next patient's first value beyond the limit is an alert of its own, that nobody has acknowledged.
    story.go(seconds("51"), "88");
    story.go(seconds("61"), "tick");
    let anew = story.engine.alerts().find(|a| a.cause.side().is_some()).unwrap();
    assert_eq!((anew.signal, anew.occurrence), (SignalPresence::On, 1));
}

#[test]
fn open_alerts_go_along_with_who_answered_for_them_and_go_on_in_the_other_bed() {
    let mut story = story("0 live · 0 88 · 10 ack");
    let before = story.engine.alerts().next().unwrap().clone();
    let profile = std::sync::Arc::new(crate::adult::profile());
    let rules: Vec<_> = profile.limits.iter().map(|l| l.rule).collect();
    let to = Event::Bed {
        bed: other(),
        profile,
        rules,
        expected: Vec::new(),
    };
    story.engine.step(seconds("20"), &to);
    let transfer = Event::Move {
        from: bed(),
        to: other(),
        by: Some(person("Kim")),
    };
    story.engine.step(seconds("20"), &transfer);
    let effects = story.engine.step(seconds("20"), &Event::Arrive { bed: other() });
    let moved = effects
        .transitions
        .iter()
        .find(|t| t.kind == JournalKind::AlertMoved)
        .unwrap();
    assert_eq!(moved.state.id, before.id);
    assert_eq!(moved.state.bed, Some(other()));
    assert_eq!(
        (&moved.state.owner, moved.state.realert_at),
        (&before.owner, before.realert_at)
    );
    // Its silence ends at its own time, in the new bed.
    let effects = story.engine.step(before.realert_at.unwrap(), &Event::Tick);
    let again = effects.transitions.first().unwrap();
    assert_eq!(
        (again.kind, &again.state.bed),
        (JournalKind::AlertRealerted, &Some(other()))
    );
}
