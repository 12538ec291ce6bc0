//! macOS: the user's login keychain.
//!
//! Owns the switch that keeps the system from asking, and what its status codes mean (`SecBase.h`).

use std::error::Error as _;

use domain::ErrorCode;
use keyring_core::Entry;
use keyring_core::api::CredentialStoreApi;
use security_framework::os::macos::keychain::{KeychainUserInteractionLock, SecKeychain};

use super::{Asking, KeychainError, SERVICE};

pub(super) fn entry(account: &str) -> keyring_core::Result<Entry> {
    apple_native_keyring_store::keychain::Store::new()?.build(SERVICE, account, None)
}

/// Keeps the system from asking for as long as it is held, if it holds something.
pub(super) type Quiet = Option<KeychainUserInteractionLock>;

pub(super) fn ready(_account: &str, asking: Asking) -> Result<Quiet, KeychainError> {
    match asking {
        Asking::Silent => SecKeychain::disable_user_interaction().map(Some).map_err(refused),
        Asking::Allowed => Ok(None),
    }
}

/// Whether there is a default keychain. The system has no way to see without asking whether it is unlocked.
pub(super) fn probe() -> Result<(), KeychainError> {
    SecKeychain::default().map(drop).map_err(refused)
}

fn refused(error: security_framework::base::Error) -> KeychainError {
    KeychainError::new(status_meaning(error.code()), error)
}

/// What an error of the store means: the system's own stands inside.
pub(super) fn meaning(error: &keyring_core::Error) -> ErrorCode {
    let status = error.source().and_then(|it| it.downcast_ref::<security_framework::base::Error>());
    status.map_or(ErrorCode::KeychainFailed, |it| status_meaning(it.code()))
}

fn status_meaning(status: i32) -> ErrorCode {
    match status {
        // errSecInteractionNotAllowed, errSecInteractionRequired
        -25308 | -25315 => ErrorCode::KeychainLocked,
        // wrPermErr, errSecUserCanceled, errSecInvalidOwnerEdit, errSecReadOnly, errSecAuthFailed
        -61 | -128 | -25244 | -25292 | -25293 => ErrorCode::KeychainDenied,
        // errSecNotAvailable, errSecNoSuchKeychain, errSecInvalidKeychain, errSecNoDefaultKeychain
        -25291 | -25294 | -25295 | -25307 => ErrorCode::KeychainAbsent,
        _ => ErrorCode::KeychainFailed,
    }
}
