//! The key that signs the record: where it is, moving it, replacing it when it is lost.
//!
//! Owns how the record's key and the system's keychain meet. Refuses to own the steps of a move; those are
//! [`journal::move_key`]'s. The commands here are for a terminal: a page has no business with the key.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::ErrorCode;
use journal::{JournalError, KeeperError, KeyKeeper};
use secrets::keychain::{ASKING_LIMIT, SILENT_LIMIT};
use secrets::{Keychain, KeychainError};
use zeroize::Zeroizing;

use super::record::refused;
use super::{Desk, blocking};
use crate::Failure;

/// A place for the key of the record.
pub use journal::KeyKind as KeyPlace;

/// What there is to say about the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordKey {
    /// `file` or `keychain`.
    pub place: &'static str,
    /// Where it is, in a sentence.
    pub says: &'static str,
    /// The public key, in hexadecimal.
    pub public_key: String,
    /// Whether the place is another than before.
    pub moved: bool,
    /// What else a person should know, a sentence each.
    pub notes: Vec<String>,
}

impl Desk {
    /// Where the key is, making a record where there is none. The user may be asked to unlock the keychain.
    ///
    /// # Errors
    /// One of the `keychain-…` codes, or that the record cannot be opened.
    pub async fn record_key(&self) -> Result<RecordKey, Failure> {
        self.with_key(|_, _| Ok((false, Vec::new()))).await
    }

    /// Moves the key; fine when it is there already. The user may be asked to unlock the keychain.
    ///
    /// # Errors
    /// As [`Self::record_key`]; the key stays where it was.
    pub async fn move_record_key(&self, to: KeyPlace) -> Result<RecordKey, Failure> {
        self.with_key(move |desk, keeper| {
            let moved = journal::move_key(&desk.shared.data_dir, keeper, to, desk.caller())?;
            let left_behind = moved.left_behind.map(|why| {
                format!("A copy is still in the keychain, under the service CSR Desk, and could not be deleted: {why}")
            });
            Ok((moved.moved, left_behind.into_iter().collect()))
        })
        .await
    }

    /// Goes on with a new key, in a file, where the record's own cannot be had any more.
    ///
    /// # Errors
    /// [`ErrorCode::RecordKeyUsable`] when it can be had; otherwise as [`Self::record_key`].
    pub async fn replace_record_key(&self) -> Result<RecordKey, Failure> {
        self.with_key(|desk, keeper| {
            journal::replace_lost_key(&desk.shared.data_dir, keeper, desk.caller())?;
            Ok((true, vec!["The record tells that its former key did not confirm this one.".to_owned()]))
        })
        .await
    }

    async fn with_key(
        &self,
        work: impl FnOnce(&Self, &Keeper) -> Result<(bool, Vec<String>), JournalError> + Send + 'static,
    ) -> Result<RecordKey, Failure> {
        let desk = self.clone();
        blocking(move || {
            let keeper = Keeper::new(desk.shared.host.keychain(), Some(ASKING_LIMIT));
            // Opened anew afterwards: what is open knows the former place.
            desk.shared.journal.close();
            let done = work(&desk, &keeper).and_then(|(moved, mut notes)| {
                let opened = journal::Journal::open_keeping(&desk.shared.data_dir, desk.caller(), &keeper)?;
                opened.journal.require_key()?;
                notes.extend(super::record::notes_on(&opened));
                notes.extend(super::record::remark_on(&opened));
                let (kind, public_key) = (opened.journal.key_kind(), opened.journal.public_key());
                let kind = kind.ok_or(JournalError::KeyNotAskedFor)?;
                Ok(RecordKey { place: kind.as_str(), says: kind.says(), public_key, moved, notes })
            });
            done.map_err(|error| keeper.failure(error))
        })
        .await?
    }

    /// For opening the record: it never asks the user anything.
    pub(super) fn silent_keeper(&self) -> Keeper {
        Keeper::new(self.shared.host.keychain(), None)
    }
}

/// The keychain as the keeper of the record's key.
pub(super) struct Keeper {
    keychain: Keychain,
    /// How long the user may be asked; none when nobody may be.
    asking: Option<Duration>,
    /// The code of its last error, which the record knows as words only.
    failed: Mutex<Option<ErrorCode>>,
}

impl Keeper {
    fn new(keychain: Keychain, asking: Option<Duration>) -> Self {
        Self { keychain, asking, failed: Mutex::default() }
    }

    fn told<T>(&self, result: Result<T, KeychainError>) -> Result<T, KeeperError> {
        result.map_err(|error| {
            *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.code);
            error.into()
        })
    }

    fn failure(&self, error: JournalError) -> Failure {
        let failed = *self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        match (error, failed) {
            (error @ JournalError::KeyUnreachable(_), Some(code)) => Failure::because(code, error),
            (error @ JournalError::KeyUsable, _) => Failure::because(ErrorCode::RecordKeyUsable, error),
            (error, _) => refused(error),
        }
    }
}

impl KeyKeeper for Keeper {
    fn read(&self, account: &str) -> Result<Option<Zeroizing<String>>, KeeperError> {
        self.told(match self.asking {
            Some(limit) => self.keychain.read_asking(account, limit),
            None => self.keychain.read(account),
        })
    }

    fn write(&self, account: &str, secret: &str) -> Result<(), KeeperError> {
        self.told(match self.asking {
            Some(limit) => self.keychain.write(account, secret, limit),
            // A write asks by itself where something is locked: looked at first, it does not.
            None => self.keychain.probe().and_then(|()| self.keychain.write(account, secret, SILENT_LIMIT)),
        })
    }

    fn delete(&self, account: &str) -> Result<(), KeeperError> {
        self.told(self.keychain.delete(account, self.asking.unwrap_or(SILENT_LIMIT)))
    }
}
