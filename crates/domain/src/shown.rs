//! Making foreign text safe to look at: what cannot be seen is spelled out.

use crate::typed;

/// The text with every control, bidirectional, zero-width and private character written as `⟨U+202E⟩`.
///
/// Such characters make a name look like another one; a reviewer must see them (invariant 8).
#[must_use]
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_deceptive(c) {
            shown.push_str(&format!("⟨U+{:04X}⟩", u32::from(c)));
        } else {
            shown.push(c);
        }
    }
    shown
}

/// The first `max` characters, with a mark of how many were left out.
#[must_use]
pub fn clipped(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}… ({} more characters)", &text[..end], text[end..].chars().count()),
    }
}

fn is_deceptive(c: char) -> bool {
    c.is_control()
        || typed::is_invisible(c)
        || matches!(u32::from(c),
            0x2028 | 0x2029               // separators
            | 0xE000..=0xF8FF             // private use
            | 0xE1000..=0x10FFFF) // private planes
}

/// A number with its thousands apart: `1,207`.
#[must_use]
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_spelled_out_and_letters_are_not() {
        assert_eq!(visible("bank\u{202E}moc.\u{0}"), "bank⟨U+202E⟩moc.⟨U+0000⟩");
        assert_eq!(visible("Prüfstelle 東京 Ω"), "Prüfstelle 東京 Ω");
    }

    #[test]
    fn clipping_counts_characters_not_bytes() {
        assert_eq!(clipped("äöü", 3), "äöü");
        assert_eq!(clipped("äöüß", 3), "äöü… (1 more characters)");
    }
}
