//! What opening the record found, which blocks signing until a person acknowledges it, and the words for it.
//!
//! Owns how a finding is said. Refuses to own when one is open (the journal) and the verdict of a check
//! ([`crate::Verification`]).

use serde::{Deserialize, Serialize};

use crate::verification::missing_after;
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
    /// What was found, in one or two sentences for people.
    #[must_use]
    pub fn says(&self) -> String {
        self.why.says(self.seq)
    }
}

impl WhyOpen {
    /// What was found, where event `seq` records it: which events it is about, and which one says so.
    pub(crate) fn says(&self, seq: u64) -> String {
        // The event that records it took the first free number.
        let last = seq.saturating_sub(1);
        match self {
            Self::Truncated => format!(
                "{}: the file was deleted or replaced by an older one, or its end was removed. Event {seq} records it.",
                missing_after(last)
            ),
            Self::Rewritten => format!(
                "Events up to event {last} are not all the ones that were recorded: the file was replaced by another one. Event {seq} records it."
            ),
            Self::HeadMissing => format!(
                "The signed head was missing or damaged, so whether events after event {last} are missing cannot be proven. Event {seq} records it."
            ),
            Self::SetAside { file } => format!(
                "The file of the history was damaged. It was renamed to {file}, and a new history began at event {seq}. What is in the damaged file is missing here."
            ),
            Self::Gap => format!("Event {seq} says that the record was incomplete, and cannot be read."),
            Self::KeyReplaced { public_key } => format!(
                "Another key, {public_key}, signs from event {seq} on, and the former key did not confirm it."
            ),
        }
    }

    /// Whether events before it may be missing, and so earlier signings.
    #[must_use]
    pub fn means_missing(&self) -> bool {
        match self {
            Self::Truncated | Self::Rewritten | Self::HeadMissing | Self::SetAside { .. } | Self::Gap => true,
            Self::KeyReplaced { .. } => false,
        }
    }
}

impl Finding {
    /// What a person has to know before every signing, once the finding was acknowledged and no longer blocks: that earlier
    /// signings may be missing. None for a finding that is open, or that says nothing about missing events.
    #[must_use]
    pub fn reminder(&self) -> Option<String> {
        let acknowledged = self.acknowledged.as_ref()?;
        let missing = self.finding.why.means_missing();
        missing.then(|| {
            format!(
                "Earlier signings may be missing in this history. {} {}",
                self.finding.says(),
                acknowledged.says()
            )
        })
    }

    /// What a history without a signing has to say in place of "nothing was signed": where earlier signings are, or that they
    /// may be missing. None for a finding that says nothing about missing events.
    #[must_use]
    pub fn instead_of_nothing(&self) -> Option<String> {
        match &self.finding.why {
            WhyOpen::SetAside { file } => {
                Some(format!("This history has no signing. What was signed before is in {}.", visible(file)))
            }
            why if why.means_missing() => {
                Some("This history has no signing. Earlier signings may be missing in it.".to_owned())
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bad, Remark, Why};

    fn finding(why: WhyOpen, acknowledged: Option<Acknowledged>) -> Finding {
        Finding { finding: OpenFinding { seq: 32, at: Timestamp::from_millis(0), why }, acknowledged }
    }

    fn acknowledged() -> Acknowledged {
        Acknowledged { seq: 33, at: Timestamp::from_millis(0), reason: "restored, INC-7".to_owned() }
    }

    #[test]
    fn a_finding_names_the_missing_events_and_its_own_alike_everywhere() {
        let truncated = finding(WhyOpen::Truncated, None);
        let bad = Bad { seq: 32, entry: None, why: Why::Truncated };
        for says in [truncated.finding.says(), bad.says(), Remark::from(truncated).says()] {
            assert!(says.starts_with("Events after event 31 are missing"), "{says}");
        }
        let rewritten = finding(WhyOpen::Rewritten, None);
        assert!(Remark::from(rewritten.clone()).says().starts_with(&rewritten.finding.says()));
        for why in [WhyOpen::Truncated, WhyOpen::Rewritten, WhyOpen::HeadMissing] {
            let says = finding(why, None).finding.says();
            assert!(says.ends_with("Event 32 records it.") && says.contains("event 31"), "{says}");
        }
    }

    #[test]
    fn what_was_acknowledged_is_still_said_where_signings_may_be_missing() {
        let file = || WhyOpen::SetAside { file: "journal-corrupt.sqlite3".to_owned() };
        for why in [WhyOpen::Truncated, WhyOpen::Rewritten, WhyOpen::HeadMissing, file(), WhyOpen::Gap] {
            assert_eq!(finding(why.clone(), None).reminder(), None);
            let says = finding(why.clone(), Some(acknowledged())).reminder().unwrap();
            assert!(says.starts_with("Earlier signings may be missing in this history. "), "{says}");
            assert!(says.ends_with("Acknowledged on 1970-01-01, in event 33: restored, INC-7"), "{says}");
            assert!(
                finding(why, None).instead_of_nothing().unwrap().starts_with("This history has no signing.")
            );
        }
        let replaced = finding(WhyOpen::KeyReplaced { public_key: "ab".to_owned() }, Some(acknowledged()));
        assert_eq!((replaced.reminder(), replaced.instead_of_nothing()), (None, None));
        let moved = finding(file(), None).instead_of_nothing().unwrap();
        assert!(moved.ends_with("What was signed before is in journal-corrupt.sqlite3."), "{moved}");
    }
}
