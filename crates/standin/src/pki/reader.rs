//! A reader for DER that comes from outside (X.690). Owns tags, lengths and the edges of elements; what they mean is for its
//! callers. Nothing is copied: every element keeps its bytes as they stood, because they go into certificates unchanged.

/// One element of a DER text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'a> {
    /// The whole identifier octet: class, form and number.
    pub(crate) tag: u8,
    pub(crate) content: &'a [u8],
    /// Tag, length and content.
    pub(crate) raw: &'a [u8],
}

impl<'a> Element<'a> {
    /// The elements inside.
    pub(crate) fn inner(&self) -> Reader<'a> {
        Reader(self.content)
    }
}

/// What is left to read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next element. The error says in words what is wrong with its bytes.
    pub(crate) fn read(&mut self) -> Result<Element<'a>, String> {
        let bytes = self.0;
        let (tag, length) = match bytes {
            [] => return Err("an element is missing at the end".to_owned()),
            [tag, ..] if tag & 0x1f == 0x1f => return Err("a tag number is above 30".to_owned()),
            [_] => return Err("the end is cut off".to_owned()),
            [_, 0x80, ..] => return Err("a length is indefinite (BER), which DER does not allow".to_owned()),
            [tag, length, ..] => (*tag, *length),
        };
        let (header, length) = if length < 0x80 {
            (2, usize::from(length))
        } else {
            let count = usize::from(length & 0x7f);
            let digits = bytes.get(2..2 + count).ok_or("the end is cut off")?;
            if count > 4 {
                return Err("a length has more than four bytes".to_owned());
            }
            let length = digits.iter().fold(0usize, |sum, digit| sum << 8 | usize::from(*digit));
            if length < 0x80 || digits.first() == Some(&0) {
                return Err("a length is not in its shortest form, which DER demands".to_owned());
            }
            (2 + count, length)
        };
        let end = header.checked_add(length).ok_or("the end is cut off")?;
        let (raw, rest) = bytes.split_at_checked(end).ok_or("the end is cut off")?;
        self.0 = rest;
        Ok(Element { tag, content: &raw[header..], raw })
    }

    /// The next element, which must have this tag; `what` names it in the error.
    pub(crate) fn expect(&mut self, tag: u8, what: &str) -> Result<Element<'a>, String> {
        let element = self.read().map_err(|error| format!("{what}: {error}"))?;
        if element.tag == tag {
            Ok(element)
        } else {
            Err(format!("{what}: tag {:#04x} where {tag:#04x} belongs", element.tag))
        }
    }

    /// The next element if it has this tag.
    pub(crate) fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>, String> {
        if self.0.first() == Some(&tag) { self.read().map(Some) } else { Ok(None) }
    }

    /// Nothing may be left.
    pub(crate) fn end(&self, what: &str) -> Result<(), String> {
        match self.0.len() {
            0 => Ok(()),
            left => Err(format!("{left} bytes follow the end of {what}")),
        }
    }
}

/// The elements of a DER text, up to the first that cannot be read, which is the last item.
impl<'a> Iterator for Reader<'a> {
    type Item = Result<Element<'a>, String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_empty() {
            return None;
        }
        let element = self.read();
        if element.is_err() {
            self.0 = &[];
        }
        Some(element)
    }
}

/// An object identifier's content in dots, such as `2.5.4.3` (X.690, 8.19); as hexadecimal when it is malformed.
pub(crate) fn dotted(content: &[u8]) -> String {
    let mut numbers: Vec<u64> = Vec::new();
    let mut number: u64 = 0;
    for (at, byte) in content.iter().enumerate() {
        let last = byte & 0x80 == 0;
        if number > u64::MAX >> 7 || (!last && at + 1 == content.len()) {
            return content.iter().map(|byte| format!("{byte:02x}")).collect();
        }
        number = number << 7 | u64::from(byte & 0x7f);
        if last {
            if numbers.is_empty() {
                let top = (number / 40).min(2);
                numbers.extend([top, number - top * 40]);
            } else {
                numbers.push(number);
            }
            number = 0;
        }
    }
    numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_keep_their_edges() {
        let mut reader = Reader::new(&[0x30, 3, 2, 1, 5, 0x05, 0]);
        let sequence = reader.expect(0x30, "a sequence").unwrap();
        assert_eq!((sequence.content, sequence.raw.len()), (&[2, 1, 5][..], 5));
        assert_eq!(sequence.inner().expect(2, "a number").unwrap().content, [5]);
        assert!(reader.optional(0x04).unwrap().is_none());
        assert!(reader.end("it").unwrap_err().contains("2 bytes follow"));
        assert_eq!(reader.count(), 1);
    }

    #[test]
    fn each_fault_has_its_own_words() {
        for (bytes, words) in [
            (&[][..], "missing"),
            (&[0x30], "cut off"),
            (&[0x30, 2, 1], "cut off"),
            (&[0x30, 0x82, 1], "cut off"),
            (&[0x30, 0x80, 0, 0], "indefinite"),
            (&[0x30, 0x81, 1, 0], "shortest form"),
            (&[0x30, 0x82, 0, 0x80], "shortest form"),
            (&[0x30, 0x85, 0, 0, 0, 0, 1, 0], "more than four"),
            (&[0x3f, 0x81, 1, 0], "above 30"),
        ] {
            let error = Reader::new(bytes).read().unwrap_err();
            assert!(error.contains(words), "{bytes:?}: {error}");
        }
        let mut reader = Reader::new(&[0x30, 0]);
        assert!(reader.expect(0x31, "the set").unwrap_err().starts_with("the set: tag 0x30"));
    }

    #[test]
    fn object_identifiers_are_written_in_dots() {
        for (content, text) in [
            (&[0x55, 4, 3][..], "2.5.4.3"),
            (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 0x0b], "1.2.840.113549.1.1.11"),
            (&[0x88, 0x37], "2.999"),
            (&[0x55, 0x84], "5584"),
            (&[0xff; 12], "ffffffffffffffffffffffff"),
            (&[], ""),
        ] {
            assert_eq!(dotted(content), text);
        }
    }
}
