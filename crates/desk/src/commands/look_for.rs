//! Looks on the server for the certificate of a signing whose outcome is unknown. The look is recorded; nothing is
//! changed on the server.

use domain::{Certificate, ErrorCode, Event, EventKind, Timestamp};
use serde::{Deserialize, Serialize};

/// How far the server's clock may be from this computer's, in minutes: Microsoft CAs alone date a certificate back by ten.
pub const CLOCK_LEEWAY_MINUTES: i64 = 15;

/// Looks for it.
pub struct LookFor;

/// Which signing.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Request {
    /// The number of its entry.
    pub entry: u64,
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
}

impl Candidate {
    /// Whether anything contradicts that it is the one.
    #[must_use]
    pub fn is_contradicted(&self) -> bool {
        self.evidence.iter().any(|it| it.weight() < 0)
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
        _ => format!("{} days", domain::thousands(seconds / 86_400)),
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

    /// How many certificates may be the one: nothing contradicts it.
    #[must_use]
    pub fn possible(&self) -> usize {
        self.candidates.iter().filter(|it| !it.is_contradicted()).count()
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
mod tests {
    use super::*;

    fn issued(seconds: i64, evidence: Evidence) -> String {
        let candidate = Candidate {
            certificate: Certificate::default(),
            names: vec!["first.example.test".into(), "b.example.test".into()],
            issuer: None,
            not_before: Some(Timestamp::from_millis(1_795_509_392_000)),
            seconds_after_sending: Some(seconds),
            not_after: None,
            evidence: vec![evidence],
            standing: Standing::Possible,
        };
        candidate.words(evidence)
    }

    #[test]
    fn the_last_search_of_an_entry_is_read_from_its_events() {
        let found = |names: &[Standing]| {
            let candidate = |standing: &Standing| Candidate {
                certificate: Certificate::default(),
                names: Vec::new(),
                issuer: None,
                not_before: None,
                seconds_after_sending: None,
                not_after: None,
                evidence: match standing {
                    Standing::NoMatch => vec![Evidence::NamesDiffer],
                    _ => Vec::new(),
                },
                standing: *standing,
            };
            Response {
                candidates: names.iter().map(candidate).collect(),
                listed: 9,
                ruled_out: 0,
                not_examined: 0,
                key_unknown: None,
                asked_names: Vec::new(),
            }
        };
        let event = |seq: u64, kind: EventKind, body: String| Event {
            seq,
            kind: kind.as_str().to_owned(),
            at: Timestamp::from_millis(i64::try_from(seq).unwrap()),
            body,
            hash: String::new(),
        };
        let search =
            |seq, found: &Response| event(seq, EventKind::LookUp, serde_json::to_string(found).unwrap());
        let (none, two) = (found(&[]), found(&[Standing::Possible, Standing::NoMatch, Standing::Possible]));
        let note = event(4, EventKind::Note, "{}".to_owned());
        assert_eq!(Recorded::last(&[]), None);
        assert_eq!(Recorded::last(std::slice::from_ref(&note)), None);
        let last = Recorded::last(&[search(2, &none), search(3, &two), note]).unwrap();
        assert_eq!((last.at.millis(), last.response.words().as_str()), (3, "2 certificates may match."));
        assert_eq!(last.response, two);
        // One that cannot be read hides an earlier one: that one no longer says how things stand.
        let odd = event(5, EventKind::LookUp, r#"{"found":1}"#.to_owned());
        assert_eq!(Recorded::last(&[search(2, &none), odd]), None);
        assert_eq!(none.words(), "No matching certificate was found.");
        assert_eq!(found(&[Standing::Possible]).words(), "One certificate may match.");
        assert_eq!(found(&[Standing::Proof, Standing::Possible]).words(), "The certificate was found.");
    }

    #[test]
    fn evidence_says_times_and_names() {
        let then = issued(40, Evidence::BeganThen);
        assert_eq!(then, "Issued at 2026-11-24 08:36:32 UTC, 40 s after the request was sent.");
        let before = issued(-18_000, Evidence::BeganAtAnotherTime);
        assert!(before.ends_with("5 h before the request was sent."), "{before}");
        let leeway = issued(-300, Evidence::BeganWithinClockLeeway);
        assert!(leeway.contains("5 min before") && leeway.contains("up to 15 minutes"), "{leeway}");
        assert!(issued(0, Evidence::NamesDiffer).contains("first.example.test, b.example.test"));
        assert_eq!(duration(200_000), "2 days");
        assert_eq!(duration(86_400 * 3_650), "3,650 days");
    }
}
