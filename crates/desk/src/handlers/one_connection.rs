//! One connection of the session: what it is, what the file says of it, and which of its secrets the keychain has.

use std::collections::BTreeMap;

use domain::{
    BaseUrl, CaChoice, Connection, ConnectionForm, ConnectionId, Fingerprint, ProxyChoice, Timestamp,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::account::{Account, Kept};
use super::settings::{Spellings, Stored};
use crate::commands::SecretKind;

/// One connection.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) id: ConnectionId,
    pub(super) connection: Connection,
    pub(super) standing: Standing,
    /// Since when its token is in the keychain.
    pub(super) token_kept: Option<Timestamp>,
    /// When its server rejected that token, if it has not accepted it since.
    pub(super) token_rejected: Option<Timestamp>,
    pub(super) secrets_kept: Vec<SecretKind>,
    /// Since when each of them is in the keychain, as far as it is known.
    pub(super) secrets_since: BTreeMap<SecretKind, Timestamp>,
    /// Whether its server said that it requires HTTP/1.1.
    pub(super) http11_required: bool,
    /// How an earlier version spelled its addresses.
    pub(super) earlier: Spellings,
}

/// What a connection of the session has to do with the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is in the file as it is here.
    Saved,
    /// It came with options, or the file could not be written: what is here counts for this session.
    Unsaved,
    /// It was in the file, and another program removed it while it is in use here.
    Removed,
}

impl Held {
    /// A kept one, if it still passes the checks.
    pub(super) fn of(stored: Stored) -> Option<Self> {
        let Stored {
            id,
            mut form,
            token_kept,
            token_rejected,
            secrets_kept,
            secrets_since,
            http11_required,
            mut earlier,
            ..
        } = stored;
        let server = BaseUrl::of_an_earlier_version(&form.server)?.to_string();
        if server != form.server {
            earlier.server = Some(std::mem::replace(&mut form.server, server));
        }
        let connection = form.check().ok()?;
        if let (ProxyChoice::Manual { address: then, .. }, ProxyChoice::Manual { address: now, .. }) =
            (form.proxy, &connection.proxy)
            && then != *now
        {
            earlier.proxy = Some(then);
        }
        let standing = Standing::Saved;
        Some(Self {
            id,
            connection,
            standing,
            token_kept,
            token_rejected,
            secrets_kept,
            secrets_since,
            http11_required,
            earlier,
        })
    }

    /// One that is to be kept, with no secrets yet.
    pub(super) fn saved(id: ConnectionId, connection: Connection) -> Self {
        Self {
            id,
            connection,
            standing: Standing::Saved,
            token_kept: None,
            token_rejected: None,
            secrets_kept: Vec::new(),
            secrets_since: BTreeMap::new(),
            http11_required: false,
            earlier: Spellings::default(),
        }
    }

    pub(super) fn is_saved(&self) -> bool {
        self.standing == Standing::Saved
    }

    /// A hash of what a person relies on when they review a signing: where it leads, by which proxy, what verifies the server,
    /// who the client is, and what is signed there. Not the name, the time-out or a secret.
    pub(super) fn as_reviewed(&self) -> String {
        let form = ConnectionForm::from(self.connection.clone());
        let unrelated = ConnectionForm {
            name: String::new(),
            organization: String::new(),
            timeout_seconds: String::new(),
            token_expires: String::new(),
            ..form
        };
        let bytes = serde_json::to_vec(&unrelated).unwrap_or_default();
        Fingerprint::from_bytes(Sha256::digest(&bytes).into()).to_string()
    }

    /// The secrets that a changed connection must not have: its token when the server is another, its proxy's password
    /// when the proxy is.
    pub(super) fn moved_by(&self, after: &Connection) -> Vec<Kept> {
        let moves = |what: &Kept| self.account(*what) != Account::new(&self.id, after, *what);
        Kept::ALL.into_iter().filter(moves).collect()
    }

    /// Whether the keychain has one of its secrets.
    pub(super) fn keeps(&self, what: Kept) -> bool {
        match what {
            Kept::Token => self.token_kept.is_some(),
            Kept::Other(kind) => self.secrets_kept.contains(&kind),
        }
    }

    /// Its secrets that the keychain has.
    pub(super) fn kept(&self) -> impl Iterator<Item = Kept> {
        Kept::ALL.into_iter().filter(|what| self.keeps(*what))
    }

    /// The account of one of its secrets.
    pub(super) fn account(&self, what: Kept) -> Account {
        Account::new(&self.id, &self.connection, what)
    }

    /// The account under which an earlier version may have kept it.
    pub(super) fn earlier_account(&self, what: Kept) -> Option<Account> {
        Account::earlier(&self.id, &self.connection, &self.earlier, what)
    }

    /// As it is kept.
    pub(super) fn stored(&self) -> Stored {
        Stored {
            token_kept: self.token_kept,
            token_rejected: self.token_rejected,
            secrets_kept: self.secrets_kept.clone(),
            secrets_since: self.secrets_since.clone(),
            http11_required: self.http11_required,
            earlier: self.earlier.clone(),
            ..Stored::new(self.id.clone(), ConnectionForm::from(self.connection.clone()))
        }
    }
}

/// The connection as it may leave the desk: a chosen CA by its name, without its text.
pub(super) fn without_ca_text(mut connection: Connection) -> Connection {
    if let CaChoice::Pem { text, .. } = &mut connection.ca {
        text.clear();
    }
    connection
}

/// An id that no other connection has, on this computer or another.
pub(super) fn new_id() -> ConnectionId {
    ConnectionId::from_number(Uuid::new_v4().as_u128())
}
