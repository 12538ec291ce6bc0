//! What a server showed when its certificate was not accepted.

use super::join;

pub(crate) const TITLE: &str = "Why the server was not accepted:";
pub(crate) const NOTHING_SENT: &str = "The connection was given up at that point. No token was sent.";
pub(crate) const ASKED: &str = "Asked for";
pub(crate) const DETAIL: &str = "Technical detail";
pub(crate) const CHAIN: &str = "What the server showed";
pub(crate) const OWN: &str = "The server's own certificate";
pub(crate) const CA: &str = "CA";
pub(crate) const SELF_SIGNED: &str = "signed by itself";
pub(crate) const SUBJECT: &str = "Belongs to";
pub(crate) const ISSUER: &str = "Issued by";
pub(crate) const VALID: &str = "Valid";
pub(crate) const NOT_TOLD: &str = "cannot be read";
pub(crate) const SHA256: &str = "SHA-256";
pub(crate) const SERIAL: &str = "Serial";
pub(crate) const KEY: &str = "Key";
pub(crate) const NAMES: &str = "For the names";
pub(crate) const NO_NAMES: &str = "none";

pub(crate) const REPORT: &str = "the whole report";
pub(crate) const REPORT_TEXT: &str = "For the server's owner, everything on this card as text:";

pub(crate) const PIN_TITLE: &str = "Another public key than the one that is pinned";
pub(crate) const PIN_EXPECTED: &str = "Pinned here";
pub(crate) const PIN_PRESENTED: &str = "Shown by the server";
pub(crate) const PIN_NEXT: &str = "If the server's owner confirms the new key, by telephone or in person, take it over. Otherwise somebody may stand in between.";
pub(crate) const PIN_USE: &str = "Put the new key into the form";
pub(crate) const PIN_STAGED: &str =
    "The new key is in the form. Nothing changes until you save the connection.";

pub(crate) const FOR: &str = "Connection";
pub(crate) const TYPED: &str = "You typed";
pub(crate) const ACCEPTED: &str = "This connection accepts";
pub(crate) const COMPARED_ONCE: &str =
    "Ask the server's owner, then test the connection again: each test allows one comparison.";

pub(crate) const CERTIFICATE: &str = "Certificate";
pub(crate) const EXACT_TITLE: &str = "Accept exactly this certificate";
pub(crate) const EXACT_TEXT: &str = "No CA vouches for this certificate under this name, as on a fresh installation. The connection can accept exactly this certificate and no other. Ask the server's owner for its SHA-256 fingerprint, by telephone or in person, and type it. The two are compared here.";
pub(crate) const EXACT: &str = "Accept this certificate for this connection";
pub(crate) const EXACT_READY: &str =
    "If it is the same, this connection accepts the certificate and is tested again.";
pub(crate) const EXACT_DONE: &str =
    "The fingerprints are the same. This connection accepts exactly this certificate.";

pub(crate) const TRUST_TITLE: &str = "If this CA is the right one";
pub(crate) const TRUST_TEXT: &str = "The server would be accepted if this CA were trusted. Anybody can make a CA of this name, so ask the server's owner for its SHA-256 fingerprint, by telephone or in person, and type what they say. The two are compared here.";
pub(crate) const TRUST: &str = "Trust this CA for this connection";
pub(crate) const TRUST_READY: &str = "If it is the same, this connection trusts the CA and is tested again.";
pub(crate) const TRUST_EMPTY: &str = "Type the fingerprint first: 64 hexadecimal digits.";
pub(crate) const TRUST_PARTLY: &str = " of 64 hexadecimal digits.";
pub(crate) const TRUST_OTHER: &str =
    "This is no fingerprint: 64 hexadecimal digits, colons and spaces are fine.";
pub(crate) const TRUSTED: &str = "The fingerprints are the same. The CA is trusted for this connection.";

pub(crate) fn place(index: usize) -> String {
    match index {
        0 => OWN.to_owned(),
        it => join(&["Certificate ", &(it + 1).to_string()]),
    }
}

pub(crate) fn left_out(count: usize) -> String {
    join(&[&count.to_string(), " more were shown by the server and are left out here."])
}

pub(crate) fn more_names(count: usize) -> String {
    join(&["and ", &count.to_string(), " more"])
}

pub(crate) fn valid(from: &str, to: &str) -> String {
    join(&[from, " to ", to])
}
