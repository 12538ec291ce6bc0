//! Blocks out of a text: PEM (RFC 7468) as people's tools really write, paste, quote and escape it.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

/// The shortest run of dashes around BEGIN and END. RFC 7468 has five, SSH files have four, and word processors make
/// longer dashes of them.
const DASHES: usize = 2;
/// The longest label that is looked for, in characters.
const LABEL: usize = 80;
/// What stands around the lines of a block: quotation marks of mail and of source code, comment signs, white space.
const AROUND: &[char] = &['>', '|', '#', '*', '"', '\'', ',', ';', '\\', '\u{FEFF}', '\u{200B}', '\u{A0}'];
/// Base64 (RFC 4648, section 4), with or without its padding.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// One block.
pub(crate) struct Block {
    /// `CERTIFICATE` and the like, as the file has it, in capitals.
    pub(crate) label: String,
    /// The bytes.
    pub(crate) content: Result<Zeroizing<Vec<u8>>, Damaged>,
    /// Whether its headers say that it is encrypted (RFC 1421, section 4.6.1.1).
    pub(crate) encrypted: bool,
}

/// A block that cannot be decoded.
pub(crate) struct Damaged {
    /// In words that follow "Block 2 cannot be read: ".
    pub(crate) why: String,
    /// What can be decoded of it, to find a name in.
    pub(crate) readable: Vec<u8>,
}

/// The blocks of a text, in its order, and no more than so many.
pub(crate) fn blocks(text: &str, most: usize) -> Vec<Block> {
    let text = unescaped(text);
    let boundaries = boundaries(&text);
    let mut found = Vec::new();
    let mut left = boundaries.iter().peekable();
    while let Some(boundary) = left.next() {
        if !boundary.begins {
            continue;
        }
        if found.len() >= most {
            break;
        }
        let next = left.peek();
        let end = next.map_or(text.len(), |it| it.from);
        let body = text.get(boundary.to..end).unwrap_or_default();
        let mut block = block(boundary.label.clone(), body, || line_of(&text, boundary.to));
        match next {
            Some(next) if next.begins => block.spoil("its END line is missing"),
            None => block.spoil("its END line is missing"),
            Some(next) if next.label != boundary.label => {
                block.spoil(&format!("its END line says {}", domain::visible(&next.label)));
            }
            Some(_) => {}
        }
        found.push(block);
    }
    found
}

/// Base64 without BEGIN and END around it, as bytes.
pub(crate) fn bare(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    block(String::new(), &unescaped(text), || 1).content.ok()
}

impl Block {
    fn spoil(&mut self, why: &str) {
        if let Ok(bytes) = &mut self.content {
            // Not of a key, whose bytes are not kept where nobody overwrites them.
            let readable = if self.label.contains("KEY") { Vec::new() } else { bytes.to_vec() };
            self.content = Err(Damaged { why: why.to_owned(), readable });
        }
    }
}

/// A BEGIN or END with its dashes.
struct Boundary {
    begins: bool,
    label: String,
    /// Where it begins and ends in the text, in bytes.
    from: usize,
    to: usize,
}

/// All boundaries of a text, found in one pass: a file may be nothing but the beginnings of boundaries.
fn boundaries(text: &str) -> Vec<Boundary> {
    let words = |word: &'static str| text.match_indices(word).map(|(at, word)| (at, word.len()));
    let mut places: Vec<_> = words("BEGIN ").chain(words("END ")).collect();
    places.sort_unstable();
    let boundary = |(at, length): (usize, usize)| {
        let from = dashes_before(text, at)?;
        let (label, to) = label_and_dashes(text, at + length)?;
        Some(Boundary { begins: length == "BEGIN ".len(), label, from, to })
    };
    places.into_iter().filter_map(boundary).collect()
}

/// Where the run of dashes begins that stands before a place.
fn dashes_before(text: &str, at: usize) -> Option<usize> {
    let before = text.get(..at)?.trim_end_matches(' ');
    let start = before.trim_end_matches(is_dash);
    let count: usize = before.get(start.len()..)?.chars().map(weight).sum();
    // Joined blocks share a run of ten dashes: five of them end the block before.
    (count >= DASHES).then_some(start.len())
}

/// The label from a place on, and where the run of dashes ends that stands behind it.
fn label_and_dashes(text: &str, at: usize) -> Option<(String, usize)> {
    let rest = text.get(at..)?;
    let length = rest.char_indices().take(LABEL).find(|(_, it)| !is_label(*it)).map(|(end, _)| end)?;
    let label = rest.get(..length)?.trim();
    let dashes = rest.get(length..)?;
    let run: usize = dashes.chars().take_while(|it| is_dash(*it)).map(char::len_utf8).sum();
    let count: usize = dashes.get(..run)?.chars().map(weight).sum();
    (count >= DASHES && !label.is_empty()).then(|| (label.to_owned(), at + length + run))
}

fn is_label(c: char) -> bool {
    c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, ' ' | '#' | '.' | '+' | '/' | '_')
}

fn is_dash(c: char) -> bool {
    weight(c) > 0
}

/// How many hyphens a character stands for: word processors make one long dash of two.
fn weight(c: char) -> usize {
    match c {
        '-' | '\u{2010}'..='\u{2013}' | '\u{2212}' => 1,
        '\u{2014}' | '\u{2015}' => 2,
        _ => 0,
    }
}

/// A block out of the text between its boundaries, and on which line of the file that begins.
fn block(label: String, body: &str, first_line: impl Fn() -> usize) -> Block {
    let mut digits = Zeroizing::new(String::with_capacity(body.len()));
    let (mut encrypted, mut fault) = (false, None);
    for (index, line) in lines(body).enumerate() {
        let line = bare_line(line);
        // Headers stand before the base64, which has no colon (RFC 1421, section 4.6; RFC 7468, section 2).
        if digits.is_empty() && line.contains(':') {
            encrypted |= line.contains("ENCRYPTED");
            continue;
        }
        for c in line.chars().filter(|it| !it.is_whitespace()) {
            if c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=') {
                digits.push(c);
            } else {
                fault.get_or_insert((index, c));
                // Keeps the places of the rest, to find a name in it.
                digits.push('A');
            }
        }
    }
    let decoded = decoded(&digits);
    let content = match (fault, decoded) {
        (None, Some(bytes)) if bytes.is_empty() => Err((String::from("it is empty"), Vec::new())),
        (None, Some(bytes)) => Ok(bytes),
        (None, None) => Err(("its base64 is damaged".to_owned(), readable(&label, &digits))),
        (Some((index, c)), _) => {
            let line = first_line() + index;
            let c = domain::visible(&c.to_string());
            // A character of a key is not shown.
            let c = if label.contains("KEY") {
                "a character".to_owned()
            } else {
                format!("the character “{c}”")
            };
            Err((format!("line {line} has {c}, which base64 does not have"), readable(&label, &digits)))
        }
    };
    Block { label, content: content.map_err(|(why, readable)| Damaged { why, readable }), encrypted }
}

fn decoded(digits: &str) -> Option<Zeroizing<Vec<u8>>> {
    // Padding inside comes from blocks of base64 that were joined; it is not one value.
    LENIENT.decode(digits).ok().map(Zeroizing::new)
}

/// What can be decoded of damaged base64: never of a key.
fn readable(label: &str, digits: &str) -> Vec<u8> {
    if label.contains("KEY") {
        return Vec::new();
    }
    let digits = digits.split('=').next().unwrap_or_default();
    let whole = digits.len() - digits.len() % 4;
    digits.get(..whole).and_then(|it| LENIENT.decode(it).ok()).unwrap_or_default()
}

/// A line without what mail, source code and lists put around it.
fn bare_line(line: &str) -> &str {
    let around = |c: char| c.is_whitespace() || AROUND.contains(&c);
    // `"MIIB" +` of a program: the plus is not of the base64, which stands in quotation marks.
    let line = match line.trim_end().strip_suffix('+').map(str::trim_end) {
        Some(quoted) if quoted.ends_with(['"', '\'']) => quoted,
        _ => line,
    };
    line.trim_matches(around)
}

/// The lines of a text, whatever ends them: LF, CR LF, CR, or the separators that Unicode has.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'])
}

fn line_of(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or_default();
    let returns = before.matches('\r').count();
    let both = before.matches("\r\n").count();
    1 + before.matches('\n').count() + returns - both
}

/// The text with the line ends and signs that JSON, environment files and addresses escape; the text itself when
/// nothing in it is escaped.
fn unescaped(text: &str) -> Zeroizing<String> {
    let by_percent = text.contains("BEGIN%20");
    let by_backslash = text.contains('\\');
    if !by_percent && !by_backslash {
        return Zeroizing::new(text.to_owned());
    }
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let ahead = rest.as_str();
        let (escaped, length) = match (c, ahead.as_bytes()) {
            ('\\', [b'n', ..]) if by_backslash => (Some('\n'), 1),
            ('\\', [b'r', ..]) if by_backslash => (Some('\r'), 1),
            ('\\', [b't', ..]) if by_backslash => (Some(' '), 1),
            ('\\', [b'/', ..]) if by_backslash => (Some('/'), 1),
            ('\\', [b'u', ..]) if by_backslash => (hexadecimal(ahead.get(1..5)), 5),
            ('%', _) if by_percent => (hexadecimal(ahead.get(..2)), 2),
            _ => (None, 0),
        };
        match escaped {
            Some(escaped) => {
                plain.push(escaped);
                rest = ahead.get(length..).unwrap_or_default().chars();
            }
            None => plain.push(c),
        }
    }
    plain
}

fn hexadecimal(digits: Option<&str>) -> Option<char> {
    char::from_u32(u32::from_str_radix(digits?, 16).ok()?)
}
