//! What a page sends when a person typed a secret: readable only, redacted, overwritten when dropped.

use std::fmt;

use domain::ConnectionId;
use secrets::REDACTED;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::commands::SecretKind;

/// An AUTHTOKEN as typed, unchecked.
#[derive(Deserialize)]
pub struct TokenRequest {
    /// Whose; the connection in use when absent.
    #[serde(default)]
    pub connection: Option<ConnectionId>,
    /// The server that the person saw when typing it. If the connection goes elsewhere by now, nothing is held.
    #[serde(default)]
    pub server: Option<String>,
    /// The text as typed.
    pub token: Zeroizing<String>,
    /// Whether to keep it in the keychain.
    #[serde(default)]
    pub keep: bool,
}

/// Another secret as typed, unchecked.
#[derive(Deserialize)]
pub struct SecretRequest {
    /// Whose; the connection in use when absent.
    #[serde(default)]
    pub connection: Option<ConnectionId>,
    /// The server that the person saw when typing it. If the connection goes elsewhere by now, nothing is held.
    #[serde(default)]
    pub server: Option<String>,
    /// Which secret.
    pub kind: SecretKind,
    /// The text as typed.
    pub secret: Zeroizing<String>,
    /// Whether to keep it in the keychain.
    #[serde(default)]
    pub keep: bool,
}

impl fmt::Debug for TokenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenRequest({REDACTED})")
    }
}

impl fmt::Debug for SecretRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretRequest({:?}, {REDACTED})", self.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_what_was_typed() {
        let token: TokenRequest = serde_json::from_str(r#"{"token":"B698EF92"}"#).unwrap();
        let secret: SecretRequest =
            serde_json::from_str(r#"{"kind":"proxy_password","secret":"B698EF92"}"#).unwrap();
        let shown = format!("{token:?} {token:#?} {secret:?} {secret:#?}");
        assert!(!shown.contains("B698EF92") && shown.contains(REDACTED), "{shown}");
    }
}
