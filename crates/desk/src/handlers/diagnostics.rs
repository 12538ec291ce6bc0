//! Everything that helps somebody to help, as text to hand on. Names of servers are in it; secrets are not.

use std::fmt::Write;

use domain::{CaChoice, ClientCertificate, ProxyChoice};

use super::{Desk, blocking, log};
use crate::Failure;
use crate::commands::{diagnostics, status};

/// How much of the log is enclosed, in bytes.
const LOG_TAIL: u64 = 32 * 1024;

impl Desk {
    /// Gathers it.
    ///
    /// # Errors
    /// None that is foreseen.
    pub async fn diagnostics(&self, _: diagnostics::Request) -> Result<diagnostics::Response, Failure> {
        let status = self.status(status::Request {}).await?;
        let folder = self.shared.data_dir.clone();
        let tail = blocking(move || log::tail(&folder, LOG_TAIL)).await?;
        let mut text = String::new();
        // Writing into a text cannot fail.
        let _ = about(&mut text, &status);
        let _ = write!(text, "\nThe log's last lines\n{tail}");
        // No secret should be in any text; what is held now is looked for all the same.
        Ok(diagnostics::Response { text: self.session().secrets.redact(&text) })
    }
}

fn about(text: &mut String, status: &status::Response) -> std::fmt::Result {
    writeln!(text, "CSR Desk {} on {} {}", status.version, std::env::consts::OS, std::env::consts::ARCH)?;
    writeln!(text, "Time: {}", status.now.rfc3339())?;
    writeln!(text, "Data folder: {}", status.data_dir)?;
    writeln!(text, "Keychain: {:?}, locked: {}", status.keychain, status.locked)?;
    writeln!(
        text,
        "Log level: {}, lock after: {} min",
        status.preferences.log_level.as_str(),
        status.preferences.lock_after_minutes
    )?;
    writeln!(text, "Record: {}", status.journal_problem.as_deref().unwrap_or("can be written"))?;
    for note in status.journal_notes.iter().chain(&status.journal_remark) {
        writeln!(text, "Record: {note}")?;
    }
    writeln!(text, "Signings to settle: {}", status.unsettled)?;
    let Some(shown) = &status.connection else { return writeln!(text, "Connection: none") };
    let it = &shown.connection;
    writeln!(text, "Connection: {} ({}), {}", it.name, it.environment.as_str(), it.server)?;
    let ca = match &it.ca {
        CaChoice::File { .. } => "a file",
        CaChoice::Pem { .. } => "a chosen file",
        CaChoice::Exact { .. } => "exact certificate",
        CaChoice::System => "this computer's list",
    };
    let also = if it.system_too { " and this computer's list" } else { "" };
    let client = match &it.client_certificate {
        ClientCertificate::None => "none",
        ClientCertificate::Pem { .. } => "PEM",
        ClientCertificate::Pkcs12 { .. } => "PKCS#12",
    };
    let proxy = match &it.proxy {
        ProxyChoice::System => "this computer's settings",
        ProxyChoice::Environment => "the environment's",
        ProxyChoice::Manual { address, .. } => address,
        ProxyChoice::None => "none",
    };
    writeln!(text, "Trust: {ca}{also}, pinned: {}, client certificate: {client}", it.pin.is_some())?;
    writeln!(text, "Proxy: {proxy}")?;
    let token = match &shown.token {
        None => "none",
        Some(it) if it.in_keychain => "in the keychain",
        Some(_) => "for this session",
    };
    let rejected = shown.token.and_then(|it| it.rejected);
    let rejected = rejected.map(|at| format!(", rejected by the server on {}", at.date_time()));
    writeln!(text, "Token: {token}{}", rejected.unwrap_or_default())
}
