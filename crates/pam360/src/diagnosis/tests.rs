//! The doctor on certificates that nobody would make on purpose. Every ordinary case is in tests/it/matrix.rs.

use proptest::prelude::*;
use rcgen::{CertificateParams, KeyPair};
use rustls_pki_types::{CertificateDer, ServerName};

use super::*;
use crate::tls_words::tests::{every_error, is_for_people};

fn recorder() -> Recorder {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut root = CertificateParams::default();
    root.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let root = root.self_signed(&KeyPair::generate().unwrap()).unwrap();
    Recorder::new(trust::only(&[root.der().clone()], &provider).unwrap(), None)
}

fn shown_to(recorder: &Recorder, chain: &[CertificateDer<'static>]) -> Option<Diagnosed> {
    let name = ServerName::try_from("example.test").unwrap();
    let now = UnixTime::since_unix_epoch(Duration::from_secs(1_800_000_000));
    let (own, above) = chain.split_first().unwrap();
    assert!(recorder.verify_server_cert(own, above, &name, &[], now).is_err());
    diagnose(&recorder.presented().unwrap(), recorder)
}

fn certificate() -> CertificateDer<'static> {
    let mut params = CertificateParams::new(vec!["example.test".into(), "exa\u{6d}ple.test".into()]).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, "a\u{202E}b");
    params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().clone()
}

/// No list of revoked certificates is read yet; the operating system's verifier can say so.
#[test]
fn a_revoked_certificate_is_called_that() {
    let revoked = Error::InvalidCertificate(CertificateError::Revoked);
    let (code, at, words) = blamed(&revoked, &[], &[], &[], &[]);
    assert_eq!((code, at), (ErrorCode::TlsRevoked, None));
    is_for_people(&words, "revoked");
}

#[test]
fn a_long_chain_is_kept_in_part_and_says_so() {
    let recorder = recorder();
    let chain: Vec<_> = (0..30).map(|_| certificate()).collect();
    let diagnosed = shown_to(&recorder, &chain).unwrap();
    assert_eq!((diagnosed.diagnosis().chain.len(), diagnosed.diagnosis().left_out), (10, 20));
    assert_eq!(diagnosed.candidate(), None);
}

#[test]
fn what_a_certificate_says_is_made_visible() {
    let diagnosed = shown_to(&recorder(), &[certificate()]).unwrap();
    let own = &diagnosed.diagnosis().chain[0];
    assert!(own.subject.contains("a⟨U+202E⟩b"), "{}", own.subject);
    assert_eq!(diagnosed.diagnosis().code, ErrorCode::TlsSelfSigned);
    let json = serde_json::to_string(diagnosed.diagnosis()).unwrap();
    assert_eq!(&serde_json::from_str::<TlsDiagnosis>(&json).unwrap(), diagnosed.diagnosis());
    assert!(json.len() < 4_000, "{}", json.len());
}

/// What the doctor says of a certificate that the library refused with this error.
fn told(own: &CertificateDer<'static>, error: Error) -> (ErrorCode, String) {
    let presented = Presented {
        chain: vec![own.clone()],
        left_out: 0,
        name: ServerName::try_from("example.test").unwrap(),
        now: UnixTime::since_unix_epoch(Duration::from_secs(1_800_000_000)),
        verdict: Verdict::Refused(error),
    };
    let diagnosed = diagnose(&presented, &recorder()).unwrap();
    (diagnosed.diagnosis().code, diagnosed.diagnosis().detail.clone())
}

#[test]
fn whatever_the_verifier_says_ends_in_a_code_and_sentences_for_people() {
    // One that fits its name, one for another name, one that lists none, and bytes that are no certificate.
    let other = CertificateParams::new(vec!["elsewhere.test".into()]).unwrap();
    let nameless = CertificateParams::new(vec![]).unwrap();
    let made = |it: CertificateParams| it.self_signed(&KeyPair::generate().unwrap()).unwrap().der().clone();
    let all = [certificate(), made(other), made(nameless), CertificateDer::from(vec![0x30, 3, 2, 1, 5])];
    for own in &all {
        for error in every_error() {
            let of = format!("{error:?}");
            let (code, detail) = told(own, error);
            assert_eq!(code.outcome(), Some(domain::Outcome::NotSent), "{of}");
            is_for_people(&detail, &of);
            assert!(
                !detail.contains("for example.test, the certificate is for example.test"),
                "{of}: {detail}"
            );
        }
    }
}

/// Two extensions of one kind: the library refuses the certificate, and neither it nor anybody else knows its names.
#[test]
fn names_that_cannot_be_read_are_not_told_as_wrong_or_missing() {
    let mut params = CertificateParams::new(vec!["example.test".into()]).unwrap();
    for _ in 0..2 {
        let names = rcgen::CustomExtension::from_oid_content(&[2, 5, 29, 17], b"\x30\x03\x82\x01a".to_vec());
        params.custom_extensions.push(names);
    }
    let own = params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().clone();
    let diagnosed = shown_to(&recorder(), &[own]).unwrap();
    assert_eq!(diagnosed.diagnosis().code, ErrorCode::TlsBadCertificate);
    assert_eq!(
        diagnosed.diagnosis().detail,
        "An extension of a certificate has an invalid value, or is there twice."
    );
}

proptest! {
    #[test]
    fn no_certificate_makes_it_panic(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6), cut in any::<prop::sample::Index>(), cuts in any::<bool>()) {
        let mut der = certificate().to_vec();
        for (index, byte) in changes {
            let at = index.index(der.len());
            der[at] = byte;
        }
        if cuts {
            der.truncate(cut.index(der.len()));
        }
        let chain = [CertificateDer::from(der.clone()), CertificateDer::from(der), certificate()];
        let diagnosed = shown_to(&recorder(), &chain).unwrap();
        prop_assert_eq!(diagnosed.diagnosis().code.outcome(), Some(domain::Outcome::NotSent));
        prop_assert_eq!(diagnosed.candidate(), None);
    }
}
