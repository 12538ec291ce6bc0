//! The window's options, and how it says that it cannot start.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use desk::{Failure, StartOptions, TOKEN_VARIABLE, UsedIn};
use domain::{Field, FieldRemark};
use zeroize::Zeroizing;

/// The window of CSR Desk. All options are optional: the window asks for what is missing.
#[derive(Parser)]
#[command(name = "csr-desk", version)]
struct Options {
    #[command(flatten)]
    start: StartOptions,
}

/// Reads the command line, and the token from the environment.
pub(crate) fn from_command_line() -> StartOptions {
    let token = take_token();
    let (options, left_aside) = Options::parse().start.with_token(token);
    if left_aside {
        say(desk::TOKEN_NOT_USED);
    }
    StartOptions { used_in: UsedIn::Window, ..options }
}

/// Takes the token out of the environment: the processes that draw the page inherit what is left in it.
#[allow(unsafe_code, reason = "std::env::remove_var: no other thread runs yet, this is called first in main")]
fn take_token() -> Option<Zeroizing<String>> {
    let token = Zeroizing::new(std::env::var_os(TOKEN_VARIABLE)?.to_string_lossy().into_owned());
    // SAFETY: see above.
    unsafe { std::env::remove_var(TOKEN_VARIABLE) };
    for remark in FieldRemark::of(Field::Token, &token) {
        say(&remark.to_string());
    }
    Some(token).filter(|it| !it.is_empty())
}

/// Says which options cannot be used, with the exit code of invalid input.
pub(crate) fn explain(failure: &Failure) -> ExitCode {
    say(&format!("{} {}", failure.code.what(), failure.code.next()));
    for problem in &failure.problems {
        say(&format!("  {problem}"));
    }
    ExitCode::from(2)
}

/// A line on standard error, where somebody who started the window from a terminal sees it.
pub(crate) fn say(text: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "{text}");
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_takes_every_option_of_a_connection() {
        let given = [
            "csr-desk",
            "--server",
            "https://h:1",
            "--http-version",
            "1.1",
            "--timeout",
            "30",
            "--org",
            "Branch",
        ];
        let start = Options::try_parse_from(given).unwrap_or_else(|error| panic!("{error}")).start;
        assert_eq!(
            [start.server, start.http_version, start.timeout, start.organization]
                .map(Option::unwrap_or_default),
            ["https://h:1", "1.1", "30", "Branch"]
        );
        let both = ["csr-desk", "--connection", "Live", "--server", "https://h:1"];
        assert!(Options::try_parse_from(both).is_err(), "a connection replaces the options of a server");
        assert!(Options::try_parse_from(["csr-desk", "--connection", "Live", "--org", "Branch"]).is_ok());
    }
}
