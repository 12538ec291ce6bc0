//! What a server presented when its certificate was refused, and which part of it is at fault.
//!
//! Owns the words of a certificate as a person compares them. Every text in it came from the server and was made
//! visible and clipped where it was read. Refuses to own the verdict: that is the TLS library's.

use serde::{Deserialize, Serialize};

use crate::{ErrorCode, Fingerprint, Timestamp};

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

/// The expected and the presented fingerprint, side by side: of public keys (SHA-256 of SubjectPublicKeyInfo) for a pin,
/// of whole certificates for one exact certificate.
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
