//! The little that a host must give. It grows only when a command needs something that differs between hosts.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use domain::Timestamp;

/// What the desk asks of the program around it.
pub trait Host: Send + Sync + 'static {
    /// The time. A parameter, so that tests can freeze it.
    fn now(&self) -> Timestamp;
}

/// A host with the clock of this computer.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemHost;

impl Host for SystemHost {
    #[allow(clippy::disallowed_methods, reason = "the one place where the clock is read")]
    fn now(&self) -> Timestamp {
        let millis = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
            Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
        };
        Timestamp::from_millis(millis)
    }
}

/// The user's data folder for this program, unless `CSRDESK_DATA_DIR` names another; none on a system without one.
#[must_use]
pub fn default_data_dir() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("CSRDESK_DATA_DIR").filter(|it| !it.is_empty()) {
        return Some(named.into());
    }
    directories::ProjectDirs::from("", "", "csrdesk").map(|dirs| dirs.data_local_dir().to_owned())
}
