//! CA certificates out of a file or a text: bounded, and CA certificates only.

use domain::ErrorCode;
use rustls::RootCertStore;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use x509_parser::prelude::{FromDer, X509Certificate, X509Version};

use crate::TrustError;
use crate::file::{self, Unread};
use crate::trust::ca_fault as fault;

/// The largest CA file that is read, in bytes.
const MAX_CA_FILE: u64 = 1024 * 1024;

/// The certificates of a CA file.
pub(crate) fn read(path: &str) -> Result<Vec<CertificateDer<'static>>, TrustError> {
    let content = file::read(path, MAX_CA_FILE).map_err(|unread| match unread {
        Unread::Missing(error) => fault(ErrorCode::CaFileMissing, error),
        Unread::Failed(error) => fault(ErrorCode::CaFileUnreadable, error),
        Unread::TooLarge => too_large(),
    })?;
    certificates(&content)
}

/// The certificates of a PEM text.
pub(crate) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TrustError> {
    if pem.len() as u64 > MAX_CA_FILE {
        return Err(too_large());
    }
    if pem.trim_ascii().is_empty() {
        return Err(fault(ErrorCode::CaFileEmpty, "0 bytes of content"));
    }
    let certificates: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|error| fault(ErrorCode::CaFileNotPem, format!("{error:?}")))?;
    if certificates.is_empty() {
        return Err(fault(ErrorCode::CaFileNotPem, "no CERTIFICATE block"));
    }
    let mut store = RootCertStore::empty();
    for (index, certificate) in certificates.iter().enumerate() {
        let place = format!("certificate {} of the file", index + 1);
        if !is_ca(certificate).map_err(|error| fault(ErrorCode::CaFileNotPem, format!("{place}: {error}")))? {
            return Err(fault(ErrorCode::CaFileNotACa, place));
        }
        // Whether the verifier takes it is found out here, where the certificate can still be named.
        store
            .add(certificate.clone())
            .map_err(|error| fault(ErrorCode::CaFileNotPem, format!("{place}: {error}")))?;
    }
    Ok(certificates)
}

fn too_large() -> TrustError {
    fault(ErrorCode::CaFileTooLarge, format!("more than {MAX_CA_FILE} bytes"))
}

/// Whether basic constraints say CA (RFC 5280, section 4.2.1.9). A self-issued certificate of X.509 version 1, which
/// has no extensions at all, counts as one too: old private roots look like that.
fn is_ca(der: &[u8]) -> Result<bool, String> {
    let (_, certificate) = X509Certificate::from_der(der).map_err(|error| error.to_string())?;
    if certificate.version() == X509Version::V1 {
        return Ok(certificate.subject() == certificate.issuer());
    }
    let constraints = certificate.basic_constraints().map_err(|error| error.to_string())?;
    Ok(constraints.is_some_and(|it| it.value.ca))
}
