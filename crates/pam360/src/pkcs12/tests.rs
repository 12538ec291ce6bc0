//! What a PKCS#12 file that does not open is said to be.

use p12_keystore::error::Error;
use rustls_pki_types::pem::PemObject;
use x509_parser::error::X509Error;
use x509_parser::nom;

use super::*;

const FIXTURE: &[u8] = include_bytes!("../../tests/fixtures/client.p12");
const NO_MAC: &[u8] = include_bytes!("../../tests/cases/07-client-p12-no-mac/client-no-mac.p12");

fn code(pfx: &[u8], passphrase: Option<&str>) -> (Option<Field>, ErrorCode) {
    let error = open(pfx, passphrase).err().unwrap();
    (error.field, error.code)
}

#[test]
fn a_passphrase_that_is_not_there_yet_is_told_from_a_wrong_one() {
    let field = Some(Field::ClientPassphrase);
    for file in [FIXTURE, NO_MAC] {
        assert_eq!(code(file, None), (field, ErrorCode::ClientPassphraseMissing));
        assert_eq!(code(file, Some("wrong")), (field, ErrorCode::ClientPassphraseWrong));
    }
    assert_eq!(open(FIXTURE, Some("correct-horse")).unwrap_or_else(|_| unreachable!()).remark, "");
    let opened = open(NO_MAC, Some("secret")).unwrap_or_else(|_| unreachable!());
    assert!(opened.remark.contains("no integrity check"), "{}", opened.remark);
    let wrong = open(NO_MAC, Some("wrong")).err().unwrap();
    assert!(wrong.detail.contains("no integrity check"), "{}", wrong.detail);
}

#[test]
fn a_file_as_firefox_exports_it_is_opened_and_its_mac_is_checked() {
    let firefox = include_bytes!("../../tests/fixtures/client-ber.p12");
    let opened = open(firefox, Some("secret")).unwrap_or_else(|error| panic!("{error:?}"));
    let own = CertificateDer::from_pem_slice(include_bytes!("../../tests/fixtures/client-ber.pem")).unwrap();
    assert_eq!((opened.certificates, opened.keys.len(), opened.remark.as_str()), (vec![own], 1, ""));
    assert_eq!(code(firefox, None), (Some(Field::ClientPassphrase), ErrorCode::ClientPassphraseMissing));
    assert_eq!(
        code(firefox, Some("wrong")),
        (Some(Field::ClientPassphrase), ErrorCode::ClientPassphraseWrong)
    );
}

#[test]
fn no_wrong_passphrase_for_a_file_without_mac_is_told_as_anything_else() {
    // Decrypting with a wrong key yields now and then what looks like a beginning.
    for number in 0..60 {
        let wrong = format!("wrong-{number}");
        assert_eq!(code(NO_MAC, Some(&wrong)).1, ErrorCode::ClientPassphraseWrong, "{wrong}");
    }
}

#[test]
fn whatever_the_library_says_of_a_file_is_a_sentence_for_people() {
    let damaged = Pkcs12Archive::from_pkcs12(b"0\x03\x02\x01\x03", "").err().unwrap();
    let wrong = Pkcs12Archive::from_pkcs12(FIXTURE, "wrong").err().unwrap();
    assert!(matches!(damaged, Error::DerError(_)) && matches!(wrong, Error::MacError(_)));
    let all = [
        damaged,
        wrong,
        Error::IoError(std::io::Error::other("{ it failed }")),
        Error::InvalidVersion,
        Error::UnsupportedContentType,
        Error::UnsupportedCertificateType,
        Error::X509Error(nom::Err::Error(X509Error::InvalidVersion)),
        Error::InvalidLength,
        Error::UnpadError,
        Error::InvalidParameters,
        Error::InvalidData,
        Error::UnsupportedEncryptionScheme,
        Error::UnsupportedMacAlgorithm,
        Error::Pkcs5Error("{ Pkcs5Error }".into()),
        Error::InvalidPrivateKey,
    ];
    for error in all {
        let words = words(&error);
        assert!(!words.contains(['{', '}']) && !words.contains("Error"), "{error:?}: {words}");
        assert!(words.contains(". Write it again: openssl pkcs12"), "{error:?}: {words}");
    }
}
