//! The key that signs the head of the record.
//!
//! Owns the trait, and the key file that is used where no keychain is: 0600, made once, never overwritten. Refuses to
//! own which of the two a record uses; see [`crate::keep`].

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use aws_lc_rs::{hkdf, hmac};
use zeroize::Zeroizing;

use crate::canonical::{Signature, hex};
use crate::{JournalError, keep};

/// The key file's name in the data folder.
pub const KEY_FILE_NAME: &str = "journal.key";

/// Where a key is kept, for the words that say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// In a file beside the record, readable by its owner alone.
    File,
    /// In the operating system's keychain.
    Keychain,
}

impl KeyKind {
    /// The text in the record.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Keychain => "keychain",
        }
    }

    /// One sentence for people.
    #[must_use]
    pub fn says(self) -> &'static str {
        match self {
            Self::File => {
                "The record is signed with a key that is kept in the file journal.key beside it: who can read that file can sign in its name."
            }
            Self::Keychain => "The record is signed with a key that is kept in this computer's keychain.",
        }
    }
}

/// Signs the head of the record with Ed25519 (RFC 8032).
pub trait HeadKey: Send + Sync {
    /// Signs a message.
    ///
    /// # Errors
    /// The key cannot sign: nothing can be recorded.
    fn sign(&self, message: &[u8]) -> Result<[u8; 64], JournalError>;

    /// The public part.
    fn public_key(&self) -> [u8; 32];

    /// Where it is kept.
    fn kind(&self) -> KeyKind;

    /// What tells a token apart from another one that is used with the same key, in hexadecimal; none when the key cannot say.
    fn token_fingerprint(&self, _token: &[u8]) -> Option<String> {
        None
    }

    /// Why it cannot sign, when that is known from the start.
    fn unreachable(&self) -> Option<&str> {
        None
    }
}

/// What the key for fingerprints of tokens is derived with (docs/record-format.md).
const TOKEN_LABEL: &[u8] = b"csrdesk-token-fingerprint";
/// How many bytes of an HMAC tell two tokens of one journal apart.
const TOKEN_FINGERPRINT: usize = 8;

/// A key held in memory, made from its 32 secret bytes (the seed of RFC 8032, section 5.1.5).
pub struct SeedKey {
    pair: Ed25519KeyPair,
    public: [u8; 32],
    kind: KeyKind,
    /// Derived from the seed, so that the fingerprints of two journals cannot be compared.
    tokens: Box<hmac::Key>,
}

impl SeedKey {
    /// The key of a seed.
    ///
    /// # Errors
    /// [`JournalError::Key`] when the crypto provider does not take it.
    pub fn from_seed(seed: &Zeroizing<[u8; 32]>, kind: KeyKind) -> Result<Self, JournalError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.as_slice())
            .map_err(|error| JournalError::Key(error.to_string()))?;
        let mut public = [0; 32];
        public.copy_from_slice(pair.public_key().as_ref());
        let derived = hkdf::Salt::new(hkdf::HKDF_SHA256, &[]).extract(seed.as_slice());
        let tokens = derived
            .expand(&[TOKEN_LABEL], hmac::HMAC_SHA256)
            .map_err(|_| JournalError::Key("no key can be derived from it".to_owned()))?;
        Ok(Self { pair, public, kind, tokens: Box::new(tokens.into()) })
    }

    /// A new seed from the system's randomness, for whoever keeps it.
    ///
    /// # Errors
    /// [`JournalError::Key`] when there is no randomness.
    pub fn new_seed() -> Result<Zeroizing<[u8; 32]>, JournalError> {
        let mut seed = Zeroizing::new([0; 32]);
        aws_lc_rs::rand::fill(seed.as_mut_slice())
            .map_err(|_| JournalError::Key("the system gives no randomness".to_owned()))?;
        Ok(seed)
    }
}

impl HeadKey for SeedKey {
    fn sign(&self, message: &[u8]) -> Result<[u8; 64], JournalError> {
        let refused = || JournalError::Key("the key cannot sign".to_owned());
        let signature = self.pair.try_sign(message).map_err(|_| refused())?;
        signature.as_ref().try_into().map_err(|_| refused())
    }

    fn public_key(&self) -> [u8; 32] {
        self.public
    }

    fn kind(&self) -> KeyKind {
        self.kind
    }

    fn token_fingerprint(&self, token: &[u8]) -> Option<String> {
        let tag = hmac::sign(&self.tokens, token);
        tag.as_ref().get(..TOKEN_FINGERPRINT).map(hex)
    }
}

/// Never its secret.
impl std::fmt::Debug for SeedKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SeedKey({})", hex(&self.public))
    }
}

/// Whether a signature is the key's.
pub(crate) fn is_signed(public: &[u8; 32], message: &[u8], signature: &Signature) -> bool {
    UnparsedPublicKey::new(&ED25519, public).verify(message, signature).is_ok()
}

/// The key in the data folder, if there is one.
pub(crate) fn read_file(folder: &Path) -> Result<Option<SeedKey>, JournalError> {
    let Some(text) = read_text(folder)? else { return Ok(None) };
    if text.is_empty() && is_not_begun(folder) {
        return Ok(None);
    }
    let seed = keep::seed(&text).ok_or_else(|| JournalError::Key(NO_KEY.to_owned()))?;
    SeedKey::from_seed(&seed, KeyKind::File).map(Some)
}

/// Whether no journal needs the key: an empty file of a key is then what an earlier version left when it was ended while it
/// made the key.
pub(crate) fn is_not_begun(folder: &Path) -> bool {
    match std::fs::metadata(folder.join(crate::FILE_NAME)) {
        Ok(file) => file.len() == 0,
        Err(error) => error.kind() == ErrorKind::NotFound,
    }
}

/// What the key file holds, if there is one.
pub(crate) fn read_text(folder: &Path) -> Result<Option<Zeroizing<String>>, JournalError> {
    let file = match File::open(folder.join(KEY_FILE_NAME)) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(JournalError::Key(error.to_string())),
    };
    // A little more than a key, so that a longer file is noticed; never the whole of something that is no key.
    let mut text = Zeroizing::new(String::with_capacity(80));
    file.take(80).read_to_string(&mut text).map_err(|error| JournalError::Key(error.to_string()))?;
    Ok(Some(text))
}

pub(crate) const NO_KEY: &str =
    "journal.key holds no key; move it away, and a new one is made, which the record then tells";

/// Makes the key file with a new key.
///
/// The caller holds the folder's lock, so that no other process reads a half-written key.
pub(crate) fn make_file(folder: &Path) -> Result<SeedKey, JournalError> {
    let seed = SeedKey::new_seed()?;
    write_file(folder, &seed)?;
    SeedKey::from_seed(&seed, KeyKind::File)
}

/// Makes the key file with a key.
pub(crate) fn write_file(folder: &Path, seed: &Zeroizing<[u8; 32]>) -> Result<(), JournalError> {
    write_once(folder, KEY_FILE_NAME, &Zeroizing::new(hex(seed.as_slice())))
}

/// Makes a file: never over an existing one, durable before it is used, the owner's alone. It gets its name once it is whole,
/// so a program that is ended in between leaves nothing that a later start stumbles over.
///
/// The caller holds the folder's lock, so that no other process writes the same.
pub(crate) fn write_once(folder: &Path, name: &str, line: &str) -> Result<(), JournalError> {
    let path = folder.join(name);
    let unusable = |error| JournalError::from_io(folder, error);
    // An empty one is what an earlier version left when it was ended at this moment.
    if std::fs::metadata(&path).is_ok_and(|it| it.len() > 0) {
        return Err(unusable(ErrorKind::AlreadyExists.into()));
    }
    let unfinished = folder.join(format!("{name}.new"));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match std::fs::remove_file(&unfinished) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(unusable(error)),
        _ => {}
    }
    let mut file = options.open(&unfinished).map_err(unusable)?;
    let text = Zeroizing::new(format!("{line}\n"));
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| std::fs::rename(&unfinished, &path))
        .and_then(|()| sync(folder));
    if let Err(error) = written {
        // It holds a key that nobody uses.
        let _ = std::fs::remove_file(&unfinished);
        return Err(unusable(error));
    }
    Ok(())
}

/// Removes a file, durably; fine when there is none.
pub(crate) fn remove(folder: &Path, name: &str) -> Result<(), JournalError> {
    match std::fs::remove_file(folder.join(name)) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(JournalError::from_io(folder, error)),
        _ => sync(folder).map_err(|error| JournalError::from_io(folder, error)),
    }
}

/// Makes the file's name durable too; a folder can be synced on Unix only.
pub(crate) fn sync(folder: &Path) -> std::io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canonical::unhex;

    #[test]
    fn the_key_file_is_made_once_and_is_the_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        assert!(read_file(folder.path()).unwrap().is_none());
        let made = make_file(folder.path()).unwrap();
        let read = read_file(folder.path()).unwrap().unwrap();
        assert_eq!(made.public_key(), read.public_key());
        let signature = read.sign(b"m").unwrap();
        assert!(is_signed(&made.public_key(), b"m", &signature));
        assert!(!is_signed(&made.public_key(), b"n", &signature));
        make_file(folder.path()).unwrap_err();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(folder.path().join(KEY_FILE_NAME)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        let secret = std::fs::read_to_string(folder.path().join(KEY_FILE_NAME)).unwrap();
        assert!(!format!("{read:?}").contains(secret.trim()));
    }

    #[test]
    fn a_file_that_is_no_key_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        // With a journal, an empty file is a lost key.
        std::fs::write(folder.path().join(crate::FILE_NAME), "a journal").unwrap();
        for text in ["", "no key", &"0".repeat(65)] {
            std::fs::write(folder.path().join(KEY_FILE_NAME), text).unwrap();
            assert!(matches!(read_file(folder.path()), Err(JournalError::Key(_))), "{text}");
            assert_eq!(std::fs::read_to_string(folder.path().join(KEY_FILE_NAME)).unwrap(), text);
        }
    }

    #[test]
    fn what_an_interrupted_first_start_left_stops_no_later_one() {
        for left in
            [KEY_FILE_NAME, "journal.key.new", keep::KEY_ID_FILE_NAME, "journal.key-id.new", "journal.head"]
        {
            for text in ["", "9d61b19deffd5a"] {
                if !text.is_empty() && !left.ends_with(".new") {
                    continue;
                }
                let folder = tempfile::tempdir().unwrap();
                std::fs::write(folder.path().join(left), text).unwrap();
                let at = domain::Timestamp::from_millis(1);
                let opened = crate::Journal::open(folder.path(), at).unwrap();
                assert_eq!(opened.journal.open_findings().unwrap(), [], "{left}");
                assert!(read_file(folder.path()).unwrap().is_some(), "{left}");
                opened.journal.record(crate::Plain::Export, at, &()).unwrap();
            }
        }
    }

    #[test]
    fn a_fingerprint_tells_two_tokens_of_a_journal_apart_and_says_nothing_in_another_one() {
        let key = || SeedKey::from_seed(&SeedKey::new_seed().unwrap(), KeyKind::File).unwrap();
        let (here, there) = (key(), key());
        let of = |key: &SeedKey, token: &str| key.token_fingerprint(token.as_bytes()).unwrap();
        assert_eq!(of(&here, "one").len(), 16);
        assert_eq!(of(&here, "one"), of(&here, "one"));
        assert_ne!(of(&here, "one"), of(&here, "two"));
        assert_ne!(of(&here, "one"), of(&there, "one"));
    }

    #[test]
    fn the_public_key_is_the_one_of_rfc_8032() {
        // Section 7.1, test 1.
        let seed = unhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60").unwrap();
        let key = SeedKey::from_seed(&Zeroizing::new(seed), KeyKind::File).unwrap();
        assert_eq!(
            hex(&key.public_key()),
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
        );
    }
}
