//! When a record begins.

use model::DeviceTime;

/// A day of the Gregorian calendar, 1800 to 2999: shifted records stand in the 28th century and are read as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// A day that exists; `None` where it does not.
    ///
    /// ```
    /// use wire::wfdb::Date;
    /// assert!(Date::new(2704, 2, 29).is_some());
    /// assert!(Date::new(2703, 2, 29).is_none());
    /// ```
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return None,
        };
        ((1800..3000).contains(&year) && (1..=days).contains(&day)).then_some(Self { year, month, day })
    }

    /// The day so many days after 1970-01-01; `None` before 1800 and after 2999.
    pub fn from_days_since_1970(days: i64) -> Option<Self> {
        // The way back of `days_since_1970`, by the same algorithm.
        let days = days.checked_add(719_468)?;
        let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = u8::try_from(day_of_year - (153 * month + 2) / 5 + 1).ok()?;
        let month = u8::try_from(if month < 10 { month + 3 } else { month - 9 }).ok()?;
        let year = u16::try_from(era * 400 + year_of_era + i64::from(month <= 2)).ok()?;
        Self::new(year, month, day)
    }

    /// Year, month, day.
    pub const fn parts(self) -> (u16, u8, u8) {
        (self.year, self.month, self.day)
    }

    /// Days since 1970-01-01, negative before.
    pub fn days_since_1970(self) -> i64 {
        // Counted from 1 March, so that the leap day is the last of its year (H. Hinnant, "chrono-compatible
        // low-level date algorithms").
        let year = i64::from(self.year) - i64::from(self.month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let month = (i64::from(self.month) + 9) % 12;
        let day_of_year = (153 * month + 2) / 5 + i64::from(self.day) - 1;
        era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
    }
}

/// The base time and date of a record; either may be missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Start {
    /// Microseconds since midnight.
    pub time_of_day_us: Option<u64>,
    /// The day.
    pub date: Option<Date>,
}

impl Start {
    /// The start so many microseconds after 1970-01-01; no start where the year is not 1800 to 2999.
    pub fn from_micros(micros: i64) -> Self {
        const DAY: i64 = 86_400_000_000;
        let date = Date::from_days_since_1970(micros.div_euclid(DAY));
        Self {
            time_of_day_us: date.and_then(|_| u64::try_from(micros.rem_euclid(DAY)).ok()),
            date,
        }
    }

    /// The start as a device's clock showed it, where both time and date are there.
    ///
    /// WFDB names no time zone: it is read as UTC.
    pub fn device_time(self) -> Option<DeviceTime> {
        let time = i64::try_from(self.time_of_day_us?).ok()?;
        Some(DeviceTime::from_micros(
            self.date?.days_since_1970() * 86_400_000_000 + time,
        ))
    }
}

/// `HH:MM:SS.ssssss`, `MM:SS` or `SS`, in microseconds since midnight.
pub(super) fn time_of_day(text: &str) -> Option<u64> {
    let mut parts = text.rsplit(':');
    let (whole, fraction) = match parts.next()?.split_once('.') {
        Some((whole, fraction)) => (whole, fraction),
        None => (text.rsplit(':').next()?, ""),
    };
    let seconds = digits(whole)?;
    let minutes = parts.next().map_or(Some(0), digits)?;
    let hours = parts.next().map_or(Some(0), digits)?;
    if parts.next().is_some() || minutes > 59 && hours > 0 || hours > 23 || seconds > 59 && text.contains(':') {
        return None;
    }
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let micros: String = fraction.chars().chain("000000".chars()).take(6).collect();
    let total = (hours * 3_600 + minutes * 60 + seconds) * 1_000_000 + micros.parse::<u64>().ok()?;
    (total < 86_400_000_000).then_some(total)
}

/// `DD/MM/YYYY`.
pub(super) fn date(text: &str) -> Option<Date> {
    let mut parts = text.split('/');
    let day = u8::try_from(digits(parts.next()?)?).ok()?;
    let month = u8::try_from(digits(parts.next()?)?).ok()?;
    let year = u16::try_from(digits(parts.next()?)?).ok()?;
    if parts.next().is_some() {
        return None;
    }
    Date::new(year, month, day)
}

fn digits(text: &str) -> Option<u64> {
    (1..=9)
        .contains(&text.len())
        .then(|| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()))??
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_agree_with_known_dates_over_eleven_centuries() {
        for (date, days) in [
            (Date::new(1970, 1, 1), 0),
            (Date::new(1900, 1, 1), -25_567),
            (Date::new(2000, 2, 29), 11_016),
            (Date::new(2000, 3, 1), 11_017),
            (Date::new(2999, 12, 31), 376_199),
        ] {
            assert_eq!(date.unwrap().days_since_1970(), days, "{date:?}");
        }
    }

    #[test]
    fn every_day_from_1900_to_2999_follows_the_day_before() {
        let mut expected = -25_567;
        for year in 1900..3000 {
            for month in 1..=12 {
                for day in 1..=31 {
                    if let Some(date) = Date::new(year, month, day) {
                        assert_eq!(date.days_since_1970(), expected);
                        assert_eq!(Date::from_days_since_1970(expected), Some(date));
                        expected += 1;
                    }
                }
            }
        }
        assert_eq!(expected, 376_200);
    }

    #[test]
    fn times_of_day_have_three_shapes() {
        assert_eq!(time_of_day("17:27:45"), Some(62_865_000_000));
        assert_eq!(time_of_day("10:44:00.5"), Some(38_640_500_000));
        assert_eq!(time_of_day("1:30"), Some(90_000_000));
        assert_eq!(time_of_day("30"), Some(30_000_000));
        for wrong in ["", "25:00:00", "1:2:3:4", "a", "12:00:61", "10:00:00.x", "-1"] {
            assert_eq!(time_of_day(wrong), None, "{wrong}");
        }
    }
}
