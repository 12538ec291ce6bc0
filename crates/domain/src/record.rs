//! What the record is made of: its events, the decisions in it, and how to ask for a part of it.
//!
//! Owns the words that the record, the hosts and the page share. Refuses to own how an event is stored, chained or
//! signed: that is the journal's part, so that the page does not carry it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Certificate, Origin, Outcome, SerialNumber, Timestamp, typed};

macro_rules! kinds {
    ($($variant:ident $text:literal $doc:literal;)+) => {
        /// What an event tells. The text is part of the record's format (docs/record-format.md).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum EventKind {
            $(#[doc = $doc] #[serde(rename = $text)] $variant,)+
        }

        impl EventKind {
            /// Every kind there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The text in the record.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }
    };
}

kinds! {
    Opened "opened" "The record began: its format and the public key that signs it.";
    FormatChanged "format_changed" "Events are of a newer version of the format from this one on.";
    Migrated "migrated" "The record was taken over from an older format.";
    KeyChanged "key_changed" "Another key signs from the next event on.";
    Gap "gap" "What the head file says did not fit the record when it was opened.";
    Acknowledged "acknowledged" "A person knows what opening found, and wants to go on signing.";
    Intent "intent" "A decision to sign, before anything is sent.";
    Sent "sent" "The request is about to leave.";
    Outcome "outcome" "How a signing ended.";
    LookUp "look_up" "The server was asked what became of a signing.";
    Decision "decision" "A person's decision about a signing whose outcome is unknown.";
    Note "note" "A person's note and ticket.";
    Export "export" "Something was handed out of the record or of a signing.";
    ConnectionChanged "connection_changed" "The connection was changed.";
    BatchStarted "batch_started" "Several signings were started together.";
}

impl EventKind {
    /// Reads the text in the record; none for a kind of a newer version, or of a damaged record.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.as_str() == text)
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One event of the record, for showing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its place in the record, counted from 1.
    pub seq: u64,
    /// What it tells, as it stands in the record.
    pub kind: String,
    /// When it was recorded, by the clock of that moment.
    pub at: Timestamp,
    /// What was recorded, as JSON text.
    pub body: String,
    /// The hash that the next event builds on, in hexadecimal.
    pub hash: String,
    /// Who caused it; nothing is known of events from before this was recorded.
    #[serde(default, skip_serializing_if = "Origin::is_unknown")]
    pub origin: Origin,
}

/// Why something is signed although it may have been signed before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Again {
    /// The person's reason.
    pub reason: String,
    /// The entries that spoke against it at that moment.
    pub earlier: Vec<u64>,
}

/// What a person found out about a signing whose outcome is unknown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// This certificate came of it.
    ItIsThisOne {
        /// The certificate as the server lists it.
        certificate: Certificate,
    },
    /// No certificate came of it.
    NotThere,
}

impl Verdict {
    /// How a signing that was resolved so is named.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self {
            Self::ItIsThisOne { .. } => "Signed (by a person)",
            Self::NotThere => "Not issued (by a person)",
        }
    }

    /// The certificate that the person named, if the person named one.
    #[must_use]
    pub fn certificate(&self) -> Option<&Certificate> {
        match self {
            Self::ItIsThisOne { certificate } => Some(certificate),
            Self::NotThere => None,
        }
    }
}

/// What a person looked at before a decision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// A search for the certificate on the server, which is in the journal.
    #[default]
    Search,
    /// PAM360's own console.
    Console,
}

impl Basis {
    /// What the person looked at, as a sentence.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Search => "After a search on the server.",
            Self::Console => "After a look in PAM360's console.",
        }
    }
}

/// A person's decision about a signing whose outcome is unknown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// When it was recorded.
    pub at: Timestamp,
    /// What was found out.
    pub verdict: Verdict,
    /// What the person says about it.
    pub reason: String,
    /// What the person looked at; none in journals from before this was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
}

/// What a listing of the record is sorted by; entries that are equal in it follow their numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SortBy {
    /// The entry's number, which is the order of recording whatever the clock said.
    #[default]
    Entry,
    /// The CSR id.
    CsrId,
    /// The outcome.
    Outcome,
    /// The server's address.
    Server,
}

/// Which entries of the record to show. Every part that is set must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HistoryFilter {
    /// Words that must all occur, in any case, in the names, ids, serial numbers, notes, tickets, reasons, users, computers,
    /// token fingerprints or the server's words.
    pub text: String,
    /// A serial number in any spelling, hexadecimal or decimal, of the issuer or of an issued certificate; or its first
    /// digits, four or more.
    pub serial: String,
    /// The outcome that holds now.
    pub outcome: Option<Outcome>,
    /// Only those that wait for somebody to look: unknown, and no decision is recorded.
    pub unsettled: bool,
    /// The server's address.
    pub server: Option<String>,
    /// Decided at or after this moment.
    pub from: Option<Timestamp>,
    /// Decided before this moment.
    pub to: Option<Timestamp>,
    /// Only signings that are in progress; takes the place of [`Self::outcome`].
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub in_progress: bool,
    /// Which entries are in progress. The desk fills it in before it asks the journal, which cannot know; it never comes
    /// from a caller.
    #[serde(skip)]
    pub running: Vec<u64>,
    /// The order.
    pub sort: SortBy,
    /// The order turned round: the smallest first.
    pub ascending: bool,
}

/// The most decimal digits of a serial number of 20 bytes.
const MAX_DECIMAL_DIGITS: usize = 49;

impl HistoryFilter {
    /// How many digits of a serial number find those that begin with them. Fewer are a whole number: most would begin so.
    pub const SERIAL_BEGINNING: usize = 4;

    /// The numbers that a typed serial number can mean: read as hexadecimal, and read as decimal. Digits alone may be
    /// either, so both are looked for. What is not a number is looked for as it is, and not found.
    #[must_use]
    pub fn serial_spellings(&self) -> [String; 2] {
        let typed = typed::code(&self.serial);
        let hexadecimal =
            SerialNumber::parse(&typed).map_or_else(|_| typed.to_string(), |it| it.hex().to_owned());
        let digits: String = typed.chars().filter(|it| !it.is_whitespace()).collect();
        let decimal = match digits.trim_start_matches('0') {
            "" => "0".to_owned(),
            text => text.to_owned(),
        };
        [hexadecimal, decimal]
    }

    /// What a person has to know of a serial number that is too short to find those that begin with it; none for a longer
    /// one, and when none was typed.
    #[must_use]
    pub fn serial_note(&self) -> Option<&'static str> {
        let [hexadecimal, decimal] = self.serial_spellings();
        let is_long = |it: &str| it.len() >= Self::SERIAL_BEGINNING;
        let long =
            is_long(&hexadecimal) || (is_long(&decimal) && decimal.bytes().all(|it| it.is_ascii_digit()));
        let typed = !typed::code(&self.serial).is_empty();
        (typed && self.serial_is_readable() && !long).then_some(
            "So few digits find only the serial number that is equal to them. To find serial numbers by their beginning, type at least 4 digits.",
        )
    }

    /// Whether what was typed as a serial number can be one, in hexadecimal or decimal; also when nothing was typed.
    #[must_use]
    pub fn serial_is_readable(&self) -> bool {
        let digits: String = typed::code(&self.serial).chars().filter(|it| !it.is_whitespace()).collect();
        let decimal = digits.len() <= MAX_DECIMAL_DIGITS && digits.bytes().all(|it| it.is_ascii_digit());
        decimal || SerialNumber::parse(&self.serial).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_serial_number_is_read_in_both_notations_and_anything_else_is_told() {
        let readable =
            |text: &str| HistoryFilter { serial: text.into(), ..Default::default() }.serial_is_readable();
        let longest = "1461501637330902918203684832716283019655932542975";
        let marked = format!("\u{200e}{longest}");
        for text in ["", " ", "\u{200e}", "b7", "0xB7:D5", "12 345", longest, &marked] {
            assert!(readable(text), "{text:?}");
        }
        for text in ["zz", "12.5", "b7-zz", "-5", &"1".repeat(50), &"a".repeat(41)] {
            assert!(!readable(text), "{text}");
        }
    }

    #[test]
    fn a_short_serial_number_is_told_to_be_a_whole_one() {
        let note =
            |text: &str| HistoryFilter { serial: text.into(), ..Default::default() }.serial_note().is_some();
        for short in ["b7", "0xb7", "00b7", "123", "0", "b7:d"] {
            assert!(note(short), "{short}");
        }
        for other in ["", " ", "b7d5", "b7:d5", "1234", "zz"] {
            assert!(!note(other), "{other}");
        }
        let digits = format!(" {} digits", HistoryFilter::SERIAL_BEGINNING);
        let short = HistoryFilter { serial: "b7".into(), ..Default::default() };
        assert!(short.serial_note().unwrap().contains(&digits));
    }

    #[test]
    fn a_kind_reads_what_it_writes() {
        for kind in EventKind::ALL {
            assert_eq!(EventKind::parse(kind.as_str()), Some(*kind));
            assert_eq!(serde_json::to_string(kind).unwrap(), format!("\"{kind}\""));
        }
        assert_eq!(EventKind::parse("other"), None);
    }

    #[test]
    fn a_decision_and_an_empty_filter_have_a_plain_wire_form() {
        let decision = Decision {
            at: Timestamp::from_millis(5),
            verdict: Verdict::NotThere,
            reason: "looked in the list".into(),
            basis: None,
        };
        let text = r#"{"at":5,"verdict":"not_there","reason":"looked in the list"}"#;
        assert_eq!(serde_json::to_string(&decision).unwrap(), text);
        assert_eq!(serde_json::from_str::<Decision>(text).unwrap(), decision);
        let based = Decision { basis: Some(Basis::Console), ..decision };
        assert!(serde_json::to_string(&based).unwrap().ends_with(r#","basis":"console"}"#));
        assert_eq!(serde_json::from_str::<HistoryFilter>("{}").unwrap(), HistoryFilter::default());
    }
}
