//! Printing: results to standard output, everything else to standard error, and the exit codes.
//!
//! Owns what happens when standard output cannot be written: the first failure is remembered, nothing is printed after
//! it, and [`end`] turns it into words on standard error and an exit code that is not 0.

use std::fmt::Display;
use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Mutex, OnceLock, PoisonError};

use desk::{Destination, Failure};
use domain::{Certificate, Class, ErrorCode, Field, FieldRemark, Problem, visible};
use serde::Serialize;

use crate::args::WrongValue;
use crate::layout;
use crate::sign::Unrecorded;

/// The data folder that this run was given, as an option with a space in front.
static FOLDER: OnceLock<String> = OnceLock::new();

/// Keeps the data folder that this run was given, for the commands in advice.
pub(crate) fn set_folder(option: String) {
    // Once in a run; a second one would be the same.
    let _ = FOLDER.set(option);
}

/// The saved connection that this run uses, as a shell takes it.
static CONNECTION: OnceLock<String> = OnceLock::new();

/// Keeps the saved connection that this run uses, for the commands in advice.
pub(crate) fn set_connection(name: &str) {
    // Once in a run; a second one would be the same.
    let _ = CONNECTION.set(layout::quoted(name));
}

/// A sentence of this program's own whose commands are about the data folder and the saved connection of this run.
pub(crate) fn of_this_run(sentence: &str) -> String {
    let mut text = layout::with_option(sentence, FOLDER.get().map(String::as_str).unwrap_or_default());
    if let Some(name) = CONNECTION.get() {
        for before in ["--connection", "connections change"] {
            text = text.replace(&format!("{before} NAME"), &format!("{before} {name}"));
        }
    }
    text
}

/// Why standard output could not be written, the first time that it failed.
static FAILED: OnceLock<io::Error> = OnceLock::new();

/// What a task has done, in words: said on standard error when its own words could not be printed.
static RESULT: Mutex<Option<String>> = Mutex::new(None);

/// Prose on standard output, in as many lines as it takes there. A failure is remembered for [`end`].
pub(crate) fn line(text: impl Display) {
    exact(layout::wrapped(&text.to_string(), layout::width()));
}

/// A line that is never wrapped: JSON, a command to copy, an HTTP request.
pub(crate) fn exact(text: impl Display) {
    put(|out| writeln!(out, "{text}"));
}

/// Writes to standard output, unless that failed before: half an answer with a gap in it would mislead.
fn put(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
    if FAILED.get().is_none()
        && let Err(error) = write(&mut io::stdout().lock())
    {
        // Only the first failure is the cause.
        let _ = FAILED.set(error);
    }
}

/// Whether standard output failed: a task that prints much can stop.
pub(crate) fn has_failed() -> bool {
    FAILED.get().is_some()
}

/// Writes much to standard output through a buffer of its own. The first error ends the work; it is remembered.
pub(crate) fn in_bulk(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
    put(|out| {
        // A person at a terminal sees each line when it is ready.
        if io::stdout().is_terminal() {
            return write(out);
        }
        let mut buffered = BufWriter::with_capacity(64 * 1024, out);
        write(&mut buffered)?;
        buffered.flush()
    });
}

/// What an option or argument names standard output by, where it takes a file.
const STANDARD_OUTPUT: &str = "-";

/// Whether a file that a person named is standard output.
pub(crate) fn is_standard_output(file: &Path) -> bool {
    file.as_os_str() == STANDARD_OUTPUT
}

/// Where an export to this file goes, and what it is called.
pub(crate) fn destination(file: PathBuf) -> (Destination, String) {
    if is_standard_output(&file) {
        let name = "standard output";
        return (Destination::Stream { name, out: Box::new(Remembering) }, name.to_owned());
    }
    let name = layout::whole(&file);
    (Destination::File(file), name)
}

/// Standard output for an export that a task hands on. A failure is remembered for [`end`].
struct Remembering;

impl Write for Remembering {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        remembered(io::stdout().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        remembered(io::stdout().flush())
    }
}

fn remembered<T>(tried: io::Result<T>) -> io::Result<T> {
    tried.map_err(|error| {
        let kind = error.kind();
        // Only the first failure is the cause.
        let _ = FAILED.set(error);
        kind.into()
    })
}

/// The end of an export: where standard output failed, [`end`] says so. A part of an export is not one that was made, whoever
/// closed the pipe.
pub(crate) fn exported<T>(written: Result<T, Failure>) -> Result<Option<T>, Failure> {
    match written {
        Err(_) if has_failed() => {
            result("The export is not complete.");
            Ok(None)
        }
        written => written.map(Some),
    }
}

/// Says what a task has done, for the case that its answer cannot be printed. A task that calls this has done something
/// that its caller must learn of.
pub(crate) fn result(text: impl Display) {
    *RESULT.lock().unwrap_or_else(PoisonError::into_inner) = Some(text.to_string());
}

/// The exit code of a task once everything is written. When standard output failed, 0 becomes 1, and what the task has
/// done is said on standard error.
///
/// A reader that closes the pipe early (`csrdesk history | head`) has seen enough: a task that only shows something
/// then ends quietly with its own exit code.
pub(crate) fn end(exit: ExitCode) -> ExitCode {
    put(|out| out.flush());
    let Some(error) = FAILED.get() else { return exit };
    let result = RESULT.lock().unwrap_or_else(PoisonError::into_inner).take();
    if error.kind() == ErrorKind::BrokenPipe && result.is_none() {
        return exit;
    }
    note(format_args!("The answer could not be written to standard output: {error}."));
    if let Some(result) = result {
        note(result);
    }
    if exit == ExitCode::SUCCESS { ExitCode::from(1) } else { exit }
}

/// Prose on standard error.
pub(crate) fn note(text: impl Display) {
    // Nobody is left to tell when it cannot be written.
    let _ = writeln!(io::stderr(), "{}", layout::wrapped(&text.to_string(), layout::error_width()));
}

/// One JSON value on one line of standard output.
pub(crate) fn json(value: &impl Serialize) {
    match serde_json::to_string(value) {
        Ok(text) => exact(text),
        Err(error) => note(error),
    }
}

/// A command line that clap does not understand; or its help, which is no error.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        put(|_| error.print());
        return ExitCode::SUCCESS;
    }
    let styled = error.render();
    let text = if layout::error_has_colour() { styled.ansi().to_string() } else { styled.to_string() };
    note(text.trim_end());
    if std::env::args_os().any(|it| it == "--json") {
        let words = error.to_string();
        let message = words.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        let wrong = std::error::Error::source(error).and_then(|it| it.downcast_ref::<WrongValue>());
        let code = wrong.map_or(ErrorCode::Usage, |it| it.code);
        json(&not_an_outcome("invalid", code, &message, &[]));
    }
    ExitCode::from(2)
}

/// A defect of ours, before anything could be done.
pub(crate) fn internal(error: &dyn Display) -> ExitCode {
    note(format_args!("{} {error}", ErrorCode::Internal.what()));
    ExitCode::from(1)
}

/// A command that could not be carried out: words for people, the object for programs, the exit code for both.
pub(crate) fn failure(failure: &Failure, as_json: bool) -> ExitCode {
    let (outcome, exit) = match failure.code.class() {
        Class::Invalid => ("invalid", 2),
        Class::Internal => ("internal", 1),
        _ => {
            let outcome = failure.code.outcome().unwrap_or(domain::Outcome::Unknown);
            (outcome.as_str(), outcome.exit_code())
        }
    };
    let message = if failure.problems.is_empty() {
        format!("{} {}", failure.code.what(), next_of(failure))
    } else {
        failure.problems.iter().map(on_the_command_line).collect::<Vec<_>>().join(" ")
    };
    if as_json {
        json(&not_an_outcome(outcome, failure.code, &message, &failure.problems));
    }
    if failure.problems.is_empty() {
        note(message);
    } else {
        note(format_args!("{} {}", failure.code.what(), next(failure.code)));
        for problem in &failure.problems {
            note(format_args!("  {}", on_the_command_line(problem)));
        }
    }
    if let Some(detail) = failure.detail.as_ref().filter(|_| failure.code != ErrorCode::NoConnectionInUse) {
        note(format_args!("  ({})", of_this_run(&visible(detail))));
    }
    ExitCode::from(exit)
}

/// What was changed in typed values that are accepted: on standard error, with the option that each concerns.
pub(crate) fn remarks(remarks: &[FieldRemark]) {
    for it in remarks {
        note(format_args!("--{}: {}", it.field.id(), it.change.words()));
    }
}

/// What was removed around an AUTHTOKEN, which has no option: on standard error.
pub(crate) fn token_remarks(text: &str) {
    for it in FieldRemark::of(Field::Token, text) {
        note(it);
    }
}

/// What to do next after a signing that ended with a code, in the terminal's words.
pub(crate) fn next_of_signing(code: ErrorCode) -> String {
    in_terminal(&code.next_of_signing())
}

/// What to do next about a failure, in the terminal's words.
fn next_of(failure: &Failure) -> String {
    match (failure.code, &failure.detail) {
        // The detail has the options that name the saved connections.
        (ErrorCode::NoConnectionInUse, Some(options)) => format!("Name one: {}.", visible(options)),
        (code, _) => next(code),
    }
}

/// What to do next about a code, in the terminal's words.
pub(crate) fn next(code: ErrorCode) -> String {
    match code {
        // The page has a field for it. Here it comes from the keychain.
        ErrorCode::ClientPassphraseWrong => {
            of_this_run("Save the right one: csrdesk secret save client-passphrase --connection NAME")
        }
        // The command is for another computer.
        ErrorCode::ConnectionsUnreadable
        | ErrorCode::EvidenceUnreadable
        | ErrorCode::JournalFileUnreadable => code.next().to_owned(),
        code => in_terminal(code.next()),
    }
}

/// Advice with the option in place of the field of a form.
pub(crate) fn in_terminal(advice: &str) -> String {
    let in_place = [
        (
            "choose it as the CA file",
            "name its file with --ca-file (for a saved connection: csrdesk connections change NAME --ca-file FILE)",
        ),
        (
            "Open Connection and enter the token.",
            "Set PAM360_AUTHTOKEN, write the token to standard input, or save it for a connection: csrdesk secret save token --connection NAME",
        ),
        (
            "Type it in the connection, or save it in the keychain: csrdesk secret save client-passphrase",
            "Save it in the keychain: csrdesk secret save client-passphrase",
        ),
        (
            "Type the proxy's user and password in the connection.",
            "Set the proxy's user: csrdesk connections change NAME --proxy-user USER. Save its password: csrdesk secret save proxy-password --connection NAME.",
        ),
        (
            "Open Connection and type the address of the server. In the terminal: csrdesk connections add",
            "Save a connection: csrdesk connections add",
        ),
    ];
    of_this_run(
        &in_place.iter().fold(advice.to_owned(), |advice, (form, option)| advice.replace(form, option)),
    )
}

/// A problem with the option that it concerns.
fn on_the_command_line(problem: &Problem) -> String {
    match problem.field {
        // The token has no option, on purpose.
        Field::Token => of_this_run(&problem.to_string()),
        field => of_this_run(&format!("--{}: {}", field.id(), problem.words())),
    }
}

/// The one object of the contract, its fields in the contract's order.
#[derive(Serialize)]
pub(crate) struct Answer<'a> {
    pub(crate) outcome: &'a str,
    pub(crate) code: ErrorCode,
    pub(crate) message: &'a str,
    pub(crate) certificates: &'a [Certificate],
    /// What an answer claims that does not count as signed.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(crate) reported: &'a [Certificate],
    pub(crate) entry: Option<u64>,
    /// Whether the history has the outcome; only for a signing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) recorded: Option<bool>,
    /// What the history would have said; only where it may not have the signing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) signing: Option<&'a Unrecorded>,
    /// Only for input that is not acceptable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) problems: Option<Vec<FieldProblem>>,
}

/// One field to correct.
#[derive(Serialize)]
pub(crate) struct FieldProblem {
    field: Field,
    code: ErrorCode,
    message: String,
}

fn not_an_outcome<'a>(
    outcome: &'a str,
    code: ErrorCode,
    message: &'a str,
    problems: &[Problem],
) -> Answer<'a> {
    let problems = problems
        .iter()
        .map(|it| FieldProblem { field: it.field, code: it.code, message: on_the_command_line(it) })
        .collect();
    Answer {
        outcome,
        code,
        message,
        certificates: &[],
        reported: &[],
        entry: None,
        recorded: None,
        signing: None,
        problems: Some(problems),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_saved_connections_are_named_where_none_is_in_use() {
        let failure = Failure::because(ErrorCode::NoConnectionInUse, "--connection 'Staging 1'");
        assert_eq!(next_of(&failure), "Name one: --connection 'Staging 1'.");
        let nothing_saved = Failure::new(ErrorCode::NoConnection);
        assert_eq!(next_of(&nothing_saved), next(ErrorCode::NoConnection));
    }

    #[test]
    fn no_advice_of_the_terminal_is_about_a_form() {
        for code in ErrorCode::ALL {
            let advice = next(*code);
            assert!(
                !["hoose it as", "Open Connection"].iter().any(|it| advice.contains(it)),
                "{code}: {advice}"
            );
        }
        assert!(next(ErrorCode::TlsUnknownIssuer).contains("--ca-file FILE). Verification"));
        // Where the page has a field for a secret, the terminal has the keychain.
        for (code, secret) in [
            (ErrorCode::NoToken, "token"),
            (ErrorCode::ClientPassphraseMissing, "client-passphrase"),
            (ErrorCode::ClientPassphraseWrong, "client-passphrase"),
            (ErrorCode::ProxyAuthRequired, "proxy-password"),
        ] {
            let advice = next(code);
            assert!(advice.contains(&format!("csrdesk secret save {secret} --connection NAME")), "{advice}");
            assert!(!advice.contains("Type "), "{advice}");
        }
    }
}
