//! The window's options, and how it says that it cannot start.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use desk::{Failure, StartOptions, TOKEN_VARIABLE};
use zeroize::Zeroizing;

/// The window of CSR Desk. All options are optional: the window asks for what is missing.
#[derive(Parser)]
#[command(name = "csr-desk", version)]
struct Options {
    /// A saved connection, by its name; the one used last when neither this nor --server is given
    #[arg(long, value_name = "NAME", conflicts_with_all = ["server", "ca_file", "exact_certificate", "org"])]
    connection: Option<String>,
    /// Address of the PAM360 server, https://host:port
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// Trust only the CAs in this PEM file, instead of those of this computer
    #[arg(long, value_name = "PEM", requires = "server")]
    ca_file: Option<String>,
    /// Accept exactly the server certificate with this SHA-256 fingerprint, whatever its issuer and names. Ask the
    /// server's owner for it
    #[arg(long, value_name = "SHA256", requires = "server", conflicts_with = "ca_file")]
    exact_certificate: Option<String>,
    /// Organization, by its display name in PAM360
    #[arg(long, value_name = "NAME", requires = "server")]
    org: Option<String>,
    /// Keep everything that is stored in this folder
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

/// Reads the command line, and the token from the environment.
pub(crate) fn from_command_line() -> StartOptions {
    let options = Options::parse();
    StartOptions {
        data_dir: options.data_dir,
        connection: options.connection,
        server: options.server,
        ca_file: options.ca_file,
        exact_certificate: options.exact_certificate,
        organization: options.org,
        timeout: None,
        http_version: None,
        token: take_token(),
    }
}

/// Takes the token out of the environment: the processes that draw the page inherit what is left in it.
#[allow(unsafe_code, reason = "std::env::remove_var: no other thread runs yet, this is called first in main")]
fn take_token() -> Option<Zeroizing<String>> {
    let token = Zeroizing::new(std::env::var_os(TOKEN_VARIABLE)?.to_string_lossy().into_owned());
    // SAFETY: see above.
    unsafe { std::env::remove_var(TOKEN_VARIABLE) };
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
