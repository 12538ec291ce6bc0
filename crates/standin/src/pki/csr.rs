//! Reading a certificate signing request. Owns what the stand-in needs of it: the bytes to copy into a certificate
//! unchanged, and the names to show. It judges only two things: is it readable, and does its own signature hold.
//! Whether it is a good idea to sign it is for the client under test to say.

use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::cri_attributes::ParsedCriAttribute;
use x509_parser::extensions::{GeneralName, ParsedExtension, X509Extension};
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::PublicKey;

/// An extension as it stood in the request.
#[derive(Clone)]
pub(crate) struct Copied {
    pub(crate) critical: bool,
    pub(crate) value: Vec<u8>,
}

/// What a request asks for, as far as the stand-in copies it.
#[derive(Clone)]
pub(crate) struct Csr {
    /// The first common name, else the first DNS name, else empty.
    pub(crate) common_name: String,
    pub(crate) dns_names: Vec<String>,
    /// The subject Name, byte for byte.
    pub(crate) subject: Vec<u8>,
    /// The SubjectPublicKeyInfo, byte for byte.
    pub(crate) spki: Vec<u8>,
    /// "RSA 2048", "EC 256" or the bare OID.
    pub(crate) key_words: String,
    pub(crate) rsa: bool,
    pub(crate) alternative_names: Option<Copied>,
    /// keyUsage bits; bit 0 is digitalSignature.
    pub(crate) key_usage: Option<u16>,
    pub(crate) extended_key_usage: Option<Copied>,
}

impl Csr {
    /// Reads PEM or DER. The error is a sentence for the person who sent it.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, String> {
        let der = decode(bytes)?;
        let request = parse(&der)?;
        let info = &request.certification_request_info;
        let mut csr = Self {
            common_name: String::new(),
            dns_names: Vec::new(),
            subject: info.subject.as_raw().to_vec(),
            spki: info.subject_pki.raw.to_vec(),
            key_words: key_words(&info.subject_pki),
            rsa: matches!(info.subject_pki.parsed(), Ok(PublicKey::RSA(_))),
            alternative_names: None,
            key_usage: None,
            extended_key_usage: None,
        };
        for attribute in info.iter_attributes() {
            let ParsedCriAttribute::ExtensionRequest(requested) = attribute.parsed_attribute() else {
                continue;
            };
            requested.extensions.iter().try_for_each(|extension| csr.take(extension))?;
        }
        let common_name = info.subject.iter_common_name().next().and_then(|name| name.as_str().ok());
        csr.common_name = match common_name {
            Some(name) => name.to_owned(),
            None => csr.dns_names.first().cloned().unwrap_or_default(),
        };
        Ok(csr)
    }

    /// Extensions outside these three are not copied: what they mean in a certificate is the issuer's to decide.
    fn take(&mut self, extension: &X509Extension<'_>) -> Result<(), String> {
        let copied = || Some(Copied { critical: extension.critical, value: extension.value.to_vec() });
        match extension.parsed_extension() {
            ParsedExtension::SubjectAlternativeName(names) => {
                let dns = names.general_names.iter().filter_map(|name| match name {
                    GeneralName::DNSName(dns) => Some((*dns).to_owned()),
                    _ => None,
                });
                self.dns_names.extend(dns);
                self.alternative_names = copied();
            }
            ParsedExtension::KeyUsage(usage) => self.key_usage = Some(usage.flags),
            ParsedExtension::ExtendedKeyUsage(_) => self.extended_key_usage = copied(),
            ParsedExtension::ParseError { .. } => {
                return Err(format!("extension {} of the CSR is not readable", extension.oid));
            }
            _ => {}
        }
        Ok(())
    }
}

/// Checks the request's own signature: proof that whoever asked holds the private key (RFC 2986, 3).
pub(crate) fn verify_self_signature(bytes: &[u8]) -> Result<(), String> {
    let der = decode(bytes)?;
    parse(&der)?
        .verify_signature()
        .map_err(|error| format!("the signature of the CSR does not hold: {error}"))
}

fn decode(bytes: &[u8]) -> Result<Vec<u8>, String> {
    super::pem::decode(super::pem::REQUEST, bytes)
        .ok_or_else(|| "not a PEM or DER certificate request".to_owned())
}

fn parse(der: &[u8]) -> Result<X509CertificationRequest<'_>, String> {
    match X509CertificationRequest::from_der(der) {
        Ok(([], request)) => Ok(request),
        Ok(_) => Err("bytes follow the end of the certificate request".to_owned()),
        Err(error) => Err(format!("not a readable certificate request: {error}")),
    }
}

fn key_words(spki: &x509_parser::x509::SubjectPublicKeyInfo<'_>) -> String {
    match spki.parsed() {
        Ok(PublicKey::RSA(key)) => format!("RSA {}", key.key_size()),
        Ok(PublicKey::EC(point)) => format!("EC {}", point.key_size()),
        _ => spki.algorithm.algorithm.to_id_string(),
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair};

    use super::*;

    fn request() -> Vec<u8> {
        let mut params =
            CertificateParams::new(vec!["a.example.test".to_owned(), "10.0.0.1".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, "first");
        let csr = params.serialize_request(&KeyPair::generate().unwrap()).unwrap();
        csr.der().to_vec()
    }

    #[test]
    fn names_and_key_are_read() {
        let csr = Csr::read(&request()).unwrap();
        assert_eq!(csr.common_name, "first");
        assert_eq!(csr.dns_names, ["a.example.test"]);
        assert_eq!(csr.key_words, "EC 256");
        assert!(!csr.rsa);
    }

    #[test]
    fn a_changed_byte_breaks_the_self_signature() {
        let mut der = request();
        assert_eq!(verify_self_signature(&der), Ok(()));
        let at = der.windows(5).position(|window| window == b"first").unwrap();
        der[at] = b'F';
        assert!(verify_self_signature(&der).unwrap_err().contains("does not hold"));
    }

    #[test]
    fn hostile_bytes_are_refused_in_words() {
        let whole = request();
        for bad in [
            &b""[..],
            b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA",
            &whole[..40],
            &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
        ] {
            assert!(Csr::read(bad).is_err());
        }
        let mut longer = whole.clone();
        longer.push(0);
        assert!(Csr::read(&longer).is_err());
        for at in 0..whole.len() {
            let mut der = whole.clone();
            der[at] ^= 0xff;
            let _ = Csr::read(&der); // any answer, no panic
        }
    }
}
