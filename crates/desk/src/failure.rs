//! How a command says that it could not be carried out.

use domain::{ErrorCode, Problem};
use serde::{Deserialize, Serialize};

/// The one error that crosses to a host and to the page: a code for programs, texts for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind of failure; its words are [`ErrorCode::what`] and [`ErrorCode::next`].
    pub code: ErrorCode,
    /// The technical text behind it, if there is one; never a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The fields to correct, when the code is [`ErrorCode::InvalidInput`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
}

impl Failure {
    /// A failure with nothing more to say than its code.
    #[must_use]
    pub fn new(code: ErrorCode) -> Self {
        Self { code, detail: None, problems: Vec::new() }
    }

    /// A failure with the technical text behind it.
    #[must_use]
    pub fn because(code: ErrorCode, detail: impl ToString) -> Self {
        Self { code, detail: Some(detail.to_string()), problems: Vec::new() }
    }

    /// Typed input that did not pass.
    #[must_use]
    pub fn invalid(problems: Vec<Problem>) -> Self {
        Self { code: ErrorCode::InvalidInput, detail: None, problems }
    }

    /// Writes a line into the log: which command failed, and how. Never what was asked for.
    #[cfg(feature = "handlers")]
    pub fn log(&self, command: &str) {
        tracing::warn!(command, code = self.code.as_str(), detail = self.detail.as_deref(), "refused");
    }
}
