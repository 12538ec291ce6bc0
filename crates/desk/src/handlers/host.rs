//! The little that a host must give. It grows only when a command needs something that differs between hosts.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use domain::{Origin, Timestamp};
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

    /// Who uses the program, for the journal. Asked once, and not before something is read or recorded: a directory service may
    /// answer late. Without a token: that belongs to an act.
    fn origin(&self) -> Origin {
        Origin::default()
    }

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

/// The longest name of a user or a computer that is recorded, in characters: a host name has 253 at most.
const LONGEST_NAME: usize = 256;

/// In a debug build the clock stands still at the moment that this variable names (RFC 3339), so that a test can give
/// several programs one clock.
#[cfg(debug_assertions)]
const CLOCK_VARIABLE: &str = "CSRDESK_TEST_CLOCK";
/// A debug build stops at the moment that this variable names, so that a test can kill it there or change its files. It
/// goes on once its standard input has a line [`GO_ON`].
#[cfg(debug_assertions)]
const HALT_VARIABLE: &str = "CSRDESK_HALT_AT";
#[cfg(debug_assertions)]
const GO_ON: &str = "go on";
/// A debug build panics at the moment that this variable names, so that a test can read what a crash says.
#[cfg(debug_assertions)]
const PANIC_VARIABLE: &str = "CSRDESK_PANIC_AT";

/// How a person or a script uses the program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UsedIn {
    /// In a terminal or a script.
    #[default]
    Terminal,
    /// In a browser, through the gateway.
    Browser,
    /// In the window.
    Window,
}

impl UsedIn {
    /// The word in the journal, and the program's name.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Terminal => ("terminal", "csrdesk"),
            Self::Browser => ("browser", "csrdesk"),
            Self::Window => ("window", "csr-desk"),
        }
    }
}

/// A host with the clock, the keychain and the user of this computer.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemHost {
    /// How it is used.
    pub used_in: UsedIn,
}

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

    fn origin(&self) -> Origin {
        let (host, program) = self.used_in.names();
        // What the system does not say stays unknown: a user without an account in a container, for example.
        let known = |found: whoami::Result<String>| domain::clipped(&found.unwrap_or_default(), LONGEST_NAME);
        Origin {
            computer: known(whoami::hostname()),
            host: host.to_owned(),
            program: format!("{program} {}", env!("CARGO_PKG_VERSION")),
            token: None,
            user: known(whoami::username()),
        }
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
            if std::io::stdin().lines().map_while(Result::ok).any(|it| it == GO_ON) {
                return;
            }
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
