//! The little that a host must give. It grows only when a command needs something that differs between hosts.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use domain::Timestamp;
use pam360::Surroundings;
use secrets::Keychain;

use super::log;
use crate::commands::LogLevel;

/// What the desk asks of the program around it.
pub trait Host: Send + Sync + 'static {
    /// The time. A parameter, so that tests can freeze it.
    fn now(&self) -> Timestamp;

    /// Where secrets are kept between starts. A parameter, so that no test touches a person's own.
    fn keychain(&self) -> Keychain;

    /// The proxies and CAs of the computer. A parameter, so that no test's result depends on the computer it runs on.
    fn surroundings(&self) -> Surroundings;

    /// A person wants the log to say so much from now on. For hosts that keep a log.
    fn log_level(&self, _: LogLevel) {}

    /// A signing has come to a moment at which a crash would matter. For tests that end a process just there.
    fn reached(&self, _: Moment) {}
}

/// The moments of a signing between which something becomes true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Nothing is recorded.
    BeforeIntent,
    /// The intent is durable.
    AfterIntent,
    /// It is durable that the request is about to leave; not a byte of it has left.
    BeforeSending,
    /// The answer is here, and only in memory.
    AfterAnswer,
    /// The outcome is durable.
    AfterOutcome,
}

/// In a debug build the clock stands still at the moment that this variable names (RFC 3339), so that a test can give
/// several programs one clock.
#[cfg(debug_assertions)]
const CLOCK_VARIABLE: &str = "CSRDESK_TEST_CLOCK";
/// A debug build stops for good at the moment that this variable names, so that a test can kill it there.
#[cfg(debug_assertions)]
const HALT_VARIABLE: &str = "CSRDESK_HALT_AT";
/// A debug build panics at the moment that this variable names, so that a test can read what a crash says.
#[cfg(debug_assertions)]
const PANIC_VARIABLE: &str = "CSRDESK_PANIC_AT";

/// A host with the clock and the keychain of this computer.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemHost;

impl Host for SystemHost {
    #[allow(clippy::disallowed_methods, reason = "the one place where the clock is read")]
    fn now(&self) -> Timestamp {
        #[cfg(debug_assertions)]
        if let Some(moment) = test_clock() {
            return moment;
        }
        let millis = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
            Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
        };
        Timestamp::from_millis(millis)
    }

    fn keychain(&self) -> Keychain {
        Keychain::system()
    }

    fn surroundings(&self) -> Surroundings {
        Surroundings::of_computer()
    }

    fn log_level(&self, level: LogLevel) {
        log::set_level(level);
    }

    #[cfg(debug_assertions)]
    fn reached(&self, moment: Moment) {
        use std::io::Write;
        let is_named = |variable| {
            std::env::var_os(variable).is_some_and(|it| it.to_string_lossy() == format!("{moment:?}"))
        };
        assert!(!is_named(PANIC_VARIABLE), "asked to panic at {moment:?}");
        if is_named(HALT_VARIABLE) {
            let _ = writeln!(std::io::stderr(), "halted at {moment:?}");
            loop {
                std::thread::park();
            }
        }
    }
}

/// The clock of a test, if there is one.
#[cfg(debug_assertions)]
fn test_clock() -> Option<Timestamp> {
    use std::sync::OnceLock;
    use time::OffsetDateTime;
    use time::format_description::well_known::Rfc3339;

    static CLOCK: OnceLock<Option<Timestamp>> = OnceLock::new();
    *CLOCK.get_or_init(|| {
        let text = std::env::var(CLOCK_VARIABLE).ok()?;
        let moment = OffsetDateTime::parse(&text, &Rfc3339);
        // Going on with the real clock would let a test pass that tests nothing.
        let moment = moment.unwrap_or_else(|error| panic!("{CLOCK_VARIABLE} {text:?}: {error}"));
        let millis = i64::try_from(moment.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX);
        Some(Timestamp::from_millis(millis))
    })
}

/// The user's data folder for this program, unless `CSRDESK_DATA_DIR` names another; none on a system without one.
#[must_use]
pub fn default_data_dir() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("CSRDESK_DATA_DIR").filter(|it| !it.is_empty()) {
        return Some(named.into());
    }
    directories::ProjectDirs::from("", "", "csrdesk").map(|dirs| dirs.data_local_dir().to_owned())
}
