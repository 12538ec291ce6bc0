//! The commands about the session: how it stands, locking it, what a person prefers.

use domain::{ConnectionId, Finding, OpenFinding, Timestamp};
use serde::{Deserialize, Serialize};

use super::saved::Shown;
use super::secrets::KeychainState;

/// How much the log says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    /// Nothing is written.
    Off,
    /// What failed.
    Error,
    /// What failed, and what is odd.
    Warn,
    /// Also what was done.
    #[default]
    Info,
    /// Also how it went, step by step.
    Debug,
    /// Everything, libraries included.
    Trace,
}

impl LogLevel {
    /// All, from the quietest on.
    pub const ALL: [Self; 6] = [Self::Off, Self::Error, Self::Warn, Self::Info, Self::Debug, Self::Trace];

    /// The word in files and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

/// What a person prefers, whatever the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// After so many minutes in which nothing was done, secrets leave the memory; 0 for never, at most a day.
    pub lock_after_minutes: u32,
    /// How much the log says.
    pub log_level: LogLevel,
}

impl Preferences {
    /// The longest time until a lock, in minutes: a day.
    pub const MAX_LOCK_MINUTES: u32 = 24 * 60;
}

impl Default for Preferences {
    fn default() -> Self {
        Self { lock_after_minutes: 30, log_level: LogLevel::default() }
    }
}

/// A signing that is in progress.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunningSigning {
    /// The number of its entry.
    pub entry: u64,
    /// Its intent.
    pub intent: String,
    /// When the intent was recorded.
    pub at: Timestamp,
    /// The server's address, in one spelling.
    pub server: String,
    /// The connection it was begun with; none where its program did not write that down.
    pub connection: Option<ConnectionId>,
    /// The id of the CSR.
    pub csr_id: String,
    /// The issuer's common name, if one is named.
    pub issuer: Option<String>,
}

impl RunningSigning {
    /// Whether it is a signing with this connection. Where the connection is not known, every connection to its server
    /// counts as the one.
    #[must_use]
    pub fn is_with(&self, connection: &ConnectionId, server: &str) -> bool {
        self.connection.as_ref().map_or(self.server == server, |it| it == connection)
    }
}

/// What the desk holds at the moment. Asking does not count as doing something, so it does not put off the lock.
pub mod status {
    use super::*;

    /// Asks for it.
    pub struct Status;

    /// Nothing to say.
    #[derive(Clone, Debug, Default, Serialize, Deserialize)]
    pub struct Request {}

    /// The state of the desk.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Response {
        /// The connection in use, if any.
        pub connection: Option<Shown>,
        /// Whether secrets left the memory because nothing was done, or because a person asked for it.
        pub locked: bool,
        /// Whether this computer's keychain can be used, as far as it was asked.
        pub keychain: KeychainState,
        /// What is preferred.
        pub preferences: Preferences,
        /// Where the record is kept.
        pub data_dir: String,
        /// Why signing is not possible, if the record cannot be written.
        pub journal_problem: Option<String>,
        /// What does not hold about the record, or was done about it at this start, a sentence each.
        pub journal_notes: Vec<String>,
        /// What is good to know about the record, and no reason to wait.
        #[serde(default)]
        pub journal_remark: Option<String>,
        /// The signings that are in progress, in this program and in others on the same data folder, in the order of their
        /// entries.
        #[serde(default)]
        pub running: Vec<RunningSigning>,
        /// How many signings wait for somebody to look.
        pub unsettled: u64,
        /// What was found out about the history, oldest first: nothing is signed until a person acknowledges it.
        #[serde(default)]
        pub findings: Vec<OpenFinding>,
        /// The findings that a person acknowledged, oldest first, with the reason.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub acknowledged: Vec<Finding>,
        /// Whether the program ends as soon as the signings that it has sent are recorded. It signs nothing more.
        #[serde(default)]
        pub stopping: bool,
        /// The version of this program.
        pub version: String,
        /// The clock of the computer on which the program runs.
        pub now: Timestamp,
    }

    impl Response {
        /// Whether a token can be used now without asking a person for it.
        #[must_use]
        pub fn token_held(&self) -> bool {
            !self.locked && self.connection.as_ref().is_some_and(|it| it.token.is_some())
        }

        /// When the server rejected the token of the connection in use, if it has not accepted it since.
        #[must_use]
        pub fn token_rejected(&self) -> Option<Timestamp> {
            self.connection.as_ref()?.token?.rejected
        }
    }
}

/// The same without waiting for the disk or the keychain, for a page that has just come up. What they say is missing:
/// no `journal_problem`, nothing running or unsettled, the notes as they were known, and `keychain` may be `not_asked`.
pub mod quick_status {
    use super::*;

    /// Asks for it.
    pub struct QuickStatus;

    /// Nothing to say.
    #[derive(Clone, Debug, Default, Serialize, Deserialize)]
    pub struct Request {}

    pub use super::status::Response;
}

/// Takes all secrets out of the memory. Those in the keychain come back with `unlock`, the others are forgotten.
pub mod lock {
    use super::*;

    /// Locks.
    pub struct Lock;

    /// Nothing to say.
    #[derive(Clone, Debug, Default, Serialize, Deserialize)]
    pub struct Request {}

    /// Locked.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    pub struct Response {}
}

/// Reads the secrets of the connection in use from the keychain again. The system may ask the person.
pub mod unlock {
    use super::*;

    /// Unlocks.
    pub struct Unlock;

    /// Nothing to say.
    #[derive(Clone, Debug, Default, Serialize, Deserialize)]
    pub struct Request {}

    /// Unlocked.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    pub struct Response {
        /// Whether a token is there again; if not, it has to be typed.
        pub token_held: bool,
    }
}

/// Changes what is preferred.
pub mod set_preferences {
    use super::*;

    /// Changes it.
    pub struct SetPreferences;

    /// All of it.
    #[derive(Clone, Copy, Debug, Serialize, Deserialize)]
    pub struct Request {
        /// What is preferred from now on.
        pub preferences: Preferences,
    }

    /// As it was taken: a time beyond the limit is shortened to it.
    #[derive(Clone, Copy, Debug, Serialize, Deserialize)]
    pub struct Response {
        /// What is preferred.
        pub preferences: Preferences,
    }
}

/// Everything that helps somebody to help, as text, without secrets.
pub mod diagnostics {
    use super::*;

    /// Gathers it.
    pub struct Diagnostics;

    /// Nothing to say.
    #[derive(Clone, Debug, Default, Serialize, Deserialize)]
    pub struct Request {}

    /// The text.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    pub struct Response {
        /// Versions, settings, the last lines of the log.
        pub text: String,
    }
}
