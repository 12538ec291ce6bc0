//! From a file's bytes to its text, whatever encoding an editor or a shell wrote it in.
//!
//! Owns the recognition of encodings. Refuses to own what the text means, and never fails: a byte that no Unicode
//! encoding explains is read as Windows-1252, the way the editors that write such bytes show them.

/// How a text was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, or plain ASCII.
    Utf8,
    /// UTF-16, the low byte first, as Windows PowerShell redirects output.
    Utf16Le,
    /// UTF-16, the high byte first.
    Utf16Be,
    /// UTF-32, the low byte first.
    Utf32Le,
    /// UTF-32, the high byte first.
    Utf32Be,
    /// One byte for each character: Latin-1 as Windows uses it.
    Windows1252,
}

impl Encoding {
    /// How many bytes the smallest part of a text has.
    #[must_use]
    pub fn unit(self) -> usize {
        match self {
            Self::Utf8 | Self::Windows1252 => 1,
            Self::Utf16Le | Self::Utf16Be => 2,
            Self::Utf32Le | Self::Utf32Be => 4,
        }
    }
}

/// Byte order marks (The Unicode Standard, section 23.8), the longer ones first: UTF-32's begins with UTF-16's.
const MARKS: [(&[u8], Encoding); 5] = [
    (&[0xFF, 0xFE, 0x00, 0x00], Encoding::Utf32Le),
    (&[0x00, 0x00, 0xFE, 0xFF], Encoding::Utf32Be),
    (&[0xEF, 0xBB, 0xBF], Encoding::Utf8),
    (&[0xFF, 0xFE], Encoding::Utf16Le),
    (&[0xFE, 0xFF], Encoding::Utf16Be),
];

/// How many bytes are looked at to recognize an encoding without a mark.
const LOOKED_AT: usize = 4096;

/// What Windows-1252 has at 0x80 to 0x9F; the five bytes it leaves open stay the controls that Latin-1 has there
/// (WHATWG Encoding Standard, index windows-1252).
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž', '\u{8F}', '\u{90}',
    '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}', 'ž', 'Ÿ',
];

/// The encoding that a file's first bytes show, and how many of them are its byte order mark.
#[must_use]
pub fn encoding(bytes: &[u8]) -> (Encoding, usize) {
    let marked = MARKS.iter().find(|(mark, _)| bytes.starts_with(mark));
    marked.map_or_else(|| (recognized(bytes), 0), |(mark, encoding)| (*encoding, mark.len()))
}

/// The text of a file, without its byte order mark, and the encoding it was written in.
///
/// The text is made in one piece of memory of its final size, so that a secret leaves no copy behind.
#[must_use]
pub fn decode(bytes: &[u8]) -> (String, Encoding) {
    let (encoding, mark) = encoding(bytes);
    decode_as(encoding, bytes.get(mark..).unwrap_or_default())
}

/// The text of bytes in this encoding, and the encoding that explains them: bytes that are no UTF-8 after all are read
/// as Windows-1252.
#[must_use]
pub fn decode_as(encoding: Encoding, bytes: &[u8]) -> (String, Encoding) {
    // In no encoding does a byte become more than three bytes of UTF-8.
    let mut text = String::with_capacity(bytes.len().saturating_mul(3));
    let mut explains = encoding;
    match encoding {
        Encoding::Utf8 => match std::str::from_utf8(bytes) {
            Ok(whole) => text.push_str(whole),
            Err(_) => {
                explains = Encoding::Windows1252;
                text.extend(bytes.iter().map(|byte| windows_1252(*byte)));
            }
        },
        Encoding::Windows1252 => text.extend(bytes.iter().map(|byte| windows_1252(*byte))),
        Encoding::Utf16Le => utf16(&mut text, bytes, u16::from_le_bytes),
        Encoding::Utf16Be => utf16(&mut text, bytes, u16::from_be_bytes),
        Encoding::Utf32Le => utf32(&mut text, bytes, u32::from_le_bytes),
        Encoding::Utf32Be => utf32(&mut text, bytes, u32::from_be_bytes),
    }
    // Files that were joined carry the mark of each part.
    if text.starts_with('\u{FEFF}') {
        text.remove(0);
    }
    (text, explains)
}

/// A text without the one line end that ends it, of whichever kind: CR LF, LF or CR.
#[must_use]
pub fn without_line_end(text: &str) -> &str {
    text.strip_suffix("\r\n").or_else(|| text.strip_suffix(['\n', '\r'])).unwrap_or(text)
}

/// Where a text has a character that may not be in it, as a sentence that shows this character and nothing else of the
/// text: it may be a secret.
#[must_use]
pub fn odd_character(text: &str, may_be: impl Fn(char) -> bool) -> Option<String> {
    let (at, c) = text.chars().enumerate().find(|(_, c)| !may_be(*c))?;
    let name = match c {
        ' ' => "a space".to_owned(),
        '\n' | '\r' => "a line end".to_owned(),
        '\t' => "a tab".to_owned(),
        '\u{A0}' => "a no-break space (U+00A0)".to_owned(),
        '\u{FEFF}' => "a byte order mark (U+FEFF)".to_owned(),
        '\u{200B}' => "a zero-width space (U+200B)".to_owned(),
        char::REPLACEMENT_CHARACTER => "not text in any encoding".to_owned(),
        _ if crate::visible(&c.to_string()).starts_with('⟨') => {
            format!("invisible (U+{:04X})", u32::from(c))
        }
        _ => format!("“{c}” (U+{:04X})", u32::from(c)),
    };
    Some(format!("Character {} of {} is {name}.", at + 1, text.chars().count()))
}

/// The encoding of bytes without a mark. Text that programs exchange is ASCII for the most part, so in UTF-16 and
/// UTF-32 most bytes at certain places are zero, and no other encoding has zero bytes at all.
fn recognized(bytes: &[u8]) -> Encoding {
    let sample = bytes.get(..LOOKED_AT).unwrap_or(bytes);
    let mut zeros = [0_usize; 4];
    for (index, _) in sample.iter().enumerate().filter(|(_, byte)| **byte == 0) {
        if let Some(count) = zeros.get_mut(index % 4) {
            *count += 1;
        }
    }
    let quarter = sample.len() / 4;
    let mostly = |count: usize| quarter > 0 && count * 4 >= quarter * 3;
    let seldom = |count: usize| count * 4 <= quarter;
    let [first, second, third, fourth] = zeros;
    match (mostly(first), mostly(second), mostly(third), mostly(fourth)) {
        (false, true, true, true) if seldom(first) => Encoding::Utf32Le,
        (true, true, true, false) if seldom(fourth) => Encoding::Utf32Be,
        (false, true, false, true) if seldom(first) && seldom(third) => Encoding::Utf16Le,
        (true, false, true, false) if seldom(second) && seldom(fourth) => Encoding::Utf16Be,
        _ => Encoding::Utf8,
    }
}

fn windows_1252(byte: u8) -> char {
    match byte {
        0x80..=0x9F => {
            WINDOWS_1252.get(usize::from(byte - 0x80)).copied().unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        _ => char::from(byte),
    }
}

/// What is no character becomes U+FFFD. An odd byte at the end is a line end that another program appended; anything
/// else there becomes U+FFFD, too.
fn utf16(text: &mut String, bytes: &[u8], number: fn([u8; 2]) -> u16) {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| number(*pair));
    text.extend(char::decode_utf16(units).map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER)));
    push_rest(text, rest);
}

fn utf32(text: &mut String, bytes: &[u8], number: fn([u8; 4]) -> u32) {
    let (fours, rest) = bytes.as_chunks::<4>();
    let characters = fours.iter().map(|four| char::from_u32(number(*four)));
    text.extend(characters.map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER)));
    push_rest(text, rest);
}

fn push_rest(text: &mut String, rest: &[u8]) {
    match rest {
        [] => {}
        [b'\n'] | [b'\r', b'\n'] => text.push('\n'),
        [b'\r'] => text.push('\r'),
        _ => text.push(char::REPLACEMENT_CHARACTER),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The text in an encoding, with and without its mark.
    fn encoded(text: &str, encoding: Encoding, marked: bool) -> Vec<u8> {
        let mark = if marked { "\u{FEFF}" } else { "" };
        let text = [mark, text].concat();
        let wide = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect();
        let widest = |bytes: fn(u32) -> [u8; 4]| text.chars().map(u32::from).flat_map(bytes).collect();
        match encoding {
            Encoding::Utf8 => text.into_bytes(),
            Encoding::Utf16Le => wide(u16::to_le_bytes),
            Encoding::Utf16Be => wide(u16::to_be_bytes),
            Encoding::Utf32Le => widest(u32::to_le_bytes),
            Encoding::Utf32Be => widest(u32::to_be_bytes),
            Encoding::Windows1252 => text.chars().map(|it| u8::try_from(it).unwrap()).collect(),
        }
    }

    const UNICODE: [Encoding; 5] =
        [Encoding::Utf8, Encoding::Utf16Le, Encoding::Utf16Be, Encoding::Utf32Le, Encoding::Utf32Be];

    #[test]
    fn each_encoding_is_recognized_with_and_without_a_mark() {
        let text = "-----BEGIN CERTIFICATE-----\r\nMIIB\r\n-----END CERTIFICATE-----\r\nPrüfstelle €\r\n";
        for encoding in UNICODE {
            for marked in [true, false] {
                let read = decode(&encoded(text, encoding, marked));
                assert_eq!(read, (text.to_owned(), encoding), "{encoding:?}, marked: {marked}");
            }
        }
        assert_eq!(decode(b"Pr\xFCfstelle \x80"), ("Prüfstelle €".to_owned(), Encoding::Windows1252));
        assert_eq!(decode(b"\xEF\xBB\xBF\xEF\xBB\xBFtwice").0, "twice");
        assert_eq!(decode(b""), (String::new(), Encoding::Utf8));
    }

    #[test]
    fn a_line_end_that_another_program_appended_to_utf_16_is_one() {
        let mut bytes = encoded("TOKEN", Encoding::Utf16Le, true);
        bytes.push(b'\n');
        assert_eq!(decode(&bytes).0, "TOKEN\n");
        bytes.pop();
        bytes.push(b'x');
        assert_eq!(decode(&bytes).0, "TOKEN\u{FFFD}");
    }

    #[test]
    fn one_line_end_of_any_kind_is_taken_off() {
        for ended in ["a", "a\n", "a\r\n", "a\r"] {
            assert_eq!(without_line_end(ended), "a", "{ended:?}");
        }
        assert_eq!(without_line_end("a\n\n"), "a\n");
        assert_eq!(without_line_end(""), "");
    }

    #[test]
    fn a_character_that_may_not_be_there_is_shown_with_its_place() {
        let odd = |text: &str| odd_character(text, |c| c.is_ascii_graphic());
        assert_eq!(odd("SECRET"), None);
        assert_eq!(odd("SEC RET").unwrap(), "Character 4 of 7 is a space.");
        assert_eq!(odd("SECRET\n").unwrap(), "Character 7 of 7 is a line end.");
        assert_eq!(odd("\u{FEFF}SECRET").unwrap(), "Character 1 of 7 is a byte order mark (U+FEFF).");
        assert_eq!(odd("SECR\u{202E}ET").unwrap(), "Character 5 of 7 is invisible (U+202E).");
        assert_eq!(odd("“SECRET”").unwrap(), "Character 1 of 8 is ““” (U+201C).");
    }

    proptest! {
        #[test]
        fn whatever_the_bytes_there_is_a_text_in_the_memory_that_was_set_aside_for_it(
            bytes in proptest::collection::vec(any::<u8>(), 0..300)
        ) {
            let (text, _) = decode(&bytes);
            prop_assert!(text.len() <= bytes.len() * 3);
        }

        #[test]
        fn ascii_is_the_same_text_in_every_encoding(text in "[ -~\r\n]{4,200}") {
            for encoding in UNICODE {
                for marked in [true, false] {
                    prop_assert_eq!(&decode(&encoded(&text, encoding, marked)).0, &text);
                }
            }
        }
    }
}
