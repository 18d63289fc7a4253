//! Limits, delay and hysteresis told a second time, naively and apart: by searching lists of values.

use std::time::Duration;

use alert::{Engine, Event, Settings};
use model::{
    AlertId, Cause, JournalKind, LimitRule, Limits, MetricCode, Priority, Quantity, Reading, ReceiptTime, Side,
};
use proptest::prelude::*;

use crate::story::{EVERY_HALF_HOUR, bed, numeric};

/// One alert as both sides tell it: side, raised at, worst value in the end, cleared at.
type Told = (Side, i64, i32, Option<i64>);

/// Times in ms, values in thousandths; `None` is a reading without a number.
type Values = Vec<(i64, Option<i32>)>;

#[derive(Clone, Copy, Debug)]
struct Rule {
    low: i32,
    high: i32,
    delay: i64,
    hysteresis: i32,
}

fn naive(values: &Values, rule: Rule, side: Side) -> Vec<Told> {
    let numbers: Vec<(i64, i32)> = values.iter().filter_map(|(t, v)| Some((*t, (*v)?))).collect();
    // Mirrored, so that "beyond" is always "below" and a search is written once.
    let (bound, other) = match side {
        Side::Low => (rule.low, rule.high),
        Side::High => (-rule.high, -rule.low),
    };
    let mirrored: Vec<(i64, i32)> = match side {
        Side::Low => numbers,
        Side::High => numbers.into_iter().map(|(t, v)| (t, -v)).collect(),
    };
    let back = (bound + rule.hysteresis).min(other);
    let end = values.last().map_or(0, |(t, _)| *t);
    let mut told = Vec::new();
    let mut rest = &mirrored[..];
    while let Some(first) = rest.iter().position(|(_, v)| *v < bound) {
        rest = &rest[first..];
        let raised = rest[0].0 + rule.delay;
        if let Some(inside) = rest.iter().position(|(t, v)| *v >= bound && *t < raised) {
            rest = &rest[inside..];
            continue;
        }
        if raised > end {
            break;
        }
        let cleared = rest.iter().position(|(t, v)| *v >= back && *t >= raised);
        let during = &rest[..cleared.unwrap_or(rest.len())];
        let worst = during.iter().map(|(_, v)| *v).min().unwrap();
        let worst = if side == Side::Low { worst } else { -worst };
        told.push((side, raised, worst, cleared.map(|c| rest[c].0)));
        rest = cleared.map_or(&[], |c| &rest[c..]);
    }
    told
}

fn engine(values: &Values, rule: Rule) -> Vec<Told> {
    let settings = Settings {
        latch_high: false,
        ..Settings::default()
    };
    let metric = MetricCode::HeartRate;
    let limits = Limits::new(
        Some(Quantity::from_thousandths(rule.low)),
        Some(Quantity::from_thousandths(rule.high)),
    );
    let rules = vec![LimitRule {
        metric,
        limits: limits.unwrap(),
        priority: Priority::Medium,
        delay: Duration::from_millis(rule.delay.unsigned_abs()),
        hysteresis: Quantity::from_thousandths(rule.hysteresis),
    }];
    let mut engine = Engine::new(settings, AlertId(1));
    engine.step(ReceiptTime::from_millis(0), &Event::Bed { bed: bed(), rules });
    let mut told: Vec<(AlertId, Told)> = Vec::new();
    for (at, value) in values {
        let at = ReceiptTime::from_millis(*at);
        let reading = value.map_or(Reading::Invalid(model::Absence::NotAvailable), |v| {
            Reading::Value(Quantity::from_thousandths(v))
        });
        let event = Event::Numeric {
            bed: bed(),
            feed: 0,
            numeric: numeric(metric, reading, at, EVERY_HALF_HOUR),
        };
        let effects = engine.step(at, &event);
        let states = effects.transitions.iter().map(|t| (t.kind, t.at, &t.state));
        let shown = effects.shown.iter().map(|s| (JournalKind::AlertWorsened, at, s));
        for (kind, at, state) in states.chain(shown) {
            let Cause::Limit { side, .. } = state.cause else {
                continue;
            };
            let worst = state.worst.unwrap().thousandths();
            match told.iter_mut().find(|(id, _)| *id == state.id) {
                None => told.push((state.id, (side, at.as_millis(), worst, None))),
                Some((_, known)) => {
                    known.2 = worst;
                    known.3 = (kind == JournalKind::AlertCleared).then(|| at.as_millis());
                }
            }
        }
    }
    told.into_iter().map(|(_, told)| told).collect()
}

fn values() -> impl Strategy<Value = Values> {
    // Steps of half a second around the limits, so that edges of delay and hysteresis are met all the time.
    let value = prop_oneof![8 => (40..130_i32).prop_map(|v| Some(v * 1_000)), 1 => (48_000..53_000_i32).prop_map(Some), 1 => Just(None)];
    let run = (value, 1..6_usize, 1..5_i64);
    prop::collection::vec(run, 1..60).prop_map(|runs| {
        let mut at = 0;
        let mut values = Vec::new();
        for (value, count, gap) in runs {
            for _ in 0..count {
                at += gap * 500;
                values.push((at, value));
            }
        }
        values
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_and_the_oracle_tell_the_same_alerts(
        values in values(),
        low in 45..60_i32,
        width in 1..70_i32,
        delay in 0..12_i64,
        hysteresis in 0..6_i32,
    ) {
        let rule = Rule { low: low * 1_000, high: (low + width) * 1_000, delay: delay * 500, hysteresis: hysteresis * 500 };
        let mut expected = naive(&values, rule, Side::Low);
        expected.extend(naive(&values, rule, Side::High));
        let mut told = engine(&values, rule);
        expected.sort_unstable();
        told.sort_unstable();
        prop_assert_eq!(told, expected);
    }
}
