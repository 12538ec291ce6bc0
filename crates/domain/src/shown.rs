//! Making foreign text safe to look at: what cannot be seen is spelled out.

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
        || matches!(u32::from(c),
            0x00AD                        // soft hyphen
            | 0x034F | 0x061C             // combining grapheme joiner, Arabic letter mark
            | 0x115F | 0x1160 | 0x3164 | 0xFFA0 // fillers that draw nothing
            | 0x17B4 | 0x17B5 | 0x180B..=0x180F
            | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F // zero width, separators, bidi
            | 0xE000..=0xF8FF             // private use
            | 0xFE00..=0xFE0F | 0xFEFF | 0xFFF9..=0xFFFB
            | 0xE0000..=0x10FFFF) // tags, variation selectors, private planes
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
