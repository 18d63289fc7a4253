//! "What if": recorded numbers through the real engine with other limits, for the panel beside the limits editor.

use std::time::Duration;

use contract::{ContractError, LimitsTrial, Reply, WhatIfReply, WhatIfRow};
use model::{BedId, MetricCode, Quantity, ReceiptTime};
use station::Station;
use station::whatif::{self, Difference, Trial};

use crate::asked::{bounds, invalid, number};

/// Longest span: a month.
const SPAN_MAX_US: i64 = 31 * 86_400 * 1_000_000;

/// What other limits would have done to a bed.
pub async fn what_if(
    station: &Station,
    bed: BedId,
    (from, until): (ReceiptTime, ReceiptTime),
    changes: Vec<LimitsTrial>,
) -> Result<Reply, ContractError> {
    if until <= from || until.as_micros() - from.as_micros() > SPAN_MAX_US {
        return Err(invalid("a trial looks at a month at most, with a start before the end"));
    }
    let trials: Vec<Trial> = changes.iter().map(trial).collect::<Result<_, _>>()?;
    let (profile, rules) = station
        .rules(bed.clone())
        .await
        .map_err(|refused| contract::refusal(&refused))?;
    let found = station
        .read(move |reader| {
            let mut wanted = rules.clone();
            for trial in &trials {
                trial.change(&mut wanted);
            }
            whatif::compare(reader, &bed, (from, until), &profile, &rules, &wanted)
        })
        .await
        .map_err(|refused| contract::refusal(&refused))?;
    Ok(Reply::WhatIf(WhatIfReply {
        before: found.before,
        after: found.after,
        differences: found.differences.iter().map(row).collect(),
    }))
}

fn trial(change: &LimitsTrial) -> Result<Trial, ContractError> {
    let metric: MetricCode = number(&change.metric)?;
    let delay = change.delay_ms.map(|ms| {
        Duration::try_from_secs_f64(ms / 1_000.0).map_err(|_| invalid("a delay is a number of milliseconds from 0"))
    });
    Ok(Trial {
        metric,
        limits: match (change.low, change.high) {
            (None, None) => None,
            (low, high) => Some(bounds(low, high)?),
        },
        delay: delay.transpose()?,
    })
}

fn row(difference: &Difference) -> WhatIfRow {
    let ms = |at: ReceiptTime| contract::frame::millis(at.as_micros());
    WhatIfRow {
        what: difference.what.as_str().to_owned(),
        metric: difference.metric.name().to_owned(),
        side: difference.side.as_str().to_owned(),
        before_ms: difference.before.map(ms),
        after_ms: difference.after.map(ms),
        lasts_ms: difference.lasts.map(|d| d.as_secs_f64() * 1_000.0),
        worst: difference.worst.map(Quantity::to_f64),
    }
}
