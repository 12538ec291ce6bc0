//! The options of the tasks about connections and their secrets.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use desk::StartOptions;
use desk::commands::SecretKind;
use domain::{
    CaChoice, ClientCertificate, ConnectionForm, Environment, ErrorCode, Field, FieldRemark, HttpVersion,
    Problem, ProxyChoice, typed,
};

use crate::out;

#[derive(Args)]
pub(crate) struct Connections {
    #[command(subcommand)]
    pub(crate) task: Option<ConnectionsTask>,
    /// Keep everything that is stored in this folder
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) data_dir: Option<PathBuf>,
    /// Print JSON instead of text
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Subcommand)]
pub(crate) enum ConnectionsTask {
    /// Make a connection; nothing is sent to its server
    Add(ConnectionFields),
    /// Change a connection: only what is given
    Change {
        /// Its name as it is now
        connection: String,
        #[command(flatten)]
        fields: ConnectionFields,
    },
    /// Make a connection like another one, without its secrets
    Duplicate {
        /// The name of the other one
        connection: String,
    },
    /// Write all connections to a file for another computer; no secrets are in it
    Export {
        /// The file; - is standard output
        file: PathBuf,
    },
    /// Add the connections of such a file; none that is there is changed
    Import {
        /// The file
        file: PathBuf,
    },
    /// Remove a connection; it can be restored for 15 minutes
    Remove {
        /// Its name
        connection: String,
    },
    /// Bring a removed connection back
    Restore {
        /// Its name
        connection: String,
    },
    /// Use a connection from now on where none is named
    Use {
        /// Its name
        connection: String,
    },
}

/// Every field of a connection, each optional.
#[derive(Args)]
pub(crate) struct ConnectionFields {
    /// What it is called here; the server's address when left out
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// production, staging, test or unmarked
    #[arg(long, value_name = "WORD")]
    environment: Option<String>,
    /// Address of the PAM360 server, https://host:port
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// Organization that a new signing starts with, by its display name
    #[arg(long, value_name = "NAME")]
    org: Option<String>,
    /// Trust the CAs in this PEM file; an empty path for this computer's own list
    #[arg(long, value_name = "PEM")]
    ca_file: Option<String>,
    /// Accept exactly the certificate with this SHA-256 fingerprint, whatever its issuer and names. Ask the server's
    /// owner for it
    #[arg(long, value_name = "SHA256", conflicts_with_all = ["ca_file", "system_too"])]
    exact_certificate: Option<String>,
    /// Whether this computer's own list counts beside the CA file
    #[arg(long, value_name = "yes|no")]
    system_too: Option<YesOrNo>,
    /// SHA-256 of the server's public key, on top of verification; empty for none
    #[arg(long, value_name = "HEX")]
    pin: Option<String>,
    /// Client certificate with its chain, PEM; empty for none
    #[arg(long, value_name = "PEM", requires = "client_key")]
    client_cert: Option<String>,
    /// Private key of the client certificate, PEM, unencrypted
    #[arg(long, value_name = "PEM", requires = "client_cert")]
    client_key: Option<String>,
    /// PKCS#12 file with client certificate and key
    #[arg(long, value_name = "FILE", conflicts_with_all = ["client_cert", "client_key"])]
    client_p12: Option<String>,
    /// system, environment, none, or the address http://host:port
    #[arg(long, value_name = "PROXY")]
    proxy: Option<String>,
    /// Proxy user. Save its password: csrdesk secret save proxy-password
    #[arg(long, value_name = "USER")]
    proxy_user: Option<String>,
    /// How long to wait for an answer, 1 to 600
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<String>,
    /// automatic, or 1.1 for a server that rejects requests over HTTP/2
    #[arg(long, value_name = "VERSION")]
    http_version: Option<String>,
    /// The operation that lists CSRs, if your server's documentation names it
    #[arg(long, value_name = "OPERATION")]
    csr_list_operation: Option<String>,
    /// The day on which the token expires
    #[arg(long, value_name = "YYYY-MM-DD")]
    token_expires: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum YesOrNo {
    Yes,
    No,
}

impl ConnectionFields {
    /// Writes what was given over a form. Gives the problems of what a form cannot hold: an environment or HTTP version that
    /// does not exist, a user without a proxy of its own. All other checks are the desk's.
    pub(crate) fn onto(self, form: &mut ConnectionForm) -> Vec<Problem> {
        out::remarks(&self.remarks());
        let mut problems = Vec::new();
        let texts = [
            (self.name, &mut form.name),
            (self.server, &mut form.server),
            (self.org, &mut form.organization),
            (self.pin, &mut form.pin),
            (self.timeout, &mut form.timeout_seconds),
            (self.csr_list_operation, &mut form.csr_list),
            (self.token_expires, &mut form.token_expires),
        ];
        for (given, slot) in texts {
            if let Some(text) = given {
                *slot = text;
            }
        }
        if let Some(word) = self.environment {
            match Environment::parse(&word) {
                Ok(environment) => form.environment = environment,
                Err(code) => problems.push(Problem::new(Field::Environment, code)),
            }
        }
        if let Some(word) = self.http_version {
            match HttpVersion::parse(&word) {
                Ok(version) => form.http_version = version,
                Err(code) => problems.push(Problem::typed(Field::HttpVersion, code, &word)),
            }
        }
        match self.ca_file {
            Some(path) if typed::path(&path).is_empty() => form.ca = CaChoice::System,
            // The programs that use it later may run in another folder.
            Some(path) => form.ca = CaChoice::File { path: absolute(path) },
            None => {}
        }
        if let Some(sha256) = self.exact_certificate {
            form.ca = CaChoice::Exact { sha256 };
        }
        if let Some(answer) = self.system_too {
            form.system_too = answer == YesOrNo::Yes;
        }
        match (self.client_cert, self.client_key, self.client_p12) {
            (Some(certificate), _, _) if typed::path(&certificate).is_empty() => {
                form.client_certificate = ClientCertificate::None;
            }
            (Some(certificate), Some(key), _) => {
                form.client_certificate =
                    ClientCertificate::Pem { certificate: absolute(certificate), key: absolute(key) };
            }
            (_, _, Some(path)) => {
                form.client_certificate = ClientCertificate::Pkcs12 { path: absolute(path) }
            }
            _ => {}
        }
        match self.proxy.as_deref().map(typed::code).as_deref() {
            None => {}
            Some("system") => form.proxy = ProxyChoice::System,
            Some("environment") => form.proxy = ProxyChoice::Environment,
            Some("none") => form.proxy = ProxyChoice::None,
            Some(address) => {
                let user = match &form.proxy {
                    ProxyChoice::Manual { user, .. } => user.clone(),
                    ProxyChoice::System | ProxyChoice::Environment | ProxyChoice::None => String::new(),
                };
                form.proxy = ProxyChoice::Manual { address: address.to_owned(), user };
            }
        }
        if let Some(given) = self.proxy_user {
            match &mut form.proxy {
                ProxyChoice::Manual { user, .. } => *user = given,
                ProxyChoice::System | ProxyChoice::Environment | ProxyChoice::None => {
                    problems.push(Problem::new(Field::ProxyAddress, ErrorCode::ProxyAddressMissing));
                }
            }
        }
        problems
    }
}

impl ConnectionFields {
    /// What there is to say about the values that were given.
    fn remarks(&self) -> Vec<FieldRemark> {
        let keyword = |it: &&String| ["system", "environment", "none"].contains(&it.as_str());
        let proxy = self.proxy.clone().filter(|it| !keyword(&it));
        let given = [
            (Field::ConnectionName, &self.name),
            (Field::Environment, &self.environment),
            (Field::Server, &self.server),
            (Field::Organization, &self.org),
            (Field::CaFile, &self.ca_file),
            (Field::ExactCertificate, &self.exact_certificate),
            (Field::Pin, &self.pin),
            (Field::ClientCertificate, &self.client_cert),
            (Field::ClientKey, &self.client_key),
            (Field::ClientCertificate, &self.client_p12),
            (Field::ProxyAddress, &proxy),
            (Field::ProxyUser, &self.proxy_user),
            (Field::Timeout, &self.timeout),
            (Field::HttpVersion, &self.http_version),
            (Field::CsrList, &self.csr_list_operation),
            (Field::TokenExpires, &self.token_expires),
        ];
        let of = |(field, text): (Field, &Option<String>)| {
            text.as_deref().map(|it| FieldRemark::of(field, it)).unwrap_or_default()
        };
        given.into_iter().flat_map(of).collect()
    }
}

fn absolute(path: String) -> String {
    let path = typed::path(&path).into_owned();
    std::path::absolute(&path).map_or(path, |it| it.display().to_string())
}

/// A saved connection and nothing else.
#[derive(Args)]
pub(crate) struct WithConnection {
    /// The saved connection, by its name; the one used last when left out
    #[arg(long, value_name = "NAME")]
    connection: Option<String>,
    /// Keep everything that is stored in this folder
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

impl WithConnection {
    pub(crate) fn options(self) -> StartOptions {
        StartOptions { data_dir: self.data_dir, connection: self.connection, ..StartOptions::default() }
    }
}

#[derive(Args)]
pub(crate) struct Secret {
    #[command(subcommand)]
    pub(crate) task: SecretTask,
}

#[derive(Subcommand)]
pub(crate) enum SecretTask {
    /// Read the secret from the terminal, or from standard input, and keep it in this computer's keychain
    Save {
        /// Which secret
        name: SecretName,
        #[command(flatten)]
        of: WithConnection,
    },
    /// Forget the secret
    Forget {
        /// Which secret
        name: SecretName,
        #[command(flatten)]
        of: WithConnection,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SecretName {
    /// The AUTHTOKEN
    Token,
    /// The password of the proxy's user
    ProxyPassword,
    /// The passphrase of the PKCS#12 file
    ClientPassphrase,
}

impl SecretName {
    /// The secret in a sentence.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Token => "AUTHTOKEN",
            Self::ProxyPassword => "proxy password",
            Self::ClientPassphrase => "client passphrase",
        }
    }

    /// The kind of a secret beside the token.
    pub(crate) fn kind(self) -> Option<SecretKind> {
        match self {
            Self::Token => None,
            Self::ProxyPassword => Some(SecretKind::ProxyPassword),
            Self::ClientPassphrase => Some(SecretKind::ClientPassphrase),
        }
    }
}

#[derive(Args)]
pub(crate) struct TrustCa {
    #[command(flatten)]
    pub(crate) of: WithConnection,
    /// SHA-256 of the CA certificate, as the server's owner said it
    #[arg(long, value_name = "HEX")]
    pub(crate) ca_fingerprint: String,
}
