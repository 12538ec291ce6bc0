//! What is held between commands: the connections, the one in use, and the secrets of each.
//!
//! Secrets stand here under the id of their connection and nowhere else, so that no command can take the secret of one
//! server to another.

use std::collections::HashMap;

use domain::{CaChoice, Connection, ConnectionForm, ConnectionId, ErrorCode, Fingerprint, Timestamp};
use secrets::{AuthToken, Passphrase};
use uuid::Uuid;

use super::settings::{Settings, Stored};
use crate::commands::{KeychainState, Preferences, SecretKind, Shown, TokenState};

/// One connection.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) id: ConnectionId,
    pub(super) connection: Connection,
    /// Whether it is in the file.
    pub(super) saved: bool,
    /// Since when its token is in the keychain.
    pub(super) token_kept: Option<Timestamp>,
    pub(super) secrets_kept: Vec<SecretKind>,
}

/// A secret in memory.
#[derive(Clone, Debug)]
pub(super) struct InMemory<T> {
    pub(super) value: T,
    pub(super) since: Timestamp,
}

/// The secrets of one connection in memory.
#[derive(Clone, Debug, Default)]
pub(super) struct Secrets {
    pub(super) token: Option<InMemory<AuthToken>>,
    pub(super) others: HashMap<SecretKind, Passphrase>,
    /// Why the keychain did not give the token when it was asked last.
    pub(super) problem: Option<ErrorCode>,
}

/// A CA that a server presented at the last test, and that a person may come to trust.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) of: ConnectionId,
    pub(super) sha256: Fingerprint,
    pub(super) name: String,
    pub(super) pem: String,
}

/// Everything.
pub(super) struct Session {
    pub(super) held: Vec<Held>,
    pub(super) in_use: Option<ConnectionId>,
    pub(super) removed: Vec<(ConnectionId, String)>,
    pub(super) preferences: Preferences,
    pub(super) secrets: HashMap<ConnectionId, Secrets>,
    /// A token that came before there was a connection; it goes to the first one that comes into use.
    pub(super) unassigned: Option<InMemory<AuthToken>>,
    pub(super) keychain: KeychainState,
    pub(super) locked: bool,
    /// When something was done last.
    pub(super) last_done: Timestamp,
    pub(super) candidate: Option<Candidate>,
}

impl Session {
    pub(super) fn new(settings: Settings, now: Timestamp) -> Self {
        let mut session = Self {
            held: Vec::new(),
            in_use: settings.in_use.clone(),
            removed: Vec::new(),
            preferences: settings.preferences,
            secrets: HashMap::new(),
            unassigned: None,
            keychain: KeychainState::NotAsked,
            locked: false,
            last_done: now,
            candidate: None,
        };
        session.take_over(settings);
        session
    }

    /// Follows the file. What is not in it, and the one in use even if another process removed it, stays.
    pub(super) fn take_over(&mut self, settings: Settings) {
        let saved: Vec<Held> = settings.connections.into_iter().filter_map(Held::of).collect();
        let others = std::mem::take(&mut self.held).into_iter().filter_map(|it| {
            let stays = !it.saved || self.in_use.as_ref() == Some(&it.id);
            (stays && !saved.iter().any(|known| known.id == it.id)).then_some(Held { saved: false, ..it })
        });
        let others: Vec<Held> = others.collect();
        self.held = saved;
        self.held.extend(others);
        if self.in_use.as_ref().is_none_or(|id| self.get(id).is_none()) {
            self.in_use = None;
        }
        self.removed = settings.removed.into_iter().map(|it| (it.id, it.form.name)).collect();
        self.preferences = settings.preferences;
        self.assign();
    }

    /// The connection in use.
    pub(super) fn current(&self) -> Option<&Held> {
        self.in_use.as_ref().and_then(|id| self.get(id))
    }

    pub(super) fn get(&self, id: &ConnectionId) -> Option<&Held> {
        self.held.iter().find(|it| it.id == *id)
    }

    /// The connection that is meant: the named one, else the one in use.
    pub(super) fn meant(&self, id: Option<&ConnectionId>) -> Result<&Held, ErrorCode> {
        match id {
            Some(id) => self.get(id).ok_or(ErrorCode::NoSuchConnection),
            None => self.current().ok_or(ErrorCode::NoConnection),
        }
    }

    /// By its name, in any case, or its id.
    pub(super) fn named(&self, name: &str) -> Option<&Held> {
        let name = name.trim();
        let same = |it: &&Held| it.connection.name.to_lowercase() == name.to_lowercase();
        self.held.iter().find(same).or_else(|| self.held.iter().find(|it| it.id.as_str() == name))
    }

    /// Uses a connection that is in no file.
    pub(super) fn add_unsaved(&mut self, connection: Connection) {
        let id = new_id();
        self.held.push(Held {
            id: id.clone(),
            connection,
            saved: false,
            token_kept: None,
            secrets_kept: Vec::new(),
        });
        self.use_now(id);
    }

    /// Puts a connection in use.
    pub(super) fn use_now(&mut self, id: ConnectionId) {
        self.in_use = Some(id);
        self.candidate = None;
        self.assign();
    }

    pub(super) fn secrets_of(&mut self, id: &ConnectionId) -> &mut Secrets {
        self.secrets.entry(id.clone()).or_default()
    }

    /// Holds a token for the connection in use, or for the first one that will be.
    pub(super) fn hold_token(&mut self, token: AuthToken, since: Timestamp) {
        self.unassigned = Some(InMemory { value: token, since });
        self.assign();
    }

    fn assign(&mut self) {
        if let Some(id) = self.in_use.clone()
            && let Some(token) = self.unassigned.take()
        {
            self.secrets_of(&id).token = Some(token);
        }
    }

    /// Takes all secrets out of the memory.
    pub(super) fn lock(&mut self) {
        self.secrets.clear();
        self.unassigned = None;
        self.locked = true;
    }

    /// A connection as the page may know it.
    pub(super) fn shown(&self, held: &Held) -> Shown {
        let secrets = self.secrets.get(&held.id);
        let in_memory = secrets.and_then(|it| it.token.as_ref());
        let token = match (held.token_kept, in_memory) {
            (Some(since), _) => Some(TokenState {
                in_keychain: true,
                since: Some(since),
                problem: secrets.and_then(|it| it.problem),
            }),
            (None, Some(token)) => {
                Some(TokenState { in_keychain: false, since: Some(token.since), problem: None })
            }
            (None, None) => None,
        };
        let mut kinds = held.secrets_kept.clone();
        for kind in secrets.iter().flat_map(|it| it.others.keys()) {
            if !kinds.contains(kind) {
                kinds.push(*kind);
            }
        }
        kinds.sort_by_key(|it| *it as u8);
        let connection = without_ca_text(held.connection.clone());
        Shown { id: held.id.clone(), connection, saved: held.saved, token, secrets: kinds }
    }
}

impl Held {
    /// A kept one, if it still passes the checks.
    fn of(stored: Stored) -> Option<Self> {
        let Stored { id, form, token_kept, secrets_kept, .. } = stored;
        let connection = form.check().ok()?;
        Some(Self { id, connection, saved: true, token_kept, secrets_kept })
    }

    /// As it is kept.
    pub(super) fn stored(&self) -> Stored {
        Stored {
            token_kept: self.token_kept,
            secrets_kept: self.secrets_kept.clone(),
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
