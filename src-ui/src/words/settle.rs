//! Settling what is unknown.

use super::join;

pub(crate) const TITLE: &str = "Settle this";
pub(crate) const LEAD: &str = "No clear answer came, so a certificate may or may not exist. Look for it on the server, then record what you found out. Until then it counts as unknown.";
pub(crate) const WAITING: &str = "The program behind this page has not answered yet.";
pub(crate) const NO_CONNECTION: &str = "No PAM360 server is set.";
pub(crate) const OTHER_SERVER: &str = "This entry belongs to another server than the one that is set.";
pub(crate) const NO_TOKEN: &str = "No AUTHTOKEN is held for this session.";
pub(crate) const TO_CONNECTION: &str = "Open Connection";

pub(crate) const LOOK: &str = "Look for it on the server";
pub(crate) const LOOKING: &str = "Looking on the server…";
pub(crate) const CHANGES_NOTHING: &str = "Looking changes nothing on the server. The look goes on record.";
pub(crate) const KEY_UNKNOWN: &str = "The key of the CSR is not known, so no key proves anything here.";

pub(crate) const VERDICT: &str = "What became of it?";
pub(crate) const NO_NAME: &str = "a certificate without a name";
pub(crate) const SERIAL: &str = "Serial ";
pub(crate) const ISSUER: &str = "Issuer ";
pub(crate) const FOR: &str = "+ speaks for";
pub(crate) const AGAINST: &str = "– speaks against";
pub(crate) const NEITHER: &str = "· proves nothing";
pub(crate) const NOT_THERE: &str = "It is not there";
pub(crate) const NOT_THERE_TEXT: &str = "No certificate came of this signing. It can then be signed again.";
pub(crate) const REASON: &str = "How do you know?";
pub(crate) const REASON_MEANING: &str =
    "A few words, for those who read this later. They go on record beside the decision.";
pub(crate) const DECIDE: &str = "Record the decision";
pub(crate) const CHOOSE_FIRST: &str = "Choose above what became of it.";
pub(crate) const REASON_FIRST: &str = "Say above how you know.";
pub(crate) const READY: &str = "Goes on record. A later decision does not erase it.";
pub(crate) const RECORDED: &str = "The decision is on record.";

pub(crate) fn found(candidates: usize) -> String {
    match candidates {
        0 => "None of those that were looked at can be the one.".to_owned(),
        1 => "One certificate may be the one.".to_owned(),
        _ => join(&[&candidates.to_string(), " certificates may be the one."]),
    }
}

pub(crate) fn looked_at(listed: u64, ruled_out: u64, not_examined: u64) -> String {
    let mut words = join(&[
        "The server listed ",
        &listed.to_string(),
        "; ",
        &ruled_out.to_string(),
        " of them certify another key.",
    ]);
    if not_examined > 0 {
        words.push_str(&join(&[
            " ",
            &not_examined.to_string(),
            " were not looked at: of so many, only the likeliest are fetched.",
        ]));
    }
    words
}

pub(crate) fn it_is(name: &str) -> String {
    join(&["It is this one: ", name])
}

pub(crate) fn valid(from: &str, to: &str) -> String {
    join(&["Valid from ", from, " to ", to])
}
