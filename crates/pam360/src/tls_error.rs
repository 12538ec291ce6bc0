//! What an error of the TLS handshake means, as a code of its own.

use std::io;

use domain::{ErrorCode, clipped, visible};
use rustls::{AlertDescription, Error, InvalidMessage, PeerIncompatible};

use crate::connect::ConnectFailure;
use crate::diagnosis::{DETAIL, diagnose};
use crate::trust::Handshake;

/// The failure behind an error of a handshake, or of the first reading after it.
pub(crate) fn failure(error: &io::Error, handshake: &Handshake) -> ConnectFailure {
    let Some(tls) = inner(error) else {
        let detail = format!("the connection ended during the TLS handshake: {error}");
        return ConnectFailure::new(ErrorCode::TlsFailed, detail);
    };
    let presented = handshake.recorder.presented();
    if let Some(diagnosed) = presented.and_then(|it| diagnose(&it, &handshake.recorder)) {
        let diagnosis = diagnosed.diagnosis();
        let (code, detail) = (diagnosis.code, diagnosis.detail.clone());
        return ConnectFailure { code, detail, diagnosis: Some(Box::new(diagnosed)) };
    }
    let code = code_of(tls, handshake.identity.asked());
    let mut detail = clipped(&visible(&tls.to_string()), DETAIL);
    if code == ErrorCode::TlsClientCertificateWanted {
        detail += if handshake.identity.has_one() { "; one was shown" } else { "; none is set" };
    }
    ConnectFailure::new(code, detail)
}

/// The TLS library's error inside an I/O error, if there is one.
fn inner(error: &io::Error) -> Option<&Error> {
    error.get_ref().and_then(|inner| inner.downcast_ref::<Error>())
}

fn code_of(error: &Error, client_asked: bool) -> ErrorCode {
    match error {
        Error::InvalidMessage(InvalidMessage::InvalidContentType) => ErrorCode::TlsNotTls,
        Error::InvalidMessage(
            InvalidMessage::CertificatePayloadTooLarge | InvalidMessage::HandshakePayloadTooLarge,
        ) => ErrorCode::TlsTooLarge,
        Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        )
        | Error::AlertReceived(AlertDescription::ProtocolVersion) => ErrorCode::TlsVersionTooOld,
        Error::AlertReceived(AlertDescription::CertificateRequired) => ErrorCode::TlsClientCertificateWanted,
        Error::AlertReceived(alert) if client_asked && about_client(*alert) => {
            ErrorCode::TlsClientCertificateWanted
        }
        Error::PeerIncompatible(_) | Error::AlertReceived(AlertDescription::HandshakeFailure) => {
            ErrorCode::TlsProtocol
        }
        // Without a chain there is nothing to diagnose.
        Error::InvalidCertificate(_) | Error::NoCertificatesPresented => ErrorCode::TlsBadCertificate,
        _ => ErrorCode::TlsFailed,
    }
}

/// Alerts that a server sends when it is not content with the client's certificate (RFC 8446, section 6.2; RFC 5246,
/// section 7.2.2: without one, TLS 1.2 says handshake failure).
fn about_client(alert: AlertDescription) -> bool {
    matches!(
        alert,
        AlertDescription::HandshakeFailure
            | AlertDescription::NoCertificate
            | AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied
            | AlertDescription::DecryptError
    )
}
