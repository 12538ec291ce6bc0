//! Whether a signing is still in progress, and what an entry of the history shows because of it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{ErrorCode, Outcome};

/// Whether a program is waiting for the answer of a signing that has none in the journal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// No program is waiting: it was answered, or its program is gone.
    #[default]
    Over,
    /// Whether its program is running cannot be checked, and the longest time-out is not over.
    MayBeWaiting,
    /// Its program is running and waits for the answer.
    Waiting,
}

impl Progress {
    /// Whether no program is waiting.
    #[must_use]
    pub fn is_over(&self) -> bool {
        *self == Self::Over
    }

    /// The code to show instead of the journal's; none when it is over.
    #[must_use]
    pub fn code(self) -> Option<ErrorCode> {
        match self {
            Self::Over => None,
            Self::MayBeWaiting => Some(ErrorCode::MayBeInProgress),
            Self::Waiting => Some(ErrorCode::InProgress),
        }
    }
}

/// What an entry of the history shows: one of the four outcomes, or that it has none yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// A program is waiting, or may be waiting, for the answer.
    InProgress,
    /// [`Outcome::Unknown`].
    Unknown,
    /// [`Outcome::Refused`].
    Refused,
    /// [`Outcome::NotSent`].
    NotSent,
    /// [`Outcome::Signed`].
    Signed,
}

impl State {
    /// All of them, in the order in which a person wants to see them.
    pub const ALL: &'static [Self] =
        &[Self::InProgress, Self::Unknown, Self::Refused, Self::NotSent, Self::Signed];

    /// Reads the text used in JSON.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.as_str() == text)
    }

    /// The outcome; none while it is in progress.
    #[must_use]
    pub fn outcome(self) -> Option<Outcome> {
        match self {
            Self::InProgress => None,
            Self::Unknown => Some(Outcome::Unknown),
            Self::Refused => Some(Outcome::Refused),
            Self::NotSent => Some(Outcome::NotSent),
            Self::Signed => Some(Outcome::Signed),
        }
    }

    /// The text used in JSON: that of the outcome, or `in_progress`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.outcome().map_or("in_progress", Outcome::as_str)
    }
}

impl From<Outcome> for State {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Unknown => Self::Unknown,
            Outcome::Refused => Self::Refused,
            Outcome::NotSent => Self::NotSent,
            Outcome::Signed => Self::Signed,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_reads_what_it_writes_and_every_outcome_is_one() {
        for state in State::ALL {
            assert_eq!(State::parse(state.as_str()), Some(*state));
            assert_eq!(serde_json::to_string(state).unwrap(), format!("\"{state}\""));
        }
        for outcome in Outcome::ALL {
            assert_eq!(State::from(*outcome).outcome(), Some(*outcome));
        }
        assert_eq!(State::parse("other"), None);
    }
}
