//! The stand-in's clock. Owns the only reading of the machine's time in this crate, so that every certificate,
//! serial number and expiry filter agrees on what "now" is. Waiting is not its business: a stand-in never waits for
//! time, except where a fault is to be slow on purpose.

use std::time::{SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;

/// Milliseconds since the Unix epoch.
#[allow(
    clippy::disallowed_methods,
    reason = "a server has a clock of its own; this is the one place that reads it"
)]
pub(crate) fn unix_millis() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Now, cut to the whole second: X.509 times carry no fractions (RFC 5280, 4.1.2.5.1).
pub(crate) fn now() -> OffsetDateTime {
    from_unix(i64::try_from(unix_millis() / 1000).unwrap_or(i64::MAX))
}

/// The moment `seconds` after the Unix epoch; the epoch itself when that is outside what `time` can name.
pub(crate) fn from_unix(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}
