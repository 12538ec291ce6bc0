//! Looks on the server for the certificate of a signing whose outcome is unknown. The look is recorded; nothing is
//! changed on the server.

use domain::{Certificate, ErrorCode, Event, EventKind, SerialNumber, Timestamp, Verdict, thousands};
use serde::{Deserialize, Serialize};

/// How far the server's clock may be from this computer's, in minutes: Microsoft CAs alone date a certificate back by ten.
pub const CLOCK_LEEWAY_MINUTES: i64 = 15;

/// Looks for it.
pub struct LookFor;

/// Which signing.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Request {
    /// The number of its entry.
    pub entry: u64,
    /// The intent of the signing that the person saw. When another signing has the number by now, because the history was
    /// replaced, nothing is asked. Absent where the program showed none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent: Option<String>,
}

/// Something that supports or contradicts that a certificate is the one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// It has the CSR's key.
    SameKey,
    /// Its key could not be compared: the CSR or the certificate could not be fetched.
    KeyNotCompared,
    /// Its common name and alternative names are the CSR's.
    NamesMatch,
    /// Its common name or alternative names are not the CSR's.
    NamesDiffer,
    /// Its common name, as listed, is one of the CSR's names; the certificate could not be fetched.
    CommonNameMatches,
    /// Its names could not be compared.
    NamesNotCompared,
    /// The rest of its subject is not the CSR's.
    SubjectDiffers,
    /// Its issuer is the one that was asked for.
    IssuerMatches,
    /// Its issuer, as written, is not the one that was asked for.
    IssuerDiffers,
    /// The server names no issuer for it.
    IssuerNotStated,
    /// It was issued while the request was on its way, or within the clock leeway after.
    BeganThen,
    /// It was issued before the request was sent, but not by more than the clock leeway.
    BeganWithinClockLeeway,
    /// It was issued at another time.
    BeganAtAnotherTime,
    /// It ends when the asked validity would end, give or take two days.
    EndsAsAsked,
    /// It ends at another time.
    EndsAtAnotherTime,
    /// It is a CA certificate, and none was asked for.
    IsACa,
    /// It is not a CA certificate, and one was asked for.
    IsNotACa,
    /// The list shows it as issued by itself, and it could not be fetched.
    SelfIssued,
    /// It is on record already as the result of another signing.
    OnRecord {
        /// That signing's entry.
        entry: u64,
    },
}

impl Evidence {
    /// Whether it supports (positive), contradicts (negative) or neither, and how much.
    #[must_use]
    pub fn weight(self) -> i32 {
        match self {
            Self::SameKey => 8,
            Self::NamesMatch | Self::BeganThen => 4,
            Self::IssuerMatches | Self::EndsAsAsked | Self::CommonNameMatches => 2,
            Self::KeyNotCompared
            | Self::NamesNotCompared
            | Self::IssuerNotStated
            | Self::BeganWithinClockLeeway => 0,
            Self::EndsAtAnotherTime | Self::SubjectDiffers => -2,
            Self::BeganAtAnotherTime | Self::IssuerDiffers | Self::IsACa | Self::IsNotACa => -6,
            Self::OnRecord { .. } => -12,
            Self::NamesDiffer | Self::SelfIssued => -16,
        }
    }

    /// Whether these pieces of evidence together prove a certificate: key, names, issuer and time are those of the request,
    /// and nothing contradicts.
    #[must_use]
    pub fn prove(all: &[Self]) -> bool {
        let needed = [Self::SameKey, Self::NamesMatch, Self::IssuerMatches, Self::BeganThen];
        needed.iter().all(|it| all.contains(it)) && all.iter().all(|it| it.weight() >= 0)
    }

    /// Why a certificate is probably not the one, in a few words; none where it does not contradict that.
    #[must_use]
    pub fn contradiction(self) -> Option<String> {
        let words = match self {
            Self::NamesDiffer => "other names",
            Self::SelfIssued => "self-signed",
            Self::OnRecord { entry } => return Some(format!("the result of entry {entry}")),
            Self::BeganAtAnotherTime => "issued at another time",
            Self::IssuerDiffers => "another issuer",
            Self::IsACa => "a CA certificate",
            Self::IsNotACa => "not a CA certificate",
            Self::EndsAtAnotherTime => "another end date",
            Self::SubjectDiffers => "another subject",
            Self::SameKey
            | Self::KeyNotCompared
            | Self::NamesMatch
            | Self::CommonNameMatches
            | Self::NamesNotCompared
            | Self::IssuerMatches
            | Self::IssuerNotStated
            | Self::BeganThen
            | Self::BeganWithinClockLeeway
            | Self::EndsAsAsked => return None,
        };
        Some(words.to_owned())
    }
}

/// How a certificate stands to the signing. The decision stays a person's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Key, names, issuer and time are those of the request, and nothing contradicts.
    Proof,
    /// It may be the one.
    #[default]
    Possible,
    /// It is for other names, or issued by itself.
    NoMatch,
}

/// A certificate that may be the one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Its common name and serial number.
    pub certificate: Certificate,
    /// Its names, the first 20: all of them if it could be fetched, else the common name as listed.
    #[serde(default)]
    pub names: Vec<String>,
    /// Its issuer, as the certificate or the server's list names it.
    pub issuer: Option<String>,
    /// When it begins, if it could be fetched.
    pub not_before: Option<Timestamp>,
    /// How many seconds after the request was sent that is; negative for before.
    #[serde(default)]
    pub seconds_after_sending: Option<i64>,
    /// When it ends, if it could be fetched.
    pub not_after: Option<Timestamp>,
    /// What supports and what contradicts that it is the one.
    pub evidence: Vec<Evidence>,
    /// What follows from the evidence.
    #[serde(default)]
    pub standing: Standing,
    /// Whether it is a CA certificate (RFC 5280, section 4.2.1.9, `cA`), if it could be fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_ca: Option<bool>,
    /// Other unresolved entries of the server whose certificate it may be just as well; the lowest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub may_belong_to: Vec<u64>,
    /// Other unresolved entries that it was not compared with, because their CSRs were not fetched; the lowest first. Issuer
    /// and time do not contradict that it is of one of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_compared_with: Vec<u64>,
}

impl Candidate {
    /// Whether anything contradicts that it is the one.
    #[must_use]
    pub fn is_contradicted(&self) -> bool {
        self.evidence.iter().any(|it| it.weight() < 0)
    }

    /// Why it is probably not the one, in a few words: `another issuer, issued before the request`.
    #[must_use]
    pub fn contradictions(&self) -> String {
        let words = |it: &Evidence| match it {
            Evidence::BeganAtAnotherTime if self.seconds_after_sending.is_some_and(|it| it < 0) => {
                Some("issued before the request".to_owned())
            }
            it => it.contradiction(),
        };
        self.evidence.iter().filter_map(words).collect::<Vec<_>>().join(", ")
    }

    /// What to know of a certificate that can issue others, as a sentence: whatever the request asked for. None for any other, and
    /// where its evidence says so.
    #[must_use]
    pub fn ca_words(&self) -> Option<&'static str> {
        let said = self.evidence.contains(&Evidence::IsACa);
        (self.is_ca == Some(true) && !said).then_some("It is a CA certificate: it can issue certificates.")
    }

    /// With which unresolved entries it was not compared, as a sentence.
    #[must_use]
    pub fn not_compared_words(&self) -> Option<String> {
        let numbers: Vec<_> = self.not_compared_with.iter().map(u64::to_string).collect();
        match numbers.as_slice() {
            [] => None,
            [one] => Some(format!("Not compared with the CSR of entry {one}, which is unresolved.")),
            all => Some(format!(
                "Not compared with the CSRs of entries {}, which are unresolved.",
                all.join(", ")
            )),
        }
    }

    /// What a piece of its evidence says, in words.
    #[must_use]
    pub fn words(&self, evidence: Evidence) -> String {
        match evidence {
            Evidence::BeganThen => self.issued_words(""),
            Evidence::BeganAtAnotherTime => self.issued_words(""),
            Evidence::BeganWithinClockLeeway => self.issued_words(&format!(
                " Two clocks may differ by up to {CLOCK_LEEWAY_MINUTES} minutes, so this is inconclusive."
            )),
            Evidence::NamesDiffer => format!("Its names differ from the CSR's: {}.", self.names.join(", ")),
            Evidence::SameKey => "It has the CSR's key.".to_owned(),
            Evidence::KeyNotCompared => "Its key could not be compared with the CSR's.".to_owned(),
            Evidence::NamesMatch => "Its names are the CSR's.".to_owned(),
            Evidence::CommonNameMatches => {
                "Its common name is in the CSR. Its other names could not be compared.".to_owned()
            }
            Evidence::NamesNotCompared => "Its names could not be compared with the CSR's.".to_owned(),
            Evidence::SubjectDiffers => "The rest of its subject differs from the CSR's.".to_owned(),
            Evidence::IssuerMatches => "Its issuer is the one that was asked for.".to_owned(),
            Evidence::IssuerDiffers => "Its issuer is not the one that was asked for.".to_owned(),
            Evidence::IssuerNotStated => "The server does not name its issuer.".to_owned(),
            Evidence::EndsAsAsked => "It expires when the requested validity ends.".to_owned(),
            Evidence::EndsAtAnotherTime => "It does not expire when the requested validity ends.".to_owned(),
            Evidence::IsACa => "It is a CA certificate, and none was asked for.".to_owned(),
            Evidence::IsNotACa => "It is not a CA certificate, and one was asked for.".to_owned(),
            Evidence::SelfIssued => {
                "It is self-signed, so PAM360 did not sign it with the issuer.".to_owned()
            }
            Evidence::OnRecord { .. } => "It is recorded as the result of another signing.".to_owned(),
        }
    }

    /// `Issued at 2026-11-24 08:36:32 UTC, 40 s after the request was sent.`
    fn issued_words(&self, remark: &str) -> String {
        let at = self.not_before.map(Timestamp::date_time).unwrap_or_default();
        let seconds = self.seconds_after_sending.unwrap_or_default();
        let side = if seconds < 0 { "before" } else { "after" };
        format!("Issued at {at}, {} {side} the request was sent.{remark}", duration(seconds.unsigned_abs()))
    }
}

/// A span of time in the unit that says enough.
fn duration(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", thousands(seconds / 86_400)),
    }
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    /// The likeliest first, at most 20.
    pub candidates: Vec<Candidate>,
    /// How many certificates the server listed.
    pub listed: u64,
    /// How many of them were fetched and cannot be the one, because they have another key or are self-signed.
    pub ruled_out: u64,
    /// How many of `ruled_out` have another key than the CSR.
    #[serde(default)]
    pub other_key: u64,
    /// How many of `ruled_out` are self-signed, as roots are.
    #[serde(default)]
    pub self_signed: u64,
    /// How many of them were not looked at: at most 20 are fetched, those first whose names, issuer and end fit.
    pub not_examined: u64,
    /// Why the CSR could not be fetched, if it could not: then neither keys nor names were compared.
    pub key_unknown: Option<ErrorCode>,
    /// The names in the CSR, the first 20.
    #[serde(default)]
    pub asked_names: Vec<String>,
}

impl Response {
    /// The one certificate that is proven; none when there is none, or more than one.
    #[must_use]
    pub fn proven(&self) -> Option<usize> {
        let mut proven = self.candidates.iter().enumerate().filter(|(_, it)| it.standing == Standing::Proof);
        let first = proven.next().map(|(place, _)| place);
        first.filter(|_| proven.next().is_none())
    }

    /// Whether it proves another certificate than a person's verdict, or one where the verdict says that there is none.
    #[must_use]
    pub fn contradicts(&self, verdict: &Verdict) -> bool {
        let serial = verdict.certificate().and_then(|it| it.serial_number.as_deref());
        let serial = serial.and_then(|it| SerialNumber::parse(it).ok());
        let named = |it: &&Candidate| serial.as_ref().is_some_and(|serial| it.certificate.has_serial(serial));
        let mut proven = self.candidates.iter().filter(|it| it.standing == Standing::Proof).peekable();
        proven.peek().is_some() && !proven.any(|it| named(&it))
    }

    /// How many certificates may be the one: nothing contradicts it.
    #[must_use]
    pub fn possible(&self) -> usize {
        self.candidates.iter().filter(|it| !it.is_contradicted()).count()
    }

    /// The places of the candidates that may be the one, and of those that something contradicts.
    #[must_use]
    pub fn by_contradiction(&self) -> (Vec<usize>, Vec<usize>) {
        (0..self.candidates.len())
            .partition(|place| self.candidates.get(*place).is_some_and(|it| !it.is_contradicted()))
    }

    /// What became of every certificate that the server lists, in one sentence; the parts add up to the whole.
    #[must_use]
    pub fn count_words(&self) -> String {
        let proven = self.proven().is_some();
        // What an earlier version recorded may not add up.
        let all_possible = self.possible() as u64;
        let possible = all_possible.saturating_sub(u64::from(proven));
        let contradicted = (self.candidates.len() as u64).saturating_sub(all_possible);
        // An earlier version did not count the two apart. Without a CSR it compared no key.
        let uncounted = self.ruled_out.saturating_sub(self.other_key.saturating_add(self.self_signed));
        let (unclear, more_self_signed) =
            if self.key_unknown.is_some() { (0, uncounted) } else { (uncounted, 0) };
        let parts = [
            (u64::from(proven), "is proven", "are proven"),
            (possible, "may match", "may match"),
            (contradicted, "is contradicted", "are contradicted"),
            (self.other_key, "has another key", "have another key"),
            (self.self_signed + more_self_signed, "is self-signed", "are self-signed"),
            (unclear, "has another key or is self-signed", "have another key or are self-signed"),
            (self.not_examined, "was NOT compared", "were NOT compared"),
        ];
        let parts = parts.into_iter().filter(|(number, ..)| *number > 0);
        let parts: Vec<_> = parts
            .map(|(number, one, many)| {
                format!("{} {}", thousands(number), if number == 1 { one } else { many })
            })
            .collect();
        let noun = if self.listed == 1 { "certificate" } else { "certificates" };
        let colon = if parts.is_empty() { "" } else { ": " };
        let words = format!("PAM360 lists {} {noun}{colon}{}.", thousands(self.listed), parts.join(", "));
        if self.not_examined == 0 {
            return words;
        }
        words + " Of so many, only the likeliest are compared."
    }

    /// What was found, in one sentence.
    #[must_use]
    pub fn words(&self) -> String {
        match self.possible() {
            _ if self.proven().is_some() => "The certificate was found.".to_owned(),
            0 => "No matching certificate was found.".to_owned(),
            1 => "One certificate may match.".to_owned(),
            count => format!("{count} certificates may match."),
        }
    }
}

/// A search that is in the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// When it was recorded.
    pub at: Timestamp,
    /// What it found.
    pub response: Response,
}

impl Recorded {
    /// The last search among the events of an entry. None when there is none, or when an earlier version recorded it in a
    /// form that says less.
    #[must_use]
    pub fn last(events: &[Event]) -> Option<Self> {
        let event = events.iter().rev().find(|it| it.kind == EventKind::LookUp.as_str())?;
        let response = serde_json::from_str(&event.body).ok()?;
        Some(Self { at: event.at, response })
    }
}

#[cfg(test)]
mod tests;
