//! Writing certificates. Owns the DER of a certificate and the rule which extensions it carries; who may be signed, by
//! whom and for how long is decided by the caller. Issuers are always EC P-256, so the signature algorithm is fixed.

use rcgen::{KeyPair, PublicKeyData as _, SigningKey as _};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;

use super::csr::Copied;
use super::der::{self, oid};
use super::key::PublicKey;
use super::serial::Serial;

/// keyUsage bits, bit 0 first (RFC 5280, 4.2.1.3).
pub(crate) const DIGITAL_SIGNATURE: u16 = 1;
pub(crate) const KEY_ENCIPHERMENT: u16 = 1 << 2;
pub(crate) const CA_USAGES: u16 = 1 << 5 | 1 << 6; // keyCertSign, cRLSign

/// Everything that goes into a certificate, apart from the signature.
pub(crate) struct Plan<'a> {
    pub(crate) serial: &'a Serial,
    pub(crate) subject: &'a [u8],
    pub(crate) spki: &'a [u8],
    pub(crate) issuer: &'a [u8],
    pub(crate) issuer_spki: &'a [u8],
    pub(crate) not_before: OffsetDateTime,
    /// The last second in which the certificate is valid.
    pub(crate) not_after: OffsetDateTime,
    pub(crate) ca: bool,
    /// keyUsage bits; left out of the certificate when zero.
    pub(crate) key_usage: u16,
    pub(crate) extended_key_usage: Option<&'a Copied>,
    pub(crate) alternative_names: Option<&'a Copied>,
}

/// Signs the plan with the issuer's key and returns the certificate's DER.
pub(crate) fn sign(plan: &Plan<'_>, issuer_key: &KeyPair) -> Result<Vec<u8>, String> {
    let algorithm = der::sequence(&[oid::ECDSA_WITH_SHA256]);
    let body = der::sequence(&[
        &der::element(0xa0, &der::unsigned(&[2])), // version 3
        &der::unsigned(plan.serial.bytes()),
        &algorithm,
        plan.issuer,
        &der::sequence(&[&der::time(plan.not_before), &der::time(plan.not_after)]),
        plan.subject,
        plan.spki,
        &der::element(0xa3, &der::element(der::SEQUENCE, &extensions(plan)?)),
    ]);
    let signature = issuer_key.sign(&body).map_err(|error| format!("signing failed: {error}"))?;
    Ok(der::sequence(&[&body, &algorithm, &der::bits(&signature)]))
}

fn extensions(plan: &Plan<'_>) -> Result<Vec<u8>, String> {
    // DER leaves a false BOOLEAN out: "not a CA" is the empty sequence.
    let constraints = if plan.ca { der::sequence(&[&der::boolean_true()]) } else { der::sequence(&[]) };
    let mut out = extension(oid::BASIC_CONSTRAINTS, true, &constraints);
    if plan.key_usage != 0 {
        out.extend(extension(oid::KEY_USAGE, true, &der::named_bits(plan.key_usage)));
    }
    if let Some(usage) = plan.extended_key_usage {
        out.extend(extension(oid::EXTENDED_KEY_USAGE, usage.critical, &usage.value));
    }
    if let Some(names) = plan.alternative_names {
        // With an empty subject the names must be critical (RFC 5280, 4.2.1.6).
        let critical = names.critical || der::content(plan.subject).is_some_and(<[u8]>::is_empty);
        out.extend(extension(oid::SUBJECT_ALT_NAME, critical, &names.value));
    }
    out.extend(extension(oid::SUBJECT_KEY_ID, false, &der::octets(&key_id(plan.spki)?)));
    let authority = der::sequence(&[&der::element(0x80, &key_id(plan.issuer_spki)?)]);
    out.extend(extension(oid::AUTHORITY_KEY_ID, false, &authority));
    Ok(out)
}

fn extension(oid: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let flag = if critical { der::boolean_true() } else { Vec::new() };
    der::sequence(&[oid, &flag, &der::octets(value)])
}

/// The leftmost 160 bits of SHA-256 over the key's BIT STRING (RFC 7093, method 1).
fn key_id(spki: &[u8]) -> Result<Vec<u8>, String> {
    let key = PublicKey::read(spki).map_err(|error| format!("public key: {error}"))?;
    Ok(Sha256::digest(key.bits)[..20].to_vec())
}

/// The DER of a key pair's SubjectPublicKeyInfo.
pub(crate) fn spki_of(key: &KeyPair) -> Vec<u8> {
    key.subject_public_key_info()
}

/// The bytes of an issuer certificate that its children repeat: subject Name and SubjectPublicKeyInfo.
pub(crate) fn name_and_key(certificate: &[u8]) -> Result<(Vec<u8>, Vec<u8>), String> {
    let (_, parsed) = X509Certificate::from_der(certificate)
        .map_err(|error| format!("not a readable certificate: {error}"))?;
    Ok((parsed.subject().as_raw().to_vec(), parsed.public_key().raw.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_self_signed_plan_parses_and_verifies() {
        let key = KeyPair::generate().unwrap();
        let (spki, name) =
            (spki_of(&key), der::name(&[(oid::COUNTRY, "CH"), (oid::COMMON_NAME, "Wurzel Zürich")]));
        let start = time::macros::datetime!(2026-01-01 0:00 UTC);
        let plan = Plan {
            serial: &Serial::from(0xb7d5_fcb7),
            subject: &name,
            spki: &spki,
            issuer: &name,
            issuer_spki: &spki,
            not_before: start,
            not_after: start + time::Duration::days(40_000),
            ca: true,
            key_usage: CA_USAGES,
            extended_key_usage: None,
            alternative_names: None,
        };
        let der = sign(&plan, &key).unwrap();
        let (rest, parsed) = X509Certificate::from_der(&der).unwrap();
        assert!(rest.is_empty());
        parsed.verify_signature(None).unwrap();
        assert!(parsed.is_ca());
        assert_eq!(parsed.raw_serial_as_string(), "00:b7:d5:fc:b7");
        assert_eq!(parsed.validity().not_after.to_datetime(), plan.not_after);
        assert_eq!(name_and_key(&der).unwrap(), (name, spki));
    }
}
