//! Values to readings.

use std::time::Duration;

use model::{DeviceClock, DeviceTime, Numeric, NumericTiming, Observation, ReceiptTime, RejectReason, Timeliness};

use super::greeting::Known;
use super::session::device_time;
use super::{Numerics, Session, Step};
use crate::late::{LATE_AFTER_MIN, placed};
use crate::reading::reading;
use crate::step::{Tally, shown};

/// Times of one clock that cannot be are compared with each other when they stand no further apart than this: what a
/// device keeps to send later.
const KEPT_AT_MOST: Duration = Duration::from_hours(30 * 24);

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
            let said = value.t.map_or(t, device_time);
            let placed = self.late(now, t, said, &known, tally);
            step.observations.push(Observation::Numeric(Numeric {
                metric: known.metric,
                reading,
                measured_at: placed.unwrap_or(said),
                received_at: now,
                timing: known.timing,
                mode: greeting.mode,
                timeliness: placed.map_or(Timeliness::Live, |_| Timeliness::Late),
            }));
        }
    }

    /// Where a value stands that comes late; `None` for one of now. `t` is the message's own time.
    fn late(
        &self,
        now: ReceiptTime,
        t: DeviceTime,
        said: DeviceTime,
        known: &Known,
        tally: &mut Tally,
    ) -> Option<DeviceTime> {
        let (NumericTiming::Every(period) | NumericTiming::Intermittent(period)) = known.timing;
        let slack = (period * 2).max(LATE_AFTER_MIN);
        let (newest, received) = if t.against(now) == DeviceClock::Absurd {
            (t, now)
        } else {
            (self.newest.at?, self.newest.received?)
        };
        // A reset clock says nothing about the order of what another clock stamped: that is taken as of now.
        let comparable = said.against(now) != DeviceClock::Absurd && newest.against(now) != DeviceClock::Absurd
            || said.plus(KEPT_AT_MOST) >= newest;
        if !comparable || said.plus(slack) >= newest {
            return None;
        }
        tally.add(RejectReason::Late, 1, || {
            format!(
                "{} came more than {} s late; it is stored and raises no alert",
                known.metric,
                slack.as_secs()
            )
        });
        Some(placed(said, newest, received))
    }
}

fn not_described(reason: RejectReason, name: &str) -> String {
    if matches!(reason, RejectReason::OutOfPlace | RejectReason::UnknownMetric) {
        format!("expected a number that hello describes, got {name}; describe it first")
    } else {
        format!("expected a number that hello describes well, got {name}, which was refused there; correct hello")
    }
}
