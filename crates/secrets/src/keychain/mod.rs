//! The operating system's keychain, so that it can never hang or surprise the program.
//!
//! Owns the calls, their time limits and their errors. Refuses to own what is kept and when: a caller names an account
//! and hands over a text. Each call does its work on a thread of its own, because a keychain may answer late or never
//! (a locked Secret Service waits for its user); see `turn` for what follows from that.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
mod system;
pub mod test_stores;
mod turn;
#[cfg(windows)]
mod windows;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use domain::ErrorCode;
use zeroize::Zeroizing;

use turn::Turns;

/// The name under which the operating system lists what this program keeps.
pub const SERVICE: &str = "CSR Desk";
/// The most bytes a secret may have: what Windows' Credential Manager takes (`CRED_MAX_CREDENTIAL_BLOB_SIZE`), everywhere
/// alike.
pub const MAX_SECRET_BYTES: usize = 2_560;
/// The most characters an account's name may have; Windows takes 512 bytes.
pub const MAX_ACCOUNT_CHARS: usize = 128;
/// How long a call waits that asks the user nothing.
pub const SILENT_LIMIT: Duration = Duration::from_secs(8);
/// How long a call should wait that may show the system's question: time to find the window and type a password.
pub const ASKING_LIMIT: Duration = Duration::from_secs(120);

/// Why the keychain could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeychainError {
    /// One of the `keychain-…` codes.
    pub code: ErrorCode,
    /// The technical text behind it; never a secret.
    pub detail: String,
}

impl KeychainError {
    /// An error of one of the `keychain-…` codes.
    #[must_use]
    pub fn new(code: ErrorCode, detail: impl ToString) -> Self {
        // A keychain's words come over a bus that others can write to: bounded, like everything from outside.
        let detail = detail.to_string().chars().filter(|it| !it.is_control()).take(300).collect();
        Self { code, detail }
    }
}

impl fmt::Display for KeychainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code.what(), self.code.next())?;
        if self.detail.is_empty() { Ok(()) } else { write!(f, " ({})", self.detail) }
    }
}

impl std::error::Error for KeychainError {}

/// Whether a store may show the system's own question to the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// What would need a question fails as [`ErrorCode::KeychainLocked`].
    Silent,
    /// The user may be asked to unlock the keychain, or to allow access.
    Allowed,
}

/// A place for secret texts by account name. Calls may block for as long as they like.
pub trait Store: Send + Sync {
    /// The text of an account; none when there is none.
    ///
    /// # Errors
    /// One of the `keychain-…` codes.
    fn read(&self, account: &str, asking: Asking) -> Result<Option<Zeroizing<String>>, KeychainError>;

    /// Keeps a text under an account, in place of the one before. May ask the user.
    ///
    /// # Errors
    /// One of the `keychain-…` codes.
    fn write(&self, account: &str, secret: &str) -> Result<(), KeychainError>;

    /// Forgets an account; fine when there is none. May ask the user.
    ///
    /// # Errors
    /// One of the `keychain-…` codes.
    fn delete(&self, account: &str) -> Result<(), KeychainError>;

    /// Whether something could be kept now, without asking the user.
    ///
    /// # Errors
    /// One of the `keychain-…` codes.
    fn probe(&self) -> Result<(), KeychainError>;
}

/// The keychain as the program sees it: every call ends within its time limit. Clones share it.
///
/// Calls block their thread for at most that long; asynchronous code calls them from `tokio::task::spawn_blocking`.
#[derive(Clone)]
pub struct Keychain {
    store: Arc<dyn Store>,
    turns: Arc<Turns>,
    silent_limit: Duration,
    /// No call waits longer than this.
    longest: Duration,
}

impl Keychain {
    /// The operating system's, one for the whole process. Nothing is connected before the first call.
    ///
    /// In debug builds the environment variable `CSRDESK_TEST_KEYCHAIN` puts a test's store in its place: `memory`,
    /// `absent`, `locked`, `denied`, `hang`, `folder:PATH`, one file per account, which several processes share, or
    /// `witness:PATH`, which hangs and leaves that file when it is asked.
    #[must_use]
    pub fn system() -> Self {
        system::keychain()
    }

    /// Over another store, for tests.
    #[must_use]
    pub fn over(store: impl Store + 'static) -> Self {
        Self {
            store: Arc::new(store),
            turns: Arc::default(),
            silent_limit: SILENT_LIMIT,
            longest: Duration::MAX,
        }
    }

    /// With no limit longer than this one, for tests.
    #[must_use]
    pub fn answering_within(self, limit: Duration) -> Self {
        Self { silent_limit: limit, longest: limit, ..self }
    }

    /// Whether a secret could be kept now, without asking the user. [`ErrorCode::KeychainLocked`] means that it could
    /// be after a question; any other error, that a secret should be held for this session only.
    ///
    /// # Errors
    /// One of the `keychain-…` codes.
    pub fn probe(&self) -> Result<(), KeychainError> {
        self.call(self.silent_limit, |store| store.probe())
    }

    /// The secret of an account, without asking the user anything; none when there is none.
    ///
    /// # Errors
    /// One of the `keychain-…` codes.
    pub fn read(&self, account: &str) -> Result<Option<Zeroizing<String>>, KeychainError> {
        self.read_with(account, Asking::Silent, self.silent_limit)
    }

    /// The secret of an account, asking the user to unlock the keychain where that is needed; none when there is none.
    ///
    /// # Errors
    /// One of the `keychain-…` codes.
    pub fn read_asking(
        &self,
        account: &str,
        limit: Duration,
    ) -> Result<Option<Zeroizing<String>>, KeychainError> {
        self.read_with(account, Asking::Allowed, limit)
    }

    fn read_with(
        &self,
        account: &str,
        asking: Asking,
        limit: Duration,
    ) -> Result<Option<Zeroizing<String>>, KeychainError> {
        let account = checked(account)?;
        let secret = self.call(limit, move |store| store.read(&account, asking))?;
        secret.map(|it| bounded(&it).map(|()| it)).transpose()
    }

    /// Keeps a secret under an account, in place of the one before. The user may be asked, for as long as the limit.
    ///
    /// After [`ErrorCode::KeychainTimedOut`] it may still be kept, when the user answers later: the caller cannot know.
    ///
    /// # Errors
    /// One of the `keychain-…` codes.
    pub fn write(&self, account: &str, secret: &str, limit: Duration) -> Result<(), KeychainError> {
        let account = checked(account)?;
        bounded(secret)?;
        let secret = Zeroizing::new(secret.to_owned());
        self.call(limit, move |store| store.write(&account, &secret))
    }

    /// Forgets an account; fine when there is none. The user may be asked, for as long as the limit.
    ///
    /// # Errors
    /// One of the `keychain-…` codes.
    pub fn delete(&self, account: &str, limit: Duration) -> Result<(), KeychainError> {
        let account = checked(account)?;
        self.call(limit, move |store| store.delete(&account))
    }

    fn call<T: Send + 'static>(
        &self,
        limit: Duration,
        work: impl FnOnce(&dyn Store) -> Result<T, KeychainError> + Send + 'static,
    ) -> Result<T, KeychainError> {
        let store = Arc::clone(&self.store);
        self.turns.take(limit.min(self.longest), move || work(&*store))
    }
}

impl fmt::Debug for Keychain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keychain")
    }
}

/// An account's name that every system's keychain takes.
fn checked(account: &str) -> Result<String, KeychainError> {
    let fits = !account.is_empty() && account.chars().nth(MAX_ACCOUNT_CHARS).is_none();
    if fits && !account.chars().any(char::is_control) {
        return Ok(account.to_owned());
    }
    Err(KeychainError::new(
        ErrorCode::KeychainFailed,
        format!(
            "an account's name has 1 to {MAX_ACCOUNT_CHARS} characters, none of them a control character"
        ),
    ))
}

/// Bounded both ways: what is kept, and what comes back, since other programs may write there too.
fn bounded(secret: &str) -> Result<(), KeychainError> {
    if secret.len() <= MAX_SECRET_BYTES {
        return Ok(());
    }
    Err(KeychainError::new(
        ErrorCode::KeychainFailed,
        format!("the secret has {} bytes, and a keychain takes {MAX_SECRET_BYTES}", secret.len()),
    ))
}

#[cfg(test)]
mod tests;
