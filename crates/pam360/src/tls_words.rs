//! The TLS library's errors in words: each a clause that people read, none with the library's own notation in it.
//!
//! Most variants are named after what happened, so the name itself, split into words, is what is said of one that a
//! later version of the library adds.

use std::fmt::Debug;

use domain::{Timestamp, clipped, visible};
use rustls::{
    AlertDescription, CertificateError, Error, InconsistentKeys, InvalidMessage, OtherError, PeerIncompatible,
};
use rustls_pki_types::UnixTime;

/// How much of a text of unknown origin is shown, in characters.
const FOREIGN: usize = 300;

/// The error as a whole sentence.
pub(crate) fn sentence(error: &Error) -> String {
    as_sentence(&clause(error))
}

/// A clause as a whole sentence.
pub(crate) fn as_sentence(clause: &str) -> String {
    let mut characters = clause.chars();
    let first = characters.next().into_iter().flat_map(char::to_uppercase);
    let end = if clause.ends_with('.') { "" } else { "." };
    first.chain(characters).chain(end.chars()).collect()
}

/// The error as a clause, without a capital at its beginning and a full stop at its end.
pub(crate) fn clause(error: &Error) -> String {
    match error {
        Error::InappropriateMessage { got_type, .. } => {
            format!("the server sent a message at the wrong time: {}", named(got_type))
        }
        Error::InappropriateHandshakeMessage { got_type, .. } => {
            format!("the server sent a handshake message at the wrong time: {}", named(got_type))
        }
        Error::InvalidMessage(why) => message(*why),
        Error::NoCertificatesPresented => "the server presented no certificate".to_owned(),
        Error::UnsupportedNameType => "certificates are not verified for this kind of name".to_owned(),
        Error::DecryptError => "what the server sent cannot be decrypted".to_owned(),
        Error::EncryptError => "a message could not be encrypted".to_owned(),
        Error::PeerIncompatible(why) => incompatible(why),
        Error::PeerMisbehaved(why) => format!("the server broke a rule of TLS: {}", named(why)),
        Error::AlertReceived(alert) => {
            format!("the server ended the handshake with the alert {}", alert_name(*alert))
        }
        Error::InvalidCertificate(why) => certificate(why),
        Error::InvalidCertRevocationList(why) => {
            format!("a certificate revocation list cannot be used: {}", named(why))
        }
        Error::InvalidEncryptedClientHello(why) => {
            format!("an encrypted client hello is not possible: {}", named(why))
        }
        Error::General(text) => format!("the TLS library reports: {}", foreign(text)),
        Error::FailedToGetCurrentTime => "this computer's clock cannot be read".to_owned(),
        Error::FailedToGetRandomBytes => "this computer gives no random numbers".to_owned(),
        Error::HandshakeNotComplete => "the TLS handshake is not complete".to_owned(),
        Error::PeerSentOversizedRecord => "the server sent a larger TLS record than TLS allows".to_owned(),
        Error::NoApplicationProtocol => {
            "the server offers neither HTTP/1.1 nor HTTP/2 on this port".to_owned()
        }
        Error::BadMaxFragmentSize => "the size of TLS fragments is out of range".to_owned(),
        Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
            "the key belongs to another certificate".to_owned()
        }
        Error::InconsistentKeys(_) => "the key's public part cannot be found out".to_owned(),
        Error::Other(OtherError(inner)) => inner.downcast_ref().map_or_else(
            || format!("the TLS library reports: {}", foreign(&inner.to_string())),
            webpki_clause,
        ),
        other => format!("the TLS library reports: {}", named(other)),
    }
}

/// Why a certificate is refused, as a clause.
pub(crate) fn certificate(error: &CertificateError) -> String {
    use CertificateError as E;
    match error {
        E::BadEncoding => "the certificate does not follow the form of X.509 certificates (DER)".to_owned(),
        E::Expired => "a certificate has expired, or ends before it begins".to_owned(),
        E::ExpiredContext { not_after, .. } => format!("a certificate expired on {}", date(*not_after)),
        E::NotValidYet => "a certificate is not valid yet".to_owned(),
        E::NotValidYetContext { not_before, .. } => {
            format!("a certificate is not valid before {}", date(*not_before))
        }
        E::Revoked => "a certificate was revoked by its CA".to_owned(),
        E::UnhandledCriticalExtension => webpki_clause(&webpki::Error::UnsupportedCriticalExtension),
        E::UnknownIssuer => "the issuer is not trusted here".to_owned(),
        E::UnknownRevocationStatus => "whether a certificate was revoked cannot be found out".to_owned(),
        E::ExpiredRevocationList | E::ExpiredRevocationListContext { .. } => {
            "the list of revoked certificates has expired".to_owned()
        }
        E::BadSignature => "a signature was not made by the key of the issuer that is named".to_owned(),
        E::UnsupportedSignatureAlgorithmContext { signature_algorithm_id, .. }
        | E::UnsupportedSignatureAlgorithmForPublicKeyContext { signature_algorithm_id, .. } => {
            format!("a signature has an algorithm that is not supported: {}", oid(signature_algorithm_id))
        }
        E::NotValidForName | E::NotValidForNameContext { .. } => {
            "the certificate is for other names than the one in the address".to_owned()
        }
        E::InvalidPurpose | E::InvalidPurposeContext { .. } => {
            "the extended key usage of a certificate does not include servers (serverAuth)".to_owned()
        }
        E::InvalidOcspResponse => "the revocation answer that the server sent (OCSP) is invalid".to_owned(),
        E::ApplicationVerificationFailure => {
            "the certificate was rejected by a rule of this computer".to_owned()
        }
        E::Other(OtherError(inner)) => inner.downcast_ref().map_or_else(
            || format!("this computer's verifier reports: {}", foreign(&inner.to_string())),
            webpki_clause,
        ),
        // UnsupportedSignatureAlgorithm is deprecated, so it cannot be named without a warning.
        other => format!("a certificate cannot be accepted: {}", named(other)),
    }
}

/// Why webpki refuses a certificate, as a clause.
pub(crate) fn webpki_clause(error: &webpki::Error) -> String {
    use webpki::Error as E;
    let words = match error {
        E::BadDer | E::TrailingData(_) => "a certificate is not encoded as DER",
        E::BadDerTime => "a date in a certificate is not encoded as X.509 asks for",
        E::CaUsedAsEndEntity => "the server's certificate is marked as a CA",
        E::CertDistrusted => "a certificate's public key is explicitly distrusted",
        E::CertExpired { .. } => "a certificate has expired",
        E::CertNotValidForName(_) => "the certificate is for other names than the one in the address",
        E::CertNotValidYet { .. } => "a certificate is not valid yet",
        E::CertRevoked => "a certificate was revoked by its CA",
        E::CrlExpired { .. } => "the list of revoked certificates has expired",
        E::EmptyEkuExtension => "the extended key usage of a certificate is empty",
        E::EndEntityUsedAsCa => "a certificate that is not a CA issued another one",
        E::ExtensionValueInvalid => "an extension of a certificate has an invalid value, or is there twice",
        E::InvalidCertValidity => "a certificate ends before it begins",
        E::InvalidNetworkMaskConstraint => "a name constraint of a CA has an invalid network mask",
        E::InvalidSerialNumber => "a certificate's serial number is negative, too long or misencoded",
        E::InvalidSignatureForPublicKey => "a signature was not made by the key of the issuer that is named",
        E::MalformedDnsIdentifier => "a certificate has a DNS name that is not a DNS name",
        E::MalformedExtensions => "the extensions of a certificate are malformed",
        E::MalformedNameConstraint => "a name constraint of a CA is malformed",
        E::MaximumNameConstraintComparisonsExceeded => {
            "the chain has too many names and name constraints to compare"
        }
        E::MaximumPathBuildCallsExceeded | E::MaximumSignatureChecksExceeded => {
            "the chain has too many possible paths to try"
        }
        E::MaximumPathDepthExceeded => "the chain is too long",
        E::NameConstraintViolation => {
            "a CA of the chain is not allowed to issue for this name (name constraints)"
        }
        E::PathLenConstraintViolated => {
            "there are more CAs below one of the chain than it allows (path length)"
        }
        E::RequiredEkuNotFoundContext(_) => {
            "the extended key usage of a certificate does not include servers (serverAuth)"
        }
        E::SignatureAlgorithmMismatch => "a certificate names two different signature algorithms",
        E::UnknownIssuer => "the issuer is not trusted here",
        E::UnknownRevocationStatus => "whether a certificate was revoked cannot be found out",
        E::UnsupportedCertVersion => "a certificate is not of X.509 version 3",
        E::UnsupportedCriticalExtension => "a certificate has a critical extension that is not supported",
        E::UnsupportedNameType => "certificates are not verified for this kind of name",
        E::UnsupportedSignatureAlgorithmContext(_)
        | E::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => {
            "a signature has an algorithm that is not supported"
        }
        other => return format!("a certificate cannot be accepted: {}", named(other)),
    };
    words.to_owned()
}

fn message(error: InvalidMessage) -> String {
    let words = match error {
        InvalidMessage::InvalidContentType => "what the server sent is not TLS",
        InvalidMessage::CertificatePayloadTooLarge | InvalidMessage::HandshakePayloadTooLarge => {
            "the server's certificates are larger than 64 KiB"
        }
        InvalidMessage::MessageTooLarge => "the server sent a larger TLS record than TLS allows",
        InvalidMessage::UnknownProtocolVersion => "the server sent an unknown version of TLS",
        other => return format!("a message of the server is malformed: {}", named(&other)),
    };
    words.to_owned()
}

fn incompatible(error: &PeerIncompatible) -> String {
    let words = match error {
        PeerIncompatible::ServerDoesNotSupportTls12Or13
        | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig => {
            "the server speaks neither TLS 1.2 nor TLS 1.3"
        }
        PeerIncompatible::NoCertificateRequestSignatureSchemesInCommon => {
            "the server asked for a client certificate with no signature algorithm that is supported here"
        }
        other => return format!("the server and CSR Desk have too little in common: {}", named(other)),
    };
    words.to_owned()
}

/// An alert by its name in RFC 8446, section 6, or by its number.
fn alert_name(alert: AlertDescription) -> String {
    match alert {
        AlertDescription::UnknownCA => "unknown_ca".to_owned(),
        AlertDescription::UnrecognisedName => "unrecognized_name".to_owned(),
        AlertDescription::UnknownPSKIdentity => "unknown_psk_identity".to_owned(),
        AlertDescription::EncryptedClientHelloRequired => "ech_required".to_owned(),
        AlertDescription::Unknown(number) => format!("number {number}"),
        other => named(&other).replace(' ', "_"),
    }
}

/// What the library calls a variant, as words: `SelectedUnofferedPsk` becomes "selected unoffered PSK". Nothing of its
/// fields is in them.
fn named(variant: &impl Debug) -> String {
    let written = format!("{variant:?}");
    let name: String = written.chars().take_while(|it| it.is_ascii_alphanumeric() || *it == '_').collect();
    let mut words: Vec<String> = Vec::new();
    let mut previous_is_capital = true;
    for c in name.chars().take(FOREIGN) {
        if (c.is_ascii_uppercase() && !previous_is_capital) || words.is_empty() {
            words.push(String::new());
        }
        previous_is_capital = c.is_ascii_uppercase();
        if let Some(word) = words.last_mut() {
            word.push(c.to_ascii_lowercase());
        }
    }
    let word = |it: String| match it.as_str() {
        "tls12" => "TLS 1.2".to_owned(),
        "tls13" => "TLS 1.3".to_owned(),
        "cert" => "certificate".to_owned(),
        "kx" => "key exchange".to_owned(),
        "psk" | "ec" | "ech" | "sct" | "dh" | "ems" | "ccs" | "quic" | "crl" => it.to_ascii_uppercase(),
        _ => it,
    };
    words.into_iter().map(word).collect::<Vec<_>>().join(" ")
}

/// A text of another library, without the notation of one that was not made for people.
fn foreign(text: &str) -> String {
    let plain: String = text.chars().map(|c| if matches!(c, '{' | '}') { ' ' } else { c }).collect();
    let words: Vec<_> = plain.split_whitespace().collect();
    clipped(&visible(words.join(" ").trim_end_matches('.')), FOREIGN)
}

fn oid(value: &[u8]) -> String {
    x509_parser::asn1_rs::Oid::new(value.into()).to_id_string()
}

fn date(moment: UnixTime) -> String {
    let millis = i64::try_from(moment.as_secs()).unwrap_or(i64::MAX).saturating_mul(1_000);
    Timestamp::from_millis(millis).date_time()
}

#[cfg(test)]
#[path = "tls_words/tests.rs"]
pub(crate) mod tests;
