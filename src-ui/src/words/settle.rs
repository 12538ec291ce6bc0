//! Settling what is unknown.

use desk::commands::look_for::Standing;

use super::join;

pub(crate) const TITLE: &str = "Resolve this signing";
pub(crate) const LEAD: &str = "No clear answer came, so a certificate may or may not exist. Find the certificate, then record what you found.";
pub(crate) const CORRECTION: &str = "Search again, or correct the decision";
pub(crate) const DECISION_CONTRADICTED: &str = "The last search contradicts this decision";
pub(crate) const DECISION_CONTRADICTED_NEXT: &str = "Open \"Search again, or correct the decision\" below, read what it found, and correct the decision if it is wrong.";
pub(crate) const CORRECT: &str = "Correct the decision";
pub(crate) const CORRECT_LEAD: &str =
    "The last decision counts. The history keeps the earlier ones, with their reasons.";
pub(crate) const WAITING: &str = "The program behind this page has not answered yet.";
pub(crate) const NO_CONNECTION: &str = "No connection is in use.";
pub(crate) const OTHER_SERVER: &str =
    "This entry belongs to another server than that of the connection in use: ";
pub(crate) const NO_CONNECTION_FITS: &str = "No saved connection has this server.";
pub(crate) const NO_TOKEN: &str = "No AUTHTOKEN is held for this session.";
pub(crate) const TO_CONNECTION: &str = "Open Connection";

pub(crate) const LOOK: &str = "Find the certificate on the server";
pub(crate) const LOOK_AGAIN: &str = "Search again";
pub(crate) const SEARCHED_AT: &str = "Last search: ";
pub(crate) const LOOKING: &str = "Looking on the server…";
pub(crate) const CHANGES_NOTHING: &str = "The search changes nothing on the server. It is recorded.";
pub(crate) const CONSOLE: &str = "I looked in PAM360's console";
pub(crate) const CONSOLE_RESET: &str =
    "You left this entry after you ticked this box. Look again, then tick the box.";
pub(crate) const ANSWER_KEPT: &str = " Your answer is kept.";
pub(crate) const CSR_UNKNOWN: &str = "The CSR could not be fetched, so neither keys nor names were compared.";
pub(crate) const CSR_NAMES: &str = "The CSR asks for ";

pub(crate) const VERDICT: &str = "What did you find?";
pub(crate) const PROOF: &str = "Same key, names, issuer and time: proof";
pub(crate) const NO_NAME: &str = "a certificate without a name";
pub(crate) const SERIAL: &str = "Serial ";
pub(crate) const ISSUER: &str = "Issuer ";
pub(crate) const FOR: &str = "+ supports";
pub(crate) const AGAINST: &str = "– contradicts";
pub(crate) const NEITHER: &str = "· inconclusive";
pub(crate) const MAY_BELONG_TO: &str = "May also belong to ";
pub(crate) const ANOTHER: &str = "Another certificate";
pub(crate) const ANOTHER_TEXT: &str = "You saw it in PAM360's console and type its serial number.";
pub(crate) const SERIAL_LABEL: &str = "Serial number of the certificate";
pub(crate) const SERIAL_FIRST: &str = "Type the serial number.";
pub(crate) const SERIAL_WRONG: &str = "This is not a serial number: use hexadecimal digits.";
pub(crate) const NOT_THERE: &str = "No certificate was issued";
pub(crate) const NOT_THERE_TEXT: &str = "You can then sign this CSR again.";
pub(crate) const NOT_THERE_PROOF: &str = "The search found proof of a certificate, so this can't be recorded. If the certificate no longer exists, search again first.";
pub(crate) const CHOOSE_AGAIN: &str =
    "The search found something else since you chose. Read what you typed, and choose what you found.";
pub(crate) const REASON: &str = "How do you know?";
pub(crate) const REASON_MEANING: &str =
    "A few words, for those who read this later. They go on record beside the decision.";
pub(crate) const DECIDE: &str = "Record the decision";
pub(crate) const CHOOSE_FIRST: &str = "Choose what you found.";
pub(crate) const REASON_FIRST: &str = "Say how you know.";
pub(crate) const OTHER_PROOF: &str = "The search found proof that another certificate belongs to this signing. Choose that one, or search again.";
pub(crate) const CONSOLE_CONTRADICTED: &str =
    "Something contradicts this certificate. Read its evidence, then look for it in PAM360's console.";
pub(crate) const CONSOLE_FIRST: &str =
    "Nothing contradicts a certificate that the search found. Look for it in PAM360's console first.";
pub(crate) const TO_CONSOLE: &str = "Go to “I looked in PAM360's console”";
pub(crate) const CONTRADICTED: &str =
    "Something contradicts this certificate. Read its evidence before you record it.";
pub(crate) const READY: &str = "The decision is kept in the history and cannot be erased.";
pub(crate) const SOMEBODY_DECIDED: &str = "Somebody decided about this entry. Read the decision below.";
pub(crate) const RECORDED: &str = "Decision recorded.";

/// How a certificate stands, for scripts of the page and for styles.
pub(crate) fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Proof => "proof",
        Standing::Possible => "possible",
        Standing::NoMatch => "no-match",
    }
}

/// The title of a certificate to choose.
pub(crate) fn candidate(standing: Standing, name: &str) -> String {
    match standing {
        Standing::NoMatch => join(&["Not a match: ", name]),
        Standing::Proof | Standing::Possible => join(&["It is this one: ", name]),
    }
}

/// The heading of the certificates that nothing contradicts.
pub(crate) fn may_match(count: usize) -> String {
    join(&["May match: ", &count.to_string()])
}

/// The heading of the answers that name no certificate of the search.
pub(crate) const OTHER_ANSWERS: &str = "Other answers";

/// The summary below which the others are.
pub(crate) fn less_likely(count: usize) -> String {
    match count {
        1 => "1 certificate is less likely".to_owned(),
        _ => join(&[&count.to_string(), " certificates are less likely"]),
    }
}

/// The button that takes the connection with the entry's server into use.
pub(crate) fn use_connection(name: &str) -> String {
    join(&["Use ", name])
}

pub(crate) fn valid(from: &str, to: &str) -> String {
    join(&["Valid from ", from, " to ", to])
}
