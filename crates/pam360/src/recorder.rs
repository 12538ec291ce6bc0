//! A verifier that remembers what it was shown: it asks the real one, keeps the chain and the verdict, and passes the
//! verdict on. It can make a connection fail that the real one accepted (the pin); never the other way round.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use domain::{Fingerprint, PinDifference};
use rustls::client::ResolvesClientCert;
pub(crate) use rustls::client::danger::ServerCertVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme,
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use sha2::{Digest, Sha256};

/// How many certificates of a chain are kept.
const KEPT: usize = 10;
/// The largest certificate that is kept, in bytes. The TLS library takes no larger message than this.
const MAX_CERTIFICATE: usize = 64 * 1024;

/// What one handshake showed.
#[derive(Clone, Debug)]
pub(crate) struct Presented {
    /// The server's own certificate first.
    pub(crate) chain: Vec<CertificateDer<'static>>,
    /// How many more there were.
    pub(crate) left_out: usize,
    /// The name that was asked for.
    pub(crate) name: ServerName<'static>,
    /// The moment of the verification.
    pub(crate) now: UnixTime,
    /// What the verifier said.
    pub(crate) verdict: Verdict,
}

/// What the verifier said of a chain.
#[derive(Clone, Debug)]
pub(crate) enum Verdict {
    /// Accepted; the handshake may have failed later all the same.
    Accepted,
    /// Refused, and why.
    Refused(Error),
    /// Accepted, but the server's signature of the handshake does not hold, and why.
    NotItsKey(Error),
    /// Accepted, but another key than the pinned one.
    OtherKey(PinDifference),
}

/// One for each connection.
#[derive(Debug)]
pub(crate) struct Recorder {
    inner: Arc<dyn ServerCertVerifier>,
    pin: Option<Fingerprint>,
    presented: Mutex<Option<Presented>>,
}

impl Recorder {
    pub(crate) fn new(inner: Arc<dyn ServerCertVerifier>, pin: Option<Fingerprint>) -> Self {
        Self { inner, pin, presented: Mutex::default() }
    }

    /// Makes a configuration ask this verifier. "Dangerous" is replacing the verifier at all: this one can only add to
    /// the real one's no.
    pub(crate) fn install(self: &Arc<Self>, config: &mut ClientConfig) {
        config.dangerous().set_certificate_verifier(Arc::<Self>::clone(self));
    }

    /// The public key that is wanted, if any.
    pub(crate) fn pin(&self) -> Option<Fingerprint> {
        self.pin
    }

    /// What was shown, if the handshake came that far.
    pub(crate) fn presented(&self) -> Option<Presented> {
        self.presented.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the real verifier would have said of the same chain at another moment: to find words for what an expired
    /// certificate hides. Nobody connects on it.
    pub(crate) fn opinion_at(&self, presented: &Presented, moment: UnixTime) -> Result<(), Error> {
        let Some((own, above)) = presented.chain.split_first() else {
            return Err(Error::NoCertificatesPresented);
        };
        self.inner.verify_server_cert(own, above, &presented.name, &[], moment).map(|_| ())
    }

    fn checked(&self, own: &CertificateDer<'_>, verified: Result<ServerCertVerified, Error>) -> Checked {
        let verified = match verified {
            Ok(verified) => verified,
            Err(error) => return (Verdict::Refused(error.clone()), Err(error)),
        };
        let Some(expected) = self.pin else { return (Verdict::Accepted, Ok(verified)) };
        match public_key_fingerprint(own) {
            Ok(presented) if presented == expected => (Verdict::Accepted, Ok(verified)),
            Ok(presented) => (
                Verdict::OtherKey(PinDifference { expected, presented }),
                Err(CertificateError::ApplicationVerificationFailure.into()),
            ),
            Err(error) => (Verdict::Refused(error.clone()), Err(error)),
        }
    }

    /// Notes a signature of the handshake that does not hold.
    fn noted(
        &self,
        result: Result<HandshakeSignatureValid, Error>,
    ) -> Result<HandshakeSignatureValid, Error> {
        if let (Err(error), Some(presented)) =
            (&result, self.presented.lock().unwrap_or_else(PoisonError::into_inner).as_mut())
        {
            presented.verdict = Verdict::NotItsKey(error.clone());
        }
        result
    }
}

type Checked = (Verdict, Result<ServerCertVerified, Error>);

/// SHA-256 of a certificate's SubjectPublicKeyInfo (RFC 7469, section 2.4).
fn public_key_fingerprint(own: &CertificateDer<'_>) -> Result<Fingerprint, Error> {
    let key = ParsedCertificate::try_from(own)?.subject_public_key_info();
    Ok(Fingerprint::from_bytes(Sha256::digest(&key).into()))
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified =
            self.inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        let (verdict, result) = self.checked(end_entity, verified);
        let all = 1 + intermediates.len();
        let chain: Vec<_> = std::iter::once(end_entity)
            .chain(intermediates)
            .take(KEPT)
            .take_while(|it| it.len() <= MAX_CERTIFICATE)
            .map(|it| it.clone().into_owned())
            .collect();
        let presented =
            Presented { left_out: all - chain.len(), chain, name: server_name.to_owned(), now, verdict };
        *self.presented.lock().unwrap_or_else(PoisonError::into_inner) = Some(presented);
        result
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.noted(self.inner.verify_tls12_signature(message, cert, dss))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.noted(self.inner.verify_tls13_signature(message, cert, dss))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }

    fn requires_raw_public_keys(&self) -> bool {
        self.inner.requires_raw_public_keys()
    }

    fn root_hint_subjects(&self) -> Option<&[DistinguishedName]> {
        self.inner.root_hint_subjects()
    }
}

/// The client's certificate, if it has one, and whether the server asked. One for each connection.
pub(crate) struct ClientIdentity {
    key: Option<Arc<CertifiedKey>>,
    asked: AtomicBool,
}

impl ClientIdentity {
    pub(crate) fn new(key: Option<Arc<CertifiedKey>>) -> Self {
        Self { key, asked: AtomicBool::new(false) }
    }

    /// Whether the server asked for a certificate.
    pub(crate) fn asked(&self) -> bool {
        self.asked.load(Ordering::SeqCst)
    }

    /// Whether there is one to show.
    pub(crate) fn has_one(&self) -> bool {
        self.key.is_some()
    }
}

/// Without the key, whatever the library would show of it.
impl fmt::Debug for ClientIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientIdentity(has one {}, asked {})", self.has_one(), self.asked())
    }
}

impl ResolvesClientCert for ClientIdentity {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.asked.store(true, Ordering::SeqCst);
        // The server's list of CAs is a hint: what it does not want it refuses, and says so.
        self.key.clone()
    }

    fn has_certs(&self) -> bool {
        self.key.is_some()
    }
}
