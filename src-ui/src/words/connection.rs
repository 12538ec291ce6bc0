//! The connections.

use desk::commands::test_connection::Stage;
use desk::commands::{SecretKind, Shown};
use domain::ClientCertificate;

use super::{days, join};

pub(crate) const TITLE: &str = "Connections";
pub(crate) const LEAD: &str =
    "Which PAM360 signs, whom to trust on the way there, and as which user. One is in use at a time.";
pub(crate) const FORM_TITLE: &str = "Connection";
pub(crate) const FORM_LEAD: &str = "Which PAM360 signs, whom to trust on the way there, and as which user.";
pub(crate) const ADD_TITLE: &str = "Add a connection";
pub(crate) const BACK: &str = "All connections";
pub(crate) const LOADING: &str = "Reading the connections…";

pub(crate) const SAVED_TITLE: &str = "Saved connections";
pub(crate) const IN_USE: &str = "In use";
pub(crate) const REMOVED_ELSEWHERE: &str = "removed in another window or program";
pub(crate) const NOT_SAVED: &str = "not saved for the next start";
pub(crate) const USE: &str = "Use";
pub(crate) const EDIT: &str = "Edit";
pub(crate) const DUPLICATE: &str = "Duplicate";
pub(crate) const DUPLICATED: &str = "Duplicated as ";
pub(crate) const REMOVE: &str = "Remove";
pub(crate) const REMOVED: &str = "Removed: ";
pub(crate) const REMOVED_TITLE: &str = "This can be undone";
pub(crate) const REMOVED_TEXT: &str =
    "Undo restores the settings, the place in the list and what the keychain stores.";
pub(crate) const REMOVED_SECRETS: &str = "Secrets in memory were deleted: enter them again after the undo.";
pub(crate) const REMOVED_IN_USE: &str = "The connection in use was removed in another window or program. Its secrets in memory stay until you use another connection.";
pub(crate) const REMOVE_SIGNING: &str = "A signing with this connection is in progress, or may be.";
pub(crate) const REMOVE_IN_USE: &str =
    "It is in use. After the removal, no connection is in use until you choose one.";
pub(crate) const REMOVE_PRODUCTION: &str = "It is marked as production.";
pub(crate) const REMOVE_IN_USE_PRODUCTION: &str =
    "It is in use and marked as production. After the removal, no connection is in use until you choose one.";
pub(crate) const REMOVE_STAYS: &str = "The history stays, and so do certificate files on the disk.";
pub(crate) const REMOVE_UNDO: &str =
    "You can undo this for 15 minutes, but secrets in memory are deleted immediately.";
pub(crate) const KEEP_IT: &str = "Keep";
pub(crate) const UNDO: &str = "Undo";
pub(crate) const ADD: &str = "Add a connection";

pub(crate) const EXPORT: &str = "Export to a file";
pub(crate) const EXPORTED: &str = "The file is handed to the browser, without secrets.";
pub(crate) const EXPORTED_TEXT: &str = "It holds every saved connection, without tokens, passphrases and passwords. If no file was saved, copy its text:";
pub(crate) const FILE_TEXT: &str = "Text of the file";
pub(crate) const IMPORT: &str = "Import a file…";
pub(crate) const ADDED: &str = "Added: ";
pub(crate) const KNOWN: &str = "Here already, the same: ";
pub(crate) const REFUSED: &str = "Refused: ";
pub(crate) const IMPORTED_SECRETS: &str =
    "Files hold no secrets: open each one that was added and enter its token.";

pub(crate) const GROUP_SERVER: &str = "Server";
pub(crate) const GROUP_TOKEN: &str = "Token";
pub(crate) const GROUP_TRUST: &str = "Trusted issuer of the server's certificate";

/// The ways of a choice: id, title, and a line below it.
type Ways = &'static [(&'static str, &'static str, &'static str)];

pub(crate) const ENVIRONMENTS: Ways = &[
    ("environment-production", "Production", "Certificates that others rely on."),
    ("environment-staging", "Staging", "A rehearsal of production."),
    ("environment-test", "Test", "Certificates that nobody relies on."),
    ("environment-unmarked", "Not marked", "Not known."),
];

pub(crate) const TRUST_WAYS: Ways = &[
    ("trust-system", "This computer's list of trusted CAs", ""),
    ("trust-file", "A CA file, by its path", "On the computer where CSR Desk runs."),
    ("trust-pem", "A CA file, chosen here", "On the computer in front of you. Its text is handed over."),
    (
        "trust-exact",
        "This exact certificate",
        "For a self-signed server certificate. Its issuer and names are not checked.",
    ),
];
pub(crate) const SYSTEM_TOO: &str = "This computer's list counts too";
pub(crate) const CA_FILE_CHOOSE: &str = "Choose a CA file…";
pub(crate) const CA_FILE_REPLACE: &str = "Choose another CA file…";
pub(crate) const CA_FILE_HOLDS: &str = "CA certificates in the file";
pub(crate) const CA_EXPIRES: &str = "Expires";
pub(crate) const TRUST_LEAD: &str =
    "Who must have issued the certificate that the server shows. Verification has no off switch.";

pub(crate) const KEEP: &str = "Where to keep it";
pub(crate) const KEEP_WAYS: Ways = &[
    ("keep-keychain", "In this computer's keychain", "It is there again after a restart or a lock."),
    ("keep-session", "For this session only", "In memory, until CSR Desk ends or is locked."),
];
pub(crate) const KEEP_SESSION_ONLY: &str = "It is held for this session only";
pub(crate) const KEEP_SAME: &str = "Kept where the token is kept.";

pub(crate) const TOKEN_NONE: &str = "No token";
pub(crate) const TOKEN_FORGET: &str = "Forget token";
pub(crate) const TOKEN_FORGOTTEN_NOW: &str = "The token is forgotten.";
pub(crate) const TOKEN_FORGOTTEN: &str = "The token was forgotten";
pub(crate) const TOKEN_FORGOTTEN_TEXT: &str = "It belonged to the server that was set before, and is never sent to another one. Enter the token of this server.";
pub(crate) const TOKEN_PLACEHOLDER_HELD: &str = "held, not shown";
pub(crate) const SECRET_HELD: &str = "Held. Type another one to replace it.";
pub(crate) const SECRET_FORGET: &str = "Forget it";
pub(crate) const SECRET_FORGOTTEN_NOW: &str = "Forgotten.";

pub(crate) const ADVANCED: &str = "More: key pin, client certificate, proxy, HTTP version, list of CSRs";
pub(crate) const ADVANCED_LEAD: &str = "Most servers need none of this.";
pub(crate) const CLIENT_WAYS: Ways = &[
    ("client-none", "None", "The server does not ask who calls."),
    ("client-pem", "PEM files", "A certificate, and its key unencrypted."),
    ("client-pkcs12", "PKCS#12 file", "Certificate and key in one, with a passphrase."),
];
pub(crate) const PROXY: &str = "Proxy";
pub(crate) const PROXY_WAYS: Ways = &[
    ("proxy-system", "As this computer is set", ""),
    ("proxy-environment", "As the environment says", "HTTPS_PROXY, ALL_PROXY, NO_PROXY."),
    ("proxy-manual", "The one named here", ""),
    ("proxy-none", "None", "The server is reached directly."),
];

pub(crate) const HTTP_WAYS: Ways = &[
    ("http-automatic", "Automatic", "HTTP/2 if the server offers it, else HTTP/1.1."),
    ("http-1-1", "HTTP/1.1 only", "For a server that rejects requests over HTTP/2."),
];

pub(crate) const SAVE: &str = "Save and test";
pub(crate) const SAVING: &str = "Saving…";
pub(crate) const TESTING: &str = "Testing…";
pub(crate) const DISCARD: &str = "Discard changes";
pub(crate) const DISCARDED: &str = "Changes discarded.";
pub(crate) const CHANGED: &str = "Another window or program changed this connection";
pub(crate) const CHANGED_TEXT: &str =
    "The form shows the new values, and what you typed. Check both before you save.";
pub(crate) const SAVE_NOTE: &str = "The test changes nothing on the server.";

pub(crate) const STEPS: &str = "Test";
pub(crate) const STEPS_NONE: &str =
    "There is no test result to show: a lock or a reload of the page removes it. Test the connection.";
pub(crate) const STEPS_ON_SAVE: &str = "The connection is tested when you save it.";
pub(crate) const STEPS_OUTDATED: &str = "The connection changed since the last test.";
pub(crate) const STEPS_LOCKED: &str = "Locked. Unlock to test or sign.";
pub(crate) const STEPS_GOOD: &str = "Ready to sign.";
pub(crate) const STEPS_NO_TOKEN: &str = "No token is set. Enter one, then test again. Not tested: ";
pub(crate) const NOT_TESTED: &str = " Not tested after that: ";
pub(crate) const USE_THIS: &str = "Use this connection";
pub(crate) const STEPS_NOT_IN_USE: &str = "Another connection is in use.";
pub(crate) const STEPS_GOOD_LINK: &str = "Sign a request";
pub(crate) const STEPS_BAD: &str = "Not ready to sign.";
pub(crate) const TESTED_AT: &str = "Tested ";
pub(crate) const TEST: &str = "Test now";
pub(crate) const TEST_AGAIN: &str = "Test again";

pub(crate) const STEPS_REMOVED: &str = "This connection was removed in another window or program. Nothing is signed with it. To use it again, edit and save it.";
pub(crate) const STATE_WAITING: &str = "not tested yet";
pub(crate) const STATE_RUNNING: &str = "checking…";
pub(crate) const STATE_PASSED: &str = "passed";
pub(crate) const STATE_FAILED: &str = "failed";
pub(crate) const STATE_ANSWERED: &str = "refused";
pub(crate) const STATE_SKIPPED: &str = "not tested";

/// What a stage proves. Its name is the desk's.
pub(crate) fn proves(stage: Stage) -> &'static str {
    match stage {
        Stage::Trust => "CA file and client certificate can be read.",
        Stage::Proxy => "The way out is known, and open.",
        Stage::Dns => "The server's name leads to an address.",
        Stage::Tcp => "Something listens there.",
        Stage::Tls => "The server proves who it is.",
        Stage::Http => "PAM360 answers a harmless question.",
        Stage::Token => "PAM360 accepts the AUTHTOKEN.",
        Stage::Organization => "PAM360 knows the organization.",
        Stage::CsrList => "The operation gives a list.",
    }
}

pub(crate) const TIMEOUT_DEFAULT: &str = "Empty means ";
pub(crate) const SERVER_EXAMPLE: &str = "https://pam360.example.com:8282";

pub(crate) fn edit_title(name: &str) -> String {
    join(&["Edit ", &domain::visible(name)])
}

pub(crate) fn saved(name: &str) -> String {
    join(&[&domain::visible(name), " saved."])
}

/// Said where another form is open.
pub(crate) fn not_saved(name: &str, code: domain::ErrorCode) -> String {
    join(&["CSR Desk could not save what you typed for ", &domain::visible(name), ": ", code.what()])
}

/// Saving and testing leave the connection in use what it is.
pub(crate) fn stays_in_use(name: &str) -> String {
    join(&[&domain::visible(name), " stays in use."])
}

pub(crate) fn tested(name: &str, good: bool) -> String {
    join(&[
        &domain::visible(name),
        if good { " tested: ready to sign." } else { " tested: not ready to sign." },
    ])
}

pub(crate) fn more_certificates(count: usize) -> String {
    join(&[&count.to_string(), if count == 1 { " more certificate" } else { " more certificates" }])
}

/// The question before a connection is removed; `name` can be read.
pub(crate) fn remove_title(name: &str) -> String {
    join(&["Remove ", name, "?"])
}

/// What goes with a connection.
pub(crate) fn remove_goes(shown: &Shown) -> String {
    let mut goes = vec!["the connection's settings"];
    match shown.token {
        Some(it) if it.in_keychain => goes.push("the token in the keychain"),
        Some(_) => goes.push("the token in memory"),
        None => {}
    }
    if shown.connection.client_certificate != ClientCertificate::None {
        goes.push("the choice of client certificate");
    }
    for secret in &shown.secrets {
        goes.push(match secret {
            SecretKind::ClientPassphrase => "the passphrase of the client certificate",
            SecretKind::ProxyPassword => "the proxy password",
        });
    }
    let last = goes.pop().unwrap_or_default();
    let goes = if goes.is_empty() { last.to_owned() } else { join(&[&goes.join(", "), " and ", last]) };
    join(&["CSR Desk removes ", &goes, "."])
}

/// A connection is back: whether it is in use, and whether its token is.
pub(crate) fn restored(it: &Shown, in_use: bool) -> String {
    let name = domain::visible(&it.connection.name);
    let in_use = if in_use { " It is in use." } else { "" };
    let token = if it.token.is_none() { " It has no token: enter one." } else { "" };
    join(&[&name, " restored.", in_use, token])
}

/// A connection was removed; `token_in_memory`: and the token that only the memory had.
pub(crate) fn removed(name: &str, token_in_memory: bool) -> String {
    let words = match token_in_memory {
        true => " is removed, and its token was deleted from memory. Undo brings it back without the token.",
        false => " is removed. It can be undone.",
    };
    join(&[name, words])
}

pub(crate) fn exported(name: &str) -> String {
    join(&[&domain::visible(name), " is handed out, without secrets"])
}

pub(crate) fn imported(added: usize, all: usize) -> String {
    join(&[
        &added.to_string(),
        " of ",
        &all.to_string(),
        if all == 1 { " connection added" } else { " connections added" },
    ])
}

pub(crate) const TOKEN_REJECTED: &str = "The server rejected this token: ";
pub(crate) const TOKEN_REJECTED_SHORT: &str = "Rejected by the server: ";
pub(crate) const TOKEN_REJECTED_NEXT: &str = "Enter another one, or test again once it is valid.";

pub(crate) fn token_short(in_keychain: bool) -> &'static str {
    if in_keychain { "Token in the keychain" } else { "Token held for this session" }
}

/// Where a token is kept, and since when: a date, and how many days ago as a negative number.
pub(crate) fn token_held(in_keychain: bool, since: Option<(String, i64)>) -> String {
    let place = if in_keychain { "Kept in this computer's keychain" } else { "Held for this session" };
    let since = since.map(|(date, left)| {
        let age = u32::try_from(left.unsigned_abs()).unwrap_or(u32::MAX);
        let age = if age == 0 { "today".to_owned() } else { join(&[&days(age), " ago"]) };
        join(&[" since ", &date, " (", &age, ")"])
    });
    join(&[place, since.as_deref().unwrap_or_default(), ". Type another one to replace it."])
}

pub(crate) const DOCTOR_LINK: &str = "See what the server showed";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_before_a_removal_names_what_is_removed() {
        let mut shown = crate::fixtures::connection(1, "https://h:1");
        assert_eq!(remove_goes(&shown), "CSR Desk removes the connection's settings.");
        shown.secrets.push(SecretKind::ProxyPassword);
        assert_eq!(remove_goes(&shown), "CSR Desk removes the connection's settings and the proxy password.");
        for it in [REMOVE_IN_USE, REMOVE_IN_USE_PRODUCTION] {
            assert!(it.contains(". After the removal, no connection is in use"), "{it}");
        }
    }
}
