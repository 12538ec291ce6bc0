//! The one cleaner of what people type, paste or pipe into a field.
//!
//! Owns which characters nobody can see, where they are removed, where they are kept and reported, and which character
//! of a refused value is to blame. Refuses to own what a field means: each type's `parse` calls in here first. An AUTHTOKEN
//! has a part of its own.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ErrorCode;
use crate::field_remark::Change;

pub use crate::typed_token::token;

/// Whether a character draws nothing: zero-width and bidirectional marks, fillers, variation selectors, tags.
///
/// White space is not among them, and neither are control characters: a value with one of those is refused.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    matches!(u32::from(c),
        0x00AD                              // soft hyphen
        | 0x034F | 0x061C                   // combining grapheme joiner, Arabic letter mark
        | 0x115F | 0x1160 | 0x3164 | 0xFFA0 // Hangul fillers
        | 0x17B4 | 0x17B5 | 0x180B..=0x180F
        | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F // zero width, directional
        | 0xFE00..=0xFE0F | 0xFEFF          // variation selectors, byte order mark
        | 0xFFF9..=0xFFFC                   // interlinear annotation, object replacement
        | 0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A
        | 0xE0000..=0xE0FFF) // tags, variation selectors
}

/// The character that a look-alike stands for in a value that a machine reads: input methods type full-width ASCII
/// (U+FF01 to U+FF5E), word processors turn a hyphen into a dash, and an ideographic full stop ends a label
/// (UTS #46, section 2.3).
pub(crate) fn meant(c: char) -> char {
    match u32::from(c) {
        wide @ 0xFF01..=0xFF5E => char::from_u32(wide - 0xFEE0).unwrap_or(c),
        0x2010..=0x2013 | 0x2212 | 0xFE58 | 0xFE63 => '-',
        0x3002 | 0xFF61 => '.',
        _ => c,
    }
}

/// A value that a machine reads (a number, an id, an address, a date): without what nobody can see, with the characters
/// that its look-alikes stand for, without white space around it.
#[must_use]
pub fn code(text: &str) -> Cow<'_, str> {
    if text.chars().any(|c| is_invisible(c) || meant(c) != c) {
        let cleaned: String = text.chars().filter(|c| !is_invisible(*c)).map(meant).collect();
        return Cow::Owned(cleaned.trim().to_owned());
    }
    Cow::Borrowed(text.trim())
}

/// An address: as [`code`], but a joiner between letters outside ASCII stays, which is part of some languages' domain
/// names (RFC 5892, appendix A).
pub(crate) fn address(text: &str) -> Cow<'_, str> {
    if !text.contains(JOINERS) {
        return code(text);
    }
    let characters: Vec<char> = text.chars().collect();
    let is_letter = |it: Option<&char>| it.is_some_and(|c| !c.is_ascii() && c.is_alphabetic());
    let kept: String = characters
        .iter()
        .enumerate()
        .filter(|(at, c)| {
            let joins = JOINERS.contains(c)
                && is_letter(at.checked_sub(1).and_then(|it| characters.get(it)))
                && is_letter(characters.get(at + 1));
            joins || !is_invisible(**c)
        })
        .map(|(_, c)| meant(*c))
        .collect();
    Cow::Owned(kept.trim().to_owned())
}

/// Zero width non-joiner and joiner.
const JOINERS: [char; 2] = ['\u{200C}', '\u{200D}'];

/// A name, or a text for people: without white space around it, otherwise as it is. An invisible character can be meant.
#[must_use]
pub fn name(text: &str) -> &str {
    text.trim()
}

/// A path as people paste it: without white space and invisible characters around it, without the quotation marks of
/// "Copy as path", and a `file://` URL of this computer as the path it stands for. Inside, a file's name is its own.
#[must_use]
pub fn path(text: &str) -> Cow<'_, str> {
    let around = |c: char| c.is_whitespace() || is_invisible(c);
    let mut bare = text.trim_matches(around);
    for quote in ['"', '\''] {
        let inner = bare.strip_prefix(quote).and_then(|it| it.strip_suffix(quote));
        // A path with the same mark inside is no quoted path.
        if let Some(inner) = inner.filter(|it| !it.contains(quote)) {
            bare = inner.trim_matches(around);
        }
    }
    match bare.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("file://") => {
            local_file(&bare[7..]).map_or(Cow::Borrowed(bare), Cow::Owned)
        }
        _ => Cow::Borrowed(bare),
    }
}

/// What [`code`] did to a text.
#[must_use]
pub fn code_changes(text: &str) -> Vec<Change> {
    let removed = distinct(text.chars().filter(|c| is_invisible(*c)));
    replaced(text, removed)
}

/// What [`address`] did to a text.
pub(crate) fn address_changes(text: &str) -> Vec<Change> {
    let kept = address(text);
    let removed = distinct(text.chars().filter(|c| is_invisible(*c) && !kept.contains(*c)));
    replaced(text, removed)
}

fn replaced(text: &str, removed: Vec<char>) -> Vec<Change> {
    let mut changes = Vec::new();
    if !removed.is_empty() {
        changes.push(Change::InvisibleRemoved(removed));
    }
    let read = distinct(text.chars().filter(|c| meant(*c) != *c));
    if !read.is_empty() {
        changes.push(Change::LookAlike(read));
    }
    changes
}

/// What is in a name that nobody can see, or that looks like an ordinary space.
#[must_use]
pub fn name_changes(text: &str) -> Vec<Change> {
    let unseen = |c: char| is_invisible(c) || (c.is_whitespace() && c != ' ' && !c.is_control());
    let kept = distinct(name(text).chars().filter(|c| unseen(*c)));
    if kept.is_empty() { Vec::new() } else { vec![Change::InvisibleKept(kept)] }
}

/// What [`path`] did to a text.
#[must_use]
pub fn path_changes(text: &str) -> Vec<Change> {
    let mut changes = Vec::new();
    let read = path(text);
    let removed = distinct(text.chars().filter(|c| is_invisible(*c) && !read.contains(*c)));
    if !removed.is_empty() {
        changes.push(Change::InvisibleRemoved(removed));
    }
    let bare = text.trim_matches(|c: char| c.is_whitespace() || is_invisible(c));
    if bare.starts_with(['"', '\'']) && !read.starts_with(['"', '\'']) {
        changes.push(Change::Unquoted);
    }
    if let Cow::Owned(read) = read {
        changes.push(Change::FileUrl(read));
    }
    let kept = name_changes(&path(text));
    changes.extend(kept);
    changes
}

pub(crate) fn distinct(characters: impl Iterator<Item = char>) -> Vec<char> {
    let mut seen = Vec::new();
    for c in characters {
        if !seen.contains(&c) && seen.len() < MOST_NAMED {
            seen.push(c);
        }
    }
    seen
}

/// How many different characters one remark names.
const MOST_NAMED: usize = 8;

/// The character for which a value was refused, and its place in the text as it is seen, counted from 1. None when no
/// single character is to blame.
#[must_use]
pub fn offender(refused_as: ErrorCode, text: &str) -> Option<Offender> {
    let read = match refused_as {
        ErrorCode::RootCnMalformed
        | ErrorCode::OrganizationMalformed
        | ErrorCode::ConnectionNameMalformed
        | ErrorCode::ProxyUserMalformed => Cow::Borrowed(name(text)),
        _ => code(text),
    };
    let hexadecimal = |c: char| c.is_ascii_hexdigit() || c == ':' || c == '-' || c.is_whitespace();
    // What may stand in front is skipped by hand: it has letters of its own.
    let skipped = match refused_as {
        ErrorCode::SerialNotHex if read.get(..2).is_some_and(|it| it.eq_ignore_ascii_case("0x")) => 2,
        ErrorCode::FingerprintMalformed => read.rfind('=').map_or(0, |it| it + 1),
        ErrorCode::UrlPathNotAscii => {
            let host = read.find("://").map_or(0, |it| it + 3);
            host + read[host..].find(['/', '\\']).unwrap_or(0)
        }
        _ => 0,
    };
    let wrong = |c: char| match refused_as {
        ErrorCode::SerialNotHex | ErrorCode::FingerprintMalformed => !hexadecimal(c),
        ErrorCode::CsrIdNotANumber | ErrorCode::TimeoutOutOfRange => !c.is_ascii_digit(),
        ErrorCode::ValidityNotWhole => !c.is_ascii_digit() && c != '-',
        ErrorCode::OperationMalformed => !c.is_ascii_alphanumeric(),
        ErrorCode::DateMalformed => !c.is_ascii_digit() && c != '-',
        ErrorCode::IntentMalformed => !c.is_ascii_alphanumeric() && c != '-',
        ErrorCode::UrlMalformed | ErrorCode::ProxyAddressMalformed => {
            c.is_whitespace() || c.is_control() || "<>\"{}|^`".contains(c)
        }
        ErrorCode::UrlPathNotAscii => !c.is_ascii(),
        ErrorCode::ProxyUserMalformed => c.is_control() || c == ':',
        ErrorCode::RootCnMalformed
        | ErrorCode::OrganizationMalformed
        | ErrorCode::ConnectionNameMalformed => c.is_control(),
        _ => false,
    };
    let (at, character) = read.char_indices().find(|(at, c)| *at >= skipped && wrong(*c))?;
    let place = u32::try_from(read.get(..at)?.chars().count() + 1).ok()?;
    Some(Offender { character, place })
}

/// One character of a refused value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offender {
    /// The character.
    pub character: char,
    /// Its place, counted from 1 in the text without white space and invisible characters around it.
    pub place: u32,
}

/// A sentence that shows it.
impl fmt::Display for Offender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { character, place } = self;
        let number = u32::from(*character);
        if *character == ' ' {
            write!(f, "Character {place} is a space.")
        } else if character.is_control() || character.is_whitespace() || is_invisible(*character) {
            write!(f, "Character {place} is U+{number:04X}.")
        } else if character.is_ascii() {
            write!(f, "Character {place} is \"{character}\".")
        } else {
            write!(f, "Character {place} is \"{character}\" (U+{number:04X}).")
        }
    }
}

/// The path of a `file://` URL (RFC 8089): of this computer only; `/C:/…` is `C:/…`.
fn local_file(rest: &str) -> Option<String> {
    let slash = rest.find('/')?;
    let (host, path) = rest.split_at(slash);
    if !host.is_empty() && !host.eq_ignore_ascii_case("localhost") {
        return None;
    }
    let path = percent_decoded(path)?;
    let drive = path.as_bytes().get(1..3).is_some_and(|it| it[0].is_ascii_alphabetic() && it[1] == b':');
    Some(if drive { path[1..].to_owned() } else { path })
}

/// Percent-encoding undone (RFC 3986, section 2.1); none when it is malformed or no UTF-8.
pub(crate) fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|it| char::from(it).to_digit(16));
        bytes.push(u8::try_from(digit()? << 4 | digit()?).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_nobody_can_see_is_removed_from_a_code() {
        assert_eq!(code("\u{200E}18 79\u{FEFF}\u{A0}"), "18 79");
        assert_eq!(code("\u{FF11}\u{FF10}\u{FF10}"), "100");
        assert_eq!(code("2027\u{2011}03\u{2013}04"), "2027-03-04");
        assert!(matches!(code(" plain "), Cow::Borrowed("plain")));
        // Seen, so not removed: it is refused, and shown.
        assert_eq!(code("a\u{7}b"), "a\u{7}b");
    }

    #[test]
    fn a_path_is_read_as_people_paste_it() {
        let cases = [
            ("\"C:\\certs\\my ca.pem\"", "C:\\certs\\my ca.pem"),
            (" '/etc/ssl/ca.pem' ", "/etc/ssl/ca.pem"),
            // The security tab of a file's properties on Windows.
            ("\u{202A}C:\\certs\\ca.pem", "C:\\certs\\ca.pem"),
            ("file:///C:/certs/my%20ca.pem", "C:/certs/my ca.pem"),
            ("file://localhost/etc/ssl/ca.pem", "/etc/ssl/ca.pem"),
            ("FILE:///etc/%C3%A4.pem", "/etc/ä.pem"),
            // Neither of this computer nor well-formed: as it is, and not found.
            ("file://nas/share/ca.pem", "file://nas/share/ca.pem"),
            ("file:///a%2", "file:///a%2"),
            // Part of the name.
            ("\"a\" and \"b\"", "\"a\" and \"b\""),
            ("it's.pem", "it's.pem"),
            ("a\u{200D}b", "a\u{200D}b"),
            ("\"", "\""),
            ("", ""),
        ];
        for (typed, expected) in cases {
            assert_eq!(path(typed), expected, "{typed}");
        }
    }

    #[test]
    fn the_answer_says_what_was_done() {
        let words = |changes: Vec<Change>| changes.iter().map(Change::words).collect::<Vec<_>>().join(" ");
        assert_eq!(
            words(code_changes("\u{200E}1879376424c")),
            "An invisible character (U+200E) was removed."
        );
        assert_eq!(
            words(code_changes("\u{200B}\u{FEFF}1\u{200B}")),
            "Invisible characters (U+200B, U+FEFF) were removed."
        );
        assert_eq!(words(code_changes("\u{FF13}03")), "\u{FF13} (U+FF13) was read as 3.");
        assert_eq!(words(code_changes(" 1879 ")), "");
        assert!(words(name_changes("a\u{200B}b")).starts_with("An invisible character (U+200B) is part of"));
        assert!(words(name_changes("a\u{A0}b")).contains("U+00A0"));
        assert_eq!(words(name_changes("\u{A0}Ω b ")), "");
        assert_eq!(words(path_changes("\"C:\\ca.pem\"")), "The quotation marks around it were removed.");
        assert_eq!(words(path_changes("/ca.pem")), "");
        assert!(words(path_changes("file:///ca.pem")).contains("/ca.pem"));
    }

    #[test]
    fn a_refused_value_shows_the_character_and_its_place() {
        let shown = |code, text| offender(code, text).map(|it| it.to_string());
        let cases = [
            (ErrorCode::SerialNotHex, " 0x18g9", "Character 5 is \"g\"."),
            (ErrorCode::CsrIdNotANumber, "\u{200E}3\u{663}", "Character 2 is \"\u{663}\" (U+0663)."),
            (ErrorCode::ValidityNotWhole, "1 0", "Character 2 is a space."),
            (ErrorCode::RootCnMalformed, "a\u{7}b", "Character 2 is U+0007."),
            (ErrorCode::FingerprintMalformed, "SHA256 Fingerprint=AB:CX", "Character 24 is \"X\"."),
            (ErrorCode::UrlMalformed, "https://a b", "Character 10 is a space."),
            (
                ErrorCode::UrlPathNotAscii,
                "https://m\u{fc}nchen.example/p\u{430}m",
                "Character 26 is \"\u{430}\" (U+0430).",
            ),
            (ErrorCode::ProxyUserMalformed, "a:b", "Character 2 is \":\"."),
        ];
        for (code, text, expected) in cases {
            assert_eq!(shown(code, text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(shown(ErrorCode::CsrIdTooLarge, "9999999999999999999999"), None);
    }

    proptest! {
        #[test]
        fn cleaning_twice_is_cleaning_once(text in "(\\PC|[\u{200B}-\u{200F}\u{FEFF}\u{FF01}-\u{FF5E}\u{2010}-\u{2013} \"'%]){0,40}") {
            let once = code(&text).into_owned();
            prop_assert_eq!(code(&once), once.as_str());
            prop_assert!(!once.chars().any(is_invisible));
            let _ = path(&text);
        }
    }
}
