//! Validity in days, and the end date it gives.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{ErrorCode, Timestamp, typed};

/// `Validity` of the vendor's call: whole days, at least one, within a signed 32-bit integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValidityDays(u32);

impl ValidityDays {
    /// The largest value an Integer field takes.
    pub const MAX: u32 = 2_147_483_647;

    /// Reads a whole number of days.
    ///
    /// # Errors
    /// [`ErrorCode::ValidityMissing`], [`ErrorCode::ValidityNotWhole`], [`ErrorCode::ValidityBelowOne`] or
    /// [`ErrorCode::ValidityTooLarge`].
    pub fn parse(text: &str) -> Result<Self, ErrorCode> {
        let text = typed::code(text);
        if text.is_empty() {
            return Err(ErrorCode::ValidityMissing);
        }
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.as_ref()),
        };
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(ErrorCode::ValidityNotWhole);
        }
        match digits.trim_start_matches('0') {
            "" => Err(ErrorCode::ValidityBelowOne),
            _ if negative => Err(ErrorCode::ValidityBelowOne),
            significant => match significant.parse::<u32>() {
                Ok(days) if days <= Self::MAX => Ok(Self(days)),
                _ => Err(ErrorCode::ValidityTooLarge),
            },
        }
    }

    /// The number of days.
    #[must_use]
    pub fn days(self) -> u32 {
        self.0
    }

    /// When a certificate signed at `signed_at` would end, if the server counts days of 86,400 seconds from the
    /// moment it signs (the vendor's page does not say).
    ///
    /// # Errors
    /// [`ErrorCode::ValidityPast9999`]: X.509 has no later date (RFC 5280, section 4.1.2.5).
    pub fn end(self, signed_at: Timestamp) -> Result<Timestamp, ErrorCode> {
        let end = signed_at.plus_days(self.0);
        if end > Timestamp::LAST_X509 { Err(ErrorCode::ValidityPast9999) } else { Ok(end) }
    }
}

impl fmt::Display for ValidityDays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_are_named_one_by_one() {
        assert_eq!(ValidityDays::parse("0100").unwrap().days(), 100);
        assert_eq!(ValidityDays::parse("\u{200B}100\u{FEFF}").unwrap().days(), 100);
        assert_eq!(ValidityDays::parse("\u{2212}3"), Err(ErrorCode::ValidityBelowOne));
        assert_eq!(ValidityDays::parse(""), Err(ErrorCode::ValidityMissing));
        assert_eq!(ValidityDays::parse("0"), Err(ErrorCode::ValidityBelowOne));
        assert_eq!(ValidityDays::parse("-3"), Err(ErrorCode::ValidityBelowOne));
        for text in ["1.5", "1,5", "ten", "1e3", "-", "+5", "-1.5"] {
            assert_eq!(ValidityDays::parse(text), Err(ErrorCode::ValidityNotWhole), "{text}");
        }
        assert_eq!(ValidityDays::parse("2147483647").unwrap().days(), ValidityDays::MAX);
        assert_eq!(ValidityDays::parse("2147483648"), Err(ErrorCode::ValidityTooLarge));
        assert_eq!(ValidityDays::parse("99999999999999999999"), Err(ErrorCode::ValidityTooLarge));
    }

    #[test]
    fn the_end_date_stops_at_the_last_one_x509_can_write() {
        let now = Timestamp::from_millis(1_795_507_200_000);
        let days = ValidityDays::parse("199").unwrap();
        assert_eq!(days.end(now).unwrap().date(), now.plus_days(199).date());
        assert_eq!(ValidityDays::parse("3000000").unwrap().end(now), Err(ErrorCode::ValidityPast9999));
        assert_eq!(ValidityDays::parse("2147483647").unwrap().end(now), Err(ErrorCode::ValidityPast9999));
    }
}
