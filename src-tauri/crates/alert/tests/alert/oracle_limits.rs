//! Limits, delay and hysteresis told a second time, naively and apart: by searching lists of values.

use std::sync::Arc;
use std::time::Duration;

use alert::{Engine, Event, Settings};
use model::{
    AlertId, Cause, JournalKind, LimitRule, Limits, MetricCode, Priority, Quantity, Reading, ReceiptTime, Side,
};

use crate::adult;
use crate::chance::Chance;
use crate::story::{STANDS, bed, numeric};

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
    let profile = Arc::new(adult::profile());
    let expected = Vec::new();
    let bed_is_set_up = Event::Bed {
        bed: bed(),
        profile,
        rules,
        expected,
    };
    engine.step(ReceiptTime::from_millis(0), &bed_is_set_up);
    let mut told: Vec<(AlertId, Told)> = Vec::new();
    for (at, value) in values {
        let at = ReceiptTime::from_millis(*at);
        let reading = value.map_or(Reading::Invalid(model::Absence::NotAvailable), |v| {
            Reading::Value(Quantity::from_thousandths(v))
        });
        let event = Event::Numeric {
            bed: bed(),
            feed: 0,
            numeric: numeric(metric, reading, at, STANDS),
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

/// Steps of half a second around the limits, so that edges of delay and hysteresis are met all the time.
fn values(chance: &mut Chance) -> Values {
    let mut at = 0;
    let mut values = Vec::new();
    for _ in 0..chance.between(1, 59) {
        let value = match chance.below(10) {
            0 => None,
            1 => Some(chance.between(48_000, 53_000)),
            _ => Some(chance.between(40, 130) * 1_000),
        };
        let gap = i64::from(chance.between(1, 4)) * 500;
        for _ in 0..chance.between(1, 5) {
            at += gap;
            values.push((at, value));
        }
    }
    values
}

#[test]
fn the_engine_and_a_search_of_the_values_tell_the_same_alerts() {
    let mut chance = Chance::new(7);
    for _ in 0..3_000 {
        let values = values(&mut chance);
        let low = chance.between(45, 59);
        let rule = Rule {
            low: low * 1_000,
            high: (low + chance.between(1, 69)) * 1_000,
            delay: i64::from(chance.between(0, 11)) * 500,
            hysteresis: chance.between(0, 5) * 500,
        };
        let mut expected = naive(&values, rule, Side::Low);
        expected.extend(naive(&values, rule, Side::High));
        let mut told = engine(&values, rule);
        expected.sort_unstable();
        told.sort_unstable();
        assert_eq!(told, expected, "{rule:?} {values:?}");
    }
}
