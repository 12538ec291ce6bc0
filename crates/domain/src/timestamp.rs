//! A moment, as a number: the domain has no clock, so every moment is handed in.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::typed;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp(i64);

impl Timestamp {
    /// 9999-12-31T23:59:59Z, the last moment X.509 can write (RFC 5280, section 4.1.2.5).
    pub const LAST_X509: Self = Self(253_402_300_799_000);

    /// From milliseconds since the Unix epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Days of 86,400 seconds later; saturates instead of overflowing.
    #[must_use]
    pub fn plus_days(self, days: u32) -> Self {
        Self(self.0.saturating_add(i64::from(days) * 86_400_000))
    }

    /// The beginning of a day such as `2027-03-04`, in UTC; none for any other text.
    #[must_use]
    pub fn parse_date(text: &str) -> Option<Self> {
        let text = typed::code(text);
        let mut parts = text.splitn(3, '-');
        let mut number = |digits: usize| parts.next().filter(|it| it.len() == digits)?.parse::<u16>().ok();
        let (year, month, day) = (number(4)?, number(2)?, number(2)?);
        let month = time::Month::try_from(u8::try_from(month).ok()?).ok()?;
        let date = time::Date::from_calendar_date(i32::from(year), month, u8::try_from(day).ok()?).ok()?;
        Some(Self(date.midnight().assume_utc().unix_timestamp().saturating_mul(1_000)))
    }

    /// `2027-03-04`, in UTC; empty for a moment that no calendar of ours reaches.
    #[must_use]
    pub fn date(self) -> String {
        self.utc()
            .map(|t| format!("{:04}-{:02}-{:02}", t.year(), u8::from(t.month()), t.day()))
            .unwrap_or_default()
    }

    /// `2027-03-04 09:30:00 UTC`.
    #[must_use]
    pub fn date_time(self) -> String {
        self.utc()
            .map(|t| format!("{} {:02}:{:02}:{:02} UTC", self.date(), t.hour(), t.minute(), t.second()))
            .unwrap_or_default()
    }

    /// `2027-03-04T09:30:00.123Z` (RFC 3339), for JSON and files.
    #[must_use]
    pub fn rfc3339(self) -> String {
        self.utc()
            .map(|t| {
                let (h, m, s, ms) = (t.hour(), t.minute(), t.second(), t.millisecond());
                format!("{}T{h:02}:{m:02}:{s:02}.{ms:03}Z", self.date())
            })
            .unwrap_or_default()
    }

    fn utc(self) -> Option<OffsetDateTime> {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000).ok()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_in_three_ways() {
        let moment = Timestamp::from_millis(1_795_507_201_042);
        assert_eq!(moment.date(), "2026-11-24");
        assert_eq!(moment.date_time(), "2026-11-24 08:00:01 UTC");
        assert_eq!(moment.rfc3339(), "2026-11-24T08:00:01.042Z");
        assert_eq!(Timestamp::LAST_X509.date_time(), "9999-12-31 23:59:59 UTC");
        assert_eq!(Timestamp::from_millis(i64::MAX).date(), "");
        assert_eq!(Timestamp::parse_date("2026-11-24").unwrap().date_time(), "2026-11-24 00:00:00 UTC");
        for text in ["", "2026-13-01", "2026-02-30", "24.11.2026", "2026-1-1", "+026-01-01x"] {
            assert_eq!(Timestamp::parse_date(text), None, "{text}");
        }
    }
}
