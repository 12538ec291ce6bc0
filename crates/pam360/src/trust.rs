//! The TLS trust policy: this computer's CAs, or the CAs of one file. There is no third way and no off switch.

use std::fs::File;
use std::io::Read;
use std::sync::Arc;

use domain::{CaChoice, ErrorCode};
use rustls::client::Resumption;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use rustls_platform_verifier::BuilderVerifierExt;
use x509_parser::prelude::{FromDer, X509Certificate, X509Version};

/// The largest CA file that is read, in bytes.
const MAX_CA_FILE: u64 = 1024 * 1024;

/// A ready trust policy. Holding one means that its CA file was read and holds CA certificates only.
#[derive(Clone, Debug)]
pub struct Trust {
    pub(crate) config: Arc<ClientConfig>,
}

/// Why a CA choice cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustError {
    /// One of the `ca-…` codes.
    pub code: ErrorCode,
    /// The technical text behind it.
    pub detail: String,
}

impl Trust {
    /// Reads a CA choice.
    ///
    /// # Errors
    /// One of the `ca-…` codes: the file is missing, unreadable, too large, empty, not PEM, or not a CA.
    pub fn load(choice: &CaChoice) -> Result<Self, TrustError> {
        let builder =
            ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()
                .map_err(|error| fault(ErrorCode::CaUnusable, error))?;
        let mut config = match choice {
            CaChoice::System => builder
                .with_platform_verifier()
                .map_err(|error| fault(ErrorCode::CaUnusable, error))?
                .with_no_client_auth(),
            CaChoice::File { path } => {
                builder.with_root_certificates(roots(&read_file(path)?)?).with_no_client_auth()
            }
            CaChoice::Pem { text, .. } => {
                builder.with_root_certificates(roots(text.as_bytes())?).with_no_client_auth()
            }
        };
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        // One connection carries one request: nothing to resume, and no early data that could be replayed.
        config.resumption = Resumption::disabled();
        config.enable_early_data = false;
        Ok(Self { config: Arc::new(config) })
    }
}

fn fault(code: ErrorCode, detail: impl ToString) -> TrustError {
    TrustError { code, detail: detail.to_string() }
}

fn read_file(path: &str) -> Result<Vec<u8>, TrustError> {
    let file = File::open(path.trim()).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => fault(ErrorCode::CaFileMissing, error),
        _ => fault(ErrorCode::CaFileUnreadable, error),
    })?;
    let mut content = Vec::new();
    file.take(MAX_CA_FILE + 1)
        .read_to_end(&mut content)
        .map_err(|error| fault(ErrorCode::CaFileUnreadable, error))?;
    Ok(content)
}

fn roots(pem: &[u8]) -> Result<RootCertStore, TrustError> {
    if pem.len() as u64 > MAX_CA_FILE {
        return Err(fault(ErrorCode::CaFileTooLarge, format!("more than {MAX_CA_FILE} bytes")));
    }
    if pem.trim_ascii().is_empty() {
        return Err(fault(ErrorCode::CaFileEmpty, "0 bytes of content"));
    }
    let certificates: Vec<CertificateDer<'_>> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|error| fault(ErrorCode::CaFileNotPem, format!("{error:?}")))?;
    if certificates.is_empty() {
        return Err(fault(ErrorCode::CaFileNotPem, "no CERTIFICATE block"));
    }
    let mut store = RootCertStore::empty();
    for (index, certificate) in certificates.into_iter().enumerate() {
        let place = format!("certificate {} of the file", index + 1);
        if !is_ca(&certificate)
            .map_err(|error| fault(ErrorCode::CaFileNotPem, format!("{place}: {error}")))?
        {
            return Err(fault(ErrorCode::CaFileNotACa, place));
        }
        store
            .add(certificate)
            .map_err(|error| fault(ErrorCode::CaFileNotPem, format!("{place}: {error}")))?;
    }
    Ok(store)
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

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};

    use super::*;

    fn pem(is_ca: IsCa) -> String {
        let mut params = CertificateParams::new(vec!["example.test".into()]).unwrap();
        params.is_ca = is_ca;
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().pem()
    }

    fn code(text: String) -> ErrorCode {
        Trust::load(&CaChoice::Pem { name: "ca.pem".into(), text }).unwrap_err().code
    }

    #[test]
    fn only_ca_certificates_are_trusted() {
        let ca = pem(IsCa::Ca(BasicConstraints::Unconstrained));
        Trust::load(&CaChoice::Pem { name: "ca.pem".into(), text: ca.clone() }).unwrap();
        assert_eq!(code(pem(IsCa::NoCa)), ErrorCode::CaFileNotACa);
        assert_eq!(code(ca + &pem(IsCa::ExplicitNoCa)), ErrorCode::CaFileNotACa);
    }

    #[test]
    fn a_file_that_holds_none_says_why() {
        assert_eq!(code(" \n".into()), ErrorCode::CaFileEmpty);
        assert_eq!(code("hello".into()), ErrorCode::CaFileNotPem);
        assert_eq!(
            code("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".into()),
            ErrorCode::CaFileNotPem
        );
        assert_eq!(code("-----BEGIN CERTIFICATE-----\n".into()), ErrorCode::CaFileNotPem);
        assert_eq!(code("x".repeat(1024 * 1024 + 1)), ErrorCode::CaFileTooLarge);
        let folder = tempfile::tempdir().unwrap();
        let load = |path: &std::path::Path| Trust::load(&CaChoice::File { path: path.display().to_string() });
        assert_eq!(load(&folder.path().join("none.pem")).unwrap_err().code, ErrorCode::CaFileMissing);
        assert_eq!(load(folder.path()).unwrap_err().code, ErrorCode::CaFileUnreadable);
    }
}
