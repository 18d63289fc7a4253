//! One device: what it sends in each quarter of a second. No sockets and no waiting in here.

use std::collections::VecDeque;
use std::time::Duration;

use model::{Absence, AlertKind, GenerationMode, MetricCode, NO_SAMPLE, NumericTiming, Priority, Unit};
use wire::native::{Alert, Block, Clock, Figure, Hello, Message, Numerics, Validity, Value, Waves, encode_binary};

use crate::item::{Item, SEQ};
use crate::source::{Measured, Source};
use crate::{Entry, Fault};

/// Wave messages a second.
pub(crate) const TURNS_A_SECOND: u64 = 4;
/// Between two wave messages, in ms.
pub(crate) const TURN_MS: u64 = 1_000 / TURNS_A_SECOND;
/// `late`: five seconds.
const LATE_TURNS: u64 = 5 * TURNS_A_SECOND;
/// `slow`: bursts every two seconds.
const BURST_TURNS: u64 = 2 * TURNS_A_SECOND;
/// `backfill`: ten minutes.
const BACKFILL_MS: f64 = 600_000.0;
/// Seconds from 1970 to the year 2704.
const YEAR_2704_MS: f64 = 23_162_630_400_000.0;
/// A message that no station takes: 300 KiB.
const OVERSIZED_BYTES: usize = 300 * 1024;

/// A device and the patient or recording at it.
pub(crate) struct Device {
    name: String,
    mode: GenerationMode,
    source: Source,
    script: Vec<Entry>,
    /// What its clock showed at its start, ms since the epoch.
    started_ms: f64,
    json_waves: bool,
    /// Samples sent so far, by channel.
    sent: Vec<u64>,
    /// Messages that wait (`slow`, `late`): from which turn on they may go.
    held: VecDeque<(u64, Item)>,
    /// Alerts of its own that are present.
    alerts: Vec<&'static str>,
    /// Metrics that a script steers now.
    steered: Vec<MetricCode>,
    /// The cuff's last numbers, for those who come later.
    cuff: Option<Numerics<'static>>,
}

/// What one turn brings.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    /// To be sent, in order.
    pub(crate) items: Vec<Item>,
    /// Connections are cut and refused.
    pub(crate) down: bool,
}

/// What a new connection is told first, after `hello`.
#[derive(Clone, Debug)]
pub(crate) struct Greeting {
    pub(crate) hello: Hello<'static>,
    pub(crate) standing: Vec<Message<'static>>,
}

impl Device {
    pub(crate) fn new(name: String, source: Source, script: Vec<Entry>, mode: GenerationMode, started_ms: f64) -> Self {
        Self {
            name,
            mode,
            sent: vec![0; source.channels().len()],
            source,
            script,
            started_ms,
            json_waves: false,
            held: VecDeque::new(),
            alerts: Vec::new(),
            steered: Vec::new(),
            cuff: None,
        }
    }

    /// Waves as JSON text rather than binary.
    pub(crate) fn with_json_waves(mut self, json: bool) -> Self {
        self.json_waves = json;
        self
    }

    /// What a connection that opens after turn `turn` is told first.
    pub(crate) fn greeting(&self, turn: u64) -> Greeting {
        let now = Duration::from_millis(turn * TURN_MS);
        let t = self.clock(turn * TURN_MS, &self.faults(now));
        let alerts = self.alerts.iter().map(|code| self.alert(code, true, t));
        Greeting {
            hello: self.source.hello(&self.name, self.mode, t),
            standing: self.cuff.iter().cloned().map(Message::Numerics).chain(alerts).collect(),
        }
    }

    /// The metrics a script sets that this device does not send.
    pub(crate) fn cannot_set(&self) -> Vec<MetricCode> {
        let sends = |m: MetricCode| self.source.numbers().iter().any(|n| n.metric == m);
        let set = self.script.iter().filter_map(|e| held_value(&e.fault));
        set.map(|(metric, _)| metric).filter(|m| !sends(*m)).collect()
    }

    /// Turn `turn`, counted from 1: the quarter of a second that has just ended.
    pub(crate) fn turn(&mut self, turn: u64) -> Turn {
        let now = Duration::from_millis(turn * TURN_MS);
        let faults = self.faults(now);
        self.steer(&faults);
        let mut items = Vec::new();
        self.alerts(turn, &faults, &mut items);
        self.waves(turn, &faults, &mut items);
        if turn.is_multiple_of(TURNS_A_SECOND) {
            self.numbers(turn, &faults, &mut items);
            self.oddities(turn, &faults, &mut items);
        }
        if faults.contains(&Fault::Duplicate) {
            items = items.into_iter().flat_map(|item| [item, Item::Again]).collect();
        }
        if faults.contains(&Fault::Drop) {
            self.held.clear();
            return Turn {
                items: vec![Item::Cut],
                down: true,
            };
        }
        if faults.contains(&Fault::Silence) {
            self.held.clear();
            return Turn::default();
        }
        Turn {
            items: self.released(turn, &faults, items),
            down: false,
        }
    }

    fn faults(&self, now: Duration) -> Vec<Fault> {
        self.script.iter().filter(|e| e.is_on(now)).map(|e| e.fault).collect()
    }

    /// What the device's clock shows `ms` after its start.
    fn clock(&self, ms: u64, faults: &[Fault]) -> f64 {
        // Exact: 2^52 ms are 140,000 years.
        #[expect(clippy::cast_precision_loss, reason = "see above")]
        let since_start = ms as f64;
        if faults.contains(&Fault::Clock1970) {
            since_start
        } else if faults.contains(&Fault::Clock2704) {
            YEAR_2704_MS + since_start
        } else {
            self.started_ms + since_start
        }
    }

    fn steer(&mut self, faults: &[Fault]) {
        let set: Vec<(MetricCode, f64)> = faults.iter().filter_map(held_value).collect();
        for metric in std::mem::take(&mut self.steered) {
            if !set.iter().any(|(m, _)| *m == metric) {
                self.source.steer(metric, None);
            }
        }
        for (metric, value) in set {
            self.source.steer(metric, Some(value));
            self.steered.push(metric);
        }
    }

    fn waves(&mut self, turn: u64, faults: &[Fault], items: &mut Vec<Item>) {
        let channels: Vec<_> = self.source.channels().iter().map(|c| (c.metric, c.rate)).collect();
        let mut blocks = Vec::with_capacity(channels.len());
        for ((at, (metric, rate)), sent) in channels.into_iter().enumerate().zip(&mut self.sent) {
            let (count, span) = rate.fraction();
            // By the whole time since the start, so that no rounding adds up.
            let due = turn * TURN_MS * u64::from(count) / (u64::from(span) * 1_000);
            let new = usize::try_from(due.saturating_sub(*sent)).unwrap_or(0);
            *sent = due;
            let mut samples = Vec::with_capacity(new);
            self.source.samples(at, new, &mut samples);
            if is_off(metric, faults) {
                samples.fill(NO_SAMPLE);
            }
            if !samples.is_empty() {
                blocks.push(Block {
                    channel: u8::try_from(at).unwrap_or(u8::MAX),
                    samples: samples.into(),
                });
            }
        }
        if blocks.is_empty() {
            return;
        }
        if faults.contains(&Fault::SeqGap) && turn.is_multiple_of(TURNS_A_SECOND) {
            items.push(Item::Lost);
            return;
        }
        let t = self.clock(turn.saturating_sub(1) * TURN_MS, faults);
        let waves = Waves { seq: 0, t, blocks };
        let binary = if self.json_waves {
            None
        } else {
            encode_binary(&waves).ok()
        };
        items.push(binary.map_or_else(|| Item::Text(Message::Waves(waves)), Item::Binary));
    }

    fn numbers(&mut self, turn: u64, faults: &[Fault], items: &mut Vec<Item>) {
        let second = turn / TURNS_A_SECOND - 1;
        let t = self.clock(turn * TURN_MS, faults);
        let mut measured = self.source.values(second);
        for (metric, value) in faults.iter().filter_map(held_value) {
            let declared = self.source.numbers().iter().any(|n| n.metric == metric);
            measured.retain(|m| m.metric != metric);
            // A cuff that is held says so every second: tests and demonstrations need not wait for its next turn.
            measured.extend(declared.then_some(Measured {
                metric,
                value: Some(value),
                validity: Validity::Valid,
            }));
        }
        let values: Vec<Value<'static>> = measured.iter().map(|m| value(m, t, faults)).collect();
        let intermittent = |m: &MetricCode| {
            let timing = self.source.numbers().iter().find(|n| n.metric == *m).map(|n| n.timing);
            matches!(timing, Some(NumericTiming::Intermittent(_)))
        };
        let cuff: Vec<Value<'static>> = values
            .iter()
            .zip(&measured)
            .filter(|(_, m)| intermittent(&m.metric))
            .map(|(v, _)| Value {
                t: Some(t),
                ..v.clone()
            })
            .collect();
        if !cuff.is_empty() {
            self.cuff = Some(Numerics {
                seq: 0,
                t,
                values: cuff,
            });
        }
        items.push(if values.is_empty() {
            Item::Text(Message::Clock(Clock { seq: 0, t }))
        } else {
            Item::Text(Message::Numerics(Numerics { seq: 0, t, values }))
        });
    }

    /// Once a second: what no well-made device sends.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the other faults are in other places")]
    fn oddities(&self, turn: u64, faults: &[Fault], items: &mut Vec<Item>) {
        let t = self.clock(turn * TURN_MS, faults);
        for fault in faults {
            match fault {
                Fault::Garbage => items.extend([Item::RawText("}{ not json"), Item::RawBytes(&[1, 255, 0])]),
                Fault::NotANumber => items.push(Item::Template(format!(
                    r#"{{"type":"numerics","seq":{SEQ},"t":{t},"values":[{{"metric":"SPO2","value":"NaN"}}]}}"#
                ))),
                Fault::UnknownMetric => items.push(Item::Template(format!(
                    r#"{{"type":"numerics","seq":{SEQ},"t":{t},"values":[{{"metric":"KARMA","value":7}}]}}"#
                ))),
                Fault::Oversized => items.push(Item::Template(format!(
                    r#"{{"type":"clock","seq":{SEQ},"t":{t},"filler":"{}"}}"#,
                    "x".repeat(OVERSIZED_BYTES)
                ))),
                Fault::WrongVersion => items.push(Item::Text(Message::Hello(Hello {
                    version: 99,
                    ..self.source.hello(&self.name, self.mode, t)
                }))),
                _ => {}
            }
        }
    }

    /// Tells of alerts that begin and end.
    fn alerts(&mut self, turn: u64, faults: &[Fault], items: &mut Vec<Item>) {
        let t = self.clock(turn * TURN_MS, faults);
        for (fault, code) in [
            (Fault::LeadOff, "lead-off"),
            (Fault::ProbeOff, "sensor-off"),
            (Fault::Alert, "low-battery"),
        ] {
            let present = faults.contains(&fault);
            if present != self.alerts.contains(&code) {
                self.alerts.retain(|c| *c != code);
                self.alerts.extend(present.then_some(code));
                items.push(Item::Text(self.alert(code, present, t)));
            }
        }
    }

    fn alert(&self, code: &'static str, present: bool, t: f64) -> Message<'static> {
        let (text, metric) = match code {
            "lead-off" => ("ECG lead off", self.first(Unit::Millivolt)),
            "sensor-off" => ("SpO2 sensor off", Some(MetricCode::SpO2)),
            _ => ("Battery low", None),
        };
        Message::Alert(Alert {
            seq: 0,
            t,
            code: code.into(),
            text: text.into(),
            metric: metric.map(|m| m.name().into()),
            priority: Priority::Medium.as_str().into(),
            kind: AlertKind::Technical.as_str().into(),
            present,
        })
    }

    fn first(&self, unit: Unit) -> Option<MetricCode> {
        self.source
            .channels()
            .iter()
            .map(|c| c.metric)
            .find(|m| m.unit() == unit)
    }

    /// Holds messages back where the link is slow or late; order is kept.
    fn released(&mut self, turn: u64, faults: &[Fault], items: Vec<Item>) -> Vec<Item> {
        let from = if faults.contains(&Fault::Late) {
            turn + LATE_TURNS
        } else if faults.contains(&Fault::Slow) {
            turn.next_multiple_of(BURST_TURNS)
        } else {
            turn
        };
        if self.held.is_empty() && from == turn {
            return items;
        }
        self.held.extend(items.into_iter().map(|item| (from, item)));
        let mut free = Vec::new();
        while self.held.front().is_some_and(|(from, _)| *from <= turn) {
            free.extend(self.held.pop_front().map(|(_, item)| item));
        }
        free
    }
}

fn held_value(fault: &Fault) -> Option<(MetricCode, f64)> {
    if let Fault::Set(metric, value) = fault {
        Some((*metric, *value))
    } else {
        None
    }
}

/// Whether the sensor of a wave or number is off.
fn is_off(metric: MetricCode, faults: &[Fault]) -> bool {
    let lead = metric.unit() == Unit::Millivolt || matches!(metric, MetricCode::HeartRate | MetricCode::VpcRate);
    let probe = matches!(
        metric,
        MetricCode::Pleth | MetricCode::SpO2 | MetricCode::PulseRate | MetricCode::PerfusionIndex
    );
    lead && faults.contains(&Fault::LeadOff) || probe && faults.contains(&Fault::ProbeOff)
}

/// A number as it is sent.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the other faults are not faults of a number"
)]
fn value(measured: &Measured, t: f64, faults: &[Fault]) -> Value<'static> {
    let mut value = Value {
        metric: measured.metric.name().into(),
        value: Figure::from(measured.value),
        validity: (measured.validity != Validity::Valid).then(|| measured.validity.into()),
        ..Value::default()
    };
    for fault in faults {
        match fault {
            Fault::WrongUnit => value.unit = Some("L/min".into()),
            Fault::Sentinel => value.value = Figure::Number(-999.0),
            Fault::Impossible => value.value = Figure::Number(9_999.0),
            Fault::NotAvailable => value.value = Figure::Absent,
            Fault::Questionable => value.validity = Some(Validity::Questionable.into()),
            Fault::Backfill => value.t = Some(t - BACKFILL_MS),
            _ => {}
        }
    }
    if is_off(measured.metric, faults) {
        value.value = Figure::Absent;
        value.validity = Some(Validity::Absent(Absence::SensorOff).into());
    }
    value
}

#[cfg(test)]
#[path = "device_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "taken_tests.rs"]
mod taken;
