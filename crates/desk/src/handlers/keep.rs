//! Secrets in memory and in the keychain: handing over, reading, forgetting, locking.
//!
//! A secret's account in the keychain is bound to where it may go: the id of its connection and a hash of the server's
//! (or proxy's) address. Whoever changes the address in the file of connections finds no secret to send there.

use domain::{Connection, ConnectionId, ErrorCode, Field, Problem, ProxyChoice, Timestamp};
use secrets::keychain::{ASKING_LIMIT, SILENT_LIMIT};
use secrets::{AuthToken, Keychain, KeychainError, Passphrase};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::session::{Held, InMemory};
use super::{Desk, blocking};
use crate::Failure;
use crate::commands::{
    KeychainState, SecretKind, forget_secret, forget_token, lock, provide_secret, provide_token, unlock,
};

/// What is kept of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    Token,
    Other(SecretKind),
}

impl Desk {
    /// Holds a token, and keeps it in the keychain if that is asked for.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidInput`] with the problem of the token, [`ErrorCode::NoConnection`] or
    /// [`ErrorCode::NoSuchConnection`]. A keychain that does not take it is part of the answer.
    pub async fn provide_token(
        &self,
        request: provide_token::Request,
    ) -> Result<provide_token::Response, Failure> {
        let token = AuthToken::parse(request.token)
            .map_err(|code| Failure::invalid(vec![Problem::new(Field::Token, code)]))?;
        let since = self.shared.host.now();
        let held = {
            let mut session = self.session();
            session.locked = false;
            session.last_done = since;
            match session.meant(request.connection.as_ref()).cloned() {
                Ok(held) => {
                    let secrets = session.secrets_of(&held.id);
                    secrets.token = Some(InMemory { value: token.clone(), since });
                    secrets.problem = None;
                    held
                }
                Err(ErrorCode::NoConnection) => {
                    session.hold_token(token, since);
                    return Ok(provide_token::Response { not_kept: None });
                }
                Err(code) => return Err(Failure::new(code)),
            }
        };
        let text = Zeroizing::new(token.expose().to_owned());
        let not_kept = self.keep_or_not(&held, Kept::Token, text, request.keep, since).await?;
        Ok(provide_token::Response { not_kept })
    }

    /// Holds another secret, and keeps it in the keychain if that is asked for.
    ///
    /// # Errors
    /// As [`Desk::provide_token`].
    pub async fn provide_secret(
        &self,
        request: provide_secret::Request,
    ) -> Result<provide_secret::Response, Failure> {
        let field = match request.kind {
            SecretKind::ClientPassphrase => Field::ClientPassphrase,
            SecretKind::ProxyPassword => Field::ProxyPassword,
        };
        let secret = Passphrase::parse(request.secret)
            .map_err(|code| Failure::invalid(vec![Problem::new(field, code)]))?;
        let since = self.shared.host.now();
        let held = {
            let mut session = self.session();
            let held = session.meant(request.connection.as_ref()).map_err(Failure::new)?.clone();
            session.secrets_of(&held.id).others.insert(request.kind, secret.clone());
            held
        };
        let text = Zeroizing::new(secret.expose().to_owned());
        let not_kept = self.keep_or_not(&held, Kept::Other(request.kind), text, request.keep, since).await?;
        Ok(provide_secret::Response { not_kept })
    }

    /// Forgets the token, in memory and in the keychain.
    ///
    /// # Errors
    /// [`ErrorCode::NoConnection`] or [`ErrorCode::NoSuchConnection`].
    pub async fn forget_token(
        &self,
        request: forget_token::Request,
    ) -> Result<forget_token::Response, Failure> {
        let held = {
            let mut session = self.session();
            session.unassigned = None;
            let held = match session.meant(request.connection.as_ref()) {
                Ok(held) => held.clone(),
                // Nothing is held for no connection.
                Err(ErrorCode::NoConnection) => return Ok(forget_token::Response { not_deleted: None }),
                Err(code) => return Err(Failure::new(code)),
            };
            let secrets = session.secrets_of(&held.id);
            secrets.token = None;
            secrets.problem = None;
            held
        };
        let not_deleted = self.unkeep(&held, Kept::Token).await?;
        Ok(forget_token::Response { not_deleted })
    }

    /// Forgets another secret, in memory and in the keychain.
    ///
    /// # Errors
    /// [`ErrorCode::NoConnection`] or [`ErrorCode::NoSuchConnection`].
    pub async fn forget_secret(
        &self,
        request: forget_secret::Request,
    ) -> Result<forget_secret::Response, Failure> {
        let held = {
            let mut session = self.session();
            let held = session.meant(request.connection.as_ref()).map_err(Failure::new)?.clone();
            session.secrets_of(&held.id).others.remove(&request.kind);
            held
        };
        let not_deleted = self.unkeep(&held, Kept::Other(request.kind)).await?;
        Ok(forget_secret::Response { not_deleted })
    }

    /// Takes all secrets out of the memory. A signing that has left is not touched by it.
    ///
    /// # Errors
    /// None that is foreseen.
    pub async fn lock(&self, _: lock::Request) -> Result<lock::Response, Failure> {
        self.session().lock();
        Ok(lock::Response {})
    }

    /// Reads the token of the connection in use from the keychain again.
    ///
    /// # Errors
    /// One of the `keychain-…` codes, when the token is kept and the keychain does not give it: then it stays locked.
    pub async fn unlock(&self, _: unlock::Request) -> Result<unlock::Response, Failure> {
        let now = self.shared.host.now();
        let held = self.session().current().cloned();
        if let Some(held) = held.filter(|it| it.token_kept.is_some()) {
            let account = account(&held.id, &held.connection, Kept::Token);
            let read = self.keychain(move |it| it.read_asking(&account, ASKING_LIMIT)).await?;
            self.take_token(&held, read, now).map_err(|error| Failure::because(error.code, error.detail))?;
        }
        let mut session = self.session();
        session.locked = false;
        session.last_done = now;
        let id = session.in_use.clone();
        let token_held = id.is_some_and(|id| session.secrets_of(&id).token.is_some());
        Ok(unlock::Response { token_held })
    }

    /// The token of a connection: from memory, else from the keychain if it is kept there.
    ///
    /// # Errors
    /// [`ErrorCode::Locked`], [`ErrorCode::NoToken`], or one of the `keychain-…` codes.
    pub(super) async fn token(&self, held: &Held) -> Result<AuthToken, Failure> {
        {
            let mut session = self.session();
            if session.locked {
                return Err(Failure::new(ErrorCode::Locked));
            }
            if let Some(token) = &session.secrets_of(&held.id).token {
                return Ok(token.value.clone());
            }
        }
        if held.token_kept.is_none() {
            return Err(Failure::new(ErrorCode::NoToken));
        }
        let account = account(&held.id, &held.connection, Kept::Token);
        let read = self.keychain(move |it| it.read(&account)).await?;
        let now = self.shared.host.now();
        self.take_token(held, read, now).map_err(|error| Failure::because(error.code, error.detail))
    }

    /// Another secret of a connection, if there is one that can be had.
    pub(super) async fn secret(&self, held: &Held, kind: SecretKind) -> Option<Passphrase> {
        {
            let mut session = self.session();
            if let Some(secret) = session.secrets_of(&held.id).others.get(&kind) {
                return Some(secret.clone());
            }
            if session.locked || !held.secrets_kept.contains(&kind) {
                return None;
            }
        }
        let account = account(&held.id, &held.connection, Kept::Other(kind));
        let text = self.keychain(move |it| it.read(&account)).await.ok()?.ok()??;
        let secret = Passphrase::parse(text).ok()?;
        self.session().secrets_of(&held.id).others.insert(kind, secret.clone());
        Some(secret)
    }

    /// Forgets the secrets of a connection that the changed one must not have: its token when the server is another,
    /// its proxy password when the proxy is. Says whether a token is gone.
    pub(super) async fn forget_what_is_of_another(&self, before: &Held, after: &Connection) -> bool {
        let mut token_forgotten = false;
        if before.connection.server != after.server {
            token_forgotten = before.token_kept.is_some();
            {
                let mut session = self.session();
                token_forgotten |= session.secrets_of(&before.id).token.take().is_some();
                session.secrets_of(&before.id).problem = None;
            }
            // An entry that stays behind is bound to the old server, so nothing can send it to the new one.
            let _ = self.unkeep(before, Kept::Token).await;
        }
        if before.connection.proxy != after.proxy {
            self.session().secrets_of(&before.id).others.remove(&SecretKind::ProxyPassword);
            let _ = self.unkeep(before, Kept::Other(SecretKind::ProxyPassword)).await;
        }
        token_forgotten
    }

    /// Deletes what the keychain holds of a connection, and says whether nothing is left.
    pub(super) async fn delete_kept(
        &self,
        id: &ConnectionId,
        connection: &Connection,
        token: bool,
        others: &[SecretKind],
    ) -> bool {
        let kinds = others.iter().map(|it| Kept::Other(*it)).chain(token.then_some(Kept::Token));
        let mut all = true;
        for kind in kinds {
            let account = account(id, connection, kind);
            all &= matches!(self.keychain(move |it| it.delete(&account, SILENT_LIMIT)).await, Ok(Ok(())));
        }
        all
    }

    /// Asks the keychain whether it can be used, and remembers the answer.
    pub(super) async fn probe_keychain(&self) {
        // Whatever it says is remembered below.
        let _ = self.keychain(Keychain::probe).await;
    }

    /// Works with the keychain on a thread that may wait, and remembers whether it can be used.
    async fn keychain<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Keychain) -> Result<T, KeychainError> + Send + 'static,
    ) -> Result<Result<T, KeychainError>, Failure> {
        let keychain = self.shared.keychain.clone();
        let result = blocking(move || work(&keychain)).await?;
        self.session().keychain = match &result {
            Ok(_) => KeychainState::Usable,
            Err(error) => {
                tracing::warn!(code = error.code.as_str(), detail = error.detail, "keychain");
                KeychainState::Unusable(error.code)
            }
        };
        Ok(result)
    }

    /// Holds what the keychain gave, or why it gave nothing.
    fn take_token(
        &self,
        held: &Held,
        read: Result<Option<Zeroizing<String>>, KeychainError>,
        now: Timestamp,
    ) -> Result<AuthToken, KeychainError> {
        let token = read.and_then(|text| {
            // What another program put there is no token until it passes the checks.
            let token = text.and_then(|it| AuthToken::parse(it).ok());
            token.ok_or_else(|| {
                KeychainError::new(ErrorCode::NoToken, "the keychain has no token for this connection")
            })
        });
        let mut session = self.session();
        let secrets = session.secrets_of(&held.id);
        secrets.problem = token.as_ref().err().map(|it| it.code);
        if let Ok(token) = &token {
            let since = held.token_kept.unwrap_or(now);
            secrets.token = Some(InMemory { value: token.clone(), since });
        }
        token
    }

    /// Keeps a secret in the keychain if that is asked for, and else makes sure that no earlier one stays there.
    async fn keep_or_not(
        &self,
        held: &Held,
        what: Kept,
        text: Zeroizing<String>,
        keep: bool,
        since: Timestamp,
    ) -> Result<Option<ErrorCode>, Failure> {
        if !keep {
            return self.unkeep(held, what).await.map(|_| None);
        }
        if !held.saved {
            return Ok(Some(ErrorCode::ConnectionNotSaved));
        }
        let account = account(&held.id, &held.connection, what);
        if let Err(error) = self.keychain(move |it| it.write(&account, &text, ASKING_LIMIT)).await? {
            return Ok(Some(error.code));
        }
        let noted = self.note_kept(&held.id, what, Some(since)).await?;
        Ok(noted.then_some(ErrorCode::SettingsUnwritable))
    }

    /// Deletes a secret from the keychain, if it is kept there.
    async fn unkeep(&self, held: &Held, what: Kept) -> Result<Option<ErrorCode>, Failure> {
        let is_kept = match what {
            Kept::Token => held.token_kept.is_some(),
            Kept::Other(kind) => held.secrets_kept.contains(&kind),
        };
        if !is_kept {
            return Ok(None);
        }
        let account = account(&held.id, &held.connection, what);
        let deleted = self.keychain(move |it| it.delete(&account, ASKING_LIMIT)).await?;
        // Whatever the keychain did: it is not asked for this secret again.
        let _ = self.note_kept(&held.id, what, None).await?;
        Ok(deleted.err().map(|it| it.code))
    }

    /// Notes in session and file what the keychain holds; says whether the file could not be written.
    async fn note_kept(
        &self,
        id: &ConnectionId,
        what: Kept,
        since: Option<Timestamp>,
    ) -> Result<bool, Failure> {
        fn note(
            token: &mut Option<Timestamp>,
            others: &mut Vec<SecretKind>,
            what: Kept,
            since: Option<Timestamp>,
        ) {
            match what {
                Kept::Token => *token = since,
                Kept::Other(kind) => {
                    others.retain(|it| *it != kind);
                    if since.is_some() {
                        others.push(kind);
                    }
                }
            }
        }
        if let Some(held) = self.session().held.iter_mut().find(|it| it.id == *id) {
            note(&mut held.token_kept, &mut held.secrets_kept, what, since);
        }
        let id = id.clone();
        let changed = self
            .change_settings(move |it| {
                if let Some(stored) = it.stored(&id) {
                    note(&mut stored.token_kept, &mut stored.secrets_kept, what, since);
                }
            })
            .await?;
        Ok(changed.is_err())
    }
}

/// The account of a secret: what it is, whose, and a hash of where it may go.
fn account(id: &ConnectionId, connection: &Connection, what: Kept) -> String {
    let (name, goes_to) = match what {
        Kept::Token => ("token", connection.server.to_string()),
        Kept::Other(SecretKind::ClientPassphrase) => ("client-passphrase", String::new()),
        Kept::Other(SecretKind::ProxyPassword) => (
            "proxy-password",
            match &connection.proxy {
                ProxyChoice::Manual { address, user } => format!("{user}@{address}"),
                ProxyChoice::System | ProxyChoice::Environment | ProxyChoice::None => String::new(),
            },
        ),
    };
    let hash = Sha256::digest(goes_to.as_bytes());
    let hash: String = hash.iter().take(8).map(|it| format!("{it:02x}")).collect();
    format!("{name} {} {hash}", id.as_str())
}
