//! A certificate, and a CSR, as the server hands them out, read for what a person compares. Nothing here trusts it.

use domain::{Fingerprint, SerialNumber, Timestamp, clipped, visible};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, CertificateSigningRequestDer};
use sha2::{Digest, Sha256};
use x509_parser::prelude::{FromDer, X509Certificate, X509CertificationRequest, X509Name};

use crate::names::Names;

/// How many certificates of one answer are looked at.
const MAX_CERTIFICATES: usize = 20;
/// How much of a name is kept, in characters.
const KEPT_NAME: usize = 512;

/// What a certificate says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// The certificate alone, PEM.
    pub pem: String,
    /// The subject's common name, if it has one; made visible and bounded.
    pub common_name: Option<String>,
    /// The issuer's common name, if it has one; made visible and bounded.
    pub issuer_common_name: Option<String>,
    /// Its serial number.
    pub serial_number: SerialNumber,
    /// When it begins.
    pub not_before: Timestamp,
    /// When it ends.
    pub not_after: Timestamp,
    /// Whether basic constraints make it a CA.
    pub is_ca: bool,
    /// Whether its issuer's name is its own: no CA signs a CSR so.
    pub self_issued: bool,
    /// The names that it is for.
    pub names: Names,
    /// The key it certifies, as DER `SubjectPublicKeyInfo`.
    pub public_key: Vec<u8>,
}

impl Issued {
    /// The certificate with this serial number in a text that holds PEM blocks, whatever else it holds.
    #[must_use]
    pub fn from_text(text: &str, serial_number: &SerialNumber) -> Option<Self> {
        CertificateDer::pem_slice_iter(unescaped(text).as_bytes())
            .take(MAX_CERTIFICATES)
            .filter_map(Result::ok)
            .filter_map(|der| Self::from_der(&der))
            .find(|it| it.serial_number == *serial_number)
    }

    /// The certificate in a text that is its PEM and nothing else, but for line ends: no second block, and no words beside it.
    #[must_use]
    pub fn alone(text: &str) -> Option<Self> {
        let der = CertificateDer::from_pem_slice(text.as_bytes()).ok()?;
        Self::from_der(&der).filter(|it| is_pem(text, &it.pem))
    }

    /// The fingerprint: the SHA-256 of the DER.
    #[must_use]
    pub fn sha256(&self) -> Fingerprint {
        sha256(&self.pem)
    }

    fn from_der(der: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let hex: String = certificate.raw_serial().iter().map(|byte| format!("{byte:02x}")).collect();
        let moment =
            |time: x509_parser::time::ASN1Time| Timestamp::from_millis(time.timestamp().saturating_mul(1000));
        let constraints = certificate.basic_constraints().ok().flatten();
        Some(Self {
            pem: pem::encode(&pem::Pem::new("CERTIFICATE", der)),
            common_name: common_name(certificate.subject()),
            issuer_common_name: common_name(certificate.issuer()),
            serial_number: SerialNumber::parse(&hex).ok()?,
            not_before: moment(certificate.validity().not_before),
            not_after: moment(certificate.validity().not_after),
            is_ca: constraints.is_some_and(|it| it.value.ca),
            self_issued: certificate.subject().as_raw() == certificate.issuer().as_raw(),
            names: Names::of_certificate(&certificate),
            public_key: certificate.public_key().raw.to_vec(),
        })
    }
}

/// A certificate signing request as the server hands it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCsr {
    /// The request alone, PEM.
    pub pem: String,
    /// The names that it asks for.
    pub names: Names,
    /// The key it asks to have certified, as DER `SubjectPublicKeyInfo`.
    pub public_key: Vec<u8>,
}

impl StoredCsr {
    /// The request in a text that is its PEM and nothing else, but for line ends.
    #[must_use]
    pub fn alone(text: &str) -> Option<Self> {
        Self::from_text(text).filter(|it| is_pem(text, &it.pem))
    }

    /// The SHA-256 of the DER.
    #[must_use]
    pub fn sha256(&self) -> Fingerprint {
        sha256(&self.pem)
    }

    /// The first request in a text that holds PEM blocks.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let der = CertificateSigningRequestDer::from_pem_slice(unescaped(text).as_bytes()).ok()?;
        let (_, request) = X509CertificationRequest::from_der(&der).ok()?;
        Some(Self {
            pem: pem::encode(&pem::Pem::new("CERTIFICATE REQUEST", &*der)),
            names: Names::of_request(&request),
            public_key: request.certification_request_info.subject_pki.raw.to_vec(),
        })
    }
}

/// Whether a text is a PEM block as it is written here, with the line ends of any system.
fn is_pem(text: &str, pem: &str) -> bool {
    let lines = |it: &str| it.replace("\r\n", "\n").trim_end_matches('\n').to_owned();
    lines(text) == lines(pem)
}

/// The SHA-256 of what is in a PEM block of ours.
fn sha256(pem: &str) -> Fingerprint {
    let der = pem::parse(pem).map(pem::Pem::into_contents).unwrap_or_default();
    Fingerprint::from_bytes(Sha256::digest(der).into())
}

/// PEM inside a JSON string has its line breaks escaped, and does not begin on a line of its own.
fn unescaped(text: &str) -> String {
    text.replace("\\r", "").replace("\\n", "\n").replace("-----BEGIN", "\n-----BEGIN")
}

fn common_name(name: &X509Name<'_>) -> Option<String> {
    let text = name.iter_common_name().next()?.as_str().ok()?;
    Some(clipped(&visible(text), KEPT_NAME))
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, PublicKeyData, SerialNumber as Serial};

    use super::*;

    fn made(serial: &[u8]) -> (String, Vec<u8>) {
        let mut params = CertificateParams::new(vec!["a.example".into()]).unwrap();
        params.serial_number = Some(Serial::from_slice(serial));
        let key = KeyPair::generate().unwrap();
        (params.self_signed(&key).unwrap().pem(), key.subject_public_key_info())
    }

    #[test]
    fn the_certificate_with_the_serial_number_is_found_among_others() {
        let ((one, _), (two, key)) = (made(&[1]), made(&[0xb7, 0xd5]));
        let serial = SerialNumber::parse("00:b7:d5").unwrap();
        let found = Issued::from_text(&format!("junk\n{one}{two}"), &serial).unwrap();
        assert_eq!((found.serial_number.hex(), &found.public_key), ("b7d5", &key));
        let der = |text: &str| CertificateDer::from_pem_slice(text.as_bytes()).unwrap();
        assert_eq!(der(&found.pem), der(&two));
        let in_json = serde_json::json!({ "certificate": two }).to_string();
        assert!(Issued::from_text(&in_json, &serial).is_some());
        assert!(Issued::from_text("<html>", &serial).is_none());
    }

    #[test]
    fn a_certificate_alone_is_one_pem_block_and_nothing_else() {
        let ((one, _), (two, _)) = (made(&[1]), made(&[2]));
        let serial = SerialNumber::parse("01").unwrap();
        let found = Issued::from_text(&one, &serial).unwrap();
        let der = CertificateDer::from_pem_slice(one.as_bytes()).unwrap();
        assert_eq!(found.sha256(), Fingerprint::from_bytes(Sha256::digest(&der).into()));
        for same in [found.pem.clone(), found.pem.replace("\r\n", "\n"), format!("{}\n\n", found.pem)] {
            assert_eq!(Issued::alone(&same), Some(found.clone()), "{same}");
        }
        let pem = &found.pem;
        for other in [
            format!("{pem}{two}"),
            format!("{two}{pem}"),
            format!("{pem}{pem}"),
            format!("It was approved.\n{pem}"),
            format!("{pem}It was approved.\n"),
            pem.replacen('\n', "\n ", 1),
            pem.replacen("\r\n", "\r", 1),
            pem.replace("CERTIFICATE", "TRUSTED CERTIFICATE"),
            String::new(),
        ] {
            assert_eq!(Issued::alone(&other), None, "{other}");
        }
    }

    #[test]
    fn the_key_of_a_request_is_read() {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["a.example".into()]).unwrap();
        let csr = params.serialize_request(&key).unwrap().pem().unwrap();
        let stored = StoredCsr::from_text(&csr).unwrap();
        assert_eq!(stored.public_key, key.subject_public_key_info());
        assert_eq!(StoredCsr::alone(&stored.pem).as_ref(), Some(&stored));
        assert_eq!(StoredCsr::alone(&format!("{0}{0}", stored.pem)), None);
        assert_eq!(StoredCsr::from_text(&stored.pem), Some(stored));
        assert_eq!(StoredCsr::from_text("nothing"), None);
    }
}
