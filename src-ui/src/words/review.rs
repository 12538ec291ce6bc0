//! The review and the wait: what will happen, said before it does.

use desk::commands::review::{Before, Caution};
use domain::{SignRequest, SignType, State, Timestamp};

use super::{days, join, long_date, without_scheme};

pub(crate) const TITLE: &str = "Review before signing";
pub(crate) const LEAD: &str = "Signing cannot be undone. This is what will happen:";
pub(crate) const CAUTIONS: &str = "Think about this first";
pub(crate) const FACTS: &str = "Every field as it will be sent";
pub(crate) const HTTP_REQUEST: &str = "The exact HTTP request";
pub(crate) const HTTP_NOTE: &str = "The AUTHTOKEN is added when the request leaves. This page never sees it.";
pub(crate) const INPUT_DATA: &str = "INPUT_DATA, decoded";
pub(crate) const BACK: &str = "Back to the form";
pub(crate) const DECISION: &str = "Your decision";
pub(crate) const UNDERSTAND_CA: &str = "I understand that this creates a certificate authority.";
pub(crate) const AGAIN: &str = "Why sign it again?";
pub(crate) const AGAIN_MEANING: &str =
    "Look at the earlier entries first. What you type here goes on record beside this signing.";
pub(crate) const REASON_FIRST: &str = "Say above why it is signed again.";
pub(crate) const BOTH_FIRST: &str = "Tick the confirmation above and say why it is signed again.";
pub(crate) const UNDERSTAND_FIRST: &str = "Tick the confirmation above first.";
pub(crate) const LOCKED_FIRST: &str = "Unlock above first.";
pub(crate) const TOKEN_ABOVE_FIRST: &str = "Enter the token above first.";
pub(crate) const NO_TOKEN_FIRST: &str = "No AUTHTOKEN is held: go back and enter one.";
pub(crate) const SENT_ELSEWHERE: &str =
    "Another signing of this CSR began or ended after this review. Review the CSR again before you sign it.";
pub(crate) const RESOLVED_SINCE: &str = "Somebody resolved an earlier signing of this CSR after this review. Review the CSR again before you sign it.";
pub(crate) const REVIEW_AGAIN: &str = "Review again";
pub(crate) const REMOVED_FIRST: &str =
    "This connection was removed in another window or program. Go back and use another one.";
pub(crate) const READY: &str = "One request, sent once. Nothing retries it.";

pub(crate) const PROGRESS_TITLE: &str = "Signing…";
pub(crate) const PROGRESS_LEAD: &str = "The request is on its way to PAM360.";
pub(crate) const PROGRESS_KEEP: &str =
    "Keep this window open until the answer is here. Closing it does not take the request back.";
pub(crate) const PROGRESS_LIMIT: &str =
    "After the time-out the outcome counts as unknown, and is recorded as such.";
pub(crate) const INTENT: &str = "Intent";

const MAKES_CA: &str = "an intermediate CA that can itself issue certificates";

/// A piece of a sentence: ours, or a value that stands out in it.
pub(crate) enum Piece {
    /// Ours.
    Words(&'static str),
    /// A value.
    Value(String),
}

/// One plain sentence of what will happen.
pub(crate) fn sentence(request: &SignRequest, server: &str, ends: Option<Timestamp>) -> Vec<Piece> {
    use Piece::{Value, Words};
    let mut pieces = vec![
        Words("PAM360 at "),
        Value(without_scheme(server)),
        Words(" will sign "),
        Value(join(&["CSR ", &request.csr_id.to_string()])),
    ];
    if let Some(organization) = &request.organization {
        pieces.extend([
            Words(" of the organization "),
            Value(join(&["“", &domain::visible(organization.as_str()), "”"])),
        ]);
    }
    pieces.push(Words(match (request.sign_type, &request.issuer) {
        (SignType::SignWithRoot, _) => " with ",
        (SignType::Msca, Some(_)) => " through its Microsoft CA, naming as issuer ",
        (SignType::Msca, None) => " through its Microsoft CA, without naming an issuer,",
    }));
    if let Some(issuer) = &request.issuer {
        pieces.extend([
            Value(join(&["“", &domain::visible(issuer.common_name.as_str()), "”"])),
            Words(" (serial "),
            Value(issuer.serial_number.colons()),
            Words(")"),
        ]);
    }
    pieces.extend([Words(" for "), Value(days(request.validity.days()))]);
    if let Some(ends) = ends {
        pieces.extend([Words(", until "), Value(long_date(ends)), Words(" (UTC) if it counts from now")]);
    }
    pieces.extend([
        Words(", as "),
        Value(if request.intermediate { MAKES_CA } else { super::sign::MAKES_LEAF }.to_owned()),
        Words("."),
    ]);
    pieces
}

pub(crate) fn sign(csr_id: &str, production: bool, makes_ca: bool) -> String {
    let ca = if makes_ca { " as a CA" } else { "" };
    join(&["Sign CSR ", csr_id, ca, if production { super::session::IN_PRODUCTION } else { "" }])
}

/// A caution in short; its words are the desk's. An earlier signing that is known and one that may have been are told
/// apart.
pub(crate) fn caution(caution: Caution, before: &[Before]) -> &'static str {
    let signed = |same: bool| before.iter().any(|it| it.same_issuer == same && it.state == State::Signed);
    match caution {
        Caution::SentBefore if signed(true) => "This issuer already signed this CSR",
        Caution::SentBefore => "This issuer may already have signed this CSR",
        Caution::SignedByAnotherIssuer if signed(false) => "Another issuer already signed this CSR",
        Caution::SignedByAnotherIssuer => "Another issuer may already have signed this CSR",
        Caution::MakesACa => "The result will be a certificate authority",
        Caution::IssuerLeftOut => "No issuer is named",
        Caution::MicrosoftCa => "A Microsoft CA may decide otherwise",
        Caution::OrganizationNotAscii => "How the organization's name is read is not certain",
    }
}

/// The heading of the earlier signings about which a person recorded that they issued no certificate; `first` is the entry
/// of the latest.
pub(crate) fn not_issued(first: u64, count: u64) -> String {
    if count == 1 {
        return join(&["A person recorded that entry ", &first.to_string(), " issued no certificate"]);
    }
    join(&["Persons recorded that ", &count.to_string(), " earlier signings issued no certificate"])
}

pub(crate) fn before_more(count: u64) -> String {
    join(&["and ", &count.to_string(), " earlier ", if count == 1 { "entry" } else { "entries" }])
}

pub(crate) fn elapsed(seconds: u32) -> String {
    join(&[&seconds.to_string(), if seconds == 1 { " second" } else { " seconds" }])
}

pub(crate) fn of_timeout(seconds: u32) -> String {
    join(&["waits up to ", &seconds.to_string(), " seconds"])
}
