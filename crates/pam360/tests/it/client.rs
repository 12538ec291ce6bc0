//! Client certificates: files of both kinds, servers that ask, and what cannot be used.

use std::path::Path;

use domain::{CaChoice, ClientCertificate, ErrorCode, Field};
use pam360::{ConnectFailure, Endpoint, Proxy, Session, Trust, TrustError, TrustSettings};
use rustls_pki_types::CertificateDer;

use crate::listener::{Listener, Manner, Tls};
use crate::pki::{self, Authority};
use crate::support::PATIENT;

const PASSPHRASE: Option<&str> = Some("correct-horse");

/// A listener that demands client certificates of a CA, and who trusts it.
struct Demanding {
    listener: Listener,
    trust: TrustSettings,
}

impl Demanding {
    async fn start(clients: CertificateDer<'static>, tls12_only: bool, http1_only: bool) -> Self {
        let root = pki::root("Test Root");
        let own = pki::own(&root, |_| {});
        let tls = Tls::new(vec![own.der.clone(), root.der().clone()], own.key);
        let tls = Tls { clients: Some(clients), tls12_only, http1_only, ..tls };
        let ca = CaChoice::Pem { name: "ca.pem".into(), text: root.pem() };
        let trust = TrustSettings { ca, ..TrustSettings::default() };
        Self { listener: Listener::start(Manner::Tls(tls)).await, trust }
    }

    async fn connect(&self, client_certificate: ClientCertificate) -> Result<Session, ConnectFailure> {
        let settings = TrustSettings { client_certificate, ..self.trust.clone() };
        let trust = pki::timed(Trust::load(&settings, PASSPHRASE).unwrap());
        Endpoint::new(self.listener.address(), trust, Proxy::none()).connect(PATIENT).await
    }
}

fn pem_files(folder: &Path, issuer: &Authority) -> ClientCertificate {
    let (certificate, key) = pki::client(issuer);
    let path = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    ClientCertificate::Pem { certificate: path("client.pem", &certificate), key: path("client.key", &key) }
}

#[tokio::test]
async fn a_server_that_demands_a_certificate_gets_it_or_is_told_apart() {
    let (ca, stranger) = (pki::root("Client CA"), pki::root("Stranger CA"));
    let folder = tempfile::tempdir().unwrap();
    let other_folder = tempfile::tempdir().unwrap();
    let (right, wrong) = (pem_files(folder.path(), &ca), pem_files(other_folder.path(), &stranger));
    for (tls12_only, http1_only) in [(false, false), (false, true), (true, false), (true, true)] {
        let mut demanding = Demanding::start(ca.der().clone(), tls12_only, http1_only).await;
        for (shown, says) in [
            (ClientCertificate::None, "No client certificate is set."),
            (wrong.clone(), "A client certificate was shown."),
        ] {
            let failure = demanding.connect(shown).await.unwrap_err();
            assert_eq!(failure.code, ErrorCode::TlsClientCertificateWanted, "{tls12_only} {http1_only}");
            assert!(failure.detail.contains(says), "{}", failure.detail);
            assert_eq!(demanding.listener.brought().await, 0, "nothing may be sent");
        }
        let session = demanding.connect(right.clone()).await.unwrap();
        assert!(session.facts().client_certificate_asked);
        assert_eq!(session.facts().version, if tls12_only { "TLSv1.2" } else { "TLSv1.3" });
    }
}

#[tokio::test]
async fn pkcs12_files_of_new_and_old_tools_are_read() {
    let ca = pki::fixture("client-ca.pem").remove(0);
    for file in ["client.p12", "client-legacy.p12"] {
        let demanding = Demanding::start(ca.clone(), false, false).await;
        demanding.connect(ClientCertificate::Pkcs12 { path: pki::fixture_path(file) }).await.unwrap();
    }
}

fn load(client_certificate: ClientCertificate, passphrase: Option<&str>) -> Result<Trust, TrustError> {
    let ca = CaChoice::Pem { name: "ca.pem".into(), text: pki::root("Test Root").pem() };
    let settings = TrustSettings { ca, client_certificate, ..TrustSettings::default() };
    Trust::load(&settings, passphrase)
}

#[test]
fn what_cannot_be_used_names_its_field() {
    let folder = tempfile::tempdir().unwrap();
    let right = pem_files(folder.path(), &pki::root("Client CA"));
    load(right.clone(), None).unwrap();
    let ClientCertificate::Pem { certificate, key } = right else { unreachable!() };
    let at = |name: &str| folder.path().join(name).display().to_string();
    let write = |name: &str, content: &[u8]| {
        std::fs::write(at(name), content).unwrap();
        at(name)
    };
    let other_folder = tempfile::tempdir().unwrap();
    let ClientCertificate::Pem { key: other_key, .. } =
        pem_files(other_folder.path(), &pki::root("Client CA"))
    else {
        unreachable!()
    };
    let encrypted = b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let pem = |certificate: &str, key: &str| ClientCertificate::Pem {
        certificate: certificate.to_owned(),
        key: key.to_owned(),
    };
    let p12 = |path: String| ClientCertificate::Pkcs12 { path };
    let large = vec![b'x'; 1024 * 1024 + 1];
    let fault = |choice, passphrase| {
        let error = load(choice, passphrase).unwrap_err();
        (error.field.unwrap(), error.code)
    };
    let certificate_unusable = (Field::ClientCertificate, ErrorCode::ClientCertificateUnusable);
    let certificate_missing = (Field::ClientCertificate, ErrorCode::ClientCertificateMissing);
    let key_unusable = (Field::ClientKey, ErrorCode::ClientKeyUnusable);
    assert_eq!(fault(pem(&at("none"), &key), None), certificate_missing);
    assert_eq!(fault(pem(&certificate, &at("none")), None), (Field::ClientKey, ErrorCode::ClientKeyMissing));
    assert_eq!(fault(pem(&key, &key), None), certificate_unusable);
    assert_eq!(fault(pem(&certificate, &certificate), None), key_unusable);
    assert_eq!(fault(pem(&certificate, &other_key), None), key_unusable);
    assert_eq!(fault(pem(&certificate, &write("enc.key", encrypted)), None), key_unusable);
    assert_eq!(fault(pem(&write("large", &large), &key), None), certificate_unusable);
    assert_eq!(fault(pem(&folder.path().display().to_string(), &key), None), certificate_unusable);
    assert_eq!(fault(p12(at("none")), None), certificate_missing);
    assert_eq!(fault(p12(write("x.p12", b"not a file of this kind")), None), certificate_unusable);
    assert_eq!(fault(p12(write("large.p12", &large)), None), certificate_unusable);
    let wrong = (Field::ClientPassphrase, ErrorCode::ClientPassphraseWrong);
    for file in ["client.p12", "client-legacy.p12"] {
        assert_eq!(fault(p12(pki::fixture_path(file)), Some("wrong")), wrong);
        let missing = (Field::ClientPassphrase, ErrorCode::ClientPassphraseMissing);
        assert_eq!(fault(p12(pki::fixture_path(file)), None), missing);
        load(p12(pki::fixture_path(file)), PASSPHRASE).unwrap();
    }
}

#[test]
fn a_pkcs12_file_with_any_byte_changed_never_makes_it_panic() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("client.p12");
    let sound = std::fs::read(pki::fixture_path("client.p12")).unwrap();
    // The first bytes hold the structure, and every change to them is tried; the rest is encrypted.
    for at in (0..80).chain((80..sound.len()).step_by(29)) {
        let mut content = sound.clone();
        content[at] ^= 0x41;
        std::fs::write(&path, &content).unwrap();
        let choice = ClientCertificate::Pkcs12 { path: path.display().to_string() };
        if let Err(error) = load(choice, PASSPHRASE) {
            assert!(matches!(error.field, Some(Field::ClientCertificate | Field::ClientPassphrase)));
        }
        std::fs::write(&path, &content[..at]).unwrap();
        let choice = ClientCertificate::Pkcs12 { path: path.display().to_string() };
        assert!(load(choice, PASSPHRASE).is_err());
    }
}
