//! Two clocks, two types: [`ReceiptTime`] decides, [`DeviceTime`] is shown. They do not compare.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

/// When something reached this station, in microseconds since the Unix epoch.
///
/// It comes from a [`Clock`] that reads the wall clock once, at start, and counts on a monotonic clock from
/// there: a stepped or wrong wall clock moves no timer. Alerting and staleness are judged by it alone.
///
/// ```
/// use model::ReceiptTime;
/// use std::time::Duration;
/// let t = ReceiptTime::from_millis(1_000);
/// assert_eq!(t.plus(Duration::from_secs(2)).since(t), Duration::from_secs(2));
/// assert_eq!(t.since(t.plus(Duration::from_secs(2))), Duration::ZERO); // never negative
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReceiptTime(i64);

impl ReceiptTime {
    /// From microseconds since the Unix epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From milliseconds since the Unix epoch; saturates at the ends of the range.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// From RFC 3339 text with a zone: `2026-03-01T04:00:00Z`.
    ///
    /// ```
    /// use model::ReceiptTime;
    /// assert_eq!(ReceiptTime::from_rfc3339("1970-01-01T00:00:01Z"), Some(ReceiptTime::from_millis(1_000)));
    /// assert_eq!(ReceiptTime::from_rfc3339("yesterday"), None);
    /// ```
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        text.parse::<Timestamp>().ok().map(|t| Self(t.as_microsecond()))
    }

    /// Microseconds since the Unix epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Milliseconds since the Unix epoch, rounded down.
    pub const fn as_millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// This time and `span` later; saturates.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(micros(span)))
    }

    /// This time and `span` earlier; saturates.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(micros(span)))
    }

    /// How long after `earlier` this is; zero when it is not after.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

fn rfc3339(micros: i64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match Timestamp::from_microsecond(micros) {
        Ok(t) => write!(f, "{t}"),
        // Outside the years -9999 to 9999 there is no RFC 3339 text; the bare number is still the truth.
        Err(_) => write!(f, "{micros}us"),
    }
}

/// RFC 3339 in UTC.
impl fmt::Display for ReceiptTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        rfc3339(self.0, f)
    }
}

/// What a device says its clock showed, in microseconds since the Unix epoch. Shown, stored, never decided by.
///
/// ```
/// use model::{DeviceClock, DeviceTime, ReceiptTime};
/// let now = ReceiptTime::from_millis(1_800_000_000_000);
/// assert_eq!(DeviceTime::from_millis(0).against(now), DeviceClock::Absurd);
/// assert_eq!(DeviceTime::from_millis(1_800_000_000_900).against(now), DeviceClock::Agrees);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceTime(i64);

/// How a device's clock stands beside the station's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceClock {
    /// Within [`DeviceTime::AGREES_WITHIN`].
    Agrees,
    /// A usable clock that shows another time: `ahead_ms` is positive where the device is ahead.
    Off {
        /// Device minus station, in milliseconds.
        ahead_ms: i64,
    },
    /// Not a time a running device can have (a reset battery says 1970, a shifted record 2704).
    Absurd,
}

impl DeviceTime {
    /// Clocks nearer than this are called the same: ward devices are set by hand.
    pub const AGREES_WITHIN: Duration = Duration::from_mins(2);
    /// 2000-01-01: nothing that speaks to this program is older.
    const OLDEST_MICROS: i64 = 946_684_800_000_000;
    /// 2200-01-01.
    const NEWEST_MICROS: i64 = 7_258_118_400_000_000;

    /// From microseconds since the Unix epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From milliseconds since the Unix epoch; saturates at the ends of the range.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// Microseconds since the Unix epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Milliseconds since the Unix epoch, rounded down.
    pub const fn as_millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// This time and `span` later; saturates.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(micros(span)))
    }

    /// How this clock stands beside the station's.
    pub fn against(self, now: ReceiptTime) -> DeviceClock {
        if !(Self::OLDEST_MICROS..Self::NEWEST_MICROS).contains(&self.0) {
            return DeviceClock::Absurd;
        }
        let ahead = self.0.saturating_sub(now.0);
        if ahead.unsigned_abs() <= u64::try_from(Self::AGREES_WITHIN.as_micros()).unwrap_or(u64::MAX) {
            DeviceClock::Agrees
        } else {
            DeviceClock::Off {
                ahead_ms: ahead / 1_000,
            }
        }
    }
}

/// RFC 3339 in UTC.
impl fmt::Display for DeviceTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        rfc3339(self.0, f)
    }
}

/// Where the time comes from. One real one stands in `station`; tests bring their own.
pub trait Clock: Send + Sync {
    /// Now. Never goes back.
    fn now(&self) -> ReceiptTime;
}
