//! Serial numbers as unsigned integers of any size. Owns comparing and spelling them; which serial comes next is the
//! world's business. Comparison is numeric because the vendor's own samples drop leading zeros (`19a581cb50d`, 11 digits).

use std::fmt;

/// An unsigned serial number: big-endian bytes without leading zeros.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Serial(Vec<u8>);

impl Serial {
    /// At most this many hex digits are read: RFC 5280 allows 20 bytes, and a bound keeps hostile input cheap.
    const MAX_DIGITS: usize = 128;

    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.iter().copied().skip_while(|byte| *byte == 0).collect())
    }

    /// Reads hex as people write it: `0x`, colons, spaces between, either case, leading zeros. `None` for anything else.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
        let digits: Vec<char> = text.chars().filter(|c| !matches!(c, ':' | ' ')).collect();
        if digits.is_empty() || digits.len() > Self::MAX_DIGITS {
            return None;
        }
        let values: Option<Vec<u8>> =
            digits.iter().map(|c| c.to_digit(16).map(|value| value as u8)).collect();
        // From the right, so that an odd count of digits leaves a single digit for the first byte.
        let bytes: Vec<u8> =
            values?.rchunks(2).rev().map(|pair| pair.iter().fold(0, |sum, v| sum << 4 | v)).collect();
        Some(Self::from_bytes(&bytes))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The low 128 bits, enough for every serial the stand-in makes.
    pub(crate) fn low_u128(&self) -> u128 {
        self.0.iter().fold(0, |sum, byte| sum << 8 | u128::from(*byte))
    }
}

impl From<u64> for Serial {
    fn from(value: u64) -> Self {
        Self::from_bytes(&value.to_be_bytes())
    }
}

impl fmt::Display for Serial {
    /// Lower-case hex without padding, as on the vendor's page.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((first, rest)) = self.0.split_first() else { return f.write_str("0") };
        write!(f, "{first:x}")?;
        rest.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Serial({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_number_are_equal() {
        let wanted = Serial::from(0x019a_581c_b50d);
        assert_eq!(wanted.to_string(), "19a581cb50d");
        for text in
            ["19a581cb50d", "0x19A581CB50D", "01:9a:58:1c:b5:0d", "00000019a581cb50d", " 019A 581C B50D "]
        {
            assert_eq!(Serial::from_text(text).as_ref(), Some(&wanted), "{text}");
        }
        assert_ne!(Serial::from_text("19a581cb50e"), Some(wanted));
    }

    #[test]
    fn what_is_not_hex_is_no_serial() {
        for text in ["", "0x", "::", "xyz", "-1", "1.5", &"f".repeat(129)] {
            assert_eq!(Serial::from_text(text), None, "{text}");
        }
        assert_eq!(Serial::from_text("0").map(|serial| serial.to_string()), Some("0".to_owned()));
    }
}
