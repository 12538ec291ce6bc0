//! Each error of a handshake has a code that keeps the request from leaving, and each alert one that says what to do.

use super::*;
use crate::tls_words::tests::every_error;

#[test]
fn no_error_of_a_handshake_lets_a_request_leave() {
    for error in every_error() {
        for client_asked in [false, true] {
            let code = code_of(&error, client_asked);
            assert_eq!(code.outcome(), Some(domain::Outcome::NotSent), "{error:?}");
            assert!(code.as_str().starts_with("tls-"), "{error:?}: {code}");
        }
    }
}

#[test]
fn each_alert_says_who_can_mend_it() {
    use AlertDescription as A;
    use ErrorCode as E;
    let expected = [
        (A::CloseNotify, E::TlsFailed, E::TlsFailed),
        (A::UnexpectedMessage, E::TlsProtocolViolation, E::TlsProtocolViolation),
        (A::BadRecordMac, E::TlsProtocolViolation, E::TlsProtocolViolation),
        (A::DecryptionFailed, E::TlsProtocolViolation, E::TlsProtocolViolation),
        (A::RecordOverflow, E::TlsProtocolViolation, E::TlsProtocolViolation),
        (A::DecompressionFailure, E::TlsProtocolViolation, E::TlsProtocolViolation),
        (A::HandshakeFailure, E::TlsProtocol, E::TlsClientCertificateWanted),
        (A::NoCertificate, E::TlsFailed, E::TlsClientCertificateWanted),
        (A::BadCertificate, E::TlsFailed, E::TlsClientCertificateWanted),
        (A::UnsupportedCertificate, E::TlsFailed, E::TlsClientCertificateWanted),
        (A::CertificateRevoked, E::TlsFailed, E::TlsClientCertificateWanted),
        (A::CertificateExpired, E::TlsFailed, E::TlsClientCertificateWanted),
        (A::CertificateUnknown, E::TlsFailed, E::TlsClientCertificateWanted),
        (A::IllegalParameter, E::TlsProtocolViolation, E::TlsProtocolViolation),
        (A::UnknownCA, E::TlsFailed, E::TlsClientCertificateWanted),
        (A::AccessDenied, E::TlsFailed, E::TlsClientCertificateWanted),
        (A::DecodeError, E::TlsProtocolViolation, E::TlsProtocolViolation),
        (A::DecryptError, E::TlsProtocolViolation, E::TlsClientCertificateWanted),
        (A::ExportRestriction, E::TlsProtocol, E::TlsProtocol),
        (A::ProtocolVersion, E::TlsVersionTooOld, E::TlsVersionTooOld),
        (A::InsufficientSecurity, E::TlsProtocol, E::TlsProtocol),
        (A::InternalError, E::TlsServerFault, E::TlsServerFault),
        (A::InappropriateFallback, E::TlsProtocolViolation, E::TlsProtocolViolation),
        (A::UserCanceled, E::TlsFailed, E::TlsFailed),
        (A::NoRenegotiation, E::TlsFailed, E::TlsFailed),
        (A::MissingExtension, E::TlsProtocolViolation, E::TlsProtocolViolation),
        (A::UnsupportedExtension, E::TlsProtocolViolation, E::TlsProtocolViolation),
        (A::CertificateUnobtainable, E::TlsFailed, E::TlsFailed),
        (A::UnrecognisedName, E::TlsUnrecognizedName, E::TlsUnrecognizedName),
        (A::BadCertificateStatusResponse, E::TlsFailed, E::TlsFailed),
        (A::BadCertificateHashValue, E::TlsFailed, E::TlsFailed),
        (A::UnknownPSKIdentity, E::TlsFailed, E::TlsFailed),
        (A::CertificateRequired, E::TlsClientCertificateWanted, E::TlsClientCertificateWanted),
        (A::NoApplicationProtocol, E::TlsNoHttp, E::TlsNoHttp),
        (A::EncryptedClientHelloRequired, E::TlsFailed, E::TlsFailed),
    ];
    for (alert, without, asked) in expected {
        assert_eq!(code_of_alert(alert, false), without, "{alert:?}");
        assert_eq!(code_of_alert(alert, true), asked, "{alert:?}, and the client was asked");
    }
    let known = (0..=255).filter(|it| !matches!(A::from(*it), A::Unknown(_))).count();
    assert_eq!(known, expected.len(), "an alert is missing above");
}

#[test]
fn a_connection_that_ends_without_a_word_of_tls_is_told_in_a_sentence() {
    let inside = io::Error::other(Error::AlertReceived(AlertDescription::CertificateRequired));
    assert_eq!(words_of(&inside), "the server ended the handshake with the alert certificate_required");
    assert_eq!(words_of(&io::Error::other("broken")), "broken");
    for kind in [io::ErrorKind::UnexpectedEof, io::ErrorKind::ConnectionReset, io::ErrorKind::Other] {
        let words = ended(&io::Error::new(kind, "tls handshake eof"));
        tls_words::tests::is_for_people(&words, &format!("{kind:?}"));
    }
}
