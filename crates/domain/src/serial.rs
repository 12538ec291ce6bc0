//! Certificate serial numbers: one number, many spellings.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{ErrorCode, typed};

/// A certificate's serial number, an unsigned integer of at most 20 bytes (RFC 5280, section 4.1.2.2).
///
/// Kept as lower-case hexadecimal without leading zeros, which is how the vendor writes it, so that two values
/// are equal exactly when the numbers are. An odd number of digits is normal: the vendor drops leading zeros.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SerialNumber(String);

impl SerialNumber {
    /// The most hexadecimal digits a serial number can have.
    pub const MAX_DIGITS: usize = 40;

    /// Reads any common spelling: `0x` or OpenSSL's `serial=` in front, colons, dashes or spaces between, capital letters,
    /// leading zeros.
    ///
    /// # Errors
    /// [`ErrorCode::SerialMissing`], [`ErrorCode::SerialNotHex`] or [`ErrorCode::SerialTooLong`].
    pub fn parse(text: &str) -> Result<Self, ErrorCode> {
        let text = typed::code(text);
        let text = match text.get(..7) {
            Some(label) if label.eq_ignore_ascii_case("serial=") => text[7..].trim_start(),
            _ => text.as_ref(),
        };
        let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
        // A sign is no separator: a serial number is positive.
        if digits.starts_with('-') {
            return Err(ErrorCode::SerialNotHex);
        }
        let digits: String = digits
            .chars()
            .filter(|c| !(c.is_whitespace() || matches!(c, ':' | '-')))
            .map(|c| c.to_ascii_lowercase())
            .collect();
        if digits.is_empty() {
            // "0x" and ":" hold no digit, but something was typed.
            return Err(if text.is_empty() { ErrorCode::SerialMissing } else { ErrorCode::SerialNotHex });
        }
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(ErrorCode::SerialNotHex);
        }
        let significant = digits.trim_start_matches('0');
        match significant.len() {
            0 => Ok(Self("0".to_owned())),
            1..=Self::MAX_DIGITS => Ok(Self(significant.to_owned())),
            _ => Err(ErrorCode::SerialTooLong),
        }
    }

    /// The number of decimal digits; none when there is another character, or when it is longer than 20 bytes.
    #[must_use]
    pub fn from_decimal(digits: &str) -> Option<Self> {
        let significant = digits.trim_start_matches('0');
        // 2^160 has 49 digits.
        if digits.is_empty() || significant.len() > 49 {
            return None;
        }
        let mut hexadecimal: Vec<u32> = vec![0];
        for digit in significant.chars() {
            let mut carry = digit.to_digit(10)?;
            for place in &mut hexadecimal {
                let value = *place * 10 + carry;
                *place = value % 16;
                carry = value / 16;
            }
            if carry > 0 {
                hexadecimal.push(carry);
            }
        }
        let text: String =
            hexadecimal.iter().rev().filter_map(|digit| char::from_digit(*digit, 16)).collect();
        Self::parse(&text).ok()
    }

    /// Lower-case hexadecimal without leading zeros: the vendor's spelling, used on the wire.
    #[must_use]
    pub fn hex(&self) -> &str {
        &self.0
    }

    /// Upper-case byte pairs with colons, as OpenSSL and browsers show it.
    #[must_use]
    pub fn colons(&self) -> String {
        let padded = if self.0.len().is_multiple_of(2) { self.0.clone() } else { format!("0{}", self.0) };
        let pairs: Vec<String> = padded
            .as_bytes()
            .chunks(2)
            .map(|pair| pair.iter().map(|b| char::from(b.to_ascii_uppercase())).collect())
            .collect();
        pairs.join(":")
    }

    /// Decimal, as Windows tools and some databases show it.
    #[must_use]
    pub fn decimal(&self) -> String {
        // Schoolbook: at most 40 digits in, 49 out; a big-integer crate would be more code than this.
        let mut decimal: Vec<u32> = vec![0];
        for digit in self.0.chars() {
            let mut carry = digit.to_digit(16).unwrap_or(0);
            for place in &mut decimal {
                let value = *place * 16 + carry;
                *place = value % 10;
                carry = value / 10;
            }
            while carry > 0 {
                decimal.push(carry % 10);
                carry /= 10;
            }
        }
        decimal.iter().rev().filter_map(|digit| char::from_digit(*digit, 10)).collect()
    }
}

impl TryFrom<String> for SerialNumber {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).map_err(|code| code.what().to_owned())
    }
}

impl From<SerialNumber> for String {
    fn from(serial: SerialNumber) -> Self {
        serial.0
    }
}

impl fmt::Display for SerialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_spelling_is_the_same_number() {
        let expected = SerialNumber::parse("1879376424c").unwrap();
        for spelling in [
            "0x1879376424C",
            "01:87:93:76:42:4C",
            "01-87-93-76-42-4C",
            " 0187 9376 424c ",
            "0000001879376424c",
            "serial=01879376424C",
            "\u{FF11}879376424c",
            // As the certificate dialog of Windows gives it to the clipboard.
            include_str!("../tests/cases/11-left-to-right-mark.txt"),
            include_str!("../tests/cases/11-zero-width-space.txt"),
        ] {
            assert_eq!(SerialNumber::parse(spelling), Ok(expected.clone()), "{spelling}");
        }
        assert_eq!(SerialNumber::from_decimal("1681806213708"), Some(expected.clone()));
        assert_eq!(expected.hex(), "1879376424c");
        assert_eq!(expected.colons(), "01:87:93:76:42:4C");
        assert_eq!(expected.decimal(), "1681806213708");
    }

    #[test]
    fn what_is_not_a_serial_number_says_why() {
        assert_eq!(SerialNumber::parse("  "), Err(ErrorCode::SerialMissing));
        assert_eq!(SerialNumber::parse("0x"), Err(ErrorCode::SerialNotHex));
        assert_eq!(SerialNumber::parse("12g4"), Err(ErrorCode::SerialNotHex));
        assert_eq!(SerialNumber::parse("-12"), Err(ErrorCode::SerialNotHex));
        for text in ["", "1.0", "1e5", "-1", &"9".repeat(50)] {
            assert_eq!(SerialNumber::from_decimal(text), None, "{text}");
        }
        assert_eq!(SerialNumber::parse(&"f".repeat(41)), Err(ErrorCode::SerialTooLong));
        assert_eq!(SerialNumber::parse("000").unwrap().decimal(), "0");
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in ".{0,80}") {
            let _ = SerialNumber::parse(&text);
        }

        #[test]
        fn spellings_agree_with_integer_arithmetic(number: u128) {
            let serial = SerialNumber::parse(&format!("{number:x}")).unwrap();
            prop_assert_eq!(serial.decimal(), number.to_string());
            prop_assert_eq!(SerialNumber::from_decimal(&number.to_string()), Some(serial.clone()));
            prop_assert_eq!(SerialNumber::parse(&serial.colons()).unwrap(), serial);
        }
    }
}
