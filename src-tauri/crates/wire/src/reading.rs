//! One value of a peer to one reading: the same rules for every feed.

use model::{Absence, MetricCode, Quantity, Reading, RejectReason};

use crate::native::{Figure, Validity, Value};
use crate::nomenclature::{self, Conversion, Read};
use crate::step::{Tally, shown};

/// The reading of a value; `None` when it is not taken.
pub(crate) fn reading(
    metric: MetricCode,
    declared: Conversion,
    value: &Value<'_>,
    tally: &mut Tally,
) -> Option<Reading> {
    let validity = match &value.validity {
        None => Validity::Valid,
        Some(word) => Validity::parse(word).unwrap_or_else(|| {
            tally.add(RejectReason::Malformed, 1, || {
                format!(
                    "expected a validity of FEED.md for {metric}, got {}; taken as questionable",
                    shown(word)
                )
            });
            Validity::Questionable
        }),
    };
    if let Validity::Absent(absence) = validity {
        return Some(Reading::Invalid(absence));
    }
    let number = match value.value {
        Figure::Number(number) => number,
        Figure::Absent => return Some(Reading::Invalid(Absence::NotAvailable)),
        Figure::Foreign => {
            tally.add(RejectReason::Malformed, 1, || {
                format!("expected a number or null for {metric}, got text or something else; write it without quotes")
            });
            return None;
        }
    };
    let conversion = match &value.unit {
        None => declared,
        Some(unit) => nomenclature::conversion(metric, unit).or_else(|| {
            tally.add(RejectReason::WrongUnit, 1, || {
                format!(
                    "expected {} for {metric}, got {}; convert it",
                    metric.unit().ucum(),
                    shown(unit)
                )
            });
            None
        })?,
    };
    match nomenclature::read(metric, conversion, number) {
        Read::Value(quantity) if validity == Validity::Questionable => Some(Reading::Questionable(quantity)),
        Read::Value(quantity) => Some(Reading::Value(quantity)),
        Read::Sentinel => {
            tally.add(RejectReason::Sentinel, 1, || {
                format!("expected null where {metric} has no value, got {number}; taken as no value")
            });
            Some(Reading::Invalid(Absence::NotAvailable))
        }
        Read::Impossible => {
            tally.add(RejectReason::ImpossibleValue, 1, || impossible(metric));
            None
        }
    }
}

fn impossible(metric: MetricCode) -> String {
    let (low, high) = metric.plausible_thousandths();
    format!(
        "expected {metric} from {} to {} {}, got a value outside; send null when there is none",
        Quantity::from_thousandths(low),
        Quantity::from_thousandths(high),
        metric.unit().ucum()
    )
}
