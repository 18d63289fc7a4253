//! The journal gives back every field, and what a station needs to go on after a restart.

#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

mod kit;

use std::time::Duration;

use kit::{START, bed, entry, journal, open};
use model::{
    AlertId, AlertKind, AlertState, Assessment, Breathing, Cause, ConditionPresence, Consciousness, EncounterId,
    JournalEntry, JournalKind, LimitRule, Limits, LimitsChange, MetricCode, Pause, Person, Priority, Quantity,
    ReceiptTime, Response, Rung, Side, SignalPresence, Source, SpO2Scale,
};
use store::{JournalQuery, Order, Reader};

fn at(second: i64) -> ReceiptTime {
    ReceiptTime::from_micros(START + second * 1_000_000)
}

fn alert(id: u64, version: u32, presence: ConditionPresence, signal: SignalPresence) -> AlertState {
    AlertState {
        id: AlertId(id),
        version,
        bed: Some(bed("bed-07")),
        cause: Cause::Limit {
            metric: MetricCode::SpO2,
            side: Side::Low,
        },
        kind: AlertKind::Physiological,
        priority: Priority::High,
        source: Source::Station,
        presence,
        signal,
        since: at(1),
        raised_at: at(2),
        worst: Some(Quantity::from_thousandths(83_500)),
        limit: Some(Quantity::from_thousandths(88_000)),
        owner: Some(Person::new("N. Example").unwrap()),
        realert_at: Some(at(120)),
        text: Some("with a\nline and an ä".to_owned()),
        response: Response::Accepted,
        responder: Some(Person::new("N. Other").unwrap()),
        rung: Rung::Second,
        occurrence: 3,
        episode_since: at(0),
    }
}

fn of_alert(second: i64, kind: JournalKind, state: AlertState) -> JournalEntry {
    JournalEntry {
        bed: state.bed.clone(),
        encounter: EncounterId::new("stay-1").ok(),
        alert: Some(state),
        ..JournalEntry::new(at(second), kind)
    }
}

fn rule(low: i32) -> LimitRule {
    LimitRule {
        metric: MetricCode::SpO2,
        limits: Limits::new(Some(Quantity::from_thousandths(low)), None).unwrap(),
        priority: Priority::Medium,
        delay: Duration::from_secs(10),
        hysteresis: Quantity::from_thousandths(1_000),
    }
}

fn limits(second: i64, before: Option<LimitRule>, after: Option<LimitRule>) -> JournalEntry {
    JournalEntry {
        bed: Some(bed("bed-07")),
        person: Some(Person::new("Dr. Example").unwrap()),
        reason: Some("COPD".to_owned()),
        limits: Some(LimitsChange {
            metric: MetricCode::SpO2,
            before,
            after,
            until: Some(at(900)),
        }),
        ..JournalEntry::new(at(second), JournalKind::LimitsChanged)
    }
}

fn pause(second: i64, kind: JournalKind) -> JournalEntry {
    JournalEntry {
        bed: Some(bed("bed-07")),
        person: Some(Person::new("N. Other").unwrap()),
        pause: Some(Pause {
            bed: bed("bed-07"),
            metric: MetricCode::SpO2,
            side: Side::Low,
            by: Person::new("N. Example").unwrap(),
            reason: "suction".to_owned(),
            since: at(10),
            until: at(70),
            breaks_above: Priority::Medium,
        }),
        ..JournalEntry::new(at(second), kind)
    }
}

fn assessment(second: i64) -> JournalEntry {
    let by = Person::new("N. Example").unwrap();
    JournalEntry {
        bed: Some(bed("bed-07")),
        person: Some(by.clone()),
        assessment: Some(Assessment {
            consciousness: Consciousness::Voice,
            breathing: Breathing::Oxygen,
            scale: SpO2Scale::Two,
            by,
            at: at(second),
        }),
        ..JournalEntry::new(at(second), JournalKind::Assessed)
    }
}

#[test]
fn entries_come_back_with_every_field_and_a_restart_finds_what_is_open() {
    use ConditionPresence::{Active, Cleared};
    use SignalPresence::{Acknowledged, Latched, Off, On};
    let dir = tempfile::tempdir().unwrap();
    let mut device = alert(4, 1, Active, On);
    device.cause = Cause::Device {
        code: "lead-off".to_owned(),
    };
    (device.bed, device.owner, device.worst, device.limit) = (None, None, None, None);
    let entries = vec![
        JournalEntry::new(at(0), JournalKind::StationStarted),
        of_alert(2, JournalKind::AlertRaised, alert(1, 1, Active, On)),
        of_alert(3, JournalKind::AlertRaised, alert(2, 1, Active, On)),
        of_alert(4, JournalKind::AlertAcknowledged, alert(2, 2, Active, Acknowledged)),
        of_alert(5, JournalKind::AlertCleared, alert(1, 2, Cleared, Off)),
        of_alert(6, JournalKind::AlertRaised, alert(3, 1, Cleared, Latched)),
        of_alert(7, JournalKind::AlertRaised, device),
        limits(8, None, Some(rule(88_000))),
        limits(9, Some(rule(88_000)), Some(rule(85_000))),
        entry(10),
        pause(11, JournalKind::Paused),
        pause(12, JournalKind::PauseEnded),
        assessment(13),
    ];
    let (writer, opened) = open(dir.path());
    assert!(opened.last_station_stop_was_clean, "it never ran here");
    assert_eq!(opened.next_alert_id, 1);
    journal(&writer, entries.clone()).unwrap();
    writer.close().unwrap();

    let (writer, opened) = open(dir.path());
    assert!(!opened.last_station_stop_was_clean);
    assert_eq!(opened.next_alert_id, 5);
    let standing: Vec<_> = opened.standing.clone();
    // Alert 2 acknowledged, 3 latched, 4 on; the second limit; the end of the pause; the assessment.
    assert_eq!(standing, [3, 5, 6, 8, 11, 12].map(|i: usize| entries[i].clone()));
    assert_eq!(opened.notices, Vec::<String>::new());
    journal(&writer, vec![JournalEntry::new(at(14), JournalKind::StationStopped)]).unwrap();
    writer.close().unwrap();

    let reader = Reader::open(dir.path()).unwrap();
    let query = JournalQuery {
        order: Order::OldestFirst,
        rows_max: Some(13),
        ..JournalQuery::default()
    };
    let rows = reader.journal(&query).unwrap();
    assert_eq!(rows.iter().map(|r| r.entry.clone()).collect::<Vec<_>>(), entries);
    assert_eq!(
        rows.iter().map(|r| r.id).collect::<Vec<_>>(),
        (1..=13).collect::<Vec<_>>()
    );
    let newest = reader.alerts(Some(&bed("bed-07")), 2).unwrap();
    assert_eq!(newest.iter().map(|r| r.id).collect::<Vec<_>>(), [6, 5]);
    assert!(open(dir.path()).1.last_station_stop_was_clean);
}

#[test]
fn a_trend_keeps_the_extremes_and_leaves_gaps_out() {
    let dir = tempfile::tempdir().unwrap();
    let (writer, _) = open(dir.path());
    for second in (0..60).chain(120..180) {
        let value = if second == 30 { 20_000 } else { 60_000 };
        writer.numeric(&bed("bed-01"), &kit::numeric(START + second * 1_000_000, value));
    }
    writer.flush().unwrap();
    let reader = Reader::open(dir.path()).unwrap();
    let window = store::Window::all(bed("bed-01"), MetricCode::HeartRate).between(at(0), at(180));
    let bins = reader.trend(&window, 3).unwrap();
    let thousandths: Vec<_> = bins
        .iter()
        .map(|b| (b.at, b.min.thousandths(), b.mean.thousandths(), b.count))
        .collect();
    assert_eq!(
        thousandths,
        [(at(0), 20_000, 59_333, 60), (at(120), 60_000, 60_000, 60)]
    );
    writer.close().unwrap();
}

#[test]
fn what_was_measured_when_the_recording_ended_is_known() {
    let dir = tempfile::tempdir().unwrap();
    let (writer, _) = open(dir.path());
    for second in 0..600 {
        let number = kit::numeric(START + second * 1_000_000, 60_000);
        writer.numeric(&bed("bed-01"), &number);
        let mut stopped = number.clone();
        stopped.metric = MetricCode::SpO2;
        if second < 200 {
            writer.numeric(&bed("bed-01"), &stopped);
        }
        let mut never = number;
        never.metric = MetricCode::RespirationRate;
        never.reading = model::Reading::Invalid(model::Absence::NotAvailable);
        writer.numeric(&bed("bed-01"), &never);
    }
    let lately = |dir: &std::path::Path| {
        let found = Reader::open(dir).unwrap().measured_lately(Duration::from_mins(1));
        found
            .unwrap()
            .into_iter()
            .map(|(_, _, metric)| metric)
            .collect::<Vec<_>>()
    };
    writer.flush().unwrap();
    assert_eq!(lately(dir.path()), [MetricCode::HeartRate], "while it records");
    writer.close().unwrap();
    assert_eq!(lately(dir.path()), [MetricCode::HeartRate], "and afterwards");
}
