//! PEM as the stand-in writes it, and reading back what it wrote. What others write is read by `armour`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use x509_parser::pem::Pem;

/// The label of a certificate.
pub(crate) const CERTIFICATE: &str = "CERTIFICATE";
/// The label of a PKCS#10 request.
pub(crate) const REQUEST: &str = "CERTIFICATE REQUEST";

/// PEM text with 64 columns and a final line end (RFC 7468).
pub(crate) fn encode(label: &str, der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let mut out = format!("-----BEGIN {label}-----\n");
    for line in body.as_bytes().chunks(64) {
        out.extend(line.iter().map(|byte| char::from(*byte)));
        out.push('\n');
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}

/// The DER in the first block with this label; `None` when there is none.
pub(crate) fn decode(label: &str, text: &str) -> Option<Vec<u8>> {
    let mut blocks = Pem::iter_from_buffer(text.as_bytes()).map_while(Result::ok);
    blocks.find(|pem| pem.label == label).map(|pem| pem.contents)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded() {
        let der = super::super::der::octets(&[42; 200]);
        assert_eq!(decode(CERTIFICATE, &encode(CERTIFICATE, &der)), Some(der));
        assert_eq!(decode(REQUEST, &encode(CERTIFICATE, b"x")), None);
        assert_eq!(decode(REQUEST, "hello"), None);
    }
}
