//! How far an uploader's clock stands from the server's, as far as entries that come one by one can tell.

use std::time::Duration;

use model::{DeviceTime, ReceiptTime};

/// Within this an entry is new whatever the clocks: then the uploader's clock counts as right.
const RIGHT_WITHIN: Duration = Duration::from_mins(10);

/// How far apart the lags of entries that follow one another may be: one sensor reading. A back-fill that comes entry by
/// entry closes in faster.
const STEADY_WITHIN: Duration = Duration::from_mins(5);

/// How long a lag must stand before it counts once: longer than a quick back-fill stays within [`STEADY_WITHIN`].
const STANDS_FOR: Duration = Duration::from_mins(3);

/// How often it must count: three entries of a five-minute sensor.
const STEADY_TIMES: u32 = 2;

/// The lag of an uploader's entries behind the server's clock.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// Believed, in microseconds; negative where the uploader's clock is ahead.
    lag: i64,
    /// The lag that is being watched, and since when.
    watched: Option<(i64, ReceiptTime)>,
    steady: u32,
}

impl Pace {
    /// How far the uploader's clock is behind the server's, in microseconds.
    pub(super) const fn lag_micros(&self) -> i64 {
        self.lag
    }

    /// A new entry appeared with this lag. `true` when that shows the uploader's clock to stand elsewhere than believed.
    pub(super) fn moved(&mut self, now: ReceiptTime, lag: i64) -> bool {
        match self.watched {
            Some((watched, since)) if apart(watched, lag) <= STEADY_WITHIN => {
                if now.since(since) >= STANDS_FOR {
                    self.steady += 1;
                    self.watched = Some((lag, now));
                }
            }
            Some(_) | None => {
                self.steady = 0;
                self.watched = Some((lag, now));
            }
        }
        let right = apart(lag, 0) <= RIGHT_WITHIN;
        if !right && self.steady < STEADY_TIMES {
            return false;
        }
        let believed = if right { 0 } else { lag };
        let moved = apart(believed, self.lag) > RIGHT_WITHIN;
        if moved {
            self.lag = believed;
        }
        moved
    }
}

fn apart(a: i64, b: i64) -> Duration {
    Duration::from_micros(a.abs_diff(b))
}

/// A span in microseconds.
pub(super) fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

/// The `Date` header of an answer (RFC 9110, 5.6.7): only the form that servers must send is read.
///
/// ```
/// use model::DeviceTime;
/// use wire::nightscout::http_date;
/// let date = http_date("Fri, 15 Jan 2027 08:00:00 GMT");
/// assert_eq!(date, Some(DeviceTime::from_millis(1_800_000_000_000)));
/// assert_eq!(http_date("yesterday"), None);
/// ```
pub fn http_date(header: &str) -> Option<DeviceTime> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let (_, date) = header.trim().split_once(", ")?;
    let mut words = date.split(' ');
    let (day, month, year) = (words.next()?, words.next()?, words.next()?);
    let (time, zone) = (words.next()?, words.next()?);
    let month = MONTHS.iter().position(|m| *m == month)? + 1;
    if zone != "GMT" {
        return None;
    }
    let time = ReceiptTime::from_rfc3339(&format!("{year}-{month:02}-{day}T{time}Z"))?;
    Some(DeviceTime::from_micros(time.as_micros()))
}
