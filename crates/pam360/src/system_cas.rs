//! This computer's own list of trusted CAs: the system's, and on Unix the files that SSL_CERT_FILE and SSL_CERT_DIR name.
//!
//! A list without a single CA is told apart from a CA file that a person chose, whose fault it is not.

use std::ffi::{OsStr, OsString};
use std::sync::Arc;

use domain::{ErrorCode, visible};
use rustls::crypto::CryptoProvider;
use rustls_pki_types::CertificateDer;
use rustls_platform_verifier::Verifier;

use crate::recorder::ServerCertVerifier;
use crate::{TrustError, ca_file, file};

/// The largest file that SSL_CERT_FILE may name, in bytes: lists of whole systems are larger than one server's CA file.
const MAX_LIST: u64 = 8 * 1024 * 1024;

/// Which CAs this computer trusts. A parameter, so that no test's result depends on the computer it runs on.
#[derive(Clone, Debug)]
pub struct SystemCas(List);

#[derive(Clone, Debug)]
enum List {
    OfComputer,
    Given(Vec<CertificateDer<'static>>),
}

impl SystemCas {
    /// The system's own list, or the one that the environment of this process names.
    #[must_use]
    pub const fn of_computer() -> Self {
        Self(List::OfComputer)
    }

    /// These certificates and nothing of the computer.
    ///
    /// # Errors
    /// One of the `ca-…` codes: the text is not one of CA certificates in PEM.
    pub fn given(pem: &str) -> Result<Self, TrustError> {
        ca_file::certificates(pem.as_bytes()).map(|it| Self(List::Given(it)))
    }
}

type Verifying = Result<(Arc<dyn ServerCertVerifier>, Vec<String>), TrustError>;

/// A verifier that trusts this computer's list, and remarks on the list.
pub(crate) fn verifier(cas: &SystemCas, provider: &Arc<CryptoProvider>) -> Verifying {
    if let List::Given(roots) = &cas.0 {
        return given(roots, provider);
    }
    let named = Named::from_environment();
    let (listed, remarks) = named.list();
    let verifier = Verifier::new_with_extra_roots(listed, Arc::clone(provider));
    let verifier = verifier.map_err(|_| TrustError {
        field: None,
        code: ErrorCode::SystemCasMissing,
        detail: named.words(),
    })?;
    Ok((Arc::new(verifier), remarks))
}

/// The same, with CAs beside it.
pub(crate) fn verifier_with(
    cas: &SystemCas,
    extra: Vec<CertificateDer<'static>>,
    provider: &Arc<CryptoProvider>,
) -> Verifying {
    if let List::Given(roots) = &cas.0 {
        return given(&[roots.as_slice(), &extra].concat(), provider);
    }
    let named = Named::from_environment();
    let (mut roots, mut remarks) = named.list();
    if roots.is_empty() && Verifier::new(Arc::clone(provider)).is_err() {
        remarks.push(format!("{} {}", ErrorCode::SystemCasMissing.what(), named.words()));
    }
    roots.extend(extra);
    let verifier = Verifier::new_with_extra_roots(roots, Arc::clone(provider));
    let verifier = verifier
        .map_err(|error| crate::trust::ca_fault(ErrorCode::CaUnusable, crate::tls_words::sentence(&error)))?;
    Ok((Arc::new(verifier), remarks))
}

fn given(roots: &[CertificateDer<'static>], provider: &Arc<CryptoProvider>) -> Verifying {
    let verifier = crate::trust::only(roots, provider).map_err(|detail| TrustError {
        field: None,
        code: ErrorCode::SystemCasMissing,
        detail,
    })?;
    Ok((verifier, Vec::new()))
}

/// Where the environment says that the list is.
struct Named {
    file: Option<OsString>,
    folder: Option<OsString>,
}

impl Named {
    /// Windows and macOS have lists of their own, and ask no variable.
    fn from_environment() -> Self {
        let set = |name| std::env::var_os(name).filter(|_| cfg!(all(unix, not(target_vendor = "apple"))));
        Self { file: set("SSL_CERT_FILE"), folder: set("SSL_CERT_DIR") }
    }

    /// The CAs of the file, read in every form that a CA file may have, and what was left out. The library reads the
    /// same file, but neither its encodings nor its labels.
    fn list(&self) -> (Vec<CertificateDer<'static>>, Vec<String>) {
        let Some(path) = &self.file else { return (Vec::new(), Vec::new()) };
        let Ok(content) = file::read(&path.to_string_lossy(), MAX_LIST) else {
            return (Vec::new(), Vec::new());
        };
        let (usable, left_out) = ca_file::usable(&content);
        let remark = format!("{left_out} of the certificates in {} cannot be used.", shown(path));
        (usable, if left_out > 0 { vec![remark] } else { Vec::new() })
    }

    /// Why there is no CA in the list, as far as that can be seen, in whole sentences.
    fn words(&self) -> String {
        let mut words = Vec::new();
        if let Some(path) = &self.file {
            let shown = shown(path);
            words.push(match file::read(&path.to_string_lossy(), MAX_LIST) {
                Ok(_) => format!("SSL_CERT_FILE is set to {shown}, which holds no CA certificate."),
                Err(file::Unread::Missing) => {
                    format!("SSL_CERT_FILE is set to {shown}, which does not exist.")
                }
                Err(file::Unread::TooLarge) => {
                    format!("SSL_CERT_FILE is set to {shown}, which is too large.")
                }
                Err(file::Unread::Failed(error)) => {
                    format!("SSL_CERT_FILE is set to {shown}, which cannot be read. {}", file::words(&error))
                }
            });
        }
        if let Some(path) = self.folder.as_ref().filter(|it| !it.is_empty()) {
            words.push(format!("SSL_CERT_DIR is set to {}, where no CA certificate is.", shown(path)));
        }
        if words.is_empty() {
            words.push(
                "There is none at the places where systems keep it, such as /etc/ssl/certs.".to_owned(),
            );
        }
        words.join(" ")
    }
}

fn shown(path: &OsStr) -> String {
    if path.is_empty() { "nothing".to_owned() } else { visible(&path.to_string_lossy()) }
}
