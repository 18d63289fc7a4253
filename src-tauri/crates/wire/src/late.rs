//! Values that were sent after the fact: where they stand on the station's time line.

use std::time::Duration;

use model::{DeviceTime, ReceiptTime};

/// A value must stand at least this far behind the newest time of its device to count as back-filled.
pub(crate) const LATE_AFTER_MIN: Duration = Duration::from_secs(10);

/// Where a late value stands: as long before the receipt as its device says it is old. A device's clock that shows the
/// station's time within [`LATE_AFTER_MIN`] is taken as it is, so that no jitter of a network moves history.
pub(crate) fn placed(measured: DeviceTime, device_now: DeviceTime, received: ReceiptTime) -> DeviceTime {
    let offset = received.as_micros().saturating_sub(device_now.as_micros());
    if Duration::from_micros(offset.unsigned_abs()) <= LATE_AFTER_MIN {
        measured
    } else {
        DeviceTime::from_micros(measured.as_micros().saturating_add(offset))
    }
}
