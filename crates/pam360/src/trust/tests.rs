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
        ErrorCode::CaFileNotPem
    );
    assert_eq!(code("-----BEGIN CERTIFICATE-----\n".into()), ErrorCode::CaFileNotPem);
    assert_eq!(code("x".repeat(1024 * 1024 + 1)), ErrorCode::CaFileTooLarge);
    let folder = tempfile::tempdir().unwrap();
    let load = |path: &std::path::Path| Trust::of_ca(&CaChoice::File { path: path.display().to_string() });
    assert_eq!(load(&folder.path().join("none.pem")).unwrap_err().code, ErrorCode::CaFileMissing);
    assert_eq!(load(folder.path()).unwrap_err().code, ErrorCode::CaFileUnreadable);
}
