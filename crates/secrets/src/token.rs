//! The AUTHTOKEN: visible ASCII that goes into one request header.
//!
//! Owns its rules and its redaction. Refuses to own where a token is kept between sessions.

use std::fmt;

use domain::{ErrorCode, Field, Problem};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::REDACTED;

/// A PAM360 AUTHTOKEN: visible ASCII, 1 to 512 characters. Overwritten in memory when dropped.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct AuthToken(String);

impl AuthToken {
    /// The most characters a token may have.
    pub const MAX_CHARS: usize = 512;

    /// Checks a token as typed or read, cleaned by [`domain::typed::token`]. Nothing inside is removed but what nobody can
    /// see: a line break would split the header it is sent in.
    ///
    /// # Errors
    /// [`ErrorCode::TokenMissing`], [`ErrorCode::TokenMalformed`] or [`ErrorCode::TokenTooLong`].
    pub fn parse(text: Zeroizing<String>) -> Result<Self, ErrorCode> {
        let (cleaned, _) = domain::typed::token(&text);
        Self::check(&cleaned)?;
        Ok(Self(cleaned.to_string()))
    }

    /// As [`Self::parse`], and says which character is at fault.
    ///
    /// # Errors
    /// The problem of the field.
    pub fn read(text: Zeroizing<String>) -> Result<Self, Problem> {
        let (cleaned, _) = domain::typed::token(&text);
        Self::check(&cleaned).map_err(|code| Self::problem(code, &cleaned))?;
        Ok(Self(cleaned.to_string()))
    }

    fn check(text: &str) -> Result<(), ErrorCode> {
        if text.is_empty() {
            return Err(ErrorCode::TokenMissing);
        }
        if text.len() > Self::MAX_CHARS {
            return Err(ErrorCode::TokenTooLong);
        }
        if !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(ErrorCode::TokenMalformed);
        }
        Ok(())
    }

    /// What is wrong with a text that is no token, with the place of the character at fault; nothing else of it.
    fn problem(code: ErrorCode, text: &str) -> Problem {
        let odd = (code == ErrorCode::TokenMalformed)
            .then(|| domain::text::odd_character(text, |c| c.is_ascii_graphic()))
            .flatten();
        Problem::because(Field::Token, code, odd.unwrap_or_default())
    }

    /// The token itself, for the one place that writes the request header.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The text with every occurrence of the token replaced, for words that come from outside: a server may echo what it was
    /// sent. Where the token stands in it in another spelling, such as in escapes or in other letters, nothing of the text is
    /// left. To be called before a text is clipped: a part of a token is no token that could be found.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        let replaced = text.replace(self.0.as_str(), REDACTED);
        if crate::spelled::holds(&replaced, &self.0) { REDACTED.to_owned() } else { replaced }
    }
}

impl fmt::Debug for AuthToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuthToken({REDACTED})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<AuthToken, ErrorCode> {
        AuthToken::parse(Zeroizing::new(text.to_owned()))
    }

    #[test]
    fn debug_never_shows_a_token() {
        let token = parse("B698EF92-6DE0-4F6C-AB6B-0AD7D7E4CF10").unwrap();
        let shown = format!("{token:?} {token:#?}");
        assert!(!shown.contains("B698EF92"), "{shown}");
        assert!(shown.contains(REDACTED));
    }

    #[test]
    fn an_echoed_token_is_redacted() {
        let token = parse("SECRET").unwrap();
        assert_eq!(
            token.redact("Invalid token SECRET; SECRET"),
            format!("Invalid token {REDACTED}; {REDACTED}")
        );
    }

    #[test]
    fn what_is_around_a_token_is_no_part_of_it() {
        for text in ["T", " T\r\n", "T\u{200B}", "\u{FEFF}T", "\u{A0}T\u{2060}", "\"T\"", "AUTHTOKEN: T"] {
            assert_eq!(parse(text).unwrap().expose(), "T", "{text:?}");
        }
    }

    #[test]
    fn what_is_no_token_says_why() {
        assert_eq!(parse(""), Err(ErrorCode::TokenMissing));
        assert_eq!(parse("\u{200B}"), Err(ErrorCode::TokenMissing));
        for text in ["a\nb", "a b", "a\u{0}", "tökén", "a\u{A0}b", "AUTHTOKEN: a b"] {
            assert_eq!(parse(text), Err(ErrorCode::TokenMalformed), "{text:?}");
        }
        assert_eq!(parse(&"x".repeat(513)), Err(ErrorCode::TokenTooLong));
    }
}
