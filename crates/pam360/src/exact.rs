//! The verifier of one exact certificate: its fingerprint in place of an issuer and a name.
//!
//! Owns what still counts then: the whole certificate byte for byte, its dates, and the server's proof that it holds the
//! key. Refuses to own how a person learned the fingerprint; docs/decisions/0009-one-exact-certificate.md has the threats.

use std::fmt;
use std::sync::Arc;

use domain::{Fingerprint, PinDifference};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use sha2::{Digest, Sha256};

use crate::presented::Read;

/// Accepts one certificate and no other.
#[derive(Debug)]
pub(crate) struct Exact {
    sha256: Fingerprint,
    provider: Arc<CryptoProvider>,
}

impl Exact {
    pub(crate) fn new(sha256: Fingerprint, provider: Arc<CryptoProvider>) -> Self {
        Self { sha256, provider }
    }
}

/// The reason of a refusal inside the TLS library's error: another certificate was presented.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OtherCertificate(pub(crate) PinDifference);

impl fmt::Display for OtherCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the presented one: who copies it from an error has compared the server with itself.
        write!(f, "the server presented another certificate than {}", self.0.expected)
    }
}

impl std::error::Error for OtherCertificate {}

impl OtherCertificate {
    /// The difference, if an error is about one.
    pub(crate) fn of(error: &Error) -> Option<PinDifference> {
        match error {
            Error::InvalidCertificate(CertificateError::Other(OtherError(inner))) => {
                inner.downcast_ref::<Self>().map(|it| it.0)
            }
            _ => None,
        }
    }
}

/// SHA-256 of a whole certificate.
pub(crate) fn fingerprint(certificate: &CertificateDer<'_>) -> Fingerprint {
    Fingerprint::from_bytes(Sha256::digest(certificate).into())
}

/// Whether a certificate can be accepted by its fingerprint alone at a moment: the TLS library can read it, so that it can
/// verify the handshake's signature with its key, and its dates are in order (RFC 5280, section 4.1.2.5: both included).
pub(crate) fn acceptable(certificate: &CertificateDer<'_>, now: UnixTime) -> Result<(), Error> {
    ParsedCertificate::try_from(certificate)?;
    let (not_before, not_after) =
        Read::of(certificate).validity().ok_or(Error::InvalidCertificate(CertificateError::BadEncoding))?;
    let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    if now < not_before {
        return Err(CertificateError::NotValidYet.into());
    }
    if now > not_after {
        return Err(CertificateError::Expired.into());
    }
    Ok(())
}

impl ServerCertVerifier for Exact {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let presented = fingerprint(end_entity);
        if presented != self.sha256 {
            let difference = PinDifference { expected: self.sha256, presented };
            let inner = OtherError(Arc::new(OtherCertificate(difference)));
            return Err(CertificateError::Other(inner).into());
        }
        acceptable(end_entity, now)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
