//! Whom to trust: reading a connection's files, and coming to trust a CA that a server presented.
//!
//! A CA is trusted in two steps that a person takes: the test shows it, and a fingerprint that came another way is
//! compared with it. Only a certificate that `pam360` named as a candidate can be trusted so.

use domain::{CaChoice, ClientCertificate, Connection, ErrorCode, Field, Fingerprint, Problem, clipped};
use pam360::{Diagnosed, Endpoint, Proxy, Trust, TrustError, TrustSettings};
use secrets::Passphrase;

use super::session::{Candidate, Held};
use super::{Desk, blocking};
use crate::Failure;
use crate::commands::{SecretKind, trust_ca};

impl Desk {
    /// The server of a connection, the way to it and its trust policy, all read anew each time: a file may have been
    /// replaced, a proxy been set.
    pub(super) async fn endpoint(&self, held: &Held) -> Result<Endpoint, TrustError> {
        let connection = held.connection.clone();
        let passphrase = match connection.client_certificate {
            ClientCertificate::Pkcs12 { .. } => self.secret(held, SecretKind::ClientPassphrase).await,
            ClientCertificate::None | ClientCertificate::Pem { .. } => None,
        };
        let password = if connection.proxy.has_user() {
            self.secret(held, SecretKind::ProxyPassword).await
        } else {
            None
        };
        let ready = blocking(move || {
            let trust =
                Trust::load(&TrustSettings::from(&connection), passphrase.as_ref().map(Passphrase::expose))?;
            let password = password.as_ref().map(Passphrase::expose);
            let proxy = Proxy::find(&connection.proxy, password, &connection.server);
            Ok(Endpoint::new(connection.server, trust, proxy))
        });
        ready.await.unwrap_or_else(|failure| {
            let detail = failure.detail.unwrap_or_default();
            Err(TrustError { field: Field::CaFile, code: failure.code, detail })
        })
    }

    /// Remembers the CA that a person may come to trust, until the next test.
    pub(super) fn remember_candidate(&self, held: &Held, diagnosed: &Diagnosed) {
        let candidate = diagnosed.candidate().map(|(certificate, pem)| Candidate {
            of: held.id.clone(),
            sha256: certificate.sha256,
            name: clipped(certificate.subject.trim_start_matches("CN="), 60),
            pem,
        });
        self.session().candidate = candidate;
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
