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
        assert_eq!(error.not_sent(), ErrorCode::ClientIdentityUnusable);
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

/// Runs OpenSSL, which makes files that nothing here can make.
fn openssl(folder: &Path, arguments: &[&str]) {
    let output = std::process::Command::new("openssl").args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_key_decides_which_certificate_is_the_clients_own() {
    let ca = pki::root("Client CA");
    let folder = tempfile::tempdir().unwrap();
    let (own, key) = pki::client(&ca);
    let (other, other_key) = pki::client(&ca);
    let write = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    };
    let key_file = write("client.key", &key);
    let pem = |certificate: String, key: &str| ClientCertificate::Pem { certificate, key: key.to_owned() };
    let good = |name: &str, choice: ClientCertificate| {
        load(choice, None).unwrap_or_else(|error| panic!("{name}: {error:?}"));
    };
    good("issuer first", pem(write("a.pem", &(ca.pem() + &own)), &key_file));
    good("another client first", pem(write("b.pem", &(other + &own + &ca.pem())), &key_file));
    good(
        "with CR LF and a mark",
        pem(write("c.pem", &("\u{FEFF}".to_owned() + &own.replace('\n', "\r\n"))), &key_file),
    );
    let all = write("all.pem", &(key.clone() + &ca.pem() + &own));
    good("certificate and key in one file, named twice", pem(all.clone(), &all));
    good("certificate and key in one file", ClientCertificate::Pkcs12 { path: all });
    let keys = write("keys.pem", &(other_key.clone() + &key));
    good("the right key is the second", pem(write("d.pem", &own), &keys));
    openssl(folder.path(), &["x509", "-in", "d.pem", "-outform", "der", "-out", "d.der"]);
    openssl(folder.path(), &["crl2pkcs7", "-nocrl", "-certfile", "b.pem", "-out", "b.p7b"]);
    openssl(
        folder.path(),
        &["pkcs8", "-topk8", "-nocrypt", "-in", "client.key", "-outform", "der", "-out", "key.der"],
    );
    openssl(folder.path(), &["ec", "-in", "client.key", "-out", "sec1.key"]);
    let at = |name: &str| folder.path().join(name).display().to_string();
    good("DER", pem(at("d.der"), &at("key.der")));
    good("PKCS#7 and SEC1", pem(at("b.p7b"), &at("sec1.key")));
    openssl(folder.path(), &["genrsa", "-out", "rsa.key", "2048"]);
    openssl(folder.path(), &["rsa", "-in", "rsa.key", "-traditional", "-out", "pkcs1.key"]);
    openssl(
        folder.path(),
        &["req", "-x509", "-key", "rsa.key", "-subj", "/CN=RSA", "-days", "2", "-out", "rsa.pem"],
    );
    good("PKCS#1", pem(at("rsa.pem"), &at("pkcs1.key")));

    let fault = |certificate: String, key: &str| {
        let error = load(pem(certificate, key), None).unwrap_err();
        assert_eq!((error.field, error.code), (Some(Field::ClientKey), ErrorCode::ClientKeyUnusable));
        error.detail
    };
    let other_file = write("other.key", &other_key);
    let words = fault(write("e.pem", &(own.clone() + &ca.pem())), &other_file);
    assert_eq!(words, "The key belongs to none of the certificates: CN=PAM360 of a test; CN=Client CA.");
    let words = fault(write("f.pem", &own), &other_file);
    assert_eq!(words, "The key does not belong to the certificate CN=PAM360 of a test.");
    for (name, arguments) in [
        (
            "pkcs8.enc",
            &["pkcs8", "-topk8", "-in", "client.key", "-passout", "pass:x", "-out", "pkcs8.enc"][..],
        ),
        ("sec1.enc", &["ec", "-in", "client.key", "-aes256", "-passout", "pass:x", "-out", "sec1.enc"]),
    ] {
        openssl(folder.path(), arguments);
        let words = fault(write("f.pem", &own), &at(name));
        assert!(
            words.contains("The key is encrypted.") && words.contains("openssl pkcs12 -export"),
            "{words}"
        );
    }
    let words = fault(write("f.pem", &own), &write("no.key", &own));
    assert!(words.starts_with("The file holds no private key. Certificate 1 of 1"), "{words}");
    openssl(folder.path(), &["genpkey", "-algorithm", "X25519", "-out", "x25519.key"]);
    assert!(fault(write("f.pem", &own), &at("x25519.key")).contains("a kind or size"));
}

#[test]
fn pkcs12_files_of_all_tools_are_opened() {
    let ca = pki::root("Client CA");
    let folder = tempfile::tempdir().unwrap();
    let (own, key) = pki::client(&ca);
    for (name, content) in [("own.pem", &own), ("client.key", &key), ("ca.pem", &ca.pem())] {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    let made = |name: &str, passphrase: &str, more: &[&str]| {
        let passphrase = format!("pass:{passphrase}");
        let mut arguments = vec!["pkcs12", "-export", "-inkey", "client.key", "-in", "own.pem"];
        arguments.extend(["-certfile", "ca.pem", "-passout", &passphrase, "-out", name]);
        arguments.extend(more);
        openssl(folder.path(), &arguments);
        ClientCertificate::Pkcs12 { path: folder.path().join(name).display().to_string() }
    };
    let nothing: &[&str] = &[];
    for (name, passphrase, more) in [
        ("aes", "secret", nothing),
        ("umlaut", "grüne Wolke €", nothing),
        ("legacy", "secret", &["-legacy"]),
        ("legacy-umlaut", "grüne Wolke", &["-legacy"]),
        (
            "triple-des",
            "secret",
            &["-certpbe", "PBE-SHA1-3DES", "-keypbe", "PBE-SHA1-3DES", "-macalg", "sha1"],
        ),
        ("open-certificates", "secret", &["-certpbe", "NONE"]),
        ("no-mac", "secret", &["-nomac"]),
        ("no-mac-legacy", "secret", &["-nomac", "-legacy"]),
    ] {
        let choice = made(name, passphrase, more);
        load(choice.clone(), Some(passphrase)).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        // Saved before its passphrase is typed, whatever the library stumbles over.
        let missing = load(choice.clone(), None).unwrap_err();
        let field = Some(Field::ClientPassphrase);
        assert_eq!((missing.field, missing.code), (field, ErrorCode::ClientPassphraseMissing), "{name}");
        let wrong = load(choice, Some("wrong")).unwrap_err();
        assert_eq!((wrong.field, wrong.code), (field, ErrorCode::ClientPassphraseWrong), "{name}");
        assert_eq!(wrong.detail.contains("no integrity check"), name.starts_with("no-mac"), "{name}");
    }
    // Made without a passphrase: opens without one.
    load(made("open", "", &[]), None).unwrap();
    let all_open = ["-certpbe", "NONE", "-keypbe", "NONE", "-nomac"];
    let trust = load(made("all-open", "", &all_open), None).unwrap();
    assert_eq!(trust.remarks(), ["The PKCS#12 file has no integrity check (MAC)."]);
    // A kind of encryption that is not supported is said, with what to do.
    let unsupported =
        load(made("rc2", "secret", &["-legacy", "-keypbe", "PBE-SHA1-RC2-128"]), Some("secret"));
    let unsupported = unsupported.unwrap_err();
    assert_eq!(unsupported.field, Some(Field::ClientCertificate));
    assert!(
        unsupported.detail.contains("not supported. Write it again: openssl pkcs12"),
        "{}",
        unsupported.detail
    );
    // A file of the other kind says so.
    let path = folder.path().join("aes").display().to_string();
    let pem = ClientCertificate::Pem {
        certificate: path,
        key: folder.path().join("client.key").display().to_string(),
    };
    assert!(load(pem, None).unwrap_err().detail.contains("Choose PKCS#12"));
}
