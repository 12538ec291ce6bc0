//! What the answer says about a field whose value was accepted: what was removed, added or read in another way, and what
//! is part of it although nobody can see it.

use std::fmt;

use crate::{BaseUrl, Field, ProxyChoice, clipped, typed, visible};

/// How much of a piece that was cut off is shown, in characters.
const SHOWN: usize = 60;

/// One thing that was done to a typed value, or that is in it unseen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Characters that nobody can see were removed.
    InvisibleRemoved(Vec<char>),
    /// Characters that nobody can see are part of the value.
    InvisibleKept(Vec<char>),
    /// A look-alike was read as the character that it stands for.
    LookAlike(Vec<char>),
    /// Quotation marks around it were removed.
    Unquoted,
    /// A quotation mark without its other half was removed.
    LoneQuoteRemoved,
    /// The label in front of a token was removed.
    LabelRemoved,
    /// A `file://` URL was read as a path.
    FileUrl(String),
    /// `https://` was put in front.
    SchemeAdded,
    /// A host was read in its one spelling.
    ReadAs(String),
    /// The address names no port, so this one is used.
    DefaultPort(u16),
    /// The tail of a pasted URL was cut off.
    Cut(String),
    /// A pasted URL held a token. It was dropped: neither shown nor stored.
    TokenDropped,
}

/// A [`Change`] and the field that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldRemark {
    /// The field.
    pub field: Field,
    /// What is said about it.
    pub change: Change,
}

impl Change {
    /// One or two sentences.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::InvisibleRemoved(which) if which.len() == 1 => {
                format!("An invisible character ({}) was removed.", codes(which))
            }
            Self::InvisibleRemoved(which) => format!("Invisible characters ({}) were removed.", codes(which)),
            Self::InvisibleKept(which) if which.len() == 1 => {
                format!("An invisible character ({}) is part of this value. Remove it if it was pasted by mistake.", codes(which))
            }
            Self::InvisibleKept(which) => {
                format!("Invisible characters ({}) are part of this value. Remove them if they were pasted by mistake.", codes(which))
            }
            Self::LookAlike(which) => {
                let pairs: Vec<_> = which
                    .iter()
                    .map(|c| {
                        format!("{} (U+{:04X}) was read as {}", visible(&c.to_string()), u32::from(*c), typed::meant(*c))
                    })
                    .collect();
                format!("{}.", pairs.join(", "))
            }
            Self::Unquoted => "The quotation marks around it were removed.".to_owned(),
            Self::LoneQuoteRemoved => "A quotation mark without its other half was removed.".to_owned(),
            Self::LabelRemoved => "The label in front of it (AUTHTOKEN) was removed.".to_owned(),
            Self::FileUrl(path) => format!("The file:// URL was read as {}.", visible(&clipped(path, SHOWN))),
            Self::SchemeAdded => "https:// was added.".to_owned(),
            Self::ReadAs(host) => format!("The host was read as {host}."),
            Self::DefaultPort(port) => format!(
                "The address names no port, so port {port} is used. If PAM360 listens on another port, add it: https://host:8282, for example."
            ),
            Self::Cut(tail) => format!(
                "{} was removed: the address ends before the path of the API or the console.",
                visible(&clipped(tail, SHOWN))
            ),
            Self::TokenDropped => "This URL contained an AUTHTOKEN. It was removed and is not stored. Regenerate the token if other people could read the URL.".to_owned(),
        }
    }
}

impl FieldRemark {
    /// What there is to say about one field.
    #[must_use]
    pub fn of(field: Field, text: &str) -> Vec<Self> {
        remarks(field, text).into_iter().map(|change| Self { field, change }).collect()
    }

    /// What there is to say about some fields, in their order.
    pub(crate) fn all<'a>(texts: impl IntoIterator<Item = (Field, &'a String)>) -> Vec<Self> {
        texts.into_iter().flat_map(|(field, text)| Self::of(field, text)).collect()
    }
}

/// The field's label and the sentence, for a host that shows it apart from its field.
impl fmt::Display for FieldRemark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field.label(), self.change.words())
    }
}

fn codes(which: &[char]) -> String {
    which.iter().map(|c| format!("U+{:04X}", u32::from(*c))).collect::<Vec<_>>().join(", ")
}

/// What there is to say about a field's value. Says nothing of what a secret is made of, and nothing about a value that is refused
/// for another reason.
#[must_use]
pub fn remarks(field: Field, text: &str) -> Vec<Change> {
    match field {
        Field::Server => BaseUrl::remarks(text).unwrap_or_else(|_| typed::address_changes(text)),
        Field::ProxyAddress => ProxyChoice::read_address(text)
            .map_or_else(|_| typed::address_changes(text), |(_, changes)| changes),
        Field::Environment
        | Field::TokenExpires
        | Field::EndDate
        | Field::Pin
        | Field::CaFingerprint
        | Field::ExactCertificate
        | Field::CsrList
        | Field::Timeout
        | Field::HttpVersion
        | Field::SignType
        | Field::ValidityDays
        | Field::CsrId
        | Field::RootSerialNumber => typed::code_changes(text),
        Field::Connection
        | Field::ConnectionName
        | Field::ProxyUser
        | Field::RootCommonName
        | Field::Organization => typed::name_changes(text),
        Field::CaFile | Field::ClientCertificate | Field::ClientKey => typed::path_changes(text),
        Field::Token => typed::token(text).1,
        // Not a word about what a secret is made of.
        Field::ClientPassphrase | Field::ProxyPassword | Field::Intermediate => Vec::new(),
    }
}
