//! The commands' types: for each a marker, its request and its response.

use domain::{Connection, ConnectionForm, Ending, ErrorCode, SignForm, SignRequest, Timestamp};
use serde::{Deserialize, Serialize};

mod record;

pub use record::{annotate, decide, entry, export, history, look_for, verify_journal};

/// What the desk holds at the moment.
pub mod status {
    use super::*;

    /// Asks for it.
    pub struct Status;

    /// Nothing to say.
    #[derive(Clone, Debug, Default, Serialize, Deserialize)]
    pub struct Request {}

    /// The state of the desk.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Response {
        /// The server that is set, if any. A CA that was chosen as a text comes back by its name only.
        pub connection: Option<Connection>,
        /// Whether an AUTHTOKEN is held for this session. The token itself never leaves the desk.
        pub token_held: bool,
        /// Where the record is kept.
        pub data_dir: String,
        /// Why signing is not possible, if the record cannot be written.
        pub journal_problem: Option<String>,
        /// What does not hold about the record, or was done about it at this start, a sentence each.
        pub journal_notes: Vec<String>,
        /// How many signings wait for somebody to look.
        pub unsettled: u64,
        /// The version of this program.
        pub version: String,
        /// The clock of the computer on which the program runs.
        pub now: Timestamp,
    }
}

/// Sets the server to work with. Nothing is sent to it.
pub mod set_connection {
    use super::*;

    /// Sets it.
    pub struct SetConnection;

    /// The connection as typed.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    pub struct Request {
        /// Every field of it.
        pub form: ConnectionForm,
    }

    /// What was set.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Response {
        /// The connection after its checks.
        pub connection: Connection,
        /// Whether a token that was held had to be forgotten, because it belonged to another server.
        pub token_forgotten: bool,
        /// Why the connection could not be saved for the next start, if so.
        pub not_saved: Option<ErrorCode>,
    }
}

/// Hands over the AUTHTOKEN for this session.
///
/// The request type of this command is deserializable only: nothing can send a token that this program holds.
pub mod provide_token {
    use super::*;

    /// Hands it over.
    pub struct ProvideToken;

    #[cfg(feature = "handlers")]
    pub use secrets::TokenEntry as Request;

    /// Without handlers nothing can read the request, so there is nothing in it.
    #[cfg(not(feature = "handlers"))]
    #[derive(Deserialize)]
    pub struct Request {}

    /// Held.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    pub struct Response {}
}

/// Forgets the AUTHTOKEN.
pub mod forget_token {
    use super::*;

    /// Forgets it.
    pub struct ForgetToken;

    /// Nothing to say.
    #[derive(Clone, Debug, Default, Serialize, Deserialize)]
    pub struct Request {}

    /// Forgotten.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    pub struct Response {}
}

/// Looks whether the server can be reached and accepts the token. Changes nothing on it.
pub mod test_connection {
    use super::*;

    /// Looks.
    pub struct TestConnection;

    /// Tests the connection that is set.
    #[derive(Clone, Debug, Default, Serialize, Deserialize)]
    pub struct Request {}

    /// One step of the way to the server.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Stage {
        /// The CA file is read.
        Trust,
        /// The name is resolved, the port answers, and the server proves who it is.
        Connect,
        /// The server answers a harmless question.
        Answer,
        /// The token is accepted.
        Token,
    }

    /// How a step went.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum State {
        /// It went well.
        Passed {
            /// What was found, for people; foreign text in it is already made visible.
            detail: String,
        },
        /// It did not.
        Failed {
            /// Why.
            code: ErrorCode,
            /// The technical text behind it.
            detail: String,
        },
        /// It was not tried, because an earlier one failed or nothing is there to try it with.
        Skipped,
    }

    /// A step and how it went.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Step {
        /// Which step.
        pub stage: Stage,
        /// How it went.
        pub state: State,
    }

    /// All steps, in order; always all four.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Response {
        /// The steps.
        pub steps: Vec<Step>,
    }
}

/// Shows what a signing would send. Nothing leaves this computer.
pub mod review {
    use super::*;

    /// Shows it.
    pub struct Review;

    /// The signing as typed.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    pub struct Request {
        /// Every field of it.
        pub form: SignForm,
    }

    /// Something a careful person wants to know before signing.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum Caution {
        /// The result will be a CA.
        MakesACa,
        /// The sign type is MSCA: which fields a Microsoft CA heeds is not documented.
        MicrosoftCa,
        /// MSCA without issuer fields: the vendor's page marks them mandatory.
        IssuerLeftOut,
        /// The organization's name has characters beyond ASCII: how PAM360 reads them in a header is not documented.
        OrganizationNotAscii,
        /// This CSR id and issuer are on record already as signed, unknown or under way.
        SentBefore,
    }

    impl Caution {
        /// What to think about, in words.
        #[must_use]
        pub fn words(self) -> &'static str {
            match self {
                Self::MakesACa => {
                    "The certificate will be a CA: whoever holds its key can issue certificates that everyone who trusts the issuer will trust."
                }
                Self::MicrosoftCa => {
                    "With MSCA a Microsoft CA signs. The vendor's page does not say which CA or template that is, nor whether it heeds the validity and the intermediate CA field."
                }
                Self::IssuerLeftOut => {
                    "The issuer fields are left out. The vendor's page marks them mandatory for every sign type; whether PAM360 accepts their absence is not documented."
                }
                Self::OrganizationNotAscii => {
                    "The organization's name has characters beyond ASCII. How PAM360 reads them in a header is not documented; here they are sent as UTF-8."
                }
                Self::SentBefore => {
                    "This CSR was sent to this issuer before, and a certificate exists or may exist. Signing again makes another one, and takes a reason that goes on record."
                }
            }
        }
    }

    /// What would happen.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Response {
        /// The signing after its checks.
        pub request: SignRequest,
        /// The server it would go to.
        pub server: String,
        /// The exact HTTP request head and body as text, the token replaced by a mark.
        pub http_request: String,
        /// The `INPUT_DATA` of that body, decoded and indented.
        pub input_data: String,
        /// When the certificate would end, if the server counts from now.
        pub ends: Timestamp,
        /// What to think about first.
        pub cautions: Vec<Caution>,
        /// Entries of the same CSR id and issuer on the same server that are signed, unknown or under way. When there are
        /// any, signing takes a reason.
        pub earlier: Vec<u64>,
    }
}

/// Signs one CSR. Cannot be undone.
pub mod sign {
    use super::*;

    /// Signs it.
    pub struct Sign;

    /// What to sign.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    pub struct Request {
        /// Made once by the caller for each decision to sign (a UUID): the same id twice is one POST.
        pub intent: String,
        /// Every field as typed.
        pub form: SignForm,
        /// Why it is signed although the record speaks against it; goes on record.
        #[serde(default)]
        pub again: Option<String>,
        /// The server that was shown in the review. If another one is set by now, nothing is sent.
        #[serde(default)]
        pub server: Option<String>,
    }

    /// What became of it.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Response {
        /// The number of the record's entry; absent only when nothing could be recorded.
        pub entry: Option<u64>,
        /// Whether this is the earlier answer to the same intent, and nothing was sent now.
        pub repeated: bool,
        /// Whether the ending is on record too. When it is not, the record shows this signing as unknown.
        pub recorded: bool,
        /// The entries that speak against it, when the code is `already-on-record` or `sent-meanwhile`.
        #[serde(default)]
        pub earlier: Vec<u64>,
        /// How it ended.
        pub ending: Ending,
    }
}
