//! A public key out of a request: what it is, in words, and what its signatures are checked with.

use super::der;
use super::reader::{Reader, dotted};

/// A SubjectPublicKeyInfo (RFC 5280, 4.1.2.7), read as far as the stand-in needs it.
pub(crate) struct PublicKey<'a> {
    pub(crate) kind: Kind,
    /// The content of the BIT STRING, without the count of unused bits.
    pub(crate) bits: &'a [u8],
}

/// What kind of key it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Size of the modulus in bits.
    Rsa(usize),
    /// For RSA-PSS alone (RFC 4055); size of the modulus in bits.
    RsaPss(usize),
    Ec(Curve),
    Ed25519,
    Ed448,
    /// Size of the prime in bits, where the key gives it.
    Dsa(Option<usize>),
    /// The algorithm's object identifier.
    Other(String),
}

/// An elliptic curve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
    Secp256k1,
    /// One that the crypto library does not know: its name or object identifier.
    Named(String),
    /// Written out as numbers instead of named.
    Explicit,
}

impl Curve {
    fn of(parameters: Option<(u8, &[u8])>) -> Self {
        match parameters {
            Some((der::OBJECT_IDENTIFIER, oid)) => {
                let oid = dotted(oid);
                match oid.as_str() {
                    "1.2.840.10045.3.1.7" => Self::P256,
                    "1.3.132.0.34" => Self::P384,
                    "1.3.132.0.35" => Self::P521,
                    "1.3.132.0.10" => Self::Secp256k1,
                    "1.3.132.0.33" => Self::Named("P-224".to_owned()),
                    "1.2.840.10045.3.1.1" => Self::Named("P-192".to_owned()),
                    "1.3.36.3.3.2.8.1.1.7" => Self::Named("brainpoolP256r1".to_owned()),
                    "1.3.36.3.3.2.8.1.1.11" => Self::Named("brainpoolP384r1".to_owned()),
                    "1.3.36.3.3.2.8.1.1.13" => Self::Named("brainpoolP512r1".to_owned()),
                    _ => Self::Named(oid),
                }
            }
            _ => Self::Explicit,
        }
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::Secp256k1 => "secp256k1",
            Self::Named(name) => name,
            Self::Explicit => "explicit parameters",
        }
    }
}

impl Kind {
    /// Such as "RSA 2048", "EC P-521" or "Ed25519"; the bare object identifier of an algorithm without a name here.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Rsa(bits) => format!("RSA {bits}"),
            Self::RsaPss(bits) => format!("RSA-PSS {bits}"),
            Self::Ec(curve) => format!("EC {}", curve.name()),
            Self::Ed25519 => "Ed25519".to_owned(),
            Self::Ed448 => "Ed448".to_owned(),
            Self::Dsa(Some(bits)) => format!("DSA {bits}"),
            Self::Dsa(None) => "DSA".to_owned(),
            Self::Other(oid) => oid.clone(),
        }
    }
}

impl<'a> PublicKey<'a> {
    /// Reads the DER of a SubjectPublicKeyInfo.
    pub(crate) fn read(spki: &'a [u8]) -> Result<Self, String> {
        let mut info = Reader::new(spki).expect(der::SEQUENCE, "the public key")?.inner();
        let mut algorithm = info.expect(der::SEQUENCE, "the algorithm of the public key")?.inner();
        let oid = algorithm.expect(der::OBJECT_IDENTIFIER, "the algorithm of the public key")?.content;
        let parameters = match algorithm.is_empty() {
            true => None,
            false => Some(algorithm.read()?),
        };
        let bits = whole_bytes(info.expect(der::BIT_STRING, "the bits of the public key")?.content)?;
        let kind = match dotted(oid).as_str() {
            "1.2.840.113549.1.1.1" => Kind::Rsa(modulus_bits(bits)?),
            "1.2.840.113549.1.1.10" => Kind::RsaPss(modulus_bits(bits)?),
            "1.2.840.10045.2.1" => Kind::Ec(Curve::of(parameters.map(|it| (it.tag, it.content)))),
            "1.3.101.112" => Kind::Ed25519,
            "1.3.101.113" => Kind::Ed448,
            "1.2.840.10040.4.1" => Kind::Dsa(
                parameters
                    .and_then(|it| it.inner().expect(der::INTEGER, "p").ok())
                    .map(|prime| bit_length(prime.content)),
            ),
            other => Kind::Other(other.to_owned()),
        };
        Ok(Self { kind, bits })
    }
}

/// The content of a BIT STRING that is whole bytes, without the count of unused bits.
pub(crate) fn whole_bytes(content: &[u8]) -> Result<&[u8], String> {
    match content.split_first() {
        Some((0, bits)) => Ok(bits),
        _ => Err("a BIT STRING is not made of whole bytes".to_owned()),
    }
}

fn modulus_bits(key: &[u8]) -> Result<usize, String> {
    let mut key = Reader::new(key).expect(der::SEQUENCE, "the RSA key")?.inner();
    Ok(bit_length(key.expect(der::INTEGER, "the modulus of the RSA key")?.content))
}

/// How many bits a positive INTEGER has.
fn bit_length(content: &[u8]) -> usize {
    let digits: Vec<u8> = content.iter().copied().skip_while(|byte| *byte == 0).collect();
    digits.first().map_or(0, |first| digits.len() * 8 - first.leading_zeros() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_counted_from_the_first_that_is_set() {
        assert_eq!(bit_length(&[0, 0x80, 0]), 16);
        assert_eq!(bit_length(&[1, 0]), 9);
        assert_eq!(bit_length(&[0]), 0);
    }

    #[test]
    fn curves_have_their_usual_names() {
        let name = |oid: &[u8]| Kind::Ec(Curve::of(Some((der::OBJECT_IDENTIFIER, oid)))).words();
        assert_eq!(name(&[0x2b, 0x81, 4, 0, 35]), "EC P-521");
        assert_eq!(name(&[0x2b, 0x81, 4, 0, 10]), "EC secp256k1");
        assert_eq!(name(&[0x2b, 0x24, 3, 3, 2, 8, 1, 1, 13]), "EC brainpoolP512r1");
        assert_eq!(name(&[0x2b, 0x81, 4, 0, 39]), "EC 1.3.132.0.39");
        assert_eq!(Kind::Ec(Curve::of(None)).words(), "EC explicit parameters");
    }
}
