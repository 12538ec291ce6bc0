//! The command lines within a sentence: where each begins and ends, and what is added to it, so that it can be copied.
//!
//! Refuses to own which commands are advised.

use std::borrow::Cow;

use domain::visible;
use textwrap::WordSeparator;
use textwrap::core::Word;

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
pub(super) const PROGRAMS: [&str; 3] = ["csrdesk", "openssl", "keytool"];

/// The words of a line, each command in one piece.
pub(super) fn pieces(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
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

/// The command lines of this program within a sentence, without what belongs to the sentence.
#[cfg(test)]
pub(crate) fn within(sentence: &str) -> Vec<&str> {
    let pieces = pieces(sentence).map(|it| it.word.trim_start_matches('('));
    let ours = pieces.filter(|it| it.starts_with("csrdesk "));
    ours.map(|it| it.trim_end().trim_end_matches(['.', ',', ';', ')', ':'])).collect()
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
}
