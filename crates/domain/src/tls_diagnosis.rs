//! What a server presented when its certificate was refused, and which part of it is at fault.
//!
//! Owns the words of a certificate as a person compares them. Every text in it came from the server and was made
//! visible and clipped where it was read. Refuses to own the verdict: that is the TLS library's.

use serde::{Deserialize, Serialize};

use crate::{ErrorCode, Fingerprint, Timestamp};

/// What stands in place of a fingerprint that [`TlsDiagnosis::shown_fingerprint`] withholds.
pub const FINGERPRINT_WITHHELD: &str = "not shown: ask the server's owner for it";

/// A handshake that failed at the server's certificates. The connection was given up; nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsDiagnosis {
    /// The gravest thing that is wrong.
    pub code: ErrorCode,
    /// The technical text behind it, and whatever else is wrong.
    pub detail: String,
    /// The certificate of [`Self::chain`] that is at fault, where it is one.
    pub at_fault: Option<usize>,
    /// The name or address that the certificate was asked to be for.
    pub asked_name: String,
    /// What was presented, in the server's order: its own certificate first.
    pub chain: Vec<PresentedCertificate>,
    /// How many more certificates were presented than are kept here.
    pub left_out: usize,
    /// When another public key is there than the pinned one.
    pub pin: Option<PinDifference>,
    /// The certificate of [`Self::chain`] that could be trusted as a CA: a valid CA, not the server's own certificate,
    /// and with it this very chain would be accepted for this very name. Only after its fingerprint was compared.
    pub candidate: Option<usize>,
    /// When another certificate was presented than the one exact certificate that the connection accepts.
    #[serde(default)]
    pub other_certificate: Option<PinDifference>,
    /// Whether the server's own certificate could be accepted as one exact certificate: it can be read, its dates are in
    /// order, nothing but its issuer or its names is wrong, and no presented CA could be trusted instead. Only after its
    /// fingerprint was typed.
    #[serde(default)]
    pub exact_candidate: bool,
}

impl TlsDiagnosis {
    /// Why the certificate at a place of [`Self::chain`] is marked, if it is. One that nobody here trusts yet is told apart
    /// from one that is wrong: the same screen may ask to trust it.
    #[must_use]
    pub fn mark(&self, index: usize) -> Option<CertificateMark> {
        let certificate = self.chain.get(index).filter(|_| self.at_fault == Some(index))?;
        Some(match self.code {
            ErrorCode::TlsUnknownIssuer | ErrorCode::TlsIncompleteChain | ErrorCode::TlsSelfSigned => {
                if certificate.self_signed {
                    CertificateMark::NotTrusted
                } else {
                    CertificateMark::IssuerNotTrusted
                }
            }
            _ => CertificateMark::Wrong,
        })
    }

    /// The fingerprint of a presented certificate as far as a person may see it. None for the server's own certificate and
    /// for the CA that could be trusted: whoever copies one of these compares the server with itself
    /// (docs/decisions/0009-one-exact-certificate.md). Decided by value, because a server can send one certificate twice.
    #[must_use]
    pub fn shown_fingerprint(&self, of: &PresentedCertificate) -> Option<Fingerprint> {
        let candidate = self.candidate.and_then(|it| self.chain.get(it));
        let mut withheld = self.chain.first().into_iter().chain(candidate);
        withheld.all(|it| it.sha256 != of.sha256).then_some(of.sha256)
    }
}

/// Why a presented certificate is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateMark {
    /// It may be right: this computer and this connection do not trust it.
    NotTrusted,
    /// It may be right: nobody here trusts the CA that issued it, and that CA was not presented.
    IssuerNotTrusted,
    /// The check fails because of what it is.
    Wrong,
}

impl CertificateMark {
    /// The words beside the certificate.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::NotTrusted => "not trusted here",
            Self::IssuerNotTrusted => "its issuer is not trusted here",
            Self::Wrong => "the check failed here",
        }
    }
}

/// The expected and the presented fingerprint: of public keys (SHA-256 of SubjectPublicKeyInfo) for a pin, of whole
/// certificates for one exact certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinDifference {
    /// The one that the connection names.
    pub expected: Fingerprint,
    /// The one that the server presented.
    pub presented: Fingerprint,
}

/// One certificate as presented. Parts of it are missing when it could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresentedCertificate {
    /// Distinguished name of whom it is about; says so when the certificate cannot be read.
    pub subject: String,
    /// Distinguished name of who signed it.
    pub issuer: String,
    /// Serial number, lower-case hexadecimal.
    pub serial: String,
    /// From when it is valid.
    pub not_before: Option<Timestamp>,
    /// Until when it is valid.
    pub not_after: Option<Timestamp>,
    /// Of the whole certificate.
    pub sha256: Fingerprint,
    /// Of its public key (SubjectPublicKeyInfo): what a pin holds.
    pub public_key_sha256: Option<Fingerprint>,
    /// Whether its basic constraints say CA.
    pub is_ca: bool,
    /// Whether it names itself as issuer and its own key signed it.
    pub self_signed: bool,
    /// The first names it is for.
    pub names: Vec<String>,
    /// How many names it is for.
    pub names_total: usize,
    /// Such as `ecdsa-with-SHA256`.
    pub signature_algorithm: String,
    /// Such as `RSA, 2048 bits`.
    pub key: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate(byte: u8) -> PresentedCertificate {
        PresentedCertificate {
            subject: String::new(),
            issuer: String::new(),
            serial: String::new(),
            not_before: None,
            not_after: None,
            sha256: Fingerprint::from_bytes([byte; 32]),
            public_key_sha256: None,
            is_ca: false,
            self_signed: false,
            names: Vec::new(),
            names_total: 0,
            signature_algorithm: String::new(),
            key: String::new(),
        }
    }

    fn diagnosis(chain: &[u8], candidate: Option<usize>) -> TlsDiagnosis {
        TlsDiagnosis {
            code: ErrorCode::TlsUnknownIssuer,
            detail: String::new(),
            at_fault: None,
            asked_name: String::new(),
            chain: chain.iter().map(|it| certificate(*it)).collect(),
            left_out: 0,
            pin: None,
            candidate,
            other_certificate: None,
            exact_candidate: false,
        }
    }

    #[test]
    fn a_certificate_that_is_only_not_trusted_is_not_called_wrong() {
        let mut diagnosis = TlsDiagnosis { at_fault: Some(1), ..diagnosis(&[1, 2], Some(1)) };
        assert_eq!(
            [0, 1, 2].map(|it| diagnosis.mark(it)),
            [None, Some(CertificateMark::IssuerNotTrusted), None]
        );
        diagnosis.chain[1].self_signed = true;
        assert_eq!(diagnosis.mark(1), Some(CertificateMark::NotTrusted));
        for code in [ErrorCode::TlsExpired, ErrorCode::TlsBadSignature, ErrorCode::TlsOtherCertificate] {
            assert_eq!(TlsDiagnosis { code, ..diagnosis.clone() }.mark(1), Some(CertificateMark::Wrong));
        }
    }

    /// Which of the presented certificates show their fingerprints.
    fn shown(chain: &[u8], candidate: Option<usize>) -> Vec<bool> {
        let diagnosis = diagnosis(chain, candidate);
        let of = |it| diagnosis.shown_fingerprint(it).is_some_and(|shown| shown == it.sha256);
        diagnosis.chain.iter().map(of).collect()
    }

    #[test]
    fn the_servers_own_fingerprint_and_that_of_an_offered_ca_are_withheld_each_time_they_are_sent() {
        // Also where nothing is offered, as for an expired certificate.
        assert_eq!(shown(&[1, 2, 3], None), [false, true, true]);
        assert_eq!(shown(&[1, 2, 3], Some(2)), [false, true, false]);
        assert_eq!(shown(&[1, 1, 2], None), [false, false, true], "its own certificate twice");
        assert_eq!(shown(&[1, 2, 3, 3], Some(2)), [false, true, false, false], "the CA twice");
        assert_eq!(shown(&[1, 2], Some(7)), [false, true], "a number that the chain does not have");
        assert_eq!(shown(&[], None), [false; 0]);
    }
}
