//! A stay of a day in a history of its own, written as a station writes it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use model::{
    AlertId, AlertKind, AlertState, Assessment, Bed, BedId, Breathing, Cause, ConditionPresence, Consciousness,
    DeviceTime, Encounter, EncounterId, GenerationMode, JournalEntry, JournalKind, LimitRule, Limits, LimitsChange,
    Location, MetricCode, Numeric, NumericTiming, Patient, PatientId, Pause, Person, Priority, Quantity, Reading,
    ReceiptTime, Redacted, Response, Rung, SampleArray, SampleRate, Scale, Side, SignalPresence, Source, SpO2Scale,
    Timeliness,
};
use store::{StoreOptions, Writer};

use super::{ECG, PLETH, after};

pub fn bed() -> BedId {
    BedId::new("bed-07").unwrap()
}

fn who(name: &str) -> Person {
    Person::new(name).unwrap()
}

fn units(value: f64) -> Quantity {
    Quantity::from_f64(value).unwrap()
}

/// A history in the making.
pub struct History {
    writer: Writer,
    stay: EncounterId,
    mode: GenerationMode,
    next_alert: u64,
    pub journal: Vec<JournalEntry>,
}

impl History {
    /// One patient lies down in bed 7.
    pub fn begin(dir: &Path, mode: GenerationMode) -> Self {
        let (writer, _) = store::open(dir, StoreOptions::default(), Box::new(|_| {}), Box::new(|_| {})).unwrap();
        let mut history = Self {
            writer,
            stay: EncounterId::new("stay-0").unwrap(),
            mode,
            next_alert: 1,
            journal: Vec::new(),
        };
        history.admit(0.0, "7", "DEMO, Bed 07");
        history
    }

    /// Another patient lies down in it.
    pub fn admit(&mut self, at: f64, number: &str, name: &str) {
        self.stay = EncounterId::new(&format!("stay-{number}")).unwrap();
        let place = Bed {
            id: bed(),
            label: "Bed 07".to_owned(),
            location: Location {
                unit: "Demo ward".to_owned(),
                room: Some("Room 3".to_owned()),
            },
        };
        let encounter = Encounter {
            id: self.stay.clone(),
            patient: Some(Patient {
                id: Redacted(PatientId::new(&format!("DEMO-{number:0>4}")).unwrap()),
                name: Redacted(name.to_owned()),
            }),
        };
        self.writer.beds(after(at), vec![(place, encounter)]);
    }

    pub fn entry(&self, at: f64, kind: JournalKind, person: Option<&str>) -> JournalEntry {
        let mut entry = JournalEntry::new(after(at), kind);
        entry.bed = Some(bed());
        entry.encounter = Some(self.stay.clone());
        entry.person = person.map(who);
        entry
    }

    pub fn number(&self, at: f64, metric: MetricCode, value: f64, timing: NumericTiming) {
        let numeric = Numeric {
            metric,
            reading: Reading::Value(units(value)),
            measured_at: DeviceTime::from_micros(after(at).as_micros()),
            received_at: after(at),
            timing,
            mode: self.mode,
            timeliness: Timeliness::Live,
        };
        assert_eq!(self.writer.numeric(&bed(), &numeric), store::Taken::Yes);
    }

    /// Samples in blocks of a second, from `at` seconds on.
    pub fn wave(&self, at: f64, metric: MetricCode, hertz: u32, scale: Scale, samples: &[i16]) {
        for (second, block) in samples.chunks(hertz as usize).enumerate() {
            let start = after(at + second as f64);
            let block = SampleArray {
                metric,
                measured_at: DeviceTime::from_micros(start.as_micros()),
                received_at: start,
                start,
                rate: SampleRate::new(hertz, 1).unwrap(),
                scale,
                mode: self.mode,
                samples: block.to_vec(),
                gap_before: second == 0,
            };
            assert_eq!(self.writer.waves(&bed(), Arc::new(block)), store::Taken::Yes);
        }
        self.writer.flush().unwrap();
    }

    /// An alert that is answered after `answered` seconds by a person, and over after `lasts`.
    pub fn alert(
        &mut self,
        at: f64,
        cause: Cause,
        priority: Priority,
        answer: Option<(f64, &str)>,
        lasts: Option<f64>,
    ) {
        let (worst, limit) = match (&cause, cause.metric(), cause.side()) {
            (Cause::Limit { .. }, Some(MetricCode::RespirationRate), _) => (Some(27.0), Some(24.0)),
            (Cause::Limit { .. }, _, Some(Side::Low)) => (Some(86.0), Some(90.0)),
            (Cause::Limit { .. }, _, Some(Side::High)) => (Some(134.0), Some(120.0)),
            _ => (None, None),
        };
        let kind = if matches!(cause, Cause::FeedLost | Cause::SensorOff { .. }) {
            AlertKind::Technical
        } else {
            AlertKind::Physiological
        };
        let mut state = AlertState {
            id: AlertId(self.next_alert),
            version: 1,
            bed: Some(bed()),
            cause,
            kind,
            priority,
            source: Source::Station,
            presence: ConditionPresence::Active,
            signal: SignalPresence::On,
            since: after(at - 5.0),
            raised_at: after(at),
            worst: worst.map(units),
            limit: limit.map(units),
            owner: None,
            realert_at: None,
            response: Response::None,
            responder: None,
            rung: Rung::First,
            occurrence: 1,
            episode_since: after(at - 5.0),
            text: None,
        };
        self.next_alert += 1;
        let say = |history: &mut Self, when: f64, kind, person: Option<&str>, state: &AlertState| {
            let mut entry = history.entry(when, kind, person);
            entry.alert = Some(state.clone());
            history.journal.push(entry);
        };
        say(self, at, JournalKind::AlertRaised, None, &state);
        if let Some((after_s, person)) = answer {
            if after_s > 60.0 {
                state.rung = Rung::Second;
                state.version += 1;
                say(self, at + 60.0, JournalKind::AlertEscalated, None, &state);
            }
            state.signal = SignalPresence::Acknowledged;
            state.owner = Some(who(person));
            state.version += 1;
            state.realert_at = Some(after(at + after_s + 120.0));
            say(self, at + after_s, JournalKind::AlertAcknowledged, Some(person), &state);
        }
        if let Some(lasts) = lasts {
            state.presence = ConditionPresence::Cleared;
            state.signal = SignalPresence::Off;
            state.version += 1;
            say(self, at + lasts, JournalKind::AlertCleared, None, &state);
        }
    }

    /// Writes the journal, in order of time, and closes the file.
    pub fn end(mut self) {
        self.journal.sort_by_key(|entry| entry.at);
        let entries = std::mem::take(&mut self.journal);
        self.writer.journal(entries, Box::new(|result| result.unwrap()));
        self.writer.close().unwrap();
    }
}

/// How a day goes: slow waves, a fall of oxygen in the night, a fast spell by day.
fn vitals(hour: f64, tick: u32) -> [(MetricCode, f64); 4] {
    let noise = |seed: u32| f64::from((tick.wrapping_mul(2_654_435_761).wrapping_add(seed) >> 16) % 1_000) / 1_000.0;
    let bump = |at: f64, width: f64| (-((hour - at) / width).powi(2)).exp();
    let heart = 72.0 + 6.0 * (hour / 3.8).sin() + 52.0 * bump(9.2, 0.35) + 8.0 * noise(1);
    let oxygen = (97.5 - 9.5 * bump(16.5, 0.4) - 3.0 * bump(20.0, 0.8) - 1.5 * noise(2)).min(100.0);
    let breath = 14.0 + 3.0 * (hour / 2.1).sin() + 9.0 * bump(16.6, 0.6) + 2.0 * noise(3);
    let warm = 36.8 + 0.9 * bump(14.0, 4.0) + 0.1 * noise(4);
    [
        (MetricCode::HeartRate, heart.round()),
        (MetricCode::SpO2, oxygen.round()),
        (MetricCode::RespirationRate, breath.round()),
        (MetricCode::Temperature, (warm * 10.0).round() / 10.0),
    ]
}

fn numbers(history: &History) {
    let every = NumericTiming::Every(Duration::from_secs(20));
    for tick in 0..4_320_u32 {
        let at = f64::from(tick) * 20.0;
        // The patient is away for half an hour.
        if (39_600.0..41_400.0).contains(&at) {
            continue;
        }
        for (metric, value) in vitals(at / 3_600.0, tick) {
            history.number(at, metric, value, every);
        }
        if tick % 1_000 == 999 {
            history.writer.flush().unwrap();
        }
    }
    let cuff = NumericTiming::Intermittent(Duration::from_mins(30));
    for half_hour in 1..48_u32 {
        let at = f64::from(half_hour) * 1_800.0;
        let sway = 9.0 * (f64::from(half_hour) / 5.0).sin();
        for (metric, value) in [
            (MetricCode::NibpSystolic, 124.0 + sway),
            (MetricCode::NibpMean, 92.0 + sway * 0.7),
            (MetricCode::NibpDiastolic, 74.0 + sway * 0.5),
        ] {
            history.number(at, metric, value.round(), cuff);
        }
    }
}

fn words(history: &mut History) {
    let rule = |low: i32, high: i32| LimitRule {
        metric: MetricCode::HeartRate,
        limits: Limits::new(Quantity::from_integer(low).ok(), Quantity::from_integer(high).ok()).unwrap(),
        priority: Priority::Medium,
        delay: Duration::from_secs(5),
        hysteresis: units(2.0),
    };
    let mut entry = history.entry(34_200.0, JournalKind::LimitsChanged, Some("Kim Osei"));
    entry.reason = Some("fast rhythm known, agreed with the registrar".to_owned());
    entry.limits = Some(LimitsChange {
        metric: MetricCode::HeartRate,
        before: Some(rule(50, 120)),
        after: Some(rule(50, 130)),
        until: Some(after(77_400.0)),
    });
    history.journal.push(entry);
    let mut entry = history.entry(77_400.0, JournalKind::LimitsRestored, None);
    entry.limits = Some(LimitsChange {
        metric: MetricCode::HeartRate,
        before: Some(rule(50, 130)),
        after: Some(rule(50, 120)),
        until: None,
    });
    history.journal.push(entry);
    let pause = Pause {
        bed: bed(),
        metric: MetricCode::SpO2,
        side: Side::Low,
        by: who("Ana Petrov"),
        reason: "probe is moved to the other hand".to_owned(),
        since: after(64_900.0),
        until: after(65_080.0),
        breaks_above: Priority::Medium,
    };
    let mut entry = history.entry(64_900.0, JournalKind::Paused, Some("Ana Petrov"));
    entry.pause = Some(pause);
    history.journal.push(entry);
    let mut entry = history.entry(50_000.0, JournalKind::Noted, Some("Ana Petrov"));
    entry.reason = Some(
        "Back from the scanner at 17:50; leads renewed, the skin was moist. Family informed, sleeps since.".to_owned(),
    );
    history.journal.push(entry);
    let mut entry = history.entry(51_000.0, JournalKind::Assessed, Some("Kim Osei"));
    entry.assessment = Some(Assessment {
        consciousness: Consciousness::Alert,
        breathing: Breathing::Oxygen,
        scale: SpO2Scale::One,
        by: who("Kim Osei"),
        at: after(51_000.0),
    });
    history.journal.push(entry);
    for (at, kind, text) in [
        (1.0, JournalKind::DeviceIdentified, "Demo Devices, virtual monitor 1.0"),
        (
            39_600.0,
            JournalKind::Connectivity,
            "ws://127.0.0.1:9107/feed: lost, nothing came for 5 s",
        ),
        (
            41_400.0,
            JournalKind::Connectivity,
            "ws://127.0.0.1:9107/feed: connected again",
        ),
    ] {
        let mut entry = history.entry(at, kind, None);
        entry.detail = Some(text.to_owned());
        history.journal.push(entry);
    }
}

fn alerts(history: &mut History) {
    let low = |metric| Cause::Limit {
        metric,
        side: Side::Low,
    };
    let high = |metric| Cause::Limit {
        metric,
        side: Side::High,
    };
    let people = ["Ana Petrov", "Kim Osei", "Sam Iyer"];
    for n in 0..14_u32 {
        let at = 31_500.0 + f64::from(n) * 260.0;
        let answer = (n % 5 != 4).then(|| (12.0 + f64::from(n * n % 90), people[n as usize % 3]));
        history.alert(
            at,
            high(MetricCode::HeartRate),
            Priority::Medium,
            answer,
            Some(95.0 + f64::from(n) * 7.0),
        );
    }
    for n in 0..11_u32 {
        let at = 57_400.0 + f64::from(n) * 410.0;
        let priority = if n % 3 == 0 { Priority::High } else { Priority::Medium };
        let answer = (n % 4 != 3).then(|| (8.0 + f64::from(n * 17 % 140), people[n as usize % 3]));
        history.alert(
            at,
            low(MetricCode::SpO2),
            priority,
            answer,
            Some(150.0 + f64::from(n) * 11.0),
        );
    }
    for n in 0..5_u32 {
        let at = 59_000.0 + f64::from(n) * 900.0;
        history.alert(at, high(MetricCode::RespirationRate), Priority::Low, None, Some(40.0));
    }
    history.alert(
        39_605.0,
        Cause::FeedLost,
        Priority::High,
        Some((25.0, "Sam Iyer")),
        Some(1_790.0),
    );
    let off = Cause::SensorOff {
        metric: MetricCode::EcgII,
    };
    history.alert(20_000.0, off, Priority::Low, Some((240.0, "Sam Iyer")), Some(400.0));
    history.alert(86_300.0, high(MetricCode::RespirationRate), Priority::Low, None, None);
}

/// A whole day with everything in it; ECG and pleth in its last five minutes.
pub fn day(dir: &Path, mode: GenerationMode) {
    let mut history = History::begin(dir, mode);
    numbers(&history);
    words(&mut history);
    alerts(&mut history);
    let samples = |bytes: &[u8], zero: i16| -> Vec<i16> {
        let sample = |pair: &[u8]| i16::from_le_bytes([pair[0], pair[1]]) - zero;
        bytes.chunks_exact(2).map(sample).collect()
    };
    let ecg = samples(ECG, 1_024);
    history.wave(
        86_100.0,
        MetricCode::EcgII,
        360,
        Scale::new(0.005, 0.0).unwrap(),
        &ecg[..360 * 299],
    );
    let pleth = samples(PLETH, 512);
    history.wave(
        86_310.0,
        MetricCode::Pleth,
        117,
        Scale::new(0.005, 0.0).unwrap(),
        &pleth[..117 * 88],
    );
    history.end();
}

/// When the day is over.
pub fn end() -> ReceiptTime {
    after(86_399.0)
}
