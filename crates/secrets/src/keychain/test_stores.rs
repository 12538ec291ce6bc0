//! Stores for tests: one that keeps, and one for each way to fail.
//!
//! Owns nothing that ships: a program reaches these only through `named_in_environment`, which debug builds alone have.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use domain::ErrorCode;
use zeroize::Zeroizing;

use super::{Asking, KeychainError, Store};

/// Keeps in memory, for as long as it lives.
#[derive(Default)]
pub struct Memory(Mutex<BTreeMap<String, Zeroizing<String>>>);

impl Store for Memory {
    fn read(&self, account: &str, _: Asking) -> Result<Option<Zeroizing<String>>, KeychainError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).get(account).cloned())
    }

    fn write(&self, account: &str, secret: &str) -> Result<(), KeychainError> {
        let secret = Zeroizing::new(secret.to_owned());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(account.to_owned(), secret);
        Ok(())
    }

    fn delete(&self, account: &str) -> Result<(), KeychainError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(account);
        Ok(())
    }

    fn probe(&self) -> Result<(), KeychainError> {
        Ok(())
    }
}

/// Fails each call with one code.
pub struct Failing(pub ErrorCode);

impl Failing {
    fn error(&self) -> KeychainError {
        KeychainError::new(self.0, "a test's keychain")
    }
}

impl Store for Failing {
    fn read(&self, _: &str, _: Asking) -> Result<Option<Zeroizing<String>>, KeychainError> {
        Err(self.error())
    }

    fn write(&self, _: &str, _: &str) -> Result<(), KeychainError> {
        Err(self.error())
    }

    fn delete(&self, _: &str) -> Result<(), KeychainError> {
        Err(self.error())
    }

    fn probe(&self) -> Result<(), KeychainError> {
        Err(self.error())
    }
}

/// Never answers.
pub struct Hanging;

impl Hanging {
    fn forever() -> ! {
        loop {
            std::thread::park();
        }
    }
}

impl Store for Hanging {
    fn read(&self, _: &str, _: Asking) -> Result<Option<Zeroizing<String>>, KeychainError> {
        Self::forever()
    }

    fn write(&self, _: &str, _: &str) -> Result<(), KeychainError> {
        Self::forever()
    }

    fn delete(&self, _: &str) -> Result<(), KeychainError> {
        Self::forever()
    }

    fn probe(&self) -> Result<(), KeychainError> {
        Self::forever()
    }
}

/// Never answers, and leaves a file behind when it is asked, so that a test sees whether a program asked anything.
pub struct Witness(pub PathBuf);

impl Witness {
    fn note(&self) {
        // A test that finds no file would pass for the wrong reason.
        std::fs::write(&self.0, "asked").unwrap_or_else(|error| panic!("{}: {error}", self.0.display()));
    }
}

impl Store for Witness {
    fn read(&self, account: &str, asking: Asking) -> Result<Option<Zeroizing<String>>, KeychainError> {
        self.note();
        Hanging.read(account, asking)
    }

    fn write(&self, account: &str, secret: &str) -> Result<(), KeychainError> {
        self.note();
        Hanging.write(account, secret)
    }

    fn delete(&self, account: &str) -> Result<(), KeychainError> {
        self.note();
        Hanging.delete(account)
    }

    fn probe(&self) -> Result<(), KeychainError> {
        self.note();
        Hanging.probe()
    }
}

/// A file for each account in a folder, as plain text, so that several processes of one test share it.
pub struct Folder(pub PathBuf);

impl Folder {
    /// Named in hexadecimal, so that every account is a file's name.
    fn path(&self, account: &str) -> PathBuf {
        self.0.join(account.bytes().map(|it| format!("{it:02x}")).collect::<String>())
    }
}

fn absent(error: impl ToString) -> KeychainError {
    KeychainError::new(ErrorCode::KeychainAbsent, error)
}

impl Store for Folder {
    fn read(&self, account: &str, _: Asking) -> Result<Option<Zeroizing<String>>, KeychainError> {
        self.probe()?;
        match std::fs::read_to_string(self.path(account)) {
            Ok(text) => Ok(Some(Zeroizing::new(text))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(absent(error)),
        }
    }

    fn write(&self, account: &str, secret: &str) -> Result<(), KeychainError> {
        self.probe()?;
        std::fs::write(self.path(account), secret).map_err(absent)
    }

    fn delete(&self, account: &str) -> Result<(), KeychainError> {
        match std::fs::remove_file(self.path(account)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(absent(error)),
            _ => Ok(()),
        }
    }

    /// Without its folder it is absent: a test can take it away.
    fn probe(&self) -> Result<(), KeychainError> {
        std::fs::read_dir(&self.0).map(drop).map_err(absent)
    }
}

/// The environment variable that names a store.
#[cfg(debug_assertions)]
pub const VARIABLE: &str = "CSRDESK_TEST_KEYCHAIN";

/// The keychain that [`VARIABLE`] names; none when it is not set. A word it does not know is a store that is absent, so
/// that a misspelled test cannot reach anybody's real keychain.
#[cfg(debug_assertions)]
pub(super) fn named_in_environment() -> Option<super::Keychain> {
    std::env::var_os(VARIABLE).map(|name| named(&name.to_string_lossy()))
}

#[cfg(debug_assertions)]
fn named(name: &str) -> super::Keychain {
    use super::Keychain;
    // A test need not wait as long as a user would.
    let soon = std::time::Duration::from_millis(300);
    match name {
        "memory" => Keychain::over(Memory::default()),
        "locked" => Keychain::over(Failing(ErrorCode::KeychainLocked)),
        "denied" => Keychain::over(Failing(ErrorCode::KeychainDenied)),
        "hang" => Keychain::over(Hanging).answering_within(soon),
        _ => match name.split_once(':') {
            Some(("folder", path)) => Keychain::over(Folder(path.into())),
            Some(("witness", path)) => Keychain::over(Witness(path.into())).answering_within(soon),
            _ => Keychain::over(Failing(ErrorCode::KeychainAbsent)),
        },
    }
}
