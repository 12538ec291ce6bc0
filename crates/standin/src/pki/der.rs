//! A writer for the few DER shapes a certificate is made of, and a reader for one outermost element. What comes from
//! outside is read by `reader`.

use time::OffsetDateTime;

pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;
pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
const UTF8_STRING: u8 = 0x0c;
const PRINTABLE_STRING: u8 = 0x13;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// One element: tag, definite length, content.
pub(crate) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    let length = content.len();
    if length < 0x80 {
        out.push(length as u8);
    } else {
        let bytes: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
        out.push(0x80 | bytes.len() as u8);
        out.extend(bytes);
    }
    out.extend_from_slice(content);
    out
}

/// A constructed element made of whole elements.
pub(crate) fn joined(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    element(tag, &parts.concat())
}

/// A SEQUENCE made of whole elements.
pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    joined(SEQUENCE, parts)
}

/// An INTEGER from unsigned big-endian bytes: a zero byte goes in front when the top bit is set, or it would be negative.
pub(crate) fn unsigned(bytes: &[u8]) -> Vec<u8> {
    let mut content: Vec<u8> = bytes.iter().copied().skip_while(|byte| *byte == 0).collect();
    if content.first().is_none_or(|byte| byte & 0x80 != 0) {
        content.insert(0, 0);
    }
    element(INTEGER, &content)
}

pub(crate) fn boolean_true() -> Vec<u8> {
    element(BOOLEAN, &[0xff])
}

pub(crate) fn octets(content: &[u8]) -> Vec<u8> {
    element(OCTET_STRING, content)
}

/// A BIT STRING of whole bytes.
pub(crate) fn bits(content: &[u8]) -> Vec<u8> {
    let mut padded = vec![0];
    padded.extend_from_slice(content);
    element(BIT_STRING, &padded)
}

/// A named bit list: bit 0 is the least significant of `flags`; trailing zero bits are cut, as DER demands (X.690, 11.2.2).
pub(crate) fn named_bits(flags: u16) -> Vec<u8> {
    let used = 16 - flags.leading_zeros() as usize;
    let mut content = vec![0u8; 1 + used.div_ceil(8)];
    content[0] = ((8 - used % 8) % 8) as u8;
    for bit in (0..used).filter(|bit| flags >> bit & 1 == 1) {
        content[1 + bit / 8] |= 0x80 >> (bit % 8);
    }
    element(BIT_STRING, &content)
}

/// UTCTime until 2049, GeneralizedTime after (RFC 5280, 4.1.2.5).
pub(crate) fn time(at: OffsetDateTime) -> Vec<u8> {
    let at = at.to_offset(time::UtcOffset::UTC);
    let (year, month, day) = (at.year(), u8::from(at.month()), at.day());
    let (hour, minute, second) = at.to_hms();
    let rest = format!("{month:02}{day:02}{hour:02}{minute:02}{second:02}Z");
    if (1950..2050).contains(&year) {
        element(UTC_TIME, format!("{:02}{rest}", year % 100).as_bytes())
    } else {
        element(GENERALIZED_TIME, format!("{year:04}{rest}").as_bytes())
    }
}

/// A Name with one attribute per RDN, in the order given: OID element and text.
pub(crate) fn name(attributes: &[(&[u8], &str)]) -> Vec<u8> {
    let rdns: Vec<Vec<u8>> = attributes
        .iter()
        .map(|(oid, text)| {
            // RFC 5280, appendix A.1: a country is a PrintableString of two letters.
            let tag = if *oid == oid::COUNTRY { PRINTABLE_STRING } else { UTF8_STRING };
            joined(SET, &[&sequence(&[oid, &element(tag, text.as_bytes())])])
        })
        .collect();
    element(SEQUENCE, &rdns.concat())
}

/// The content of the one element that `bytes` is; `None` when it is anything but one well-formed element.
pub(crate) fn content(bytes: &[u8]) -> Option<&[u8]> {
    let (first, rest) = bytes.get(1..)?.split_first()?;
    let (length, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        let count = usize::from(first & 0x7f);
        if !(1..=4).contains(&count) {
            return None;
        }
        let (digits, rest) = rest.split_at_checked(count)?;
        (digits.iter().fold(0usize, |sum, digit| sum << 8 | usize::from(*digit)), rest)
    };
    (rest.len() == length).then_some(rest)
}

/// Object identifiers, already encoded as whole elements.
pub(crate) mod oid {
    pub(crate) const COMMON_NAME: &[u8] = &[0x06, 3, 0x55, 0x04, 0x03];
    pub(crate) const COUNTRY: &[u8] = &[0x06, 3, 0x55, 0x04, 0x06];
    pub(crate) const ORGANIZATION: &[u8] = &[0x06, 3, 0x55, 0x04, 0x0a];
    pub(crate) const ECDSA_WITH_SHA256: &[u8] = &[0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
    pub(crate) const SUBJECT_KEY_ID: &[u8] = &[0x06, 3, 0x55, 0x1d, 0x0e];
    pub(crate) const KEY_USAGE: &[u8] = &[0x06, 3, 0x55, 0x1d, 0x0f];
    pub(crate) const SUBJECT_ALT_NAME: &[u8] = &[0x06, 3, 0x55, 0x1d, 0x11];
    pub(crate) const BASIC_CONSTRAINTS: &[u8] = &[0x06, 3, 0x55, 0x1d, 0x13];
    pub(crate) const AUTHORITY_KEY_ID: &[u8] = &[0x06, 3, 0x55, 0x1d, 0x23];
    pub(crate) const EXTENDED_KEY_USAGE: &[u8] = &[0x06, 3, 0x55, 0x1d, 0x25];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_take_the_shortest_form() {
        assert_eq!(element(4, &[7; 3]), [4, 3, 7, 7, 7]);
        assert_eq!(element(4, &[0; 128])[..3], [4, 0x81, 128]);
        assert_eq!(element(4, &[0; 300])[..4], [4, 0x82, 1, 44]);
    }

    #[test]
    fn an_integer_stays_positive() {
        assert_eq!(unsigned(&[0xb7, 1]), [2, 3, 0, 0xb7, 1]);
        assert_eq!(unsigned(&[0, 0, 5]), [2, 1, 5]);
        assert_eq!(unsigned(&[]), [2, 1, 0]);
    }

    #[test]
    fn named_bits_cut_trailing_zeros() {
        assert_eq!(named_bits(0b1), [3, 2, 7, 0x80]); // digitalSignature
        assert_eq!(named_bits(0b110_0000), [3, 2, 1, 0x06]); // keyCertSign, cRLSign
        assert_eq!(named_bits(1 << 8), [3, 3, 7, 0, 0x80]); // decipherOnly
        assert_eq!(named_bits(0), [3, 1, 0]);
    }

    #[test]
    fn years_from_2050_are_generalized() {
        assert_eq!(&time(time::macros::datetime!(2049-12-31 23:59:59 UTC))[2..], b"491231235959Z");
        assert_eq!(&time(time::macros::datetime!(2050-01-01 0:00 UTC))[2..], b"20500101000000Z");
    }

    #[test]
    fn content_refuses_what_is_not_one_element() {
        assert_eq!(content(&[0x30, 2, 1, 2]), Some(&[1, 2][..]));
        for bad in
            [&[][..], &[0x30], &[0x30, 2, 1], &[0x30, 1, 1, 2], &[0x30, 0x80], &[0x30, 0x85, 0, 0, 0, 0, 0]]
        {
            assert_eq!(content(bad), None, "{bad:?}");
        }
        assert_eq!(content(&element(4, &[9; 300])), Some(&[9; 300][..]));
    }
}
