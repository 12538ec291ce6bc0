//! Whom to trust: reading a connection's files, and coming to trust a CA that a server presented.
//!
//! A CA is trusted in two steps that a person takes: the test shows it, and a fingerprint that came another way is
//! compared with it. Only a certificate that `pam360` named as a candidate can be trusted so.

use domain::{CaChoice, Connection, ErrorCode, Field, Fingerprint, Problem};
use pam360::{Endpoint, Trust};

use super::session::Held;
use super::{Desk, blocking};
use crate::Failure;
use crate::commands::trust_ca;

/// A file of a connection that cannot be used.
#[derive(Debug)]
pub(super) struct FileProblem {
    pub(super) field: Field,
    pub(super) code: ErrorCode,
    pub(super) detail: String,
}

impl Desk {
    /// The server of a connection with its trust policy, read anew each time: a file may have been replaced.
    pub(super) async fn endpoint(&self, held: &Held) -> Result<Endpoint, FileProblem> {
        let choice = held.connection.ca.clone();
        let trust = blocking(move || Trust::load(&choice)).await.unwrap_or_else(|failure| {
            Err(pam360::TrustError { code: failure.code, detail: failure.detail.unwrap_or_default() })
        });
        let trust = trust.map_err(|error| FileProblem {
            field: Field::CaFile,
            code: error.code,
            detail: error.detail,
        })?;
        Ok(Endpoint::new(held.connection.server.clone(), trust))
    }

    /// Trusts a CA for the connection in use, instead of what was trusted before.
    ///
    /// # Errors
    /// [`ErrorCode::NothingToTrust`] when the last test showed no such CA; [`ErrorCode::InvalidInput`] when what the
    /// server's owner said is no fingerprint, or not that of this CA.
    pub async fn trust_ca(&self, request: trust_ca::Request) -> Result<trust_ca::Response, Failure> {
        let (held, candidate) = {
            let session = self.session();
            let held = session.meant(None).map_err(Failure::new)?.clone();
            let candidate = session.candidate.clone();
            let shown = candidate.filter(|it| it.of == held.id && it.sha256 == request.shown);
            (held, shown.ok_or_else(|| Failure::new(ErrorCode::NothingToTrust))?)
        };
        let wrong = |code| Failure::invalid(vec![Problem::new(Field::CaFingerprint, code)]);
        if Fingerprint::parse(&request.told).map_err(wrong)? != candidate.sha256 {
            return Err(wrong(ErrorCode::FingerprintDiffers));
        }
        let connection = Connection {
            ca: CaChoice::Pem { name: candidate.name, text: candidate.pem },
            ..held.connection.clone()
        };
        let (shown, not_saved) =
            self.keep(Held { connection, saved: true, ..held }, true, "ca_trusted").await?;
        self.session().candidate = None;
        Ok(trust_ca::Response { shown, not_saved })
    }
}
