//! The journal of a stay, told for a time line: alerts with what was done about them, limits while they held, pauses, notes.

use std::collections::BTreeMap;

use contract::{
    ContractError, ReviewAlert, ReviewEvents, ReviewLimits, ReviewNote, ReviewPause, ReviewStep, alert_row,
};
use model::{
    AlertId, AlertState, ConditionPresence, JournalEntry, JournalKind, LimitRule, Limits, Priority, Quantity,
    ReceiptTime,
};

use super::source::Source;

/// Everything that happened; `rules` are the limits in force at the end.
pub fn of(source: &Source, rules: &[LimitRule]) -> Result<ReviewEvents, ContractError> {
    Ok(told(&source.journal()?, rules))
}

fn told(journal: &[JournalEntry], rules: &[LimitRule]) -> ReviewEvents {
    let mut alerts: BTreeMap<AlertId, ReviewAlert> = BTreeMap::new();
    let mut pauses: Vec<ReviewPause> = Vec::new();
    let mut notes = Vec::new();
    for entry in journal {
        if let Some(state) = &entry.alert {
            let alert = alerts.entry(state.id).or_insert_with(|| begun(entry, state));
            take(alert, entry, state);
        }
        match (&entry.pause, entry.kind) {
            (Some(pause), JournalKind::PauseEnded) => {
                let open = pauses
                    .iter_mut()
                    .rfind(|p| p.metric == pause.metric.name() && p.side == pause.side.as_str());
                if let Some(open) = open {
                    open.until_ms = open.until_ms.min(ms(entry.at));
                }
            }
            (Some(pause), _) => pauses.push(ReviewPause {
                metric: pause.metric.name().to_owned(),
                side: pause.side.as_str().to_owned(),
                from_ms: ms(pause.since),
                until_ms: ms(pause.until),
                by: pause.by.to_string(),
                reason: pause.reason.clone(),
            }),
            (None, _) => {}
        }
        notes.extend(note(entry));
    }
    let mut alerts: Vec<ReviewAlert> = alerts.into_values().collect();
    alerts.sort_by(|a, b| a.raised_ms.total_cmp(&b.raised_ms));
    ReviewEvents {
        alerts,
        limits: limits(journal, rules),
        pauses,
        notes,
    }
}

fn begun(entry: &JournalEntry, state: &AlertState) -> ReviewAlert {
    ReviewAlert {
        id: state.id.0,
        message: message(entry),
        metric: state.cause.metric().map(|m| m.name().to_owned()),
        side: state.cause.side().map(|s| s.as_str().to_owned()),
        kind: state.kind.as_str().to_owned(),
        priority: state.priority.as_str().to_owned(),
        since_ms: ms(state.since),
        raised_ms: ms(state.raised_at),
        over_ms: None,
        occurrence: state.occurrence,
        steps: Vec::new(),
    }
}

fn message(entry: &JournalEntry) -> String {
    alert_row(entry).alert.map(|a| a.message).unwrap_or_default()
}

fn take(alert: &mut ReviewAlert, entry: &JournalEntry, state: &AlertState) {
    if state.presence == ConditionPresence::Active {
        alert.message = message(entry);
    }
    if Priority::parse(&alert.priority).is_none_or(|known| state.priority > known) {
        state.priority.as_str().clone_into(&mut alert.priority);
    }
    if state.presence == ConditionPresence::Cleared {
        alert.over_ms = alert.over_ms.or(Some(ms(entry.at)));
    }
    alert.steps.push(ReviewStep {
        at_ms: ms(entry.at),
        what: entry.kind.as_str().to_owned(),
        person: entry.person.as_ref().map(ToString::to_string),
        words: entry.reason.clone(),
    });
}

/// What of the journal stands on the time line as itself. Alerts and pauses stand there already, marks are a layer.
fn note(entry: &JournalEntry) -> Option<ReviewNote> {
    let detail = || entry.detail.clone().unwrap_or_default();
    let (what, text) = match entry.kind {
        // What was imported with a recording has its words as a detail, and nobody who wrote them.
        JournalKind::Noted => ("note", entry.reason.clone().unwrap_or_else(detail)),
        JournalKind::LimitsChanged | JournalKind::LimitsRestored => ("limits", limits_words(entry)),
        JournalKind::Connectivity => ("link", detail()),
        JournalKind::DeviceIdentified => ("device", detail()),
        JournalKind::Assessed => ("assessed", assessed(entry)),
        JournalKind::BedChecked => ("checked", "bed looked over".to_owned()),
        JournalKind::BedConfigured | JournalKind::StationStarted | JournalKind::StationStopped => (
            "station",
            format!("{} {}", entry.kind.as_str().replace('-', " "), detail()),
        ),
        JournalKind::Admitted
        | JournalKind::PatientJoined
        | JournalKind::Transferred
        | JournalKind::Discharged
        | JournalKind::AdtUndone => (
            "stay",
            format!("{} {}", entry.kind.as_str().replace('-', " "), detail()),
        ),
        JournalKind::Rejected | JournalKind::StoreFault => ("station", detail()),
        JournalKind::AlertRaised
        | JournalKind::AlertWorsened
        | JournalKind::AlertCleared
        | JournalKind::AlertAcknowledged
        | JournalKind::AlertRealerted
        | JournalKind::AlertAccepted
        | JournalKind::AlertAcceptUndone
        | JournalKind::AlertDeclined
        | JournalKind::AlertEscalated
        | JournalKind::AlertSeen
        | JournalKind::AlertMoved
        | JournalKind::Annotated
        | JournalKind::Paused
        | JournalKind::PauseEnded
        | JournalKind::SignedIn
        | JournalKind::SignedOut
        | JournalKind::PeopleChanged => return None,
    };
    Some(ReviewNote {
        at_ms: ms(entry.at),
        what: what.to_owned(),
        lost: entry.kind == JournalKind::Connectivity && text.contains("lost"),
        text: text.trim().to_owned(),
        person: entry.person.as_ref().map(ToString::to_string),
    })
}

fn assessed(entry: &JournalEntry) -> String {
    entry.assessment.as_ref().map_or_else(String::new, |found| {
        format!("{}, {}", found.consciousness.as_str(), found.breathing.as_str())
    })
}

fn limits_words(entry: &JournalEntry) -> String {
    let Some(change) = entry.limits else {
        return String::new();
    };
    let words = |rule: Option<LimitRule>| rule.map_or_else(|| "none".to_owned(), |r| bounds(r.limits));
    let said = format!(
        "{} limits {} to {}",
        change.metric.label(),
        words(change.before),
        words(change.after)
    );
    match &entry.reason {
        Some(reason) => format!("{said}: {reason}"),
        None => said,
    }
}

fn bounds(limits: Limits) -> String {
    let said = |q: Option<Quantity>| q.map_or_else(|| "…".to_owned(), |q| q.to_string());
    format!("{}–{}", said(limits.low()), said(limits.high()))
}

/// Each number's limits while they held: before its first change those that the change replaced, without a change those
/// in force.
fn limits(journal: &[JournalEntry], rules: &[LimitRule]) -> Vec<ReviewLimits> {
    let mut spans: Vec<ReviewLimits> = Vec::new();
    let changes: Vec<_> = journal.iter().filter_map(|e| e.limits.map(|l| (e, l))).collect();
    for rule in rules {
        if !changes.iter().any(|(_, l)| l.metric == rule.metric) {
            spans.push(span(rule.metric, None, Some(*rule)));
        }
    }
    for (entry, change) in &changes {
        let known = spans.iter_mut().rfind(|s| s.metric == change.metric.name());
        match known {
            Some(known) => known.until_ms = Some(ms(entry.at)),
            None => spans.push(ReviewLimits {
                until_ms: Some(ms(entry.at)),
                ..span(change.metric, None, change.before)
            }),
        }
        spans.push(ReviewLimits {
            person: entry.person.as_ref().map(ToString::to_string),
            reason: entry.reason.clone(),
            ..span(change.metric, Some(entry.at), change.after)
        });
    }
    spans
}

fn span(metric: model::MetricCode, from: Option<ReceiptTime>, rule: Option<LimitRule>) -> ReviewLimits {
    ReviewLimits {
        metric: metric.name().to_owned(),
        from_ms: from.map(ms),
        until_ms: None,
        low: rule.and_then(|r| r.limits.low()).map(Quantity::to_f64),
        high: rule.and_then(|r| r.limits.high()).map(Quantity::to_f64),
        person: None,
        reason: None,
    }
}

fn ms(at: ReceiptTime) -> f64 {
    contract::frame::millis(at.as_micros())
}

#[cfg(test)]
mod tests {
    use model::{LimitsChange, MetricCode, Person};

    use super::*;

    fn rule(low: i32, high: i32) -> LimitRule {
        let q = |n| Quantity::from_integer(n).ok();
        LimitRule {
            metric: MetricCode::HeartRate,
            limits: Limits::new(q(low), q(high)).unwrap(),
            priority: Priority::Medium,
            delay: std::time::Duration::from_secs(5),
            hysteresis: Quantity::from_thousandths(1_000),
        }
    }

    #[test]
    fn limits_stand_from_the_beginning_and_change_when_a_person_changed_them() {
        let mut entry = JournalEntry::new(ReceiptTime::from_millis(60_000), JournalKind::LimitsChanged);
        entry.person = Person::new("TEST Nurse").ok();
        entry.reason = Some("after surgery".to_owned());
        entry.limits = Some(LimitsChange {
            metric: MetricCode::HeartRate,
            before: Some(rule(50, 120)),
            after: Some(rule(60, 100)),
            until: None,
        });
        let told = told(&[entry], &[rule(60, 100)]);
        let spans: Vec<_> = told.limits.iter().map(|l| (l.from_ms, l.until_ms, l.low)).collect();
        assert_eq!(
            spans,
            [(None, Some(60_000.0), Some(50.0)), (Some(60_000.0), None, Some(60.0))]
        );
        assert_eq!(told.notes[0].text, "HR limits 50–120 to 60–100: after surgery");
    }
}
