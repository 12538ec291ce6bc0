//! Every way in which a server's certificate or its TLS can be wrong: the right code and words for each, and not a byte
//! of a request sent. docs/tls-matrix.md is the same table for people; a test keeps the two alike.

mod cases;

use domain::{ErrorCode, Fingerprint, Outcome, TlsDiagnosis};
use pam360::{ConnectFailure, Endpoint, Proxy, Trust, TrustSettings};

use crate::listener::Listener;
use crate::pki;
use crate::support::PATIENT;
use cases::{EXPIRED, cases, served, stranger, trusting};

async fn connect(listener: &Listener, trust: &TrustSettings) -> Result<pam360::Session, ConnectFailure> {
    let trust = pki::timed(Trust::load(trust, None).unwrap());
    Endpoint::new(listener.address(), trust, Proxy::none()).connect(PATIENT).await
}

#[tokio::test]
async fn each_case_has_its_code_its_words_and_no_request() {
    for case in cases() {
        let name = case.name;
        let (manner, trust) = (case.make)();
        let mut listener = Listener::start(manner).await;
        let result = connect(&listener, &trust).await;
        let Some(expected) = case.code else {
            assert!(result.is_ok(), "{name}: {result:?}");
            continue;
        };
        let failure = result.expect_err(name);
        assert_eq!(listener.brought().await, 0, "{name}: nothing may be sent");
        assert_eq!(failure.code, expected, "{name}: {}", failure.detail);
        assert_eq!(failure.code.outcome(), Some(Outcome::NotSent), "{name}");
        let found = failure.diagnosis.as_ref().map(|it| it.diagnosis());
        let diagnosis = found.cloned();
        assert_eq!(diagnosis.as_ref().and_then(|it| it.at_fault), case.at_fault, "{name}: {diagnosis:#?}");
        assert_eq!(diagnosis.as_ref().and_then(|it| it.candidate), case.candidate, "{name}: {diagnosis:#?}");
        assert!(failure.detail.contains(case.says), "{name}: {}", failure.detail);
        if case.at_fault.is_some() {
            consistent(&diagnosis.unwrap(), &failure);
        }
        if case.candidate.is_some() {
            trusting_the_candidate_mends_it(&failure, &listener, name).await;
        }
    }
}

fn consistent(diagnosis: &TlsDiagnosis, failure: &ConnectFailure) {
    assert_eq!(diagnosis.code, failure.code);
    assert_eq!(diagnosis.detail, failure.detail);
    assert_eq!(diagnosis.asked_name, "127.0.0.1");
    assert!(diagnosis.chain.iter().all(|it| it.public_key_sha256.is_some() && it.not_after.is_some()));
    assert_eq!(diagnosis.pin.is_some(), failure.code == ErrorCode::TlsPinMismatch);
    if let Some(pin) = diagnosis.pin {
        assert_eq!(Some(pin.presented), diagnosis.chain[0].public_key_sha256);
    }
}

async fn trusting_the_candidate_mends_it(failure: &ConnectFailure, listener: &Listener, name: &str) {
    let (words, pem) = failure.diagnosis.as_ref().unwrap().candidate().expect(name);
    assert!(words.is_ca, "{name}");
    connect(listener, &trusting(&pem)).await.expect(name);
}

#[test]
fn each_code_has_words_of_its_own() {
    let codes: Vec<_> = cases().into_iter().filter_map(|it| it.code).collect();
    for code in &codes {
        let general = [ErrorCode::TlsFailed, ErrorCode::TlsBadCertificate];
        for other in codes.iter().chain(&general).filter(|it| *it != code) {
            assert_ne!(code.what(), other.what(), "{code} and {other}");
            assert_ne!(code.next(), other.next(), "{code} and {other}");
        }
    }
}

#[test]
fn the_table_for_people_is_this_one() {
    let mut table = String::from(
        "| case | what is presented | code | what is said | what to ask for |\n| --- | --- | --- | --- | --- |\n",
    );
    for case in cases() {
        let (code, what, next) = match case.code {
            Some(code) => (format!("`{code}`"), code.what(), code.next()),
            None => ("accepted".to_owned(), "", ""),
        };
        table += &format!("| {} | {} | {code} | {what} | {next} |\n", case.name, case.presented);
    }
    let path = format!("{}/../../docs/tls-matrix.md", env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(path).unwrap();
    let rows: String = page
        .lines()
        .skip_while(|line| !line.starts_with("| case "))
        .take_while(|line| line.starts_with('|'))
        .map(|line| format!("{line}\n"))
        .collect();
    assert!(rows == table, "docs/tls-matrix.md should have this table:\n{table}");
}

#[tokio::test]
async fn the_pinned_key_is_accepted_and_a_pin_never_replaces_verification() {
    let root = pki::root("Test Root");
    let own = pki::own(&root, |_| {});
    let (_, parsed) = x509_parser::parse_x509_certificate(&own.der).unwrap();
    let pin = Some(Fingerprint::from_bytes(
        aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, parsed.public_key().raw)
            .as_ref()
            .try_into()
            .unwrap(),
    ));
    let mut listener = Listener::start(served(&own, &[root.der()])).await;
    let trust = TrustSettings { pin, ..trusting(&root.pem()) };
    drop(connect(&listener, &trust).await.unwrap());
    listener.brought().await;
    let failure = connect(&listener, &TrustSettings { pin, ..stranger() }).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::TlsUnknownIssuer);
    assert_eq!(listener.brought().await, 0);
}

#[tokio::test]
async fn this_computers_list_and_a_file_count_together() {
    let root = pki::root("Test Root");
    let listener = Listener::start(served(&pki::own(&root, |_| {}), &[root.der()])).await;
    let both = TrustSettings { system_too: true, ..trusting(&root.pem()) };
    connect(&listener, &both).await.unwrap();
    let other = TrustSettings { system_too: true, ..stranger() };
    assert_eq!(connect(&listener, &other).await.unwrap_err().code, ErrorCode::TlsUnknownIssuer);
}

#[tokio::test]
async fn only_a_ca_that_is_valid_now_is_offered_for_trust() {
    let root = pki::root("Test Root");
    let expired = pki::below(&root, "Test Issuing CA", EXPIRED);
    let no_ca = pki::below(&root, "No CA", |it| it.is_ca = rcgen::IsCa::ExplicitNoCa);
    for (issuer, code) in [(expired, ErrorCode::TlsUnknownIssuer), (no_ca, ErrorCode::TlsIssuerNotAllowed)] {
        let listener = Listener::start(served(&pki::own(&issuer, |_| {}), &[issuer.der()])).await;
        let failure = connect(&listener, &stranger()).await.unwrap_err();
        assert_eq!(failure.code, code, "{}", failure.detail);
        assert_eq!(failure.diagnosis.unwrap().candidate(), None);
    }
    // Whose certificate is for another name, or another key than the pinned one, is not mended by trusting its root.
    let own = pki::own(&root, |it| it.subject_alt_names.truncate(0));
    let listener = Listener::start(served(&own, &[root.der()])).await;
    assert_eq!(connect(&listener, &stranger()).await.unwrap_err().diagnosis.unwrap().candidate(), None);
    let listener = Listener::start(served(&pki::own(&root, |_| {}), &[root.der()])).await;
    let pinned = TrustSettings { pin: Some(Fingerprint::from_bytes([7; 32])), ..stranger() };
    let failure = connect(&listener, &pinned).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::TlsUnknownIssuer);
    assert_eq!(failure.diagnosis.unwrap().candidate(), None);
}
