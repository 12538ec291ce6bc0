//! Where the signing key is kept, and finding it there: in the file beside the record, or in a keychain.
//!
//! Owns the file `journal.key-id`, which names the key in the keychain by a random id, and the rule that a key that
//! cannot be reached is never replaced in silence. Refuses to own a keychain: a host gives a [`KeyKeeper`].

use std::error::Error;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use rusqlite::Connection;
use zeroize::Zeroizing;

use crate::canonical::{hex, unhex};
use crate::key::{self, HeadKey, KeyKind, SeedKey};
use crate::{JournalError, chain};

/// The name in the data folder of the file that names the key in the keychain.
pub const KEY_ID_FILE_NAME: &str = "journal.key-id";

/// A keychain that can keep the key of a record.
pub trait KeyKeeper: Send + Sync {
    /// The secret text of an account; none when there is none.
    ///
    /// # Errors
    /// Words for people: the keychain cannot be used.
    fn read(&self, account: &str) -> Result<Option<Zeroizing<String>>, KeeperError>;

    /// Keeps a secret text under an account.
    ///
    /// # Errors
    /// As [`KeyKeeper::read`].
    fn write(&self, account: &str, secret: &str) -> Result<(), KeeperError>;

    /// Forgets an account.
    ///
    /// # Errors
    /// As [`KeyKeeper::read`].
    fn delete(&self, account: &str) -> Result<(), KeeperError>;
}

/// Why a keychain cannot be used, in words for people.
pub type KeeperError = Box<dyn Error + Send + Sync>;

/// What there is of a key.
pub(crate) enum Kept {
    Here(SeedKey),
    /// It is in a keychain, and cannot be had: why.
    Unreachable(String),
    Nowhere,
}

impl Kept {
    pub(crate) fn find(folder: &Path, keeper: Option<&dyn KeyKeeper>) -> Result<Self, JournalError> {
        let id = match Self::beside_the_record(folder)? {
            Ok(id) => id,
            Err(kept) => return Ok(kept),
        };
        let Some(keeper) = keeper else {
            return Ok(Self::Unreachable("No keychain was given.".to_owned()));
        };
        Ok(match keeper.read(&id.account()) {
            Ok(Some(text)) => match seed(&text) {
                Some(seed) => Self::Here(SeedKey::from_seed(&seed, KeyKind::Keychain)?),
                None => Self::Unreachable("What the keychain holds is no key.".to_owned()),
            },
            Ok(None) => Self::Unreachable("The keychain holds no key for this record.".to_owned()),
            Err(error) => Self::Unreachable(error.to_string()),
        })
    }

    /// What there is of a key without asking a keychain; none when a keychain would have to be asked. Also when the key
    /// file holds no key: opening for recording reports that.
    pub(crate) fn find_without_asking(folder: &Path) -> Option<Self> {
        Self::beside_the_record(folder).ok()?.err()
    }

    /// What the folder says by itself, or the id under which a keychain has the key.
    fn beside_the_record(folder: &Path) -> Result<Result<KeyId, Self>, JournalError> {
        // The file first: where a move was interrupted there are both, and they are the same.
        if let Some(key) = key::read_file(folder)? {
            return Ok(Err(Self::Here(key)));
        }
        Ok(match KeyId::read(folder) {
            Ok(Some(id)) => Ok(id),
            Ok(None) => Err(Self::Nowhere),
            Err(why) => Err(Self::Unreachable(why)),
        })
    }
}

/// The random id of a key in a keychain: never derived from a path, because a data folder may be moved.
#[derive(Clone)]
pub(crate) struct KeyId(String);

impl KeyId {
    pub(crate) fn new() -> Result<Self, JournalError> {
        // Half of a new key is as random as an id must be, and is no key.
        let random = SeedKey::new_seed()?;
        Ok(Self(hex(&random[..16])))
    }

    /// The id in the data folder, if there is one; words when it cannot be used.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>, String> {
        let unusable =
            |why: &dyn std::fmt::Display| format!("The file {KEY_ID_FILE_NAME} cannot be used: {why}.");
        let mut text = String::new();
        match File::open(folder.join(KEY_ID_FILE_NAME)).map(|file| file.take(80).read_to_string(&mut text)) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) | Ok(Err(error)) => return Err(unusable(&error)),
            Ok(Ok(0)) if key::is_not_begun(folder) => return Ok(None),
            Ok(Ok(_)) => {}
        }
        let id = text.trim_ascii();
        match unhex::<16>(id) {
            Some(_) => Ok(Some(Self(id.to_owned()))),
            None => Err(unusable(&"it holds no id")),
        }
    }

    pub(crate) fn write(&self, folder: &Path) -> Result<(), JournalError> {
        key::write_once(folder, KEY_ID_FILE_NAME, &self.0)
    }

    pub(crate) fn account(&self) -> String {
        format!("record-key {}", self.0)
    }
}

/// Whether a file in the data folder names a key in a keychain.
pub(crate) fn names_keychain(folder: &Path) -> bool {
    folder.join(KEY_ID_FILE_NAME).symlink_metadata().is_ok()
}

/// The seed in a text, as a key file and a keychain hold it.
pub(crate) fn seed(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    unhex::<32>(text.trim_ascii()).map(Zeroizing::new)
}

/// A new key for a new record, in the keychain where one can be used, else in the file. Gives why it is not the keychain.
///
/// The caller holds the folder's lock.
pub(crate) fn make(
    folder: &Path,
    keeper: Option<&dyn KeyKeeper>,
) -> Result<(SeedKey, Option<String>), JournalError> {
    let Some(keeper) = keeper else { return Ok((key::make_file(folder)?, None)) };
    let seed = SeedKey::new_seed()?;
    let id = KeyId::new()?;
    match put(keeper, &id, &seed) {
        Ok(()) => {
            // Named before it signs anything: a key without its name would be lost with the program's end.
            id.write(folder)?;
            Ok((SeedKey::from_seed(&seed, KeyKind::Keychain)?, None))
        }
        Err(error) => Ok((key::make_file(folder)?, Some(error.to_string()))),
    }
}

/// Puts a key into a keychain, and makes sure that it is there.
pub(crate) fn put(keeper: &dyn KeyKeeper, id: &KeyId, seed: &Zeroizing<[u8; 32]>) -> Result<(), KeeperError> {
    let text = Zeroizing::new(hex(seed.as_slice()));
    keeper.write(&id.account(), &text)?;
    match keeper.read(&id.account())? {
        Some(back) if *back == *text => Ok(()),
        _ => Err("The keychain took the key and does not give it back.".into()),
    }
}

/// Stands for a key that cannot be reached: the record can be read, and nothing can be recorded.
pub(crate) struct NoKey {
    pub(crate) why: String,
    /// The one that the record names.
    pub(crate) public: [u8; 32],
}

impl HeadKey for NoKey {
    fn sign(&self, _: &[u8]) -> Result<[u8; 64], JournalError> {
        Err(JournalError::KeyUnreachable(self.why.clone()))
    }

    fn public_key(&self) -> [u8; 32] {
        self.public
    }

    fn kind(&self) -> KeyKind {
        KeyKind::Keychain
    }

    fn unreachable(&self) -> Option<&str> {
        Some(&self.why)
    }
}

/// The key to go on with in a record that names one. Another key than the record's is no key of it when it comes from
/// a keychain, or lies where a keychain's should be: nobody lost it, so nobody may replace it without saying so.
pub(crate) fn fitting(
    folder: &Path,
    connection: &Connection,
    kept: SeedKey,
) -> Result<Box<dyn HeadKey>, JournalError> {
    let current = chain::keys(connection)?.last().copied();
    let expected = kept.kind() == KeyKind::Keychain
        || names_keychain(folder)
        || chain::place(connection)?.as_deref() == Some(KeyKind::Keychain.as_str());
    match current {
        Some(public) if expected && public != kept.public_key() => {
            let place = if kept.kind() == KeyKind::Keychain { "in the keychain" } else { "in journal.key" };
            let why = format!("The key {place} is not the one that signs this record.");
            Ok(Box::new(NoKey { why, public }))
        }
        _ => Ok(Box::new(kept)),
    }
}

/// What stands for a key that cannot be reached, in a record that names one.
pub(crate) fn standing_in(connection: &Connection, why: String) -> Result<Box<dyn HeadKey>, JournalError> {
    match chain::keys(connection)?.last() {
        Some(public) => Ok(Box::new(NoKey { why, public: *public })),
        None => Err(JournalError::KeyUnreachable(why)),
    }
}
