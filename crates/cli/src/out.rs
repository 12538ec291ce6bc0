//! Printing: results to standard output, everything else to standard error, and the exit codes.

use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;

use desk::Failure;
use domain::{Certificate, Class, ErrorCode, Field, FieldRemark, Problem, visible};
use serde::Serialize;

/// A line on standard output. A reader that went away is no error of ours.
pub(crate) fn line(text: impl Display) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// A line on standard error.
pub(crate) fn note(text: impl Display) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// One JSON value on one line of standard output.
pub(crate) fn json(value: &impl Serialize) {
    match serde_json::to_string(value) {
        Ok(text) => line(text),
        Err(error) => note(error),
    }
}

/// A command line that clap does not understand; or its help, which is no error.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    if !error.use_stderr() {
        return ExitCode::SUCCESS;
    }
    if std::env::args_os().any(|it| it == "--json") {
        let words = error.to_string();
        let message = words.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        json(&not_an_outcome("invalid", ErrorCode::Usage, &message, &[]));
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
        format!("{} {}", failure.code.what(), failure.code.next())
    } else {
        failure.problems.iter().map(on_the_command_line).collect::<Vec<_>>().join(" ")
    };
    if as_json {
        json(&not_an_outcome(outcome, failure.code, &message, &failure.problems));
    }
    if failure.problems.is_empty() {
        note(message);
    } else {
        note(format_args!("{} {}", failure.code.what(), failure.code.next()));
        for problem in &failure.problems {
            note(format_args!("  {}", on_the_command_line(problem)));
        }
    }
    if let Some(detail) = &failure.detail {
        note(format_args!("  ({})", visible(detail)));
    }
    ExitCode::from(exit)
}

/// What was changed in typed values that are accepted: on standard error, with the option that each concerns.
pub(crate) fn remarks(remarks: &[FieldRemark]) {
    for it in remarks {
        note(format_args!("--{}: {}", it.field.id(), it.change.words()));
    }
}

/// A problem with the option that it concerns.
fn on_the_command_line(problem: &Problem) -> String {
    match problem.field {
        // The token has no option, on purpose.
        Field::Token => problem.to_string(),
        field => format!("--{}: {}", field.id(), problem.words()),
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
    Answer { outcome, code, message, certificates: &[], reported: &[], entry: None, problems: Some(problems) }
}
