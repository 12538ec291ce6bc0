//! The stand-in's clock. Owns the only reading of time in this crate, so that every certificate, serial number, expiry
//! filter and TLS handshake agrees on what "now" is. Whoever starts a stand-in may give it another clock: a test gives
//! the client under test the same one. Waiting is not its business: a stand-in never waits for time, except where a fault
//! is to be slow on purpose.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustls::time_provider::TimeProvider;
use rustls_pki_types::UnixTime;
use time::OffsetDateTime;

/// Where the time comes from: the computer, or whoever starts the stand-in. Clones read the same clock.
#[derive(Clone)]
pub(crate) struct Clock(Arc<dyn Fn() -> i64 + Send + Sync>);

impl Clock {
    /// The computer's clock.
    pub(crate) fn system() -> Self {
        Self::of(system_millis)
    }

    /// A clock that answers in milliseconds since the Unix epoch.
    pub(crate) fn of(millis: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(millis))
    }

    /// Milliseconds since the Unix epoch; zero for a moment before it.
    pub(crate) fn unix_millis(&self) -> u64 {
        u64::try_from((self.0)()).unwrap_or(0)
    }

    /// Now, cut to the whole second: X.509 times carry no fractions (RFC 5280, 4.1.2.5.1).
    pub(crate) fn now(&self) -> OffsetDateTime {
        from_unix(i64::try_from(self.unix_millis() / 1000).unwrap_or(i64::MAX))
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

impl TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_millis(self.unix_millis())))
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "a server has a clock of its own; this is the one place that reads it"
)]
fn system_millis() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// The moment `seconds` after the Unix epoch; the epoch itself when that is outside what `time` can name.
pub(crate) fn from_unix(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}
