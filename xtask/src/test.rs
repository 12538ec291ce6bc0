//! `cargo xtask test` and `cargo xtask e2e`: the whole proof, cheap checks first.
//!
//! Native crates are always built as one selection, the whole workspace: Cargo then settles on one set of features, and
//! programs and tests share what they are made of. The last thing printed is the test runner's summary.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::binaries::Program;
use crate::system::{self, Purpose};
use crate::{check, run, ui};

const WASM: [&str; 2] = ["--target", "wasm32-unknown-unknown"];
/// What the window needs on a screen without a graphics card, and for being driven. For tests only.
const SOFTWARE_SCREEN: [(&str, &str); 5] = [
    ("LIBGL_ALWAYS_SOFTWARE", "1"),
    ("NO_AT_BRIDGE", "1"),
    ("TAURI_WEBVIEW_AUTOMATION", "true"),
    ("WEBKIT_DISABLE_COMPOSITING_MODE", "1"),
    ("WEBKIT_DISABLE_DMABUF_RENDERER", "1"),
];

/// Everything; with a filter only the tests it names, without the static checks.
pub(crate) fn test(filters: &[&str]) -> Result<()> {
    let root = run::root()?;
    let nextest = phase("packages and tools", || {
        system::ensure(&[Purpose::Build, Purpose::Window, Purpose::EndToEnd])?;
        system::ensure_npm_tools(&root)?;
        // Clippy reads the page before the page is built.
        ui::ensure_target(&root)?;
        Ok(system::ensure_nextest(&root))
    })?;
    if filters.is_empty() {
        phase("format", || run::run(run::cargo(&root).args(["fmt", "--all", "--check"])))?;
        phase("rules", check::check)?;
        phase("clippy of the page", || clippy_page(&root))?;
    }
    phase("page", || ui::build(ui::Profile::Dev))?;
    if filters.is_empty() {
        phase("clippy", || clippy(&root))?;
    }
    phase("programs and tests", || build(&root))?;
    if filters.is_empty() {
        phase("examples in the documentation", || doctests(&root))?;
    }
    run_tests(&root, nextest, Scope::Everything, filters)
}

/// The end-to-end tests alone.
pub(crate) fn e2e(filters: &[&str]) -> Result<()> {
    let root = run::root()?;
    system::ensure(&[Purpose::Build, Purpose::Window, Purpose::EndToEnd])?;
    system::ensure_npm_tools(&root)?;
    let nextest = system::ensure_nextest(&root);
    ui::build(ui::Profile::Dev)?;
    build(&root)?;
    run_tests(&root, nextest, Scope::EndToEnd, filters)
}

/// Which tests run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    Everything,
    EndToEnd,
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

/// One run of the runner, on a screen nobody sees and a session bus of its own.
fn run_tests(root: &Path, nextest: bool, scope: Scope, filters: &[&str]) -> Result<()> {
    let cargo = run::cargo(root);
    let mut command = Command::new("dbus-run-session");
    command
        .current_dir(root)
        .args(["--", "xvfb-run", "-a", "-s", "-screen 0 1440x900x24"])
        .arg(cargo.get_program());
    for (name, _) in cargo.get_envs() {
        // Cargo's words about the crate that runs us are not for the Cargo that runs the tests.
        command.env_remove(name);
    }
    let ci = std::env::var_os("CI").is_some();
    command.args(runner_arguments(nextest, ci, scope, filters)).envs(environment(root)?);
    run::run(&mut command)
}

fn runner_arguments<'a>(nextest: bool, ci: bool, scope: Scope, filters: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = Vec::new();
    if nextest {
        arguments.extend(["nextest", "run", "--locked", "--cargo-quiet", "--workspace"]);
        if ci {
            arguments.extend(["--profile", "ci"]);
        }
        // A filter, not a smaller selection: that would settle on other features and build everything again.
        if scope == Scope::EndToEnd {
            arguments.extend(["--filterset", "package(e2e)"]);
        }
        arguments.extend(filters);
    } else {
        arguments.extend(["test", "--locked", "--lib", "--bins", "--tests", "--no-fail-fast"]);
        match scope {
            Scope::Everything => arguments.push("--workspace"),
            Scope::EndToEnd => arguments.extend(["--package", "e2e"]),
        }
        arguments.push("--");
        arguments.extend(filters);
        // All tests of a package share one process there, and the window's share one screen.
        arguments.push("--test-threads=1");
    }
    arguments
}

/// What end-to-end tests are told, and folders that are nobody's home.
fn environment(root: &Path) -> Result<Vec<(&'static str, PathBuf)>> {
    let home = run::target(root).join("test-home");
    if home.exists() {
        fs::remove_dir_all(&home)?;
    }
    let mut variables = Vec::new();
    for name in ["XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"] {
        let folder = home.join(name.to_lowercase());
        fs::create_dir_all(&folder)?;
        private(&folder)?;
        variables.push((name, folder));
    }
    for (name, program) in [
        ("CSRDESK_BIN", Program::Terminal),
        ("CSR_DESK_BIN", Program::Window),
        ("STANDIN_BIN", Program::Standin),
    ] {
        let path = program.path(root, false);
        if !path.is_file() {
            bail!("{} was not built", path.display());
        }
        variables.push((name, path));
    }
    // Nobody's keychain either. The test of the real one starts its own, on a bus of its own.
    variables.push(("CSRDESK_TEST_KEYCHAIN", "absent".into()));
    variables.push(("AXE_JS", root.join("node_modules/axe-core/axe.min.js")));
    variables.push(("DIST_DIR", root.join("dist")));
    variables.extend(SOFTWARE_SCREEN.map(|(name, value)| (name, value.into())));
    Ok(variables)
}

/// Programs refuse a runtime folder that others can read.
#[cfg(unix)]
fn private(folder: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?)
}

#[cfg(not(unix))]
fn private(_: &Path) -> Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ci_has_its_profile_and_a_filter_comes_last() {
        let arguments = runner_arguments(true, true, Scope::Everything, &["desktop"]);
        assert_eq!(
            arguments.join(" "),
            "nextest run --locked --cargo-quiet --workspace --profile ci desktop"
        );
        let arguments = runner_arguments(true, false, Scope::EndToEnd, &[]);
        assert_eq!(
            arguments.join(" "),
            "nextest run --locked --cargo-quiet --workspace --filterset package(e2e)"
        );
    }

    #[test]
    fn without_nextest_cargo_runs_the_same_tests_one_by_one() {
        let arguments = runner_arguments(false, true, Scope::EndToEnd, &["desktop"]);
        assert_eq!(
            arguments.join(" "),
            "test --locked --lib --bins --tests --no-fail-fast --package e2e -- desktop --test-threads=1"
        );
    }
}
