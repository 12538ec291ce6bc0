//! What opening the record found, which blocks signing until a person acknowledges it, and the words for it.
//!
//! Owns how a finding is said. Refuses to own when one is open (the journal) and the verdict of a check
//! ([`crate::Verification`]).

use serde::{Deserialize, Serialize};

use crate::{Timestamp, visible};

/// What opening found out about the record, and a person has not acknowledged yet: nothing is signed until then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenFinding {
    /// The event that tells it.
    pub seq: u64,
    /// When it was found.
    pub at: Timestamp,
    /// What was found.
    pub why: WhyOpen,
}

/// What was found out about the record when it was opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum WhyOpen {
    /// A signed head proves that events are missing at the end.
    Truncated,
    /// A signed head proves that another event once stood in the place of one.
    Rewritten,
    /// There was no signed head that could be used, so whether events are missing cannot be proven.
    HeadMissing,
    /// The record follows one that was damaged and renamed.
    SetAside {
        /// The damaged file's name now.
        file: String,
    },
    /// What was found cannot be read any more.
    Gap,
    /// Another key signs from here on, and the former one did not confirm it.
    KeyReplaced {
        /// The new key, in hexadecimal.
        public_key: String,
    },
}

/// A person's word that a finding is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledged {
    /// The event that records it.
    pub seq: u64,
    /// When it was recorded.
    pub at: Timestamp,
    /// Why signing may go on, as the person typed it.
    pub reason: String,
}

impl Acknowledged {
    /// One sentence for people, with the reason's hidden characters made visible.
    #[must_use]
    pub fn says(&self) -> String {
        format!("Acknowledged on {}, in event {}: {}", self.at.date(), self.seq, visible(&self.reason))
    }
}

/// A finding, and whether a person acknowledged it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What was found.
    pub finding: OpenFinding,
    /// The first acknowledgement of it; none while it blocks signing.
    pub acknowledged: Option<Acknowledged>,
}

impl OpenFinding {
    /// One sentence for people.
    #[must_use]
    pub fn says(&self) -> String {
        let seq = self.seq;
        match &self.why {
            WhyOpen::Truncated => format!(
                "Events are missing before event {seq}: the file was replaced by an older one, or its end was removed."
            ),
            WhyOpen::Rewritten => format!(
                "Events before event {seq} are not the ones that were recorded: the file was replaced by another one."
            ),
            WhyOpen::HeadMissing => format!(
                "The signed head was missing or damaged at event {seq}, so whether events are missing before it cannot be proven."
            ),
            WhyOpen::SetAside { file } => format!(
                "The file of the history was damaged. It was renamed to {file}, and a new history began at event {seq}. What is in the damaged file is missing here."
            ),
            WhyOpen::Gap => format!("Event {seq} says that the record was incomplete, and cannot be read."),
            WhyOpen::KeyReplaced { public_key } => format!(
                "Another key, {public_key}, signs from event {seq} on, and the former key did not confirm it."
            ),
        }
    }
}
