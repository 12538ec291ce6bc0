//! Linux: whatever offers the Secret Service on the session bus (GNOME Keyring, KWallet, KeePassXC).
//!
//! Owns the look before a call, because keyring's store asks the user by itself whenever something is locked, and what
//! the errors of the bus mean. <https://specifications.freedesktop.org/secret-service/latest/>

use std::collections::HashMap;
use std::error::Error as _;
use std::io::ErrorKind;

use domain::ErrorCode;
use keyring_core::Entry;
use keyring_core::api::CredentialStoreApi;
use secret_service::blocking::{Collection, SecretService};
use secret_service::{EncryptionType, Error};
use zbus::DBusError;
use zbus_secret_service_keyring_store::Store;

use super::{Asking, KeychainError, SERVICE};

/// A look takes no secret over the bus, so its session agrees on no key, which would cost as much as reading one.
const LOOKING: EncryptionType = EncryptionType::Plain;

pub(super) fn entry(account: &str) -> keyring_core::Result<Entry> {
    let label = format!("{SERVICE}: {account}");
    Store::new()?.build(SERVICE, account, Some(&HashMap::from([("label", label.as_str())])))
}

/// Held while reading. Nothing here: what could ask was looked at before.
pub(super) struct Quiet;

/// Makes sure that an account can be read without a question, or asks it.
pub(super) fn ready(account: &str, asking: Asking) -> Result<Quiet, KeychainError> {
    look(account, asking).map(|()| Quiet).map_err(|error| refused(&error))
}

fn look(account: &str, asking: Asking) -> Result<(), Error> {
    let service = SecretService::connect(LOOKING)?;
    let attributes = HashMap::from([("service", SERVICE), ("username", account)]);
    let found = service.search_items(attributes)?;
    if !found.unlocked.is_empty() {
        return Ok(());
    }
    let default = default_collection(&service)?;
    let locked = match &default {
        // Nothing found in a locked one means nothing: not every service looks into it.
        Some(collection) => collection.is_locked()?,
        None => false,
    };
    match asking {
        Asking::Silent if locked || !found.locked.is_empty() => Err(Error::Locked),
        // Only what is needed: the store unlocks a single locked item by itself.
        Asking::Allowed if locked => default.map_or(Ok(()), |it| it.unlock()),
        _ => Ok(()),
    }
}

pub(super) fn probe() -> Result<(), KeychainError> {
    let look = || {
        let service = SecretService::connect(LOOKING)?;
        default_collection(&service)?.ok_or(Error::NoResult)?.ensure_unlocked()
    };
    look().map_err(|error| refused(&error))
}

fn default_collection<'a>(service: &'a SecretService<'a>) -> Result<Option<Collection<'a>>, Error> {
    match service.get_default_collection() {
        Ok(collection) => Ok(Some(collection)),
        Err(Error::NoResult) => Ok(None),
        Err(error) => Err(error),
    }
}

fn refused(error: &Error) -> KeychainError {
    KeychainError::new(service_meaning(error), error)
}

/// What an error of the store means: the Secret Service's own stands inside.
pub(super) fn meaning(error: &keyring_core::Error) -> ErrorCode {
    let inner = error.source().and_then(|it| it.downcast_ref());
    inner.map_or(ErrorCode::KeychainFailed, service_meaning)
}

fn service_meaning(error: &Error) -> ErrorCode {
    match error {
        Error::Locked => ErrorCode::KeychainLocked,
        Error::Prompt | Error::PromptDisconnected => ErrorCode::KeychainDenied,
        // `NoResult`: there is a service, and it has no default collection.
        Error::NoResult | Error::Unavailable => ErrorCode::KeychainAbsent,
        Error::Zbus(error) => bus_meaning(error),
        Error::ZbusFdo(error) => standard_meaning(error),
        _ => ErrorCode::KeychainFailed,
    }
}

fn bus_meaning(error: &zbus::Error) -> ErrorCode {
    match error {
        zbus::Error::Address(_) => ErrorCode::KeychainAbsent,
        zbus::Error::InputOutput(error) | zbus::Error::Connection(error, _) => match error.kind() {
            ErrorKind::NotFound | ErrorKind::ConnectionRefused | ErrorKind::NotADirectory => {
                ErrorCode::KeychainAbsent
            }
            ErrorKind::PermissionDenied => ErrorCode::KeychainDenied,
            _ => ErrorCode::KeychainFailed,
        },
        zbus::Error::MethodError(name, ..) => name_meaning(name.as_str()),
        zbus::Error::FDO(error) => standard_meaning(error),
        _ => ErrorCode::KeychainFailed,
    }
}

fn standard_meaning(error: &zbus::fdo::Error) -> ErrorCode {
    match error {
        zbus::fdo::Error::ZBus(error) => bus_meaning(error),
        other => name_meaning(other.name().as_str()),
    }
}

/// The names are the bus's and the Secret Service's own: they are part of the protocol, no words for people.
fn name_meaning(name: &str) -> ErrorCode {
    if name == "org.freedesktop.Secret.Error.IsLocked" {
        return ErrorCode::KeychainLocked;
    }
    match name.strip_prefix("org.freedesktop.DBus.Error.") {
        Some("ServiceUnknown" | "NameHasNoOwner" | "NoServer") => ErrorCode::KeychainAbsent,
        // The service is installed, and cannot be started.
        Some(spawn) if spawn.starts_with("Spawn.") => ErrorCode::KeychainAbsent,
        Some("AccessDenied" | "AuthFailed" | "InteractiveAuthorizationRequired") => ErrorCode::KeychainDenied,
        Some("NoReply" | "Timeout" | "TimedOut") => ErrorCode::KeychainTimedOut,
        _ => ErrorCode::KeychainFailed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_told_by_its_type() {
        let io = |kind: ErrorKind| Error::Zbus(zbus::Error::InputOutput(std::io::Error::from(kind).into()));
        let standard = |error| Error::Zbus(zbus::Error::FDO(Box::new(error)));
        let words = || "words in any language".to_owned();
        for (error, code) in [
            (Error::Locked, ErrorCode::KeychainLocked),
            (Error::Prompt, ErrorCode::KeychainDenied),
            (Error::NoResult, ErrorCode::KeychainAbsent),
            (Error::Unavailable, ErrorCode::KeychainAbsent),
            (Error::Crypto("padding"), ErrorCode::KeychainFailed),
            (io(ErrorKind::ConnectionRefused), ErrorCode::KeychainAbsent),
            (io(ErrorKind::PermissionDenied), ErrorCode::KeychainDenied),
            (io(ErrorKind::BrokenPipe), ErrorCode::KeychainFailed),
            (standard(zbus::fdo::Error::ServiceUnknown(words())), ErrorCode::KeychainAbsent),
            (standard(zbus::fdo::Error::SpawnChildExited(words())), ErrorCode::KeychainAbsent),
            (Error::ZbusFdo(zbus::fdo::Error::AccessDenied(words())), ErrorCode::KeychainDenied),
            (Error::ZbusFdo(zbus::fdo::Error::NoReply(words())), ErrorCode::KeychainTimedOut),
        ] {
            assert_eq!(service_meaning(&error), code, "{error:?}");
            assert_eq!(meaning(&keyring_core::Error::PlatformFailure(error.into())), code);
        }
        assert_eq!(name_meaning("org.freedesktop.Secret.Error.IsLocked"), ErrorCode::KeychainLocked);
        assert_eq!(name_meaning("org.example.Other"), ErrorCode::KeychainFailed);
        let other = keyring_core::Error::NoStorageAccess(std::fmt::Error.into());
        assert_eq!(meaning(&other), ErrorCode::KeychainFailed);
        assert_eq!(meaning(&keyring_core::Error::NoDefaultStore), ErrorCode::KeychainFailed);
    }
}
