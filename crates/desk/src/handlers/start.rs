//! How a host starts a desk from its options: the data folder, a connection and a token that count for this session.

use std::path::PathBuf;

use domain::{CaChoice, ConnectionForm, ErrorCode, Field, HttpVersion, Problem};
use pam360::Trust;
use secrets::AuthToken;
use zeroize::Zeroizing;

use super::{Desk, SystemHost, UsedIn, blocking, default_data_dir, log};
use crate::Failure;

/// The environment variable that may hold the AUTHTOKEN.
pub const TOKEN_VARIABLE: &str = "PAM360_AUTHTOKEN";

/// Options that all hosts share, as typed. The texts are the help of the window and of each task of the terminal.
#[derive(Default)]
#[cfg_attr(feature = "command-line", derive(clap::Args))]
pub struct StartOptions {
    /// Saved connection, by its name; without --connection and --server, the one used last, without a token from
    /// PAM360_AUTHTOKEN
    #[cfg_attr(feature = "command-line", arg(long, value_name = "NAME", conflicts_with_all = ["server", "ca_file", "exact_certificate", "http_version"]))]
    pub connection: Option<String>,
    /// Address of the PAM360 server, https://host:port
    #[cfg_attr(feature = "command-line", arg(long, value_name = "URL"))]
    pub server: Option<String>,
    /// Trust only the CAs in this file, instead of those of this computer
    #[cfg_attr(feature = "command-line", arg(long, value_name = "PEM", requires = "server"))]
    pub ca_file: Option<String>,
    /// Accept exactly the server certificate with this SHA-256 fingerprint, whatever its issuer and names. Ask the
    /// server's owner for it
    #[cfg_attr(
        feature = "command-line",
        arg(long, value_name = "SHA256", requires = "server", conflicts_with = "ca_file")
    )]
    pub exact_certificate: Option<String>,
    /// Organization, by its display name in PAM360; replaces the connection's for this run
    #[cfg_attr(feature = "command-line", arg(id = "org", long = "org", value_name = "NAME"))]
    pub organization: Option<String>,
    /// How long to wait for the answer, 1 to 600; replaces the connection's for this run [default: 60]
    #[cfg_attr(feature = "command-line", arg(long, value_name = "SECONDS"))]
    pub timeout: Option<String>,
    /// automatic, or 1.1 for a server that rejects requests over HTTP/2 [default: automatic]
    #[cfg_attr(feature = "command-line", arg(long, value_name = "VERSION", requires = "server"))]
    pub http_version: Option<String>,
    /// Keep everything that is stored in this folder
    #[cfg_attr(feature = "command-line", arg(long, value_name = "DIR"))]
    pub data_dir: Option<PathBuf>,
    /// The token, unchecked; none when none was given. Never an option: options show in process lists.
    #[cfg_attr(feature = "command-line", arg(skip))]
    pub token: Option<Zeroizing<String>>,
    /// How the program is used, which the journal records.
    #[cfg_attr(feature = "command-line", arg(skip))]
    pub used_in: UsedIn,
}

/// Said where a token that came from outside was left aside.
pub const TOKEN_NOT_USED: &str = "The token in PAM360_AUTHTOKEN was not used: it goes only to a server that is named with --connection or --server. Another program may have changed which connection was used last.";

impl StartOptions {
    /// Whether it is said which server is meant, rather than left to what was used last.
    #[must_use]
    pub fn names_a_server(&self) -> bool {
        self.server.is_some() || self.connection.is_some()
    }

    /// The same with a token from outside where a server is named; without it elsewhere, and whether it was left aside: a person
    /// has to learn of it ([`TOKEN_NOT_USED`]).
    #[must_use]
    pub fn with_token(self, token: Option<Zeroizing<String>>) -> (Self, bool) {
        let named = self.names_a_server();
        let left_aside = token.is_some() && !named;
        (Self { token: token.filter(|_| named), ..self }, left_aside)
    }
}

impl Desk {
    /// A desk of this computer's clock on a data folder, with what the options ask for. Nothing is saved.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidInput`] with all problems of the options, or [`ErrorCode::NoDataFolder`].
    pub async fn start(options: StartOptions) -> Result<Self, Failure> {
        let data_dir = options
            .data_dir
            .or_else(default_data_dir)
            .ok_or_else(|| Failure::new(ErrorCode::NoDataFolder))?;
        // Absolute, whatever the program's folder becomes, and for those who join paths to it.
        let data_dir = std::path::absolute(&data_dir).unwrap_or(data_dir);
        let desk = Self::new(SystemHost { used_in: options.used_in }, data_dir);
        let level = desk.session().preferences.log_level;
        log::start(desk.data_dir(), level);
        let mut problems = Vec::new();

        if let Some(name) = options.connection
            && let Err(code) = desk.use_named(&name)
        {
            desk.require_settings()?;
            problems.push(Problem::new(Field::Connection, code));
        }
        if options.server.is_none() && (options.organization.is_some() || options.timeout.is_some()) {
            let varied = desk.session().vary(options.organization.as_deref(), options.timeout.as_deref());
            problems.extend(varied.err().into_iter().flatten());
        }
        if let Some(server) = options.server {
            let version = options.http_version.unwrap_or_default();
            let http_version = HttpVersion::parse(&version).unwrap_or_else(|code| {
                problems.push(Problem::typed(Field::HttpVersion, code, &version));
                HttpVersion::default()
            });
            let form = ConnectionForm {
                server,
                http_version,
                organization: options.organization.unwrap_or_default(),
                ca: ca_choice(options.ca_file, options.exact_certificate),
                timeout_seconds: options.timeout.unwrap_or_default(),
                ..ConnectionForm::default()
            };
            let ca = form.ca.normalized();
            match form.check() {
                Ok(connection) => desk.adopt(Some(connection), None),
                Err(found) => problems.extend(found),
            }
            if !problems.iter().any(|it| matches!(it.field, Field::CaFile | Field::ExactCertificate)) {
                problems.extend(ca_problem(ca).await);
            }
        }
        match options.token.map(AuthToken::read) {
            Some(Ok(token)) => desk.adopt(None, Some(token)),
            Some(Err(problem)) => problems.push(problem),
            None => {}
        }
        if !problems.is_empty() {
            return Err(Failure::invalid(problems));
        }
        desk.watch_idle();
        Ok(desk)
    }
}

/// What verifies the server: what was asked for, else this computer's own list.
fn ca_choice(file: Option<String>, exact: Option<String>) -> CaChoice {
    match (exact, file) {
        (Some(sha256), _) => CaChoice::Exact { sha256 },
        (None, Some(path)) => CaChoice::File { path },
        (None, None) => CaChoice::System,
    }
}

/// What is wrong with a CA file, so that it is named together with the other problems.
async fn ca_problem(ca: CaChoice) -> Option<Problem> {
    let loaded = blocking(move || Trust::of_ca(&ca)).await.ok()?;
    // This computer's own list is nobody's input: what is wrong with it is said where it is needed.
    loaded.err().and_then(|error| Some(Problem::because(error.field?, error.code, error.detail)))
}
