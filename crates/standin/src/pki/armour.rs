//! Finding a certificate request in what people hand over: DER, PEM in any text encoding, PEM inside a mail, bare base64. Owns
//! the outer form only. A file with two requests is refused: which of them is meant is not for a server to guess.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::der::SEQUENCE;

/// Padding may be missing: people lose it with the line it stands on.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);
const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";
/// What RFC 7468, section 7, and older programs call a request.
const LABELS: [&str; 2] = ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"];

/// The DER of the one request in these bytes. The error is a sentence for the person who sent it.
pub(crate) fn request(bytes: &[u8]) -> Result<Vec<u8>, String> {
    if bytes.is_empty() {
        return Err("The file is empty.".to_owned());
    }
    if looks_like_der(bytes) {
        return Ok(without_line_end(bytes).to_vec());
    }
    let text = text(bytes).ok_or("This is neither DER nor a text with a certificate request.")?;
    // A PEM file that went through JSON or a shell variable has its line ends spelled out.
    let text =
        if text.contains('\n') { text } else { Cow::Owned(text.replace("\\r", "").replace("\\n", "\n")) };
    let blocks = blocks(&text)?;
    let mut requests = blocks.iter().filter(|(label, _)| LABELS.contains(&label.as_str()));
    match (requests.next(), requests.count()) {
        (Some((_, body)), 0) => decode(body),
        (Some(_), more) => {
            Err(format!("The file holds {} certificate requests; send them one by one.", more + 1))
        }
        (None, _) => match blocks.first() {
            Some((label, _)) => Err(format!("The file holds a {label}, not a CERTIFICATE REQUEST.")),
            None => bare(&text),
        },
    }
}

/// A SEQUENCE whose length is not a printable character that a text could go on with: texts of people begin with a zero too.
fn looks_like_der(bytes: &[u8]) -> bool {
    matches!(bytes, [SEQUENCE, 0x80..=0xff, ..])
        || matches!(bytes, [SEQUENCE, length, ..] if bytes.len() == usize::from(*length) + 2)
}

/// Editors and shells put a line end after the last byte.
fn without_line_end(der: &[u8]) -> &[u8] {
    let mut outer = super::reader::Reader::new(der);
    match outer.read() {
        Ok(element) if der[element.raw.len()..].iter().all(|byte| matches!(byte, b'\r' | b'\n')) => {
            element.raw
        }
        _ => der,
    }
}

/// The text, whatever its encoding: UTF-8 or a superset of ASCII, with or without a byte order mark, and UTF-16.
fn text(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let utf_16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        Cow::Owned(char::decode_utf16(units).map(|unit| unit.unwrap_or('\u{fffd}')).collect())
    };
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => Some(String::from_utf8_lossy(rest)),
        [0xff, 0xfe, rest @ ..] => Some(utf_16(rest, u16::from_le_bytes)),
        [0xfe, 0xff, rest @ ..] => Some(utf_16(rest, u16::from_be_bytes)),
        // Without a mark: what is wanted is ASCII, so every other byte is zero.
        [first, 0, ..] if *first != 0 => Some(utf_16(bytes, u16::from_le_bytes)),
        [0, second, ..] if *second != 0 => Some(utf_16(bytes, u16::from_be_bytes)),
        // A few bytes beyond ASCII, in the words around a block, spoil nothing.
        _ if bytes.contains(&0) => None,
        _ => Some(String::from_utf8_lossy(bytes)),
    }
}

/// Every PEM block with its label, in order.
fn blocks(text: &str) -> Result<Vec<(String, &str)>, String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(BEGIN) {
        let unfinished = || "A PEM block has no end line: the file is cut off.".to_owned();
        let (label, after) = after.split_once(DASHES).ok_or_else(unfinished)?;
        let (body, after) = after.split_once(DASHES).ok_or_else(unfinished)?;
        if !after.starts_with("END ") {
            return Err(unfinished());
        }
        found.push((label.trim().to_owned(), body));
        rest = after.split_once(DASHES).map_or("", |(_, rest)| rest);
    }
    Ok(found)
}

/// Base64 with anything white in it, and after headers as RFC 1421 has them.
fn decode(body: &str) -> Result<Vec<u8>, String> {
    let mut lines = body.lines().peekable();
    let mut digits = String::new();
    while let Some(line) = lines.next() {
        if line.contains(':') {
            // A folded header goes on until the empty line.
            lines.by_ref().take_while(|line| !line.trim().is_empty()).for_each(drop);
            continue;
        }
        // What mail programs put before a quoted line, and marks that nobody sees.
        let line = line.trim_start_matches(['>', ' ', '\t', '|']);
        digits.extend(line.chars().filter(|c| !c.is_whitespace() && !matches!(c, '\u{feff}' | '\u{200b}')));
    }
    BASE64
        .decode(&digits)
        .map_err(|error| format!("The base64 of the certificate request is broken: {error}."))
}

/// Base64 without the lines around it.
fn bare(text: &str) -> Result<Vec<u8>, String> {
    let is_digit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=') || c.is_whitespace();
    let decoded = text.chars().all(is_digit).then(|| decode(text).ok()).flatten();
    decoded.filter(|der| looks_like_der(der)).ok_or_else(|| {
        "There is no certificate request in the file: neither PEM nor DER nor base64.".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::super::{der, pem};
    use super::*;

    fn sample() -> (Vec<u8>, String) {
        let der = der::sequence(&[&der::octets(&[42; 200])]);
        let text = pem::encode(pem::REQUEST, &der);
        (der, text)
    }

    #[test]
    fn a_request_is_found_in_every_usual_form() {
        let (der, text) = sample();
        let body: String = text.lines().filter(|line| !line.starts_with('-')).collect::<Vec<_>>().join("\n");
        let utf_16 = |mark: &[u8], unit: fn(u16) -> [u8; 2]| {
            [mark.to_vec(), text.encode_utf16().flat_map(unit).collect()].concat()
        };
        let with_newline = [der.clone(), b"\r\n".to_vec()].concat();
        for (form, bytes) in [
            ("DER", der.clone()),
            ("DER with a line end", with_newline),
            ("PEM", text.clone().into_bytes()),
            ("another label", text.replace("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST").into_bytes()),
            ("CRLF", text.replace('\n', "\r\n").into_bytes()),
            ("CR", text.replace('\n', "\r").into_bytes()),
            ("one line", text.replace('\n', " ").into_bytes()),
            ("line ends spelled out", text.replace('\n', "\\n").into_bytes()),
            ("a byte order mark", format!("\u{feff}{text}").into_bytes()),
            ("UTF-16 with a mark", utf_16(&[0xff, 0xfe], u16::to_le_bytes)),
            ("UTF-16 the other way round", utf_16(&[0xfe, 0xff], u16::to_be_bytes)),
            ("UTF-16 without a mark", utf_16(&[], u16::to_le_bytes)),
            ("big-endian without a mark", utf_16(&[], u16::to_be_bytes)),
            ("words around it", format!("Hello,\n\n{text}\nRegards: me\n").into_bytes()),
            ("Latin-1 around it", [b"Gr\xfc\xdfe\n".to_vec(), text.clone().into_bytes()].concat()),
            (
                "quoted in a mail",
                text.lines().map(|line| format!("> {line}\n")).collect::<String>().into_bytes(),
            ),
            ("indented", text.lines().map(|line| format!("    {line}  \n")).collect::<String>().into_bytes()),
            (
                "with headers",
                text.replacen("-----\n", "-----\nComment: from a device\nVersion: 1\n\n", 1).into_bytes(),
            ),
            ("bare base64", body.clone().into_bytes()),
            ("bare base64 without padding", body.trim_end_matches('=').to_owned().into_bytes()),
            (
                "a key before it",
                format!("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n{text}").into_bytes(),
            ),
        ] {
            assert_eq!(request(&bytes).as_ref(), Ok(&der), "{form}");
        }
    }

    #[test]
    fn what_is_no_single_request_is_refused_with_the_reason() {
        let (der, text) = sample();
        let certificate = pem::encode(pem::CERTIFICATE, &der);
        for (bytes, words) in [
            (Vec::new(), "is empty"),
            (vec![7, 1, 0, 0], "neither DER nor a text"),
            (b"hello".to_vec(), "no certificate request in the file"),
            (b"0 is a digit".to_vec(), "no certificate request in the file"),
            (text.repeat(2).into_bytes(), "holds 2 certificate requests"),
            (certificate.into_bytes(), "holds a CERTIFICATE, not a"),
            (text[..text.len() - 40].to_owned().into_bytes(), "has no end line"),
            (text.replace("-----END CERTIFICATE REQUEST-----", "").into_bytes(), "has no end line"),
            (text.replacen("MI", "M!", 1).into_bytes(), "base64 of the certificate request is broken"),
        ] {
            let error = request(&bytes).unwrap_err();
            assert!(error.contains(words), "{words}: {error}");
        }
    }
}
