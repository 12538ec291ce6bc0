//! What an error of the TLS handshake means, as a code of its own.

use std::io;

use domain::{ErrorCode, clipped, visible};
use rustls::{AlertDescription, Error, InvalidMessage, PeerIncompatible};

use crate::connect::ConnectFailure;
use crate::diagnosis::{DETAIL, diagnose};
use crate::tls_words;
use crate::trust::Handshake;

/// The failure behind an error of a handshake, or of the first reading after it.
pub(crate) fn failure(error: &io::Error, handshake: &Handshake) -> ConnectFailure {
    let Some(tls) = inner(error) else {
        return ConnectFailure::new(ErrorCode::TlsFailed, ended(error));
    };
    let presented = handshake.recorder.presented();
    if let Some(diagnosed) = presented.and_then(|it| diagnose(&it, &handshake.recorder)) {
        let diagnosis = diagnosed.diagnosis();
        let (code, detail) = (diagnosis.code, diagnosis.detail.clone());
        return ConnectFailure { code, detail, diagnosis: Some(Box::new(diagnosed)) };
    }
    let code = code_of(tls, handshake.identity.asked());
    let mut detail = tls_words::sentence(tls);
    if code == ErrorCode::TlsClientCertificateWanted {
        let shown = handshake.identity.has_one();
        detail += if shown { " A client certificate was shown." } else { " No client certificate is set." };
    }
    ConnectFailure::new(code, detail)
}

/// What ended a connection without a word of TLS, as a sentence.
fn ended(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            "The server closed the connection during the TLS handshake.".to_owned()
        }
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => {
            "The connection was reset during the TLS handshake.".to_owned()
        }
        _ => {
            let says = clipped(&visible(&error.to_string()), DETAIL / 2);
            format!("The connection failed during the TLS handshake: {}.", says.trim_end_matches('.'))
        }
    }
}

/// What an error says, in words for people where it is the TLS library's.
pub(crate) fn words_of(error: &(dyn std::error::Error + 'static)) -> String {
    let tls = error.downcast_ref().or_else(|| error.downcast_ref::<io::Error>().and_then(inner));
    tls.map_or_else(|| error.to_string(), tls_words::clause)
}

/// The TLS library's error inside an I/O error, if there is one.
fn inner(error: &io::Error) -> Option<&Error> {
    error.get_ref().and_then(|inner| inner.downcast_ref::<Error>())
}

fn code_of(error: &Error, client_asked: bool) -> ErrorCode {
    match error {
        Error::AlertReceived(alert) => code_of_alert(*alert, client_asked),
        Error::InvalidMessage(InvalidMessage::InvalidContentType) => ErrorCode::TlsNotTls,
        Error::InvalidMessage(
            InvalidMessage::CertificatePayloadTooLarge | InvalidMessage::HandshakePayloadTooLarge,
        ) => ErrorCode::TlsTooLarge,
        Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        ) => ErrorCode::TlsVersionTooOld,
        Error::PeerIncompatible(_) => ErrorCode::TlsProtocol,
        Error::NoApplicationProtocol => ErrorCode::TlsNoHttp,
        Error::InappropriateMessage { .. }
        | Error::InappropriateHandshakeMessage { .. }
        | Error::InvalidMessage(_)
        | Error::PeerMisbehaved(_)
        | Error::PeerSentOversizedRecord
        | Error::DecryptError => ErrorCode::TlsProtocolViolation,
        // Without a chain there is nothing to diagnose.
        Error::InvalidCertificate(_) | Error::NoCertificatesPresented => ErrorCode::TlsBadCertificate,
        _ => ErrorCode::TlsFailed,
    }
}

/// What an alert means for the person who runs CSR Desk (RFC 8446, section 6).
fn code_of_alert(alert: AlertDescription, client_asked: bool) -> ErrorCode {
    use AlertDescription as A;
    match alert {
        A::CertificateRequired => ErrorCode::TlsClientCertificateWanted,
        _ if client_asked && about_client(alert) => ErrorCode::TlsClientCertificateWanted,
        A::ProtocolVersion => ErrorCode::TlsVersionTooOld,
        A::HandshakeFailure | A::InsufficientSecurity | A::ExportRestriction => ErrorCode::TlsProtocol,
        A::UnrecognisedName => ErrorCode::TlsUnrecognizedName,
        A::NoApplicationProtocol => ErrorCode::TlsNoHttp,
        A::InternalError => ErrorCode::TlsServerFault,
        // The server, or what stands before it, did not understand a message that CSR Desk sent in due form.
        A::UnexpectedMessage
        | A::BadRecordMac
        | A::DecryptionFailed
        | A::RecordOverflow
        | A::DecompressionFailure
        | A::IllegalParameter
        | A::DecodeError
        | A::DecryptError
        | A::InappropriateFallback
        | A::MissingExtension
        | A::UnsupportedExtension => ErrorCode::TlsProtocolViolation,
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

#[cfg(test)]
#[path = "tls_error/tests.rs"]
mod tests;
