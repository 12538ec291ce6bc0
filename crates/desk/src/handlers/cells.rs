//! Cells of a CSV file that a spreadsheet shows as they are: no formula runs, no text becomes a number, date or time.
//!
//! Owns which texts a spreadsheet would change. An apostrophe in front of such a text keeps it text in Excel, LibreOffice
//! and Google Sheets (OWASP, CSV injection, names it for formulas). What was written by a server, or by the person who
//! asked for a certificate, is not trusted: in doubt the apostrophe is written.

use domain::SerialNumber;

/// Characters that begin a formula, with their full-width forms.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// Characters at which some spreadsheet, by its settings, begins another cell.
const SEPARATORS: [char; 5] = [';', '|', '\t', '\r', '\n'];

/// The beginnings of month names in the languages that spreadsheets are used in most, three letters each: `MAR1`, `3-Okt`
/// and `12. août` become dates.
const MONTHS: [&str; 44] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", // English
    "mär", "mai", "okt", "dez", // German
    "fév", "fev", "avr", "jui", "aoû", "aou", "déc", // French
    "ene", "abr", "ago", "dic", // Spanish
    "gen", "mag", "giu", "lug", "set", "ott", // Italian
    "out", // Portuguese
    "mrt", "mei", // Dutch
    "sty", "lut", "kwi", "maj", "cze", "lip", "wrz", "gru", // Polish
];

/// Letters that stand between the digits of numbers and times.
const IN_NUMBERS: [&str; 11] = ["e", "am", "pm", "t", "z", "utc", "gmt", "eur", "usd", "chf", "gbp"];

/// A serial number: in bytes with colons, the form in which other tools print it.
///
/// `12:45` would be a time, and `05` the number 5: digits alone get the apostrophe too.
pub(super) fn serial(text: &str) -> String {
    let Ok(serial) = SerialNumber::parse(text) else { return self::text(text) };
    let spelled = serial.colons();
    let digits_alone = spelled.chars().all(|it| it == ':' || it.is_ascii_digit());
    if digits_alone { format!("'{spelled}") } else { spelled }
}

/// Any text.
pub(super) fn text(text: &str) -> String {
    let mut cell = String::with_capacity(text.len() + 1);
    if changes(text) {
        cell.push('\'');
    }
    // Where a spreadsheet takes another separator than the comma, a formula may begin in the middle of the cell.
    let mut after_separator = false;
    for it in text.chars() {
        if after_separator && FORMULA.contains(&it) {
            cell.push('\'');
        }
        after_separator = SEPARATORS.contains(&it) || (after_separator && is_blank(it));
        cell.push(it);
    }
    cell
}

/// Whether a spreadsheet would show something else than this text.
fn changes(text: &str) -> bool {
    let visible = text.trim_start_matches(is_blank);
    let Some(first) = visible.chars().next() else { return false };
    FORMULA.contains(&first)
        || text.starts_with(['\t', '\r', '\n'])
        || visible.eq_ignore_ascii_case("true")
        || visible.eq_ignore_ascii_case("false")
        || is_numeric(visible)
}

/// What spreadsheets skip in front of a formula or a number: spaces of all kinds, marks without a width.
fn is_blank(it: char) -> bool {
    it.is_whitespace()
        || it.is_control()
        || matches!(it, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Whether a text may be read as a number, an amount, a date or a time in some language: it has a digit, and all its
/// words are ones that occur in those.
fn is_numeric(text: &str) -> bool {
    // No number or date is that long; the digits of a longer text would be cut, so digits alone are still numeric.
    let digits = text.chars().any(char::is_numeric);
    digits
        && text.split(|it: char| !it.is_alphabetic()).filter(|it| !it.is_empty()).all(|word| {
            let word = word.to_lowercase();
            let is_month = word.chars().count() <= 10 && MONTHS.iter().any(|it| word.starts_with(it));
            is_month || IN_NUMBERS.contains(&word.as_str())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serial_numbers_are_never_numbers_or_times() {
        let cases = [
            ("12e5", "12:E5"),
            ("190000000000000000000001", "'19:00:00:00:00:00:00:00:00:00:00:01"),
            ("1245", "'12:45"),
            ("5", "'05"),
            ("b7d5fcb7", "B7:D5:FC:B7"),
            ("1e5", "01:E5"),
            ("=1", "'=1"),
        ];
        for (serial_number, cell) in cases {
            assert_eq!(serial(serial_number), cell);
        }
    }

    #[test]
    fn what_a_spreadsheet_would_change_gets_an_apostrophe() {
        for changed in [
            "=1+1",
            "+49 1",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            " =1",
            "\u{a0}=1",
            "\u{200b}=1",
            "＝1",
            "007",
            "12345678901234567890",
            "1e5",
            "12E5",
            "1,5",
            "3/4",
            "2026-11-24",
            "24.11.2026",
            "12:45",
            "MAR1",
            "SEPT2",
            "3-Okt",
            "1 Jan 2027",
            "10%",
            "$5",
            "5 €",
            "(5)",
            "TRUE",
            "false",
            "１２",
            "12:45 PM",
        ] {
            let cell = text(changed);
            assert!(cell.starts_with('\''), "{changed:?}");
            assert_eq!(cell.replace('\'', ""), changed);
        }
    }

    #[test]
    fn ordinary_text_stays_as_it_is() {
        for plain in [
            "",
            "shop.example.test",
            "OPS-12",
            "CHG0012345",
            "host-77.example.com",
            "for the shop",
            "Example Root R1",
            "https://pam360.example.com:8282",
            "3 certificates of 5",
            "über",
            "name (serial 12:45, id 309)",
        ] {
            assert_eq!(text(plain), plain);
        }
    }

    #[test]
    fn no_formula_begins_behind_another_separator() {
        assert_eq!(text("a;=1"), "a;'=1");
        assert_eq!(text("a\t =1"), "a\t '=1");
        assert_eq!(text("a\n@x;b"), "a\n'@x;b");
        assert_eq!(text("a; b-c"), "a; b-c");
    }
}
