//! One exact certificate in place of any CA: what counts then, what does not, and when it is offered.

use domain::{CaChoice, ErrorCode, Fingerprint, PinDifference};
use pam360::{ConnectFailure, Endpoint, Proxy, Session, Trust, TrustSettings};
use rcgen::IsCa;
use rustls_pki_types::CertificateDer;
use sha2::{Digest, Sha256};
use time::Duration;

use crate::listener::{Listener, Manner, Tls};
use crate::pki::{self, Own};
use crate::support::PATIENT;

fn sha256(der: &CertificateDer<'_>) -> Fingerprint {
    Fingerprint::from_bytes(Sha256::digest(der).into())
}

fn accepting(der: &CertificateDer<'_>) -> TrustSettings {
    TrustSettings { ca: CaChoice::Exact { sha256: sha256(der).colons() }, ..TrustSettings::default() }
}

async fn connect(listener: &Listener, trust: &TrustSettings) -> Result<Session, ConnectFailure> {
    let trust = pki::timed(Trust::load(trust, None).unwrap());
    Endpoint::new(listener.address(), trust, Proxy::none()).connect(PATIENT).await
}

fn tls(own: &Own, tls12_only: bool) -> Manner {
    Manner::Tls(Tls { tls12_only, ..Tls::new(vec![own.der.clone()], own.key.clone()) })
}

/// As a fresh installation presents it: signed by itself, not a CA, and for another name than the one that is called.
fn fresh() -> Own {
    pki::self_signed(|it| it.subject_alt_names = vec![rcgen::SanType::DnsName("pam360".try_into().unwrap())])
}

#[tokio::test]
async fn the_certificate_is_accepted_whatever_its_issuer_and_names() {
    let root = pki::root("Test Root");
    for own in [
        fresh(),
        pki::self_signed(|it| it.subject_alt_names.clear()),
        pki::self_signed(|it| it.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained)),
        pki::own(&root, |_| {}),
    ] {
        for tls12_only in [false, true] {
            let listener = Listener::start(tls(&own, tls12_only)).await;
            connect(&listener, &accepting(&own.der)).await.unwrap();
        }
    }
}

#[tokio::test]
async fn another_certificate_is_refused_whatever_vouches_for_it() {
    let own = fresh();
    let accepted = sha256(&own.der);
    let root = pki::root("Test Root");
    let other = pki::own(&root, |_| {});
    let mut listener = Listener::start(tls(&other, false)).await;
    let failure = connect(&listener, &accepting(&own.der)).await.unwrap_err();
    assert_eq!(listener.brought().await, 0, "nothing may be sent");
    assert_eq!(failure.code, ErrorCode::TlsOtherCertificate);
    let diagnosed = failure.diagnosis.unwrap();
    let diagnosis = diagnosed.diagnosis();
    let presented = sha256(&other.der);
    assert_eq!(diagnosis.other_certificate, Some(PinDifference { expected: accepted, presented }));
    assert_eq!((diagnosis.at_fault, diagnosis.candidate), (Some(0), None));
    // A renewed one is accepted the same way: its fingerprint has to come from the server's owner.
    assert_eq!(diagnosed.exact_candidate(), Some(presented));
}

/// The CA's fingerprint in place of the certificate's is a mix-up where that CA really signed the certificate. Anyone can
/// send a genuine CA along.
#[tokio::test]
async fn the_fingerprint_of_the_ca_that_signed_is_told_apart_from_that_of_one_that_is_sent_along() {
    let root = pki::root("Test Root");
    for (own, code, signers) in [
        (pki::own(&root, |_| {}), ErrorCode::TlsFingerprintOfCa, 1),
        (pki::own(&pki::root("Test Root"), |_| {}), ErrorCode::TlsOtherCertificate, 0),
        (fresh(), ErrorCode::TlsOtherCertificate, 0),
    ] {
        let chain = vec![own.der.clone(), root.der().clone()];
        let listener = Listener::start(Manner::Tls(Tls::new(chain, own.key))).await;
        let failure = connect(&listener, &accepting(root.der())).await.unwrap_err();
        assert_eq!(failure.code, code, "{}", failure.detail);
        let diagnosed = failure.diagnosis.unwrap();
        assert_eq!(diagnosed.signers().len(), signers, "{code}");
        assert!(diagnosed.signers().iter().all(|it| *it == sha256(root.der())));
    }
}

#[tokio::test]
async fn the_dates_and_the_proof_of_the_key_still_count() {
    let cases = [
        (pki::self_signed(|it| it.not_after = pki::NOW - Duration::days(1)), ErrorCode::TlsExpired),
        (pki::self_signed(|it| it.not_before = pki::NOW + Duration::days(1)), ErrorCode::TlsNotYetValid),
        (Own { key: fresh().key, ..fresh() }, ErrorCode::TlsNotItsKey),
    ];
    for (own, code) in cases {
        for tls12_only in [false, true] {
            let mut listener = Listener::start(tls(&own, tls12_only)).await;
            let failure = connect(&listener, &accepting(&own.der)).await.unwrap_err();
            assert_eq!((failure.code, listener.brought().await), (code, 0), "{}", failure.detail);
            let diagnosed = failure.diagnosis.unwrap();
            assert_eq!((diagnosed.exact_candidate(), diagnosed.candidate()), (None, None), "{code}");
        }
    }
}

#[tokio::test]
async fn a_pin_still_counts_on_top() {
    let own = fresh();
    let listener = Listener::start(tls(&own, false)).await;
    let pinned = TrustSettings { pin: Some(Fingerprint::from_bytes([7; 32])), ..accepting(&own.der) };
    let failure = connect(&listener, &pinned).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::TlsPinMismatch);
    assert_eq!(failure.diagnosis.unwrap().exact_candidate(), None);
}

#[tokio::test]
async fn bytes_that_are_no_certificate_are_refused_although_the_fingerprint_fits() {
    let own = Own { der: CertificateDer::from(vec![0x30, 0x03, 0x02, 0x01, 0x05]), ..fresh() };
    let listener = Listener::start(tls(&own, false)).await;
    let failure = connect(&listener, &accepting(&own.der)).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::TlsBadCertificate, "{}", failure.detail);
}

#[tokio::test]
async fn it_is_offered_where_only_the_issuer_or_the_name_is_wrong() {
    let root = pki::root("Test Root");
    let wrong_name = pki::own(&root, |it| it.subject_alt_names.truncate(0));
    let expired = pki::self_signed(|it| it.not_after = pki::NOW - Duration::days(1));
    let cases = [
        (fresh(), ErrorCode::TlsSelfSigned, true),
        (wrong_name, ErrorCode::TlsIncompleteChain, true),
        (expired, ErrorCode::TlsSelfSigned, false),
    ];
    let nobody = TrustSettings {
        ca: CaChoice::Pem { name: "ca.pem".into(), text: pki::root("Somebody Else").pem() },
        ..TrustSettings::default()
    };
    for (own, code, offered) in cases {
        let listener = Listener::start(tls(&own, false)).await;
        let failure = connect(&listener, &nobody).await.unwrap_err();
        let found = failure.diagnosis.unwrap().exact_candidate();
        assert_eq!((failure.code, found), (code, offered.then(|| sha256(&own.der))), "{}", failure.detail);
    }
    // A presented CA that would do is offered instead.
    let own = pki::own(&root, |_| {});
    let chain = vec![own.der.clone(), root.der().clone()];
    let listener = Listener::start(Manner::Tls(Tls::new(chain, own.key))).await;
    let diagnosed = connect(&listener, &nobody).await.unwrap_err().diagnosis.unwrap();
    assert!(diagnosed.candidate().is_some() && diagnosed.exact_candidate().is_none());
}

#[test]
fn a_fingerprint_that_cannot_be_read_blames_its_own_field() {
    let settings = TrustSettings { ca: CaChoice::Exact { sha256: "ab".into() }, ..TrustSettings::default() };
    let error = Trust::load(&settings, None).unwrap_err();
    assert_eq!(
        (error.field, error.code),
        (Some(domain::Field::ExactCertificate), ErrorCode::FingerprintMalformed)
    );
}
