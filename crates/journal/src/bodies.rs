//! What the bodies of events hold.
//!
//! Owns their form in the record, which only ever grows: a field may be added, and its absence must keep its meaning.
//! Refuses to own what follows from them; see [`crate::fold`].

use domain::{Again, Basis, SignRequest, Verdict};
use serde::{Deserialize, Serialize};

use crate::canonical::{Format, hex};
use crate::head::HeadText;
use crate::key::HeadKey;

/// The key that signs from this event on.
#[derive(Serialize, Deserialize)]
pub(crate) struct KeyBody {
    /// Where it is kept: `file` or `keychain`.
    pub(crate) key: String,
    pub(crate) public_key: String,
}

impl KeyBody {
    pub(crate) fn of(key: &dyn HeadKey) -> Self {
        Self { key: key.kind().as_str().to_owned(), public_key: hex(&key.public_key()) }
    }
}

/// The beginning of a record.
#[derive(Serialize)]
pub(crate) struct OpenedBody {
    pub(crate) format: i64,
    #[serde(flatten)]
    pub(crate) key: KeyBody,
    /// Random, in hexadecimal: two journals that begin with one key at one moment are two.
    pub(crate) nonce: String,
    /// What was set aside before, because it was damaged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<SetAsideBody>,
}

/// The part of [`OpenedBody`] that says of which version the record is.
#[derive(Deserialize)]
pub(crate) struct FormatBody {
    pub(crate) format: i64,
}

/// The record goes on in another version of the format.
#[derive(PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FormatChangedBody {
    from: i64,
    /// The journal's id: the hash of its first event, in hexadecimal.
    journal: String,
    to: i64,
}

impl FormatChangedBody {
    /// The only change that there is: from version 2 to version 3.
    pub(crate) fn new(journal: String) -> Self {
        Self { from: Format::Two.number(), journal, to: Format::Three.number() }
    }
}

/// The part of [`OpenedBody`] that says what a record follows.
#[derive(Deserialize)]
pub(crate) struct FollowsBody {
    #[serde(default)]
    pub(crate) after: Option<SetAsideBody>,
}

/// A damaged record that this one follows.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct SetAsideBody {
    /// The name it has now.
    pub(crate) file: String,
    /// Its last signed head, if that could be read.
    pub(crate) head: Option<HeadText>,
}

/// Why a gap is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum GapWhy {
    /// There was no head file, or none that could be used.
    HeadMissing,
    /// The head names an event beyond the last one.
    Truncated,
    /// The head names an event that is not the one that stands there.
    Rewritten,
}

/// The head file did not fit the record.
#[derive(Serialize, Deserialize)]
pub(crate) struct GapBody {
    pub(crate) why: GapWhy,
    /// The head as it stood there: signed, so that it goes on to prove what was removed.
    pub(crate) head: Option<HeadText>,
}

/// A person knows of findings, and wants to go on.
#[derive(Serialize, Deserialize)]
pub(crate) struct AcknowledgedBody {
    /// The `seq` of the events that tell the findings.
    pub(crate) events: Vec<u64>,
    pub(crate) reason: String,
}

/// An older format was taken over.
#[derive(Serialize)]
pub(crate) struct MigratedBody {
    pub(crate) from: i64,
    pub(crate) signings: i64,
}

/// A decision to sign.
#[derive(Serialize, Deserialize)]
pub(crate) struct IntentBody {
    pub(crate) intent: String,
    pub(crate) server: String,
    pub(crate) request: SignRequest,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) again: Option<Again>,
}

/// The request is about to leave.
#[derive(Default, Serialize)]
pub(crate) struct SentBody {
    /// Taken over from a format that did not record it: it may have left.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) assumed: bool,
}

/// A person's decision.
#[derive(Serialize, Deserialize)]
pub(crate) struct DecisionBody {
    pub(crate) verdict: Verdict,
    pub(crate) reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) basis: Option<Basis>,
}

/// A person's note.
#[derive(Serialize, Deserialize)]
pub(crate) struct NoteBody {
    pub(crate) note: String,
    pub(crate) ticket: String,
}
