//! The TLS trust policy: this computer's CAs, the CAs of one file, or both, or one exact certificate; a pin on top; and
//! who calls. There is no off switch.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use domain::{CaChoice, ClientCertificate, Connection, ErrorCode, Field, Fingerprint, Timestamp, visible};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::CryptoProvider;
use rustls::sign::CertifiedKey;
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, UnixTime};

use crate::exact::Exact;
use crate::recorder::{ClientIdentity, Recorder, ServerCertVerifier};
use crate::system_cas::SystemCas;
use crate::{ca_file, client_certificate, system_cas, tls_words};

/// Whom to trust, and who calls: what a connection says about TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustSettings {
    /// Whose issuing is trusted.
    pub ca: CaChoice,
    /// Whether this computer's own list counts beside a CA file.
    pub system_too: bool,
    /// The public key that the server's certificate must hold, on top of verification.
    pub pin: Option<Fingerprint>,
    /// What is shown to a server that asks who calls.
    pub client_certificate: ClientCertificate,
}

impl From<&Connection> for TrustSettings {
    fn from(connection: &Connection) -> Self {
        Self {
            ca: connection.ca.clone(),
            system_too: connection.system_too,
            pin: connection.pin,
            client_certificate: connection.client_certificate.clone(),
        }
    }
}

impl TrustSettings {
    /// Who is trusted, in whole sentences, for a step of a test.
    #[must_use]
    pub fn words(&self) -> String {
        let mut words = match &self.ca {
            CaChoice::System => "The CAs that this computer trusts are trusted.".to_owned(),
            CaChoice::File { path: name } | CaChoice::Pem { name, .. } if self.system_too => {
                format!("The CAs in {} and those that this computer trusts are trusted.", visible(name))
            }
            CaChoice::File { path: name } | CaChoice::Pem { name, .. } => {
                format!("Only the CAs in {} are trusted.", visible(name))
            }
            CaChoice::Exact { sha256 } => format!(
                "Only the exact certificate with the SHA-256 fingerprint {} is accepted; its issuer and its names are not \
                 checked.",
                visible(sha256)
            ),
        };
        if self.pin.is_some() {
            words += " The server's public key is pinned on top of that.";
        }
        if self.client_certificate != ClientCertificate::None {
            words += " A client certificate is shown to a server that asks.";
        }
        words
    }
}

/// A ready trust policy. Holding one means that its files were read and can be used.
#[derive(Clone)]
pub struct Trust {
    config: ClientConfig,
    verifier: Arc<dyn ServerCertVerifier>,
    pin: Option<Fingerprint>,
    identity: Option<Arc<CertifiedKey>>,
    remarks: Vec<String>,
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Trust(pin {:?}, client certificate {})", self.pin, self.identity.is_some())
    }
}

/// Why the settings cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustError {
    /// The field to correct: [`Field::CaFile`], [`Field::ExactCertificate`], [`Field::ClientCertificate`],
    /// [`Field::ClientKey`] or [`Field::ClientPassphrase`]; none when this computer's own list of CAs is at fault.
    pub field: Option<Field>,
    /// One of the `ca-…` or `client-…` codes, or [`ErrorCode::SystemCasMissing`].
    pub code: ErrorCode,
    /// Which part of the file is at fault, in whole sentences; may be empty.
    pub detail: String,
}

impl TrustError {
    /// The code for a signing that was kept from leaving by this.
    #[must_use]
    pub fn not_sent(&self) -> ErrorCode {
        match self.field {
            None => self.code,
            Some(Field::CaFile | Field::ExactCertificate) => ErrorCode::CaUnusable,
            Some(_) => ErrorCode::ClientIdentityUnusable,
        }
    }
}

/// One connection's TLS: its configuration, and what remembers the handshake.
pub(crate) struct Handshake {
    pub(crate) config: Arc<ClientConfig>,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) identity: Arc<ClientIdentity>,
}

impl Trust {
    /// Reads the settings' files. `passphrase` opens a PKCS#12 file; it is not kept.
    ///
    /// # Errors
    /// Which field cannot be used, and why: a file is missing, unreadable, too large, empty, not PEM, not a CA, or a key
    /// does not belong to its certificate.
    pub fn load(settings: &TrustSettings, passphrase: Option<&str>) -> Result<Self, TrustError> {
        Self::load_on(&SystemCas::of_computer(), settings, passphrase)
    }

    /// As [`Self::load`], with another list in place of this computer's.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_on(
        cas: &SystemCas,
        settings: &TrustSettings,
        passphrase: Option<&str>,
    ) -> Result<Self, TrustError> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let (verifier, mut remarks) = verifier(cas, settings, &provider)?;
        let identity = client_certificate::load(&settings.client_certificate, passphrase, &provider)?;
        remarks.extend(identity.iter().map(|it| it.remark.clone()).filter(|it| !it.is_empty()));
        let identity = identity.map(|it| it.key);
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| ca_fault(ErrorCode::CaUnusable, error))?
            // Trusts nobody, until the recorder takes its place for a connection.
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        // One connection carries one request: nothing to resume, and no early data that could be replayed.
        config.resumption = Resumption::disabled();
        config.enable_early_data = false;
        Ok(Self { config, verifier, pin: settings.pin, identity, remarks })
    }

    /// What a person should know about the files and lists behind it, in whole sentences.
    #[must_use]
    pub fn remarks(&self) -> &[String] {
        &self.remarks
    }

    /// The policy of a CA choice alone.
    ///
    /// # Errors
    /// One of the `ca-…` codes.
    pub fn of_ca(ca: &CaChoice) -> Result<Self, TrustError> {
        Self::load(&TrustSettings { ca: ca.clone(), ..TrustSettings::default() }, None)
    }

    /// Judges certificates' dates by this clock. Without it the TLS library asks the computer's.
    #[must_use]
    pub fn with_clock(mut self, now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        self.config.time_provider = Arc::new(HostClock(now));
        self
    }

    /// What the next connection shakes hands with.
    pub(crate) fn handshake(&self) -> Handshake {
        let recorder = Arc::new(Recorder::new(Arc::clone(&self.verifier), self.pin));
        let identity = Arc::new(ClientIdentity::new(self.identity.clone()));
        let mut config = self.config.clone();
        recorder.install(&mut config);
        config.client_auth_cert_resolver = Arc::<ClientIdentity>::clone(&identity);
        Handshake { config: Arc::new(config), recorder, identity }
    }
}

/// The clock of whoever connects, as the TLS library asks for it.
struct HostClock<F>(F);

impl<F> fmt::Debug for HostClock<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HostClock")
    }
}

impl<F: Fn() -> Timestamp + Send + Sync> TimeProvider for HostClock<F> {
    fn current_time(&self) -> Option<UnixTime> {
        // X.509 dates begin in 1950, but a clock before 1970 is wrong in any case: no handshake succeeds on it.
        u64::try_from((self.0)().millis())
            .ok()
            .map(|millis| UnixTime::since_unix_epoch(Duration::from_millis(millis)))
    }
}

fn verifier(
    cas: &SystemCas,
    settings: &TrustSettings,
    provider: &Arc<CryptoProvider>,
) -> Result<(Arc<dyn ServerCertVerifier>, Vec<String>), TrustError> {
    let extra = match &settings.ca {
        CaChoice::Exact { sha256 } => {
            let sha256 = Fingerprint::parse(sha256).map_err(|code| TrustError {
                field: Some(Field::ExactCertificate),
                code,
                detail: String::new(),
            })?;
            return Ok((Arc::new(Exact::new(sha256, Arc::clone(provider))), Vec::new()));
        }
        CaChoice::System => return system_cas::verifier(cas, provider),
        CaChoice::File { path } => ca_file::read(path)?,
        CaChoice::Pem { text, .. } => ca_file::certificates(text.as_bytes())?,
    };
    if settings.system_too {
        return system_cas::verifier_with(cas, extra, provider);
    }
    let only = only(&extra, provider).map_err(|detail| ca_fault(ErrorCode::CaUnusable, detail))?;
    Ok((only, Vec::new()))
}

/// A verifier that trusts these certificates and nothing else.
pub(crate) fn only(
    roots: &[CertificateDer<'_>],
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, String> {
    let mut store = RootCertStore::empty();
    for root in roots {
        store.add(root.clone().into_owned()).map_err(|error| tls_words::sentence(&error))?;
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider))
        .build()
        .map_err(|error| error.to_string())
}

pub(crate) fn ca_fault(code: ErrorCode, detail: impl ToString) -> TrustError {
    TrustError { field: Some(Field::CaFile), code, detail: detail.to_string() }
}

#[cfg(test)]
mod tests;
