//! All that the TLS libraries can say, in words. The libraries' enums may grow, so nothing
//! but these lists can name each variant; one that is added later is said by its own name, in words.

use std::sync::Arc;

use rustls::{CertRevocationListError, EncryptedClientHelloError, PeerMisbehaved};
use rustls::{ContentType, HandshakeType};
use rustls_pki_types::ServerName;

use super::*;

/// No notation of the library, one sentence, and something said.
pub(crate) fn is_for_people(words: &str, of: &str) {
    for sign in ["{", "}", "(\"", "Other", "OtherError", "::", "Context", "Unknown(", "[", "Some(", "None"] {
        assert!(!words.contains(sign), "{of}: {words}");
    }
    // Names of variants are CamelCase.
    let plain = words.replace("serverAuth", "").replace("KiB", "");
    let camel =
        plain.as_bytes().windows(2).any(|it| it[0].is_ascii_lowercase() && it[1].is_ascii_uppercase());
    assert!(!camel, "{of}: {words}");
    assert!(words.len() > 15 && words.ends_with('.') && !words.ends_with(".."), "{of}: {words}");
    assert!(!words.contains("  ") && words.starts_with(char::is_uppercase), "{of}: {words}");
}

/// Every variant of a library's error that has one.
pub(crate) fn every_error() -> Vec<Error> {
    let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(1_800_000_000));
    let mut all = vec![
        Error::InappropriateMessage {
            expect_types: vec![ContentType::Handshake],
            got_type: ContentType::ApplicationData,
        },
        Error::InappropriateHandshakeMessage {
            expect_types: vec![HandshakeType::ServerHello],
            got_type: HandshakeType::HelloRequest,
        },
        Error::NoCertificatesPresented,
        Error::UnsupportedNameType,
        Error::DecryptError,
        Error::EncryptError,
        Error::General("no { such } thing".into()),
        Error::FailedToGetCurrentTime,
        Error::FailedToGetRandomBytes,
        Error::HandshakeNotComplete,
        Error::PeerSentOversizedRecord,
        Error::NoApplicationProtocol,
        Error::BadMaxFragmentSize,
        Error::InconsistentKeys(InconsistentKeys::KeyMismatch),
        Error::InconsistentKeys(InconsistentKeys::Unknown),
        Error::Other(OtherError(Arc::new(std::io::Error::other("it failed")))),
        Error::Other(OtherError(Arc::new(webpki::Error::UnsupportedCriticalExtension))),
        Error::InvalidEncryptedClientHello(EncryptedClientHelloError::InvalidConfigList),
        Error::InvalidEncryptedClientHello(EncryptedClientHelloError::NoCompatibleConfig),
        Error::InvalidEncryptedClientHello(EncryptedClientHelloError::SniRequired),
    ];
    all.extend((0..=255).map(|it| Error::AlertReceived(AlertDescription::from(it))));
    all.extend(invalid_messages().into_iter().map(Error::InvalidMessage));
    all.extend(misbehaviours().into_iter().map(Error::PeerMisbehaved));
    all.extend(incompatibilities().into_iter().map(Error::PeerIncompatible));
    all.extend(list_errors().into_iter().map(Error::InvalidCertRevocationList));
    all.extend(certificate_errors(now).into_iter().map(Error::InvalidCertificate));
    all.extend(
        webpki_errors(now)
            .into_iter()
            .map(|it| Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(it))))),
    );
    all
}

fn invalid_messages() -> Vec<InvalidMessage> {
    use InvalidMessage as M;
    vec![
        M::CertificatePayloadTooLarge,
        M::HandshakePayloadTooLarge,
        M::InvalidCcs,
        M::InvalidContentType,
        M::InvalidCertificateStatusType,
        M::InvalidCertRequest,
        M::InvalidDhParams,
        M::InvalidEmptyPayload,
        M::InvalidKeyUpdate,
        M::InvalidServerName,
        M::MessageTooLarge,
        M::MessageTooShort,
        M::MissingData("ServerHello"),
        M::MissingKeyExchange,
        M::NoSignatureSchemes,
        M::TrailingData("ServerHello"),
        M::UnexpectedMessage("HelloRequest"),
        M::UnknownProtocolVersion,
        M::UnsupportedCompression,
        M::UnsupportedCurveType,
        M::EmptyTicketValue,
        M::IllegalEmptyList("names"),
        M::IllegalEmptyValue,
        M::DuplicateExtension(16),
        M::PreSharedKeyIsNotFinalExtension,
        M::UnknownHelloRetryRequestExtension,
        M::UnknownCertificateExtension,
    ]
}

fn incompatibilities() -> Vec<PeerIncompatible> {
    use PeerIncompatible as P;
    vec![
        P::EcPointsExtensionRequired,
        P::ExtendedMasterSecretExtensionRequired,
        P::IncorrectCertificateTypeExtension,
        P::KeyShareExtensionRequired,
        P::NamedGroupsExtensionRequired,
        P::NoCertificateRequestSignatureSchemesInCommon,
        P::NoCipherSuitesInCommon,
        P::NoEcPointFormatsInCommon,
        P::NoKxGroupsInCommon,
        P::NoSignatureSchemesInCommon,
        P::NullCompressionRequired,
        P::ServerDoesNotSupportTls12Or13,
        P::ServerSentHelloRetryRequestWithUnknownExtension,
        P::ServerTlsVersionIsDisabledByOurConfig,
        P::SignatureAlgorithmsExtensionRequired,
        P::SupportedVersionsExtensionRequired,
        P::Tls12NotOffered,
        P::Tls12NotOfferedOrEnabled,
        P::Tls13RequiredForQuic,
        P::UncompressedEcPointsRequired,
        P::UnsolicitedCertificateTypeExtension,
        P::ServerRejectedEncryptedClientHello(None),
    ]
}

fn misbehaviours() -> Vec<PeerMisbehaved> {
    use PeerMisbehaved as P;
    vec![
        P::AttemptedDowngradeToTls12WhenTls13IsSupported,
        P::BadCertChainExtensions,
        P::CipherSuiteDifferedOnRetry,
        P::DisallowedEncryptedExtension,
        P::DuplicateClientHelloExtensions,
        P::DuplicateEncryptedExtensions,
        P::DuplicateHelloRetryRequestExtensions,
        P::DuplicateNewSessionTicketExtensions,
        P::DuplicateServerHelloExtensions,
        P::DuplicateServerNameTypes,
        P::EarlyDataAttemptedInSecondClientHello,
        P::EarlyDataExtensionWithoutResumption,
        P::EarlyDataOfferedWithVariedCipherSuite,
        P::EchAcceptanceVariedAfterRetry,
        P::HandshakeHashVariedAfterRetry,
        P::IllegalHelloRetryRequestWithEmptyCookie,
        P::IllegalHelloRetryRequestWithNoChanges,
        P::IllegalHelloRetryRequestWithOfferedGroup,
        P::IllegalHelloRetryRequestWithUnofferedCipherSuite,
        P::IllegalHelloRetryRequestWithUnofferedNamedGroup,
        P::IllegalHelloRetryRequestWithUnsupportedVersion,
        P::IllegalHelloRetryRequestWithWrongSessionId,
        P::IllegalHelloRetryRequestWithInvalidEch,
        P::IllegalMiddleboxChangeCipherSpec,
        P::IllegalTlsInnerPlaintext,
        P::IncorrectBinder,
        P::InvalidCertCompression,
        P::InvalidMaxEarlyDataSize,
        P::InvalidKeyShare,
        P::KeyEpochWithPendingFragment,
        P::KeyUpdateReceivedInQuicConnection,
        P::MessageInterleavedWithHandshakeMessage,
        P::MissingBinderInPskExtension,
        P::MissingKeyShare,
        P::MissingPskExtensionInSecondClientHello,
        P::MissingPskModesExtension,
        P::MissingQuicTransportParameters,
        P::OfferedDuplicateCertificateCompressions,
        P::OfferedDuplicateKeyShares,
        P::OfferedEarlyDataWithOldProtocolVersion,
        P::OfferedEmptyApplicationProtocol,
        P::OfferedIncorrectCompressions,
        P::PskExtensionMustBeLast,
        P::PskExtensionWithMismatchedIdsAndBinders,
        P::RefusedToFollowHelloRetryRequest,
        P::RejectedEarlyDataInterleavedWithHandshakeMessage,
        P::ResumptionAttemptedWithVariedEms,
        P::ResumptionOfferedWithVariedCipherSuite,
        P::ResumptionOfferedWithVariedEms,
        P::ResumptionOfferedWithIncompatibleCipherSuite,
        P::SelectedDifferentCipherSuiteAfterRetry,
        P::SelectedInvalidPsk,
        P::SelectedTls12UsingTls13VersionExtension,
        P::SelectedUnofferedApplicationProtocol,
        P::SelectedUnofferedCertCompression,
        P::SelectedUnofferedCipherSuite,
        P::SelectedUnofferedCompression,
        P::SelectedUnofferedKxGroup,
        P::SelectedUnofferedPsk,
        P::SelectedUnusableCipherSuiteForVersion,
        P::ServerEchoedCompatibilitySessionId,
        P::ServerHelloMustOfferUncompressedEcPoints,
        P::ServerNameDifferedOnRetry,
        P::ServerNameMustContainOneHostName,
        P::SignedKxWithWrongAlgorithm,
        P::SignedHandshakeWithUnadvertisedSigScheme,
        P::TooManyEmptyFragments,
        P::TooManyKeyUpdateRequests,
        P::TooManyRenegotiationRequests,
        P::TooManyWarningAlertsReceived,
        P::TooMuchEarlyDataReceived,
        P::UnexpectedCleartextExtension,
        P::UnsolicitedCertExtension,
        P::UnsolicitedEncryptedExtension,
        P::UnsolicitedSctList,
        P::UnsolicitedServerHelloExtension,
        P::WrongGroupForKeyShare,
        P::UnsolicitedEchExtension,
    ]
}

fn list_errors() -> Vec<CertRevocationListError> {
    use CertRevocationListError as L;
    vec![
        L::BadSignature,
        L::UnsupportedSignatureAlgorithmContext {
            signature_algorithm_id: vec![0x2A, 3],
            supported_algorithms: Vec::new(),
        },
        L::UnsupportedSignatureAlgorithmForPublicKeyContext {
            signature_algorithm_id: vec![0x2A, 3],
            public_key_algorithm_id: vec![0x2A, 4],
        },
        L::InvalidCrlNumber,
        L::InvalidRevokedCertSerialNumber,
        L::IssuerInvalidForCrl,
        L::Other(OtherError(Arc::new(webpki::Error::BadDer))),
        L::ParseError,
        L::UnsupportedCrlVersion,
        L::UnsupportedCriticalExtension,
        L::UnsupportedDeltaCrl,
        L::UnsupportedIndirectCrl,
        L::UnsupportedRevocationReason,
    ]
}

fn certificate_errors(time: UnixTime) -> Vec<CertificateError> {
    use CertificateError as C;
    let name = || ServerName::try_from("example.test").unwrap();
    #[allow(deprecated, reason = "the library may still say it")]
    let deprecated = C::UnsupportedSignatureAlgorithm;
    vec![
        deprecated,
        C::BadEncoding,
        C::Expired,
        C::ExpiredContext { time, not_after: time },
        C::NotValidYet,
        C::NotValidYetContext { time, not_before: time },
        C::Revoked,
        C::UnhandledCriticalExtension,
        C::UnknownIssuer,
        C::UnknownRevocationStatus,
        C::ExpiredRevocationList,
        C::ExpiredRevocationListContext { time, next_update: time },
        C::BadSignature,
        C::UnsupportedSignatureAlgorithmContext {
            signature_algorithm_id: vec![0x2A, 3],
            supported_algorithms: Vec::new(),
        },
        C::UnsupportedSignatureAlgorithmForPublicKeyContext {
            signature_algorithm_id: vec![0x2A, 3],
            public_key_algorithm_id: vec![0x2A, 4],
        },
        C::NotValidForName,
        C::NotValidForNameContext { expected: name(), presented: vec!["DnsName(\"a\")".into()] },
        C::InvalidPurpose,
        C::InvalidPurposeContext { required: rustls::ExtendedKeyPurpose::ServerAuth, presented: Vec::new() },
        C::InvalidOcspResponse,
        C::ApplicationVerificationFailure,
        C::Other(OtherError(Arc::new(std::io::Error::other("the system's verifier says no.")))),
    ]
}

/// All of webpki's errors but those whose parts only webpki can make, which rustls turns into its own.
fn webpki_errors(time: UnixTime) -> Vec<webpki::Error> {
    use webpki::Error as W;
    vec![
        W::BadDer,
        W::BadDerTime,
        W::CaUsedAsEndEntity,
        W::CertDistrusted,
        W::CertExpired { time, not_after: time },
        W::CertNotValidYet { time, not_before: time },
        W::CertRevoked,
        W::CrlExpired { time, next_update: time },
        W::EmptyEkuExtension,
        W::EndEntityUsedAsCa,
        W::ExtensionValueInvalid,
        W::InvalidCertValidity,
        W::InvalidCrlNumber,
        W::InvalidNetworkMaskConstraint,
        W::InvalidSerialNumber,
        W::InvalidCrlSignatureForPublicKey,
        W::InvalidSignatureForPublicKey,
        W::IssuerNotCrlSigner,
        W::MalformedDnsIdentifier,
        W::MalformedExtensions,
        W::MalformedNameConstraint,
        W::MaximumNameConstraintComparisonsExceeded,
        W::MaximumPathBuildCallsExceeded,
        W::MaximumPathDepthExceeded,
        W::MaximumSignatureChecksExceeded,
        W::NameConstraintViolation,
        W::PathLenConstraintViolated,
        W::SignatureAlgorithmMismatch,
        W::TrailingData(webpki::DerTypeId::Certificate),
        W::UnknownIssuer,
        W::UnknownRevocationStatus,
        W::UnsupportedCertVersion,
        W::UnsupportedCriticalExtension,
        W::UnsupportedCrlIssuingDistributionPoint,
        W::UnsupportedCrlVersion,
        W::UnsupportedDeltaCrl,
        W::UnsupportedIndirectCrl,
        W::UnsupportedNameType,
        W::UnsupportedRevocationReason,
        W::UnsupportedRevocationReasonsPartitioning,
    ]
}

#[test]
fn whatever_the_tls_library_says_is_a_sentence_for_people() {
    let all = every_error();
    assert!(all.len() > 450, "{}", all.len());
    for error in all {
        is_for_people(&sentence(&error), &format!("{error:?}"));
    }
}

#[test]
fn a_name_of_the_library_becomes_words() {
    let misbehaved = |it| sentence(&Error::PeerMisbehaved(it));
    assert_eq!(
        misbehaved(PeerMisbehaved::SelectedUnofferedPsk),
        "The server broke a rule of TLS: selected unoffered PSK."
    );
    let alert = |it| sentence(&Error::AlertReceived(it));
    assert_eq!(
        alert(AlertDescription::UnrecognisedName),
        "The server ended the handshake with the alert unrecognized_name."
    );
    assert_eq!(
        alert(AlertDescription::BadRecordMac),
        "The server ended the handshake with the alert bad_record_mac."
    );
    assert_eq!(
        alert(AlertDescription::from(200)),
        "The server ended the handshake with the alert number 200."
    );
    assert_eq!(
        sentence(&Error::InvalidMessage(InvalidMessage::MissingData("ServerHello"))),
        "A message of the server is malformed: missing data."
    );
}
