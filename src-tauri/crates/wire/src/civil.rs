//! Microseconds since 1970 as a day and a time of day, without a zone.

/// A moment as a calendar and a clock show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    pub year: i64,
    pub month: u8,
    pub day: u8,
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
    pub micros: u32,
}

impl Civil {
    /// H. Hinnant, "chrono-compatible low-level date algorithms": years are counted from 1 March.
    pub fn of_micros(us: i64) -> Self {
        let (days, rest) = (us.div_euclid(86_400_000_000), us.rem_euclid(86_400_000_000));
        let shifted = days + 719_468;
        let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let month = if from_march < 10 {
            from_march + 3
        } else {
            from_march - 9
        };
        let small = |value: i64| u8::try_from(value).unwrap_or_default();
        Self {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month: small(month),
            day: small(day_of_year - (153 * from_march + 2) / 5 + 1),
            hour: small(rest / 3_600_000_000),
            minute: small(rest / 60_000_000 % 60),
            second: small(rest / 1_000_000 % 60),
            micros: u32::try_from(rest % 1_000_000).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wfdb::Date;

    proptest! {
        #[test]
        fn the_day_is_the_one_that_was_counted(days in -25_567_i64..376_200, rest in 0_i64..86_400_000_000) {
            let civil = Civil::of_micros(days * 86_400_000_000 + rest);
            let year = u16::try_from(civil.year).unwrap();
            let date = Date::new(year, civil.month, civil.day).unwrap();
            prop_assert_eq!(date.days_since_1970(), days);
            let (hour, minute, second) = (i64::from(civil.hour), i64::from(civil.minute), i64::from(civil.second));
            prop_assert_eq!(((hour * 60 + minute) * 60 + second) * 1_000_000 + i64::from(civil.micros), rest);
        }
    }
}
