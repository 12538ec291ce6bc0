//! `cargo xtask <task>`: the names of the tasks, their words of help, and nothing of their work.
//!
//! Every task runs from a clean clone: it installs what it lacks (see [`system`]) or says in one line what to do.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "talking to the person at the terminal is this crate's job"
)]

mod bench;
mod binaries;
mod check;
mod clippy;
mod demo;
mod dev;
mod dist;
mod run;
mod services;
mod standin;
mod system;
mod test;
mod ui;

use std::process::ExitCode;

use anyhow::{Result, bail};
use clippy::Lints;

const HELP: &str = "\
cargo xtask <task>

  demo [--browser | --no-window | --window] [--release] [--keep]
                    a PAM360 stand-in with waiting CSRs, and the window (without a screen: the page) connected
                    to it; --no-window: the stand-in and the command lines to type; --keep: as it was left
  test [--at WHEN]... [--odd] [--times N] [FILTER...]
                    everything; with filters only the tests whose names contain one
                    --at +400d, --at 2049-12-31: everything but the tests in browser and window, with the clock shifted;
                    --odd: the same tests as a user who is not root, with proxies, without CAs, in an awkward folder;
                    --at now --at +400d --odd: one run after the other, as CI does; --times N: all of it N times
  e2e [--at WHEN]... [--odd] [--times N] [FILTER...]
                    the end-to-end tests alone
  check             the repository's own rules
  ui [--release]    the page, into dist/
  dev               the page in a browser against a stand-in; Enter builds again
  bench [--runs N]  measures against curl, a bare client and the vendor's Python sample, sizes, memory and the journal
  bench sign [--runs N]
                    measures one signing alone
  bench window [--debug] [--runs N]
                    measures how soon the window can be used, and its memory, beside a hello-world window and XCA
  dist              the programs people install, into target/dist/

Each task installs what it lacks, or says in one line what to do.
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
        ["ui"] => ui::build(ui::Profile::Dev(Lints::Quiet)).map(|_| ()),
        ["ui", "--release"] => ui::build(ui::Profile::Release).map(|_| ()),
        ["test", options @ ..] => test::test(options),
        ["e2e", options @ ..] => test::e2e(options),
        ["bench", options @ ..] => bench::bench(options),
        ["dev"] => dev::dev(),
        ["dist"] => dist::dist(),
        ["demo", options @ ..] => demo::demo(options),
        ["check"] => check::check(),
        [] | ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        _ => bail!("there is no `{}`\n\n{HELP}", arguments.join(" ")),
    }
}
