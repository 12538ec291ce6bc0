//! How a signing ended, and the record's entry of it.

use serde::{Deserialize, Serialize};

use crate::{Certificate, ErrorCode, Outcome, SignRequest, Timestamp};

/// What was seen of the server while it answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Seen {
    /// The HTTP status code, when an answer began.
    pub http_status: Option<u16>,
    /// The answer's body as text, bounded; not a faithful copy when it was not text.
    pub raw_answer: Option<String>,
    /// `TLSv1.3` or `TLSv1.2`, when the handshake was completed.
    pub tls_version: Option<String>,
    /// SHA-256 of the server's own certificate in hexadecimal, when the handshake was completed.
    pub server_certificate_sha256: Option<String>,
    /// How long it took from the start of the connection to the end, in milliseconds.
    pub elapsed_ms: u64,
}

/// How a signing ended: the truth as far as this side can tell it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// What became of it; always the outcome of [`Self::code`].
    pub outcome: Outcome,
    /// Why; its words are [`ErrorCode::what`] and [`ErrorCode::next`].
    pub code: ErrorCode,
    /// The server's own words, made visible and bounded; absent when it said none.
    pub server_message: Option<String>,
    /// The technical text behind the code, if any; never a secret.
    pub detail: Option<String>,
    /// What the server says it issued.
    pub certificates: Vec<Certificate>,
    /// What was seen of the server.
    pub seen: Seen,
}

impl Ending {
    /// An ending with nothing more to say than its code. A code that speaks of no outcome counts as `unknown`:
    /// the only safe reading when a signing ends in a way that was not foreseen.
    #[must_use]
    pub fn new(code: ErrorCode) -> Self {
        Self {
            outcome: code.outcome().unwrap_or(Outcome::Unknown),
            code,
            server_message: None,
            detail: None,
            certificates: Vec::new(),
            seen: Seen::default(),
        }
    }

    /// The same ending with the technical text behind it.
    #[must_use]
    pub fn because(mut self, detail: impl ToString) -> Self {
        self.detail = Some(detail.to_string());
        self
    }

    /// One line for people and for JSON: the server's words when it spoke, ours otherwise.
    #[must_use]
    pub fn message(&self) -> String {
        match &self.server_message {
            Some(words) if !words.is_empty() => words.clone(),
            _ => format!("{} {}", self.code.what(), self.code.next()),
        }
    }
}

/// One signing as the record tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its number; grows with time.
    pub entry: u64,
    /// The caller's id of the decision to sign.
    pub intent: String,
    /// When the intent was recorded.
    pub at: Timestamp,
    /// When the outcome was recorded; absent when none was.
    pub answered_at: Option<Timestamp>,
    /// The server's address.
    pub server: String,
    /// What was asked.
    pub request: SignRequest,
    /// How it ended: `unknown` with the code `interrupted` when no outcome is on record.
    #[serde(flatten)]
    pub ending: Ending,
}
