//! What a line looks like: its width, its colour, and command lines that can be copied.
//!
//! Owns that prose is wrapped in one place, for terminals and files alike, and that only a terminal gets colour. JSON, CSV
//! and commands do not come here.

use std::borrow::Cow;
use std::io::IsTerminal;
use std::path::Path;

use clap::builder::styling::{AnsiColor, Style};
use domain::{Outcome, thousands, visible};
use terminal_size::{Height, Width};
use textwrap::core::{Word, display_width};
use textwrap::{Options, WordSeparator, WordSplitter};

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
/// The options of this program that take no value: a word after one of them belongs to the sentence.
const FLAGS: [&str; 11] = [
    "--acknowledge",
    "--all",
    "--checked-in-console",
    "--help",
    "--intermediate",
    "--json",
    "--json-lines",
    "--new-key",
    "--not-there",
    "--rebuild",
    "--unsettled",
];
/// The tasks of this program that have tasks of their own.
const GROUPS: [&str; 2] = ["connections", "secret"];
/// The programs whose commands stand in sentences.
const PROGRAMS: [&str; 3] = ["csrdesk", "openssl", "keytool"];

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

/// The words of a line, each command in one piece.
fn pieces(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    let words: Vec<Word<'_>> = WordSeparator::AsciiSpace.find_words(line).collect();
    let mut pieces = Vec::new();
    let (mut at, mut start) = (0, 0);
    while at < words.len() {
        let count = command_length(&words, at);
        let length: usize =
            words.iter().skip(at).take(count).map(|it| it.word.len() + it.whitespace.len()).sum();
        pieces.push(Word::from(line.get(start..start + length).unwrap_or_default()));
        (at, start) = (at + count, start + length);
    }
    Box::new(pieces.into_iter())
}

/// How many words from this one on are one command; 1 where none begins. After a colon a command goes to the end of the
/// clause. Within a sentence it is the program with its task and options.
fn command_length(words: &[Word<'_>], at: usize) -> usize {
    let ends = |it: &str| it.ends_with(['.', ',', ';', ')']);
    let word = |at: usize| words.get(at).map_or("", |it| it.word);
    // A usage line has words to replace and is not copied.
    let is_usage = at.checked_sub(1).is_some_and(|before| word(before) == "Usage:");
    if is_usage || !PROGRAMS.contains(&word(at).trim_start_matches('(')) {
        return 1;
    }
    let introduced = at.checked_sub(1).is_some_and(|before| word(before).ends_with(':'));
    let mut end = at + 1;
    while end < words.len() && !ends(word(end - 1)) {
        let task = end == at + 1 || (end == at + 2 && GROUPS.contains(&word(at + 1)));
        let takes_value = |it: &str| it.starts_with('-') && !FLAGS.contains(&it);
        let option = word(end).starts_with('-') || (end > at + 1 && takes_value(word(end - 1)));
        if !(introduced || task || option || is_argument(word(end))) {
            break;
        }
        end = end_of_value(words, end);
    }
    end - at
}

/// Whether a word can only be a command's argument: a number, a word to replace, a quotation.
fn is_argument(word: &str) -> bool {
    let word = word.trim_end_matches(['.', ',', ';', ')', ':']);
    let all = |is: fn(&u8) -> bool| word.bytes().all(|it| is(&it));
    word.starts_with(['\'', '"'])
        || (!word.is_empty() && all(u8::is_ascii_digit))
        || (word.len() > 1 && all(u8::is_ascii_uppercase))
}

/// Where the shell's word that begins with this one ends: within quotation marks it goes on after a space. A mark that
/// nobody closes belongs to the sentence.
fn end_of_value(words: &[Word<'_>], begin: usize) -> usize {
    let mut open = None;
    for (at, word) in words.iter().enumerate().skip(begin) {
        let mut escaped = false;
        for it in word.word.chars() {
            match (open, it) {
                _ if escaped => escaped = false,
                (None | Some('"'), '\\') => escaped = !cfg!(windows),
                (None, '\'' | '"') => open = Some(it),
                (Some(mark), _) if mark == it => open = None,
                _ => {}
            }
        }
        if open.is_none() {
            return at + 1;
        }
    }
    begin + 1
}

/// A sentence whose commands of this program are given a further option, `option` with a space in front: the folder that this
/// run was given, without which the command would be about another history. A command that has it already stays as it is.
pub(crate) fn with_option(sentence: &str, option: &str) -> String {
    let name = option.split_whitespace().next();
    let Some(name) = name else { return sentence.to_owned() };
    let mut text = String::new();
    for piece in sentence.split('\n').enumerate().flat_map(|(line, it)| {
        let break_before = (line > 0).then(|| Word::from("\n"));
        break_before.into_iter().chain(pieces(it))
    }) {
        let words = piece.word.trim_start_matches('(');
        let takes_options =
            words.strip_prefix("csrdesk ").is_some_and(|it| !it.trim_start().starts_with('-'));
        let command = piece.word.trim_end().trim_end_matches(['.', ',', ';', ')', ':']);
        text.push_str(command);
        if takes_options && !command.split(' ').any(|it| it == name) {
            text.push_str(option);
        }
        text.push_str(piece.word.get(command.len()..).unwrap_or_default());
        text.push_str(piece.whitespace);
    }
    text
}

/// A text of several lines with every hidden character spelled out: what is reviewed must not look like something else.
pub(crate) fn visible_lines(text: &str) -> String {
    let lines = text.split('\n').map(|it| visible(it.strip_suffix('\r').unwrap_or(it)));
    lines.collect::<Vec<_>>().join("\n")
}

/// The command lines of this program within a sentence, without what belongs to the sentence.
#[cfg(test)]
pub(crate) fn commands(sentence: &str) -> Vec<&str> {
    let pieces = pieces(sentence).map(|it| it.word.trim_start_matches('('));
    let ours = pieces.filter(|it| it.starts_with("csrdesk "));
    ours.map(|it| it.trim_end().trim_end_matches(['.', ',', ';', ')', ':'])).collect()
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

/// A word as a shell takes it.
pub(crate) fn quoted(word: &str) -> String {
    // What cannot be seen is shown, and then the command has to be typed: nothing hidden reaches a terminal.
    let word = &*visible(word);
    let plain = |it: char| it.is_ascii_alphanumeric() || "@%+=:,./-_\\".contains(it);
    let backslash_is_special = !cfg!(windows) && word.contains('\\');
    if !word.is_empty() && word.chars().all(plain) && !backslash_is_special {
        return word.to_owned();
    }
    if cfg!(windows) {
        return format!("\"{word}\"");
    }
    // A word with a byte 0 cannot be an argument; no value of this program has one.
    shlex::try_quote(word).map_or_else(|_| visible(word), Cow::into_owned)
}

/// "1 entry", "2,000 entries".
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(number), if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_in_a_sentence_is_given_the_folder_once() {
        let option = " --data-dir '/a b'";
        for (sentence, expected) in [
            (
                "Acknowledge it there, or with csrdesk verify-journal --acknowledge --reason TEXT. Then sign again.",
                "Acknowledge it there, or with csrdesk verify-journal --acknowledge --reason TEXT --data-dir '/a b'. Then sign again.",
            ),
            (
                "Save it: csrdesk secret save token --connection NAME",
                "Save it: csrdesk secret save token --connection NAME --data-dir '/a b'",
            ),
            (
                "(for one: csrdesk connections change NAME). csrdesk entry shows more.",
                "(for one: csrdesk connections change NAME --data-dir '/a b'). csrdesk entry --data-dir '/a b' shows more.",
            ),
            (
                "Use csrdesk verify-journal --rebuild, or csrdesk record-key --new-key goes on with it; csrdesk verify-journal --rebuild makes it again.",
                "Use csrdesk verify-journal --rebuild --data-dir '/a b', or csrdesk record-key --new-key --data-dir '/a b' goes on with it; csrdesk verify-journal --rebuild --data-dir '/a b' makes it again.",
            ),
            ("One.\n  csrdesk history  --data-dir x\n", "One.\n  csrdesk history  --data-dir x\n"),
            ("See: csrdesk history --data-dir x.", "See: csrdesk history --data-dir x."),
            ("Run csrdesk --help, not openssl x509 -in a.", "Run csrdesk --help, not openssl x509 -in a."),
        ] {
            assert_eq!(with_option(sentence, option), expected);
            assert_eq!(with_option(sentence, ""), sentence);
        }
    }

    #[test]
    fn the_flags_are_the_options_without_a_value() {
        fn flags(command: &clap::Command, found: &mut std::collections::BTreeSet<String>) {
            let flag = |it: &&clap::Arg| !it.get_action().takes_values();
            found.extend(
                command.get_arguments().filter(flag).filter_map(|it| Some(format!("--{}", it.get_long()?))),
            );
            command.get_subcommands().for_each(|it| flags(it, found));
        }
        let mut found = std::collections::BTreeSet::from(["--help".to_owned()]);
        flags(&<crate::args::Arguments as clap::CommandFactory>::command(), &mut found);
        assert_eq!(found.into_iter().collect::<Vec<_>>(), FLAGS);
    }

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
    }
}
