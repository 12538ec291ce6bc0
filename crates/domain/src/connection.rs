//! A PAM360 server as a person sets it: everything but its secrets, which never stand beside it.

use serde::{Deserialize, Serialize};

use crate::connection_parts::{parse_expiry, parse_name};
use crate::{
    BaseUrl, ClientCertificate, Environment, ErrorCode, Field, FieldRemark, Fingerprint, HttpVersion,
    OperationName, OrgName, Problem, ProxyChoice, Timestamp, typed,
};

/// How long to wait for the answer to a signing, unless told otherwise, in seconds.
pub const DEFAULT_TIMEOUT_SECONDS: u32 = 60;
/// The longest time-out that may be asked for, in seconds.
pub const MAX_TIMEOUT_SECONDS: u32 = 600;

/// How the server's certificate is verified: by its issuer, or as one exact certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaChoice {
    /// The CAs in a PEM file on the computer where this program runs.
    File {
        /// Its path.
        path: String,
    },
    /// The CAs in a PEM text that was chosen in the page.
    Pem {
        /// What the file was called, for people.
        name: String,
        /// Its content.
        text: String,
    },
    /// One certificate and no other, whatever issued it and whatever names it lists. For servers whose certificate is
    /// self-signed and not a CA, which no list of CAs can vouch for (docs/decisions/0009-one-exact-certificate.md).
    Exact {
        /// SHA-256 of the whole certificate in DER, as a person typed it; in a checked connection 64 hexadecimal digits.
        sha256: String,
    },
    /// This computer's own list of trusted CAs.
    #[default]
    System,
}

impl CaChoice {
    /// The fingerprint of the one accepted certificate, where the choice is one and its fingerprint is readable.
    #[must_use]
    pub fn exact(&self) -> Option<Fingerprint> {
        match self {
            Self::Exact { sha256 } => Fingerprint::parse(sha256).ok(),
            Self::File { .. } | Self::Pem { .. } | Self::System => None,
        }
    }

    /// The choice with its fingerprint in one spelling, and its path as it is meant.
    #[must_use]
    pub fn normalized(&self) -> Self {
        match (self, self.exact()) {
            (_, Some(sha256)) => Self::Exact { sha256: sha256.hex() },
            (Self::File { path }, None) => Self::File { path: typed::path(path).into_owned() },
            (other, None) => other.clone(),
        }
    }
}

/// A connection as typed: every text unchecked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConnectionForm {
    /// [`Field::ConnectionName`]; empty means the server's address.
    pub name: String,
    /// [`Field::Environment`].
    pub environment: Environment,
    /// [`Field::Server`].
    pub server: String,
    /// [`Field::Organization`]: what the signing form starts with.
    pub organization: String,
    /// [`Field::CaFile`].
    pub ca: CaChoice,
    /// Whether this computer's own list counts beside a CA file.
    pub system_too: bool,
    /// [`Field::Pin`].
    pub pin: String,
    /// [`Field::ClientCertificate`].
    pub client_certificate: ClientCertificate,
    /// [`Field::ProxyAddress`].
    pub proxy: ProxyChoice,
    /// [`Field::HttpVersion`].
    pub http_version: HttpVersion,
    /// [`Field::Timeout`]; empty means [`DEFAULT_TIMEOUT_SECONDS`].
    pub timeout_seconds: String,
    /// [`Field::CsrList`].
    pub csr_list: String,
    /// [`Field::TokenExpires`].
    pub token_expires: String,
}

/// A connection that passed its checks; whether its files can be used is found out by reading them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// What it is called here.
    pub name: String,
    /// What is signed there.
    pub environment: Environment,
    /// Where PAM360 answers.
    pub server: BaseUrl,
    /// The organization a new signing form starts with.
    pub organization: Option<OrgName>,
    /// Whom to trust.
    pub ca: CaChoice,
    /// Whether this computer's own list counts beside a CA file.
    pub system_too: bool,
    /// The public key that the server's certificate must hold, on top of verification.
    pub pin: Option<Fingerprint>,
    /// Who calls, for servers that ask.
    pub client_certificate: ClientCertificate,
    /// The way to the server.
    pub proxy: ProxyChoice,
    /// Which versions of HTTP the server is offered.
    #[serde(default)]
    pub http_version: HttpVersion,
    /// How long to wait for an answer, in seconds.
    pub timeout_seconds: u32,
    /// The operation that lists stored CSRs, if the person knows it.
    pub csr_list: Option<OperationName>,
    /// The day on which the token stops being accepted, if the person knows it.
    pub token_expires: Option<Timestamp>,
}

impl ConnectionForm {
    /// Checks every field.
    ///
    /// # Errors
    /// All problems at once, in the order of the form.
    pub fn check(&self) -> Result<Connection, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut note = |field, code, text: &str| problems.push(Problem::typed(field, code, text));
        let name = parse_name(&self.name).map_err(|code| note(Field::ConnectionName, code, &self.name));
        let server = BaseUrl::parse(&self.server).map_err(|code| note(Field::Server, code, &self.server));
        let ca = self.ca.normalized();
        match &ca {
            CaChoice::File { path } if path.is_empty() => note(Field::CaFile, ErrorCode::CaFileMissing, ""),
            CaChoice::Pem { name, .. } if name.is_empty() => {
                note(Field::CaFile, ErrorCode::CaFileNotChosen, "");
            }
            CaChoice::Exact { sha256 } => {
                if let Err(code) = Fingerprint::parse(sha256) {
                    note(Field::ExactCertificate, code, sha256);
                }
            }
            CaChoice::File { .. } | CaChoice::Pem { .. } | CaChoice::System => {}
        }
        let timeout_seconds = parse_timeout(&self.timeout_seconds)
            .map_err(|code| note(Field::Timeout, code, &self.timeout_seconds));
        let organization = OrgName::parse(&self.organization)
            .map_err(|code| note(Field::Organization, code, &self.organization));
        let pin = match typed::code(&self.pin).as_ref() {
            "" => Ok(None),
            text => Fingerprint::parse(text).map(Some).map_err(|code| note(Field::Pin, code, text)),
        };
        let csr_list =
            OperationName::parse(&self.csr_list).map_err(|code| note(Field::CsrList, code, &self.csr_list));
        let token_expires = parse_expiry(&self.token_expires)
            .map_err(|code| note(Field::TokenExpires, code, &self.token_expires));
        let client_certificate = self.client_certificate.check().map_err(|it| problems.extend(it));
        let proxy = self.proxy.check().map_err(|it| problems.extend(it));
        let checked = (|| {
            let server = server.ok()?;
            Some(Connection {
                name: name.ok()?.unwrap_or_else(|| server.authority()),
                environment: self.environment,
                server,
                organization: organization.ok()?,
                // Beside one exact certificate, a list of CAs would let every other one in again.
                system_too: self.system_too && matches!(ca, CaChoice::File { .. } | CaChoice::Pem { .. }),
                ca,
                pin: pin.ok()?,
                client_certificate: client_certificate.ok()?,
                proxy: proxy.ok()?,
                http_version: self.http_version,
                timeout_seconds: timeout_seconds.ok()?,
                csr_list: csr_list.ok()?,
                token_expires: token_expires.ok()?,
            })
        })();
        checked.filter(|_| problems.is_empty()).ok_or(problems)
    }

    /// What there is to say about values that are accepted, in the order of the form.
    #[must_use]
    pub fn remarks(&self) -> Vec<FieldRemark> {
        let mut texts = vec![
            (Field::ConnectionName, &self.name),
            (Field::Server, &self.server),
            (Field::Timeout, &self.timeout_seconds),
            (Field::Organization, &self.organization),
            (Field::Pin, &self.pin),
            (Field::CsrList, &self.csr_list),
            (Field::TokenExpires, &self.token_expires),
        ];
        match &self.ca {
            CaChoice::File { path } => texts.push((Field::CaFile, path)),
            CaChoice::Exact { sha256 } => texts.push((Field::ExactCertificate, sha256)),
            CaChoice::Pem { .. } | CaChoice::System => {}
        }
        match &self.client_certificate {
            ClientCertificate::None => {}
            ClientCertificate::Pem { certificate, key } => {
                texts.extend([(Field::ClientCertificate, certificate), (Field::ClientKey, key)]);
            }
            ClientCertificate::Pkcs12 { path } => texts.push((Field::ClientCertificate, path)),
        }
        if let ProxyChoice::Manual { address, user } = &self.proxy {
            texts.extend([(Field::ProxyAddress, address), (Field::ProxyUser, user)]);
        }
        FieldRemark::all(texts)
    }
}

impl From<Connection> for ConnectionForm {
    fn from(it: Connection) -> Self {
        Self {
            name: it.name,
            environment: it.environment,
            server: it.server.to_string(),
            organization: it.organization.map(|it| it.to_string()).unwrap_or_default(),
            ca: it.ca,
            system_too: it.system_too,
            pin: it.pin.map(|it| it.hex()).unwrap_or_default(),
            client_certificate: it.client_certificate,
            proxy: it.proxy,
            http_version: it.http_version,
            timeout_seconds: it.timeout_seconds.to_string(),
            csr_list: it.csr_list.map(|it| it.as_str().to_owned()).unwrap_or_default(),
            token_expires: it.token_expires.map(Timestamp::date).unwrap_or_default(),
        }
    }
}

fn parse_timeout(text: &str) -> Result<u32, ErrorCode> {
    match typed::code(text).as_ref() {
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
            name: "x".repeat(81),
            pin: "ab".into(),
            csr_list: "get list".into(),
            token_expires: "tomorrow".into(),
            proxy: ProxyChoice::Manual { address: String::new(), user: String::new() },
            client_certificate: ClientCertificate::Pkcs12 { path: " ".into() },
            ..ConnectionForm::default()
        };
        let problems = form.check().unwrap_err();
        let code = |field| problems.iter().find(|it| it.field == field).map(|it| it.code);
        assert_eq!(code(Field::ConnectionName), Some(ErrorCode::ConnectionNameMalformed));
        let unchosen = CaChoice::Pem { name: String::new(), text: String::new() };
        let unchosen = ConnectionForm { ca: unchosen, ..form }.check().unwrap_err();
        assert!(unchosen.contains(&Problem::new(Field::CaFile, ErrorCode::CaFileNotChosen)), "{unchosen:?}");
        let fields: Vec<Field> = problems.iter().map(|it| it.field).collect();
        assert_eq!(
            fields,
            [
                Field::ConnectionName,
                Field::Server,
                Field::CaFile,
                Field::Timeout,
                Field::Organization,
                Field::Pin,
                Field::CsrList,
                Field::TokenExpires,
                Field::ClientCertificate,
                Field::ProxyAddress,
            ]
        );
    }

    #[test]
    fn a_checked_connection_fills_the_form_again() {
        let form = ConnectionForm { server: "https://h:1".into(), ..ConnectionForm::default() };
        let connection = form.check().unwrap();
        assert_eq!(connection.timeout_seconds, DEFAULT_TIMEOUT_SECONDS);
        assert_eq!(connection.name, "h:1");
        assert_eq!(ConnectionForm::from(connection.clone()).check(), Ok(connection));
    }

    #[test]
    fn pasted_values_are_read_as_they_are_meant() {
        let form = ConnectionForm {
            server: "pam.example:8282/PassTrixMain.cc".into(),
            ca: CaChoice::File { path: "\"/etc/my ca.pem\"".into() },
            timeout_seconds: "\u{FF16}0".into(),
            ..ConnectionForm::default()
        };
        let connection = form.check().unwrap();
        assert_eq!(connection.server.to_string(), "https://pam.example:8282");
        assert_eq!(connection.ca, CaChoice::File { path: "/etc/my ca.pem".into() });
        let fields: Vec<Field> = form.remarks().iter().map(|it| it.field).collect();
        assert_eq!(fields, [Field::Server, Field::Server, Field::Timeout, Field::CaFile]);
        assert_eq!(ConnectionForm::from(connection).remarks(), []);
    }

    #[test]
    fn one_exact_certificate_has_one_spelling_and_no_list_beside_it() {
        let hex = "0a".repeat(32);
        let form = |sha256: &str| ConnectionForm {
            server: "https://h:1".into(),
            ca: CaChoice::Exact { sha256: sha256.into() },
            system_too: true,
            ..ConnectionForm::default()
        };
        let colons = Fingerprint::parse(&hex).unwrap().colons();
        let connection = form(&format!("SHA256 Fingerprint={colons}")).check().unwrap();
        assert_eq!(
            (&connection.ca, connection.system_too),
            (&CaChoice::Exact { sha256: hex.clone() }, false)
        );
        assert_eq!(connection.ca.exact(), Fingerprint::parse(&hex).ok());
        assert_eq!(serde_json::to_value(&connection.ca).unwrap()["exact"]["sha256"], hex);
        assert_eq!(ConnectionForm::from(connection.clone()).check(), Ok(connection));
        for text in ["", "0a", "CN=server"] {
            let problems = form(text).check().unwrap_err();
            assert_eq!((problems.len(), problems[0].field), (1, Field::ExactCertificate));
            assert_eq!(problems[0].code, ErrorCode::FingerprintMalformed);
        }
    }

    #[test]
    fn a_form_of_an_earlier_version_still_opens() {
        let saved = r#"{"server":"https://h:1","organization":"","ca":"system","timeout_seconds":"60"}"#;
        let form: ConnectionForm = serde_json::from_str(saved).unwrap();
        let connection = form.check().unwrap();
        assert_eq!((connection.environment, connection.proxy), (Environment::Unmarked, ProxyChoice::System));
    }
}
