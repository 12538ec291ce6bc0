//! What is wrong with a typed value: an error code, bound to its field, in words.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::typed::offender;
use crate::{ErrorCode, Field};

/// Something wrong with one field, found before anything is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The field to correct.
    pub field: Field,
    /// What is wrong with it.
    pub code: ErrorCode,
    /// Which part of it, in whole sentences: a place in a file, a character. Never a secret.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

impl Problem {
    /// Binds a code to its field.
    #[must_use]
    pub fn new(field: Field, code: ErrorCode) -> Self {
        Self { field, code, detail: String::new() }
    }

    /// The same, with the part of it that is at fault, in whole sentences.
    #[must_use]
    pub fn because(field: Field, code: ErrorCode, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..Self::new(field, code) }
    }

    /// The same, and finds the character for which the typed value was refused.
    #[must_use]
    pub fn typed(field: Field, code: ErrorCode, text: &str) -> Self {
        let shown = offender(code, text).map(|it| it.to_string());
        Self::because(field, code, shown.unwrap_or_default())
    }

    /// What is wrong, where, and what to do, in whole sentences.
    #[must_use]
    pub fn words(&self) -> String {
        let (what, next) = (self.code.what(), self.code.next());
        if self.detail.is_empty() { [what, next].join(" ") } else { [what, &self.detail, next].join(" ") }
    }
}

/// One sentence that names the field, says what is wrong, and what to do.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field.label(), self.words())
    }
}

/// All problems as one line of text, for a host that has room for one.
#[must_use]
pub fn joined(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_names_its_field_and_what_to_do() {
        let text = Problem::new(Field::CsrId, ErrorCode::CsrIdNotANumber).to_string();
        assert!(text.starts_with("CSR id: The CSR id is not a number."), "{text}");
        assert!(text.contains("digits only"), "{text}");
        let text = Problem::typed(Field::CsrId, ErrorCode::CsrIdNotANumber, " 3o3").to_string();
        assert!(
            text.starts_with("CSR id: The CSR id is not a number. Character 2 is \"o\". PAM360"),
            "{text}"
        );
    }
}
