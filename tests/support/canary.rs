//! A token to look for: in every spelling in which it could slip out, in whatever was written.

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Some of its characters change in every encoding, so that no spelling is another one's.
pub const CANARY: &str = "CANARY+7f/3A=9~b%41?&x";

/// Panics when the canary stands in what was written, raw or encoded.
///
/// # Panics
/// When it does, naming the place and the spelling.
pub fn absent_from(place: &str, written: &[u8]) {
    for (spelling, form) in spellings(CANARY) {
        let found = written.windows(form.len()).position(|it| it == form);
        assert!(found.is_none(), "the token stands in {place}, {spelling}: {}", excerpt(written, found));
    }
}

/// The same for every file below a folder; says how many were looked at.
///
/// # Panics
/// When it stands in one of them, or one cannot be read.
#[must_use]
pub fn absent_below(folder: &Path) -> usize {
    let mut files = 0;
    for entry in fs::read_dir(folder).expect("a folder").map(|it| it.expect("an entry")) {
        let path = entry.path();
        if path.is_dir() {
            files += absent_below(&path);
        } else if let Ok(content) = fs::read(&path) {
            absent_from(&path.display().to_string(), &content);
            files += 1;
        }
    }
    files
}

fn excerpt(written: &[u8], found: Option<usize>) -> String {
    let at = found.unwrap_or_default();
    let part = &written[at.saturating_sub(60)..(at + 80).min(written.len())];
    String::from_utf8_lossy(part).into_owned()
}

fn spellings(secret: &str) -> Vec<(&'static str, Vec<u8>)> {
    let bytes = secret.as_bytes();
    let hex: String = bytes.iter().map(|it| format!("{it:02x}")).collect();
    let percent = |upper: bool| -> String {
        let one = |byte: &u8| match byte {
            b if b.is_ascii_alphanumeric() || b"-._~".contains(b) => char::from(*b).to_string(),
            b if upper => format!("%{b:02X}"),
            b => format!("%{b:02x}"),
        };
        bytes.iter().map(one).collect()
    };
    let json = secret.replace('/', "\\/");
    let numbers: Vec<String> = bytes.iter().map(ToString::to_string).collect();
    let mut all = vec![
        ("as it is", bytes.to_vec()),
        ("percent-encoded", percent(true).into_bytes()),
        ("percent-encoded in small letters", percent(false).into_bytes()),
        ("in hexadecimal", hex.clone().into_bytes()),
        ("in capital hexadecimal", hex.to_uppercase().into_bytes()),
        ("in JSON with escaped slashes", json.into_bytes()),
        ("as a list of numbers", numbers.join(", ").into_bytes()),
        ("as a list of numbers without spaces", numbers.join(",").into_bytes()),
        ("in UTF-16", secret.encode_utf16().flat_map(u16::to_le_bytes).collect()),
    ];
    // In base64 it looks different at each of three places; what neighbours share is left off.
    for place in 0..3 {
        let padded = [&[0; 2][..place], bytes].concat();
        let (start, end) = ((place * 8).div_ceil(6), padded.len() * 8 / 6);
        all.push(("in base64", STANDARD_NO_PAD.encode(&padded).as_bytes()[start..end].to_vec()));
        all.push((
            "in base64 for addresses",
            URL_SAFE_NO_PAD.encode(&padded).as_bytes()[start..end].to_vec(),
        ));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_spelling_is_found_wherever_it_stands() {
        for before in ["", "a", "ab", "abc"] {
            let text = [before, CANARY, "after"].concat();
            for written in [
                text.clone(),
                STANDARD_NO_PAD.encode(&text),
                URL_SAFE_NO_PAD.encode(&text),
                text.bytes().map(|it| format!("{it:02X}")).collect(),
            ] {
                assert!(
                    std::panic::catch_unwind(|| absent_from("a text", written.as_bytes())).is_err(),
                    "{written}"
                );
            }
        }
        absent_from("a text", b"nothing of it: CANARY");
    }
}
