//! What an alert says to people.

use model::{AlertKind, AlertState, Cause, ConditionPresence, MetricCode, Priority, Quantity, Side};

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

/// The message with its marks: `** SpO₂ 84 < 88`. No times: the screen knows how to say them.
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
        Cause::Disk => with("History is not being written".to_owned(), ": "),
        Cause::Sound => with("Alerts cannot sound".to_owned(), ": "),
        Cause::PageDead => with("The screen does not answer".to_owned(), ": "),
    }
}

fn limit(state: &AlertState, metric: MetricCode, side: Side) -> String {
    let sign = match side {
        Side::Low => "<",
        Side::High => ">",
    };
    let side = match side {
        Side::Low => "too low",
        Side::High => "too high",
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
        _ => format!("{} {side}", metric.label()),
    }
}

/// What to do, in a sentence; empty where the message says it all.
pub fn remedy(state: &AlertState) -> String {
    let sentence = match &state.cause {
        Cause::Limit { .. } => "",
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
