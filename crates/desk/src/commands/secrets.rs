//! The commands about secrets. Their requests are readable only: nothing can send a secret that this program holds.

use domain::{ConnectionId, ErrorCode, Timestamp};
use serde::{Deserialize, Serialize};

/// Whether this computer's keychain can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeychainState {
    /// It answered.
    Usable,
    /// It was not asked yet.
    NotAsked,
    /// It cannot be used: secrets are held for this session only.
    Unusable(ErrorCode),
}

/// Where the token of a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenState {
    /// Whether it is kept in the keychain; otherwise for this session only.
    pub in_keychain: bool,
    /// Since when, as far as it is known.
    pub since: Option<Timestamp>,
    /// Why the keychain did not give it when it was asked last.
    pub problem: Option<ErrorCode>,
    /// When the server rejected it, if it has not accepted it since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejected: Option<Timestamp>,
}

/// A secret beside the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretKind {
    /// Opens the PKCS#12 file of the client certificate.
    ClientPassphrase,
    /// The password of the proxy's user.
    ProxyPassword,
}

/// Hands over the AUTHTOKEN.
pub mod provide_token {
    use super::*;

    /// Hands it over.
    pub struct ProvideToken;

    #[cfg(feature = "handlers")]
    pub use crate::secret_requests::TokenRequest as Request;

    /// Without handlers nothing can read the request, so there is nothing in it.
    #[cfg(not(feature = "handlers"))]
    #[derive(Deserialize)]
    pub struct Request {}

    /// Held.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    pub struct Response {
        /// Why it is not kept in the keychain although that was asked for: it is held for this session.
        pub not_kept: Option<ErrorCode>,
    }
}

/// Forgets the AUTHTOKEN, in memory and in the keychain.
pub mod forget_token {
    use super::*;

    /// Forgets it.
    pub struct ForgetToken;

    /// Whose.
    #[derive(Clone, Debug, Default, Serialize, Deserialize)]
    #[serde(default)]
    pub struct Request {
        /// The connection; the one in use when absent.
        pub connection: Option<ConnectionId>,
    }

    /// Forgotten.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    pub struct Response {
        /// Why the keychain may still hold it.
        pub not_deleted: Option<ErrorCode>,
    }
}

/// Hands over another secret of a connection.
pub mod provide_secret {
    use super::*;

    /// Hands it over.
    pub struct ProvideSecret;

    #[cfg(feature = "handlers")]
    pub use crate::secret_requests::SecretRequest as Request;

    /// Without handlers nothing can read the request, so there is nothing in it.
    #[cfg(not(feature = "handlers"))]
    #[derive(Deserialize)]
    pub struct Request {}

    /// Held.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    pub struct Response {
        /// Why it is not kept in the keychain although that was asked for: it is held for this session.
        pub not_kept: Option<ErrorCode>,
    }
}

/// Forgets another secret of a connection, in memory and in the keychain.
pub mod forget_secret {
    use super::*;

    /// Forgets it.
    pub struct ForgetSecret;

    /// Which one of whose.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    pub struct Request {
        /// The connection; the one in use when absent.
        #[serde(default)]
        pub connection: Option<ConnectionId>,
        /// Which secret.
        pub kind: SecretKind,
    }

    /// Forgotten.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    pub struct Response {
        /// Why the keychain may still hold it.
        pub not_deleted: Option<ErrorCode>,
    }
}
