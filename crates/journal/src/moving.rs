//! Moving the signing key between the file and a keychain, and replacing one that is lost.
//!
//! Owns the order of the steps: a copy is made and compared before the record tells of it, and the former place is
//! emptied last, so that a program that is ended in between leaves the key in at least one place. Each step looks whether
//! it is still to be done: a move that was interrupted is finished by moving again.

use std::path::Path;

use domain::{EventKind, OpenFinding, Timestamp, WhyOpen};

use crate::bodies::KeyBody;
use crate::chain::{self, Durable};
use crate::keep::{self, KEY_ID_FILE_NAME, Kept, KeyId, KeyKeeper};
use crate::key::{self, HeadKey, KeyKind, SeedKey};
use crate::open::{BUSY_TIMEOUT, Opening};
use crate::{Caller, Journal, JournalError, KEY_FILE_NAME};

/// What became of a move.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Moved {
    /// Whether there was something to do.
    pub moved: bool,
    /// A copy that could not be deleted from the keychain: why.
    pub left_behind: Option<String>,
}

/// Moves the key of a record. It stays the same key, and the record tells where it is from now on.
///
/// # Errors
/// [`JournalError::KeyUnreachable`] when it cannot be read or written where it is or should be, [`JournalError::ReadOnly`]
/// when the folder cannot be written; otherwise as [`Journal::open`]. The key stays where it was.
pub fn move_key(
    folder: &Path,
    keeper: &dyn KeyKeeper,
    to: KeyKind,
    by: impl Into<Caller>,
) -> Result<Moved, JournalError> {
    let by = by.into();
    let at = by.at;
    let opened = Journal::open_keeping(folder, by, keeper)?;
    let journal = opened.journal;
    journal.require_key()?;
    let lock = crate::folder::lock(folder)?;
    let moved = match to {
        KeyKind::Keychain => to_keychain(folder, keeper, &journal, at),
        KeyKind::File => to_file(folder, keeper, &journal, at),
    };
    drop(lock);
    moved
}

fn to_keychain(
    folder: &Path,
    keeper: &dyn KeyKeeper,
    journal: &Journal,
    at: Timestamp,
) -> Result<Moved, JournalError> {
    let Some(text) = key::read_text(folder)? else {
        return Ok(Moved { moved: false, left_behind: None });
    };
    let seed = keep::seed(&text).ok_or_else(|| JournalError::Key(key::NO_KEY.to_owned()))?;
    same_key(&SeedKey::from_seed(&seed, KeyKind::File)?, journal)?;
    let unreachable = |error: &dyn std::fmt::Display| JournalError::KeyUnreachable(error.to_string());
    let named = KeyId::read(folder).map_err(JournalError::KeyUnreachable)?;
    let id = match &named {
        Some(id) => KeyId::clone(id),
        None => KeyId::new()?,
    };
    keep::put(keeper, &id, &seed).map_err(|error| unreachable(&error))?;
    if named.is_none() {
        id.write(folder)?;
    }
    journal.tell_place(KeyKind::Keychain, at)?;
    key::remove(folder, KEY_FILE_NAME)?;
    Ok(Moved { moved: true, left_behind: None })
}

fn to_file(
    folder: &Path,
    keeper: &dyn KeyKeeper,
    journal: &Journal,
    at: Timestamp,
) -> Result<Moved, JournalError> {
    let unreachable = |error: &dyn std::fmt::Display| JournalError::KeyUnreachable(error.to_string());
    let Some(id) = KeyId::read(folder).map_err(JournalError::KeyUnreachable)? else {
        return Ok(Moved { moved: false, left_behind: None });
    };
    if key::read_file(folder)?.is_none() {
        let text = keeper.read(&id.account()).map_err(|error| unreachable(&error))?;
        let seed = text.as_ref().and_then(|it| keep::seed(it));
        let seed = seed.ok_or_else(|| unreachable(&"The keychain holds no key for this record."))?;
        same_key(&SeedKey::from_seed(&seed, KeyKind::File)?, journal)?;
        key::write_file(folder, &seed)?;
    }
    let written = key::read_file(folder)?.ok_or_else(|| JournalError::Key(key::NO_KEY.to_owned()))?;
    same_key(&written, journal)?;
    journal.tell_place(KeyKind::File, at)?;
    key::remove(folder, KEY_ID_FILE_NAME)?;
    let left_behind = keeper.delete(&id.account()).err().map(|it| it.to_string());
    Ok(Moved { moved: true, left_behind })
}

fn same_key(key: &SeedKey, journal: &Journal) -> Result<(), JournalError> {
    if journal.public_key == Some(key.public_key()) {
        return Ok(());
    }
    Err(JournalError::Key("it is not the one that signs this record".to_owned()))
}

/// Goes on with a new key, in a file, where the record's own cannot be had any more. The record tells that the former
/// key did not confirm it.
///
/// # Errors
/// [`JournalError::KeyUsable`] when the record's own key can be used; otherwise as [`Journal::open`].
pub fn replace_lost_key(
    folder: &Path,
    keeper: &dyn KeyKeeper,
    by: impl Into<Caller>,
) -> Result<Journal, JournalError> {
    let by = by.into();
    match Journal::open_keeping(folder, by.clone(), keeper)?.journal.require_key() {
        Err(JournalError::KeyUnreachable(_)) => {}
        Err(error) => return Err(error),
        Ok(()) => return Err(JournalError::KeyUsable),
    }
    let lock = crate::folder::lock(folder)?;
    key::remove(folder, KEY_ID_FILE_NAME)?;
    let key = match key::read_file(folder)? {
        // From an attempt that was interrupted here.
        Some(key) => key,
        None => key::make_file(folder)?,
    };
    drop(lock);
    let at = by.at;
    let journal = Opening::new(folder, by, BUSY_TIMEOUT).open(Some(Box::new(key)))?.journal;
    // Whoever asked for this knows of this finding, and of no other one.
    let found = journal.open_findings()?;
    if let [OpenFinding { seq, why: WhyOpen::KeyReplaced { .. }, .. }] = found.as_slice() {
        journal.acknowledge(at, &[*seq], "A person replaced the lost key.")?;
    }
    Ok(journal)
}

/// The public key of what is kept, for a check that opens nothing; none when it cannot be had.
#[must_use]
pub fn kept_public_key(folder: &Path, keeper: &dyn KeyKeeper) -> Option<[u8; 32]> {
    match Kept::find(folder, Some(keeper)) {
        Ok(Kept::Here(key)) => Some(key.public_key()),
        _ => None,
    }
}

impl Journal {
    /// Records where the key is from now on, unless the record says so already.
    fn tell_place(&self, place: KeyKind, at: Timestamp) -> Result<(), JournalError> {
        self.write(Durable::Now, |pen| {
            if chain::place(pen.transaction)?.as_deref() == Some(place.as_str()) {
                return Ok(());
            }
            let body = KeyBody { key: place.as_str().to_owned(), ..KeyBody::of(pen.key()?) };
            pen.append(EventKind::KeyChanged, 0, at, &body).map(|_| ())
        })
    }
}
