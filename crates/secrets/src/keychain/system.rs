//! The keychain of the system this was built for, through keyring's stores.
//!
//! Owns the choice of the store, and what its errors mean. What differs between systems is in `linux`, `macos` and
//! `windows`: how to see that a question would be asked, and what the system's own errors say.

use std::sync::OnceLock;

use domain::ErrorCode;
use keyring_core::{Entry, Error};
use zeroize::{Zeroize, Zeroizing};

#[cfg(target_os = "linux")]
use super::linux as os;
#[cfg(target_os = "macos")]
use super::macos as os;
#[cfg(windows)]
use super::windows as os;
use super::{Asking, Keychain, KeychainError, Store};

pub(super) fn keychain() -> Keychain {
    static KEYCHAIN: OnceLock<Keychain> = OnceLock::new();
    KEYCHAIN.get_or_init(chosen).clone()
}

#[cfg(debug_assertions)]
fn chosen() -> Keychain {
    super::test_stores::named_in_environment().unwrap_or_else(|| Keychain::over(System))
}

#[cfg(not(debug_assertions))]
fn chosen() -> Keychain {
    Keychain::over(System)
}

/// The operating system's. Connected anew for each call: calls are rare, and a keychain service may be started anew.
struct System;

impl Store for System {
    fn read(&self, account: &str, asking: Asking) -> Result<Option<Zeroizing<String>>, KeychainError> {
        let _quiet: os::Quiet = os::ready(account, asking)?;
        let mut bytes = match entry(account)?.get_secret() {
            Ok(bytes) => bytes,
            Err(Error::NoEntry) => return Ok(None),
            Err(error) => return Err(refused(&error)),
        };
        let text = std::str::from_utf8(&bytes).map(|text| Zeroizing::new(text.to_owned()));
        bytes.zeroize();
        text.map(Some).map_err(|_| failed("what is kept there is no text"))
    }

    fn write(&self, account: &str, secret: &str) -> Result<(), KeychainError> {
        entry(account)?.set_secret(secret.as_bytes()).map_err(|error| refused(&error))
    }

    fn delete(&self, account: &str) -> Result<(), KeychainError> {
        match entry(account)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(refused(&error)),
        }
    }

    fn probe(&self) -> Result<(), KeychainError> {
        os::probe()
    }
}

fn entry(account: &str) -> Result<Entry, KeychainError> {
    os::entry(account).map_err(|error| refused(&error))
}

fn failed(detail: &str) -> KeychainError {
    KeychainError::new(ErrorCode::KeychainFailed, detail)
}

/// What a store's error means. The system's own error stands inside, and is looked at by its type.
pub(super) fn refused(error: &Error) -> KeychainError {
    let code = os::meaning(error);
    // Not the whole error where it holds what was read.
    let detail = match error {
        Error::BadEncoding(_) | Error::BadDataFormat(..) | Error::Ambiguous(_) => {
            "what is kept there is not as it was written".to_owned()
        }
        other => other.to_string(),
    };
    KeychainError::new(code, detail)
}
