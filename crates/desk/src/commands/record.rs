//! The commands about the record: reading it, settling what is unknown, handing it out, checking it.

use domain::{Certificate, Entry, ErrorCode, Event, HistoryFilter, Timestamp, Verdict, Verification};
use serde::{Deserialize, Serialize};

/// Reads the record, newest first unless the filter asks for another order.
pub mod history {
    use super::*;

    /// Reads it.
    pub struct History;

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
        /// How many pass the filter in all.
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
}

/// Looks on the server for the certificate of a signing whose outcome is unknown. The look is recorded; nothing is
/// changed on the server.
pub mod look_for {
    use super::*;

    /// Looks for it.
    pub struct LookFor;

    /// Which signing.
    #[derive(Clone, Copy, Debug, Serialize, Deserialize)]
    pub struct Request {
        /// The number of its entry.
        pub entry: u64,
    }

    /// Something that speaks for or against a certificate being the one.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Evidence {
        /// It certifies the very key of the CSR.
        SameKey,
        /// Its key could not be compared: the CSR or the certificate could not be fetched.
        KeyNotCompared,
        /// Its issuer is the one that was asked for.
        IssuerMatches,
        /// Its issuer, as written, is not the one that was asked for.
        IssuerDiffers,
        /// The server names no issuer for it.
        IssuerNotStated,
        /// It began in the time in which the request was on its way.
        BeganThen,
        /// It began at another time.
        BeganAtAnotherTime,
        /// It ends when the asked validity would end, give or take two days.
        EndsAsAsked,
        /// It ends at another time.
        EndsAtAnotherTime,
        /// It is on record already as the result of another signing.
        OnRecord {
            /// That signing's entry.
            entry: u64,
        },
    }

    impl Evidence {
        /// Whether it speaks for (positive), against (negative) or neither, and how much.
        #[must_use]
        pub fn weight(self) -> i32 {
            match self {
                Self::SameKey => 8,
                Self::BeganThen => 4,
                Self::IssuerMatches | Self::EndsAsAsked => 2,
                Self::KeyNotCompared | Self::IssuerNotStated => 0,
                Self::EndsAtAnotherTime => -2,
                Self::BeganAtAnotherTime | Self::IssuerDiffers => -6,
                Self::OnRecord { .. } => -12,
            }
        }

        /// What it says, in words.
        #[must_use]
        pub fn words(self) -> &'static str {
            match self {
                Self::SameKey => "It certifies the key of this CSR.",
                Self::KeyNotCompared => "Its key could not be compared with the CSR's.",
                Self::IssuerMatches => "Its issuer is the one that was asked for.",
                Self::IssuerDiffers => "Its issuer is another one than was asked for.",
                Self::IssuerNotStated => "The server does not name its issuer.",
                Self::BeganThen => "It begins at the time of this signing.",
                Self::BeganAtAnotherTime => "It begins at another time than this signing.",
                Self::EndsAsAsked => "It ends when the asked validity would end.",
                Self::EndsAtAnotherTime => "It ends at another time than was asked for.",
                Self::OnRecord { .. } => "It is on record as the result of another signing.",
            }
        }
    }

    /// A certificate that may be the one.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Candidate {
        /// Its common name and serial number.
        pub certificate: Certificate,
        /// Its issuer, as the certificate or the server's list names it.
        pub issuer: Option<String>,
        /// When it begins, if it could be fetched.
        pub not_before: Option<Timestamp>,
        /// When it ends, if it could be fetched.
        pub not_after: Option<Timestamp>,
        /// What speaks for and against it.
        pub evidence: Vec<Evidence>,
    }

    /// What was found.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Response {
        /// The likeliest first, at most 20.
        pub candidates: Vec<Candidate>,
        /// How many certificates the server listed.
        pub listed: u64,
        /// How many of them were fetched and cannot be the one, because they certify another key.
        pub ruled_out: u64,
        /// How many of them were not looked at: at most 20 are fetched, those first whose issuer and end fit.
        pub not_examined: u64,
        /// Why the CSR's key is not known, if it is not: then the key proves nothing.
        pub key_unknown: Option<ErrorCode>,
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
        /// How it was found out; goes on record.
        pub reason: String,
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
        },
        /// Every event of the record with its hash and signature.
        Journal,
    }

    /// Where it was written.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Response {
        /// The file's path on the computer where the program runs.
        pub path: String,
        /// How many entries or events are in it.
        pub count: u64,
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
        /// Whether the record holds.
        pub holds: bool,
        /// What was found, a sentence each.
        pub says: Vec<String>,
        /// The findings themselves, for programs. The page makes do with the words, and so need not carry what reads them.
        #[serde(skip_deserializing)]
        pub verification: Option<Verification>,
    }
}
