//! `cargo xtask <task>`: the names of the tasks, their words of help, and nothing of their work.
//!
//! Every task runs from a clean clone: it installs what it lacks (see [`system`]) or says in one line what to do.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "talking to the person at the terminal is this crate's job"
)]

mod binaries;
mod check;
mod demo;
mod run;
mod services;
mod standin;
mod system;
mod ui;

use std::process::ExitCode;

use anyhow::{Result, bail};

const HELP: &str = "\
cargo xtask <task>

  demo [--browser | --no-window | --window] [--release] [--keep]
                        a PAM360 stand-in, and the window (or the page) connected to it
  check                 the repository's own rules
  ui [--release]        build the page into dist/
";

fn main() -> ExitCode {
    match task(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn task(arguments: &[String]) -> Result<()> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["ui"] => ui::build(ui::Profile::Dev).map(|_| ()),
        ["ui", "--release"] => ui::build(ui::Profile::Release).map(|_| ()),
        ["demo", options @ ..] => demo::demo(options),
        ["check"] => check::check(),
        [] | ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        _ => bail!("there is no `{}`\n\n{HELP}", arguments.join(" ")),
    }
}
