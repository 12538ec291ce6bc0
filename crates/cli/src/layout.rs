//! What a line looks like: its width, its colour, and command lines that can be copied.
//!
//! Owns that nothing of this reaches a file or another program: only a terminal gets wrapped lines and colour.

use std::io::IsTerminal;

use clap::builder::styling::{AnsiColor, Style};
use domain::Outcome;
use terminal_size::{Height, Width};
use textwrap::{Options, WordSplitter};

/// The columns of a terminal that does not tell how many it has.
const USUAL: usize = 80;
/// No line is wrapped to fewer columns than these: fewer would be unreadable.
const NARROWEST: usize = 40;

/// The columns of the terminal that standard output is; none when it is not one.
pub(crate) fn width() -> Option<usize> {
    width_of(&std::io::stdout())
}

/// The same of standard error.
pub(crate) fn error_width() -> Option<usize> {
    width_of(&std::io::stderr())
}

#[cfg(unix)]
fn width_of(stream: &(impl IsTerminal + std::os::fd::AsFd)) -> Option<usize> {
    stream.is_terminal().then(|| columns(terminal_size::terminal_size_of(stream)))
}

#[cfg(windows)]
fn width_of(stream: &(impl IsTerminal + std::os::windows::io::AsHandle)) -> Option<usize> {
    stream.is_terminal().then(|| columns(terminal_size::terminal_size_of(stream)))
}

fn columns(told: Option<(Width, Height)>) -> usize {
    told.map(|(width, _)| usize::from(width.0)).filter(|it| *it > 0).unwrap_or(USUAL).max(NARROWEST)
}

/// A text in lines of at most this width, each as far to the right as it begins. Words that are longer stay whole, so
/// that addresses and serial numbers can be copied.
pub(crate) fn wrapped(text: &str, width: usize) -> String {
    text.split('\n').map(|line| wrapped_line(line, width)).collect::<Vec<_>>().join("\n")
}

fn wrapped_line(line: &str, width: usize) -> String {
    let words = line.trim_start_matches(' ');
    let indent = &line[..line.len() - words.len()];
    if words.is_empty() || textwrap::core::display_width(line) <= width {
        return line.to_owned();
    }
    let hanging = format!("{indent}  ");
    let options = Options::new(width)
        .initial_indent(indent)
        .subsequent_indent(&hanging)
        .break_words(false)
        .word_splitter(WordSplitter::NoHyphenation);
    textwrap::fill(words, options)
}

/// A text in exactly so many columns: filled with spaces, or cut with a mark.
pub(crate) fn column(text: &str, width: usize) -> String {
    let is = textwrap::core::display_width(text);
    if is <= width {
        return format!("{text}{}", " ".repeat(width - is));
    }
    let mut cut = String::new();
    for it in text.chars() {
        cut.push(it);
        if textwrap::core::display_width(&cut) >= width {
            cut.pop();
            break;
        }
    }
    cut.push('…');
    let is = textwrap::core::display_width(&cut);
    cut + &" ".repeat(width.saturating_sub(is))
}

/// Whether colour may be used: on a terminal, unless the person wants none (<https://no-color.org>).
pub(crate) fn has_colour() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|it| !it.is_empty());
    std::io::stdout().is_terminal()
        && !set("NO_COLOR")
        && std::env::var_os("TERM").is_none_or(|it| it != "dumb")
}

/// The word of an outcome in its colour. The word says it all; the colour helps to find it.
pub(crate) fn coloured(text: &str, outcome: Outcome, colour: bool) -> String {
    if !colour {
        return text.to_owned();
    }
    let colour = match outcome {
        Outcome::Signed => AnsiColor::Green,
        Outcome::Refused => AnsiColor::Red,
        Outcome::Unknown => AnsiColor::Yellow,
        Outcome::NotSent => AnsiColor::Cyan,
    };
    let style = Style::new().fg_color(Some(colour.into()));
    format!("{style}{text}{style:#}")
}

/// A word as a shell takes it.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |it: char| it.is_ascii_alphanumeric() || "@%+=:,./-_\\".contains(it);
    let backslash_is_special = !cfg!(windows) && word.contains('\\');
    if !word.is_empty() && word.chars().all(plain) && !backslash_is_special {
        return word.to_owned();
    }
    if cfg!(windows) {
        return format!("\"{word}\"");
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// A number with its thousands apart.
pub(crate) fn thousands(number: u64) -> String {
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

/// "1 entry", "2,000 entries".
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(number), if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_the_terminal_and_keep_their_indent() {
        let text = format!("  Next: {}\n\nshort", "look in PAM360 before anything is sent again ".repeat(4));
        let wrapped = wrapped(&text, 40);
        assert!(wrapped.lines().all(|it| it.chars().count() <= 40), "{wrapped}");
        assert!(wrapped.starts_with("  Next: look"), "{wrapped}");
        assert!(wrapped.lines().nth(1).unwrap().starts_with("    "), "{wrapped}");
        assert!(wrapped.ends_with("\n\nshort"), "{wrapped}");
        let long = format!("  serial {}", "AB:".repeat(40));
        assert!(super::wrapped(&long, 40).contains(&"AB:".repeat(40)), "a value stays whole");
    }

    #[test]
    fn a_column_is_as_wide_as_it_should_be() {
        for (text, width) in [("ab", 5), ("abcdefgh", 5), ("東京東京", 5), ("", 3)] {
            assert_eq!(textwrap::core::display_width(&column(text, width)), width, "{text}");
        }
        assert_eq!(column("abcdefgh", 5), "abcd…");
    }

    #[cfg(unix)]
    #[test]
    fn a_shell_takes_a_quoted_word_as_it_was() {
        for word in ["Production", "Prod & co", "it's", "$HOME", "a\\b", "", "/data dir/x", "*"] {
            let output = std::process::Command::new("sh")
                .arg("-c")
                .arg(format!("printf %s {}", quoted(word)))
                .output();
            assert_eq!(String::from_utf8(output.unwrap().stdout).unwrap(), word);
        }
        assert_eq!(quoted("/data/x"), "/data/x");
    }

    #[test]
    fn counts_are_written_for_people() {
        assert_eq!(counted(1, "entry", "entries"), "1 entry");
        assert_eq!(counted(1_234_567, "entry", "entries"), "1,234,567 entries");
        assert_eq!(thousands(100), "100");
    }
}
