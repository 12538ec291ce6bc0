//! PEM armour: writing it, and finding the first block with a wanted label in a text or in raw DER.

use x509_parser::pem::Pem;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The label of a certificate.
pub(crate) const CERTIFICATE: &str = "CERTIFICATE";
/// The label of a PKCS#10 request.
pub(crate) const REQUEST: &str = "CERTIFICATE REQUEST";

/// PEM text with 64 columns and a final line end (RFC 7468).
pub(crate) fn encode(label: &str, der: &[u8]) -> String {
    let body = base64(der);
    let mut out = format!("-----BEGIN {label}-----\n");
    for line in body.as_bytes().chunks(64) {
        out.extend(line.iter().map(|byte| char::from(*byte)));
        out.push('\n');
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}

/// The DER in the first PEM block whose label ends in `label` (so "NEW CERTIFICATE REQUEST" counts as a request), or the
/// bytes themselves when they look like DER. `None` when there is neither.
pub(crate) fn decode(label: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.first() == Some(&super::der::SEQUENCE) {
        return Some(bytes.to_vec());
    }
    Pem::iter_from_buffer(bytes)
        .map_while(Result::ok)
        .find(|pem| pem.label.ends_with(label))
        .map(|pem| pem.contents)
}

fn base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let word =
            group.iter().enumerate().fold(0u32, |word, (at, byte)| word | u32::from(*byte) << (16 - 8 * at));
        for at in 0..4 {
            let digit = ALPHABET[(word >> (18 - 6 * at) & 0x3f) as usize];
            out.push(if at <= group.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_pads_as_rfc_4648_says() {
        for (plain, coded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        let der = super::super::der::octets(&[42; 200]);
        assert_eq!(decode(CERTIFICATE, encode(CERTIFICATE, &der).as_bytes()), Some(der));
        assert_eq!(decode(REQUEST, encode("NEW CERTIFICATE REQUEST", b"x").as_bytes()), Some(b"x".to_vec()));
        assert_eq!(decode(REQUEST, b"hello"), None);
    }
}
