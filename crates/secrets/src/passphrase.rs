//! A secret that a person made up or was given: a proxy's password, the passphrase of a key file.
//!
//! Owns its bounds and its redaction. Refuses to own which characters mean something where it is used: whoever writes
//! it into a header or a file encodes it there.

use std::fmt;

use domain::{ErrorCode, Field, Problem};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::REDACTED;

/// A secret text of 1 to 1024 characters, any but control characters. Overwritten in memory when dropped.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Passphrase(String);

impl Passphrase {
    /// The most characters it may have.
    pub const MAX_CHARS: usize = 1024;

    /// Checks a text as typed or read. Nothing is trimmed: a space may be part of it.
    ///
    /// # Errors
    /// [`ErrorCode::PassphraseMissing`], [`ErrorCode::PassphraseMalformed`] or [`ErrorCode::PassphraseTooLong`].
    pub fn parse(text: Zeroizing<String>) -> Result<Self, ErrorCode> {
        if text.is_empty() {
            return Err(ErrorCode::PassphraseMissing);
        }
        if text.chars().nth(Self::MAX_CHARS).is_some() {
            return Err(ErrorCode::PassphraseTooLong);
        }
        if text.chars().any(char::is_control) {
            return Err(ErrorCode::PassphraseMalformed);
        }
        Ok(Self(text.to_string()))
    }

    /// As [`Self::parse`], and says which character is at fault; nothing else of the text.
    ///
    /// # Errors
    /// The problem of the field.
    pub fn read(field: Field, text: Zeroizing<String>) -> Result<Self, Problem> {
        let odd = domain::text::odd_character(&text, |c| !c.is_control()).unwrap_or_default();
        Self::parse(text).map_err(|code| match code {
            ErrorCode::PassphraseMalformed => Problem::because(field, code, odd),
            _ => Problem::new(field, code),
        })
    }

    /// The secret itself, for the one place that uses it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The text with every occurrence of the secret replaced, for words that come from outside, as
    /// [`crate::AuthToken::redact`] does.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        let replaced = text.replace(self.0.as_str(), REDACTED);
        if crate::spelled::holds(&replaced, &self.0) { REDACTED.to_owned() } else { replaced }
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Passphrase({REDACTED})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Passphrase, ErrorCode> {
        Passphrase::parse(Zeroizing::new(text.to_owned()))
    }

    #[test]
    fn debug_never_shows_a_passphrase() {
        let passphrase = parse("grüne Wolke").unwrap();
        let shown = format!("{passphrase:?} {passphrase:#?}");
        assert!(!shown.contains("Wolke"), "{shown}");
        assert_eq!(passphrase.expose(), "grüne Wolke");
        assert_eq!(parse("x y").unwrap().redact("no x y here"), format!("no {REDACTED} here"));
    }

    #[test]
    fn what_is_no_passphrase_says_why() {
        assert_eq!(parse(""), Err(ErrorCode::PassphraseMissing));
        assert_eq!(parse("a\nb"), Err(ErrorCode::PassphraseMalformed));
        assert_eq!(parse(&"ü".repeat(1025)), Err(ErrorCode::PassphraseTooLong));
        assert_eq!(parse(&"ü".repeat(1024)).unwrap().expose().chars().count(), 1024);
    }
}
