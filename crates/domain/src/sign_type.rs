//! The two ways of signing that the vendor's page documents for PAM360.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{ErrorCode, typed};

/// `signType` of the vendor's call. The page's default is `MSCA`; this program always sends the field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SignType {
    /// A Microsoft Certificate Authority that PAM360 knows.
    #[serde(rename = "MSCA")]
    Msca,
    /// A root or intermediate certificate whose key PAM360 holds.
    #[default]
    #[serde(rename = "signWithRoot")]
    SignWithRoot,
}

impl SignType {
    /// Both, in the order in which they are offered.
    pub const ALL: &'static [Self] = &[Self::SignWithRoot, Self::Msca];

    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Msca => "MSCA",
            Self::SignWithRoot => "signWithRoot",
        }
    }

    /// Reads the word on the wire, in any case.
    ///
    /// # Errors
    /// [`ErrorCode::SignTypeMissing`], or [`ErrorCode::SignTypeUnknown`] for any other word.
    pub fn parse(text: &str) -> Result<Self, ErrorCode> {
        let text = typed::code(text);
        if text.is_empty() {
            return Err(ErrorCode::SignTypeMissing);
        }
        Self::ALL
            .iter()
            .copied()
            .find(|it| it.as_str().eq_ignore_ascii_case(&text))
            .ok_or(ErrorCode::SignTypeUnknown)
    }
}

impl fmt::Display for SignType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
