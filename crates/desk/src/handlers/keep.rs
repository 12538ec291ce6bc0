//! The commands about secrets: handing over, forgetting, locking, unlocking.
//!
//! How a secret is read from the keychain and kept there is in [`super::keychain`].

use domain::{BaseUrl, ConnectionId, ErrorCode, Field};
use secrets::keychain::ASKING_LIMIT;
use secrets::{AuthToken, Passphrase};
use zeroize::Zeroizing;

use super::Desk;
use super::account::Kept;
use super::one_connection::Held;
use super::session::{InMemory, Session};
use crate::Failure;
use crate::commands::{SecretKind, forget_secret, forget_token, lock, provide_secret, provide_token, unlock};

impl Desk {
    /// Holds a token, and keeps it in the keychain if that is asked for.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidInput`] with the problem of the token, [`ErrorCode::NoSuchConnection`], or
    /// [`ErrorCode::ConnectionMoved`]. A keychain that does not take it is part of the answer.
    pub async fn provide_token(
        &self,
        request: provide_token::Request,
    ) -> Result<provide_token::Response, Failure> {
        let token = AuthToken::read(request.token).map_err(|problem| Failure::invalid(vec![problem]))?;
        self.follow_the_file().await?;
        let since = self.shared.host.now();
        let held = {
            let mut session = self.session();
            match meant_for(&session, request.connection.as_ref(), request.server.as_deref()) {
                Ok(held) => {
                    let account = held.account(Kept::Token);
                    session.secrets.problems.remove(&account);
                    session.secrets.rejected.remove(&account);
                    session.secrets.tokens.insert(account, InMemory { value: token.clone(), since });
                    session.locked = false;
                    held
                }
                Err(failure) if failure.code == ErrorCode::NoConnection => {
                    session.hold_token(token, since);
                    session.locked = false;
                    return Ok(provide_token::Response { not_kept: None });
                }
                Err(failure) => return Err(failure),
            }
        };
        let text = Zeroizing::new(token.expose().to_owned());
        let not_kept = self.keep_or_not(&held, Kept::Token, text, request.keep, since).await?;
        Ok(provide_token::Response { not_kept })
    }

    /// Holds another secret, and keeps it in the keychain if that is asked for.
    ///
    /// # Errors
    /// As [`Desk::provide_token`], [`ErrorCode::NoConnection`], or [`ErrorCode::Locked`].
    pub async fn provide_secret(
        &self,
        request: provide_secret::Request,
    ) -> Result<provide_secret::Response, Failure> {
        let field = match request.kind {
            SecretKind::ClientPassphrase => Field::ClientPassphrase,
            SecretKind::ProxyPassword => Field::ProxyPassword,
        };
        let secret =
            Passphrase::read(field, request.secret).map_err(|problem| Failure::invalid(vec![problem]))?;
        self.follow_the_file().await?;
        let since = self.shared.host.now();
        let what = Kept::Other(request.kind);
        let held = {
            let mut session = self.session();
            if session.locked {
                return Err(Failure::new(ErrorCode::Locked));
            }
            let held = meant_for(&session, request.connection.as_ref(), request.server.as_deref())?;
            let in_memory = InMemory { value: secret.clone(), since };
            session.secrets.others.insert(held.account(what), in_memory);
            held
        };
        let text = Zeroizing::new(secret.expose().to_owned());
        let not_kept = self.keep_or_not(&held, what, text, request.keep, since).await?;
        Ok(provide_secret::Response { not_kept })
    }

    /// Forgets the token, in memory and in the keychain.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchConnection`].
    pub async fn forget_token(
        &self,
        request: forget_token::Request,
    ) -> Result<forget_token::Response, Failure> {
        let held = {
            let mut session = self.session();
            session.secrets.unassigned = None;
            session.secrets.generation += 1;
            let held = match session.meant(request.connection.as_ref()) {
                Ok(held) => held.clone(),
                // Nothing is held for no connection.
                Err(ErrorCode::NoConnection) => return Ok(forget_token::Response { not_deleted: None }),
                Err(code) => return Err(Failure::new(code)),
            };
            let account = held.account(Kept::Token);
            session.secrets.tokens.remove(&account);
            session.secrets.problems.remove(&account);
            session.secrets.rejected.remove(&account);
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
        let what = Kept::Other(request.kind);
        let held = {
            let mut session = self.session();
            session.secrets.generation += 1;
            let held = session.meant(request.connection.as_ref()).map_err(Failure::new)?.clone();
            session.secrets.others.remove(&held.account(what));
            held
        };
        let not_deleted = self.unkeep(&held, what).await?;
        Ok(forget_secret::Response { not_deleted })
    }

    /// Takes all secrets out of the memory. A signing that has left is not touched by it; one that has not is stopped.
    ///
    /// # Errors
    /// None that is foreseen.
    pub async fn lock(&self, _: lock::Request) -> Result<lock::Response, Failure> {
        self.session().lock();
        Ok(lock::Response {})
    }

    /// Reads what the keychain keeps of the connection in use again. The system may ask the person.
    ///
    /// # Errors
    /// One of the `keychain-…` codes, when something is kept and the keychain does not give it: then it stays locked.
    pub async fn unlock(&self, _: unlock::Request) -> Result<unlock::Response, Failure> {
        let now = self.shared.host.now();
        let (held, generation) = {
            let session = self.session();
            (session.current().cloned(), session.secrets.generation)
        };
        let mut got = Vec::new();
        if let Some(held) = &held {
            for what in held.kept() {
                let account = held.account(what);
                let read = self.keychain({
                    let (account, earlier) = (account.clone(), held.earlier_account(what));
                    move |it| match (it.read_asking(account.as_str(), ASKING_LIMIT)?, earlier) {
                        (None, Some(earlier)) => it.read_asking(earlier.as_str(), ASKING_LIMIT),
                        (found, _) => Ok(found),
                    }
                });
                let text = read.await?.map_err(|error| Failure::because(error.code, error.detail))?;
                got.push((what, account, text));
            }
        }
        let mut session = self.session();
        if session.secrets.generation != generation {
            // It was locked again while the keychain was asked.
            return Err(Failure::new(ErrorCode::Locked));
        }
        session.locked = false;
        session.touched(now);
        for (what, account, text) in got {
            // What another program put there counts once it passes the checks.
            match (what, text) {
                (Kept::Token, Some(text)) => {
                    if let Ok(value) = AuthToken::parse(text) {
                        let since = held.as_ref().and_then(|it| it.token_kept).unwrap_or(now);
                        session.secrets.problems.remove(&account);
                        session.secrets.tokens.insert(account, InMemory { value, since });
                    }
                }
                (Kept::Token, None) => drop(session.secrets.problems.insert(account, ErrorCode::NoToken)),
                (Kept::Other(kind), text) => {
                    if let Some(value) = text.and_then(|it| Passphrase::parse(it).ok()) {
                        let since = held.as_ref().and_then(|it| it.secrets_since.get(&kind).copied());
                        let in_memory = InMemory { value, since: since.unwrap_or(now) };
                        session.secrets.others.insert(account, in_memory);
                    }
                }
            }
        }
        let token_held = held.is_some_and(|it| session.secrets.tokens.contains_key(&it.account(Kept::Token)));
        Ok(unlock::Response { token_held })
    }
}

/// The connection for which a secret was typed, if it is still the one that the person saw.
fn meant_for(session: &Session, id: Option<&ConnectionId>, server: Option<&str>) -> Result<Held, Failure> {
    let held = session.meant(id).map_err(Failure::new)?;
    if server.is_some_and(|it| BaseUrl::canonical(it) != held.connection.server.to_string()) {
        return Err(Failure::new(ErrorCode::ConnectionMoved));
    }
    Ok(held.clone())
}
