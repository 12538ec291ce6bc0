//! The account of a secret: what it is, whose, and a hash of where it may go.
//!
//! In the keychain and in memory alike a secret is found by its account alone. A connection that was turned to another
//! address, by whatever program and at whatever moment, has other accounts and finds nothing.

use domain::{BaseUrl, Connection, ConnectionId, Fingerprint, ProxyChoice};
use sha2::{Digest, Sha256};

use super::settings::Spellings;
use crate::commands::SecretKind;

/// What a secret is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    Token,
    Other(SecretKind),
}

impl Kept {
    /// All that a connection can have.
    pub(super) const ALL: [Self; 3] =
        [Self::Token, Self::Other(SecretKind::ClientPassphrase), Self::Other(SecretKind::ProxyPassword)];
}

/// Its name in the keychain: at most 115 characters, of which the hash has 64.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Account(String);

impl Account {
    pub(super) fn new(id: &ConnectionId, connection: &Connection, what: Kept) -> Self {
        let (name, goes_to) = match what {
            Kept::Token => ("token", connection.server.to_string()),
            // It opens a file here, and is sent nowhere.
            Kept::Other(SecretKind::ClientPassphrase) => ("client-passphrase", String::new()),
            Kept::Other(SecretKind::ProxyPassword) => (
                "proxy-password",
                match &connection.proxy {
                    ProxyChoice::Manual { address, user } => format!("{user}@{address}"),
                    ProxyChoice::System | ProxyChoice::Environment | ProxyChoice::None => String::new(),
                },
            ),
        };
        Self::bound(name, id, &goes_to)
    }

    fn bound(name: &str, id: &ConnectionId, goes_to: &str) -> Self {
        let hash = Fingerprint::from_bytes(Sha256::digest(goes_to.as_bytes()).into());
        Self(format!("{name} {} {hash}", id.as_str()))
    }

    /// The account under which an earlier version kept the secret, when it spelled the address in another way. Only for a
    /// spelling of the address that the connection leads to now: the file can be changed by any program, and a spelling
    /// in it must not make the secret of another server be found.
    pub(super) fn earlier(
        id: &ConnectionId,
        connection: &Connection,
        spelled: &Spellings,
        what: Kept,
    ) -> Option<Self> {
        match what {
            Kept::Token => {
                let text = spelled.server.as_ref()?;
                let same = BaseUrl::of_an_earlier_version(text).as_ref() == Some(&connection.server);
                same.then(|| Self::bound("token", id, text))
            }
            Kept::Other(SecretKind::ProxyPassword) => {
                let text = spelled.proxy.as_ref()?;
                let ProxyChoice::Manual { address, user } = &connection.proxy else { return None };
                let then = ProxyChoice::Manual { address: text.clone(), user: user.clone() }.check().ok()?;
                let same = matches!(then, ProxyChoice::Manual { address: it, .. } if it == *address);
                same.then(|| Self::bound("proxy-password", id, &format!("{user}@{text}")))
            }
            Kept::Other(SecretKind::ClientPassphrase) => None,
        }
    }

    /// Whether it is one of a connection's accounts.
    pub(super) fn is_of(&self, id: &ConnectionId, connection: &Connection) -> bool {
        Kept::ALL.into_iter().any(|what| *self == Self::new(id, connection, what))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}
