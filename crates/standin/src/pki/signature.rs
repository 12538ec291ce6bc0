//! A request's own signature: proof that whoever asked holds the private key (RFC 2986, section 3). Keeps three answers apart:
//! it is valid, it is invalid, and it cannot be checked here because the crypto library does not know the algorithm.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA1_ASN1, ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P256_SHA512_ASN1,
    ECDSA_P256K1_SHA256_ASN1, ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA512_ASN1,
    ECDSA_P521_SHA1_ASN1, ECDSA_P521_SHA224_ASN1, ECDSA_P521_SHA256_ASN1, ECDSA_P521_SHA384_ASN1,
    ECDSA_P521_SHA512_ASN1, ED25519, ParsedPublicKey, RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
    RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
    RSA_PKCS1_2048_8192_SHA384, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    RsaParameters, RsaPssSaltLength, VerificationAlgorithm,
};

use super::der;
use super::key::{Curve, Kind, PublicKey, whole_bytes};
use super::reader::{Reader, dotted};

/// What the check of a signature came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Check {
    Valid,
    /// Changed after it was signed, or signed with another key.
    Invalid,
    /// The crypto library does not know the algorithm, or not for this key; what it would take, in words.
    NotHere(String),
}

/// The AlgorithmIdentifier of a signature.
pub(crate) struct Algorithm<'a> {
    oid: String,
    parameters: Reader<'a>,
}

impl<'a> Algorithm<'a> {
    /// From the content of the SEQUENCE.
    pub(crate) fn read(mut inner: Reader<'a>) -> Result<Self, String> {
        let oid = inner.expect(der::OBJECT_IDENTIFIER, "the algorithm of the signature")?;
        Ok(Self { oid: dotted(oid.content), parameters: inner })
    }
}

/// Checks a signature (the content of its BIT STRING) over the bytes that were signed.
pub(crate) fn check(
    key: &PublicKey<'_>,
    algorithm: &Algorithm<'_>,
    signed: &[u8],
    signature: &[u8],
) -> Check {
    let Ok(signature) = whole_bytes(signature) else { return Check::Invalid };
    let words = words(algorithm);
    let verifier = match method(&key.kind, algorithm) {
        Ok(verifier) => verifier,
        Err(Unable::Unknown) => {
            return Check::NotHere(format!("{words} by a key of type {}", key.kind.words()));
        }
        Err(Unable::Contradiction) => return Check::Invalid,
    };
    let result = match verifier {
        Method::Fixed(verifier) => {
            // A key that the library does not take says nothing about the signature.
            let Ok(key) = ParsedPublicKey::new(verifier, key.bits) else {
                return Check::NotHere(format!(
                    "the crypto library does not accept the {} key",
                    key.kind.words()
                ));
            };
            key.verify_sig(signed, signature)
        }
        Method::Pss(parameters) => {
            if RsaParameters::public_modulus_len(key.bits).is_err() {
                return Check::NotHere(format!(
                    "the crypto library does not accept the {} key",
                    key.kind.words()
                ));
            }
            parameters.verify_sig(key.bits, signed, signature)
        }
    };
    if result.is_ok() { Check::Valid } else { Check::Invalid }
}

/// How a signature is checked.
enum Method {
    Fixed(&'static dyn VerificationAlgorithm),
    /// With the salt length that the signature names.
    Pss(RsaParameters),
}

/// Why there is no way to check it.
enum Unable {
    /// The crypto library has none.
    Unknown,
    /// No key of this kind makes signatures of that kind.
    Contradiction,
}

fn method(key: &Kind, algorithm: &Algorithm<'_>) -> Result<Method, Unable> {
    let fixed = |verifier: &'static dyn VerificationAlgorithm| Ok(Method::Fixed(verifier));
    let oid = algorithm.oid.as_str();
    match (key, oid) {
        (Kind::Rsa(1024..=8192), "1.2.840.113549.1.1.5") => {
            fixed(&RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY)
        }
        (Kind::Rsa(1024..=8192), "1.2.840.113549.1.1.11") => {
            fixed(&RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY)
        }
        (Kind::Rsa(2048..=8192), "1.2.840.113549.1.1.12") => fixed(&RSA_PKCS1_2048_8192_SHA384),
        (Kind::Rsa(1024..=8192), "1.2.840.113549.1.1.13") => {
            fixed(&RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY)
        }
        (Kind::Rsa(2048..=8192) | Kind::RsaPss(2048..=8192), PSS) => {
            pss(algorithm.parameters).map(Method::Pss).ok_or(Unable::Unknown)
        }
        (Kind::Ec(Curve::P256), "1.2.840.10045.4.1") => fixed(&ECDSA_P256_SHA1_ASN1),
        (Kind::Ec(Curve::P256), "1.2.840.10045.4.3.2") => fixed(&ECDSA_P256_SHA256_ASN1),
        (Kind::Ec(Curve::P256), "1.2.840.10045.4.3.3") => fixed(&ECDSA_P256_SHA384_ASN1),
        (Kind::Ec(Curve::P256), "1.2.840.10045.4.3.4") => fixed(&ECDSA_P256_SHA512_ASN1),
        (Kind::Ec(Curve::P384), "1.2.840.10045.4.3.2") => fixed(&ECDSA_P384_SHA256_ASN1),
        (Kind::Ec(Curve::P384), "1.2.840.10045.4.3.3") => fixed(&ECDSA_P384_SHA384_ASN1),
        (Kind::Ec(Curve::P384), "1.2.840.10045.4.3.4") => fixed(&ECDSA_P384_SHA512_ASN1),
        (Kind::Ec(Curve::P521), "1.2.840.10045.4.1") => fixed(&ECDSA_P521_SHA1_ASN1),
        (Kind::Ec(Curve::P521), "1.2.840.10045.4.3.1") => fixed(&ECDSA_P521_SHA224_ASN1),
        (Kind::Ec(Curve::P521), "1.2.840.10045.4.3.2") => fixed(&ECDSA_P521_SHA256_ASN1),
        (Kind::Ec(Curve::P521), "1.2.840.10045.4.3.3") => fixed(&ECDSA_P521_SHA384_ASN1),
        (Kind::Ec(Curve::P521), "1.2.840.10045.4.3.4") => fixed(&ECDSA_P521_SHA512_ASN1),
        (Kind::Ec(Curve::Secp256k1), "1.2.840.10045.4.3.2") => fixed(&ECDSA_P256K1_SHA256_ASN1),
        (Kind::Ed25519, "1.3.101.112") => fixed(&ED25519),
        _ if contradicts(key, oid) => Err(Unable::Contradiction),
        _ => Err(Unable::Unknown),
    }
}

/// id-RSASSA-PSS (RFC 4055, section 3.1).
const PSS: &str = "1.2.840.113549.1.1.10";

/// Whether a well-known signature algorithm belongs to another kind of key.
fn contradicts(key: &Kind, oid: &str) -> bool {
    let belongs = match key {
        Kind::Rsa(_) => oid.starts_with("1.2.840.113549.1.1."),
        Kind::RsaPss(_) => oid == PSS,
        Kind::Ec(_) => oid.starts_with("1.2.840.10045.4."),
        Kind::Ed25519 => oid == "1.3.101.112",
        Kind::Ed448 => oid == "1.3.101.113",
        Kind::Dsa(_) => oid.starts_with("1.2.840.10040.4.") || oid.starts_with("2.16.840.1.101.3.4.3."),
        Kind::Other(_) => true,
    };
    !belongs && NAMES.iter().any(|(known, _)| *known == oid)
}

/// The parameters of an RSA-PSS signature; `None` when the crypto library knows no such combination. Left out, the hash
/// is SHA-1 (RFC 4055, section 3.1), which it does not know.
fn pss(mut parameters: Reader<'_>) -> Option<RsaParameters> {
    let mut parameters = parameters.expect(der::SEQUENCE, "the parameters").ok()?.inner();
    let hash = hash_in(parameters.optional(0xa0).ok()??.inner())?;
    let mut mask = parameters.optional(0xa1).ok()??.inner().expect(der::SEQUENCE, "the mask").ok()?.inner();
    let mask_function = dotted(mask.expect(der::OBJECT_IDENTIFIER, "the mask").ok()?.content);
    // MGF1, with the same hash.
    if mask_function != "1.2.840.113549.1.1.8" || hash_in(mask).as_ref() != Some(&hash) {
        return None;
    }
    let salt = match parameters.optional(0xa2).ok()? {
        None => 20,
        Some(salt) => match salt.inner().expect(der::INTEGER, "the salt").ok()?.content {
            [byte] if *byte < 0x80 => u16::from(*byte),
            [high, low] if *high < 0x80 => u16::from_be_bytes([*high, *low]),
            _ => return None,
        },
    };
    let fixed = match hash.as_str() {
        "2.16.840.1.101.3.4.2.1" => RSA_PSS_2048_8192_SHA256,
        "2.16.840.1.101.3.4.2.2" => RSA_PSS_2048_8192_SHA384,
        "2.16.840.1.101.3.4.2.3" => RSA_PSS_2048_8192_SHA512,
        _ => return None,
    };
    Some(fixed.with_pss_salt_length(RsaPssSaltLength::Custom(salt)))
}

fn hash_in(mut reader: Reader<'_>) -> Option<String> {
    let mut algorithm = reader.expect(der::SEQUENCE, "the hash").ok()?.inner();
    Some(dotted(algorithm.expect(der::OBJECT_IDENTIFIER, "the hash").ok()?.content))
}

/// Signature algorithms by their usual names.
const NAMES: [(&str, &str); 21] = [
    ("1.2.840.113549.1.1.2", "MD2 with RSA"),
    ("1.2.840.113549.1.1.4", "MD5 with RSA"),
    ("1.2.840.113549.1.1.5", "SHA-1 with RSA"),
    (PSS, "RSA-PSS with these parameters"),
    ("1.2.840.113549.1.1.11", "SHA-256 with RSA"),
    ("1.2.840.113549.1.1.12", "SHA-384 with RSA"),
    ("1.2.840.113549.1.1.13", "SHA-512 with RSA"),
    ("1.2.840.113549.1.1.14", "SHA-224 with RSA"),
    ("1.2.840.10045.4.1", "ECDSA with SHA-1"),
    ("1.2.840.10045.4.3.1", "ECDSA with SHA-224"),
    ("1.2.840.10045.4.3.2", "ECDSA with SHA-256"),
    ("1.2.840.10045.4.3.3", "ECDSA with SHA-384"),
    ("1.2.840.10045.4.3.4", "ECDSA with SHA-512"),
    ("1.3.101.112", "Ed25519"),
    ("1.3.101.113", "Ed448"),
    ("1.2.840.10040.4.3", "DSA with SHA-1"),
    ("2.16.840.1.101.3.4.3.1", "DSA with SHA-224"),
    ("2.16.840.1.101.3.4.3.2", "DSA with SHA-256"),
    ("2.16.840.1.101.3.4.3.3", "DSA with SHA-384"),
    ("2.16.840.1.101.3.4.3.4", "DSA with SHA-512"),
    ("1.2.156.10197.1.501", "SM2 with SM3"),
];

fn words(algorithm: &Algorithm<'_>) -> String {
    NAMES
        .iter()
        .find(|(oid, _)| *oid == algorithm.oid)
        .map_or_else(|| format!("the algorithm {}", algorithm.oid), |(_, name)| (*name).to_owned())
}
