//! Trust settings: what cannot be used says which field and why.

use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};

use super::*;

fn pem(is_ca: IsCa) -> String {
    let mut params = CertificateParams::new(vec!["example.test".into()]).unwrap();
    params.is_ca = is_ca;
    params.self_signed(&KeyPair::generate().unwrap()).unwrap().pem()
}

fn code(text: String) -> ErrorCode {
    Trust::of_ca(&CaChoice::Pem { name: "ca.pem".into(), text }).unwrap_err().code
}

#[test]
fn only_ca_certificates_are_trusted() {
    let ca = pem(IsCa::Ca(BasicConstraints::Unconstrained));
    Trust::of_ca(&CaChoice::Pem { name: "ca.pem".into(), text: ca.clone() }).unwrap();
    assert_eq!(code(pem(IsCa::NoCa)), ErrorCode::CaFileNotACa);
    assert_eq!(code(ca + &pem(IsCa::ExplicitNoCa)), ErrorCode::CaFileNotACa);
}

#[test]
fn a_file_that_holds_none_says_why() {
    assert_eq!(code(" \n".into()), ErrorCode::CaFileEmpty);
    assert_eq!(code("hello".into()), ErrorCode::CaFileNotPem);
    assert_eq!(
        code("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".into()),
        ErrorCode::CaFileDamaged
    );
    assert_eq!(code("-----BEGIN CERTIFICATE-----\n".into()), ErrorCode::CaFileDamaged);
    assert_eq!(code("x".repeat(1024 * 1024 + 1)), ErrorCode::CaFileTooLarge);
    let folder = tempfile::tempdir().unwrap();
    let load = |path: &std::path::Path| Trust::of_ca(&CaChoice::File { path: path.display().to_string() });
    assert_eq!(load(&folder.path().join("none.pem")).unwrap_err().code, ErrorCode::CaFileMissing);
    assert_eq!(load(folder.path()).unwrap_err().code, ErrorCode::CaFileUnreadable);
}

#[test]
fn what_is_no_ca_certificate_refuses_the_file_and_is_named() {
    let ca = pem(IsCa::Ca(BasicConstraints::Unconstrained));
    let fault = |more: &str| {
        let text = ca.clone() + more;
        Trust::of_ca(&CaChoice::Pem { name: "ca.pem".into(), text }).unwrap_err()
    };
    let leaf = fault(&pem(IsCa::ExplicitNoCa));
    assert_eq!(leaf.code, ErrorCode::CaFileNotACa);
    assert_eq!(leaf.detail, "Certificate 2 of 2 in the file (CN=rcgen self signed cert) is not a CA.");
    let key = fault(&KeyPair::generate().unwrap().serialize_pem());
    assert_eq!((key.code, key.field), (ErrorCode::CaFileHoldsKey, Some(Field::CaFile)));
    assert_eq!(key.detail, "Block 2 of 2 in the file is the key.");
    let list = fault("-----BEGIN DH PARAMETERS-----\nMAA=\n-----END DH PARAMETERS-----\n");
    assert_eq!(list.code, ErrorCode::CaFileHoldsOther);
    assert_eq!(list.detail, "Block 2 of 2 in the file is a block of the kind DH PARAMETERS.");
    let truststore =
        std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/client.p12")).unwrap();
    assert_eq!(ca_file::certificates(&truststore).unwrap_err().code, ErrorCode::CaFilePkcs12);
    assert_eq!(
        ca_file::certificates(&[0xFE, 0xED, 0xFE, 0xED, 0]).unwrap_err().code,
        ErrorCode::CaFileJavaKeystore
    );
}

#[test]
fn who_is_trusted_is_said_in_words() {
    let file = CaChoice::File { path: "ca\u{202E}.pem".into() };
    let only = TrustSettings { ca: file.clone(), ..TrustSettings::default() };
    assert_eq!(only.words(), "Only the CAs in ca⟨U+202E⟩.pem are trusted.");
    let all = TrustSettings {
        ca: file,
        system_too: true,
        pin: Some(Fingerprint::from_bytes([0; 32])),
        client_certificate: ClientCertificate::Pkcs12 { path: "client.p12".into() },
    };
    assert_eq!(
        all.words(),
        "The CAs in ca⟨U+202E⟩.pem and those that this computer trusts are trusted. The server's public key is \
         pinned on top of that. A client certificate is shown to a server that asks."
    );
    assert_eq!(TrustSettings::default().words(), "The CAs that this computer trusts are trusted.");
}
