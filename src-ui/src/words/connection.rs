//! The connection.

use desk::commands::test_connection::Stage;

pub(crate) const TITLE: &str = "Connection";
pub(crate) const LEAD: &str = "Which PAM360 signs, whom to trust on the way there, and as which user.";
pub(crate) const GROUP_SERVER: &str = "Server";
pub(crate) const GROUP_TOKEN: &str = "Token";
pub(crate) const GROUP_TRUST: &str = "Trusted issuer of the server's certificate";

pub(crate) const TRUST_SYSTEM: &str = "This computer's list of trusted CAs";
pub(crate) const TRUST_FILE: &str = "A CA file, by its path";
pub(crate) const TRUST_FILE_NOTE: &str = "On the computer where CSR Desk runs.";
pub(crate) const TRUST_PEM: &str = "A CA file, chosen here";
pub(crate) const PEM_IN_USE: &str = "In use: ";
pub(crate) const PEM_REPLACE: &str = "Choose a file to replace it.";
pub(crate) const TRUST_LEAD: &str =
    "Who must have issued the certificate that the server shows. Verification has no off switch.";

pub(crate) const TOKEN_HELD: &str = "A token is held for this session. Type another one to replace it.";
pub(crate) const TOKEN_FORGET: &str = "Forget token";
pub(crate) const TOKEN_FORGOTTEN_NOW: &str = "The token is forgotten.";
pub(crate) const TOKEN_FORGOTTEN: &str = "The token was forgotten";
pub(crate) const TOKEN_FORGOTTEN_TEXT: &str = "It belonged to the server that was set before, and is never sent to another one. Enter the token of this server.";
pub(crate) const TOKEN_PLACEHOLDER_HELD: &str = "held, not shown";

pub(crate) const SAVE: &str = "Save and test";
pub(crate) const SAVING: &str = "Saving…";
pub(crate) const TESTING: &str = "Testing…";
pub(crate) const SAVED: &str = "Connection saved.";
pub(crate) const CHANGES_NOTHING: &str = "The test changes nothing on the server.";

pub(crate) const STEPS: &str = "Connection test";
pub(crate) const STEPS_NONE: &str = "Not tested since this page was opened.";
pub(crate) const STEPS_GOOD: &str = "Ready to sign.";
pub(crate) const STEPS_GOOD_LINK: &str = "Sign a request";
pub(crate) const STEPS_BAD: &str = "Not ready to sign yet.";

pub(crate) const STATE_WAITING: &str = "not tried yet";
pub(crate) const STATE_RUNNING: &str = "checking…";
pub(crate) const STATE_PASSED: &str = "passed";
pub(crate) const STATE_FAILED: &str = "failed";
pub(crate) const STATE_SKIPPED: &str = "skipped";

/// A stage's name, and what it proves.
pub(crate) fn stage(stage: Stage) -> (&'static str, &'static str) {
    match stage {
        Stage::Trust => ("Trust", "The trusted CAs can be read."),
        Stage::Connect => ("Secure connection", "The server answers, and proves who it is."),
        Stage::Answer => ("Answer", "PAM360 answers a harmless question."),
        Stage::Token => ("Token", "PAM360 accepts the AUTHTOKEN."),
    }
}

pub(crate) const TIMEOUT_DEFAULT: &str = "Empty means ";
pub(crate) const SERVER_EXAMPLE: &str = "https://pam360.example.com:8282";
pub(crate) const TRUST_PEM_NOTE: &str = "On the computer in front of you. Its text is handed over.";
