//! SHA-256 fingerprints as people compare them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{ErrorCode, typed};

/// 32 bytes of SHA-256, of a certificate or of a public key (its SubjectPublicKeyInfo, RFC 7469, section 2.4).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// From the bytes of a hash.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads 64 hexadecimal digits; colons, spaces and capitals are fine, and so is what tools write in front of them
    /// (`SHA256 Fingerprint=`, `sha256:`).
    ///
    /// # Errors
    /// [`ErrorCode::FingerprintMalformed`].
    pub fn parse(text: &str) -> Result<Self, ErrorCode> {
        // The longest spelling has some 120 characters.
        if text.len() > 400 {
            return Err(ErrorCode::FingerprintMalformed);
        }
        let text = typed::code(text);
        let digits = text.rsplit('=').next().unwrap_or_default().trim();
        let digits = match digits.get(..7) {
            Some(prefix) if prefix.eq_ignore_ascii_case("sha256:") => &digits[7..],
            _ => digits,
        };
        let nibbles: Option<Vec<u8>> = digits
            .chars()
            .filter(|it| !matches!(it, ':' | '-') && !it.is_whitespace())
            .map(|it| it.to_digit(16).and_then(|it| u8::try_from(it).ok()))
            .collect();
        let nibbles = nibbles.filter(|it| it.len() == 64).ok_or(ErrorCode::FingerprintMalformed)?;
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(nibbles.chunks_exact(2)) {
            *byte = pair[0] << 4 | pair[1];
        }
        Ok(Self(bytes))
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn hex(&self) -> String {
        self.0.iter().map(|it| format!("{it:02x}")).collect()
    }

    /// `AB:CD:…`, as browsers and openssl show it.
    #[must_use]
    pub fn colons(&self) -> String {
        self.0.iter().map(|it| format!("{it:02X}")).collect::<Vec<_>>().join(":")
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hex())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({})", self.hex())
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = ErrorCode;

    fn try_from(text: String) -> Result<Self, ErrorCode> {
        Self::parse(&text)
    }
}

impl From<Fingerprint> for String {
    fn from(fingerprint: Fingerprint) -> Self {
        fingerprint.hex()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_spelling_is_the_same_fingerprint() {
        let hex = "00112233445566778899aabbccddeeff00112233445566778899aabbccddee0f";
        let fingerprint = Fingerprint::parse(hex).unwrap();
        assert_eq!(fingerprint.hex(), hex);
        let colons = fingerprint.colons();
        assert!(colons.starts_with("00:11:22") && colons.ends_with("EE:0F"), "{colons}");
        for spelling in [
            colons.clone(),
            format!("SHA256 Fingerprint={colons}"),
            format!("sha256 Fingerprint={colons}\n"),
            format!("SHA2-256(stdin)= {hex}"),
            format!("sha256:{hex}"),
            hex.to_uppercase().replace("FF", "FF "),
            format!("\u{200E}{hex}"),
            colons.replace(':', "-"),
        ] {
            assert_eq!(Fingerprint::parse(&spelling), Ok(fingerprint), "{spelling}");
        }
    }

    #[test]
    fn what_is_no_fingerprint_is_refused() {
        for text in [
            "",
            "=",
            "ab",
            &"0".repeat(63),
            &"0".repeat(65),
            &"g".repeat(64),
            &"é".repeat(64),
            &"0".repeat(5000),
        ] {
            assert_eq!(Fingerprint::parse(text), Err(ErrorCode::FingerprintMalformed), "{text}");
        }
    }
}
