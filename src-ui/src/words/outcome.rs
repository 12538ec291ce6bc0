//! How a signing ended.

use domain::{Entry, ErrorCode, Outcome, State};

use super::join;

pub(crate) const SERVER_WORDS: &str = "PAM360 says";
pub(crate) const FOUND_CERTIFICATE: &str = "Certificate that a person recorded as found";
pub(crate) const CERTIFICATES: &str = "Issued, as the server tells it";
pub(crate) const REPORTED: &str = "Reported by PAM360, not confirmed";
pub(crate) const REPORTED_WHY: &str =
    "The answer does not count as signed. Check in PAM360 whether this certificate exists.";
pub(crate) const COMMON_NAME: &str = "Common name";
pub(crate) const CERTIFICATE_ID: &str = "Certificate id";
pub(crate) const SERIAL_HEX: &str = "Serial, hexadecimal";
pub(crate) const SERIAL_COLONS: &str = "Serial, byte by byte";
pub(crate) const SERIAL_DECIMAL: &str = "Serial, decimal";
pub(crate) const SERIAL_AS_IS: &str = "Serial, as the server wrote it";
pub(crate) const NOT_TOLD: &str = "not told";

pub(crate) const UNKNOWN_WHY: &str = "Why nothing is sent again";
pub(crate) const UNKNOWN_WHY_TEXT: &str = "A second request could issue a second certificate. Only PAM360 can tell whether the first one did its work, so nothing is repeated on its own.";
pub(crate) const UNKNOWN_DO: &str = "What to do now";
pub(crate) const UNKNOWN_FOUND: &str = "If it is there, it was signed: use it, and do not sign again.";
pub(crate) const UNKNOWN_NOT_FOUND: &str =
    "If it is still not there after some minutes, record that. Then it can be signed again.";
pub(crate) const UNKNOWN_LOST: &str = "This page lost touch with the program while it was signing. If the program reached PAM360, the record has an entry for it.";
pub(crate) const LOOK_IN_HISTORY: &str = "Look in the history";

pub(crate) const RECORDED_AS: &str = "Recorded as ";
pub(crate) const ENTRY: &str = "entry ";
pub(crate) const NO_ENTRY: &str = "There is no entry in the record for this.";
pub(crate) const NO_ENTRY_LOST: &str = "This page was not told the number of its entry in the record.";
pub(crate) const REPEATED: &str =
    "This is the answer to the same decision from before. Nothing was sent now.";
pub(crate) const CODE: &str = "code ";
pub(crate) const CA_NEXT: &str = "Whoever has this CSR's private key can now issue certificates. Check the certificate in PAM360 before you hand it over.";
pub(crate) const REPLACE_TOKEN: &str = "Replace token";
pub(crate) const OPEN_HISTORY: &str = "Open History";
pub(crate) const OPEN_CONNECTION: &str = "Open the connection";
pub(crate) const OPENING: &str = "Finding this signing…";
pub(crate) const OPENING_LEAD: &str = "Nothing is sent. CSR Desk looks up how far this signing is.";
pub(crate) const NO_WORDS: &str = "The answer has no message. Check the server's address and path prefix: another program may have answered.";

pub(crate) const ANOTHER: &str = "Sign another";
pub(crate) const EDIT: &str = "Edit and try again";
pub(crate) const TO_REVIEW: &str = "Back to review";
pub(crate) const SPEAK_AGAINST: &str = "A certificate of these entries exists or may exist:";
pub(crate) const SETTLE_NOW: &str = "Find the certificate";
pub(crate) const TO_FORM: &str = "Back to the form";

pub(crate) const SEEN: &str = "What was seen of the server";
pub(crate) const HTTP_STATUS: &str = "HTTP status";
pub(crate) const TLS: &str = "TLS";
pub(crate) const VERIFIED_BY: &str = "Server verified by";
pub(crate) const HTTP: &str = "HTTP";
pub(crate) const FINGERPRINT: &str = "Server certificate, SHA-256";
pub(crate) const CHAIN: &str = "CA certificate presented by the server, SHA-256";
pub(crate) const TOOK: &str = "Took";
pub(crate) const DETAIL: &str = "Technical detail";
pub(crate) const RAW: &str = "Raw answer";
pub(crate) const RAW_NONE: &str = "There was none.";
pub(crate) const INTENT: &str = "Intent";
pub(crate) const WHAT_WAS_ASKED: &str = "What was asked";

/// The most characters of a raw answer that are shown; the record keeps the rest.
pub(crate) const RAW_SHOWN: usize = 20_000;

/// A short name for a badge.
pub(crate) fn badge(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Signed => "Signed",
        Outcome::Refused => "Refused",
        Outcome::Unknown => "Unknown",
        Outcome::NotSent => "Not sent",
    }
}

/// The same for what an entry shows.
pub(crate) fn state(state: State) -> &'static str {
    state.outcome().map_or("In progress", badge)
}

/// The heading of an entry.
pub(crate) fn state_heading(state: State, csr_id: &str) -> String {
    match state.outcome() {
        Some(outcome) => heading(outcome, csr_id),
        None => join(&["CSR ", csr_id, " is being signed"]),
    }
}

/// The heading of a result.
pub(crate) fn heading(outcome: Outcome, csr_id: &str) -> String {
    match outcome {
        Outcome::Signed => join(&["CSR ", csr_id, " is signed"]),
        Outcome::Refused => join(&["PAM360 refused to sign CSR ", csr_id]),
        Outcome::Unknown => join(&["It is unknown whether CSR ", csr_id, " was signed"]),
        Outcome::NotSent => join(&["Nothing left this computer: CSR ", csr_id, " was not sent"]),
    }
}

/// The heading of a signing, which says so when a CA was made, and blames PAM360 only when PAM360 answered.
pub(crate) fn title(state: State, code: ErrorCode, csr_id: &str, makes_ca: bool) -> String {
    match state {
        State::Refused if code == ErrorCode::NotFound => {
            join(&["CSR ", csr_id, " was not signed: not found at this address (404)"])
        }
        State::Refused if code.may_be_of_another_program() => {
            join(&["CSR ", csr_id, " was not signed: the request was rejected"])
        }
        State::Signed if makes_ca => join(&["CA certificate issued for CSR ", csr_id]),
        _ => state_heading(state, csr_id),
    }
}

/// The heading of a signing that a person resolved as not issued: a person's word, and not an answer of the server.
pub(crate) fn not_issued(csr_id: &str) -> String {
    join(&["A person recorded that no certificate was issued for CSR ", csr_id])
}

/// The heading of an entry as it stands now.
pub(crate) fn entry_heading(entry: &Entry) -> String {
    let csr_id = entry.request.csr_id.to_string();
    match entry.code() {
        ErrorCode::NotThere => not_issued(&csr_id),
        code => title(entry.state(), code, &csr_id, entry.request.intermediate),
    }
}

/// Where to look when the outcome is unknown; the search is part of an entry of the history.
pub(crate) fn look(in_history: bool, csr_id: &str, issuer: Option<&str>, at: &str) -> String {
    let place = match in_history {
        true => "Find the certificate: CSR Desk can search the server, or you look in PAM360's console.",
        false => "Look for the certificate in PAM360's console.",
    };
    let issuer = issuer.map(|it| join(&[" by “", it, "”"])).unwrap_or_default();
    join(&[
        place,
        " If it exists, it has the common name of CSR ",
        csr_id,
        " and was issued",
        &issuer,
        " at about ",
        at,
        ".",
    ])
}

pub(crate) fn milliseconds(ms: u64) -> String {
    if ms < 10_000 {
        return join(&[&ms.to_string(), " ms"]);
    }
    join(&[&(ms / 1000).to_string(), ".", &(ms % 1000 / 100).to_string(), " s"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unknown_is_not_described_as_if_it_existed() {
        let words = look(true, "302", Some("R1"), "2026-11-24 08:36 UTC");
        assert!(words.contains("If it exists, it has the common name of CSR 302"), "{words}");
        assert!(words.ends_with("and was issued by “R1” at about 2026-11-24 08:36 UTC."), "{words}");
        // Without an entry there is no search.
        assert!(!look(false, "302", None, "2026-11-24 08:36 UTC").contains("search the server"));
    }

    #[test]
    fn a_heading_says_the_result_before_the_reason() {
        let refused = |code| title(State::Refused, code, "301", false);
        assert_eq!(refused(ErrorCode::NotFound), "CSR 301 was not signed: not found at this address (404)");
        assert_eq!(refused(ErrorCode::GatewayRefused), "CSR 301 was not signed: the request was rejected");
        assert_eq!(refused(ErrorCode::ServerRefused), "PAM360 refused to sign CSR 301");
        assert_eq!(title(State::Signed, ErrorCode::Signed, "301", true), "CA certificate issued for CSR 301");
    }
}
