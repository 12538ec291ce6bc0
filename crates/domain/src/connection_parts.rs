//! The smaller parts of a connection: its id and name, the environment, the client certificate, the list's operation.

use serde::{Deserialize, Serialize};

use crate::{ErrorCode, Field, Problem, Timestamp, typed};

const MAX_NAME: usize = 80;
const MAX_OPERATION: usize = 64;
const MAX_ID: usize = 36;

/// What tells saved connections apart when their names change: letters, digits and dashes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct ConnectionId(String);

impl ConnectionId {
    /// Reads an id.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchConnection`]: no connection has such an id.
    pub fn parse(text: &str) -> Result<Self, ErrorCode> {
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if plain && (1..=MAX_ID).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ErrorCode::NoSuchConnection)
        }
    }

    /// The id of a number: 32 hexadecimal digits.
    #[must_use]
    pub fn from_number(number: u128) -> Self {
        Self(format!("{number:032x}"))
    }

    /// The text of the id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ConnectionId {
    type Error = ErrorCode;

    fn try_from(text: String) -> Result<Self, ErrorCode> {
        Self::parse(&text)
    }
}

/// What is signed with a connection, so that nobody takes one for another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// Certificates that others rely on.
    Production,
    /// A rehearsal of production.
    Staging,
    /// Certificates that nobody relies on.
    Test,
    /// Nobody said.
    #[default]
    Unmarked,
}

impl Environment {
    /// All, the gravest first.
    pub const ALL: [Self; 4] = [Self::Production, Self::Staging, Self::Test, Self::Unmarked];

    /// The word in files and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Staging => "staging",
            Self::Test => "test",
            Self::Unmarked => "unmarked",
        }
    }

    /// Reads the word; nothing typed means unmarked.
    ///
    /// # Errors
    /// [`ErrorCode::EnvironmentUnknown`].
    pub fn parse(text: &str) -> Result<Self, ErrorCode> {
        let word = typed::code(text);
        if word.is_empty() {
            return Ok(Self::Unmarked);
        }
        let known = Self::ALL.into_iter().find(|it| it.as_str().eq_ignore_ascii_case(&word));
        known.ok_or(ErrorCode::EnvironmentUnknown)
    }
}

/// Who calls, for servers that ask for a certificate (RFC 8446, section 4.3.2). Paths only: a private key stays in its file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientCertificate {
    /// None is shown.
    #[default]
    None,
    /// PEM files (RFC 7468).
    Pem {
        /// The certificate, followed by its chain.
        certificate: String,
        /// The private key, unencrypted.
        key: String,
    },
    /// One file with certificate and key (RFC 7292). Its passphrase is a secret of the connection.
    Pkcs12 {
        /// Its path.
        path: String,
    },
}

impl ClientCertificate {
    /// The choice with its paths as they are meant, or what is missing.
    ///
    /// # Errors
    /// All problems, in the order of the form.
    pub fn check(&self) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut path = |text: &str, field, code| {
            let path = typed::path(text).into_owned();
            if path.is_empty() {
                problems.push(Problem::new(field, code));
            }
            path
        };
        let checked = match self {
            Self::None => Self::None,
            Self::Pem { certificate, key } => Self::Pem {
                certificate: path(certificate, Field::ClientCertificate, ErrorCode::ClientCertificateMissing),
                key: path(key, Field::ClientKey, ErrorCode::ClientKeyMissing),
            },
            Self::Pkcs12 { path: file } => Self::Pkcs12 {
                path: path(file, Field::ClientCertificate, ErrorCode::ClientCertificateMissing),
            },
        };
        if problems.is_empty() { Ok(checked) } else { Err(problems) }
    }
}

/// The name of an operation of the vendor's API, such as `signCSR`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationName(String);

impl OperationName {
    /// Reads a name; nothing typed is none. It becomes a part of a path, so only letters and digits will do.
    ///
    /// # Errors
    /// [`ErrorCode::OperationMalformed`].
    pub fn parse(text: &str) -> Result<Option<Self>, ErrorCode> {
        match typed::code(text).as_ref() {
            "" => Ok(None),
            name if name.len() <= MAX_OPERATION && name.bytes().all(|b| b.is_ascii_alphanumeric()) => {
                Ok(Some(Self(name.to_owned())))
            }
            _ => Err(ErrorCode::OperationMalformed),
        }
    }

    /// The name as typed, trimmed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A name of one line; none when nothing is typed.
pub(crate) fn parse_name(text: &str) -> Result<Option<String>, ErrorCode> {
    match typed::name(text) {
        "" => Ok(None),
        name if name.chars().count() <= MAX_NAME && !name.chars().any(char::is_control) => {
            Ok(Some(name.to_owned()))
        }
        _ => Err(ErrorCode::ConnectionNameMalformed),
    }
}

/// A date; none when nothing is typed.
pub(crate) fn parse_expiry(text: &str) -> Result<Option<Timestamp>, ErrorCode> {
    match typed::code(text).as_ref() {
        "" => Ok(None),
        text => Timestamp::parse_date(text).map(Some).ok_or(ErrorCode::DateMalformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_cannot_leave_its_place_in_the_path() {
        assert_eq!(OperationName::parse(" getCSRs ").unwrap().unwrap().as_str(), "getCSRs");
        assert_eq!(OperationName::parse(" "), Ok(None));
        for text in ["../x", "a?b", "a b", "a/b", "ä", &"a".repeat(65)] {
            assert_eq!(OperationName::parse(text), Err(ErrorCode::OperationMalformed), "{text}");
        }
    }

    #[test]
    fn an_environment_is_one_of_four_words() {
        for it in Environment::ALL {
            assert_eq!(Environment::parse(&it.as_str().to_uppercase()), Ok(it));
            assert_eq!(serde_json::to_value(it).unwrap(), it.as_str());
        }
        assert_eq!(Environment::parse(""), Ok(Environment::Unmarked));
        assert_eq!(Environment::parse("live"), Err(ErrorCode::EnvironmentUnknown));
    }

    #[test]
    fn an_id_is_plain() {
        assert_eq!(ConnectionId::parse("0a-b").unwrap().as_str(), "0a-b");
        let made = ConnectionId::from_number(u128::MAX);
        assert_eq!(ConnectionId::parse(made.as_str()), Ok(made));
        for text in ["", "a b", "../x", &"a".repeat(37)] {
            assert!(serde_json::from_value::<ConnectionId>(text.into()).is_err(), "{text}");
        }
    }
}
