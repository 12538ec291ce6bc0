//! Secrets between memory and keychain: reading, keeping, deleting.
//!
//! What a slow keychain gives is held only if nothing was locked or forgotten since it was asked.

use std::collections::BTreeMap;

use domain::{ErrorCode, Timestamp};
use secrets::keychain::{ASKING_LIMIT, SILENT_LIMIT};
use secrets::{AuthToken, Keychain, KeychainError, Passphrase};
use zeroize::Zeroizing;

use super::account::{Account, Kept};
use super::one_connection::Held;
use super::session::InMemory;
use super::settings::Stored;
use super::{Desk, blocking};
use crate::Failure;
use crate::commands::{KeychainState, SecretKind};

/// What the keychain gave.
type Read = Result<Option<Zeroizing<String>>, KeychainError>;

impl Desk {
    /// Whether the connection in use has a token that can be had now without asking anybody.
    pub async fn has_token(&self) -> bool {
        let held = self.session().current().cloned();
        match held {
            Some(held) => self.token(&held).await.is_ok(),
            None => false,
        }
    }

    /// The token of a connection, as it was when the work began: from memory, else from the keychain.
    ///
    /// # Errors
    /// [`ErrorCode::Locked`], [`ErrorCode::NoToken`], or one of the `keychain-…` codes.
    pub(super) async fn token(&self, held: &Held) -> Result<AuthToken, Failure> {
        let account = held.account(Kept::Token);
        let generation = {
            let session = self.session();
            if session.locked {
                return Err(Failure::new(ErrorCode::Locked));
            }
            if let Some(token) = session.secrets.tokens.get(&account) {
                return Ok(token.value.clone());
            }
            session.secrets.generation
        };
        let Some(since) = held.token_kept else { return Err(Failure::new(ErrorCode::NoToken)) };
        let read = self.read(held, Kept::Token).await?;
        let token = read.and_then(|text| {
            let token = text.and_then(|it| AuthToken::parse(it).ok());
            token.ok_or_else(|| {
                KeychainError::new(ErrorCode::NoToken, "the keychain has no token for this connection")
            })
        });
        let mut session = self.session();
        if session.secrets.generation != generation {
            return Err(Failure::new(ErrorCode::Locked));
        }
        match token {
            Ok(value) => {
                session.secrets.problems.remove(&account);
                session.secrets.tokens.insert(account, InMemory { value: value.clone(), since });
                Ok(value)
            }
            Err(error) => {
                session.secrets.problems.insert(account, error.code);
                Err(Failure::because(error.code, error.detail))
            }
        }
    }

    /// Another secret of a connection, if it has one.
    ///
    /// # Errors
    /// [`ErrorCode::Locked`], or one of the `keychain-…` codes.
    pub(super) async fn secret(&self, held: &Held, kind: SecretKind) -> Result<Option<Passphrase>, Failure> {
        let account = held.account(Kept::Other(kind));
        let generation = {
            let session = self.session();
            let in_memory = session.secrets.others.get(&account);
            if session.locked {
                return Err(Failure::new(ErrorCode::Locked));
            }
            if in_memory.is_some() || !held.secrets_kept.contains(&kind) {
                return Ok(in_memory.map(|it| it.value.clone()));
            }
            session.secrets.generation
        };
        let read = self.read(held, Kept::Other(kind)).await?;
        let text = read.map_err(|error| Failure::because(error.code, error.detail))?;
        let secret = text.and_then(|it| Passphrase::parse(it).ok());
        let mut session = self.session();
        if session.secrets.generation != generation {
            return Err(Failure::new(ErrorCode::Locked));
        }
        if let Some(secret) = &secret {
            let since = held.secrets_since.get(&kind).copied().unwrap_or_else(|| self.shared.host.now());
            session.secrets.others.insert(account, InMemory { value: secret.clone(), since });
        }
        Ok(secret)
    }

    /// Changes with each lock and each forgetting: what began before may not send a token after.
    pub(super) fn generation(&self) -> u64 {
        self.session().secrets.generation
    }

    /// Forgets secrets of a connection in memory, and says whether it had a token.
    pub(super) fn forget_in_memory(&self, held: Option<&Held>, what: &[Kept]) -> bool {
        let Some(held) = held else { return false };
        let mut session = self.session();
        let mut had_token = false;
        for what in what {
            let account = held.account(*what);
            session.secrets.others.remove(&account);
            let in_memory = session.secrets.tokens.remove(&account).is_some();
            had_token |= *what == Kept::Token && (in_memory || held.token_kept.is_some());
        }
        had_token
    }

    /// Deletes those of these secrets that the keychain has, without asking anybody, and says whether none is left.
    pub(super) async fn delete_kept(&self, held: &Held, which: &[Kept]) -> bool {
        let all = |what| std::iter::once(held.account(what)).chain(held.earlier_account(what));
        let accounts: Vec<Account> = held.kept().filter(|it| which.contains(it)).flat_map(all).collect();
        let keychain = self.shared.keychain.clone();
        let deleted = blocking(move || {
            // A locked keychain would ask the person, out of nowhere; and some say of what they lock that it is not there.
            accounts.is_empty()
                || keychain.probe().is_ok()
                    && accounts.iter().all(|it| keychain.delete(it.as_str(), SILENT_LIMIT).is_ok())
        });
        deleted.await.unwrap_or_default()
    }

    /// Asks the keychain whether it can be used, and remembers the answer.
    pub(super) async fn probe_keychain(&self) {
        // Whatever it says is remembered below.
        let _ = self.keychain(Keychain::probe).await;
    }

    async fn read(&self, held: &Held, what: Kept) -> Result<Read, Failure> {
        let (account, earlier) = (held.account(what), held.earlier_account(what));
        self.keychain(move |it| match (it.read(account.as_str())?, earlier) {
            (None, Some(earlier)) => it.read(earlier.as_str()),
            (found, _) => Ok(found),
        })
        .await
    }

    /// Works with the keychain on a thread that may wait, and remembers whether it can be used.
    pub(super) async fn keychain<T: Send + 'static>(
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

    /// Keeps a secret in the keychain if that is asked for, and else makes sure that no earlier one stays there.
    pub(super) async fn keep_or_not(
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
        if !held.is_saved() {
            return Ok(Some(ErrorCode::ConnectionNotSaved));
        }
        let account = held.account(what);
        let write = {
            let account = account.clone();
            move |it: &Keychain| it.write(account.as_str(), &text, ASKING_LIMIT)
        };
        if let Err(error) = self.keychain(write).await? {
            return Ok(Some(error.code));
        }
        let problem = match self.note_kept(held, what, Some(since)).await? {
            Noted::Yes => return Ok(None),
            Noted::Moved => ErrorCode::ConnectionMoved,
            Noted::Unwritable => ErrorCode::SettingsUnwritable,
        };
        // What nothing knows of would stay there for ever.
        let _ = self.keychain(move |it| it.delete(account.as_str(), SILENT_LIMIT)).await?;
        Ok(Some(problem))
    }

    /// Deletes a secret from the keychain, if it is kept there.
    pub(super) async fn unkeep(&self, held: &Held, what: Kept) -> Result<Option<ErrorCode>, Failure> {
        if !held.keeps(what) {
            return Ok(None);
        }
        let (account, earlier) = (held.account(what), held.earlier_account(what));
        let delete = move |it: &Keychain| {
            let first = it.delete(account.as_str(), ASKING_LIMIT);
            earlier.map_or(Ok(()), |earlier| it.delete(earlier.as_str(), ASKING_LIMIT)).and(first)
        };
        let deleted = self.keychain(delete).await?;
        // Whatever the keychain did: it is not asked for this secret again.
        let _ = self.note_kept(held, what, None).await?;
        Ok(deleted.err().map(|it| it.code))
    }

    /// Notes in file and session what the keychain holds.
    async fn note_kept(&self, held: &Held, what: Kept, since: Option<Timestamp>) -> Result<Noted, Failure> {
        let (id, account) = (held.id.clone(), held.account(what));
        // Another program may have turned it elsewhere while the keychain was asked.
        let leads_there =
            move |stored: &Stored| Held::of(stored.clone()).is_some_and(|it| it.account(what) == account);
        let still_leads_there = leads_there.clone();
        let changed = self
            .change_settings(move |it| {
                if let Some(stored) = it.stored(&id).filter(|it| leads_there(it)) {
                    let others = (&mut stored.secrets_kept, &mut stored.secrets_since);
                    note((&mut stored.token_kept, &mut stored.token_rejected), others, what, since);
                }
            })
            .await?;
        let noted = match &changed {
            Err(_) => Noted::Unwritable,
            Ok(settings) => {
                let stored = settings.connections.iter().find(|it| it.id == held.id);
                if stored.is_some_and(still_leads_there) { Noted::Yes } else { Noted::Moved }
            }
        };
        if (noted == Noted::Yes || since.is_none())
            && let Some(mine) = self.session().held.iter_mut().find(|it| it.id == held.id)
        {
            let others = (&mut mine.secrets_kept, &mut mine.secrets_since);
            note((&mut mine.token_kept, &mut mine.token_rejected), others, what, since);
        }
        Ok(noted)
    }
}

/// Whether the file says now what the keychain holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Noted {
    Yes,
    /// The connection leads elsewhere by now, or is gone.
    Moved,
    Unwritable,
}

fn note(
    (token, rejected): (&mut Option<Timestamp>, &mut Option<Timestamp>),
    (others, times): (&mut Vec<SecretKind>, &mut BTreeMap<SecretKind, Timestamp>),
    what: Kept,
    since: Option<Timestamp>,
) {
    match what {
        // What the server said of the one before does not apply to another one.
        Kept::Token => (*token, *rejected) = (since, None),
        Kept::Other(kind) => {
            others.retain(|it| *it != kind);
            times.remove(&kind);
            if let Some(since) = since {
                others.push(kind);
                times.insert(kind, since);
            }
        }
    }
}
