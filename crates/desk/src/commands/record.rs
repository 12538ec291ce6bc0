//! The commands about the record: reading it, settling what is unknown, handing it out, checking it.

use domain::{
    Basis, Decision, Entry, ErrorCode, Event, EventKind, HistoryFilter, Soundness, Verdict, Verification,
};
use serde::{Deserialize, Serialize};

/// Reads the record, newest first unless the filter asks for another order.
pub mod history {
    use super::*;

    /// Reads it.
    pub struct History;

    /// How many entries that have certain words are counted at most: a common word is in most of a million.
    pub const MOST_COUNTED: u64 = 10_000;

    /// Which part of the record.
    #[derive(Clone, Debug, Default, Serialize, Deserialize)]
    #[serde(default)]
    pub struct Request {
        /// Which entries.
        pub filter: HistoryFilter,
        /// Only those after this entry in the order that is asked for.
        pub after: Option<u64>,
        /// At most so many; 100 when absent, 1,000 at most.
        pub limit: Option<u32>,
    }

    /// A page of the record.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Response {
        /// The entries, in order.
        pub entries: Vec<Entry>,
        /// Entries that belong here and cannot be read: verify the record to see why.
        pub damaged: Vec<u64>,
        /// Those of the entries that the serial number of the filter found by a decision that a later one replaced.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub replaced: Vec<u64>,
        /// How many pass the filter in all; with words in the filter, [`MOST_COUNTED`] at most.
        pub total: u64,
        /// What to ask for the next page with.
        pub last: Option<u64>,
        /// Whether there are more.
        pub more: bool,
    }
}

/// Reads one entry, with every event it is made of.
pub mod entry {
    use super::*;

    /// Reads it.
    #[allow(clippy::module_name_repetitions, reason = "the marker of the command `entry`")]
    pub struct OneEntry;

    /// Which one.
    #[derive(Clone, Copy, Debug, Serialize, Deserialize)]
    pub struct Request {
        /// Its number.
        pub entry: u64,
    }

    /// The entry.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Response {
        /// As it stands now.
        pub entry: Entry,
        /// What was recorded about it, oldest first.
        pub events: Vec<Event>,
    }

    /// The decisions among an entry's events, oldest first; the last one counts. An event without a readable decision is
    /// left out: the journal refuses to make an entry from such events.
    #[must_use]
    pub fn decisions(events: &[Event]) -> Vec<Decision> {
        /// The body of the event (docs/record-format.md).
        #[derive(Deserialize)]
        struct Body {
            verdict: Verdict,
            reason: String,
            #[serde(default)]
            basis: Option<Basis>,
        }
        let recorded = events.iter().filter(|it| it.kind == EventKind::Decision.as_str());
        let read = recorded.filter_map(|it| {
            let Body { verdict, reason, basis } = serde_json::from_str(&it.body).ok()?;
            Some(Decision { at: it.at, verdict, reason, basis })
        });
        read.collect()
    }

    /// The decisions that a later one replaced, newest first.
    #[must_use]
    pub fn earlier_decisions(events: &[Event]) -> Vec<Decision> {
        let mut all = decisions(events);
        all.pop();
        all.reverse();
        all
    }
}

/// Records what a person found out about a signing whose outcome is unknown.
pub mod decide {
    use super::*;

    /// Records it.
    pub struct Decide;

    /// The decision.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    pub struct Request {
        /// The number of the entry.
        pub entry: u64,
        /// What was found out.
        pub verdict: Verdict,
        /// How it was found out; recorded in the journal.
        pub reason: String,
        /// What the person looked at; recorded in the journal. A search must have been recorded before.
        #[serde(default)]
        pub basis: Basis,
        /// The `seq` of the last event of the entry that the person saw, 0 for none. A later decision then refuses this one.
        /// Absent where the program decides without showing the entry.
        #[serde(default)]
        pub seen: Option<u64>,
        /// The intent of the signing that the person saw. When another signing has the number by now, because the history was
        /// replaced, nothing is recorded. Absent where the program showed none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub intent: Option<String>,
    }

    /// The entry as it stands now.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Response {
        /// The entry.
        pub entry: Entry,
    }
}

/// Puts a note and a ticket beside a signing.
pub mod annotate {
    use super::*;

    /// Puts them.
    pub struct Annotate;

    /// Both replace what was there; what was there stays on record.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    pub struct Request {
        /// The number of the entry.
        pub entry: u64,
        /// The note; empty for none.
        pub note: String,
        /// The ticket; empty for none.
        pub ticket: String,
        /// The note and the ticket that the person saw. When the entry has others by now, nothing is saved. Absent where
        /// the program shows none before it replaces them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub seen: Option<Seen>,
        /// The intent of the signing that the person saw. When another signing has the number by now, because the history was
        /// replaced, nothing is recorded. Absent where the program showed none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub intent: Option<String>,
    }

    /// A note and a ticket as a person saw them.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Seen {
        /// The note; empty for none.
        pub note: String,
        /// The ticket; empty for none.
        pub ticket: String,
    }

    /// The entry as it stands now.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Response {
        /// The entry.
        pub entry: Entry,
    }
}

/// Writes a part of the record, or the evidence of one signing, to a file.
pub mod export {
    use super::*;

    /// Writes it.
    pub struct Export;

    /// What to write.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    #[serde(tag = "what", rename_all = "snake_case")]
    pub enum Request {
        /// The entries of a filter, for a spreadsheet.
        Csv {
            /// Which entries.
            filter: HistoryFilter,
        },
        /// The entries of a filter, one JSON object a line.
        JsonLines {
            /// Which entries.
            filter: HistoryFilter,
        },
        /// Everything about one signing, checkable without PAM360 and without the record.
        Evidence {
            /// The number of the entry.
            entry: u64,
            /// The intent of the signing that the person saw. When another signing has the number by now, because the history
            /// was replaced, nothing is written. Absent where the program showed none.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            intent: Option<String>,
        },
        /// Every event of the record with its hash and signature.
        Journal,
    }

    /// What PAM360 did not hand out for evidence.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Lacks {
        /// Whether the certificate is missing.
        pub certificate: bool,
        /// Whether the CSR is missing.
        pub csr: bool,
        /// Why PAM360 did not hand it out; none where it could not be asked for it: the history does not have the certificate's
        /// common name and serial number.
        pub code: Option<ErrorCode>,
    }

    impl Lacks {
        /// Whether the right connection with a token gets it: PAM360 was not asked, or did not take the token.
        #[must_use]
        pub fn takes_a_token(&self) -> bool {
            use ErrorCode::{Locked, NoConnection, NoToken, NotAuthorized, OtherServer, TokenOrOrganization};
            let codes = [Locked, NoConnection, NoToken, NotAuthorized, OtherServer, TokenOrOrganization];
            self.code.is_some_and(|it| codes.contains(&it))
        }

        /// What is missing and why, in two sentences.
        #[must_use]
        pub fn says(&self) -> String {
            let (what, is) = match (self.certificate, self.csr) {
                (true, true) => ("The certificate and the CSR", "are"),
                (true, false) => ("The certificate", "is"),
                _ => ("The CSR", "is"),
            };
            let why = self.code.map_or(
                "The history does not have the certificate's common name and serial number.",
                ErrorCode::what,
            );
            format!("{what} could not be fetched from PAM360 and {is} not in the evidence. {why}")
        }
    }

    /// Where it was written.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Response {
        /// The file's path on the computer where the program runs; empty when it is downloaded.
        pub path: String,
        /// The file's name.
        pub file_name: String,
        /// How many entries or events are in it.
        pub count: u64,
        /// What evidence lacks; none where it has all that it can have.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub lacks: Option<Lacks>,
        /// Where a browser gets the file: an address of the page's own host that works once. None in the window.
        #[serde(default)]
        pub download: Option<String>,
    }
}

/// Opens the folder of the exports in the file manager. Only the window can, and only after an export of this session.
pub mod open_export_folder {
    use super::*;

    /// Opens it.
    pub struct OpenExportFolder;

    /// Nothing to say: a caller cannot name a folder.
    #[derive(Clone, Debug, Default, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Request {}

    /// Opened.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Response {}
}

/// Checks the whole record.
pub mod verify_journal {
    use super::*;

    /// Checks it.
    pub struct VerifyJournal;

    /// Nothing to say.
    #[derive(Clone, Debug, Default, Serialize, Deserialize)]
    pub struct Request {}

    /// What was found.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Response {
        /// Whether the record is sound.
        pub holds: bool,
        /// The verdict.
        pub verdict: Soundness,
        /// What was found, a sentence each.
        pub says: Vec<String>,
        /// The findings themselves, for programs. The page makes do with the words, and so need not carry what reads them.
        #[serde(skip_deserializing)]
        pub verification: Option<Verification>,
    }
}

/// Records that a person knows what was found out about the history, so that signing goes on.
pub mod acknowledge {
    use super::*;

    /// Records it.
    pub struct Acknowledge;

    /// What the person saw, and why signing goes on all the same.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    pub struct Request {
        /// The `seq` of each finding that the person saw, all that are open, in their order.
        pub seen: Vec<u64>,
        /// The reason.
        pub reason: String,
    }

    /// Nothing to say: no finding is open any more.
    #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Response {}
}
