//! "Replay as the ward saw it": the recorded numbers through the engine, beside what was recorded.

use std::sync::Arc;

use contract::{ContractError, ReplayDifference, ReplayedAlert, ReviewReplay};
use model::{LimitRule, Quantity, ReceiptTime};
use station::Profile;
use station::whatif::{SeenDifference, as_the_ward_saw_it};

use super::source::{Source, store};

/// Replays a span.
pub fn of(
    source: &Source,
    span: (ReceiptTime, ReceiptTime),
    profile: &Arc<Profile>,
    rules: &[LimitRule],
) -> Result<ReviewReplay, ContractError> {
    let Some(recorded) = source.recorded() else {
        return Err(crate::asked::invalid(
            "a recording of another format says nothing of limits and alerts; import it, and replay the stay",
        ));
    };
    let journal = source.journal()?;
    let place = (&recorded.bed, recorded.stay.as_ref());
    let seen = as_the_ward_saw_it(&recorded.reader, place, span, profile, rules, &journal).map_err(store)?;
    Ok(ReviewReplay {
        alerts: seen
            .alerts
            .iter()
            .map(|a| ReplayedAlert {
                metric: a.metric.name().to_owned(),
                side: a.side.as_str().to_owned(),
                priority: a.priority.as_str().to_owned(),
                raised_ms: ms(a.raised),
                over_ms: a.over.map(ms),
                worst: a.worst.map(Quantity::to_f64),
            })
            .collect(),
        recorded: seen.recorded,
        differences: seen.differences.iter().map(difference).collect(),
    })
}

fn difference(difference: &SeenDifference) -> ReplayDifference {
    let what = match (difference.recorded, difference.replayed) {
        (Some(_), Some(_)) => "moved",
        (Some(_), None) => "missing",
        (None, _) => "new",
    };
    ReplayDifference {
        what: what.to_owned(),
        metric: difference.metric.name().to_owned(),
        side: difference.side.as_str().to_owned(),
        recorded_ms: difference.recorded.map(ms),
        replayed_ms: difference.replayed.map(ms),
    }
}

fn ms(at: ReceiptTime) -> f64 {
    contract::frame::millis(at.as_micros())
}
