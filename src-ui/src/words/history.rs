//! The record.

use super::join;

pub(crate) const TITLE: &str = "History";
pub(crate) const LEAD: &str = "Every signing that was ever decided here, the newest first. It is written before a request leaves, so nothing is missing.";
pub(crate) const LOADING: &str = "Reading the record…";
pub(crate) const EMPTY: &str = "Nothing has been signed yet";
pub(crate) const EMPTY_TEXT: &str = "The first signing will appear here before it is sent, and stay.";
pub(crate) const EMPTY_LINK: &str = "Sign a request";
pub(crate) const OLDER: &str = "Load older";
pub(crate) const LOADING_OLDER: &str = "Loading…";
pub(crate) const REFRESH: &str = "Refresh";
pub(crate) const BACK: &str = "All entries";
pub(crate) const NOT_FOUND: &str = "There is no entry with this number";

pub(crate) const ENTRY: &str = "Entry";
pub(crate) const WHEN: &str = "When (UTC)";
pub(crate) const OUTCOME: &str = "Outcome";
pub(crate) const CSR: &str = "CSR id";
pub(crate) const ISSUER: &str = "Issuer";
pub(crate) const SERVER: &str = "Server";
pub(crate) const WORDS: &str = "In words";

pub(crate) const DECIDED: &str = "Recorded before sending";
pub(crate) const ANSWERED: &str = "Outcome recorded";
pub(crate) const NEVER: &str = "never";
pub(crate) const ON_THIS_COMPUTER: &str = " on this computer's clock";
pub(crate) const TIMES: &str = "When";

pub(crate) fn entry_title(entry: u64) -> String {
    join(&["Entry ", &entry.to_string()])
}

pub(crate) fn loaded(count: usize) -> String {
    match count {
        1 => "1 entry shown".to_owned(),
        _ => join(&[&count.to_string(), " entries shown"]),
    }
}
