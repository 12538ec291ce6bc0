//! A presented certificate read for people: what it says, and what is wrong with it by itself.
//!
//! Nothing here decides whether a server is trusted; it finds words for a refusal that the TLS library made.

use std::net::IpAddr;

use domain::{Fingerprint, PresentedCertificate, Timestamp, clipped, visible};
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm};
use sha2::{Digest, Sha256};
use x509_parser::objects::{oid_registry, oid2sn};
use x509_parser::oid_registry::Oid;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};
use x509_parser::public_key::PublicKey;

/// How many names of a certificate are shown.
const NAMES: usize = 20;
/// How much of a distinguished name is shown, in characters.
const DISTINGUISHED: usize = 300;
/// The longest host name (RFC 1035, section 2.3.4).
const HOST: usize = 253;
/// RSA keys below this are refused, in bits.
const MIN_RSA: usize = 2048;
/// Signatures with SHA-1, MD5 or MD2, of RSA, ECDSA and DSA (RFC 3279, section 2.2).
const WEAK: [&str; 5] = [
    "1.2.840.113549.1.1.2",
    "1.2.840.113549.1.1.4",
    "1.2.840.113549.1.1.5",
    "1.2.840.10045.4.1",
    "1.2.840.10040.4.3",
];

/// The extensions that webpki supports: key usage, subject alternative name, basic constraints, name constraints, CRL
/// distribution points, extended key usage, signed certificate timestamps.
const SUPPORTED: [&str; 7] =
    ["2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.30", "2.5.29.31", "2.5.29.37", "1.3.6.1.4.1.11129.2.4.2"];

/// A certificate, parsed where that is possible.
pub(crate) struct Read<'a> {
    der: &'a CertificateDer<'a>,
    parsed: Option<X509Certificate<'a>>,
}

impl<'a> Read<'a> {
    pub(crate) fn of(der: &'a CertificateDer<'a>) -> Self {
        Self { der, parsed: X509Certificate::from_der(der).ok().map(|(_, parsed)| parsed) }
    }

    /// Whether it could be parsed.
    pub(crate) fn is_readable(&self) -> bool {
        self.parsed.is_some()
    }

    /// Whether the other one is, by its name, who signed this one.
    pub(crate) fn names_issuer(&self, other: &Self) -> bool {
        match (&self.parsed, &other.parsed) {
            (Some(this), Some(other)) => this.issuer().as_raw() == other.subject().as_raw(),
            _ => false,
        }
    }

    /// Whether it names itself as its issuer, and its own key signed it as far as that can be checked.
    pub(crate) fn self_signed(&self, algorithms: &[&dyn SignatureVerificationAlgorithm]) -> bool {
        // An old root is signed with SHA-1, which nothing here verifies: then its name has to do.
        self.names_issuer(self) && (self.weak_signature() || self.signed_by(self, algorithms))
    }

    /// Whether the other one's key made its signature.
    pub(crate) fn signed_by(&self, other: &Self, algorithms: &[&dyn SignatureVerificationAlgorithm]) -> bool {
        let (Some(this), Some(other)) = (&self.parsed, &other.parsed) else { return false };
        let key = &other.public_key().subject_public_key.data;
        let (message, signature) = (this.tbs_certificate.as_ref(), &this.signature_value.data);
        algorithms.iter().any(|it| it.verify_signature(key, message, signature).is_ok())
    }

    pub(crate) fn is_ca(&self) -> bool {
        self.parsed
            .as_ref()
            .and_then(|it| it.basic_constraints().ok().flatten())
            .is_some_and(|it| it.value.ca)
    }

    /// From when until when it is valid, in seconds since the Unix epoch.
    pub(crate) fn validity(&self) -> Option<(i64, i64)> {
        let validity = self.parsed.as_ref()?.validity();
        Some((validity.not_before.timestamp(), validity.not_after.timestamp()))
    }

    pub(crate) fn weak_signature(&self) -> bool {
        let oid = self.parsed.as_ref().map(|it| it.signature_algorithm.algorithm.to_id_string());
        oid.is_some_and(|it| WEAK.contains(&it.as_str()))
    }

    pub(crate) fn weak_key(&self) -> bool {
        let key = self.parsed.as_ref().and_then(|it| it.public_key().parsed().ok());
        matches!(key, Some(PublicKey::RSA(rsa)) if rsa.key_size() < MIN_RSA)
    }

    /// Whether its extended key usage leaves servers out (RFC 5280, section 4.2.1.12).
    pub(crate) fn wrong_purpose(&self) -> bool {
        let usage = self.parsed.as_ref().and_then(|it| it.extended_key_usage().ok().flatten());
        usage.is_some_and(|it| !it.value.server_auth)
    }

    /// The names it is for, and how many there are: the first only, for there can be thousands. None when they cannot be
    /// read, which is not the same as none being there.
    pub(crate) fn names(&self) -> Option<(Vec<String>, usize)> {
        let names = self.parsed.as_ref()?.subject_alternative_name().ok()?;
        let Some(names) = names else { return Some((Vec::new(), 0)) };
        let all = &names.value.general_names;
        Some((all.iter().take(NAMES).map(name_words).collect(), all.len()))
    }

    /// Whether a text is among its DNS names as it stands.
    pub(crate) fn lists_as_dns(&self, text: &str) -> bool {
        let names = self.parsed.as_ref().and_then(|it| it.subject_alternative_name().ok().flatten());
        names.is_some_and(|it| {
            let mut all = it.value.general_names.iter();
            all.any(|it| matches!(it, GeneralName::DNSName(name) if name.eq_ignore_ascii_case(text)))
        })
    }

    /// The critical extensions that the TLS library does not support, each by its name or number.
    pub(crate) fn unsupported_critical(&self) -> Vec<String> {
        let extensions = self.parsed.iter().flat_map(|it| it.extensions());
        extensions
            .filter(|it| it.critical && !SUPPORTED.contains(&it.oid.to_id_string().as_str()))
            .take(NAMES)
            .map(|it| oid_words(&it.oid))
            .collect()
    }

    pub(crate) fn subject(&self) -> String {
        self.parsed.as_ref().map_or_else(unreadable, |it| shown(&it.subject().to_string()))
    }

    pub(crate) fn issuer(&self) -> String {
        self.parsed.as_ref().map_or_else(unreadable, |it| shown(&it.issuer().to_string()))
    }

    pub(crate) fn signature_algorithm(&self) -> String {
        self.parsed.as_ref().map_or_else(unreadable, |it| oid_words(&it.signature_algorithm.algorithm))
    }

    pub(crate) fn key(&self) -> String {
        self.parsed.as_ref().map_or_else(unreadable, key_words)
    }

    /// All of it for the page.
    pub(crate) fn words(&self, algorithms: &[&dyn SignatureVerificationAlgorithm]) -> PresentedCertificate {
        let (names, names_total) = self.names().unwrap_or_default();
        let validity = self.validity();
        let moment = |seconds: i64| Timestamp::from_millis(seconds.saturating_mul(1_000));
        PresentedCertificate {
            subject: self.subject(),
            issuer: self.issuer(),
            serial: self.parsed.as_ref().map_or_else(String::new, |it| {
                clipped(&it.raw_serial().iter().map(|byte| format!("{byte:02x}")).collect::<String>(), 80)
            }),
            not_before: validity.map(|(from, _)| moment(from)),
            not_after: validity.map(|(_, until)| moment(until)),
            sha256: Fingerprint::from_bytes(Sha256::digest(self.der).into()),
            public_key_sha256: self
                .parsed
                .as_ref()
                .map(|it| Fingerprint::from_bytes(Sha256::digest(it.public_key().raw).into())),
            is_ca: self.is_ca(),
            self_signed: self.self_signed(algorithms),
            names,
            names_total,
            signature_algorithm: self.signature_algorithm(),
            key: self.key(),
        }
    }
}

fn unreadable() -> String {
    "(cannot be read)".to_owned()
}

fn shown(text: &str) -> String {
    clipped(&visible(text), DISTINGUISHED)
}

fn name_words(name: &GeneralName<'_>) -> String {
    let text = match name {
        GeneralName::DNSName(name) => (*name).to_owned(),
        GeneralName::IPAddress(bytes) => match <[u8; 4]>::try_from(*bytes) {
            Ok(four) => IpAddr::from(four).to_string(),
            Err(_) => match <[u8; 16]>::try_from(*bytes) {
                Ok(sixteen) => IpAddr::from(sixteen).to_string(),
                Err(_) => "(an address of no known kind)".to_owned(),
            },
        },
        GeneralName::RFC822Name(name) => format!("mail: {name}"),
        GeneralName::URI(uri) => format!("URI: {uri}"),
        _ => "(a name of another kind)".to_owned(),
    };
    clipped(&visible(&text), HOST)
}

fn oid_words(oid: &Oid<'_>) -> String {
    oid2sn(oid, oid_registry()).map_or_else(|_| clipped(&oid.to_id_string(), HOST), ToOwned::to_owned)
}

fn key_words(certificate: &X509Certificate<'_>) -> String {
    let info = certificate.public_key();
    match info.parsed() {
        Ok(PublicKey::RSA(rsa)) => format!("RSA, {} bits", rsa.key_size()),
        Ok(PublicKey::EC(point)) => {
            let curve = info.algorithm.parameters.as_ref().and_then(|it| it.as_oid().ok());
            let curve = curve.map_or_else(|| format!("{} bits", point.key_size()), |it| oid_words(&it));
            format!("elliptic curve, {curve}")
        }
        _ => oid_words(&info.algorithm.algorithm),
    }
}
