//! Windows: the Credential Manager, which is unlocked as long as the user is logged in and never asks.
//!
//! Owns what its errors mean.

use std::collections::HashMap;

use domain::ErrorCode;
use keyring_core::Entry;
use keyring_core::api::CredentialStoreApi;
use windows_native_keyring_store::store::Store;

use super::{Asking, KeychainError, SERVICE};

pub(super) fn entry(account: &str) -> keyring_core::Result<Entry> {
    // Of this computer alone: the store's own choice would travel with a roaming profile.
    Store::new()?.build(SERVICE, account, Some(&HashMap::from([("persistence", "Local")])))
}

/// Held while reading. Nothing here: nothing asks.
pub(super) struct Quiet;

pub(super) fn ready(_account: &str, _asking: Asking) -> Result<Quiet, KeychainError> {
    Ok(Quiet)
}

/// A look for an account that nobody has: it fails where there is no logon session to keep anything in.
pub(super) fn probe() -> Result<(), KeychainError> {
    match entry("probe").and_then(|it| it.get_secret()) {
        Ok(_) | Err(keyring_core::Error::NoEntry) => Ok(()),
        Err(error) => Err(super::system::refused(&error)),
    }
}

/// What an error of the store means. Its own error type is private, and its only case of no access is a missing logon
/// session.
pub(super) fn meaning(error: &keyring_core::Error) -> ErrorCode {
    match error {
        keyring_core::Error::NoStorageAccess(_) => ErrorCode::KeychainAbsent,
        _ => ErrorCode::KeychainFailed,
    }
}
