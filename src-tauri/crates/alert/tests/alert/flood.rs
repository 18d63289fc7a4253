//! A flood of alerts: none is dropped, and the worst is heard at once.

use std::collections::BTreeSet;
use std::time::Duration;

use alert::{Engine, Event, Settings};
use model::{AlertId, AlertKind, BedId, DeviceAlert, JournalKind, Priority, ReceiptTime};

use crate::adult;

const BEDS: u64 = 64;
const A_SECOND: u64 = 200;
const SECONDS: u64 = 60;

fn bed(n: u64) -> BedId {
    BedId::new(&format!("bed-{n}")).unwrap()
}

fn device_alert(n: u64, now: ReceiptTime) -> Event {
    let round = n / BEDS;
    // One high in a thousand, and a medium now and then, in a flood of low ones.
    let priority = match n {
        n if n % 1_000 == 999 => Priority::High,
        n if n % 37 == 0 => Priority::Medium,
        _ => Priority::Low,
    };
    Event::DeviceAlert {
        bed: bed(n % BEDS),
        feed: 0,
        alert: DeviceAlert {
            // 60 codes a bed; a code that comes a second time is another alert once it was over.
            code: format!("code-{}", round % 60),
            text: "said by the device".to_owned(),
            metric: None,
            priority,
            kind: AlertKind::Technical,
            present: true,
            received_at: now,
        },
    }
}

fn gone(event: &Event) -> Event {
    let mut event = event.clone();
    if let Event::DeviceAlert { alert, .. } = &mut event {
        alert.present = false;
    }
    event
}

#[test]
fn two_hundred_alerts_a_second_for_a_minute_are_all_raised_and_the_worst_is_heard_at_once() {
    let mut engine = Engine::new(Settings::default(), AlertId(1));
    let start = ReceiptTime::from_millis(1_000);
    for n in 0..BEDS {
        engine.step(start, &adult::set_up(bed(n), adult::profile(), &[]));
    }
    let mut ids = BTreeSet::new();
    let mut now = start;
    for n in 0..A_SECOND * SECONDS {
        now = start.plus(Duration::from_millis(5 * n));
        let event = device_alert(n, now);
        // What this code said before is over first: each of the 12,000 is an alert of its own.
        engine.step(now, &gone(&event));
        let Event::DeviceAlert { alert, .. } = &event else {
            unreachable!()
        };
        let effects = engine.step(now, &event);
        let raised = effects
            .transitions
            .iter()
            .filter(|t| t.kind == JournalKind::AlertRaised);
        let raised: Vec<_> = raised.map(|t| (t.state.id, t.state.priority, t.at)).collect();
        assert_eq!(raised.len(), 1, "alert {n} is dropped");
        assert!(raised[0].1 == alert.priority && raised[0].2 == now && ids.insert(raised[0].0));
        let worst = engine.alerts().filter(|a| a.sounds()).map(|a| a.priority).max();
        assert!(worst >= Some(alert.priority));
        assert_eq!(engine.sounding().map(|s| s.priority), worst, "at alert {n}");
    }
    assert_eq!(u64::try_from(ids.len()).unwrap(), A_SECOND * SECONDS);
    assert_eq!(now.since(start), Duration::from_millis(59_995));
    let open = engine
        .alerts()
        .filter(|a| !a.text.as_ref().unwrap().starts_with("more"))
        .count();
    assert_eq!(engine.alerts().count(), open, "some are told in one line with others");
}
