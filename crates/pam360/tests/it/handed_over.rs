//! Files as people hand them over, from reports of people who do this job: each against a TLS server where it is about one.

use domain::{CaChoice, ClientCertificate, ErrorCode, Field};
use pam360::{ConnectFailure, Endpoint, Proxy, Session, Trust, TrustError, TrustSettings};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::listener::{Listener, Manner, Tls};
use crate::pki;
use crate::support::PATIENT;

fn path(case: &str, file: &str) -> String {
    format!("{}/tests/cases/{case}/{file}", env!("CARGO_MANIFEST_DIR"))
}

fn served(case: &str, certificate: &str) -> Tls {
    let chain = CertificateDer::pem_file_iter(path(case, certificate)).unwrap();
    let key = PrivateKeyDer::from_pem_file(path(case, "server.key")).unwrap();
    let key = rustls::crypto::aws_lc_rs::sign::any_supported_type(&key).unwrap();
    Tls::new(chain.collect::<Result<_, _>>().unwrap(), key)
}

fn trusting(path: String) -> TrustSettings {
    TrustSettings { ca: CaChoice::File { path }, ..TrustSettings::default() }
}

async fn connect(listener: &Listener, settings: &TrustSettings) -> Result<Session, ConnectFailure> {
    let trust = pki::timed(Trust::load(settings, None).unwrap());
    Endpoint::new(listener.address(), trust, Proxy::none()).connect(PATIENT).await
}

fn refused(path: String) -> TrustError {
    let error = Trust::load(&trusting(path), None).unwrap_err();
    assert_eq!(error.field, Some(Field::CaFile));
    error
}

#[tokio::test]
async fn no_ca_of_a_file_is_lost_for_its_encoding_or_its_label() {
    let cases = [
        ("01-ca-bom-bundle", "ca-bundle-with-bom.pem"),
        ("02-ca-bom-single", "ca-with-bom.pem"),
        ("03-ca-trusted-label", "trusted-alone.pem"),
        ("03-ca-trusted-label", "trusted-in-bundle.pem"),
    ];
    for (case, file) in cases {
        let listener = Listener::start(Manner::Tls(served(case, "server.pem"))).await;
        let connected = connect(&listener, &trusting(path(case, file))).await;
        assert!(connected.is_ok(), "{case}/{file}: {connected:?}");
        // The listener takes one connection after the other.
        drop(connected);
        // The same text, as the page hands it over.
        let text = domain::text::decode(&std::fs::read(path(case, file)).unwrap()).0;
        let ca = CaChoice::Pem { name: file.to_owned(), text };
        connect(&listener, &TrustSettings { ca, ..TrustSettings::default() }).await.unwrap();
    }
}

#[test]
fn the_bad_member_of_a_bundle_is_named() {
    let damaged = refused(path("04-ca-one-bad-member", "second-is-damaged.pem"));
    assert_eq!(damaged.code, ErrorCode::CaFileDamaged);
    assert_eq!(
        damaged.detail,
        "Block 2 of 2 in the file (Another Example Root): line 12 has the character “*”, which base64 does not have."
    );
    let leaf = refused(path("04-ca-one-bad-member", "third-is-the-servers.pem"));
    assert_eq!(leaf.code, ErrorCode::CaFileNotACa);
    assert!(leaf.detail.starts_with("Certificate 3 of 3 in the file (CN="), "{}", leaf.detail);
}

#[tokio::test]
async fn an_unknown_critical_extension_is_told_as_what_it_is() {
    let case = "06-tls-unknown-critical-extension";
    let mut listener = Listener::start(Manner::Tls(served(case, "server-with-critical-extension.pem"))).await;
    let failure = connect(&listener, &trusting(path(case, "root.pem"))).await.unwrap_err();
    assert_eq!(listener.brought().await, 0);
    assert_eq!(failure.code, ErrorCode::TlsCriticalExtension);
    assert!(
        failure.detail.starts_with("The server's certificate has the critical extension 1."),
        "{}",
        failure.detail
    );
    assert!(!failure.detail.contains("127.0.0.1"), "{}", failure.detail);
    let diagnosis = failure.diagnosis.unwrap().diagnosis().clone();
    assert_eq!((diagnosis.code, diagnosis.at_fault), (ErrorCode::TlsCriticalExtension, Some(0)));
}

/// A listener that demands certificates of this CA, and whom to trust about it.
async fn demanding(case: &str) -> (Listener, TrustSettings) {
    let root = pki::root("Test Root");
    let own = pki::own(&root, |_| {});
    let clients = CertificateDer::from_pem_file(path(case, "client-ca.pem")).unwrap();
    let tls = Tls { clients: Some(clients), ..Tls::new(vec![own.der, root.der().clone()], own.key) };
    let ca = CaChoice::Pem { name: "ca.pem".into(), text: root.pem() };
    (Listener::start(Manner::Tls(tls)).await, TrustSettings { ca, ..TrustSettings::default() })
}

#[tokio::test]
async fn a_pkcs12_file_without_mac_wants_its_passphrase_and_then_works() {
    let case = "07-client-p12-no-mac";
    let (listener, trust) = demanding(case).await;
    let client_certificate = ClientCertificate::Pkcs12 { path: path(case, "client-no-mac.p12") };
    let settings = TrustSettings { client_certificate, ..trust };
    let missing = Trust::load(&settings, None).unwrap_err();
    assert_eq!(
        (missing.field, missing.code),
        (Some(Field::ClientPassphrase), ErrorCode::ClientPassphraseMissing)
    );
    let passphrase = std::fs::read_to_string(path(case, "passphrase.txt")).unwrap();
    let trust = pki::timed(Trust::load(&settings, Some(passphrase.trim_end())).unwrap());
    assert_eq!(trust.remarks(), ["The PKCS#12 file has no integrity check (MAC)."]);
    Endpoint::new(listener.address(), trust, Proxy::none()).connect(PATIENT).await.unwrap();
}

#[tokio::test]
async fn the_clients_own_certificate_may_stand_behind_its_issuer() {
    let case = "08-client-pem-issuer-first";
    let (listener, trust) = demanding(case).await;
    let client_certificate =
        ClientCertificate::Pem { certificate: path(case, "issuer-first.pem"), key: path(case, "client.key") };
    let session = connect(&listener, &TrustSettings { client_certificate, ..trust }).await.unwrap();
    assert!(session.facts().client_certificate_asked);
}

#[test]
fn a_ca_file_with_too_many_certificates_or_with_a_rejected_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let ca = pki::root("Test Root").pem();
    let (file, rejected) = (folder.path().join("ca.pem"), folder.path().join("rejected.pem"));
    std::fs::write(&file, format!("{ca}\n").repeat(1_001)).unwrap();
    assert_eq!(refused(file.display().to_string()).code, ErrorCode::CaFileTooMany);
    std::fs::write(&file, &ca).unwrap();
    let mut openssl = std::process::Command::new("openssl");
    openssl
        .args(["x509", "-trustout", "-addreject", "serverAuth", "-in"])
        .arg(&file)
        .arg("-out")
        .arg(&rejected);
    assert!(openssl.status().unwrap().success());
    let error = refused(rejected.display().to_string());
    assert_eq!((error.code, error.not_sent()), (ErrorCode::CaFileRejected, ErrorCode::CaUnusable));
}

/// The broadcast address of the loopback network (RFC 1122, section 3.2.1.3): the system refuses to connect to it.
#[tokio::test]
async fn an_address_that_the_system_does_not_connect_to_is_neither_refused_nor_timed_out() {
    let trust =
        Trust::of_ca(&CaChoice::Pem { name: "ca".into(), text: pki::root("Test Root").pem() }).unwrap();
    let server = domain::BaseUrl::parse("https://127.255.255.255:8282").unwrap();
    let failure = Endpoint::new(server, trust, Proxy::none()).connect(PATIENT).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::ConnectFailed, "{}", failure.detail);
}
