//! `cargo xtask test` and `cargo xtask e2e`: the whole proof, cheap checks first.
//!
//! Native crates are always built as one selection, the whole workspace: Cargo then settles on one set of features, and
//! programs and tests share what they are made of. The last thing printed is the test runner's summary, of the last run
//! where there are several.
//!
//! Everything is compiled once: where lints are wanted, the one build goes through clippy's own driver, see [`clippy`].

mod clock;
mod odd;
mod options;
mod runner;

use std::path::Path;
use std::time::Instant;

use anyhow::Result;

use crate::binaries::Program;
use crate::clippy::{self, Lints};
use crate::system::{self, Purpose};
use crate::{check, run, ui};
use clock::Clock;
use options::{Options, Setting};
use runner::Scope;
pub(crate) use runner::{DRIVEN, DRIVEN_PREFIX};

/// Everything; with a filter only the tests it names, without the static checks.
pub(crate) fn test(words: &[&str]) -> Result<()> {
    let options = Options::parse(words)?;
    let root = run::root()?;
    let nextest = phase("packages and tools", || {
        system::ensure(&purposes(&options))?;
        system::ensure_npm_tools(&root)?;
        Ok(system::ensure_nextest(&root))
    })?;
    // Nothing here looks at the clock or the surroundings: who asks for others has asked for the tests.
    let everything = options.filters.is_empty() && options.settings.contains(&Setting::At(Clock::System));
    if everything {
        phase("format", || run::run(run::cargo(&root).args(["fmt", "--all", "--check"])))?;
        phase("rules", check::check)?;
    }
    let lints = if everything { Lints::Denied } else { Lints::Quiet };
    phase("page", || ui::build(ui::Profile::Dev(lints)))?;
    let linted = if everything { clippy::variables(&root, lints)? } else { Vec::new() };
    phase("programs and tests", || build(&root, &linted))?;
    if everything {
        phase("examples in the documentation", || doctests(&root, &linted))?;
    }
    runner::run_all(&root, nextest, Scope::Everything, &options, &linted)
}

/// The end-to-end tests alone.
pub(crate) fn e2e(words: &[&str]) -> Result<()> {
    let options = Options::parse(words)?;
    let root = run::root()?;
    system::ensure(&purposes(&options))?;
    system::ensure_npm_tools(&root)?;
    let nextest = system::ensure_nextest(&root);
    ui::build(ui::Profile::Dev(Lints::Quiet))?;
    build(&root, &[])?;
    runner::run_all(&root, nextest, Scope::EndToEnd, &options, &[])
}

fn purposes(options: &Options<'_>) -> Vec<Purpose> {
    let mut purposes = vec![Purpose::Build, Purpose::Window, Purpose::EndToEnd];
    if options.settings.iter().any(|it| matches!(it, Setting::At(clock) if *clock != Clock::System)) {
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

/// Programs and tests; the page's program is for the browser alone, and is not built for this computer. The benchmark is
/// among them so that lints read it.
fn build(root: &Path, variables: &[(&str, String)]) -> Result<()> {
    let mut cargo = run::cargo(root);
    cargo.args(["build", "--quiet", "--locked", "--workspace", "--tests", "--bench", "record"]);
    for program in Program::ALL.map(Program::name).into_iter().chain(["keychain-probe", "xtask"]) {
        cargo.args(["--bin", program]);
    }
    run::run(cargo.envs(variables.iter().map(|(name, value)| (name, value))))
}

fn doctests(root: &Path, variables: &[(&str, String)]) -> Result<()> {
    let mut cargo = run::cargo(root);
    cargo.args(["test", "--quiet", "--locked", "--doc", "--workspace"]);
    run::run(cargo.envs(variables.iter().map(|(name, value)| (name, value))))
}
