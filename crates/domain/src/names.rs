//! Names a person types: bounded, on one line, otherwise left as they are.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{ErrorCode, typed};

const MAX_CHARS: usize = 255;

enum Fault {
    Malformed,
    TooLong,
}

/// Trims, and checks length and control characters; an empty name is the caller's to judge.
fn one_line(text: &str) -> Result<String, Fault> {
    let text = typed::name(text);
    if text.chars().count() > MAX_CHARS {
        return Err(Fault::TooLong);
    }
    if text.chars().any(char::is_control) {
        return Err(Fault::Malformed);
    }
    Ok(text.to_owned())
}

/// `rootCertificateCommonName`: the common name of the issuer, at most 255 characters.
///
/// X.520 allows 64, but stored roots with longer names exist, and the vendor's page names no limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommonName(String);

impl CommonName {
    /// Reads a name of one line.
    ///
    /// # Errors
    /// [`ErrorCode::RootCnMissing`], [`ErrorCode::RootCnTooLong`] or [`ErrorCode::RootCnMalformed`].
    pub fn parse(text: &str) -> Result<Self, ErrorCode> {
        match one_line(text) {
            Ok(name) if name.is_empty() => Err(ErrorCode::RootCnMissing),
            Ok(name) => Ok(Self(name)),
            Err(Fault::TooLong) => Err(ErrorCode::RootCnTooLong),
            Err(Fault::Malformed) => Err(ErrorCode::RootCnMalformed),
        }
    }

    /// The name as typed, trimmed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CommonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The header `orgName`: an organization's display name, at most 255 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrgName(String);

impl OrgName {
    /// Reads a name of one line; nothing typed means the user's own organization, which is no name at all.
    ///
    /// # Errors
    /// [`ErrorCode::OrganizationTooLong`] or [`ErrorCode::OrganizationMalformed`].
    pub fn parse(text: &str) -> Result<Option<Self>, ErrorCode> {
        match one_line(text) {
            Ok(name) if name.is_empty() => Ok(None),
            Ok(name) => Ok(Some(Self(name))),
            Err(Fault::TooLong) => Err(ErrorCode::OrganizationTooLong),
            Err(Fault::Malformed) => Err(ErrorCode::OrganizationMalformed),
        }
    }

    /// The name as typed, trimmed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OrgName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_bounded_line() {
        assert_eq!(CommonName::parse(" testroot ").unwrap().as_str(), "testroot");
        assert_eq!(CommonName::parse(" "), Err(ErrorCode::RootCnMissing));
        assert_eq!(CommonName::parse("a\nb"), Err(ErrorCode::RootCnMalformed));
        assert_eq!(CommonName::parse(&"ä".repeat(256)), Err(ErrorCode::RootCnTooLong));
        assert_eq!(OrgName::parse("  "), Ok(None));
        assert_eq!(OrgName::parse("a\u{7}"), Err(ErrorCode::OrganizationMalformed));
        assert_eq!(OrgName::parse(&"x".repeat(256)), Err(ErrorCode::OrganizationTooLong));
    }
}
