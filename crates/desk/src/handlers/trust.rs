//! Whom to trust: reading a connection's files, and coming to trust a CA that a server presented.
//!
//! A CA is trusted in two steps that a person takes: the test shows it, and a fingerprint that came another way is
//! compared with it. Only a certificate that `pam360` named as a candidate can be trusted so.

use std::sync::Arc;

use domain::{CaChoice, ClientCertificate, Connection, ErrorCode, Field, Fingerprint, Problem, clipped};
use pam360::{Diagnosed, Endpoint, Proxy, Surroundings, Trust, TrustError, TrustSettings};
use secrets::Passphrase;

use super::account::Kept;
use super::connections::keep_chosen_ca;
use super::one_connection::{Held, Standing};
use super::session::{Candidate, ExactCandidate};
use super::{Desk, blocking};
use crate::Failure;
use crate::commands::{SecretKind, ca_certificates, trust_ca, trust_certificate};

/// Why a connection cannot be used as it stands.
#[derive(Debug)]
pub(super) struct NotReady {
    /// The field to correct; none when this computer is at fault rather than the connection.
    pub(super) field: Option<Field>,
    /// What is wrong with it.
    pub(super) code: ErrorCode,
    /// Which part of it is at fault, in whole sentences; may be empty.
    pub(super) detail: String,
    /// The code for a signing that was kept from leaving by it.
    pub(super) not_sent: ErrorCode,
}

impl Desk {
    /// The server of a connection, the way to it and its trust policy, all read anew each time: a file may have been
    /// replaced, a proxy been set.
    ///
    /// # Errors
    /// Which field cannot be used, and why.
    pub(super) async fn endpoint(&self, held: &Held) -> Result<Endpoint, NotReady> {
        let connection = held.connection.clone();
        let http = self.http_offer(held);
        let mut passphrase = None;
        if matches!(connection.client_certificate, ClientCertificate::Pkcs12 { .. }) {
            passphrase = self.needed(held, SecretKind::ClientPassphrase, Field::ClientPassphrase).await?;
        }
        let mut password = None;
        if connection.proxy.has_user() {
            password = self.needed(held, SecretKind::ProxyPassword, Field::ProxyPassword).await?;
        }
        let host = Arc::clone(&self.shared.host);
        let ready = blocking(move || {
            let Surroundings { proxies, cas } = host.surroundings();
            let passphrase = passphrase.as_ref().map(Passphrase::expose);
            let trust = Trust::load_on(&cas, &TrustSettings::from(&connection), passphrase)?
                .with_clock(move || host.now());
            let password = password.as_ref().map(Passphrase::expose);
            let proxy = Proxy::find_in(&proxies, &connection.proxy, password, &connection.server);
            Ok(Endpoint::new(connection.server, trust, proxy).offering(http))
        });
        let ready: Result<Result<_, TrustError>, _> = ready.await;
        match ready {
            Ok(Ok(endpoint)) => Ok(endpoint),
            Ok(Err(error)) => Err(NotReady {
                not_sent: error.not_sent(),
                field: error.field,
                code: error.code,
                detail: error.detail,
            }),
            Err(failure) => Err(NotReady {
                field: None,
                code: failure.code,
                detail: failure.detail.unwrap_or_default(),
                not_sent: failure.code,
            }),
        }
    }

    /// A secret without which a file or a proxy would say that what it got is wrong.
    async fn needed(
        &self,
        held: &Held,
        kind: SecretKind,
        field: Field,
    ) -> Result<Option<Passphrase>, NotReady> {
        self.secret(held, kind).await.map_err(|failure| NotReady {
            field: Some(field),
            code: failure.code,
            detail: failure.detail.unwrap_or_default(),
            not_sent: failure.code,
        })
    }

    /// What a CA file holds, so that a person sees what they trust.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidInput`] when it cannot be used, as for saving it; [`ErrorCode::NoSuchConnection`].
    pub async fn ca_certificates(
        &self,
        request: ca_certificates::Request,
    ) -> Result<ca_certificates::Response, Failure> {
        let ca_certificates::Request { connection, mut ca } = request;
        if let Some(id) = connection {
            keep_chosen_ca(&mut ca, Some(self.session().meant(Some(&id)).map_err(Failure::new)?));
        }
        let read = blocking(move || pam360::ca_certificates(&ca)).await?;
        let certificates = read.map_err(|error| match error.field {
            Some(field) => Failure::invalid(vec![Problem::because(field, error.code, error.detail)]),
            None => Failure::because(error.code, error.detail),
        })?;
        Ok(ca_certificates::Response { certificates })
    }

    /// Remembers the CA that a person may come to trust, until the next test.
    pub(super) fn remember_candidate(&self, held: &Held, diagnosed: &Diagnosed) {
        let candidate = diagnosed.candidate().map(|(certificate, pem)| Candidate {
            of: held.account(Kept::Token),
            sha256: certificate.sha256,
            name: clipped(certificate.subject.trim_start_matches("CN="), 60),
            pem,
            own: diagnosed.diagnosis().chain.first().map_or(certificate.sha256, |it| it.sha256),
            signers: diagnosed.signers().to_vec(),
        });
        let exact = diagnosed.exact_candidate().map(|sha256| ExactCandidate {
            of: held.account(Kept::Token),
            sha256,
            signers: diagnosed.signers().to_vec(),
        });
        let mut session = self.session();
        session.candidate = candidate;
        session.exact_candidate = exact;
    }

    /// Accepts exactly the certificate that a connection's server presented at the last test, in place of what was
    /// trusted before. The fingerprint is the one that a person learned another way. Another fingerprint is recorded, and
    /// ends what the last test made possible: the next try takes a new test.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchConnection`]; [`ErrorCode::NoCertificateToTrust`] when the last test was of another connection
    /// or showed no certificate that can be accepted so; [`ErrorCode::InvalidInput`] when the fingerprint is malformed
    /// or another one.
    pub async fn trust_certificate(
        &self,
        request: trust_certificate::Request,
    ) -> Result<trust_certificate::Response, Failure> {
        self.follow_the_file().await?;
        let wrong = |code| Failure::invalid(vec![Problem::new(Field::ExactCertificate, code)]);
        let (held, typed, presented) = {
            let mut session = self.session();
            let held = session.meant(Some(&request.connection)).map_err(Failure::new)?.clone();
            let presented = session.exact_candidate.clone().filter(|it| it.of == held.account(Kept::Token));
            let presented = presented.ok_or_else(|| Failure::new(ErrorCode::NoCertificateToTrust))?;
            let typed = Fingerprint::parse(&request.sha256).map_err(wrong)?;
            if typed != presented.sha256 {
                session.exact_candidate = None;
            }
            (held, typed, presented)
        };
        if typed != presented.sha256 {
            self.record_comparison("certificate_differs", &held, typed, presented.sha256).await;
            let mixed_up = presented.signers.contains(&typed);
            let code =
                if mixed_up { ErrorCode::FingerprintOfCa } else { ErrorCode::CertificateFingerprintDiffers };
            return Err(wrong(code));
        }
        let connection = Connection {
            ca: CaChoice::Exact { sha256: presented.sha256.hex() },
            system_too: false,
            ..held.connection.clone()
        };
        let (shown, not_saved) = self
            .keep(Held { connection, standing: Standing::Saved, ..held }, false, "certificate_trusted")
            .await?;
        self.session().exact_candidate = None;
        Ok(trust_certificate::Response { shown, not_saved })
    }

    /// Trusts a CA for a connection, instead of what was trusted before. Another fingerprint is recorded, and the next try
    /// takes a new test.
    ///
    /// # Errors
    /// [`ErrorCode::NothingToTrust`] when the last test showed no such CA; [`ErrorCode::InvalidInput`] when what the
    /// server's owner said is no fingerprint, or not that of this CA. A fingerprint of another certificate of this very
    /// chain has a code of its own: it was mixed up.
    pub async fn trust_ca(&self, request: trust_ca::Request) -> Result<trust_ca::Response, Failure> {
        self.follow_the_file().await?;
        let wrong = |code| Failure::invalid(vec![Problem::new(Field::CaFingerprint, code)]);
        let (held, typed, candidate) = {
            let mut session = self.session();
            let held = session.meant(Some(&request.connection)).map_err(Failure::new)?.clone();
            let candidate = session.candidate.clone();
            let shown =
                candidate.filter(|it| it.of == held.account(Kept::Token) && it.sha256 == request.shown);
            let shown = shown.ok_or_else(|| Failure::new(ErrorCode::NothingToTrust))?;
            let typed = Fingerprint::parse(&request.told).map_err(wrong)?;
            if typed != shown.sha256 {
                session.candidate = None;
            }
            (held, typed, shown)
        };
        if typed != candidate.sha256 {
            self.record_comparison("ca_differs", &held, typed, candidate.sha256).await;
            // The chain is genuine in itself: the CA signed the certificate. So these two are mix-ups and no sign of an attack.
            return Err(wrong(if typed == candidate.own {
                ErrorCode::FingerprintOfServer
            } else if candidate.signers.contains(&typed) {
                ErrorCode::FingerprintOfAnotherCa
            } else {
                ErrorCode::FingerprintDiffers
            }));
        }
        let connection = Connection {
            ca: CaChoice::Pem { name: candidate.name, text: candidate.pem },
            ..held.connection.clone()
        };
        let (shown, not_saved) =
            self.keep(Held { connection, standing: Standing::Saved, ..held }, false, "ca_trusted").await?;
        self.session().candidate = None;
        Ok(trust_ca::Response { shown, not_saved })
    }
}
