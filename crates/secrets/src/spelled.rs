//! A secret in another spelling: what a server, a proxy or a log writes when it escapes a text.
//!
//! Owns which spellings are undone. Refuses to replace anything: where a spelling was found, the caller leaves the text out.

/// So many letters and digits are compared without regard to case and to what stands between them. Fewer stand in ordinary
/// text by chance.
const LONG_ENOUGH: usize = 16;

/// Whether a text holds a secret: in escapes of JSON, of a URL or of HTML, or, for a long one, in other letters or with
/// separators in between.
pub(crate) fn holds(text: &str, secret: &str) -> bool {
    if secret.is_empty() {
        return false;
    }
    // What stands before a secret can look like the beginning of an escape.
    if is_in(text, secret) {
        return true;
    }
    let mut text = text.to_owned();
    // An escaped text may have been escaped again on its way.
    for _ in 0..3 {
        let plain = unescaped(&text);
        if is_in(&plain, secret) {
            return true;
        }
        if plain == text {
            break;
        }
        text = plain;
    }
    false
}

fn is_in(text: &str, secret: &str) -> bool {
    let core = |text: &str| -> String {
        text.chars().filter(char::is_ascii_alphanumeric).map(|it| it.to_ascii_lowercase()).collect()
    };
    let wanted = core(secret);
    text.contains(secret) || (wanted.len() >= LONG_ENOUGH && core(text).contains(&wanted))
}

/// The text with each escape replaced by what it stands for. What only looks like an escape stays.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let (character, length) = escape(rest).unwrap_or((next, next.len_utf8()));
        plain.push(character);
        rest = rest.get(length..).unwrap_or_default();
    }
    plain
}

/// The character of the escape at the beginning of a text, and how long the escape is in bytes.
fn escape(text: &str) -> Option<(char, usize)> {
    let digits = |start: usize, count: usize, radix: u32| -> Option<char> {
        let digits = text.get(start..start.checked_add(count)?)?;
        digits.chars().all(|it| it.is_digit(radix)).then_some(())?;
        char::from_u32(u32::from_str_radix(digits, radix).ok()?)
    };
    let entity = |start: usize, radix: u32| -> Option<(char, usize)> {
        let count = text.get(start..)?.find(';').filter(|it| (1..=7).contains(it))?;
        Some((digits(start, count, radix)?, start + count + 1))
    };
    match text.as_bytes() {
        [b'\\', b'u' | b'U', ..] if let Some(it) = digits(2, 4, 16) => Some((it, 6)),
        [b'\\', b'x' | b'X', ..] if let Some(it) = digits(2, 2, 16) => Some((it, 4)),
        [b'\\', next, ..] if next.is_ascii_punctuation() => Some((char::from(*next), 2)),
        [b'%', b'u' | b'U', ..] if let Some(it) = digits(2, 4, 16) => Some((it, 6)),
        [b'%', ..] => digits(1, 2, 16).map(|it| (it, 3)),
        [b'&', b'#', b'x' | b'X', ..] => entity(3, 16),
        [b'&', b'#', ..] => entity(2, 10),
        [b'&', ..] => ["&amp;", "&lt;", "&gt;", "&quot;"]
            .into_iter()
            .zip(['&', '<', '>', '"'])
            .find(|(name, _)| text.starts_with(name))
            .map(|(name, it)| (it, name.len())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "B698EF92-6DE0-4F6C-AB6B-0AD7D7E4CF10";

    fn each(spell: impl Fn(char) -> String) -> String {
        TOKEN.chars().map(spell).collect()
    }

    #[test]
    fn every_spelling_of_a_token_is_found() {
        let code = |it: char| u32::from(it);
        for spelled in [
            TOKEN.to_owned(),
            TOKEN.to_lowercase(),
            TOKEN.replace('-', ""),
            each(|it| format!("\\u{:04x}", code(it))),
            each(|it| format!("\\u{:04X}", code(it))),
            each(|it| format!("\\x{:02x}", code(it))),
            each(|it| format!("%{:02X}", code(it))),
            each(|it| format!("%25{:02X}", code(it))),
            each(|it| format!("&#{};", code(it))),
            each(|it| format!("&#x{:x};", code(it))),
            each(|it| format!("&amp;#{};", code(it))),
            TOKEN.replacen('B', "\\u0042", 1),
            TOKEN.replacen('-', "\\-", 2),
            each(|it| format!("{it} ")),
        ] {
            assert!(holds(&format!("before {spelled}, after"), TOKEN), "{spelled}");
        }
    }

    #[test]
    fn other_text_is_left_alone() {
        for text in [
            "",
            "100 % of B698EF92-6DE0",
            "\\u00",
            "%",
            "&#;",
            "&#99999999;",
            "\\",
            "%u12",
            "ü\\ü%ü&ü",
            "B698EF92-6DE0-4F6C-AB6B-0AD7D7E4CF1",
        ] {
            assert!(!holds(text, TOKEN), "{text}");
            assert!(!holds(text, "short token"), "{text}");
        }
        assert!(!holds("anything", ""));
        assert!(holds("t%6Fken", "token") && !holds("T o k e n", "token"));
    }

    proptest::proptest! {
        #[test]
        fn no_text_stops_it(text in ".{0,200}", escapes in "([\\\\%&#;ux0-9A-Fa-f]|ü){0,60}") {
            let _ = holds(&text, TOKEN);
            let _ = holds(&escapes, TOKEN);
            let echoed = [text.as_str(), TOKEN, escapes.as_str()].concat();
            proptest::prop_assert!(holds(&echoed, TOKEN));
        }
    }
}
