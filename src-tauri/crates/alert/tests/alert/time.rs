//! Timers keep their time for months, past the ends of counters and through everything a calendar does.

use std::time::Duration;

use alert::{Effects, Engine, Event, Settings};
use model::{
    AlertId, DeviceTime, JournalKind, MetricCode, NumericTiming, Quantity, Reading, ReceiptTime, Rung, SignalPresence,
};

use crate::adult;
use crate::story::{bed, numeric, nurse};

const DAY: Duration = Duration::from_hours(24);

/// A bed with a low SpO2 of high priority, raised at `start`.
fn raised(start: ReceiptTime) -> Engine {
    let mut engine = Engine::new(Settings::default(), AlertId(1));
    let crossed = start.minus(Duration::from_secs(10));
    engine.step(crossed, &adult::set_up(bed(), adult::profile(), &[]));
    let value = Reading::Value(Quantity::from_integer(88).unwrap());
    let cuff = NumericTiming::Intermittent(Duration::from_mins(15));
    let numeric = numeric(MetricCode::SpO2, value, crossed, cuff);
    engine.step(
        crossed,
        &Event::Numeric {
            bed: bed(),
            feed: 0,
            numeric,
        },
    );
    assert_eq!(engine.next_deadline(), Some(start));
    engine.step(start, &Event::Tick);
    engine
}

fn acknowledge(engine: &mut Engine, now: ReceiptTime) {
    let alert = engine.alerts().next().unwrap();
    let (alert, version) = (alert.id, alert.version);
    let answer = alert::Answer::Acknowledge;
    let by = nurse("Kim");
    let effects = engine.step(
        now,
        &Event::Answer {
            alert,
            version,
            by,
            answer,
        },
    );
    assert_eq!(effects.refused, None);
}

/// Nothing a microsecond before; then that, at that time.
fn happens(engine: &mut Engine, at: ReceiptTime, kind: JournalKind, rung: Rung) {
    assert_eq!(engine.next_deadline(), Some(at));
    let before = engine.step(at.minus(Duration::from_micros(1)), &Event::Tick);
    assert_eq!(before, Effects::default());
    let effects = engine.step(at, &Event::Tick);
    let told: Vec<_> = effects
        .transitions
        .iter()
        .map(|t| (t.kind, t.at, t.state.rung))
        .collect();
    assert_eq!(told, [(kind, at, rung)]);
}

/// One round of four minutes from when it sounds: the whole ladder, an acknowledgement, and it sounds again.
fn a_round(engine: &mut Engine, from: ReceiptTime) -> ReceiptTime {
    let after = |seconds| from.plus(Duration::from_secs(seconds));
    happens(engine, after(30), JournalKind::AlertEscalated, Rung::Louder);
    happens(engine, after(60), JournalKind::AlertEscalated, Rung::Second);
    happens(engine, after(120), JournalKind::AlertEscalated, Rung::Charge);
    assert_eq!(engine.next_deadline(), None);
    acknowledge(engine, after(120));
    let signal = engine.alerts().next().unwrap().signal;
    assert_eq!((signal, engine.sounding()), (SignalPresence::Acknowledged, None));
    happens(engine, after(240), JournalKind::AlertRealerted, Rung::First);
    assert!(engine.sounding().is_some_and(|s| !s.louder));
    after(240)
}

#[test]
fn escalation_and_re_alert_keep_their_exact_times_for_sixty_days() {
    // From the first moment on, so that milliseconds pass 2^31 (24.9 days) and 2^32 (49.7 days).
    let start = ReceiptTime::from_millis(0);
    let mut engine = raised(start);
    let mut now = start;
    let mut rounds = 0;
    while now.since(start) < 60 * DAY {
        now = a_round(&mut engine, now);
        rounds += 1;
    }
    assert!(now.as_millis() > 1_i64 << 32);
    assert_eq!(rounds, 60 * 24 * 15);
}

#[test]
fn escalation_and_re_alert_keep_their_exact_times_whatever_the_calendar_does() {
    let days = [
        "2026-03-29T00:58:00Z", // Clocks go forward in Europe two minutes on.
        "2026-10-25T00:58:00Z", // And back.
        "2028-02-28T23:58:00Z", // Into a leap day,
        "2028-02-29T23:58:00Z", // and out of it.
        "2038-01-19T03:12:07Z", // 2^31 seconds of the epoch, two minutes on.
        "2100-02-28T23:58:00Z", // A year of four that is no leap year.
        "2106-02-07T06:26:15Z", // 2^32 seconds.
        "1969-12-31T23:58:00Z", // Before the epoch: a clock that was never set.
    ];
    for day in days {
        let start = ReceiptTime::from_rfc3339(day).unwrap();
        let mut engine = raised(start);
        let mut now = start;
        for _ in 0..60 {
            now = a_round(&mut engine, now);
        }
    }
}

#[test]
fn a_device_whose_clock_steps_an_hour_a_day_or_to_1970_moves_no_timer() {
    let start = ReceiptTime::from_rfc3339("2026-03-29T00:58:00Z").unwrap();
    let micros = |span: Duration| i64::try_from(span.as_micros()).unwrap();
    let hour = micros(Duration::from_hours(1));
    for step in [0, hour, -hour, 24 * hour, -24 * hour, -start.as_micros()] {
        let mut engine = raised(start);
        let value = Reading::Value(Quantity::from_integer(88).unwrap());
        let cuff = NumericTiming::Intermittent(Duration::from_mins(15));
        for second in 1..30 {
            let now = start.plus(Duration::from_secs(second));
            let mut numeric = numeric(MetricCode::SpO2, value, now, cuff);
            numeric.measured_at = DeviceTime::from_micros(now.as_micros() + step);
            let event = Event::Numeric {
                bed: bed(),
                feed: 0,
                numeric,
            };
            assert_eq!(engine.step(now, &event), Effects::default());
        }
        acknowledge(&mut engine, start.plus(Duration::from_secs(29)));
        let again = start.plus(Duration::from_secs(149));
        happens(&mut engine, again, JournalKind::AlertRealerted, Rung::First);
    }
}
