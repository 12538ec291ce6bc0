//! The names of a certificate and of a CSR, and their comparison. Owns when two names are the same name.
//!
//! A CA may write a subject in another string type, order or case, and adds the common name to the DNS names as a rule:
//! none of that makes another name. What is left out, added or changed does.

use std::collections::BTreeSet;
use std::net::IpAddr;

use domain::{clipped, visible};
use x509_parser::cri_attributes::ParsedCriAttribute;
use x509_parser::prelude::{
    GeneralName, ParsedExtension, X509Certificate, X509CertificationRequest, X509Name,
};

/// How many names are kept; more are as good as unreadable.
const MAX_NAMES: usize = 1_000;
/// How much of a name is kept, in characters.
const KEPT_NAME: usize = 512;
/// The attribute type of a common name.
const COMMON_NAME: &str = "2.5.4.3";

/// The names that a certificate or a CSR is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The common names, made visible, lower case.
    common: BTreeSet<String>,
    /// The subject alternative names, made visible; DNS names in lower case.
    alternative: BTreeSet<String>,
    /// The other parts of the subject, as `type=value`.
    subject: BTreeSet<String>,
    /// Whether all of it could be read.
    complete: bool,
}

/// How the names of a certificate stand to those of a CSR.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamesCompared {
    /// The same common and alternative names.
    Same {
        /// Whether the rest of the subject is the same, too.
        subject: bool,
    },
    /// Other names.
    Differ,
    /// One of them has no names, or names that could not be read.
    NotComparable,
}

impl Names {
    pub(crate) fn of_certificate(certificate: &X509Certificate<'_>) -> Self {
        let mut names = Self { complete: true, ..Self::default() };
        names.take_subject(certificate.subject());
        match certificate.subject_alternative_name() {
            Ok(Some(extension)) => names.take_alternative(&extension.value.general_names),
            Ok(None) => {}
            Err(_) => names.complete = false,
        }
        names
    }

    pub(crate) fn of_request(request: &X509CertificationRequest<'_>) -> Self {
        let info = &request.certification_request_info;
        let mut names = Self { complete: true, ..Self::default() };
        names.take_subject(&info.subject);
        for attribute in info.iter_attributes() {
            // A CSR may have more than one attribute of requested extensions.
            let ParsedCriAttribute::ExtensionRequest(requested) = attribute.parsed_attribute() else {
                continue;
            };
            for extension in &requested.extensions {
                match extension.parsed_extension() {
                    ParsedExtension::SubjectAlternativeName(it) => names.take_alternative(&it.general_names),
                    ParsedExtension::ParseError { .. } => names.complete = false,
                    _ => {}
                }
            }
        }
        names
    }

    fn take_subject(&mut self, subject: &X509Name<'_>) {
        for attribute in subject.iter_attributes() {
            let value = attribute.attr_value();
            let Some(text) = text_of(value.tag().0, value.data) else {
                self.complete = false;
                continue;
            };
            let kind = attribute.attr_type().to_id_string();
            let text = kept(&text);
            if kind == COMMON_NAME {
                self.common.insert(text);
            } else {
                self.subject.insert(format!("{kind}={text}"));
            }
        }
    }

    fn take_alternative(&mut self, names: &[GeneralName<'_>]) {
        for name in names {
            if self.alternative.len() >= MAX_NAMES {
                self.complete = false;
                return;
            }
            match alternative(name) {
                Some(name) => drop(self.alternative.insert(clipped(&visible(&name), KEPT_NAME))),
                None => self.complete = false,
            }
        }
    }

    /// All names, the common name first; made visible and bounded.
    #[must_use]
    pub fn all(&self) -> Vec<String> {
        let others = self.alternative.iter().filter(|it| !self.common.contains(*it));
        self.common.iter().chain(others).cloned().collect()
    }

    /// Whether one of them is this name, as a list writes it.
    #[must_use]
    pub fn have(&self, name: &str) -> bool {
        let name = kept(name);
        self.common.contains(&name) || self.alternative.contains(&name)
    }

    /// Compares a certificate's names (these) with those of a CSR.
    #[must_use]
    pub fn compared_with(&self, csr: &Self) -> NamesCompared {
        let none = |it: &Self| it.common.is_empty() && it.alternative.is_empty();
        if !self.complete || !csr.complete || (none(self) && none(csr)) {
            return NamesCompared::NotComparable;
        }
        // The common name is as good as an alternative name: CAs copy it there, or take it from there.
        let all = |it: &Self| it.common.union(&it.alternative).cloned().collect::<BTreeSet<_>>();
        let common_kept = csr.common.is_empty() || self.common == csr.common;
        if all(self) != all(csr) || !common_kept {
            return NamesCompared::Differ;
        }
        NamesCompared::Same { subject: self.subject == csr.subject }
    }
}

/// Case and the amount of white space make no other name (RFC 5280, section 7.1).
fn kept(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    clipped(&visible(&text), KEPT_NAME)
}

/// The text of a directory string, by the number of its ASN.1 type; none for a type that is no text.
fn text_of(tag: u32, data: &[u8]) -> Option<String> {
    match tag {
        // UTF8String, NumericString, PrintableString, IA5String, VisibleString.
        12 | 18 | 19 | 22 | 26 => std::str::from_utf8(data).ok().map(str::to_owned),
        // TeletexString: in practice Latin-1.
        20 => Some(data.iter().map(|byte| char::from(*byte)).collect()),
        // UniversalString.
        28 if data.len().is_multiple_of(4) => data
            .chunks_exact(4)
            .map(|it| it.try_into().ok().map(u32::from_be_bytes).and_then(char::from_u32))
            .collect(),
        // BMPString.
        30 if data.len().is_multiple_of(2) => {
            let units = data.chunks_exact(2).map(|it| it.try_into().map_or(0, u16::from_be_bytes));
            char::decode_utf16(units).collect::<Result<_, _>>().ok()
        }
        _ => None,
    }
}

/// One alternative name as text, its kind in front unless it shows by itself.
fn alternative(name: &GeneralName<'_>) -> Option<String> {
    let hex = |bytes: &[u8]| bytes.iter().map(|it| format!("{it:02x}")).collect::<String>();
    Some(match name {
        GeneralName::DNSName(it) => it.to_lowercase(),
        GeneralName::RFC822Name(it) => match it.rsplit_once('@') {
            // Only the part behind the @ is without case.
            Some((local, domain)) => format!("{local}@{}", domain.to_lowercase()),
            None => (*it).to_owned(),
        },
        GeneralName::URI(it) => (*it).to_owned(),
        GeneralName::IPAddress(bytes) => match (<[u8; 4]>::try_from(*bytes), <[u8; 16]>::try_from(*bytes)) {
            (Ok(four), _) => IpAddr::from(four).to_string(),
            (_, Ok(sixteen)) => IpAddr::from(sixteen).to_string(),
            _ => return None,
        },
        GeneralName::RegisteredID(oid) => format!("oid:{}", oid.to_id_string()),
        GeneralName::DirectoryName(it) => format!("dn:{it}"),
        GeneralName::OtherName(oid, value) => format!("other:{}:{}", oid.to_id_string(), hex(value)),
        GeneralName::X400Address(it) => format!("x400:{}", hex(it.data)),
        GeneralName::EDIPartyName(it) => format!("edi:{}", hex(it.data)),
        GeneralName::Invalid(..) => return None,
    })
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, SanType};
    use rustls_pki_types::pem::PemObject;
    use rustls_pki_types::{CertificateDer, CertificateSigningRequestDer};
    use x509_parser::prelude::FromDer;

    use super::*;
    use crate::StoredCsr;

    fn params(subject: &[(DnType, &str)], alternative: &[&str]) -> CertificateParams {
        let names: Vec<String> = alternative.iter().map(|it| (*it).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.distinguished_name = DistinguishedName::new();
        for (kind, text) in subject {
            params.distinguished_name.push(kind.clone(), *text);
        }
        params
    }

    fn issued(params: &CertificateParams) -> Names {
        let pem = params.self_signed(&KeyPair::generate().unwrap()).unwrap().pem();
        let der = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
        Names::of_certificate(&X509Certificate::from_der(&der).unwrap().1)
    }

    fn asked(params: &CertificateParams) -> Names {
        let request = params.serialize_request(&KeyPair::generate().unwrap()).unwrap();
        let pem = request.pem().unwrap();
        let der = CertificateSigningRequestDer::from_pem_slice(pem.as_bytes()).unwrap();
        Names::of_request(&X509CertificationRequest::from_der(&der).unwrap().1)
    }

    const SAME: NamesCompared = NamesCompared::Same { subject: true };

    #[test]
    fn what_a_ca_may_write_in_another_way_is_the_same_name() {
        let csr = asked(&params(&[(DnType::CommonName, "Web.example")], &["WEB.example", "b.example"]));
        for certificate in [
            params(&[(DnType::CommonName, "web.example")], &["b.example"]),
            params(&[(DnType::CommonName, "WEB.EXAMPLE")], &["b.example", "web.example"]),
        ] {
            assert_eq!(issued(&certificate).compared_with(&csr), SAME);
        }
        let csr = asked(&params(&[(DnType::CommonName, "web.example")], &[]));
        let copied = params(&[(DnType::CommonName, "web.example")], &["web.example"]);
        assert_eq!(issued(&copied).compared_with(&csr), SAME);
        let csr = asked(&params(&[], &["web.example"]));
        assert_eq!(issued(&copied).compared_with(&csr), SAME, "a CA takes the common name from the others");
    }

    #[test]
    fn what_is_left_out_added_or_changed_is_another_name() {
        let csr = asked(&params(&[(DnType::CommonName, "a.example")], &["a.example", "b.example"]));
        for certificate in [
            params(&[(DnType::CommonName, "a.example")], &["a.example"]),
            params(&[(DnType::CommonName, "a.example")], &["a.example", "b.example", "c.example"]),
            params(&[(DnType::CommonName, "b.example")], &["a.example", "b.example"]),
            params(&[], &["c.example"]),
            params(&[(DnType::OrganizationName, "a.example")], &[]),
        ] {
            assert_eq!(issued(&certificate).compared_with(&csr), NamesCompared::Differ);
        }
    }

    #[test]
    fn the_rest_of_the_subject_is_told_apart_from_the_names() {
        let csr = asked(&params(&[(DnType::CommonName, "a"), (DnType::OrganizationName, "One")], &[]));
        let other = params(&[(DnType::OrganizationName, "Two"), (DnType::CommonName, "a")], &[]);
        assert_eq!(issued(&other).compared_with(&csr), NamesCompared::Same { subject: false });
        let same = params(&[(DnType::OrganizationName, " one"), (DnType::CommonName, "A")], &[]);
        assert_eq!(issued(&same).compared_with(&csr), SAME);
    }

    #[test]
    fn names_of_every_kind_are_compared_and_none_prove_nothing() {
        let mut csr = params(&[(DnType::CommonName, "a")], &[]);
        csr.subject_alt_names = vec![
            SanType::IpAddress("192.0.2.7".parse().unwrap()),
            SanType::IpAddress("2001:db8::7".parse().unwrap()),
            SanType::Rfc822Name("a@EXAMPLE.test".try_into().unwrap()),
            SanType::URI("https://a.example/x".try_into().unwrap()),
        ];
        assert_eq!(issued(&csr).compared_with(&asked(&csr)), SAME);
        let all = asked(&csr).all();
        assert_eq!(all, ["a", "192.0.2.7", "2001:db8::7", "a@example.test", "https://a.example/x"]);
        csr.subject_alt_names.truncate(1);
        assert_eq!(issued(&csr).compared_with(&asked(&params(&[], &[]))), NamesCompared::Differ);
        let none = params(&[], &[]);
        assert_eq!(issued(&none).compared_with(&asked(&none)), NamesCompared::NotComparable);
    }

    #[test]
    fn every_string_type_of_a_subject_is_read() {
        for (tag, data) in [
            (12, "Zürich".as_bytes().to_vec()),
            (20, vec![b'Z', 0xfc, b'r', b'i', b'c', b'h']),
            (30, "Zürich".encode_utf16().flat_map(u16::to_be_bytes).collect()),
            (28, "Zürich".chars().flat_map(|it| u32::from(it).to_be_bytes()).collect()),
        ] {
            assert_eq!(text_of(tag, &data).as_deref(), Some("Zürich"), "{tag}");
        }
        for (tag, data) in
            [(12, &[0xff][..]), (30, b"x"), (30, &[0xd8, 0]), (28, &[0, 0x11, 0, 0]), (4, b"x")]
        {
            assert_eq!(text_of(tag, data), None, "{tag}");
        }
    }

    #[test]
    fn two_requests_with_one_key_have_other_names() {
        let read = |name: &str| {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/27-reconcile-same-key/");
            StoredCsr::from_text(&std::fs::read_to_string(folder.to_owned() + name).unwrap()).unwrap()
        };
        let (first, second) = (read("first.csr"), read("second-same-key.csr"));
        assert_eq!(first.public_key, second.public_key);
        assert_eq!(first.names.compared_with(&second.names), NamesCompared::Differ);
        assert_eq!(first.names.all(), ["first.example.test"]);
        assert!(second.names.have("SECOND.example.test") && !second.names.have("first.example.test"));
    }
}
