//! Who calls, for servers that ask: a certificate with its chain and its key, out of PEM files or one PKCS#12 file.
//!
//! The key goes from its file into the TLS library and nowhere else. Refuses to own where a passphrase is kept.

use std::sync::Arc;

use domain::{ClientCertificate, ErrorCode, Field};
use p12_keystore::{KeyStore, Pkcs12ImportPolicy};
use rustls::crypto::CryptoProvider;
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use zeroize::Zeroizing;

use crate::TrustError;
use crate::file::{self, Unread};

/// The largest certificate, key or PKCS#12 file that is read, in bytes.
const MAX_FILE: u64 = 1024 * 1024;
/// The longest chain that is shown to a server.
const MAX_CHAIN: usize = 10;

/// Reads the choice; none stays none.
///
/// # Errors
/// One of the `client-…` codes, with the field it belongs to.
pub(crate) fn load(
    choice: &ClientCertificate,
    passphrase: Option<&str>,
    provider: &CryptoProvider,
) -> Result<Option<Arc<CertifiedKey>>, TrustError> {
    let (chain, key) = match choice {
        ClientCertificate::None => return Ok(None),
        ClientCertificate::Pem { certificate, key } => (pem_chain(certificate)?, pem_key(key)?),
        ClientCertificate::Pkcs12 { path } => pkcs12(path, passphrase.unwrap_or_default())?,
    };
    if chain.len() > MAX_CHAIN {
        return Err(certificate_fault(format!("more than {MAX_CHAIN} certificates")));
    }
    CertifiedKey::from_der(chain, key, provider).map(|it| Some(Arc::new(it))).map_err(|error| {
        let (field, code) = match (&error, choice) {
            (rustls::Error::InvalidCertificate(_), _) | (_, ClientCertificate::Pkcs12 { .. }) => {
                (Field::ClientCertificate, ErrorCode::ClientCertificateUnusable)
            }
            _ => (Field::ClientKey, ErrorCode::ClientKeyUnusable),
        };
        TrustError { field, code, detail: error.to_string() }
    })
}

fn pem_chain(path: &str) -> Result<Vec<CertificateDer<'static>>, TrustError> {
    let content = read(path, Field::ClientCertificate)?;
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&content)
        .collect::<Result<_, _>>()
        .map_err(|error| certificate_fault(format!("{error:?}")))?;
    if chain.is_empty() {
        return Err(certificate_fault("no CERTIFICATE block"));
    }
    Ok(chain)
}

fn pem_key(path: &str) -> Result<PrivateKeyDer<'static>, TrustError> {
    let content = read(path, Field::ClientKey)?;
    PrivateKeyDer::from_pem_slice(&content).map_err(|error| {
        let encrypted = content.windows(9).any(|it| it == b"ENCRYPTED");
        let detail = if encrypted { "the key is encrypted".to_owned() } else { format!("{error:?}") };
        TrustError { field: Field::ClientKey, code: ErrorCode::ClientKeyUnusable, detail }
    })
}

/// The first key of the file that has a certificate, with the chain above it.
fn pkcs12(
    path: &str,
    passphrase: &str,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), TrustError> {
    let content = read(path, Field::ClientCertificate)?;
    // The library bounds the iterations and the memory that a file may ask for.
    let store =
        KeyStore::from_pkcs12(&content, passphrase, Pkcs12ImportPolicy::Strict).map_err(
            |error| match error {
                p12_keystore::error::Error::MacError(_) => TrustError {
                    field: Field::ClientPassphrase,
                    code: ErrorCode::ClientPassphraseWrong,
                    detail: "the file's checksum does not match with this passphrase".to_owned(),
                },
                other => certificate_fault(other),
            },
        )?;
    let (_, found) =
        store.private_key_chain().ok_or_else(|| certificate_fault("no key with a certificate"))?;
    let chain: Vec<_> = found.certs().iter().map(|it| CertificateDer::from(it.as_der().to_vec())).collect();
    if chain.is_empty() {
        return Err(certificate_fault("no certificate for the key"));
    }
    let key = Zeroizing::new(found.key().as_der().to_vec());
    Ok((chain, PrivatePkcs8KeyDer::from(key.to_vec()).into()))
}

fn read(path: &str, field: Field) -> Result<Zeroizing<Vec<u8>>, TrustError> {
    let (missing, unusable) = match field {
        Field::ClientKey => (ErrorCode::ClientKeyMissing, ErrorCode::ClientKeyUnusable),
        _ => (ErrorCode::ClientCertificateMissing, ErrorCode::ClientCertificateUnusable),
    };
    file::read(path, MAX_FILE).map_err(|unread| {
        let (code, detail) = match unread {
            Unread::Missing(error) => (missing, error.to_string()),
            Unread::Failed(error) => (unusable, error.to_string()),
            Unread::TooLarge => (unusable, format!("more than {MAX_FILE} bytes")),
        };
        TrustError { field, code, detail }
    })
}

fn certificate_fault(detail: impl ToString) -> TrustError {
    TrustError {
        field: Field::ClientCertificate,
        code: ErrorCode::ClientCertificateUnusable,
        detail: detail.to_string(),
    }
}
