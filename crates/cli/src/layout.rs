//! What a line looks like: its width and its colour. Commands within it are in [`commands`].
//!
//! Owns that prose is wrapped in one place, for terminals and files alike, and that only a terminal gets colour. JSON, CSV
//! and commands do not come here.

mod commands;

use std::io::IsTerminal;
use std::path::Path;

use clap::builder::styling::{AnsiColor, Style};
use domain::{Outcome, thousands, visible};
use terminal_size::{Height, Width};
use textwrap::core::display_width;
use textwrap::{Options, WordSeparator, WordSplitter};

use self::commands::pieces;
#[cfg(test)]
pub(crate) use self::commands::within;
pub(crate) use self::commands::{quoted, with_option};

/// The columns of prose where no terminal says how many it has: a terminal that does not know, a file, a pipe.
const USUAL: usize = 80;
/// No line is wrapped to fewer columns than these: fewer would be unreadable.
const NARROWEST: usize = 40;
/// No prose is wider than this, however wide the terminal is: longer lines are hard to read.
const WIDEST: usize = 100;
/// How far to the right the text after a label can begin for its next lines to begin there too.
const DEEPEST: usize = 26;
/// Stands for a space at which no line is broken: a noncharacter, which no text has (The Unicode Standard, section 23.7).
const HELD: char = '\u{FDD0}';

/// The columns of the terminal that standard output is; none when it is not one.
pub(crate) fn terminal_width() -> Option<usize> {
    width_of(&std::io::stdout())
}

/// The columns of prose on standard output.
pub(crate) fn width() -> usize {
    prose(terminal_width())
}

/// The columns of prose on standard error.
pub(crate) fn error_width() -> usize {
    prose(width_of(&std::io::stderr()))
}

fn prose(terminal: Option<usize>) -> usize {
    terminal.unwrap_or(USUAL).min(WIDEST)
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

/// A text in lines of at most this width. The next lines of a label's text begin under the text, those of other lines
/// two columns further in. Long words and commands stay whole, so that addresses, fingerprints, paths and commands can
/// be copied.
pub(crate) fn wrapped(text: &str, width: usize) -> String {
    text.split('\n').map(|line| wrapped_line(line, width)).collect::<Vec<_>>().join("\n").replace(HELD, " ")
}

/// A path for prose: it stays on one line, also with spaces in it.
pub(crate) fn whole(path: &Path) -> String {
    path.display().to_string().replace(' ', &HELD.to_string())
}

fn wrapped_line(line: &str, width: usize) -> String {
    let words = line.trim_start_matches(' ');
    let indent = &line[..line.len() - words.len()];
    if words.is_empty() || display_width(line) <= width {
        return line.to_owned();
    }
    let labels = after_labels(line);
    // A line without indent and label is a paragraph.
    let usual = if indent.is_empty() && labels.is_empty() { 0 } else { indent.len() + 2 };
    let fits = |hanging: &usize| pieces(words).all(|it| *hanging + it.width <= width);
    let hanging = labels.into_iter().rev().find(fits).unwrap_or(usual);
    let hanging = " ".repeat(hanging);
    let options = Options::new(width)
        .initial_indent(indent)
        .subsequent_indent(&hanging)
        .break_words(false)
        .word_separator(WordSeparator::Custom(pieces))
        .word_splitter(WordSplitter::NoHyphenation);
    textwrap::fill(words, options)
}

/// The columns at which the text after each label begins: two spaces or more set a label off.
fn after_labels(line: &str) -> Vec<usize> {
    let begins = line.char_indices().filter(|(at, it)| {
        let before = line.get(..*at).unwrap_or_default();
        *it != ' ' && before.ends_with("  ") && !before.trim_start_matches(' ').is_empty()
    });
    let columns = begins.map(|(at, _)| line.get(..at).map_or(0, display_width));
    columns.take_while(|it| *it <= DEEPEST).collect()
}

/// A text of several lines with every hidden character spelled out: what is reviewed must not look like something else.
pub(crate) fn visible_lines(text: &str) -> String {
    let lines = text.split('\n').map(|it| visible(it.strip_suffix('\r').unwrap_or(it)));
    lines.collect::<Vec<_>>().join("\n")
}

/// A text in exactly so many columns: filled with spaces, or cut with a mark.
pub(crate) fn column(text: &str, width: usize) -> String {
    let is = display_width(text);
    if is <= width {
        return format!("{text}{}", " ".repeat(width - is));
    }
    let mut cut = String::new();
    for it in text.chars() {
        cut.push(it);
        if display_width(&cut) >= width {
            cut.pop();
            break;
        }
    }
    cut.push('…');
    let is = display_width(&cut);
    cut + &" ".repeat(width.saturating_sub(is))
}

/// Whether colour may be used: on a terminal, unless the person wants none (<https://no-color.org>).
pub(crate) fn has_colour() -> bool {
    std::io::stdout().is_terminal() && colour_is_wanted()
}

/// The same of standard error.
pub(crate) fn error_has_colour() -> bool {
    std::io::stderr().is_terminal() && colour_is_wanted()
}

fn colour_is_wanted() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|it| !it.is_empty());
    !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|it| it != "dumb")
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

/// "1 entry", "2,000 entries".
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(number), if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::commands::PROGRAMS;

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
        let paragraph = super::wrapped(&"word ".repeat(20), 40);
        assert!(paragraph.lines().all(|it| it.starts_with("word")), "{paragraph}");
    }

    #[test]
    fn the_next_lines_of_a_label_begin_under_its_text() {
        let text = format!("FAILED  TLS certificate  {}", "no CA that is trusted issued it ".repeat(3));
        let wrapped = wrapped(text.trim_end(), 60);
        let lines: Vec<&str> = wrapped.lines().collect();
        assert!(lines.len() > 1 && lines[0].starts_with("FAILED  TLS certificate  no CA"), "{wrapped}");
        assert!(
            lines[1..].iter().all(|it| it.starts_with(&" ".repeat(25)) && !it.starts_with(&" ".repeat(26)))
        );
        // However many spaces set the label off.
        for label in ["ok      dns           ", "ok      tcp  ", "ok      tls   "] {
            let wrapped = super::wrapped(&format!("{label}{}", "word ".repeat(20)), 60);
            let next = wrapped.lines().nth(1).unwrap();
            assert_eq!(next.find("word"), Some(label.len()), "{wrapped}");
        }
        // A long word moves all of them under an earlier label, or to the left, and never to the first column.
        let word = |length: usize| format!("FAILED  dns  {} {}", "a".repeat(length), "words ".repeat(12));
        for (length, column) in [(30, 13), (50, 8), (57, 2), (70, 2)] {
            let wrapped = super::wrapped(word(length).trim_end(), 60);
            let next = wrapped.lines().last().unwrap();
            assert_eq!(next.len() - next.trim_start().len(), column, "{wrapped}");
        }
        // A value that does not fit there begins further to the left, on a line of its own.
        let long = format!("     SHA-256    {}", "AB:".repeat(20));
        assert_eq!(super::wrapped(&long, 60), format!("     SHA-256\n       {}", "AB:".repeat(20)));
    }

    #[test]
    fn a_path_with_spaces_stays_on_one_line() {
        let path = Path::new("/srv/a person/CSR Desk/the data folder");
        let text = format!("  Record: entry 1 in {}; this is the earlier answer", whole(path));
        for width in 40..90 {
            let wrapped = wrapped(&text, width);
            assert!(wrapped.contains("/srv/a person/CSR Desk/the data folder;"), "{width}: {wrapped}");
        }
    }

    #[test]
    fn a_command_is_never_broken() {
        let cases = [
            (
                "Save it in the keychain: csrdesk secret save client-passphrase --connection NAME",
                "csrdesk secret save client-passphrase --connection NAME",
            ),
            (
                "It was not put there now. csrdesk record-key --to keychain moves it there later.",
                "csrdesk record-key --to keychain",
            ),
            (
                "Write it again: openssl pkcs12 -legacy -in old.p12 -out all.pem, then openssl pkcs12 -export -in all.pem",
                "openssl pkcs12 -legacy -in old.p12 -out all.pem,",
            ),
            (
                "The session has ended. Look in the terminal in which csrdesk serve runs: it has a link",
                "csrdesk serve",
            ),
            (
                "Or with csrdesk entry 4 --data-dir '/srv/it is. here/x y' --json. Then sign the CSR again.",
                "csrdesk entry 4 --data-dir '/srv/it is. here/x y' --json.",
            ),
            (
                r#"Acknowledge it with csrdesk history --data-dir "/tmp/desk's é b\" c/desk". Then sign the CSR again."#,
                r#"csrdesk history --data-dir "/tmp/desk's é b\" c/desk"."#,
            ),
            (
                "Save it: csrdesk secret save token --connection 'My PAM server' and wait for the server's answer",
                "csrdesk secret save token --connection 'My PAM server'",
            ),
        ];
        for (text, command) in cases {
            for width in 40..100 {
                let wrapped = wrapped(text, width);
                assert!(wrapped.contains(command), "{width}: {wrapped}");
                let broken = wrapped.lines().filter(|it| display_width(it) > width);
                for line in broken {
                    assert!(PROGRAMS.iter().any(|it| line.starts_with(it)), "{width}: {wrapped}");
                }
                assert_eq!(wrapped.split_whitespace().collect::<Vec<_>>().join(" "), text);
            }
        }
    }

    #[test]
    fn prose_has_80_columns_without_a_terminal_and_100_at_most() {
        assert_eq!([None, Some(40), Some(90), Some(300)].map(prose), [80, 40, 90, 100]);
        assert_eq!(columns(None), 80);
        assert_eq!(columns(Some((Width(0), Height(0)))), 80);
    }

    #[test]
    fn a_column_is_as_wide_as_it_should_be() {
        for (text, width) in [("ab", 5), ("abcdefgh", 5), ("東京東京", 5), ("", 3)] {
            assert_eq!(display_width(&column(text, width)), width, "{text}");
        }
        assert_eq!(column("abcdefgh", 5), "abcd…");
    }

    #[test]
    fn counts_are_written_for_people() {
        assert_eq!(counted(1, "entry", "entries"), "1 entry");
        assert_eq!(counted(1_234_567, "entry", "entries"), "1,234,567 entries");
    }
}
