//! The texts in a Name and in a list of alternative names, as people read them. Owns the string types of X.520; the bytes
//! themselves go into a certificate unchanged and are not touched here.

use super::reader::Reader;

/// `2.5.4.3`, content only.
const COMMON_NAME: &[u8] = &[0x55, 4, 3];

/// The first common name with a text, in the order of the encoding. Of several the first is shown, as Java programs
/// usually do (assumed).
pub(crate) fn common_name(name: &[u8]) -> Result<Option<String>, String> {
    let mut found = None;
    for relative in Reader::new(name).expect(super::der::SEQUENCE, "the subject")?.inner() {
        // A multi-valued RDN is a SET of several attributes.
        for attribute in Reader::new(relative?.raw).expect(super::der::SET, "a part of the subject")?.inner()
        {
            let mut attribute = Reader::new(attribute?.raw)
                .expect(super::der::SEQUENCE, "an attribute of the subject")?
                .inner();
            let kind = attribute.expect(super::der::OBJECT_IDENTIFIER, "the type of an attribute")?;
            let value = attribute.read()?;
            if kind.content == COMMON_NAME && found.is_none() {
                found = text(value.tag, value.content).filter(|text| !text.trim().is_empty());
            }
        }
    }
    Ok(found)
}

/// A string of any type that X.520 allows in a name; `None` for what is no string. What cannot be decoded is shown as U+FFFD.
pub(crate) fn text(tag: u8, content: &[u8]) -> Option<String> {
    Some(match tag {
        // UTF8String
        0x0c => String::from_utf8_lossy(content).into_owned(),
        // NumericString, PrintableString, IA5String, VisibleString, GeneralString: ASCII, and what programs put there.
        0x12 | 0x13 | 0x16 | 0x1a | 0x1b => {
            std::str::from_utf8(content).map_or_else(|_| latin_1(content), ToOwned::to_owned)
        }
        // T61String: real T.61 is written by nobody; ISO 8859-1 is the usual reading.
        0x14 => latin_1(content),
        // UniversalString: UCS-4.
        0x1c => content
            .chunks(4)
            .map(|unit| match unit {
                [a, b, c, d] => char::from_u32(u32::from_be_bytes([*a, *b, *c, *d])).unwrap_or('\u{fffd}'),
                _ => '\u{fffd}',
            })
            .collect(),
        // BMPString: UCS-2, but some programs write UTF-16.
        0x1e => {
            let units = content.chunks(2).map(|unit| match unit {
                [a, b] => u16::from_be_bytes([*a, *b]),
                _ => 0xfffd,
            });
            char::decode_utf16(units).map(|unit| unit.unwrap_or('\u{fffd}')).collect()
        }
        _ => return None,
    })
}

fn latin_1(content: &[u8]) -> String {
    content.iter().copied().map(char::from).collect()
}

/// What a list of alternative names holds, as far as it is shown.
#[derive(Default)]
pub(crate) struct AlternativeNames {
    pub(crate) dns: Vec<String>,
    /// The first name of any kind that is written as a text, for requests that have no other.
    pub(crate) first: Option<String>,
}

/// Reads the value of a subjectAltName extension (RFC 5280, 4.2.1.6). Whether a name is well formed is not judged.
pub(crate) fn alternative_names(value: &[u8]) -> Result<AlternativeNames, String> {
    let mut reader = Reader::new(value);
    let mut names = AlternativeNames::default();
    for name in reader.expect(super::der::SEQUENCE, "the list")?.inner() {
        let name = name?;
        let shown = match (name.tag, name.content) {
            // rfc822Name, dNSName, uniformResourceIdentifier: IA5String, and what programs put there.
            (0x81 | 0x82 | 0x86, content) => text(0x16, content),
            (0x87, [a, b, c, d]) => Some(std::net::Ipv4Addr::new(*a, *b, *c, *d).to_string()),
            (0x87, content) => {
                <[u8; 16]>::try_from(content).ok().map(|it| std::net::Ipv6Addr::from(it).to_string())
            }
            _ => None,
        };
        if name.tag == 0x82 {
            names.dns.extend(shown.clone());
        }
        names.first = names.first.or(shown);
    }
    reader.end("the list")?;
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::super::der;
    use super::*;

    #[test]
    fn each_string_type_is_read() {
        for (tag, content, wanted) in [
            (0x0c, "Gerät €".as_bytes(), "Gerät €"),
            (0x13, b"printer.example.test", "printer.example.test"),
            (0x16, b"a@example.test", "a@example.test"),
            (0x13, b"M\xfcller", "Müller"),
            (0x14, b"Ger\xe4t Z\xfcrich", "Gerät Zürich"),
            (0x1c, b"\0\0\0G\0\0\x20\xac\0\x01\xf6\x00", "G€😀"),
            (0x1c, b"\0\0\0G\0\x11\0\0\0", "G\u{fffd}\u{fffd}"),
            (0x1e, b"\0G\x20\xac", "G€"),
            (0x1e, b"\xd8\x3d\xde\0\xd8\x3d\0", "😀\u{fffd}\u{fffd}"),
        ] {
            assert_eq!(text(tag, content).as_deref(), Some(wanted), "{tag:#04x}");
        }
        assert_eq!(text(0x04, b"octets"), None);
        assert_eq!(text(0x0c, b"a\xffb").as_deref(), Some("a\u{fffd}b"));
    }

    /// An attribute: its type, and the tag and content of its value.
    type Attribute<'a> = (&'a [u8], u8, &'a [u8]);

    /// A Name of RDNs.
    fn name(relatives: &[&[Attribute<'_>]]) -> Vec<u8> {
        let relatives: Vec<Vec<u8>> = relatives
            .iter()
            .map(|attributes| {
                let attributes: Vec<Vec<u8>> = attributes
                    .iter()
                    .map(|(oid, tag, content)| {
                        der::sequence(&[
                            &der::element(der::OBJECT_IDENTIFIER, oid),
                            &der::element(*tag, content),
                        ])
                    })
                    .collect();
                der::element(der::SET, &attributes.concat())
            })
            .collect();
        der::element(der::SEQUENCE, &relatives.concat())
    }

    #[test]
    fn the_common_name_is_found_wherever_it_stands() {
        const UID: &[u8] = &[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 1];
        let found = |relatives: &[&[Attribute<'_>]]| common_name(&name(relatives)).unwrap();
        let cn = |text: &'static [u8]| (COMMON_NAME, 0x0c, text);
        assert_eq!(found(&[]), None);
        assert_eq!(found(&[&[(UID, 0x0c, b"u1"), cn(b"multi")]]).as_deref(), Some("multi"));
        assert_eq!(found(&[&[cn(b"first")], &[cn(b"second")]]).as_deref(), Some("first"));
        assert_eq!(found(&[&[cn(b" ")], &[cn(b"second")]]).as_deref(), Some("second"));
        assert_eq!(found(&[&[(COMMON_NAME, 0x03, b"\0bits")], &[cn(b"second")]]).as_deref(), Some("second"));
        assert!(common_name(&der::sequence(&[&der::element(0x02, b"")])).is_err());
        assert!(common_name(&[0x31, 0]).is_err());
    }

    #[test]
    fn alternative_names_of_each_kind_are_shown() {
        let list = |names: &[(u8, &[u8])]| {
            let names: Vec<Vec<u8>> =
                names.iter().map(|(tag, content)| der::element(*tag, content)).collect();
            alternative_names(&der::element(der::SEQUENCE, &names.concat())).unwrap()
        };
        let mixed = list(&[
            (0xa0, b""),
            (0x87, &[10, 0, 0, 1]),
            (0x82, b"a.example.test"),
            (0x82, b"b.example.test"),
        ]);
        assert_eq!(mixed.dns, ["a.example.test", "b.example.test"]);
        assert_eq!(mixed.first.as_deref(), Some("10.0.0.1"));
        assert_eq!(list(&[(0x87, &[0; 16])]).first.as_deref(), Some("::"));
        assert_eq!(list(&[(0x87, &[10, 0, 0])]).first, None, "three bytes are no address");
        assert_eq!(list(&[(0x82, "münchen.test".as_bytes())]).dns, ["münchen.test"]);
        assert_eq!(list(&[]).first, None);
        assert!(alternative_names(&[0x30, 0, 0]).is_err());
        assert!(alternative_names(&[0x04, 0]).is_err());
    }
}
