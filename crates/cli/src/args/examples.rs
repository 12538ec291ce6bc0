//! The command lines of README, guide, help and errors: the parser accepts each one.

use clap::error::ErrorKind;
use clap::{Command, FromArgMatches};
use domain::ErrorCode;

use super::Arguments;
use crate::layout;

const README: &str = include_str!("../../../../README.md");
const GUIDE: &str = include_str!("../../../../docs/guide.md");

/// Words that end a command line within a shell's line.
const SHELL: [&str; 5] = ["|", "<", ">", "&&", "||"];

/// The command lines in the fenced blocks and between the backquotes of a Markdown text. A line that ends with a backslash
/// goes on with the next one.
fn of_markdown(text: &str) -> Vec<String> {
    let (mut found, mut fenced) = (Vec::new(), false);
    for line in text.replace("\\\n", " ").lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if fenced {
            found.extend(line.find("csrdesk ").map(|at| line[at..].to_owned()));
        } else {
            let spans = line.split('`').skip(1).step_by(2);
            found.extend(spans.filter(|it| it.starts_with("csrdesk ")).map(str::to_owned));
        }
    }
    assert!(!fenced, "a block is not closed");
    found
}

/// The command lines of a help text, which stand at the beginning of a line.
fn of_help(text: &str) -> Vec<String> {
    let text = text.replace("\\\n", " ");
    let lines = text.lines().map(str::trim_start);
    lines.filter(|it| it.starts_with("csrdesk ")).map(str::to_owned).collect()
}

/// The help of a command and of all below it.
fn helps(command: &mut Command, found: &mut String) {
    *found += &command.render_long_help().to_string();
    command.get_subcommands_mut().for_each(|it| helps(it, found));
}

/// The words of a command line as a person would type it: without comment and redirection, and with a value where a
/// placeholder is.
fn words(line: &str) -> Vec<String> {
    // A comment, as a shell reads it; a closing bracket or semicolon belongs to the shell as well.
    let line = line.split(" #").next().unwrap_or_default();
    let all = shlex::split(line).unwrap_or_else(|| panic!("a quotation mark is not closed: {line}"));
    let mut words: Vec<String> = Vec::new();
    for word in all.into_iter().take_while(|it| !SHELL.contains(&it.as_str())) {
        let after_option = words.last().is_some_and(|it| it.starts_with("--"));
        match word.as_str() {
            // "…" stands for the value of the option in front of it, or for more options.
            _ if word.contains('…') && !after_option && !word.contains(' ') => {}
            "ENTRY" | "NUMBER" | "N" => words.push("7".to_owned()),
            _ => words.push(word),
        }
    }
    words
}

fn is_accepted(line: &str, of: &str) {
    let words = words(line);
    // A sentence names a command without what it needs: "csrdesk entry shows the outcome".
    let named_only = words.len() == 2;
    let parsed =
        Arguments::described().try_get_matches_from(words).and_then(|it| Arguments::from_arg_matches(&it));
    if let Err(error) = parsed
        && error.use_stderr()
        && !(named_only && error.kind() == ErrorKind::MissingRequiredArgument)
    {
        panic!("{of}: {line}\n{error}");
    }
}

#[test]
fn the_parser_accepts_every_command_line_of_the_documents_and_of_the_help() {
    let mut help = String::new();
    helps(&mut Arguments::described().term_width(200), &mut help);
    for (of, lines, least) in [
        ("README.md", of_markdown(README), 7),
        ("docs/guide.md", of_markdown(GUIDE), 40),
        ("the help", of_help(&help), 12),
    ] {
        assert!(lines.len() >= least, "{of}: {lines:#?}");
        lines.iter().for_each(|it| is_accepted(it, of));
    }
}

#[test]
fn the_parser_accepts_every_command_line_that_an_error_suggests() {
    let mut seen = 0;
    for code in ErrorCode::ALL {
        for sentence in [code.what(), code.next()] {
            for command in layout::within(sentence) {
                seen += 1;
                is_accepted(command, code.as_str());
            }
        }
    }
    assert!(seen >= 12, "{seen} commands");
}

#[test]
fn a_command_line_that_is_wrong_is_found() {
    let wrong = "csrdesk sign --no-such-option x";
    let text = format!("`{wrong}` and\n```\nif {wrong} \\\n  --json | head\n```\n");
    assert_eq!(of_markdown(&text), [wrong.to_owned(), format!("{wrong}    --json | head")]);
    assert_eq!(
        words("csrdesk sign … --server … --json > a # b"),
        ["csrdesk", "sign", "--server", "…", "--json"]
    );
    assert!(std::panic::catch_unwind(|| is_accepted(wrong, "a test")).is_err());
}
