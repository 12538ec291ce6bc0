//! The rows of the table: what each listener presents, and what is to come of it.

use domain::{CaChoice, ErrorCode, Fingerprint};
use pam360::TrustSettings;
use rcgen::{DnType, ExtendedKeyUsagePurpose, SanType};
use rustls::SignatureScheme;
use rustls_pki_types::CertificateDer;
use time::Duration;

use crate::listener::{Manner, Tls};
use crate::pki::{self, Authority, Nonsense, Own};

/// One row of the table.
pub(super) struct Case {
    pub(super) name: &'static str,
    /// What is presented, for the table.
    pub(super) presented: &'static str,
    /// None: it is accepted.
    pub(super) code: Option<ErrorCode>,
    /// The place of the certificate at fault.
    pub(super) at_fault: Option<usize>,
    /// The place of the CA that could be trusted to mend it.
    pub(super) candidate: Option<usize>,
    /// What else the details must say.
    pub(super) says: &'static str,
    pub(super) make: fn() -> (Manner, TrustSettings),
}

pub(super) fn served(own: &Own, above: &[&CertificateDer<'static>]) -> Manner {
    let chain = std::iter::once(&own.der).chain(above.iter().copied()).cloned().collect();
    Manner::Tls(Tls::new(chain, own.key.clone()))
}

pub(super) fn trusting(pem: &str) -> TrustSettings {
    let ca = CaChoice::Pem { name: "ca.pem".into(), text: pem.to_owned() };
    TrustSettings { ca, ..TrustSettings::default() }
}

/// A server certificate under a trusted root, with one thing changed.
fn under_root(change: impl FnOnce(&mut rcgen::CertificateParams)) -> (Manner, TrustSettings) {
    let root = pki::root("Test Root");
    (served(&pki::own(&root, change), &[root.der()]), trusting(&root.pem()))
}

pub(super) fn stranger() -> TrustSettings {
    trusting(&pki::root("Somebody Else").pem())
}

fn family() -> (Authority, Authority, Own) {
    let root = pki::root("Test Root");
    let issuing = pki::below(&root, "Test Issuing CA", |_| {});
    let own = pki::own(&issuing, |_| {});
    (root, issuing, own)
}

fn many_names(count: usize) -> (Manner, TrustSettings) {
    under_root(|it| {
        let names =
            (0..count).map(|n| SanType::DnsName(format!("host-{n}.example.test").try_into().unwrap()));
        it.subject_alt_names.extend(names);
    })
}

fn from_fixture(file: &str, scheme: SignatureScheme) -> (Manner, TrustSettings) {
    let chain = pki::fixture(file);
    let trust = trusting(&pki::as_pem(chain.last().unwrap()));
    (Manner::Tls(Tls::new(chain, std::sync::Arc::new(Nonsense(scheme)))), trust)
}

/// A ServerHello of an old version (RFC 2246, section 7.4.1.3): no session, ECDHE-RSA with AES-128-CBC.
fn old_hello(minor: u8) -> Vec<u8> {
    let body = [&[3, minor][..], &[7; 32], &[0], &[0xC0, 0x13], &[0]].concat();
    let length = u8::try_from(body.len()).unwrap();
    [&[22, 3, minor, 0, length + 4, 2, 0, 0, length][..], &body].concat()
}

fn sound() -> TrustSettings {
    trusting(&pki::root("Test Root").pem())
}

/// A certificate below a CA that is changed, and where there is a name, below another CA under that one.
fn below_root(
    change: impl FnOnce(&mut rcgen::CertificateParams),
    further: Option<&str>,
) -> (Manner, TrustSettings) {
    let root = pki::root("Test Root");
    let issuing = pki::below(&root, "Test Issuing CA", change);
    let manner = match further {
        None => served(&pki::own(&issuing, |_| {}), &[issuing.der(), root.der()]),
        Some(name) => {
            let third = pki::below(&issuing, name, |_| {});
            served(&pki::own(&third, |_| {}), &[third.der(), issuing.der(), root.der()])
        }
    };
    (manner, trusting(&root.pem()))
}

const CRITICAL: fn(&mut rcgen::CertificateParams) = |it| {
    let mut own = rcgen::CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99_999, 1], vec![5, 0]);
    own.set_criticality(true);
    it.custom_extensions.push(own);
};

pub(super) const EXPIRED: fn(&mut rcgen::CertificateParams) =
    |it| it.not_after = pki::NOW - Duration::days(1);

pub(super) fn cases() -> Vec<Case> {
    let case = |name, presented, code, at_fault, make| Case {
        name,
        presented,
        code,
        at_fault,
        candidate: None,
        says: "",
        make,
    };
    use ErrorCode as E;
    vec![
        case("sound", "a certificate for this name, and the trusted root that issued it", None, None, || {
            under_root(|_| {})
        }),
        case("expired", "a certificate that ended yesterday", Some(E::TlsExpired), Some(0), || {
            under_root(EXPIRED)
        }),
        case(
            "issuer expired",
            "a sound certificate under an intermediate CA that ended yesterday",
            Some(E::TlsExpired),
            Some(1),
            || {
                let root = pki::root("Test Root");
                let issuing = pki::below(&root, "Test Issuing CA", EXPIRED);
                let own = pki::own(&issuing, |_| {});
                (served(&own, &[issuing.der(), root.der()]), trusting(&root.pem()))
            },
        ),
        case("not yet valid", "a certificate that begins tomorrow", Some(E::TlsNotYetValid), Some(0), || {
            under_root(|it| it.not_before = pki::NOW + Duration::days(1))
        }),
        case("wrong host", "a certificate for another name", Some(E::TlsNameMismatch), Some(0), || {
            under_root(|it| {
                it.subject_alt_names = vec![SanType::DnsName("elsewhere.example.test".try_into().unwrap())];
            })
        }),
        case("no names", "a certificate with a common name only", Some(E::TlsNoNames), Some(0), || {
            under_root(|it| {
                it.subject_alt_names.clear();
                it.distinguished_name.push(DnType::CommonName, "127.0.0.1");
            })
        }),
        case("self-signed", "a certificate that signed itself", Some(E::TlsSelfSigned), Some(0), || {
            (served(&pki::self_signed(|_| {}), &[]), stranger())
        }),
        Case {
            candidate: Some(2),
            ..case(
                "unknown root",
                "a whole chain up to a root that is not trusted",
                Some(E::TlsUnknownIssuer),
                Some(2),
                || {
                    let (root, issuing, own) = family();
                    (served(&own, &[issuing.der(), root.der()]), stranger())
                },
            )
        },
        Case {
            candidate: Some(1),
            ..case(
                "unknown root, not presented",
                "a chain without its root, which is not trusted",
                Some(E::TlsUnknownIssuer),
                Some(1),
                || {
                    let (_, issuing, own) = family();
                    (served(&own, &[issuing.der()]), stranger())
                },
            )
        },
        Case {
            says: "Also: the server's certificate ended on",
            ..case(
                "unknown root, and expired",
                "a certificate that ended yesterday, under a root that is not trusted",
                Some(E::TlsUnknownIssuer),
                Some(1),
                || {
                    let (manner, _) = under_root(EXPIRED);
                    (manner, stranger())
                },
            )
        },
        case(
            "incomplete chain",
            "the certificate alone, under an intermediate CA below the trusted root",
            Some(E::TlsIncompleteChain),
            Some(0),
            || {
                let (root, _, own) = family();
                (served(&own, &[]), trusting(&root.pem()))
            },
        ),
        case(
            "chain out of order",
            "the right certificates, the root before the intermediate",
            None,
            None,
            || {
                let (root, issuing, own) = family();
                (served(&own, &[root.der(), issuing.der()]), trusting(&root.pem()))
            },
        ),
        case(
            "reversed chain",
            "the right certificates, the root first and the server's own last",
            Some(E::TlsCaAsServer),
            Some(0),
            || {
                let (root, issuing, own) = family();
                let chain = vec![root.der().clone(), issuing.der().clone(), own.der.clone()];
                (Manner::Tls(Tls::new(chain, own.key)), trusting(&root.pem()))
            },
        ),
        case("CA as server", "a CA certificate as the server's own", Some(E::TlsCaAsServer), Some(0), || {
            under_root(|it| it.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained))
        }),
        case(
            "wrong purpose",
            "a certificate whose extended key usage is for clients",
            Some(E::TlsWrongPurpose),
            Some(0),
            || under_root(|it| it.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]),
        ),
        case(
            "another's certificate",
            "a sound certificate, by a server that does not hold its key",
            Some(E::TlsNotItsKey),
            Some(0),
            || {
                let root = pki::root("Test Root");
                let (own, other) = (pki::own(&root, |_| {}), pki::own(&root, |_| {}));
                (served(&Own { der: own.der, key: other.key }, &[root.der()]), trusting(&root.pem()))
            },
        ),
        Case {
            candidate: Some(1),
            ..case(
                "another CA of the same name",
                "a chain up to a root that has a trusted root's name and another key",
                Some(E::TlsBadSignature),
                Some(0),
                || {
                    let (manner, _) = under_root(|_| {});
                    (manner, sound())
                },
            )
        },
        case(
            "SHA-1 signature",
            "a certificate that the trusted root signed with SHA-1",
            Some(E::TlsWeakSignature),
            Some(0),
            || from_fixture("sha1-leaf.pem", SignatureScheme::ECDSA_NISTP256_SHA256),
        ),
        case(
            "short key of the server",
            "a certificate with an RSA key of 1,024 bits",
            Some(E::TlsWeakKey),
            Some(0),
            || from_fixture("rsa1024-leaf.pem", SignatureScheme::RSA_PSS_SHA256),
        ),
        case(
            "short key of the CA",
            "a certificate under a trusted root with an RSA key of 1,024 bits",
            Some(E::TlsWeakKey),
            Some(1),
            || from_fixture("rsa1024-issuer.pem", SignatureScheme::ECDSA_NISTP256_SHA256),
        ),
        case("1,000 names", "a certificate for 1,000 names, this one among them", None, None, || {
            many_names(1_000)
        }),
        case(
            "10,000 names",
            "a certificate for 10,000 names, more than 64 KiB",
            Some(E::TlsTooLarge),
            None,
            || many_names(10_000),
        ),
        Case {
            says: "lists as a DNS name only",
            ..case(
                "IP address as DNS name",
                "a certificate with this IP address among its DNS names",
                Some(E::TlsNameMismatch),
                Some(0),
                || {
                    under_root(|it| {
                        it.subject_alt_names = vec![SanType::DnsName("127.0.0.1".try_into().unwrap())];
                    })
                },
            )
        },
        Case {
            says: "The server's certificate has the critical extension 1.3.6.1.4.1.99999.1.",
            ..case(
                "critical extension",
                "a certificate with an extension of a CA's own, marked as critical",
                Some(E::TlsCriticalExtension),
                Some(0),
                || under_root(CRITICAL),
            )
        },
        Case {
            says: "Certificate 2 of the chain (CN=Test Issuing CA) has the critical extension",
            ..case(
                "critical extension of a CA",
                "a sound certificate under an intermediate CA with such an extension",
                Some(E::TlsCriticalExtension),
                Some(1),
                || {
                    let root = pki::root("Test Root");
                    let issuing = pki::below(&root, "Test Issuing CA", CRITICAL);
                    let own = pki::own(&issuing, |_| {});
                    (served(&own, &[issuing.der(), root.der()]), trusting(&root.pem()))
                },
            )
        },
        Case {
            says: "not a CA",
            ..case(
                "issuer that is not a CA",
                "a certificate issued by one that is not a CA",
                Some(E::TlsIssuerNotAllowed),
                Some(1),
                || below_root(|it| it.is_ca = rcgen::IsCa::ExplicitNoCa, None),
            )
        },
        Case {
            says: "path length",
            ..case(
                "too many CAs below one",
                "a chain with a CA below one that allows none",
                Some(E::TlsIssuerNotAllowed),
                None,
                || {
                    below_root(
                        |it| it.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Constrained(0)),
                        Some("Third CA"),
                    )
                },
            )
        },
        Case {
            says: "name constraints",
            ..case(
                "name that a CA may not issue for",
                "a certificate under a CA with name constraints that leave its names out",
                Some(E::TlsIssuerNotAllowed),
                None,
                || {
                    let elsewhere = rcgen::GeneralSubtree::DnsName("elsewhere.test".into());
                    below_root(
                        |it| {
                            it.name_constraints = Some(rcgen::NameConstraints {
                                permitted_subtrees: vec![elsewhere],
                                excluded_subtrees: Vec::new(),
                            });
                        },
                        None,
                    )
                },
            )
        },
        case("no certificate", "bytes that are no certificate", Some(E::TlsBadCertificate), None, || {
            let own = pki::self_signed(|_| {});
            let chain = vec![CertificateDer::from(b"certificate".to_vec())];
            (Manner::Tls(Tls::new(chain, own.key)), sound())
        }),
        case(
            "another key than the pinned one",
            "a sound certificate, and a pin of another public key",
            Some(E::TlsPinMismatch),
            Some(0),
            || {
                let (manner, trust) = under_root(|_| {});
                (manner, TrustSettings { pin: Some(Fingerprint::from_bytes([7; 32])), ..trust })
            },
        ),
        case(
            "client certificate wanted",
            "a sound certificate, and a demand for the client's",
            Some(E::TlsClientCertificateWanted),
            None,
            || {
                let (manner, trust) = under_root(|_| {});
                let Manner::Tls(tls) = manner else { unreachable!() };
                (Manner::Tls(Tls { clients: Some(pki::root("Client CA").der().clone()), ..tls }), trust)
            },
        ),
        case("TLS 1.0", "a ServerHello of TLS 1.0", Some(E::TlsVersionTooOld), None, || {
            (Manner::Says(old_hello(1)), sound())
        }),
        case("TLS 1.1", "a ServerHello of TLS 1.1", Some(E::TlsVersionTooOld), None, || {
            (Manner::Says(old_hello(2)), sound())
        }),
        case(
            "TLS 1.1 at most",
            "the alert protocol_version, as such servers answer a newer client",
            Some(E::TlsVersionTooOld),
            None,
            || (Manner::Says(vec![21, 3, 1, 0, 2, 2, 70]), sound()),
        ),
        case("no common cipher", "the alert handshake_failure", Some(E::TlsProtocol), None, || {
            (Manner::Says(vec![21, 3, 3, 0, 2, 2, 40]), sound())
        }),
        case(
            "host name that is not served",
            "the alert unrecognized_name",
            Some(E::TlsUnrecognizedName),
            None,
            || (Manner::Says(vec![21, 3, 3, 0, 2, 2, 112]), sound()),
        ),
        case("no HTTP", "the alert no_application_protocol", Some(E::TlsNoHttp), None, || {
            (Manner::Says(vec![21, 3, 3, 0, 2, 2, 120]), sound())
        }),
        case("fault of the server", "the alert internal_error", Some(E::TlsServerFault), None, || {
            (Manner::Says(vec![21, 3, 3, 0, 2, 2, 80]), sound())
        }),
        case("broken TLS", "a ServerHello without content", Some(E::TlsProtocolViolation), None, || {
            (Manner::Says(vec![22, 3, 3, 0, 4, 2, 0, 0, 0]), sound())
        }),
        case("plain HTTP", "an answer of HTTP without TLS", Some(E::TlsNotTls), None, || {
            (Manner::Says(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()), sound())
        }),
        case("silence", "nothing: the connection is closed", Some(E::TlsFailed), None, || {
            (Manner::Says(Vec::new()), sound())
        }),
    ]
}
