//! The connection in use, the lock, the token's age, and what is preferred.

use domain::Environment;

use super::{days, join};

pub(crate) const CLOSING: &str = "CSR Desk closes when the answer is recorded";
pub(crate) const CLOSING_TEXT: &str = "PAM360 has not answered a signing yet. CSR Desk waits until the time-out at the latest, and signs nothing more.";
pub(crate) const PRODUCTION: &str = "Production: what is signed here is relied upon";
pub(crate) const IN_PRODUCTION: &str = " in production";

pub(crate) const SWITCH: &str = "Work with";
pub(crate) const MANAGE: &str = "Connections and settings";

pub(crate) const LOCK: &str = "Lock";
pub(crate) const LOCK_TITLE: &str = "Takes token and passwords out of the memory";
pub(crate) const UNLOCK: &str = "Unlock";
pub(crate) const LOCKED: &str = "Locked";
pub(crate) const LOCKED_TITLE: &str = "Locked: token and passwords have left the memory";
pub(crate) const LOCKED_TEXT: &str = "Nothing can be signed until you unlock. What you typed is still here. A token that the keychain keeps comes back; one that was held for this session has to be typed again.";
pub(crate) const LOCKED_CA_OFF: &str = " The intermediate CA switch is off, and its days were reset.";
pub(crate) const UNLOCKED: &str = "Unlocked.";
pub(crate) const UNLOCKED_NO_TOKEN: &str = "Unlocked. Enter the token again.";
pub(crate) const TOKEN_REJECTED_AT: &str = "The server rejected this token at ";
pub(crate) const TOKEN_REJECTED_NEXT: &str = ". Another token is needed. ";
pub(crate) const TOKEN_REJECTED_LINK: &str = "Enter another token";
pub(crate) const TOKEN_AGAIN: &str = "Set token";
pub(crate) const TOKEN_AGAIN_TEXT: &str = "The lock cleared it. Kept in memory until you quit or lock.";

const CHANGED_OVER_TEXT: &str = "The review was for another connection, so it was closed. Fill in the form for this connection, then review it.";
const EDITED_TEXT: &str = "The review showed the connection as it was before, so it was closed. Check the form, then review it again.";

pub(crate) const EXPIRY_NEXT: &str = "Ask for a new token in PAM360, enter it, and change the date. Only PAM360 knows whether the old one still works.";
pub(crate) const EXPIRY_LINK: &str = "Go to the token";

pub(crate) const SETTINGS: &str = "Settings";
pub(crate) const LOCK_AFTER: &str = "Lock when nothing was done for";
pub(crate) const LOCK_AFTER_MEANING: &str =
    "Token and passwords then leave the memory. A request that has left is not disturbed.";
pub(crate) const NEVER: &str = "never lock";
pub(crate) const LOG_LEVEL: &str = "The log holds";
pub(crate) const LOG_LEVEL_MEANING: &str = "It never holds a secret.";
pub(crate) const SETTINGS_SAVED: &str = "Settings saved.";
pub(crate) const DIAGNOSTICS: &str = "Show diagnostics";
pub(crate) const DIAGNOSTICS_TITLE: &str = "Diagnostics, without secrets";
pub(crate) const DIAGNOSTICS_TEXT: &str = "Versions, settings and the last lines of the log, for somebody who helps you. Read it before you hand it on.";

/// An environment in a word.
pub(crate) fn environment(it: Environment) -> &'static str {
    match it {
        Environment::Production => "Production",
        Environment::Staging => "Staging",
        Environment::Test => "Test",
        Environment::Unmarked => "Not marked",
    }
}

pub(crate) fn token_for(name: &str) -> String {
    join(&["Enter the token of ", name])
}

pub(crate) fn token_set(name: &str) -> String {
    join(&["Token set for ", &domain::visible(name), "."])
}

pub(crate) fn in_use(name: &str) -> String {
    join(&["Now working with ", &domain::visible(name), "."])
}

/// Why a review was closed: the connection in use is `another` one now, or it was changed.
pub(crate) fn changed_over(name: &str, another: bool) -> (String, &'static str) {
    let name = domain::visible(name);
    match another {
        true => (join(&["Nothing was sent: the connection is now ", &name]), CHANGED_OVER_TEXT),
        false => (join(&["Nothing was sent: ", &name, " was changed"]), EDITED_TEXT),
    }
}

/// `the token expires in 3 days`; `left` counts from today to the day on which it is no longer accepted.
pub(crate) fn expiry(left: i64) -> String {
    let count = days(u32::try_from(left.unsigned_abs()).unwrap_or(u32::MAX));
    match left {
        0 => "the token expires today".to_owned(),
        1.. => join(&["the token expires in ", &count]),
        _ => join(&["the token expired ", &count, " ago"]),
    }
}

pub(crate) fn minutes(count: u32) -> String {
    match count {
        0 => NEVER.to_owned(),
        1 => "1 minute".to_owned(),
        60 => "1 hour".to_owned(),
        it if it % 60 == 0 => join(&[&(it / 60).to_string(), " hours"]),
        it => join(&[&it.to_string(), " minutes"]),
    }
}

/// What a level of the log holds.
pub(crate) fn log_level(it: desk::commands::LogLevel) -> &'static str {
    use desk::commands::LogLevel as Level;
    match it {
        Level::Off => "nothing",
        Level::Error => "what failed",
        Level::Warn => "also what is odd",
        Level::Info => "also what was done",
        Level::Debug => "also how, step by step",
        Level::Trace => "everything, libraries included",
    }
}
