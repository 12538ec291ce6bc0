//! A PAM360 server as a person sets it: everything but the token, which never stands beside it.

use serde::{Deserialize, Serialize};

use crate::{BaseUrl, ErrorCode, Field, OrgName, Problem};

/// How long to wait for the answer to a signing, unless told otherwise, in seconds.
pub const DEFAULT_TIMEOUT_SECONDS: u32 = 60;
/// The longest time-out that may be asked for, in seconds.
pub const MAX_TIMEOUT_SECONDS: u32 = 600;

/// Whom to trust as issuer of the server's certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaChoice {
    /// The CAs in a PEM file on the computer where this program runs, and no others.
    File {
        /// Its path.
        path: String,
    },
    /// The CAs in a PEM text that was chosen in the page, and no others.
    Pem {
        /// What the file was called, for people.
        name: String,
        /// Its content.
        text: String,
    },
    /// This computer's own list of trusted CAs.
    #[default]
    System,
}

/// A connection as typed: every text unchecked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionForm {
    /// [`Field::Server`].
    pub server: String,
    /// [`Field::Organization`]: what the signing form starts with.
    pub organization: String,
    /// [`Field::CaFile`].
    pub ca: CaChoice,
    /// [`Field::Timeout`]; empty means [`DEFAULT_TIMEOUT_SECONDS`].
    pub timeout_seconds: String,
}

/// A connection that passed its checks; whether the CA choice can be used is found out by reading it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Where PAM360 answers.
    pub server: BaseUrl,
    /// The organization a new signing form starts with.
    pub organization: Option<OrgName>,
    /// Whom to trust.
    pub ca: CaChoice,
    /// How long to wait for an answer, in seconds.
    pub timeout_seconds: u32,
}

impl ConnectionForm {
    /// Checks every field.
    ///
    /// # Errors
    /// All problems at once, in the order of the form.
    pub fn check(&self) -> Result<Connection, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut note = |field, code| problems.push(Problem::new(field, code));
        let server = BaseUrl::parse(&self.server).map_err(|code| note(Field::Server, code));
        match &self.ca {
            CaChoice::File { path } if path.trim().is_empty() => {
                note(Field::CaFile, ErrorCode::CaFileMissing);
            }
            CaChoice::Pem { name, .. } if name.is_empty() => note(Field::CaFile, ErrorCode::CaFileNotChosen),
            CaChoice::File { .. } | CaChoice::Pem { .. } | CaChoice::System => {}
        }
        let timeout_seconds = parse_timeout(&self.timeout_seconds).map_err(|code| note(Field::Timeout, code));
        let organization = OrgName::parse(&self.organization).map_err(|code| note(Field::Organization, code));
        match (server, timeout_seconds, organization) {
            (Ok(server), Ok(timeout_seconds), Ok(organization)) if problems.is_empty() => {
                Ok(Connection { server, organization, ca: self.ca.clone(), timeout_seconds })
            }
            _ => Err(problems),
        }
    }
}

impl From<Connection> for ConnectionForm {
    fn from(connection: Connection) -> Self {
        Self {
            server: connection.server.to_string(),
            organization: connection.organization.map(|it| it.to_string()).unwrap_or_default(),
            ca: connection.ca,
            timeout_seconds: connection.timeout_seconds.to_string(),
        }
    }
}

fn parse_timeout(text: &str) -> Result<u32, ErrorCode> {
    match text.trim() {
        "" => Ok(DEFAULT_TIMEOUT_SECONDS),
        text if text.bytes().all(|b| b.is_ascii_digit()) => match text.parse() {
            Ok(seconds) if (1..=MAX_TIMEOUT_SECONDS).contains(&seconds) => Ok(seconds),
            _ => Err(ErrorCode::TimeoutOutOfRange),
        },
        _ => Err(ErrorCode::TimeoutOutOfRange),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_problems_are_named_at_once() {
        let form = ConnectionForm {
            server: "http://x".into(),
            organization: "a\tb".into(),
            ca: CaChoice::File { path: " ".into() },
            timeout_seconds: "0".into(),
        };
        let fields: Vec<Field> = form.check().unwrap_err().iter().map(|it| it.field).collect();
        assert_eq!(fields, [Field::Server, Field::CaFile, Field::Timeout, Field::Organization]);
    }

    #[test]
    fn a_checked_connection_fills_the_form_again() {
        let form = ConnectionForm { server: "https://h:1".into(), ..ConnectionForm::default() };
        let connection = form.check().unwrap();
        assert_eq!(connection.timeout_seconds, DEFAULT_TIMEOUT_SECONDS);
        assert_eq!(ConnectionForm::from(connection.clone()).check(), Ok(connection));
    }
}
