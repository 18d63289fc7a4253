//! Values to readings.

use std::time::Duration;

use model::{DeviceClock, DeviceTime, Numeric, NumericTiming, Observation, ReceiptTime, RejectReason, Timeliness};

use super::greeting::Known;
use super::session::device_time;
use super::{Numerics, Session, Step};
use crate::reading::reading;
use crate::step::{Tally, shown};

/// A value must stand at least this far behind the newest time of the device to count as back-filled.
const LATE_AFTER_MIN: Duration = Duration::from_secs(10);

impl Session {
    /// Takes the values of a message, each by itself: a bad one costs nothing but itself.
    pub(super) fn numerics(
        &self,
        now: ReceiptTime,
        t: DeviceTime,
        numerics: &Numerics<'_>,
        step: &mut Step,
        tally: &mut Tally,
    ) {
        let Some(greeting) = &self.greeting else { return };
        step.observations.reserve(numerics.values.len());
        for value in &numerics.values {
            let known = match greeting.numeric(&value.metric) {
                Ok(known) => known,
                Err(reason) => {
                    tally.add(reason, 1, || not_described(reason, shown(&value.metric)));
                    continue;
                }
            };
            let Some(reading) = reading(known.metric, known.conversion, value, tally) else {
                continue;
            };
            let measured_at = value.t.map_or(t, device_time);
            let timeliness = self.timeliness(now, measured_at, &known, tally);
            step.observations.push(Observation::Numeric(Numeric {
                metric: known.metric,
                reading,
                measured_at,
                received_at: now,
                timing: known.timing,
                mode: greeting.mode,
                timeliness,
            }));
        }
    }

    fn timeliness(&self, now: ReceiptTime, measured_at: DeviceTime, known: &Known, tally: &mut Tally) -> Timeliness {
        let Some(newest) = self.newest.at else {
            return Timeliness::Live;
        };
        let (NumericTiming::Every(period) | NumericTiming::Intermittent(period)) = known.timing;
        let slack = (period * 2).max(LATE_AFTER_MIN);
        // A reset clock says nothing about order: what it stamps is taken as of now.
        if measured_at.against(now) == DeviceClock::Absurd || measured_at.plus(slack) >= newest {
            return Timeliness::Live;
        }
        tally.add(RejectReason::Late, 1, || {
            format!(
                "{} came more than {} s late; it is stored and raises no alert",
                known.metric,
                slack.as_secs()
            )
        });
        Timeliness::Late
    }
}

fn not_described(reason: RejectReason, name: &str) -> String {
    if matches!(reason, RejectReason::OutOfPlace | RejectReason::UnknownMetric) {
        format!("expected a number that hello describes, got {name}; describe it first")
    } else {
        format!("expected a number that hello describes well, got {name}, which was refused there; correct hello")
    }
}
