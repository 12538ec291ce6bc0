//! The doctor on certificates that nobody would make on purpose. Every ordinary case is in tests/it/matrix.rs.

use proptest::prelude::*;
use rcgen::{CertificateParams, KeyPair};
use rustls_pki_types::{CertificateDer, ServerName};

use super::*;

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
