//! What is worth knowing about a record beside its first bad event, what it means for the verdict, and the words for it.
//!
//! Refuses to own the verdict of a whole check: that is [`crate::Verification`].

use serde::{Deserialize, Serialize};

use crate::verification::counted;
use crate::{Acknowledged, Finding, OpenFinding, Soundness, WhyOpen, visible};

/// Something worth knowing about the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "remark", rename_all = "snake_case")]
pub enum Remark {
    /// The clock stood earlier at an event than at the one before it.
    ClockWentBack {
        /// How often.
        times: u64,
        /// The first such event.
        seq: u64,
        /// By how much at that event, in milliseconds.
        by_ms: i64,
    },
    /// Another key signs from here on, and the former one confirmed it.
    KeyChanged {
        /// The event.
        seq: u64,
    },
    /// Another key signs from here on, and the former one did not confirm it, as when it was lost.
    KeyReplaced {
        /// The event.
        seq: u64,
        /// With what a person acknowledged it.
        acknowledged: Option<Acknowledged>,
    },
    /// When the record was opened here, there was no head file that could be used.
    HeadWasMissing {
        /// The event.
        seq: u64,
        /// With what a person acknowledged it.
        acknowledged: Option<Acknowledged>,
    },
    /// The record begins here after a damaged one that was renamed.
    BeganAfterDamage {
        /// The event.
        seq: u64,
        /// The damaged file's name now.
        file: String,
        /// With what a person acknowledged it.
        acknowledged: Option<Acknowledged>,
    },
    /// When the record was opened here, a signed head proved that events were missing or replaced.
    EventsMissing {
        /// The event that records it.
        seq: u64,
        /// Whether another event took the place of one; else events are missing at the end.
        #[serde(default)]
        replaced: bool,
        /// With what a person acknowledged it.
        acknowledged: Option<Acknowledged>,
    },
    /// An event records a finding that this version cannot read.
    FindingUnreadable {
        /// The event.
        seq: u64,
        /// With what a person acknowledged it.
        acknowledged: Option<Acknowledged>,
    },
    /// The record was signed by another key than the one that is here now.
    OtherKey,
    /// This computer's own key is not at hand, so whose key signed the record was not checked.
    KeyNotAtHand,
    /// No key was given for a copy, so only the copy itself says whose key signed it.
    KeyNotGiven,
    /// The first line of a copy, or the header of the database, names another format than its last event has.
    FormatDiffers {
        /// What it names.
        named: i64,
    },
    /// The first line of a copy names another key than the one that signed its last event.
    KeyDiffers,
    /// Lines follow the closing line of a copy.
    AfterClosingLine {
        /// How many.
        lines: u64,
    },
    /// Events of a kind that this version does not know; their place in the chain was checked.
    UnknownKind {
        /// How many.
        times: u64,
    },
}

impl Remark {
    /// What it means for the verdict.
    #[must_use]
    pub fn soundness(&self) -> Soundness {
        match self {
            Self::KeyReplaced { acknowledged: None, .. }
            | Self::HeadWasMissing { acknowledged: None, .. }
            | Self::BeganAfterDamage { acknowledged: None, .. }
            | Self::FindingUnreadable { acknowledged: None, .. }
            | Self::KeyNotAtHand => Soundness::NotProven,
            Self::EventsMissing { .. }
            | Self::OtherKey
            | Self::FormatDiffers { .. }
            | Self::KeyDiffers
            | Self::AfterClosingLine { .. } => Soundness::Unsound,
            Self::KeyReplaced { .. }
            | Self::HeadWasMissing { .. }
            | Self::BeganAfterDamage { .. }
            | Self::FindingUnreadable { .. } => Soundness::Incomplete,
            Self::ClockWentBack { .. }
            | Self::KeyChanged { .. }
            | Self::KeyNotGiven
            | Self::UnknownKind { .. } => Soundness::Sound,
        }
    }

    /// One sentence for people.
    #[must_use]
    pub fn says(&self) -> String {
        match self {
            Self::ClockWentBack { times, seq, by_ms } => format!(
                "The clock went back {}, first at event {seq}, by {by_ms} ms. The order of the record does not depend on it.",
                counted(*times, "time", "times")
            ),
            Self::KeyChanged { seq } => {
                format!("At event {seq} the key was changed, and the former key confirmed it.")
            }
            Self::KeyReplaced { seq, acknowledged } => format!(
                "At event {seq} another key took over, and the former key did not confirm it, as when it was lost. Whether events were removed just before cannot be proven.{}",
                acknowledgement(acknowledged.as_ref())
            ),
            Self::HeadWasMissing { seq, acknowledged } => format!(
                "At event {seq} the record was opened without a usable head. Whether events were removed just before cannot be proven.{}",
                acknowledgement(acknowledged.as_ref())
            ),
            Self::BeganAfterDamage { seq, file, acknowledged } => format!(
                "The record begins at event {seq} after a damaged file, which was renamed to {}. What is in that file is missing here.{}",
                visible(file),
                acknowledgement(acknowledged.as_ref())
            ),
            Self::EventsMissing { seq, replaced, acknowledged } => {
                let why = if *replaced { WhyOpen::Rewritten } else { WhyOpen::Truncated };
                format!("{}{}", why.says(*seq), acknowledgement(acknowledged.as_ref()))
            }
            Self::FindingUnreadable { seq, acknowledged } => format!(
                "Event {seq} records that the record was incomplete, and this version cannot read how.{}",
                acknowledgement(acknowledged.as_ref())
            ),
            Self::OtherKey => {
                "The record was signed by another key than the one that it was compared with.".to_owned()
            }
            Self::KeyNotAtHand => {
                "This computer's own key is not at hand, so whose key signed the record was not checked."
                    .to_owned()
            }
            Self::KeyNotGiven => {
                "No key was given, so whose key signed the copy was not checked. Compare its public key with the one that you know, or give it with --key."
                    .to_owned()
            }
            Self::FormatDiffers { named } => {
                format!("The file names format {named}, and its last event has another one.")
            }
            Self::KeyDiffers => {
                "The first line names another key than the one that signed the last event.".to_owned()
            }
            Self::AfterClosingLine { lines } => {
                format!("The copy goes on after its closing line, with {} that nothing proves.", counted(*lines, "line", "lines"))
            }
            Self::UnknownKind { times } => format!(
                "This version does not know the kind of {}. Each place in the chain was checked.",
                counted(*times, "event", "events")
            ),
        }
    }
}

fn acknowledgement(by: Option<&Acknowledged>) -> String {
    by.map_or_else(|| " Nobody has acknowledged it.".to_owned(), |it| format!(" {}", it.says()))
}

impl From<Finding> for Remark {
    fn from(Finding { finding: OpenFinding { seq, why, .. }, acknowledged }: Finding) -> Self {
        match why {
            WhyOpen::Truncated => Self::EventsMissing { seq, replaced: false, acknowledged },
            WhyOpen::Rewritten => Self::EventsMissing { seq, replaced: true, acknowledged },
            WhyOpen::HeadMissing => Self::HeadWasMissing { seq, acknowledged },
            WhyOpen::SetAside { file } => Self::BeganAfterDamage { seq, file, acknowledged },
            WhyOpen::Gap => Self::FindingUnreadable { seq, acknowledged },
            WhyOpen::KeyReplaced { .. } => Self::KeyReplaced { seq, acknowledged },
        }
    }
}
