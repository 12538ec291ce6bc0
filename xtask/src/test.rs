//! `cargo xtask test` and `cargo xtask e2e`: the whole proof, cheap checks first.
//!
//! Native crates are always built as one selection, the whole workspace: Cargo then settles on one set of features, and
//! programs and tests share what they are made of. The last thing printed is the test runner's summary, of the last run
//! where there are several.

mod clock;
mod options;
mod runner;

use std::path::Path;
use std::time::Instant;

use anyhow::Result;

use crate::system::{self, Purpose};
use crate::{check, run, ui};
use clock::Clock;
use options::Options;
use runner::Scope;
pub(crate) use runner::{DRIVEN, DRIVEN_PREFIX};

const WASM: [&str; 2] = ["--target", "wasm32-unknown-unknown"];

/// Everything; with a filter only the tests it names, without the static checks.
pub(crate) fn test(words: &[&str]) -> Result<()> {
    let options = Options::parse(words)?;
    let root = run::root()?;
    let nextest = phase("packages and tools", || {
        system::ensure(&purposes(&options))?;
        system::ensure_npm_tools(&root)?;
        // Clippy reads the page before the page is built.
        ui::ensure_target(&root)?;
        Ok(system::ensure_nextest(&root))
    })?;
    // Nothing here looks at the clock: who asks for another one has asked for the tests.
    let everything = options.filters.is_empty() && options.clocks.contains(&Clock::System);
    if everything {
        phase("format", || run::run(run::cargo(&root).args(["fmt", "--all", "--check"])))?;
        phase("rules", check::check)?;
        phase("clippy of the page", || clippy_page(&root))?;
    }
    phase("page", || ui::build(ui::Profile::Dev))?;
    if everything {
        phase("clippy", || clippy(&root))?;
    }
    phase("programs and tests", || build(&root))?;
    if everything {
        phase("examples in the documentation", || doctests(&root))?;
    }
    runner::run_all(&root, nextest, Scope::Everything, &options)
}

/// The end-to-end tests alone.
pub(crate) fn e2e(words: &[&str]) -> Result<()> {
    let options = Options::parse(words)?;
    let root = run::root()?;
    system::ensure(&purposes(&options))?;
    system::ensure_npm_tools(&root)?;
    let nextest = system::ensure_nextest(&root);
    ui::build(ui::Profile::Dev)?;
    build(&root)?;
    runner::run_all(&root, nextest, Scope::EndToEnd, &options)
}

fn purposes(options: &Options<'_>) -> Vec<Purpose> {
    let mut purposes = vec![Purpose::Build, Purpose::Window, Purpose::EndToEnd];
    if options.clocks.iter().any(|it| *it != Clock::System) {
        purposes.push(Purpose::Clock);
    }
    purposes
}

/// Runs one phase and says how long it took.
fn phase<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("== {name}");
    let start = Instant::now();
    let result = work();
    let seconds = start.elapsed().as_secs_f64();
    println!("== {name}: {} in {seconds:.1} s", if result.is_ok() { "done" } else { "FAILED" });
    result
}

fn clippy_page(root: &Path) -> Result<()> {
    let mut cargo = run::cargo(root);
    cargo.args(["clippy", "--quiet", "--locked", "--package", "csrdesk-ui", "--all-targets"]).args(WASM);
    // Beside the page's own build, which shares the build scripts.
    cargo.arg("--target-dir").arg(run::target(root).join("ui"));
    run::run(cargo.args(["--", "-D", "warnings"]))
}

fn clippy(root: &Path) -> Result<()> {
    let mut cargo = run::cargo(root);
    cargo.args(["clippy", "--quiet", "--locked", "--workspace", "--exclude", "csrdesk-ui", "--all-targets"]);
    run::run(cargo.args(["--", "-D", "warnings"]))
}

fn build(root: &Path) -> Result<()> {
    run::run(run::cargo(root).args(["build", "--quiet", "--locked", "--workspace", "--bins", "--tests"]))
}

fn doctests(root: &Path) -> Result<()> {
    run::run(run::cargo(root).args(["test", "--quiet", "--locked", "--doc", "--workspace"]))
}
