//! From BER to DER, as far as PKCS#12 files need it: Firefox and Bouncy Castle write them with indefinite lengths and
//! with octet strings in pieces, and the library that opens them takes DER alone (X.690, sections 8.1.3.6 and 8.7.3).

/// How deep values may be nested.
const DEPTH: usize = 32;
const OCTETS: u8 = 0x04;
const OID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
/// [0], constructed and primitive.
const FIRST: (u8, u8) = (0xA0, 0x80);
const CONSTRUCTED: u8 = 0x20;
/// The content type `data`, as a whole value (RFC 5652, section 4).
const DATA: [u8; 11] = [OID, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 1];

/// The value in DER. With `inside`, what is carried as `data` is made DER, too, which no MAC over it survives: the MAC
/// of a PKCS#12 file is left out then.
pub(crate) fn to_der(value: &[u8], inside: bool) -> Option<Vec<u8>> {
    let (der, rest) = one(value, inside, 0)?;
    if !rest.is_empty() || !inside {
        return rest.is_empty().then_some(der);
    }
    let (tag, content, _) = split(&der)?;
    let mut parts = values(content)?;
    parts.truncate(2);
    Some(encoded(tag, &parts.concat()))
}

/// The first value in DER, and what follows it.
fn one(input: &[u8], inside: bool, depth: usize) -> Option<(Vec<u8>, &[u8])> {
    let (&tag, after) = input.split_first()?;
    // PKCS#12 has no tags of more than one byte.
    if depth > DEPTH || tag & 0x1F == 0x1F {
        return None;
    }
    let (length, body) = length(after)?;
    if tag & CONSTRUCTED == 0 {
        let (content, rest) = body.split_at_checked(length?)?;
        return Some((encoded(tag, content), rest));
    }
    let (children, rest) = match length {
        Some(length) => {
            let (mut content, rest) = body.split_at_checked(length)?;
            let mut children = Vec::new();
            while !content.is_empty() {
                let (child, left) = one(content, inside, depth + 1)?;
                children.push(child);
                content = left;
            }
            (children, rest)
        }
        None => {
            let (mut content, mut children) = (body, Vec::new());
            loop {
                if let Some(rest) = content.strip_prefix(&[0, 0]) {
                    break (children, rest);
                }
                let (child, left) = one(content, inside, depth + 1)?;
                children.push(child);
                content = left;
            }
        }
    };
    let der = match tag & !CONSTRUCTED {
        OCTETS => encoded(OCTETS, &joined(&children)?),
        _ if tag == SEQUENCE => encoded(SEQUENCE, &sequence(children, inside, depth)?.concat()),
        _ => encoded(tag, &children.concat()),
    };
    Some((der, rest))
}

/// The parts of a sequence, of which two kinds of PKCS#7 have an octet string of their own behind a tag.
fn sequence(mut parts: Vec<Vec<u8>>, inside: bool, depth: usize) -> Option<Vec<Vec<u8>>> {
    match parts.as_mut_slice() {
        // EncryptedContentInfo: the tag stands in place of the octet string's own (RFC 5652, section 6.1).
        [kind, algorithm, content]
            if kind.first() == Some(&OID)
                && algorithm.first() == Some(&SEQUENCE)
                && content.first() == Some(&FIRST.0) =>
        {
            let (_, pieces, _) = split(content)?;
            let pieces = values(pieces)?;
            if pieces.iter().all(|it| it.first() == Some(&OCTETS)) {
                *content = encoded(FIRST.1, &joined(&pieces)?);
            }
        }
        // ContentInfo of plain data: its octets are a value themselves.
        [kind, content] if inside && kind.as_slice() == DATA && content.first() == Some(&FIRST.0) => {
            let (_, octets, _) = split(content)?;
            let (tag, carried, _) = split(octets)?;
            if let Some((der, [])) = one(carried, inside, depth + 1).filter(|_| tag == OCTETS) {
                *content = encoded(FIRST.0, &encoded(OCTETS, &der));
            }
        }
        _ => {}
    }
    Some(parts)
}

/// The contents of octet strings, one behind the other.
fn joined(pieces: &[Vec<u8>]) -> Option<Vec<u8>> {
    let contents = pieces.iter().map(|it| split(it).filter(|(tag, ..)| *tag == OCTETS).map(|(_, it, _)| it));
    Some(contents.collect::<Option<Vec<_>>>()?.concat())
}

/// The values of a content in DER, each with its tag.
fn values(mut content: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut values = Vec::new();
    while !content.is_empty() {
        let (_, _, rest) = split(content)?;
        values.push(content.get(..content.len() - rest.len())?.to_vec());
        content = rest;
    }
    Some(values)
}

/// Tag, content and what follows, of a value in DER.
fn split(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, after) = der.split_first()?;
    let (length, body) = length(after)?;
    let (content, rest) = body.split_at_checked(length?)?;
    Some((tag, content, rest))
}

/// The length, none for an indefinite one, and what follows it.
fn length(after_tag: &[u8]) -> Option<(Option<usize>, &[u8])> {
    let (&first, rest) = after_tag.split_first()?;
    match first {
        0x80 => Some((None, rest)),
        0..0x80 => Some((Some(usize::from(first)), rest)),
        _ => {
            let (bytes, rest) =
                rest.split_at_checked(usize::from(first & 0x7F)).filter(|(it, _)| it.len() <= 4)?;
            Some((Some(bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte))), rest))
        }
    }
}

fn encoded(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let skip = length.iter().take_while(|it| **it == 0).count();
    let significant = length.get(skip..).unwrap_or_default();
    let mut der = Vec::with_capacity(content.len() + 6);
    der.push(tag);
    match (content.len(), u8::try_from(significant.len())) {
        (0..0x80, _) => der.push(significant.first().copied().unwrap_or_default()),
        (_, Ok(count)) => {
            der.push(0x80 | count);
            der.extend_from_slice(significant);
        }
        // No length in memory has more than 255 bytes.
        (_, Err(_)) => {}
    }
    der.extend_from_slice(content);
    der
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lengths_become_definite_and_octet_strings_whole() {
        let pieces = [0x24, 0x80, 4, 1, b'a', 4, 2, b'b', b'c', 0, 0];
        assert_eq!(to_der(&pieces, false).unwrap(), [4, 3, b'a', b'b', b'c']);
        let nested = [0x30, 0x80, 2, 1, 3, 0x30, 0x80, 2, 1, 4, 0, 0, 0, 0];
        assert_eq!(to_der(&nested, false).unwrap(), [0x30, 8, 2, 1, 3, 0x30, 3, 2, 1, 4]);
        assert_eq!(to_der(&[0x30, 0x82, 0, 3, 2, 1, 7], false).unwrap(), [0x30, 3, 2, 1, 7]);
        for broken in [&[0x30, 0x80, 2, 1, 3][..], &[0x30, 5, 2, 1], &[0x3F, 0x20, 0], &[], &[4, 0x80, 0, 0]]
        {
            assert_eq!(to_der(broken, false), None, "{broken:?}");
        }
        assert_eq!(to_der(&[0x30, 0x80].repeat(100_000), true), None);
    }

    #[test]
    fn der_stays_as_it_is() {
        let der = include_bytes!("../tests/fixtures/client.p12");
        assert_eq!(to_der(der, false).as_deref(), Some(&der[..]));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), inside in any::<bool>()) {
            let _ = to_der(&bytes, inside);
            let _ = to_der(&[&[0x30, 0x80, 0x24, 0x80][..], &bytes].concat(), inside);
        }
    }
}
