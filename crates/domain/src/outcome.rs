//! What became of a signing, as far as this side can truthfully tell.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::SerialNumber;
use crate::visible;

/// The four ends of a signing. Anything but a clear yes or a clear no is [`Outcome::Unknown`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing left this computer.
    NotSent,
    /// The server said no, readably.
    Refused,
    /// The server said yes.
    Signed,
    /// It was sent, and there is no trustworthy answer.
    Unknown,
}

impl Outcome {
    /// All four, the gravest first.
    pub const ALL: &'static [Self] = &[Self::Unknown, Self::Refused, Self::NotSent, Self::Signed];

    /// Reads the text used in JSON and in the record.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.as_str() == text)
    }

    /// The text used in JSON and in the record.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotSent => "not_sent",
            Self::Refused => "refused",
            Self::Signed => "signed",
            Self::Unknown => "unknown",
        }
    }

    /// The exit code of `csrdesk sign` for this outcome.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Signed => 0,
            Self::Refused => 3,
            Self::Unknown => 4,
            Self::NotSent => 5,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What the server says it issued: one row of `details` in the vendor's answer.
///
/// All three are the server's own texts, unverified; each may be absent. Ids and serials are text here however
/// the server wrote them, because a serial number may exceed any integer type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// `commonName`.
    pub common_name: Option<String>,
    /// `Certificate_ID`.
    pub certificate_id: Option<String>,
    /// `serialNumber`, hexadecimal in the vendor's sample.
    pub serial_number: Option<String>,
}

impl Certificate {
    /// Whether this is its serial number, in any spelling.
    #[must_use]
    pub fn has_serial(&self, serial: &SerialNumber) -> bool {
        self.serial_number.as_deref().and_then(|it| SerialNumber::parse(it).ok()).as_ref() == Some(serial)
    }

    /// What to beware of where an answer names more than one certificate for the one CSR that was signed, or another subject
    /// in its message than in its certificate; none otherwise.
    #[must_use]
    pub fn caution(named: &[Self], message: Option<&str>) -> Option<String> {
        let count = named.len();
        if count > 1 {
            return Some(format!(
                "PAM360 named {count} certificates for one CSR. Check which one belongs to it."
            ));
        }
        let (subject, name) = (subject_of(message?)?, named.first()?.common_name.as_deref()?.trim());
        (subject.to_lowercase() != name.to_lowercase()).then(|| {
            format!(
                "PAM360's message and the certificate name different subjects: \u{201c}{}\u{201d} and \u{201c}{}\u{201d}. Check in PAM360 which certificate was issued.",
                visible(subject),
                visible(name)
            )
        })
    }

    /// The heading of one of several certificates, counted from 0: `Certificate 1 of 2`; none when it is the only one.
    #[must_use]
    pub fn heading(place: usize, count: usize) -> Option<String> {
        (count > 1).then(|| format!("Certificate {} of {count}", place + 1))
    }
}

/// The subject in the message that the vendor's page documents for a signing: "Certificate csrtest successfully signed with
/// mytestcert." Other messages are free text, and nothing is read from them.
fn subject_of(message: &str) -> Option<&str> {
    let (subject, _) =
        message.trim().strip_prefix("Certificate ")?.split_once(" successfully signed with ")?;
    Some(subject.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_one_certificate_is_a_caution_and_each_has_a_number() {
        let one = Certificate::default();
        assert_eq!(
            (Certificate::caution(&[], None), Certificate::caution(std::slice::from_ref(&one), None)),
            (None, None)
        );
        assert_eq!(Certificate::heading(0, 1), None);
        let caution = Certificate::caution(&[one.clone(), one], None);
        let words = "PAM360 named 2 certificates for one CSR. Check which one belongs to it.";
        assert_eq!(caution.as_deref(), Some(words));
        assert_eq!(Certificate::heading(1, 2).as_deref(), Some("Certificate 2 of 2"));
    }

    #[test]
    fn a_message_that_names_another_subject_than_the_certificate_is_a_caution() {
        let named =
            |name: &str| [Certificate { common_name: Some(name.to_owned()), ..Certificate::default() }];
        let caution = |name, message: &str| Certificate::caution(&named(name), Some(message));
        let documented = "Certificate csrtest successfully signed with mytestcert.";
        assert_eq!(caution("csrtest", documented), None);
        assert_eq!(caution(" CSRtest ", documented), None);
        let words = caution("someone-else.example.test", documented).unwrap();
        assert!(words.starts_with("PAM360's message and the certificate name different subjects"), "{words}");
        assert!(words.contains("csrtest") && words.contains("someone-else.example.test"), "{words}");
        // Nothing is read from other messages, and a certificate without a name contradicts none.
        assert_eq!(caution("someone-else", "Certificate csrtest was signed."), None);
        assert_eq!(caution("someone-else", "Operation completed."), None);
        assert_eq!(Certificate::caution(&[Certificate::default()], Some(documented)), None);
    }
}
