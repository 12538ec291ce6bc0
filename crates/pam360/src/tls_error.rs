//! Which check of the server's certificate failed, as a code of its own.

use std::io;

use domain::ErrorCode;
use rustls::{AlertDescription, CertificateError, Error, InvalidMessage, OtherError};

/// The code for an error of the TLS handshake, and the technical text behind it.
pub(crate) fn code_of(error: &io::Error) -> (ErrorCode, String) {
    let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) else {
        return (ErrorCode::TlsFailed, format!("the connection ended during the TLS handshake: {error}"));
    };
    let code = match tls {
        Error::InvalidCertificate(certificate) => certificate_code(certificate),
        Error::InvalidMessage(InvalidMessage::InvalidContentType) => ErrorCode::TlsNotTls,
        Error::PeerIncompatible(_)
        | Error::AlertReceived(AlertDescription::ProtocolVersion | AlertDescription::HandshakeFailure) => {
            ErrorCode::TlsProtocol
        }
        _ => ErrorCode::TlsFailed,
    };
    (code, tls.to_string())
}

fn certificate_code(error: &CertificateError) -> ErrorCode {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => ErrorCode::TlsExpired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            ErrorCode::TlsNotYetValid
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            ErrorCode::TlsNameMismatch
        }
        CertificateError::UnknownIssuer => ErrorCode::TlsUnknownIssuer,
        CertificateError::Other(OtherError(inner))
            if matches!(inner.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity)) =>
        {
            ErrorCode::TlsCaAsServer
        }
        _ => ErrorCode::TlsBadCertificate,
    }
}
