//! The cleaner of an AUTHTOKEN as people paste, type or pipe it.
//!
//! Owns what is taken away around a token, and that a remark about it never shows a part of the token.

use zeroize::Zeroizing;

use crate::field_remark::Change;
use crate::typed::{distinct, is_invisible, meant};

/// A token without what nobody can see and white space around it, without a label such as `AUTHTOKEN:` in front, without
/// quotation marks around it, and with a hyphen for each dash that a word processor made of one; and what of this was done.
///
/// A quotation mark at one end alone, or two that do not belong together, are removed around a token of the shape that every
/// sample of the vendor has, a GUID: there they cannot be meant. A token of another shape may end in any character of ASCII that
/// can be seen, so around it such a mark stays.
///
/// All else inside stays as it is, to be refused where no token has it.
#[must_use]
pub fn token(text: &str) -> (Zeroizing<String>, Vec<Change>) {
    // In one piece of memory, so that no copy is left behind: a dash takes more bytes than a hyphen.
    let mut cleaned = Zeroizing::new(String::with_capacity(text.len()));
    cleaned.extend(text.chars().filter(|c| !is_invisible(*c)).map(|c| if is_dash(c) { '-' } else { c }));
    let (mut bare, mut label, mut quotes, mut lone) = (cleaned.trim(), false, false, false);
    // A header copied whole has its label within the quotation marks, a line of a shell has it before them.
    loop {
        if let Some(rest) = without_label(bare) {
            (bare, label) = (rest.trim(), true);
        } else if let Some(inner) = without_quotes(bare) {
            (bare, quotes) = (inner.trim(), true);
        } else if let Some((guid, labelled)) = without_lone_quotes(bare) {
            (bare, lone, label) = (guid, true, label || labelled);
        } else {
            break;
        }
    }
    let mut changes = Vec::new();
    let removed = distinct(text.chars().filter(|c| is_invisible(*c)).chain(odd_spaces_around(text)));
    if !removed.is_empty() {
        changes.push(Change::InvisibleRemoved(removed));
    }
    let dashes = distinct(text.chars().filter(|c| is_dash(*c)));
    if !dashes.is_empty() {
        changes.push(Change::LookAlike(dashes));
    }
    changes.extend(label.then_some(Change::LabelRemoved));
    changes.extend(quotes.then_some(Change::Unquoted));
    changes.extend(lone.then_some(Change::LoneQuoteRemoved));
    (Zeroizing::new(bare.to_owned()), changes)
}

/// White space around a text that looks like an ordinary space, or like nothing at all: a no-break space.
fn odd_spaces_around(text: &str) -> impl Iterator<Item = char> {
    let is_around = |c: &char| c.is_whitespace() || is_invisible(*c);
    let odd = |c: &char| c.is_whitespace() && !c.is_ascii();
    text.chars().take_while(is_around).chain(text.chars().rev().take_while(is_around)).filter(odd)
}

/// The rest after `AUTHTOKEN:` or `PAM360_AUTHTOKEN=`, in any case.
fn without_label(text: &str) -> Option<&str> {
    ["PAM360_AUTHTOKEN", "AUTHTOKEN"].iter().find_map(|name| {
        let (label, rest) = text.split_at_checked(name.len())?;
        let rest = rest.trim_start().strip_prefix([':', '='])?;
        label.eq_ignore_ascii_case(name).then_some(rest)
    })
}

/// The text between two quotation marks that belong together.
fn without_quotes(text: &str) -> Option<&str> {
    let mut characters = text.chars();
    let pair = (characters.next()?, characters.next_back()?);
    let quoted = matches!(
        pair,
        ('"', '"') | ('\'', '\'') | ('`', '`') | ('“', '”') | ('„', '“') | ('‘', '’') | ('«', '»')
    );
    quoted.then_some(characters.as_str())
}

/// The GUID in a text that has quotation marks around it without a pair of them, and whether a label stood before it.
fn without_lone_quotes(text: &str) -> Option<(&str, bool)> {
    let inner = text.trim_matches(is_mark);
    let (guid, labelled) = match without_label(inner) {
        Some(rest) => (rest.trim_matches(is_mark), true),
        None => (inner, false),
    };
    (inner.len() < text.len() && is_guid(guid)).then_some((guid, labelled))
}

/// Whether a character may stand around a token: a quotation mark of any language, or white space.
fn is_mark(c: char) -> bool {
    "\"'`“”„‘’«»".contains(c) || c.is_whitespace()
}

/// Whether a text has the shape 8-4-4-4-12 in hexadecimal digits.
fn is_guid(text: &str) -> bool {
    let mut groups = text.split('-');
    let has = |group: Option<&str>, length: usize| {
        group.is_some_and(|it| it.len() == length && it.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    [8, 4, 4, 4, 12].into_iter().all(|length| has(groups.next(), length)) && groups.next().is_none()
}

/// Whether a character is a dash other than the hyphen of ASCII.
fn is_dash(c: char) -> bool {
    c != '-' && meant(c) == '-'
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "3F2504E0-4F89-11D3-9A0C-0305E82C3301";

    fn words(text: &str) -> String {
        let (_, changes) = token(text);
        changes.iter().map(Change::words).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_token_is_read_as_it_was_meant() {
        for typed in [
            TOKEN.to_owned(),
            format!("{TOKEN}\u{200B}"),
            format!("\u{FEFF}{TOKEN}"),
            format!("{TOKEN}\u{FEFF}"),
            format!("\u{2060}{TOKEN}\u{2060}"),
            format!("\u{A0}{TOKEN}\u{A0}"),
            format!("\u{A0}\u{200B} {TOKEN} \r\n"),
            format!("\"{TOKEN}\""),
            format!("'{TOKEN}'"),
            format!("“{TOKEN}”"),
            format!("„{TOKEN}“"),
            format!("AUTHTOKEN: {TOKEN}"),
            format!("authtoken:{TOKEN}"),
            format!("\"AUTHTOKEN: {TOKEN}\""),
            format!("AUTHTOKEN : \"{TOKEN}\""),
            format!("PAM360_AUTHTOKEN='{TOKEN}'"),
            format!("\"{TOKEN}"),
            format!("{TOKEN}'"),
            format!("“{TOKEN}\""),
            format!("AUTHTOKEN: \"{TOKEN}"),
            format!("AUTHTOKEN: {TOKEN}\""),
            format!("\"AUTHTOKEN: {TOKEN}"),
            format!("\"AUTHTOKEN:{TOKEN}"),
            TOKEN.replace('-', "\u{2011}"),
            TOKEN.replace('-', "\u{2013}"),
            TOKEN.replace("4F89", "4F\u{200B}89"),
        ] {
            assert_eq!(*token(&typed).0, TOKEN, "{typed:?}");
            assert_eq!(*token(&token(&typed).0).0, TOKEN, "cleaning twice is cleaning once");
            let words = words(&typed);
            assert!(TOKEN.split('-').all(|it| !words.contains(it)), "{words}");
        }
    }

    #[test]
    fn what_is_not_around_a_token_stays() {
        for text in [
            "a b",
            "a\nb",
            // Not of the vendor's shape: the mark may be a part of it.
            "\"a",
            "a\"",
            "\"3F2504E0-4F89-11D3-9A0C-0305E82C330",
            "\"3F2504E0-4F89-11D3-9A0C-0305E82C3301-1",
            "\"3F2504E04F8911D39A0C0305E82C3301",
            "\"",
            "AUTHTOKEN",
            "AUTHTOKENa",
            "tökén",
            "\u{FF21}",
            "a\u{A0}b",
            "=a",
        ] {
            assert_eq!(*token(text).0, text, "{text:?}");
            assert_eq!(words(text), "", "{text:?}");
        }
        assert_eq!(*token("\u{200B} \u{FEFF}").0, "");
        assert_eq!(*token("AUTHTOKEN: ").0, "");
        assert_eq!(*token("\"\"").0, "");
    }

    #[test]
    fn the_remark_says_what_was_removed() {
        assert_eq!(words("T\u{200B}"), "An invisible character (U+200B) was removed.");
        assert_eq!(words("\u{A0}T\u{2060}"), "Invisible characters (U+2060, U+00A0) were removed.");
        assert_eq!(words("\"T\""), "The quotation marks around it were removed.");
        let lone = format!("\"{TOKEN}");
        assert_eq!(words(&lone), "A quotation mark without its other half was removed.");
        assert_eq!(words("AUTHTOKEN: T"), "The label in front of it (AUTHTOKEN) was removed.");
        assert_eq!(words("A\u{2011}B"), "\u{2011} (U+2011) was read as -.");
        assert_eq!(words(" T\n"), "");
    }
}
