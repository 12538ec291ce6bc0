//! What a DER or BER value is, told from its shape alone: labels and file names say it wrongly often enough.
//!
//! Keeps the bytes of what it finds as they are. Refuses to own what a certificate means.

use x509_parser::asn1_rs::{Any, Class, FromBer, Tag};

/// SignedData (RFC 5652, section 5.1), of which a certificate bundle is the form without content and signers.
const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
/// id-kp-serverAuth (RFC 5280, section 4.2.1.12).
const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";
/// anyExtendedKeyUsage (RFC 5280, section 4.2.1.12).
const ANY_PURPOSE: &str = "2.5.29.37.0";
/// The attribute type commonName, with its tag and length: what a damaged certificate is searched for.
const COMMON_NAME: [u8; 5] = [0x06, 0x03, 0x55, 0x04, 0x03];

/// How many parts of a value are looked at.
const MAX_PARTS: usize = 64;

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Certificate,
    Pkcs7,
    Pkcs12,
    Key,
    EncryptedKey,
    Request,
    RevocationList,
    PublicKey,
    Unknown,
}

impl Kind {
    /// What a person calls it, with its article.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Certificate => "a certificate",
            Self::Pkcs7 => "a PKCS#7 bundle",
            Self::Pkcs12 => "a PKCS#12 file",
            Self::Key => "a private key",
            Self::EncryptedKey => "an encrypted private key",
            Self::Request => "a certificate signing request (CSR)",
            Self::RevocationList => "a certificate revocation list (CRL)",
            Self::PublicKey => "a public key",
            Self::Unknown => "something that is not a certificate",
        }
    }
}

/// Whether the bytes begin as a DER or BER SEQUENCE of 128 bytes or more and less than 4 GiB, or of a length that is not
/// given (X.690, section 8.1.3). No text in UTF-8 does: a digit and the middle of a character do not follow one another.
pub(crate) fn is_binary(bytes: &[u8]) -> bool {
    matches!(bytes, [0x30, 0x80..=0x84, ..])
}

/// The first value, and what follows it.
pub(crate) fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (rest, _) = Any::from_ber(bytes).ok()?;
    Some(bytes.split_at(bytes.len().checked_sub(rest.len())?))
}

/// How many bytes a value says it has, its header included, when fewer are there.
pub(crate) fn missing(bytes: &[u8]) -> Option<usize> {
    let (rest, header) = x509_parser::asn1_rs::Header::from_ber(bytes).ok()?;
    let declared = header.length().definite().ok()?.checked_add(bytes.len() - rest.len())?;
    (declared > bytes.len()).then_some(declared)
}

/// What it is.
pub(crate) fn kind(value: &[u8]) -> Kind {
    let parts = parts(value);
    let shape: Vec<Tag> = parts.iter().map(Any::tag).collect();
    match shape.as_slice() {
        [Tag::Oid, ..] if parts.first().is_some_and(|it| oid(it).as_deref() == Some(SIGNED_DATA)) => {
            Kind::Pkcs7
        }
        [Tag::Integer, Tag::Sequence, ..] if small(&parts) == Some(3) => Kind::Pkcs12,
        [Tag::Integer, Tag::Sequence, Tag::OctetString, ..] => Kind::Key,
        [Tag::Integer, Tag::OctetString, ..] if small(&parts) == Some(1) => Kind::Key,
        [Tag::Integer, Tag::Integer] => Kind::PublicKey,
        [Tag::Integer, Tag::Integer, Tag::Integer, Tag::Integer, Tag::Integer, Tag::Integer, ..] => Kind::Key,
        [Tag::Sequence, Tag::OctetString] => Kind::EncryptedKey,
        [Tag::Sequence, Tag::BitString] => Kind::PublicKey,
        [Tag::Sequence, Tag::Sequence, Tag::BitString] => {
            parts.first().map_or(Kind::Unknown, |signed| signed_kind(signed.data))
        }
        _ => Kind::Unknown,
    }
}

/// What was signed: a certificate, a request or a revocation list (RFC 5280, sections 4.1 and 5.1; RFC 2986, section 4).
fn signed_kind(content: &[u8]) -> Kind {
    let parts = children(content);
    if parts.first().is_some_and(|it| it.class() == Class::ContextSpecific) {
        return Kind::Certificate;
    }
    let shape: Vec<Tag> = parts.iter().map(Any::tag).collect();
    match shape.as_slice() {
        [Tag::Integer, Tag::Sequence, Tag::Sequence, Tag::Sequence, ..] if parts.len() >= 6 => {
            Kind::Certificate
        }
        [Tag::Integer, Tag::Sequence, Tag::Sequence, Tag::UtcTime | Tag::GeneralizedTime, ..]
        | [Tag::Sequence, Tag::Sequence, Tag::UtcTime | Tag::GeneralizedTime, ..] => Kind::RevocationList,
        [Tag::Integer, Tag::Sequence, Tag::Sequence, ..] => Kind::Request,
        _ => Kind::Unknown,
    }
}

/// The certificates of a PKCS#7 or CMS SignedData, in its order.
pub(crate) fn bundled(value: &[u8]) -> Vec<&[u8]> {
    let outer = parts(value);
    let signed = outer.get(1).map(|explicit| children(explicit.data)).unwrap_or_default();
    let signed = signed.first().map(|it| children(it.data)).unwrap_or_default();
    let set = signed.iter().find(|it| it.class() == Class::ContextSpecific && it.tag() == Tag(0));
    let mut left = set.map_or(&[][..], |it| it.data);
    let mut found = Vec::new();
    while let Some((value, rest)) = split(left).filter(|_| !is_end(left)) {
        found.push(value);
        left = rest;
    }
    found
}

/// Whether a PKCS#12 file has a MAC (RFC 7292, section 4): its third part.
pub(crate) fn has_integrity_check(pfx: &[u8]) -> bool {
    parts(pfx).len() > 2
}

/// What OpenSSL's trust settings behind a certificate say of TLS servers (`openssl x509 -trustout`, CertAux): `true`
/// when they allow it or say nothing.
pub(crate) fn trusted_for_servers(settings: &[u8]) -> bool {
    let parts = parts(settings);
    let names = |part: &Any<'_>| children(part.data).iter().any(|it| covers_servers(it));
    let rejected = parts.iter().find(|it| it.class() == Class::ContextSpecific && it.tag() == Tag(0));
    let trusted = parts.iter().find(|it| it.class() == Class::Universal && it.tag() == Tag::Sequence);
    !rejected.is_some_and(names) && trusted.is_none_or(|it| it.data.is_empty() || names(it))
}

fn covers_servers(part: &Any<'_>) -> bool {
    matches!(oid(part).as_deref(), Some(SERVER_AUTH | ANY_PURPOSE))
}

/// A name out of a certificate that cannot be parsed: the common name of its subject where two are found, for the
/// issuer's stands first.
pub(crate) fn hint(bytes: &[u8]) -> Option<String> {
    let found: Vec<&[u8]> = bytes
        .windows(COMMON_NAME.len())
        .enumerate()
        .filter(|(_, window)| *window == COMMON_NAME)
        .filter_map(|(at, _)| {
            let rest = bytes.get(at + COMMON_NAME.len()..)?;
            let length = usize::from(*rest.get(1)?);
            rest.get(2..)?.get(..length).filter(|_| length > 0 && length < 128)
        })
        .take(2)
        .collect();
    let text = std::str::from_utf8(found.last()?).ok()?;
    Some(domain::clipped(&domain::visible(text), 100))
}

/// The parts of a SEQUENCE.
fn parts(value: &[u8]) -> Vec<Any<'_>> {
    match Any::from_ber(value) {
        Ok((_, any)) if any.tag() == Tag::Sequence && any.class() == Class::Universal => children(any.data),
        _ => Vec::new(),
    }
}

/// The values that stand one after the other, as many as matter to any of the shapes here.
fn children(mut content: &[u8]) -> Vec<Any<'_>> {
    let mut found = Vec::new();
    while let Ok((rest, any)) = Any::from_ber(content) {
        if is_end(content) || found.len() >= MAX_PARTS {
            break;
        }
        content = rest;
        found.push(any);
    }
    found
}

/// The two zero bytes that end a value of indefinite length.
fn is_end(content: &[u8]) -> bool {
    content.starts_with(&[0, 0])
}

fn small(parts: &[Any<'_>]) -> Option<u8> {
    match parts.first()?.data {
        [number] => Some(*number),
        _ => None,
    }
}

fn oid(part: &Any<'_>) -> Option<String> {
    (part.tag() == Tag::Oid).then(|| x509_parser::asn1_rs::Oid::new(part.data.into()).to_id_string())
}
