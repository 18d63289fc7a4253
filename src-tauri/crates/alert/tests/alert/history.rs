//! Histories by chance: what may happen to a ward, and when.

use std::time::Duration;

use alert::{Answer, Engine, Event, Settings};
use model::{
    Absence, AlertId, AlertKind, BedId, Cause, Connectivity, DeviceAlert, LimitRule, Limits, LostBecause, MetricCode,
    NumericTiming, Pause, Priority, Quantity, Reading, ReceiptTime, Role, Side, Timeliness,
};

use crate::adult;
use crate::chance::Chance;
use crate::story::{actor, numeric};

/// Beds of the ward.
pub const BEDS: u64 = 2;
pub const METRICS: [MetricCode; 2] = [MetricCode::SpO2, MetricCode::HeartRate];
pub const PRIORITIES: [Priority; 3] = [Priority::Low, Priority::Medium, Priority::High];
const ANSWERS: [Answer; 6] = [
    Answer::Acknowledge,
    Answer::Accept,
    Answer::UndoAccept,
    Answer::Decline,
    Answer::Escalate,
    Answer::Retire,
];

/// What happens next.
#[derive(Clone, Debug)]
pub enum Next {
    Event(Event),
    /// The station stops and starts again.
    Restart,
}

pub fn bed(n: u64) -> BedId {
    BedId::new(&format!("bed-{n}")).unwrap()
}

/// How long until the next: mostly moments, at times minutes. In seconds.
pub fn a_gap(chance: &mut Chance) -> u64 {
    match chance.below(24) {
        0..9 => 0,
        9..17 => 1 + chance.below(3),
        17..21 => 3 + chance.below(12),
        21 => 10,
        22 => 15 + chance.below(60),
        _ => chance.of(&[30, 60, 120, 200, 301]),
    }
}

fn a_reading(chance: &mut Chance, metric: MetricCode) -> Reading {
    if chance.one_in(9) {
        return Reading::Invalid(chance.of(&[
            Absence::SensorOff,
            Absence::NotAvailable,
            Absence::Calibrating,
            Absence::OutOfRange,
        ]));
    }
    let (least, most) = if metric == MetricCode::SpO2 {
        (82, 97)
    } else {
        (42, 128)
    };
    let value = Quantity::from_integer(chance.between(least, most)).unwrap();
    if chance.one_in(5) {
        Reading::Questionable(value)
    } else {
        Reading::Value(value)
    }
}

fn a_numeric(chance: &mut Chance, now: ReceiptTime) -> Event {
    let metric = chance.of(&METRICS);
    let reading = a_reading(chance, metric);
    let timing = chance.of(&[
        NumericTiming::Every(Duration::from_secs(1)),
        NumericTiming::Every(Duration::from_secs(30)),
        NumericTiming::Every(Duration::from_secs(30)),
        NumericTiming::Intermittent(Duration::from_mins(5)),
    ]);
    let mut numeric = numeric(metric, reading, now, timing);
    if chance.one_in(20) {
        numeric.timeliness = Timeliness::Late;
    }
    let feed = u16::from(metric == MetricCode::HeartRate && chance.one_in(4));
    Event::Numeric {
        bed: bed(chance.below(BEDS)),
        feed,
        numeric,
    }
}

fn a_device_alert(chance: &mut Chance, now: ReceiptTime) -> Event {
    Event::DeviceAlert {
        bed: bed(chance.below(BEDS)),
        feed: 0,
        alert: DeviceAlert {
            code: chance.of(&["a", "b"]).to_owned(),
            text: "said by the device".to_owned(),
            metric: None,
            priority: chance.of(&PRIORITIES),
            kind: AlertKind::Technical,
            present: !chance.one_in(3),
            received_at: now,
        },
    }
}

/// Another rule of the same delay.
fn a_rule(chance: &mut Chance) -> Event {
    let metric = chance.of(&METRICS);
    let usual = adult::rule(metric);
    let units = |n| Quantity::from_integer(n).ok();
    let limits = if metric == MetricCode::SpO2 {
        Limits::new(units(chance.between(84, 92)), units(chance.between(94, 100)))
    } else if chance.one_in(4) {
        Limits::new(None, units(120))
    } else {
        Limits::new(units(chance.between(44, 60)), units(chance.between(100, 125)))
    };
    let rule = LimitRule {
        limits: limits.unwrap(),
        priority: chance.of(&PRIORITIES),
        ..usual
    };
    let rule = match chance.below(6) {
        0 => None,
        1..4 => Some(usual),
        _ => Some(rule),
    };
    Event::Rule {
        bed: bed(chance.below(BEDS)),
        metric,
        rule,
    }
}

fn a_station(chance: &mut Chance) -> Event {
    Event::Station {
        cause: chance.of(&[Cause::Disk, Cause::PageDead]),
        present: chance.one_in(2),
        text: "said by the station".to_owned(),
    }
}

fn a_connectivity(chance: &mut Chance) -> Event {
    Event::Connectivity {
        bed: bed(chance.below(BEDS)),
        feed: 0,
        state: chance.of(&[
            Connectivity::Connecting { attempt: 1 },
            Connectivity::Live,
            Connectivity::Live,
            Connectivity::Lost(LostBecause::Silent),
        ]),
    }
}

fn a_pause(chance: &mut Chance) -> Event {
    let bed = bed(chance.below(BEDS));
    let (metric, side) = (chance.of(&METRICS), chance.of(&[Side::Low, Side::Low, Side::High]));
    let by = actor(
        chance.of(&["Kim", "Sam"]),
        if chance.one_in(12) { Role::Engineer } else { Role::Nurse },
    );
    if chance.one_in(4) {
        return Event::EndPause { bed, metric, side, by };
    }
    Event::Pause {
        seen: None,
        bed,
        metric,
        side,
        by,
        reason: if chance.one_in(15) { " " } else { "turning" }.to_owned(),
        lasts: Duration::from_secs(chance.of(&[0, 7, 60, 60, 120, 180, 181])),
    }
}

/// An answer to an alert that is open, at its version or an old one; at times to one that is over.
fn an_answer(chance: &mut Chance, engine: &Engine) -> Event {
    let open: Vec<(AlertId, u32)> = engine.alerts().map(|a| (a.id, a.version)).collect();
    let given = engine.next_id().0 - 1;
    if given == 0 {
        return Event::Tick;
    }
    let over = (AlertId(given.saturating_sub(chance.below(9)).max(1)), 1);
    let (alert, version) = if open.is_empty() { over } else { chance.of(&open) };
    let role = chance.of(&[Role::Nurse, Role::Nurse, Role::Charge, Role::Clinician, Role::Engineer]);
    let answer = if chance.one_in(2) {
        Answer::Acknowledge
    } else {
        chance.of(&ANSWERS)
    };
    Event::Answer {
        alert,
        version: version - u32::from(chance.one_in(12)),
        by: actor(chance.of(&["Kim", "Sam", "Cho"]), role),
        answer,
    }
}

/// What happens next to a ward as the engine has it.
pub fn a_next(chance: &mut Chance, engine: &Engine, now: ReceiptTime) -> Next {
    Next::Event(match chance.below(100) {
        0..52 => a_numeric(chance, now),
        52..60 => a_device_alert(chance, now),
        60..64 => a_rule(chance),
        64..67 => a_station(chance),
        67..74 => a_connectivity(chance),
        74..79 => a_pause(chance),
        79..98 => an_answer(chance, engine),
        98 => Event::Tick,
        _ => return Next::Restart,
    })
}

/// A ward with the adult profile at each bed.
pub fn a_ward(settings: &Settings) -> Engine {
    let mut engine = Engine::new(settings.clone(), AlertId(1));
    set_up(&mut engine, ReceiptTime::from_micros(0));
    engine
}

/// Sets up all beds, as a station does when it starts.
pub fn set_up(engine: &mut Engine, now: ReceiptTime) -> Vec<alert::Effects> {
    let beds = (0..BEDS).map(|n| engine.step(now, &adult::set_up(bed(n), adult::profile(), &[])));
    beds.collect()
}

/// The station has stopped and starts again: a new engine with what was open.
pub fn restarted(engine: &Engine, settings: &Settings, now: ReceiptTime) -> Engine {
    let pauses: Vec<Pause> = engine.pauses().cloned().collect();
    let mut again = Engine::new(settings.clone(), engine.next_id());
    again.restore(now, engine.alerts().cloned().collect(), pauses);
    again
}
