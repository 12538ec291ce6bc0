//! The commands' types: for each a marker, its request and its response.

use domain::{
    ConnectionId, Ending, ErrorCode, Outcome, SerialNumber, ServerTrust, SignForm, SignRequest, State,
    Timestamp, visible,
};
use serde::{Deserialize, Serialize};

pub mod look_for;
mod record;
mod saved;
mod secrets;
mod session;
mod steps;

pub use record::{acknowledge, annotate, decide, entry, export, history, open_export_folder, verify_journal};
pub use saved::{
    Changed, One, Shown, ca_certificates, connections, duplicate_connection, export_connections,
    import_connections, remove_connection, restore_connection, save_connection, trust_ca, trust_certificate,
    use_connection,
};
pub use secrets::{
    KeychainState, SecretKind, TokenState, forget_secret, forget_token, provide_secret, provide_token,
};
pub use session::{
    LogLevel, Preferences, RunningSigning, diagnostics, lock, quick_status, set_preferences, status, unlock,
};
pub use steps::test_connection;

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
        /// A certificate of this CSR id and issuer exists or may exist, as the history tells.
        SentBefore,
        /// This CSR id is in the history with another issuer, as signed, unknown or under way.
        SignedByAnotherIssuer,
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
                    "A certificate of this CSR by this issuer exists or may exist. Signing again makes another certificate and needs a reason, which is recorded."
                }
                Self::SignedByAnotherIssuer => {
                    "A certificate of this CSR by another issuer exists or may exist. Signing makes another certificate for the same key."
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
        /// The connection it would go with.
        pub connection: ConnectionId,
        /// What says whether it is still as it was reviewed: `sign` takes it back.
        #[serde(default)]
        pub as_reviewed: String,
        /// What verifies the server's certificate.
        pub verified_by: ServerTrust,
        /// The exact HTTP request head and body as text, the token replaced by a mark.
        pub http_request: String,
        /// Whether the server is offered HTTP/1.1 alone; if not, it chooses when it is connected.
        #[serde(default)]
        pub http11_only: bool,
        /// The `INPUT_DATA` of that body, decoded and indented.
        pub input_data: String,
        /// When the certificate would end, if the server counts from now.
        pub ends: Timestamp,
        /// What to think about first.
        pub cautions: Vec<Caution>,
        /// Entries of the same CSR id and issuer on the same server that are signed, unknown or under way, or that a
        /// person resolved as not issued although the journal casts doubt on that. When there are any, signing takes
        /// a reason.
        pub earlier: Vec<u64>,
        /// Every signing of the same CSR id on the same server after which a certificate exists or may exist, whatever
        /// its issuer; the latest first, at most [`MAX_BEFORE`]. Those of `earlier` are among them.
        #[serde(default)]
        pub before: Vec<Before>,
        /// How many more there are than `before` names.
        #[serde(default)]
        pub before_more: u64,
        /// The signings of the same CSR id on the same server about which a person decided that no certificate was issued,
        /// whatever their issuer; the latest first, at most [`MAX_BEFORE`]. Those of the same issuer that are in doubt are
        /// among `earlier`, and ask for a reason.
        #[serde(default)]
        pub not_issued: Vec<NotIssued>,
        /// How many more there are than `not_issued` names.
        #[serde(default)]
        pub not_issued_more: u64,
    }

    impl Response {
        /// What is not known of the request before the server is connected; empty when all of it is.
        #[must_use]
        pub fn version_note(&self) -> &'static str {
            if self.http11_only {
                ""
            } else {
                "The server chooses HTTP/2 or HTTP/1.1 when it is connected. Only the version in the first line depends on that."
            }
        }
    }

    /// An earlier signing of the same CSR about which a person recorded that it issued no certificate.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct NotIssued {
        /// The number of its entry.
        pub entry: u64,
        /// When it was recorded.
        pub at: Timestamp,
        /// The issuer's common name, if one was named.
        pub issuer: Option<String>,
        /// When the person decided.
        pub decided_at: Timestamp,
        /// The serial number, or else the common name, of the certificate that an earlier decision about it named. None when
        /// no earlier decision named one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub named_before: Option<String>,
        /// Whether the last search found a certificate that nothing contradicts.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pub found_possible: bool,
    }

    impl NotIssued {
        /// What happened, without the number of its entry. The issuer's name is made visible.
        #[must_use]
        pub fn words(&self) -> String {
            let issuer = self.issuer.as_deref().map(|it| [" with “", &visible(it), "”"].concat());
            let issuer = issuer.unwrap_or_default();
            let (at, decided) = (self.at.date_time(), self.decided_at.date_time());
            let of_whom = ". A person recorded that it issued no certificate (";
            let named = self.named_before.as_deref().map_or_else(String::new, |it| {
                [" An earlier decision named the certificate ", &visible(it), "."].concat()
            });
            let found = if self.found_possible {
                " The last search found a certificate that nothing contradicts."
            } else {
                ""
            };
            ["signing of ", &at, &issuer, of_whom, &decided, ").", &named, found].concat()
        }
    }

    /// How many signings [`Response::before`] names at most, and [`Response::not_issued`] as well.
    pub const MAX_BEFORE: usize = 20;

    /// An earlier signing of the same CSR.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Before {
        /// The number of its entry.
        pub entry: u64,
        /// When it was recorded.
        pub at: Timestamp,
        /// Whether its issuer is the one of this signing, so that the desk requires a reason.
        pub same_issuer: bool,
        /// The address that it was sent to, when that is another name of the same server: its certificate answered there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub other_address: Option<String>,
        /// The issuer's common name, if one was named.
        pub issuer: Option<String>,
        /// What its entry shows: signed, unknown or in progress.
        pub state: State,
        /// The serial number of the certificate, if it is known.
        pub serial_number: Option<String>,
        /// Whether a person recorded that it issued no certificate, and the journal casts doubt on that.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pub not_issued: bool,
        /// Who started it, with the computer; empty when not known.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        pub who: String,
    }

    impl Before {
        /// What it led to, without the number of its entry: `signed on 2026-11-24 08:36:00 UTC by “R1”, serial number
        /// B7:D5`. Foreign text in it is made visible.
        #[must_use]
        pub fn words(&self) -> String {
            let state = match self.state {
                _ if self.not_issued => "resolved by a person as not issued, signing of ",
                State::Signed => "signed on ",
                State::InProgress => "in progress since ",
                _ => "unknown outcome on ",
            };
            let issuer = self.issuer.as_deref().map(|it| [" by “", &visible(it), "”"].concat());
            let serial = self.serial_number.as_deref().map(|text| {
                let colons = SerialNumber::parse(text).map(|it| it.colons());
                [", serial number ", &colons.unwrap_or_else(|_| visible(text))].concat()
            });
            let issuer = issuer.unwrap_or_else(|| ", no issuer named".to_owned());
            let who = if self.who.is_empty() {
                String::new()
            } else {
                [", started by ", &visible(&self.who)].concat()
            };
            let address = self.other_address.as_deref();
            let address =
                address.map(|it| [", sent to ", &visible(it), ", another address of this server"].concat());
            let (serial, address) = (serial.unwrap_or_default(), address.unwrap_or_default());
            [state, &self.at.date_time(), &issuer, &serial, &address, &who].concat()
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn an_earlier_signing_says_when_by_whom_and_which_certificate() {
            let before = Before {
                entry: 1,
                at: Timestamp::from_millis(1_764_230_401_000),
                same_issuer: true,
                other_address: None,
                issuer: Some("R\u{202E}1".to_owned()),
                state: State::Signed,
                serial_number: Some("b7d5".to_owned()),
                not_issued: false,
                who: String::new(),
            };
            assert_eq!(
                before.words(),
                "signed on 2025-11-27 08:00:01 UTC by “R⟨U+202E⟩1”, serial number B7:D5"
            );
            let lost = Before { issuer: None, state: State::Unknown, serial_number: None, ..before };
            assert_eq!(lost.words(), "unknown outcome on 2025-11-27 08:00:01 UTC, no issuer named");
            let elsewhere = Before { other_address: Some("https://localhost:1".to_owned()), ..lost };
            assert!(
                elsewhere.words().ends_with(", sent to https://localhost:1, another address of this server"),
                "{}",
                elsewhere.words()
            );
        }
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
        /// The connection that was in use in the review. If another one is by now, nothing is sent.
        #[serde(default)]
        pub connection: Option<ConnectionId>,
        /// The review's `as_reviewed`. If the connection leads to the server in another way by now, nothing is sent.
        #[serde(default)]
        pub as_reviewed: Option<String>,
    }

    /// What became of it.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Response {
        /// The number of the history's entry. Absent when nothing could be recorded, and when the history's file was
        /// replaced during the signing and the history that is there now has no entry of this intent.
        pub entry: Option<u64>,
        /// Whether this is the earlier answer to the same intent, and nothing was sent now.
        pub repeated: bool,
        /// Whether the ending is in the history too. When it is not, `entry` is unknown there; without `entry`, the
        /// history does not have this signing at all.
        pub recorded: bool,
        /// Whether a power failure can still remove the recorded ending, because the disk may not have it.
        #[serde(default)]
        pub may_be_lost: bool,
        /// The entries that speak against it, when the code is `already-on-record` or `sent-meanwhile`.
        #[serde(default)]
        pub earlier: Vec<u64>,
        /// What the readable ones of `earlier` led to, in the same order, at most [`review::MAX_BEFORE`].
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub before: Vec<review::Before>,
        /// How it ended.
        pub ending: Ending,
    }

    impl Response {
        /// What a person must know about the history beside the outcome: it may lack this signing, or its ending.
        #[must_use]
        pub fn history_warning(&self) -> Option<ErrorCode> {
            // The code of an interrupted signing says itself that no answer is recorded.
            let answered = !matches!(self.ending.outcome, Outcome::NotSent)
                && self.ending.code != ErrorCode::Interrupted;
            match self.entry {
                _ if self.may_be_lost => Some(ErrorCode::OutcomeNotDurable),
                _ if self.recorded || self.repeated => None,
                Some(_) => Some(ErrorCode::OutcomeNotRecorded),
                None => answered.then_some(ErrorCode::OutcomeNotInHistory),
            }
        }
    }
}

/// Tells how far a signing is, by its intent: a page that was loaded again finds its signing with it. Sends nothing.
pub mod signing {
    use super::*;

    /// Asks for it.
    pub struct Signing;

    /// Which signing.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    pub struct Request {
        /// Its intent.
        pub intent: String,
        /// Whether to answer only when the signing is no longer under way.
        #[serde(default)]
        pub wait: bool,
    }

    /// How far it is.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Response {
        /// The signing. None when it is neither under way nor in the history: then nothing was sent.
        pub found: Option<Found>,
    }

    /// A signing that was found.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Found {
        /// What is signed.
        pub request: SignRequest,
        /// The server's address.
        pub server: String,
        /// The connection that it is with; none when it is over, or was begun before there was one.
        #[serde(default)]
        pub connection: Option<ConnectionId>,
        /// When it began.
        pub at: Timestamp,
        /// The time since then while it is under way, in milliseconds.
        pub elapsed_ms: u64,
        /// How it ended; none while it is under way.
        pub answer: Option<sign::Response>,
        /// Whether only its entry says what holds now: a person has resolved it since, or another program is waiting for
        /// its answer.
        pub see_entry: bool,
        /// Whether another program is waiting, or may be waiting, for its answer.
        #[serde(default)]
        pub in_progress: bool,
    }
}
