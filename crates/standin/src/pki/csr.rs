//! Reading a certificate signing request (PKCS#10, RFC 2986). Owns what the stand-in needs of it: the bytes to copy into a
//! certificate unchanged, and the names to show. It judges only three things: is it readable, does it say one thing only, and
//! is its own signature valid. Whether it is a good idea to sign it is for the client under test to say.

use super::der;
use super::key::{Curve, Kind, PublicKey};
use super::reader::{Element, Reader, dotted};
use super::signature::{self, Algorithm, Check};
use super::{armour, name};

/// extensionRequest (RFC 2985, section 5.4.2), and the one that Windows wrote before there was a standard.
const EXTENSION_REQUEST: [&str; 2] = ["1.2.840.113549.1.9.14", "1.3.6.1.4.1.311.2.1.14"];
const SUBJECT_ALT_NAME: &str = "2.5.29.17";
const KEY_USAGE: &str = "2.5.29.15";
const EXTENDED_KEY_USAGE: &str = "2.5.29.37";

/// An extension as it stood in the request.
#[derive(Clone)]
pub(crate) struct Copied {
    pub(crate) critical: bool,
    pub(crate) value: Vec<u8>,
}

/// What a request asks for, as far as the stand-in copies it.
#[derive(Clone)]
pub(crate) struct Csr {
    /// The whole request.
    pub(crate) der: Vec<u8>,
    /// The first common name, else the first alternative name that is a text, else empty.
    pub(crate) common_name: String,
    pub(crate) dns_names: Vec<String>,
    /// The subject Name, byte for byte.
    pub(crate) subject: Vec<u8>,
    /// The SubjectPublicKeyInfo, byte for byte.
    pub(crate) spki: Vec<u8>,
    /// "RSA 2048", "EC P-256" or the bare OID.
    pub(crate) key_words: String,
    pub(crate) rsa: bool,
    pub(crate) alternative_names: Option<Copied>,
    /// keyUsage bits; bit 0 is digitalSignature.
    pub(crate) key_usage: Option<u16>,
    pub(crate) extended_key_usage: Option<Copied>,
}

/// The parts of a request.
struct Parts<'a> {
    /// CertificationRequestInfo: what is signed.
    info: Element<'a>,
    subject: &'a [u8],
    spki: &'a [u8],
    /// The field may be left out, although the standard does not say so: some devices do.
    attributes: Option<Reader<'a>>,
    algorithm: Algorithm<'a>,
    signature: &'a [u8],
}

impl Csr {
    /// Reads a request in any form that people hand over. The error is a sentence for the person who sent it.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, String> {
        let der = armour::request(bytes)?;
        let parts = parts(&der)?;
        let key = PublicKey::read(parts.spki).map_err(unreadable)?;
        let mut csr = Self {
            common_name: String::new(),
            dns_names: Vec::new(),
            subject: parts.subject.to_vec(),
            spki: parts.spki.to_vec(),
            key_words: key.kind.words(),
            rsa: matches!(key.kind, Kind::Rsa(_)),
            alternative_names: None,
            key_usage: None,
            extended_key_usage: None,
            der: Vec::new(),
        };
        let mut shown = name::common_name(parts.subject).map_err(unreadable)?;
        for extension in extensions(parts.attributes)? {
            let first = csr.take(&extension)?;
            shown = shown.or(first);
        }
        csr.common_name = shown.unwrap_or_default();
        csr.der = der;
        Ok(csr)
    }

    /// Takes what is copied; other extensions are not: what they mean in a certificate is the issuer's to decide. Returns the
    /// first alternative name that is a text.
    fn take(&mut self, extension: &Extension<'_>) -> Result<Option<String>, String> {
        let copied = || Some(Copied { critical: extension.critical, value: extension.value.to_vec() });
        let broken = |what: &str, error: String| format!("The CSR's {what} cannot be read: {error}.");
        match extension.oid.as_str() {
            SUBJECT_ALT_NAME => {
                let names = name::alternative_names(extension.value)
                    .map_err(|error| broken("list of alternative names", error))?;
                self.dns_names = names.dns;
                self.alternative_names = copied();
                // A DNS name says more about a server than an address does.
                return Ok(self.dns_names.first().cloned().or(names.first));
            }
            KEY_USAGE => {
                let usage = named_bits(extension.value).map_err(|error| broken("key usage", error))?;
                self.key_usage = Some(usage);
            }
            EXTENDED_KEY_USAGE => {
                usages(extension.value).map_err(|error| broken("extended key usage", error))?;
                self.extended_key_usage = copied();
            }
            _ => {}
        }
        Ok(None)
    }

    /// Checks the request's own signature. The error is a sentence that tells an invalid signature apart from one that cannot
    /// be checked here; a request of either kind is not signed.
    pub(crate) fn verify(&self) -> Result<(), String> {
        let parts = parts(&self.der)?;
        let key = PublicKey::read(parts.spki).map_err(unreadable)?;
        if key.kind == Kind::Ec(Curve::Explicit) {
            return Err("The CSR's key describes its curve with explicit parameters, which a certificate must not do \
                        (RFC 5480, section 2.1.1)."
                .to_owned());
        }
        match signature::check(&key, &parts.algorithm, parts.info.raw, parts.signature) {
            Check::Valid => Ok(()),
            Check::Invalid => {
                Err("The signature of the CSR is invalid: the CSR was changed after it was signed, or \
                                   signed with another key."
                    .to_owned())
            }
            Check::NotHere(what) => Err(format!(
                "The signature of the CSR cannot be checked here: {what}. That says nothing about the CSR itself."
            )),
        }
    }
}

fn unreadable(error: String) -> String {
    format!("This is not a readable certificate request: {error}.")
}

fn parts(der: &[u8]) -> Result<Parts<'_>, String> {
    let mut outer = Reader::new(der);
    let request = outer.expect(der::SEQUENCE, "the request").map_err(unreadable)?;
    outer.end("the certificate request").map_err(|error| format!("{error}."))?;
    read_parts(request.inner()).map_err(unreadable)
}

fn read_parts(mut request: Reader<'_>) -> Result<Parts<'_>, String> {
    let info = request.expect(der::SEQUENCE, "the signed part")?;
    let mut inner = info.inner();
    inner.expect(der::INTEGER, "the version")?;
    let subject = inner.expect(der::SEQUENCE, "the subject")?.raw;
    let spki = inner.expect(der::SEQUENCE, "the public key")?.raw;
    let attributes = inner.optional(0xa0)?.map(|it| it.inner());
    inner.end("the attributes")?;
    let algorithm =
        Algorithm::read(request.expect(der::SEQUENCE, "the algorithm of the signature")?.inner())?;
    let signature = request.expect(der::BIT_STRING, "the signature")?.content;
    request.end("the signature")?;
    Ok(Parts { info, subject, spki, attributes, algorithm, signature })
}

struct Extension<'a> {
    oid: String,
    critical: bool,
    value: &'a [u8],
}

/// The extensions that are asked for. Attributes of other types are for the CA's eyes and may hold secrets (challengePassword):
/// their values are not looked at. What is asked for twice is refused, because readers disagree on which one counts.
fn extensions(attributes: Option<Reader<'_>>) -> Result<Vec<Extension<'_>>, String> {
    let mut requested = None;
    for attribute in attributes.into_iter().flatten() {
        let mut attribute = Reader::new(attribute.map_err(unreadable)?.raw)
            .expect(der::SEQUENCE, "an attribute")
            .map_err(unreadable)?
            .inner();
        let oid = attribute.expect(der::OBJECT_IDENTIFIER, "the type of an attribute").map_err(unreadable)?;
        if !EXTENSION_REQUEST.contains(&dotted(oid.content).as_str()) {
            continue;
        }
        let values = attribute.expect(der::SET, "the requested extensions").map_err(unreadable)?;
        if requested.replace(values).is_some() {
            return Err("The CSR has two extensionRequest attributes, where RFC 2985 (section 5.4.2) allows one: it is not \
                        clear which of them counts."
                .to_owned());
        }
    }
    let Some(requested) = requested else { return Ok(Vec::new()) };
    let mut values = requested.inner();
    let first = values.expect(der::SEQUENCE, "the requested extensions").map_err(unreadable)?;
    if !values.is_empty() {
        return Err("The CSR's extensionRequest attribute has several values, where RFC 2985 (section 5.4.2) allows one: it \
                    is not clear which of them counts."
            .to_owned());
    }
    let mut found: Vec<Extension<'_>> = Vec::new();
    for extension in first.inner() {
        let extension = extension.and_then(|it| read_extension(it.raw)).map_err(unreadable)?;
        if found.iter().any(|it| it.oid == extension.oid) {
            return Err(format!(
                "The CSR asks for the extension {} twice, where RFC 5280 (section 4.2) allows one of each: it is not clear \
                 which of them counts.",
                extension_words(&extension.oid)
            ));
        }
        found.push(extension);
    }
    Ok(found)
}

fn read_extension(raw: &[u8]) -> Result<Extension<'_>, String> {
    let mut extension = Reader::new(raw).expect(der::SEQUENCE, "an extension")?.inner();
    let oid = dotted(extension.expect(der::OBJECT_IDENTIFIER, "the type of an extension")?.content);
    let critical = extension.optional(der::BOOLEAN)?.is_some_and(|flag| flag.content != [0]);
    let value = extension.expect(der::OCTET_STRING, "the value of an extension")?.content;
    extension.end("an extension")?;
    Ok(Extension { oid, critical, value })
}

fn extension_words(oid: &str) -> String {
    match oid {
        SUBJECT_ALT_NAME => "subjectAltName".to_owned(),
        KEY_USAGE => "keyUsage".to_owned(),
        EXTENDED_KEY_USAGE => "extKeyUsage".to_owned(),
        "2.5.29.19" => "basicConstraints".to_owned(),
        other => other.to_owned(),
    }
}

/// A named bit list; bit 0 is the least significant of the result.
fn named_bits(value: &[u8]) -> Result<u16, String> {
    let mut reader = Reader::new(value);
    let content = reader.expect(der::BIT_STRING, "the bits")?.content;
    reader.end("the bits")?;
    let (_, bytes) = content.split_first().ok_or("the bits are empty")?;
    let set = |bit: usize| bytes.get(bit / 8).is_some_and(|byte| byte & (0x80 >> (bit % 8)) != 0);
    Ok((0..16).filter(|bit| set(*bit)).fold(0, |flags, bit| flags | 1 << bit))
}

fn usages(value: &[u8]) -> Result<(), String> {
    let mut reader = Reader::new(value);
    let list = reader.expect(der::SEQUENCE, "the list")?;
    reader.end("the list")?;
    list.inner()
        .try_for_each(|usage| Reader::new(usage?.raw).expect(der::OBJECT_IDENTIFIER, "a usage").map(drop))
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair, PublicKeyData as _, SigningKey as _};

    use super::*;

    fn request() -> Vec<u8> {
        let mut params =
            CertificateParams::new(vec!["a.example.test".to_owned(), "10.0.0.1".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, "first");
        let csr = params.serialize_request(&KeyPair::generate().unwrap()).unwrap();
        csr.der().to_vec()
    }

    const STANDARD: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 14];
    const MICROSOFT: &[u8] = &[0x2b, 6, 1, 4, 1, 0x82, 0x37, 2, 1, 14];
    const UNKNOWN: &[u8] = &[0x2b, 6, 1, 4, 1, 0x82, 0x37, 13, 2, 3];
    const NAMES: &[u8] = &[0x55, 0x1d, 17];
    const USAGE: &[u8] = &[0x55, 0x1d, 15];

    fn oid(content: &[u8]) -> Vec<u8> {
        der::element(der::OBJECT_IDENTIFIER, content)
    }

    fn extension(kind: &[u8], value: &[u8]) -> Vec<u8> {
        der::sequence(&[&oid(kind), &der::octets(value)])
    }

    fn dns(name: &str) -> Vec<u8> {
        extension(NAMES, &der::sequence(&[&der::element(0x82, name.as_bytes())]))
    }

    /// An attribute with these values.
    fn attribute(kind: &[u8], values: &[&[u8]]) -> Vec<u8> {
        der::sequence(&[&oid(kind), &der::joined(der::SET, values)])
    }

    /// A signed request without a subject and with these attributes.
    fn with(attributes: &[&[u8]]) -> Vec<u8> {
        let key = KeyPair::generate().unwrap();
        let info = der::sequence(&[
            &der::unsigned(&[0]),
            &der::sequence(&[]),
            &key.subject_public_key_info(),
            &der::joined(0xa0, attributes),
        ]);
        let algorithm = der::sequence(&[der::oid::ECDSA_WITH_SHA256]);
        der::sequence(&[&info, &algorithm, &der::bits(&key.sign(&info).unwrap())])
    }

    #[test]
    fn requested_extensions_are_found_among_other_attributes() {
        let extensions = der::sequence(&[&dns("a.example.test"), &extension(USAGE, &der::named_bits(0b101))]);
        let other = attribute(UNKNOWN, &[&der::octets(b"10.0"), &[0x05, 0]]);
        let empty = attribute(UNKNOWN, &[]);
        for kind in [STANDARD, MICROSOFT] {
            let wanted = attribute(kind, &[&extensions]);
            for attributes in [vec![&wanted], vec![&other, &empty, &wanted], vec![&wanted, &other]] {
                let attributes: Vec<&[u8]> = attributes.into_iter().map(Vec::as_slice).collect();
                let csr = Csr::read(&with(&attributes)).unwrap();
                assert_eq!((csr.common_name.as_str(), csr.key_usage), ("a.example.test", Some(0b101)));
                assert_eq!(csr.verify(), Ok(()));
            }
        }
        let nothing = Csr::read(&with(&[&attribute(STANDARD, &[&der::sequence(&[])])])).unwrap();
        assert!(nothing.common_name.is_empty() && nothing.alternative_names.is_none());
    }

    #[test]
    fn what_is_asked_for_twice_or_unreadably_is_refused_with_the_reason() {
        let one = der::sequence(&[&dns("a.example.test")]);
        let both = [attribute(STANDARD, &[&one]), attribute(MICROSOFT, &[&one])];
        let twice =
            der::sequence(&[&extension(USAGE, &der::named_bits(1)), &extension(USAGE, &der::named_bits(1))]);
        let broken = |kind: &[u8]| attribute(STANDARD, &[&der::sequence(&[&extension(kind, &[0x30, 9])])]);
        for (request, words) in [
            (with(&[&both[0], &both[1]]), "two extensionRequest attributes"),
            (with(&[&attribute(STANDARD, &[&one, &one])]), "has several values"),
            (with(&[&attribute(STANDARD, &[&twice])]), "the extension keyUsage twice"),
            (with(&[&attribute(STANDARD, &[])]), "the requested extensions: an element is missing"),
            (
                with(&[&broken(NAMES)]),
                "CSR's list of alternative names cannot be read: the list: the end is cut off.",
            ),
            (with(&[&broken(USAGE)]), "CSR's key usage cannot be read"),
            (with(&[&broken(&[0x55, 0x1d, 37])]), "CSR's extended key usage cannot be read"),
            (with(&[&[0x04, 0]]), "an attribute: tag 0x04 where 0x30 belongs"),
        ] {
            let error = Csr::read(&request).err().unwrap();
            assert!(error.contains(words) && error.ends_with('.'), "{words}: {error}");
        }
    }

    #[test]
    fn names_and_key_are_read() {
        let csr = Csr::read(&request()).unwrap();
        assert_eq!(csr.common_name, "first");
        assert_eq!(csr.dns_names, ["a.example.test"]);
        assert_eq!(csr.key_words, "EC P-256");
        assert!(!csr.rsa);
    }

    #[test]
    fn a_changed_byte_makes_the_signature_invalid() {
        let mut der = request();
        assert_eq!(Csr::read(&der).unwrap().verify(), Ok(()));
        let at = der.windows(5).position(|window| window == b"first").unwrap();
        der[at] = b'F';
        assert!(Csr::read(&der).unwrap().verify().unwrap_err().contains("is invalid"));
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
        longer.push(0x30);
        assert!(Csr::read(&longer).err().unwrap().contains("1 bytes follow the end"));
        for at in 0..whole.len() {
            for bits in [0xff, 0x01, 0x80] {
                let mut der = whole.clone();
                der[at] ^= bits;
                // Any answer, no panic; but never a valid signature.
                if let Ok(csr) = Csr::read(&der) {
                    assert!(csr.verify().is_err(), "byte {at}");
                }
            }
            let _ = Csr::read(&whole[..at]);
        }
    }
}
