//! PKCS#12 files (RFC 7292): opened with a passphrase, and why they do not open.

use domain::{ErrorCode, Field};
use p12_keystore::Pkcs12Archive;
use p12_keystore::error::Error;
use rustls_pki_types::CertificateDer;
use zeroize::Zeroizing;

use crate::client_certificate::{Keys, certificate_fault};
use crate::{TrustError, ber, der};

/// What a file holds.
pub(crate) struct Opened {
    pub(crate) certificates: Vec<CertificateDer<'static>>,
    pub(crate) keys: Keys,
    /// What a person should know about it, in whole sentences.
    pub(crate) remark: String,
}

/// Opens a file. Without a passphrase only one that was made without one opens.
///
/// # Errors
/// `client-passphrase-missing`, `client-passphrase-wrong` or `client-certificate-unusable`.
pub(crate) fn open(pfx: &[u8], passphrase: Option<&str>) -> Result<Opened, TrustError> {
    let checked = der::has_integrity_check(pfx);
    let mut result = Err(Error::InvalidData);
    for attempt in attempts(passphrase) {
        result = opened(pfx, &attempt);
        if result.is_ok() {
            break;
        }
    }
    let archive = result.map_err(|error| fault(&error, passphrase.is_some(), checked))?;
    if archive.keys.is_empty() {
        return Err(certificate_fault("The file holds no private key."));
    }
    let certificates: Vec<_> =
        archive.certs.iter().map(|it| CertificateDer::from(it.cert.as_der().to_vec())).collect();
    if certificates.is_empty() {
        return Err(certificate_fault("The file holds no certificate."));
    }
    let keys = archive.keys.iter().map(|it| Zeroizing::new(it.key.as_der().to_vec())).collect();
    let remark = if checked { "" } else { "The PKCS#12 file has no integrity check (MAC)." };
    Ok(Opened { certificates, keys, remark: remark.to_owned() })
}

/// The file as it is; when its form is not DER, the same in DER.
fn opened(pfx: &[u8], passphrase: &str) -> Result<Pkcs12Archive, Error> {
    // The library bounds the iterations and the memory that a file may ask for.
    let open = |pfx: &[u8]| Pkcs12Archive::from_pkcs12(pfx, passphrase);
    let (outside, inside) = match open(pfx) {
        Err(Error::DerError(_)) => (ber::to_der(pfx, false), ber::to_der(pfx, true)),
        other => return other,
    };
    match outside.as_deref().map(open) {
        // The MAC was right, and what it is over is not DER itself.
        Some(Err(Error::DerError(_))) => inside.as_deref().map_or(Err(Error::InvalidData), open),
        Some(other) => other,
        None => Err(Error::InvalidData),
    }
}

/// The passphrase, and as OpenSSL before 1.1.0 read one with other letters than ASCII: each byte of it as a character.
fn attempts(passphrase: Option<&str>) -> Vec<Zeroizing<String>> {
    let passphrase = passphrase.unwrap_or_default();
    let mut attempts = vec![Zeroizing::new(passphrase.to_owned())];
    if !passphrase.is_ascii() {
        attempts.push(Zeroizing::new(passphrase.bytes().map(char::from).collect()));
    }
    attempts
}

fn fault(error: &Error, has_passphrase: bool, checked: bool) -> TrustError {
    let passphrase_fault = |code, detail: &str| TrustError {
        field: Some(Field::ClientPassphrase),
        code,
        detail: detail.to_owned(),
    };
    // Whatever the library stumbles over, a passphrase may mend it: without a MAC, what is decrypted with a wrong key is
    // no valid anything.
    if !has_passphrase {
        return passphrase_fault(ErrorCode::ClientPassphraseMissing, "");
    }
    match error {
        Error::MacError(_) => passphrase_fault(ErrorCode::ClientPassphraseWrong, ""),
        _ if !checked && may_be_the_passphrase(error) => passphrase_fault(
            ErrorCode::ClientPassphraseWrong,
            "The file has no integrity check (MAC), so it may be damaged as well.",
        ),
        other => certificate_fault(words(other)),
    }
}

/// Whether decrypting with a wrong passphrase can end so.
fn may_be_the_passphrase(error: &Error) -> bool {
    match error {
        Error::UnpadError
        | Error::Pkcs5Error(_)
        | Error::DerError(_)
        | Error::InvalidData
        | Error::InvalidLength
        | Error::InvalidPrivateKey
        | Error::X509Error(_)
        | Error::MacError(_) => true,
        Error::IoError(_)
        | Error::InvalidVersion
        | Error::UnsupportedContentType
        | Error::UnsupportedCertificateType
        | Error::InvalidParameters
        | Error::UnsupportedEncryptionScheme
        | Error::UnsupportedMacAlgorithm => false,
    }
}

/// Why a file cannot be used whatever the passphrase, in whole sentences.
fn words(error: &Error) -> String {
    let why = match error {
        Error::IoError(_) | Error::DerError(_) | Error::InvalidData | Error::InvalidLength => {
            "The file does not follow the form of PKCS#12 (DER)."
        }
        Error::InvalidVersion => "The file is not of PKCS#12 version 3.",
        Error::UnsupportedContentType => {
            "The file is protected by a public key instead of a passphrase, which is not supported."
        }
        Error::UnsupportedCertificateType => "The file holds a certificate that is not X.509.",
        Error::X509Error(_) => "A certificate in the file does not follow the form of X.509 certificates.",
        Error::InvalidParameters => {
            "The file asks for more than a million iterations, or more than 1 GiB of memory."
        }
        Error::InvalidPrivateKey => "A private key in the file does not follow the form of PKCS#8.",
        Error::UnpadError | Error::Pkcs5Error(_) | Error::MacError(_) => {
            "The file's contents cannot be decrypted."
        }
        Error::UnsupportedEncryptionScheme | Error::UnsupportedMacAlgorithm => {
            "The file is protected by an algorithm that is not supported."
        }
    };
    format!(
        "{why} Write it again: openssl pkcs12 -legacy -in old.p12 -out all.pem, then openssl pkcs12 -export -in all.pem \
         -out client.p12"
    )
}

#[cfg(test)]
#[path = "pkcs12/tests.rs"]
mod tests;
