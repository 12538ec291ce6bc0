//! How a host starts a desk from its options: the data folder, a connection and a token that count for this session.

use std::path::PathBuf;

use domain::{CaChoice, ConnectionForm, ErrorCode, Field, HttpVersion, Problem};
use pam360::Trust;
use secrets::AuthToken;
use zeroize::Zeroizing;

use super::{Desk, SystemHost, blocking, default_data_dir, log};
use crate::Failure;

/// The environment variable that may hold the AUTHTOKEN.
pub const TOKEN_VARIABLE: &str = "PAM360_AUTHTOKEN";

/// Options that all hosts share, as typed.
#[derive(Default)]
pub struct StartOptions {
    /// Where everything is stored; the user's data folder when absent.
    pub data_dir: Option<PathBuf>,
    /// A saved connection, by its name; none to use the one that was in use last.
    pub connection: Option<String>,
    /// The server's address; none to use a saved connection.
    pub server: Option<String>,
    /// A CA file.
    pub ca_file: Option<String>,
    /// The SHA-256 fingerprint of the one certificate that is accepted, in place of any CA.
    pub exact_certificate: Option<String>,
    /// An organization, in place of the connection's.
    pub organization: Option<String>,
    /// A time-out in seconds, in place of the connection's.
    pub timeout: Option<String>,
    /// Which versions of HTTP the server is offered.
    pub http_version: Option<String>,
    /// The token, unchecked; none when none was given.
    pub token: Option<Zeroizing<String>>,
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
        let desk = Self::new(SystemHost, data_dir);
        let level = desk.session().preferences.log_level;
        log::start(desk.data_dir(), level);
        let mut problems = Vec::new();

        if let Some(name) = options.connection
            && let Err(code) = desk.use_named(&name)
        {
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
