//! What an alert says to people.

use model::{AlertKind, AlertState, Cause, ConditionPresence, MetricCode, Priority, Quantity, ScoreTrigger, Side};

/// `***`, `**`, `*` about the patient; `!!!`, `!!`, `!` about the equipment.
const fn marks(priority: Priority, kind: AlertKind) -> &'static str {
    match (kind, priority) {
        (AlertKind::Physiological, Priority::High) => "***",
        (AlertKind::Physiological, Priority::Medium) => "**",
        (AlertKind::Physiological, Priority::Low) => "*",
        (AlertKind::Technical, Priority::High) => "!!!",
        (AlertKind::Technical, Priority::Medium) => "!!",
        (AlertKind::Technical, Priority::Low) => "!",
    }
}

/// With the metric's decimals where they tell the truth, with all of them where they do not: 89.999 below 90
/// must not read "90 < 90".
fn number(value: Quantity, metric: MetricCode) -> String {
    let places = u32::from(metric.decimals());
    let step = Quantity::PER_UNIT / 10_i32.pow(places.min(3));
    if value.thousandths() % step == 0 {
        format!("{value:.*}", usize::from(metric.decimals()))
    } else {
        value.to_string()
    }
}

/// The message with its marks: `** SpO₂ 84 < 88`: `*` about the patient, `!` about the equipment, three for high
/// priority and one for low; then the worst value and the limit it crossed, or what happened and why. No times: the
/// screen knows how to say them.
pub fn message(state: &AlertState) -> String {
    let mut line = format!("{} {}", marks(state.priority, state.kind), body(state));
    if state.presence == ConditionPresence::Cleared && !state.is_over() {
        line.push_str(" · over, nobody has acknowledged it");
    }
    line
}

fn body(state: &AlertState) -> String {
    let text = state.text.as_deref().filter(|t| !t.is_empty());
    let with = |what: String, joint: &str| match text {
        Some(text) => format!("{what}{joint}{text}"),
        None => what,
    };
    match &state.cause {
        Cause::Limit { metric, side } => with(limit(state, *metric, *side), " · "),
        Cause::FeedLost => with("No data from the monitor".to_owned(), ": "),
        Cause::Stale { metric } => with(format!("{}: no new values", metric.label()), " · "),
        Cause::SensorOff { metric } => with(format!("{}: sensor off", metric.label()), " · "),
        Cause::InvalidValue { metric } => with(format!("{}: no valid value", metric.label()), ", "),
        Cause::DeviceClock => with("The monitor's clock cannot be right".to_owned(), ": "),
        Cause::Device { code } => format!("Monitor: {}", text.unwrap_or(code)),
        Cause::Rule { id } => text.unwrap_or(id).to_owned(),
        Cause::EarlyWarning { trigger } => early_warning(state, *trigger),
        Cause::Disk => with("History is not being written".to_owned(), ": "),
        Cause::Sound => with("Alerts cannot sound".to_owned(), ": "),
        Cause::PageDead => with("The screen does not answer".to_owned(), ": "),
    }
}

/// `NEWS2 7 ≥ 5`, or which part scores 3 alone, or which parts do.
fn early_warning(state: &AlertState, trigger: ScoreTrigger) -> String {
    let text = state.text.as_deref().unwrap_or_default();
    match (trigger, state.worst, state.limit) {
        (ScoreTrigger::Total, Some(worst), Some(limit)) => {
            let metric = MetricCode::EarlyWarningScore;
            let line = format!("NEWS2 {} ≥ {}", number(worst, metric), number(limit, metric));
            if text.is_empty() {
                line
            } else {
                format!("{line} · {text}")
            }
        }
        (ScoreTrigger::Total | ScoreTrigger::Single, _, _) if text.contains(", ") => {
            format!("NEWS2: {text} score 3 each")
        }
        (ScoreTrigger::Total | ScoreTrigger::Single, _, _) => format!("NEWS2: {text} alone scores 3"),
    }
}

fn limit(state: &AlertState, metric: MetricCode, side: Side) -> String {
    let (sign, words) = match side {
        Side::Low => ("<", "too low"),
        Side::High => (">", "too high"),
    };
    match (state.worst, state.limit) {
        (Some(worst), Some(limit)) => {
            format!(
                "{} {} {sign} {}",
                metric.label(),
                number(worst, metric),
                number(limit, metric)
            )
        }
        _ => format!("{} {words}", metric.label()),
    }
}

/// What to do, in a sentence; empty where the message says it all.
pub fn remedy(state: &AlertState) -> String {
    let sentence = match &state.cause {
        Cause::Limit { .. } | Cause::Rule { .. } => "",
        Cause::EarlyWarning { .. } => "See the patient; the parts of the score are on the bed's screen.",
        Cause::FeedLost => {
            "Look after the patient at the bedside monitor; check that it is on and connected. The station reconnects by itself."
        }
        Cause::Stale { .. } => "Check the sensor and the monitor: the monitor answers, but sends this number no more.",
        Cause::SensorOff { .. } => "Put the sensor or lead back on the patient.",
        Cause::InvalidValue { .. } => "Check the sensor at the bedside: the monitor cannot measure.",
        Cause::DeviceClock => "Set the monitor's clock. Alerts are not affected: the station goes by its own clock.",
        Cause::Device { .. } => "Look at the bedside monitor: this alert is its own.",
        Cause::Disk => "Monitoring goes on, but nothing is recorded. Free space on the disk or call technical support.",
        Cause::Sound => "Stay in sight of the screen; check loudspeaker, volume and sound card.",
        Cause::PageDead => "The screen restarts by itself. Until then, watch the bedside monitors.",
    };
    sentence.to_owned()
}

#[cfg(test)]
mod tests {
    use model::{AlertId, ReceiptTime, SignalPresence, Source};

    use super::*;

    fn state(cause: Cause, priority: Priority, kind: AlertKind) -> AlertState {
        AlertState {
            id: AlertId(1),
            version: 1,
            bed: None,
            cause,
            kind,
            priority,
            source: Source::Station,
            presence: ConditionPresence::Active,
            signal: SignalPresence::On,
            since: ReceiptTime::from_millis(0),
            raised_at: ReceiptTime::from_millis(0),
            worst: None,
            limit: None,
            owner: None,
            realert_at: None,
            response: model::Response::None,
            responder: None,
            rung: model::Rung::First,
            occurrence: 1,
            episode_since: ReceiptTime::from_millis(0),
            text: None,
        }
    }

    fn crossing(metric: MetricCode, side: Side, priority: Priority, worst: i32, limit: i32) -> String {
        message(&AlertState {
            worst: Some(Quantity::from_thousandths(worst)),
            limit: Some(Quantity::from_thousandths(limit)),
            ..state(Cause::Limit { metric, side }, priority, AlertKind::Physiological)
        })
    }

    #[test]
    fn a_crossing_says_its_worst_value_and_its_limit() {
        let spo2 = |priority, worst| crossing(MetricCode::SpO2, Side::Low, priority, worst, 88_000);
        assert_eq!(spo2(Priority::High, 84_000), "*** SpO₂ 84 < 88");
        assert_eq!(spo2(Priority::Medium, 84_000), "** SpO₂ 84 < 88");
        assert_eq!(spo2(Priority::Low, 84_000), "* SpO₂ 84 < 88");
        assert_eq!(spo2(Priority::Low, 87_999), "* SpO₂ 87.999 < 88");
        assert_eq!(
            crossing(MetricCode::Temperature, Side::High, Priority::Low, 39_000, 38_500),
            "* Temp 39.0 > 38.5"
        );
        assert_eq!(
            crossing(MetricCode::CentralVenousMean, Side::Low, Priority::Low, -3_000, 0),
            "* CVP -3 < 0"
        );
    }

    #[test]
    fn equipment_is_marked_apart_and_everything_but_a_crossing_says_what_to_do() {
        let metric = MetricCode::SpO2;
        let causes = [
            Cause::FeedLost,
            Cause::Stale { metric },
            Cause::SensorOff { metric },
            Cause::InvalidValue { metric },
            Cause::DeviceClock,
            Cause::Device {
                code: "lead-off".to_owned(),
            },
            Cause::Disk,
            Cause::Sound,
            Cause::PageDead,
        ];
        for cause in causes {
            let state = state(cause, Priority::Low, AlertKind::Technical);
            assert!(message(&state).starts_with("! "), "{}", message(&state));
            assert!(remedy(&state).ends_with('.'));
        }
        let side = Side::Low;
        let crossing = state(Cause::Limit { metric, side }, Priority::High, AlertKind::Physiological);
        assert_eq!(message(&crossing), "*** SpO₂ too low");
        assert_eq!(remedy(&crossing), "");
    }
}
