//! The id under which PAM360 stores a certificate signing request.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{ErrorCode, typed};

/// `CSR_ID` of the vendor's call: a positive integer (declared Integer, sent as text in every vendor sample).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CsrId(u64);

impl CsrId {
    /// Reads digits; leading zeros are dropped.
    ///
    /// # Errors
    /// [`ErrorCode::CsrIdMissing`], [`ErrorCode::CsrIdNotANumber`] (also for zero, a sign or a fraction) or
    /// [`ErrorCode::CsrIdTooLarge`] beyond a signed 64-bit integer.
    pub fn parse(text: &str) -> Result<Self, ErrorCode> {
        let text = typed::code(text);
        if text.is_empty() {
            return Err(ErrorCode::CsrIdMissing);
        }
        if !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(ErrorCode::CsrIdNotANumber);
        }
        match text.parse::<i64>().ok().and_then(|id| u64::try_from(id).ok()) {
            Some(0) => Err(ErrorCode::CsrIdNotANumber),
            Some(id) => Ok(Self(id)),
            None => Err(ErrorCode::CsrIdTooLarge),
        }
    }
}

impl fmt::Display for CsrId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_digits_are_an_id() {
        assert_eq!(CsrId::parse(" 0303 ").unwrap().to_string(), "303");
        assert_eq!(CsrId::parse("\u{200E}\u{FF13}03\u{A0}").unwrap().to_string(), "303");
        assert_eq!(CsrId::parse(""), Err(ErrorCode::CsrIdMissing));
        for text in ["abc", "-1", "1.5", "0", "3 3", "٣"] {
            assert_eq!(CsrId::parse(text), Err(ErrorCode::CsrIdNotANumber), "{text}");
        }
        assert_eq!(CsrId::parse("9223372036854775808"), Err(ErrorCode::CsrIdTooLarge));
    }
}
